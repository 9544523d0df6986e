package search

import (
	"cmp"
	"slices"
	"strings"

	"bandeja/internal/phone"
)

// Hit is a person found, and where.
type Hit struct {
	Person string
	Field  string // name or phone
	Text   string // what matched, as it is shown
	Exact  bool
	Ranges [][2]int // UTF-16 offsets into Text
	Reason string   // exact, prefix, letters, same_line, same_line_without_9, same_line_without_1, part_of_number
	Score  int      // higher is better
}

// Scores are tiers, so that an exact hit is never displaced by a lesser one;
// within a tier sahilm/fuzzy's score and then recency decide.
const (
	tierExact   = 4_000_000
	tierWords   = 3_000_000
	tierPrefix  = 2_000_000
	tierLetters = 1_000_000
)

// shortlist bounds how many candidates of a tier are ranked one by one; beyond
// it the most recent are taken.
const shortlist = 100

// enough is how many hits by words make a look for letters needless.
const enough = 10

// found is a candidate: a Hit is made only of those that are shown.
type found struct {
	i     int32
	name  int // which of its names, -1: a line
	score int
	hit   Hit // of a line
}

// Find looks people up by what was typed, best first: numbers in any written
// form or part, words and their beginnings, then letters in order. where lists
// the ways in which the offices write their numbers: a national one is read in
// each. An empty query finds those met last.
func (p *People) Find(query string, where []phone.Context, limit int) []Hit {
	query = strings.TrimSpace(query)
	if limit <= 0 {
		return nil
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	if query == "" {
		return p.recent(limit)
	}
	var all []found
	digits, isNumber := phone.QueryDigits(query)
	have := map[int32]bool{}
	for _, ctx := range where {
		n := phone.Parse(query, ctx)
		if n.Kind != phone.Phone {
			continue
		}
		for _, f := range p.byLine(n) {
			if !have[f.i] {
				have[f.i] = true
				all = append(all, f)
			}
		}
		if !isNumber {
			return p.hits(query, all, limit) // a link or an id: its line and no other
		}
	}
	if isNumber {
		all = append(all, p.byDigits(digits, have, limit)...)
	}
	if len(all) < limit {
		all = append(all, p.byName(query, have, isNumber, limit)...)
	}
	return p.hits(query, all, limit)
}

// hits makes the best candidates what is shown of them.
func (p *People) hits(query string, all []found, limit int) []Hit {
	slices.SortFunc(all, func(a, b found) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(p.at[b.i], p.at[a.i]), strings.Compare(p.entries[a.i].ref, p.entries[b.i].ref))
	})
	terms := termsOf(query)
	out := make([]Hit, 0, min(limit, len(all)))
	for _, f := range all[:min(limit, len(all))] {
		h := f.hit
		if f.name >= 0 {
			h = p.entries[f.i].nameHit(f, terms)
		}
		h.Person, h.Score = p.entries[f.i].ref, f.score
		out = append(out, h)
	}
	return out
}

// newest keeps the n most recent entries.
func (p *People) newest(ids []int32, n int) []int32 {
	if len(ids) <= n {
		return ids
	}
	// A heap with the oldest of the kept at its root: most are turned away by
	// one comparison.
	kept := slices.Clone(ids[:n])
	older := func(a, b int32) bool { return p.at[kept[a]] < p.at[kept[b]] }
	sink := func(at int32) {
		for {
			low := at
			for child := 2*at + 1; child <= 2*at+2 && int(child) < n; child++ {
				if older(child, low) {
					low = child
				}
			}
			if low == at {
				return
			}
			kept[at], kept[low] = kept[low], kept[at]
			at = low
		}
	}
	for at := int32(n)/2 - 1; at >= 0; at-- {
		sink(at)
	}
	for _, i := range ids[n:] {
		if p.at[i] > p.at[kept[0]] {
			kept[0] = i
			sink(0)
		}
	}
	return kept
}

// recent are those met last.
func (p *People) recent(limit int) (out []Hit) {
	ids := make([]int32, 0, len(p.byRef))
	for _, i := range p.byRef {
		ids = append(ids, i)
	}
	ids = p.newest(ids, limit)
	slices.SortFunc(ids, func(a, b int32) int { return cmp.Compare(p.at[b], p.at[a]) })
	for _, i := range ids {
		h := Hit{Person: p.entries[i].ref, Field: "name", Reason: "recent"}
		if e := p.entries[i]; len(e.names) > 0 {
			h.Text = e.names[0]
		} else if len(e.lines) > 0 {
			h.Field, h.Text = "phone", e.lines[0]
		}
		out = append(out, h)
	}
	return out
}
