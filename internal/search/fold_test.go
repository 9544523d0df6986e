package search

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"María", "maria"}, {"MUÑOZ", "munoz"}, {"mun\u0303oz", "munoz"}, {"Jose\u0301", "jose"}, {"Çetin", "cetin"}, {"ﬁn", "fin"},
		{"ＡＢＣ", "abc"}, {"Nº 5", "no 5"}, {"İstanbul", "istanbul"}, {"Ana 👩🏽‍🦰", "ana 👩🏽‍🦰"}, {"", ""}, {"Straße", "straße"}, {"Я́", "я"}, {"²½", "21⁄2"},
	} {
		if got := Fold(tt.in); got != tt.want {
			t.Errorf("Fold(%q) = %q, want %q", tt.in, got, tt.want)
		}
		if got := foldWithOffsets(tt.in).text; got != tt.want {
			t.Errorf("foldWithOffsets(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

// utf16Slice is what a screen marks.
func utf16Slice(s string, r [2]int) string {
	u := utf16.Encode([]rune(s))
	return string(utf16.Decode(u[r[0]:r[1]]))
}

// Whatever the text, what is marked of a word folds to what was asked.
func TestSpansFoldBack(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.SampledFrom([]rune("añÑéüİﬁ№º\u0301\u0303👩🏽 -.'½Ａ")), rapid.Rune())).Draw(r, "text")
		f := foldWithOffsets(text)
		if f.text != Fold(text) || !utf8.ValidString(f.text) {
			r.Fatalf("%q and %q", f.text, Fold(text))
		}
		last := 0
		for _, w := range f.words() {
			s := f.span(w.start, w.end)
			if s[0] < last || s[1] <= s[0] {
				r.Fatalf("span %v after %d", s, last)
			}
			if got := Fold(utf16Slice(text, s)); !strings.Contains(got, f.text[w.start:w.end]) {
				r.Fatalf("%q marks %q", f.text[w.start:w.end], got)
			}
		}
	})
}

// The table says what Unicode says.
func TestLatinTable(t *testing.T) {
	for at := range len(latin) {
		r := 'À' + rune(at)
		want := ""
		for _, d := range norm.NFKD.String(string(r)) {
			if !unicode.Is(unicode.Mn, d) {
				want += string(unicode.ToLower(d))
			}
		}
		if got := string(latin[at]); got != want && (got != "*" || len(want) == 1) {
			t.Errorf("%c is %q in the table, %q in Unicode", r, got, want)
		}
	}
}
