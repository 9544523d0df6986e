package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// hostileText draws what a customer may send, with a good share of what a
// terminal obeys.
func hostileText() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOf(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"\x1b[2J", "\u009b31m", "\x7f", "\u202e", "\u2066", "\u2028", "\n", "ñ", "🧾", "\u0080", "\xc2", "\x9b"}))).Draw(t, "parts")
		return strings.Join(parts, "")
	})
}

func obeys(s string) bool {
	for _, r := range s {
		if obeyed(r) {
			return true
		}
	}
	return false
}

// TestHarmlessChangesNoValue: however it is cut into writes, what comes out is
// the same JSON, with nothing that a terminal obeys.
func TestHarmlessChangesNoValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.SliceOf(hostileText()).Draw(t, "value")
		var plain, out bytes.Buffer
		e := json.NewEncoder(&plain)
		e.SetEscapeHTML(false)
		if err := e.Encode(value); err != nil {
			t.Fatal(err)
		}
		in := plain.Bytes()
		w := &harmless{w: &out}
		for len(in) > 0 {
			n := rapid.IntRange(1, len(in)).Draw(t, "cut")
			if wrote, err := w.Write(in[:n]); wrote != n || err != nil {
				t.Fatal(wrote, err)
			}
			in = in[n:]
		}
		line, ended := strings.CutSuffix(out.String(), "\n")
		if !ended || obeys(line) {
			t.Fatalf("a terminal obeys %q", line)
		}
		var before, after []string
		if json.Unmarshal(plain.Bytes(), &before) != nil || json.Unmarshal([]byte(line), &after) != nil || strings.Join(before, "|") != strings.Join(after, "|") {
			t.Fatalf("%q became %q", before, after)
		}
	})
}

func TestOneLineIsOneLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := hostileText().Draw(t, "s")
		got := oneLine(s)
		if obeys(got) || !utf8.ValidString(got) || strings.ContainsAny(got, "\n\u2028\u2029") {
			t.Fatalf("%q became %q", s, got)
		}
	})
	for in, want := range map[string]string{"María\n¿qué?\tsí": "María ¿qué? sí", "👩\u200d🔧": "👩\u200d🔧", "\x1b[2Jx": "\ufffd[2Jx"} {
		if got := oneLine(in); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
}
