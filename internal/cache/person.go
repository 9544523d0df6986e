package cache

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// Person is one human, joined of what the accounts know (DESIGN §4), the
// newest first.
type Person struct {
	Ref   string // p_…
	Name  string // the newest, "" where none is known
	Names []string
	E164s []string
	Keys  []string // identity keys
	Parts []PersonRow
}

// People reads the people in refs (p_…) in that order, or everybody in none,
// when refs is nil. Who is not here is left out.
func (c *Cache) People(ctx context.Context, refs []string) ([]Person, error) {
	order := slices.Clone(refs)
	parts := map[string][]PersonRow{}
	if err := c.EachPerson(ctx, refs, func(r PersonRow) error {
		if refs == nil && parts[r.Person] == nil {
			order = append(order, r.Person)
		}
		parts[r.Person] = append(parts[r.Person], r)
		return nil
	}); err != nil {
		return nil, err
	}
	others := map[string][]string{}
	if err := c.OtherNames(ctx, refs, func(person, name string) error {
		others[person] = append(others[person], name)
		return nil
	}); err != nil {
		return nil, err
	}
	out := make([]Person, 0, len(parts))
	for _, ref := range order {
		if len(parts[ref]) > 0 {
			out = append(out, NewPerson(ref, parts[ref], others[ref]))
		}
	}
	return out, nil
}

// NewPerson joins the parts of one person, and the names that conversations
// carry and their contacts no longer do.
func NewPerson(ref string, parts []PersonRow, otherNames []string) Person {
	p := Person{Ref: ref, Names: []string{}, E164s: []string{}, Keys: []string{}, Parts: slices.Clone(parts)}
	slices.SortStableFunc(p.Parts, func(a, b PersonRow) int {
		return cmp.Or(b.At.Compare(a.At), strings.Compare(a.Thread, b.Thread))
	})
	for _, r := range p.Parts {
		addOnce(&p.Names, r.Name)
		addOnce(&p.E164s, r.E164)
		addOnce(&p.Keys, r.PhoneKey)
	}
	for _, n := range otherNames {
		addOnce(&p.Names, n)
	}
	if len(p.Names) > 0 {
		p.Name = p.Names[0]
	}
	return p
}

func addOnce(list *[]string, s string) {
	if s != "" && !slices.Contains(*list, s) {
		*list = append(*list, s)
	}
}
