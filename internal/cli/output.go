package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// print writes one JSON value to stdout, on a line of its own.
func (a *app) print(v any) error {
	e := json.NewEncoder(harmless{a.Stdout})
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// say tells a person something on stderr, unless they asked for quiet.
func (a *app) say(text string) {
	if !a.quiet {
		fmt.Fprintln(a.Stderr, oneLine(text))
	}
}

// tell writes a line of what was asked for to stdout.
func (a *app) tell(text string) error {
	_, err := fmt.Fprintln(a.Stdout, oneLine(text))
	return err
}

// terminal reports whether w is a screen that a person looks at.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}

// oneLine makes a text of customers and providers fit for a terminal: one
// line, with nothing in it that a terminal obeys, and nothing that turns what
// follows around.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r' || r == '\u2028' || r == '\u2029':
			return ' '
		case r < ' ' || r >= 0x7f && r < 0xa0, r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return '\ufffd'
		}
		return r
	}, s)
}

// harmless writes JSON with DEL and the C1 controls escaped, which JSON itself
// lets through and some terminals obey. As values nothing changes. What is
// written in one piece holds whole characters.
type harmless struct{ w io.Writer }

func (h harmless) Write(p []byte) (int, error) {
	out := p
	if bytes.IndexByte(p, 0x7f) >= 0 || bytes.IndexByte(p, 0xc2) >= 0 {
		out = make([]byte, 0, len(p)+16)
		for i := 0; i < len(p); i++ {
			switch {
			case p[i] == 0x7f:
				out = append(out, `\u007f`...)
			case p[i] == 0xc2 && i+1 < len(p) && p[i+1] >= 0x80 && p[i+1] < 0xa0:
				out = fmt.Appendf(out, `\u%04x`, p[i+1])
				i++
			default:
				out = append(out, p[i])
			}
		}
	}
	if _, err := h.w.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}
