package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// value draws JSON text, with spaces anywhere and every kind of escape.
func value(t *rapid.T, deep int) string {
	pad := func() string { return rapid.SampledFrom([]string{"", "", "", " ", "\n\t"}).Draw(t, "space") }
	word := func() string {
		return rapid.SampledFrom([]string{`""`, `"a"`, `"ñandú"`, `"a\"b"`, `"\\"`, `"é\ud83d\ude00"`, `"{[,:]}"`, `"\ud800"`, "\"\xff\"", `"id"`, `"ID"`, `"i\u0064"`}).Draw(t, "word")
	}
	switch rapid.IntRange(0, 7).Draw(t, "kind") {
	case 0, 1:
		return word()
	case 2:
		return rapid.SampledFrom([]string{"0", "-1.5e+10", "12345678901234567890.10", "true", "false", "null"}).Draw(t, "literal")
	case 3, 4:
		if deep == 0 {
			return "[]"
		}
		var parts []string
		for range rapid.IntRange(0, 3).Draw(t, "elements") {
			parts = append(parts, pad()+value(t, deep-1)+pad())
		}
		return "[" + strings.Join(parts, ",") + "]"
	default:
		if deep == 0 {
			return "{ }"
		}
		var parts []string
		for range rapid.IntRange(0, 4).Draw(t, "members") {
			parts = append(parts, pad()+word()+pad()+":"+pad()+value(t, deep-1)+pad())
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
}

// What is found in a text is what encoding/json finds.
func TestScanAgreesWithJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(value(t, 4))
		var members map[string]json.RawMessage
		wrong := json.Unmarshal(text, &members)
		got := map[string]json.RawMessage{}
		err := Members(text, func(key, value []byte) error { got[string(key)] = value; return nil })
		if IsObject(text) && (err != nil || wrong != nil || !reflect.DeepEqual(got, members)) || !IsObject(text) && err == nil {
			t.Fatalf("members of %s: %q, %v; want %q", text, got, err, members)
		}
		var elements []json.RawMessage
		wrong = json.Unmarshal(text, &elements)
		list, err := Elements(text)
		if IsArray(text) && (err != nil || wrong != nil || !reflect.DeepEqual(list, elements)) || !IsArray(text) && err == nil {
			t.Fatalf("elements of %s: %q, %v; want %q", text, list, err, elements)
		}
		if !IsObject(text) {
			return
		}
		var want, have struct {
			ID    Word
			Other json.RawMessage `json:"a"`
		}
		_ = json.Unmarshal(text, &want)
		if err := Decode(text, []Field{{"id", &have.ID}, {"a", (*Raw)(&have.Other)}}); err != nil || have.ID != want.ID || !bytes.Equal(have.Other, want.Other) {
			t.Fatalf("%s: %+v, %v; want %+v", text, have, err, want)
		}
	})
}

// Text that is no JSON, or is cut anywhere, is never read beyond its end.
func TestScanOfBrokenText(t *testing.T) {
	whole := `{"a":[1,{"b\"":"c\\"},[ ]],"id" : "x" , "n":-1.5}`
	for n := range len(whole) {
		for _, tail := range []string{"", `"`, `\`, "}", "]", "\x00", ",", "{[\""} {
			text := []byte(whole[:n] + tail)
			err := Members(text, func(_, value []byte) error { _, _ = Elements(value); return nil })
			if err == nil && !json.Valid(text) && tail == "" {
				t.Errorf("%q passes for an object", text)
			}
			Lines(text, func(string) Part { return Take })
		}
	}
	for _, text := range []string{``, ` `, `{`, `[`, `{"a"}`, `{"a":}`, `{:1}`, `{1:1}`, `{"a":1}x`, `[1]]`, `[,]`, `[1,]`, `{"a":1,}`, `"a"`, `7`} {
		if err := Members([]byte(text), func(_, _ []byte) error { return nil }); err == nil {
			t.Errorf("%q passes for an object", text)
		}
		if _, err := Elements([]byte(text)); err == nil {
			t.Errorf("%q passes for an array", text)
		}
	}
}

// BenchmarkDecode is the reading of a row's fields by itself.
func BenchmarkDecode(b *testing.B) {
	row := fmt.Appendf(nil, `{"id":%q,"direction":"inbound","type":"text","content":{"body":"hola, quería saber si tienen turno"},"status":"delivered","createdAt":"2026-03-02T12:00:00.000Z"}`, "msg-1")
	for b.Loop() {
		var id, direction Word
		var at Stamp
		if err := Decode(row, []Field{{"id", &id}, {"direction", &direction}, {"createdAt", &at}}); err != nil || id != "msg-1" {
			b.Fatal(err)
		}
	}
}
