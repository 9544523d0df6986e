package cache

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"bandeja/internal/inbox"
	"bandeja/internal/phone"
)

// Contact is a customer as one account names them: a part of a person.
type Contact struct {
	ID       string // c_…
	Person   string // p_…
	Account  string
	Provider inbox.ProviderName
	Name     string
	Phone    string // as written
	PhoneKey string
	E164     string
	Display  string
	Guessed  bool     // the country is the account's, not the text's
	Threads  []string // t_…, newest first

	remote string
	node   string // where it sits (seats.go)
}

func (k *Contact) side() string { return contactSide(k.Account, k.remote) }

// Why two contacts are one person; beside these, ByHand.
const (
	SameLine         = "same_line"
	SameLineWithout9 = "same_line_without_9" // Argentina's mobile 9 is written in one and not in the other
	SameLineWithout1 = "same_line_without_1" // Mexico's old mobile 1
	ByHand           = "by_hand"             // somebody said so
)

// Join says why two contacts (c_…) are one person. One made by hand has the id
// (j_…) by which it is undone.
type Join struct {
	ID     string
	A, B   string
	Reason string
}

// Why somebody may be the same person and is not joined.
const (
	TwoCustomers   = "same_line_two_customers" // one account has two customers on the line, who have both written
	GuessedCountry = "guessed_country"         // the same line, if a country that was not written is the account's
	SplitByHand    = "split_by_hand"           // somebody took them apart who were one
)

// Duplicate is somebody who may be the same person: a suggestion, never a join.
// Who was kept apart by hand is none.
type Duplicate struct {
	Contact
	Reason string
}

// Bonds are what makes a person one: their contacts, why each belongs, and who
// else may.
type Bonds struct {
	Contacts   []Contact
	Joins      []Join
	Duplicates []Duplicate
}

// mostDuplicates bounds the suggestions: a line that a whole office has is
// nobody's.
const mostDuplicates = 20

// Bonds reads what makes a person (p_…) one. It looks at their lines alone.
//
// ErrNotFound: nobody has this id.
func (c *Cache) Bonds(ctx context.Context, person string) (Bonds, error) {
	var b Bonds
	err := c.s.read(ctx, func(t *sql.Tx) error {
		p, err := readPerson(readerTx{ctx, t}, person)
		if err != nil {
			return err
		}
		b.Contacts, b.Joins = p.contacts, p.joins()
		b.Duplicates, err = p.duplicates()
		return err
	})
	return b, err
}

// EachJoined streams, person by person, why those of several contacts are one:
// of the people in refs, or of all when it is nil.
func (c *Cache) EachJoined(ctx context.Context, refs []string, fn func(person string, joins []Join) error) error {
	return c.s.read(ctx, func(t *sql.Tx) error {
		q := readerTx{ctx, t}
		g, err := readTies(q)
		if err != nil {
			return err
		}
		people := refs
		if refs == nil {
			if err := q.query(`SELECT person FROM contacts GROUP BY person HAVING count(*) > 1`, nil, func(scan func(...any) error) error {
				var ref string
				err := scan(&ref)
				people = append(people, ref)
				return err
			}); err != nil {
				return err
			}
		}
		for _, ref := range people {
			p := personReader{q: q, g: g, ref: ref}
			if err := p.read(); err != nil {
				return err
			}
			if len(p.contacts) < 2 {
				continue
			}
			if err := fn(ref, p.joins()); err != nil {
				return err
			}
		}
		return nil
	})
}

// personReader reads what makes one person.
type personReader struct {
	q        asker
	g        *ties
	ref      string
	contacts []Contact
	lines    map[string][]seat // by identity key: everybody on it
}

func readPerson(q asker, ref string) (*personReader, error) {
	g, err := readTies(q)
	if err != nil {
		return nil, err
	}
	p := &personReader{q: q, g: g, ref: ref}
	if err := p.read(); err != nil {
		return nil, err
	}
	if len(p.contacts) == 0 {
		return nil, fmt.Errorf("person %s: %w", ref, ErrNotFound)
	}
	return p, nil
}

