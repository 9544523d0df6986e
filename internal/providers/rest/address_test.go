package rest_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"bandeja/internal/providers"
	"bandeja/internal/providers/rest"
)

func TestNewChecksItsOptions(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*rest.Options)
		want   string // in the error; empty for none
	}{
		{"https", func(o *rest.Options) { o.BaseURL = "https://api.example.org/v1" }, ""},
		{"slashes at the end", func(o *rest.Options) { o.BaseURL = "https://api.example.org/v1///" }, ""},
		{"loopback", func(o *rest.Options) { o.BaseURL = "http://127.0.0.1:8080/v1" }, ""},
		{"loopback by name", func(o *rest.Options) { o.BaseURL = "http://localhost/v1" }, ""},
		{"loopback 6", func(o *rest.Options) { o.BaseURL = "http://[::1]:9/v1" }, ""},
		{"http allowed", func(o *rest.Options) { o.BaseURL, o.Insecure = "http://10.1.2.3/v1", true }, ""},
		{"http", func(o *rest.Options) { o.BaseURL = "http://10.1.2.3/v1" }, "in the clear"},
		{"loopback in a name", func(o *rest.Options) { o.BaseURL = "http://127.0.0.1.example.org/" }, "in the clear"},
		{"empty", func(o *rest.Options) { o.BaseURL = " " }, "empty"},
		{"no scheme", func(o *rest.Options) { o.BaseURL = "api.example.org/v1" }, "https://"},
		{"other scheme", func(o *rest.Options) { o.BaseURL = "ftp://api.example.org" }, "https://"},
		{"no host", func(o *rest.Options) { o.BaseURL = "https:///v1" }, "no host"},
		{"password", func(o *rest.Options) { o.BaseURL = "https://ana:clave@api.example.org" }, "password"},
		{"query", func(o *rest.Options) { o.BaseURL = "https://api.example.org/v1?x=1" }, "?"},
		{"unreadable", func(o *rest.Options) { o.BaseURL = "https://exa mple/" + testKey }, "cannot be read"},
		{"no key", func(o *rest.Options) { o.Key = rest.Secret{} }, "key"},
		{"key of two lines", func(o *rest.Options) { o.Key = rest.NewSecret(testKey + "\nX: y") }, "key"},
		{"no rate", func(o *rest.Options) { o.Rate = 0 }, "rate"},
		{"bad pin", func(o *rest.Options) { o.TLSPin = "abc" }, "pin"},
		{"pin", func(o *rest.Options) { o.TLSPin = "SHA256 Fingerprint=" + strings.Repeat("AB:", 31) + "AB" }, ""},
	} {
		o := options("https://api.example.org/v1")
		tt.change(&o)
		_, err := rest.New(o)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: error %v, want one with %q", tt.name, err, tt.want)
		case err != nil && (strings.Contains(err.Error(), testKey) || strings.Contains(err.Error(), "clave")):
			t.Errorf("%s: %v tells a secret", tt.name, err)
		}
	}
}

func TestAddress(t *testing.T) {
	c, o := socket(t, status(200, `{}`))
	for _, tt := range []struct {
		path  []string
		query url.Values
		want  string
	}{
		{[]string{"conversations"}, nil, "/base/v9/conversations"},
		{[]string{"by-phone", "+54 9 11 5555-0143"}, nil, "/base/v9/by-phone/%2B54%209%2011%205555-0143"},
		{[]string{"a/b?c#d%"}, nil, "/base/v9/a%2Fb%3Fc%23d%25"},
		{[]string{".."}, nil, "/base/v9/%2E%2E"},
		{[]string{"ñandú"}, nil, "/base/v9/%C3%B1and%C3%BA"},
		{[]string{"l"}, url.Values{"cursor": {"2026-04-13T14:32:00.000Z|a+b"}}, "/base/v9/l?cursor=2026-04-13T14%3A32%3A00.000Z%7Ca%2Bb"},
	} {
		if _, err := c.Get(t.Context(), rest.Call{Op: "x", Path: tt.path, Query: tt.query}); err != nil {
			t.Error(err)
		}
		requests := o.requests()
		got := requests[len(requests)-1]
		if got.uri != tt.want || got.auth != "Bearer "+testKey {
			t.Errorf("%q asked %q as %q", tt.path, got.uri, got.auth)
		}
	}
	if _, err := c.Get(t.Context(), rest.Call{Op: "x", Path: []string{"conversations", ""}}); err == nil {
		t.Error("an empty id asked for the list")
	}
}

// The key never goes to another host, and a redirect to one is no answer.
func TestRedirects(t *testing.T) {
	thief := &office{start: time.Now(), serve: status(200, `{}`)}
	other := httptest.NewServer(thief)
	defer other.Close()
	c, o := socket(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/base/v9/things/out":
			http.Redirect(w, r, other.URL+"/base/v9/things/out", http.StatusFound)
		case "/base/v9/things/within":
			http.Redirect(w, r, "/base/v9/things/1?x=2", http.StatusPermanentRedirect)
		case "/base/v9/things/round":
			http.Redirect(w, r, "/base/v9/things/round", http.StatusFound)
		case "/base/v9/things/nowhere":
			w.WriteHeader(http.StatusFound)
		default:
			_, _ = io.WriteString(w, `{"ok":true}`)
		}
	})
	for path, want := range map[string]error{"out": providers.ErrNotAPI, "round": providers.ErrNotAPI, "nowhere": providers.ErrNotAPI, "within": nil} {
		if _, err := c.Get(t.Context(), things(path)); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
	if len(thief.requests()) != 0 {
		t.Errorf("the other host was asked: %v", thief.requests())
	}
	if c.Usage().Requests != int64(len(o.requests())) {
		t.Errorf("usage %+v, %d requests", c.Usage(), len(o.requests()))
	}
}

func TestTLSPin(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{}`) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	sum := sha256.Sum256(server.Certificate().Raw)
	for _, tt := range []struct {
		pin  string
		want error
	}{
		{hex.EncodeToString(sum[:]), nil},
		{strings.Repeat("00", 32), providers.ErrUnreachable},
		{"", providers.ErrUnreachable}, // no authority vouches for it
	} {
		o := options(server.URL)
		o.TLSPin = tt.pin
		c, err := rest.New(o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := get(t, c); !errors.Is(err, tt.want) || c.Usage().Requests != 1 {
			t.Errorf("pin %q: %v after %+v", tt.pin, err, c.Usage())
		}
		_ = c.Close()
	}
}
