package search

import (
	"math/bits"
	"slices"

	"bandeja/internal/phone"
)

// packed is a line in one number: the digits of its identity key from the
// highest four bits down, filled up with noDigit, and in the lowest four what
// sets its written forms apart.
type packed uint64

const (
	noDigit   = 0xf
	mostKeyed = 15 // digits of a key, ITU E.164
)

const emptyLine = packed(1<<64 - 1)

// pack packs digits, which are at most mostKeyed.
func pack(digits string) packed {
	x := emptyLine
	for i := range len(digits) {
		shift := 60 - 4*i
		x = x&^(0xf<<shift) | packed(digits[i]-'0')<<shift
	}
	return x &^ 0xf
}

// digits unpacks the key.
func (x packed) digits() string {
	var b [mostKeyed]byte
	n := 0
	for ; n < mostKeyed; n++ {
		d := byte(x >> (60 - 4*n) & 0xf)
		if d == noDigit {
			break
		}
		b[n] = '0' + d
	}
	return string(b[:n])
}

// key is the line without what sets its forms apart.
func (x packed) key() packed { return x &^ 0xf }

func (x packed) hash() uint64 { return mix(uint64(x.key())) }

// packLine packs a line by its identity key; ok is false for a key that is no
// phone's.
func packLine(key string) (x packed, ok bool) {
	if len(key) > mostKeyed || !isDigits(key) {
		return 0, false
	}
	x = pack(key)
	forms := phone.SearchForms(key)
	for _, s := range shapes {
		if s.mark != 0 && s.has(key) && slices.Contains(forms, s.of(key)) {
			x |= packed(s.mark)
		}
	}
	return x, true
}

// test is one way in which a line can hold typed digits: at one place.
type test struct{ mask, value uint64 }

// pattern is typed digits, ready to be looked for in many packed lines: their
// searched forms (phone.SearchForms) are the key and what else may stand before
// or within its number, so the digits stand in the key, or at one of few places
// once a 0, a 9, a 15 and the like are taken out of them.
type pattern struct {
	digits []uint64 // each digit in all sixteen places
	places uint64   // the top bit of every place at which the digits may begin
	tests  []test
	byCode [256][]test // the tests that a line with these first two digits can pass
}

const (
	ones = 0x1111111111111111
	tops = 0x8888888888888888
)

func newPattern(digits string) *pattern {
	p := &pattern{}
	if len(digits) <= mostKeyed {
		for i := range len(digits) {
			p.digits = append(p.digits, uint64(digits[i]-'0')*ones)
		}
		for at := 0; at+len(digits) <= mostKeyed; at++ {
			p.places |= 8 << (60 - 4*at)
		}
	}
	for _, s := range shapes {
		p.shaped(digits, s)
	}
	p.sort()
	return p
}

// each calls fn with the places of the lines that have the digits, of which
// there are three or more: in most lines the first three stand nowhere.
func (p *pattern) each(lines []packed, fn func(n int)) {
	first, second, third, places := p.digits[0], p.digits[1], p.digits[2], p.places
	for n, x := range lines {
		u := uint64(x)
		differs := u ^ first | bits.RotateLeft64(u, 4) ^ second | bits.RotateLeft64(u, 8) ^ third
		same := ^((differs&^tops + ^uint64(tops)) | differs) & tops
		if same&places != 0 && p.inKey(u) || p.tested(u) {
			fn(n)
		}
	}
}

// tested reports whether a form of the line that is not its key has the digits.
func (p *pattern) tested(x uint64) bool {
	for _, t := range p.byCode[x>>56] {
		if x&t.mask == t.value {
			return true
		}
	}
	return false
}

// in reports whether a form of the line has the digits.
func (p *pattern) in(x packed) bool {
	return p.inKey(uint64(x)) || p.tested(uint64(x))
}

// sort lists the tests by the first two digits of the lines that can pass them.
func (p *pattern) sort() {
	for first := range p.byCode {
		for _, t := range p.tests {
			if uint64(first)<<56&t.mask == t.value&(0xff<<56) {
				p.byCode[first] = append(p.byCode[first], t)
			}
		}
	}
}

// inKey looks at all places at once: four bits become 0 where all digits are as
// typed.
func (p *pattern) inKey(x uint64) bool {
	differs := uint64(0)
	for i, d := range p.digits {
		differs |= bits.RotateLeft64(x, 4*i) ^ d
	}
	same := ^((differs&^tops + ^uint64(tops)) | differs) & tops
	return same&p.places != 0
}

// shaped adds a test for each place at which the digits can stand in a form of
// that shape, unless they would all stand side by side in the key.
func (p *pattern) shaped(digits string, s shape) {
	form := s.places()
	for from := 0; from+len(digits) <= len(form); from++ {
		if t, ok := s.test(digits, form[from:from+len(digits)]); ok && !slices.Contains(p.tests, t) {
			p.tests = append(p.tests, t)
		}
	}
}
