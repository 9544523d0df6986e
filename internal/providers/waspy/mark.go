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

// turn is the mark of the page that cursor leads to.
func (m mark) turn(op, cursor string) (mark, error) {
	hash := short(cursor)
	if slices.Contains(m.Seen, hash) {
		return mark{}, &providers.Error{Kind: providers.ErrFailing, Op: op, Err: errors.New("the list goes round in circles")}
	}
	next := mark{Kind: m.Kind, Of: m.Of, Cursor: cursor}
	next.Seen = append(slices.Clone(m.Seen), hash)
	if len(next.Seen) > seenCursors {
		next.Seen = next.Seen[len(next.Seen)-seenCursors:]
	}
	return next, nil
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
