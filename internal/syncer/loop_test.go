package syncer_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/syncer"
)

// shop is a provider in memory with one conversation: where a fake clock runs,
// real sockets would stop it.
type shop struct {
	mu    sync.Mutex
	fails error                       // what every request meets
	slow  func(context.Context) error // what a request waits for
	asked []time.Time                 // when the list was asked for
	sweep []time.Time
}

func (s *shop) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = err
}

// times are when requests were made, since and without those counted before.
func (s *shop) times(from int) []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]time.Time(nil), s.asked[from:]...)
}

func (s *shop) list(ctx context.Context) (inbox.Page[inbox.Conversation], error) {
	s.mu.Lock()
	s.asked = append(s.asked, time.Now())
	fails, slow := s.fails, s.slow
	s.mu.Unlock()
	if slow != nil {
		if err := slow(ctx); err != nil {
			return inbox.Page[inbox.Conversation]{}, err
		}
	}
	at := time.Date(1999, 5, 4, 3, 2, 1, 0, time.UTC)
	return inbox.Page[inbox.Conversation]{Items: []inbox.Conversation{{
		ID: "c1", Channel: "line", Contact: "k1", Name: "Sol Prueba", Status: inbox.Open, StatusWord: "open", CreatedAt: at, ActiveAt: at,
		MessageCount: -1, Version: "1", Form: inbox.Listed, Raw: []byte(`{"id":"c1"}`),
	}}}, fails
}

func (s *shop) Name() inbox.ProviderName { return inbox.Waspy }
func (s *shop) Newest(ctx context.Context, _ inbox.Mark) (inbox.Page[inbox.Conversation], error) {
	return s.list(ctx)
}
func (s *shop) Sweep(ctx context.Context, _ inbox.Mark) (inbox.Page[inbox.Conversation], error) {
	s.mu.Lock()
	s.sweep = append(s.sweep, time.Now())
	s.mu.Unlock()
	return s.list(ctx)
}
func (s *shop) Messages(context.Context, string, inbox.Mark) (p providers.MessagePage, err error) {
	return p, nil
}
func (s *shop) Check(context.Context) (c providers.Checked, err error) { return c, nil }
func (s *shop) Conversation(context.Context, string) (c inbox.Conversation, err error) {
	return c, providers.ErrNotFound
}
func (s *shop) ByPhone(context.Context, string) ([]inbox.Conversation, error) { return nil, nil }
func (s *shop) Find(context.Context, string, inbox.Mark) (p inbox.Page[inbox.Conversation], err error) {
	return p, providers.ErrUnsupported
}
func (s *shop) Update(context.Context, string, inbox.Change) (u providers.Updated, err error) {
	return u, providers.ErrUnsupported
}
func (s *shop) Open(ctx context.Context, _ time.Time, _ inbox.Mark) (providers.OpenPage, error) {
	page, err := s.list(ctx)
	return providers.OpenPage{Page: page}, err
}
func (s *shop) Offset() time.Duration { return 0 }
func (s *shop) Usage() providers.Usage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return providers.Usage{Requests: int64(len(s.asked))}
}

var _ providers.Provider = (*shop)(nil)

// withLoop runs a test in a bubble with a clock of its own, over a real file.
func withLoop(t *testing.T, test func(t *testing.T, s *shop, l *syncer.Loop, c *cache.Cache), change ...func(*syncer.Options)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		c, err := cache.OpenCache(t.Context(), filepath.Join(dir, "cache.db"), cache.ReadWrite)
		if err != nil {
			t.Fatal(err)
		}
		s := &shop{}
		o := syncer.Options{Account: account(inbox.Waspy), Provider: s, Cache: c}
		for _, set := range change {
			set(&o)
		}
		test(t, s, syncer.New(o), c)
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
}

// start runs a loop; the end of it waits for it.
func start(t *testing.T, l *syncer.Loop) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var work sync.WaitGroup
	work.Go(func() { l.Run(ctx) })
	return func() { cancel(); work.Wait() }
}

