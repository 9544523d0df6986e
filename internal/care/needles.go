// Package care looks after a profile's files: it looks through all of them for
// what should not be there any more.
package care

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

// Needles are texts and numbers to be looked for, by keyed hashes alone: they
// can be kept, and nobody reads in them who is meant.
//
// A text is looked for in pieces of at most pieceBytes, so that one that a page
// boundary parts is found by the others, and in every way in which JSON and
// base64 write it. One that is shorter than headBytes is not looked for: it is
// in every file by chance.
type Needles struct {
	seed   [32]byte
	k      [4]uint64 // of seed
	list   []needle
	known  map[needle]bool
	byHead map[uint64][]int32
	filter []uint64 // a bit for each head, by its hash's first bits
	shift  uint
}

// kind says where a needle is looked for.
type kind uint8

const (
	aText   kind = iota // in the bytes as they are
	aNumber             // in rows of digits, whatever stands between them
)

type needle struct {
	head, tail, sum uint64
	size            uint8
	kind            kind
}

const (
	headBytes  = 6 // by chance, one in 2^48
	pieceBytes = 64
	needleSize = 8 + 8 + 8 + 1 + 1
)

// NewNeedles makes an empty set.
func NewNeedles() *Needles {
	n := &Needles{}
	rand.Read(n.seed[:]) // it never fails
	n.init()
	return n
}

func (n *Needles) init() {
	for i := range n.k {
		n.k[i] = binary.LittleEndian.Uint64(n.seed[8*i:]) | 1
	}
	n.known, n.byHead = map[needle]bool{}, map[uint64][]int32{}
}

// Len is how many pieces are looked for.
func (n *Needles) Len() int { return len(n.list) }

// AddText adds a text in every form in which files have it.
func (n *Needles) AddText(text string) {
	for _, form := range written(text) {
		n.addPieces([]byte(form))
	}
	for _, form := range encoded(text) {
		n.addPieces([]byte(form))
	}
}

// AddNumber adds a row of digits, to be found however it is written.
func (n *Needles) AddNumber(digits string) { n.add([]byte(digits), aNumber) }

func (n *Needles) addPieces(b []byte) {
	for len(b) > pieceBytes {
		n.add(b[:pieceBytes], aText)
		b = b[pieceBytes:]
	}
	n.add(b, aText)
}

func (n *Needles) add(b []byte, k kind) {
	if len(b) < headBytes {
		return
	}
	d := needle{n.window(b), n.end(b), n.whole(b), uint8(len(b)), k}
	if n.known[d] {
		return
	}
	n.known[d] = true
	n.filter = nil
	n.byHead[d.head] = append(n.byHead[d.head], int32(len(n.list)))
	n.list = append(n.list, d)
}

// window is the keyed hash of the first headBytes of b.
func (n *Needles) window(b []byte) uint64 {
	return n.mix(uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint16(b[4:]))<<32)
}

func (n *Needles) mix(w uint64) uint64 {
	hi, lo := bits.Mul64(w^n.k[0], n.k[1])
	return (hi ^ lo) * n.k[2]
}

// end is the keyed hash of the last headBytes of b: of many texts that begin
// alike it tells most apart.
func (n *Needles) end(b []byte) uint64 { return n.window(b[len(b)-headBytes:]) ^ n.k[3] }

func (n *Needles) whole(b []byte) uint64 {
	h := sha256.New()
	h.Write(n.seed[:])
	h.Write(b)
	return binary.LittleEndian.Uint64(h.Sum(nil))
}

// build makes the filter that most places are passed over by.
func (n *Needles) build() {
	size := uint(max(16, bits.Len(uint(len(n.byHead)))+5))
	n.filter = make([]uint64, 1<<(size-6))
	n.shift = 64 - size
	for head := range n.byHead {
		at := head >> n.shift
		n.filter[at/64] |= 1 << (at % 64)
	}
}

// at calls found with every needle of a kind that b begins with; b has
// headBytes at least.
func (n *Needles) at(b []byte, k kind, found func(i int)) {
	head := n.window(b)
	if at := head >> n.shift; n.filter[at/64]&(1<<(at%64)) == 0 {
		return
	}
	for _, i := range n.byHead[head] {
		d := &n.list[i]
		size := int(d.size)
		if d.kind == k && size <= len(b) && n.end(b[:size]) == d.tail && n.whole(b[:size]) == d.sum {
			found(int(i))
		}
	}
}

// Without gives the needles but for some.
func (n *Needles) Without(found map[int]int64) *Needles {
	out := &Needles{seed: n.seed}
	out.init()
	for i, d := range n.list {
		if found[i] == 0 {
			out.put(d)
		}
	}
	return out
}

func (n *Needles) put(d needle) {
	n.known[d] = true
	n.byHead[d.head] = append(n.byHead[d.head], int32(len(n.list)))
	n.list = append(n.list, d)
}

// Bytes are the needles, to be read by ReadNeedles.
func (n *Needles) Bytes() []byte {
	out := slices.Grow(slices.Clone(n.seed[:]), len(n.list)*needleSize)
	for _, d := range n.list {
		out = binary.LittleEndian.AppendUint64(out, d.head)
		out = binary.LittleEndian.AppendUint64(out, d.tail)
		out = binary.LittleEndian.AppendUint64(out, d.sum)
		out = append(out, d.size, byte(d.kind))
	}
	return out
}

var errNeedles = errors.New("what is to be looked for cannot be read")

// ReadNeedles reads what Bytes wrote.
func ReadNeedles(b []byte) (*Needles, error) {
	n := &Needles{}
	if len(b) < len(n.seed) || (len(b)-len(n.seed))%needleSize != 0 {
		return nil, fmt.Errorf("%w: %d bytes", errNeedles, len(b))
	}
	b = b[copy(n.seed[:], b):]
	n.init()
	for ; len(b) > 0; b = b[needleSize:] {
		n.put(needle{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[16:]), b[24], kind(b[25])})
	}
	return n, nil
}

// written is a text as it is, and as JSON writes it: with and without what HTML
// wants escaped, and in ASCII alone, in either case.
func written(text string) []string {
	forms := []string{text}
	add := func(form string) {
		if !slices.Contains(forms, form) {
			forms = append(forms, form)
		}
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		return forms
	}
	add(string(quoted[1 : len(quoted)-1]))
	var plain bytes.Buffer
	e := json.NewEncoder(&plain)
	e.SetEscapeHTML(false)
	if e.Encode(text) == nil {
		unescaped := strings.TrimSuffix(plain.String(), "\n")
		unescaped = unescaped[1 : len(unescaped)-1]
		add(unescaped)
		add(strings.ReplaceAll(unescaped, "/", `\/`))
		add(inASCII(unescaped, `\u%04x`))
		add(inASCII(unescaped, `\u%04X`))
		add(inASCII(strings.ReplaceAll(unescaped, "/", `\/`), `\u%04x`))
	}
	return forms
}

func inASCII(s, format string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, format+format, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
		default:
			fmt.Fprintf(&b, format, r)
		}
	}
	return b.String()
}

// encoded is a text as base64 has it, wherever in a longer one it begins: but
// for the ends, which hang on what is beside.
func encoded(text string) (forms []string) {
	for before := range 3 {
		whole := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00", before) + text))
		from := (before*8 + 5) / 6
		to := (before + len(text)) * 8 / 6
		if to-from >= 2*headBytes {
			forms = append(forms, whole[from:to])
		}
	}
	return forms
}
