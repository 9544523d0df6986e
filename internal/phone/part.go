package phone

import "strings"

// shortestPart is how many digits a part of a number must keep to tell one line
// from others.
const shortestPart = 4

// Part is what to look for with a provider's own search, which compares digits
// as they are stored: those of a typed part of a number after the country code,
// the mobile 9 or 1, a trunk 0 and Argentina's 15. Whatever has the text's
// digits in one of a line's forms has these; who asks holds what comes to the
// text again. "" where the text is no part of a number, or has fewer than four
// digits.
func Part(text string, ctx Context) string {
	digits, ok := QueryDigits(text)
	if !ok || len(digits) < shortestPart {
		return ""
	}
	region := strings.ToUpper(ctx.Region)
	international := strings.HasPrefix(clean(text), "+") || strings.HasPrefix(clean(text), "00")
	for _, c := range []struct{ code, region, mobile string }{{"54", "AR", "9"}, {"52", "MX", "1"}} {
		if !international && region != c.region {
			continue
		}
		if rest := cutShort(digits, c.code); rest != digits {
			digits, region = cutShort(rest, c.mobile), c.region
			break
		}
	}
	switch region {
	case "AR":
		return arPart(cutShort(digits, "0"))
	case "MX":
		for _, trunk := range []string{"044", "045", "01"} {
			digits = cutShort(digits, trunk)
		}
		return digits
	}
	return cutShort(digits, "0")
}

// arPart leaves what follows a 15, alone or after an area code: no Argentine
// number begins with 1 after its area code.
func arPart(digits string) string {
	for l := 2; l <= 4 && len(digits) >= l+len(mobile15)+shortestPart; l++ {
		if digits[l:l+len(mobile15)] == mobile15 && arAreas.has([]byte(digits[:l])) {
			return digits[l+len(mobile15):]
		}
	}
	return cutShort(digits, mobile15)
}

// cutShort cuts a prefix where enough is left.
func cutShort(digits, prefix string) string {
	if rest, ok := strings.CutPrefix(digits, prefix); ok && len(rest) >= shortestPart {
		return rest
	}
	return digits
}
