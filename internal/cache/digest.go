package cache

import (
	"fmt"
	"hash/fnv"
	"math/bits"
)

// Digest stands for a set of ids, in any order: how many they are, and the XOR
// of their hashes. Two that differ are of different sets; the ids cannot be
// told from it.
type Digest struct {
	Count int64
	Sum   uint64
}

func (d *Digest) add(id []byte) {
	h := fnv.New64a()
	h.Write(id)
	// FNV alone leaves ids that differ in their end alike in their high bits.
	d.Count, d.Sum = d.Count+1, d.Sum^bits.Reverse64(h.Sum64()*0x9e3779b97f4a7c15)
}

// String is for the log: in letters, since a row of digits there might be
// somebody's number.
func (d Digest) String() string {
	letters := make([]byte, 16)
	for i := range letters {
		letters[i] = 'a' + byte(d.Sum>>(60-4*i)&15)
	}
	return fmt.Sprintf("%d/%s", d.Count, letters)
}

// Swept is what a sweep that has ended says of the list: what was on it, what
// was on it before, and what is here and not known to be gone.
type Swept struct {
	Unseen               int64 // queued for a look-up
	Listed, Before, Here Digest
}

// Differs reports whether the copy holds other conversations than the list.
func (s Swept) Differs() bool { return s.Listed != s.Here }
