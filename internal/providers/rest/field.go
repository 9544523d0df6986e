package rest

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// The field types below never fail: missing, null, empty and a wrong type are
// alike, so that one odd field loses itself and not its row (platica.md §18.13,
// SYNC I15). The object as received is kept beside what is read from it.

// Word is a text field. A number or a boolean gives its own digits or letters.
type Word string

// UnmarshalJSON never fails.
func (w *Word) UnmarshalJSON(raw []byte) error {
	*w = ""
	var text string
	switch first(raw) {
	case '"':
		if plain(raw) {
			*w = Word(raw[1 : len(raw)-1])
		} else if json.Unmarshal(raw, &text) == nil {
			*w = Word(text)
		}
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 't', 'f':
		*w = Word(bytes.TrimSpace(raw))
	}
	return nil
}

// Refs is a list of references to somebody, each a word or an object that
// names one by id, email or name, the first that is there. A single one is a
// list of it; what names nobody is left out.
type Refs []string

// UnmarshalJSON never fails.
func (r *Refs) UnmarshalJSON(raw []byte) error {
	*r = references(raw, func(id, email, name Word) []Word { return []Word{id, email, name} })
	return nil
}

// Names is as Refs, for lists of e-mails and names: of an object its email,
// name or id.
type Names []string

// UnmarshalJSON never fails.
func (n *Names) UnmarshalJSON(raw []byte) error {
	*n = references(raw, func(id, email, name Word) []Word { return []Word{email, name, id} })
	return nil
}

func references(raw []byte, order func(id, email, name Word) []Word) (out []string) {
	var items []json.RawMessage
	if IsNull(raw) {
		return nil
	}
	if first(raw) != '[' {
		items = []json.RawMessage{raw}
	} else if json.Unmarshal(raw, &items) != nil {
		return nil
	}
	for _, item := range items {
		words := []Word{""}
		if first(item) == '{' {
			var object struct{ ID, Email, Name Word }
			_ = json.Unmarshal(item, &object)
			words = order(object.ID, object.Email, object.Name)
		} else {
			_ = words[0].UnmarshalJSON(item)
		}
		for _, word := range words {
			if word != "" {
				out = append(out, string(word))
				break
			}
		}
	}
	return out
}

// Stamp is a moment in RFC 3339 with any number of fraction digits, in UTC;
// zero where there is none or it cannot be read.
type Stamp struct {
	time.Time
	Text string // as written, for telling two unreadable ones apart
}

// UnmarshalJSON never fails.
func (s *Stamp) UnmarshalJSON(raw []byte) error {
	*s = Stamp{}
	var word Word
	_ = word.UnmarshalJSON(raw)
	s.Text = string(word)
	at, err := time.Parse(time.RFC3339Nano, strings.ToUpper(strings.TrimSpace(s.Text)))
	if err != nil {
		return nil
	}
	at = at.UTC()
	if year := at.Year(); year < 1 || year > 9999 {
		return nil // no calendar of ours, and no RFC 3339 to give it back in
	}
	s.Time = at
	return nil
}

// Count is a whole number of things, 0 or more, written as a number or as
// digits in a string.
type Count struct {
	N     int
	Known bool
}

// UnmarshalJSON never fails.
func (c *Count) UnmarshalJSON(raw []byte) error {
	*c = Count{}
	if kind := first(raw); kind == 't' || kind == 'f' {
		return nil
	}
	var word Word
	_ = word.UnmarshalJSON(raw)
	n, err := strconv.ParseFloat(strings.TrimSpace(string(word)), 64)
	if err == nil && n >= 0 && n <= math.MaxInt32 && n == math.Trunc(n) {
		*c = Count{N: int(n), Known: true}
	}
	return nil
}

// Flag is a yes or no, written as a boolean or as its word in a string.
type Flag struct{ Yes, Known bool }

// UnmarshalJSON never fails.
func (f *Flag) UnmarshalJSON(raw []byte) error {
	*f = Flag{}
	var word Word
	_ = word.UnmarshalJSON(raw)
	switch strings.ToLower(string(word)) {
	case "true":
		*f = Flag{Yes: true, Known: true}
	case "false":
		*f = Flag{Known: true}
	}
	return nil
}

// IsObject reports whether raw is a JSON object.
func IsObject(raw []byte) bool { return first(raw) == '{' }

// IsArray reports whether raw is a JSON array.
func IsArray(raw []byte) bool { return first(raw) == '[' }

// IsNull reports whether raw is null or nothing.
func IsNull(raw []byte) bool { kind := first(raw); return kind == 0 || kind == 'n' }

// first is the first byte of a JSON value, which tells its type; 0 for none.
func first(raw []byte) byte {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	if len(raw) == 0 {
		return 0
	}
	return raw[0]
}
