package cache

import (
	"bytes"
	"cmp"
	"math"
	"slices"
)

// Best first compares some of the newest hits and gives them page by page, then
// as many before those, and so on: to compare all hits of a common word takes
// seconds (PLATFORM §4), and so no age is a limit.

// rankedHit is a hit with what it scores.
type rankedHit struct {
	hit
	score int64
}

// before says which of two comes first, best first, and of the same score the
// newer one.
func (h rankedHit) before(o rankedHit) int {
	return cmp.Or(cmp.Compare(o.score, h.score), h.hit.before(o.hit))
}

// unbegun is the score in the cursor of a window that no page was given of.
const unbegun = math.MaxInt64

// bestPage gives a page of the window that the cursor is in: behind c.after, up
// to c.floor where the first page found its end. A score is a matter of the text
// alone, so that what comes later moves no other.
func (s *messageSearch) bestPage(c cursor) (hitPage, error) {
	limit := s.budget.ranked
	if !c.best {
		c.score = unbegun
	}
	if c.score != unbegun { // what has come since is in it too
		limit, s.budget.walked, s.from = 4*limit, 4*s.budget.walked, max(s.from, c.floor.place)
	}
	window, err := s.newest(c.after, limit)
	if err != nil {
		return hitPage{}, err
	}
	if c.score == unbegun {
		c.floor = hit{}
		if window.more {
			c.floor = window.last
		}
	}
	ranked, err := s.rank(slices.DeleteFunc(window.hits, func(h hit) bool { return h.before(c.floor) > 0 }))
	if err != nil {
		return hitPage{}, err
	}
	p := hitPage{ranked: len(ranked), cut: window.cut}
	last := rankedHit{c.given, c.score}
	ranked = slices.DeleteFunc(ranked, func(h rankedHit) bool { return h.before(last) <= 0 })
	for _, h := range ranked[:min(s.limit, len(ranked))] {
		p.hits = append(p.hits, h.hit)
		last = h
	}
	switch {
	case len(ranked) > s.limit:
		p.next = cursor{after: c.after, best: true, floor: c.floor, score: last.score, given: last.hit}.String()
	case c.floor != hit{}:
		p.next = cursor{after: c.floor, best: true, score: unbegun}.String()
	}
	return p, nil
}

// rank scores hits by their texts and puts them in order.
func (s *messageSearch) rank(hits []hit) ([]rankedHit, error) {
	out := make([]rankedHit, 0, len(hits))
	at := make(map[int64]hit, len(hits))
	ids := make([]int64, len(hits))
	for i, h := range hits {
		at[h.message], ids[i] = h, h.message
	}
	for part := range slices.Chunk(ids, askMany) {
		list, args := asked(part)
		if err := each(s.ctx, s.t, `SELECT id, text FROM messages WHERE id IN `+list, args, func(scan func(...any) error) error {
			var id int64
			var text string
			err := scan(&id, &text)
			out = append(out, rankedHit{at[id], s.score(text)})
			return err
		}); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, rankedHit.before)
	return out, nil
}

// score is Okapi BM25 in millionths, without the rarity of words: every hit has
// them all. What a word is worth there is how often it comes, less the longer
// the text.
func (s *messageSearch) score(text string) int64 {
	const saturation, lengthWeight, usualLength = 1.2, 0.75, 12
	s.words = appendTokens(s.words[:0], text)
	length := float64(bytes.Count(s.words, []byte{' '}) - 1)
	damping := saturation * (1 - lengthWeight + lengthWeight*length/usualLength)
	sum := 0.0
	for _, needle := range s.needles[0] {
		n := float64(times(s.words, needle))
		sum += n * (saturation + 1) / (n + damping)
	}
	return int64(sum * 1e6)
}

// times counts a needle; two side by side share the space between them.
func times(words, needle []byte) (n int) {
	for at := bytes.Index(words, needle); at >= 0; n++ {
		next := bytes.Index(words[at+1:], needle)
		if next < 0 {
			return n + 1
		}
		at += 1 + next
	}
	return n
}
