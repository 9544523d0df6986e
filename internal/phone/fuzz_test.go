package phone

import (
	"strings"
	"testing"
)

// seedTexts are written forms and what is none, for the fuzzer to begin with.
var seedTexts = []string{
	"+54 9 11 5983-4410", "011 15-5983-4410", "5214491892097", "551187654321", "+39 06 1234 5678", "0 15 11 8765-4321",
	"5491159834410:12@s.whatsapp.net", "https://wa.me/%2B5491159834410?text=hola", "whatsapp://send?phone=%2b52%201", "tel:+54-11;ext=2;phone-context=+54",
	"phone=%", "wa.me/%zz", "00", "+", "x1", "٠١١ ١٥ ٥٩٨٣", "\xff+\u202e54", "12-12345678-1", "1.2.3", "99999999999999999999", "tel 598", "(011) 5983.4410 (int. 7)",
}

// FuzzParse: whatever the text and the account, Parse answers, and what it
// calls a phone is one in all its forms.
func FuzzParse(f *testing.F) {
	for _, text := range seedTexts {
		f.Add(text, "AR", "11")
		f.Add(text, "BR", "ab")
		f.Add(text, "US", "")
	}
	f.Fuzz(func(t *testing.T, text, region, area string) {
		n := Parse(text, Context{Region: region, Area: area})
		if n.Kind != Phone {
			if n != (Number{Kind: n.Kind, Reason: n.Reason}) || n.Reason == "" {
				t.Errorf("%q: %+v", text, n)
			}
			return
		}
		if !strings.HasPrefix(n.E164, "+") || !onlyDigits(n.Key) || len(n.Key) > 15 || National(n) == "" || n.Reason == "" {
			t.Errorf("%q: %+v, at home %q", text, n, National(n))
		}
		if code, _, ok := splitKey(n.Key); !ok || !strings.HasPrefix(n.E164, "+"+code) {
			t.Errorf("%q: the key %s is of no country", text, n.Key)
		}
		checkForms(t, n)
	})
}

// FuzzDisplay: a key stands for its line alone, in every form that is made of
// it: Display, E.164, a link, and the country's own in an account of the
// country.
func FuzzDisplay(f *testing.F) {
	for _, digits := range []string{"541159834410", "542966412345", "524491892097", "5511987654321", "551132345678", "56987654321", "576012345678", "390612345678", "14155552671", "59171234567"} {
		f.Add(digits)
	}
	f.Fuzz(func(t *testing.T, digits string) {
		n := Parse("+"+digits, Context{})
		if n.Kind != Phone {
			return
		}
		checkForms(t, n)
		home := map[string]string{"54": "AR", "52": "MX", "55": "BR"}
		if code, _ := afterCode(n.Key); home[code] != "" {
			if again := Parse(National(n), Context{Region: home[code]}); again.Key != n.Key {
				t.Errorf("%s: %q reads as %q at home", n.Key, National(n), again.Key)
			}
		}
		for _, tried := range Variants("", n.Key) {
			if again := Parse(tried, Context{}); again.Key != n.Key {
				t.Errorf("%s: asking for %q would find %q", n.Key, tried, again.Key)
			}
		}
	})
}

// FuzzForms: what was typed of a number, whatever the text, is digits that its
// searched forms hold; and no key that Parse never gave has any.
func FuzzForms(f *testing.F) {
	for _, text := range seedTexts {
		f.Add(text, text)
	}
	f.Fuzz(func(t *testing.T, text, key string) {
		digits, ok := QueryDigits(text)
		if ok && (!onlyDigits(digits) || len(digits) < 3) {
			t.Errorf("%q: %q", text, digits)
		}
		for _, form := range SearchForms(key) {
			if !onlyDigits(form) || !onlyDigits(key) {
				t.Errorf("%q has the form %q", key, form)
			}
		}
		for _, tried := range Variants(text, key) {
			if !onlyDigits(tried) {
				t.Errorf("%q, %q: to ask for %q", text, key, tried)
			}
		}
	})
}
