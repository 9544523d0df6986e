package export

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// What a sheet and a cell of a spreadsheet hold, by Microsoft's
// "Excel specifications and limits".
const (
	sheetRows = 1 << 20 // the head included
	cellUnits = 32767   // UTF-16
)

// XLSX writes a table row by row as a workbook of Office Open XML (ECMA-376),
// as it goes: what it keeps in memory does not grow with the rows. Every text
// is an inline string of the text format, which no program takes for a formula
// or a number, even when a person edits it; numbers are numbers, and times are
// dates. Rows that a sheet has no room for go on in the next, under the same
// head. Close ends it.
//
// It is written here and not by a library: excelize, the one there is, keeps
// the packed file in memory, copies what it writes into files of the system's
// temporary folder, and loses control characters.
type XLSX struct {
	zip   *zip.Writer
	sheet *bufio.Writer // nil between sheets
	head  []string
	most  int // rows of a sheet
	row   int // the last written of this sheet
	names int // sheets begun
}

// NewXLSX begins a workbook on w with its columns. What a zip file says at its
// end about itself is comment.
func NewXLSX(w io.Writer, head []string, comment string) (*XLSX, error) {
	x := &XLSX{zip: zip.NewWriter(w), head: head, most: sheetRows}
	x.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	if err := x.zip.SetComment(comment); err != nil {
		return nil, err
	}
	for _, p := range [][2]string{{"[Content_Types].xml", contentTypes}, {"_rels/.rels", packageRels}, {"docProps/app.xml", appProps}, {"xl/styles.xml", styles}} {
		if err := x.part(p[0], p[1]); err != nil {
			return nil, err
		}
	}
	return x, x.begin()
}

// part writes a whole part of the package.
func (x *XLSX) part(name, text string) error {
	w, err := x.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, xmlHead+text)
	return err
}

// begin begins the next sheet with its head.
func (x *XLSX) begin() error {
	x.names++
	w, err := x.zip.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("xl/worksheets/sheet%d.xml", x.names), Method: zip.Deflate})
	if err != nil {
		return err
	}
	x.sheet, x.row = bufio.NewWriterSize(w, 1<<16), 0
	_, _ = x.sheet.WriteString(xmlHead + sheetHead)
	cells := make([]any, len(x.head))
	for i, h := range x.head {
		cells[i] = h
	}
	return x.cells(cells, styleHead)
}

// end ends the sheet that is open.
func (x *XLSX) end() error {
	_, _ = x.sheet.WriteString("</sheetData></worksheet>")
	return x.sheet.Flush()
}

// Write writes one row: strings, integers and times, which are shown as their
// location's clock has them; nil is an empty cell.
func (x *XLSX) Write(row []any) error {
	if x.row == x.most {
		if err := errors.Join(x.end(), x.begin()); err != nil {
			return err
		}
	}
	return x.cells(row, styleText)
}

// cells writes a row whose texts have a style. A writer that failed fails again
// at its end, so only the last of a row's writes is asked.
func (x *XLSX) cells(row []any, style int) error {
	x.row++
	n := strconv.Itoa(x.row)
	w := x.sheet
	_, err := w.WriteString(`<row r="` + n + `">`)
	for i, v := range row {
		ref := columnName(i) + n
		switch v := v.(type) {
		case nil:
		case string:
			if v == "" {
				continue
			}
			fmt.Fprintf(w, `<c r="%s" s="%d" t="inlineStr"><is><t xml:space="preserve">`, ref, style)
			writeXML(w, cut(v))
			_, err = w.WriteString("</t></is></c>")
		case time.Time:
			fmt.Fprintf(w, `<c r="%s" s="%d"><v>`, ref, styleTime)
			_, _ = w.WriteString(strconv.FormatFloat(serial(v), 'f', -1, 64))
			_, err = w.WriteString("</v></c>")
		default:
			_, err = fmt.Fprintf(w, `<c r="%s"><v>%v</v></c>`, ref, v)
		}
	}
	if err == nil {
		_, err = w.WriteString("</row>")
	}
	return err
}

