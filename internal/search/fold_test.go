package search

import (
	"slices"
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

func TestMarks(t *testing.T) {
	for _, tt := range []struct {
		query, text string
		want        []string // what is marked, nil: not found
	}{
		{"jose", "José y Jose\u0301, JOSE", []string{"José", "Jose\u0301", "JOSE"}},
		{"munoz", "Muñoz / Mun\u0303oz", []string{"Muñoz", "Mun\u0303oz"}},
		{"muñ", "Muñoz", []string{"Muñ"}},
		{"ana", "👩🏽‍🦰 Ana 🎉 ana", []string{"Ana", "ana"}},
		{"fin", "el ﬁn", []string{"ﬁn"}},
		{"fin", "ﬁnal", []string{"ﬁn"}},
		{"gar", "García", []string{"Gar"}},
		{"ga", "García ga", []string{"ga"}},
		{"ga", "García", nil},
		{"ana maria", "María habla con Ana", []string{"María", "Ana"}},
		{"ana ana", "Ana", []string{"Ana"}},
		{"ana", "banana", nil},
		{"nº 5", "casa Nº 5", []string{"Nº", "5"}},
		{"hola mundo", "hola", nil},
		{"an anabel", "an anabel", []string{"an", "anabel"}},
	} {
		ranges, ok := ask(tt.query).mark(tt.text)
		if ok != (tt.want != nil) || ok != ask(tt.query).matches(tt.text) {
			t.Errorf("%q in %q: %v", tt.query, tt.text, ok)
		}
		if tt.want == nil {
			continue
		}
		var got []string
		for _, r := range ranges {
			got = append(got, utf16Slice(tt.text, r))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q in %q marks %q, want %q", tt.query, tt.text, got, tt.want)
		}
	}
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
