package search

import (
	"encoding/base32"
	"encoding/binary"
	"strings"
	"unicode/utf8"
)

// person is what is kept of somebody.
type person struct {
	ref   string // p_…
	names []name // the contact's newest first, as written
	lines []line
	at    uint32 // newest activity, in seconds
}

// name is one of a person's names; words are the numbers of its folded words,
// in order.
type name struct {
	text  string
	words []uint32
}

// line is one of a person's numbers.
type line struct {
	packed
	nine   bool // Argentina's mobile 9 was written
	inName bool // it stands in a name, not where numbers do
}

// A name longer than this is known by its beginning, and of many names the
// first are kept, so that no provider's row fills the memory.
const (
	longestName = 400 // bytes
	mostNames   = 32
	mostNumbers = 32
	mostWords   = 40 // of a name
)

// bounded cuts a name to what is kept of it.
func bounded(text string) string {
	if len(text) <= longestName {
		return text
	}
	n := longestName
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// A record is a person's ref, names and line numbers in bytes:
//
//	length ref names (length text words number…)… lines number…
const stableRef = "p_"

var refDigits = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// appendRef writes a ref: ten bytes where it is one of inbox.StableID.
func appendRef(b []byte, ref string) []byte {
	if rest, ok := strings.CutPrefix(ref, stableRef); ok && len(rest) == 16 {
		if raw, err := refDigits.DecodeString(rest); err == nil {
			return append(append(b, 0), raw...)
		}
	}
	return append(append(b, byte(min(len(ref), 255))), ref[:min(len(ref), 255)]...)
}

func readRef(b []byte) (ref string, rest []byte) {
	some, rest := spellRef(nil, b)
	return string(some), rest
}

// spellRef appends to some the ref that b begins with, as it is written.
func spellRef(some, b []byte) (ref, rest []byte) {
	if n := int(b[0]); n > 0 {
		return append(some, b[1:1+n]...), b[1+n:]
	}
	return refDigits.AppendEncode(append(some, stableRef...), b[1:11]), b[11:]
}

// appendRecord writes what follows the length; numbers are the person's places
// among the lines.
func appendRecord(b []byte, p *person, numbers []uint32) []byte {
	b = appendRef(b, p.ref)
	b = binary.AppendUvarint(b, uint64(len(p.names)))
	for _, n := range p.names {
		b = binary.AppendUvarint(b, uint64(len(n.text)))
		b = append(b, n.text...)
		b = binary.AppendUvarint(b, uint64(len(n.words)))
		for _, w := range n.words {
			b = binary.AppendUvarint(b, uint64(w))
		}
	}
	b = binary.AppendUvarint(b, uint64(len(numbers)))
	for _, n := range numbers {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return b
}

// reader reads a record.
type reader struct{ b []byte }

func (r *reader) number() uint32 {
	v, n := binary.Uvarint(r.b)
	r.b = r.b[n:]
	return uint32(v)
}

func (r *reader) bytes(n uint32) []byte {
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

// skipRef passes over the ref.
func (r *reader) skipRef() {
	n := int(r.b[0])
	if n == 0 {
		n = 10
	}
	r.b = r.b[1+n:]
}
