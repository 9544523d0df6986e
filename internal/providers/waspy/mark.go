package waspy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
)

// markVersion changes when the meaning of a field below does: an old mark is
// then refused and not misread.
const markVersion = 1

// What a mark may stand in.
const (
	kindList     = "list"
	kindStatus   = "status"
	kindFind     = "find"
	kindMessages = "messages"
)

// mark is what an inbox.Mark holds.
type mark struct {
	Version int    `json:"v"`
	Kind    string `json:"k"`
	Of      string `json:"of,omitempty"` // short hash of the status, text or conversation walked
	Cursor  string `json:"c,omitempty"`  // sent for the next page; empty: from the start
	// Seen holds short hashes of the last cursors, so that a list that goes
	// round in circles of a few pages is noticed.
	Seen []string `json:"s,omitempty"`
	// Pages holds short hashes of the ids of the last pages: a list may go
	// round in circles under cursors that are new each time.
	Pages []string `json:"p,omitempty"`
	// Ties counts messages before this page, by millisecond, as far as the
	// next may share theirs: a message's Seq goes on from here.
	Ties map[int64]int `json:"t,omitempty"`
}

const seenCursors = 4

func (m mark) mint() inbox.Mark {
	m.Version = markVersion
	text, err := json.Marshal(m)
	if err != nil {
		return nil // a struct of strings and numbers always marshals
	}
	return text
}

// turn is the mark of the page that cursor leads to, after one of these ids.
func (m mark) turn(op, cursor, ids string) (mark, error) {
	hash, page := short(cursor), short(ids)
	if slices.Contains(m.Seen, hash) || ids != "" && slices.Contains(m.Pages, page) {
		return mark{}, &providers.Error{Kind: providers.ErrFailing, Op: op, Err: errors.New("the list goes round in circles")}
	}
	next := mark{Kind: m.Kind, Of: m.Of, Cursor: cursor}
	next.Seen, next.Pages = latest(m.Seen, hash), latest(m.Pages, page)
	return next, nil
}

// latest adds one to the last few.
func latest(of []string, one string) []string {
	of = append(slices.Clone(of), one)
	return of[max(0, len(of)-seenCursors):]
}

// stands reports whether a mark is one of a status's list.
func stands(from inbox.Mark, word string) bool {
	var m mark
	return json.Unmarshal(from, &m) == nil && m.Kind == kindStatus && m.Of == short(word)
}

// readMark opens a mark that was minted for the same walk; nil gives start.
func readMark(op string, from inbox.Mark, start mark) (mark, error) {
	if len(from) == 0 {
		return start, nil
	}
	var m mark
	if json.Unmarshal(from, &m) != nil || m.Version != markVersion || m.Kind != start.Kind || m.Of != start.Of {
		return mark{}, &providers.Error{Kind: providers.ErrMarkRefused, Op: op, Err: errors.New("the bookmark is not one of this walk or version")}
	}
	return m, nil
}

// short is a hash that tells things apart without giving them away.
func short(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}