const contactColumns = `SELECT k.person, a.name, a.provider, k.remote, k.name, k.phone, k.phone_key, k.e164, k.display, k.guessed FROM contacts k JOIN accounts a ON a.id = k.account `

func scanContact(scan func(...any) error) (k Contact, err error) {
	err = scan(&k.Person, &k.Account, &k.Provider, &k.remote, &k.Name, &k.Phone, &k.PhoneKey, &k.E164, &k.Display, &k.Guessed)
	k.ID = inbox.StableID("c", k.Account, k.remote)
	return k, err
}

// read reads the contacts, the one met last first.
func (p *personReader) read() error {
	if err := p.q.query(contactColumns+`WHERE k.person = ? ORDER BY (SELECT max(sort_at) FROM threads WHERE contact = k.id) DESC, k.id`, []any{p.ref}, func(scan func(...any) error) error {
		k, err := scanContact(scan)
		p.contacts = append(p.contacts, k)
		return err
	}); err != nil {
		return err
	}
	p.lines = map[string][]seat{}
	for i := range p.contacts {
		k := &p.contacts[i]
		if err := p.q.query(`SELECT t.ref FROM threads t JOIN contacts k ON k.id = t.contact JOIN accounts a ON a.id = k.account
			WHERE a.name = ? AND k.remote = ? ORDER BY t.sort_at DESC, t.id`, []any{k.Account, k.remote}, func(scan func(...any) error) error {
			var ref string
			err := scan(&ref)
			k.Threads = append(k.Threads, ref)
			return err
		}); err != nil {
			return err
		}
		k.node = k.side()
		if k.PhoneKey == "" {
			continue
		}
		if p.lines[k.PhoneKey] == nil {
			seats, err := seatsOn(p.q, p.g, k.PhoneKey, "")
			if err != nil {
				return err
			}
			p.lines[k.PhoneKey] = seats
		}
		for _, s := range p.lines[k.PhoneKey] {
			if s.side() == k.side() {
				k.node = s.node
			}
		}
	}
	return nil
}

// at finds the contact that a side means among the person's; nil where it is
// not one of them.
func (p *personReader) at(side string) *Contact {
	i := slices.IndexFunc(p.contacts, func(k Contact) bool { return k.side() == side })
	if i < 0 {
		i = slices.IndexFunc(p.contacts, func(k Contact) bool { return k.node == side })
	}
	if i < 0 {
		return nil
	}
	return &p.contacts[i]
}

// joins says why the contacts are one person: those of a line by the line, and
// the lines by hand.
func (p *personReader) joins() []Join {
	out := []Join{}
	first := map[string]*Contact{}
	for i := range p.contacts {
		k := &p.contacts[i]
		if o := first[k.node]; o != nil {
			out = append(out, Join{A: o.ID, B: k.ID, Reason: sameLine(o, k)})
		} else {
			first[k.node] = k
		}
	}
	for _, l := range p.g.list {
		if a, b := p.at(l.A), p.at(l.B); a != nil && b != nil && a != b && p.g.holds(l) {
			out = append(out, Join{ID: l.ID, A: a.ID, B: b.ID, Reason: ByHand})
		}
	}
	return out
}

// sameLine says in what two writings of one line differ.
func sameLine(a, b *Contact) string {
	switch {
	case strings.HasPrefix(a.PhoneKey, "54") && a.E164 != b.E164:
		return SameLineWithout9
	case strings.HasPrefix(a.PhoneKey, "52") && writtenLength(a.Phone) != writtenLength(b.Phone):
		return SameLineWithout1
	}
	return SameLine
}

// writtenLength counts the digits of a number as written: Mexico's 1 is no part
// of the number, so it shows only there.
func writtenLength(written string) int {
	digits, _ := phone.QueryDigits(written)
	return len(digits)
}

