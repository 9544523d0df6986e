package simulator

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"slices"
	"strings"
)

// malformation is a way in which a body is not the JSON that it should be; it
// is made of the true one.
type malformation struct {
	name string
	make func(body []byte) []byte
}

// deep is a nesting that exhausts a reader which recurses.
const deep = 100_000

var malformations = []malformation{
	{"truncated", func(b []byte) []byte { return b[:len(b)*2/3] }},
	{"trailing", func(b []byte) []byte { return append(b, "}]} <!-- cache -->"...) }},
	{"two_values", func(b []byte) []byte { return append(b, b...) }},
	{"duplicate_keys", func(b []byte) []byte {
		return bytes.Replace(b, []byte("{"), []byte(`{"data":7,"workspaces":"x","meta":null,`), 1)
	}},
	{"duplicate_ids", func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(`{"id":`), []byte(`{"id":"x","id":`)) }},
	{"deep", func([]byte) []byte { return []byte(strings.Repeat("[", deep) + strings.Repeat("]", deep)) }},
	{"deep_field", func(b []byte) []byte {
		return bytes.Replace(b, []byte("{"), []byte(`{"deep":`+strings.Repeat(`{"a":`, deep)+"1"+strings.Repeat("}", deep)+","), 1)
	}},
	{"nan", func(b []byte) []byte { return bytes.Replace(b, []byte("{"), []byte(`{"score":NaN,`), 1) }},
	{"infinity", func(b []byte) []byte { return bytes.Replace(b, []byte("{"), []byte(`{"score":-Infinity,`), 1) }},
	{"huge_number", func(b []byte) []byte {
		return bytes.Replace(b, []byte("{"), []byte(`{"score":1`+strings.Repeat("0", 5000)+`e999999,`), 1)
	}},
	// Our JSON has blanks in texts and names alone.
	{"invalid_utf8", func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(" "), []byte(" \xff\xfe\xed\xa0\x80")) }},
	{"lone_surrogate", func(b []byte) []byte {
		return bytes.Replace(b, []byte("{"), []byte(`{"note":"\ud800 \udc00\ud800",`), 1)
	}},
	{"control_bytes", func(b []byte) []byte { return bytes.Replace(b, []byte("{"), []byte("{\"note\":\"a\x00\x01\n\","), 1) }},
	{"bom", func(b []byte) []byte { return slices.Concat([]byte("\xef\xbb\xbf"), b) }},
	{"utf16", func(b []byte) []byte {
		out := []byte{0xff, 0xfe}
		for _, c := range b {
			out = append(out, c, 0)
		}
		return out
	}},
	{"single_quotes", func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(`"`), []byte(`'`)) }},
	{"comment", func(b []byte) []byte { return slices.Concat([]byte("// build 4411\n"), b) }},
	{"trailing_comma", func(b []byte) []byte { return append(b[:len(b)-1], ",}"...) }},
	{"null", func([]byte) []byte { return []byte("null") }},
	{"empty", func([]byte) []byte { return nil }},
	{"blank", func([]byte) []byte { return []byte(" \r\n\t ") }},
	{"array", func(b []byte) []byte { return slices.Concat([]byte("["), b, []byte("]")) }},
	{"string", func([]byte) []byte { return []byte(`"OK"`) }},
	{"number", func([]byte) []byte { return []byte("0") }},
	{"true", func([]byte) []byte { return []byte("true") }},
	{"empty_object", func([]byte) []byte { return []byte("{}") }},
	{"error_in_200", func([]byte) []byte { return []byte(`{"error":{"code":"INTERNAL","message":"boom"}}`) }},
	{"null_rows", func(b []byte) []byte { return rowsAs(b, "null") }},
	{"object_rows", func(b []byte) []byte { return rowsAs(b, `{"0":{}}`) }},
	{"null_row", func(b []byte) []byte { return rowsAs(b, "[null,7,\"x\",[],{}]") }},
}

// rowsAs replaces the rows of either API's page.
func rowsAs(body []byte, rows string) []byte {
	for _, path := range [][]string{{"data"}, {"workspaces", "0", "conversations"}} {
		if get(body, path...) == nil {
			continue
		}
		if changed, err := setMember(body, path, []byte(rows)); err == nil {
			return changed
		}
	}
	return body
}

// Malformed names the bodies of the fault "json".
func Malformed() []string {
	var names []string
	for _, m := range malformations {
		names = append(names, m.name)
	}
	return names
}

func changeJSON(_ *Office, a *answer, _ *ask, h *hit) {
	m := pick(&h.dice, malformations)
	if i := slices.IndexFunc(malformations, func(m malformation) bool { return m.name == h.Body }); i >= 0 {
		m = malformations[i]
	}
	a.body = m.make(slices.Clip(bytes.Clone(a.body)))
}

// bombBytes is what a bomb unpacks to where the rule says nothing.
const bombBytes = 64 << 20

// replyBomb answers with JSON of blanks that is packed about 1 to 1000.
func replyBomb(_ *Office, a *answer, _ *ask, h *hit) {
	size := h.Bytes
	if size <= 0 {
		size = bombBytes
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	blanks := bytes.Repeat([]byte(" "), 1<<20)
	_, _ = w.Write([]byte("{"))
	for left := size - 2; left > 0; left -= len(blanks) {
		_, _ = w.Write(blanks[:min(left, len(blanks))])
	}
	_, _ = w.Write([]byte("}"))
	_ = w.Close() // a bytes.Buffer takes everything
	a.w.Header().Set("Content-Encoding", "gzip")
	a.packed = true
	a.send(http.StatusOK, packed.Bytes())
}
