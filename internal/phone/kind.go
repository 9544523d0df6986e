package phone

import (
	"net/url"
	"strconv"
	"strings"
)

// readAddress reads what tells by its shape what it is: WhatsApp ids, links,
// tel: and the like. Their digits are international. done is false for other
// text.
func readAddress(s string) (w written, done bool) {
	lower := strings.ToLower(s)
	if user, host, ok := cutLast(lower, "@"); ok {
		return readID(user, host), true
	}
	if value, ok := queryPhone(lower); ok {
		return readLink(value), true
	}
	address := lower
	for _, prefix := range []string{"https://", "http://", "www."} {
		address = strings.TrimPrefix(address, prefix)
	}
	if path, ok := strings.CutPrefix(address, "wa.me/"); ok {
		return readLink(cutAny(path, "/?#&")), true
	}
	if strings.Contains(lower, "://") || strings.HasPrefix(lower, "www.") {
		return notWritten(aLink), true
	}
	for _, scheme := range []string{"tel:", "whatsapp:"} {
		// With a space in it, it is a label: "Tel: 011 5983-4410". A local
		// number in a link can be read only as one, too.
		if rest, ok := strings.CutPrefix(lower, scheme); ok && !strings.Contains(rest, " ") && !localNumber(rest) {
			return readScheme(rest), true
		}
	}
	return written{}, false
}

// readID reads user@host, as WhatsApp names people, groups and others.
func readID(user, host string) written {
	switch host {
	case "s.whatsapp.net", "c.us":
		user = cutAny(strings.TrimPrefix(user, "+"), ":._") // the device, and the agent before it
		if !onlyDigits(user) {
			return notWritten(idNoNumber)
		}
		return written{kind: Phone, digits: user, international: true}
	case "g.us":
		return written{kind: Group, reason: aGroup}
	case "lid", "newsletter", "broadcast", "hosted", "hosted.lid", "bot", "call":
		return notWritten(idHides)
	}
	return notWritten(anAddress)
}

// queryPhone finds the value of a link's parameter phone.
func queryPhone(s string) (value string, ok bool) {
	before, value, ok := cutLast(s, "phone=")
	if !ok || before != "" && !strings.ContainsAny(before[len(before)-1:], "?&;") {
		return "", false
	}
	value = cutAny(value, "&#;")
	if value != "" { // past the first sign, + is a space in a query
		value = value[:1] + strings.ReplaceAll(value[1:], "+", " ")
	}
	return value, true
}

func readLink(value string) written {
	if plain, err := url.PathUnescape(value); err == nil {
		value = clean(plain)
	}
	w := readNumber(value)
	w.international = true
	return w
}

// readScheme reads what follows tel: or whatsapp:, up to its parameters.
func readScheme(rest string) written {
	number, params, _ := strings.Cut(rest, ";")
	if strings.Contains(params, "phone-context") && !strings.HasPrefix(number, "+") {
		return notWritten(otherPlace)
	}
	return readLink(cutAny(number, "?"))
}

// localNumber reports a leading single 0, with which no international number
// begins.
func localNumber(s string) bool {
	digits := Digits(s)
	return !strings.HasPrefix(s, "+") && strings.HasPrefix(digits, "0") && !strings.HasPrefix(digits, "00")
}

// notNumber says why digits with separators are something else: a tax id, a
// date, an amount. Empty when they may be a number.
func notNumber(s string) string {
	if !strings.ContainsAny(s, "-./ ") || strings.Contains(s, "+") {
		return ""
	}
	groups := strings.FieldsFunc(s, func(r rune) bool { return !isDigit(r) })
	separators := strings.Map(func(r rune) rune {
		if isDigit(r) {
			return -1
		}
		return r
	}, s)
	if len(groups) != len(separators)+1 {
		return ""
	}
	switch {
	case isTaxID(groups, separators):
		return taxID
	case len(groups) == 3 && (separators == "--" || separators == "//" || separators == "..") && isDate(groups):
		return aDate
	case separators != "" && strings.Trim(separators, ".") == "" && isAmount(groups):
		return anAmount
	}
	return ""
}

// isTaxID reports a CUIT (20-12345678-9), with or without dots inside, a CNPJ
// (12.345.678/0001-95), and thousands between dots before one or two check
// digits: RUT, CI, NIT and CPF, some of which are digits of a valid number.
func isTaxID(g []string, separators string) bool {
	switch {
	case len(g) == 3 && sizes(g, 2, 8, 1), len(g) == 5 && sizes(g, 2, 2, 3, 3, 1), len(g) == 5 && sizes(g, 2, 3, 3, 4, 2):
		return true
	}
	dotted, ok := strings.CutSuffix(separators, "-")
	last := len(g) - 1
	return ok && last >= 2 && strings.Trim(dotted, ".") == "" && len(g[last]) <= 2 && isAmount(g[:last])
}

// isDate reports year, month, day or day, month, year, or the month first.
func isDate(g []string) bool {
	switch {
	case sizes(g, 4, 2, 2):
		return between(g[0], 1900, 2099) && between(g[1], 1, 12) && between(g[2], 1, 31)
	case sizes(g, 2, 2, 4), sizes(g, 1, 2, 4), sizes(g, 2, 1, 4), sizes(g, 1, 1, 4):
		return isDay(g[0], g[1]) && between(g[2], 1900, 2099)
	case sizes(g, 2, 2, 2):
		return isDay(g[0], g[1])
	}
	return false
}

// isDay reports a day and a month, in either order.
func isDay(a, b string) bool {
	return between(a, 1, 31) && between(b, 1, 12) || between(a, 1, 12) && between(b, 1, 31)
}

// isAmount reports 1.234.567 and 1234.50, groups between dots.
func isAmount(g []string) bool {
	last := g[len(g)-1]
	if len(g) == 2 && len(last) <= 2 {
		return true
	}
	for _, group := range g[1:] {
		if len(group) != 3 {
			return false
		}
	}
	return len(g[0]) <= 3
}

func sizes(groups []string, want ...int) bool {
	for i, n := range want {
		if len(groups[i]) != n {
			return false
		}
	}
	return true
}

func between(digits string, low, high int) bool {
	n, err := strconv.Atoi(digits)
	return err == nil && low <= n && n <= high
}

// cutLast cuts s around the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// cutAny is s up to the first of chars.
func cutAny(s, chars string) string {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return s[:i]
	}
	return s
}
