package search

import (
	"math"
	"slices"
	"strings"
)

// how a word of a name takes a typed one, from the best.
type how uint8

const (
	byExact how = iota
	byPrefix
	bySound
	byNickname
	byChange
	byChanges
	byNumber // it stands in a line
	byNothing
)

var reasons = [...]string{"exact", "prefix", "sounds_alike", "nickname", "one_change", "two_changes", "prefix", "words_missing"}

// What a difference costs, so that names can be compared that differ in
// several words.
const (
	costPrefix    = 2
	costSound     = 6
	costNickname  = 6
	costHeard     = 8  // a beginning that sounds so
	costBeside    = 9  // two nicknames of one name
	costChange    = 10 // a letter left out, put in, another, or swapped
	costInPrefix  = 12 // in a beginning
	costChanges   = 18 // two
	costInPrefix2 = 20
	costMissing   = 30
	costRead      = 4 // two words for one, one for two
)

// level is up to where a word may differ.
type level int

const (
	exactly level = iota
	begun
	alike    // sounds and nicknames
	changed  // and one change
	changed2 // and two
	missing  // not at all
)

// From how many letters on a typed word may differ.
const (
	shortestChange   = 3
	shortestInPrefix = 4
	shortestChanges  = 6
	shortestHeard    = 4
	shortestNumber   = 3 // digits that are also looked for in lines
)

// mostTerms bounds how many words of a query are looked for.
const mostTerms = 12

// term is a typed word.
type term struct {
	text   string
	last   bool // it may be half typed
	word   int64
	read   how     // what sets the reading apart from what was typed
	digits bool    // all of it: it differs from none and cannot be missing
	lines  []int32 // who has the digits in a line
	level  level   // up to where likes is filled
	likes  map[uint32]like
	lists  [changed2 + 1][][]int32 // postings of the words that take it, by level
	totals [changed2 + 1]int
}

type like struct {
	cost int
	how  how
}

// readTerms makes the terms of a query, each word once.
func (s *finder) readTerms(words []string, isNumber, open bool) (out []*term) {
	for n, w := range words {
		if slices.ContainsFunc(out, func(t *term) bool { return t.text == w }) || len(out) == mostTerms {
			continue
		}
		t := &term{text: w, last: open && n == len(words)-1, word: -1, likes: map[uint32]like{}}
		if id, ok := s.x.words.find(w); ok && len(s.x.words.postings[id]) > 0 {
			t.word = int64(id)
		}
		if t.digits = isDigits(w); t.digits && !isNumber && len(w) >= shortestNumber {
			t.lines = s.withDigits(w)
		}
		out = append(out, t)
	}
	return out
}

// reach is the postings of the words that take a term up to a level, and how
// many entries they have.
func (s *finder) reach(t *term, up level) (lists [][]int32, total int) {
	if t.digits {
		up = min(up, begun)
	}
	if t.lists[up] != nil {
		return t.lists[up], t.totals[up]
	}
	add := func(list []int32) {
		if len(list) > 0 {
			lists, total = append(lists, list), total+len(list)
		}
	}
	lists = [][]int32{}
	switch {
	case up == exactly:
		if t.word >= 0 {
			add(s.x.words.postings[t.word])
		}
	case up == begun:
		s.x.words.begun(t.text, func(n uint32) { add(s.x.words.postings[n]) })
		add(t.lines)
	default:
		below, n := s.reach(t, begun)
		lists, total = slices.Clone(below), n
		s.liken(t, up)
		for n, l := range t.likes {
			if levelOf(l.how) <= up {
				add(s.x.words.postings[n])
			}
		}
	}
	t.lists[up], t.totals[up] = lists, total
	return lists, total
}

func levelOf(h how) level {
	switch h {
	case byExact:
		return exactly
	case byPrefix, byNumber:
		return begun
	case bySound, byNickname:
		return alike
	case byChange:
		return changed
	case byChanges:
		return changed2
	}
	return missing
}

// liken looks for the words that take a term up to a level and neither equal
// it nor begin with it.
func (s *finder) liken(t *term, up level) {
	if t.level < alike && up >= alike {
		s.likeSounds(t)
		s.likeNicknames(t)
	}
	if t.level < changed && up >= changed && len(t.text) >= shortestChange {
		s.likeChanges(t, 1, t.last && len(t.text) >= shortestInPrefix)
	}
	if t.level < changed2 && up >= changed2 && len(t.text) >= shortestChanges {
		s.likeChanges(t, 2, t.last && len(t.text) > shortestChanges)
	}
	t.level = max(t.level, up)
}

// addLike notes that a word takes a term, unless it does so for less.
func (s *finder) addLike(t *term, n uint32, cost int, h how) {
	if len(s.x.words.postings[n]) == 0 || strings.HasPrefix(string(s.x.words.text.at(n)), t.text) {
		return
	}
	if l, ok := t.likes[n]; !ok || cost < l.cost {
		t.likes[n] = like{cost, h}
	}
}

func (s *finder) likeSounds(t *term) {
	for _, sound := range soundsOf(t.text) {
		s.x.words.heard(sound, t.last && len(t.text) >= shortestHeard, func(n uint32, whole bool) {
			if whole {
				s.addLike(t, n, costSound, bySound)
			} else {
				s.addLike(t, n, costHeard, bySound)
			}
		})
	}
}

func (s *finder) likeNicknames(t *term) {
	add := func(forms []string, cost int) {
		for _, form := range forms {
			if n, ok := s.x.words.find(form); ok {
				s.addLike(t, n, cost, byNickname)
			}
		}
	}
	add(nicknames().of[t.text], costNickname)
	add(nicknames().beside[t.text], costBeside)
}

func (s *finder) likeChanges(t *term, most int, inPrefix bool) {
	costs := [...]struct{ whole, begun int }{1: {costChange, costInPrefix}, 2: {costChanges, costInPrefix2}}
	hows := [...]how{1: byChange, 2: byChanges}
	s.x.words.near(t.text, most, inPrefix, func(n uint32, whole, beginning int) {
		cost, d := math.MaxInt, 0
		if whole > 0 && whole <= most {
			cost, d = costs[whole].whole, whole
		}
		if inPrefix && beginning > 0 && beginning <= most && costs[beginning].begun < cost {
			cost, d = costs[beginning].begun, beginning
		}
		if d > 0 {
			s.addLike(t, n, cost, hows[d])
		}
	})
}

// takes says how a word takes a term.
func (s *finder) takes(t *term, n uint32) (like, bool) {
	if int64(n) == t.word {
		return like{0, byExact}, true
	}
	if strings.HasPrefix(string(s.x.words.text.at(n)), t.text) {
		return like{costPrefix, byPrefix}, true
	}
	l, ok := t.likes[n]
	return l, ok
}

// has reports whether somebody has a word that takes the term up to a level.
func (s *finder) has(i int32, t *term, up level) (ok bool) {
	if _, ok := slices.BinarySearch(t.lines, i); ok && up >= begun {
		return true
	}
	s.x.eachName(i, func(_ int, words []uint32) {
		for _, n := range words {
			if l, takes := s.takes(t, n); takes && levelOf(l.how) <= up {
				ok = true
			}
		}
	})
	return ok
}
