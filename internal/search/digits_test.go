package search

import (
	"slices"
	"strings"
	"testing"

	"bandeja/internal/phone"

	"pgregory.net/rapid"
)

// drawKey is the key of a line of one of many countries.
func drawKey(r *rapid.T) string {
	start := rapid.SampledFrom([]string{"5411", "54351", "542966", "5437", "54223", "5211", "5255", "5511", "552", "56", "57", "598", "1", "34", "7", "39"}).Draw(r, "country")
	length := rapid.IntRange(8, 15).Draw(r, "length")
	switch {
	case strings.HasPrefix(start, "54"), strings.HasPrefix(start, "52"):
		length = 12
	case strings.HasPrefix(start, "55"):
		length = rapid.IntRange(12, 13).Draw(r, "length of a Brazilian line")
	}
	for len(start) < length {
		start += rapid.SampledFrom([]string{"0", "1", "5", "9", "4", "15", "2"}).Draw(r, "digits")
	}
	return start[:length]
}

// A line has typed digits if one of its searched forms does, and not otherwise.
func TestPackedLineIsItsForms(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		key := drawKey(r)
		forms := phone.SearchForms(key)
		if len(forms) == 0 {
			return
		}
		x, ok := packLine(key)
		if !ok || x.digits() != key || x.key() != pack(key) {
			r.Fatalf("%s is packed as %s", key, x.digits())
		}
		digits := rapid.StringMatching(`[01459]{3,8}`).Draw(r, "typed")
		if rapid.Bool().Draw(r, "of a form") {
			form := rapid.SampledFrom(forms).Draw(r, "form")
			from := rapid.IntRange(0, len(form)-3).Draw(r, "from")
			digits = form[from:rapid.IntRange(from+3, len(form)).Draw(r, "to")]
		}
		want := slices.ContainsFunc(forms, func(f string) bool { return strings.Contains(f, digits) })
		p := newPattern(digits)
		got := false
		p.each([]packed{emptyLine, x}, func(n int) { got = got || n == 1 })
		if got != want || p.in(x) != want || p.in(emptyLine) {
			r.Fatalf("%s in %s: %v and %v, want %v (%q)", digits, key, got, p.in(x), want, forms)
		}
	})
}

// What is shown of a line is what the cache shows of it.
func TestLineIsShownAsWritten(t *testing.T) {
	for _, written := range []string{"+5491159834410", "+541159834410", "+5215512345678", "+5511987654321", "+551132654321", "+56961234567", "+573001234567", "+14155552671", "+34612345678", "+393123456789", "+5492966412345"} {
		n := phone.Parse(written, phone.Context{})
		l, ok := lineOf(n.Key, n.E164)
		if n.Kind != phone.Phone {
			t.Fatalf("%s is no phone", written)
		}
		if !ok || l.e164() != n.E164 || l.display() != n.Display {
			t.Errorf("%s: %s shown as %q, want %s as %q", written, l.e164(), l.display(), n.E164, n.Display)
		}
	}
}

func TestNumbersInNames(t *testing.T) {
	e := newEngine(t)
	save(t, e, waspyAccount, chat("1", "Cliente 11 5983-4410", "", minutes(1)), chat("2", "+54 9 351 555-0101", "", minutes(2)), chat("3", "Turno 2024-05-12", "", minutes(3)))
	for query, want := range map[string]string{
		"5983": "Cliente 11 5983-4410", "598344": "Cliente 11 5983-4410", "+54 9 11 5983-4410": "Cliente 11 5983-4410", "011 15-5983-4410": "Cliente 11 5983-4410",
		"3515550101": "+54 9 351 555-0101", "351 15 555": "+54 9 351 555-0101", "wa.me/5493515550101": "+54 9 351 555-0101", "20240512": "Turno 2024-05-12",
	} {
		hits := e.People.Find(query, buenosAires, 5)
		if len(hits) != 1 || hits[0].Text != want || hits[0].Field != "name" || len(hits[0].Ranges) == 0 {
			t.Errorf("%q: %+v, want %q", query, hits, want)
		}
	}
}
