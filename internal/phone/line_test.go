package phone

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"pgregory.net/rapid"
)

// arLine is an Argentine line as its two parts.
type arLine struct{ area, subscriber string }

func (l arLine) key() string { return "54" + l.area + l.subscriber }

func drawArgentine(t *rapid.T) arLine {
	var areas []string
	for line := range strings.Lines(arAreasText) {
		if !strings.HasPrefix(line, "#") {
			areas = append(areas, strings.TrimSpace(line))
		}
	}
	area := rapid.SampledFrom(areas).Draw(t, "area")
	return arLine{area, drawDigits(t, 10-len(area))}
}

// drawDigits is n digits of which the first is 2 to 9.
func drawDigits(t *rapid.T, n int) string {
	d := []byte{'0' + byte(rapid.IntRange(2, 9).Draw(t, "first"))}
	for len(d) < n {
		d = append(d, '0'+byte(rapid.IntRange(0, 9).Draw(t, "digit")))
	}
	return string(d)
}

// drawSpaced writes text with spaces, invisible marks, other scripts' digits
// and a dash or dot before the last four: as people do, and never so that it
// looks like a date, an amount or a tax id.
func drawSpaced(t *rapid.T, text string) string {
	spaces := []string{"", "", "", " ", "\u00a0", "\u2009", "  ", "\u200b", "\u200e", " \u2068"}
	dashes := []string{"", " ", "-", ".", "\u2011", "–", "−", " - ", "－"}
	zero := rapid.SampledFrom([]rune{'0', '0', '0', '٠', '۰', '０', '०', '𝟎'}).Draw(t, "script")
	var b strings.Builder
	for i, r := range text {
		switch {
		case i == len(text)-4:
			b.WriteString(rapid.SampledFrom(dashes).Draw(t, "dash"))
		case i > 0 && i < len(text)-4:
			b.WriteString(rapid.SampledFrom(spaces).Draw(t, "space"))
		}
		if isDigit(r) {
			r = zero + r - '0'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// TestArgentineForms: every way to write a line, spaced in any way, is it.
func TestArgentineForms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawArgentine(t)
		whole := l.area + l.subscriber
		abroad := rapid.SampledFrom([]string{"+", "00", "", "+00"}).Draw(t, "prefix")
		home := rapid.SampledFrom([]string{"0", "", "9", "09"}).Draw(t, "home")
		for _, f := range []struct {
			text   string
			ctx    Context
			mobile bool
		}{
			{abroad + "549" + whole, Context{Region: "MX"}, true},
			{abroad + "54" + whole, Context{Region: "AR", Area: "351"}, false},
			{abroad + "540" + whole, Context{}, false},
			{abroad + "5490" + whole, Context{}, true},
			{abroad + "54" + l.area + "15" + l.subscriber, Context{}, true},
			{abroad + "549" + l.area + "15" + l.subscriber, Context{Region: "AR"}, true},
			{abroad + "540" + l.area + "15" + l.subscriber, Context{}, true},
			{home + whole, Context{Region: "AR"}, strings.Contains(home, "9")},
			{home + l.area + "15" + l.subscriber, Context{Region: "AR", Area: "11"}, true},
			{"15" + l.subscriber, Context{Region: "AR", Area: l.area}, true},
			{l.subscriber, Context{Region: "AR", Area: "0" + l.area}, false},
		} {
			n := Parse(drawSpaced(t, f.text), f.ctx)
			if n.Key != l.key() {
				t.Fatalf("%s in %v is %q (%s), want %s", f.text, f.ctx, n.Key, n.Reason, l.key())
			}
			if got := n.Mobile != nil && *n.Mobile; got != f.mobile || strings.HasPrefix(n.E164, "+549") != f.mobile {
				t.Fatalf("%s: %s, mobile %v, want %v", f.text, n.E164, got, f.mobile)
			}
			if home := Parse(National(n), Context{Region: "AR"}); home.Key != n.Key || home.E164 != n.E164 {
				t.Fatalf("%q is %+v, want %+v", National(n), home, n)
			}
			checkForms(t, n)
		}
	})
}

// TestMexicanForms: with and without the 1, 044, 045 and 01.
func TestMexicanForms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := drawDigits(t, 10)
		for _, prefix := range []string{"52", "521", "52044", "52045", "5201"} {
			for _, text := range []string{"+" + prefix + line, "00" + prefix + line, prefix + line, prefix + line + "@s.whatsapp.net"} {
				if !strings.Contains(text, "@") {
					text = drawSpaced(t, text)
				}
				if n := Parse(text, Context{Region: "MX"}); n.Key != "52"+line {
					t.Fatalf("%q is %q (%s)", text, n.Key, n.Reason)
				}
			}
		}
		for _, prefix := range []string{"", "044", "045", "01"} {
			n := Parse(drawSpaced(t, prefix+line), Context{Region: "MX"})
			if n.Key != "52"+line || n.E164 != "+52"+line || !n.Guessed {
				t.Fatalf("%s%s is %+v", prefix, line, n)
			}
			if home := Parse(National(n), Context{Region: "MX"}); home.Key != n.Key {
				t.Fatalf("%q is %q", National(n), home.Key)
			}
			checkForms(t, n)
		}
	})
}

