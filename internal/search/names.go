package search

import (
	"slices"
	"strings"

	"github.com/sahilm/fuzzy"
)

// longestTerm: sahilm/fuzzy's score overflows at 40 and more consecutive
// matched characters and then ranks the exact match last (PLATFORM §5).
const longestTerm = 30

// byName finds by words in any order: equal ones and those they begin,
// "agustina 5983" with part of a number; where that is too little, by words
// that sound or are written nearly so, and at last by letters in order.
func (s *finder) byName(query string, isNumber bool) {
	words := cutSome(Fold(query), 2*mostTerms)
	terms := s.readTerms(words, isNumber, true)
	if len(terms) == 0 {
		return
	}
	before := len(s.all)
	s.plainly(terms)
	if isNumber {
		return
	}
	if glued, ok := glueDigits(words); ok {
		s.plainly(readAs(byPrefix, s.readTerms(glued, false, true)))
	}
	if len(s.all)-before < s.enough || s.misspelt(terms) {
		s.nearly(terms, words, before)
	}
	if len(s.all)-before < s.enough {
		s.byLetters(strings.Join(words, ""))
	}
}

// misspelt reports whether a finished word is nobody's: it may be the
// beginning of another, but more likely it is one that was typed wrong.
func (s *finder) misspelt(terms []*term) bool {
	return slices.ContainsFunc(terms, func(t *term) bool { return t.word < 0 && !t.last && !t.digits })
}

// glueDigits joins what stands between the groups of a number within a query:
// "agustina 11 5983" asks for agustina and 115983.
func glueDigits(words []string) (out []string, ok bool) {
	for n, w := range words {
		if n > 0 && isDigits(w) && isDigits(words[n-1]) {
			out[len(out)-1] += w
			ok = true
			continue
		}
		out = append(out, w)
	}
	return out, ok
}

// upTo is one level for all of n terms.
func upTo(l level, n int) []level {
	out := make([]level, n)
	for i := range out {
		out[i] = l
	}
	return out
}

// plainly finds names of just these words, names with these words, names with
// words that begin so. Each is ranked apart, so that however many begin so,
// none of the others is crowded out.
func (s *finder) plainly(terms []*term) {
	most := s.most()
	exact := s.people(terms, upTo(exactly, len(terms)))
	var full []int32
	size := sizeOf(len(terms))
	for _, i := range exact {
		if s.x.sizes[i]&size != 0 {
			full = append(full, i)
		}
	}
	for _, group := range [][]int32{full, exact} {
		s.rankAll(s.newest(group, most), terms)
	}
	if len(s.all) < most {
		s.rankAll(s.newest(s.people(terms, upTo(begun, len(terms))), most), terms)
	}
}

// most is how many candidates of a tier are ranked one by one.
func (s *finder) most() int { return max(shortlist, s.limit) }

func (s *finder) rankAll(ids []int32, terms []*term) {
	for _, i := range ids {
		if f, ok := s.ranked(i, terms); ok {
			s.take(f)
		}
	}
}

// nearly finds by words that differ, the least first, until there is enough.
// Of each word that is nearly the typed one the most recent bearers are taken:
// nothing says which of the words was meant, and a common one may not hide the
// rest.
func (s *finder) nearly(terms []*term, words []string, before int) {
	// One word differs.
	for _, up := range []level{alike, changed} {
		for n := range terms {
			s.oneNearly(terms, n, up, begun)
		}
		if len(s.all)-before >= s.enough {
			return
		}
		if up == alike {
			for _, other := range s.otherwise(words) {
				s.plainly(readAs(other.how, s.readTerms(other.words, false, false)))
			}
		}
	}
	// Several do.
	if len(terms) > 1 {
		s.rankAll(s.newest(s.people(terms, upTo(changed, len(terms))), s.most()), terms)
	}
	if len(s.all)-before >= s.enough {
		return
	}
	for n := range terms {
		s.oneNearly(terms, n, changed2, changed)
	}
	if len(s.all) > before || len(terms) < 2 {
		return
	}
	// Nobody has them all: whoever has all but one.
	for _, rest := range []level{begun, changed} {
		for n, t := range terms {
			if t.digits {
				continue // a number that is not there was not meant otherwise
			}
			up := upTo(rest, len(terms))
			up[n] = missing
			s.rankAll(s.newest(s.people(terms, up), s.most()), terms)
		}
		if len(s.all)-before >= s.enough {
			return
		}
	}
}

