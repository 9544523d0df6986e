// Package search finds people by name or number and messages by words, over
// what the cache holds (SEARCH). The people index lives in memory and follows
// sync's commits; the words of messages are the cache's FTS index and its
// queue.
package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folded is a text in the form that names and words are compared in: NFKD,
// marks stripped, lower case. Each byte knows the place in the original it came
// from, so that a match can be marked there.
type folded struct {
	text string
	from []int32 // for each byte of text, the UTF-16 offset of its original rune; one more for the end
}

func foldWithOffsets(s string) folded {
	var b strings.Builder
	var from []int32
	at := int32(0)
	for _, r := range s {
		n := b.Len()
		foldRune(&b, r)
		for range b.Len() - n {
			from = append(from, at)
		}
		at += int32(utf16Len(r))
	}
	return folded{b.String(), append(from, at)}
}

// Fold is the compared form of s without its offsets.
func Fold(s string) string {
	ascii := true
	for i := 0; i < len(s) && ascii; i++ {
		ascii = s[i] < utf8.RuneSelf
	}
	if ascii {
		return strings.ToLower(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		foldRune(&b, r)
	}
	return b.String()
}

func foldRune(b *strings.Builder, r rune) {
	if r < utf8.RuneSelf {
		b.WriteRune(unicode.ToLower(r))
		return
	}
	if at := int(r) - 'À'; at >= 0 && at < len(latin) && latin[at] != '*' {
		b.WriteByte(latin[at])
		return
	}
	for _, d := range norm.NFKD.String(string(r)) {
		if !unicode.Is(unicode.Mn, d) {
			b.WriteRune(unicode.ToLower(d))
		}
	}
}

// latin is what the letters from À to ž fold to, since names and texts are full
// of them; * where it is not one ASCII letter.
const latin = "aaaaaa*ceeeeiiii*nooooo**uuuuy**aaaaaa*ceeeeiiii*nooooo**uuuuy*yaaaaaaccccccccdd**eeeeeeeeeegggggggghh**iiiiiiiii***jjkk*llllll****nnnnnn***oooooo**rrrrrrsssssssstttt**uuuuuuuuuuuuwwyyyzzzzzz"

func utf16Len(r rune) int {
	if r >= 0x10000 {
		return 2
	}
	return 1
}

// word is a run of letters and digits, as the message index cuts them.
type word struct{ start, end int } // bytes of the folded text

func (f folded) words() []word { return f.appendWords(nil) }

func (f folded) appendWords(out []word) []word {
	start := -1
	for i, r := range f.text {
		if isWordRune(r) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 {
			out = append(out, word{start, i})
			start = -1
		}
	}
	if start >= 0 {
		out = append(out, word{start, len(f.text)})
	}
	return out
}

// isWordRune reports what the message index takes as part of a word.
func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Co, r)
}

// span is the UTF-16 range of the original that bytes start to end came from.
// What became several characters (ﬁ) is marked whole.
func (f folded) span(start, end int) [2]int {
	for end < len(f.from)-1 && f.from[end] == f.from[end-1] {
		end++
	}
	return [2]int{int(f.from[start]), int(f.from[end])}
}

// cut gives the words of a folded text.
func cut(text string) []string {
	var out []string
	for _, w := range (folded{text: text}).words() {
		out = append(out, text[w.start:w.end])
	}
	return out
}

// cutWord is what of a word is told apart.
func cutWord(word string) string {
	if len(word) <= longestWord {
		return word
	}
	n := longestWord
	for !utf8.RuneStart(word[n]) {
		n--
	}
	return word[:n]
}
