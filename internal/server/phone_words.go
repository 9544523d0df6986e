package server

import (
	"strings"

	"bandeja/internal/phone"
	"bandeja/internal/words"
)

// phoneReason says in the reader's language what was made of a written number,
// or why it is none.
func phoneReason(w words.Words, n phone.Number) string {
	var parts []string
	for _, code := range n.ReasonCodes() {
		parts = append(parts, w.T("phone."+code))
	}
	return strings.Join(parts, "; ")
}