// A word's bearers, and how many words that differ are looked at.
const (
	bearers   = 10
	nearWords = 60
)

// oneNearly finds who has a word that takes the n-th term up to a level, and
// for every other term one up to the level others.
func (s *finder) oneNearly(terms []*term, n int, up, others level) {
	t := terms[n]
	if t.digits {
		return
	}
	s.liken(t, up)
	var near []uint32
	for id, l := range t.likes {
		if levelOf(l.how) == up {
			near = append(near, id)
		}
	}
	if len(near) == 0 {
		return
	}
	var rest []int32
	if len(terms) > 1 {
		levels := upTo(others, len(terms))
		levels[n] = missing
		if rest = s.people(terms, levels); len(rest) == 0 {
			return
		}
	}
	slices.SortFunc(near, func(a, b uint32) int {
		if d := t.likes[a].cost - t.likes[b].cost; d != 0 {
			return d
		}
		if d := len(s.x.words.postings[b]) - len(s.x.words.postings[a]); d != 0 {
			return d
		}
		return int(a) - int(b)
	})
	looked := 0
	for _, id := range near {
		ids := s.x.words.postings[id]
		if len(terms) > 1 {
			ids = intersect(ids, rest)
		}
		if len(ids) == 0 {
			continue
		}
		s.rankBearers(s.newest(ids, bearers), terms)
		if looked++; looked == nearWords {
			return
		}
	}
}

