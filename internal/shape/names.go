package shape

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/phone"
)

// A conversation of the shape's own platform has its provider's id, one of
// another platform its account's name before that and a colon, which no account
// is named with: ids stay unique over all platforms, and are the same tomorrow.

// ID is what a conversation is called in p's shape.
func ID(p inbox.ProviderName, account string, its inbox.ProviderName, id string) string {
	if its == p {
		return id
	}
	return account + ":" + id
}

// Name is a conversation by its account and the provider's id.
type Name struct {
	Account inbox.Account
	ID      string
}

// Named are the conversations that an id of p's shape may mean, the likeliest
// first.
func (c *Caller) Named(p inbox.ProviderName, id string) (out []Name) {
	for _, a := range c.Accounts {
		if a.Provider == p {
			out = append(out, Name{a, id})
		}
	}
	account, rest, ok := strings.Cut(id, ":")
	if a, served := c.Account(account); ok && served && a.Provider != p {
		out = append(out, Name{a, rest})
	}
	return out
}

// Find reads the conversation of an id. A *Problem of 404 where there is none.
func (d *Desk) Find(ctx context.Context, c *Caller, p inbox.ProviderName, id string) (cache.Received, error) {
	for _, n := range c.Named(p, id) {
		r, err := d.Cache.Received(ctx, n.Account.Name, n.ID)
		if !errors.Is(err, cache.ErrNotFound) {
			return r, err
		}
	}
	return cache.Received{}, NotFound()
}

// FindByPhone reads the conversations with the customer of a number, however it
// is written, each once. known is false where no account can read it as one.
func (d *Desk) FindByPhone(ctx context.Context, c *Caller, written string) (out []cache.Received, known bool, err error) {
	seen := map[string]bool{}
	for _, a := range c.Accounts {
		n := phone.Parse(written, phone.Context{Region: a.Region, Area: a.Area})
		if n.Kind != phone.Phone {
			continue
		}
		known = true
		all, err := d.Cache.ReceivedByLine(ctx, a.Name, n.Key)
		if err != nil {
			return nil, known, err
		}
		for _, r := range all {
			if id := string(a.Provider) + "\x00" + r.ID; !seen[id] {
				seen[id] = true
				out = append(out, r)
			}
		}
	}
	return out, known, nil
}

// Said is when something was last said in a conversation, as a roll has it.
func Said(r *cache.Received) int64 {
	switch {
	case r.Provider != inbox.Platica:
		return inbox.Millis(r.ActiveAt)
	case r.Last != nil && !r.LastAt.IsZero():
		return inbox.Millis(r.LastAt)
	case r.MessageCount == 0:
		return 0
	}
	return inbox.Millis(r.ActiveAt)
}

// Writes refuses what cannot be wished for: Bandeja's own word for whoever asks
// names nobody at a platform.
func Writes(param, ref string) error {
	if ref == "" || ref == "me" || len(ref) > 200 {
		return &Problem{Status: http.StatusBadRequest, Param: param, Message: param + " must name an agent"}
	}
	return nil
}

// Number is a customer's number in full, with its +; as it is written where it is
// none.
func (c *Caller) Number(r *cache.Received) string {
	a, _ := c.Account(r.Account)
	if n := phone.Parse(r.Phone, phone.Context{Region: a.Region, Area: a.Area}); n.Kind == phone.Phone {
		return n.E164
	}
	return r.Phone
}
