package profile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers/rest"
	"bandeja/internal/syncer"
)

// SetAccount is what `account set` and the screen change; nil leaves a thing as
// it is, and an empty BaseURL is the platform's own.
type SetAccount struct {
	Name     string   `json:"name"`
	BaseURL  *string  `json:"base_url"`
	Region   *string  `json:"region"`
	Area     *string  `json:"area"`
	Zone     *string  `json:"zone"`
	Rate     *float64 `json:"rate"`
	KeyStore *string  `json:"key_store"`
	TLSPin   *string  `json:"tls_pin"`
	Insecure *bool    `json:"insecure"`
	Me       *string  `json:"me"` // the ref of whoever uses the profile; "" for none
	NoCheck  bool     `json:"no_check"`
}

// Set changes an account. Where it points elsewhere it is checked with one
// request; nothing is saved when that fails. Where the key moves out of a
// keychain that cannot be used it stays behind: Rekey gives it again.
func (in *Inbox) Set(ctx context.Context, s SetAccount) (Found, error) {
	in.naming.Lock()
	defer in.naming.Unlock()
	old, err := in.accountNamed(ctx, s.Name)
	if err != nil {
		return Found{}, err
	}
	acc := s.on(old)
	if err := validate(acc); err != nil {
		return Found{}, err
	}
	elsewhere := acc.BaseURL != old.BaseURL || acc.TLSPin != old.TLSPin || acc.Insecure != old.Insecure
	ask, moves := elsewhere && !s.NoCheck, acc.KeyStore != old.KeyStore
	key := rest.NewSecret("none-is-sent") // a locked keychain is no obstacle to another time zone
	if ask || moves {
		had, err := in.keys.load(old.KeyStore, old.Name)
		switch {
		case err == nil:
			key = had
		case errors.Is(err, ErrKeychain) && !ask:
			moves = false // whoever leaves a keychain that cannot be used gives the key again
		default:
			return Found{}, err
		}
	}
	found, err := in.look(ctx, acc, key, ask)
	if err != nil {
		return Found{}, err
	}
	if moves {
		if err := in.keys.save(acc.KeyStore, acc.Name, key); err != nil {
			return Found{}, err
		}
	}
	if s.Me != nil {
		if err := in.sayMe(ctx, acc.Name, *s.Me); err != nil {
			return Found{}, err
		}
	}
	if acc == old {
		return found, nil // what runs goes on
	}
	was := in.stopLoop(acc.Name)
	if err = in.local.SaveAccount(ctx, acc); err != nil {
		if moves {
			err = errors.Join(err, in.keys.remove(acc.KeyStore, acc.Name))
		}
		acc = old
	} else {
		if err = in.cache.EnsureAccount(ctx, acc); err == nil {
			err = in.rekey(ctx)
		}
		if moves {
			err = errors.Join(err, in.keys.remove(old.KeyStore, old.Name))
		}
	}
	// One that began meanwhile is of the account as it was.
	if was = in.stopLoop(acc.Name) || was; was {
		err = errors.Join(err, in.restart(acc))
	}
	return found, err
}

// on is the account with what is to change.
func (s SetAccount) on(acc inbox.Account) inbox.Account {
	set(&acc.BaseURL, s.BaseURL)
	set(&acc.Region, s.Region)
	set(&acc.Area, s.Area)
	set(&acc.Zone, s.Zone)
	set(&acc.Rate, s.Rate)
	set(&acc.KeyStore, s.KeyStore)
	set(&acc.TLSPin, s.TLSPin)
	set(&acc.Insecure, s.Insecure)
	acc.BaseURL, acc.Region = cmp.Or(strings.TrimSpace(acc.BaseURL), ownAddress(acc.Provider)), strings.ToUpper(acc.Region)
	return acc
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// Rekey gives an account a new key, after a check. What the old one could not
// do the new one may.
func (in *Inbox) Rekey(ctx context.Context, name, value string, noCheck bool) (Found, error) {
	in.naming.Lock()
	defer in.naming.Unlock()
	acc, err := in.accountNamed(ctx, name)
	if err != nil {
		return Found{}, err
	}
	acc.CanWrite = nil
	key := rest.NewSecret(strings.TrimSpace(value))
	found, err := in.look(ctx, acc, key, !noCheck)
	if err != nil {
		return Found{}, err
	}
	if err := in.keys.save(acc.KeyStore, name, key); err != nil {
		return Found{}, err
	}
	in.stopLoop(name)
	err = in.local.SaveAccount(ctx, acc)
	in.stopLoop(name) // one that began meanwhile
	return found, errors.Join(err, in.restart(acc))
}

// Check makes one request with the account's own key.
func (in *Inbox) Check(ctx context.Context, name string) (Found, error) {
	acc, err := in.accountNamed(ctx, name)
	if err != nil {
		return Found{}, err
	}
	key, err := in.keys.load(acc.KeyStore, name)
	if err != nil {
		return Found{}, err
	}
	return in.look(ctx, acc, key, true)
}

// Remove forgets an account, its key and, unless its history is kept, all that
// was copied of it. The account itself goes last: cut short, Remove can be
// called again.
func (in *Inbox) Remove(ctx context.Context, name string, keepHistory bool) error {
	in.naming.Lock()
	defer in.naming.Unlock()
	acc, err := in.accountNamed(ctx, name)
	if err != nil {
		return err
	}
	if err := in.keys.remove(acc.KeyStore, name); err != nil {
		return err
	}
	in.stopLoop(name)
	if keepHistory {
		err = in.saveState(ctx, name, syncer.Paused, "", "")
	} else {
		err = in.removeHistory(ctx, name)
	}
	if err != nil {
		return err
	}
	if err := in.local.RemoveAccount(ctx, name, keepHistory); err != nil {
		return err
	}
	in.log.Info("account removed", "account", name)
	in.server.Events().Everything()
	in.server.Events().State()
	return nil
}

func (in *Inbox) removeHistory(ctx context.Context, name string) error {
	delta, err := in.cache.RemoveAccount(ctx, name)
	if err != nil {
		return err
	}
	in.changed(delta)
	return errors.Join(in.local.SaveHeld(ctx, name, false), in.local.SaveSetting(ctx, floorSetting(name), ""))
}

func (in *Inbox) accountNamed(ctx context.Context, name string) (inbox.Account, error) {
	acc, err := in.local.Account(ctx, name)
	if errors.Is(err, cache.ErrNotFound) {
		return acc, fmt.Errorf("%s: %w", name, ErrNoAccount)
	}
	return acc, err
}

// restart begins an account's loop, if loops run at all.
func (in *Inbox) restart(acc inbox.Account) error {
	in.mu.Lock()
	syncs := in.syncs
	in.mu.Unlock()
	if syncs {
		if err := in.startLoop(acc); err != nil {
			return err
		}
	}
	in.server.Events().State()
	return nil
}