// Close ends the last sheet, and says which there are.
func (x *XLSX) Close() error {
	if err := x.end(); err != nil {
		return err
	}
	var sheets, rels strings.Builder
	for i := 1; i <= x.names; i++ {
		fmt.Fprintf(&sheets, `<sheet name="bandeja %d" sheetId="%d" r:id="rId%d"/>`, i, i, i)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, i, relations, i)
	}
	return errors.Join(
		x.part("xl/workbook.xml", `<workbook xmlns="`+spreadsheet+`" xmlns:r="`+relations+`"><sheets>`+sheets.String()+`</sheets></workbook>`),
		x.part("xl/_rels/workbook.xml.rels", `<Relationships xmlns="`+packaged+`">`+rels.String()+
			`<Relationship Id="rId0" Type="`+relations+`/styles" Target="styles.xml"/></Relationships>`),
		x.zip.Close())
}

// columnName is what a spreadsheet calls a column: A … Z, AA ….
func columnName(i int) string {
	name := ""
	for ; i >= 0; i = i/26 - 1 {
		name = string(rune('A'+i%26)) + name
	}
	return name
}

// serial is a clock's reading as days since the end of 1899, which is how a
// spreadsheet has it; it knows no time zones.
func serial(t time.Time) float64 {
	_, offset := t.Zone()
	days := float64(t.Unix()+int64(offset)-epoch) / (24 * 60 * 60)
	return math.Round(days*1e8) / 1e8
}

var epoch = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Unix()

// cut keeps a text within what a cell holds; one that is longer ends in "…".
func cut(s string) string {
	if len(s) <= cellUnits {
		return s
	}
	units := 0
	end := 0 // where the mark would still find room
	for i, r := range s {
		if units <= cellUnits-1 {
			end = i
		}
		if units += max(utf16.RuneLen(r), 1); units > cellUnits {
			return s[:end] + "…"
		}
	}
	return s
}

// writeXML writes a text as XML and as a cell has it: what XML cannot say is
// _xHHHH_ there, and so is the beginning of what would be read as that
// (ECMA-376, 22.9.2.19, ST_Xstring).
func writeXML(w *bufio.Writer, s string) {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '<':
			_, _ = w.WriteString("&lt;")
		case r == '>':
			_, _ = w.WriteString("&gt;")
		case r == '&':
			_, _ = w.WriteString("&amp;")
		case r == '_' && escaped(s[i:]):
			_, _ = w.WriteString("_x005F_")
		case r < ' ' && r != '\t' && r != '\n' || r == 0xfffe || r == 0xffff:
			fmt.Fprintf(w, "_x%04X_", r)
		default: // what is no UTF-8 is the mark for that
			_, _ = w.WriteRune(r)
		}
		i += n
	}
}

// escaped reports whether s begins as an escape does.
func escaped(s string) bool {
	if len(s) < 7 || s[1] != 'x' || s[6] != '_' {
		return false
	}
	_, err := strconv.ParseUint(s[2:6], 16, 16)
	return err == nil
}

// The styles of cells, by their place in cellXfs below.
const (
	styleText = 1
	styleTime = 2
	styleHead = 3
)

const (
	xmlHead     = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	spreadsheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relations   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packaged    = "http://schemas.openxmlformats.org/package/2006/relationships"

	// How many sheets there are is known at the end alone: a part is one unless
	// it is said to be something else.
	contentTypes = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>` +
		`<Override PartName="/docProps/app.xml" ContentType="application/vnd.openxmlformats-officedocument.extended-properties+xml"/></Types>`

	packageRels = `<Relationships xmlns="` + packaged + `"><Relationship Id="rId1" Type="` + relations + `/officeDocument" Target="xl/workbook.xml"/>` +
		`<Relationship Id="rId2" Type="` + relations + `/extended-properties" Target="docProps/app.xml"/></Relationships>`

	appProps = `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">` + application + `</Properties>`

	// application is how a workbook of ours is known.
	application = `<Application>Bandeja</Application>`

	styles = `<styleSheet xmlns="` + spreadsheet + `"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/></numFmts>` +
		`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/>` +
		`<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>` +
		`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`

	sheetHead = `<worksheet xmlns="` + spreadsheet + `"><sheetViews><sheetView workbookViewId="0">` +
		`<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>` +
		`<cols><col min="1" max="20" width="22" customWidth="1"/></cols><sheetData>`
)
