package simulator

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// voice fills the slots of a story: who speaks with whom, and in which of the
// two countries.
type voice struct {
	lex   *lexicon
	land  country
	first string // the customer's first name, may be empty
}

// say appends a phrase. The same slot of the same episode always says the
// same, so that a thread stays coherent.
func (v voice) say(dst []byte, p phrase, episode uint64) []byte {
	for _, piece := range p {
		if !piece.slot {
			dst = append(dst, piece.text...)
			continue
		}
		start := len(dst)
		dst = v.fill(dst, piece.text, episode)
		if piece.upper {
			r, size := utf8.DecodeRune(dst[start:])
			rest := string(dst[start+size:])
			dst = append(utf8.AppendRune(dst[:start], unicode.ToUpper(r)), rest...)
		}
	}
	return dst
}

func (v voice) fill(dst []byte, slot string, episode uint64) []byte {
	d := dice(mix(episode, slotSeed(slot)))
	switch slot {
	case "nombre":
		if v.first != "" {
			dst = append(append(dst, ' '), v.first...)
		}
		return dst
	case "pedido":
		return strconv.AppendInt(dst, int64(10000+d.n(89999)), 10)
	case "codigo":
		return strconv.AppendInt(dst, int64(100000000+d.n(899999999)), 10)
	case "num":
		return strconv.AppendInt(dst, int64(35+d.n(11)), 10)
	case "nummx":
		dst = strconv.AppendInt(dst, int64(23+d.n(7)), 10)
		if d.chance(40) {
			dst = append(dst, ".5"...)
		}
		return dst
	case "monto":
		return v.amount(dst, &d)
	}
	return append(dst, pick(&d, v.lex.words[slot])...)
}

// amount writes a price as the country does.
func (v voice) amount(dst []byte, d *dice) []byte {
	sign, sep, n := "$ ", ".", 8+d.n(180)
	if v.land == mexico {
		sign, sep, n = "$", ",", 1+d.n(9)
	}
	dst = strconv.AppendInt(append(dst, sign...), int64(n), 10)
	dst = append(dst, sep...)
	cents := [...]string{"500", "900", "990", "250", "450"}
	return append(dst, cents[d.n(len(cents))]...)
}

func slotSeed(slot string) uint64 {
	var h uint64 = 14695981039346656037
	for i := range len(slot) {
		h = (h ^ uint64(slot[i])) * 1099511628211
	}
	return h
}
