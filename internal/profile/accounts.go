package profile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/platica"
	"bandeja/internal/providers/rest"
	"bandeja/internal/providers/waspy"
	"bandeja/internal/syncer"
)

// AddAccount is what `account add` and the screen give. The key crosses
// processes of one user over loopback alone, and is kept nowhere on the way.
type AddAccount struct {
	Provider inbox.ProviderName `json:"provider"`
	Name     string             `json:"name"`
	BaseURL  string             `json:"base_url"`
	Key      string             `json:"key"`
	Region   string             `json:"region"`
	Area     string             `json:"area"`
	Zone     string             `json:"zone"`
	Rate     float64            `json:"rate"`
	KeyStore string             `json:"key_store"`
	TLSPin   string             `json:"tls_pin"`
	Insecure bool               `json:"insecure"`
	NoCheck  bool               `json:"no_check"`
}

// Found is what a look with a key found.
type Found struct {
	Account    inbox.Account     `json:"account"`
	Checked    bool              `json:"checked"`
	Workspaces []inbox.Workspace `json:"workspaces"`
	Sample     []string          `json:"sample"`
}

// checkTries: an account that is being added is checked with one request; a
// person waits for the answer.
const checkTries = 1

// Add checks a key with one request and keeps the account, its key first.
// Nothing is saved when the check fails.
//
// Errors: ErrUsage, ErrExists, ErrKeychain, the kinds of providers.
func (in *Inbox) Add(ctx context.Context, a AddAccount) (Found, error) {
	acc, err := in.newAccount(ctx, a)
	if err != nil {
		return Found{}, err
	}
	key := rest.NewSecret(strings.TrimSpace(a.Key))
	client, err := newClient(acc, key, checkTries)
	if err != nil {
		return Found{}, err
	}
	found := Found{Account: acc}
	if !a.NoCheck {
		if found, err = look(ctx, acc, client); err != nil {
			return Found{}, err
		}
	}
	if err := in.keys.save(acc.KeyStore, acc.Name, key); err != nil {
		return Found{}, err
	}
	if err := in.local.SaveAccount(ctx, acc); err != nil {
		return Found{}, errors.Join(err, in.keys.remove(acc.KeyStore, acc.Name))
	}
	if err := in.cache.EnsureAccount(ctx, acc); err != nil {
		return Found{}, err
	}
	in.log.Info("account added", "account", acc.Name, "provider", acc.Provider)
	return found, in.restart(acc)
}

// look makes one request and says what the key reaches.
func look(ctx context.Context, acc inbox.Account, client providers.Provider) (Found, error) {
	checked, err := client.Check(ctx)
	if err != nil {
		return Found{}, err
	}
	f := Found{Account: acc, Checked: true, Workspaces: checked.Workspaces}
	for _, c := range checked.Sample {
		if name := cmp.Or(c.Name, c.Phone); name != "" {
			f.Sample = append(f.Sample, name)
		}
	}
	return f, nil
}

func (in *Inbox) newAccount(ctx context.Context, a AddAccount) (inbox.Account, error) {
	acc := inbox.Account{Name: a.Name, Provider: a.Provider, BaseURL: strings.TrimSpace(a.BaseURL), Region: strings.ToUpper(a.Region), Area: a.Area, Zone: a.Zone,
		Rate: a.Rate, KeyStore: cmp.Or(a.KeyStore, in.o.KeyStore, Keyring), TLSPin: a.TLSPin, Insecure: a.Insecure}
	if !inbox.ValidAccountName(acc.Name) {
		return acc, fmt.Errorf("%w: an account's name is 1 to 40 of a-z, 0-9, dot, dash and underscore", ErrUsage)
	}
	switch acc.Provider {
	case inbox.Waspy:
		acc.BaseURL, acc.Rate, acc.Region = cmp.Or(acc.BaseURL, waspy.DefaultBaseURL), cmp.Or(acc.Rate, waspy.DefaultRate), cmp.Or(acc.Region, "AR")
	case inbox.Platica:
		acc.BaseURL, acc.Rate, acc.Region = cmp.Or(acc.BaseURL, platica.DefaultBaseURL), cmp.Or(acc.Rate, platica.DefaultRate), cmp.Or(acc.Region, "MX")
	default:
		return acc, fmt.Errorf("%w: the platform is waspy or platica, not %q", ErrUsage, a.Provider)
	}
	acc.Zone = cmp.Or(acc.Zone, zoneOf(acc.Region))
	if err := validate(acc); err != nil {
		return acc, err
	}
	if _, err := in.local.Account(ctx, acc.Name); err == nil {
		return acc, fmt.Errorf("%s: %w", acc.Name, ErrExists)
	} else if !errors.Is(err, cache.ErrNotFound) {
		return acc, err
	}
	return acc, nil
}

// zoneOf is where most offices of a region are.
func zoneOf(region string) string {
	switch region {
	case "AR":
		return "America/Argentina/Buenos_Aires"
	case "MX":
		return "America/Mexico_City"
	}
	return "UTC"
}

