package inbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Fields of a conversation that can be changed from here.
const (
	FieldStatus    = "status"
	FieldAssignees = "assignees"
)

// ErrUnsupported: the platform lacks what was wished; an *UnsupportedError
// says what it has.
var ErrUnsupported = errors.New("not offered by this platform")

// UnsupportedError: a wish that the platform has no means for, and what it has
// instead.
type UnsupportedError struct {
	Provider ProviderName
	Field    string
	Word     string   // what was asked for
	Words    []string // the statuses that the platform takes; nil for assignees
}

func (e *UnsupportedError) Error() string {
	if e.Field == FieldAssignees {
		return e.Provider.Title() + " takes one assignee"
	}
	return fmt.Sprintf("%s has no status %q; it has %s", e.Provider.Title(), e.Word, strings.Join(e.Words, ", "))
}

// Unwrap is ErrUnsupported.
func (e *UnsupportedError) Unwrap() error { return ErrUnsupported }

// Supports reports, as an *UnsupportedError, what of a wish a platform lacks.
// The status is the provider's own word.
func Supports(p ProviderName, field, value string) error {
	switch field {
	case FieldStatus:
		if !slices.Contains(StatusWords(p), value) {
			return &UnsupportedError{Provider: p, Field: field, Word: value, Words: StatusWords(p)}
		}
	case FieldAssignees:
		if p == Waspy && len(RefsOf(value)) > 1 {
			return &UnsupportedError{Provider: p, Field: field, Word: value}
		}
	default:
		return &UnsupportedError{Provider: p, Field: field, Word: value}
	}
	return nil
}

// Irreversible reports whether a change cannot be taken back: Plática moves
// nothing out of expired (platica.md §10).
func Irreversible(p ProviderName, field, value string) bool {
	return p == Platica && field == FieldStatus && StatusOf(p, value) == Expired
}

// RefList is agent refs as one value that can be compared: a JSON array,
// sorted, each once. Assignees are a set: neither platform gives their order a
// meaning.
func RefList(refs []string) string {
	refs = slices.Compact(slices.Sorted(slices.Values(refs)))
	if len(refs) == 0 {
		return "[]"
	}
	b, err := json.Marshal(refs)
	if err != nil {
		return "[]" // strings always marshal
	}
	return string(b)
}

// RefsOf is the inverse of RefList; never nil.
func RefsOf(list string) []string {
	out := []string{}
	if json.Unmarshal([]byte(list), &out) != nil || out == nil {
		return []string{}
	}
	return out
}

// FieldOf is what a conversation says of a field, as wishes and the history of
// changes hold it: the provider's own word, or a RefList.
func (c *Conversation) FieldOf(field string) string {
	if field == FieldAssignees {
		return RefList(c.Assignees)
	}
	return c.StatusWord
}
