// Package words is the one catalogue of what people read: the screen, the
// command line and the server's errors, in Spanish as Argentines and Mexicans
// speak it and in English.
//
// The JSON files are the catalogue. Keys are flat: those that begin with
// "cli.", "error.", "notify.", "phone.", "query.", "receipt." and "transcript." are for Go alone, the rest are the screen's,
// which reads the same files (frontend/src/words). es-MX.json holds only what differs from
// es-AR.json: vos becomes tú. A plural is a pair, "key.one" and "key.other".
package words

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// The languages, as the settings and `--lang` name them.
const (
	Argentina = "es-AR"
	Mexico    = "es-MX"
	English   = "en"
)

// Languages lists them in the order people are shown them.
func Languages() []string { return []string{Argentina, Mexico, English} }

//go:embed es-AR.json es-MX.json en.json
var files embed.FS

// Words is the catalogue in one language. The zero value has no sentence and
// answers every key with itself; make one with For and keep it.
type Words struct {
	lang  string
	texts map[string]string
}

// For reads the catalogue in a language, which may be any tag that Match
// takes. It parses the file: keep what it returns.
func For(lang string) Words {
	lang = Match(lang)
	w := Words{lang: lang, texts: map[string]string{}}
	if lang == Mexico {
		w.read(Argentina)
	}
	w.read(lang)
	return w
}

// read lays a file over what is there. The files are part of the program and
// the tests read them all, so one that cannot be read is not met; its keys
// would show as themselves.
func (w Words) read(lang string) {
	data, err := files.ReadFile(lang + ".json")
	if err != nil {
		return
	}
	texts := map[string]string{}
	if json.Unmarshal(data, &texts) != nil {
		return
	}
	for key, text := range texts {
		w.texts[key] = text
	}
}

// Lang is the language of w: es-AR, es-MX or en.
func (w Words) Lang() string { return w.lang }

// Has reports whether there is a sentence for key, plural or not.
func (w Words) Has(key string) bool {
	_, found := w.texts[key]
	_, plural := w.texts[key+".other"]
	return found || plural
}

// Keys are all keys of the catalogue, in order; those of plurals with their
// ending.
func (w Words) Keys() []string { return slices.Sorted(maps.Keys(w.texts)) }

// T is the sentence for key with args, name and value in turn, put in for its
// {name} placeholders:
//
//	w.T("account.reading", "done", 310, "total", 1240)
//
// Whole numbers are grouped as the language writes quantities; pass what is
// none (a port, a year) as a string. An argument named count chooses between
// "key.one" and "key.other". A key without a sentence is answered with itself,
// and a placeholder without an argument stays as it is: a gap that shows is
// better than a program that stops.
func (w Words) T(key string, args ...any) string {
	form := ".other"
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		name := fmt.Sprint(args[i])
		if n, whole := integer(args[i+1]); whole && name == "count" && n == 1 {
			form = ".one"
		}
		pairs = append(pairs, "{"+name+"}", w.write(args[i+1]))
	}
	text, found := w.texts[key]
	if !found {
		text, found = w.texts[key+form]
	}
	if !found {
		return key
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func (w Words) write(value any) string {
	if n, whole := integer(value); whole {
		return w.Number(n)
	}
	return fmt.Sprint(value)
}

// Number is n as the language writes quantities: 1.240 in Argentina, 1,240 in
// Mexico and in English.
func (w Words) Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	separator := ","
	if w.lang == Argentina {
		separator = "."
	}
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + separator + digits[at:]
	}
	return sign + digits
}

func integer(value any) (n int64, whole bool) {
	switch v := value.(type) {
	case int:
		return int64(v), true
	case int32:
		return int64(v), true
	case int64:
		return v, true
	}
	return 0, false
}

// Match chooses a language for a tag or a POSIX locale: "es-MX", "es_MX.UTF-8",
// "es". Spanish without a country is Argentina's (DESIGN §6), as is that of
// the neighbours who say vos; other Spanish is Mexico's, and everything else,
// "" and "C" too, is English.
func Match(tag string) string {
	tag, _, _ = strings.Cut(tag, ".")
	tag, _, _ = strings.Cut(tag, "@")
	parts := strings.FieldsFunc(strings.ToLower(tag), func(r rune) bool { return r == '-' || r == '_' })
	if len(parts) == 0 || parts[0] != "es" {
		return English
	}
	country := ""
	if len(parts) > 1 {
		country = parts[len(parts)-1]
	}
	switch country {
	case "", "ar", "uy", "py":
		return Argentina
	}
	return Mexico
}
