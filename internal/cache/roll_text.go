package cache

import (
	"bytes"
	"slices"
)

// rollText is a text of many conversations, all in one buffer: those that have a
// part are found by one look through it.
type rollText struct {
	buf   []byte   // each with a NUL behind it
	start []uint32 // where each begins
	rows  []uint32 // whose each is, 0 for nobody's
	dead  int      // how many are nobody's
}

// add keeps a text and says where it is: the how-manieth.
func (t *rollText) add(row uint32, text string) uint32 {
	t.start, t.rows = append(t.start, uint32(len(t.buf))), append(t.rows, row)
	t.buf = append(append(t.buf, text...), 0)
	return uint32(len(t.rows) - 1)
}

func (t *rollText) get(n uint32) []byte { return t.buf[t.start[n] : t.end(n)-1] }

// end is where the text behind n begins.
func (t *rollText) end(n uint32) uint32 {
	if int(n)+1 < len(t.start) {
		return t.start[n+1]
	}
	return uint32(len(t.buf))
}

func (t *rollText) drop(n uint32) {
	t.rows[n] = 0
	t.dead++
}

// change puts a text in the place of n, and says where it is now.
func (t *rollText) change(n uint32, text string) uint32 {
	if string(t.get(n)) == text {
		return n
	}
	row := t.rows[n]
	t.drop(n)
	return t.add(row, text)
}

// each gives the rows whose text has a part, which is not empty and has no NUL.
func (t *rollText) each(part []byte, fn func(row uint32)) {
	for from := 0; ; {
		i := bytes.Index(t.buf[from:], part)
		if i < 0 {
			return
		}
		n, exact := slices.BinarySearch(t.start, uint32(from+i))
		if !exact {
			n--
		}
		if t.rows[n] != 0 {
			fn(t.rows[n])
		}
		from = int(t.end(uint32(n)))
	}
}

// fit gives back the room that it grew into and did not need.
func (t *rollText) fit() {
	t.buf, t.start, t.rows = slices.Clone(t.buf), slices.Clone(t.start), slices.Clone(t.rows)
}

// tidy gives back the room of texts that are nobody's, once they are half of
// all; at says where each row's is.
func (t *rollText) tidy(at []uint32) {
	if t.dead < 64 || t.dead < len(t.rows)/2 {
		return
	}
	var kept rollText
	for n, row := range t.rows {
		if row != 0 {
			at[row] = kept.add(row, string(t.get(uint32(n))))
		}
	}
	*t = kept
}
