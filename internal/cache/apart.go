package cache

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// PlanApart says what a person's word that two people (p_…) who are not joined
// are not one comes to, to be kept with SaveTies. Nobody becomes somebody else
// by it: the two are suggested no more, and no rule makes them one later.
//
// Errors: ErrNotFound; ErrSamePerson.
func (c *Cache) PlanApart(ctx context.Context, one, other string) ([]Tie, error) {
	return c.planTwo(ctx, one, other, apartOf)
}

// planTwo says what is said of two people comes to.
func (c *Cache) planTwo(ctx context.Context, one, other string, say func(a, b *personReader) []Tie) (plan []Tie, err error) {
	err = c.s.read(ctx, func(t *sql.Tx) error {
		a, err := readPerson(readerTx{ctx, t}, one)
		if err != nil {
			return err
		}
		b, err := readPerson(readerTx{ctx, t}, other)
		if err != nil {
			return err
		}
		if one == other {
			return fmt.Errorf("%s: %w", one, ErrSamePerson)
		}
		plan = say(a, b)
		return nil
	})
	return plan, err
}

// apartOf says it of every way in which the two look like one: a line that both
// have, or a split that parted them.
func apartOf(a, b *personReader) (plan []Tie) {
	say := func(t Tie) {
		if !slices.Contains(plan, t) {
			plan = append(plan, t)
		}
	}
	for i := range a.contacts {
		for j := range b.contacts {
			k, o := &a.contacts[i], &b.contacts[j]
			if k.PhoneKey == "" || k.PhoneKey != o.PhoneKey {
				continue
			}
			say(Tie{A: k.seatSide(), B: o.seatSide(), Said: SaidApart})
			say(staysOff(k, o))
		}
	}
	for _, l := range a.g.list {
		if l.Said == SaidSplit && (a.at(l.A) != nil && b.at(l.B) != nil || a.at(l.B) != nil && b.at(l.A) != nil) {
			say(Tie{A: l.A, B: l.B, Said: SaidApart})
		}
	}
	if plan == nil {
		say(Tie{A: lasting(a.contacts), B: lasting(b.contacts), Said: SaidApart})
	}
	return plan
}

// staysOff lets one of two contacts of a line stay off it, where it is now.
// Only one can sit on the line itself.
func staysOff(k, o *Contact) Tie {
	line := lineSide(k.PhoneKey)
	for _, each := range []*Contact{k, o} {
		if each.node == each.side() {
			return Tie{A: each.side(), B: line, Said: SaidAlone}
		}
	}
	if k.node == line {
		k = o
	}
	return Tie{A: k.side(), B: line, Said: SaidGuess}
}

// seatSide is the side that stands for a contact where it sits: the line, if
// it has it for sure.
func (k *Contact) seatSide() string {
	if strings.HasPrefix(k.node, "key:") {
		return k.node
	}
	return k.side()
}
