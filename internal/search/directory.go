package search

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"bandeja/internal/phone"
)

// directory is everybody, in few large pieces of memory: a person is a place in
// rows of numbers, a record in an arena, an entry in the postings of each of
// their words, and a row among the lines. It has no lock of its own.
type directory struct {
	records arena
	record  []uint32  // of each place, 0 where it is free
	at      []uint32  // newest activity in seconds
	sizes   []uint8   // bit n: a name has n words; bit 0: more than seven
	letters []letters // of the names
	free    []int32   // places of people who have gone
	refs    table
	lines   lines
	words   vocabulary

	people int
	text   int // bytes of the names and numbers as they are shown

	scratch sync.Pool // sets of bits, one for each place
}

func newDirectory() *directory {
	x := &directory{}
	x.words.unsorted = true
	return x
}

// find is the place of a person.
func (x *directory) find(ref string) (i int32, ok bool) {
	var some [20]byte
	want := appendRef(some[:0], ref)
	x.refs.each(hashText(want), func(n uint32) bool {
		if bytes.Equal(x.refBytes(n), want) {
			i, ok = int32(n), true
		}
		return !ok
	})
	return i, ok
}

// refBytes is a person's ref as the record has it.
func (x *directory) refBytes(n uint32) []byte {
	b := x.read(int32(n)).b
	if b[0] == 0 {
		return b[:11]
	}
	return b[:1+int(b[0])]
}

func (x *directory) hashOf(n uint32) uint64 { return hashText(x.refBytes(n)) }

func (x *directory) read(i int32) reader {
	r := reader{x.records.at(x.record[i])}
	n := r.number()
	return reader{r.b[:n]}
}

// ref is a person's p_….
func (x *directory) ref(i int32) string {
	ref, _ := readRef(x.read(i).b)
	return ref
}

// appendRefText writes a person's p_….
func (x *directory) appendRefText(b []byte, i int32) []byte {
	b, _ = spellRef(b, x.read(i).b)
	return b
}

// person reads all that is kept of a place.
func (x *directory) person(i int32) *person {
	r := x.read(i)
	p := &person{at: x.at[i]}
	p.ref, r.b = readRef(r.b)
	for range r.number() {
		n := name{text: string(r.bytes(r.number()))}
		for range r.number() {
			n.words = append(n.words, r.number())
		}
		p.names = append(p.names, n)
	}
	for range r.number() {
		p.lines = append(p.lines, x.lines.at(r.number()))
	}
	return p
}

// eachName calls fn with the words of every name, which it may not keep.
func (x *directory) eachName(i int32, fn func(n int, words []uint32)) {
	r := x.read(i)
	r.skipRef()
	var some [mostWords]uint32
	for n := range int(r.number()) {
		r.bytes(r.number())
		words := some[:0]
		for range r.number() {
			words = append(words, r.number())
		}
		fn(n, words)
	}
}

// numbersOf are the words of texts by their numbers; of one whose words are not
// all known there are none, as nobody has it.
func (x *directory) numbersOf(texts []string) (all [][]uint32) {
	for _, text := range texts {
		var numbers []uint32
		words := cut(Fold(text))
		for _, w := range words {
			// Of a longer one its beginning alone is told apart.
			if n, known := x.words.find(w); known && len(w) <= longestWord {
				numbers = append(numbers, n)
			}
		}
		if len(numbers) > 0 && len(numbers) == len(words) {
			all = append(all, numbers)
		}
	}
	return all
}

// isCalled reports whether a name of the person has some of the words, each
// side by side.
func (x *directory) isCalled(i int32, some [][]uint32) (is bool) {
	x.eachName(i, func(_ int, words []uint32) {
		is = is || slices.ContainsFunc(some, func(s []uint32) bool { return contains(words, s) })
	})
	return is
}

// put writes a person, anew where they are known.
func (x *directory) put(p *person) {
	i, known := x.find(p.ref)
	if known {
		old := x.person(i)
		x.at[i] = p.at
		if slices.EqualFunc(old.names, p.names, func(a, b name) bool { return a.text == b.text }) && slices.Equal(old.lines, p.lines) {
			return
		}
		x.unlist(i, old)
	} else {
		i = x.place()
	}
	x.list(i, p)
	if !known {
		x.people++
		x.refs.add(uint32(i), x.hashOf)
	}
}

// place is a free place.
func (x *directory) place() int32 {
	if n := len(x.free); n > 0 {
		i := x.free[n-1]
		x.free = x.free[:n-1]
		return i
	}
	x.record, x.at, x.sizes, x.letters = append(x.record, 0), append(x.at, 0), append(x.sizes, 0), append(x.letters, 0)
	return int32(len(x.record) - 1)
}

// list enters a person at a place.
func (x *directory) list(i int32, p *person) {
	x.at[i], x.sizes[i], x.letters[i] = p.at, 0, 0
	for n := range p.names {
		p.names[n].words = x.number(i, p.names[n].text)
		x.text += len(p.names[n].text)
	}
	numbers := make([]uint32, 0, 4)
	for _, l := range p.lines {
		numbers = append(numbers, x.lines.add(l, i))
		x.text += len(l.digits()) + 4 // with its plus and spaces
	}
	body := appendRecord(nil, p, numbers)
	x.record[i] = x.records.put(append(binary.AppendUvarint(nil, uint64(len(body))), body...))
}

// number enters a place under the words of a name and gives their numbers.
func (x *directory) number(i int32, text string) (numbers []uint32) {
	folded := Fold(text)
	x.letters[i] |= lettersOf(folded)
	for _, w := range cutSome(folded, mostWords) {
		n := x.words.number(w)
		x.words.add(n, i)
		numbers = append(numbers, n)
	}
	x.sizes[i] |= sizeOf(len(numbers))
	return numbers
}

