package cache

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"bandeja/internal/inbox"

	"pgregory.net/rapid"
)

// ids are a thread's messages, oldest first.
func ids1(t testing.TB, c *Cache, ref string) []string {
	t.Helper()
	p, err := c.Messages(t.Context(), ref, Spot{}, 100000)
	if err != nil {
		t.Fatal(err)
	}
	return messageIDs(p)
}

func messageIDs(p MessagePage) []string {
	out := []string{}
	for _, m := range p.Messages {
		out = append(out, m.ID)
	}
	return out
}

func TestMessageOrder(t *testing.T) {
	at := func(m inbox.Message, seq int) inbox.Message {
		m.Seq = seq
		return m
	}
	none := time.Time{}
	for _, tt := range []struct {
		name  string
		pages [][]inbox.Message
		want  []string
	}{
		{"by time", [][]inbox.Message{{msg("b", "", minutes(2)), msg("a", "", minutes(1))}}, []string{"a", "b"}},
		{"ties by the provider's place", [][]inbox.Message{{at(msg("z", "", noon), 0), at(msg("m", "", noon), 1), at(msg("a", "", noon), 2)}}, []string{"z", "m", "a"}},
		{"ties over pages", [][]inbox.Message{{at(msg("z", "", noon), 0)}, {at(msg("m", "", noon), 1)}, {at(msg("a", "", noon), 2)}}, []string{"z", "m", "a"}},
		{"no time: behind its predecessor", [][]inbox.Message{{msg("a", "", minutes(1)), msg("z", "", none), msg("y", "", none), msg("b", "", minutes(2))}}, []string{"a", "z", "y", "b"}},
		{"no time, then one of the same millisecond", [][]inbox.Message{{at(msg("a", "", noon), 0), msg("z", "", none), at(msg("b", "", noon), 1)}}, []string{"a", "z", "b"}},
		{"no time at the head of a page", [][]inbox.Message{{msg("a", "", minutes(1)), msg("b", "", minutes(2))}, {msg("z", "", none), msg("c", "", minutes(3))}}, []string{"a", "b", "z", "c"}},
		{"no time, read again", [][]inbox.Message{{msg("a", "", minutes(1)), msg("z", "", none), msg("b", "", minutes(2))}, {msg("a", "", minutes(1)), msg("z", "", none), msg("y", "", none), msg("b", "", minutes(2))}}, []string{"a", "z", "y", "b"}},
		{"no times at all", [][]inbox.Message{{at(msg("c", "", none), 0), at(msg("b", "", none), 1), at(msg("a", "", none), 2)}}, []string{"c", "b", "a"}},
		{"far future and before 1970", [][]inbox.Message{{msg("old", "", time.UnixMilli(-5_000_000)), msg("older", "", time.UnixMilli(-9_000_000)), msg("now", "", noon),
			msg("9999", "", time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)), msg("2500", "", time.Date(2500, 1, 1, 0, 0, 0, 0, time.UTC))}}, []string{"older", "old", "now", "2500", "9999"}},
		{"the same id twice: the last counts", [][]inbox.Message{{msg("a", "first", minutes(1)), msg("b", "", minutes(2)), msg("a", "last", minutes(3))}}, []string{"b", "a"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCache(t)
			list(t, c, waspyAccount, chat("1", "Ana", "", noon))
			for _, p := range tt.pages {
				read(t, c, waspyAccount, "1", p...)
			}
			ref := threadOf(t, c, waspyAccount, "1").Ref
			if got := ids1(t, c, ref); !slices.Equal(got, tt.want) {
				t.Errorf("order %v, want %v", got, tt.want)
			}
			// Reading everything once more writes nothing.
			n := writes(t, c.s, func() { read(t, c, waspyAccount, "1", tt.pages[len(tt.pages)-1]...) })
			if n != 0 {
				t.Errorf("%d rows written for the same again", n)
			}
			if n := number(t, c.s, `SELECT messages FROM conversations`); int(n) != len(tt.want) {
				t.Errorf("counted %d", n)
			}
			indexAll(t, c)
			checkIndex(t, c)
		})
	}
}

