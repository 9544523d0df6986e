package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// nameHit says what is shown of a name that was found.
func (s *finder) nameHit(c found) Hit {
	n := s.x.person(c.i).names[c.name]
	h := Hit{Field: "name", Text: n.text, Reason: "letters"}
	f := foldWithOffsets(n.text)
	if len(c.terms) == 0 {
		for _, at := range subsequence(f.text, s.letters) {
			_, size := utf8.DecodeRuneInString(f.text[at:])
			h.Ranges = append(h.Ranges, f.span(at, at+size))
		}
		h.Ranges = merge(h.Ranges)
		return h
	}
	m, words, worst := s.match(n.words, c.terms), f.words(), byExact
	for k, t := range c.terms {
		worst = worse(worse(worst, s.howIn(c.i, t, m.how[k])), t.read)
		if at := m.at[k]; at >= 0 && at < len(words) {
			w := words[at]
			for _, r := range marksOf(f.text[w.start:w.end], t.text, m.how[k]) {
				h.Ranges = append(h.Ranges, f.span(w.start+r[0], w.start+r[1]))
			}
		}
	}
	h.Reason, h.Exact = reasons[worst], worst == byExact
	h.Ranges = merge(h.Ranges)
	return h
}

// worse is what is said of two: what differs more.
func worse(a, b how) how {
	if levelOf(b) > levelOf(a) || levelOf(a) == levelOf(b) && b > a {
		return b
	}
	return a
}

// howIn is how a name takes a term, or else a line of theirs.
func (s *finder) howIn(i int32, t *term, h how) how {
	if _, inLine := slices.BinarySearch(t.lines, i); h == byNothing && inLine {
		return byNumber
	}
	return h
}

// marksOf are the letters of a word that took the typed one, by bytes.
func marksOf(word, typed string, h how) [][2]int {
	switch {
	case strings.HasPrefix(word, typed):
		return [][2]int{{0, len(typed)}}
	case h == byNickname, h == bySound:
		return [][2]int{{0, len(word)}}
	}
	return shared(word, typed)
}

// shared are the letters of a word that stand in the typed one too, in that
// order: a longest common subsequence.
func shared(word, typed string) (ranges [][2]int) {
	word, typed = word[:min(len(word), longestWord)], typed[:min(len(typed), longestWord)]
	var most [longestWord + 1][longestWord + 1]uint8
	for i := len(word) - 1; i >= 0; i-- {
		for k := len(typed) - 1; k >= 0; k-- {
			if word[i] == typed[k] {
				most[i][k] = most[i+1][k+1] + 1
			} else {
				most[i][k] = max(most[i+1][k], most[i][k+1])
			}
		}
	}
	for i, k := 0, 0; i < len(word) && k < len(typed); {
		switch {
		case word[i] == typed[k]:
			ranges = append(ranges, [2]int{i, i + 1})
			i, k = i+1, k+1
		case most[i+1][k] >= most[i][k+1]:
			i++
		default:
			k++
		}
	}
	return ranges
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
