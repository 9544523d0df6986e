package syncer_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/syncer"
)

// open lists the office's conversations of the open set, oldest activity last.
func (k *copier) open() (ids []string) {
	k.t.Helper()
	live, err := k.cache.Live(k.t.Context(), "shop")
	if err != nil || len(live) < 8 {
		k.t.Fatalf("%d open conversations, %v", len(live), err)
	}
	for _, c := range live {
		ids = append(ids, c.ID)
	}
	slices.Reverse(ids)
	return ids
}

func (k *copier) full() {
	k.t.Helper()
	if err := k.loop.Once(k.t.Context(), true); err != nil {
		k.t.Fatalf("full: %v", err)
	}
}

func (k *copier) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *copier) feed(kind cache.FeedKind) cache.Feed {
	k.t.Helper()
	f, err := k.cache.Feed(k.t.Context(), "shop", kind)
	k.must(err)
	return f
}

// TestSilentChanges: what is resolved or reassigned without any stamp moving
// is found by one open-set pass.
func TestSilentChanges(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		k := newCopier(t, openOffice(t, simulator.Options{Seed: 71, Conversations: 400, Messages: 900}), p, nil)
		k.once()
		open := k.open()
		resolved, who := "resolved", k.WaspyAgents()[0]
		if p == inbox.Platica {
			resolved, who = "finished", "otra@ejemplo.mx"
		}
		for _, id := range []string{open[0], open[len(open)/2], open[len(open)-1]} {
			k.must(k.SetStatus(string(p), id, resolved))
		}
		k.must(k.Assign(string(p), open[1], who))
		k.must(k.Assign(string(p), open[len(open)-2], who))
		sweep := k.feed(cache.Sweep)
		k.once()
		k.checkEqual()
		if now := k.feed(cache.Sweep); now.Gen != sweep.Gen {
			t.Error("it took a sweep")
		}
		if s := k.state(); s.State != syncer.UpToDate || s.Lookups != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// TestOpenSetHasItsTurn: the background looks at what is open every five
// minutes or so, within its share of the rate.
func TestOpenSetHasItsTurn(t *testing.T) {
	inBubble(t, small(72), nil, func(k *copier) {
		stop := start(k.t.(*testing.T), k.loop)
		defer stop()
		time.Sleep(10 * time.Minute)
		id := k.open()[0]
		k.must(k.SetStatus(string(k.p), id, map[inbox.ProviderName]string{inbox.Waspy: "closed", inbox.Platica: "finished"}[k.p]))
		time.Sleep(6*time.Minute + 30*time.Second)
		synctest.Wait()
		if slices.Contains(k.open(), id) {
			k.t.Error("closed silently, and open here six minutes later")
		}
		if st := k.loop.Status(); st.State != syncer.UpToDate || time.Since(st.AsOf) > time.Minute {
			k.t.Errorf("%+v", st)
		}
	})
}

// TestDeleted: what is not there when it is asked for by its id, twice and an
// hour apart, is hidden; it is kept, and shown again when it is listed again.
func TestDeleted(t *testing.T) {
	inBubble(t, small(73), nil, func(k *copier) {
		k.once()
		ids := []string{idOf(k.t, k.conversations(k.p)[0]), idOf(k.t, k.conversations(k.p)[17]), k.open()[3]}
		for _, id := range ids {
			k.must(k.Delete(string(k.p), id))
		}
		k.full()
		if s := k.state(); s.Gone != 0 || s.Lookups != 3 {
			k.t.Fatalf("after one look they are gone: %+v", s)
		}
		time.Sleep(50 * time.Minute)
		before := k.Requests()
		k.once()
		if s := k.state(); s.Gone != 0 || k.Requests()-before > 6 {
			k.t.Fatalf("after 50 minutes, with %d requests: %+v", k.Requests()-before, s)
		}
		time.Sleep(11 * time.Minute)
		k.once()
		if s := k.state(); s.Gone != 3 || s.Lookups != 0 || s.State != syncer.UpToDate {
			k.t.Fatalf("after an hour: %+v", s)
		}
		for id, row := range exportConversations(k.t, k.cache) {
			if row.Gone != slices.Contains(ids, id) {
				k.t.Errorf("%s: gone is %v", id, row.Gone)
			}
		}
		for _, id := range ids {
			k.must(k.Restore(string(k.p), id))
		}
		k.full()
		if s := k.state(); s.Gone != 0 {
			k.t.Errorf("listed again: %+v", s)
		}
		k.checkEqual()
	})
}

// TestKilledBeforeLookUps: what a sweep did not see is known after a kill, and
// asked for without another sweep; a whole run asks for all of it.
func TestKilledBeforeLookUps(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		k := newCopier(t, openOffice(t, simulator.Options{Seed: 74, Conversations: 700, Messages: 700}), p, nil)
		k.once()
		var ids []string
		for n, raw := range k.conversations(p) {
			if n%2 == 0 {
				ids = append(ids, idOf(t, raw))
				k.must(k.Delete(string(p), ids[len(ids)-1]))
			}
		}
		ctx, kill := context.WithCancel(t.Context())
		var mu sync.Mutex
		asked := map[string]bool{}
		k.between(func(_ http.ResponseWriter, r *http.Request) bool {
			id := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
			mu.Lock()
			defer mu.Unlock()
			if slices.Contains(ids, id) {
				asked[id] = true
				if len(asked) == 3 {
					kill()
				}
			}
			return false
		})
		_ = k.loop.Once(ctx, true)
		k.between(nil)
		sweep := k.feed(cache.Sweep)
		if s := k.state(); sweep.Running || s.Lookups != int64(len(ids)) || s.State == syncer.UpToDate && s.AsOf.After(sweep.FinishedAt) {
			t.Fatalf("killed as the look-ups began: %+v, sweep %+v", s, sweep)
		}
		k.again()
		before := k.Requests()
		k.once()
		due, err := k.cache.LookupsDue(t.Context(), "shop", k.Clock())
		if err != nil || due != 0 || k.feed(cache.Sweep).Gen != sweep.Gen {
			t.Errorf("%d look-ups left, %v", due, err)
		}
		if n := k.Requests() - before; n < int64(len(ids)) {
			t.Errorf("%d requests for %d look-ups", n, len(ids))
		}
		if s := k.state(); s.Gone != 0 {
			t.Errorf("hidden at the first look: %+v", s)
		}
	})
}

