// Package phone reads any written form of a telephone number as one line:
// what people type, what providers store, WhatsApp ids and links. It imports
// nothing of ours and is the only importer of nyaruka/phonenumbers.
//
// Our own rules come first and last, the library in the middle: it knows the
// world's numbering plans, but keeps Mexico's 1, keeps Argentina's +54 11 and
// +54 9 11 apart, misses Brazil's ninth digit and reads letters as digits
// (SEARCH §1).
package phone

import "strings"

// RulesVersion changes whenever a text may get another key than before, so
// that keys kept elsewhere can be rebuilt from the raw text.
const RulesVersion = 2

// Kind is what a text turned out to be.
type Kind string

// The kinds. None is everything that is neither: e-mails, other WhatsApp ids,
// links, dates, amounts, tax ids, words, and numbers that no plan has.
const (
	Phone Kind = "phone"
	Group Kind = "group"
	None  Kind = "none"
)

// Context is how an account reads numbers written without a country code.
// Both fields may be empty.
type Context struct {
	Region string // default region, ISO 3166-1 alpha-2
	Area   string // default area code for local numbers, with or without a leading 0
}

// Number is what Parse understood. Every field but Kind and Reason is zero
// unless Kind is Phone.
type Number struct {
	Kind Kind
	// E164 begins with +. An Argentine number has the 9 when it was written
	// with a 9 or a 15, and not otherwise; a Mexican one never has the 1; a
	// Brazilian mobile always has the ninth digit.
	E164 string
	// Key is the identity of the line, equal for all its written forms: for
	// Argentina 54 and ten digits, without the 9; elsewhere E164's digits.
	Key string
	// Display is the international form, readable by Parse again.
	Display string
	// Mobile is what the writing or the numbering plan says; nil when neither
	// does.
	Mobile *bool
	// Guessed says that the country came from Context.Region and not from the
	// text, or that Brazil's ninth digit was put before a 7, where a few lines
	// have none: across accounts such a number only suggests who it is.
	Guessed bool
	// Reason says in words what was made of the text, and for None why not. It
	// holds no digit of the number.
	Reason string
}

// Parse reads text in the light of ctx. It never fails: what is not a valid
// number is of kind None, with the reason.
//
// A text with + or 00, a WhatsApp id or a link says its country itself.
// Otherwise the digits are a national number of ctx.Region if they can be one;
// only if they cannot, and do not begin with 0, are they an international
// number without its +.
func Parse(text string, ctx Context) Number {
	w := read(text)
	switch {
	case w.kind != Phone:
		return Number{Kind: w.kind, Reason: w.reason}
	case w.international:
		return international(w.digits)
	}
	n := national(w.digits, ctx)
	if n.Kind == Phone || w.digits[0] == '0' {
		return n
	}
	if m := international(w.digits); m.Kind == Phone || ctx.Region == "" {
		return m
	}
	return n
}

// national reads digits as a number of the account's own country.
func national(digits string, ctx Context) Number {
	if ctx.Region == "" {
		return none(noRegion)
	}
	var n Number
	region := strings.ToUpper(ctx.Region)
	from := origin{national: true, area: strings.TrimPrefix(ctx.Area, "0")}
	if !onlyDigits(from.area) {
		from.area = ""
	}
	switch region {
	case "AR":
		n = argentina(digits, from)
	case "MX":
		n = mexico(digits, from)
	case "BR":
		n = brazil(digits, from)
	case "CL":
		n = world("56" + chile(digits))
	case "CO":
		n = world("57" + colombia(digits))
	default:
		return worldNational(digits, region)
	}
	if n.Kind == Phone {
		return guessed(n)
	}
	return n
}

// international reads digits that begin with a country code.
func international(digits string) Number {
	if len(digits) < 3 {
		return none(tooFew)
	}
	rest := digits[2:]
	switch digits[:2] {
	case "54":
		return argentina(rest, origin{})
	case "52":
		return mexico(rest, origin{})
	case "55":
		return brazil(rest, origin{})
	case "56":
		return world("56" + chile(rest))
	case "57":
		return world("57" + colombia(rest))
	}
	return world(digits)
}

// origin says where a number is read from: after its country code, or
// nationally in an account with an area code.
type origin struct {
	national bool
	area     string
}

func none(reason string) Number { return Number{Kind: None, Reason: reason} }

// guessed marks n as a number whose country the account supplied.
func guessed(n Number) Number {
	n.Guessed = true
	if n.Reason != "" {
		n.Reason += "; "
	}
	n.Reason += accountRegion
	return n
}

// cutTrunk drops one leading 0, the trunk prefix of most of Latin America.
func cutTrunk(d string) (rest string, had bool) { return strings.CutPrefix(d, "0") }

// packed makes the three forms of a number out of one piece of memory, since
// Parse runs once a row of every page that is copied. buf holds E164 up to
// e164End, then the display form; the key is E164's digits, or what stands
// after the display form when buf says so.
func packed(buf []byte, e164End, displayEnd int) Number {
	s := string(buf)
	n := Number{Kind: Phone, E164: s[:e164End], Display: s[e164End:displayEnd], Key: s[1:e164End]}
	if displayEnd < len(s) {
		n.Key = s[displayEnd:]
	}
	return n
}
