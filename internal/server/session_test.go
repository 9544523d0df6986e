package server_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"bandeja/internal/server"
)

// clock is one that only the test moves.
type clock struct{ now atomic.Int64 }

func (c *clock) read() time.Time         { return time.Unix(1780000000, c.now.Load()) }
func (c *clock) advance(d time.Duration) { c.now.Add(int64(d)) }

func TestCodeOpensOneSession(t *testing.T) {
	b := newBench(t, nil)
	code := b.Code()
	first := b.ask(t, "POST", "/api/session", map[string]string{"code": code})
	if first.status != http.StatusNoContent || len(first.body) != 0 {
		t.Fatalf("%d %s", first.status, first.body)
	}
	cookies := (&http.Response{Header: first.header}).Cookies()
	if len(cookies) != 1 {
		t.Fatalf("cookies: %v", cookies)
	}
	c := cookies[0]
	if c.Name != "bandeja_p1" || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 || !c.Expires.IsZero() || len(c.Value) < 26 {
		t.Errorf("the cookie is %v", c)
	}
	if second := b.ask(t, "POST", "/api/session", map[string]string{"code": code}); second.status != 401 || len(second.header["Set-Cookie"]) != 0 {
		t.Errorf("the code opened twice: %d", second.status)
	}
	b.cookie = c
	if got := b.ask(t, "GET", "/api/state", nil); got.status != 200 {
		t.Errorf("with the cookie: %d", got.status)
	}
	// Other sessions live beside it.
	other := newBrowserOf(t, b)
	if other.cookie.Value == c.Value || other.ask(t, "GET", "/api/state", nil).status != 200 || b.ask(t, "GET", "/api/state", nil).status != 200 {
		t.Error("a second session is not one of its own")
	}
}

func newBrowserOf(t *testing.T, b *bench) browser {
	t.Helper()
	other := browser{origin: b.origin}
	if err := other.login(b.Code()); err != nil || other.cookie == nil {
		t.Fatalf("no session: %v", err)
	}
	return other
}

func TestCookieIsTheProfilesOwn(t *testing.T) {
	one := newSession(t, nil)
	two := newSession(t, func(o *server.Options) { o.ProfileID = "p2" })
	if two.cookie.Name != "bandeja_p2" {
		t.Errorf("the cookie is %s", two.cookie.Name)
	}
	two.cookie = one.cookie
	got := two.ask(t, "GET", "/api/state", nil)
	if code, message := got.code(t); got.status != 401 || code != "session" || message == "" {
		t.Errorf("the other profile's cookie: %d %s", got.status, got.body)
	}
	two.cookie = &http.Cookie{Name: "bandeja_p2", Value: one.cookie.Value}
	if got := two.ask(t, "GET", "/api/state", nil); got.status != 401 {
		t.Errorf("the other profile's secret: %d", got.status)
	}
}

func TestCodeWaitsTenMinutes(t *testing.T) {
	b := newBench(t, nil)
	var c clock
	b.SetNow(c.read)
	for _, tt := range []struct {
		after time.Duration
		want  int
	}{{0, 204}, {10 * time.Minute, 204}, {10*time.Minute + time.Millisecond, 401}, {24 * time.Hour, 401}} {
		code := b.Code()
		c.advance(tt.after)
		if got := b.ask(t, "POST", "/api/session", map[string]string{"code": code}); got.status != tt.want {
			t.Errorf("after %v: %d, want %d", tt.after, got.status, tt.want)
		}
	}
}

// TestGuessesAreSlowed: after a burst of wrong ones the answer is to wait, for
// codes and cookies alike; a right one still opens, and a request that guesses
// nothing costs nothing.
func TestGuessesAreSlowed(t *testing.T) {
	b := newBench(t, nil)
	var c clock
	b.SetNow(c.read)
	for range 100 {
		if got := b.ask(t, "GET", "/api/state", nil); got.status != 401 {
			t.Fatalf("without a cookie: %d", got.status)
		}
	}
	guess := func(n int) answer {
		if n%2 == 0 {
			return b.ask(t, "POST", "/api/session", map[string]string{"code": "GUESS"})
		}
		as := b.browser
		as.cookie = &http.Cookie{Name: "bandeja_p1", Value: "GUESS"}
		return as.ask(t, "GET", "/api/state", nil)
	}
	for n := range 20 {
		if got := guess(n); got.status != 401 {
			t.Fatalf("guess %d: %d", n, got.status)
		}
	}
	for n := range 30 {
		got := guess(n)
		if code, message := got.code(t); got.status != 429 || code != "slow_down" || message == "" {
			t.Fatalf("guess %d after the burst: %d %s", n, got.status, got.body)
		}
	}
	if err := b.login(b.Code()); err != nil || b.cookie == nil {
		t.Error("a right code is kept out")
	}
	if got := b.ask(t, "GET", "/api/state", nil); got.status != 200 {
		t.Errorf("a right cookie is kept out: %d", got.status)
	}
	c.advance(time.Second)
	for n := range 5 {
		if got := guess(n); got.status != 401 {
			t.Errorf("a second later, guess %d: %d", n, got.status)
		}
	}
	if got := guess(0); got.status != 429 {
		t.Errorf("more than five a second: %d", got.status)
	}
}
