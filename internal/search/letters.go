package search

import (
	"unicode/utf8"

	"github.com/sahilm/fuzzy"
)

// mostLooked bounds how many people's letters are looked at one by one.
const mostLooked = 12_000

// byLetters is the fall-back for what has no good word: initials, "mgar". The
// first letter begins a word.
func (s *finder) byLetters(pattern string) {
	if utf8.RuneCountInString(pattern) < 2 {
		return
	}
	pattern = clip(pattern)
	s.letters = pattern
	want := lettersOf(pattern) // its first letter begins a word
	var ids []int32
	looked := 0
	for i := len(s.x.letters) - 1; i >= 0 && looked < mostLooked; i-- {
		if s.x.letters[i]&want != want {
			continue
		}
		looked++
		if s.inOrder(int32(i), pattern) {
			ids = append(ids, int32(i))
		}
	}
	for _, i := range s.newest(ids, s.most()) {
		for n, name := range s.x.person(i).names {
			m := fuzzy.FindNoSort(pattern, []string{Fold(name.text)})
			if len(m) > 0 && m[0].Score >= 0 {
				s.take(found{i: i, name: n, score: tierLetters + 1 + min(m[0].Score, 900)})
				break
			}
		}
	}
}

// inOrder reports whether a name has the pattern's bytes in their order.
func (s *finder) inOrder(i int32, pattern string) bool {
	r := s.x.read(i)
	r.skipRef()
	for range r.number() {
		r.bytes(r.number())
		k := 0
		for range r.number() {
			for _, c := range s.x.words.text.at(r.number()) {
				if k < len(pattern) && pattern[k] == c {
					k++
				}
			}
		}
		if k == len(pattern) {
			return true
		}
	}
	return false
}

// subsequence is where sahilm/fuzzy finds the letters, by bytes.
func subsequence(name, pattern string) []int {
	m := fuzzy.FindNoSort(clip(pattern), []string{name})
	if len(m) == 0 {
		return nil
	}
	return m[0].MatchedIndexes
}
