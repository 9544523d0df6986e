package cache

import (
	"slices"
	"strings"
	"testing"

	"bandeja/internal/inbox"
)

// snoozed is an office where Ana is snoozed until 12:30 and Beto until 13:00;
// Caro is at work, and so is Dani, whose messages were never read.
func snoozed(t *testing.T) *Cache {
	c := newCache(t)
	list(t, c, waspyAccount, mineAt("ana", "Ana", 10, inbox.In), mineAt("beto", "Beto", 9, inbox.In), mineAt("caro", "Caro", 8, inbox.In))
	list(t, c, platicaAccount, with(session("dani", "Dani", "5215512345678", minutes(5)), func(c *inbox.Conversation) { c.Assignees = []string{"ag-1"} }))
	snooze(t, c, "ana", 30)
	snooze(t, c, "beto", 60)
	return c
}

// mineAt is a chat of ag-1's in which somebody spoke last, so many minutes past
// noon.
func mineAt(id, name string, at int, who inbox.Direction) inbox.Conversation {
	return with(chat(id, name, "", minutes(at)), func(c *inbox.Conversation) {
		c.Assignees, c.Window, c.LastDirection = []string{"ag-1"}, inbox.Window{Known: true, Open: true, Until: minutes(300)}, who
	})
}

// snooze shows a thread of Waspy's as snoozed until so many minutes past noon;
// 0 for no longer.
func snooze(t *testing.T, c *Cache, id string, until int) {
	t.Helper()
	th := threadOf(t, c, waspyAccount, id)
	s := Snooze{}
	if until > 0 {
		s = Snooze{minutes(until), th.At}
	}
	if err := c.Mirror(t.Context(), []Mark{{Account: waspyAccount.Name, Thread: th.Ref, Snooze: &s, Seq: 1}}); err != nil {
		t.Fatal(err)
	}
}

