package syncer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/syncer"
)

// lostAtMost is what one stop may cost in requests: what was under way, at
// most eight, and twelve more to find the way again (SYNC I7).
const lostAtMost = 12 + 8

// needed is what a first copy costs that nobody stops.
func needed(t *testing.T, v *office, p inbox.ProviderName) int64 {
	t.Helper()
	before := v.Requests()
	k := newCopier(t, v, p, nil)
	k.once()
	return v.Requests() - before
}

// TestStopped: a first copy that is stopped again and again, at every count of
// requests, goes on where it was.
func TestStopped(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		v := openOffice(t, simulator.Options{Seed: 21, Conversations: 700, Messages: 2500})
		most := needed(t, v, p)
		k := newCopier(t, v, p, nil)
		before, stops := v.Requests(), int64(0)
		for n := int64(1); ; n++ {
			k.again()
			err := k.loop.Once(stopAfter(t, v, n), false)
			if err == nil {
				break
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("stopped after %d requests: %v", n, err)
			}
			if stops++; stops > 200 {
				t.Fatal("it never comes to its end")
			}
		}
		v.between(nil)
		if stops < 20 {
			t.Errorf("only %d stops", stops)
		}
		if asked := v.Requests() - before; asked > most+stops*lostAtMost {
			t.Errorf("%d requests with %d stops, %d without", asked, stops, most)
		}
		k.checkEqual()
		if n := unread(t, k.cache); n != 0 {
			t.Errorf("%d threads of the first copy are unread", n)
		}
	})
}

// child is what a process that is to be killed is told, in its environment.
type child struct {
	Dir      string
	Provider inbox.ProviderName
	Base     string
	Key      string
	Full     bool
	Send     bool // the outbox, and nothing else
}

const childEnv = "BANDEJA_TEST_CHILD"

func TestMain(m *testing.M) {
	if told := os.Getenv(childEnv); told != "" {
		os.Exit(runChild(told))
	}
	os.Exit(m.Run())
}

// runChild is the other process: one run of sync, as the program does it.
func runChild(told string) int {
	var c child
	err := json.Unmarshal([]byte(told), &c)
	switch {
	case err != nil:
	case c.Send:
		err = sendOnce(c)
	default:
		err = syncOnce(c)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func syncOnce(c child) error {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	db, err := cache.OpenCache(ctx, c.Dir+"/cache.db", cache.ReadWrite)
	if err != nil {
		return err
	}
	p, err := newClient(c.Provider, c.Base, c.Key)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	defer p.Close()
	l := syncer.New(syncer.Options{Account: account(c.Provider), Provider: p, Cache: db})
	return errors.Join(l.Once(ctx, c.Full), db.Close())
}

// kill starts a child and ends it, with no time for last words, as the office
// gets its nth request; done is true when it came to its end before.
func (v *office) kill(t *testing.T, c child, n int64) (done bool) {
	t.Helper()
	var asked atomic.Int64
	return !v.killWhen(t, c, func(_ http.ResponseWriter, _ *http.Request, kill func()) bool {
		if asked.Add(1) < n {
			return false
		}
		kill()
		return true
	})
}

// killWhen runs another process and lets meddle kill it; killed reports
// whether it did before the process came to its end.
func (v *office) killWhen(t *testing.T, c child, meddle func(w http.ResponseWriter, r *http.Request, kill func()) bool) (killed bool) {
	t.Helper()
	told, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childEnv+"="+string(told), "TZ=Asia/Kolkata") // times are times, wherever the desk is
	cmd.Stderr = os.Stderr
	var dead atomic.Bool
	started := make(chan struct{})
	kill := sync.OnceFunc(func() {
		<-started
		dead.Store(true)
		if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Error(err)
		}
	})
	v.between(func(w http.ResponseWriter, r *http.Request) bool {
		// Once it is dead nobody is there to hear an answer.
		return dead.Load() || meddle(w, r, kill)
	})
	err = cmd.Start()
	close(started)
	if err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	v.between(nil)
	if err != nil && !dead.Load() {
		t.Fatalf("the child failed by itself: %v", err)
	}
	return err != nil
}

