package profile

import (
	"errors"

	"bandeja/internal/cache"
	"bandeja/internal/providers"
)

// What a command over a profile can fail with, beyond the kinds of providers
// and cache.
var (
	// ErrUsage: what was asked for makes no sense; the sentence says why.
	ErrUsage = errors.New("bad usage")
	// ErrNoAccount: no account of that name.
	ErrNoAccount = errors.New("no such account")
	// ErrExists: an account of that name is there already.
	ErrExists = errors.New("an account of this name exists already")
	// ErrKeychain: the system's keychain could not be used.
	ErrKeychain = errors.New("the system's keychain cannot be used")
	// ErrNoKey: the account has no key where it should be.
	ErrNoKey = errors.New("the account's key is not there")
	// ErrIncomplete: done in part; running again goes on.
	ErrIncomplete = errors.New("incomplete")
)

type kind struct {
	name string
	err  error
}

// kinds are the failures that keep their kind when an owner does a command for
// another process. Where an error is of several, the first one counts.
func kinds() []kind {
	return []kind{
		{"usage", ErrUsage}, {"no_account", ErrNoAccount}, {"exists", ErrExists}, {"keychain", ErrKeychain}, {"no_key", ErrNoKey}, {"incomplete", ErrIncomplete},
		{"refused", providers.ErrRefused}, {"forbidden", providers.ErrForbidden}, {"unreachable", providers.ErrUnreachable},
		{"limited", providers.ErrLimited}, {"not_api", providers.ErrNotAPI}, {"failing", providers.ErrFailing}, {"rejected", providers.ErrRejected},
		{"disk_full", cache.ErrFull}, {"disk", cache.ErrDisk}, {"damaged", cache.ErrCorrupt}, {"read_only", cache.ErrReadOnly}, {"newer", cache.ErrNewer}, {"not_found", cache.ErrNotFound},
	}
}

// KindOf names an error's kind, "unexpected" where it has none.
func KindOf(err error) string {
	for _, k := range kinds() {
		if errors.Is(err, k.err) {
			return k.name
		}
	}
	return "unexpected"
}

// RemoteError is an error as it crosses from the owner.
type RemoteError struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
}

// restore makes it an error of its kind again; of a kind that this version does
// not know only the words are left.
func (e *RemoteError) restore() error {
	c := &carried{text: e.Message}
	for _, k := range kinds() {
		if k.name == e.Kind {
			c.kind = k.err
		}
	}
	return c
}

type carried struct {
	kind error // may be nil
	text string
}

func (c *carried) Error() string { return c.text }
func (c *carried) Unwrap() error { return c.kind }
