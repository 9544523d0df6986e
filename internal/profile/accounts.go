package profile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	_ "time/tzdata" // an account's zone is known on systems without a list of them, too

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
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
// Errors: ErrUsage, ErrExists, ErrKeychain, the kinds of providers;
// syncer.ErrOtherWorkspace where a history was kept under the name and the key
// is of another office.
func (in *Inbox) Add(ctx context.Context, a AddAccount) (Found, error) {
	acc, err := in.newAccount(ctx, a)
	if err != nil {
		return Found{}, err
	}
	key := rest.NewSecret(strings.TrimSpace(a.Key))
	found, err := in.look(ctx, acc, key, !a.NoCheck)
	if err != nil {
		return Found{}, err
	}
	in.naming.Lock()
	defer in.naming.Unlock()
	if err := in.vacant(ctx, acc); err != nil { // somebody may have been faster
		return Found{}, err
	}
	if err := in.keys.save(acc.KeyStore, acc.Name, key); err != nil {
		return Found{}, err
	}
	err = in.cache.EnsureAccount(ctx, acc)
	if err == nil {
		err = in.local.SaveAccount(ctx, acc)
	}
	if err != nil {
		return Found{}, errors.Join(err, in.keys.remove(acc.KeyStore, acc.Name))
	}
	in.log.Info("account added", "account", acc.Name, "provider", acc.Provider)
	return found, in.restart(acc)
}

// ensureAccounts makes the cache know every account.
func (in *Inbox) ensureAccounts(ctx context.Context) ([]inbox.Account, error) {
	accounts, err := in.local.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		if err := in.cache.EnsureAccount(ctx, a); err != nil {
			return nil, err
		}
	}
	return accounts, nil
}

// look tries a key and says what it reaches: syncer.ErrOtherWorkspace where that
// is another office than the one that was copied. Without ask it only looks
// whether the account makes sense, without a request.
func (in *Inbox) look(ctx context.Context, acc inbox.Account, key rest.Secret, ask bool) (Found, error) {
	c, err := newClient(acc, key, checkTries)
	if err != nil {
		return Found{}, err
	}
	defer c.Close()
	if !ask {
		return Found{Account: acc}, nil
	}
	checked, err := c.Check(ctx)
	if err != nil {
		return Found{}, err
	}
	if err := syncer.SameOffice(ctx, in.cache, c, acc.Name, checked); err != nil {
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
	acc.BaseURL = cmp.Or(acc.BaseURL, ownAddress(acc.Provider))
	switch acc.Provider {
	case inbox.Waspy:
		acc.Rate, acc.Region = cmp.Or(acc.Rate, waspy.DefaultRate), cmp.Or(acc.Region, "AR")
	case inbox.Platica:
		acc.Rate, acc.Region = cmp.Or(acc.Rate, platica.DefaultRate), cmp.Or(acc.Region, "MX")
	default:
		return acc, fmt.Errorf("%w: the platform is waspy or platica, not %q", ErrUsage, a.Provider)
	}
	acc.Zone = cmp.Or(acc.Zone, zoneOf(acc.Region))
	if err := validate(acc); err != nil {
		return acc, err
	}
	return acc, in.vacant(ctx, acc)
}

// ownAddress is where a platform's API is unless somebody says otherwise.
func ownAddress(p inbox.ProviderName) string {
	if p == inbox.Platica {
		return platica.DefaultBaseURL
	}
	return waspy.DefaultBaseURL
}

// vacant reports ErrExists where an account's name is taken, by another or by
// the history of one that was removed and is of another platform.
func (in *Inbox) vacant(ctx context.Context, acc inbox.Account) error {
	if _, err := in.local.Account(ctx, acc.Name); err == nil {
		return fmt.Errorf("%s: %w", acc.Name, ErrExists)
	} else if !errors.Is(err, cache.ErrNotFound) {
		return err
	}
	states, err := in.cache.States(ctx)
	if err != nil {
		return err
	}
	for _, s := range states {
		if s.Name == acc.Name && s.Provider != acc.Provider {
			return fmt.Errorf("%s: %w: the kept history of one at %s", acc.Name, ErrExists, s.Provider.Title())
		}
	}
	return nil
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
	switch a.WrongSetting() {
	case "region":
		return fmt.Errorf("%w: a region is two letters, such as AR or MX", ErrUsage)
	case "area":
		return fmt.Errorf("%w: an area code is digits, such as 11", ErrUsage)
	case "zone":
		return fmt.Errorf("%w: no time zone %q", ErrUsage, a.Zone)
	case "rate":
		return fmt.Errorf("%w: a rate is requests a second, above 0", ErrUsage)
	}
	if a.KeyStore != Keyring && a.KeyStore != File {
		return fmt.Errorf("%w: a key is kept in keyring or file, not in %q", ErrUsage, a.KeyStore)
	}
	return nil
}
