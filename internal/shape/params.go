package shape

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Params are the parameters of a request, each known and none twice.
type Params struct{ values url.Values }

// Query reads a request's parameters. known are those that the route has; one
// with a * at its end may come several times.
//
// Errors: a *Problem that names the first that is not known, comes twice, or is
// no text.
func Query(r *http.Request, known ...string) (Params, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return Params{}, Bad("query", "is not well-formed")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		several := slices.Contains(known, name+"*")
		switch {
		case !several && !slices.Contains(known, name):
			return Params{}, Bad(printable(name), "is not a parameter of this request")
		case !several && len(values[name]) > 1:
			return Params{}, Bad(name, "must be given once")
		}
		for _, v := range values[name] {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return Params{}, Bad(name, "must be text")
			}
		}
	}
	return Params{values}, nil
}

// printable is a name that somebody made up, fit to be said back.
func printable(name string) string {
	const longest = 40
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return '?'
		}
		return r
	}, name)
	if utf8.RuneCountInString(name) > longest {
		name = string([]rune(name)[:longest]) + "…"
	}
	if name == "" {
		return `""`
	}
	return name
}

// Text is a parameter's value, "" where it was not given.
func (p Params) Text(name string) string { return p.values.Get(name) }

// Has reports whether a parameter was given.
func (p Params) Has(name string) bool { return p.values.Has(name) }

// List is every value of a parameter, those with commas between taken apart,
// without blanks around them and without those that are empty.
func (p Params) List(name string) (out []string) {
	for _, v := range p.values[name] {
		for one := range strings.SplitSeq(v, ",") {
			if one = strings.TrimSpace(one); one != "" {
				out = append(out, one)
			}
		}
	}
	return out
}

// Number is a parameter that is a whole number within bounds; otherwise where it
// was not given.
func (p Params) Number(name string, otherwise, least, most int) (int, error) {
	if !p.Has(name) {
		return otherwise, nil
	}
	text := p.Text(name)
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most || strings.Trim(text, "0123456789") != "" {
		return 0, Bad(name, "must be a number from "+strconv.Itoa(least)+" to "+strconv.Itoa(most))
	}
	return n, nil
}

// Word is a parameter that is one of some words, or "".
func (p Params) Word(name string, words ...string) (string, error) {
	text := p.Text(name)
	if text != "" && !slices.Contains(words, text) {
		return "", Bad(name, "must be one of "+strings.Join(words, ", "))
	}
	return text, nil
}

// Path cuts a request's path after a prefix into its segments, each unescaped;
// ok is false where one cannot be. Segments such as .. are taken as they are: the
// path names no file.
func Path(r *http.Request, prefix string) (segments []string, ok bool) {
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), prefix)
	if !ok {
		return nil, false
	}
	for _, s := range strings.Split(strings.TrimPrefix(rest, "/"), "/") {
		s, err := url.PathUnescape(s)
		if err != nil || !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return nil, false
		}
		segments = append(segments, s)
	}
	return segments, true
}
