package syncer_test

import (
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/rest"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/syncer"
)

// skew is a clock on the wall that can be set.
type skew struct{ ahead atomic.Int64 }

func (s *skew) now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

func (s *skew) set(d time.Duration) { s.ahead.Add(int64(d)) }

// TestSleepAndWake: after eight hours of sleep, in which only the clock on the
// wall goes on, one cycle comes within seconds, and then the usual ones.
func TestSleepAndWake(t *testing.T) {
	for name, fails := range map[string]error{"well": nil, "out of reach": &providers.Error{Kind: providers.ErrUnreachable, Op: "list"}} {
		t.Run(name, func(t *testing.T) {
			var wall skew
			withLoop(t, func(t *testing.T, s *shop, l *syncer.Loop, _ *cache.Cache) {
				stop := start(t, l)
				defer stop()
				time.Sleep(time.Minute)
				s.fail(fails)
				time.Sleep(time.Hour) // the waits are at their longest by now
				synctest.Wait()
				for range 3 {
					before := len(s.times(0))
					wall.set(8 * time.Hour)
					s.fail(nil)
					time.Sleep(16 * time.Second)
					synctest.Wait()
					cycles := len(gaps(s.times(before))) + 1
					if n := len(s.times(before)); n == 0 || cycles > 1 || n > 5 { // the third wake begins a sweep, too
						t.Errorf("%d requests in %d cycles within 16 seconds of the wake", n, cycles)
					}
					time.Sleep(time.Hour)
					synctest.Wait()
				}
				if st := l.Status(); st.State != syncer.UpToDate {
					t.Errorf("%+v", st)
				}
			}, func(o *syncer.Options) { o.Clock = wall.now })
		})
	}
}

// TestClockJumps: a clock that is set a year ahead or back costs a sweep at
// most, no storm, and moves no bookmark: those are the provider's times.
func TestClockJumps(t *testing.T) {
	year := 365 * 24 * time.Hour
	for name, by := range map[string]time.Duration{"ahead": year, "back": -year, "summer time": time.Hour, "a step": -40 * time.Second} {
		t.Run(name, func(t *testing.T) {
			var wall *skew
			inBubble(t, small(81), func(o *syncer.Options) { wall = &skew{}; o.Clock = wall.now }, func(k *copier) {
				stop := start(k.t.(*testing.T), k.loop)
				defer stop()
				time.Sleep(10 * time.Minute)
				synctest.Wait()
				newest := k.feed(cache.Head).Top
				gen, before := k.feed(cache.Sweep).Gen, k.Requests()
				wall.set(by)
				time.Sleep(10 * time.Minute)
				synctest.Wait()
				if n := k.Requests() - before; n > 30*3+60 {
					k.t.Errorf("%d requests in the ten minutes after", n)
				}
				if top := k.feed(cache.Head).Top; !top.Equal(newest) {
					k.t.Errorf("W was %v and is %v, and nobody spoke", newest, top)
				}
				sweeps := k.feed(cache.Sweep).Gen - gen
				if want := int64(0); by.Abs() == year && sweeps > 1 || by.Abs() < year && sweeps != want {
					k.t.Errorf("%d sweeps", sweeps)
				}
				id := idOf(k.t, k.conversations(k.p)[3])
				k.must(k.Post(string(k.p), id, "¿siguen ahí?"))
				time.Sleep(time.Minute)
				synctest.Wait()
				if st := k.loop.Status(); st.State != syncer.UpToDate || wall.now().Sub(st.AsOf) > time.Minute || wall.now().Before(st.AsOf) {
					k.t.Errorf("%+v by a clock at %v", st, wall.now())
				}
				if k.p == inbox.Waspy && !k.feed(cache.Head).Top.After(newest) {
					k.t.Error("somebody spoke, and W stays")
				}
			})
		})
	}
}