// TestNothingIsThere: a provider that knows no conversation by its id hides
// nothing, however long it says so; the state says that it is failing.
func TestNothingIsThere(t *testing.T) {
	inBubble(t, small(75), nil, func(k *copier) {
		k.once()
		for _, raw := range k.conversations(k.p)[:30] {
			k.must(k.Delete(string(k.p), idOf(k.t, raw)))
		}
		k.between(answers(404, `{"error":{"code":"NOT_FOUND","message":"no"}}`, func(r *http.Request) bool {
			return !strings.HasSuffix(r.URL.Path, "/conversations")
		}))
		for range 4 {
			if err := k.loop.Once(k.t.Context(), true); !errors.Is(err, providers.ErrFailing) {
				k.t.Errorf("nothing is there: %v", err)
			}
			time.Sleep(2 * time.Hour)
		}
		if s := k.state(); s.Gone != 0 || s.State != syncer.Failing || s.ErrorKind != "failing" {
			k.t.Errorf("%+v", s)
		}
		k.between(nil)
		k.once()
		time.Sleep(61 * time.Minute)
		k.once()
		if s := k.state(); s.Gone != 30 || s.State != syncer.UpToDate {
			k.t.Errorf("with its senses back: %+v", s)
		}
	})
}

// TestLateMessages: a message that turns up far from the end is found by the
// next sweep, and by a full run at once.
func TestLateMessages(t *testing.T) {
	inBubble(t, simulator.Options{Seed: 76, Conversations: 40, Messages: 3000}, nil, func(k *copier) {
		k.once()
		late := func(n int) {
			id := ""
			for _, raw := range k.conversations(k.p)[n:] { // with a page and more of messages, where there is one
				if all := k.messages(k.p, idOf(k.t, raw)); len(all) > 20 {
					id = idOf(k.t, raw)
					var first struct{ CreatedAt, CreationDate time.Time }
					k.must(json.Unmarshal(all[0], &first))
					at := first.CreatedAt
					if at.IsZero() {
						at = first.CreationDate
					}
					_, err := k.LateMessage(string(k.p), id, "llegó tarde", at.Add(time.Second))
					k.must(err)
					return
				}
			}
			k.t.Fatal("no long conversation")
		}
		late(0)
		time.Sleep(25 * time.Hour)
		k.once()
		k.checkEqual()
		for n := range 3 {
			late(n * 4)
		}
		k.full()
		k.checkEqual()
		if n, err := k.cache.CountUnread(k.t.Context(), "shop"); err != nil || n != 0 {
			k.t.Errorf("%d still to read again, %v", n, err)
		}
	})
}

