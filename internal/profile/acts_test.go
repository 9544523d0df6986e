package profile_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/profile"
	"bandeja/internal/providers/providertest"
	"bandeja/internal/providers/simulator"
)

const everybody = 1 << 20

// halfAct begins an act, or to take one back, and is killed once some of it,
// and not all, is on the disk.
func (c child) halfAct(ctx context.Context, in *profile.Inbox) error {
	go func() {
		if c.Undo != "" {
			_, _ = in.UndoAct(ctx, c.Undo)
			return
		}
		refs, _, _ := in.Cache().ThreadRefs(ctx, cache.ThreadFilter{View: cache.All}, everybody)
		resolved := string(inbox.Resolved)
		_, _ = in.Act(ctx, profile.ChangeArgs{Op: c.Act, Threads: refs, Status: &resolved})
	}()
	for {
		act, err := in.Local().Act(ctx, c.Act+c.Undo)
		if err == nil && (c.Act != "" && act.Left < act.Total || act.Undone > 0) {
			p, _ := os.FindProcess(os.Getpid())
			_ = p.Kill()
			select {}
		}
		if err != nil && !errors.Is(err, cache.ErrNotFound) {
			return err
		}
	}
}

// statuses are those of every thread, as they are shown.
func statuses(t testing.TB, in *profile.Inbox) map[string]inbox.Status {
	t.Helper()
	rows, _, err := in.Cache().Threads(t.Context(), cache.ThreadFilter{View: cache.All}, "", everybody)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]inbox.Status{}
	for _, r := range rows {
		out[r.Ref] = r.Status
	}
	return out
}

// TestActKilled: a process that is killed in the middle of an act, and then in
// the middle of its undoing, has done whole parts of it; the next start goes on
// to the end, each conversation once.
func TestActKilled(t *testing.T) {
	v := openOffice(t, 3)
	v.Office = simulator.New(simulator.Options{Seed: 3, Conversations: 3000, Messages: 3000, NoRateLimit: true, Now: providertest.Noon})
	dir := filepath.Join(t.TempDir(), "p")
	in := open(t, dir)
	add(t, in, v.waspy(), v.platica())
	syncAll(t, in)
	before := statuses(t, in)
	shut(t, in)

	killed := func(c child) (cache.Act, *profile.Inbox) {
		t.Helper()
		c.Dir, c.Serve = dir, true
		p := spawn(t, c)
		if err := p.Wait(); err == nil {
			t.Fatal("it was not killed")
		}
		in := open(t, dir)
		act, err := in.Local().Act(t.Context(), c.Act+c.Undo)
		if err != nil {
			t.Fatal(err)
		}
		return act, in
	}
	rest := func(in *profile.Inbox, want cache.ActState) cache.Act {
		t.Helper()
		if err := in.Start(false); err != nil {
			t.Fatal(err)
		}
		var act cache.Act
		eventually(t, "the act ends", func() bool { act, _ = in.Local().Act(t.Context(), "all"); return !act.State.AtWork() })
		if act.State != want {
			t.Fatalf("%+v, want %s", act, want)
		}
		return act
	}

	act, in := killed(child{Act: "all"})
	waiting := waits(t, in)
	if act.State != cache.ActDoing || act.Changed != waiting || act.Left == 0 {
		t.Errorf("killed: %+v, and %d wait", act, waiting)
	}
	act = rest(in, cache.ActDone)
	if act.Left != 0 || act.Changed != waits(t, in) || act.Changed+act.Same+act.Lacking+act.Asking != act.Total {
		t.Errorf("gone on: %+v, and %d wait", act, waits(t, in))
	}
	for ref, status := range statuses(t, in) {
		if status != inbox.Resolved {
			t.Errorf("%s is %s", ref, status)
		}
	}
	shut(t, in)

	act, in = killed(child{Undo: "all"})
	if act.State != cache.ActUndoing || act.Changed-act.Undone != waits(t, in) {
		t.Errorf("killed while undoing: %+v, and %d wait", act, waits(t, in))
	}
	act = rest(in, cache.ActUndone)
	if act.Undone != act.Changed || waits(t, in) != 0 {
		t.Errorf("undone: %+v, and %d wait", act, waits(t, in))
	}
	for ref, status := range statuses(t, in) {
		if status != before[ref] {
			t.Errorf("%s is %s, was %s", ref, status, before[ref])
		}
	}
	shut(t, in)
}

