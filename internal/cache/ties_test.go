package cache

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bandeja/internal/inbox"
	"bandeja/internal/phone"
)

// whoIsWho is an office whose people are joined and split at random, and the
// rows that providers say of it.
type whoIsWho struct {
	t    *testing.T
	r    *rapid.T
	c    *Cache
	l    *Local
	rows map[string]map[string]inbox.Conversation // by account and id
	read map[string]bool                          // chats whose message from the customer has been read
}

var thirdAccount = inbox.Account{Name: "otra", Provider: inbox.Platica, Region: "AR", Area: "11"}

var offices = []inbox.Account{waspyAccount, platicaAccount, thirdAccount}

// line writes a number in one of the ways in which lines are met: with and
// without the 9, without its country, another one, none.
var someLines = []string{"+54 9 11 5983-4410", "541159834410", "11 5983-4410", "+54 9 11 5983-4411", "5983-4411", "+52 55 1234 5678", "55 1234 5678", ""}

func (w *whoIsWho) cache() *Cache {
	c := newCache(w.t)
	if err := c.EnsureAccount(w.t.Context(), thirdAccount); err != nil {
		w.r.Fatal(err)
	}
	return c
}

func (w *whoIsWho) draw() (a inbox.Account, row inbox.Conversation) {
	a = rapid.SampledFrom(offices).Draw(w.r, "account")
	n := rapid.IntRange(1, 4).Draw(w.r, "row")
	id := fmt.Sprint(a.Name, n)
	number := rapid.SampledFrom(someLines).Draw(w.r, "number")
	old, known := w.rows[a.Name][id]
	if a.Provider == inbox.Platica {
		if known {
			number = old.Phone // it would be another contact, whose rows say what they said
		}
		return a, session(id, "Ana", number, minutes(n))
	}
	if known && number == "" {
		number = old.Phone // none is taken away
	}
	return a, with(chat(id, "Ana", number, noon), func(c *inbox.Conversation) {
		c.Channel = rapid.SampledFrom([]string{"line-1", "line-2"}).Draw(w.r, "channel")
		if known {
			c.Channel = old.Channel
		}
		c.LastDirection = rapid.SampledFrom([]inbox.Direction{inbox.In, inbox.Out}).Draw(w.r, "direction")
		c.CreatedAt = minutes((n * 7) % 3) // some as old as others
	})
}

func (w *whoIsWho) arrive() Delta {
	a, row := w.draw()
	w.rows[a.Name][row.ID] = row
	return list(w.t, w.c, a, row)
}

// hear reads a message of a customer's.
func (w *whoIsWho) hear() Delta {
	ids := slices.Sorted(maps.Keys(w.rows[waspyAccount.Name]))
	if len(ids) == 0 {
		return Delta{}
	}
	id := rapid.SampledFrom(ids).Draw(w.r, "heard")
	w.read[id] = true
	return read(w.t, w.c, waspyAccount, id, msg("m", "hola", noon))
}

// modelContact is a contact as the rows have it.
type modelContact struct {
	account, remote, channel string
	waspy, guessed, wrote    bool
	key                      string
	born                     int64
}

func (k modelContact) side() string { return contactSide(k.account, k.remote) }

func (w *whoIsWho) contacts() []modelContact {
	by := map[string]modelContact{}
	for _, a := range offices {
		row := accountRow{name: a.Name, provider: a.Provider, phones: phone.Context{Region: a.Region, Area: a.Area}}
		for _, id := range slices.Sorted(maps.Keys(w.rows[a.Name])) {
			c := w.rows[a.Name][id]
			k := contactOf(row, &c)
			m := modelContact{a.Name, k.remote, c.Channel, a.Provider == inbox.Waspy, k.number.Guessed,
				c.LastDirection == inbox.In || w.read[id], k.number.Key, c.CreatedAt.UnixMilli()}
			if old, ok := by[m.side()]; !ok || m.born > old.born {
				by[m.side()] = m
			}
		}
	}
	out := slices.Collect(maps.Values(by))
	slices.SortFunc(out, func(a, b modelContact) int { return strings.Compare(a.side(), b.side()) })
	return out
}

