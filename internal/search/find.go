package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sahilm/fuzzy"

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

// shortlist bounds how many candidates are ranked one by one; beyond it the
// most recent are taken.
const shortlist = 2000

// longestTerm: sahilm/fuzzy's score overflows at 40 and more consecutive
// matched characters and then ranks the exact match last (PLATFORM §5).
const longestTerm = 30

// Find looks people up by what was typed, best first: numbers in any written
// form or part, words and their beginnings, then letters in order.
func (p *People) Find(query string, ctx phone.Context, limit int) []Hit {
	query = strings.TrimSpace(query)
	if query == "" || limit <= 0 {
		return nil
	}
	sorted := p.vocabulary()
	p.mu.RLock()
	defer p.mu.RUnlock()
	var hits []Hit
	if n := phone.Parse(query, ctx); n.Kind == phone.Phone {
		hits = p.byLine(query, n)
	}
	digits, isNumber := phone.QueryDigits(query)
	if isNumber {
		hits = append(hits, p.byDigits(digits, hits, limit)...)
	}
	if len(hits) < limit {
		hits = append(hits, p.byName(sorted, query, hits)...)
	}
	slices.SortStableFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(p.entries[p.byRef[b.Person]].at, p.entries[p.byRef[a.Person]].at), strings.Compare(a.Person, b.Person))
	})
	return hits[:min(limit, len(hits))]
}

// byLine finds the owners of one whole line.
func (p *People) byLine(query string, n phone.Number) (hits []Hit) {
	typed, _ := phone.QueryDigits(query)
	for _, i := range p.byKey[n.Key] {
		e := &p.entries[i]
		at := max(slices.Index(e.keys, n.Key), 0)
		reason := "exact"
		for k, key := range e.keys {
			if key == n.Key && typed != "" && strings.HasSuffix(onlyDigits(e.lines[k]), typed) {
				at = k
			}
		}
		if shown := onlyDigits(e.lines[at]); typed != "" && shown != onlyDigits(n.E164) {
			reason = differenceOf(n.Key)
		}
		hits = append(hits, Hit{Person: e.ref, Field: "phone", Text: e.lines[at], Exact: true,
			Ranges: [][2]int{{0, len(e.lines[at])}}, Reason: reason, Score: tierExact + 1})
	}
	return hits
}

// differenceOf names what sets the written forms of a line apart.
func differenceOf(key string) string {
	switch {
	case strings.HasPrefix(key, "54"):
		return "same_line_without_9"
	case strings.HasPrefix(key, "52"):
		return "same_line_without_1"
	}
	return "same_line"
}

// byDigits finds lines that contain the digits in one of their written forms.
func (p *People) byDigits(digits string, have []Hit, limit int) (hits []Hit) {
	var ids []int32
	for i := range p.entries {
		if e := &p.entries[i]; strings.Contains(e.digits, digits) && !isHit(have, e.ref) {
			ids = append(ids, int32(i))
		}
	}
	for rank, i := range p.newestFirst(ids, limit) {
		e := &p.entries[i]
		line, ranges := markDigits(e.lines, digits)
		hits = append(hits, Hit{Person: e.ref, Field: "phone", Text: line, Ranges: ranges, Reason: "part_of_number", Score: tierPrefix + 1000 - min(rank, 999)})
	}
	return hits
}

func isHit(hits []Hit, ref string) bool {
	return slices.ContainsFunc(hits, func(h Hit) bool { return h.Person == ref })
}

// markDigits picks the line that shows most of the typed digits and marks
// them there. What a form has and the display has not (a 0, a 15) is not
// marked.
func markDigits(lines []string, digits string) (best string, ranges [][2]int) {
	if len(lines) == 0 {
		return "", nil
	}
	best = lines[0]
	for cut := 0; cut < len(digits); cut++ {
		for _, line := range lines {
			shown := onlyDigits(line)
			if at := strings.Index(shown, digits[cut:]); at >= 0 {
				return line, digitRanges(line, at, len(digits)-cut)
			}
		}
	}
	return best, nil
}

