package cache

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"bandeja/internal/inbox"
)

// Saying is what a Tie says of its sides. The numbers are those of the files.
type Saying int

const (
	// SaidSplit: A, who was one with B, is somebody else.
	SaidSplit Saying = iota
	// SaidJoined: they are one human.
	SaidJoined
	// SaidApart: they may have looked like one, and are not.
	SaidApart
	// SaidAlone: the contact A does not sit on the line B, nor on a guess of it.
	SaidAlone
	// SaidGuess: the contact A sits on its account's guess of the line B, even
	// when the account comes to know the line for sure.
	SaidGuess
)

// Tie is a line of what people said of who is who. A side is an identity key
// ("key:…"), which stands for whoever has the line, or a contact
// ("contact:ACCOUNT:REMOTE").
//
// It refers to nothing that a rebuilt cache would number otherwise, and is kept
// for ever.
type Tie struct {
	Seq  int64  // later ones win over earlier
	ID   string // j_…, of the decision: what was done at once is undone at once
	A, B string
	Said Saying
}

func lineSide(key string) string { return "key:" + key }

func contactSide(account, remote string) string { return "contact:" + account + ":" + remote }

// guessSide is a node of the graph and no side of a Tie: the line of an
// account that knows it only by its own country.
func guessSide(account, key string) string { return "guess:" + account + ":" + key }

// personOfSide is who a node of the graph is by itself.
func personOfSide(node string) string {
	kind, rest, _ := strings.Cut(node, ":")
	if kind == "key" {
		return linePerson(rest)
	}
	account, rest, _ := strings.Cut(rest, ":")
	if kind == "guess" {
		return guessedPerson(account, rest)
	}
	return contactPerson(account, rest)
}

// personOfSides is who several nodes are together: of lines known for sure the
// least, else of guessed ones, else of contacts, so that neither the order in
// which they came nor who else is here decides.
func personOfSides(nodes []string) string {
	best, rank := "", 0
	for _, n := range nodes {
		kind, _, _ := strings.Cut(n, ":")
		r := map[string]int{"key": 3, "guess": 2, "contact": 1}[kind]
		if p := personOfSide(n); r > rank || r == rank && p < best {
			best, rank = p, r
		}
	}
	return best
}

// ties is what follows from all that people said.
type ties struct {
	list  []Tie
	next  map[string][]string // joins in effect: from each side to the other
	named map[string]bool     // contacts that are a side
	lines map[string]bool     // identity keys that a side has, or had; the writer's alone
	// Off are the contacts that do not sit on a line, each with the line: what
	// keeps them off, SaidSplit, SaidAlone or SaidGuess.
	off map[[2]string]Saying
}

// newTies makes the graph. A split takes away the joins of who went that were
// said before it; a join said after it counts again.
func newTies(list []Tie) *ties {
	g := &ties{list: list, next: map[string][]string{}, named: map[string]bool{}, lines: map[string]bool{}, off: map[[2]string]Saying{}}
	split := map[string]int64{}
	for _, l := range list {
		for _, side := range []string{l.A, l.B} {
			if key, ok := strings.CutPrefix(side, "key:"); ok {
				g.lines[key] = true
			} else {
				g.named[side] = true
			}
		}
		switch at := [2]string{l.A, l.B}; l.Said {
		case SaidSplit:
			split[l.A] = max(split[l.A], l.Seq)
			g.off[at] = SaidSplit
		case SaidAlone, SaidGuess:
			// The more of the two holds, whichever was said last.
			if was, ok := g.off[at]; !ok || l.Said < was {
				g.off[at] = l.Said
			}
		}
	}
	for _, l := range list {
		if l.Said == SaidJoined && l.Seq > split[l.A] && l.Seq > split[l.B] {
			g.next[l.A] = append(g.next[l.A], l.B)
			g.next[l.B] = append(g.next[l.B], l.A)
		}
	}
	return g
}

func (g *ties) none() bool { return len(g.list) == 0 }

// wasSplit reports whether a contact was split from a line.
func (g *ties) wasSplit(side, key string) bool {
	said, ok := g.off[[2]string{side, lineSide(key)}]
	return ok && said == SaidSplit
}

// holds reports whether a join is in effect.
func (g *ties) holds(l Tie) bool { return l.Said == SaidJoined && slices.Contains(g.next[l.A], l.B) }

const tieColumns = `SELECT seq, op_id, a, b, joined FROM joins ORDER BY seq, a, b`

func scanTie(scan func(...any) error) (l Tie, err error) {
	return l, scan(&l.Seq, &l.ID, &l.A, &l.B, &l.Said)
}

// Ties lists what people said, in the order in which they did.
func (l *Local) Ties(ctx context.Context) ([]Tie, error) {
	var out []Tie
	err := each(ctx, l.s.readers, tieColumns, nil, func(scan func(...any) error) error {
		t, err := scanTie(scan)
		out = append(out, t)
		return err
	})
	return out, describe(l.s.path, err)
}

