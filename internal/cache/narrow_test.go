package cache

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bandeja/internal/inbox"

	"pgregory.net/rapid"
)

// inNarrow is an office with one of each thing that a list is narrowed by.
func inNarrow(t *testing.T) *Cache {
	c := newCache(t)
	list(t, c, waspyAccount,
		with(chat("ana", "Ana", "", minutes(50)), func(c *inbox.Conversation) {
			c.Tags, c.Assignees, c.Channel = []string{"vip", "Ñandú"}, []string{"ag-1", "ag-2"}, "sur"
			c.Window = inbox.Window{Known: true, Until: minutes(120)}
		}),
		with(chat("beto", "Beto", "", minutes(40)), func(c *inbox.Conversation) {
			c.StatusWord, c.Status, c.LastDirection, c.Assignees = "resolved", inbox.Resolved, inbox.Out, []string{"ag-2"}
		}),
		with(chat("caro", "Caro", "", minutes(30)), func(c *inbox.Conversation) {
			c.StatusWord, c.Status, c.Tags = "pending", inbox.Pending, []string{"vip"}
		}))
	list(t, c, platicaAccount, with(session("dani", "Dani", "5215512345678", minutes(20)), func(c *inbox.Conversation) { c.Channel = "sur" }))
	photo := msg("p", "mirá", minutes(10))
	photo.Kind = inbox.Image
	read(t, c, platicaAccount, "dani", msg("a", "hola", minutes(5)), photo)
	read(t, c, waspyAccount, "caro", msg("b", "hola", minutes(30)))
	nobody := "[]"
	if _, err := c.mirrorWishes(t.Context(), waspyAccount.Name, map[string][]Overlay{"caro": {{Field: "assignees", Want: &nobody}}}); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestNarrow: what each facet leaves, in the file and in memory.
func TestNarrow(t *testing.T) {
	c := inNarrow(t)
	person := func(name string) string {
		all, _, err := c.Threads(t.Context(), ThreadFilter{View: All}, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		return all[slices.IndexFunc(all, func(th Thread) bool { return th.Name == name })].Person
	}
	for round := range 2 {
		for _, tt := range []struct {
			facets Facets
			want   string
		}{
			{Facets{Accounts: []string{"ventas"}}, "Ana Beto Caro"},
			{Facets{Accounts: []string{"nobody"}}, ""},
			{Facets{Providers: []inbox.ProviderName{inbox.Platica}}, "Dani"},
			{Facets{Channels: []ChannelRef{{"ventas", "sur"}}}, "Ana"},
			{Facets{Statuses: []inbox.Status{inbox.Resolved, inbox.Pending}}, "Beto Caro"},
			{Facets{Assignees: []string{"ag-2"}}, "Ana Beto"},
			{Facets{Tags: []string{"vip", "other"}}, "Ana Caro"},
			{Facets{Tags: []string{"VIP"}}, ""},
			{Facets{Tags: []string{"Ñandú"}}, "Ana"},
			{Facets{Kinds: []inbox.Kind{inbox.Image}}, "Dani"},
			{Facets{Kinds: []inbox.Kind{inbox.Text}}, "Caro Dani"},
			{Facets{Directions: []inbox.Direction{inbox.Out}}, "Beto"},
			{Facets{People: []string{person("Caro"), "p_nobody"}}, "Caro"},
			{Facets{People: []string{}}, ""},
			{Facets{Threads: []string{"t_nothing"}}, ""},
			{Facets{Nothing: true}, ""},
			{Facets{Unassigned: true}, "Caro Dani"},
			{Facets{Unread: true}, "Ana Caro Dani"},
			{Facets{NeedsReply: true}, "Ana Caro Dani"},
			{Facets{Waiting: true}, "Caro"},
			{Facets{Partial: true}, "Ana Beto"},
			{Facets{Within: 2 * time.Hour}, "Ana"},
			{Facets{Within: time.Hour}, ""},
		} {
			n := Narrow{Facets: tt.facets, Now: noon}
			if got := namesLeft(t, c, n); got != tt.want {
				t.Errorf("round %d: %+v leaves %q, want %q", round, tt.facets, got, tt.want)
			}
			everybody := strings.Fields("Ana Beto Caro Dani")
			rest := slices.DeleteFunc(everybody, func(name string) bool { return strings.Contains(tt.want, name) })
			if got := namesLeft(t, c, Narrow{Not: tt.facets, Now: noon}); got != strings.Join(rest, " ") {
				t.Errorf("round %d: not %+v leaves %q, want %q", round, tt.facets, got, rest)
			}
		}
		for _, tt := range []struct {
			n    Narrow
			want string
		}{
			{Narrow{After: minutes(40)}, "Ana Beto"}, {Narrow{Before: minutes(40)}, "Caro Dani"}, {Narrow{After: minutes(30), Before: minutes(40)}, "Caro"},
			{Narrow{Facets: Facets{Tags: []string{"vip"}, Unassigned: true}}, "Caro"},
			{Narrow{Facets: Facets{Accounts: []string{"ventas"}}, Not: Facets{Tags: []string{"vip"}}}, "Beto"},
		} {
			if got := namesLeft(t, c, tt.n); got != tt.want {
				t.Errorf("round %d: %+v leaves %q, want %q", round, tt.n, got, tt.want)
			}
		}
		if err := c.LoadFacts(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// namesLeft are the names of a list, newest first.
func namesLeft(t *testing.T, c *Cache, n Narrow) string {
	t.Helper()
	rows, _, err := c.Threads(t.Context(), ThreadFilter{View: All, Now: n.Now, Narrow: n}, "", 10)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range rows {
		names = append(names, r.Name)
	}
	return strings.Join(names, " ")
}

// anyNarrow draws a filter, most often of one or two things.
func anyNarrow(t *rapid.T) Narrow {
	facets := func(t *rapid.T, f *Facets) {
		switch rapid.IntRange(0, 16).Draw(t, "facet") {
		case 0:
			f.Accounts = []string{rapid.SampledFrom([]string{"ventas", "soporte", "nobody"}).Draw(t, "account")}
		case 1:
			f.Providers = []inbox.ProviderName{rapid.SampledFrom(inbox.Providers).Draw(t, "provider")}
		case 2:
			f.Channels = []ChannelRef{{rapid.SampledFrom([]string{"ventas", "soporte"}).Draw(t, "account"), rapid.SampledFrom([]string{"sur", "norte"}).Draw(t, "channel")}}
		case 3:
			f.Statuses = rapid.SliceOfN(rapid.SampledFrom(inbox.Statuses), 1, 2).Draw(t, "statuses")
		case 4:
			f.Assignees = rapid.SliceOfN(rapid.SampledFrom([]string{"ana", "beto", "caro"}), 1, 2).Draw(t, "assignees")
		case 5:
			f.Tags = rapid.SliceOfN(rapid.SampledFrom([]string{"vip", "deuda"}), 1, 2).Draw(t, "tags")
		case 6:
			f.Kinds = []inbox.Kind{rapid.SampledFrom(inbox.Kinds).Draw(t, "kind")}
		case 7:
			f.Directions = []inbox.Direction{rapid.SampledFrom([]inbox.Direction{inbox.In, inbox.Out}).Draw(t, "direction")}
		case 8:
			f.Unassigned = true
		case 9:
			f.Unread = true
		case 10:
			f.NeedsReply = true
		case 11:
			f.Waiting = true
		case 12:
			f.Partial = true
		case 13:
			f.Within = time.Duration(rapid.IntRange(1, 120).Draw(t, "within")) * time.Minute
		case 14:
			f.Snoozed = true
		}
	}
	n := Narrow{Now: minutes(rapid.IntRange(0, 100).Draw(t, "now")), Here: minutes(rapid.IntRange(0, 100).Draw(t, "by"))}
	for range rapid.IntRange(1, 2).Draw(t, "facets") {
		facets(t, &n.Facets)
	}
	if rapid.Bool().Draw(t, "some not") {
		facets(t, &n.Not)
	}
	if rapid.Bool().Draw(t, "dated") {
		n.After, n.Before = minutes(rapid.IntRange(0, 60).Draw(t, "after")), minutes(rapid.IntRange(50, 150).Draw(t, "before"))
	}
	return n
}

// narrowModel does what sync and people do, and holds what is narrowed in
// memory to what the file says.
type narrowModel struct {
	c, file *Cache // one over the other's file, without facts
	seq     int64
}

func (m *narrowModel) step(t *rapid.T, tb testing.TB) {
	a := rapid.SampledFrom([]inbox.Account{waspyAccount, platicaAccount}).Draw(t, "account")
	id := fmt.Sprint(a.Name[:1], rapid.IntRange(0, 9).Draw(t, "id"))
	switch rapid.IntRange(0, 6).Draw(t, "step") {
	case 0, 1, 2:
		c := chat(id, "Ana", fmt.Sprint("+54911598344", 10+rapid.IntRange(0, 5).Draw(t, "line")), minutes(rapid.IntRange(0, 120).Draw(t, "at")))
		c.Channel = rapid.SampledFrom([]string{"sur", "norte"}).Draw(t, "channel")
		c.StatusWord = rapid.SampledFrom(inbox.StatusWords(a.Provider)).Draw(t, "status")
		c.Status = inbox.StatusOf(a.Provider, c.StatusWord)
		c.Tags = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"vip", "deuda"}), 0, 2, rapid.ID).Draw(t, "tags")
		c.Assignees = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"ana", "beto"}), 0, 2, rapid.ID).Draw(t, "assignees")
		c.Window = inbox.Window{Known: true, Until: minutes(rapid.IntRange(0, 200).Draw(t, "until"))}
		c.LastDirection = rapid.SampledFrom([]inbox.Direction{inbox.In, inbox.Out}).Draw(t, "direction")
		c.Raw = fmt.Appendf(nil, `{"v":%d}`, rapid.IntRange(0, 1<<30).Draw(t, "version"))
		list(tb, m.c, a, c)
	case 3:
		message := msg(fmt.Sprint(rapid.IntRange(0, 3).Draw(t, "message")), "hola", minutes(rapid.IntRange(0, 120).Draw(t, "at")))
		message.Direction = rapid.SampledFrom([]inbox.Direction{inbox.In, inbox.In, inbox.Out, inbox.DirectionUnknown}).Draw(t, "by")
		message.Kind = rapid.SampledFrom(inbox.Kinds).Draw(t, "kind")
		message.Raw = fmt.Appendf(nil, `{"v":%d}`, rapid.IntRange(0, 1<<30).Draw(t, "version"))
		if _, err := m.c.ThreadOf(tb.Context(), a.Name, id); err == nil {
			read(tb, m.c, a, id, message)
		}
	case 4:
		m.seq++
		if ref, err := m.c.ThreadOf(tb.Context(), a.Name, id); err == nil {
			if err := m.c.Mirror(tb.Context(), []Mark{{Account: a.Name, Thread: ref, ReadAt: minutes(rapid.IntRange(0, 150).Draw(t, "read")), Snooze: anySnooze(t), Seq: m.seq}}); err != nil {
				t.Fatal(err)
			}
		}
	case 5:
		want := rapid.SampledFrom([]string{`["caro"]`, `[]`, `["ana","beto"]`}).Draw(t, "want")
		overlays := []Overlay{{Field: "assignees", Want: &want}}
		if rapid.Bool().Draw(t, "done") {
			overlays = nil
		}
		if _, err := m.c.mirrorWishes(tb.Context(), a.Name, map[string][]Overlay{id: overlays}); err != nil {
			t.Fatal(err)
		}
	case 6:
		if rapid.IntRange(0, 9).Draw(t, "seldom") > 0 {
			return
		}
		if _, err := m.c.RemoveAccount(tb.Context(), a.Name); err != nil {
			t.Fatal(err)
		}
		if err := m.c.EnsureAccount(tb.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
}

// anySnooze draws what a mark says of a snooze.
func anySnooze(t *rapid.T) *Snooze {
	if rapid.Bool().Draw(t, "nothing of a snooze") {
		return nil
	}
	return &Snooze{minutes(rapid.IntRange(0, 120).Draw(t, "snoozed until")), minutes(rapid.IntRange(0, 120).Draw(t, "over"))}
}

func (m *narrowModel) check(t *rapid.T, tb testing.TB) {
	f := ThreadFilter{View: rapid.SampledFrom([]View{Inbox, NeedsReply, Mine, Unassigned, Expiring, Snoozed, All, SpamView}).Draw(t, "view"),
		Account: rapid.SampledFrom([]string{"", "ventas", "nobody"}).Draw(t, "of"), Now: minutes(rapid.IntRange(0, 100).Draw(t, "now")), Narrow: anyNarrow(t),
		Here: minutes(rapid.IntRange(0, 100).Draw(t, "here")),
		Sort: rapid.SampledFrom([]Sort{"", "", Newest, LongestWaiting, EndingSoonest}).Draw(t, "sort"),
		Me:   rapid.SampledFrom([][]AgentRef{nil, {{Account: "ventas", Ref: "ana"}}, {{Account: "soporte", Ref: "ana"}, {Account: "ventas", Ref: "caro"}}}).Draw(t, "me")}
	if rapid.IntRange(0, 3).Draw(t, "as it is") == 0 {
		f.Narrow = Narrow{}
	}
	limit := rapid.IntRange(1, 4).Draw(t, "limit")
	left := func(c *Cache) (refs []string) {
		for cursor := ""; ; {
			page, next, err := c.Threads(tb.Context(), f, cursor, limit)
			if err != nil {
				t.Fatal(err)
			}
			for _, th := range page {
				refs = append(refs, th.Ref)
			}
			if cursor = next; cursor == "" {
				return refs
			}
		}
	}
	got, want := left(m.c), left(m.file)
	if !slices.Equal(got, want) {
		t.Fatalf("%+v\nin memory %v\nin the file %v", f, got, want)
	}
	if n, err := m.c.CountThreads(tb.Context(), f, 1000); n != len(want) || err != nil {
		t.Fatalf("%d counted of %d, %v", n, len(want), err)
	}
	m.checkCounts(t, tb, f)
	set, ready, err := m.c.siftSet(tb.Context(), f.Narrow)
	if err != nil {
		t.Fatal(err)
	}
	same := &ThreadSet{}
	cond, args := f.Narrow.where(overThreads)
	if err := m.file.s.read(tb.Context(), func(x *sql.Tx) error {
		return same.gather(tb.Context(), x, `SELECT t.id `+threadTables+`WHERE `+cond, args...)
	}); err != nil {
		t.Fatal(err)
	}
	if ready && !slices.Equal(set.ids(), same.ids()) || set.Len() != len(set.ids()) {
		t.Fatalf("%+v\nin memory %v\nin the file %v", f.Narrow, set.ids(), same.ids())
	}
	var people []string
	if err := m.c.EachPerson(tb.Context(), nil, func(r PersonRow) error {
		if !slices.Contains(people, r.Person) {
			people = append(people, r.Person)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	kept, err := m.c.PeopleMatching(tb.Context(), f.Narrow, people, limit)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := m.file.PeopleMatching(tb.Context(), f.Narrow, people, limit); err != nil || !slices.Equal(kept, same) {
		t.Fatalf("%+v\nin memory %v\nin the file %v, %v", f.Narrow, kept, same, err)
	}
}

// checkCounts holds the numbers beside the views to those of the file, where
// threads may be snoozed and where none is.
func (m *narrowModel) checkCounts(t *rapid.T, tb testing.TB, f ThreadFilter) {
	for _, here := range []time.Time{f.Here, {}} {
		f.Here = here
		got, err := m.c.Counts(tb.Context(), f)
		if want, err2 := m.file.Counts(tb.Context(), f); err != nil || err2 != nil || got != want {
			t.Fatalf("%+v\nin memory %+v, %v\nin the file %+v, %v", f, got, err, want, err2)
		}
	}
}

// checkFacts holds every fact to one that is read now.
func (m *narrowModel) checkFacts(t *rapid.T, tb testing.TB) {
	ready, err := m.c.settled(tb.Context())
	if err != nil {
		t.Fatal(err)
	}
	fresh := facts{}
	if err := m.file.s.read(tb.Context(), func(x *sql.Tx) error { return fresh.read(tb.Context(), x, "", nil) }); err != nil {
		t.Fatal(err)
	}
	has := &m.c.facts
	for id := range max(len(has.state), len(fresh.state)) {
		if got, want := has.row(id), fresh.row(id); ready && got != want {
			t.Fatalf("thread %d: in memory %+v, in the file %+v", id, got, want)
		}
	}
}

// row is a thread's facts, spelled out; empty where it is nobody's.
func (f *facts) row(id int) string {
	if id >= len(f.state) || f.state[id] == 0 {
		return ""
	}
	return fmt.Sprint(f.state[id], f.person[id], f.kinds[id], f.at[id], f.until[id], f.channels.values[f.channel[id]], f.lists.values[f.assigned[id]], f.lists.values[f.tagged[id]], f.sleeps[int64(id)], f.waits[id])
}

// Threads that are erased between the facts and the file leave no hole in a
// page, which would be taken for the end of the list.
func TestNarrowedListOverErased(t *testing.T) {
	c := newCache(t)
	var all []inbox.Conversation
	for i := range 30 {
		v := benchChat(i)
		v.StatusWord, v.Status = "open", inbox.Open
		all = append(all, v)
	}
	list(t, c, waspyAccount, all...)
	if err := c.LoadFacts(t.Context()); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", c.s.path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, i := range []int{29, 28, 20, 19, 18, 17, 16, 3} { // all of the second page, and others
		if _, err := db.Exec(`DELETE FROM threads WHERE ref = ?`, threadOf(t, c, waspyAccount, fmt.Sprintf("conv-%08d", i)).Ref); err != nil {
			t.Fatal(err)
		}
	}
	seen, next := 0, ""
	for {
		page, cursor, err := c.Threads(t.Context(), ThreadFilter{View: All, Now: noon, Narrow: Narrow{Facets: Facets{Statuses: []inbox.Status{inbox.Open}}, Now: noon}}, next, 5)
		if err != nil {
			t.Fatal(err)
		}
		if seen += len(page); cursor == "" {
			break
		}
		if len(page) != 5 {
			t.Fatalf("a page of %d, and more after it", len(page))
		}
		next = cursor
	}
	if seen != 22 {
		t.Fatalf("%d threads, not 22", seen)
	}
}

// TestFactsAgree: whatever happens, lists narrowed in memory are those of the
// file.
func TestFactsAgree(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		path := filepath.Join(t.TempDir(), "cache.db")
		m := narrowModel{c: openCache(t, path)}
		file, err := OpenCache(t.Context(), path, ReadOnly)
		if err != nil {
			r.Fatal(err)
		}
		defer m.c.Close()
		defer file.Close()
		m.file = file
		load := rapid.IntRange(0, 10).Draw(r, "load")
		for n := range rapid.IntRange(1, 30).Draw(r, "steps") {
			if n == load {
				if err := m.c.LoadFacts(t.Context()); err != nil {
					r.Fatal(err)
				}
			}
			m.step(r, t)
			m.checkFacts(r, t)
			mine, err := m.c.Tags(t.Context())
			theirs, err2 := file.Tags(t.Context())
			if err != nil || err2 != nil || !slices.Equal(mine, theirs) {
				r.Fatalf("tags in memory %q (%v), in the file %q (%v)", mine, err, theirs, err2)
			}
		}
		for range 5 {
			m.check(r, t)
		}
	})
}
