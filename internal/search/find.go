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
	Ranges [][2]int // UTF-16 offsets into Text of the letters that matched
	// Reason is what the catalogue's match.… words explain: exact, prefix,
	// sounds_alike, nickname, one_change, two_changes, words_missing, letters,
	// recent; of a line exact, same_line, same_line_without_9,
	// same_line_without_1, part_of_number.
	Reason string
	Score  int // higher is better
}

// Scores are tiers, so that an exact hit is never displaced by a lesser one;
// within a tier the cost of what differs, sahilm/fuzzy's score and then recency
// decide.
const (
	tierExact   = 4_000_000
	tierWords   = 3_000_000
	tierPrefix  = 2_000_000
	tierLike    = 1_000_000
	tierLetters = 0
)

// shortlist bounds how many candidates of a tier are ranked one by one; beyond
// it the most recent are taken.
const shortlist = 100

// enough is how many hits make a look for lesser ones needless, where no more
// are asked for than a screen shows.
const enough = 10

// longestQuery bounds what is read of a query, in bytes.
const longestQuery = 1000

// found is a candidate: a Hit is made only of those that are shown.
type found struct {
	i     int32
	name  int // which of its names, -1: a line
	score int
	hit   Hit     // of a line
	terms []*term // what the name was asked for; none: letters
}

// finder is one search. It holds nothing of the index beyond it.
type finder struct {
	x       *directory
	limit   int
	enough  int
	among   Among
	without [][]uint32    // the words of among.Without, by their numbers
	ref     []byte        // room for one
	letters string        // typed, for names that have them in order
	have    map[int32]int // people found: where in all
	all     []found
}

// Find looks people up by what was typed, best first: numbers in any written
// form or part, words and their beginnings, what sounds or is written nearly
// so, then letters in order. where lists the ways in which the offices write
// their numbers: a national one is read in each. An empty query finds those met
// last.
func (p *People) Find(query string, where []phone.Context, limit int) []Hit {
	return p.FindAmong(query, where, limit, Among{})
}

// Among are the people to look among; empty, it is everybody.
type Among struct {
	// Keep reports whether a person (p_…) is one of them. It is called often: it
	// must be quick, and not ask the index or hold on to ref.
	Keep func(ref []byte) bool
	// Without are words, or words side by side, that no name of theirs has.
	Without []string
}

// FindAmong is Find among some people. Without is not held to beyond what the
// index tells apart: the beginning of a very long word or name.
func (p *People) FindAmong(query string, where []phone.Context, limit int, among Among) []Hit {
	if limit <= 0 {
		return nil
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	s := &finder{x: p.dir, limit: limit, enough: enough, among: among, without: p.dir.numbersOf(among.Without), have: map[int32]int{}}
	if limit > shortlist {
		s.enough = limit
	}
	query = strings.TrimSpace(query)
	if query == "" {
		return s.recent()
	}
	s.find(query[:min(len(query), longestQuery)], where)
	return s.hits()
}

func (s *finder) find(query string, where []phone.Context) {
	digits, isNumber := phone.QueryDigits(query)
	for _, ctx := range where {
		if n := phone.Parse(query, ctx); n.Kind == phone.Phone {
			s.byLine(n)
			if !isNumber {
				return // a link or an id: its line and no other
			}
		}
	}
	s.byName(query, isNumber)
	if isNumber {
		s.byDigits(digits)
	}
}

// wants reports whether a place is still to be found.
func (s *finder) wants(i int32) bool {
	_, known := s.have[i]
	if known || len(s.without) > 0 && s.x.isCalled(i, s.without) {
		return false
	}
	if s.among.Keep == nil {
		return true
	}
	s.ref = s.x.appendRefText(s.ref[:0], i)
	return s.among.Keep(s.ref)
}

// take adds somebody.
func (s *finder) take(f found) {
	if s.wants(f.i) {
		s.have[f.i] = len(s.all)
		s.all = append(s.all, f)
	}
}

// hits makes the best candidates what is shown of them.
func (s *finder) hits() []Hit {
	slices.SortFunc(s.all, func(a, b found) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(s.x.at[b.i], s.x.at[a.i]), strings.Compare(s.x.ref(a.i), s.x.ref(b.i)))
	})
	out := make([]Hit, 0, min(s.limit, len(s.all)))
	for _, f := range s.all[:min(s.limit, len(s.all))] {
		h := f.hit
		if f.name >= 0 {
			h = s.nameHit(f)
		}
		h.Person, h.Score = s.x.ref(f.i), f.score
		out = append(out, h)
	}
	return out
}

// recent are those met last.
func (s *finder) recent() []Hit {
	n := recents{s: s, most: s.limit}
	for i, r := range s.x.record {
		if r != 0 {
			n.offer(int32(i))
		}
	}
	for _, i := range n.kept {
		f := found{i: i, name: -1, hit: Hit{Field: "name", Reason: "recent"}}
		if p := s.x.person(i); len(p.names) > 0 {
			f.hit.Text = p.names[0].text
		} else if len(p.lines) > 0 {
			f.hit.Field, f.hit.Text = "phone", p.lines[0].display()
		}
		s.take(f)
	}
	return s.hits()
}

// newest are the n most recent of those that are still wanted, in no order.
func (s *finder) newest(ids []int32, n int) []int32 {
	top := recents{s: s, most: n}
	for _, i := range ids {
		top.offer(i)
	}
	return top.kept
}

// recents keeps the most recent of what is offered: a heap with the oldest at
// its root, so that most are turned away by one comparison.
type recents struct {
	s    *finder
	most int
	kept []int32
}

func (n *recents) offer(i int32) {
	full := len(n.kept) >= n.most
	if full && (n.most <= 0 || n.s.x.at[i] <= n.s.x.at[n.kept[0]]) || !n.s.wants(i) {
		return
	}
	if full {
		n.kept[0] = i
		n.sink(0)
		return
	}
	if n.kept = append(n.kept, i); len(n.kept) == n.most {
		for from := n.most/2 - 1; from >= 0; from-- {
			n.sink(from)
		}
	}
}

func (n *recents) sink(from int) {
	at := n.s.x.at
	for {
		low := from
		for child := 2*from + 1; child <= 2*from+2 && child < len(n.kept); child++ {
			if at[n.kept[child]] < at[n.kept[low]] {
				low = child
			}
		}
		if low == from {
			return
		}
		n.kept[from], n.kept[low] = n.kept[low], n.kept[from]
		from = low
	}
}