// model says who is one, from all the rows at once and in no order: sets of
// sides, each named by its least.
func (w *whoIsWho) model(said []Tie) map[string]string {
	contacts := w.contacts()
	apart := func(k modelContact) bool {
		for _, l := range said {
			if (l.Said == SaidSplit || l.Said == SaidAlone) && l.A == k.side() && l.B == lineSide(k.key) {
				return true
			}
		}
		if !k.waspy || !k.wrote {
			return false
		}
		return slices.ContainsFunc(contacts, func(o modelContact) bool {
			return o.waspy && o.wrote && o.key == k.key && o.channel == k.channel && (o.born < k.born || o.born == k.born && o.remote < k.remote)
		})
	}
	set := map[string]string{}
	find := func(s string) string {
		for set[s] != "" && set[s] != s {
			s = set[s]
		}
		return s
	}
	union := func(a, b string) { set[find(a)] = find(b) }
	for _, k := range contacts {
		if k.key == "" || apart(k) {
			continue
		}
		sure := slices.ContainsFunc(contacts, func(o modelContact) bool { return o.account == k.account && o.key == k.key && !o.guessed })
		guess := slices.ContainsFunc(said, func(l Tie) bool { return l.Said == SaidGuess && l.A == k.side() && l.B == lineSide(k.key) })
		if sure && !guess {
			union(k.side(), lineSide(k.key))
		} else {
			union(k.side(), "guess "+k.account+k.key)
		}
	}
	for i, l := range said {
		if l.Said == SaidJoined && !slices.ContainsFunc(said[i+1:], func(later Tie) bool { return later.Said == SaidSplit && (later.A == l.A || later.A == l.B) }) {
			union(l.A, l.B)
		}
	}
	groups := map[string][]string{}
	for _, k := range contacts {
		groups[find(k.side())] = append(groups[find(k.side())], k.side())
	}
	return named(groups)
}

func named(groups map[string][]string) map[string]string {
	out := map[string]string{}
	for _, sides := range groups {
		for _, s := range sides {
			out[s] = slices.Min(sides)
		}
	}
	return out
}

// people reads who each contact is.
func (w *whoIsWho) people(c *Cache) map[string]string {
	out := map[string]string{}
	if err := each(w.t.Context(), c.s.readers, `SELECT a.name, k.remote, k.person FROM contacts k JOIN accounts a ON a.id = k.account`, nil, func(scan func(...any) error) error {
		var account, remote, person string
		err := scan(&account, &remote, &person)
		out[contactSide(account, remote)] = person
		return err
	}); err != nil {
		w.r.Fatal(err)
	}
	return out
}

func setsOf(people map[string]string) map[string]string {
	groups := map[string][]string{}
	for side, person := range people {
		groups[person] = append(groups[person], side)
	}
	return named(groups)
}

func (w *whoIsWho) ties() []Tie {
	said, err := w.l.Ties(w.t.Context())
	if err != nil {
		w.r.Fatal(err)
	}
	return said
}

func (w *whoIsWho) show(c *Cache) Delta {
	d, err := c.ShowTies(w.t.Context(), w.l)
	if err != nil {
		w.r.Fatal(err)
	}
	return d
}

// decide keeps a plan, shows it, and wants exactly what was meant: together
// are one now, and everybody else is with whom they were.
func (w *whoIsWho) decide(plan []Tie, together ...[]string) Delta {
	before := setsOf(w.people(w.c))
	id, err := w.l.SaveTies(w.t.Context(), plan, noon)
	if err != nil {
		w.r.Fatal(err)
	}
	d := w.show(w.c)
	groups := map[string][]string{}
	for i, sides := range together {
		groups[fmt.Sprint(i)] = sides
	}
	for side, name := range before {
		if !slices.ContainsFunc(together, func(sides []string) bool { return slices.Contains(sides, side) }) {
			groups["as before "+name] = append(groups["as before "+name], side)
		}
	}
	if got, want := setsOf(w.people(w.c)), named(groups); !maps.Equal(got, want) {
		w.r.Fatalf("decided %+v: %v\nwant %v", plan, got, want)
	}
	if rapid.Bool().Draw(w.r, "undone") {
		if err := w.l.DropTies(w.t.Context(), id); err != nil {
			w.r.Fatal(err)
		}
		d.Add(w.show(w.c))
		if got := setsOf(w.people(w.c)); !maps.Equal(got, before) {
			w.r.Fatalf("undone %+v: %v\nwas %v", plan, got, before)
		}
	}
	return d
}

