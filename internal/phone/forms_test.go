package phone

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestSearchForms(t *testing.T) {
	for _, c := range []struct {
		key  string
		want []string
	}{
		{"541159834410", []string{"5491159834410", "541159834410", "01159834410", "0111559834410", "111559834410", "54111559834410", "549111559834410"}},
		{"524491892097", []string{"524491892097", "5214491892097", "0444491892097", "0454491892097", "014491892097", "4491892097"}},
		{"5511987654321", []string{"5511987654321", "011987654321", "551187654321", "01187654321"}},
		{"551132345678", []string{"551132345678", "01132345678"}},
		{"59899123456", []string{"59899123456", "099123456"}},
		{"14155552671", []string{"14155552671", "04155552671"}},
		{"", nil}, {"x_opaque", nil}, {"5411", nil}, {"1", nil}, {"1234567890123456", nil},
	} {
		if got := SearchForms(c.key); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.key, got, c.want)
		}
	}
}

// TestPartial: what people type, three digits up, finds the line.
func TestPartial(t *testing.T) {
	for key, typed := range map[string][]string{
		"541159834410": {"598", "5983", "115983", "15 5983", "0 11 5983", "+54 9 11 59", "11 15 5983", "011 15", "(011) 15-5983-44",
			"0054 9 11", "54 11 5983", "+54 11 15 59", "549 11 15", "4410", "５９８３", "٥٩٨٣", "5983\u20114410"},
		"524491892097":  {"189 20", "+52 449", "52 1 449", "044 449", "045 449 1", "01 449", "(449) 189"},
		"5511987654321": {"98765", "8765", "11 8765", "+55 11 9876", "55 11 8765", "011 98765"},
		"543885412345":  {"0388 15 541", "03885 15 41"}, // both cuts
		"59899123456":   {"099 123", "+598 99", "99 123"},
	} {
		forms := strings.Join(SearchForms(key), "|")
		for _, q := range typed {
			if digits, ok := QueryDigits(q); !ok || !strings.Contains(forms, digits) {
				t.Errorf("%q (%s) does not find %s", q, digits, forms)
			}
		}
	}
}

func TestQueryDigits(t *testing.T) {
	for _, c := range []struct {
		text, digits string
		ok           bool
	}{
		{"598", "598", true}, {"59", "59", false}, {" 5 9-8 ", "598", true}, {"0054", "54", false}, {"00549", "549", true},
		{"+54 (9) 11", "54911", true}, {"", "", false}, {"+", "", false},
		{"ana 598", "", false}, {"598a", "", false}, {"5983@c.us", "", false}, {"$598", "", false}, {"14:32", "", false},
	} {
		if digits, ok := QueryDigits(c.text); digits != c.digits || ok != c.ok {
			t.Errorf("%q: %q %v, want %q %v", c.text, digits, ok, c.digits, c.ok)
		}
	}
}

func TestVariants(t *testing.T) {
	for _, c := range []struct {
		written, key string
		want         []string
	}{
		{"+54 9 11 5983-4410", "541159834410", []string{"5491159834410", "541159834410"}},
		{"541159834410", "541159834410", []string{"541159834410", "5491159834410"}},
		{"011 15 5983-4410", "541159834410", []string{"0111559834410", "5491159834410", "541159834410"}},
		{"5491159834410:3@s.whatsapp.net", "541159834410", []string{"5491159834410", "541159834410"}},
		{"", "541159834410", []string{"5491159834410", "541159834410"}},
		{"0052 449 189 2097", "524491892097", []string{"524491892097", "5214491892097"}},
		{"+52 1 449 189 2097", "524491892097", []string{"5214491892097", "524491892097"}},
		{"551187654321", "5511987654321", []string{"551187654321", "5511987654321"}},
		{"+55 11 3234-5678", "551132345678", []string{"551132345678"}},
		{"099 123 456", "59899123456", []string{"099123456", "59899123456"}},
		{"+1 415 555 2671", "", []string{"14155552671"}},
		{"lucia@example.com", "", nil},
		{"1159834410", "x_opaque", []string{"1159834410"}},
	} {
		if got := Variants(c.written, c.key); !slices.Equal(got, c.want) {
			t.Errorf("%q %s: %v, want %v", c.written, c.key, got, c.want)
		}
	}
}

func TestNationalOfNothing(t *testing.T) {
	for _, n := range []Number{{}, {Kind: None}, {Kind: Group}, {Kind: Phone}, {Kind: Phone, Key: "5411"}, {Kind: Phone, Key: "x"}} {
		if got := National(n); got != "" {
			t.Errorf("%+v: %q, want nothing", n, got)
		}
	}
}

// TestDigitValue relies on Unicode keeping each set of digits together.
func TestDigitValue(t *testing.T) {
	for _, r := range unicode.Nd.R16 {
		if r.Stride != 1 || (r.Hi-r.Lo+1)%10 != 0 {
			t.Errorf("digits %U to %U are no whole sets of ten", r.Lo, r.Hi)
		}
	}
	for _, r := range unicode.Nd.R32 {
		if r.Stride != 1 || (r.Hi-r.Lo+1)%10 != 0 {
			t.Errorf("digits %U to %U are no whole sets of ten", r.Lo, r.Hi)
		}
	}
	for i, r := range []rune("٠١٢٣٤٥٦٧٨٩") {
		if digitValue(r) != rune(i) {
			t.Errorf("%c is %d", r, digitValue(r))
		}
	}
}

// TestAreas: the table is whole, and 11 is in it.
func TestAreas(t *testing.T) {
	count := 0
	for _, in := range arAreas {
		if in {
			count++
		}
	}
	if count != 300 || !arAreas.has([]byte("11")) || arAreas.has([]byte("011")) || arAreas.has([]byte("1")) || arAreas.has([]byte("12")) {
		t.Errorf("%d area codes", count)
	}
	if len(arLonger) != 49 {
		t.Errorf("%d overlaps, want 49", len(arLonger))
	}
}
