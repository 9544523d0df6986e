package cache

import (
	"slices"
	"testing"
	"time"

	"bandeja/internal/inbox"
)

// One line is one person over both platforms, however it is written; another
// line is another.
func TestTwins(t *testing.T) {
	for _, tt := range []struct {
		name, waspy, platica string
		same                 bool
	}{
		{"AR with and without the 9", "+54 9 11 5983-4410", "541159834410", true},
		{"AR a WhatsApp id", "+54 11 5983-4410", "5491159834410@s.whatsapp.net", true},
		{"MX with and without the 1", "+52 1 55 1234 5678", "525512345678", true},
		{"MX both with", "5215512345678", "+5215512345678", true},
		{"AR another line", "+54 9 11 5983-4410", "+54 9 11 5983-4411", false},
		{"the same ten digits in two countries", "+54 11 5512-3456", "+52 11 5512 3456", false},
		{"no numbers", "", "", false},
		{"the same name is no reason", "", "+54 9 11 5983-4410", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCache(t)
			list(t, c, waspyAccount, chat("1", "Ana", tt.waspy, noon))
			list(t, c, platicaAccount, session("s", "Ana", tt.platica, noon))
			p := personRefs(t, c, "ventas/1", "soporte/s")
			if (p[0] == p[1]) != tt.same {
				t.Errorf("people %v", p)
			}
			// The order in which they came changes nothing.
			o := newCache(t)
			list(t, o, platicaAccount, session("s", "Ana", tt.platica, noon))
			list(t, o, waspyAccount, chat("1", "Ana", tt.waspy, noon))
			if q := personRefs(t, o, "ventas/1", "soporte/s"); !slices.Equal(p, q) {
				t.Errorf("in the other order %v, not %v", q, p)
			}
		})
	}
}

// A number written without its country joins within its account alone, until
// the account has it written in full.
func TestGuessedNumbers(t *testing.T) {
	c := newCache(t)
	full := "+54 9 11 5983-4410"
	ar := inbox.Account{Name: "otra", Provider: inbox.Platica, Region: "AR", Area: "11"}
	if err := c.EnsureAccount(t.Context(), ar); err != nil {
		t.Fatal(err)
	}
	// Only the team has written: nothing says that they are two customers.
	chat := func(id, name, number string, at time.Time) inbox.Conversation {
		return with(chat(id, name, number, at), func(c *inbox.Conversation) { c.LastDirection = inbox.Out })
	}
	list(t, c, waspyAccount, chat("g1", "Ana", "11 5983-4410", noon), chat("g2", "Ana", "011 15-5983-4410", noon))
	list(t, c, ar, session("s", "Ana", full, noon))
	p := personRefs(t, c, "ventas/g1", "ventas/g2", "otra/s")
	if p[0] != p[1] || p[0] == p[2] {
		t.Fatalf("guessed: %v", p)
	}
	d := list(t, c, waspyAccount, chat("full", "Ana", full, noon))
	if q := personRefs(t, c, "ventas/g1", "ventas/g2", "otra/s", "ventas/full"); q[0] != p[2] || q[1] != p[2] || q[2] != p[2] || q[3] != p[2] {
		t.Errorf("written in full: %v", q)
	}
	if !slices.Contains(d.People, p[0]) || !slices.Contains(d.People, p[2]) {
		t.Errorf("told of %v, want %s left and %s joined", d.People, p[0], p[2])
	}
	late := chat("g3", "Ana", "5983-4410", noon)
	list(t, c, waspyAccount, late)
	if q := personRefs(t, c, "ventas/g3"); q[0] != p[2] {
		t.Error("one that comes later is not joined")
	}
	// Without the row that knew, it is a guess again.
	d = list(t, c, waspyAccount, with(chat("full", "Ana", full, noon), func(c *inbox.Conversation) { c.Phone = "+54 9 351 555-0101" }))
	if q := personRefs(t, c, "ventas/g1", "ventas/g2", "ventas/g3"); q[0] != p[0] || q[1] != p[0] || q[2] != p[0] {
		t.Errorf("after the full one went: %v, want %s", q, p[0])
	}
	if !slices.Contains(d.People, p[0]) || !slices.Contains(d.People, p[2]) {
		t.Errorf("told of %v", d.People)
	}
}

