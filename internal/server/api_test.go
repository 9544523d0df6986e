package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/profile"
	"bandeja/internal/providers"
	"bandeja/internal/server"
	"bandeja/internal/syncer"
)

// whileCopying is how two accounts stand in the middle of things.
func whileCopying() func() map[string]syncer.Status {
	return func() map[string]syncer.Status {
		return map[string]syncer.Status{
			"soporte": {State: syncer.FirstCopy, Listing: &syncer.Listing{Seen: 120, BackTo: longAgo}},
			"ventas": {State: syncer.Paused, AsOf: time.Date(2026, 5, 4, 15, 0, 0, 0, time.UTC), Reading: &syncer.Reading{Done: 3, Total: 9},
				Err: &providers.Error{Kind: providers.ErrRefused, Op: "list"}},
		}
	}
}

// TestPages: a list comes whole and in order over pages of any size, and ends
// with a null cursor.
func TestPages(t *testing.T) {
	b := fullDesk(t)
	for _, query := range []string{"view=all", "view=inbox&account=ventas", "view=expiring"} {
		whole := threadsIn(t, b.browser, query, 200)
		if len(whole) < 2 {
			t.Logf("%s has %d", query, len(whole))
		}
		for _, limit := range []int{1, 7, 50} {
			if got := threadsIn(t, b.browser, query, limit); !slices.Equal(got, whole) {
				t.Errorf("%s by %d: %d threads, whole %d", query, limit, len(got), len(whole))
			}
		}
	}
}

func threadsIn(t *testing.T, b browser, query string, limit int) (out []string) {
	t.Helper()
	cursor := ""
	for {
		var page struct {
			Threads []struct{ Thread string }
			Cursor  *string
		}
		b.get(t, fmt.Sprintf("/api/threads?%s&limit=%d&cursor=%s", query, limit, cursor), &page)
		for _, row := range page.Threads {
			out = append(out, row.Thread)
		}
		if page.Cursor == nil {
			return out
		}
		if len(page.Threads) != limit {
			t.Fatalf("a page of %d, of %d asked, is not the last", len(page.Threads), limit)
		}
		cursor = *page.Cursor
	}
}

type messagePage struct {
	Messages []struct{ Message, Conversation string }
	Before   *string
	After    *string
}

func (p messagePage) ids() (out []string) {
	for _, m := range p.Messages {
		out = append(out, m.Conversation+"/"+m.Message)
	}
	return out
}

// TestMessagePages walks a long thread up, down and from its middle.
func TestMessagePages(t *testing.T) {
	b := fullDesk(t)
	thread, whole := longestThread(t, b.browser)
	base := "/api/threads/" + thread + "/messages?limit=5"
	var page messagePage
	b.get(t, base, &page)
	up := page.ids()
	if page.After != nil {
		t.Error("there is something after the newest page")
	}
	for page.Before != nil {
		before := *page.Before
		page = messagePage{}
		b.get(t, base+"&before="+before, &page)
		up = append(page.ids(), up...)
	}
	if !slices.Equal(up, whole) {
		t.Errorf("upwards %d messages, %d in all", len(up), len(whole))
	}
	_, middle, _ := strings.Cut(whole[len(whole)/2], "/")
	page = messagePage{}
	b.get(t, base+"&around="+middle, &page)
	around := page.ids()
	if !slices.Contains(around, whole[len(whole)/2]) || page.Before == nil || page.After == nil {
		t.Fatalf("around the middle: %v", around)
	}
	down := around
	for page.After != nil {
		after := *page.After
		page = messagePage{}
		b.get(t, base+"&after="+after, &page)
		down = append(down, page.ids()...)
	}
	if at := slices.Index(whole, down[0]); !slices.Equal(down, whole[at:]) {
		t.Errorf("downwards from %d: %d messages", at, len(down))
	}
}

func longestThread(t *testing.T, b browser) (thread string, messages []string) {
	t.Helper()
	for _, ref := range threadsOf(t, b, "view=all&limit=200") {
		var page messagePage
		b.get(t, "/api/threads/"+ref+"/messages?limit=500", &page)
		if ids := page.ids(); len(ids) > len(messages) {
			thread, messages = ref, ids
		}
	}
	if len(messages) < 12 {
		t.Fatalf("the longest thread has %d messages", len(messages))
	}
	return thread, messages
}