// rankBearers takes those who bear one word, so that the first of each word
// come before the second of any.
func (s *finder) rankBearers(ids []int32, terms []*term) {
	var all []found
	for _, i := range ids {
		if f, ok := s.ranked(i, terms); ok {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, s.byScore)
	for k, f := range all {
		if f.score < tierPrefix {
			f.score -= k * aside
		}
		s.take(f)
	}
}

func (s *finder) byScore(a, b found) int {
	switch {
	case a.score != b.score:
		return b.score - a.score
	case s.x.at[a.i] != s.x.at[b.i]:
		return int(int64(s.x.at[b.i]) - int64(s.x.at[a.i]))
	}
	return strings.Compare(s.x.ref(a.i), s.x.ref(b.i))
}

// otherwise are other ways to read the words: two written as one or one as two
// (mariajose, guada lupe), and a nickname of several names (majo).
func (s *finder) otherwise(words []string) (out []reading) {
	if len(words) > mostTerms {
		return nil
	}
	put := func(h how, n, length int, in ...string) {
		out = append(out, reading{slices.Concat(words[:n], in, words[n+length:]), h})
	}
	for n, w := range words {
		for _, several := range nicknames().several[w] {
			put(byNickname, n, 1, several...)
		}
		if n > 0 {
			if _, ok := s.x.words.find(words[n-1] + w); ok {
				put(byChange, n-1, 2, words[n-1]+w)
			}
		}
		for at := 3; at <= len(w)-3; at++ {
			if s.borne(w[:at]) && s.borne(w[at:]) {
				put(byChange, n, 1, w[:at], w[at:])
			}
		}
	}
	return out[:min(len(out), 8)]
}

// reading is a query read in another way.
type reading struct {
	words []string
	how   how
}

// readAs marks terms as another reading of what was typed: nobody found by
// them stands before who has the words themselves.
func readAs(h how, terms []*term) []*term {
	for _, t := range terms {
		t.read = h
	}
	return terms
}

func (s *finder) borne(word string) bool {
	n, ok := s.x.words.find(word)
	return ok && len(s.x.words.postings[n]) > 0
}

// matched is how a name takes the terms.
type matched struct {
	words int // of the name
	at    []int
	how   []how
	cost  int
}

// match gives each term a word of the name of its own, the cheapest first.
func (s *finder) match(words []uint32, terms []*term) (m matched) {
	m.words = len(words)
	m.at, m.how = make([]int, len(terms)), make([]how, len(terms))
	type pair struct{ cost, term, word int }
	var some [32]pair
	pairs := some[:0]
	for n, t := range terms {
		m.at[n], m.how[n] = -1, byNothing
		for k, id := range words {
			if l, ok := s.takes(t, id); ok {
				pairs = append(pairs, pair{l.cost*256 + k, n, k}) // of two equal words the first
			}
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		if a.cost != b.cost {
			return a.cost - b.cost
		}
		return a.term - b.term
	})
	var taken [mostWords]bool
	for _, p := range pairs {
		if taken[p.word] || m.at[p.term] >= 0 {
			continue
		}
		l, _ := s.takes(terms[p.term], words[p.word])
		taken[p.word], m.at[p.term], m.how[p.term] = true, p.word, l.how
		m.cost += l.cost
	}
	return m
}

// ranked picks the name of a place that takes the terms best; ok is false
// where none takes any.
func (s *finder) ranked(i int32, terms []*term) (best found, ok bool) {
	s.x.eachName(i, func(n int, words []uint32) {
		m := s.match(words, terms)
		if score := s.score(i, words, terms, m); score > best.score {
			best, ok = found{i: i, name: n, score: score, terms: terms}, true
		}
	})
	return best, ok
}

// score is 0 where the name takes no term.
func (s *finder) score(i int32, words []uint32, terms []*term, m matched) int {
	worst, got, cost := byExact, 0, m.cost
	for n, t := range terms {
		h := m.how[n]
		if h == byNothing {
			if _, inLine := slices.BinarySearch(t.lines, i); inLine {
				h, cost = byNumber, cost+costPrefix
			} else {
				cost += costMissing
			}
		} else {
			got++
		}
		worst = worse(worse(worst, h), t.read)
	}
	if terms[0].read > byPrefix {
		cost += costRead
	}
	if got == 0 {
		return 0
	}
	rank := s.rank(words, terms, m)
	switch {
	case worst == byExact && m.words == len(terms):
		return tierExact + rank
	case worst == byExact:
		return tierWords + rank
	case levelOf(worst) == begun:
		return tierPrefix + rank
	}
	return max(tierLetters+2*tierSpan, tierPrefix-tierSpan-cost*perCost+rank)
}

// What a cost and a place behind others of one word take off a score, and what
// a rank can add.
const (
	perCost  = 4000
	aside    = 1000
	tierSpan = 2000
)

// rank is sahilm/fuzzy's opinion of the taken letters within the name, so that
// of names that take the terms alike the shorter, the earlier and the more
// connected come first, and of those the ones in the order that was typed.
func (s *finder) rank(words []uint32, terms []*term, m matched) int {
	order := make([]int, 0, len(m.at))
	inOrder, last := true, -1
	for _, at := range m.at {
		if at >= 0 {
			inOrder, last = inOrder && at > last, at
			order = append(order, at)
		}
	}
	slices.Sort(order)
	var name, pattern strings.Builder
	for k, id := range words {
		if k > 0 {
			name.WriteByte(' ')
		}
		name.Write(s.x.words.text.at(id))
	}
	for k, at := range order {
		if k > 0 {
			pattern.WriteByte(' ')
		}
		if n := slices.Index(m.at, at); m.how[n] == byPrefix {
			pattern.WriteString(terms[n].text)
		} else {
			pattern.Write(s.x.words.text.at(words[at]))
		}
	}
	score := 0
	if found := fuzzy.FindNoSort(clip(pattern.String()), []string{name.String()}); len(found) > 0 {
		score = min(max(found[0].Score, -400), 400)
	}
	if inOrder {
		score += 50
	}
	return score
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

// cutSome gives at most n words of a folded text, each cut to what is told
// apart.
func cutSome(text string, n int) []string {
	var out []string
	for _, w := range (folded{text: text}).words() {
		if len(out) == n {
			break
		}
		out = append(out, cutWord(text[w.start:w.end]))
	}
	return out
}
