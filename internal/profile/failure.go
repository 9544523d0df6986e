package profile

import (
	"errors"
	"slices"

	"bandeja/internal/backup"
	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/syncer"
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

// kinds are the failures that keep their kind when an owner does a command for
// another process. Where an error is of several, the first one counts.
func kinds() []syncer.Kind {
	return slices.Concat([]syncer.Kind{
		{Name: "usage", Err: ErrUsage}, {Name: "no_account", Err: ErrNoAccount}, {Name: "exists", Err: ErrExists}, {Name: "token_exists", Err: ErrTokenExists}, {Name: "no_token", Err: ErrNoToken},
		{Name: "file_exists", Err: ErrFileExists}, {Name: "in_use", Err: ErrInUse},
		{Name: "not_backup", Err: backup.ErrNotBackup}, {Name: "newer_backup", Err: backup.ErrNewer}, {Name: "damaged_backup", Err: backup.ErrDamaged},
		{Name: "passphrase", Err: backup.ErrPassphrase}, {Name: "protected", Err: backup.ErrProtected},
		{Name: "damaged_again", Err: ErrDamagedAgain}, {Name: "shared_folder", Err: ErrSharedFolder},
		{Name: "keychain", Err: ErrKeychain}, {Name: "no_key", Err: ErrNoKey}, {Name: "incomplete", Err: ErrIncomplete},
		{Name: "who", Err: ErrWho}, {Name: "unsupported", Err: inbox.ErrUnsupported}, {Name: "irreversible", Err: cache.ErrIrreversible}, {Name: "outbox_state", Err: cache.ErrWishState}, {Name: "outbox_damaged", Err: cache.ErrDamaged},
	}, syncer.Kinds(), []syncer.Kind{
		{Name: "newer", Err: cache.ErrNewer}, {Name: "not_found", Err: cache.ErrNotFound},
	})
}

// KindOf names an error's kind, "unexpected" where it has none.
func KindOf(err error) string {
	for _, k := range kinds() {
		if errors.Is(err, k.Err) {
			return k.Name
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
		if k.Name == e.Kind {
			c.kind = k.Err
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
