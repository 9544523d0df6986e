package rest

import (
	"bytes"
	"encoding/json"
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
func Lines(content json.RawMessage, part func(key string) Part) []string {
	if len(content) == 0 || !json.Valid(content) {
		return nil
	}
	type level struct {
		object, key bool // in an object; a key is next
		part        Part
		inherited   Part
	}
	var out []string
	stack := []level{{part: part("")}}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if err != nil {
			return out
		}
		top := &stack[len(stack)-1]
		if text, isString := token.(string); isString && top.object && top.key {
			top.key = false
			top.part = part(text)
			if top.inherited == Skip {
				top.part = Skip
			}
			continue
		}
		if delim, isDelim := token.(json.Delim); isDelim && (delim == '}' || delim == ']') {
			stack = stack[:len(stack)-1]
			continue
		}
		here := top.part
		if top.object {
			top.key = true
		}
		switch value := token.(type) {
		case json.Delim:
			stack = append(stack, level{object: value == '{', key: value == '{', part: here, inherited: here})
		case string:
			if here == Take {
				out = AddLine(out, value)
			}
		}
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