func TestMessagesGiveTheirTimeAndPlace(t *testing.T) {
	c := newCache(t)
	list(t, c, waspyAccount, chat("1", "Ana", "", noon))
	third := msg("c", "", noon)
	third.Seq = 2
	read(t, c, waspyAccount, "1", msg("a", "", noon), msg("b", "", time.Time{}), third)
	p, err := c.Messages(t.Context(), threadOf(t, c, waspyAccount, "1").Ref, Spot{}, 9)
	if err != nil {
		t.Fatal(err)
	}
	if m := p.Messages[1]; m.ID != "b" || !m.At.IsZero() {
		t.Errorf("a time was invented: %+v", m)
	}
	if m := p.Messages[2]; m.Seq != 2 || !m.At.Equal(noon) || m.Account != "ventas" || m.Conversation != "1" || m.Kind != inbox.Text {
		t.Errorf("%+v", m)
	}
}

func TestChangedMessages(t *testing.T) {
	c := newCache(t)
	list(t, c, waspyAccount, chat("1", "Ana", "", noon))
	first, second := msg("a", "girasoles", noon), msg("b", "jazmines", minutes(1))
	read(t, c, waspyAccount, "1", first, second)
	indexAll(t, c)

	second.Status = "read"
	second.Raw = rawOf("read")
	if d := read(t, c, waspyAccount, "1", first, second); d.Messages != 1 || len(d.Threads) != 1 {
		t.Errorf("a moved delivery state: %+v", d)
	}
	if n, err := c.Queued(t.Context()); err != nil || n != 0 {
		t.Errorf("%d messages are to be indexed for a delivery state, %v", n, err)
	}
	if got := threadOf(t, c, waspyAccount, "1").LastStatus; got != "read" {
		t.Errorf("the thread says %q", got)
	}

	first.Text, first.Raw = "amapolas", rawOf("amapolas")
	read(t, c, waspyAccount, "1", first, second)
	for _, when := range []string{"queued", "indexed"} {
		if got := find(t, c, "girasoles"); len(got) != 0 {
			t.Errorf("%s: the old words find %v", when, got)
		}
		if got := find(t, c, "amapolas"); !slices.Equal(got, []string{"a"}) {
			t.Errorf("%s: the new words find %v", when, got)
		}
		indexAll(t, c)
		checkIndex(t, c)
	}

	// A time that moves takes the row with it: its place in the index is its time.
	first.At, first.Raw = minutes(5), rawOf("later")
	if d := read(t, c, waspyAccount, "1", first, second); d.Messages != 1 {
		t.Errorf("a changed time: %+v", d)
	}
	if got := ids1(t, c, threadOf(t, c, waspyAccount, "1").Ref); !slices.Equal(got, []string{"b", "a"}) {
		t.Errorf("order %v", got)
	}
	indexAll(t, c)
	if n := number(t, c.s, `SELECT count(*) FROM messages JOIN indexed ON message = id WHERE place >> 20 = at`); n != 2 {
		t.Errorf("%d places of 2 are their time", n)
	}
	if got := stored1(t, c, waspyAccount, "1").LastAt; !got.Equal(minutes(5)) {
		t.Errorf("last at %v", got)
	}
	first.At, first.Raw = minutes(-5), rawOf("earlier")
	read(t, c, waspyAccount, "1", first, second)
	if got := stored1(t, c, waspyAccount, "1").LastAt; !got.Equal(minutes(1)) {
		t.Errorf("last at %v after the newest moved back", got)
	}
	for _, when := range []string{"queued", "indexed"} {
		if got := find(t, c, "amapolas"); !slices.Equal(got, []string{"a"}) {
			t.Errorf("%s: found %v", when, got)
		}
		indexAll(t, c)
		checkIndex(t, c)
	}
}

