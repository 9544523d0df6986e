package shape_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/profile"
)

// problem is an error in either shape.
type problem struct {
	Error   json.RawMessage
	Code    int
	Details string
	Meta    struct{ RequestID string }
}

// says is the sentence of an error, and fails the test where it is in another
// shape than that of the API asked.
func says(t testing.TB, path string, a answer) string {
	t.Helper()
	var p problem
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Fatalf("%s: %v in %s", path, err, a.body)
	}
	if strings.HasPrefix(path, "/waspy") {
		var e struct{ Code, Message string }
		if err := json.Unmarshal(p.Error, &e); err != nil || e.Code == "" || e.Message == "" || p.Meta.RequestID == "" {
			t.Fatalf("%s: not an error of Waspy's shape: %s", path, a.body)
		}
		return e.Message
	}
	var short string
	if err := json.Unmarshal(p.Error, &short); err != nil || short == "" || p.Code != a.status || p.Details == "" {
		t.Fatalf("%s: not an error of Plática's shape: %s", path, a.body)
	}
	return p.Details
}

// TestBadInput: whatever makes no sense is a 400 that names it, in the shape of
// the API that was asked.
func TestBadInput(t *testing.T) {
	h := newHub(t, hubOptions{conversations: 30, messages: 200, seed: 9})
	a := h.token(t, "all", both)
	chats, sessions := read[chat](t, h.office.WaspyConversations()), read[session](t, h.office.PlaticaConversations())
	one, ours := "/waspy/api/v2/conversations/"+chats[0].ID, "/platica/v1/conversations/"+sessions[0].ID
	var page chatPage
	a.get(t, one+"/messages?limit=1", &page)
	foreign := url.QueryEscape(*page.Meta.Cursor)
	a.get(t, "/waspy/api/v2/conversations?limit=1", &page)
	cut := url.QueryEscape((*page.Meta.Cursor)[:len(*page.Meta.Cursor)-3])
	listed := url.QueryEscape(*page.Meta.Cursor)
	for _, tt := range []struct{ path, names string }{
		{"?limit=0", "limit"}, {"?limit=101", "limit"}, {"?limit=-1", "limit"}, {"?limit=x", "limit"}, {"?limit=1.5", "limit"}, {"?limit=", "limit"}, {"?limit=+5", "limit"},
		{"?limit=99999999999999999999", "limit"}, {"?limit=5&limit=6", "limit"}, {"?status=opened", "status"}, {"?status=open,closed", "status"}, {"?status=open&status=open", "status"},
		{"?page=2", "page"}, {"?LIMIT=2", "LIMIT"}, {"?search=%ff", "search"}, {"?search=a&search=b", "search"}, {"?search=%00", "search"}, {"?%zz", "query"}, {"?a;b", "query"},
		{"?cursor=x", "cursor"}, {"?cursor=|", "cursor"}, {"?cursor=2026-04-13|" + chats[0].ID, "cursor"}, {"?cursor=" + cut, "cursor"}, {"?cursor=" + foreign, "cursor"},
		{"?cursor=" + url.QueryEscape("2026-04-13T14:32:00.000Z|nobody"), "cursor"}, {"?cursor=%22", "cursor"},
		{"/by-phone/hola", "phone"}, {"/by-phone/123", "phone"}, {"/by-phone/" + url.PathEscape("ana@example.com"), "phone"}, {"/by-phone/0", "phone"},
		{"/" + chats[0].ID + "/messages?limit=0", "limit"}, {"/" + chats[0].ID + "/messages?cursor=x", "cursor"}, {"/" + chats[0].ID + "/messages?cursor=" + listed, "cursor"},
		{"/" + chats[0].ID + "/messages?status=open", "status"}, {"/" + chats[0].ID + "?limit=3", "limit"},
	} {
		path := "/waspy/api/v2/conversations" + tt.path
		got := a.ask(t, http.MethodGet, path, "")
		if text := says(t, path, got); got.status != http.StatusBadRequest || !strings.HasPrefix(text, tt.names) {
			t.Errorf("%s: %d %q, want 400 that names %s", path, got.status, text, tt.names)
		}
	}
	for _, tt := range []struct{ path, names string }{
		{"?limit=0", "limit"}, {"?limit=201", "limit"}, {"?limit=ten", "limit"}, {"?offset=-1", "offset"}, {"?offset=x", "offset"}, {"?offset=4294967296", "offset"}, {"?offset=1&offset=2", "offset"},
		{"?sortBy=name", "sortBy"}, {"?sortBy=lastupdate", "sortBy"}, {"?sortDirection=down", "sortDirection"}, {"?tags=a,b,c,d,e,f,g,h,i,j,k", "tags"}, {"?status=active", "status"}, {"?cursor=x", "cursor"},
		{"?channelId=a&channelId=b", "channelId"}, {"?dateFilter=2024-01-15", "dateFilter"}, {"?dateFilter={}", "dateFilter"}, {"?dateFilter=[]", "dateFilter"},
		{`?dateFilter={"type":"specific"}`, "dateFilter"}, {`?dateFilter={"type":"specific","date":"2024-02-30"}`, "dateFilter"}, {`?dateFilter={"type":"specific","date":"15/01/2024"}`, "dateFilter"},
		{`?dateFilter={"type":"specific","date":7}`, "dateFilter"}, {`?dateFilter={"type":"range","startDate":"2024-01-01"}`, "dateFilter"}, {`?dateFilter={"type":"range","startDate":"2024-02-01","endDate":"2024-01-01"}`, "dateFilter"},
		{`?dateFilter={"type":"never","date":"2024-01-01"}`, "dateFilter"}, {`?dateFilter={"type":"specific","date":"2024-01-01"}x`, "dateFilter"},
		{`?dateFilter={"Type":"specific","Date":"2024-01-01"}`, "dateFilter"}, {`?dateFilter={"type":"specific","date":"2024-01-01","date":"2024-01-02"}`, "dateFilter"}, {`?dateFilter={"type":"specific","date":null}`, "dateFilter"},
		{`?dateFilter={"type":"specific","startDate":"2024-01-01"}`, "dateFilter"}, {`?dateFilter={"type":"range","date":"2024-01-01","endDate":"2024-01-02"}`, "dateFilter"}, {`?dateFilter={"type":7,"date":"2024-01-01"}`, "dateFilter"}, {`?dateFilter={"type":"specific","date":"2024-01-01","zone":"x"}`, "dateFilter"},
		{"/" + sessions[0].ID + "?limit=3", "limit"},
	} {
		path := "/platica/v1/conversations" + strings.ReplaceAll(tt.path, `"`, "%22")
		got := a.ask(t, http.MethodGet, path, "")
		if text := says(t, path, got); got.status != http.StatusBadRequest || !strings.HasPrefix(text, tt.names) {
			t.Errorf("%s: %d %q, want 400 that names %s", path, got.status, text, tt.names)
		}
	}
	big := `{"status":"` + strings.Repeat("x", 70000) + `"}`
	for _, tt := range []struct{ path, body, names string }{
		{one, "", "body"}, {one, "x", "body"}, {one, "[]", "body"}, {one, "null", "body"}, {one, `{"status":"open"`, "body"}, {one, `{"status":"open"}{}`, "body"}, {one, big, "body"},
		{one, `{"status":"opened"}`, "status"}, {one, `{"status":null}`, "status"}, {one, `{"status":7}`, "status"}, {one, `{"status":"open","status":"closed"}`, "status"}, {one, `{"state":"open"}`, "state"},
		{one, `{"assignedTo":7}`, "assignedTo"}, {one, `{"assignedTo":""}`, "assignedTo"}, {one, `{"assignedTo":"me"}`, "assignedTo"}, {one, `{"assignedTo":["x"]}`, "assignedTo"}, {one + "?limit=3", `{"status":"open"}`, "limit"},
		{ours, "", "body"}, {ours, "{}", "body"}, {ours, "x", "body"}, {ours, big, "body"}, {ours, `{"status":"open"}`, "status"}, {ours, `{"status":null}`, "status"}, {ours, `{"owners":null}`, "owners"},
		{ours, `{"owners":"ana@example.com"}`, "owners"}, {ours, `{"owners":[null]}`, "owners"}, {ours, `{"owners":[7]}`, "owners"}, {ours, `{"owners":[""]}`, "owners"}, {ours, `{"tags":["vip"]}`, "tags"},
	} {
		got := a.ask(t, http.MethodPatch, tt.path, tt.body)
		if text := says(t, tt.path, got); got.status != http.StatusBadRequest || !strings.HasPrefix(text, tt.names) {
			t.Errorf("PATCH %.80s %.60s: %d %q, want 400 that names %s", tt.path, tt.body, got.status, text, tt.names)
		}
	}
	for _, path := range []string{"/waspy", "/waspy/", "/waspy/api/v1/conversations", "/waspy/api/v2", "/waspy/api/v2/", "/waspy/api/v2/contacts", one + "/", one + "/messages/x", "/waspy/api/v2/conversations/..%2f..", "/waspy/api/v2/conversations/%zz", "/waspy/api/v2/conversations//messages",
		"/waspy/api/v2/conversations/nobody", "/waspy/api/v2/conversations/nobody/messages", "/waspy/api/v2/conversations/by-phone/5491100000001", "/waspy/api/v2/conversations/ventas:" + chats[0].ID,
		"/platica", "/platica/", "/platica/v2/conversations", "/platica/v1", "/platica/v1/clients", ours + "/", ours + "/messages", "/platica/v1/conversations/nobody", "/platica/v1/conversations/" + chats[0].ID} {
		if strings.Contains(path, "%zz") {
			continue // net/http refuses it before us
		}
		if path == "/waspy" || path == "/platica" {
			continue // a page of the interface that is not there
		}
		got := a.ask(t, http.MethodGet, path, "")
		says(t, path, got)
		if got.status != http.StatusNotFound {
			t.Errorf("%s: %d %s, want 404", path, got.status, got.body)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
		for _, path := range []string{one, ours, one + "/messages", "/platica/v1/conversations"} {
			got := a.ask(t, method, path, "{}")
			if says(t, path, got); got.status != http.StatusMethodNotAllowed || !strings.HasPrefix(got.header.Get("Allow"), "GET, HEAD") {
				t.Errorf("%s %s: %d, Allow %q", method, path, got.status, got.header.Get("Allow"))
			}
		}
	}
}

// TestWhoIsLetIn: no token, a wrong one, one that has ended or lacks the scope;
// the screen's cookie opens nothing here, and a token nothing there.
func TestWhoIsLetIn(t *testing.T) {
	h := newHub(t, hubOptions{conversations: 10, messages: 60, seed: 2})
	reader := h.token(t, "reader", []string{cache.ScopeRead})
	writer := h.token(t, "writer", []string{cache.ScopeWrite})
	ended, err := h.in.CreateToken(t.Context(), profile.NewToken{Name: "ended", Scopes: both, ExpiresAt: time.Now().Add(20 * time.Millisecond)})
	if err != nil {
		t.Fatal(err)
	}
	for time.Now().Before(ended.ExpiresAt) {
		time.Sleep(5 * time.Millisecond)
	}
	paths := map[string]string{"/waspy/api/v2/conversations": "", "/platica/v1/conversations": ""}
	for path := range paths {
		for what, tt := range map[string]struct {
			asker
			status int
		}{
			"none": {asker{origin: h.origin}, 401}, "wrong": {asker{h.origin, reader.token + "x"}, 401}, "another's": {asker{h.origin, h.office.WaspyKey()}, 401}, "ended": {asker{h.origin, ended.Token}, 401},
			"reads": {reader, 200}, "writes": {writer, 403},
		} {
			got := tt.ask(t, http.MethodGet, path, "")
			if got.status != tt.status {
				t.Errorf("%s, token %s: %d, want %d", path, what, got.status, tt.status)
			}
			if tt.status != 200 {
				says(t, path, got)
			}
			if complete := got.header.Get("X-Bandeja-Complete"); (complete == "true") != (tt.status == 200) || len(got.header.Values("X-Bandeja-As-Of")) != 1 {
				t.Errorf("%s, token %s: complete %q, as of %q", path, what, complete, got.header.Values("X-Bandeja-As-Of"))
			}
		}
		twice := reader.ask(t, http.MethodGet, path, "", func(r *http.Request) { r.Header.Add("Authorization", "Bearer "+reader.token) })
		if twice.status != 401 {
			t.Errorf("%s with two tokens: %d", path, twice.status)
		}
		lower := asker{origin: h.origin}.ask(t, http.MethodGet, path, "", func(r *http.Request) { r.Header.Set("Authorization", "bearer "+reader.token) })
		if lower.status != 200 {
			t.Errorf("%s with a small b: %d", path, lower.status)
		}
	}
	id := read[chat](t, h.office.WaspyConversations())[0].ID
	if got := reader.ask(t, http.MethodPatch, "/waspy/api/v2/conversations/"+id, `{"status":"open"}`); got.status != 403 {
		t.Errorf("a reader's PATCH: %d", got.status)
	}
	_, code, _ := strings.Cut(h.in.Link(), "#k=")
	session := asker{origin: h.origin}.ask(t, http.MethodPost, "/api/session", `{"code":"`+code+`"}`, func(r *http.Request) { r.Header.Set("Content-Type", "application/json") })
	cookie, _, _ := strings.Cut(session.header.Get("Set-Cookie"), ";")
	withCookie := func(r *http.Request) { r.Header.Set("Cookie", cookie) }
	if got := (asker{origin: h.origin}).ask(t, http.MethodGet, "/api/state", "", withCookie); got.status != 200 {
		t.Fatalf("the session: %d", got.status)
	}
	if got := (asker{origin: h.origin}).ask(t, http.MethodGet, "/waspy/api/v2/conversations", "", withCookie); got.status != 401 {
		t.Errorf("the screen's cookie: %d", got.status)
	}
	for _, path := range []string{"/api/state", "/api/threads", "/api/openapi.json"} {
		if got := reader.ask(t, http.MethodGet, path, ""); got.status != 401 {
			t.Errorf("a token at %s: %d", path, got.status)
		}
	}
	if got := reader.ask(t, http.MethodPost, "/owner/raise", "{}"); got.status != 401 {
		t.Errorf("a token at the owner's door: %d", got.status)
	}
	for path := range paths {
		for what, tt := range map[string]struct {
			status int
			change func(*http.Request)
		}{
			"another host":           {http.StatusMisdirectedRequest, func(r *http.Request) { r.Host = "evil.example" }},
			"another site's page":    {http.StatusForbidden, func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }},
			"a page of another site": {http.StatusForbidden, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }},
		} {
			got := reader.ask(t, http.MethodGet, path, "", tt.change)
			if says(t, path, got); got.status != tt.status || got.header.Get("Content-Type") != "application/json; charset=utf-8" ||
				got.header.Get("X-Bandeja-Complete") != "false" || len(got.header.Values("X-Bandeja-As-Of")) != 1 {
				t.Errorf("%s, %s: %d %v", path, what, got.status, got.header)
			}
		}
	}
	tokens, err := h.in.Local().Tokens(t.Context())
	if err != nil || tokens[1].Name != "reader" || time.Since(tokens[1].UsedAt) > time.Minute || !tokens[0].UsedAt.IsZero() {
		t.Errorf("their last uses: %+v, %v", tokens, err)
	}
	if err := h.in.RevokeToken(t.Context(), "reader"); err != nil {
		t.Fatal(err)
	}
	if got := reader.ask(t, http.MethodGet, "/platica/v1/conversations", ""); got.status != 401 {
		t.Errorf("a token that was revoked: %d", got.status)
	}
}
