package rest_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"bandeja/internal/providers/rest"
)

type fields struct {
	Word  rest.Word
	Refs  rest.Refs
	Names rest.Names
	Stamp rest.Stamp
	Count rest.Count
	Flag  rest.Flag
}

func TestFields(t *testing.T) {
	for _, tt := range []struct {
		value string
		want  fields
	}{
		{`null`, fields{}},
		{`""`, fields{}},
		{`{}`, fields{}},
		{`[]`, fields{}},
		{`[[{}]]`, fields{}},
		{`"ana"`, fields{Word: "ana", Refs: rest.Refs{"ana"}, Names: rest.Names{"ana"}, Stamp: rest.Stamp{Text: "ana"}}},
		{`"12"`, fields{Word: "12", Refs: rest.Refs{"12"}, Names: rest.Names{"12"}, Stamp: rest.Stamp{Text: "12"}, Count: rest.Count{N: 12, Known: true}}},
		{`12`, fields{Word: "12", Refs: rest.Refs{"12"}, Names: rest.Names{"12"}, Stamp: rest.Stamp{Text: "12"}, Count: rest.Count{N: 12, Known: true}}},
		{`-1`, fields{Word: "-1", Refs: rest.Refs{"-1"}, Names: rest.Names{"-1"}, Stamp: rest.Stamp{Text: "-1"}}},
		{`1.5`, fields{Word: "1.5", Refs: rest.Refs{"1.5"}, Names: rest.Names{"1.5"}, Stamp: rest.Stamp{Text: "1.5"}}},
		{`true`, fields{Word: "true", Refs: rest.Refs{"true"}, Names: rest.Names{"true"}, Stamp: rest.Stamp{Text: "true"}, Flag: rest.Flag{Yes: true, Known: true}}},
		{`"False"`, fields{Word: "False", Refs: rest.Refs{"False"}, Names: rest.Names{"False"}, Stamp: rest.Stamp{Text: "False"}, Flag: rest.Flag{Known: true}}},
		{`{"id":"u1","email":"ana@ejemplo.ar"}`, fields{Refs: rest.Refs{"u1"}, Names: rest.Names{"ana@ejemplo.ar"}}},
		{`["ana","luz"]`, fields{Refs: rest.Refs{"ana", "luz"}, Names: rest.Names{"ana", "luz"}}},
		{`["a",null,{"email":"b@ejemplo.mx"},3,[],""]`, fields{Refs: rest.Refs{"a", "b@ejemplo.mx", "3"}, Names: rest.Names{"a", "b@ejemplo.mx", "3"}}},
	} {
		var got fields
		text := `{"Word":V,"Refs":V,"Names":V,"Stamp":V,"Count":V,"Flag":V}`
		if err := json.Unmarshal([]byte(strings.ReplaceAll(text, "V", tt.value)), &got); err != nil {
			t.Errorf("%s: %v", tt.value, err)
		}
		// A field must not write into the text that it reads: it is kept raw.
		for _, field := range []json.Unmarshaler{&got.Word, &got.Refs, &got.Names, &got.Stamp, &got.Count, &got.Flag} {
			raw := []byte(tt.value)
			if err := field.UnmarshalJSON(raw); err != nil || string(raw) != tt.value {
				t.Errorf("%T turned %s into %s (%v)", field, tt.value, raw, err)
			}
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %+v, want %+v", tt.value, got, tt.want)
		}
	}
}

func TestStamp(t *testing.T) {
	whole := time.Date(2026, 4, 13, 14, 32, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2026-04-13T14:32:00Z":           whole,
		"2026-04-13T14:32:00.000Z":       whole,
		"2026-04-13t14:32:00z":           whole,
		" 2026-04-13T11:32:00-03:00":     whole,
		"2026-04-13T14:32:00.5Z":         whole.Add(500 * time.Millisecond),
		"2026-04-13T14:32:00.123456789Z": whole.Add(123456789),
		"2026-04-13":                     {},
		"13/04/2026":                     {},
		"2026-02-30T00:00:00Z":           {},
		"0001-01-01T00:00:00Z":           {},
		"0001-01-01T00:00:00+05:00":      {},
		"9999-12-31T23:59:59-05:00":      {},
	} {
		var got rest.Stamp
		quoted, _ := json.Marshal(text)
		if err := json.Unmarshal(quoted, &got); err != nil || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%q is %v (%v), want %v", text, got.Time, err, want)
		}
	}
}

func TestLines(t *testing.T) {
	part := func(key string) rest.Part {
		switch key {
		case "", "text", "title":
			return rest.Take
		case "context":
			return rest.Skip
		}
		return rest.Enter
	}
	for content, want := range map[string][]string{
		`"hola"`: {"hola"},
		`" "`:    nil,
		`null`:   nil,
		`7`:      nil,
		`{"z":{"text":"uno"},"id":"no","list":[{"title":"dos"},{"title":"uno"}],"text":["tres",{"id":"no"}]}`: {"uno", "dos", "tres"},
		`{"context":{"text":"no","a":[{"text":"no"}]},"text":"sí","title":null}`:                              {"sí"},
		`["a",["b"]]`:     {"a", "b"},
		`{"text":"corta`:  nil,
		`{"text":{"x":1}`: nil,
	} {
		if got := rest.Lines(json.RawMessage(content), part); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", content, got, want)
		}
	}
}

// No field fails on any JSON, and what it reads it can read again.
func FuzzFields(f *testing.F) {
	for _, seed := range []string{`null`, `"x"`, `1e400`, `"9999999999"`, `[[1],{"id":{}}]`, `{"email":[]}`, `"2026-04-13T14:32:00.000Z"`, `"\ud800"`, `tru`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		_ = rest.Lines(raw, func(key string) rest.Part { return rest.Part(len(key) % 3) })
		var got fields
		text := []byte(`{"Word":` + string(raw) + `,"Refs":` + string(raw) + `,"Names":` + string(raw) + `,"Stamp":` + string(raw) + `,"Count":` + string(raw) + `,"Flag":` + string(raw) + `}`)
		if err := json.Unmarshal(text, &got); err != nil && json.Valid(text) {
			t.Fatalf("%s: %v", raw, err)
		}
		if year := got.Stamp.Year(); year < 1 || year > 9999 || got.Count.N < 0 {
			t.Fatalf("%s: %+v", raw, got)
		}
	})
}