// within reports whether d is want give or take a quarter, with some seconds
// for the tries of a pass.
func within(d, want time.Duration) bool {
	return d >= want*3/4 && d <= want*5/4+5*time.Second
}

// gaps are the waits between cycles: requests closer than ten seconds are of
// one cycle.
func gaps(times []time.Time) (out []time.Duration) {
	for i := 1; i < len(times); i++ {
		if d := times[i].Sub(times[i-1]); d > 10*time.Second {
			out = append(out, d)
		}
	}
	return out
}

// TestCycle: a quiet day is a head pass every 20 seconds and one sweep.
func TestCycle(t *testing.T) {
	withLoop(t, func(t *testing.T, s *shop, l *syncer.Loop, c *cache.Cache) {
		stop := start(t, l)
		time.Sleep(25 * time.Hour)
		synctest.Wait()
		stop()
		for _, d := range gaps(s.times(0)) {
			if !within(d, 20*time.Second) {
				t.Fatalf("a cycle came after %v", d)
			}
		}
		if n := len(s.times(0)); n < 25*3600/26 || n > 25*3600/14 {
			t.Errorf("%d requests in 25 hours", n)
		}
		if len(s.sweep) != 2 || s.sweep[1].Sub(s.sweep[0]) < 24*time.Hour {
			t.Errorf("sweeps at %v", s.sweep)
		}
		if st := l.Status(); st.State != syncer.UpToDate || time.Since(st.AsOf) > time.Minute {
			t.Errorf("%+v", st)
		}
	})
}

// TestBackoff: each failed cycle doubles the wait, up to five minutes; the
// first that succeeds ends it.
func TestBackoff(t *testing.T) {
	for name, fails := range map[string]error{
		"unreachable": &providers.Error{Kind: providers.ErrUnreachable, Op: "list"},
		"failing":     &providers.Error{Kind: providers.ErrFailing, Op: "list", Status: 503},
		"limited":     &providers.Error{Kind: providers.ErrLimited, Op: "list", Until: time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)},
		"not the API": &providers.Error{Kind: providers.ErrNotAPI, Op: "list"},
		"disk full":   cache.ErrFull,
	} {
		t.Run(name, func(t *testing.T) {
			withLoop(t, func(t *testing.T, s *shop, l *syncer.Loop, _ *cache.Cache) {
				s.fail(fails)
				stop := start(t, l)
				defer stop()
				time.Sleep(4 * time.Hour)
				synctest.Wait()
				asked := s.times(0)
				got := gaps(asked)
				for i, want := range []time.Duration{40, 80, 160, 300, 300, 300, 300, 300} {
					if i >= len(got) || !within(got[i], want*time.Second) {
						t.Fatalf("the waits are %v", got)
					}
				}
				if n := len(asked); n > 3*(4*12*4/3+8) {
					t.Errorf("%d requests in four hours of failure", n)
				}
				s.fail(nil)
				time.Sleep(10 * time.Minute)
				synctest.Wait()
				if st := l.Status(); st.State != syncer.UpToDate || st.Err != nil {
					t.Errorf("%+v", st)
				}
				last := gaps(s.times(len(asked)))
				for _, d := range last {
					if !within(d, 20*time.Second) {
						t.Errorf("after the failure a cycle came after %v", d)
					}
				}
				if len(last) < 10 {
					t.Errorf("%d cycles in ten minutes after the failure", len(last))
				}
			})
		})
	}
}

// TestRefusedWaits: a refused key is not tried again by itself; Wake tries it
// once.
func TestRefusedWaits(t *testing.T) {
	withLoop(t, func(t *testing.T, s *shop, l *syncer.Loop, _ *cache.Cache) {
		s.fail(&providers.Error{Kind: providers.ErrRefused, Op: "list", Status: 401})
		stop := start(t, l)
		defer stop()
		for want := 1; want <= 3; want++ {
			time.Sleep(48 * time.Hour)
			synctest.Wait()
			if n := len(s.times(0)); n != want {
				t.Fatalf("%d requests, want %d", n, want)
			}
			if st := l.Status(); st.State != syncer.Paused || syncer.KindOf(st.Err) != "refused" {
				t.Errorf("%+v", st)
			}
			l.Wake()
		}
		s.fail(nil)
		l.Wake()
		time.Sleep(time.Second)
		synctest.Wait()
		if st := l.Status(); st.State != syncer.UpToDate {
			t.Errorf("with a good key it is %+v", st)
		}
	})
}