func waits(t testing.TB, in *profile.Inbox) int {
	t.Helper()
	n, _, err := in.Local().OutboxCounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestActUndoneWhileAtWork: what has not come yet does not come.
func TestActUndoneWhileAtWork(t *testing.T) {
	v := openOffice(t, 4)
	in := open(t, filepath.Join(t.TempDir(), "p"))
	add(t, in, v.waspy(), v.platica())
	syncAll(t, in)
	before := statuses(t, in)
	parts := []cache.ActPart{}
	for ref := range before {
		targets, err := in.Cache().LiveTargets(t.Context(), []string{ref})
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, cache.ActPart{Account: targets[0].Account, Conversation: targets[0].Conversation})
	}
	if _, fresh, err := in.Local().BeginAct(t.Context(), "all", []byte(`{"status":"resolved"}`), parts); err != nil || !fresh {
		t.Fatal(fresh, err)
	}
	if err := in.Start(false); err != nil {
		t.Fatal(err)
	}
	if _, err := in.UndoAct(t.Context(), "all"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is undone", func() bool {
		act, err := in.Local().Act(t.Context(), "all")
		return err == nil && act.State == cache.ActUndone && act.Left == 0 && act.Undone == act.Changed
	})
	if got := statuses(t, in); !slices.Equal(sorted(got), sorted(before)) || waits(t, in) != 0 {
		t.Errorf("not as before: %d wait", waits(t, in))
	}
}

func sorted(of map[string]inbox.Status) (out []string) {
	for ref, status := range of {
		out = append(out, ref+" "+string(status))
	}
	slices.Sort(out)
	return out
}

// BenchmarkAct changes every thread of an office of 100 000, and takes it back.
// part-ms is how long the longest part of it kept another writer of either file
// waiting.
func BenchmarkAct(b *testing.B) {
	const threads = 100_000
	in := open(b, filepath.Join(b.TempDir(), "p"))
	fill(b, in, threads)
	if err := in.Start(false); err != nil {
		b.Fatal(err)
	}
	refs, _, err := in.Cache().ThreadRefs(b.Context(), cache.ThreadFilter{View: cache.All}, everybody)
	if err != nil || len(refs) != threads {
		b.Fatal(len(refs), err)
	}
	resolved := string(inbox.Resolved)
	for n := 0; b.Loop(); n++ {
		op := string(rune('a' + n))
		longest := make(chan time.Duration, 1)
		ctx, stop := context.WithCancel(b.Context())
		go func() { longest <- longestWrite(ctx, in) }()
		begun := time.Now()
		if _, err := in.PlanAct(b.Context(), profile.ChangeArgs{Threads: refs, Status: &resolved}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(begun).Milliseconds()), "plan-ms")
		begun = time.Now()
		if _, err := in.Act(b.Context(), profile.ChangeArgs{Op: op, Threads: refs, Status: &resolved}); err != nil {
			b.Fatal(err)
		}
		acted(b, in, op, cache.ActDone)
		b.ReportMetric(float64(time.Since(begun).Milliseconds()), "do-ms")
		begun = time.Now()
		if _, err := in.UndoAct(b.Context(), op); err != nil {
			b.Fatal(err)
		}
		acted(b, in, op, cache.ActUndone)
		b.ReportMetric(float64(time.Since(begun).Milliseconds()), "undo-ms")
		stop()
		b.ReportMetric(float64((<-longest).Milliseconds()), "part-ms")
	}
}

func acted(b *testing.B, in *profile.Inbox, op string, want cache.ActState) {
	b.Helper()
	for {
		act, err := in.Local().Act(b.Context(), op)
		if err != nil {
			b.Fatal(err)
		}
		if act.State == want {
			if want == cache.ActUndone && act.Undone != act.Changed || act.Changed == 0 {
				b.Fatalf("%+v", act)
			}
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// longestWrite is how long the slowest of many small writes took.
func longestWrite(ctx context.Context, in *profile.Inbox) (longest time.Duration) {
	for n := 0; ctx.Err() == nil; n++ {
		begun := time.Now()
		if err := in.Local().SaveSetting(ctx, "bench", string(rune('a'+n%26))); err == nil {
			longest = max(longest, time.Since(begun))
		}
		time.Sleep(time.Millisecond)
	}
	return longest
}

// fill makes a copy of so many open chats, without any platform.
func fill(b *testing.B, in *profile.Inbox, threads int) {
	b.Helper()
	ctx := b.Context()
	account := inbox.Account{Name: "ventas", Provider: inbox.Waspy, BaseURL: "http://127.0.0.1:1", Region: "AR", Area: "11", Zone: "UTC", Rate: 4, KeyStore: profile.File}
	if err := errors.Join(in.Local().SaveAccount(ctx, account), in.Cache().EnsureAccount(ctx, account)); err != nil {
		b.Fatal(err)
	}
	for from := 0; from < threads; from += 500 {
		page := inbox.Page[inbox.Conversation]{}
		for n := from; n < from+500; n++ {
			at := time.UnixMilli(1_760_000_000_000 - int64(n)*1000)
			id := "c" + strconv.Itoa(n)
			page.Items = append(page.Items, inbox.Conversation{ID: id, Contact: id, Name: "Cliente " + id, Channel: "1", Status: inbox.Open, StatusWord: "open",
				CreatedAt: at, ActiveAt: at, LastMessageAt: at, HasLast: true, LastDirection: inbox.In, LastText: "hola", Raw: []byte(`{"id":"` + id + `"}`), Form: inbox.Listed})
		}
		begun, err := in.Cache().NextFetch(ctx, account.Name)
		if err == nil {
			_, err = in.Cache().SaveConversations(ctx, account.Name, page, nil, begun)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