// TestBrazilianNinthDigit: with and without it one line; a fixed line never
// gets it.
func TestBrazilianNinthDigit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		area := rapid.SampledFrom([]string{"11", "21", "48", "51", "85", "99"}).Draw(t, "area")
		old := drawDigits(t, 8)
		n := Parse("+55"+area+old, Context{})
		want, mobile := "55"+area+"9"+old, true
		if old[0] < '6' {
			want, mobile = "55"+area+old, false
		}
		if n.Key != want || *n.Mobile != mobile {
			t.Fatalf("%s %s is %+v, want %s", area, old, n, want)
		}
		if home := Parse(National(n), Context{Region: "BR"}); home.Key != n.Key {
			t.Fatalf("%q is %q", National(n), home.Key)
		}
		checkForms(t, n)
	})
}

// TestEveryCountry takes the library's example of each kind of line of each
// region: its written forms are one key, which carries its own country code,
// so that two countries never share one.
func TestEveryCountry(t *testing.T) {
	seen := map[string]string{}
	for region := range phonenumbers.GetSupportedRegions() {
		for _, kind := range []phonenumbers.PhoneNumberType{phonenumbers.FIXED_LINE, phonenumbers.MOBILE} {
			num := phonenumbers.GetExampleNumberForType(region, kind)
			if num == nil || region == "MX" && len(fmt.Sprint(num.GetNationalNumber())) != 10 {
				continue
			}
			e164 := phonenumbers.Format(num, phonenumbers.E164)
			n := Parse(e164, Context{})
			if n.Kind != Phone || !strings.HasPrefix(n.Key, fmt.Sprint(num.GetCountryCode())) {
				t.Errorf("%s %s: %+v", region, e164, n)
				continue
			}
			code, _ := afterCode(n.Key)
			if code != fmt.Sprint(num.GetCountryCode()) {
				t.Errorf("%s: %s cut after %q", region, n.Key, code)
			}
			if other := seen[n.Key]; other != "" && other != code {
				t.Errorf("%s is of %s and of %s", n.Key, other, code)
			}
			seen[n.Key] = code
			checkForms(t, n)
			if home := Parse(phonenumbers.Format(num, phonenumbers.NATIONAL), Context{Region: region}); home.Kind == Phone && home.Key != n.Key && code != "54" {
				t.Errorf("%s: %q is %q, want %q", region, phonenumbers.Format(num, phonenumbers.NATIONAL), home.Key, n.Key)
			}
		}
	}
	if len(seen) < 300 {
		t.Errorf("only %d lines tried", len(seen))
	}
}

// TestSameTenDigits: one ten-digit number may exist in several countries; the
// key is never a suffix.
func TestSameTenDigits(t *testing.T) {
	const line = "1143217890" // Buenos Aires, São Paulo, Delhi
	var keys []string
	for _, region := range []string{"AR", "BR", "IN"} {
		n := Parse(line, Context{Region: region})
		if n.Kind != Phone || slices.Contains(keys, n.Key) {
			t.Errorf("%s: %+v among %v", region, n, keys)
		}
		keys = append(keys, n.Key)
	}
}

// TestOverlapsAgreeWithLibrary: where one area code begins with another, our
// cut is the library's for the numbers that it calls valid.
func TestOverlapsAgreeWithLibrary(t *testing.T) {
	for area := range arLonger {
		for block := 20; block < 100; block++ {
			line := fmt.Sprintf("%d%d5678", area, block)
			num, err := phonenumbers.Parse("+549"+line, "ZZ")
			if err != nil || !phonenumbers.IsValidNumber(num) {
				continue
			}
			want := phonenumbers.Format(num, phonenumbers.INTERNATIONAL)
			if n := Parse("+549"+line, Context{}); !strings.HasPrefix(want, "+54 9 ") || n.Display != want {
				t.Errorf("%s shows as %q, the library's %q", line, n.Display, want)
			}
		}
	}
}

