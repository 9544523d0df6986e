package phone

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// National is n as it is dialled in its own country, for display; empty when n
// is not a phone.
func National(n Number) string {
	code, line, ok := splitKey(n.Key)
	if n.Kind != Phone || !ok {
		return ""
	}
	switch code {
	case "54":
		return arDomestic(line, n.Mobile != nil && *n.Mobile)
	case "52":
		return string(appendMexican(nil, line))
	case "55":
		return brDomestic(line)
	}
	num, err := phonenumbers.Parse(n.E164, phonenumbers.UNKNOWN_REGION)
	if err != nil {
		return n.Display
	}
	return phonenumbers.Format(num, phonenumbers.NATIONAL)
}

// SearchForms is every digit form of a line in which a part of its number is
// looked for (SEARCH §1, "Partial numbers"): AR 549N 54N 0N, and 0A15S A15S
// 54A15S 549A15S; MX 52N 521N 044N 045N 01N N; BR with and without the ninth
// digit; elsewhere the E.164 digits, and 0 with the national number. Keep them
// apart by a separator, so that no hit spans two. A key that is no phone's has
// none.
func SearchForms(key string) []string {
	code, line, ok := splitKey(key)
	if !ok {
		return nil
	}
	switch code {
	case "54":
		return arForms(line)
	case "52":
		return mxForms(line)
	case "55":
		return brForms(line)
	}
	return []string{key, "0" + line}
}

// Variants is what to ask a provider's by-phone for, in order, until a hit
// whose own number has the same key: the digits as they were written, then
// those under which the line may be known there. Bare digits, no duplicates.
func Variants(written, key string) []string {
	var tries []string
	if w := read(written); w.kind == Phone {
		tries = append(tries, w.digits)
	}
	code, line, ok := splitKey(key)
	switch {
	case !ok:
	case code == "54":
		tries = append(tries, "549"+line, "54"+line)
	case code == "52":
		tries = append(tries, "521"+line, "52"+line)
	case code == "55":
		tries = append(tries, "55"+line)
		if old, mobile := brWithoutNinth(line); mobile {
			tries = append(tries, "55"+old)
		}
	default:
		tries = append(tries, key)
	}
	var out []string
	for _, t := range tries {
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// QueryDigits is the digits of a typed part of a number after the text rules,
// with a leading label and 00 cut. ok is false when the text has anything else
// but digits, +, spaces, dashes, dots, slashes and brackets, or fewer than three
// digits.
func QueryDigits(text string) (digits string, ok bool) {
	s := clean(text)
	if strings.ContainsFunc(s, notPhoneChar) {
		s = cutLabel(s)
	}
	if strings.ContainsFunc(s, notPhoneChar) {
		return "", false
	}
	digits = strings.TrimPrefix(Digits(s), "00")
	return digits, len(digits) >= 3
}

// splitKey cuts an identity key after its country code; ok is false for what
// Parse never gives, such as an opaque key.
func splitKey(key string) (code, line string, ok bool) {
	if len(key) > maxKey || !onlyDigits(key) {
		return "", "", false
	}
	code, line = afterCode(key)
	switch code {
	case "54", "52":
		ok = len(line) == 10
	case "55":
		ok = len(line) == 10 || len(line) == 11
	default:
		ok = line != ""
	}
	return code, line, ok
}
