// Package shape is what the providers' own APIs, served from the copy, have in
// common (DESIGN §7): who asks and what they may see, parameters and bodies that
// are taken strictly, objects with wishes laid over them, and changes. The two
// shapes are its subpackages: a script for Waspy or Plática changes its address
// and its key.
package shape

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// Options are a Desk's surroundings.
type Options struct {
	Cache *cache.Cache
	Local *cache.Local
	// Apply has a change made through the outbox and waits for the provider,
	// ten seconds at most.
	Apply func(context.Context, Wish) (Outcome, error)
	Log   *slog.Logger
	// Rate is how many requests a second one token may make, 0 for 300.
	Rate float64
}

// Wish is a change of one conversation; nil leaves a field as it is.
type Wish struct {
	Account      string
	Conversation string    // the provider's id
	Status       *string   // the provider's own word
	Assignees    *[]string // refs; none unassigns
}

// Outcome is what became of a Wish.
type Outcome int

// The outcomes. One in conflict, or refused, is not in the outbox any more: who
// asked has been told.
const (
	Done     Outcome = iota // the provider has it
	Waits                   // it is in the outbox and goes on by itself
	Conflict                // somebody else changed it meanwhile
	Refused                 // the provider does not take it
	Gone                    // the provider does not have the conversation any more
)

// Desk answers both shapes.
type Desk struct {
	Options
	now func() time.Time

	limits *limits
	turns  chan struct{} // as many as are worked on at once

	mu   sync.Mutex
	used map[string]time.Time // when a token's use was last noted
}

// New makes a Desk.
func New(o Options) *Desk {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Desk{Options: o, now: time.Now, limits: newLimits(o.Rate), turns: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)), used: map[string]time.Time{}}
}

// Caller is who asks, and what is served to them.
type Caller struct {
	Accounts []inbox.Account // by name
	AsOf     time.Time       // of the oldest of their copies, zero where one was never whole
	Listed   bool            // there is each that the token names, one at least, and its list was read to its end
}

// Account is one that is served, by its name.
func (c *Caller) Account(name string) (inbox.Account, bool) {
	i := slices.IndexFunc(c.Accounts, func(a inbox.Account) bool { return a.Name == name })
	if i < 0 {
		return inbox.Account{}, false
	}
	return c.Accounts[i], true
}

// Serves reports whether an account is served.
func (c *Caller) Serves(name string) bool {
	_, ok := c.Account(name)
	return ok
}

// noteUse is how long after the last one a use of a token is noted again.
const noteUse = 10 * time.Minute

// Admit says who asks, by the request's bearer token, for a scope of the shape
// that is p's.
//
// Errors: a *Problem of 401, 403 or 429; what the files say.
func (d *Desk) Admit(r *http.Request, scope string, p inbox.ProviderName) (*Caller, error) {
	token, err := d.tokenOf(r)
	if err != nil {
		return nil, err
	}
	if err := d.limits.use(token.Name, d.now()); err != nil {
		return nil, err
	}
	if !token.May(scope) {
		return nil, &Problem{Status: http.StatusForbidden, Message: "The token lacks the scope " + scope}
	}
	d.note(r.Context(), token)
	return d.caller(r.Context(), token, p)
}

// Stands reports whether the token of a request that was admitted is still good:
// who sends a body slowly may have been turned away meanwhile.
//
// Errors: a *Problem of 401 or 429; what the files say.
func (d *Desk) Stands(r *http.Request) error {
	_, err := d.tokenOf(r)
	return err
}

func (d *Desk) tokenOf(r *http.Request) (token cache.Bearer, err error) {
	unknown := &Problem{Status: http.StatusUnauthorized, Message: "Missing or invalid token"}
	secret, ok := bearer(r.Header.Values("Authorization"))
	if !ok {
		return token, unknown
	}
	token, err = d.Local.TokenOf(r.Context(), sha256.Sum256([]byte(secret)))
	if errors.Is(err, cache.ErrNotFound) || err == nil && token.Expired(d.now()) {
		if err := d.limits.guess(r.RemoteAddr, d.now()); err != nil {
			return token, err
		}
		return token, unknown
	}
	return token, err
}

// bearer is the secret of the one Authorization header.
func bearer(headers []string) (secret string, ok bool) {
	if len(headers) != 1 {
		return "", false
	}
	kind, secret, _ := strings.Cut(headers[0], " ")
	secret = strings.TrimSpace(secret)
	return secret, strings.EqualFold(kind, "Bearer") && secret != ""
}

// note writes down, now and then, that a token is in use.
func (d *Desk) note(ctx context.Context, t cache.Bearer) {
	now := d.now()
	d.mu.Lock()
	due := now.Sub(d.used[t.Name]) >= noteUse && now.Sub(t.UsedAt) >= noteUse
	if due {
		d.used[t.Name] = now
	}
	d.mu.Unlock()
	if !due {
		return
	}
	if err := d.Local.TokenUsed(context.WithoutCancel(ctx), t.Name, now); err != nil && !errors.Is(err, cache.ErrReadOnly) {
		d.Log.Warn("the use of a token is not noted", "token", t.Name, "err", err)
	}
}

func (d *Desk) caller(ctx context.Context, t cache.Bearer, p inbox.ProviderName) (*Caller, error) {
	accounts, err := d.Local.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	standings, err := d.Cache.Standings(ctx)
	if err != nil {
		return nil, err
	}
	c := &Caller{Listed: true}
	never := false
	for _, a := range accounts {
		switch {
		case len(t.Accounts) == 0 && a.Provider != p:
			continue
		case len(t.Accounts) > 0 && t.Accounts[0] != cache.EveryAccount && !slices.Contains(t.Accounts, a.Name):
			continue
		}
		s := standings[a.Name]
		c.Accounts = append(c.Accounts, a)
		c.Listed = c.Listed && s.Listed
		never = never || s.AsOf.IsZero()
		if c.AsOf.IsZero() || s.AsOf.Before(c.AsOf) {
			c.AsOf = s.AsOf
		}
	}
	if never {
		c.AsOf = time.Time{}
	}
	// Of an account that was removed nothing is here.
	named := 0
	if len(t.Accounts) > 0 && t.Accounts[0] != cache.EveryAccount {
		named = len(t.Accounts)
	}
	c.Listed = c.Listed && len(c.Accounts) >= max(1, named)
	return c, nil
}

// Head writes how true an answer is: as of when, and whether everything that it
// is about is here. Nothing is said to who has no token.
func Head(h http.Header, c *Caller, whole bool) {
	asOf := ""
	if c != nil {
		if at := inbox.TimeJSON(c.AsOf); at != nil {
			asOf = *at
		}
	}
	h.Set("X-Bandeja-As-Of", asOf)
	h.Set("X-Bandeja-Complete", strconv.FormatBool(c != nil && c.Listed && whole))
}

// Send writes a JSON answer.
func Send(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the reader may have gone
}
