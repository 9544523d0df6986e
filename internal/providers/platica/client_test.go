package platica_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/platica"
	"bandeja/internal/providers/rest"
)

// desk is a server of the test's own making, under a base path.
type desk struct {
	mu     sync.Mutex
	asked  []string // method, address below the base, body
	answer func(r *http.Request) (status int, body string)
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, strings.TrimSpace(r.Method+" "+strings.TrimPrefix(r.RequestURI, "/some/base")+" "+string(body)))
	status, text := d.answer(r)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

func (d *desk) last() string { return d.asked[len(d.asked)-1] }

func start(t testing.TB, answer func(r *http.Request) (int, string)) (*platica.Client, *desk) {
	t.Helper()
	d := &desk{answer: answer}
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	c, err := platica.New(rest.Options{BaseURL: server.URL + "/some/base/", Key: rest.NewSecret("pl_key_prueba"), Rate: 1e6, Burst: 1000, Tries: 1})
	if err != nil {
		t.Fatal(err)
	}
	return c, d
}

func always(status int, body string) func(*http.Request) (int, string) {
	return func(*http.Request) (int, string) { return status, body }
}

func TestDefaults(t *testing.T) {
	if _, err := platica.New(rest.Options{Key: rest.NewSecret("pl_key_prueba")}); err != nil {
		t.Error(err)
	}
	if _, err := platica.New(rest.Options{Key: rest.NewSecret("pl_key_prueba"), BaseURL: "ftp://x"}); err == nil {
		t.Error("a base URL that is none passes")
	}
}

