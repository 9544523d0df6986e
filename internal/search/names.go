package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sahilm/fuzzy"
)

// longestTerm: sahilm/fuzzy's score overflows at 40 and more consecutive
// matched characters and then ranks the exact match last (PLATFORM §5).
const longestTerm = 30

// shortestNumber is from how many digits on a term is also looked for in
// lines.
const shortestNumber = 3

// byName finds by the beginnings of words in any order, "agustina 5983" with
// part of a number; where that is too little, by letters in order.
func (p *People) byName(query string, have map[int32]bool, isNumber bool, limit int) (out []found) {
	terms := termsOf(query)
	if len(terms) == 0 {
		return nil
	}
	most := max(shortlist, limit)
	for _, group := range p.groups(terms, isNumber) {
		for _, i := range p.newest(group, most) {
			if have[i] {
				continue
			}
			if name, score := p.entries[i].bestName(terms); score > 0 {
				have[i] = true
				out = append(out, found{i: i, name: name, score: score})
			}
		}
	}
	if len(out) >= enough || isNumber {
		return out
	}
	return append(out, p.byLetters(strings.Join(terms, ""), have)...)
}

// termsOf are the words that a name is asked for, each once.
func termsOf(query string) (terms []string) {
	for _, w := range cut(Fold(query)) {
		if !slices.Contains(terms, w) {
			terms = append(terms, w)
		}
	}
	return terms
}

// groups lists candidates by how well they can do: names of just these words,
// names with these words, names with words that begin so. Each is ranked apart,
// so that however many begin so, none of the others is crowded out.
func (p *People) groups(terms []string, isNumber bool) [][]int32 {
	var numbers []string
	exact, prefixed := every, every
	for _, term := range terms {
		whole, begun := p.words.exact(term), p.words.prefixed(term)
		if isDigits(term) && len(term) >= shortestNumber && !isNumber {
			if len(begun) == 0 {
				numbers = append(numbers, term)
				continue
			}
			inLines := p.withDigits(term, nil)
			begun = union([][]int32{begun, inLines}, len(begun)+len(inLines))
		}
		exact, prefixed = exact.and(whole), prefixed.and(begun)
	}
	for _, digits := range numbers {
		if prefixed.all {
			prefixed = prefixed.and(p.withDigits(digits, nil))
		}
		prefixed.ids = slices.DeleteFunc(slices.Clone(prefixed.ids), func(i int32) bool { return !strings.Contains(p.digits[i], digits) })
	}
	if len(numbers) > 0 {
		return [][]int32{prefixed.ids}
	}
	var full []int32
	for _, i := range exact.ids {
		if p.counts[i]&(1<<min(len(terms), 63)) != 0 {
			full = append(full, i)
		}
	}
	return [][]int32{full, exact.ids, prefixed.ids}
}

// some is a set of entries; every is that of all.
type some struct {
	all bool
	ids []int32
}

var every = some{all: true}

func (s some) and(ids []int32) some {
	if s.all {
		return some{ids: ids}
	}
	return some{ids: intersect(s.ids, ids)}
}

// bestName picks the name that takes most of the terms; score is 0 where none
// takes any.
func (e *entry) bestName(terms []string) (name, score int) {
	for n, f := range e.folded {
		m := matchWords(f, terms)
		if m.terms == 0 {
			continue
		}
		s := tierPrefix
		switch {
		case m.exact == len(terms) && m.words == len(terms):
			s = tierExact
		case m.exact == len(terms):
			s = tierWords
		}
		if s += 1000*m.terms + rank(strings.Join(terms, " "), f); s > score {
			name, score = n, s
		}
	}
	return name, score
}

// matched is how a name takes the terms.
type matched struct {
	words, terms, exact int
	at                  []word // of each term in the folded name, empty where it is not
}

