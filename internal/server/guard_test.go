package server_test

import (
	"net/http"
	"strings"
	"testing"

	"bandeja/internal/server"
)

// checkHeaders wants what every answer carries, a refusal too.
func checkHeaders(t *testing.T, route string, a answer) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Security-Policy": server.Policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %s is %q", route, name, got)
		}
	}
	for name := range a.header {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("%s: lets other sites in by %s", route, name)
		}
	}
}

func TestPolicyIsTheDesigns(t *testing.T) {
	const want = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
		"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	if server.Policy != want {
		t.Errorf("the policy is %q", server.Policy)
	}
}

// TestNavigation: a link elsewhere, and the window's splash, may open the page.
// It opens nothing else, and not in a frame.
func TestNavigation(t *testing.T) {
	b := newSession(t, nil)
	for _, tt := range []struct {
		method, path, mode, dest string
		want                     int
	}{
		{"GET", "/", "navigate", "document", 200},
		{"GET", "/", "navigate", "iframe", 403},
		{"GET", "/", "no-cors", "image", 403},
		{"GET", "/", "cors", "empty", 403},
		{"POST", "/", "navigate", "document", 403},
		{"GET", "/assets/app-1a.js", "navigate", "document", 403},
		{"GET", "/api/state", "navigate", "document", 403},
		{"POST", "/api/sync", "navigate", "document", 403},
	} {
		for _, site := range []string{"cross-site", "same-site"} {
			got := b.ask(t, tt.method, tt.path, nil, with("Sec-Fetch-Site", site), with("Sec-Fetch-Mode", tt.mode), with("Sec-Fetch-Dest", tt.dest))
			if got.status != tt.want {
				t.Errorf("%s %s, %s as %s from %s: %d, want %d", tt.method, tt.path, tt.mode, tt.dest, site, got.status, tt.want)
			}
		}
	}
}

// TestWritesTakeJSONAlone: what another site's form can send is not taken.
func TestWritesTakeJSONAlone(t *testing.T) {
	b := newSession(t, nil)
	for _, path := range []string{"POST /api/session", "POST /api/accounts", "POST /api/sync", "PATCH /api/settings", "POST /api/links"} {
		method, path, _ := strings.Cut(path, " ")
		for kind, want := range map[string]int{
			"": 415, "text/plain": 415, "application/x-www-form-urlencoded": 415, "multipart/form-data; boundary=x": 415, "application/jsonp": 415, "nonsense/": 415,
			"application/json": 400, "Application/JSON; charset=utf-8": 400, // it is read, and is none
		} {
			for _, body := range []string{`{"code":`, `{} {}`, `[]`, `"x"`, ``} {
				got := b.ask(t, method, path, strings.NewReader(body), with("Content-Type", kind))
				if got.status != want {
					t.Errorf("%s %s with %q as %q: %d, want %d", method, path, body, kind, got.status, want)
				}
			}
		}
	}
}

func TestLimits(t *testing.T) {
	d := newDesk(t)
	big := `{"language":"` + strings.Repeat("x", 1<<20) + `"}`
	got := d.ask(t, "PATCH", "/api/settings", strings.NewReader(big), with("Content-Type", "application/json"))
	if code, _ := got.code(t); got.status != http.StatusRequestEntityTooLarge || code != "body" {
		t.Errorf("a large body: %d %s", got.status, got.body)
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", d.origin+"/api/state", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(d.cookie)
	req.Header.Set("X-Padding", strings.Repeat("x", 256<<10))
	// It may hang up before all of it is sent, and is not to be heard then.
	if res, err := http.DefaultTransport.RoundTrip(req); err == nil {
		res.Body.Close()
		if res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("a large header: %d", res.StatusCode)
		}
	}
}

func TestMethods(t *testing.T) {
	b := newSession(t, nil)
	for _, tt := range []struct{ method, path, allow string }{
		{"DELETE", "/api/state", "GET, HEAD"},
		{"PUT", "/api/settings", "GET, PATCH, HEAD"},
		{"GET", "/api/sync", "POST"},
		{"HEAD", "/api/sync", "POST"},
		{"GET", "/api/session", "POST"},
		{"POST", "/api/threads/t_1", "GET, HEAD"},
		{"BREW", "/api/events", "GET, HEAD"},
	} {
		got := b.ask(t, tt.method, tt.path, nil)
		if got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != tt.allow {
			t.Errorf("%s %s: %d, allows %q, want %q", tt.method, tt.path, got.status, got.header.Get("Allow"), tt.allow)
		}
		if tt.method == "HEAD" {
			continue
		}
		if code, message := got.code(t); code != "method" || !strings.Contains(message, tt.method) {
			t.Errorf("%s %s: %s", tt.method, tt.path, got.body)
		}
	}
	for _, path := range []string{"/api/state", "/api/threads", "/api/openapi.json"} {
		got := b.ask(t, "HEAD", path, nil)
		if got.status != 200 || len(got.body) != 0 || !strings.HasPrefix(got.header.Get("Content-Type"), "application/json") {
			t.Errorf("HEAD %s: %d %v", path, got.status, got.header)
		}
	}
	for _, path := range []string{"/api/", "/api/nothing", "/api/threads/", "/api/threads/a/b/c", "/api/openapi"} {
		if got := b.ask(t, "GET", path, nil); got.status != 404 || !strings.HasPrefix(got.header.Get("Content-Type"), "application/json") {
			t.Errorf("GET %s: %d %s", path, got.status, got.body)
		}
	}
}
