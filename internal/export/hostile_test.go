package export

import (
	"strings"
	"unicode"
)

// HostileCells are texts that spreadsheets have been made to run, or to show as
// something else, with what may stand before them.
func HostileCells() (all []string) {
	for _, run := range []string{"=1+1", "+1+1", "-1+1", "@SUM(1)", "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://x.example\",\"y\")", "＝1+1", "＋1", "－1", "＠SUM(1)",
		"|calc", "%0A=1", "=DDE(\"cmd\";\"/C calc\";\"x\")", "=WEBSERVICE(\"http://x.example\")", "+5491155500101", "-2+3+cmd|' /C calc'!E1"} {
		for _, before := range []string{"", " ", "\t", "\r", "\n", "\r\n", "\u00a0", "\u200b", "\u202e", "\x00", "'", "\"", ";", ","} {
			all = append(all, before+run)
		}
	}
	return append(all, "'=1+1", "''=1", "\"=1+1\"", "\"\"\"=1", "a\"b", "a,b", "a;b", "dos\nlíneas", "dos\r\nlíneas", "x\ry", "tab\tin", " leading", "trailing ", "  ", "'", "\"",
		"_x0041_", "_x005F_", "_x003D_1+1", "_x000D_", "\x01\x02\x1b", "\x0b=1", "\x7f=1", "\u0085=1", "\ufffe", "\uffff", "\xff\xfe", "a\xc3", "\u2028=1", "]]>", "<b>&amp;</b>", "<f>1+1</f>", "</t></is></c><c><f>1+1</f></c>",
		"5491155500101", "011 15-5550-0101", "00012", "1e5", "12E4", "1/2", "10-12", "12:30", "50%", "$5", "1.000,50", "123456789012345678", "3", "TRUE", "verdadero", "#REF!", "#N/A",
		"{=1+1}", "[1]A1", "R1C1", "A1", "Sheet1!A1", "=", "+", "-", "@", "==", "=-", "\u2212 1", "﹦1", "﹢1", "﹣1", "﹫A", "🙂", "\u202e=1", "é̂", "\u0000", strings.Repeat("=1+1;", 500))
}

// Computed reports whether a cell of CSV begins, for somebody, as a formula.
func Computed(cell string) bool {
	bare := strings.TrimLeftFunc(cell, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) })
	return bare != "" && strings.ContainsRune("=+-@|%＝＋－＠", []rune(bare)[0])
}

// TextCell is what CSV writes for a text.
func TextCell(s string) string { return textCell(s) }
