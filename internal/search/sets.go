package search

import (
	"math/bits"
	"slices"
)

// borrow gives a set of bits, all clear, one for each place.
func (x *directory) borrow() []uint64 {
	if set, ok := x.scratch.Get().(*[]uint64); ok && len(*set) >= len(x.record)/64+1 {
		return *set
	}
	return make([]uint64, len(x.record)/64+1)
}

// giveBack takes a set back.
func (x *directory) giveBack(set []uint64) {
	clear(set)
	x.scratch.Put(&set)
}

func mark(set []uint64, lists [][]int32) {
	for _, l := range lists {
		for _, i := range l {
			set[i>>6] |= 1 << (i & 63)
		}
	}
}

// union joins postings, which stay as they are. Few are sorted together; many
// are marked in a set of bits, which costs no more the more there are.
func (x *directory) union(lists [][]int32, total int) []int32 {
	if len(lists) == 1 {
		return lists[0]
	}
	out := make([]int32, 0, min(total, len(x.record)))
	if total < 512 {
		for _, l := range lists {
			out = append(out, l...)
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	set := x.borrow()
	mark(set, lists)
	for n, word := range set {
		for ; word != 0; word &= word - 1 {
			out = append(out, int32(n*64+bits.TrailingZeros64(word)))
		}
	}
	x.giveBack(set)
	return out
}

// intersect keeps what is in both, in order.
func intersect(a, b []int32) []int32 {
	if len(a) > len(b) {
		a, b = b, a
	}
	var out []int32
	for _, i := range a {
		at, ok := gallop(b, i)
		if ok {
			out = append(out, i)
		}
		b = b[at:]
	}
	return out
}

// gallop finds i in a sorted list, soon where it stands near the beginning.
func gallop(list []int32, i int32) (int, bool) {
	to := 1
	for to < len(list) && list[to] < i {
		to *= 2
	}
	from := to / 2
	at, ok := slices.BinarySearch(list[from:min(to+1, len(list))], i)
	return from + at, ok
}

// within keeps of ids, which it may write to if owned, who is in one of the
// lists.
func (x *directory) within(ids []int32, lists [][]int32) (out []int32) {
	if len(lists) == 1 {
		return intersect(ids, lists[0])
	}
	set := x.borrow()
	mark(set, lists)
	for _, i := range ids {
		if set[i>>6]&(1<<(i&63)) != 0 {
			out = append(out, i)
		}
	}
	x.giveBack(set)
	return out
}

// people are those who have a word for every term up to its level; missing
// asks nothing of one.
func (s *finder) people(terms []*term, up []level) []int32 {
	type side struct {
		t     *term
		up    level
		lists [][]int32
		total int
	}
	var sides []side
	for n, t := range terms {
		if up[n] == missing {
			continue
		}
		lists, total := s.reach(t, up[n])
		if total == 0 {
			return nil
		}
		sides = append(sides, side{t, up[n], lists, total})
	}
	if len(sides) == 0 {
		return nil
	}
	slices.SortFunc(sides, func(a, b side) int { return a.total - b.total })
	ids := s.x.union(sides[0].lists, sides[0].total)
	for _, o := range sides[1:] {
		if len(ids) == 0 {
			return nil
		}
		if len(ids)*one < o.total { // to read each record is less than to mark everybody
			var kept []int32
			for _, i := range ids {
				if s.has(i, o.t, o.up) {
					kept = append(kept, i)
				}
			}
			ids = kept
			continue
		}
		ids = s.x.within(ids, o.lists)
	}
	return ids
}

// one is what reading a record costs beside marking a place.
const one = 64