// matchWords gives each term a word of the name of its own: one that equals it
// before one that it begins.
func matchWords(name string, terms []string) (m matched) {
	var some [8]word
	words := folded{text: name}.appendWords(some[:0])
	var few [8]bool
	taken := append(few[:0], make([]bool, len(words))...)
	m.words, m.at = len(words), make([]word, len(terms))
	for _, whole := range []bool{true, false} {
		for n, term := range terms {
			if m.at[n].end > 0 {
				continue
			}
			for k, w := range words {
				here := name[w.start:w.end]
				if taken[k] || whole && here != term || !strings.HasPrefix(here, term) {
					continue
				}
				taken[k], m.at[n] = true, word{w.start, w.start + len(term)}
				m.terms++
				if len(here) == len(term) {
					m.exact++
				}
				break
			}
		}
	}
	return m
}

// nameHit says what is shown of a name that was found.
func (e *entry) nameHit(c found, terms []string) Hit {
	h := Hit{Field: "name", Text: e.names[c.name], Reason: "prefix"}
	f := foldWithOffsets(h.Text)
	if c.score < tierPrefix {
		h.Reason = "letters"
		for _, at := range subsequence(f.text, strings.Join(terms, "")) {
			_, size := utf8.DecodeRuneInString(f.text[at:])
			h.Ranges = append(h.Ranges, f.span(at, at+size))
		}
	} else {
		for _, w := range matchWords(f.text, terms).at {
			if w.end > 0 {
				h.Ranges = append(h.Ranges, f.span(w.start, w.end))
			}
		}
		if c.score >= tierWords {
			h.Reason, h.Exact = "exact", true
		}
	}
	h.Ranges = merge(h.Ranges)
	return h
}

// rank is sahilm/fuzzy's opinion, within a tier.
func rank(pattern, name string) int {
	m := fuzzy.FindNoSort(clip(pattern), []string{name})
	if len(m) == 0 {
		return 0
	}
	return min(max(m[0].Score, -400), 400)
}

// subsequence is where sahilm/fuzzy finds the letters, by bytes.
func subsequence(name, pattern string) []int {
	m := fuzzy.FindNoSort(clip(pattern), []string{name})
	if len(m) == 0 {
		return nil
	}
	return m[0].MatchedIndexes
}

func clip(s string) string {
	n := 0
	for i := range s {
		if n == longestTerm {
			return s[:i]
		}
		n++
	}
	return s
}

// byLetters is the fall-back for what has no good word: initials, "mgar".
func (p *People) byLetters(pattern string, have map[int32]bool) (out []found) {
	if utf8.RuneCountInString(pattern) < 2 {
		return nil
	}
	pattern = clip(pattern)
	want := lettersOf(pattern)
	var ids []int32
	for i, m := range p.letters {
		if m&want == want && inOrder(p.names[i], pattern) && !have[int32(i)] {
			ids = append(ids, int32(i))
		}
	}
	for _, i := range p.newest(ids, shortlist) {
		for n, f := range p.entries[i].folded {
			m := fuzzy.FindNoSort(pattern, []string{f})
			if len(m) == 0 || m[0].Score < 0 {
				continue
			}
			out = append(out, found{i: i, name: n, score: tierLetters + min(m[0].Score, 900)})
			break
		}
	}
	slices.SortFunc(out, func(a, b found) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(p.at[b.i], p.at[a.i])) })
	return out[:min(len(out), 2*enough)]
}

// inOrder reports whether text has the pattern's bytes in their order.
func inOrder(text, pattern string) bool {
	k := 0
	for i := 0; i < len(text) && k < len(pattern); i++ {
		if text[i] == pattern[k] {
			k++
		}
	}
	return k == len(pattern)
}

// merge sorts ranges and joins those that touch.
func merge(ranges [][2]int) [][2]int {
	slices.SortFunc(ranges, func(a, b [2]int) int { return a[0] - b[0] })
	var out [][2]int
	for _, r := range ranges {
		if n := len(out); n > 0 && r[0] <= out[n-1][1] {
			out[n-1][1] = max(out[n-1][1], r[1])
			continue
		}
		out = append(out, r)
	}
	return out
}
