package shape

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestTurn: however many read at once, half the processors work on it; who goes
// away waits no longer, and a change waits for nobody.
func TestTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(Options{})
		most := int32(max(1, runtime.GOMAXPROCS(0)/2))
		var at, peak, done atomic.Int32
		read := func(ctx context.Context) *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			d.Turn(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil), func(w http.ResponseWriter) {
				peak.Store(max(peak.Load(), at.Add(1)))
				time.Sleep(time.Second)
				at.Add(-1)
				done.Add(1)
				Send(w, http.StatusTeapot, []byte("tea"))
			})
			return w
		}
		var work sync.WaitGroup
		for range 20 {
			work.Go(func() {
				if w := read(t.Context()); w.Code != http.StatusTeapot || w.Body.String() != "tea" {
					t.Errorf("%d %q", w.Code, w.Body)
				}
			})
		}
		synctest.Wait()
		away, leave := context.WithCancel(t.Context())
		work.Go(func() { read(away) })
		synctest.Wait()
		leave()
		changed := false
		d.Turn(httptest.NewRecorder(), httptest.NewRequest(http.MethodPatch, "/", nil), func(http.ResponseWriter) { changed = true })
		if !changed {
			t.Error("a change waits for its turn")
		}
		work.Wait()
		if peak.Load() != most || done.Load() != 20 {
			t.Errorf("%d at once, want %d; %d were worked on, want 20", peak.Load(), most, done.Load())
		}
	})
}

// slow is a reader who takes an hour over an answer.
type slow struct{ *httptest.ResponseRecorder }

func (s slow) Write(b []byte) (int, error) {
	time.Sleep(time.Hour)
	return s.ResponseRecorder.Write(b)
}

// TestTurnOfASlowReader: who does not take their answer, or whose request panics,
// keeps nobody waiting.
func TestTurnOfASlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(Options{})
		get := httptest.NewRequest(http.MethodGet, "/", nil)
		answer := func(w http.ResponseWriter) { Send(w, http.StatusOK, []byte("{}")) }
		var work sync.WaitGroup
		for range 100 {
			work.Go(func() { d.Turn(slow{httptest.NewRecorder()}, get, answer) })
			work.Go(func() {
				defer func() { _ = recover() }()
				d.Turn(httptest.NewRecorder(), get, func(http.ResponseWriter) { panic(http.ErrAbortHandler) })
			})
		}
		synctest.Wait()
		began := time.Now()
		w := httptest.NewRecorder()
		d.Turn(w, get, answer)
		if took := time.Since(began); took > 0 || w.Body.String() != "{}" {
			t.Errorf("%q after %v", w.Body, took)
		}
		work.Wait()
	})
}
