package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

// print writes one JSON value to stdout, on a line of its own.
func (a *app) print(v any) error {
	e := json.NewEncoder(&harmless{w: a.Stdout})
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
// line, with nothing in it that a terminal obeys.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r' || r == '\u2028' || r == '\u2029':
			return ' '
		case obeyed(r):
			return utf8.RuneError
		}
		return r
	}, s)
}

// obeyed reports whether a terminal does as r says, instead of showing it: the
// controls, and what turns the text after it around.
func obeyed(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// harmless writes JSON with what a terminal would obey escaped, where JSON
// itself lets it through. As values nothing changes.
type harmless struct {
	w    io.Writer
	rest []byte // the beginning of a character
}

func (h *harmless) Write(p []byte) (int, error) {
	in := append(h.rest, p...)
	out := make([]byte, 0, len(in)+64)
	for len(in) > 0 && utf8.FullRune(in) {
		r, n := utf8.DecodeRune(in)
		if r >= 0x7f && obeyed(r) {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = append(out, in[:n]...)
		}
		in = in[n:]
	}
	h.rest = slices.Clone(in)
	if _, err := h.w.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}