// TestSnoozed: who is where while the time passes and customers write, in the
// file and in memory, and the counts agree.
func TestSnoozed(t *testing.T) {
	for _, tt := range []struct {
		name    string
		do      func(*testing.T, *Cache)
		here    int // minutes past noon
		snoozed string
		inbox   string
	}{
		{"both away", nil, 20, "Ana Beto", "Caro Dani"},
		{"the first is back", nil, 30, "Beto", "Ana Caro Dani"},
		{"both are back", nil, 60, "", "Ana Beto Caro Dani"},
		{"snoozed anew", func(t *testing.T, c *Cache) { snooze(t, c, "ana", 90) }, 20, "Beto Ana", "Caro Dani"},
		{"no longer snoozed", func(t *testing.T, c *Cache) { snooze(t, c, "ana", 0) }, 20, "Beto", "Ana Caro Dani"},
		{"the customer writes", func(t *testing.T, c *Cache) {
			list(t, c, waspyAccount, mineAt("beto", "Beto", 15, inbox.In))
		}, 20, "Ana", "Beto Caro Dani"},
		{"the customer writes, and is answered", func(t *testing.T, c *Cache) {
			list(t, c, waspyAccount, mineAt("beto", "Beto", 15, inbox.In))
			list(t, c, waspyAccount, mineAt("beto", "Beto", 16, inbox.Out))
		}, 20, "Ana", "Beto Caro Dani"},
		{"the team writes", func(t *testing.T, c *Cache) {
			list(t, c, waspyAccount, mineAt("beto", "Beto", 15, inbox.Out))
		}, 20, "Ana Beto", "Caro Dani"},
		{"the customer wrote, and it is snoozed again", func(t *testing.T, c *Cache) {
			list(t, c, waspyAccount, mineAt("beto", "Beto", 15, inbox.In))
			snooze(t, c, "beto", 60)
		}, 20, "Ana Beto", "Caro Dani"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := snoozed(t)
			if tt.do != nil {
				tt.do(t, c)
			}
			for _, where := range []string{"file", "memory"} {
				f := ThreadFilter{View: Snoozed, Now: noon, Here: minutes(tt.here)}
				if got := namesOf(t, c, f); got != tt.snoozed {
					t.Errorf("%s: snoozed are %q, want %q", where, got, tt.snoozed)
				}
				away, here := len(strings.Fields(tt.snoozed)), len(strings.Fields(tt.inbox))
				counts, err := c.Counts(t.Context(), f)
				if want := (Counts{Inbox: int64(here), NeedsReply: counts.NeedsReply, Expiring: int64(here - 1), Snoozed: int64(away), All: 4, Unread: counts.Unread}); err != nil || counts != want {
					t.Errorf("%s: %+v, %v, want %+v", where, counts, err, want)
				}
				for _, narrow := range []Narrow{{}, {Facets: Facets{Providers: inbox.Providers}}} {
					f := ThreadFilter{View: Inbox, Here: f.Here, Narrow: narrow}
					got := strings.Fields(namesOf(t, c, f))
					slices.Sort(got)
					if strings.Join(got, " ") != tt.inbox {
						t.Errorf("%s: in the inbox are %q, want %q", where, got, tt.inbox)
					}
					if n, err := c.CountThreads(t.Context(), f, 99); n != here || err != nil {
						t.Errorf("%s: %d counted of %d, %v", where, n, here, err)
					}
				}
				if err := c.LoadFacts(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestMine: a ref is one's own in its account alone, and what is snoozed waits.
func TestMine(t *testing.T) {
	c := snoozed(t)
	for _, where := range []string{"file", "memory"} {
		for _, tt := range []struct {
			me   []AgentRef
			here int
			want string
		}{
			{nil, 0, ""},
			{[]AgentRef{{Account: "ventas", Ref: "ag-1"}}, 0, "Caro"},
			{[]AgentRef{{Account: "ventas", Ref: "ag-1"}}, 60, "Ana Beto Caro"},
			{[]AgentRef{{Account: "soporte", Ref: "ag-1"}}, 60, "Dani"},
			{[]AgentRef{{Account: "soporte", Ref: "ag-1"}, {Account: "ventas", Ref: "ag-1"}}, 60, "Ana Beto Caro Dani"},
			{[]AgentRef{{Account: "ventas", Ref: "ag-2"}}, 60, ""},
		} {
			f := ThreadFilter{View: Mine, Here: minutes(tt.here), Me: tt.me}
			if got := namesOf(t, c, f); got != tt.want {
				t.Errorf("%s: %+v has %q, want %q", where, tt.me, got, tt.want)
			}
			counts, err := c.Counts(t.Context(), f)
			if want := int64(len(strings.Fields(tt.want))); err != nil || counts.Mine != want {
				t.Errorf("%s: %+v: %d counted, want %d, %v", where, tt.me, counts.Mine, want, err)
			}
		}
		nobody := "[]"
		if where == "memory" { // a wish is laid over it
			if _, err := c.mirrorWishes(t.Context(), waspyAccount.Name, map[string][]Overlay{"caro": {{Field: "assignees", Want: &nobody}}}); err != nil {
				t.Fatal(err)
			}
			if got := namesOf(t, c, ThreadFilter{View: Mine, Here: minutes(60), Me: []AgentRef{{Account: "ventas", Ref: "ag-1"}}}); got != "Ana Beto" {
				t.Errorf("with nobody wished for Caro: %q", got)
			}
		}
		if err := c.LoadFacts(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSleepers: those whose time is still to come, the soonest first.
func TestSleepers(t *testing.T) {
	c := snoozed(t)
	for after, want := range map[int]int{0: 2, 30: 1, 60: 0} {
		got, err := c.Sleepers(t.Context(), minutes(after))
		if err != nil || len(got) != want || !slices.IsSortedFunc(got, func(a, b Sleeper) int { return a.Until.Compare(b.Until) }) {
			t.Errorf("after %d: %+v, %v", after, got, err)
		}
	}
}

// namesOf are the names of a list, page by page, in its order.
func namesOf(t *testing.T, c *Cache, f ThreadFilter) string {
	t.Helper()
	var names []string
	for cursor := ""; ; {
		rows, next, err := c.Threads(t.Context(), f, cursor, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			names = append(names, r.Name)
		}
		if cursor = next; cursor == "" {
			return strings.Join(names, " ")
		}
	}
}

// TestNarrowSnoozed: who is snoozed is found in every list that is asked for
// them, those of work too, and may be left out of the others.
func TestNarrowSnoozed(t *testing.T) {
	c := snoozed(t)
	for _, facts := range []bool{false, true} {
		if facts {
			if err := c.LoadFacts(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for _, tt := range []struct {
			view View
			n    Narrow
			here int // minutes past noon
			want string
		}{
			{All, Narrow{Facets: Facets{Snoozed: true}}, 20, "Ana Beto"},
			{Inbox, Narrow{Facets: Facets{Snoozed: true}}, 20, "Ana Beto"},
			{Inbox, Narrow{Facets: Facets{Snoozed: true}}, 40, "Beto"},
			{Inbox, Narrow{Facets: Facets{Snoozed: true}}, 60, ""},
			{All, Narrow{Not: Facets{Snoozed: true}}, 40, "Ana Caro Dani"},
			{Snoozed, Narrow{Not: Facets{Snoozed: true}}, 20, ""},
			{All, Narrow{Facets: Facets{Snoozed: true}, Not: Facets{Snoozed: true}}, 20, ""},
		} {
			here := minutes(tt.here)
			tt.n.Here = here
			rows, _, err := c.Threads(t.Context(), ThreadFilter{View: tt.view, Now: here, Here: here, Narrow: tt.n}, "", 10)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, r := range rows {
				names = append(names, r.Name)
			}
			slices.Sort(names)
			if got := strings.Join(names, " "); got != tt.want {
				t.Errorf("%s at %d with %+v: %q, want %q (facts %v)", tt.view, tt.here, tt.n, got, tt.want, facts)
			}
		}
	}
}
