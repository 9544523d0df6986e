package phone

import (
	"errors"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// chile drops the trunk 0 and the old 09 and 02 before a whole number of nine
// digits, which the library keeps.
func chile(d string) string {
	d, trunk := cutTrunk(d)
	if trunk && len(d) == 10 && (strings.HasPrefix(d, "99") || strings.HasPrefix(d, "22")) {
		return d[1:]
	}
	return d
}

// colombia drops the old 03 before a mobile, and puts 60 before an old
// one-digit area code.
func colombia(d string) string {
	if rest, ok := strings.CutPrefix(d, "03"); ok && len(rest) == 10 {
		return rest
	}
	d, _ = cutTrunk(d)
	if len(d) == 8 {
		return "60" + d
	}
	return d
}

// world asks the library about digits that begin with a country code. It
// drops the trunk prefix of Uruguay, Paraguay, Peru, Ecuador and Venezuela,
// and keeps Italy's 0.
func world(digits string) Number {
	if digits[0] == '0' {
		return none(noCodeOf0)
	}
	num, err := phonenumbers.Parse("+"+digits, phonenumbers.UNKNOWN_REGION)
	if err != nil {
		return none(libraryReason(err))
	}
	return fromLibrary(num)
}

// worldNational asks the library about a national number. An access code of
// that region may lead to a country that has rules of our own: they come last.
func worldNational(digits, region string) Number {
	num, err := phonenumbers.Parse(digits, region)
	if err != nil {
		return none(libraryReason(err))
	}
	n := fromLibrary(num)
	if int(num.GetCountryCode()) != phonenumbers.GetCountryCodeForRegion(region) {
		return international(phonenumbers.Format(num, phonenumbers.E164)[1:])
	}
	if n.Kind != Phone || n.Key == digits || world(digits).Key == n.Key { // its country code is there, with a trunk prefix after it
		return n
	}
	return guessed(n)
}

// maxKey is how many digits E.164 allows, with the country code.
const maxKey = 15

// fromLibrary is num when its country's plan has it.
func fromLibrary(num *phonenumbers.PhoneNumber) Number {
	if !phonenumbers.IsValidNumber(num) {
		return none(notValid)
	}
	e164 := phonenumbers.Format(num, phonenumbers.E164)
	if len(e164) > len("+")+maxKey { // Germany's plan has longer ones
		return none(tooMany)
	}
	n := Number{Kind: Phone, E164: e164, Key: e164[1:], Display: phonenumbers.Format(num, phonenumbers.INTERNATIONAL), Reason: inPlan}
	switch phonenumbers.GetNumberType(num) {
	case phonenumbers.MOBILE:
		n.Mobile = new(true)
	case phonenumbers.FIXED_LINE:
		n.Mobile, n.Reason = new(false), fixedLine
	}
	return n
}

func libraryReason(err error) string {
	switch {
	case errors.Is(err, phonenumbers.ErrInvalidCountryCode):
		return noCountryCode
	case errors.Is(err, phonenumbers.ErrNumTooLong):
		return tooMany
	case errors.Is(err, phonenumbers.ErrTooShortAfterIDD), errors.Is(err, phonenumbers.ErrTooShortNSN):
		return tooFew
	}
	return notValid
}

// afterCode cuts a key after its country code. Codes are prefix-free: +1 and
// +7 have one digit, those listed two, all others three (ITU E.164).
func afterCode(key string) (code, line string) {
	const two = " 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 "
	n := 3
	switch {
	case strings.HasPrefix(key, "1"), strings.HasPrefix(key, "7"):
		n = 1
	case len(key) >= 2 && strings.Contains(two, key[:2]):
		n = 2
	}
	n = min(n, len(key))
	return key[:n], key[n:]
}
