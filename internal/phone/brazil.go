package phone

import "strings"

// brazil reads what follows 55, or a national writing: a trunk 0 goes, and a
// carrier code after it; a mobile without its ninth digit gets it. The 9 is
// never removed.
func brazil(d string, from origin) Number {
	d, trunk := cutTrunk(d)
	local := false
	switch {
	case trunk && (len(d) == 12 || len(d) == 13):
		d = d[2:]
	case !trunk && len(from.area) == 2 && (len(d) == 8 || len(d) == 9):
		d, local = from.area+d, true
	}
	if len(d) != 10 && len(d) != 11 || !brArea(d) {
		return none(notBR)
	}
	ninth, guess, reason := "", false, fixedLine
	switch first := d[2]; {
	case len(d) == 11:
		if first != '9' {
			return none(notBR)
		}
		reason = sameNinth
	case first >= '6':
		// Lines of a former trunking operator kept eight digits with a 7.
		ninth, guess, reason = "9", first == '7', sameNinth
		if guess {
			reason = ninthGuessed
		}
	case first < '2':
		return none(notBR)
	}
	if local {
		reason += "; " + accountArea
	}
	buf := make([]byte, 0, 32)
	buf = append(append(append(append(buf, "+55"...), d[:2]...), ninth...), d[2:]...)
	e164 := len(buf)
	buf = append(append(append(buf, "+55 "...), d[:2]...), ' ')
	buf = append(buf, ninth...)
	buf = append(append(append(buf, d[2:len(d)-4]...), '-'), d[len(d)-4:]...)
	n := packed(buf, e164, len(buf))
	n.Mobile, n.Guessed, n.Reason = new(len(d) == 11 || ninth != ""), guess, reason
	return n
}

// brArea reports whether d begins with one of the 67 area codes (Anatel).
func brArea(d string) bool {
	second := [10]string{1: "123456789", 2: "12478", 3: "1234578", 4: "123456789", 5: "1345",
		6: "123456789", 7: "134579", 8: "123456789", 9: "123456789"}
	return strings.IndexByte(second[d[0]-'0'], d[1]) >= 0
}

// brDomestic writes (11) 98765-4321.
func brDomestic(line string) string {
	return "(" + line[:2] + ") " + line[2:len(line)-4] + "-" + line[len(line)-4:]
}

// brWithoutNinth is a mobile as it was written before the ninth digit, and
// still is by WhatsApp; ok is false for a fixed line.
func brWithoutNinth(line string) (old string, ok bool) {
	if len(line) != 11 {
		return "", false
	}
	return line[:2] + line[3:], true
}

func brForms(line string) []string {
	forms := []string{"55" + line, "0" + line}
	if old, ok := brWithoutNinth(line); ok {
		forms = append(forms, "55"+old, "0"+old)
	}
	return forms
}
