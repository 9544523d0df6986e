package shape_test

import (
	"net/http"
	"testing"
	"time"
)

// TestTooOften: a token that asks too often is told when to come again, in the
// shape of the API asked, and another is not; wrong tokens lock out no right one.
func TestTooOften(t *testing.T) {
	h := newHub(t, hubOptions{conversations: 10, messages: 20, seed: 21, rate: 2})
	paths := []string{"/waspy/api/v2/conversations", "/platica/v1/conversations"}
	a, other := h.token(t, "often", both), h.token(t, "seldom", both)
	wrong := asker{origin: h.origin, token: a.token + "x"}
	for name, asks := range map[string]asker{"often": a, "wrong": wrong} {
		began, told := time.Now(), map[string]bool{}
		for i := 0; len(told) < len(paths); i++ {
			if time.Since(began) > 20*time.Second {
				t.Fatalf("%s: %d requests were answered", name, i)
			}
			path := paths[i%2]
			got := asks.ask(t, http.MethodGet, path, "")
			if got.status != http.StatusTooManyRequests {
				continue
			}
			told[path] = true
			says(t, path, got)
			if after := got.header.Get("Retry-After"); after != "1" || got.header.Get("X-Bandeja-Complete") == "" {
				t.Errorf("%s: Retry-After %q, %v", path, after, got.header)
			}
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s: it took %v", name, took)
		}
		if got := other.ask(t, http.MethodGet, paths[0], ""); got.status != http.StatusOK {
			t.Errorf("beside %s another token is answered %d", name, got.status)
		}
	}
}
