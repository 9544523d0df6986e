package cache

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"bandeja/internal/inbox"
	"bandeja/internal/phone"
)

// leaving opens both files, and gives how to forget who has a conversation.
func leaving(t *testing.T) (c *Cache, l *Local, forget func(account inbox.Account, conversation string) (Subject, Erased)) {
	t.Helper()
	c = newCache(t)
	l, err := OpenLocal(t.Context(), filepath.Join(t.TempDir(), "local.db"), ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	for _, a := range []inbox.Account{waspyAccount, platicaAccount} {
		if err := l.SaveAccount(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	return c, l, func(a inbox.Account, conversation string) (Subject, Erased) {
		t.Helper()
		s, err := c.Subject(t.Context(), []string{threadOf(t, c, a, conversation).Person})
		if err != nil {
			t.Fatal(err)
		}
		g, err := l.BeginForgetting(t.Context(), ForgetPlan{Sides: s.Sides}, noon)
		if err != nil {
			t.Fatal(err)
		}
		c.KeepOut(l.Forgotten())
		n, err := c.EraseForgotten(t.Context(), func(Delta) {})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.EndForgetting(t.Context(), g); err != nil {
			t.Fatal(err)
		}
		n.Add(g.Done)
		return s, n
	}
}

func hereOf(t *testing.T, c *Cache, a inbox.Account) (ids []string) {
	t.Helper()
	all, err := c.Newest(t.Context(), a.Name, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		ids = append(ids, l.ID)
	}
	slices.Sort(ids)
	return ids
}

// Whoever is forgotten is let in by no way in which rows come: a page, a single
// read, messages that carry it, a look-up, one that is gone and was kept.
func TestKeptOut(t *testing.T) {
	c, l, forget := leaving(t)
	rows := []inbox.Conversation{chat("w1", "Ana", "5491159834410", minutes(1)), chat("w2", "Beto", "5491144445555", minutes(2)), chat("w3", "", "", minutes(3))}
	list(t, c, waspyAccount, rows...)
	list(t, c, platicaAccount, session("s1", "Anita", "+5491159834410", minutes(1)))
	read(t, c, waspyAccount, "w1", msg("m1", "xilofonazo", minutes(1)))
	indexAll(t, c)
	_, n := forget(waspyAccount, "w1")
	if n.Conversations != 2 || n.Messages != 1 {
		t.Errorf("erased: %+v", n)
	}
	if _, n := forget(waspyAccount, "w3"); n.Conversations != 1 { // nobody knows their number
		t.Errorf("erased of one without a number: %+v", n)
	}
	if found := find(t, c, "xilofonazo"); len(found) != 0 {
		t.Errorf("messages found: %v", found)
	}
	checkIndex(t, c)

	// Another conversation of the line, written in another way, and the same ones.
	rows = append(rows, chat("w4", "Ana otra vez", "011 15-5983-4410", minutes(4)), chat("w5", "Cora", "5491166667777", minutes(5)))
	d := list(t, c, waspyAccount, rows...)
	if want := []bool{false, false, false, false, true}; !slices.Equal(d.Fresh, want) {
		t.Errorf("fresh: %v, want %v", d.Fresh, want)
	}
	single := with(rows[0], func(c *inbox.Conversation) { c.Form = inbox.Read })
	list(t, c, waspyAccount, single)
	if _, err := c.SaveMessages(t.Context(), "ventas", []Reading{{Conversation: "w1", Object: &single, Messages: []inbox.Message{msg("m1", "xilofonazo", minutes(1))}}}); err != nil {
		t.Fatal(err)
	}
	if err := c.QueueLookups(t.Context(), "ventas", []string{"w1", "w9"}); err != nil {
		t.Fatal(err)
	}
	if due, err := c.Lookups(t.Context(), "ventas", minutes(100), 10); err != nil || !slices.Equal(due, []string{"w9"}) {
		t.Errorf("look-ups: %v, %v", due, err)
	}
	gone := GoneConversation{Account: "ventas", Conversation: rows[0], Messages: []inbox.Message{msg("m1", "xilofonazo", minutes(1))}}
	if err := l.KeepGone(t.Context(), gone, noon); err != nil {
		t.Fatal(err)
	}
	if kept, err := l.KeptGone(t.Context()); err != nil || len(kept) != 0 {
		t.Errorf("kept though forgotten: %v, %v", kept, err)
	}
	if _, err := c.RestoreGone(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	if err := l.KeepChanges(t.Context(), []ChangeLine{{Account: "ventas", Conversation: "w1", Field: "name", Before: "Ana", After: "Anita", Until: noon}}); err != nil {
		t.Fatal(err)
	}
	if lines, err := l.ChangesOf(t.Context(), "ventas", []string{"w1"}); err != nil || len(lines) != 0 {
		t.Errorf("history kept: %v, %v", lines, err)
	}
	if got := hereOf(t, c, waspyAccount); !slices.Equal(got, []string{"w2", "w5"}) {
		t.Errorf("here: %v", got)
	}
	if got := hereOf(t, c, platicaAccount); len(got) != 0 {
		t.Errorf("here of soporte: %v", got)
	}
	if err := c.CheckContent(t.Context()); err != nil {
		t.Error(err)
	}
}

// A sweep that lists whoever is forgotten counts them nowhere: not as listed, as
// here, or as to be looked for.
func TestKeptOutOfASweep(t *testing.T) {
	c, _, forget := leaving(t)
	rows := []inbox.Conversation{chat("w1", "Ana", "5491159834410", minutes(1)), chat("w2", "Beto", "5491144445555", minutes(2))}
	list(t, c, waspyAccount, rows...)
	forget(waspyAccount, "w1")
	feed := Feed{Kind: Sweep, Gen: 1, Running: true}
	begun, err := c.NextFetch(t.Context(), "ventas")
	if err == nil {
		_, err = c.BeginSweep(t.Context(), "ventas", page(rows...), &feed, begun, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	swept, err := c.EndSweep(t.Context(), "ventas", &feed, noon)
	if err != nil || swept.Differs() || swept.Listed.Count != 1 || swept.Unseen != 0 {
		t.Errorf("swept: %+v, %v", swept, err)
	}
}

// Rows that could not be read go with whom they name, and are not kept again.
func TestRejectsOfTheForgotten(t *testing.T) {
	c, _, forget := leaving(t)
	theirs := []inbox.Rejected{
		{Reason: "no id", Raw: rawOf(map[string]any{"contact": map[string]any{"phoneNumber": "+54 9 11 5983-4410"}})},
		{Reason: "no status", Raw: rawOf(map[string]any{"id": "w1"})},
		{Reason: "no object", Raw: []byte(`{"phone":"5491159834410","na`)},
	}
	other := inbox.Rejected{Reason: "no id", Raw: rawOf(map[string]any{"contact": "5491144445555"})}
	answer := page(chat("w1", "Ana", "5491159834410", minutes(1)))
	answer.Rejected = append(slices.Clone(theirs), other)
	save := func() {
		t.Helper()
		begun, err := c.NextFetch(t.Context(), "ventas")
		if err == nil {
			_, err = c.SaveConversations(t.Context(), "ventas", answer, nil, begun)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	save()
	if _, n := forget(waspyAccount, "w1"); n.Rejects != 3 {
		t.Errorf("erased: %+v", n)
	}
	save()
	if n := number(t, c.s, `SELECT count(*) FROM rejects`); n != 1 {
		t.Errorf("%d rows are kept, want 1", n)
	}
	if s, err := c.State(t.Context(), "ventas"); err != nil || s.Rejected != 1 {
		t.Errorf("counted: %d, %v", s.Rejected, err)
	}
}

// Of two people with one number, who were told apart, one alone can be
// forgotten: the number stays the other's, who goes on as before.
func TestForgetOneOfALine(t *testing.T) {
	c, l, forget := leaving(t)
	rows := []inbox.Conversation{chat("w1", "Ana", "5491159834410", minutes(1)), chat("w2", "Beto", "5491159834410", minutes(2))}
	list(t, c, waspyAccount, rows...)
	people := personRefs(t, c, "ventas/w1", "ventas/w2")
	if people[0] == people[1] {
		plan, err := c.PlanSplit(t.Context(), people[0], contactRef(t, c, people[0], "w2"))
		if err == nil {
			_, err = l.SaveTies(t.Context(), plan, noon)
		}
		if err == nil {
			_, err = c.ShowTies(t.Context(), l)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	s, _ := forget(waspyAccount, "w2")
	if len(s.Shared) != 1 {
		t.Errorf("shared: %v", s.Shared)
	}
	list(t, c, waspyAccount, rows...)
	if got := hereOf(t, c, waspyAccount); !slices.Equal(got, []string{"w1"}) {
		t.Errorf("here: %v", got)
	}
}

// contactRef is the contact (c_…) of a person that has a conversation.
func contactRef(t *testing.T, c *Cache, person, conversation string) string {
	t.Helper()
	b, err := c.Bonds(t.Context(), person)
	if err != nil {
		t.Fatal(err)
	}
	ref := threadOf(t, c, waspyAccount, conversation).Ref
	for _, k := range b.Contacts {
		if slices.Contains(k.Threads, ref) {
			return k.ID
		}
	}
	t.Fatal("no contact of " + conversation)
	return ""
}

// The same ten digits are one line in Argentina and another in Mexico: who is
// forgotten in one is nobody in the other. A number may be let in again by any
// of its forms.
func TestSameDigitsElsewhere(t *testing.T) {
	c, l, forget := leaving(t)
	list(t, c, waspyAccount, chat("w1", "Ana", "2214567890", minutes(1)))      // La Plata
	list(t, c, platicaAccount, session("s1", "Luz", "2214567890", minutes(1))) // Puebla
	forget(waspyAccount, "w1")
	list(t, c, platicaAccount, session("s2", "Luz", "2214567890", minutes(3)))
	if got := hereOf(t, c, platicaAccount); !slices.Equal(got, []string{"s1", "s2"}) {
		t.Errorf("here of soporte: %v", got)
	}
	where := []phone.Context{{Region: "AR"}, {Region: "MX"}}
	if _, err := l.LetIn(t.Context(), "", NumberSides("011 4444-4444", where)); !errors.Is(err, ErrNotFound) {
		t.Errorf("somebody else let in: %v", err)
	}
	if n, err := l.LetIn(t.Context(), "", NumberSides("0221 15-456-7890", where)); err != nil || n != 1 {
		t.Fatalf("let in: %d, %v", n, err)
	}
	c.KeepOut(l.Forgotten())
	list(t, c, waspyAccount, chat("w1", "Ana", "2214567890", minutes(4)))
	if got := hereOf(t, c, waspyAccount); !slices.Equal(got, []string{"w1"}) {
		t.Errorf("here: %v", got)
	}
}
