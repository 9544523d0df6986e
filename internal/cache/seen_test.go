package cache

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bandeja/internal/inbox"
)

// fetch numbers a request.
func fetch(t testing.TB, c *Cache, a inbox.Account) int64 {
	t.Helper()
	n, err := c.NextFetch(t.Context(), a.Name)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func lookups(t testing.TB, c *Cache, a inbox.Account, now time.Time) []string {
	t.Helper()
	ids, err := c.Lookups(t.Context(), a.Name, now, 1000)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(ids)
	return ids
}

// TestSweepQueuesWhatItDidNotSee: of any rows, over many chunks, exactly those
// of no page of the sweep or of a head pass beside it are queued.
func TestSweepQueuesWhatItDidNotSee(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := newCache(t)
		a := waspyAccount
		var all []inbox.Conversation
		for n := range rapid.IntRange(1, 40).Draw(r, "rows") {
			all = append(all, chat(strconv.Itoa(n), "Ana", "", minutes(n)))
		}
		list(t, c, a, all...)
		// Row ids far apart, as after years.
		if err := c.s.write(t.Context(), func(x *tx) error {
			_, err := x.exec(`UPDATE conversations SET id = id * ?`, rapid.SampledFrom([]int{1, 1000, 4095, 4096}).Draw(r, "apart"))
			return err
		}); err != nil {
			r.Fatal(err)
		}
		// A sweep before it, whose marks must not count.
		for range rapid.IntRange(0, 1).Draw(r, "sweeps before") {
			old := Feed{Kind: Sweep, Gen: 1, Running: true}
			if _, err := c.BeginSweep(t.Context(), a.Name, page(all...), &old, fetch(t, c, a), false); err != nil {
				r.Fatal(err)
			}
		}
		some := rapid.SliceOfN(rapid.IntRange(0, len(all)-1), 0, len(all))
		seen := map[string]bool{}
		pick := func(what string) (out []inbox.Conversation) {
			for _, n := range some.Draw(r, what) {
				out = append(out, all[n])
				seen[all[n].ID] = true
			}
			return out
		}
		feed := Feed{Kind: Sweep, Gen: 2, Running: true}
		if _, err := c.BeginSweep(t.Context(), a.Name, page(pick("first")...), &feed, fetch(t, c, a), false); err != nil {
			r.Fatal(err)
		}
		for range rapid.IntRange(0, 3).Draw(r, "pages") {
			with := &feed
			if rapid.Bool().Draw(r, "head") {
				with = nil
			}
			if _, err := c.SaveConversations(t.Context(), a.Name, page(pick("page")...), with, fetch(t, c, a)); err != nil {
				r.Fatal(err)
			}
		}
		feed.FinishedAt = noon
		swept, err := c.EndSweep(t.Context(), a.Name, &feed, time.Time{})
		if err != nil {
			r.Fatal(err)
		}
		var want []string
		for _, conv := range all {
			if !seen[conv.ID] {
				want = append(want, conv.ID)
			}
		}
		slices.Sort(want)
		if got := lookups(t, c, a, noon); !slices.Equal(got, want) || swept.Unseen != int64(len(want)) {
			r.Errorf("queued %v, said %d, want %v", got, swept.Unseen, want)
		}
		var listed, here Digest
		for _, conv := range all {
			here.add([]byte(conv.ID))
			if seen[conv.ID] {
				listed.add([]byte(conv.ID))
			}
		}
		if swept != (Swept{Unseen: int64(len(want)), Listed: listed, Here: here}) || swept.Differs() != (len(want) > 0) {
			r.Errorf("%+v, and %v of %v were listed", swept, listed, here)
		}
		feed.Running = true // and once more, with nothing on the list
		if _, err := c.BeginSweep(t.Context(), a.Name, page(), &feed, fetch(t, c, a), false); err != nil {
			r.Fatal(err)
		}
		if swept, err := c.EndSweep(t.Context(), a.Name, &feed, time.Time{}); err != nil || swept.Before != listed || swept.Listed != (Digest{}) {
			r.Errorf("after it %+v, %v", swept, err)
		}
		if number(t, c.s, `SELECT count(*) FROM sweep_seen`) != 0 {
			r.Error("the bits outlive the sweep")
		}
		if f, err := c.Feed(t.Context(), a.Name, Sweep); err != nil || f.Running || f.Walked || !f.FinishedAt.Equal(noon) {
			r.Errorf("ended as %+v, %v", f, err)
		}
	})
}

// TestEndOfSweepRechecks: the messages of what was active lately are read
// again, and of nothing else.
func TestEndOfSweepRechecks(t *testing.T) {
	c := newCache(t)
	a := waspyAccount
	list(t, c, a, chat("old", "Ana", "", noon), chat("new", "Beto", "", minutes(10)), chat("unread", "Caro", "", minutes(20)))
	read(t, c, a, "old", msg("m", "hola", noon))
	read(t, c, a, "new", msg("m", "hola", noon))
	feed := Feed{Kind: Sweep, Gen: 1, Running: true}
	if _, err := c.EndSweep(t.Context(), a.Name, &feed, minutes(5)); err != nil {
		t.Fatal(err)
	}
	q := unread(t, c, a)
	if len(q) != 2 || q[0].ID != "unread" || q[0].Recheck || q[1].ID != "new" || !q[1].Recheck {
		t.Errorf("to read: %+v", q)
	}
}