// Every parameter of the seed can be asked for, and no page is larger than the
// contract allows.
func TestParameters(t *testing.T) {
	c, d := start(t, always(200, `{"workspaces":[]}`))
	for _, tt := range []struct {
		o    platica.ListOptions
		want url.Values
	}{
		{platica.ListOptions{}, url.Values{}},
		{platica.ListOptions{Limit: 5000, Offset: 95}, url.Values{"limit": {"200"}, "offset": {"95"}}},
		{platica.ListOptions{Channel: "wb-1", SortBy: platica.CreationDate, SortDirection: platica.Ascending, Tags: []string{"vip", "envío gratis"}},
			url.Values{"channelId": {"wb-1"}, "sortBy": {"creationDate"}, "sortDirection": {"asc"}, "tags": {"vip,envío gratis"}}},
		{platica.ListOptions{Dates: platica.DateFilter{Date: "2024-01-15"}}, url.Values{"dateFilter": {`{"type":"specific","date":"2024-01-15"}`}}},
		{platica.ListOptions{Dates: platica.DateFilter{Start: "2024-01-01", End: "2024-01-31"}},
			url.Values{"dateFilter": {`{"type":"range","startDate":"2024-01-01","endDate":"2024-01-31"}`}}},
	} {
		_, err := c.List(t.Context(), tt.o)
		want := strings.TrimSuffix("GET /conversations?"+tt.want.Encode(), "?")
		if err != nil || d.last() != want {
			t.Errorf("asked %s, want %s (%v)", d.last(), want, err)
		}
	}
	asked := len(d.asked)
	for _, o := range []platica.ListOptions{
		{Tags: []string{"a,b"}}, {Tags: []string{""}}, {Tags: make([]string, 11)}, {Dates: platica.DateFilter{Date: "15/01/2024"}},
		{Dates: platica.DateFilter{Start: "2024-01-01"}}, {Dates: platica.DateFilter{Date: "2024-01-01", Start: "2024-01-01", End: "2024-01-02"}},
	} {
		if _, err := c.List(t.Context(), o); !errors.Is(err, providers.ErrRejected) || len(d.asked) != asked {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err := c.Get(t.Context(), "+52 55", platica.GetOptions{Channel: "wb-1"}); err != nil || d.last() != "GET /conversations/%2B52%2055?channelId=wb-1" {
		t.Errorf("asked %s, %v", d.last(), err)
	}
	status, owners := "finished", []string{"ana@ejemplo.mx"}
	for want, change := range map[string]inbox.Change{
		`{"status":"finished"}`:                             {Status: &status},
		`{"owners":["ana@ejemplo.mx"],"status":"finished"}`: {Status: &status, Assignees: &owners},
		`{"owners":[]}`:                                     {Assignees: &[]string{}},
	} {
		if _, err := c.Patch(t.Context(), "c1", platica.GetOptions{Channel: "wb-1"}, change); err != nil || d.last() != "PATCH /conversations/c1?channelId=wb-1 "+want {
			t.Errorf("sent %s, want %s (%v)", d.last(), want, err)
		}
	}
}

const several = `{"workspaces":[
 {"id":"ws_1","conversations":[{"id":"c0","conversationId":"5215555550100","workspaceId":"ws_1","messages":[]}]},
 {"id":"ws_2","conversations":[{"id":"c1","conversationId":"5215555550100","messageCount":3,"n":1.50,"messages":[
   {"id":"m2","content":"dos","creationDate":"2025-03-15T10:00:00Z"},{"id":"m1","content":"uno","creationDate":"2025-03-15T09:58:00Z"}],"status":"odd"},
  {"id":"c2","conversationId":"5215555550100"}]}]}`

// The conversation asked for is picked by its id among all workspaces.
func TestSeveralWorkspaces(t *testing.T) {
	c, d := start(t, always(200, several))
	conv, err := c.Conversation(t.Context(), "c1")
	if err != nil || conv.ID != "c1" || conv.Workspace != "ws_2" || string(conv.Raw) != `{"id":"c1","conversationId":"5215555550100","messageCount":3,"n":1.50,"status":"odd"}` {
		t.Errorf("%+v, %v\n%s", conv, err, conv.Raw)
	}
	if conv.Status != inbox.Unknown || conv.StatusWord != "odd" || conv.Form != inbox.Read {
		t.Errorf("%+v", conv)
	}
	if _, err := c.Conversation(t.Context(), "c9"); !errors.Is(err, providers.ErrNotFound) {
		t.Errorf("another conversation passes: %v", err)
	}
	convs, err := c.ByPhone(t.Context(), "5215555550100")
	if err != nil || len(convs) != 3 {
		t.Errorf("%d by phone, %v", len(convs), err)
	}
	page, err := c.Messages(t.Context(), "c1", nil)
	if err != nil || len(page.Items) != 2 || page.Items[0].ID != "m1" || page.Conversation == nil || page.Conversation.ID != "c1" || page.More {
		t.Errorf("%+v, %v", page, err)
	}
	if !page.Short {
		t.Error("two messages of three are not called short")
	}
	status := "finished"
	if _, err := c.Update(t.Context(), "c1", inbox.Change{Status: &status}); err != nil || d.last() != `PATCH /conversations/c1?workspace=ws_2 {"status":"finished"}` {
		t.Errorf("sent %s, %v", d.last(), err)
	}
}

func TestOneWorkspaceIsNotSent(t *testing.T) {
	c, d := start(t, always(200, `{"workspaces":[{"id":"ws_1","conversations":[{"id":"c1"}]}]}`))
	if _, err := c.Conversation(t.Context(), "c1"); err != nil {
		t.Fatal(err)
	}
	status := "finished"
	if _, err := c.Update(t.Context(), "c1", inbox.Change{Status: &status}); err != nil || d.last() != `PATCH /conversations/c1 {"status":"finished"}` {
		t.Errorf("sent %s, %v", d.last(), err)
	}
}

func TestSingleAnswers(t *testing.T) {
	for body, want := range map[string]error{
		`{"id":"c1"}`:                               nil,
		`[{"id":"c0"},{"id":"c1"}]`:                 nil,
		`{"data":{"id":"c1"}}`:                      nil,
		`{"conversations":[{"id":"c1"}]}`:           nil,
		`{"workspaces":[]}`:                         providers.ErrNotFound,
		`{"data":null}`:                             providers.ErrNotFound,
		`[]`:                                        providers.ErrNotFound,
		`{"workspaces":[{"conversations":[7]}]}`:    providers.ErrNotAPI,
		`{"status":"success","data":{"ids":["x"]}}`: providers.ErrNotAPI,
	} {
		c, _ := start(t, always(200, body))
		if _, err := c.Conversation(t.Context(), "c1"); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", body, err, want)
		}
	}
	c, _ := start(t, always(404, `{"code":404,"error":"Not Found - Resource not found"}`))
	if convs, err := c.ByPhone(t.Context(), "5215555550100"); err != nil || convs == nil || len(convs) != 0 {
		t.Errorf("%v, %v", convs, err)
	}
}

// The ids that Plática says it touched are handed on: one call may touch
// several conversations.
func TestPatchAnswers(t *testing.T) {
	status := "expired"
	for body, want := range map[string][]string{
		`{"status":"success","message":"ok","data":{"ids":["c1","c2"]}}`: {"c1", "c2"},
		`{"status":"success","data":{"id":"c1"}}`:                        {"c1"},
		`{"status":"success","data":null}`:                               nil,
		``:                                                               nil,
		`[]`:                                                             nil,
	} {
		c, _ := start(t, always(200, body))
		updated, err := c.Update(t.Context(), "c1", inbox.Change{Status: &status})
		if err != nil || !slices.Equal(updated.IDs, want) || updated.Conversation != nil {
			t.Errorf("%s: %+v, %v", body, updated, err)
		}
	}
	c, _ := start(t, always(200, `{"status":"error","message":"no"}`))
	if _, err := c.Update(t.Context(), "c1", inbox.Change{Status: &status}); !errors.Is(err, providers.ErrRejected) {
		t.Errorf("an error in words passes: %v", err)
	}
}

func TestRejectedRows(t *testing.T) {
	c, _ := start(t, always(200, `{"workspaces":[7,{"id":"w","conversations":[7,{"contactName":"Luz"},{"id":"c1"},null],"pagination":{"limit":50,"hasMore":false}}]}`))
	page, err := c.Sweep(t.Context(), nil)
	if err != nil || len(page.Items) != 1 || len(page.Rejected) != 4 || page.More || len(page.Workspaces) != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	for _, r := range page.Rejected {
		if r.Reason == "" || strings.Contains(r.Reason, "Luz") || len(r.Raw) == 0 {
			t.Errorf("%+v", r)
		}
	}
}
