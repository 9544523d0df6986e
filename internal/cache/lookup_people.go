package cache

import (
	"context"
	"slices"
)

// PeopleQuery is what LookUpPeople can look for: each in an index of its own.
type PeopleQuery struct {
	Keys       []string // identity keys of whole lines
	Beginnings []string // of names as they are written; capitals and small letters of ASCII are one
	Limit      int
}

// lookedAt bounds how many names that begin so are put in order: "m" begins a
// tenth of all.
const lookedAt = 500

// LookUpPeople finds parts of people by the file's own indexes, those met last
// first; a query for nothing finds those met last of all. It is what answers
// while the people index is being made: of a beginning that many names share
// it sees some, and no word in the middle of a name.
func (c *Cache) LookUpPeople(ctx context.Context, q PeopleQuery) ([]PersonRow, error) {
	var found []PersonRow
	take := func(cond string, args ...any) error {
		return each(ctx, c.s.readers, personColumns+cond, args, func(scan func(...any) error) error {
			p, err := scanPerson(scan)
			if err == nil && !slices.ContainsFunc(found, func(o PersonRow) bool { return o.Person == p.Person }) {
				found = append(found, p)
			}
			return err
		})
	}
	err := c.lookUp(ctx, q, take)
	slices.SortStableFunc(found, func(a, b PersonRow) int { return b.At.Compare(a.At) })
	return found[:min(max(q.Limit, 0), len(found))], describe(c.s.path, err)
}

func (c *Cache) lookUp(ctx context.Context, q PeopleQuery, take func(cond string, args ...any) error) error {
	for _, k := range q.Keys {
		if err := take(`WHERE k.phone_key = ? AND k.phone_key <> '' ORDER BY t.sort_at DESC`, k); err != nil {
			return err
		}
	}
	for _, b := range q.Beginnings {
		if err := take(`WHERE k.id IN (SELECT id FROM contacts WHERE name <> '' AND name COLLATE NOCASE >= ? AND name COLLATE NOCASE < ? LIMIT ?) ORDER BY t.sort_at DESC LIMIT ?`,
			b, b+"\U0010ffff", lookedAt, q.Limit); err != nil {
			return err
		}
	}
	if len(q.Keys)+len(q.Beginnings) > 0 {
		return nil
	}
	var accounts []int64
	if err := each(ctx, c.s.readers, `SELECT id FROM accounts`, nil, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		accounts = append(accounts, id)
		return err
	}); err != nil {
		return err
	}
	for _, a := range accounts {
		if err := take(`WHERE t.account = ? AND t.gone = 0 ORDER BY t.sort_at DESC LIMIT ?`, a, q.Limit); err != nil {
			return err
		}
	}
	return nil
}