// seedOf is printed, so that a failure can be played again.
func seedOf(t *testing.T) *rand.Rand {
	seed := uint64(time.Now().UnixNano())
	if given := os.Getenv("BANDEJA_TEST_SEED"); given != "" {
		var err error
		if seed, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("play again with: BANDEJA_TEST_SEED=%d go test -run '^%s$' ./internal/syncer", seed, t.Name())
	return rand.New(rand.NewPCG(seed, 0))
}

// TestKilled: a first copy whose process is killed at random goes on where it
// was, and ends equal.
func TestKilled(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		random := seedOf(t)
		v := openOffice(t, simulator.Options{Seed: 22, Conversations: 500, Messages: 2500})
		most := needed(t, v, p)
		c := child{Dir: t.TempDir(), Provider: p, Base: v.base(p), Key: v.key(p)}
		before, kills := v.Requests(), int64(0)
		for done := false; !done; {
			if done = v.kill(t, c, 1+random.Int64N(most/8)); !done {
				kills++
			}
		}
		if kills < 8 {
			t.Errorf("only %d kills", kills)
		}
		if asked := v.Requests() - before; asked > most+kills*lostAtMost {
			t.Errorf("%d requests with %d kills, %d without", asked, kills, most)
		}
		checkEqual(t, openCache(t, c.Dir), v, p)
	})
}

// TestKilledFull: a full run that is killed early is gone on with by a plain
// one: the sweep and every message page.
func TestKilledFull(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		random := seedOf(t)
		v := openOffice(t, small(23))
		k := newCopier(t, v, p, nil)
		k.once()
		c := child{Dir: t.TempDir(), Provider: p, Base: v.base(p), Key: v.key(p)}
		most := needed(t, v, p)
		for _, n := range []int64{1 << 40, 2, 3 + random.Int64N(most/2)} { // the first is the first copy
			c.Full = n < 1<<40
			if done := v.kill(t, c, n); done == c.Full {
				t.Fatalf("to be killed after %d requests: done is %v", n, done)
			}
		}
		db := openCache(t, c.Dir)
		feed, err := db.Feed(t.Context(), "shop", cache.Sweep)
		if err != nil || feed.Gen < 3 {
			t.Fatalf("after two full runs were killed the sweep is %+v, %v", feed, err)
		}
		readings := int64(0)
		v.between(func(_ http.ResponseWriter, r *http.Request) bool {
			if isMessages(p, r) {
				atomic.AddInt64(&readings, 1)
			}
			return false
		})
		l := syncer.New(syncer.Options{Account: account(p), Provider: client(t, p, v.base(p), v.key(p)), Cache: db})
		if err := l.Once(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		if readings == 0 || readings >= most {
			t.Errorf("%d readings after the kill, a whole copy takes %d requests", readings, most)
		}
		if feed, err := db.Feed(t.Context(), "shop", cache.Sweep); err != nil || feed.Running {
			t.Errorf("the sweep was not gone on with: %+v, %v", feed, err)
		}
		checkEqual(t, db, v, p)
	})
}

// TestFullAway: a full run forgets nothing while the provider does not answer.
func TestFullAway(t *testing.T) {
	v := openOffice(t, small(24))
	k := newCopier(t, v, inbox.Waspy, nil)
	k.once()
	v.between(func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusUnauthorized)
		return true
	})
	if err := k.loop.Once(t.Context(), true); err == nil {
		t.Fatal("nothing failed")
	}
	if s := k.state(); s.Incomplete != 0 || s.State != syncer.Paused {
		t.Errorf("a full run that was refused left %+v", s)
	}
	k.checkEqual()
}

// TestSweepBegunOnly: a sweep whose first page of the newest is here, and no
// more, goes on from its start.
func TestSweepBegunOnly(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		v := openOffice(t, small(25))
		k := newCopier(t, v, p, nil)
		if err := k.loop.Once(stopAfter(t, v, 2), false); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		v.between(nil)
		feed, err := k.cache.Feed(t.Context(), "shop", cache.Sweep)
		if err != nil || !feed.Running || feed.Mark != nil || feed.Gen != 1 {
			t.Fatalf("the sweep is %+v, %v", feed, err)
		}
		k.again()
		k.once()
		if feed, err := k.cache.Feed(t.Context(), "shop", cache.Sweep); err != nil || feed.Gen != 1 || feed.Running {
			t.Errorf("the sweep ended as %+v, %v", feed, err)
		}
		k.checkEqual()
	})
}

// TestSweepEnded: killed just after the sweep's end, before the first head
// pass, nothing is listed whole again.
func TestSweepEnded(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		v := openOffice(t, simulator.Options{Seed: 26, Conversations: 900, Messages: 900})
		k := newCopier(t, v, p, nil)
		k.listOnly()
		lists := int64(0)
		v.between(func(_ http.ResponseWriter, r *http.Request) bool {
			if !isMessages(p, r) && !r.URL.Query().Has("status") {
				atomic.AddInt64(&lists, 1)
			}
			return false
		})
		k.once()
		if lists > 3 {
			t.Errorf("%d pages of the list after its end", lists)
		}
		k.checkEqual()
	})
}
