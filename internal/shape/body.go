package shape

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
)

// bodyLimit is more than any change needs.
const bodyLimit = 64 << 10

// Body reads a request's JSON object by its members. known are those that the
// route has.
//
// Errors: a *Problem that names the body where it is empty, too big or no
// object, else the member that is not known or comes twice.
func Body(w http.ResponseWriter, r *http.Request, known ...string) (map[string]json.RawMessage, error) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		return nil, Bad("body", "must be no longer than 65536 bytes")
	case err != nil:
		return nil, Bad("body", "could not be read")
	}
	return Members(raw, known...)
}

// Members are those of a JSON object, each known and none twice. Errors are
// Body's.
func Members(raw []byte, known ...string) (map[string]json.RawMessage, error) {
	notObject := Bad("body", "must be a JSON object")
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, notObject
	}
	out := map[string]json.RawMessage{}
	var wrong error
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return nil, notObject
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, notObject
		}
		_, twice := out[name]
		switch {
		case wrong != nil:
		case !slices.Contains(known, name):
			wrong = Bad(printable(name), "is not a member that can be changed")
		case twice:
			wrong = Bad(name, "must be given once")
		}
		out[name] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, notObject
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, notObject
	}
	return out, wrong
}

// IsNull reports whether a member is JSON's null.
func IsNull(raw json.RawMessage) bool { return bytes.Equal(bytes.TrimSpace(raw), []byte("null")) }

// Member is one of an object, to be written into it.
type Member struct {
	Name  string
	Value json.RawMessage
}

// With writes members over those of an object, or behind them; all else stays as
// it is written, its numbers too. What is no object comes back unchanged.
func With(object json.RawMessage, over ...Member) json.RawMessage {
	if len(over) == 0 {
		return object
	}
	d := json.NewDecoder(bytes.NewReader(object))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return object
	}
	out := make([]byte, 0, len(object)+64)
	written := make([]bool, len(over))
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return object
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return object
		}
		if i := slices.IndexFunc(over, func(m Member) bool { return m.Name == name }); i >= 0 {
			value, written[i] = over[i].Value, true
		}
		out = appendMember(out, name, value)
	}
	for i, m := range over {
		if !written[i] {
			out = appendMember(out, m.Name, m.Value)
		}
	}
	if len(out) == 0 {
		return object
	}
	return append(out, '}')
}

func appendMember(to []byte, name string, value json.RawMessage) []byte {
	sep := byte(',')
	if len(to) == 0 {
		sep = '{'
	}
	to = append(append(to, sep), Quote(name)...)
	return append(append(to, ':'), value...)
}

// Quote is any value as JSON; what cannot be is null.
func Quote(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return json.RawMessage("null")
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
