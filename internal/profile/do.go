package profile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/syncer"
)

// The commands that the owner of a profile does, for itself or for another
// process of the same user (DESIGN §4).
const (
	DoAdd    = "account-add"
	DoSet    = "account-set"
	DoKey    = "account-key"
	DoCheck  = "account-check"
	DoRemove = "account-remove"
	DoSync   = "sync"
	DoRaise  = "raise" // bring the window to the front, or give a fresh link
)

// KeyArgs are DoKey's.
type KeyArgs struct {
	Name    string `json:"name"`
	Key     string `json:"key"`
	NoCheck bool   `json:"no_check"`
}

// NameArgs are DoCheck's and DoRemove's.
type NameArgs struct {
	Name        string `json:"name"`
	KeepHistory bool   `json:"keep_history"`
}

// SyncArgs are DoSync's.
type SyncArgs struct {
	Names []string `json:"names"` // none: every account
	Full  bool     `json:"full"`
}

// Raised is DoRaise's answer.
type Raised struct {
	Window bool   `json:"window"` // there is one, and it was raised
	Link   string `json:"link"`   // a fresh one, where there is none
}

// Do runs a command. What it returns becomes JSON; its errors keep their kind
// over a process (see Carry).
func (in *Inbox) Do(ctx context.Context, command string, args json.RawMessage, progress func(any)) (any, error) {
	switch command {
	case DoAdd:
		return with(args, func(a AddAccount) (any, error) { return in.Add(ctx, a) })
	case DoSet:
		return with(args, func(a SetAccount) (any, error) { return in.Set(ctx, a) })
	case DoKey:
		return with(args, func(a KeyArgs) (any, error) { return in.Rekey(ctx, a.Name, a.Key, a.NoCheck) })
	case DoCheck:
		return with(args, func(a NameArgs) (any, error) { return in.Check(ctx, a.Name) })
	case DoRemove:
		return with(args, func(a NameArgs) (any, error) { return struct{}{}, in.Remove(ctx, a.Name, a.KeepHistory) })
	case DoSync:
		return with(args, func(a SyncArgs) (any, error) { return in.Sync(ctx, a, progress) })
	case DoRaise:
		return in.raise(), nil
	}
	return nil, fmt.Errorf("%w: no command %q", ErrUsage, command)
}

func with[A any](args json.RawMessage, fn func(A) (any, error)) (any, error) {
	var a A
	if err := json.Unmarshal(args, &a); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrUsage, err)
	}
	return fn(a)
}

func (in *Inbox) raise() Raised {
	if in.o.Native != nil && in.o.Native.Raise != nil {
		in.o.Native.Raise()
		return Raised{Window: true}
	}
	return Raised{Link: in.Link()}
}

// Synced is a run's outcome for one account. Kind and Error say what stopped
// it, "" where nothing did.
type Synced struct {
	Account string `json:"account"`
	Kind    string `json:"kind"`
	Error   string `json:"error"`
}

// progressEvery bounds how often a run tells how far it is.
const progressEvery = 200 * time.Millisecond

// Sync brings accounts up to date, side by side, and returns when each is done
// or stuck. progress gets a SyncProgress now and then.
func (in *Inbox) Sync(ctx context.Context, a SyncArgs, progress func(any)) ([]Synced, error) {
	accounts, err := in.pick(ctx, a.Names)
	if err != nil {
		return nil, err
	}
	out := make([]Synced, len(accounts))
	loops := make([]*syncer.Loop, len(accounts))
	for i, acc := range accounts {
		out[i].Account = acc.Name
		if loops[i], err = in.loopFor(acc); err != nil {
			out[i].Kind, out[i].Error = KindOf(err), err.Error()
			in.saveFailure(acc, err)
		}
	}
	stop := in.tell(ctx, loops, progress)
	var each sync.WaitGroup
	for i, l := range loops {
		if l == nil {
			continue
		}
		each.Go(func() {
			if err := l.Once(ctx, a.Full); err != nil {
				out[i].Kind, out[i].Error = KindOf(err), err.Error()
			}
		})
	}
	each.Wait()
	stop()
	if err := in.drainIndex(ctx); err != nil && ctx.Err() == nil {
		return out, err
	}
	return out, ctx.Err()
}