// Plática names no customers: its sessions of one line on one channel are one
// thread, however each wrote the number.
func TestSessionsOfOneLineAreOneThread(t *testing.T) {
	c := newCache(t)
	list(t, c, platicaAccount, session("a", "Lupe", "5215512345678", noon), session("b", "Guadalupe", "+52 55 1234 5678", minutes(60)))
	other := session("c", "Lupe", "5215512345678", minutes(90))
	other.Channel = "canal-2"
	list(t, c, platicaAccount, with(other, func(*inbox.Conversation) {}), session("d", "", "", noon), session("e", "", "", noon))
	a, b, o := threadOf(t, c, platicaAccount, "a"), threadOf(t, c, platicaAccount, "b"), threadOf(t, c, platicaAccount, "c")
	if a.Ref != b.Ref || a.Sessions != 2 || a.Conversation != "b" || a.Name != "Guadalupe" {
		t.Errorf("%+v", a)
	}
	if o.Ref == a.Ref || o.Person != a.Person {
		t.Errorf("another channel: %+v", o)
	}
	d, e := threadOf(t, c, platicaAccount, "d"), threadOf(t, c, platicaAccount, "e")
	if d.Ref == e.Ref || d.Person == e.Person {
		t.Error("two nameless sessions without a number are one")
	}
	var names []string
	if err := c.OtherNames(t.Context(), []string{a.Person}, func(_, name string) error {
		names = append(names, name)
		return nil
	}); err != nil || !slices.Equal(names, []string{"Lupe"}) {
		t.Errorf("other names %v, %v", names, err)
	}
}

// A newest session that says no name or number takes none away.
func TestNamelessSessionKeepsTheName(t *testing.T) {
	c := newCache(t)
	first := chat("1", "Ana", "+54 9 11 5983-4410", noon)
	list(t, c, waspyAccount, first)
	bare := with(first, func(c *inbox.Conversation) { c.ID, c.Name, c.Phone, c.CreatedAt = "2", "", "", minutes(5) })
	list(t, c, waspyAccount, bare)
	if got := threadOf(t, c, waspyAccount, "2"); got.Name != "Ana" || got.Sessions != 2 || got.Phone != "+54 9 11 5983-4410" {
		t.Errorf("%+v", got)
	}
	older := with(first, func(c *inbox.Conversation) { c.ID, c.Name, c.CreatedAt = "0", "Anita", minutes(-5) })
	list(t, c, waspyAccount, older)
	if got := threadOf(t, c, waspyAccount, "2"); got.Name != "Ana" {
		t.Errorf("an older conversation renamed the contact: %q", got.Name)
	}
}

