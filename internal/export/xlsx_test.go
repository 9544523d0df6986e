package export

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
	"unicode/utf16"
)

// TestSheets: rows that a sheet has no room for go on in the next, under the
// same head, and none is lost.
func TestSheets(t *testing.T) {
	var b bytes.Buffer
	x, err := NewXLSX(&b, []string{"head"}, "")
	if err != nil {
		t.Fatal(err)
	}
	x.most = 3
	const rows = "abcdefg"
	for _, r := range rows {
		if err := x.Write([]any{string(r)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	part := func(name string) string {
		f, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		text, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if n := strings.Count(part("xl/workbook.xml"), "<sheet "); n != 4 {
		t.Errorf("%d sheets", n)
	}
	for i, want := range []string{"ab", "cd", "ef", "g"} {
		text := part("xl/worksheets/sheet" + string(rune('1'+i)) + ".xml")
		got := ""
		for _, cell := range strings.Split(text, `<t xml:space="preserve">`)[1:] {
			value, _, _ := strings.Cut(cell, "<")
			got += value
		}
		if got != "head"+want {
			t.Errorf("sheet %d has %q", i+1, got)
		}
	}
}

// TestCut: a text is as long as a cell holds at most, and says where it ends.
func TestCut(t *testing.T) {
	for _, s := range []string{strings.Repeat("a", cellUnits), strings.Repeat("🙂", cellUnits/2), strings.Repeat("ñ", cellUnits)} {
		if got := cut(s); got != s {
			t.Errorf("%d units became %d", len(utf16.Encode([]rune(s))), len(utf16.Encode([]rune(got))))
		}
	}
	for _, s := range []string{strings.Repeat("a", cellUnits+1), strings.Repeat("🙂", cellUnits), strings.Repeat("a🙂", cellUnits)} {
		got := cut(s)
		if n := len(utf16.Encode([]rune(got))); n > cellUnits || n < cellUnits-2 || !strings.HasSuffix(got, "…") || !strings.HasPrefix(s, strings.TrimSuffix(got, "…")) {
			t.Errorf("%d units", n)
		}
	}
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA"} {
		if got := columnName(i); got != want {
			t.Errorf("column %d is %s, not %s", i, got, want)
		}
	}
}
