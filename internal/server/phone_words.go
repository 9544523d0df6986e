package server

import (
	"slices"
	"strings"

	"bandeja/internal/phone"
	"bandeja/internal/words"
)

// plainReasons are true of every number of a country, and so say nothing of how
// one was written; of a person whose lines differ by them the join says it.
var plainReasons = []string{"same_line_9", "same_line_1", "same_line_ninth", "in_plan", "fixed_line"}

// phoneReason says in the reader's language what was made of a written number,
// or why it is none; "" where it is plain to see.
func phoneReason(w words.Words, n phone.Number) string {
	var parts []string
	for _, code := range n.ReasonCodes() {
		if !slices.Contains(plainReasons, code) {
			parts = append(parts, w.T("phone."+code))
		}
	}
	return strings.Join(parts, "; ")
}
