package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// A reply is checked to be JSON once, as a whole; these functions then find
// their way in it without parsing it again. What they give are parts of the
// text they were given, not copies. Text that is no JSON is an error or gives
// nothing sensible; it is never read beyond its end.

var errText = errors.New("not the JSON it should be")

// Raw is a value as it is written, not looked into.
type Raw []byte

// UnmarshalJSON keeps the text, not a copy of it.
func (r *Raw) UnmarshalJSON(raw []byte) error {
	*r = raw
	return nil
}

// Field is a member that Decode looks for and what it is read into.
type Field struct {
	Name string
	Into json.Unmarshaler
}

// Decode reads the members of an object as encoding/json does: a name counts
// in any case of letters where it does not fit exactly, and of several members
// of one name the last one counts.
func Decode(object []byte, fields []Field) error {
	return Members(object, func(key, value []byte) error {
		into := -1
		for i := range fields {
			if string(key) == fields[i].Name {
				into = i
				break
			}
			if into < 0 && len(key) == len(fields[i].Name) && strings.EqualFold(string(key), fields[i].Name) {
				into = i
			}
		}
		if into < 0 {
			return nil
		}
		return fields[into].Into.UnmarshalJSON(value)
	})
}

// Members gives the members of an object in their order, until take fails.
func Members(object []byte, take func(key, value []byte) error) error {
	i := space(object, 0)
	if i == len(object) || object[i] != '{' {
		return errText
	}
	i = space(object, i+1)
	if i < len(object) && object[i] == '}' {
		return end(object, i+1)
	}
	for {
		from := i
		if i = past(object, i); i < 0 || object[from] != '"' {
			return errText
		}
		key := unquote(object[from:i])
		if i = space(object, i); i == len(object) || object[i] != ':' {
			return errText
		}
		from = space(object, i+1)
		if i = past(object, from); i < 0 {
			return errText
		}
		if err := take(key, object[from:i]); err != nil {
			return err
		}
		if i = space(object, i); i == len(object) {
			return errText
		}
		switch object[i] {
		case '}':
			return end(object, i+1)
		case ',':
			i = space(object, i+1)
		default:
			return errText
		}
	}
}

// Elements gives the elements of an array.
func Elements(array []byte) (out []json.RawMessage, err error) {
	i := space(array, 0)
	if i == len(array) || array[i] != '[' {
		return nil, errText
	}
	i = space(array, i+1)
	if i < len(array) && array[i] == ']' {
		return []json.RawMessage{}, end(array, i+1)
	}
	for {
		from := i
		if i = past(array, i); i < 0 {
			return nil, errText
		}
		out = append(out, array[from:i:i])
		if i = space(array, i); i == len(array) {
			return nil, errText
		}
		switch array[i] {
		case ']':
			return out, end(array, i+1)
		case ',':
			i = space(array, i+1)
		default:
			return nil, errText
		}
	}
}

// end reports whether nothing but space follows.
func end(text []byte, i int) error {
	if space(text, i) != len(text) {
		return errText
	}
	return nil
}

// space is the place of the first byte from i on that is none.
func space(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r') {
		i++
	}
	return i
}

// past is the place behind the value at i, -1 where there is no whole one.
func past(text []byte, i int) int {
	if i >= len(text) {
		return -1
	}
	switch text[i] {
	case '"':
		return pastString(text, i)
	case '{', '[':
		return pastNested(text, i)
	}
	from := i
	for i < len(text) && strings.IndexByte(" \t\r\n,:]}\"[{", text[i]) < 0 {
		i++
	}
	if i == from {
		return -1
	}
	return i
}

func pastString(text []byte, i int) int {
	for i++; i < len(text); {
		quote := bytes.IndexByte(text[i:], '"')
		if quote < 0 {
			return -1
		}
		escape := bytes.IndexByte(text[i:i+quote], '\\')
		if escape < 0 {
			return i + quote + 1
		}
		i += escape + 2
	}
	return -1
}

func pastNested(text []byte, i int) int {
	for deep := 0; i < len(text); {
		switch text[i] {
		case '"':
			if i = pastString(text, i); i < 0 {
				return -1
			}
			continue
		case '{', '[':
			deep++
		case '}', ']':
			if deep--; deep == 0 {
				return i + 1
			}
		}
		i++
	}
	return -1
}

// unquote is the text of a string with its quotes.
func unquote(quoted []byte) []byte {
	if plain(quoted) {
		return quoted[1 : len(quoted)-1]
	}
	var text string
	if json.Unmarshal(quoted, &text) != nil {
		return nil
	}
	return []byte(text)
}

// plain reports whether a quoted string says what is written between its
// quotes: no escapes, and UTF-8 throughout.
func plain(quoted []byte) bool {
	if len(quoted) < 2 || quoted[0] != '"' || quoted[len(quoted)-1] != '"' {
		return false
	}
	for _, b := range quoted[1 : len(quoted)-1] {
		if b == '\\' || b == '"' || b < ' ' {
			return false
		}
	}
	return utf8.Valid(quoted)
}