func sidesOf(people map[string]string, person string) (out []string) {
	for _, side := range slices.Sorted(maps.Keys(people)) {
		if people[side] == person {
			out = append(out, side)
		}
	}
	return out
}

func (w *whoIsWho) join() Delta {
	people := w.people(w.c)
	refs := slices.Compact(slices.Sorted(maps.Values(people)))
	if len(refs) < 2 {
		return Delta{}
	}
	a, b := rapid.SampledFrom(refs).Draw(w.r, "one"), rapid.SampledFrom(refs).Draw(w.r, "other")
	plan, err := w.c.PlanJoin(w.t.Context(), a, b)
	if a == b {
		if !errors.Is(err, ErrSamePerson) {
			w.r.Fatalf("joined with oneself: %v", err)
		}
		return Delta{}
	}
	if err != nil {
		w.r.Fatal(err)
	}
	return w.decide(plan, append(sidesOf(people, a), sidesOf(people, b)...))
}

func (w *whoIsWho) split() Delta {
	people := w.people(w.c)
	if len(people) == 0 {
		return Delta{}
	}
	side := rapid.SampledFrom(slices.Sorted(maps.Keys(people))).Draw(w.r, "who goes")
	account, remote, _ := strings.Cut(strings.TrimPrefix(side, "contact:"), ":")
	plan, err := w.c.PlanSplit(w.t.Context(), people[side], inbox.StableID("c", account, remote))
	rest := slices.DeleteFunc(sidesOf(people, people[side]), func(s string) bool { return s == side })
	if len(rest) == 0 {
		if !errors.Is(err, ErrAlone) {
			w.r.Fatalf("split from nobody: %v", err)
		}
		return Delta{}
	}
	if err != nil {
		w.r.Fatal(err)
	}
	return w.decide(plan, []string{side}, rest)
}

// suggested lists who is suggested to whom.
func (w *whoIsWho) suggested(people map[string]string) map[[2]string]string {
	out := map[[2]string]string{}
	for _, ref := range people {
		b, err := w.c.Bonds(w.t.Context(), ref)
		if err != nil {
			w.r.Fatal(err)
		}
		for _, d := range b.Duplicates {
			out[[2]string{ref, d.Person}] = d.Reason
		}
	}
	return out
}

// apart keeps two people apart, and wants that they alone are suggested no
// more, and that nobody becomes somebody else.
func (w *whoIsWho) apart() Delta {
	people := w.people(w.c)
	refs := slices.Compact(slices.Sorted(maps.Values(people)))
	if len(refs) == 0 {
		return Delta{}
	}
	before := w.suggested(people)
	pair := [2]string{rapid.SampledFrom(refs).Draw(w.r, "one"), rapid.SampledFrom(refs).Draw(w.r, "other")}
	if offered := slices.SortedFunc(maps.Keys(before), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }); len(offered) > 0 && rapid.Bool().Draw(w.r, "offered") {
		pair = rapid.SampledFrom(offered).Draw(w.r, "pair")
	}
	plan, err := w.c.PlanApart(w.t.Context(), pair[0], pair[1])
	if pair[0] == pair[1] {
		if !errors.Is(err, ErrSamePerson) {
			w.r.Fatalf("kept apart from oneself: %v", err)
		}
		return Delta{}
	}
	if err != nil {
		w.r.Fatal(err)
	}
	count := len(w.ties())
	d := w.decide(plan)
	want := maps.Clone(before)
	if len(w.ties()) > count {
		delete(want, pair)
		delete(want, [2]string{pair[1], pair[0]})
	}
	if got := w.suggested(people); !maps.Equal(got, want) {
		w.r.Fatalf("kept apart %v by %+v: suggested %v\nwant %v", pair, plan, got, want)
	}
	return d
}