// sizeOf is the bit that stands for a name of n words.
func sizeOf(n int) uint8 {
	if n > 7 {
		return 1
	}
	return uint8(1<<n) &^ 1
}

// unlist takes a person's record and entries away and leaves the place.
func (x *directory) unlist(i int32, p *person) {
	for _, n := range p.names {
		x.text -= len(n.text)
		for _, w := range n.words {
			x.words.remove(w, i)
		}
	}
	r := x.read(i)
	length := len(r.b)
	r.skipRef()
	for range r.number() {
		r.bytes(r.number())
		for range r.number() {
			r.number()
		}
	}
	for range r.number() {
		n := r.number()
		x.text -= len(x.lines.at(n).digits()) + 4
		x.lines.drop(n)
	}
	x.records.drop(x.record[i], length+len(binary.AppendUvarint(nil, uint64(length))))
}

// drop forgets a person.
func (x *directory) drop(ref string) {
	i, ok := x.find(ref)
	if !ok {
		return
	}
	x.refs.remove(uint32(i), x.hashOf)
	x.unlist(i, x.person(i))
	x.record[i], x.at[i], x.sizes[i], x.letters[i] = 0, 0, 0, 0
	x.free = append(x.free, i)
	x.people--
}

// worn reports whether so much has changed that the index is better made anew.
func (x *directory) worn() bool {
	return x.records.freed > 1<<16+x.records.live/3 || len(x.free) > 1<<12+x.people/4
}

// anew is the same index without gaps.
func (x *directory) anew() *directory {
	fresh := newDirectory()
	fresh.reserve(x.people)
	for i, r := range x.record {
		if r != 0 {
			fresh.put(x.person(int32(i)))
		}
	}
	fresh.settle()
	return fresh
}

// reserve makes room for so many people at once.
func (x *directory) reserve(n int) {
	x.record, x.at, x.sizes, x.letters = slices.Grow(x.record, n), slices.Grow(x.at, n), slices.Grow(x.sizes, n), slices.Grow(x.letters, n)
}

// settle ends the reading of everybody: the words are put in order, and what
// grew is cut to what it holds and a little more.
func (x *directory) settle() {
	x.words.sort()
	for n, list := range x.words.postings {
		if cap(list)-len(list) > 8+len(list)/16 {
			x.words.postings[n] = append(make([]int32, 0, len(list)+len(list)/32+2), list...)
		}
	}
	x.record, x.at, x.sizes, x.letters = trimmed(x.record), trimmed(x.at), trimmed(x.sizes), trimmed(x.letters)
	x.lines.packed, x.lines.owner = trimmed(x.lines.packed), trimmed(x.lines.owner)
}

func trimmed[T any](list []T) []T {
	room := len(list) / 64
	if cap(list)-len(list) <= room+64 {
		return list
	}
	return append(make([]T, 0, len(list)+room), list...)
}

// letters says which letters of a to z a text has, in its lowest bits, which of
// them begin a word, in the next, and which of a dozen kinds of others there
// are: a text can only have another's letters in order if it has them all.
type letters uint64

func lettersOf(s string) (m letters) {
	inWord := false
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z':
			m |= 1 << (r - 'a')
			if !inWord {
				m |= 1 << (26 + r - 'a')
			}
		default:
			m |= otherLetter(r)
		}
		inWord = isWordRune(r)
	}
	return m
}

func otherLetter(r rune) letters {
	switch {
	case r >= '0' && r <= '9', r >= utf8.RuneSelf:
		return 1 << (52 + r%12)
	}
	return 0
}

// lines are all numbers, looked through one by one when a part is typed.
type lines struct {
	packed []packed
	owner  []uint32 // the person's place, and how the line was written in the top bits
	free   []uint32
	keys   table
}

const (
	ownerInName = 1 << 31
	ownerNine   = 1 << 30
	ownerPlace  = ownerNine - 1
)

func (l *lines) at(n uint32) line {
	return line{l.packed[n], l.owner[n]&ownerNine != 0, l.owner[n]&ownerInName != 0}
}

func (l *lines) hash(n uint32) uint64 { return l.packed[n].hash() }

func (l *lines) add(ln line, i int32) uint32 {
	owner := uint32(i)
	if ln.nine {
		owner |= ownerNine
	}
	if ln.inName {
		owner |= ownerInName
	}
	var n uint32
	if k := len(l.free); k > 0 {
		n, l.free = l.free[k-1], l.free[:k-1]
		l.packed[n], l.owner[n] = ln.packed, owner
	} else {
		n = uint32(len(l.packed))
		l.packed, l.owner = append(l.packed, ln.packed), append(l.owner, owner)
	}
	l.keys.add(n, l.hash)
	return n
}

func (l *lines) drop(n uint32) {
	l.keys.remove(n, l.hash)
	l.packed[n], l.owner[n] = emptyLine, 0
	l.free = append(l.free, n)
}

// lineOf makes a line of what the cache has; ok is false for no phone's.
func lineOf(key, e164 string) (line, bool) {
	x, ok := packLine(key)
	return line{packed: x, nine: strings.HasPrefix(key, "54") && strings.HasPrefix(e164, "+549") && len(e164) == len(key)+2}, ok
}

// e164 is the form in which the line was written.
func (l line) e164() string {
	key := l.digits()
	if l.nine {
		return "+549" + key[2:]
	}
	return "+" + key
}

// display is the line as it is shown.
func (l line) display() string {
	if n := phone.Parse(l.e164(), phone.Context{}); n.Kind == phone.Phone {
		return n.Display
	}
	return l.e164()
}