// TestWatched: cycles come every twenty seconds while somebody looks and every
// minute when nobody does; whoever comes to look does not wait for the minute.
func TestWatched(t *testing.T) {
	var looks atomic.Bool
	withLoop(t, func(t *testing.T, s *shop, l *syncer.Loop, _ *cache.Cache) {
		stop := start(t, l)
		defer stop()
		for _, watched := range []bool{false, true, false, true} {
			looks.Store(watched)
			time.Sleep(2 * time.Minute) // the wait under way
			before := len(s.times(0))
			time.Sleep(time.Hour)
			want := time.Minute
			if watched {
				want = 20 * time.Second
			}
			for _, d := range gaps(s.times(before)) {
				if !within(d, want) {
					t.Fatalf("watched %v: a cycle after %v", watched, d)
				}
			}
		}
		looks.Store(false)
		time.Sleep(5 * time.Minute)
		before := len(s.times(0))
		for len(s.times(before)) == 0 {
			time.Sleep(time.Second)
		}
		before = len(s.times(0))
		looks.Store(true)
		time.Sleep(26 * time.Second)
		if len(s.times(before)) == 0 {
			t.Error("somebody came to look and nothing was read for 26 seconds")
		}
	}, func(o *syncer.Options) { o.Watched = looks.Load })
}

// TestRetryAt: after a failure it is known when the next try is.
func TestRetryAt(t *testing.T) {
	withLoop(t, func(t *testing.T, s *shop, l *syncer.Loop, _ *cache.Cache) {
		s.fail(&providers.Error{Kind: providers.ErrFailing, Op: "list", Status: 500})
		stop := start(t, l)
		defer stop()
		time.Sleep(30 * time.Minute)
		synctest.Wait()
		at := l.Status().RetryAt
		if d := time.Until(at); d <= -80*time.Second || d > 5*time.Minute {
			t.Errorf("the next try is in %v", d)
		}
		s.fail(nil)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if st := l.Status(); !st.RetryAt.IsZero() || st.State != syncer.UpToDate {
			t.Errorf("%+v", st)
		}
	})
}

// TestHold: a person's pause ends the copying after the page under way, for as
// long as it lasts; a run by hand goes on all the same; then it goes on where
// it was.
func TestHold(t *testing.T) {
	inBubble(t, simulator.Options{Seed: 82, Conversations: 600, Messages: 3000}, nil, func(k *copier) {
		reached := make(chan struct{})
		once := sync.OnceFunc(func() { close(reached) })
		var asked atomic.Int64
		k.between(func(http.ResponseWriter, *http.Request) bool {
			if asked.Add(1) == 12 {
				once()
			}
			return false
		})
		stop := start(k.t.(*testing.T), k.loop)
		<-reached
		k.loop.Hold()
		time.Sleep(time.Minute)
		synctest.Wait()
		held := asked.Load()
		if st := k.loop.Status(); st.State != syncer.Paused || !st.Held || st.Err != nil || held > 12+8 {
			k.t.Fatalf("%+v after %d requests", st, held)
		}
		if s := k.state(); s.State != syncer.Paused || s.ErrorKind != "" {
			k.t.Errorf("%+v", s)
		}
		time.Sleep(48 * time.Hour)
		if n := asked.Load(); n != held {
			k.t.Errorf("%d requests while it is paused", n-held)
		}
		// The program starts anew, and it is still paused.
		stop()
		k.o.Held = true
		k.again()
		stop = start(k.t.(*testing.T), k.loop)
		time.Sleep(time.Hour)
		if n := asked.Load(); n != held {
			k.t.Errorf("%d requests while it is paused, after a start", n-held)
		}
		k.once()
		k.checkEqual()
		if st := k.loop.Status(); st.State != syncer.Paused || time.Since(st.AsOf) > time.Hour {
			k.t.Errorf("after a run by hand: %+v", st)
		}
		k.loop.Resume()
		time.Sleep(time.Second)
		synctest.Wait()
		if st := k.loop.Status(); st.State != syncer.UpToDate || st.Held {
			k.t.Errorf("let go: %+v", st)
		}
		stop()
	})
}

