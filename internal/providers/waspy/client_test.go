package waspy_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/rest"
	"bandeja/internal/providers/waspy"
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

func start(t *testing.T, answer func(r *http.Request) (int, string)) (*waspy.Client, *desk) {
	t.Helper()
	d := &desk{answer: answer}
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	c, err := waspy.New(rest.Options{BaseURL: server.URL + "/some/base/", Key: rest.NewSecret("wspy_prueba"), Rate: 1e6, Burst: 1000, Tries: 1})
	if err != nil {
		t.Fatal(err)
	}
	return c, d
}

func always(status int, body string) func(*http.Request) (int, string) {
	return func(*http.Request) (int, string) { return status, body }
}

const conv = `{"id":"c1","status":"open","createdAt":"2026-04-10T10:00:00Z","phoneNumberId":"ch","contact":{"name":"Luz"}}`

func TestDefaults(t *testing.T) {
	if _, err := waspy.New(rest.Options{Key: rest.NewSecret("wspy_prueba")}); err != nil {
		t.Error(err)
	}
	if _, err := waspy.New(rest.Options{Key: rest.NewSecret("wspy_prueba"), BaseURL: "api"}); err == nil {
		t.Error("a base URL that is none passes")
	}
}

// Every parameter of the seed can be asked for, and no page is larger than the
// contract allows.
func TestParameters(t *testing.T) {
	c, d := start(t, always(200, `{"data":[],"meta":{"hasMore":false}}`))
	for want, o := range map[string]waspy.ListOptions{
		"GET /conversations":           {},
		"GET /conversations?limit=100": {Limit: 5000},
		"GET /conversations?cursor=2026-04-13T14%3A32%3A00.000Z%7Ca%2Bb&limit=20&search=%2B54+9+Mar%C3%ADa&status=open": {
			Cursor: "2026-04-13T14:32:00.000Z|a+b", Limit: 20, Status: "open", Search: "+54 9 María",
		},
	} {
		if _, err := c.List(t.Context(), o); err != nil || d.last() != want {
			t.Errorf("asked %s, want %s (%v)", d.last(), want, err)
		}
	}
	if _, err := c.ListMessages(t.Context(), "c/1", waspy.MessageOptions{Cursor: "x|y", Limit: 101}); err != nil || d.last() != "GET /conversations/c%2F1/messages?cursor=x%7Cy&limit=100" {
		t.Errorf("asked %s, %v", d.last(), err)
	}
	if _, err := c.ByPhone(t.Context(), "+54 9 11 5555 0100"); err != nil || d.last() != "GET /conversations/by-phone/%2B54%209%2011%205555%200100" {
		t.Errorf("asked %s, %v", d.last(), err)
	}
	if _, err := c.ByStatus(t.Context(), "pending", nil); err != nil || d.last() != "GET /conversations?limit=100&status=pending" {
		t.Errorf("asked %s, %v", d.last(), err)
	}
}

// What by-phone answers is not documented: all of these are possible.
func TestByPhoneAnswers(t *testing.T) {
	for _, tt := range []struct {
		status int
		body   string
		want   int
		err    error
	}{
		{404, `{"error":{"code":"CONVERSATION_NOT_FOUND"}}`, 0, nil},
		{404, ``, 0, nil},
		{200, `{"data":null,"meta":{}}`, 0, nil},
		{200, `null`, 0, nil},
		{200, `[]`, 0, nil},
		{200, `{"data":[]}`, 0, nil},
		{200, `{"data":` + conv + `}`, 1, nil},
		{200, conv, 1, nil},
		{200, `[` + conv + `]`, 1, nil},
		{200, `{"data":[` + conv + `,` + strings.Replace(conv, "c1", "c2", 1) + `]}`, 2, nil},
		{200, `{"data":{"conversations":[` + conv + `],"total":1}}`, 1, nil},
		{200, `{"data":[7,` + conv + `]}`, 1, nil},
		{200, `{"data":[7]}`, 0, providers.ErrNotAPI},
		{200, `{"data":{"ok":true}}`, 0, providers.ErrNotAPI},
		{400, `{}`, 0, providers.ErrRejected},
	} {
		c, _ := start(t, always(tt.status, tt.body))
		got, err := c.ByPhone(t.Context(), "5491155550100")
		if len(got) != tt.want || !errors.Is(err, tt.err) || err == nil && got == nil {
			t.Errorf("%d %s: %d, %v; want %d", tt.status, tt.body, len(got), err, tt.want)
		}
		for _, one := range got {
			if one.Form != inbox.Read || !strings.HasPrefix(string(one.Raw), `{"id":"c`) {
				t.Errorf("%s: %s %s", tt.body, one.Form, one.Raw)
			}
		}
	}
}

