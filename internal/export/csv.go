package export

import (
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
	"unicode"
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

// clock is how a time is written: as every spreadsheet reads one, in whatever
// country it stands.
const clock = "2006-01-02 15:04:05"

// Write writes one row; a time is written as its location's clock has it, nil
// is an empty cell.
func (c *CSV) Write(row []any) error {
	cells := make([]string, len(row))
	for i, v := range row {
		switch v := v.(type) {
		case nil:
		case string:
			cells[i] = textCell(v)
		case time.Time:
			cells[i] = v.Format(clock)
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

// textCell keeps a text from being a formula, or a number that is shown as
// another (a telephone's, one with zeros before it): an apostrophe before it is
// how a spreadsheet is told so. Where a spreadsheet splits cells at semicolons,
// as those of Argentina do, the part after one is a cell, too.
func textCell(s string) string {
	s = lineEnds.Replace(s) // a lone return would be lost
	if strings.ContainsAny(s, ";\t\n") {
		s = partComputed.ReplaceAllString(s, "$1'$2")
	}
	bare := strings.TrimLeftFunc(s, unseen)
	switch {
	case bare != "" && strings.ContainsRune(computes, []rune(bare)[0]), strings.HasPrefix(s, "\t"),
		figures.MatchString(s) && !plainFigures.MatchString(s):
		return "'" + s
	}
	return s
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// computes are the signs by which a formula begins, with their wide forms.
const computes = "=+-@|%＝＋－＠﹦﹢﹣﹫\u2212"

// unseen are blanks and what some programs drop before they look.
func unseen(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

// partComputed finds the signs that a part of a text begins by. A dash with a
// blank after it is one of a list.
var partComputed = regexp.MustCompile(`([;\t\n][\s\p{Cc}\p{Cf}\p{Z}]*)([=@|%＝＋－＠﹦﹢﹣﹫−]|[+-]\S)`)

var (
	// figures are texts that a spreadsheet may read as a number, a date, a time.
	figures = regexp.MustCompile(`^[ \t]*[('$€.,]*[0-9][0-9., :/()eE$€%+-]*$`)
	// plainFigures come out of it as they went in: numbers that are short, and
	// days and times as the standard writes them.
	plainFigures = regexp.MustCompile(`^(0|[1-9][0-9]{0,10}|\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?)$`)
)
