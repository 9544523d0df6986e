package rest

import (
	"fmt"
	"io"
	"log/slog"
)

// dots is what a Secret shows of itself.
const dots = "•••"

// Secret holds an API key so that it cannot be shown by accident: every verb of
// fmt, JSON, text encodings and slog print "•••", whichever way it is reached
// (the value sits behind a pointer because fmt does not ask unexported fields
// for their methods). The zero Secret is empty.
type Secret struct{ value *string }

// NewSecret keeps value.
func NewSecret(value string) Secret { return Secret{&value} }

// Reveal is the only way to the value; for the request header and the key
// store, nothing else.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether there is no key.
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// String is "•••".
func (s Secret) String() string { return dots }

// Format prints "•••" for every verb and flag.
func (s Secret) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, dots) }

// MarshalText gives "•••", and so does encoding/json.
func (s Secret) MarshalText() ([]byte, error) { return []byte(dots), nil }

// LogValue gives "•••" to slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(dots) }
