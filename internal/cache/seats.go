package cache

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"bandeja/internal/inbox"
)

// seat is where a contact sits: on its line, on its account's guess of a line,
// or by itself. Who sit together, or on seats that a Tie joins, are one person.
type seat struct {
	id, account int64
	name        string // the account's
	remote, key string
	guessed     bool
	person      string // as its row has it
	node        string
}

func (s *seat) side() string { return contactSide(s.name, s.remote) }

// ties is the graph as the transaction sees it.
func (ch *changes) ties(t *tx, a accountRow) (*ties, error) {
	if ch.graph == nil {
		g, err := a.ties.of(t)
		if err != nil {
			return nil, err
		}
		ch.graph = g
	}
	return ch.graph, nil
}

// reseat notes that a contact came to a line, or left it.
func (ch *changes) reseat(t *tx, a accountRow, remote, key string) error {
	if key != "" {
		ch.lines[key] = true
	}
	g, err := ch.ties(t, a)
	if err == nil && g.named[contactSide(a.name, remote)] {
		g.lines[key] = true
		ch.sides[contactSide(a.name, remote)] = true
	}
	return err
}

// reseatNamed is reseat for the first contact of a line in its account: it sits
// where it is put, unless a Tie names it or its line.
func (ch *changes) reseatNamed(g *ties, a accountRow, k contactKey) {
	side, key := contactSide(a.name, k.remote), k.number.Key
	if g.named[side] {
		g.lines[key] = true
		ch.sides[side] = true
	}
	if key != "" && g.lines[key] {
		ch.lines[key] = true
	}
}

// seat settles who the contacts are that came, went or changed, and those of
// threads that changed: who they are depends on the rows that are here, not on
// the order in which they came.
func (ch *changes) seat(t *tx, a accountRow, threads []int64) error {
	if a.provider == inbox.Waspy {
		if err := ch.sharedLines(t, threads); err != nil {
			return err
		}
	}
	if len(ch.lines)+len(ch.sides) == 0 {
		return nil
	}
	g, err := ch.ties(t, a)
	if err != nil {
		return err
	}
	if !g.none() {
		starts := slices.Collect(maps.Keys(ch.sides))
		for key := range ch.lines {
			starts = append(starts, lineSide(key), guessSide(a.name, key))
		}
		return seatAround(t, g, starts, ch)
	}
	for key := range ch.lines { // each line of an account is a matter of its own
		seats, err := seatsOn(t, g, key, a.name)
		if err != nil {
			return err
		}
		for _, s := range seats {
			if err := s.sitAs(t, personOfSide(s.node), ch); err != nil {
				return err
			}
		}
	}
	return nil
}

// sharedLines notes the lines of threads whose contact is not alone on it in
// its account: a message may have told that they are two customers.
func (ch *changes) sharedLines(t *tx, threads []int64) error {
	for part := range slices.Chunk(threads, askMany) {
		list, args := asked(part)
		if err := t.query(`SELECT k.phone_key FROM threads t JOIN contacts k ON k.id = t.contact WHERE t.id IN `+list+` AND k.phone_key <> ''
			AND EXISTS (SELECT 1 FROM contacts o WHERE o.phone_key = k.phone_key AND o.phone_key <> '' AND o.account = k.account AND o.id <> k.id)`,
			args, func(scan func(...any) error) error {
				var key string
				err := scan(&key)
				ch.lines[key] = true
				return err
			}); err != nil {
			return err
		}
	}
	return nil
}

// sitAs writes who a contact is, where that differs.
func (s *seat) sitAs(t *tx, person string, ch *changes) error {
	if s.person == person {
		return nil
	}
	ch.person(s.person)
	ch.person(person)
	ch.moved = append(ch.moved, s.id)
	return settleWho(t, s.id, person)
}

// settleWho writes who a contact is, which its threads are narrowed by.
func settleWho(t *tx, contact int64, person string) error {
	if _, err := t.exec(`UPDATE contacts SET person = ? WHERE id = ?`, person, contact); err != nil {
		return err
	}
	return t.touching(`SELECT id FROM threads WHERE contact = ?`, contact)
}

