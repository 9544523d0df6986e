package cache

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"bandeja/internal/inbox"
)

func stored1(t *testing.T, c *Cache, a inbox.Account, id string) StoredConversation {
	t.Helper()
	all, err := c.ConversationsOf(t.Context(), threadOf(t, c, a, id).Ref)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.ID == id {
			return s
		}
	}
	t.Fatalf("no conversation %s", id)
	return StoredConversation{}
}

func TestSaveConversationsSaysWhatChanged(t *testing.T) {
	c := newCache(t)
	ana, beto := chat("1", "Ana", "+54 9 11 5983-4410", noon), chat("2", "Beto", "+54 9 351 555-0101", minutes(1))
	d := list(t, c, waspyAccount, ana, beto)
	if d.Conversations != 2 || len(d.Threads) != 2 || len(d.People) != 2 || !slices.Equal(d.Fresh, []bool{true, true}) {
		t.Errorf("new: %+v", d)
	}
	resolved := with(ana, func(c *inbox.Conversation) { c.StatusWord = "resolved" })
	d = list(t, c, waspyAccount, resolved, beto)
	if d.Conversations != 1 || len(d.Threads) != 1 || !slices.Equal(d.Fresh, []bool{true, false}) || d.Empty() {
		t.Errorf("one changed: %+v", d)
	}
	if got := threadOf(t, c, waspyAccount, "1"); got.Status != inbox.Resolved || got.StatusWord != "resolved" {
		t.Errorf("status %s (%s)", got.Status, got.StatusWord)
	}
}

// A page equal to what is stored, byte for byte or as JSON, writes nothing at
// all.
func TestUnchangedWritesNothing(t *testing.T) {
	c := newCache(t)
	items := []inbox.Conversation{chat("1", "Ana", "+54 9 11 5983-4410", noon), chat("2", "Beto", "0351 15-555-0101", minutes(1)), chat("3", "Caro", "", minutes(2))}
	sessions := []inbox.Conversation{session("s1", "Lupe", "5215512345678", noon), session("s2", "", "", noon)}
	list(t, c, waspyAccount, items...)
	list(t, c, platicaAccount, sessions...)
	read(t, c, waspyAccount, "1", msg("m1", "hola", noon), msg("m2", "chau", minutes(1)))
	read(t, c, platicaAccount, "s1", msg("m1", "hola", noon))
	indexAll(t, c)
	spaced := slices.Clone(items)
	for i := range spaced {
		var v map[string]any
		if err := json.Unmarshal(spaced[i].Raw, &v); err != nil {
			t.Fatal(err)
		}
		b, err := json.MarshalIndent(v, "", "   ")
		if err != nil {
			t.Fatal(err)
		}
		spaced[i].Raw = b
	}
	n := writes(t, c.s, func() {
		for _, p := range [][]inbox.Conversation{items, spaced, items} {
			if d := list(t, c, waspyAccount, p...); !d.Empty() || slices.Contains(d.Fresh, true) {
				t.Errorf("%+v", d)
			}
		}
		list(t, c, platicaAccount, sessions...)
		read(t, c, waspyAccount, "1", msg("m1", "hola", noon), msg("m2", "chau", minutes(1)))
	})
	if n != 0 {
		t.Errorf("%d rows written", n)
	}
	feed := Feed{Kind: Sweep, Running: true, Mark: inbox.Mark("at 3"), Pages: 1}
	n = writes(t, c.s, func() {
		for range 2 {
			if _, err := c.SaveConversations(t.Context(), waspyAccount.Name, page(items...), &feed, 99); err != nil {
				t.Fatal(err)
			}
		}
	})
	if n != 2 {
		t.Errorf("%d rows written with a bookmark that moved once, want its own and the bits of what was seen", n)
	}
}