func (w *whoIsWho) undo() Delta {
	said := w.ties()
	if len(said) == 0 {
		return Delta{}
	}
	if err := w.l.DropTies(w.t.Context(), rapid.SampledFrom(said).Draw(w.r, "undo").ID); err != nil {
		w.r.Fatal(err)
	}
	return w.show(w.c)
}

// leave removes an account with all its rows; what people said of it stays.
func (w *whoIsWho) leave() Delta {
	a := rapid.SampledFrom(offices).Draw(w.r, "leaves")
	d, err := w.c.RemoveAccount(w.t.Context(), a.Name)
	if err == nil {
		err = w.c.EnsureAccount(w.t.Context(), a)
	}
	if err == nil {
		err = w.l.RemoveAccount(w.t.Context(), a.Name, false)
	}
	if err != nil {
		w.r.Fatal(err)
	}
	clear(w.rows[a.Name])
	if a.Name == waspyAccount.Name {
		clear(w.read)
	}
	return d
}

// told wants a delta to name everybody who is made of other contacts now, and
// the threads that show somebody else.
func (w *whoIsWho) told(d Delta, before, after map[string]string) {
	members := func(people map[string]string) map[string]string {
		out := map[string]string{}
		for _, side := range slices.Sorted(maps.Keys(people)) {
			out[people[side]] += side + " "
		}
		return out
	}
	was, is := members(before), members(after)
	for ref := range maps.Keys(was) {
		if was[ref] != is[ref] && !slices.Contains(d.People, ref) {
			w.r.Fatalf("%s was %q and is %q, told of %v", ref, was[ref], is[ref], d.People)
		}
	}
	for ref := range is {
		if was[ref] != is[ref] && !slices.Contains(d.People, ref) {
			w.r.Fatalf("%s is %q, told of %v", ref, is[ref], d.People)
		}
	}
	if err := each(w.t.Context(), w.c.s.readers, `SELECT a.name, k.remote, t.ref FROM threads t JOIN contacts k ON k.id = t.contact JOIN accounts a ON a.id = k.account`, nil, func(scan func(...any) error) error {
		var account, remote, ref string
		err := scan(&account, &remote, &ref)
		if side := contactSide(account, remote); before[side] != after[side] && !slices.Contains(d.Threads, ref) {
			w.r.Fatalf("thread %s of %s shows somebody else, told of %v", ref, side, d.Threads)
		}
		return err
	}); err != nil {
		w.r.Fatal(err)
	}
}

// again is the same office in a cache that is built anew, its rows in another
// order, what people said shown first, in between or last.
func (w *whoIsWho) again() *Cache {
	type row struct {
		a inbox.Account
		c inbox.Conversation
	}
	var rows []row
	for _, a := range offices {
		for _, id := range slices.Sorted(maps.Keys(w.rows[a.Name])) {
			rows = append(rows, row{a, w.rows[a.Name][id]})
		}
	}
	rows = rapid.Permutation(rows).Draw(w.r, "order")
	shown := rapid.IntRange(0, len(rows)).Draw(w.r, "shown after")
	c := w.cache()
	for i := range len(rows) + 1 {
		if i == shown {
			w.show(c)
		}
		if i == len(rows) {
			break
		}
		v := rows[i]
		list(w.t, c, v.a, v.c)
		if v.a.Name == waspyAccount.Name && w.read[v.c.ID] {
			read(w.t, c, v.a, v.c.ID, msg("m", "hola", noon))
		}
	}
	return c
}