// At Plática a changed number is another thread: messages follow and are
// indexed anew, what is left empty goes.
func TestChangedNumberMovesTheThread(t *testing.T) {
	c := newCache(t)
	s := session("s", "Lupe", "5215512345678", noon)
	list(t, c, platicaAccount, s)
	read(t, c, platicaAccount, "s", msg("m1", "quiero girasoles", noon), msg("m2", "gracias", minutes(1)))
	indexAll(t, c)
	before := threadOf(t, c, platicaAccount, "s")
	d := list(t, c, platicaAccount, with(s, func(c *inbox.Conversation) { c.Phone = "5215587654321" }))
	after := threadOf(t, c, platicaAccount, "s")
	if after.Ref == before.Ref || after.Person == before.Person || after.LastText != "gracias" || !after.Complete {
		t.Errorf("before %+v\nafter  %+v", before, after)
	}
	for _, ref := range []string{before.Ref, after.Ref} {
		if !slices.Contains(d.Threads, ref) {
			t.Errorf("told of threads %v, not of %s", d.Threads, ref)
		}
	}
	for _, ref := range []string{before.Person, after.Person} {
		if !slices.Contains(d.People, ref) {
			t.Errorf("told of people %v, not of %s", d.People, ref)
		}
	}
	if n := number(t, c.s, `SELECT (SELECT count(*) FROM threads) + (SELECT count(*) FROM contacts)`); n != 2 {
		t.Errorf("%d threads and contacts left, want one of each", n)
	}
	inThread := func(ref string) int {
		found, err := c.SearchMessages(t.Context(), MessageQuery{Words: []Word{{Text: "girasoles"}}, Thread: ref, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		return len(found.Messages)
	}
	for _, when := range []string{"queued", "indexed"} {
		if inThread(before.Ref) != 0 || inThread(after.Ref) != 1 {
			t.Errorf("%s: %d in the old thread, %d in the new", when, inThread(before.Ref), inThread(after.Ref))
		}
		indexAll(t, c)
		checkIndex(t, c)
	}
}

// At Waspy the customer has an id: a changed number is another person and the
// same thread.
func TestChangedNumberKeepsTheChat(t *testing.T) {
	c := newCache(t)
	row := chat("1", "Ana", "+54 9 11 5983-4410", noon)
	list(t, c, waspyAccount, row)
	before := threadOf(t, c, waspyAccount, "1")
	d := list(t, c, waspyAccount, with(row, func(c *inbox.Conversation) { c.Phone = "+54 9 351 555-0101" }))
	after := threadOf(t, c, waspyAccount, "1")
	if after.Ref != before.Ref || after.Person == before.Person || after.Phone == before.Phone {
		t.Errorf("before %+v\nafter  %+v", before, after)
	}
	if !slices.Contains(d.People, before.Person) || !slices.Contains(d.People, after.Person) {
		t.Errorf("told of %v", d.People)
	}
}

// A changed region or area reads the stored numbers anew, without the network:
// the same as if it had been so from the start.
func TestChangedRegion(t *testing.T) {
	rows := []inbox.Conversation{session("a", "Ana", "11 5983-4410", noon), session("b", "Ana", "5983-4410", minutes(1)),
		session("c", "Ana", "+54 9 11 5983-4410", minutes(2)), session("d", "Lupe", "55 1234 5678", minutes(3)), session("e", "", "", minutes(4))}
	account := inbox.Account{Name: "soporte", Provider: inbox.Platica, Region: "MX"}
	fill := func(c *Cache) {
		list(t, c, account, rows...)
		for _, r := range rows {
			read(t, c, account, r.ID, msg("m"+r.ID, "hola "+r.ID, r.CreatedAt))
		}
		indexAll(t, c)
	}
	moved := newCache(t)
	fill(moved)
	account.Region, account.Area = "AR", "11"
	if err := moved.EnsureAccount(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	rekeyAll(t, moved)
	fresh := newCache(t)
	if err := fresh.EnsureAccount(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	fill(fresh)
	for _, r := range rows {
		got, want := threadOf(t, moved, account, r.ID), threadOf(t, fresh, account, r.ID)
		if got.Ref != want.Ref || got.Person != want.Person || got.Name != want.Name || got.Phone != want.Phone || got.Sessions != want.Sessions || got.LastText != want.LastText {
			t.Errorf("%s\ngot  %+v\nwant %+v", r.ID, got, want)
		}
	}
	if a := threadOf(t, moved, account, "a"); a.Sessions != 3 {
		t.Errorf("three forms of one line are %d sessions", a.Sessions)
	}
	for _, table := range []string{"threads", "contacts"} {
		if got, want := number(t, moved.s, `SELECT count(*) FROM `+table), number(t, fresh.s, `SELECT count(*) FROM `+table); got != want {
			t.Errorf("%d %s, want %d", got, table, want)
		}
	}
	indexAll(t, moved)
	checkIndex(t, moved)
}

func TestAccounts(t *testing.T) {
	c := newCache(t)
	ctx := t.Context()
	if n := writes(t, c.s, func() {
		if err := c.EnsureAccount(ctx, waspyAccount); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%d rows written for an account that is known", n)
	}
	for _, a := range []inbox.Account{waspyAccount, platicaAccount} {
		list(t, c, a, chat("1", "Ana", "+54 9 11 5983-4410", noon), chat("2", "Beto", "", minutes(1)))
		read(t, c, a, "1", msg("m1", "girasoles", noon), msg("m2", "jazmines", minutes(1)))
		read(t, c, a, "2", msg("m1", "girasoles", minutes(2)))
		indexAll(t, c)
		read(t, c, a, "1", msg("m1", "girasoles rojos", minutes(3)), msg("m3", "girasoles queued", minutes(4))) // m1 moves, its old row waits
		if _, err := c.SaveConversations(ctx, a.Name, inbox.Page[inbox.Conversation]{Rejected: []inbox.Rejected{{Raw: []byte("1")}}, Workspaces: []inbox.Workspace{{ID: "w"}}}, &Feed{Kind: Sweep}, 9); err != nil {
			t.Fatal(err)
		}
		if err := c.SaveRun(ctx, a.Name, Run{}); err != nil {
			t.Fatal(err)
		}
	}
	if got := find(t, c, "girasoles"); len(got) != 6 {
		t.Fatalf("found %v", got)
	}
	if _, err := c.RemoveAccount(ctx, waspyAccount.Name); err != nil {
		t.Fatal(err)
	}
	if got := find(t, c, "girasoles"); len(got) != 3 {
		t.Errorf("found %v of the account that stayed", got)
	}
	if n := number(t, c.s, `SELECT count(*) FROM index_queue WHERE old_facets LIKE 'a1 %'`); n != 0 {
		t.Errorf("%d rows of the removed account wait for the index", n)
	}
	indexAll(t, c)
	checkIndex(t, c)
	if _, err := c.RemoveAccount(ctx, platicaAccount.Name); err != nil {
		t.Fatal(err)
	}
	if _, err := c.RemoveAccount(ctx, platicaAccount.Name); err != nil {
		t.Errorf("removing what is not there: %v", err)
	}
	for _, table := range []string{"accounts", "contacts", "threads", "conversations", "messages", "index_queue", "feeds", "rejects", "runs", "workspaces"} {
		if n := number(t, c.s, `SELECT count(*) FROM `+table); n != 0 {
			t.Errorf("%d rows left in %s", n, table)
		}
	}
	if n := number(t, c.s, `SELECT count(*) FROM message_index WHERE message_index MATCH 'girasoles OR jazmines OR a1 OR a2'`); n != 0 {
		t.Errorf("the index still knows %d rows", n)
	}
	checkIndex(t, c)
	if err := c.EnsureAccount(ctx, waspyAccount); err != nil {
		t.Fatal(err)
	}
	if d := list(t, c, waspyAccount, chat("1", "Ana", "", noon)); d.Conversations != 1 {
		t.Errorf("after adding it again: %+v", d)
	}
}