const seatColumns = `SELECT k.id, k.account, a.name, a.provider, k.remote, k.phone_key, k.guessed, k.person FROM contacts k JOIN accounts a ON a.id = k.account `

// seatsOn finds where the contacts with a line sit, by account: those of one
// account, or of all for "".
func seatsOn(q asker, g *ties, key, account string) ([]seat, error) {
	var seats []seat
	waspy := map[int64]bool{}
	if err := q.query(seatColumns+`WHERE k.phone_key = ?1 AND k.phone_key <> '' AND (?2 = '' OR a.name = ?2) ORDER BY k.account, k.remote`, []any{key, account}, func(scan func(...any) error) error {
		var s seat
		var provider inbox.ProviderName
		err := scan(&s.id, &s.account, &s.name, &provider, &s.remote, &s.key, &s.guessed, &s.person)
		waspy[s.account] = provider == inbox.Waspy
		seats = append(seats, s)
		return err
	}); err != nil {
		return nil, err
	}
	for rest := seats; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].account == rest[0].account {
			n++
		}
		if err := seatAccount(q, g, rest[:n], waspy[rest[0].account]); err != nil {
			return nil, err
		}
		rest = rest[n:]
	}
	return seats, nil
}

// seatAccount seats the contacts that one account has on a line. Among them
// its own country is no guess once one is written in full (SEARCH §1).
func seatAccount(q asker, g *ties, seats []seat, waspy bool) error {
	apart := map[int64]bool{}
	if waspy && len(seats) > 1 {
		var err error
		if apart, err = twoCustomers(q, seats); err != nil {
			return err
		}
	}
	sure := slices.ContainsFunc(seats, func(s seat) bool { return !s.guessed })
	for i := range seats {
		s := &seats[i]
		said, off := g.off[[2]string{s.side(), lineSide(s.key)}]
		switch {
		case apart[s.id] || off && said != SaidGuess:
			s.node = s.side()
		case sure && !off:
			s.node = lineSide(s.key)
		default:
			s.node = guessSide(s.name, s.key)
		}
	}
	return nil
}

// twoCustomers names the contacts of one account and line that are not the
// customer who has it: contacts with messages from the customer on a channel
// where another one has some, too (SEARCH §1). Of these the oldest keeps the
// line, so that nobody is parted from their history by who comes later.
func twoCustomers(q asker, seats []seat) (apart map[int64]bool, err error) {
	type claim struct {
		contact, thread int64
		channel         string
	}
	var claims []claim
	on := map[string]int{}    // claims, by channel
	born := map[int64]int64{} // when the first conversation of a contact began
	for part := range slices.Chunk(seats, askMany) {
		ids := make([]int64, len(part))
		for i := range part {
			ids[i] = part[i].id
		}
		list, args := asked(ids)
		if err := q.query(`SELECT t.contact, t.id, t.channel, (SELECT coalesce(min(created_at), 0) FROM conversations WHERE thread = t.id) FROM threads t WHERE t.contact IN `+list, args,
			func(scan func(...any) error) error {
				var c claim
				var at int64
				err := scan(&c.contact, &c.thread, &c.channel, &at)
				claims = append(claims, c)
				on[c.channel]++
				if old, ok := born[c.contact]; !ok || at < old {
					born[c.contact] = at
				}
				return err
			}); err != nil {
			return nil, err
		}
	}
	heard := map[int64][]string{} // channels on which a contact has written
	for _, c := range claims {
		if on[c.channel] < 2 {
			continue
		}
		var wrote bool
		if err := q.query(`SELECT EXISTS (SELECT 1 FROM conversations WHERE thread = ?1 AND last_dir = 'in') OR EXISTS (SELECT 1 FROM messages WHERE thread = ?1 AND direction = 'in')`,
			[]any{c.thread}, func(scan func(...any) error) error { return scan(&wrote) }); err != nil {
			return nil, err
		}
		if wrote {
			heard[c.contact] = append(heard[c.contact], c.channel)
		}
	}
	byAge := slices.Clone(seats)
	slices.SortFunc(byAge, func(a, b seat) int {
		return cmp.Or(cmp.Compare(born[a.id], born[b.id]), strings.Compare(a.remote, b.remote))
	})
	apart, taken := map[int64]bool{}, map[string]bool{}
	for _, s := range byAge {
		if slices.ContainsFunc(heard[s.id], func(channel string) bool { return taken[channel] }) {
			apart[s.id] = true
			continue
		}
		for _, channel := range heard[s.id] {
			taken[channel] = true
		}
	}
	return apart, nil
}