func (in *Inbox) pick(ctx context.Context, names []string) ([]inbox.Account, error) {
	all, err := in.local.Accounts(ctx)
	if err != nil || len(names) == 0 {
		return all, err
	}
	var out []inbox.Account
	for _, n := range names {
		i := slices.IndexFunc(all, func(a inbox.Account) bool { return a.Name == n })
		if i < 0 {
			return nil, fmt.Errorf("%s: %w", n, ErrNoAccount)
		}
		if !slices.ContainsFunc(out, func(a inbox.Account) bool { return a.Name == n }) {
			out = append(out, all[i])
		}
	}
	return out, nil
}

// loopFor is the account's running loop, or one made for this run.
func (in *Inbox) loopFor(acc inbox.Account) (*syncer.Loop, error) {
	in.mu.Lock()
	r, ok := in.loops[acc.Name]
	in.mu.Unlock()
	if ok {
		return r.loop, nil
	}
	return in.loop(acc)
}

// SyncProgress is how far a run is, in what is known.
type SyncProgress struct {
	Account string    `json:"account"`
	State   string    `json:"state"`
	Seen    int64     `json:"seen"`    // conversations listed so far, 0 when not listing
	BackTo  time.Time `json:"back_to"` // as far back as the list has come
	Done    int64     `json:"done"`    // conversations whose messages are read
	Total   int64     `json:"total"`   // of those that had some to read, 0 when not reading
}

func (in *Inbox) tell(ctx context.Context, loops []*syncer.Loop, progress func(any)) (stop func()) {
	if progress == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var telling sync.WaitGroup
	telling.Go(func() {
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			for _, l := range loops {
				if l != nil {
					progress(progressOf(l.Status()))
				}
			}
		}
	})
	return func() {
		cancel()
		telling.Wait()
	}
}

func progressOf(s syncer.Status) SyncProgress {
	p := SyncProgress{Account: s.Account, State: s.State}
	if s.Listing != nil {
		p.Seen, p.BackTo = s.Listing.Seen, s.Listing.BackTo
	}
	if s.Reading != nil {
		p.Done, p.Total = s.Reading.Done, s.Reading.Total
	}
	return p
}

// Command does a command where it can be done: here, if the profile is free,
// else by its owner. result is a pointer, or nil.
//
// Errors: *OwnedError where the owner could not be asked; else Do's.
func Command(ctx context.Context, o Options, command string, args any, progress func(json.RawMessage), result any) error {
	in, err := Open(ctx, o)
	var owned *OwnedError
	if errors.As(err, &owned) {
		if owned.Owner == nil {
			return err
		}
		return owned.Owner.Ask(ctx, command, args, progress, result)
	}
	if err != nil {
		return err
	}
	err = in.doHere(ctx, command, args, progress, result)
	return errors.Join(err, in.Close())
}

func (in *Inbox) doHere(ctx context.Context, command string, args any, progress func(json.RawMessage), result any) error {
	if command == DoSync {
		// A long command listens, so that others can ask.
		if _, err := in.Listen(ctx, ""); err != nil {
			return err
		}
		if err := in.Start(false); err != nil {
			return err
		}
	}
	body, err := json.Marshal(args)
	if err != nil {
		return err
	}
	got, err := in.Do(ctx, command, body, func(p any) {
		if b, err := json.Marshal(p); err == nil && progress != nil {
			progress(b)
		}
	})
	if err != nil || result == nil {
		return err
	}
	b, err := json.Marshal(got)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, result)
}

// View opens a profile's files for reading: no lock, no migration, whoever
// owns it.
func View(ctx context.Context, dir string) (*cache.Cache, *cache.Local, error) {
	local, err := cache.OpenLocal(ctx, pathOf(dir, localFile), cache.ReadOnly)
	if err != nil {
		return nil, nil, err
	}
	c, err := cache.OpenCache(ctx, pathOf(dir, cacheFile), cache.ReadOnly)
	if err != nil {
		return nil, nil, errors.Join(err, local.Close())
	}
	return c, local, nil
}