// TestWake: a cycle begins at once, one for any number of calls.
func TestWake(t *testing.T) {
	withLoop(t, func(t *testing.T, s *shop, l *syncer.Loop, _ *cache.Cache) {
		stop := start(t, l)
		defer stop()
		time.Sleep(time.Second)
		synctest.Wait()
		before := len(s.times(0))
		for range 50 {
			l.Wake()
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if n := len(s.times(before)); n < 1 || n > 2 {
			t.Errorf("%d cycles at once", n)
		}
	})
}

// TestStoppedAtOnce: the end of ctx ends a wait and a request under way.
func TestStoppedAtOnce(t *testing.T) {
	withLoop(t, func(t *testing.T, s *shop, l *syncer.Loop, _ *cache.Cache) {
		s.slow = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		stop := start(t, l)
		time.Sleep(time.Minute)
		began := time.Now()
		stop()
		if d := time.Since(began); d > 0 {
			t.Errorf("stopped after %v", d)
		}
		if st := l.Status(); st.State != syncer.FirstCopy || st.Err != nil {
			t.Errorf("%+v", st)
		}
	})
}

// TestOneAtATime: a second Once waits for the first, and no longer than its
// own ctx.
func TestOneAtATime(t *testing.T) {
	withLoop(t, func(t *testing.T, s *shop, l *syncer.Loop, _ *cache.Cache) {
		open := make(chan struct{})
		s.slow = func(context.Context) error { <-open; return nil }
		var first, second, third error
		var work sync.WaitGroup
		work.Go(func() { first = l.Once(t.Context(), false) })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		work.Go(func() { second = l.Once(ctx, false) })
		work.Go(func() { third = l.Once(t.Context(), false) })
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if n := len(s.times(0)); n != 1 || !errors.Is(second, context.DeadlineExceeded) {
			t.Errorf("%d requests at once, the one that gave up: %v", n, second)
		}
		close(open)
		work.Wait()
		if first != nil || third != nil {
			t.Errorf("%v, %v", first, third)
		}
	})
}

// TestAsOf: a copy is up to date as of the start of its last head pass.
func TestAsOf(t *testing.T) {
	withLoop(t, func(t *testing.T, s *shop, l *syncer.Loop, _ *cache.Cache) {
		s.slow = func(context.Context) error { time.Sleep(time.Hour); return nil }
		if err := l.Once(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(l.Status().AsOf); d != 2*time.Hour {
			t.Errorf("as of %v ago; the last head pass began two hours ago, and the list of what is open came after it", d)
		}
	})
}

// TestClockSetBack: a sweep that ended, says the cache, a year from now was
// timed by a wrong clock; a second or two are none.
func TestClockSetBack(t *testing.T) {
	for ahead, sweeps := range map[time.Duration]int{365 * 24 * time.Hour: 1, 2 * time.Second: 0, -23 * time.Hour: 0, -25 * time.Hour: 1} {
		withLoop(t, func(t *testing.T, s *shop, l *syncer.Loop, c *cache.Cache) {
			if err := l.Once(t.Context(), false); err != nil {
				t.Fatal(err)
			}
			feed, err := c.Feed(t.Context(), "shop", cache.Sweep)
			if err != nil {
				t.Fatal(err)
			}
			feed.FinishedAt = time.Now().Add(ahead)
			if err := c.SaveFeed(t.Context(), "shop", feed); err != nil {
				t.Fatal(err)
			}
			before := len(s.sweep)
			for range 3 {
				if err := l.Once(t.Context(), false); err != nil {
					t.Fatal(err)
				}
			}
			if n := len(s.sweep) - before; n != sweeps {
				t.Errorf("%d sweeps for a last one that ended %v from now", n, ahead)
			}
		})
	}
}
