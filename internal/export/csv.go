package export

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// CSV writes a table row by row as a spreadsheet program opens it: UTF-8 with a
// byte order mark, so that it shows accents, lines that end in CRLF, and no cell
// that it would take for a formula. Flush ends it.
type CSV struct {
	w *csv.Writer
}

// NewCSV begins a table on w with its columns.
func NewCSV(w io.Writer, head []string) (*CSV, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, err
	}
	c := &CSV{csv.NewWriter(w)}
	c.w.UseCRLF = true
	return c, c.w.Write(textCells(head))
}

// Write writes one row; nil is an empty cell.
func (c *CSV) Write(row []any) error {
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
	return c.w.Write(cells)
}

// Flush writes out what is buffered.
func (c *CSV) Flush() error {
	c.w.Flush()
	return c.w.Error()
}

// WriteCSV writes a whole table.
func WriteCSV(w io.Writer, head []string, rows [][]any) error {
	c, err := NewCSV(w, head)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := c.Write(row); err != nil {
			return err
		}
	}
	return c.Flush()
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
