package export_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/export"
	"bandeja/internal/inbox"
	"bandeja/internal/words"
)

var zone = func() *time.Location {
	z, err := time.LoadLocation("America/Argentina/Buenos_Aires")
	if err != nil {
		panic(err)
	}
	return z
}()

// talk is a conversation with its messages, oldest first.
type talk struct {
	account  string
	provider inbox.ProviderName
	id       string
	name     string
	phone    string
	messages []inbox.Message
}

// copied is a cache of what was said.
func copied(t testing.TB, talks ...talk) *cache.Cache {
	t.Helper()
	c, err := cache.OpenCache(t.Context(), filepath.Join(t.TempDir(), "cache.db"), cache.ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	for _, k := range talks {
		if err := c.EnsureAccount(t.Context(), inbox.Account{Name: k.account, Provider: k.provider, Region: "AR", Area: "11"}); err != nil {
			t.Fatal(err)
		}
		conv := inbox.Conversation{ID: k.id, Channel: "line", Contact: "k" + k.id, Name: k.name, Phone: k.phone, Status: inbox.Open, StatusWord: "open",
			CreatedAt: at, ActiveAt: at, MessageCount: -1, Version: "1", Form: inbox.Listed, Raw: json.RawMessage(`{"id":` + strconv.Quote(k.id) + `}`)}
		if _, err := c.SaveConversations(t.Context(), k.account, inbox.Page[inbox.Conversation]{Items: []inbox.Conversation{conv}}, nil, 1); err != nil {
			t.Fatal(err)
		}
		if k.messages == nil {
			continue
		}
		for i := range k.messages {
			k.messages[i].Conversation, k.messages[i].Raw = k.id, json.RawMessage(`{"n":`+fmt.Sprint(i)+`}`)
		}
		if _, err := c.SaveMessages(t.Context(), k.account, []cache.Reading{{Conversation: k.id, Version: "1", Messages: k.messages}}); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// written is what a job writes.
func written(t testing.TB, c *cache.Cache, j export.Job) []byte {
	t.Helper()
	if j.Zone == nil {
		j.Zone = zone
	}
	j.Now, j.Words = at.Add(time.Hour), words.For(words.English)
	var b bytes.Buffer
	if err := j.Write(t.Context(), c, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sheet is a worksheet as ECMA-376 has it.
type sheet struct {
	Rows []struct {
		Cells []struct {
			Ref     string  `xml:"r,attr"`
			Type    string  `xml:"t,attr"`
			Style   int     `xml:"s,attr"`
			Formula *string `xml:"f"`
			Value   string  `xml:"v"`
			Text    string  `xml:"is>t"`
		} `xml:"c"`
	} `xml:"sheetData>row"`
}

// workbook reads every sheet of one, in the workbook's own order.
func workbook(t testing.TB, data []byte) (sheets []sheet) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	part := func(name string, into any) {
		f, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := xml.NewDecoder(f).Decode(into); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	for _, f := range z.File { // every part is XML
		part(f.Name, new(struct {
			XMLName xml.Name
		}))
	}
	var book struct {
		Sheets []struct{ Name string } `xml:"sheets>sheet"`
	}
	part("xl/workbook.xml", &book)
	for i := range book.Sheets {
		var s sheet
		part(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), &s)
		sheets = append(sheets, s)
	}
	return sheets
}

var escapes = regexp.MustCompile(`_x([0-9A-Fa-f]{4})_`)

// unescaped is a cell's text as a spreadsheet reads it (ST_Xstring).
func unescaped(s string) string {
	return escapes.ReplaceAllStringFunc(s, func(e string) string {
		n, _ := strconv.ParseUint(e[2:6], 16, 32)
		return string(rune(n))
	})
}

// TestHostileCells: whatever a customer writes, as a name or a message, is a
// text in a spreadsheet, the same text, and nothing is left to compute.
func TestHostileCells(t *testing.T) {
	texts := export.HostileCells()
	if len(texts) < 100 {
		t.Fatalf("only %d", len(texts))
	}
	k := talk{account: "ventas", provider: inbox.Waspy, id: "=1+1", name: texts[0], phone: "+5491155500101"}
	for i, text := range texts {
		k.messages = append(k.messages, inbox.Message{ID: fmt.Sprint("-", i), Direction: inbox.In, Kind: inbox.Text, Text: text, At: at.Add(time.Duration(i) * time.Second)})
	}
	c := copied(t, k)
	rows := workbook(t, written(t, c, export.Job{Rows: export.Messages, Format: export.FormatXLSX}))[0].Rows
	if len(rows) != len(texts)+1 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, row := range rows[1:] {
		got := ""
		for _, cell := range row.Cells {
			if cell.Formula != nil || cell.Type == "" && cell.Style != 2 || cell.Type != "" && (cell.Type != "inlineStr" || cell.Style != 1) {
				t.Errorf("%q: %+v", texts[i], cell)
			}
			if strings.HasPrefix(cell.Ref, "F") {
				got = unescaped(cell.Text)
			}
		}
		if want := string([]rune(texts[i])); got != want {
			t.Errorf("%q is %q in a workbook", want, got)
		}
	}
	body := string(written(t, c, export.Job{Rows: export.Messages, Format: export.FormatCSV}))
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
	if err != nil || len(lines) != len(texts)+1 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	for i, line := range lines[1:] {
		// The reader makes one line end of two; nothing but apostrophes is new.
		same := strings.NewReplacer("'", "", "\r\n", "\n", "\r", "\n")
		for _, part := range strings.FieldsFunc(line[5], func(r rune) bool { return strings.ContainsRune(";\t\n\r", r) }) {
			if bad := export.Computed(part); bad && !strings.HasPrefix(part, "- ") {
				t.Errorf("%q is %q in CSV", texts[i], line[5])
			}
		}
		if got, want := same.Replace(line[5]), same.Replace(texts[i]); got != want || export.Computed(line[5]) {
			t.Errorf("%q is %q in CSV", want, got)
		}
	}
	for i, head := range []string{"at (America/Argentina/Buenos_Aires)", "account"} {
		if lines[0][i] != head || rows[0].Cells[i].Text != head {
			t.Errorf("column %d is %q and %q", i, lines[0][i], rows[0].Cells[i].Text)
		}
	}
}

// TestCells: a phone is a text, a number a number, a time the clock's of the
// zone that the head names.
func TestCells(t *testing.T) {
	c := copied(t, talk{account: "ventas", provider: inbox.Waspy, id: "1", name: "Ñandú", phone: "5491155500101",
		messages: []inbox.Message{{ID: "m", Direction: inbox.In, Kind: inbox.Text, Text: "hola", At: at}}})
	cells := map[string]string{}
	rows := workbook(t, written(t, c, export.Job{Rows: export.Conversations, Format: export.FormatXLSX}))[0].Rows
	heads := map[string]string{}
	for _, cell := range rows[0].Cells {
		heads[strings.TrimRight(cell.Ref, "0123456789")] = cell.Text
	}
	for _, cell := range rows[1].Cells {
		cells[heads[strings.TrimRight(cell.Ref, "0123456789")]] = cell.Type + ":" + cell.Value + cell.Text
	}
	// 2026-03-04 05:06:07.089 in Buenos Aires, by LibreOffice.
	for head, want := range map[string]string{"name": "inlineStr:Ñandú", "phone": "inlineStr:5491155500101", "messages": ":1", "status": "inlineStr:open",
		"last_message_at (America/Argentina/Buenos_Aires)": ":46085.21258102", "gone": "inlineStr:false"} {
		if got := cells[head]; got[:min(len(got), 16)] != want[:min(len(want), 16)] {
			t.Errorf("%s is %q, want %q", head, got, want)
		}
	}
	body := string(written(t, c, export.Job{Rows: export.Conversations, Format: export.FormatCSV}))
	if !strings.HasPrefix(body, "\ufefflast_message_at (America/Argentina/Buenos_Aires),") || !strings.Contains(body, "\r\n2026-03-04 05:06:07,") || !strings.Contains(body, ",'5491155500101,") {
		t.Errorf("%s", body)
	}
	people := string(written(t, c, export.Job{Rows: export.People, Format: export.FormatCSV}))
	if !strings.Contains(people, ",'+5491155500101,'") {
		t.Errorf("%s", people)
	}
}

// TestVerify: a file is whole, or what is wrong with it is said, whichever byte
// is altered and wherever it is cut.
func TestVerify(t *testing.T) {
	c := copied(t, talk{account: "ventas", provider: inbox.Waspy, id: "1", name: "Ana", phone: "+5491155500101",
		messages: []inbox.Message{{ID: "m", Direction: inbox.In, Kind: inbox.Text, Text: "hola", At: at}}})
	for _, format := range export.Formats {
		t.Run(string(format), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a."+string(format))
			j := export.Job{Rows: export.Messages, Format: format, Zone: zone, Now: at, Words: words.For(words.English)}
			if err := (export.File{Path: path, Beside: !format.Carries()}).Write(func(w io.Writer) error { return j.Write(t.Context(), c, w) }); err != nil {
				t.Fatal(err)
			}
			if sum, err := export.Verify(path); err != nil || len(sum) != 64 {
				t.Fatalf("%q %v", sum, err)
			}
			whole, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			check := func(what string, data []byte) {
				if err := os.WriteFile(path, data, 0o600); err != nil {
					t.Fatal(err)
				}
				if _, err := export.Verify(path); err == nil || !wrong(err) && len(data) > 700 {
					t.Fatalf("%s: %v", what, err)
				}
			}
			step := max(len(whole)/300, 1)
			for i := 0; i < len(whole); i += step {
				altered := bytes.Clone(whole)
				altered[i] ^= 1
				check(fmt.Sprint("byte ", i), altered)
				if i > 0 {
					check(fmt.Sprint("cut at ", i), whole[:i])
				}
			}
			for i := range 80 { // the checksum itself, and what is around it
				altered := bytes.Clone(whole)
				altered[max(len(altered)-1-i, 0)] ^= 1
				check(fmt.Sprint("byte from the end ", i), altered)
			}
			check("more after it", append(bytes.Clone(whole), "more"...))
		})
	}
}
