package search

import (
	"slices"
	"strings"
)

// shape is how a searched form of a line (phone.SearchForms) is made of its
// key: what stands before the number instead of the country's code, and what
// is put in after, or left out of, the number's first digits.
type shape struct {
	code   string // of the keys that have it
	mark   uint64 // the bit of a packed line that says it has it; 0: all of them do
	cut    int    // where the number begins in the key
	before string
	after  int // how many digits of the number stand before what is put in
	in     string
	skip   int // digits left out there
	length int // the longest key
}

// The forms that are not part of the key itself. A country's marks are its
// own; those of the countries that have no rules of their own say how long the
// code is.
var shapes = []shape{
	{code: "54", cut: 2, before: "549", length: 12},
	{code: "54", cut: 2, before: "0", length: 12},
	{code: "54", mark: 1, cut: 2, before: "0", after: 2, in: "15", length: 12},
	{code: "54", mark: 1, cut: 2, before: "54", after: 2, in: "15", length: 12},
	{code: "54", mark: 1, cut: 2, before: "549", after: 2, in: "15", length: 12},
	{code: "54", mark: 2, cut: 2, before: "0", after: 3, in: "15", length: 12},
	{code: "54", mark: 2, cut: 2, before: "54", after: 3, in: "15", length: 12},
	{code: "54", mark: 2, cut: 2, before: "549", after: 3, in: "15", length: 12},
	{code: "54", mark: 4, cut: 2, before: "0", after: 4, in: "15", length: 12},
	{code: "54", mark: 4, cut: 2, before: "54", after: 4, in: "15", length: 12},
	{code: "54", mark: 4, cut: 2, before: "549", after: 4, in: "15", length: 12},
	{code: "52", cut: 2, before: "521", length: 12},
	{code: "52", cut: 2, before: "044", length: 12},
	{code: "52", cut: 2, before: "045", length: 12},
	{code: "52", cut: 2, before: "01", length: 12},
	{code: "55", cut: 2, before: "0", length: 13},
	{code: "55", mark: 1, cut: 2, before: "55", after: 2, skip: 1, length: 13},
	{code: "55", mark: 1, cut: 2, before: "0", after: 2, skip: 1, length: 13},
	{mark: elsewhere | 1, cut: 1, before: "0", length: mostKeyed},
	{mark: elsewhere | 2, cut: 2, before: "0", length: mostKeyed},
	{mark: elsewhere | 4, cut: 3, before: "0", length: mostKeyed},
}

// elsewhere marks the lines of countries without rules of their own, whose
// marks say how long their code is.
const elsewhere = 8

// has reports whether the shape may be one of a key's.
func (s *shape) has(key string) bool {
	if s.code == "" {
		return !slices.ContainsFunc(shapes, func(o shape) bool { return o.code != "" && strings.HasPrefix(key, o.code) })
	}
	return strings.HasPrefix(key, s.code)
}

// of is the form of a key that begins with the shape's code.
func (s *shape) of(key string) string {
	n := min(s.cut+s.after, len(key))
	return s.before + key[min(s.cut, n):n] + s.in + key[min(n+s.skip, len(key)):]
}

// place is one digit of a form: a digit, or where in the key it stands.
type place struct {
	digit byte // 0: that of the key at
	at    int
}

func (s *shape) places() (form []place) {
	fixed := func(digits string) {
		for i := range len(digits) {
			form = append(form, place{digit: digits[i]})
		}
	}
	fixed(s.before)
	for at := s.cut; at < s.length; at++ {
		if at == s.cut+s.after {
			fixed(s.in)
			at += s.skip
		}
		form = append(form, place{at: at})
	}
	return form
}

// test is that a line of this shape has the digits at those places; ok is
// false where one cannot be, or where all stand side by side in the key and
// need no test of their own.
func (s *shape) test(digits string, at []place) (t test, ok bool) {
	t.mask, t.value = s.mark, s.mark
	for i := range len(s.code) {
		t.set(i, s.code[i])
	}
	last := -1
	for i, p := range at {
		if p.digit != 0 {
			if p.digit != digits[i] {
				return t, false
			}
			ok = true
			continue
		}
		t.set(p.at, digits[i])
		if last >= 0 && p.at != last+1 {
			ok = true
		}
		last = p.at
	}
	return t, ok
}

func (t *test) set(place int, digit byte) {
	shift := 60 - 4*place
	t.mask |= 0xf << shift
	t.value |= uint64(digit-'0') << shift
}