// Who is who follows from the rows that are here and what people said, never
// from the order in which either came: by a model that knows no order, after
// every step, and in a cache that is built anew. A join, a split or keeping apart
// does what it says and nothing else, and is undone as if it had not been.
func TestWhoIsWho(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := &whoIsWho{t: t, r: r, l: openLocal(t), rows: map[string]map[string]inbox.Conversation{}, read: map[string]bool{}}
		defer w.l.Close()
		for _, a := range offices {
			w.rows[a.Name] = map[string]inbox.Conversation{}
		}
		w.c = w.cache()
		defer func() { w.c.Close() }()
		steps := map[string]func() Delta{"arrive": w.arrive, "hear": w.hear, "join": w.join, "split": w.split, "apart": w.apart, "undo": w.undo, "leave": w.leave}
		for range rapid.IntRange(1, 30).Draw(r, "steps") {
			before := w.people(w.c)
			step := rapid.SampledFrom([]string{"arrive", "arrive", "arrive", "arrive", "hear", "join", "join", "split", "split", "apart", "apart", "undo", "leave"}).Draw(r, "step")
			d := steps[step]()
			after := w.people(w.c)
			if got, want := setsOf(after), w.model(w.ties()); !maps.Equal(got, want) {
				r.Fatalf("after %s: %v\nwant %v\nsaid %+v", step, got, want, w.ties())
			}
			w.told(d, before, after)
		}
		o := w.again()
		defer o.Close()
		if got, want := w.people(o), w.people(w.c); !maps.Equal(got, want) {
			r.Fatalf("built anew: %v\nwant %v\nsaid %+v", got, want, w.ties())
		}
	})
}

