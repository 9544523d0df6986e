package rest

import (
	"bytes"
	"slices"
	"strings"
)

// Part says what a key of a message's content is to a reader.
type Part int

// Parts.
const (
	Enter Part = iota // not words itself, may hold some
	Take              // words
	Skip              // nothing below it is this message's words
)

// Lines collects, in the order received, the texts that content carries under
// the keys a reader would read, at any depth; each once. The elements of an
// array are under the array's key, and a bare string under "".
func Lines(content []byte, part func(key string) Part) []string {
	var out []string
	words(content, part(""), part, &out)
	return out
}

// words adds the texts of a value that is itself of the given part.
func words(value []byte, here Part, part func(key string) Part, out *[]string) {
	switch first(value) {
	case '"':
		var text Word
		if here == Take && text.UnmarshalJSON(bytes.TrimSpace(value)) == nil {
			*out = AddLine(*out, string(text))
		}
	case '[':
		elements, _ := Elements(value)
		for _, element := range elements {
			words(element, here, part, out)
		}
	case '{':
		_ = Members(value, func(key, value []byte) error {
			below := Skip
			if here != Skip {
				below = part(string(key))
			}
			words(value, below, part, out)
			return nil
		})
	}
}

// AddLine appends a line that says something and is not there yet.
func AddLine(lines []string, line string) []string {
	line = strings.TrimSpace(line)
	if line == "" || slices.Contains(lines, line) {
		return lines
	}
	return append(lines, line)
}
