package cache

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// PlanJoin says what a person's word that two people (p_…) are one comes to, to
// be kept with SaveTies.
//
// Errors: ErrNotFound; ErrSamePerson.
func (c *Cache) PlanJoin(ctx context.Context, one, other string) ([]Tie, error) {
	return c.planTwo(ctx, one, other, joinOf)
}

// joinOf ties two people by what lasts longest: their lines, which other
// accounts have too. Two customers of one line have but themselves.
func joinOf(a, b *personReader) []Tie {
	for i := range a.contacts {
		for j := range b.contacts {
			if k, o := &a.contacts[i], &b.contacts[j]; k.PhoneKey != "" && k.PhoneKey == o.PhoneKey && k.Account == o.Account {
				return []Tie{{A: k.side(), B: o.side(), Said: SaidJoined}}
			}
		}
	}
	return []Tie{{A: lasting(a.contacts), B: lasting(b.contacts), Said: SaidJoined}}
}

// lasting is the side that stands for contacts: a line known for sure, else the
// first of them.
func lasting(contacts []Contact) string {
	var sides []string
	for i := range contacts {
		k := &contacts[i]
		if strings.HasPrefix(k.node, "key:") {
			sides = append(sides, k.node)
		}
	}
	if sides == nil {
		for i := range contacts {
			sides = append(sides, contacts[i].side())
		}
	}
	return slices.Min(sides)
}

// PlanSplit says what a person's word that a contact (c_…) of somebody (p_…) is
// somebody else comes to, to be kept with SaveTies. The others stay one.
//
// Errors: ErrNotFound; ErrAlone.
func (c *Cache) PlanSplit(ctx context.Context, person, contact string) (plan []Tie, err error) {
	err = c.s.read(ctx, func(t *sql.Tx) error {
		p, err := readPerson(readerTx{ctx, t}, person)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(p.contacts, func(k Contact) bool { return k.ID == contact })
		if i < 0 {
			return fmt.Errorf("contact %s of %s: %w", contact, person, ErrNotFound)
		}
		if len(p.contacts) == 1 {
			return fmt.Errorf("contact %s of %s: %w", contact, person, ErrAlone)
		}
		plan = p.split(i)
		return nil
	})
	return plan, err
}

// split takes a contact off its line where others stay there. Who has the line
// alone takes it along, so that whoever comes on it later comes to them.
func (p *personReader) split(i int) (plan []Tie) {
	who := p.contacts[i]
	rest := slices.Concat(p.contacts[:i], p.contacts[i+1:])
	from := lasting(rest)
	shared := slices.ContainsFunc(rest, func(k Contact) bool { return k.node == who.node })
	switch {
	case shared:
		plan = append(plan, Tie{A: who.side(), B: lineSide(who.PhoneKey)})
	default:
		plan = append(plan, Tie{A: who.side(), B: from})
		if strings.HasPrefix(who.node, "key:") {
			plan = append(plan, Tie{A: who.node, B: from})
		}
	}
	// They may have been one by way of who goes.
	said := append(slices.Clone(p.g.list), plan...)
	for n := range said {
		said[n].Seq = int64(n)
	}
	groups := newTies(said).groups(rest)
	for _, g := range groups[1:] {
		plan = append(plan, Tie{A: lasting(groups[0]), B: lasting(g), Said: SaidJoined})
	}
	return plan
}

// groups parts contacts into those that seats and joins in effect hold
// together.
func (g *ties) groups(contacts []Contact) (out [][]Contact) {
	over := map[string]string{}
	var top func(node string) string
	top = func(node string) string {
		if o, ok := over[node]; ok && o != node {
			return top(o)
		}
		return node
	}
	for a, sides := range g.next {
		for _, b := range sides {
			over[top(a)] = top(b)
		}
	}
	for i := range contacts {
		over[top(contacts[i].side())] = top(contacts[i].node)
	}
	at := map[string]int{}
	for _, k := range contacts {
		n, ok := at[top(k.node)]
		if !ok {
			n = len(out)
			at[top(k.node)], out = n, append(out, nil)
		}
		out[n] = append(out[n], k)
	}
	return out
}

// PersonOf is who a side of a Tie is now (p_…). ErrNotFound where nobody of it
// is here.
func (c *Cache) PersonOf(ctx context.Context, side string) (ref string, err error) {
	err = c.s.read(ctx, func(t *sql.Tx) error {
		q := readerTx{ctx, t}
		g, err := readTies(q)
		if err != nil {
			return err
		}
		sides, err := sitting(q, g, side)
		if err != nil {
			return err
		}
		for _, s := range sides {
			at, err := contactAt(q, g, s)
			if err != nil || at.id != 0 {
				ref = at.person
				return err
			}
		}
		return fmt.Errorf("%w: nobody", ErrNotFound)
	})
	return ref, err
}