// TestMissing: one answer that it is not there queues another an hour later,
// and the second one hides the conversation; any answer that it is there ends
// that, and a later listing brings it back.
func TestMissing(t *testing.T) {
	c := newCache(t)
	a := waspyAccount
	row := chat("1", "Ana", "+54 9 11 5983-4410", noon)
	list(t, c, a, row, chat("2", "Ana", "+54 9 11 5983-4410", minutes(1)))
	missing := func(at time.Time, wantGone int64) Delta {
		t.Helper()
		gone, delta, err := c.Missing(t.Context(), a.Name, []Missed{{"1", fetch(t, c, a)}, {"never heard of", fetch(t, c, a)}}, at)
		if err != nil || gone != wantGone {
			t.Fatalf("%d gone, %v; want %d", gone, err, wantGone)
		}
		return delta
	}
	state := func() State {
		t.Helper()
		s, err := c.State(t.Context(), a.Name)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	missing(noon, 0)
	if got := lookups(t, c, a, noon.Add(time.Hour-time.Millisecond)); len(got) != 0 {
		t.Errorf("due too early: %v", got)
	}
	if got := lookups(t, c, a, noon.Add(time.Hour)); !slices.Equal(got, []string{"1"}) {
		t.Errorf("due after an hour: %v", got)
	}
	for _, r := range unread(t, c, a) {
		if r.ID == "1" {
			t.Error("what is looked for is to be read meanwhile")
		}
	}
	missing(noon.Add(59*time.Minute), 0)
	// Listed as it was: no row of it is written anew, and the count begins again.
	list(t, c, a, row)
	if got := lookups(t, c, a, noon.Add(9*time.Hour)); len(got) != 0 || state().Lookups != 0 {
		t.Errorf("listed, and still looked for: %v", got)
	}
	missing(noon.Add(time.Hour), 0)
	missing(noon.Add(-400*24*time.Hour), 0) // a clock set back counts anew
	stale := fetch(t, c, a)
	if d := missing(noon.Add(-400*24*time.Hour+time.Hour), 1); len(d.Threads) != 1 {
		t.Errorf("%+v", d)
	}
	if s := state(); s.Gone != 1 || s.Lookups != 0 || s.Conversations != 2 {
		t.Errorf("%+v", s)
	}
	if s := stored1(t, c, a, "1"); !s.Gone || s.Name != "Ana" {
		t.Errorf("a tombstone keeps what there was: %+v", s)
	}
	// An answer asked for before the tombstone, and late, does not undo it.
	if _, err := c.SaveConversations(t.Context(), a.Name, page(row), nil, stale); err != nil {
		t.Fatal(err)
	}
	if !stored1(t, c, a, "1").Gone {
		t.Error("a stale answer brought it back")
	}
	if d := list(t, c, a, row); d.Conversations != 1 || stored1(t, c, a, "1").Gone {
		t.Errorf("listed again: %+v", d)
	}
	if n := number(t, c.s, `SELECT count(*) FROM conversations WHERE missing_since <> 0`); n != 0 {
		t.Errorf("%d rows count as missing", n)
	}
	// An answer from a later request counts for more than an older absence.
	early := fetch(t, c, a)
	list(t, c, a, with(row, func(c *inbox.Conversation) { c.StatusWord, c.Status = "closed", inbox.Closed }))
	if gone, _, err := c.Missing(t.Context(), a.Name, []Missed{{"1", early}}, noon); err != nil || gone != 0 || state().Lookups != 0 {
		t.Errorf("%d, %v, %+v", gone, err, state())
	}
}

// TestRequestNumbersAfterATombstone: what is listed after a restart is newer
// than the tombstone's own request.
func TestRequestNumbersAfterATombstone(t *testing.T) {
	path := t.TempDir() + "/cache.db"
	c := openCache(t, path)
	a := waspyAccount
	list(t, c, a, chat("1", "Ana", "", noon))
	for range 50 {
		fetch(t, c, a)
	}
	for _, at := range []time.Time{noon, noon.Add(2 * time.Hour)} {
		if _, _, err := c.Missing(t.Context(), a.Name, []Missed{{"1", fetch(t, c, a)}}, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c, err := OpenCache(t.Context(), path, ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.SaveConversations(t.Context(), a.Name, page(chat("1", "Ana", "", noon)), nil, fetch(t, c, a)); err != nil {
		t.Fatal(err)
	}
	if stored1(t, c, a, "1").Gone {
		t.Error("it was listed after the restart and stays gone")
	}
}