// duplicates finds who else may be this person: on their lines, and among those
// they were split from.
func (p *personReader) duplicates() ([]Duplicate, error) {
	out := []Duplicate{}
	apart, err := p.keptApart()
	if err != nil {
		return nil, err
	}
	add := func(side, reason string) error {
		if len(out) == mostDuplicates {
			return nil
		}
		account, remote, _ := strings.Cut(strings.TrimPrefix(side, "contact:"), ":")
		return p.q.query(contactColumns+`WHERE a.name = ? AND k.remote = ?`, []any{account, remote}, func(scan func(...any) error) error {
			k, err := scanContact(scan)
			if k.Person != p.ref && !apart[k.Person] && !slices.ContainsFunc(out, func(d Duplicate) bool { return d.Person == k.Person }) {
				out = append(out, Duplicate{k, reason})
			}
			return err
		})
	}
	for i := range p.contacts {
		k := &p.contacts[i]
		for _, s := range p.lines[k.PhoneKey] {
			if s.person == p.ref {
				continue
			}
			if err := add(s.side(), p.unlike(k, &s)); err != nil {
				return nil, err
			}
		}
	}
	return out, p.eachOther(SaidSplit, func(side string) error { return add(side, SplitByHand) })
}

// eachOther calls fn with the contact on the other side of everything of a kind
// that was said of this person.
func (p *personReader) eachOther(said Saying, fn func(side string) error) error {
	for _, l := range p.g.list {
		if l.Said != said {
			continue
		}
		for _, v := range [][2]string{{l.A, l.B}, {l.B, l.A}} {
			if p.at(v[0]) == nil {
				continue
			}
			sides, err := sitting(p.q, p.g, v[1])
			if err != nil {
				return err
			}
			for _, side := range sides {
				if err := fn(side); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// unlike says why a contact of the person's line is somebody else.
func (p *personReader) unlike(k *Contact, s *seat) string {
	switch {
	case p.g.wasSplit(k.side(), s.key) || p.g.wasSplit(s.side(), s.key):
		return SplitByHand
	case s.name == k.Account:
		return TwoCustomers
	case s.node == guessSide(s.name, s.key) || k.node == guessSide(k.Account, k.PhoneKey):
		return GuessedCountry
	}
	return TwoCustomers
}

// keptApart are those (p_…) of whom somebody said that they are not this
// person.
func (p *personReader) keptApart() (map[string]bool, error) {
	out := map[string]bool{}
	err := p.eachOther(SaidApart, func(side string) error {
		s, err := contactAt(p.q, p.g, side)
		out[s.person] = true
		return err
	})
	return out, err
}

// sitting lists the contacts that a side means.
func sitting(q asker, g *ties, side string) (out []string, err error) {
	key, ok := strings.CutPrefix(side, "key:")
	if !ok {
		return []string{side}, nil
	}
	seats, err := seatsOn(q, g, key, "")
	for _, s := range seats {
		if s.node == side {
			out = append(out, s.side())
		}
	}
	return out, err
}

// PeopleOf lists whose (p_…) conversations of an account are, by the provider's
// ids, each once.
func (c *Cache) PeopleOf(ctx context.Context, account string, conversations []string) (refs []string, err error) {
	for part := range slices.Chunk(conversations, askMany) {
		list, args := asked(part)
		if err := each(ctx, c.s.readers, `SELECT DISTINCT k.person FROM accounts a JOIN conversations c ON c.account = a.id JOIN threads t ON t.id = c.thread JOIN contacts k ON k.id = t.contact
			WHERE a.name = ? AND c.remote IN `+list, append([]any{account}, args...), func(scan func(...any) error) error {
			var ref string
			err := scan(&ref)
			addOnce(&refs, ref)
			return err
		}); err != nil {
			return refs, describe(c.s.path, err)
		}
	}
	return refs, nil
}
