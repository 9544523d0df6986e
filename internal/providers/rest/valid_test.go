package rest

import (
	"encoding/json"
	"strings"
	"testing"
)

var texts = []string{
	``, ` `, `null`, `nul`, `nulll`, `true`, `tru`, `false`, `False`, `0`, `-0`, `-`, `01`, `-01`, `1.`, `.1`, `1.5`, `1e5`, `1E+5`, `1e-`, `1e`, `1.5e10`, `+1`, `0x1`, `1 2`,
	`""`, `"`, `"a`, `"\"`, `"\""`, `"\u12"`, `"\u12g4"`, `"\u1234"`, `"\x"`, "\"\n\"", "\"\x1f\"", "\"\x7f\"", "\"\xff\"", `"ñ😀"`, `"\/\b\f\n\r\t\\"`,
	`{}`, `{ }`, `{`, `}`, `{"a":1}`, `{"a":1,}`, `{"a"}`, `{"a":}`, `{a:1}`, `{"a":1 "b":2}`, `{"a":1,"a":2}`, `{"a":{"b":[1,{"c":null}]}}`, `{1:2}`, `{,}`,
	`[]`, `[ ]`, `[`, `]`, `[1,2]`, `[1,]`, `[,1]`, `[1 2]`, `[[[]]]`, `[[]`, `[]]`, ` [ 1 , "a" , { "b" : [ ] } ] `, "\ufeff{}", "\u00a0{}", "{}\x00", "[1]\v",
	strings.Repeat("[", 9_999) + strings.Repeat("]", 9_999), strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001), strings.Repeat(`{"a":`, 10_001) + "1" + strings.Repeat("}", 10_001),
}

func TestValid(t *testing.T) {
	for _, text := range texts {
		if got, want := valid([]byte(text)), json.Valid([]byte(text)); got != want {
			t.Errorf("valid(%.40q) = %v, json.Valid says %v", text, got, want)
		}
		for cut := range min(len(text), 60) {
			if got, want := valid([]byte(text[:cut])), json.Valid([]byte(text[:cut])); got != want {
				t.Errorf("valid(%.40q) = %v, json.Valid says %v", text[:cut], got, want)
			}
		}
	}
}

func FuzzValid(f *testing.F) {
	for _, text := range texts {
		if len(text) < 1000 {
			f.Add([]byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if got, want := valid(text), json.Valid(text); got != want {
			t.Errorf("valid = %v, json.Valid says %v", got, want)
		}
	})
}

func BenchmarkValid(b *testing.B) {
	page := []byte("[" + strings.Repeat(`{"id":"b7c1","text":"Hola, quería saber si tienen turno para mañana","at":"2026-03-02T12:00:00.000Z","n":12.5,"ok":true,"media":null},`, 99) + `{}]`)
	for _, how := range []struct {
		name  string
		valid func([]byte) bool
	}{{"ours", valid}, {"encoding_json", json.Valid}} {
		b.Run(how.name, func(b *testing.B) {
			b.SetBytes(int64(len(page)))
			for b.Loop() {
				if !how.valid(page) {
					b.Fatal("not valid")
				}
			}
		})
	}
}
