package waspy

import (
	"encoding/json"
	"strings"
	"testing"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// FuzzPosition: whatever is taken for a cursor is written as it was read, but for
// times that have another spelling.
func FuzzPosition(f *testing.F) {
	for _, seed := range []string{"", "|", "2026-04-13T14:32:00.000Z|conv-uuid", "|conv-uuid", "2026-04-13T14:32:00.000Z|", "2026-04-13T14:32|x", "1970-01-01T00:00:00.000Z|x", "a|b|c", "2026-04-13T14:32:00.000Z|a|b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, ok := parsePosition(text)
		if !ok {
			return
		}
		again, ok := parsePosition(p.String())
		if !ok || again != p {
			t.Errorf("%q is %+v, and that %q, which is %+v", text, p, p.String(), again)
		}
		if p.id == "" || !strings.HasSuffix(text, "|"+p.id) {
			t.Errorf("%q names %q", text, p.id)
		}
	})
}

// FuzzWanted: what is taken of a change is what the body said.
func FuzzWanted(f *testing.F) {
	for _, seed := range []string{`"open"`, `null`, `7`, `"me"`, `""`, `"spam"`, `{}`, `"a"`, `["a"]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if !json.Valid([]byte(raw)) {
			return // a member of a body that was read is
		}
		for _, p := range inbox.Providers {
			word, err := wantedStatus(json.RawMessage(raw), p)
			if (word == nil) == (err == nil) || word != nil && inbox.Supports(p, inbox.FieldStatus, *word) != nil {
				t.Errorf("status %s of %s: %v, %v", raw, p, word, err)
			}
		}
		refs, err := wantedAssignee(json.RawMessage(raw))
		if err == nil && (refs == nil || len(*refs) > 1 || len(*refs) == 1 && ((*refs)[0] == "" || (*refs)[0] == "me")) {
			t.Errorf("assignee %s: %v", raw, refs)
		}
	})
}

// FuzzSearch: whatever is searched is taken apart into a name that is folded and
// digits that every account has a part of, or none has.
func FuzzSearch(f *testing.F) {
	for _, seed := range []string{"", "garcía", "011 15", "+54 9 11", "ñ", "\x00", "٣٤٥", "()", "1234"} {
		f.Add(seed)
	}
	accounts := []inbox.Account{{Name: "a", Region: "AR", Area: "11"}, {Name: "m", Region: "MX"}}
	f.Fuzz(func(t *testing.T, text string) {
		s := newSearch(text, accounts)
		if (s == nil) != (text == "") {
			t.Fatalf("%q: %+v", text, s)
		}
		if s == nil {
			return
		}
		if cache.FoldName(s.Name) != s.Name || (s.Digits == "") != (s.Part == nil) || strings.Trim(s.Digits, "0123456789") != "" {
			t.Errorf("%q: %+v", text, s)
		}
		for _, a := range accounts {
			if s.Part != nil && strings.Trim(s.Part(a.Name), "0123456789") != "" {
				t.Errorf("%q of %s: %q", text, a.Name, s.Part(a.Name))
			}
		}
	})
}