// digitRanges marks n digits of line from its at-th on, leaving out what stands
// between groups only at the ends.
func digitRanges(line string, at, n int) [][2]int {
	start, seen := -1, 0
	for i, r := range line { // a display form is ASCII: bytes are UTF-16 units
		if r < '0' || r > '9' {
			continue
		}
		if seen == at {
			start = i
		}
		seen++
		if seen == at+n {
			return [][2]int{{start, i + 1}}
		}
	}
	return nil
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// byName finds by the beginnings of words in any order; where that is too
// little, by letters in order.
func (p *People) byName(sorted []string, query string, have []Hit) (hits []Hit) {
	terms := wordsOf(query)
	if len(terms) == 0 {
		return nil
	}
	var ids []int32
	for n, term := range terms {
		found := p.withPrefix(sorted, term)
		if isDigits(term) && len(term) >= 3 {
			found = p.orDigits(found, term)
		}
		if n == 0 {
			ids = found
		} else {
			ids = intersect(ids, found)
		}
	}
	taken := map[int32]bool{}
	for _, i := range p.newestFirst(ids, shortlist) {
		e := &p.entries[i]
		taken[i] = true
		if h, ok := e.nameHit(terms); ok && !isHit(have, e.ref) {
			hits = append(hits, h)
		}
	}
	if len(hits) >= 10 {
		return hits
	}
	return append(hits, p.byLetters(strings.Join(terms, ""), taken, have)...)
}

func isDigits(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsDigit(r) }) < 0
}

// orDigits adds to a term's entries those whose lines contain it, so that
// "agustina 5983" finds her.
func (p *People) orDigits(found []int32, digits string) []int32 {
	out := slices.Clone(found)
	for i := range p.entries {
		if strings.Contains(p.entries[i].digits, digits) {
			out = append(out, int32(i))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// nameHit marks each term at the word it begins, in the name that takes most
// of them.
func (e *entry) nameHit(terms []string) (Hit, bool) {
	best := Hit{Person: e.ref, Field: "name", Score: -1}
	for _, name := range e.names {
		f := foldWithOffsets(name)
		words := f.words()
		exact, marked := 0, [][2]int{}
		for _, term := range terms {
			for _, w := range words {
				if strings.HasPrefix(f.text[w.start:w.end], term) {
					marked = append(marked, f.span(w.start, w.start+len(term)))
					if w.end-w.start == len(term) {
						exact++
					}
					break
				}
			}
		}
		if len(marked) == 0 {
			continue
		}
		score, reason := tierPrefix, "prefix"
		if exact == len(terms) {
			score, reason = tierWords, "exact"
			if len(terms) == len(words) {
				score = tierExact
			}
		}
		score += 1000*len(marked) + rank(strings.Join(terms, " "), f.text)
		if score > best.Score {
			slices.SortFunc(marked, func(a, b [2]int) int { return a[0] - b[0] })
			best.Text, best.Ranges, best.Score, best.Reason, best.Exact = name, merge(marked), score, reason, reason == "exact"
		}
	}
	return best, best.Score >= 0
}

// rank is sahilm/fuzzy's opinion, within a tier.
func rank(pattern, name string) int {
	m := fuzzy.FindNoSort(clip(pattern), []string{name})
	if len(m) == 0 {
		return 0
	}
	return min(max(m[0].Score, -400), 400)
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
func (p *People) byLetters(pattern string, taken map[int32]bool, have []Hit) (hits []Hit) {
	if utf8.RuneCountInString(pattern) < 2 {
		return nil
	}
	pattern = clip(pattern)
	mask := maskOf(pattern)
	var ids []int32
	for i := range p.entries {
		if p.entries[i].mask&mask == mask && !taken[int32(i)] && !p.entries[i].gone {
			ids = append(ids, int32(i))
		}
	}
	for _, i := range p.newestFirst(ids, shortlist) {
		e := &p.entries[i]
		if isHit(have, e.ref) {
			continue
		}
		for _, name := range e.names {
			f := foldWithOffsets(name)
			m := fuzzy.FindNoSort(pattern, []string{f.text})
			if len(m) == 0 || m[0].Score < 0 {
				continue
			}
			var marked [][2]int
			for _, at := range m[0].MatchedIndexes {
				_, size := utf8.DecodeRuneInString(f.text[at:])
				marked = append(marked, f.span(at, at+size))
			}
			hits = append(hits, Hit{Person: e.ref, Field: "name", Text: name, Ranges: merge(marked), Reason: "letters", Score: tierLetters + min(m[0].Score, 900)})
			break
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return b.Score - a.Score })
	return hits[:min(len(hits), 20)]
}

// merge joins ranges that touch.
func merge(ranges [][2]int) [][2]int {
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
