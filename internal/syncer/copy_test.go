package syncer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/syncer"
)

func small(seed uint64) simulator.Options {
	return simulator.Options{Seed: seed, Conversations: 240, Messages: 1500}
}

// TestFirstCopy: the first copy equals the office; a second run finds nothing
// and writes no row of it.
func TestFirstCopy(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		k := newCopier(t, openOffice(t, small(11)), p, nil)
		k.once()
		k.checkEqual()
		if s := k.loop.Status(); s.State != syncer.UpToDate || s.AsOf.IsZero() || s.Err != nil || s.Listing != nil || s.Reading != nil ||
			s.Run.Changed == 0 || s.Run.Requests != k.Requests() || s.Run.FinishedAt.Before(s.Run.StartedAt) {
			t.Errorf("status after the first copy: %+v; the office was asked %d times", s, k.Requests())
		}
		if s := k.state(); s.State != syncer.UpToDate || s.Incomplete != 0 || s.Gone != 0 || s.Rejected != 0 || s.ErrorKind != "" ||
			s.Conversations != int64(len(k.conversations(p))) || s.Run.Requests != k.Requests() {
			t.Errorf("stored state after the first copy: %+v", s)
		}
		before, asked := k.Requests(), k.loop.Status().AsOf
		var told int
		k.o.Changed = func(cache.Delta) { told++ }
		k.again()
		k.once()
		if s := k.loop.Status(); s.Run.Changed != 0 || told != 0 || !s.AsOf.After(asked) {
			t.Errorf("a second run over a quiet office changed %d rows and told %d times", s.Run.Changed, told)
		}
		if n := k.Requests() - before; n > 5 { // the top, and what is open
			t.Errorf("a second run over a quiet office asked %d times", n)
		}
		if left, err := k.cache.IndexQueued(t.Context()); err != nil || left != 0 {
			t.Errorf("after one batch %d messages are still to be indexed: %v", left, err)
		}
	})
}

// TestEmptyAccount: nothing to copy is a copy; the first customer is then found
// and unread.
func TestEmptyAccount(t *testing.T) {
	p := inbox.Waspy
	v := openOffice(t, simulator.Options{Seed: 5, Conversations: 1, Messages: 1})
	v.between(func(w http.ResponseWriter, r *http.Request) bool {
		fmt.Fprint(w, `{"data":[],"meta":{"requestId":"r","cursor":null,"hasMore":false}}`)
		return true
	})
	k := newCopier(t, v, p, nil)
	k.once()
	if s := k.state(); s.State != syncer.UpToDate || s.Conversations != 0 {
		t.Errorf("state of an empty account: %+v", s)
	}
	v.between(nil)
	if _, err := v.NewCustomer(string(p), "Ana Pruebas", "+5491155550101", "hola"); err != nil {
		t.Fatal(err)
	}
	k.once()
	if got := exportConversations(t, k.cache); len(got) != len(v.conversations(p)) {
		t.Errorf("%d conversations, the office has %d", len(got), len(v.conversations(p)))
	}
	if n := unread(t, k.cache); n == 0 {
		t.Error("what came after the first copy of nothing is not unread")
	}
}

// TestCatchUp: what happens in the office is found by the next run, and the
// copy is equal again; a later inbound message is unread, what the first copy
// brought is not.
func TestCatchUp(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		v := openOffice(t, small(12))
		k := newCopier(t, v, p, nil)
		k.once()
		if n := unread(t, k.cache); n != 0 {
			t.Errorf("%d threads of the first copy are unread", n)
		}
		posted := postSome(t, v, p, 25)
		fresh, err := v.NewCustomer(string(p), "Luz Ensayo", map[inbox.ProviderName]string{inbox.Waspy: "+5491155550199", inbox.Platica: "5215555550199"}[p], "buenas, ¿tienen turno?")
		if err != nil {
			t.Fatal(err)
		}
		k.once()
		if k.loop.Status().Run.Changed < int64(posted) {
			t.Errorf("%d rows changed, %d customers wrote", k.loop.Status().Run.Changed, posted)
		}
		if n := unread(t, k.cache); n < posted/2 {
			t.Errorf("%d threads are unread after %d customers wrote", n, posted)
		}
		ref, err := k.cache.ThreadOf(t.Context(), "shop", fresh)
		if err != nil {
			t.Fatalf("the new customer: %v", err)
		}
		if th, err := k.cache.Thread(t.Context(), ref); err != nil || !th.Unread || th.Name != "Luz Ensayo" || !th.Complete {
			t.Errorf("the new customer's thread: %+v, %v", th, err)
		}
		readEverything(t, k.cache)
		k.checkEqual()
	})
}

// TestLiveOffice: an office that moves while it is copied; once it is quiet,
// one full run makes the copy equal.
func TestLiveOffice(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		o := small(13)
		o.Live = true
		v := openOffice(t, o)
		k := newCopier(t, v, p, nil)
		ctx, quiet := context.WithCancel(t.Context())
		running := make(chan struct{})
		go func() { v.Run(ctx); close(running) }()
		var at atomic.Int64
		v.between(func(http.ResponseWriter, *http.Request) bool {
			if at.Add(1)%20 == 0 { // somebody writes between the requests, too
				postSome(t, v, p, 1)
			}
			return false
		})
		k.once()
		v.between(nil)
		for before := all(v); all(v) == before; { // something has happened by itself
			time.Sleep(50 * time.Millisecond)
		}
		k.once()
		quiet()
		<-running
		if err := k.loop.Once(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		readEverything(t, k.cache)
		k.checkEqual()
	})
}