// What is still to read is a queue of unequal marks: it survives kills, and
// what comes while reading stays in it.
func TestReadingQueue(t *testing.T) {
	c := newCache(t)
	ctx := t.Context()
	one, two := chat("1", "Ana", "", noon), chat("2", "Beto", "", minutes(1))
	list(t, c, waspyAccount, one, two)
	asked := unread(t, c, waspyAccount)
	if len(asked) != 2 || asked[0].ID != "2" || asked[1].ID != "1" || asked[0].Mark != nil {
		t.Fatalf("queue %+v", asked)
	}
	save := func(r Reading) {
		t.Helper()
		if _, err := c.SaveMessages(ctx, waspyAccount.Name, []Reading{r}); err != nil {
			t.Fatal(err)
		}
	}
	// A page that is not the last leaves it in the queue, with where to go on.
	save(Reading{Conversation: "1", Version: asked[1].Version, Messages: []inbox.Message{msg("a", "", noon)}, Next: inbox.Mark("p2"), More: true})
	if q := unread(t, c, waspyAccount); len(q) != 2 || string(q[1].Mark) != "p2" {
		t.Errorf("after a first page %+v", q)
	}
	if th := threadOf(t, c, waspyAccount, "1"); th.Complete {
		t.Error("complete before its last page")
	}
	// It moved while it was read.
	list(t, c, waspyAccount, with(one, func(c *inbox.Conversation) { c.LastMessageAt, c.ActiveAt = minutes(9), minutes(9) }))
	save(Reading{Conversation: "1", Version: asked[1].Version, Messages: []inbox.Message{msg("b", "", minutes(1))}, Next: inbox.Mark("p2 again")})
	q := unread(t, c, waspyAccount)
	if len(q) != 2 || q[0].ID != "1" || string(q[0].Mark) != "p2 again" {
		t.Errorf("after it moved %+v", q)
	}
	save(Reading{Conversation: "1", Version: q[0].Version, Messages: []inbox.Message{msg("b", "", minutes(1)), msg("c", "", minutes(9))}, Next: inbox.Mark("p2 again")})
	if q := unread(t, c, waspyAccount); len(q) != 1 || q[0].ID != "2" {
		t.Errorf("after reading it anew %+v", q)
	}
	if n, err := c.CountUnread(ctx, waspyAccount.Name); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	if th := threadOf(t, c, waspyAccount, "1"); !th.Complete {
		t.Error("not complete")
	}
	// By thread.
	ref := threadOf(t, c, waspyAccount, "2").Ref
	if q, err := c.Unread(ctx, waspyAccount.Name, []string{ref, "t_none", threadOf(t, c, waspyAccount, "1").Ref}, true, 10); err != nil || len(q) != 1 || q[0].ID != "2" {
		t.Errorf("%+v, %v", q, err)
	}
	// What the provider keeps short is incomplete and not asked for again.
	save(Reading{Conversation: "2", Version: asked[0].Version, Short: true})
	if q := unread(t, c, waspyAccount); len(q) != 0 {
		t.Errorf("%+v", q)
	}
	if s := stored1(t, c, waspyAccount, "2"); s.MessagesComplete || threadOf(t, c, waspyAccount, "2").Complete {
		t.Error("short, and complete")
	}
	// Everything again, from the start, and no mark of being partly here.
	begun, err := c.NextFetch(ctx, waspyAccount.Name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.BeginSweep(ctx, waspyAccount.Name, inbox.Page[inbox.Conversation]{}, &Feed{Kind: Sweep, Gen: 1, Running: true}, begun, true); err != nil {
		t.Fatal(err)
	}
	q = unread(t, c, waspyAccount)
	if len(q) != 2 || q[0].Mark != nil || q[1].Mark != nil || !q[0].Recheck || !q[1].Recheck {
		t.Errorf("to be read again: %+v", q)
	}
	if !threadOf(t, c, waspyAccount, "1").Complete {
		t.Error("what is read again shows as partly here")
	}
	// Where a reading from the start stands survives; its end settles it.
	save(Reading{Conversation: "1", Version: "x", Next: inbox.Mark("half"), More: true, Recheck: true})
	for _, r := range unread(t, c, waspyAccount) {
		if want := map[string]string{"1": "half", "2": ""}[r.ID]; string(r.Mark) != want || !r.Recheck {
			t.Errorf("half way %+v", r)
		}
	}
	for _, r := range q {
		save(Reading{Conversation: r.ID, Version: r.Version, Recheck: true})
	}
	if q := unread(t, c, waspyAccount); len(q) != 0 {
		t.Errorf("after reading again %+v", q)
	}
	save(Reading{Conversation: "gone meanwhile", Messages: []inbox.Message{msg("x", "", noon)}})
}

// Plática's reply carries the session itself: its version is what was read.
func TestReadingCarriesTheSession(t *testing.T) {
	c := newCache(t)
	s := session("s", "Lupe", "5215512345678", noon)
	list(t, c, platicaAccount, s)
	asked := unread(t, c, platicaAccount)
	moved := with(s, func(c *inbox.Conversation) {
		c.ActiveAt, c.MessageCount, c.Form, c.StatusWord = minutes(9), 3, inbox.Read, "finished"
	})
	begun, err := c.NextFetch(t.Context(), platicaAccount.Name)
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.SaveMessages(t.Context(), platicaAccount.Name, []Reading{{Conversation: "s", Version: asked[0].Version, Object: &moved, Begun: begun,
		Messages: []inbox.Message{msg("a", "uno", noon), msg("b", "dos", minutes(9))}}})
	if err != nil || d.Conversations != 1 || d.Messages != 2 {
		t.Errorf("%+v, %v", d, err)
	}
	if q := unread(t, c, platicaAccount); len(q) != 0 {
		t.Errorf("still to read %+v", q)
	}
	if th := threadOf(t, c, platicaAccount, "s"); th.Status != inbox.Resolved || th.LastText != "dos" || !th.Complete {
		t.Errorf("%+v", th)
	}
	list(t, c, platicaAccount, with(moved, func(c *inbox.Conversation) { c.Form = inbox.Listed }))
	if q := unread(t, c, platicaAccount); len(q) != 0 {
		t.Errorf("the list's version is another: %+v", q)
	}
}

// A failing transaction leaves every row as it was.
func TestSaveMessagesIsAllOrNothing(t *testing.T) {
	c := newCache(t)
	list(t, c, waspyAccount, chat("1", "Ana", "", noon))
	if err := c.s.write(t.Context(), func(x *tx) error {
		_, err := x.exec(`CREATE TEMP TRIGGER refuse BEFORE INSERT ON messages WHEN new.remote = 'bad' BEGIN SELECT raise(ABORT, 'no'); END`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	_, err := c.SaveMessages(t.Context(), waspyAccount.Name, []Reading{
		{Conversation: "1", Messages: []inbox.Message{msg("a", "", noon)}, Next: inbox.Mark("p2"), More: true},
		{Conversation: "1", Messages: []inbox.Message{msg("b", "", noon), msg("bad", "", noon)}},
	})
	if err == nil {
		t.Fatal("saved what cannot be")
	}
	if n := number(t, c.s, `SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM index_queue) + (SELECT count(message_mark) FROM conversations)`); n != 0 {
		t.Errorf("%d rows left", n)
	}
	if q := unread(t, c, waspyAccount); len(q) != 1 || q[0].Mark != nil {
		t.Errorf("%+v", q)
	}
}

// Pages in any order, and any page twice, give the same messages (SYNC I4).
func TestPagesInAnyOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := newCache(t)
		defer c.Close()
		list(t, c, waspyAccount, chat("1", "Ana", "", noon))
		var all []inbox.Message
		seqs := map[int64]int{}
		at := noon
		for i := range rapid.IntRange(1, 25).Draw(r, "messages") {
			at = at.Add(time.Duration(rapid.IntRange(0, 2).Draw(r, "gap")) * time.Millisecond)
			m := msg(fmt.Sprint("m", i), fmt.Sprint("texto ", i), at)
			m.Seq = seqs[at.UnixMilli()]
			seqs[at.UnixMilli()]++
			all = append(all, m)
		}
		var want []string
		for _, m := range all {
			want = append(want, m.ID)
		}
		size := rapid.IntRange(1, 10).Draw(r, "page")
		pages := slices.Collect(slices.Chunk(all, size))
		for _, p := range append(rapid.Permutation(pages).Draw(r, "order"), rapid.SampledFrom(pages).Draw(r, "again")) {
			read(t, c, waspyAccount, "1", p...)
		}
		ref := threadOf(t, c, waspyAccount, "1").Ref
		if got := ids1(t, c, ref); !slices.Equal(got, want) {
			r.Fatalf("order %v, want %v", got, want)
		}
	})
}

// Every walk over a thread's pages, backward, forward or from the middle,
// yields it whole and in order.
func TestMessagePaging(t *testing.T) {
	c := newCache(t)
	var want []string
	list(t, c, platicaAccount, session("a", "Lupe", "5215512345678", noon), session("b", "Lupe", "525512345678", minutes(10)), session("other", "Otra", "5215587654321", noon))
	at := noon
	for i := range 57 {
		if i%3 == 0 {
			at = at.Add(time.Minute)
		}
		m := msg(fmt.Sprintf("m%02d", i), "", at)
		m.Seq = i % 3
		in := "a"
		if i >= 30 {
			in = "b"
		}
		read(t, c, platicaAccount, in, m)
		want = append(want, m.ID)
	}
	read(t, c, platicaAccount, "other", msg("m00", "", noon), msg("x", "", minutes(3)))
	ref := threadOf(t, c, platicaAccount, "a").Ref
	get := func(r *rapid.T, spot Spot, limit int) MessagePage {
		p, err := c.Messages(t.Context(), ref, spot, limit)
		if err != nil {
			r.Fatalf("%+v: %v", spot, err)
		}
		if len(p.Messages) > limit {
			r.Fatalf("%d messages, asked for %d", len(p.Messages), limit)
		}
		return p
	}
	rapid.Check(t, func(r *rapid.T) {
		limit := rapid.IntRange(1, 60).Draw(r, "limit")
		p := get(r, Spot{}, limit)
		got := messageIDs(p)
		for p.Before != "" {
			p = get(r, Spot{Before: p.Before}, limit)
			got = append(messageIDs(p), got...)
		}
		if !slices.Equal(got, want) {
			r.Fatalf("backward: %v", got)
		}
		middle := rapid.SampledFrom(want).Draw(r, "around")
		p = get(r, Spot{Around: middle}, limit)
		got = messageIDs(p)
		if p.Found < 0 || got[p.Found] != middle {
			r.Fatalf("%s is not at %d in %v", middle, p.Found, got)
		}
		first, last := p, p
		for first.Before != "" {
			first = get(r, Spot{Before: first.Before}, limit)
			got = append(messageIDs(first), got...)
		}
		for last.After != "" {
			last = get(r, Spot{After: last.After}, limit)
			got = append(got, messageIDs(last)...)
		}
		if !slices.Equal(got, want) {
			r.Fatalf("around %s: %v", middle, got)
		}
	})
	for name, fail := range map[string]error{
		"no thread": func() error { _, err := c.Messages(t.Context(), "t_none", Spot{}, 5); return err }(),
		"no such":   func() error { _, err := c.Messages(t.Context(), ref, Spot{Around: "x"}, 5); return err }(),
	} {
		if !errors.Is(fail, ErrNotFound) {
			t.Errorf("%s: %v", name, fail)
		}
	}
	for _, cursor := range []string{"%", "YQ", "bm90AG9uZQ"} {
		if _, err := c.Messages(t.Context(), ref, Spot{Before: cursor}, 5); !errors.Is(err, ErrCursor) {
			t.Errorf("%q: %v", cursor, err)
		}
	}
	if p, err := c.Messages(t.Context(), ref, Spot{}, 0); err != nil || len(p.Messages) != 1 {
		t.Errorf("a limit of none: %v %v", p.Messages, err)
	}
}

// On one timeline, too, every walk yields it whole; a day that nothing is of
// gives what comes next, and one after the end the last.
func TestMessagesFromADay(t *testing.T) {
	c := newCache(t)
	list(t, c, waspyAccount, chat("1", "Ana", "+54 9 11 5983-4410", noon))
	other := chat("2", "Ana", "+54 9 11 5983-4410", noon)
	other.Channel = "line-2"
	list(t, c, waspyAccount, other)
	days := func(n int) time.Time { return noon.AddDate(0, 0, n) }
	read(t, c, waspyAccount, "1", msg("a", "", days(0)), msg("b", "", days(1)), msg("untimed", "", time.Time{}), msg("e", "", days(8)))
	read(t, c, waspyAccount, "2", msg("c", "", days(2)), msg("d", "", days(5)))
	thread := threadOf(t, c, waspyAccount, "1")
	midnight := func(n int) time.Time { return days(n).Add(-12 * time.Hour) }
	for _, tt := range []struct {
		name           string
		at             time.Time
		thread, person string
	}{
		{"before all", midnight(-400), "a", "a"},
		{"its very moment", days(1), "b", "b"},
		{"a day", midnight(1), "b", "b"},
		{"a day of another thread", midnight(2), "e", "c"},
		{"a day without any", midnight(3), "e", "d"},
		{"after all", midnight(9), "e", "e"},
	} {
		for whose, get := range map[string]func(context.Context, string, Spot, int) (MessagePage, error){thread.Ref: c.Messages, thread.Person: c.PersonMessages} {
			want := tt.thread
			if whose == thread.Person {
				want = tt.person
			}
			for limit := 1; limit < 9; limit++ {
				p, err := get(t.Context(), whose, Spot{From: tt.at}, limit)
				if err != nil || p.Found < 0 || p.Messages[p.Found].ID != want || len(p.Messages) > limit {
					t.Fatalf("%s in %s, %d of them: %v at %d, %v; want %s", tt.name, whose, limit, messageIDs(p), p.Found, err, want)
				}
			}
		}
	}
	p, err := c.PersonMessages(t.Context(), thread.Person, Spot{Around: "d"}, 3)
	if err != nil || !slices.Equal(messageIDs(p), []string{"c", "d", "e"}) || p.Found != 1 || p.Before == "" || p.After != "" {
		t.Errorf("around d: %v at %d, %q %q, %v", messageIDs(p), p.Found, p.Before, p.After, err)
	}
	list(t, c, waspyAccount, chat("3", "Nobody", "+54 9 11 5983-0000", noon))
	empty := threadOf(t, c, waspyAccount, "3").Ref
	if p, err := c.Messages(t.Context(), empty, Spot{From: noon}, 9); err != nil || p.Found != -1 || len(p.Messages) != 0 {
		t.Errorf("of none: %+v, %v", p, err)
	}
	starts := make([]time.Time, 11)
	for i := range starts {
		starts[i] = midnight(i)
	}
	mark := func(d MessageDays, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		out := ""
		for _, has := range d.Has {
			out += map[bool]string{true: "x", false: "."}[has]
		}
		return out + " " + d.First.Format("01-02") + " " + d.Last.Format("01-02")
	}
	ends := " " + days(0).Format("01-02") + " " + days(8).Format("01-02")
	if got := mark(c.ThreadDays(t.Context(), thread.Ref, starts)); got != "xx......x."+ends {
		t.Errorf("a thread's days: %s", got)
	}
	if got := mark(c.PersonDays(t.Context(), thread.Person, starts[1:])); got != "xx..x..x."+ends {
		t.Errorf("a person's days: %s", got)
	}
	if d, err := c.ThreadDays(t.Context(), empty, starts); err != nil || slices.Contains(d.Has, true) || !d.First.IsZero() || !d.Last.IsZero() {
		t.Errorf("days of none: %+v, %v", d, err)
	}
	if _, err := c.PersonDays(t.Context(), "p_nobody", starts); !errors.Is(err, ErrNotFound) {
		t.Errorf("days of nobody: %v", err)
	}
}
