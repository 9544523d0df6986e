package cache

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bandeja/internal/inbox"
)

// TestWaitingSince: who waits, and since when, with the facts and without.
func TestWaitingSince(t *testing.T) {
	said := func(by inbox.Direction, at int) inbox.Message {
		m := msg(fmt.Sprint("m", at), "hola", minutes(at))
		m.Direction = by
		return m
	}
	type waiting struct {
		name   string
		said   []inbox.Message
		listed int // when the last message was, by the list; the customer's
		status string
		since  int // in minutes; -1: waits, and it is not known since when; 0: does not wait
	}
	cases := []waiting{
		{name: "asked once", said: []inbox.Message{said(inbox.In, 5)}, listed: 5, since: 5},
		{name: "asked again", said: []inbox.Message{said(inbox.In, 4), said(inbox.In, 6)}, listed: 6, since: 4},
		{name: "asked after an answer", said: []inbox.Message{said(inbox.In, 1), said(inbox.Out, 2), said(inbox.In, 3), said(inbox.In, 9)}, listed: 9, since: 3},
		{name: "an unknown hand answers nobody", said: []inbox.Message{said(inbox.In, 7), said(inbox.DirectionUnknown, 8), said(inbox.In, 10)}, listed: 10, since: 7},
		{name: "answered", said: []inbox.Message{said(inbox.In, 1), said(inbox.Out, 11)}, listed: 11},
		{name: "resolved", said: []inbox.Message{said(inbox.In, 2)}, listed: 2, status: "resolved"},
		{name: "not read", listed: 12, since: -1},
		{name: "the last not read", said: []inbox.Message{said(inbox.Out, 1)}, listed: 13, since: -1},
	}
	c := newCache(t)
	for i, of := range cases {
		row := chat(fmt.Sprint(i), of.name, "", minutes(of.listed))
		row.Status = inbox.Status(cmp.Or(of.status, "open"))
		list(t, c, waspyAccount, row)
		if of.said != nil {
			read(t, c, waspyAccount, fmt.Sprint(i), of.said...)
		}
	}
	for _, where := range []string{"in the file", "in memory"} {
		if where == "in memory" {
			if err := c.LoadFacts(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		page, places, _, err := c.PlacedThreads(t.Context(), ThreadFilter{View: All, Sort: LongestWaiting}, "", 50)
		if err != nil || len(page) != len(cases) {
			t.Fatalf("%s: %d rows, %v", where, len(page), err)
		}
		var order []string
		for i, th := range page {
			order = append(order, th.Name)
			of := cases[slices.IndexFunc(cases, func(w waiting) bool { return w.name == th.Name })]
			want := int64(0)
			if of.since > 0 {
				want = minutes(of.since).UnixMilli()
			}
			if places[i].WaitingSince != want {
				t.Errorf("%s, %s: since %d, want %d", where, th.Name, places[i].WaitingSince, want)
			}
		}
		want := []string{"asked after an answer", "asked again", "asked once", "an unknown hand answers nobody", "not read", "the last not read", "answered", "resolved"}
		if !slices.Equal(order, want) {
			t.Errorf("%s:\n%q, want\n%q", where, order, want)
		}
	}
}

// What ends soonest comes first, what has ended and what has no end after it,
// the newest first.
func TestEndingSoonest(t *testing.T) {
	c := newCache(t)
	until := map[string]int{"later": 90, "soon": 30, "ended": -5, "never": 0}
	for i, name := range []string{"ended", "later", "never", "soon"} {
		row := chat(fmt.Sprint(i), name, "", minutes(i))
		if until[name] != 0 {
			row.Window = inbox.Window{Known: true, Until: noon.Add(time.Duration(until[name]) * time.Minute)}
		} else {
			row.Window = inbox.Window{}
		}
		list(t, c, waspyAccount, row)
	}
	f := ThreadFilter{View: All, Sort: EndingSoonest, Now: noon}
	var got []string
	for cursor := ""; ; {
		page, next, err := c.Threads(t.Context(), f, cursor, 1)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page[0].Name)
		// Time goes on: what ends meanwhile keeps its place until the walk is done.
		f.Now = f.Now.Add(40 * time.Minute)
		if cursor = next; cursor == "" {
			break
		}
	}
	if want := []string{"soon", "later", "never", "ended"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A cursor is of its own list.
func TestSortedCursors(t *testing.T) {
	c := newCache(t)
	office(t, c)
	cursorOf := func(s Sort) string {
		_, next, err := c.Threads(t.Context(), ThreadFilter{View: All, Sort: s, Now: noon}, "", 5)
		if err != nil || next == "" {
			t.Fatalf("%q: %q, %v", s, next, err)
		}
		return next
	}
	sorts := []Sort{Newest, LongestWaiting, EndingSoonest}
	for _, made := range sorts {
		for _, asked := range sorts {
			_, _, err := c.Threads(t.Context(), ThreadFilter{View: All, Sort: asked, Now: noon}, cursorOf(made), 5)
			if errors.Is(err, ErrCursor) != (made != asked) {
				t.Errorf("a cursor of %s for %s: %v", made, asked, err)
			}
		}
	}
	if _, _, err := c.Threads(t.Context(), ThreadFilter{View: All}, cursorOf(Newest), 5); err != nil {
		t.Errorf("newest first is the view's own: %v", err)
	}
}

// TestPagesWhileRowsMove: whatever moves between two pages, what stays where it
// is comes exactly once, in order.
func TestPagesWhileRowsMove(t *testing.T) {
	for _, memory := range []bool{false, true} {
		c := newCache(t)
		office(t, c)
		if memory {
			if err := c.LoadFacts(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		version := 0
		rapid.Check(t, func(r *rapid.T) {
			f := ThreadFilter{View: All, Account: rapid.SampledFrom([]string{"", "ventas"}).Draw(r, "account"), Now: noon,
				Sort: rapid.SampledFrom([]Sort{"", LongestWaiting, EndingSoonest}).Draw(r, "sort")}
			limit, seen, moved, cursor := rapid.IntRange(8, 40).Draw(r, "limit"), map[string]int{}, map[string]bool{}, ""
			for {
				page, _, next, err := c.PlacedThreads(t.Context(), f, cursor, limit)
				if err != nil {
					r.Fatal(err)
				}
				for _, th := range page {
					seen[th.Ref]++
				}
				if cursor = next; cursor == "" {
					break
				}
				for range rapid.IntRange(0, 2).Draw(r, "moves") {
					version++
					who := rapid.IntRange(0, 59).Draw(r, "who")
					moved[fmt.Sprint("Ana ", who)] = true
					moveElsewhere(t, c, who, rapid.IntRange(0, 300).Draw(r, "to"), rapid.Bool().Draw(r, "answered"), version)
				}
			}
			all, _, err := c.Threads(t.Context(), f, "", 1000)
			if err != nil {
				r.Fatal(err)
			}
			for _, th := range all {
				if !moved[th.Name] && seen[th.Ref] != 1 {
					r.Fatalf("%s stayed where it was and came %d times", th.Name, seen[th.Ref])
				}
			}
		})
	}
}

// moveElsewhere has a conversation of office go elsewhere in every sort.
func moveElsewhere(t testing.TB, c *Cache, who, to int, answered bool, version int) {
	row := chat(fmt.Sprint(who), fmt.Sprint("Ana ", who), "", minutes(to))
	row.Status = inbox.Open
	if answered {
		row.LastDirection = inbox.Out
	}
	row.Window = inbox.Window{Known: true, Until: noon.Add(time.Duration(to-100) * time.Minute)}
	row.Raw = fmt.Appendf(nil, `{"v":%d}`, version)
	list(t, c, waspyAccount, row)
}