func validate(a inbox.Account) error {
	if len(a.Region) != 2 {
		return fmt.Errorf("%w: a region is two letters, such as AR or MX", ErrUsage)
	}
	if strings.Trim(a.Area, "0123456789") != "" {
		return fmt.Errorf("%w: an area code is digits, such as 11", ErrUsage)
	}
	if _, err := time.LoadLocation(a.Zone); err != nil {
		return fmt.Errorf("%w: no time zone %q", ErrUsage, a.Zone)
	}
	if a.KeyStore != Keyring && a.KeyStore != File {
		return fmt.Errorf("%w: a key is kept in keyring or file, not in %q", ErrUsage, a.KeyStore)
	}
	if !(a.Rate > 0 && a.Rate <= 1e6) {
		return fmt.Errorf("%w: a rate is requests a second, above 0", ErrUsage)
	}
	return nil
}

// SetAccount is what `account set` changes; nil leaves a thing as it is.
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
	NoCheck  bool     `json:"no_check"`
}

// Set changes an account. Where it points elsewhere it is checked with one
// request; nothing is saved when that fails.
func (in *Inbox) Set(ctx context.Context, s SetAccount) (Found, error) {
	old, err := in.accountNamed(ctx, s.Name)
	if err != nil {
		return Found{}, err
	}
	acc := old
	set(&acc.BaseURL, s.BaseURL)
	set(&acc.Region, s.Region)
	set(&acc.Area, s.Area)
	set(&acc.Zone, s.Zone)
	set(&acc.Rate, s.Rate)
	set(&acc.KeyStore, s.KeyStore)
	set(&acc.TLSPin, s.TLSPin)
	set(&acc.Insecure, s.Insecure)
	acc.Region = strings.ToUpper(acc.Region)
	if err := validate(acc); err != nil {
		return Found{}, err
	}
	key, err := in.keys.load(old.KeyStore, old.Name)
	if err != nil {
		return Found{}, err
	}
	client, err := newClient(acc, key, checkTries)
	if err != nil {
		return Found{}, err
	}
	found := Found{Account: acc}
	elsewhere := acc.BaseURL != old.BaseURL || acc.TLSPin != old.TLSPin || acc.Insecure != old.Insecure
	if elsewhere && !s.NoCheck {
		if found, err = look(ctx, acc, client); err != nil {
			return Found{}, err
		}
	}
	if acc.KeyStore != old.KeyStore {
		if err := in.keys.save(acc.KeyStore, acc.Name, key); err != nil {
			return Found{}, err
		}
	}
	was := in.stopLoop(acc.Name)
	if err := errors.Join(in.local.SaveAccount(ctx, acc), in.cache.EnsureAccount(ctx, acc)); err != nil {
		return Found{}, err
	}
	if acc.KeyStore != old.KeyStore {
		if err := in.keys.remove(old.KeyStore, old.Name); err != nil {
			return Found{}, err
		}
	}
	if was {
		return found, in.restart(acc)
	}
	return found, nil
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// Rekey gives an account a new key, after a check.
func (in *Inbox) Rekey(ctx context.Context, name, value string, noCheck bool) (Found, error) {
	acc, err := in.accountNamed(ctx, name)
	if err != nil {
		return Found{}, err
	}
	key := rest.NewSecret(strings.TrimSpace(value))
	client, err := newClient(acc, key, checkTries)
	if err != nil {
		return Found{}, err
	}
	found := Found{Account: acc}
	if !noCheck {
		if found, err = look(ctx, acc, client); err != nil {
			return Found{}, err
		}
	}
	if err := in.keys.save(acc.KeyStore, name, key); err != nil {
		return Found{}, err
	}
	in.stopLoop(name)
	return found, in.restart(acc)
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
	client, err := newClient(acc, key, checkTries)
	if err != nil {
		return Found{}, err
	}
	return look(ctx, acc, client)
}

// Remove forgets an account, its key and, unless its history is kept, all that
// was copied of it.
func (in *Inbox) Remove(ctx context.Context, name string, keepHistory bool) error {
	acc, err := in.accountNamed(ctx, name)
	if err != nil {
		return err
	}
	in.stopLoop(name)
	if err := in.keys.remove(acc.KeyStore, name); err != nil {
		return err
	}
	if err := in.local.RemoveAccount(ctx, name, keepHistory); err != nil {
		return err
	}
	if !keepHistory {
		var people []string
		if err := in.cache.EachPerson(ctx, nil, func(r cache.PersonRow) error {
			if r.Account == name {
				people = append(people, r.Person)
			}
			return nil
		}); err != nil {
			return err
		}
		if err := in.cache.RemoveAccount(ctx, name); err != nil {
			return err
		}
		in.stale.add(people)
	} else if err := in.cache.SaveState(ctx, name, syncer.Paused, time.Time{}, "", ""); err != nil {
		return err
	}
	in.log.Info("account removed", "account", name)
	in.server.Events().Everything()
	in.server.Events().State()
	return nil
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
	runs := in.run != nil && in.syncs
	in.mu.Unlock()
	if runs {
		if err := in.startLoop(acc); err != nil {
			return err
		}
	}
	in.server.Events().State()
	return nil
}
