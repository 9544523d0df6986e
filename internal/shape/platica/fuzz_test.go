package platica

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"bandeja/internal/inbox"
)

// FuzzDates: a filter that is taken covers whole days, the first not after the
// last.
func FuzzDates(f *testing.F) {
	for _, seed := range []string{`{"type":"specific","date":"2024-01-15"}`, `{"type":"range","startDate":"2024-01-01","endDate":"2024-01-31"}`, `{"type":"range","startDate":"2024-02-29","endDate":"2024-02-29"}`,
		`{}`, `[]`, `null`, `{"type":"specific","date":"0001-01-01"}`, `{"type":"specific","date":"9999-12-31"}`, `{"type":"specific","date":null}`, `{"type":"specific","date":"2024-01-15"}{}`} {
		f.Add(seed)
	}
	const day = int64(24 * time.Hour / time.Millisecond)
	f.Fuzz(func(t *testing.T, text string) {
		from, until, ok := readDates(text)
		if !ok {
			return
		}
		if !json.Valid([]byte(text)) || until <= from || (until-from)%day != 0 || from%day != 0 {
			t.Errorf("%q is %d to %d", text, from, until)
		}
	})
}

// FuzzWanted: what is taken of a change is what the body said.
func FuzzWanted(f *testing.F) {
	for _, seed := range []string{`"active"`, `null`, `["ana@example.com"]`, `[]`, `[null]`, `["me"]`, `{}`, `[7]`, `"open"`} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, status, owners string) {
		if !json.Valid([]byte(status)) || !json.Valid([]byte(owners)) {
			return // members of a body that was read are
		}
		word, refs, err := wanted(map[string]json.RawMessage{"status": json.RawMessage(status), "owners": json.RawMessage(owners)})
		if err != nil {
			return
		}
		if word == nil || inbox.Supports(inbox.Platica, inbox.FieldStatus, *word) != nil || refs == nil || slices.Contains(*refs, "") || slices.Contains(*refs, "me") {
			t.Errorf("%s, %s: %v, %v", status, owners, word, refs)
		}
	})
}