// TestBadParametersAreNamed: the code of the error is the parameter.
func TestBadParametersAreNamed(t *testing.T) {
	b := fullDesk(t)
	thread := threadsOf(t, b.browser, "limit=1")[0]
	for path, want := range map[string]string{
		"/api/threads?view=nonsense":                                            "400 view",
		"/api/threads?sort=loudest":                                             "400 sort",
		"/api/threads?limit=0":                                                  "400 limit",
		"/api/threads?limit=201":                                                "400 limit",
		"/api/threads?limit=many":                                               "400 limit",
		"/api/threads?cursor=nonsense":                                          "400 cursor",
		"/api/threads?cursor=%00":                                               "400 cursor",
		"/api/threads/" + thread + "/messages?limit=501":                        "400 limit",
		"/api/threads/" + thread + "/messages?before=nonsense":                  "400 before",
		"/api/threads/" + thread + "/messages?after=nonsense":                   "400 after",
		"/api/threads/" + thread + "/messages?before=a&after=b":                 "400 before, after, around, at",
		"/api/threads/" + thread + "/messages?around=a&after=b":                 "400 before, after, around, at",
		"/api/threads/" + thread + "/messages?around=nothing":                   "404 not_found",
		"/api/threads/t_nothing":                                                "404 not_found",
		"/api/threads/t_nothing/messages":                                       "404 not_found",
		"/api/search?q=a&limit=-1":                                              "400 limit",
		"/api/search?q=a&limit=101":                                             "400 limit",
		"PATCH /api/settings {\"language\":\"xx\"}":                             "400 language",
		"PATCH /api/settings {\"theme\":\"\"}":                                  "400 theme",
		"PATCH /api/settings {\"density\":\"tiny\"}":                            "400 density",
		"POST /api/sync {\"account\":\"nobody\"}":                               "404 account",
		"POST /api/threads/t_nothing/open ":                                     "404 not_found",
		"POST /api/links {\"url\":\"javascript:alert(1)\"}":                     "400 url",
		"POST /api/links {\"url\":\"file:///etc/passwd\"}":                      "400 url",
		"POST /api/links {\"url\":\"https:\"}":                                  "400 url",
		"POST /api/links {\"url\":\"//example.org\"}":                           "400 url",
		"POST /api/links {\"url\":\"\\u0000https://example.org\"}":              "400 url",
		"POST /api/links {\"url\":\"https://example.org\"}":                     "501 no_window",
		"POST /api/accounts {\"provider\":\"telegram\"}":                        "400 provider",
		"POST /api/accounts {\"provider\":\"waspy\",\"name\":\"A b\"}":          "400 name",
		"POST /api/accounts {\"provider\":\"waspy\",\"name\":\"x\"}":            "400 key",
		"POST /api/accounts " + account("x", "key", "", `"zone":"Mars"`):        "400 zone",
		"POST /api/accounts " + account("x", "key", "ftp://a", ""):              "400 base_url",
		"POST /api/accounts " + account("x", "key", "http://127.0.0.1:1", ""):   "502 unreachable",
		"POST /api/accounts " + account("x", "key", b.base, ""):                 "502 not_api",
		"POST /api/accounts " + account("x", "key", b.base+"/waspy/api/v2", ""): "422 refused",
		"POST /api/accounts " + account("ventas", "key", b.base, ""):            "409 exists",
		"DELETE /api/accounts/nobody ":                                          "404 not_found",
	} {
		method, rest := "GET", path
		var body []byte
		if !strings.HasPrefix(path, "/") {
			method, rest, _ = strings.Cut(path, " ")
			var data string
			rest, data, _ = strings.Cut(rest, " ")
			body = []byte(data)
		}
		var got answer
		if len(body) > 0 {
			got = b.ask(t, method, rest, json.RawMessage(body))
		} else {
			got = b.ask(t, method, rest, nil)
		}
		code, message := got.code(t)
		if fmt.Sprintf("%d %s", got.status, code) != want {
			t.Errorf("%s: %d %s, want %s", path, got.status, got.body, want)
		}
		if message == "" || strings.HasPrefix(message, "error.") || strings.Contains(message, "{") {
			t.Errorf("%s: it says %q", path, message)
		}
	}
}

func account(name, key, base, more string) string {
	if more != "" {
		more = "," + more
	}
	return fmt.Sprintf(`{"provider":"waspy","name":%q,"key":%q,"base_url":%q%s}`, name, key, base, more)
}

