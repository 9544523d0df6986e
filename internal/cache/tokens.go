package cache

import (
	"iter"
	"sort"
	"unicode/utf8"
)

// The words of a text as the message index cuts and folds them, so that what is
// not indexed yet is searched with the same outcome: FTS5's unicode61 with
// remove_diacritics 2, whose letters are those of Unicode 6.1.

// foldRun says what becomes of characters from one on: how far their folded
// form is from them, or one of the two below.
type foldRun struct {
	from rune
	fold int32
}

const (
	separates = 1 << 24   // no part of a word
	vanishes  = 1<<24 + 1 // a mark on the letter before: within a word, and not kept
)

// latinFolds answers for the characters that texts are full of.
var latinFolds = func() (folds [0x250]int32) {
	for i, run := range unicode61 {
		for r := run.from; r < unicode61[min(i+1, len(unicode61)-1)].from && r < rune(len(folds)); r++ {
			folds[r] = run.fold
		}
	}
	return folds
}()

func foldOf(r rune) int32 {
	if uint32(r) < uint32(len(latinFolds)) {
		return latinFolds[r]
	}
	return unicode61[sort.Search(len(unicode61), func(i int) bool { return unicode61[i].from > r })-1].fold
}

// Token is a word of a text.
type Token struct {
	Folded     string // as it is compared
	Start, End int    // UTF-16 offsets of what it was made from, marks included
	text       []foldedRune
}

// foldedRune is where a folded character came from.
type foldedRune struct {
	folded int // bytes of the token up to and with it
	end    int // UTF-16 offset behind it
}

// EndOf is the UTF-16 offset behind the first n folded bytes.
func (t Token) EndOf(n int) int {
	i := sort.Search(len(t.text), func(i int) bool { return t.text[i].folded >= n })
	for i+1 < len(t.text) && t.text[i+1].folded == t.text[i].folded {
		i++ // its marks
	}
	if i >= len(t.text) {
		return t.End
	}
	return t.text[i].end
}

// Tokens cuts a text into the words that the message index knows it by.
func Tokens(text string) iter.Seq[Token] {
	return func(yield func(Token) bool) {
		var t Token
		var folded []byte
		give := func() bool {
			t.Folded = string(folded)
			ok := len(folded) == 0 || yield(t)
			t, folded = Token{}, folded[:0]
			return ok
		}
		at := 0
		for _, r := range text {
			fold, wide := foldOf(r), 1
			if r > 0xffff {
				wide = 2
			}
			switch {
			case fold == separates:
				if !give() {
					return
				}
			case fold == vanishes && len(folded) == 0:
			default:
				if len(folded) == 0 {
					t.Start = at
				}
				if fold != vanishes {
					folded = utf8.AppendRune(folded, r+fold)
				}
				t.End = at + wide
				t.text = append(t.text, foldedRune{len(folded), t.End})
			}
			at += wide
		}
		give()
	}
}

// appendTokens writes a text's words with a space before, between and after
// them: to have a word, a phrase or a beginning is then to contain it.
func appendTokens(to []byte, text string) []byte {
	word := false
	for _, r := range text {
		switch fold := foldOf(r); fold {
		case separates:
			word = false
		case vanishes:
		default:
			if !word {
				to, word = append(to, ' '), true
			}
			to = utf8.AppendRune(to, r+fold)
		}
	}
	if len(to) > 0 {
		to = append(to, ' ')
	}
	return to
}
