package export

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// WriteCSV writes a table as a spreadsheet program opens it: UTF-8 with a byte
// order mark, so that it shows accents, lines that end in CRLF, and no cell that
// it would take for a formula. nil is an empty cell.
func WriteCSV(w io.Writer, head []string, rows [][]any) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(textCells(head)); err != nil {
		return err
	}
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, v := range row {
			switch v := v.(type) {
			case nil:
			case string:
				cells[i] = textCell(v)
			default:
				cells[i] = fmt.Sprint(v)
			}
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func textCells(texts []string) []string {
	out := make([]string, len(texts))
	for i, s := range texts {
		out[i] = textCell(s)
	}
	return out
}

// textCell keeps a text from being a formula: an apostrophe before it is how a
// spreadsheet is told so. Blanks, and what some programs drop, may stand before
// the sign.
func textCell(s string) string {
	if rest := strings.TrimLeft(s, " \t\r\n\x00\u00a0\ufeff"); rest != "" && strings.ContainsRune("=+-@＝＋－＠|%", []rune(rest)[0]) || strings.HasPrefix(s, "\t") || strings.HasPrefix(s, "\r") {
		return "'" + s
	}
	return s
}