// The object is given back as it came: unknown fields, big numbers, order.
func TestObjectIsGivenBack(t *testing.T) {
	c := newCache(t)
	raw := `{"id":"1","z":12345678901234567890.10,"a":{"ñ":[null,1e400,"\u0000"]},"status":"novel","extra":{"b":1,"a":2}}`
	item := chat("1", "Ana", "+54 9 11 5983-4410", noon)
	item.Raw, item.StatusWord, item.Status = []byte(raw), "novel", inbox.Unknown
	list(t, c, waspyAccount, item)
	m := msg("m1", "hola", noon)
	m.Raw = []byte(raw)
	read(t, c, waspyAccount, "1", m)
	got := stored1(t, c, waspyAccount, "1")
	if string(got.Raw) != raw || got.StatusWord != "novel" || got.Status != inbox.Unknown {
		t.Errorf("gave back %s, %s", got.Raw, got.StatusWord)
	}
	p, err := c.Messages(t.Context(), got.Thread, Spot{}, 1)
	if err != nil || string(p.Messages[0].Raw) != raw {
		t.Errorf("gave back %s, %v", p.Messages[0].Raw, err)
	}
	if n := writes(t, c.s, func() { list(t, c, waspyAccount, item) }); n != 0 {
		t.Errorf("%d rows written for the same again", n)
	}
	item.Raw = bytes.Replace(item.Raw, []byte("7890.10"), []byte("7890.11"), 1)
	if d := list(t, c, waspyAccount, item); d.Conversations != 1 {
		t.Error("a digit far behind the point is no change")
	}
}

func TestRowWithoutObject(t *testing.T) {
	c := newCache(t)
	item := chat("1", "Ana", "", noon)
	item.Raw = []byte{}
	m := msg("m1", "hola", noon)
	m.Raw = nil
	list(t, c, waspyAccount, item)
	read(t, c, waspyAccount, "1", m)
	n := writes(t, c.s, func() {
		list(t, c, waspyAccount, item)
		read(t, c, waspyAccount, "1", m)
	})
	if n != 0 {
		t.Errorf("%d rows written for the same again", n)
	}
}

// The two received forms live side by side; raw is the list's with what a
// newer reading has for the same fields.
func TestFormsMerge(t *testing.T) {
	c := newCache(t)
	form := func(f inbox.Form, status, raw string) inbox.Conversation {
		v := chat("1", "Ana", "+54 9 11 5983-4410", noon)
		v.Form, v.StatusWord, v.Status, v.Raw = f, status, inbox.StatusOf(inbox.Waspy, status), []byte(raw)
		return v
	}
	for _, step := range []struct {
		name    string
		item    inbox.Conversation
		altered bool
		status  inbox.Status
		raw     string
	}{
		{"listed first", form(inbox.Listed, "open", `{"id":"1","status":"open","only":"list"}`), true, inbox.Open, `{"id":"1","status":"open","only":"list"}`},
		{"a newer reading", form(inbox.Read, "closed", `{"more":[1],"status":"closed","id":"1"}`), true, inbox.Closed, `{"id":"1","status":"closed","only":"list"}`},
		{"the same reading", form(inbox.Read, "closed", `{"id":"1","status":"closed","more":[1]}`), false, inbox.Closed, `{"id":"1","status":"closed","only":"list"}`},
		{"changed back, as the list had it", form(inbox.Listed, "open", `{"id":"1","status":"open","only":"list"}`), true, inbox.Open, `{"id":"1","status":"open","only":"list"}`},
		{"listed again", form(inbox.Listed, "open", `{"id":"1","status":"open","only":"list"}`), false, inbox.Open, `{"id":"1","status":"open","only":"list"}`},
		{"the list is newer", form(inbox.Listed, "pending", `{"id":"1","status":"pending","new":1.0}`), true, inbox.Pending, `{"id":"1","status":"pending","new":1.0}`},
	} {
		d := list(t, c, waspyAccount, step.item)
		if (d.Conversations == 1) != step.altered {
			t.Errorf("%s: altered %v", step.name, !step.altered)
		}
		got := stored1(t, c, waspyAccount, "1")
		if string(got.Raw) != step.raw || got.Status != step.status {
			t.Errorf("%s: %s %s, want %s", step.name, got.Status, got.Raw, step.raw)
		}
	}
}

// A reading that lacks the customer is no change of customer, name or line.
func TestReadingWithoutContact(t *testing.T) {
	c := newCache(t)
	list(t, c, waspyAccount, chat("1", "Ana", "+54 9 11 5983-4410", noon))
	before := threadOf(t, c, waspyAccount, "1")
	bare := conv(inbox.Conversation{ID: "1", Form: inbox.Read, StatusWord: "closed", MessageCount: -1, ActiveAt: noon})
	list(t, c, waspyAccount, bare)
	after := threadOf(t, c, waspyAccount, "1")
	if after.Ref != before.Ref || after.Name != "Ana" || after.Person != before.Person || after.Status != inbox.Closed || after.LastText != before.LastText {
		t.Errorf("before %+v\nafter  %+v", before, after)
	}
	if bare.Name != "" || bare.Channel != "" {
		t.Error("the caller's row was written to")
	}
}

