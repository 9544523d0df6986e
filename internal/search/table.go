package search

import "math/bits"

// table is an open-addressing hash table of numbers: what a number stands for
// is kept elsewhere, so an entry costs four bytes and some room.
type table struct {
	cells []uint32 // number + 1; 0 is empty
	used  int
}

// first is where the search for a hash begins.
func (t *table) first(hash uint64) int {
	hi, _ := bits.Mul64(hash, uint64(len(t.cells)))
	return int(hi)
}

func (t *table) next(at int) int {
	if at++; at == len(t.cells) {
		return 0
	}
	return at
}

// each calls fn with every number under a hash, and some under others, until
// it returns false.
func (t *table) each(hash uint64, fn func(n uint32) bool) {
	if t.used == 0 {
		return
	}
	for at := t.first(hash); t.cells[at] != 0; at = t.next(at) {
		if !fn(t.cells[at] - 1) {
			return
		}
	}
}

// add puts a number that is not there; hashOf gives the hash of any that is.
func (t *table) add(n uint32, hashOf func(n uint32) uint64) {
	if (t.used+1)*3 > len(t.cells)*2 {
		t.grow(max(8, len(t.cells)*8/5), hashOf)
	}
	t.place(n, hashOf(n))
	t.used++
}

func (t *table) place(n uint32, hash uint64) {
	at := t.first(hash)
	for t.cells[at] != 0 {
		at = t.next(at)
	}
	t.cells[at] = n + 1
}

func (t *table) grow(size int, hashOf func(n uint32) uint64) {
	old := t.cells
	t.cells = make([]uint32, size)
	for _, c := range old {
		if c != 0 {
			t.place(c-1, hashOf(c-1))
		}
	}
}

// remove takes a number out and moves up what its place had pushed on.
func (t *table) remove(n uint32, hashOf func(n uint32) uint64) {
	if t.used == 0 {
		return
	}
	at := t.first(hashOf(n))
	for t.cells[at] != n+1 {
		if t.cells[at] == 0 {
			return
		}
		at = t.next(at)
	}
	t.cells[at] = 0
	t.used--
	for at = t.next(at); t.cells[at] != 0; at = t.next(at) {
		moved := t.cells[at] - 1
		t.cells[at] = 0
		t.place(moved, hashOf(moved))
	}
}

// mix spreads the bits of a number.
func mix(x uint64) uint64 {
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	return x ^ x>>32
}

// hashText is FNV-1a, mixed: names are short.
func hashText[T ~string | ~[]byte](s T) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return mix(h)
}