// TestHeldMeanwhile: a run by hand that began before the pause is stopped by
// it.
func TestHeldMeanwhile(t *testing.T) {
	v := openOffice(t, small(83))
	k := newCopier(t, v, inbox.Waspy, nil)
	var asked atomic.Int64
	v.between(func(http.ResponseWriter, *http.Request) bool {
		if asked.Add(1) == 5 {
			k.loop.Hold()
		}
		return false
	})
	if err := k.loop.Once(t.Context(), false); !errors.Is(err, syncer.ErrHeld) {
		t.Errorf("held in the middle: %v", err)
	}
}

// TestNobodyThere: a run that reaches nobody says so within three seconds.
func TestNobodyThere(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		v := openOffice(t, small(84))
		v.server.Close()
		k := newCopier(t, v, p, func(o *syncer.Options) {
			o.Provider = usualClient(t, p, rest.Options{BaseURL: v.base(p), Key: rest.NewSecret(v.key(p))})
		})
		began := time.Now()
		if err := k.loop.Once(t.Context(), false); !errors.Is(err, providers.ErrUnreachable) {
			t.Errorf("%v", err)
		}
		if d := time.Since(began); d > 3*time.Second {
			t.Errorf("it took %v", d)
		}
	})
}

// TestTenAccounts: one that is out of reach, one that is slow and one that is
// told to wait do not hold up the other seven.
func TestTenAccounts(t *testing.T) {
	whole := func(t *testing.T, others bool) (slowest time.Duration) {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			db, err := cache.OpenCache(t.Context(), filepath.Join(dir, "cache.db"), cache.ReadWrite)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			})
			began := time.Now()
			for n, name := range []string{"a", "b", "c", "d", "e", "f", "g", "dead", "slow", "told"} {
				if !others && n > 0 {
					break
				}
				v, pipe := pipeOffice(t, simulator.Options{Seed: 85 + uint64(n), Conversations: 80, Messages: 400})
				p := platforms[n%2]
				switch name {
				case "dead":
					_ = pipe.Close()
				case "slow":
					v.between(func(_ http.ResponseWriter, r *http.Request) bool {
						select {
						case <-time.After(14 * time.Second):
						case <-r.Context().Done():
						}
						return false
					})
				case "told":
					v.between(func(w http.ResponseWriter, _ *http.Request) bool {
						w.Header().Set("Retry-After", "300")
						w.WriteHeader(http.StatusTooManyRequests)
						return true
					})
				}
				acc := account(p)
				acc.Name = name
				l := syncer.New(syncer.Options{Account: acc, Provider: pipeClient(t, v, pipe, p), Cache: db})
				stop := start(t, l)
				t.Cleanup(stop)
				if n < 7 {
					t.Cleanup(func() { // runs before the stop
						if st := l.Status(); st.State != syncer.UpToDate {
							t.Errorf("%s: %+v", name, st)
						}
					})
				}
			}
			time.Sleep(10 * time.Minute)
			synctest.Wait()
			for _, name := range strings.Split("abcdefg", "") {
				runs, err := db.Runs(t.Context(), name, 100)
				if errors.Is(err, cache.ErrNotFound) {
					continue
				}
				if err != nil || len(runs) == 0 {
					t.Fatalf("%s: %d runs, %v", name, len(runs), err)
				}
				if name == "a" {
					slowest = runs[len(runs)-1].FinishedAt.Sub(began)
				}
			}
		})
		return slowest
	}
	alone := whole(t, false)
	among := whole(t, true)
	t.Logf("a first copy took %v alone and %v among ten", alone, among)
	if among > alone*11/10+time.Second {
		t.Errorf("a first copy took %v alone and %v among ten", alone, among)
	}
}