// SYNC I5: what was asked for earlier never overwrites what was asked later.
func TestStaleAnswerNeverOverwrites(t *testing.T) {
	for _, late := range []inbox.Form{inbox.Listed, inbox.Read} {
		for _, fresh := range []inbox.Form{inbox.Listed, inbox.Read} {
			c := newCache(t)
			early, err := c.NextFetch(t.Context(), waspyAccount.Name)
			if err != nil {
				t.Fatal(err)
			}
			row := chat("1", "Ana", "+54 9 11 5983-4410", noon)
			list(t, c, waspyAccount, with(row, func(c *inbox.Conversation) { c.StatusWord, c.Form = "closed", fresh }))
			d, err := c.SaveConversations(t.Context(), waspyAccount.Name, page(with(row, func(c *inbox.Conversation) { c.Form = late })), nil, early)
			if err != nil || !d.Empty() || !slices.Equal(d.Fresh, []bool{false}) {
				t.Errorf("late %s over fresh %s: %+v, %v", late, fresh, d, err)
			}
			if got := threadOf(t, c, waspyAccount, "1").Status; got != inbox.Closed {
				t.Errorf("late %s over fresh %s: %s", late, fresh, got)
			}
		}
	}
}

// Request numbers go on after a restart, so that rows of the last run are
// never newer than an answer of this one.
func TestNextFetchGoesOn(t *testing.T) {
	path := t.TempDir() + "/cache.db"
	c := openCache(t, path)
	for range 5 {
		if _, err := c.NextFetch(t.Context(), waspyAccount.Name); err != nil {
			t.Fatal(err)
		}
	}
	list(t, c, waspyAccount, chat("1", "Ana", "", noon))
	c.Close()
	c = openCache(t, path)
	if n, err := c.NextFetch(t.Context(), waspyAccount.Name); err != nil || n != 7 {
		t.Errorf("got %d, %v; want 7", n, err)
	}
	if _, err := c.NextFetch(t.Context(), "nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

// Rows and the bookmark they earn commit together, or neither does.
func TestBookmarkMovesWithTheRows(t *testing.T) {
	c := newCache(t)
	feed := Feed{Kind: Sweep, Gen: 1, Running: true, Mark: inbox.Mark("page 2"), Top: noon, Pages: 1, Seen: 1, BackTo: minutes(-9)}
	if _, err := c.SaveConversations(t.Context(), waspyAccount.Name, page(chat("1", "Ana", "+54 9 11 5983-4410", noon)), &feed, 1); err != nil {
		t.Fatal(err)
	}
	check := func(want Feed, rows int64) {
		t.Helper()
		got, err := c.Feed(t.Context(), waspyAccount.Name, Sweep)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("bookmark %+v, %v\nwant %+v", got, err, want)
		}
		if n := number(t, c.s, `SELECT (SELECT count(*) FROM conversations) + (SELECT count(*) FROM rejects)`); n != rows {
			t.Errorf("%d rows, want %d", n, rows)
		}
	}
	check(feed, 1)
	next := feed
	next.Mark, next.Pages, next.Seen = inbox.Mark("page 3"), 2, 2
	// The bookmark is the last to be written: let it fail.
	if err := c.s.write(t.Context(), func(x *tx) error {
		_, err := x.exec(`CREATE TEMP TRIGGER refuse BEFORE UPDATE ON feeds BEGIN SELECT raise(ABORT, 'no'); END`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	second := page(chat("2", "Beto", "+54 9 351 555-0101", minutes(1)))
	second.Rejected = []inbox.Rejected{{Raw: []byte(`[]`), Reason: "not an object"}}
	if _, err := c.SaveConversations(t.Context(), waspyAccount.Name, second, &next, 2); err == nil {
		t.Fatal("saved with a bookmark that cannot be")
	}
	check(feed, 1)
	if err := c.s.write(t.Context(), func(x *tx) error {
		_, err := x.exec(`DROP TRIGGER refuse`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the same page again, as after a kill
		if _, err := c.SaveConversations(t.Context(), waspyAccount.Name, second, &next, 2); err != nil {
			t.Fatal(err)
		}
	}
	check(next, 3)
}

// Pages that are saved together count in their order, and their bookmark is the
// last one's.
func TestPagesTogether(t *testing.T) {
	c := newCache(t)
	row := chat("1", "Ana", "+54 9 11 5983-4410", noon)
	closed := with(row, func(c *inbox.Conversation) { c.StatusWord = "closed" })
	elsewhere := with(chat("3", "Caro", "+54 9 11 5983-4410", noon), func(c *inbox.Conversation) { c.Channel = "line-2" })
	begun := func() int64 {
		n, err := c.NextFetch(t.Context(), waspyAccount.Name)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	early, late := begun(), begun()
	feed := Feed{Kind: Sweep, Gen: 1, Running: true, Mark: inbox.Mark("page 4"), Pages: 3, Seen: 5}
	d, err := c.SaveListed(t.Context(), waspyAccount.Name, []Answer{
		{page(row, chat("2", "Beto", "", noon)), early}, {page(closed, elsewhere), late}, {page(row), early},
	}, &feed)
	if err != nil || d.Conversations != 4 || !slices.Equal(d.Fresh, []bool{true, true, true, true, false}) {
		t.Errorf("%+v, %v", d, err)
	}
	if got := threadOf(t, c, waspyAccount, "1"); got.Status != inbox.Closed {
		t.Errorf("%+v", got)
	}
	if people := personRefs(t, c, "ventas/1", "ventas/3"); people[0] != people[1] {
		t.Errorf("one line is two people: %v", people)
	}
	if got, err := c.Feed(t.Context(), waspyAccount.Name, Sweep); err != nil || !reflect.DeepEqual(got, feed) {
		t.Errorf("%+v, %v", got, err)
	}
	if states, err := c.States(t.Context()); err != nil || states[1].Conversations != 3 || states[1].ToRead != 3 {
		t.Errorf("%+v, %v", states, err)
	}
}

func TestFeeds(t *testing.T) {
	c := newCache(t)
	if f, err := c.Feed(t.Context(), waspyAccount.Name, Head); err != nil || !reflect.DeepEqual(f, Feed{Kind: Head}) {
		t.Errorf("never begun: %+v, %v", f, err)
	}
	for _, want := range []Feed{
		{Kind: Sweep, Gen: 1, Running: true},
		{Kind: Sweep, Gen: 1, Running: true, Mark: inbox.Mark("x"), Top: noon},
		{Kind: Sweep, Gen: 1, Running: true, Top: noon}, // the bookmark was refused
		{Kind: Sweep, Gen: 1, Top: noon, Pages: 3, Seen: 9, BackTo: minutes(-5), FinishedAt: minutes(5)},
		{Kind: Sweep, Gen: 2, Running: true, Mark: inbox.Mark{0, 255}, FinishedAt: minutes(5)},
	} {
		if err := c.SaveFeed(t.Context(), platicaAccount.Name, want); err != nil {
			t.Fatal(err)
		}
		got, err := c.Feed(t.Context(), platicaAccount.Name, Sweep)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v\nwant %+v", got, err, want)
		}
		states, err := c.States(t.Context())
		if err != nil || len(states) != 2 || states[0].Sweep.Running != want.Running || states[0].Sweep.Gen != want.Gen || states[1].Sweep.Running {
			t.Errorf("states %+v, %v", states, err)
		}
	}
	if n := writes(t, c.s, func() {
		if err := c.SaveFeed(t.Context(), platicaAccount.Name, Feed{Kind: Sweep, Gen: 2, Running: true, Mark: inbox.Mark{0, 255}, FinishedAt: minutes(5)}); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%d rows written for the same bookmark", n)
	}
}

func TestRejectedRowsAndWorkspaces(t *testing.T) {
	c := newCache(t)
	p := inbox.Page[inbox.Conversation]{Rejected: []inbox.Rejected{{Raw: []byte(`[1]`), Reason: "not an object"}, {Raw: []byte(`{}`), Reason: "no id"}, {Reason: "nothing"}},
		Workspaces: []inbox.Workspace{{ID: "w1", Name: "Norte"}}}
	for range 3 {
		if _, err := c.SaveConversations(t.Context(), platicaAccount.Name, p, nil, 1); err != nil {
			t.Fatal(err)
		}
	}
	p.Workspaces[0].Name = "Sur"
	if _, err := c.SaveConversations(t.Context(), platicaAccount.Name, p, nil, 2); err != nil {
		t.Fatal(err)
	}
	states, err := c.States(t.Context())
	if err != nil || states[0].Rejected != 3 {
		t.Errorf("%+v, %v", states, err)
	}
	if n := number(t, c.s, `SELECT count(*) FROM workspaces WHERE name = 'Sur'`); n != 1 {
		t.Error("the workspace's name did not follow")
	}
}

func TestStates(t *testing.T) {
	c := newCache(t)
	ctx := t.Context()
	list(t, c, waspyAccount, chat("1", "Ana", "", noon), chat("2", "Beto", "", noon), chat("3", "Caro", "", noon))
	read(t, c, waspyAccount, "1", msg("m1", "hola", noon), msg("m2", "chau", noon))
	if _, err := c.SaveMessages(ctx, waspyAccount.Name, []Reading{{Conversation: "2", Version: versionOfConversation(t, c, waspyAccount, "2"), Short: true}}); err != nil {
		t.Fatal(err)
	}
	run := Run{StartedAt: noon, FinishedAt: minutes(1), Requests: 5, Retries: 1, Changed: 7}
	for n := range keptRuns + 5 {
		run.Requests = int64(n)
		run.Changed = 7 // a quiet one is folded into the one before
		if err := c.SaveRun(ctx, waspyAccount.Name, run); err != nil {
			t.Fatal(err)
		}
	}
	if n := number(t, c.s, `SELECT count(*) FROM runs`); n != keptRuns {
		t.Errorf("%d runs kept", n)
	}
	if err := c.SaveState(ctx, waspyAccount.Name, "offline", noon, "unreachable", "no route"); err != nil {
		t.Fatal(err)
	}
	states, err := c.States(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want := State{Name: "ventas", Provider: inbox.Waspy, State: "offline", AsOf: noon, Error: "no route", ErrorKind: "unreachable",
		Conversations: 3, Messages: 2, Incomplete: 2, ToRead: 1, Run: run, Sweep: Feed{Kind: Sweep}}
	if !reflect.DeepEqual(states[1], want) {
		t.Errorf("got  %+v\nwant %+v", states[1], want)
	}
	if states[0].State != "first_copy" {
		t.Errorf("%+v", states[0])
	}
	if n := writes(t, c.s, func() {
		if err := c.SaveState(ctx, waspyAccount.Name, "offline", noon, "unreachable", "no route"); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%d rows written for the same state", n)
	}
	v, err := c.Coverage(ctx)
	if err != nil || v != (Coverage{Conversations: 3, Complete: 1, Partial: 2}) {
		t.Errorf("coverage %+v, %v", v, err)
	}
	if err := c.SaveState(ctx, platicaAccount.Name, "up_to_date", minutes(-1), "", ""); err != nil {
		t.Fatal(err)
	}
	if v, err := c.Coverage(ctx); err != nil || !v.AsOf.Equal(minutes(-1)) {
		t.Errorf("coverage %+v, %v", v, err)
	}
}

// TestManyRejects: all are counted, the newest are kept, and what comes again
// is neither kept nor counted twice.
func TestManyRejects(t *testing.T) {
	c := newCache(t)
	var p inbox.Page[inbox.Conversation]
	for i := range keptRejects + 20 {
		p.Rejected = append(p.Rejected, inbox.Rejected{Raw: fmt.Appendf(nil, `[%d]`, i), Reason: "not an object"})
	}
	for range 2 {
		if _, err := c.SaveConversations(t.Context(), waspyAccount.Name, inbox.Page[inbox.Conversation]{Rejected: p.Rejected[:keptRejects]}, nil, 1); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.SaveConversations(t.Context(), waspyAccount.Name, p, nil, 2); err != nil {
		t.Fatal(err)
	}
	s, err := c.State(t.Context(), waspyAccount.Name)
	if kept := number(t, c.s, `SELECT count(*) FROM rejects`); err != nil || s.Rejected != keptRejects+20 || kept != keptRejects {
		t.Errorf("%d counted, %d kept, %v", s.Rejected, kept, err)
	}
}
