package platica

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
)

// markVersion changes when the meaning of a field below does: an old mark is
// then refused and not misread.
const markVersion = 1

// What a mark may stand in.
const (
	kindNewest   = "newest"
	kindSweep    = "sweep"
	kindMessages = "messages"
)

// mark is what an inbox.Mark holds.
type mark struct {
	Version int    `json:"v"`
	Kind    string `json:"k"`
	Offset  int    `json:"o,omitempty"` // of the page it stands before
	Step    int    `json:"n,omitempty"` // how far behind the page before begins

	// Tails holds, by workspace, what the page before ended with.
	Tails map[string]tail `json:"t,omitempty"`
	// Seek says that the walk has gone back: the page need not begin with the
	// tails, only hold something of them.
	Seek bool `json:"b,omitempty"`

	Same string `json:"s,omitempty"` // hash of the page before

	Misses   int `json:"m,omitempty"`  // pages that did not fit at MissedAt
	MissedAt int `json:"ma,omitempty"` // an offset
	Restarts int `json:"r,omitempty"`
}

// tail is the end of a page in one workspace.
type tail struct {
	IDs    []string `json:"i,omitempty"` // short hashes
	Expect int      `json:"e,omitempty"` // rows that the next page must find among them
	More   bool     `json:"h,omitempty"`
}

func (m mark) mint() inbox.Mark {
	m.Version = markVersion
	text, err := json.Marshal(m)
	if err != nil {
		return nil // a struct of strings and numbers always marshals
	}
	return text
}

// readMark opens a mark that was minted for the same walk; nil gives start.
func readMark(op string, from inbox.Mark, start mark) (mark, error) {
	if len(from) == 0 {
		return start, nil
	}
	var m mark
	if json.Unmarshal(from, &m) != nil || m.Version != markVersion || m.Kind != start.Kind || m.Offset < 0 || m.Step < 0 {
		return mark{}, &providers.Error{Kind: providers.ErrMarkRefused, Op: op, Err: errors.New("the bookmark is not one of this walk or version")}
	}
	return m, nil
}

// short is a hash that tells things apart without giving them away.
func short(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}