func TestConversationAnswers(t *testing.T) {
	for body, want := range map[string]error{
		conv:                                    nil,
		`{"data":` + conv + `,"meta":{}}`:       nil,
		`{"data":[{"id":"c0"},` + conv + `]}`:   nil,
		`{"data":null}`:                         providers.ErrNotFound,
		`{"data":[]}`:                           providers.ErrNotFound,
		`{"data":{"id":"c2","status":"open"}}`:  providers.ErrNotAPI,
		`{"data":{"status":"open"},"meta":"x"}`: providers.ErrNotAPI,
	} {
		c, _ := start(t, always(200, body))
		got, err := c.Conversation(t.Context(), "c1")
		if !errors.Is(err, want) || want == nil && (got.Name != "Luz" || string(got.Raw) != conv || got.Form != inbox.Read) {
			t.Errorf("%s: %+v, %v", body, got, err)
		}
	}
}

// Absent and null differ in a PATCH, and only a whole object in the reply is
// taken for the conversation.
func TestUpdateBodies(t *testing.T) {
	status, none, one := "resolved", []string{}, []string{"agent-1"}
	for want, change := range map[string]inbox.Change{
		`{"status":"resolved"}`:                        {Status: &status},
		`{"assignedTo":null}`:                          {Assignees: &none},
		`{"assignedTo":"agent-1"}`:                     {Assignees: &one},
		`{"assignedTo":null,"status":"resolved"}`:      {Status: &status, Assignees: &none},
		`{"assignedTo":"agent-1","status":"resolved"}`: {Status: &status, Assignees: &one},
	} {
		c, d := start(t, always(200, `{}`))
		if _, err := c.Update(t.Context(), "c1", change); err != nil || d.last() != "PATCH /conversations/c1 "+want {
			t.Errorf("sent %s, want %s (%v)", d.last(), want, err)
		}
	}
	for body, carries := range map[string]bool{
		`{"data":` + conv + `}`: true,
		conv:                    true,
		``:                      false,
		`{"data":{"id":"c1","status":"resolved"}}`: false,
		`{"data":{"success":true}}`:                false,
		`{"data":null}`:                            false,
		strings.Replace(conv, "c1", "c2", 1):       false,
		`"ok"`:                                     false,
	} {
		c, _ := start(t, always(200, body))
		updated, err := c.Update(t.Context(), "c1", inbox.Change{Status: &status})
		if err != nil || (updated.Conversation != nil) != carries || !slices.Equal(updated.IDs, []string{"c1"}) {
			t.Errorf("%s: %+v, %v", body, updated, err)
		}
	}
}

// A list that would never end is an error, within three pages.
func TestLoops(t *testing.T) {
	fresh := 0
	row := func(n int) string { return fmt.Sprintf(`{"id":"c%d"}`, n) }
	for name, answer := range map[string]func(r *http.Request) (int, string){
		"the same cursor": always(200, `{"data":[`+row(1)+`],"meta":{"cursor":"a","hasMore":true}}`),
		"empty pages":     always(200, `{"data":[],"meta":{"cursor":"a","hasMore":true}}`),
		"no cursor":       always(200, `{"data":[`+row(1)+`],"meta":{"hasMore":true}}`),
		"null cursor":     always(200, `{"data":[`+row(1)+`],"meta":{"cursor":null,"hasMore":true}}`),
		"new cursors, one page": func(*http.Request) (int, string) {
			fresh++
			return 200, fmt.Sprintf(`{"data":[%s,%s],"meta":{"cursor":"c%d","hasMore":true}}`, row(1), row(2), fresh)
		},
		"round in two": func(r *http.Request) (int, string) {
			next := map[string]string{"": "a", "a": "b", "b": "a"}[r.URL.Query().Get("cursor")]
			return 200, `{"data":[` + row(1) + `],"meta":{"cursor":"` + next + `","hasMore":true}}`
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, d := start(t, answer)
			for what, next := range map[string]func(inbox.Mark) (inbox.Mark, error){
				"sweep": func(m inbox.Mark) (inbox.Mark, error) { page, err := c.Sweep(t.Context(), m); return page.Next, err },
				"open": func(m inbox.Mark) (inbox.Mark, error) {
					page, err := c.Open(t.Context(), time.Time{}, m)
					return page.Next, err
				},
				"messages": func(m inbox.Mark) (inbox.Mark, error) {
					page, err := c.Messages(t.Context(), "c1", m)
					return page.Next, err
				},
			} {
				d.asked = nil
				var mark inbox.Mark
				var err error
				for err == nil && len(d.asked) < 10 {
					mark, err = next(mark)
				}
				if !errors.Is(err, providers.ErrFailing) || len(d.asked) > 3 {
					t.Errorf("%s: %v after %d pages", what, err, len(d.asked))
				}
			}
		})
	}
}

