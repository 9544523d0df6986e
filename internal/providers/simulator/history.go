package simulator

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Request is one request as the office got it and what became of it.
type Request struct {
	N int64 // the first is 1
	// Began and Ended are places in the one sequence of requests and events:
	// what has a Seq below Began was known to the reply, what has one above
	// Ended was not. Ended is 0 while the request is being answered.
	Began, Ended int64
	// At is when it came, Answered when its reply began, by the office's
	// clock.
	At, Answered time.Time
	Provider     string // "waspy", "platica"; "" outside both
	Kind         string // "list", "single", "phone", "messages", "patch"; "" for any other
	Conversation string // as the path names it
	Method       string
	Path, Query  string // as they were sent
	Key          string // whose key it bore: "waspy", "platica", "other", "none"
	Status       int    // 0 where no reply was begun
	RetryAfter   string
	Faults       []string // what was done to it, by the faults' kinds
	Wire         int      // bytes of the whole reply, where a wire fault sent it
}

// Event is one change of what the office holds.
type Event struct {
	Seq int64
	At  time.Time
	// Who is "hand" (the test's), "patch" (a client's), "drift", or "live".
	Who          string
	Provider     string
	Conversation string
	// Field is "status", "assignees", "operation", "tags", "topic", "name",
	// "window", "order", "message", "message.status", "message.text", "json" or "conversation".
	Field string
	// Before and After are the values, as words; assignees and tags are a
	// sorted JSON array. For "message" After is the new one's id, for
	// "message.…" both are "id value". For "conversation" they are "" (not
	// there), "there" or "gone".
	Before, After string
	Request       int64 // N of the request that did it, for "patch" and "drift"
}

// History is a copy of the office's log, in order.
type History struct {
	Requests []Request
	Events   []Event
}

// journal is the log in the making.
type journal struct {
	on       atomic.Bool
	mu       sync.Mutex // guards what follows; taken with Office.mu held, never before it
	seq      int64
	requests []*Request
	events   []Event
}

// History is what has happened so far; empty without Options.History.
func (o *Office) History() History {
	j := &o.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	h := History{Requests: make([]Request, 0, len(j.requests)), Events: slices.Clone(j.events)}
	for _, r := range j.requests {
		h.Requests = append(h.Requests, *r)
	}
	return h
}

// ForgetHistory empties the log; the sequence goes on.
func (o *Office) ForgetHistory() {
	j := &o.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	j.requests, j.events = nil, nil
}

// logRequest logs a request that has come; nil without Options.History.
func (o *Office) logRequest(q *ask) *Request {
	j := &o.journal
	if !j.on.Load() {
		return nil
	}
	r := &Request{N: q.n, At: o.Clock(), Provider: q.provider, Kind: q.kind, Conversation: q.conversation,
		Method: q.Method, Path: q.URL.EscapedPath(), Query: q.URL.RawQuery, Key: o.keyOf(q)}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seq++
	r.Began = j.seq
	j.requests = append(j.requests, r)
	return r
}

// logReply logs what the reply will be, before its first byte is sent: who has the
// reply finds the request in the history.
func (o *Office) logReply(r *Request, a *answer, faults []string) {
	if r == nil {
		return
	}
	j := &o.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seq++
	r.Ended, r.Answered = j.seq, o.Clock()
	r.Status, r.Faults, r.RetryAfter = a.status, faults, a.w.Header().Get("Retry-After")
}

// keyOf says whose key a request bears.
func (o *Office) keyOf(q *ask) string {
	switch {
	case q.Header.Get("Authorization") == "":
		return "none"
	case authorized(q.Request, o.WaspyKey()):
		return waspyName
	case authorized(q.Request, o.PlaticaKey()):
		return platicaName
	}
	return "other"
}

// note logs a change; one that changes nothing is none. It is called with mu
// held for writing.
func (o *Office) note(provider, conversation, field, before, after string) {
	j := &o.journal
	if before == after || !j.on.Load() {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seq++
	j.events = append(j.events, Event{Seq: j.seq, At: o.Clock(), Who: o.actor, Request: o.acting,
		Provider: provider, Conversation: conversation, Field: field, Before: before, After: after})
}

// act locks the office for changes by somebody, for request n (0: none).
func (o *Office) act(who string, n int64) (unlock func()) {
	o.mu.Lock()
	o.actor, o.acting = who, n
	return o.mu.Unlock
}

// words is a list as events tell it.
func words(list []string) string {
	sorted := slices.Sorted(slices.Values(list))
	if sorted == nil {
		sorted = []string{}
	}
	text, _ := json.Marshal(sorted) // strings always can be
	return string(text)
}

// Effects counts how often a PATCH that named a field took effect on a
// conversation, equal values included; a field is "status" or "assignees". It
// counts without Options.History, too.
func (o *Office) Effects(provider, conversation, field string) int {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.effects[strings.Join([]string{provider, conversation, field}, " ")]
}

// effect counts one. It is called with mu held for writing.
func (o *Office) effect(provider, conversation, field string) {
	if o.effects == nil {
		o.effects = map[string]int{}
	}
	o.effects[strings.Join([]string{provider, conversation, field}, " ")]++
}