// TestManyLookUps: a background cycle asks for two hundred at most, and the
// copy is not called up to date before the rest is answered.
func TestManyLookUps(t *testing.T) {
	inBubble(t, simulator.Options{Seed: 77, Conversations: 900, Messages: 900}, nil, func(k *copier) {
		k.once()
		var ids []string
		for _, raw := range k.conversations(k.p)[:450] {
			ids = append(ids, idOf(k.t, raw))
		}
		k.must(k.cache.QueueLookups(k.t.Context(), "shop", ids))
		var asked atomic.Int64
		k.between(func(_ http.ResponseWriter, r *http.Request) bool {
			if slices.ContainsFunc(ids, func(id string) bool { return strings.HasSuffix(r.URL.Path, "/"+id) }) {
				asked.Add(1)
			}
			return false
		})
		states := map[int64]string{}
		k.o.Progressed = func() {
			if s := k.loop.Status(); s.State == syncer.UpToDate || !s.Run.FinishedAt.IsZero() {
				states[asked.Load()] = s.State
			}
		}
		k.again()
		stop := start(k.t.(*testing.T), k.loop)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		stop()
		left, err := k.cache.LookupsDue(k.t.Context(), "shop", time.Now())
		if err != nil || left != 0 {
			k.t.Errorf("%d left, %v", left, err)
		}
		if states[200] != syncer.CatchingUp || k.loop.Status().State != syncer.UpToDate {
			k.t.Errorf("by the number of look-ups the state was %v", states)
		}
	})
}

// TestOtherWorkspace: a key that reaches another office mixes nothing into the
// copy, and says so until it has the right one again.
func TestOtherWorkspace(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		v := openOffice(t, small(78))
		k := newCopier(t, v, p, nil)
		k.once()
		k.must(v.SetFaults(simulator.Faults{Rules: []simulator.Fault{{Kind: "other_account"}}}))
		for _, full := range []bool{false, true} {
			err := k.loop.Once(t.Context(), full)
			if !errors.Is(err, syncer.ErrOtherWorkspace) {
				t.Errorf("full %v: %v", full, err)
			}
			if s := k.state(); s.State != syncer.Paused || s.ErrorKind != "other_workspace" {
				t.Errorf("%+v", s)
			}
			k.again()
		}
		v.Quiet()
		k.once()
		k.checkEqual()
	})
}

// TestLongAway: a list whose every row on top is new is no other office, where
// the old ones are still there.
func TestLongAway(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		k := newCopier(t, openOffice(t, small(79)), p, nil)
		k.once()
		for range 110 {
			if _, err := k.NewConversation(string(p), "", ""); err != nil {
				t.Fatal(err)
			}
		}
		k.once()
		if n := k.state().Conversations; n != int64(len(k.conversations(p))) {
			t.Errorf("%d conversations of %d", n, len(k.conversations(p)))
		}
	})
}

// TestSamePageForEver: a list or a conversation that gives the same page again
// and again is said to be failing, after three pages of it at most, and what
// is here stays.
func TestSamePageForEver(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		v := openOffice(t, simulator.Options{Seed: 80, Conversations: 500, Messages: 3000})
		k := newCopier(t, v, p, nil)
		k.once()
		k.must(v.SetFaults(simulator.Faults{Rules: []simulator.Fault{{Kind: "same_page", Provider: string(p)}}}))
		before := v.Requests()
		if err := k.loop.Once(t.Context(), true); !errors.Is(err, providers.ErrFailing) {
			t.Errorf("the list goes round in circles: %v", err)
		}
		if n := v.Requests() - before; n > 3*4 { // each of a pass's three tries, and the page of the newest
			t.Errorf("%d requests", n)
		}
		if s := k.state(); s.State != syncer.Failing || s.Gone != 0 || s.Lookups != 0 {
			t.Errorf("%+v", s)
		}
		v.Quiet()
		k.once()
		k.checkEqual()
	})
}

// TestRestored: a conversation that was away while its messages were to be read
// and is listed again is read, however soon.
func TestRestored(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		v := openOffice(t, small(61))
		k := newCopier(t, v, p, nil)
		k.listOnly()
		all := v.conversations(p)
		id := idOf(t, all[len(all)-1]) // the newest are read as they are listed
		if err := v.Delete(string(p), id); err != nil {
			t.Fatal(err)
		}
		k.once()
		if err := v.Restore(string(p), id); err != nil {
			t.Fatal(err)
		}
		if err := k.loop.Once(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		k.checkEqual()
	})
}