// A cursor that is refused says so; the same refusal without one does not.
func TestCursorRefused(t *testing.T) {
	for _, status := range []int{400, 410, 422} {
		c, _ := start(t, func(r *http.Request) (int, string) {
			if r.URL.Query().Has("cursor") {
				return status, `{"error":{"code":"INVALID_CURSOR"}}`
			}
			return 200, `{"data":[{"id":"c1"}],"meta":{"cursor":"a","hasMore":true}}`
		})
		page, err := c.Newest(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Newest(t.Context(), page.Next); !errors.Is(err, providers.ErrMarkRefused) {
			t.Errorf("%d: %v", status, err)
		}
		c, _ = start(t, always(status, `{}`))
		if _, err := c.Newest(t.Context(), nil); !errors.Is(err, providers.ErrRejected) || errors.Is(err, providers.ErrMarkRefused) {
			t.Errorf("%d without a cursor: %v", status, err)
		}
	}
}

// Rows that are none are kept aside with a reason that does not quote them.
func TestRejectedRows(t *testing.T) {
	c, _ := start(t, always(200, `{"data":[7,{"id":null,"contact":{"name":"Luz"}},`+conv+`,null],"meta":{"hasMore":false}}`))
	page, err := c.Sweep(t.Context(), nil)
	if err != nil || len(page.Items) != 1 || len(page.Rejected) != 3 || page.More {
		t.Fatalf("%+v, %v", page, err)
	}
	messages, err := c.Messages(t.Context(), "c1", nil)
	if err != nil || len(messages.Items) != 1 || len(messages.Rejected) != 3 {
		t.Errorf("%+v, %v", messages, err)
	}
	for _, r := range append(page.Rejected, messages.Rejected...) {
		if r.Reason == "" || strings.Contains(r.Reason, "Luz") || len(r.Raw) == 0 {
			t.Errorf("%+v", r)
		}
	}
}

// thread serves messages by a cursor that is their number, n a page.
func thread(rows *[]string, n int) func(r *http.Request) (int, string) {
	return func(r *http.Request) (int, string) {
		from := 0
		_, _ = fmt.Sscan(r.URL.Query().Get("cursor"), &from)
		to := min(len(*rows), from+n)
		return 200, fmt.Sprintf(`{"data":[%s],"meta":{"cursor":"%d","hasMore":%v}}`, strings.Join((*rows)[from:to], ","), to, to < len(*rows))
	}
}

// The mark kept re-reads the last page: rows that came late and states that
// moved are found, with the places they had.
func TestKeepFindsWhatCameSince(t *testing.T) {
	var rows []string
	add := func(n int, status string) {
		rows = append(rows, fmt.Sprintf(`{"id":"m%d","createdAt":"2026-04-13T14:32:0%d.000Z","status":"%s"}`, n, n/4, status))
	}
	for n := range 8 {
		add(n, "sent")
	}
	c, d := start(t, thread(&rows, 3))
	var mark inbox.Mark
	var last providers.MessagePage
	for range 3 {
		page, err := c.Messages(t.Context(), "c1", mark)
		if err != nil {
			t.Fatal(err)
		}
		mark, last = page.Next, page
	}
	if last.More || len(last.Items) != 2 || last.Items[0].ID != "m6" || last.Items[0].Seq != 2 {
		t.Fatalf("%+v", last)
	}
	rows[7] = strings.Replace(rows[7], "sent", "read", 1)
	add(8, "sent")
	add(9, "sent")
	d.asked = nil
	page, err := c.Messages(t.Context(), "c1", last.Keep)
	if err != nil || len(d.asked) != 1 || d.asked[0] != "GET /conversations/c1/messages?cursor=6&limit=100" {
		t.Fatalf("%v, %v", d.asked, err)
	}
	if len(page.Items) != 3 || page.Items[1].Status != "read" || page.Items[1].Seq != 3 || page.Items[2].ID != "m8" || page.Items[2].Seq != 0 || !page.More {
		t.Errorf("%+v", page)
	}
	tail, err := c.Messages(t.Context(), "c1", page.Next)
	if err != nil || len(tail.Items) != 1 || tail.Items[0].Seq != 1 || tail.More {
		t.Errorf("%+v, %v", tail, err)
	}
	if _, err := c.Messages(t.Context(), "c2", last.Keep); !errors.Is(err, providers.ErrMarkRefused) {
		t.Errorf("a mark of another conversation: %v", err)
	}
}

// The number that was asked for is in the address, and in no error.
func TestErrorsDoNotTellTheNumber(t *testing.T) {
	for _, status := range []int{400, 401, 403, 500} {
		c, _ := start(t, always(status, `{"error":{"message":"5491155550100"}}`))
		_, err := c.ByPhone(t.Context(), "5491155550100")
		if err == nil || strings.Contains(err.Error(), "5555") || strings.Contains(fmt.Sprintf("%#v", errors.Unwrap(err)), "wspy_") {
			t.Errorf("%v", err)
		}
		var address *url.Error
		if errors.As(err, &address) {
			t.Errorf("%v carries its address", err)
		}
	}
}
