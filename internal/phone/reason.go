package phone

import (
	"maps"
	"slices"
	"strings"
)

// What Number.Reason says: one of these, or some of them with "; " between
// where more than one thing was done. They hold no digit of the number.
const (
	sameLine      = "same line with or without the 9"
	mobileMark15  = "the 15 is the mobile mark"
	sameLine1     = "same line with or without the 1"
	withoutMobile = "same line without the mobile prefix"
	withoutTrunk  = "same line without the trunk prefix"
	sameNinth     = "same line with or without the ninth digit"
	ninthGuessed  = "ninth digit put in by guess"
	fixedLine     = "a fixed line"
	inPlan        = "a number of its country's plan"
	accountArea   = "area code taken from the account"
	accountRegion = "country taken from the account"

	aGroup = "a WhatsApp group"

	noArea        = "no such area code"
	notTenAR      = "an Argentine number has ten digits with its area code"
	noBlockOf1    = "no Argentine number begins with 1 after its area code"
	notTenMX      = "a Mexican number has ten digits and begins with 2 to 9"
	notBR         = "a Brazilian number has an area code and eight digits, or nine for a mobile"
	notValid      = "not a number of its country's plan"
	noCountryCode = "no such country code"
	noCodeOf0     = "no country code begins with 0"
	noRegion      = "a national number, and no country to read it in"
	otherPlace    = "a local number of another place"
	tooFew        = "too few digits"
	tooMany       = "too many digits"
	noDigits      = "has no digits"
	letters       = "has letters or signs that no number has"
	twoNumbers    = "has more than one number"
	taxID         = "a tax or identity number"
	aDate         = "a date"
	anAmount      = "an amount"
	aLink         = "a link, not a number"
	anAddress     = "an address with @, not a number"
	idNoNumber    = "a WhatsApp id without a number"
	idHides       = "a WhatsApp id that hides or has no number"
)

// reasonCodes name the reasons for programs: a sentence may be worded anew, its
// code stays.
var reasonCodes = map[string]string{
	sameLine: "same_line_9", mobileMark15: "mobile_mark_15", sameLine1: "same_line_1", withoutMobile: "without_mobile_prefix",
	withoutTrunk: "without_trunk_prefix", sameNinth: "same_line_ninth", ninthGuessed: "ninth_guessed", fixedLine: "fixed_line",
	inPlan: "in_plan", accountArea: "account_area", accountRegion: "account_region", aGroup: "group",
	noArea: "no_such_area", notTenAR: "ar_not_ten", noBlockOf1: "ar_begins_with_1", notTenMX: "mx_not_ten", notBR: "br_wrong_length",
	notValid: "not_in_plan", noCountryCode: "no_country_code", noCodeOf0: "code_begins_with_0", noRegion: "no_region",
	otherPlace: "other_place", tooFew: "too_few_digits", tooMany: "too_many_digits", noDigits: "no_digits", letters: "letters",
	twoNumbers: "two_numbers", taxID: "tax_id", aDate: "date", anAmount: "amount", aLink: "link", anAddress: "address",
	idNoNumber: "id_without_number", idHides: "id_hides_number",
}

// ReasonCodes are the stable names of what Reason says, in its order, for
// whoever has words of their own for them.
func (n Number) ReasonCodes() []string {
	var codes []string
	for _, part := range strings.Split(n.Reason, "; ") {
		if code := reasonCodes[part]; code != "" {
			codes = append(codes, code)
		}
	}
	return codes
}

// EveryReasonCode lists all that ReasonCodes may give, by name.
func EveryReasonCode() []string { return slices.Sorted(maps.Values(reasonCodes)) }
