package export

import (
	"encoding/csv"
	"strings"
	"testing"
)

// TestWriteCSV: a spreadsheet shows what was written, and runs none of it.
func TestWriteCSV(t *testing.T) {
	for text, want := range map[string]string{
		"María, \"la\" de 9": "María, \"la\" de 9", "": "", "a=1": "a=1", "dos\nlíneas": "dos\nlíneas",
		"=1+1": "'=1+1", "+54 9": "'+54 9", "-1": "'-1", "@a": "'@a", " =1": "' =1", "\t=1": "'\t'=1", "a;=1": "a;'=1", "a\n- b\n-1": "a\n- b\n'-1", "x\ry": "x\ny", "00012": "'00012", "5491155500101": "'5491155500101", "2026-03-04": "2026-03-04", "7": "7", "\tx": "'\tx", "\u00a0=1": "'\u00a0=1", "＝1": "'＝1",
	} {
		var b strings.Builder
		if err := WriteCSV(&b, []string{text}, [][]any{{text}, {nil}, {-3}}); err != nil {
			t.Fatal(err)
		}
		body, ok := strings.CutPrefix(b.String(), "\ufeff")
		if !ok || !strings.HasSuffix(body, "\r\n") {
			t.Errorf("%q is written as %q", text, b.String())
		}
		r := csv.NewReader(strings.NewReader(body + "end\r\n"))
		r.FieldsPerRecord = -1
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if text == "" { // a line of one empty cell is an empty line
			continue
		}
		if rows[0][0] != want || rows[1][0] != want || !strings.Contains(body, "\r\n-3\r\n") {
			t.Errorf("%q comes back as %q", text, rows)
		}
	}
}
