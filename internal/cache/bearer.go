package cache

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"bandeja/internal/inbox"
)

// Scopes that a token may have: what the providers call them.
const (
	ScopeRead  = "conversations:read"
	ScopeWrite = "conversations:write"
)

// Scopes lists them all.
var Scopes = []string{ScopeRead, ScopeWrite}

// EveryAccount, alone in a token's accounts, stands for all of the profile.
const EveryAccount = "all"

// ErrTaken: there is one of that name already.
var ErrTaken = errors.New("there is one of that name already")

// Bearer is a token: a key for the provider-shaped APIs. Its secret is known to who was
// shown it alone: local.db has a SHA-256 of it, which is enough for what is
// random and 256 bits long.
type Bearer struct {
	Name   string // [a-z0-9._-]{1,40}, unique in a profile
	Scopes []string
	// Accounts that it sees through either shape: EveryAccount, or names. None:
	// each shape has the accounts of its own platform.
	Accounts  []string
	MadeAt    time.Time
	ExpiresAt time.Time // zero: never
	UsedAt    time.Time // the last use that was noted, zero where none was
}

// Expired reports whether its time has passed.
func (t *Bearer) Expired(now time.Time) bool {
	return !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt)
}

// May reports whether it has a scope.
func (t *Bearer) May(scope string) bool { return slices.Contains(t.Scopes, scope) }

// AddToken keeps a token, by the SHA-256 of its secret. ErrTaken where there is
// one of its name.
func (l *Local) AddToken(ctx context.Context, t Bearer, hash [32]byte) error {
	err := l.s.write(ctx, func(tx *tx) error {
		var taken bool
		if err := tx.row(`SELECT EXISTS (SELECT 1 FROM tokens WHERE name = ?)`, t.Name).Scan(&taken); err != nil {
			return err
		}
		if taken {
			return ErrTaken
		}
		_, err := tx.exec(`INSERT INTO tokens (name, hash, scopes, accounts, made_at, expires_at) VALUES (?,?,?,?,?,?)`,
			t.Name, hash[:], strings.Join(t.Scopes, ","), strings.Join(t.Accounts, ","), inbox.Millis(t.MadeAt), inbox.Millis(t.ExpiresAt))
		return err
	})
	if err != nil {
		return fmt.Errorf("add the token %s: %w", t.Name, err)
	}
	return nil
}

// RevokeToken ends a token: the next request with it is refused, whichever
// process answers. ErrNotFound.
func (l *Local) RevokeToken(ctx context.Context, name string) error {
	err := l.s.write(ctx, func(tx *tx) error {
		res, err := tx.exec(`DELETE FROM tokens WHERE name = ?`, name)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return ErrNotFound
	})
	if err != nil {
		return fmt.Errorf("revoke the token %s: %w", name, err)
	}
	return nil
}

// Tokens lists them by name, those whose time has passed too.
func (l *Local) Tokens(ctx context.Context) ([]Bearer, error) {
	out := []Bearer{}
	err := l.eachToken(ctx, func(t Bearer, _ []byte) { out = append(out, t) })
	return out, err
}

// TokenOf finds the token of a secret, by its SHA-256: expired or not.
// ErrNotFound.
func (l *Local) TokenOf(ctx context.Context, hash [32]byte) (found Bearer, err error) {
	err = l.eachToken(ctx, func(t Bearer, its []byte) {
		if subtle.ConstantTimeCompare(its, hash[:]) == 1 {
			found = t
		}
	})
	if err == nil && found.Name == "" {
		err = fmt.Errorf("token: %w", ErrNotFound)
	}
	return found, err
}

// TokenUsed notes when a token was used last.
func (l *Local) TokenUsed(ctx context.Context, name string, at time.Time) error {
	return l.s.write(ctx, func(tx *tx) error {
		_, err := tx.exec(`UPDATE tokens SET used_at = ?2 WHERE name = ?1 AND used_at < ?2`, name, inbox.Millis(at))
		return err
	})
}

func (l *Local) eachToken(ctx context.Context, fn func(t Bearer, hash []byte)) error {
	err := each(ctx, l.s.readers, `SELECT name, hash, scopes, accounts, made_at, expires_at, used_at FROM tokens ORDER BY name`, nil, func(scan func(...any) error) error {
		var t Bearer
		var hash []byte
		var scopes, accounts string
		var made, expires, used int64
		err := scan(&t.Name, &hash, &scopes, &accounts, &made, &expires, &used)
		t.Scopes, t.Accounts = fields(scopes), fields(accounts)
		t.MadeAt, t.ExpiresAt, t.UsedAt = inbox.FromMillis(made), inbox.FromMillis(expires), inbox.FromMillis(used)
		fn(t, hash)
		return err
	})
	return describe(l.s.path, err)
}

// fields are the words between commas; never nil.
func fields(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}
