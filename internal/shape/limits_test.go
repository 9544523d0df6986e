package shape

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// asked makes requests and says how many were answered, and how long the last of
// the others is to wait.
func asked(t *testing.T, n int, ask func() error) (answered int, wait time.Duration) {
	t.Helper()
	for range n {
		err := ask()
		var p *Problem
		switch {
		case err == nil:
			answered++
		case !errors.As(err, &p) || p.Status != http.StatusTooManyRequests || p.Wait <= 0 || p.Message == "":
			t.Fatalf("%v", err)
		default:
			wait = p.Wait
		}
	}
	return answered, wait
}

// TestTokenRate: ten Bandejas with one token, each at the pace of both platforms,
// are never told to wait; whoever asks without end is, and harms no other token.
func TestTokenRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(0)
		const each = 4 + 10
		for second := range 120 {
			for range each {
				if n, _ := asked(t, 10, func() error { return l.use("office", time.Now()) }); n != 10 {
					t.Fatalf("in second %d only %d of ten are answered", second, n)
				}
				time.Sleep(time.Second / each)
			}
		}

		n, wait := asked(t, 5000, func() error { return l.use("runaway", time.Now()) })
		if n != usualRate*burstSeconds || wait > time.Second {
			t.Errorf("%d of 5000 at once are answered, wait %v", n, wait)
		}
		if n, _ := asked(t, 1, func() error { return l.use("another", time.Now()) }); n != 1 {
			t.Error("another token is told to wait")
		}
		time.Sleep(wait)
		if n, _ := asked(t, 5000, func() error { return l.use("runaway", time.Now()) }); n != 1 {
			t.Errorf("after the wait %d are answered, want 1", n)
		}
		time.Sleep(time.Second)
		if n, _ := asked(t, 5000, func() error { return l.use("runaway", time.Now()) }); n != usualRate {
			t.Errorf("after a second %d are answered, want %d", n, usualRate)
		}
	})
}

// TestGuessRate: wrong tokens of an address are answered a few times, then told to
// wait; those of another are not, and there is an end to what is remembered.
func TestGuessRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(0)
		guess := func(from string) func() error { return func() error { return l.guess(from, time.Now()) } }
		if n, wait := asked(t, 500, guess("192.0.2.7:4000")); n != guessBurst || wait > time.Second {
			t.Errorf("%d guesses are answered, wait %v", n, wait)
		}
		if n, _ := asked(t, 1, guess("192.0.2.7:4001")); n != 0 {
			t.Error("another port of the same address is answered")
		}
		if n, _ := asked(t, 1, guess("192.0.2.8:4000")); n != 1 {
			t.Error("another address is told to wait")
		}
		if n, _ := asked(t, 500, guess("[2001:db8::1]:4000")); n != guessBurst {
			t.Errorf("%d", n)
		}
		if n, _ := asked(t, 1, guess("[2001:db8::ffff]:4000")); n != 0 {
			t.Error("the same network has another try")
		}
		for i := range 3 * mostGuessers {
			asked(t, 1, guess(fmt.Sprintf("10.%d.%d.1:9", i/256, i%256)))
		}
		if len(l.guesses) > mostGuessers {
			t.Errorf("%d addresses are remembered", len(l.guesses))
		}
	})
}

// TestRetryAfter is in whole seconds, never too few.
func TestRetryAfter(t *testing.T) {
	for wait, want := range map[time.Duration]string{0: "", time.Millisecond: "1", time.Second: "1", 1001 * time.Millisecond: "2"} {
		w := httptest.NewRecorder()
		(&Problem{Wait: wait}).Head(w.Header())
		if got := w.Header().Get("Retry-After"); got != want {
			t.Errorf("%v: %q, want %q", wait, got, want)
		}
	}
}
