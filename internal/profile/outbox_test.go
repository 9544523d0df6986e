package profile_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/profile"
)

func ptr[T any](v T) *T { return &v }

// openThread is a thread of an account whose live conversation is open.
func openThread(t testing.TB, in *profile.Inbox, account string) cache.Thread {
	t.Helper()
	return openThreads(t, in, account)[0]
}

func openThreads(t testing.TB, in *profile.Inbox, account string) (out []cache.Thread) {
	t.Helper()
	page, _, err := in.Cache().Threads(t.Context(), cache.ThreadFilter{View: cache.Inbox, Account: account, Now: time.Now()}, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, th := range page {
		if th.Status == inbox.Open {
			out = append(out, th)
		}
	}
	if len(out) < 2 {
		t.Fatalf("only %d open threads", len(out))
	}
	return out
}

func change(t testing.TB, in *profile.Inbox, a profile.ChangeArgs) profile.Changed {
	t.Helper()
	out, err := in.Change(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func entry(t testing.TB, in *profile.Inbox, id string) cache.Wish {
	t.Helper()
	w, err := in.Local().OutboxEntry(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func thread(t testing.TB, in *profile.Inbox, ref string) cache.Thread {
	t.Helper()
	th, err := in.Cache().Thread(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return th
}

// A change made without a network is shown at once, over a restart and over a
// cache that is built anew, and goes out with the next sync, once.
func TestChangeOffline(t *testing.T) {
	for _, name := range []string{"ventas", "soporte"} {
		t.Run(name, func(t *testing.T) {
			dir, v := t.TempDir(), openOffice(t, 121)
			in := open(t, dir)
			add(t, in, v.waspy(), v.platica())
			syncAll(t, in)
			th := openThread(t, in, name)
			v.between(func(w http.ResponseWriter, r *http.Request) bool {
				conn, _, err := http.NewResponseController(w).Hijack()
				if err == nil {
					_ = conn.Close()
				}
				return true
			})
			out := change(t, in, profile.ChangeArgs{Threads: []string{th.Ref}, Status: ptr("resolved")})
			if len(out.Entries) != 1 || out.Plan.Change != 1 || out.Entries[0].State != cache.WishQueued || out.Entries[0].Conversation != th.Conversation {
				t.Fatalf("%+v", out)
			}
			id := out.Entries[0].ID
			wished := func(in *profile.Inbox) {
				t.Helper()
				if got := thread(t, in, th.Ref); got.Status != inbox.Resolved || got.Pending != cache.PendingWaits || got.Conversation != th.Conversation {
					t.Errorf("the list shows %s, %d", got.Status, got.Pending)
				}
			}
			wished(in)
			shut(t, in)
			in = open(t, dir)
			wished(in)
			shut(t, in)
			for _, f := range []string{"cache.db", "cache.db-wal", "cache.db-shm"} {
				if err := os.Remove(filepath.Join(dir, f)); err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
			}
			in = open(t, dir)
			// The list is back, and changes are still refused.
			v.between(func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodPatch {
					w.WriteHeader(http.StatusTooManyRequests)
				}
				return r.Method == http.MethodPatch
			})
			if _, err := in.Sync(t.Context(), profile.SyncArgs{}, nil); err != nil {
				t.Fatal(err)
			}
			wished(in)
			if w := entry(t, in, id); w.State != cache.WishParked || w.Reason != cache.ReasonLimited {
				t.Errorf("%+v", w)
			}
			v.between(nil)
			syncAll(t, in)
			if w := entry(t, in, id); w.State != cache.WishDone {
				t.Errorf("%+v", w)
			}
			if got := thread(t, in, th.Ref); got.Status != inbox.Resolved || got.Pending != cache.NotPending {
				t.Errorf("the list shows %s, %d", got.Status, got.Pending)
			}
			provider := string(th.Provider)
			if n := v.Effects(provider, th.Conversation, inbox.FieldStatus); n != 1 {
				t.Errorf("%d effects", n)
			}
			shut(t, in)
		})
	}
}

// With a wait a change is sent now, and its entry says how that ended.
func TestChangeWait(t *testing.T) {
	v := openOffice(t, 122)
	in := open(t, t.TempDir())
	add(t, in, v.waspy())
	syncAll(t, in)
	ths := openThreads(t, in, "ventas")
	args := func(th cache.Thread) profile.ChangeArgs {
		return profile.ChangeArgs{Account: "ventas", Conversation: th.Conversation, Status: ptr("resolved"), Wait: 20 * time.Second}
	}
	if out := change(t, in, args(ths[0])); out.Entries[0].State != cache.WishDone || out.Kind != "" {
		t.Errorf("%+v", out)
	}
	if out := change(t, in, args(ths[0])); out.Entries[0].Outcome != cache.Same || out.Plan.Same != 1 || out.Entries[0].ID != "" {
		t.Errorf("again: %+v", out)
	}
	if err := v.SetStatus("waspy", ths[1].Conversation, "pending"); err != nil {
		t.Fatal(err)
	}
	out := change(t, in, args(ths[1]))
	if out.Entries[0].State != cache.WishConflict || out.Entries[0].Now != "pending" || thread(t, in, ths[1].Ref).Pending != cache.PendingAsks {
		t.Errorf("%+v", out)
	}
	if _, err := in.DropEntry(t.Context(), out.Entries[0].ID); err != nil {
		t.Fatal(err)
	}
	if got := thread(t, in, ths[1].Ref); got.Status != inbox.Pending || got.Pending != cache.NotPending {
		t.Errorf("theirs is kept, and the list shows %s, %d", got.Status, got.Pending)
	}
	v.between(func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusUnauthorized)
		return true
	})
	if out := change(t, in, args(ths[1])); out.Kind != "refused" || out.Entries[0].State != cache.WishParked || out.Entries[0].Reason != cache.ReasonKey {
		t.Errorf("%+v", out)
	}
	if _, err := in.Change(t.Context(), profile.ChangeArgs{Account: "ventas", Conversation: "no", Status: ptr("open")}); !errors.Is(err, cache.ErrNotFound) {
		t.Error(err)
	}
	if _, err := in.Change(t.Context(), profile.ChangeArgs{Account: "ventas", Conversation: ths[1].Conversation}); !errors.Is(err, profile.ErrUsage) {
		t.Error(err)
	}
	if _, err := in.Change(t.Context(), profile.ChangeArgs{Account: "ventas", Conversation: ths[1].Conversation, Status: ptr("spam")}); profile.KindOf(err) != "unsupported" {
		t.Error(err)
	}
}

// What a change of many would do is said before, and what a platform lacks is
// left out.
func TestChangePlan(t *testing.T) {
	v := openOffice(t, 123)
	in := open(t, t.TempDir())
	add(t, in, v.waspy(), v.platica())
	syncAll(t, in)
	w, p := openThreads(t, in, "ventas"), openThreads(t, in, "soporte")
	refs := []string{w[0].Ref, w[1].Ref, p[0].Ref}
	plan := func(a profile.ChangeArgs) profile.Plan {
		t.Helper()
		a.Threads, a.DryRun = refs, true
		return change(t, in, a).Plan
	}
	if n := plan(profile.ChangeArgs{Status: ptr("pending")}); n.Change != 2 || n.Same != 0 || len(n.Unsupported) != 1 || n.Unsupported[0].Thread != p[0].Ref {
		t.Errorf("pending: %+v", n)
	}
	if n := plan(profile.ChangeArgs{Status: ptr("open")}); n.Change != 0 || n.Same != 3 {
		t.Errorf("open: %+v", n)
	}
	if n := plan(profile.ChangeArgs{Status: ptr("expired")}); n.Irreversible != 1 || n.Change != 1 || len(n.Unsupported) != 2 {
		t.Errorf("expired: %+v", n)
	}
	if waiting, _, err := in.Outbox(t.Context(), 0); err != nil || len(waiting) != 0 {
		t.Errorf("a plan has queued %+v, %v", waiting, err)
	}
	if _, err := in.Change(t.Context(), profile.ChangeArgs{Threads: refs, Status: ptr("expired")}); !errors.Is(err, cache.ErrIrreversible) {
		t.Error(err)
	}
	me := &[]string{profile.Me}
	if _, err := in.Change(t.Context(), profile.ChangeArgs{Threads: refs, Assignees: me}); !errors.Is(err, profile.ErrWho) {
		t.Error(err)
	}
	ana := v.WaspyAgents()[0]
	if err := in.Local().NameAgent(t.Context(), "ventas", ana, ptr("Ana"), ptr(true)); err != nil {
		t.Fatal(err)
	}
	// Who one is at the other account is still to be said: nobody is left out.
	if _, err := in.Change(t.Context(), profile.ChangeArgs{Threads: refs, Assignees: me}); !errors.Is(err, profile.ErrWho) {
		t.Error(err)
	}
	// The same human under another account's ref.
	if n := plan(profile.ChangeArgs{Assignees: &[]string{ana}}); len(n.Unsupported) != 1 || n.Unsupported[0].Thread != p[0].Ref {
		t.Errorf("ana: %+v", n)
	}
	if err := in.Local().NameAgent(t.Context(), "soporte", "ana@example.com", ptr("Ana"), ptr(true)); err != nil {
		t.Fatal(err)
	}
	out := change(t, in, profile.ChangeArgs{Threads: refs, Assignees: &[]string{ana}})
	if len(out.Plan.Unsupported) != 0 || len(out.Entries) != 3 {
		t.Fatalf("%+v", out)
	}
	if i := slices.IndexFunc(out.Entries, func(e cache.Enqueued) bool { return e.Account == "soporte" }); out.Entries[i].Want != `["ana@example.com"]` {
		t.Errorf("%+v", out.Entries[i])
	}
	n, err := in.Cache().Counts(t.Context(), cache.ThreadFilter{Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, e := range out.Entries {
		if e.ID != "" {
			ids = append(ids, e.ID)
		}
	}
	undone, err := in.Undo(t.Context(), append(ids, "o_nothing"))
	if err != nil || len(undone) != len(ids)+1 || !errors.Is(undone[len(ids)].Err, cache.ErrNotFound) {
		t.Fatalf("%+v, %v", undone, err)
	}
	for i, u := range undone[:len(ids)] {
		if u.Err != nil || u.ID != ids[i] || u.Outcome != cache.Withdrawn {
			t.Errorf("%s: %+v", ids[i], u)
		}
	}
	if waiting, _, err := in.Outbox(t.Context(), 0); err != nil || len(waiting) != 0 {
		t.Errorf("undone before it was sent, and there waits %+v, %v", waiting, err)
	}
	after, err := in.Cache().Counts(t.Context(), cache.ThreadFilter{Now: time.Now()})
	if err != nil || after.Unassigned < n.Unassigned {
		t.Errorf("unassigned %d, then %d, %v", n.Unassigned, after.Unassigned, err)
	}
}

// Another process's change is the owner's to make; when the owner is killed
// right after its answer, the wish is there.
func TestChangeByOwner(t *testing.T) {
	dir, v := t.TempDir(), openOffice(t, 124)
	in := open(t, dir)
	add(t, in, v.waspy())
	syncAll(t, in)
	th := openThread(t, in, "ventas")
	shut(t, in)
	owner := spawn(t, child{Dir: dir, Serve: true})
	ctx := t.Context()
	ask := func(command string, args, result any) error {
		return profile.Command(ctx, options(dir), command, args, nil, result)
	}
	var out profile.Changed
	args := profile.ChangeArgs{Account: "ventas", Conversation: th.Conversation, Status: ptr("closed")}
	if err := ask(profile.DoChange, args, &out); err != nil || out.Entries[0].State != cache.WishQueued || out.Entries[0].Want != "closed" {
		t.Fatalf("%+v, %v", out, err)
	}
	args.Status = ptr("spam")
	if err := ask(profile.DoChange, args, nil); profile.KindOf(err) != "unsupported" {
		t.Errorf("%v", err)
	}
	if err := ask(profile.DoOutboxRetry, profile.EntryArgs{ID: "o_none"}, nil); profile.KindOf(err) != "not_found" {
		t.Errorf("%v", err)
	}
	args.Status = ptr("resolved")
	if err := ask(profile.DoChange, args, &out); err != nil {
		t.Fatal(err)
	}
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait()
	c, l, err := profile.View(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	if w, err := l.OutboxEntry(ctx, out.Entries[0].ID); err != nil || w.Want != "resolved" || w.Base != "open" {
		t.Errorf("after the kill: %+v, %v", w, err)
	}
	_, _ = c.Close(), l.Close()
	in = open(t, dir)
	if got := thread(t, in, th.Ref); got.Status != inbox.Resolved || got.Pending != cache.PendingWaits {
		t.Errorf("the list shows %s, %d", got.Status, got.Pending)
	}
	shut(t, in)
	var dropped cache.Wish // and here, where nobody owns it
	if err := ask(profile.DoOutboxDrop, profile.EntryArgs{ID: out.Entries[0].ID}, &dropped); err != nil || dropped.ID != out.Entries[0].ID {
		t.Errorf("%+v, %v", dropped, err)
	}
	in = open(t, dir)
	if got := thread(t, in, th.Ref); got.Status != inbox.Open || got.Pending != cache.NotPending {
		t.Errorf("dropped, and the list shows %s, %d", got.Status, got.Pending)
	}
}

// A key that may not write parks what is wished, reading goes on, and another
// key sends it.
func TestChangeReadOnlyKey(t *testing.T) {
	v := openOffice(t, 125)
	in := open(t, t.TempDir())
	if err := in.Start(true); err != nil {
		t.Fatal(err)
	}
	add(t, in, v.waspy())
	eventually(t, "a first copy", func() bool { return states(t, in)["ventas"].State == "up_to_date" })
	th := openThread(t, in, "ventas")
	v.between(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPatch {
			w.WriteHeader(http.StatusForbidden)
		}
		return r.Method == http.MethodPatch
	})
	id := change(t, in, profile.ChangeArgs{Threads: []string{th.Ref}, Status: ptr("resolved")}).Entries[0].ID
	eventually(t, "parked", func() bool { w := entry(t, in, id); return w.ByKey() && w.Reason == cache.ReasonForbidden })
	eventually(t, "read-only", func() bool {
		a, err := in.Local().Account(t.Context(), "ventas")
		return err == nil && a.CanWrite != nil && !*a.CanWrite
	})
	if out := syncAll(t, in); out[0].Kind != "" {
		t.Errorf("reading does not go on: %+v", out)
	}
	v.between(nil)
	if _, err := in.Rekey(t.Context(), "ventas", v.WaspyKey(), false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "sent with the new key", func() bool { return entry(t, in, id).State == cache.WishDone })
	a, err := in.Local().Account(t.Context(), "ventas")
	if err != nil || a.CanWrite == nil || !*a.CanWrite {
		t.Errorf("%+v, %v", a, err)
	}
}
