package profile

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/server"
)

// ErrTokenExists: a token of that name is there already.
var ErrTokenExists = errors.New("a token of this name exists already")

// NewToken is DoTokenCreate's: who is to be let into the provider-shaped APIs.
type NewToken struct {
	Name      string    `json:"name"`
	Scopes    []string  `json:"scopes"`
	Accounts  []string  `json:"accounts"` // as cache.Bearer has them
	ExpiresAt time.Time `json:"expires_at"`
}

// MadeToken is a token with its secret, which is shown this once.
type MadeToken struct {
	NewToken
	Token string `json:"token"`
}

// TokenPrefix begins every secret, so that one is known for what it is where
// somebody finds it.
const TokenPrefix = "bnd_"

// CreateToken makes a token and keeps a hash of it.
//
// Errors: ErrUsage; ErrTokenExists; ErrNoAccount for one that is not there.
func (in *Inbox) CreateToken(ctx context.Context, n NewToken) (MadeToken, error) {
	if err := in.tokenMakesSense(ctx, &n); err != nil {
		return MadeToken{}, err
	}
	var secret [32]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return MadeToken{}, err
	}
	made := MadeToken{n, TokenPrefix + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret[:]))}
	err := in.local.AddToken(ctx, cache.Bearer{Name: n.Name, Scopes: n.Scopes, Accounts: n.Accounts, MadeAt: time.Now(), ExpiresAt: n.ExpiresAt}, sha256.Sum256([]byte(made.Token)))
	if errors.Is(err, cache.ErrTaken) {
		err = fmt.Errorf("%s: %w", n.Name, ErrTokenExists)
	}
	if err != nil {
		return MadeToken{}, err
	}
	in.log.Info("token created", "token", n.Name, "scopes", n.Scopes)
	return made, nil
}

func (in *Inbox) tokenMakesSense(ctx context.Context, n *NewToken) error {
	if !inbox.ValidAccountName(n.Name) {
		return fmt.Errorf("%w: a token's name is 1 to 40 of a-z, 0-9, dot, dash and underscore", ErrUsage)
	}
	n.Scopes = slices.Compact(slices.Sorted(slices.Values(n.Scopes)))
	if len(n.Scopes) == 0 {
		return fmt.Errorf("%w: a token wants a scope: %s", ErrUsage, strings.Join(cache.Scopes, ", "))
	}
	for _, scope := range n.Scopes {
		if !slices.Contains(cache.Scopes, scope) {
			return fmt.Errorf("%w: there is no scope %q, but %s", ErrUsage, scope, strings.Join(cache.Scopes, ", "))
		}
	}
	n.Accounts = slices.Compact(slices.Sorted(slices.Values(n.Accounts)))
	if slices.Equal(n.Accounts, []string{cache.EveryAccount}) {
		return nil
	}
	for _, name := range n.Accounts {
		if name == cache.EveryAccount {
			return fmt.Errorf("%w: the accounts are all, or some by their names", ErrUsage)
		}
		if _, err := in.accountNamed(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// RevokeToken ends a token at once. cache.ErrNotFound.
func (in *Inbox) RevokeToken(ctx context.Context, name string) error {
	err := in.local.RevokeToken(ctx, name)
	if err == nil {
		in.log.Info("token revoked", "token", name)
	}
	return err
}

// addToken is CreateToken for the screen.
func (in *Inbox) addToken(ctx context.Context, n server.NewToken) (secret string, err error) {
	made, err := in.CreateToken(ctx, NewToken(n))
	return made.Token, err
}
