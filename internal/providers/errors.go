package providers

import (
	"errors"
	"fmt"
	"time"
)

// Kinds of failure, for errors.Is. What to do differs by kind and by nothing
// else: texts and codes of providers are never branched on (waspy.md §3).
var (
	// ErrRefused: 401, the key is missing, wrong or revoked. Stop the account.
	ErrRefused = errors.New("key refused")
	// ErrForbidden: 403, the key lacks a scope.
	ErrForbidden = errors.New("key lacks access")
	// ErrNotFound: 404 for one object.
	ErrNotFound = errors.New("not found at the provider")
	// ErrMarkRefused: a cursor the provider or this version does not take.
	ErrMarkRefused = errors.New("bookmark refused")
	// ErrRejected: another 4xx: the request itself is wrong.
	ErrRejected = errors.New("request rejected")
	// ErrLimited: 429 after retries, or a Retry-After too long to wait out.
	ErrLimited = errors.New("rate limit")
	// ErrUnreachable: no connection, name, or reply in time.
	ErrUnreachable = errors.New("not reachable")
	// ErrFailing: 5xx after retries.
	ErrFailing = errors.New("provider failing")
	// ErrNotAPI: an answer that is not this API's: HTML, a portal, garbage, a
	// 404 for the API itself.
	ErrNotAPI = errors.New("not this API")
	// ErrUnsupported: the platform has no such call.
	ErrUnsupported = errors.New("not offered by this platform")
)

// Error is a failed request: a kind for the program, the facts for the person,
// a cause for the log. It never holds a key, a number or a message.
type Error struct {
	Kind      error     // one of the kinds above
	Op        string    // what was being done: "list conversations"
	Status    int       // HTTP status, 0 when there was none
	RequestID string    // the provider's, for its support
	Until     time.Time // ErrLimited: not before this time; zero where unknown
	Err       error     // the cause, may be nil
}

func (e *Error) Error() string {
	s := fmt.Sprintf("%s: %v", e.Op, e.Kind)
	if e.Status != 0 {
		s += fmt.Sprintf(" (HTTP %d)", e.Status)
	}
	if e.RequestID != "" {
		s += " [request " + e.RequestID + "]"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives errors.Is both the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// Temporary reports whether going on later may help.
func Temporary(err error) bool {
	return errors.Is(err, ErrLimited) || errors.Is(err, ErrUnreachable) || errors.Is(err, ErrFailing) || errors.Is(err, ErrNotAPI)
}
