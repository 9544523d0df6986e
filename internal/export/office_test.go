package export_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"bandeja/internal/export"
	"bandeja/internal/inbox"
)

// TestOffice has LibreOffice open both kinds of table, full of hostile cells,
// and read them aloud: no cell is a formula, and each text is as it was
// written. It wants LibreOffice, which takes long to install: `make office`.
func TestOffice(t *testing.T) {
	if os.Getenv("BANDEJA_OFFICE") == "" {
		t.Skip("make office")
	}
	texts := export.HostileCells()
	k := talk{account: "ventas", provider: inbox.Waspy, id: "c", name: "=1+1", phone: "+5491155500101"}
	for i, text := range texts {
		k.messages = append(k.messages, inbox.Message{ID: fmt.Sprint("-", i), Direction: inbox.In, Kind: inbox.Text, Text: text, At: at.Add(time.Duration(i) * time.Second)})
	}
	c := copied(t, k)
	dir := t.TempDir()
	for _, format := range []export.Format{export.FormatXLSX, export.FormatCSV} {
		file := filepath.Join(dir, "table."+string(format))
		if err := os.WriteFile(file, written(t, c, export.Job{Rows: export.Messages, Format: format}), 0o600); err != nil {
			t.Fatal(err)
		}
		formulas, rows := opened(t, dir, file, format)
		same := 0
		for i, text := range texts {
			want := shown(text)
			if format == export.FormatCSV {
				want = shown(export.TextCell(text))
			}
			if got := shown(rows[i+1][5]); got != want {
				t.Errorf("%s: %q is shown as %q", format, want, got)
			} else {
				same++
			}
		}
		t.Logf("%s: %d hostile cells, %d formulas, %d texts equal", format, len(texts), formulas, same)
		if formulas != 0 || len(rows) != len(texts)+1 {
			t.Errorf("%s: %d formulas, %d rows", format, formulas, len(rows))
		}
	}
}

// shown is a text as a document of LibreOffice can hold it: its XML has no
// controls, and one kind of line end.
func shown(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string([]rune(s)))
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, s)
}

// opened converts a table to LibreOffice's own flat XML and reads that.
func opened(t *testing.T, dir, file string, format export.Format) (formulas int, rows [][]string) {
	t.Helper()
	args := []string{"--headless", "-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--convert-to", "fods:OpenDocument Spreadsheet Flat XML", "--outdir", filepath.Join(dir, string(format))}
	if format == export.FormatCSV {
		args = append(args, "--infilter=CSV:44,34,UTF-8") // as somebody says in its dialog: comma, quote, UTF-8
	}
	if out, err := exec.CommandContext(t.Context(), "soffice", append(args, file)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	f, err := os.Open(filepath.Join(dir, string(format), "table.fods"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return cellsOf(t, f)
}

// cellsOf reads the cells of the first table of a flat document, and counts
// the formulas of all.
func cellsOf(t *testing.T, r io.Reader) (formulas int, rows [][]string) {
	t.Helper()
	var cell strings.Builder
	repeat, paragraphs, inText := 1, 0, false
	for d := xml.NewDecoder(r); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return formulas, rows
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "table-row":
				if attr(e, "number-rows-repeated") == "" {
					rows = append(rows, nil)
				}
			case "table-cell":
				cell.Reset()
				paragraphs, repeat = 0, number(attr(e, "number-columns-repeated"))
				if attr(e, "formula") != "" {
					formulas++
				}
			case "p":
				if paragraphs++; paragraphs > 1 {
					cell.WriteByte('\n')
				}
				inText = true
			case "s":
				cell.WriteString(strings.Repeat(" ", number(attr(e, "c"))))
			case "tab":
				cell.WriteByte('\t')
			case "line-break":
				cell.WriteByte('\n')
			}
		case xml.CharData:
			if inText {
				cell.Write(e)
			}
		case xml.EndElement:
			switch {
			case e.Name.Local == "p":
				inText = false
			case e.Name.Local == "table-cell" && len(rows) > 0 && repeat < 100:
				for range repeat {
					rows[len(rows)-1] = append(rows[len(rows)-1], cell.String())
				}
			}
		}
	}
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 1
	}
	return n
}
