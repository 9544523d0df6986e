package rest_test

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"bandeja/internal/providers"
	"bandeja/internal/providers/rest"
)

func slow(o *rest.Options) { o.Rate, o.Burst = 4, 5 }

func TestPaceIsRateAndBurst(t *testing.T) {
	bubble(t, status(200, `{}`), slow, func(t *testing.T, c *rest.Client, o *office) {
		for range 25 {
			if _, err := get(t, c); err != nil {
				t.Fatal(err)
			}
		}
		times := o.times()
		if last := times[24]; last != 5*time.Second {
			t.Errorf("25 requests in %v, want 5 at once and 20 at 4 a second", last)
		}
		for i := range times {
			n := 0
			for _, at := range times[i:] {
				if at-times[i] < time.Second {
					n++
				}
			}
			if n > 9 {
				t.Errorf("%d requests within a second of %v", n, times[i])
			}
		}
	})
}

// One 429 to each of the requests under way halves the rate once; quiet time
// gives back a tenth of the rate every five seconds.
func TestPaceAdapts(t *testing.T) {
	limited := true
	serve := func(n int, w http.ResponseWriter, r *http.Request) {
		if limited {
			time.Sleep(100 * time.Millisecond)
			w.WriteHeader(429)
			return
		}
		_, _ = io.WriteString(w, `{}`)
	}
	change := func(o *rest.Options) { o.Rate, o.Burst, o.Tries = 10, 3, 1 }
	bubble(t, serve, change, func(t *testing.T, c *rest.Client, o *office) {
		done := make(chan struct{})
		for range 3 {
			go func() { _, _ = get(t, c); done <- struct{}{} }()
		}
		for range 3 {
			<-done
		}
		limited = false
		if rate := perSecond(t, c, 10); rate != 5 {
			t.Errorf("%v a second after a burst of 429s, want half of 10", rate)
		}
		time.Sleep(time.Hour)
		if rate := perSecond(t, c, 30); rate != 10 {
			t.Errorf("%v a second after a quiet hour, want 10", rate)
		}
	})
}

func TestPaceHasAFloor(t *testing.T) {
	change := func(o *rest.Options) { o.Rate, o.Burst, o.Tries = 4, 1, 1 }
	bubble(t, status(429, `{}`), change, func(t *testing.T, c *rest.Client, o *office) {
		for range 12 {
			_, _ = get(t, c)
		}
		times := o.times()
		if gap := times[11] - times[10]; gap != 2*time.Second {
			t.Errorf("%v between requests after many 429s, want 2 s: 0.5 a second", gap)
		}
	})
}

// perSecond empties the burst and measures the rate over n requests.
func perSecond(t *testing.T, c *rest.Client, n int) float64 {
	t.Helper()
	for range 3 {
		_, _ = get(t, c)
	}
	took := elapsed(func() {
		for range n {
			if _, err := get(t, c); err != nil {
				t.Fatal(err)
			}
		}
	})
	return float64(n) / took.Round(time.Millisecond).Seconds()
}

// A PATCH goes by what a GET has just shown: the pace keeps it back for half a
// minute at most, and then says that it was not sent.
func TestPatchDoesNotGrowOld(t *testing.T) {
	for _, tt := range []struct {
		hold    string
		patched bool
		after   time.Duration
	}{{"20", true, 20 * time.Second}, {"120", false, 30 * time.Second}, {"3600", false, 0}} {
		patches := 0
		bubble(t, func(n int, w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPatch {
				patches++
				_, _ = w.Write([]byte(`{}`))
				return
			}
			w.Header().Set("Retry-After", tt.hold)
			w.WriteHeader(http.StatusTooManyRequests)
		}, func(o *rest.Options) { o.Tries = 1 }, func(t *testing.T, c *rest.Client, o *office) {
			if _, err := c.Get(t.Context(), things("1")); !errors.Is(err, providers.ErrLimited) {
				t.Fatal(err)
			}
			began := time.Now()
			_, err := c.Patch(t.Context(), things("1"), map[string]any{"status": "open"})
			took := time.Since(began)
			if (patches == 1) != tt.patched || (err == nil) != tt.patched || took < tt.after || took > tt.after+time.Second {
				t.Errorf("held for %s s: %d PATCHes after %s, %v", tt.hold, patches, took, err)
			}
			var e *providers.Error
			if !tt.patched && (!errors.As(err, &e) || e.Kind != providers.ErrLimited || e.Status != 0) {
				t.Errorf("held for %s s: %v does not say that it was not sent", tt.hold, err)
			}
		})
	}
}