// contactAt finds a contact by its side, with where it sits; a zero seat where
// it is not here.
func contactAt(q asker, g *ties, side string) (seat, error) {
	account, remote, _ := strings.Cut(strings.TrimPrefix(side, "contact:"), ":")
	var s seat
	var provider string
	if err := q.query(seatColumns+`WHERE a.name = ? AND k.remote = ?`, []any{account, remote}, func(scan func(...any) error) error {
		return scan(&s.id, &s.account, &s.name, &provider, &s.remote, &s.key, &s.guessed, &s.person)
	}); err != nil || s.id == 0 {
		return s, err
	}
	s.node = side
	if s.key == "" {
		return s, nil
	}
	on, err := seatsOn(q, g, s.key, account)
	if i := slices.IndexFunc(on, func(o seat) bool { return o.id == s.id }); i >= 0 {
		s = on[i]
	}
	return s, err
}

// walk goes over the people that nodes of the graph belong to.
type walk struct {
	q      asker
	g      *ties
	seen   map[string]bool
	starts []string
	// Of the person the walk is at:
	nodes   []string
	members []seat
}

// seatAround settles who everybody is who sits on the given nodes, or is
// joined to them.
func seatAround(t *tx, g *ties, starts []string, ch *changes) error {
	w := &walk{q: t, g: g, seen: map[string]bool{}, starts: starts}
	for len(w.starts) > 0 {
		start := w.starts[0]
		w.starts = w.starts[1:]
		if w.seen[start] {
			continue
		}
		if err := w.person(start); err != nil {
			return err
		}
		person := personOfSides(w.nodes)
		for i := range w.members {
			if err := w.members[i].sitAs(t, person, ch); err != nil {
				return err
			}
		}
	}
	return nil
}

// person gathers the nodes and contacts of one person.
func (w *walk) person(start string) error {
	w.nodes, w.members = nil, nil
	for ahead := []string{start}; len(ahead) > 0; {
		node := ahead[0]
		ahead = ahead[1:]
		if w.seen[node] {
			continue
		}
		w.seen[node] = true
		w.nodes = append(w.nodes, node)
		more, err := w.visit(node)
		if err != nil {
			return err
		}
		ahead = append(ahead, more...)
	}
	return nil
}

// visit takes the contacts of a node, and says to which nodes it is joined.
func (w *walk) visit(node string) (joined []string, err error) {
	joined = slices.Clone(w.g.next[node])
	if strings.HasPrefix(node, "contact:") {
		s, err := contactAt(w.q, w.g, node)
		switch {
		case err != nil || s.id == 0:
		case s.node == node:
			w.members = append(w.members, s)
		default:
			joined = append(joined, s.node)
		}
		return joined, err
	}
	kind, key, _ := strings.Cut(node, ":")
	account := ""
	if kind == "guess" {
		account, key, _ = strings.Cut(key, ":")
	}
	seats, err := seatsOn(w.q, w.g, key, account)
	for _, s := range seats {
		switch {
		case s.node == s.side(): // of this line, and apart from it
			w.starts = append(w.starts, s.node)
		case s.node == node:
			w.members = append(w.members, s)
			if w.g.named[s.side()] {
				joined = append(joined, s.side())
			}
		}
	}
	return joined, err
}
