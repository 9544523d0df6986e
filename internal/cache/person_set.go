package cache

import (
	"context"
	"hash/maphash"
	"math/bits"
)

// personSeed is of the hashes of people, which are made anew with each start.
var personSeed = maphash.MakeSeed()

// PersonSet is a set of people in so little memory that asking it costs next to
// nothing. It may take somebody for one of them who is not, about one in a
// hundred: PeopleMatching knows.
type PersonSet struct {
	bits []uint64 // a Bloom filter of two hashes
	mask uint64
}

// newPersonSet is one for at most n people.
func newPersonSet(n int) *PersonSet {
	words := max(1, 1<<bits.Len(uint(n/4))) // sixteen bits each, at least
	return &PersonSet{bits: make([]uint64, words), mask: uint64(words*64 - 1)}
}

func (s *PersonSet) add(hash uint64) {
	for _, at := range [...]uint64{hash & s.mask, hash >> 32 & s.mask} {
		s.bits[at>>6] |= 1 << (at & 63)
	}
}

// MayHave reports whether a person (p_…) may be one of them; false is certain.
func (s *PersonSet) MayHave(ref []byte) bool {
	hash := maphash.Bytes(personSeed, ref)
	one, other := hash&s.mask, hash>>32&s.mask
	return s.bits[one>>6]>>(one&63)&1 != 0 && s.bits[other>>6]>>(other&63)&1 != 0
}

// PeopleLeft are the people who have a thread that n leaves; ready is false,
// and people nil, where that is not known at once.
func (c *Cache) PeopleLeft(ctx context.Context, n Narrow) (people *PersonSet, ready bool, err error) {
	ready, err = c.sift(ctx, n, func(f *facts, s *sieve) {
		var threads ThreadSet
		s.each(f, func(id int) { threads.add(int64(id)) })
		people = newPersonSet(threads.Len())
		for _, id := range threads.ids() {
			people.add(f.person[id])
		}
	})
	return people, ready, err
}