// TestBusyWorkspace: at Plática a page has a part of every workspace. A quiet
// one must not end the head pass of a busy one.
func TestBusyWorkspace(t *testing.T) {
	p := inbox.Platica
	v := openOffice(t, simulator.Options{Seed: 14, Conversations: 700, Messages: 2000})
	k := newCopier(t, v, p, nil)
	k.once()
	busy := map[string][]string{}
	var names []string
	for _, row := range exportConversations(t, k.cache) {
		var raw struct{ WorkspaceID string }
		if err := json.Unmarshal(row.Raw, &raw); err != nil {
			t.Fatal(err)
		}
		if busy[raw.WorkspaceID] == nil {
			names = append(names, raw.WorkspaceID)
		}
		busy[raw.WorkspaceID] = append(busy[raw.WorkspaceID], row.ID)
	}
	if len(names) < 2 {
		t.Fatalf("the office has the workspaces %v", names)
	}
	for _, name := range names {
		for _, id := range busy[name][:min(len(busy[name]), 250)] {
			if err := v.Post(string(p), id, "sigo esperando"); err != nil {
				t.Fatal(err)
			}
		}
		k.once()
		readEverything(t, k.cache)
		k.checkEqual()
	}
}

// TestNewestFirst: after the first page of a first copy the newest are here.
func TestNewestFirst(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		v := openOffice(t, simulator.Options{Seed: 15, Conversations: 500, Messages: 2000})
		k := newCopier(t, v, p, nil)
		if err := k.loop.Once(stopAfter(t, v, 2), false); !errors.Is(err, context.Canceled) {
			t.Fatalf("a stopped run: %v", err)
		}
		got := exportConversations(t, k.cache)
		for i, raw := range v.conversations(p)[:100] { // at Plática those of the first workspace
			if _, ok := got[idOf(t, raw)]; !ok {
				t.Fatalf("number %d of the list is not here after the first page", i)
			}
		}
		if len(got) > 200 {
			t.Errorf("%d conversations are here after one page", len(got))
		}
		if s := k.state(); s.State != syncer.FirstCopy || s.ErrorKind != "" {
			t.Errorf("state of a first copy that was stopped: %+v", s)
		}
	})
}

// TestOnScreenFirst: what somebody looks at is read before the newest.
func TestOnScreenFirst(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		v := openOffice(t, simulator.Options{Seed: 16, Conversations: 500, Messages: 2000})
		k := newCopier(t, v, p, nil)
		k.listOnly()
		rows := v.conversations(p)
		var looked []string
		var asked []string
		var mu sync.Mutex
		for _, i := range []int{len(rows) - 1, len(rows) / 2, len(rows) - 30} {
			ref, err := k.cache.ThreadOf(t.Context(), "shop", idOf(t, rows[i]))
			if err != nil {
				t.Fatal(err)
			}
			looked = append(looked, ref)
		}
		v.between(func(w http.ResponseWriter, r *http.Request) bool {
			if isMessages(p, r) {
				mu.Lock()
				defer mu.Unlock()
				asked = append(asked, r.URL.Path)
			}
			return false
		})
		k.o.OnScreen = func() []string { return looked }
		k.again()
		k.once()
		if len(asked) < 400 {
			t.Fatalf("%d readings: the stopped run has left too few", len(asked))
		}
		// Four read side by side, and a thread may have several conversations.
		for _, i := range []int{len(rows) - 1, len(rows) / 2, len(rows) - 30} {
			at := slices.IndexFunc(asked, func(path string) bool { return strings.Contains(path, idOf(t, rows[i])) })
			if at < 0 || at > 20 {
				t.Errorf("a conversation on screen was read as number %d", at)
			}
		}
		k.checkEqual()
	})
}

// listOnly runs a first copy until its list is whole, and stops it there.
func (k *copier) listOnly() {
	k.t.Helper()
	ctx, cancel := context.WithCancel(k.t.Context())
	defer cancel()
	listing := false
	k.o.Progressed = func() {
		if s := k.loop.Status(); s.Listing != nil {
			listing = true
		} else if listing {
			cancel()
		}
	}
	k.again()
	if err := k.loop.Once(ctx, false); !errors.Is(err, context.Canceled) {
		k.t.Fatalf("a run that was stopped after its list: %v", err)
	}
	k.o.Progressed = nil
	feed, err := k.cache.Feed(k.t.Context(), "shop", cache.Sweep)
	if err != nil || feed.Running || feed.FinishedAt.IsZero() {
		k.t.Fatalf("the sweep has not ended: %+v, %v", feed, err)
	}
	k.again()
}

func postSome(t testing.TB, v *office, p inbox.ProviderName, n int) int {
	t.Helper()
	rows := v.conversations(p)
	for i := range n {
		if err := v.Post(string(p), idOf(t, rows[i*len(rows)/n]), fmt.Sprintf("¿alguna novedad? (%d)", i)); err != nil {
			t.Error(err)
		}
	}
	return n
}

func unread(t testing.TB, c *cache.Cache) int {
	t.Helper()
	n, err := c.Counts(t.Context(), cache.ThreadFilter{Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return int(n.Unread)
}

// readEverything marks every thread as read, as its opening would.
func readEverything(t testing.TB, c *cache.Cache) {
	t.Helper()
	var marks []cache.Mark
	for _, row := range exportConversations(t, c) {
		marks = append(marks, cache.Mark{Account: row.Account, Thread: row.Thread, ReadAt: time.Now().Add(time.Hour), Seq: 1})
	}
	if err := c.Mirror(t.Context(), marks); err != nil {
		t.Fatal(err)
	}
}

// all is everything that both lists say.
func all(v *office) string {
	return fmt.Sprintf("%s%s", v.WaspyConversations(), v.PlaticaConversations())
}