// TestAccountsComeAndGo adds accounts as the screen does, and takes them away.
func TestAccountsComeAndGo(t *testing.T) {
	d := newDesk(t)
	got := d.ask(t, "POST", "/api/accounts", map[string]string{"provider": "platica", "name": "otra", "key": " " + d.office.PlaticaKey() + "\n",
		"base_url": d.base + "/platica/v1", "region": "ar", "area": "221"})
	if got.status != http.StatusCreated {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if strings.Contains(string(got.body), d.office.PlaticaKey()) {
		t.Error("the key comes back")
	}
	var added struct {
		Account struct {
			Name, Region, Area, State string
			Base                      string `json:"base_url"`
		}
		Workspaces []struct{ ID, Name string }
		Sample     []string
	}
	if err := json.Unmarshal(got.body, &added); err != nil {
		t.Fatal(err)
	}
	if added.Account.Name != "otra" || added.Account.Region != "AR" || added.Account.Area != "221" || added.Account.State != "first_copy" ||
		len(added.Workspaces) == 0 || len(added.Sample) == 0 {
		t.Errorf("added %s", got.body)
	}
	if got := d.ask(t, "DELETE", "/api/accounts/otra", nil); got.status != http.StatusNoContent || len(got.body) != 0 {
		t.Errorf("removed: %d %s", got.status, got.body)
	}
	if got := d.ask(t, "DELETE", "/api/accounts/otra", nil); got.status != http.StatusNotFound {
		t.Errorf("removed twice: %d", got.status)
	}
	var s struct{ Accounts []struct{ Name string } }
	d.get(t, "/api/state", &s)
	if len(s.Accounts) != 2 {
		t.Errorf("accounts: %v", s.Accounts)
	}
}

// TestAddFailures: who can mend it decides the status, and the sentence names
// the platform or the account.
func TestAddFailures(t *testing.T) {
	var fails error
	b := newSession(t, func(o *server.Options) {
		o.Office.AddAccount = func(context.Context, server.NewAccount) (server.Added, error) { return server.Added{}, fails }
	})
	for _, tt := range []struct {
		err    error
		status int
		code   string
	}{
		{profile.ErrUsage, 400, "base_url"},
		{profile.ErrExists, 409, "exists"},
		{providers.ErrRefused, 422, "refused"},
		{providers.ErrForbidden, 422, "forbidden"},
		{providers.ErrUnreachable, 502, "unreachable"},
		{providers.ErrNotAPI, 502, "not_api"},
		{providers.ErrFailing, 502, "failing"},
		{providers.ErrLimited, 502, "limited"},
		{profile.ErrKeychain, 503, "keychain"},
		{cache.ErrFull, 500, "disk_full"},
		{errors.New("surprise of wspy_secret"), 500, "unexpected"},
	} {
		fails = fmt.Errorf("add: %w", tt.err)
		got := b.ask(t, "POST", "/api/accounts", map[string]string{"provider": "waspy", "name": "x", "key": "wspy_secret"})
		code, message := got.code(t)
		if got.status != tt.status || code != tt.code || message == "" || strings.HasPrefix(message, "error.") || strings.Contains(message, "wspy_secret") {
			t.Errorf("%v: %d %s", tt.err, got.status, got.body)
		}
	}
}

// TestSettings: a choice is kept, and the errors speak its language at once.
func TestSettings(t *testing.T) {
	d := newDesk(t)
	state := func() (lang, looks, region, message string) {
		var s struct {
			Language, Theme, Density string
			Defaults                 struct{ Region, Area, Zone string }
		}
		d.get(t, "/api/state", &s)
		_, message = d.ask(t, "GET", "/api/threads?limit=0", nil).code(t)
		return s.Language, s.Theme + " " + s.Density, s.Defaults.Region, message
	}
	lang, looks, region, english := state()
	if lang != "en" || looks != "system comfortable" || region != "AR" {
		t.Errorf("at first: %s %s %s", lang, looks, region)
	}
	if got := d.ask(t, "PATCH", "/api/settings", map[string]string{"language": "es-MX"}); got.status != 204 || len(got.body) != 0 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	lang, looks, region, spanish := state()
	if lang != "es-MX" || looks != "system comfortable" || region != "MX" || spanish == english {
		t.Errorf("in Spanish: %s %s %s %q", lang, looks, region, spanish)
	}
	d.ask(t, "PATCH", "/api/settings", map[string]string{"theme": "dark"})
	if lang, looks, _, _ = state(); lang != "es-MX" || looks != "dark comfortable" {
		t.Errorf("in the dark: %s %s", lang, looks)
	}
	d.ask(t, "PATCH", "/api/settings", map[string]string{"density": "compact"})
	if _, looks, _, _ = state(); looks != "dark compact" {
		t.Errorf("with little room: %s", looks)
	}
	// What a newer version may have chosen is not taken.
	if err := d.in.Local().SaveSetting(t.Context(), "language", "pt-BR"); err != nil {
		t.Fatal(err)
	}
	if lang, _, _, message := state(); lang != "en" || message != english {
		t.Errorf("with a language of another version: %s %q", lang, message)
	}
}

// TestOpenMarksRead: whoever looks at a thread has read it, here and in the
// counts, and its messages come first.
func TestOpenMarksRead(t *testing.T) {
	var opened []string
	b := newSession(t, func(o *server.Options) { o.Office.Opened = func(thread string) { opened = append(opened, thread) } })
	thread := threadsOf(t, b.browser, "view=needs_reply&limit=1")[0]
	for range 2 {
		if got := b.ask(t, "POST", "/api/threads/"+thread+"/open", nil); got.status != 204 {
			t.Fatalf("%d %s", got.status, got.body)
		}
	}
	if !slices.Equal(opened, []string{thread, thread}) {
		t.Errorf("opened %v", opened)
	}
	var got struct {
		Thread struct{ Unread bool }
	}
	b.get(t, "/api/threads/"+thread, &got)
	if got.Thread.Unread {
		t.Error("it is unread still")
	}
}

// TestLinks: the window is given what the list allows, and nothing else.
func TestLinks(t *testing.T) {
	var opened []string
	fails := false
	b := newSession(t, func(o *server.Options) {
		o.Native = &server.Native{OpenLink: func(url string) error {
			opened = append(opened, url)
			if fails {
				return errors.New("no browser")
			}
			return nil
		}}
	})
	for _, link := range []string{"https://example.org/a?b=c#d", "HTTP://example.org", "mailto:ana@example.org", "tel:+5491155550143"} {
		if got := b.ask(t, "POST", "/api/links", map[string]string{"url": link}); got.status != 204 {
			t.Errorf("%s: %d %s", link, got.status, got.body)
		}
	}
	if want := []string{"https://example.org/a?b=c#d", "http://example.org", "mailto:ana@example.org", "tel:+5491155550143"}; !slices.Equal(opened, want) {
		t.Errorf("opened %v", opened)
	}
	fails = true
	if got := b.ask(t, "POST", "/api/links", map[string]string{"url": "https://example.org"}); got.status != 500 {
		t.Errorf("a browser that does not open: %d", got.status)
	}
}

// TestHostileTexts: whatever a customer is called or writes comes back as
// JSON, and as nothing else.
func TestHostileTexts(t *testing.T) {
	b := fullDesk(t)
	for _, q := range []string{"<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", "\u202eevil\x1b[2J"} {
		got := b.ask(t, "GET", "/api/search?q="+url.QueryEscape(q), nil)
		if got.status != 200 || got.header.Get("Content-Type") != "application/json; charset=utf-8" || got.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%q: %d %v", q, got.status, got.header)
		}
		if strings.ContainsAny(string(got.body), "<>\x1b") {
			t.Errorf("%q comes back as it is: %s", q, got.body)
		}
		var r struct{ Query string }
		if err := json.Unmarshal(got.body, &r); err != nil || r.Query != q {
			t.Errorf("%q comes back as %q", q, r.Query)
		}
	}
	if got := b.ask(t, "GET", "/%3Cscript%3Ealert(1)%3C/script%3E", nil); strings.Contains(string(got.body), "<") {
		t.Errorf("an address comes back: %s", got.body)
	}
}

// TestCancelledRequestEnds: nobody works for a page that has gone.
func TestCancelledRequestEnds(t *testing.T) {
	began, ended := make(chan struct{}), make(chan error, 1)
	b := newSession(t, func(o *server.Options) {
		o.Office.AddAccount = func(ctx context.Context, _ server.NewAccount) (server.Added, error) {
			close(began)
			<-ctx.Done()
			ended <- ctx.Err()
			return server.Added{}, ctx.Err()
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "POST", b.origin+"/api/accounts", strings.NewReader(account("x", "key", "", "")))
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(b.cookie)
	req.Header.Set("Content-Type", "application/json")
	go func() { <-began; cancel() }()
	if _, err := http.DefaultTransport.RoundTrip(req); !errors.Is(err, context.Canceled) {
		t.Errorf("the request: %v", err)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the work: %v", err)
	}
}