// TestLibraryAgrees: what the library calls a valid Argentine or Mexican
// number is one here, but for the blocks that begin with 1, and for two codes of
// its that the list of areas does not have.
func TestLibraryAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom([]string{"54", "549", "52", "55"}).Draw(t, "code")
		text := "+" + code + drawDigits(t, 10)
		if rapid.Bool().Draw(t, "capital") {
			text = "+" + code + "11" + drawDigits(t, 8)
		}
		num, err := phonenumbers.Parse(text, "ZZ")
		if err != nil || !phonenumbers.IsValidNumber(num) || phonenumbers.GetNumberType(num) == phonenumbers.TOLL_FREE ||
			phonenumbers.GetNumberType(num) == phonenumbers.PREMIUM_RATE || phonenumbers.GetNumberType(num) == phonenumbers.UAN ||
			phonenumbers.GetNumberType(num) == phonenumbers.SHARED_COST {
			return
		}
		n := Parse(text, Context{})
		unlisted := n.Reason == noArea && (strings.HasPrefix(text, "+54670") || strings.HasPrefix(text, "+54675"))
		if n.Kind != Phone && n.Reason != noBlockOf1 && !unlisted {
			t.Fatalf("%s is valid to the library and not here: %s", text, n.Reason)
		}
	})
}

// drawWritten is a line and the forms in which SEARCH §1 says it is looked for.
func drawWritten(t *rapid.T) (key string, forms []string) {
	switch rapid.SampledFrom([]string{"AR", "MX", "BR", "BR fixed", "UY", "ES"}).Draw(t, "country") {
	case "AR":
		l := drawArgentine(t)
		a, s := l.area, l.subscriber
		n := a + s
		return l.key(), []string{"549" + n, "54" + n, "0" + a + "15" + s, "0" + n, a + "15" + s, "54" + a + "15" + s, "549" + a + "15" + s, "15" + s}
	case "MX":
		n := drawDigits(t, 10)
		return "52" + n, []string{"52" + n, "521" + n, "044" + n, "045" + n, "01" + n, n}
	case "BR":
		old := rapid.SampledFrom([]string{"6", "8", "9"}).Draw(t, "first") + drawDigits(t, 7)
		return "55119" + old, []string{"55119" + old, "5511" + old, "0119" + old, "011" + old, "119" + old, "11" + old}
	case "BR fixed":
		n := "11" + rapid.SampledFrom([]string{"2", "3", "4", "5"}).Draw(t, "first") + drawDigits(t, 7)
		return "55" + n, []string{"55" + n, "0" + n, n}
	case "UY":
		n := "99" + drawDigits(t, 6)
		return "598" + n, []string{"598" + n, "0" + n, n}
	}
	n := "612" + drawDigits(t, 6)
	return "34" + n, []string{"34" + n, "0" + n, n}
}

// TestAnyPartFinds: three digits or more, from anywhere in a written form and
// spaced in any way, find the line.
func TestAnyPartFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, forms := drawWritten(t)
		if n := Parse("+"+key, Context{}); n.Key != key {
			t.Fatalf("%s is %q (%s)", key, n.Key, n.Reason)
		}
		searched := strings.Join(SearchForms(key), "|")
		for _, form := range forms {
			from := rapid.IntRange(0, len(form)-3).Draw(t, "from")
			part := form[from:rapid.IntRange(from+3, len(form)).Draw(t, "to")]
			if strings.HasPrefix(part, "00") {
				continue // typed, that is the access code
			}
			digits, ok := QueryDigits(drawSpaced(t, part))
			if !ok || digits != part || !strings.Contains(searched, digits) {
				t.Fatalf("%q of %s (read as %q) does not find %s in %s", part, form, digits, key, searched)
			}
		}
	})
}

// TestPastedIsExact: a pasted link or WhatsApp id of any form of a line that has
// a country code is that line and no other, in every office.
func TestPastedIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, forms := drawWritten(t)
		code, _ := afterCode(key)
		office := rapid.SampledFrom([]Context{{}, {Region: "AR", Area: "11"}, {Region: "MX", Area: "55"}, {Region: "BR", Area: "11"}, {Region: "US"}, {Region: "UY"}}).Draw(t, "office")
		for _, form := range forms {
			if !strings.HasPrefix(form, code) || len(form) < len(key)-1 { // without its country, no link has it
				continue
			}
			for _, pasted := range []string{
				"https://wa.me/" + form, "wa.me/%2B" + form, "https://api.whatsapp.com/send?phone=" + form + "&text=hola", "whatsapp://send?phone=%2B" + form,
				"whatsapp:+" + form, "tel:+" + form, form + "@s.whatsapp.net", form + ":3@s.whatsapp.net", form + "@c.us",
			} {
				if n := Parse(pasted, office); n.Key != key || n.Guessed && code != "55" {
					t.Fatalf("%s in %v is %q (%s), want %s", pasted, office, n.Key, n.Reason, key)
				}
			}
		}
	})
}
