package phone

const mxNumberLen = 10

// mexico reads what follows 52, or a national writing: one of 044, 045, 01
// and, after the country code alone, 1 is dropped when ten digits follow. At
// home a bare 1 is no prefix, and eleven digits with it are a number of the
// United States or Canada.
func mexico(d string, from origin) Number {
	var mobile *bool
	reason := sameLine1
	if len(d)+len(from.area) == mxNumberLen && from.area != "" {
		d, reason = from.area+d, sameLine1+"; "+accountArea
	}
	switch cut := len(d) - mxNumberLen; {
	case cut == 3 && (d[:3] == "044" || d[:3] == "045"):
		mobile, reason = new(true), withoutMobile
		d = d[cut:]
	case cut == 2 && d[:2] == "01":
		reason = withoutTrunk
		d = d[cut:]
	case cut == 1 && d[0] == '1' && !from.national:
		mobile = new(true)
		d = d[cut:]
	}
	if len(d) != mxNumberLen || d[0] < '2' || !onlyDigits(d) {
		return none(notTenMX)
	}
	buf := make([]byte, 0, 32)
	buf = append(append(buf, "+52"...), d...)
	e164 := len(buf)
	buf = append(buf, "+52 "...)
	buf = appendMexican(buf, d)
	n := packed(buf, e164, len(buf))
	n.Mobile, n.Reason = mobile, reason
	return n
}

// appendMexican writes 449 189 2097, or 55 1234 5678 for the three cities with
// a two-digit area code.
func appendMexican(buf []byte, d string) []byte {
	area := 3
	switch d[:2] {
	case "33", "55", "56", "81":
		area = 2
	}
	buf = append(append(buf, d[:area]...), ' ')
	return append(append(append(buf, d[area:6]...), ' '), d[6:]...)
}

func mxForms(line string) []string {
	return []string{"52" + line, "521" + line, "044" + line, "045" + line, "01" + line, line}
}
