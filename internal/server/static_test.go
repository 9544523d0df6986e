package server_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"bandeja/internal/server"
)

func TestFilesOfTheInterface(t *testing.T) {
	b := newBench(t, nil)
	for _, tt := range []struct {
		path   string
		status int
		kind   string
		cache  string
	}{
		{"/", 200, "text/html; charset=utf-8", "no-store"},
		{"/?q=1", 200, "text/html; charset=utf-8", "no-store"},
		{"/assets/app-1a.js", 200, "text/javascript; charset=utf-8", "private, max-age=31536000, immutable"},
		{"/assets/app-1a.css", 200, "text/css; charset=utf-8", "private, max-age=31536000, immutable"},
		{"/assets", 404, "", "no-store"},
		{"/assets/", 404, "", "no-store"},
		{"/assets/.hidden", 404, "", "no-store"},
		{"/.keep", 404, "", "no-store"},
		{"/assets/nothing.js", 404, "", "no-store"},
		{"/thread/t_1", 404, "", "no-store"},
		{"/%2e%2e/secret", 404, "", "no-store"},
		{"/..%2f..%2fsecret", 404, "", "no-store"},
		{"/assets/app-1a.js/", 404, "", "no-store"},
		{"/assets%00", 404, "", "no-store"},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			got := b.ask(t, method, tt.path, nil)
			if got.status != tt.status && !(got.status == 307 || got.status == 301) {
				t.Errorf("%s %s: %d, want %d", method, tt.path, got.status, tt.status)
			}
			if got.status != tt.status {
				continue
			}
			if tt.kind != "" && got.header.Get("Content-Type") != tt.kind || got.header.Get("Cache-Control") != tt.cache {
				t.Errorf("%s %s: %v", method, tt.path, got.header)
			}
			if method == "HEAD" && len(got.body) > 0 {
				t.Errorf("HEAD %s has a body", tt.path)
			}
			if got.status == 404 && strings.Contains(string(got.body), "app-1a") {
				t.Errorf("%s lists a folder: %s", tt.path, got.body)
			}
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
		if got := b.ask(t, method, "/assets/app-1a.js", nil); got.status != 405 || got.header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d", method, got.status)
		}
	}
}

// TestUnbuilt: a program built without its interface says how to build it.
func TestUnbuilt(t *testing.T) {
	for name, files := range map[string]fs.FS{"only the kept file": fstest.MapFS{".keep": {}}, "none": nil} {
		b := newSession(t, func(o *server.Options) { o.Assets = files })
		if got := b.ask(t, "GET", "/", nil); got.status != 503 || !strings.Contains(string(got.body), "make run") {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		if got := b.ask(t, "GET", "/assets/app.js", nil); got.status != 404 {
			t.Errorf("%s: %d", name, got.status)
		}
		if got := b.ask(t, "GET", "/api/state", nil); got.status != 200 {
			t.Errorf("%s: the API: %d", name, got.status)
		}
	}
}
