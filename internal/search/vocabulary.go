package search

import (
	"math/bits"
	"slices"
	"strings"
)

// vocabulary maps folded words to sorted postings of entries. Names share few
// words: thousands even at a million people.
type vocabulary struct {
	postings map[string][]int32
	sorted   []string // the words in order, for prefixes; some may have no entries left
	fresh    []string // words that sorted lacks, in no order
}

// mergeAt is how many fresh words are looked through one by one before they
// are sorted in.
const mergeAt = 512

func newVocabulary() vocabulary { return vocabulary{postings: map[string][]int32{}} }

func (v *vocabulary) add(word string, i int32) {
	list, known := v.postings[word]
	v.postings[word] = with(list, i)
	if known {
		return
	}
	if v.fresh = append(v.fresh, word); len(v.fresh) >= max(mergeAt, len(v.sorted)/8) {
		v.sort()
	}
}

// remove leaves the word where it stands: a vocabulary hardly shrinks, and the
// word most often comes back.
func (v *vocabulary) remove(word string, i int32) {
	v.postings[word] = without(v.postings[word], i)
}

// sort merges the fresh words into the sorted ones.
func (v *vocabulary) sort() {
	v.sorted = append(v.sorted, v.fresh...)
	v.fresh = nil
	slices.Sort(v.sorted)
}

// exact are the entries with a word; the caller may not write to them.
func (v *vocabulary) exact(word string) []int32 { return v.postings[word] }

// prefixed are the entries with a word that begins with prefix, in order; the
// caller may not write to them.
func (v *vocabulary) prefixed(prefix string) []int32 {
	var lists [][]int32
	total := 0
	take := func(word string) {
		if list := v.postings[word]; len(list) > 0 {
			lists, total = append(lists, list), total+len(list)
		}
	}
	from, _ := slices.BinarySearch(v.sorted, prefix)
	for _, w := range v.sorted[from:] {
		if !strings.HasPrefix(w, prefix) {
			break
		}
		take(w)
	}
	for _, w := range v.fresh {
		if strings.HasPrefix(w, prefix) {
			take(w)
		}
	}
	if len(lists) == 1 {
		return lists[0]
	}
	return union(lists, total)
}

// union joins postings. Few are sorted together; many are marked in a set of
// bits, which costs no more the more there are.
func union(lists [][]int32, total int) []int32 {
	out := make([]int32, 0, total)
	if total < 512 {
		for _, l := range lists {
			out = append(out, l...)
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	last := int32(0)
	for _, l := range lists {
		if len(l) > 0 {
			last = max(last, l[len(l)-1])
		}
	}
	set := make([]uint64, last/64+1)
	for _, l := range lists {
		for _, i := range l {
			set[i/64] |= 1 << (i % 64)
		}
	}
	for n, word := range set {
		for ; word != 0; word &= word - 1 {
			out = append(out, int32(n*64+bits.TrailingZeros64(word)))
		}
	}
	return out
}

// intersect keeps what is in both, in order.
func intersect(a, b []int32) []int32 {
	if len(a) > len(b) {
		a, b = b, a
	}
	var out []int32
	for _, x := range a {
		at, ok := slices.BinarySearch(b, x)
		if ok {
			out = append(out, x)
		}
		b = b[at:]
	}
	return out
}

// with adds to a sorted list, in place where there is room.
func with(list []int32, i int32) []int32 {
	if n := len(list); n == 0 || list[n-1] < i {
		return append(list, i)
	}
	at, ok := slices.BinarySearch(list, i)
	if ok {
		return list
	}
	return slices.Insert(list, at, i)
}

// without takes out of a sorted list, in place.
func without(list []int32, i int32) []int32 {
	if at, ok := slices.BinarySearch(list, i); ok {
		return slices.Delete(list, at, at+1)
	}
	return list
}
