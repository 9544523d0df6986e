package phone

import (
	"strings"
	"unicode"
)

// written is a text after the text rules: only digits are left of it.
type written struct {
	kind          Kind
	digits        string // ASCII, at least one, when kind is Phone
	international bool   // begins with a country code, whatever the account's region
	reason        string
}

func notWritten(reason string) written { return written{kind: None, reason: reason} }

// read takes a text to its digits, or says what else it is.
func read(text string) written {
	if digits, plus := strings.CutPrefix(text, "+"); onlyDigits(digits) {
		return dialled(digits, plus)
	}
	s := clean(text)
	if strings.ContainsFunc(s, notPhoneChar) {
		if w, done := readAddress(s); done {
			return w
		}
		s = cutExtension(cutLabel(s))
	}
	if why := notNumber(s); why != "" {
		return notWritten(why)
	}
	return readNumber(s)
}

// readNumber reads a cleaned text that may hold nothing but one number.
func readNumber(s string) written {
	if strings.ContainsFunc(s, notPhoneChar) {
		return notWritten(letters)
	}
	before, after, plus := strings.Cut(s, "+")
	if plus && (strings.ContainsFunc(before, isDigit) || strings.Contains(after, "+")) {
		return notWritten(twoNumbers)
	}
	// 4567-8901/02 is two numbers, 011/4567-8901 is one.
	if _, tail, slash := cutLast(s, "/"); slash && len(Digits(tail)) < 6 {
		return notWritten(twoNumbers)
	}
	digits := Digits(s)
	if digits == "" {
		return notWritten(noDigits)
	}
	return dialled(digits, plus)
}

// maxDigits is what E.164 allows, and a little for prefixes that go.
const maxDigits = 18

// dialled takes the international access code 00 off digits.
func dialled(digits string, plus bool) written {
	rest, access := strings.CutPrefix(digits, "00")
	if access {
		digits = rest
	}
	if digits == "" {
		return notWritten(noDigits)
	}
	if len(digits) > maxDigits {
		return notWritten(tooMany)
	}
	return written{kind: Phone, digits: digits, international: plus || access}
}

// clean drops what cannot be seen, and gives every digit, dash, space, bracket
// and full-width sign its ASCII form.
func clean(text string) string {
	return strings.TrimSpace(strings.Map(plain, text))
}

func plain(r rune) rune {
	switch {
	case r < unicode.MaxASCII:
		if r < ' ' {
			return ' '
		}
		return r
	case r >= '！' && r <= '～': // the full-width block mirrors ASCII
		return r - '！' + '!'
	case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r), r == '\u20e3': // keycap
		return -1
	case unicode.Is(unicode.Nd, r):
		return '0' + digitValue(r)
	case unicode.Is(unicode.Z, r):
		return ' '
	case unicode.Is(unicode.Pd, r):
		return '-'
	case unicode.Is(unicode.Ps, r):
		return '('
	case unicode.Is(unicode.Pe, r):
		return ')'
	}
	switch r {
	case '−', 'ー', '⁃', '˗', '─', '━':
		return '-'
	case '﹢', '⁺', '₊', '➕':
		return '+'
	case '·', '•', '∙', '․':
		return '.'
	}
	return r
}

// digitValue is the value of a decimal digit of any script: Unicode keeps each
// set of ten together, in order.
func digitValue(r rune) rune {
	for _, t := range unicode.Nd.R16 {
		if r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10
		}
	}
	return 0
}

// cutLabel drops one leading word that announces a number, and signs before it
// such as a drawn telephone.
func cutLabel(s string) string {
	s = strings.TrimLeft(s, " ☎☏✆📞📱📲")
	end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	if end <= 0 || isDigit(rune(s[end])) {
		return s
	}
	switch strings.ToLower(s[:end]) {
	case "tel", "tél", "te", "teléfono", "telefono", "telefone", "telf", "tfno", "fono", "fone", "phone", "fijo", "fixo", "número", "numero", "nro",
		"cel", "celu", "cell", "celular", "móvil", "movil", "móvel", "mobile", "mob",
		"whatsapp", "whats", "wa", "wapp", "wpp", "wsp", "wasap", "guasap", "zap", "sms", "callto", "contacto":
		return strings.TrimLeft(s[end:], " .:-=")
	}
	return s
}

// cutExtension drops a trailing extension: a mark and up to seven digits.
func cutExtension(s string) string {
	at := strings.IndexFunc(s, func(r rune) bool { return r == '#' || r == ';' || r == ',' || unicode.IsLetter(r) })
	if at < 0 {
		return s
	}
	tail := strings.ToLower(strings.Trim(s[at:], " ,;()"))
	for _, mark := range []string{"extensión", "extension", "ext", "interno", "int", "anexo", "ramal", "x", "#"} {
		if rest, ok := strings.CutPrefix(tail, mark); ok {
			rest = strings.TrimLeft(rest, " .:=#")
			if len(rest) <= 7 && onlyDigits(rest) {
				return strings.TrimRight(s[:at], " (,;-")
			}
			break
		}
	}
	return s
}

// notPhoneChar reports what may not stand in a number that has been cleaned.
func notPhoneChar(r rune) bool {
	return !isDigit(r) && !strings.ContainsRune("+ -.()[]/", r)
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// Digits are the ASCII digits of a text, in their order.
func Digits(s string) string { return strings.Map(digitOnly, s) }

// digitOnly keeps digits, for strings.Map.
func digitOnly(r rune) rune {
	if isDigit(r) {
		return r
	}
	return -1
}

// onlyDigits reports whether s is one or more ASCII digits.
func onlyDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