// What people said outlives both files' closing, and a cache that is deleted.
func TestTiesOutliveTheCache(t *testing.T) {
	dir := t.TempDir()
	l := openLocal(t)
	rows := []inbox.Conversation{chat("1", "Ana", "+54 9 11 5983-4410", noon), chat("2", "Beto", "+54 9 351 555-0101", noon)}
	c := openCache(t, filepath.Join(dir, "a.db"))
	list(t, c, waspyAccount, rows...)
	list(t, c, platicaAccount, session("s", "Ana", "541159834410", noon))
	p := personRefs(t, c, "ventas/1", "ventas/2", "soporte/s")
	plan, err := c.PlanJoin(t.Context(), p[0], p[1])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.SaveTies(t.Context(), plan, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ShowTies(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	want := personRefs(t, c, "ventas/1", "ventas/2", "soporte/s")
	if want[0] != want[1] || want[0] != want[2] {
		t.Fatalf("joined: %v", want)
	}
	c.Close()
	c = openCache(t, filepath.Join(dir, "a.db")) // who comes later is joined without local.db being asked
	list(t, c, waspyAccount, with(chat("3", "Beto", "+54 9 351 555-0101", minutes(3)), func(c *inbox.Conversation) { c.Channel = "line-2" }))
	if got := personRefs(t, c, "ventas/3"); got[0] != want[0] {
		t.Errorf("one who came later is %s, want %s", got[0], want[0])
	}
	fresh := openCache(t, filepath.Join(dir, "b.db"))
	if _, err := fresh.ShowTies(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	list(t, fresh, platicaAccount, session("s", "Ana", "541159834410", noon))
	list(t, fresh, waspyAccount, rows...)
	if got := personRefs(t, fresh, "ventas/1", "ventas/2", "soporte/s"); !slices.Equal(got, want) {
		t.Errorf("built anew: %v, want %v", got, want)
	}
	if n := writes(t, fresh.s, func() {
		if d, err := fresh.ShowTies(t.Context(), l); err != nil || !d.Empty() {
			t.Errorf("%+v, %v", d, err)
		}
	}); n != 0 {
		t.Errorf("%d rows written where nothing is new", n)
	}
}

// Who was kept apart stays so when what parted them until then is gone: the
// account that guessed a country comes to know the line, a customer of two
// turns out never to have written. Undone, the rule makes them one.
func TestKeptApart(t *testing.T) {
	heard := func(id string, at int) inbox.Conversation {
		return with(chat(id, "Ana", "+54 9 11 5983-4410", minutes(at)), func(c *inbox.Conversation) { c.LastDirection = inbox.In })
	}
	for _, tt := range []struct {
		name   string
		one    inbox.Conversation
		other  inbox.Conversation
		third  bool // the one is of thirdAccount
		reason string
		later  inbox.Conversation
	}{
		{"the country was guessed", session("s", "Ana", "5983-4411", noon), chat("1", "Ana", "+54 9 11 5983-4411", noon), true, GuessedCountry,
			session("s2", "Ana", "+54 9 11 5983-4411", minutes(2))},
		{"two customers", heard("2", 1), heard("1", 0), false, TwoCustomers,
			with(heard("2", 1), func(c *inbox.Conversation) { c.LastDirection = inbox.Out })},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, l := newCache(t), openLocal(t)
			if err := c.EnsureAccount(t.Context(), thirdAccount); err != nil {
				t.Fatal(err)
			}
			account := waspyAccount
			if tt.third {
				account = thirdAccount
			}
			list(t, c, waspyAccount, tt.other)
			list(t, c, account, tt.one)
			who := func() []string { return personRefs(t, c, account.Name+"/"+tt.one.ID, "ventas/"+tt.other.ID) }
			p := who()
			duplicates := func(ref string) []Duplicate {
				b, err := c.Bonds(t.Context(), ref)
				if err != nil {
					t.Fatal(err)
				}
				return b.Duplicates
			}
			if d := duplicates(p[0]); len(d) != 1 || d[0].Reason != tt.reason || d[0].Person != p[1] {
				t.Fatalf("before: %+v", d)
			}
			plan, err := c.PlanApart(t.Context(), p[0], p[1])
			if err != nil {
				t.Fatal(err)
			}
			id, err := l.SaveTies(t.Context(), plan, noon)
			if err != nil {
				t.Fatal(err)
			}
			show := func() {
				t.Helper()
				if _, err := c.ShowTies(t.Context(), l); err != nil {
					t.Fatal(err)
				}
			}
			show()
			list(t, c, account, tt.later)
			if now := who(); now[0] == now[1] || len(duplicates(now[0]))+len(duplicates(now[1])) > 0 {
				t.Errorf("kept apart: %v, suggested %+v and %+v", now, duplicates(now[0]), duplicates(now[1]))
			}
			if err := l.DropTies(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			show()
			if now := who(); now[0] != now[1] {
				t.Errorf("undone: %v, want them to be one by their line", now)
			}
		})
	}
}

// Why somebody is one person, and who else may be, is told by their lines.
func TestBonds(t *testing.T) {
	c := newCache(t)
	if err := c.EnsureAccount(t.Context(), thirdAccount); err != nil {
		t.Fatal(err)
	}
	elsewhere := func(id, number string) inbox.Conversation {
		return with(chat(id, "Ana", number, noon), func(c *inbox.Conversation) { c.Channel = "line-2" })
	}
	list(t, c, waspyAccount, chat("1", "Ana", "+54 9 11 5983-4410", noon), chat("2", "Ana", "+54 11 5983-4410", minutes(1)), elsewhere("3", "541159834410"))
	list(t, c, thirdAccount, session("s", "Ana", "11 5983-4410", noon))
	list(t, c, platicaAccount, session("x", "Lupe", "5215512345678", noon))
	other := session("y", "Lupe", "525512345678", noon)
	other.Channel = "canal-2"
	list(t, c, platicaAccount, with(other, func(*inbox.Conversation) {}))
	reasons := func(conversation string) (joins, duplicates []string) {
		b, err := c.Bonds(t.Context(), personRefs(t, c, conversation)[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range b.Joins {
			joins = append(joins, j.Reason)
		}
		for _, d := range b.Duplicates {
			duplicates = append(duplicates, d.Reason)
		}
		sort.Strings(duplicates)
		return joins, duplicates
	}
	for _, tt := range []struct {
		conversation      string
		joins, duplicates []string
	}{
		{"ventas/1", []string{SameLineWithout9}, []string{GuessedCountry, TwoCustomers}},
		{"ventas/2", nil, []string{GuessedCountry, TwoCustomers}},
		{"otra/s", nil, []string{GuessedCountry, GuessedCountry}},
		{"soporte/x", []string{SameLineWithout1}, nil},
	} {
		if joins, duplicates := reasons(tt.conversation); !slices.Equal(joins, tt.joins) || !slices.Equal(duplicates, tt.duplicates) {
			t.Errorf("%s: joined by %v, want %v; possible duplicates %v, want %v", tt.conversation, joins, tt.joins, duplicates, tt.duplicates)
		}
	}
	if _, err := c.Bonds(t.Context(), "p_nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
}