// SaveTies keeps a decision, durable when it returns, and gives it its id
// (j_…).
func (l *Local) SaveTies(ctx context.Context, lines []Tie, at time.Time) (id string, err error) {
	id = "j_" + strings.ToLower(rand.Text()[:12])
	err = l.s.write(ctx, func(t *tx) error {
		for _, v := range lines {
			if _, err := t.exec(`INSERT INTO joins (seq, op_id, a, b, joined, made_at) VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM joins),?,?,?,?,?)`, id, v.A, v.B, v.Said, inbox.Millis(at)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("keep who is who: %w", err)
	}
	return id, nil
}

// DropTies takes a decision back, as if nobody had made it. ErrNotFound.
func (l *Local) DropTies(ctx context.Context, id string) error {
	return l.s.write(ctx, func(t *tx) error {
		res, err := t.exec(`DELETE FROM joins WHERE op_id = ?`, id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return fmt.Errorf("decision %s: %w", id, ErrNotFound)
	})
}

const tiesKey = "joins"

// readTies reads the graph of a file.
func readTies(q asker) (*ties, error) {
	var list []Tie
	err := q.query(tieColumns, nil, func(scan func(...any) error) error {
		l, err := scanTie(scan)
		list = append(list, l)
		return err
	})
	return newTies(list), err
}

// tiesMemory spares the writer reading the graph with every page. It knows
// which lines the named contacts have had since.
type tiesMemory struct {
	version string
	g       *ties
}

// of is the graph of the file as the transaction sees it.
func (m *tiesMemory) of(t *tx) (*ties, error) {
	version := ""
	if err := t.query(`SELECT value FROM meta WHERE key = ?`, []any{tiesKey}, func(scan func(...any) error) error { return scan(&version) }); err != nil {
		return nil, err
	}
	if m.g != nil && m.version == version {
		return m.g, nil
	}
	g, err := readTies(t)
	if err != nil {
		return nil, err
	}
	for side := range g.named {
		s, err := contactAt(t, g, side)
		if err != nil {
			return nil, err
		}
		g.lines[s.key] = true
	}
	m.version, m.g = version, g
	return g, nil
}

// asker is a transaction that can be asked: the writer's, or a reader's.
type asker interface {
	query(query string, args []any, fn func(scan func(...any) error) error) error
}

// readerTx asks on a reader's transaction.
type readerTx struct {
	ctx context.Context
	t   *sql.Tx
}

func (s readerTx) query(query string, args []any, fn func(scan func(...any) error) error) error {
	return each(s.ctx, s.t, query, args, fn)
}

// ShowTies makes who is who follow what local.db, the truth, has of it, and
// tells whom and what that changed. Contacts that are not here yet follow as
// they come.
func (c *Cache) ShowTies(ctx context.Context, l *Local) (Delta, error) {
	// Read and written under one lock: an older reading never overwrites.
	c.tying.Lock()
	defer c.tying.Unlock()
	list, err := l.Ties(ctx)
	if err != nil {
		return Delta{}, err
	}
	var delta Delta
	err = c.s.write(ctx, func(t *tx) error {
		delta = Delta{}
		old, err := c.ties.of(t)
		if err != nil || slices.Equal(old.list, list) {
			return err
		}
		if err := replaceTies(t, list); err != nil {
			return err
		}
		now, err := c.ties.of(t)
		if err != nil {
			return err
		}
		ch := newChanges(0)
		if err := seatAround(t, now, changedSides(old, now), ch); err != nil {
			return err
		}
		return ch.tell(t, &delta)
	})
	if err != nil {
		return Delta{}, fmt.Errorf("show who is who: %w", err)
	}
	return delta, nil
}

func replaceTies(t *tx, list []Tie) error {
	if _, err := t.exec(`DELETE FROM joins`); err != nil {
		return err
	}
	for _, l := range list {
		if _, err := t.exec(`INSERT INTO joins (seq, op_id, a, b, joined) VALUES (?,?,?,?,?)`, l.Seq, l.ID, l.A, l.B, l.Said); err != nil {
			return err
		}
	}
	// Two files may have come to one number by different ways.
	_, err := t.exec(`INSERT INTO meta (key, value) VALUES (?1,?2) ON CONFLICT (key) DO UPDATE SET value = ?2`, tiesKey, rand.Text())
	return err
}

// changedSides lists the sides of what was said or taken back, and those that
// a join that may count otherwise now leads to.
func changedSides(old, now *ties) []string {
	sides := map[string]bool{}
	differ := func(a, b *ties) {
		both := make(map[Tie]bool, len(b.list))
		for _, l := range b.list {
			both[l] = true
		}
		for _, l := range a.list {
			if !both[l] {
				sides[l.A], sides[l.B] = true, true
			}
		}
	}
	differ(old, now)
	differ(now, old)
	var out []string
	for side := range sides {
		out = append(out, side)
		out = append(out, old.next[side]...)
		out = append(out, now.next[side]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ErrSamePerson: who is to be joined is one person already.
var ErrSamePerson = errors.New("they are one person already")

// ErrAlone: there is nobody to split the contact from.
var ErrAlone = errors.New("the person has no other contact")
