package simulator

import "encoding/hex"

// mix makes one number of two; equal inputs give equal outputs everywhere, so
// that anything of the office can be made again from its seed.
func mix(a, b uint64) uint64 {
	z := a ^ (b+0x9e3779b97f4a7c15)*0xbf58476d1ce4e5b9
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

// dice is a stream of numbers drawn from a seed.
type dice uint64

func (d *dice) next() uint64 {
	*d = dice(mix(uint64(*d), 1))
	return uint64(*d)
}

// n draws one of 0..k-1; 0 for k < 1.
func (d *dice) n(k int) int {
	if k < 1 {
		return 0
	}
	return int(d.next() % uint64(k))
}

// chance is true in percent of 100 draws.
func (d *dice) chance(percent int) bool { return d.n(100) < percent }

// pick draws one of list; the zero value when it is empty.
func pick[T any](d *dice, list []T) T {
	if len(list) == 0 {
		var zero T
		return zero
	}
	return list[d.n(len(list))]
}

// uuid is the name of thing n of a seed, in the form of a random UUID.
func uuid(seed, n uint64) string {
	var dst [36]byte
	return string(appendUUID(dst[:0], seed, n))
}

func appendUUID(dst []byte, seed, n uint64) []byte {
	a := mix(seed, n*2)&^0xf000 | 0x4000
	b := mix(seed, n*2+1)&^(3<<62) | 2<<62
	dst = appendHex(dst, a>>32, 8)
	dst = appendHex(append(dst, '-'), a>>16, 4)
	dst = appendHex(append(dst, '-'), a, 4)
	dst = appendHex(append(dst, '-'), b>>48, 4)
	return appendHex(append(dst, '-'), b, 12)
}

// appendHex writes the low digits of v.
func appendHex(dst []byte, v uint64, digits int) []byte {
	const hexits = "0123456789abcdef"
	for i := digits - 1; i >= 0; i-- {
		dst = append(dst, hexits[v>>(4*i)&15])
	}
	return dst
}

// token is a secret-looking word of a seed.
func token(seed, n uint64) string {
	var b [8]byte
	for i := range b {
		b[i] = byte(mix(seed, n) >> (8 * i))
	}
	return hex.EncodeToString(b[:])
}
