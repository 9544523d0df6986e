package phone

import (
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// common are the shapes that providers give: digits with their country code.
var common = []struct {
	name  string
	texts []string
}{
	{"AR", []string{"5491159834410", "+5491159834410", "541159834410", "5493515550101", "5492966412345"}},
	{"MX", []string{"5214491892097", "524491892097", "+525512345678", "5213312345678"}},
	{"BR", []string{"551187654321", "5511987654321", "+551132345678", "5521987654321"}},
}

var parsed Number // keeps the compiler from dropping the work

// BenchmarkParse is to stay under a microsecond for each of the common shapes
// (rules against the library alone, on the same texts).
func BenchmarkParse(b *testing.B) {
	for _, c := range common {
		b.Run(c.name+"/rules", func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				parsed = Parse(c.texts[i%len(c.texts)], Context{Region: "AR", Area: "11"})
			}
		})
		b.Run(c.name+"/library", func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				parsed = libraryAlone(c.texts[i%len(c.texts)])
			}
		})
	}
	for name, texts := range map[string][]string{
		"spaced":  {"+54 9 11 5983-4410", "(011) 15-5983-4410", "+52 1 449 189 2097", "15 5983-4410"},
		"links":   {"https://wa.me/5491159834410", "5491159834410@s.whatsapp.net", "whatsapp:+5491159834410"},
		"names":   {"María de los Ángeles Fernández"},
		"ids":     {"550e8400-e29b-41d4-a716-446655440000"},
		"library": {"59899123456", "34612345678"}, // countries without rules of our own
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				parsed = Parse(texts[i%len(texts)], Context{Region: "AR", Area: "11"})
			}
		})
	}
}

// libraryAlone is the same work by the library.
func libraryAlone(text string) Number {
	if text[0] != '+' {
		text = "+" + text
	}
	num, err := phonenumbers.Parse(text, "AR")
	if err != nil || !phonenumbers.IsValidNumber(num) {
		return Number{}
	}
	return Number{E164: phonenumbers.Format(num, phonenumbers.E164), Display: phonenumbers.Format(num, phonenumbers.INTERNATIONAL)}
}

// A row of a page costs two pieces of memory at most: one for the three forms
// of a number, one for what the writing says of mobile.
func TestParseMemory(t *testing.T) {
	for _, c := range common {
		for _, text := range c.texts {
			if got := testing.AllocsPerRun(100, func() { parsed = Parse(text, Context{Region: "AR", Area: "11"}) }); got > 2 {
				t.Errorf("%s: %v pieces of memory", text, got)
			}
		}
	}
}
