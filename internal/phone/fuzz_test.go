package phone

import (
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// FuzzParse: whatever the text and the account, Parse answers, and what it
// calls a phone is one in all its forms.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"+54 9 11 5983-4410", "011 15-5983-4410", "5214491892097", "551187654321", "+39 06 1234 5678",
		"5491159834410:12@s.whatsapp.net", "https://wa.me/%2B5491159834410?text=hola", "tel:+54-11;ext=2;phone-context=+54",
		"phone=%", "wa.me/%zz", "00", "+", "x1", "٠١١ ١٥ ٥٩٨٣", "\xff+\u202e54", "12-12345678-1", "1.2.3", "99999999999999999999",
	} {
		f.Add(text, "AR", "11")
		f.Add(text, "BR", "ab")
		f.Add(text, "US", "")
	}
	f.Fuzz(func(t *testing.T, text, region, area string) {
		n := Parse(text, Context{Region: region, Area: area})
		QueryDigits(text)
		Variants(text, text)
		SearchForms(text)
		if n.Kind != Phone {
			if n.Key != "" || n.E164 != "" || n.Display != "" || n.Reason == "" {
				t.Errorf("%q: %+v", text, n)
			}
			return
		}
		if !strings.HasPrefix(n.E164, "+") || !onlyDigits(n.Key) || len(n.Key) > 15 || National(n) == "" {
			t.Errorf("%q: %+v, at home %q", text, n, National(n))
		}
		checkForms(t, n)
	})
}

var (
	common = []string{"5491159834410", "+5491159834410", "541159834410", "5214491892097", "524491892097", "551187654321", "5511987654321"}
	parsed Number // keeps the compiler from dropping the work
)

func BenchmarkParseCommon(b *testing.B) {
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		parsed = Parse(common[i%len(common)], Context{Region: "AR", Area: "11"})
	}
}

func BenchmarkParseSpaced(b *testing.B) {
	spaced := []string{"+54 9 11 5983-4410", "(011) 15-5983-4410", "+52 1 449 189 2097", "15 5983-4410"}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		parsed = Parse(spaced[i%len(spaced)], Context{Region: "AR", Area: "11"})
	}
}

func BenchmarkParseName(b *testing.B) {
	for b.Loop() {
		parsed = Parse("María de los Ángeles Fernández", Context{Region: "AR", Area: "11"})
	}
}

// BenchmarkLibrary is the same work by the library alone.
func BenchmarkLibrary(b *testing.B) {
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		num, err := phonenumbers.Parse("+"+strings.TrimPrefix(common[i%len(common)], "+"), "AR")
		if err == nil && phonenumbers.IsValidNumber(num) {
			parsed = Number{E164: phonenumbers.Format(num, phonenumbers.E164), Display: phonenumbers.Format(num, phonenumbers.INTERNATIONAL)}
		}
	}
}
