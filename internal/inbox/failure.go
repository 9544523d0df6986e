package inbox

import (
	"encoding/json"
	"strings"
)

// Failure is why a message could not be sent, in the words of the platform,
// where its object has any: errorMessage, which Waspy documents, or the errors
// that WhatsApp itself hands on. "" where it says nothing.
func (m Message) Failure() string {
	var said struct {
		ErrorMessage json.RawMessage   `json:"errorMessage"`
		Error        json.RawMessage   `json:"error"`
		Errors       []json.RawMessage `json:"errors"`
	}
	// One field of another type does not hide the others: what could be read is.
	_ = json.Unmarshal(m.Raw, &said)
	for _, each := range append([]json.RawMessage{said.ErrorMessage, said.Error}, said.Errors...) {
		if words := failureWords(each); words != "" {
			return words
		}
	}
	return ""
}

// failureWords reads a text, or what an object of an error says of itself.
func failureWords(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return strings.TrimSpace(text)
	}
	var of struct {
		Message json.RawMessage `json:"message"`
		Title   json.RawMessage `json:"title"`
	}
	if json.Unmarshal(raw, &of) != nil {
		return ""
	}
	for _, each := range []json.RawMessage{of.Message, of.Title} {
		if json.Unmarshal(each, &text) == nil && strings.TrimSpace(text) != "" {
			return strings.TrimSpace(text)
		}
	}
	return ""
}
