package profile

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/platica"
	"bandeja/internal/providers/rest"
	"bandeja/internal/providers/waspy"
	"bandeja/internal/syncer"
)

// Start sets the background to work: the people index, the message index and,
// with sync, a loop for every account. Close ends it.
func (in *Inbox) Start(sync bool) error {
	in.mu.Lock()
	in.run, in.stop = context.WithCancel(context.Background())
	in.syncs = sync
	in.mu.Unlock()
	in.work.Go(func() { in.followPeople(in.run) })
	in.work.Go(func() { in.followIndex(in.run) })
	if !sync {
		return nil
	}
	accounts, err := in.local.Accounts(in.run)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if err := in.startLoop(a); err != nil {
			in.log.Error("account not started", "account", a.Name, "err", err)
			in.saveFailure(a, err)
		}
	}
	return nil
}

// saveFailure shows in an account's state why it could not even start: its
// key is not where it should be, most often.
func (in *Inbox) saveFailure(a inbox.Account, err error) {
	ctx := in.run
	if e := in.cache.EnsureAccount(ctx, a); e != nil {
		in.log.Error("account not saved", "account", a.Name, "err", e)
		return
	}
	if e := in.cache.SaveState(ctx, a.Name, syncer.Paused, time.Time{}, KindOf(err), err.Error()); e != nil {
		in.log.Error("state not saved", "account", a.Name, "err", e)
	}
}

// client makes the provider of an account, with its key.
func (in *Inbox) client(a inbox.Account) (providers.Provider, error) {
	key, err := in.keys.load(a.KeyStore, a.Name)
	if err != nil {
		return nil, err
	}
	return newClient(a, key, 0)
}

func newClient(a inbox.Account, key rest.Secret, tries int) (providers.Provider, error) {
	o := rest.Options{BaseURL: a.BaseURL, Key: key, Rate: a.Rate, TLSPin: a.TLSPin, Insecure: a.Insecure, Tries: tries}
	switch a.Provider {
	case inbox.Waspy:
		c, err := waspy.New(o)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUsage, err)
		}
		return c, nil
	case inbox.Platica:
		c, err := platica.New(o)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUsage, err)
		}
		return c, nil
	}
	return nil, fmt.Errorf("%w: no platform %q", ErrUsage, a.Provider)
}

// loop makes an account's loop, wired to the index and the screens.
func (in *Inbox) loop(a inbox.Account) (*syncer.Loop, error) {
	p, err := in.client(a)
	if err != nil {
		return nil, err
	}
	if err := in.cache.EnsureAccount(context.Background(), a); err != nil {
		return nil, err
	}
	return syncer.New(syncer.Options{Account: a, Provider: p, Cache: in.cache, Log: in.log,
		Changed: in.changed, Progressed: in.server.Events().State, OnScreen: in.onScreen}), nil
}

func (in *Inbox) startLoop(a inbox.Account) error {
	l, err := in.loop(a)
	if err != nil {
		return err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	ctx, cancel := context.WithCancel(in.run)
	r := &running{l, cancel, make(chan struct{})}
	in.loops[a.Name] = r
	in.work.Go(func() {
		defer close(r.done)
		l.Run(ctx)
	})
	return nil
}

// stopLoop ends an account's loop and waits for it.
func (in *Inbox) stopLoop(name string) (was bool) {
	in.mu.Lock()
	r, was := in.loops[name]
	delete(in.loops, name)
	in.mu.Unlock()
	if was {
		r.stop()
		<-r.done
	}
	return was
}

func (in *Inbox) wake(account string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for name, r := range in.loops {
		if account == "" || account == name {
			r.loop.Wake()
		}
	}
}

func (in *Inbox) statuses() map[string]syncer.Status {
	in.mu.Lock()
	defer in.mu.Unlock()
	out := map[string]syncer.Status{}
	for name, r := range in.loops {
		out[name] = r.loop.Status()
	}
	return out
}

// changed is told by sync, after a commit, what it changed.
func (in *Inbox) changed(d cache.Delta) {
	in.stale.add(d.People)
	if d.Messages > 0 {
		select {
		case in.index <- struct{}{}:
		default:
		}
	}
	in.server.Events().Threads(d.Threads)
}

// staleSet gathers the people to read anew, so that a busy sync refreshes each
// once and never waits.
type staleSet struct {
	mu   sync.Mutex
	refs map[string]bool
	wake chan struct{}
}

func newStaleSet() *staleSet {
	return &staleSet{refs: map[string]bool{}, wake: make(chan struct{}, 1)}
}

func (s *staleSet) add(refs []string) {
	if len(refs) == 0 {
		return
	}
	s.mu.Lock()
	for _, r := range refs {
		s.refs[r] = true
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *staleSet) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	refs := slices.Collect(maps.Keys(s.refs))
	clear(s.refs)
	return refs
}

// followPeople loads the people index and keeps up with sync.
func (in *Inbox) followPeople(ctx context.Context) {
	if err := in.search.People.Load(ctx); err != nil && ctx.Err() == nil {
		in.log.Error("people index not loaded", "err", err)
		return
	}
	in.server.Events().State()
	for {
		select {
		case <-ctx.Done():
			return
		case <-in.stale.wake:
		}
		refs := in.stale.take()
		if err := in.search.People.Refresh(ctx, refs); err != nil && ctx.Err() == nil {
			in.log.Error("people index not refreshed", "err", err)
			in.stale.add(refs)
			wait(ctx, time.Second)
		}
	}
}

// indexRest lets a busy sync fill a batch: a search looks through the queue
// anyway.
const indexRest = 500 * time.Millisecond

// followIndex indexes what sync queues.
func (in *Inbox) followIndex(ctx context.Context) {
	for {
		if err := in.drainIndex(ctx); err != nil && ctx.Err() == nil {
			in.log.Error("messages not indexed", "err", err)
			wait(ctx, 10*time.Second)
		}
		select {
		case <-ctx.Done():
			return
		case <-in.index:
			wait(ctx, indexRest)
		}
	}
}

func (in *Inbox) drainIndex(ctx context.Context) error {
	for ctx.Err() == nil {
		left, err := in.cache.IndexQueued(ctx)
		if err != nil || left == 0 {
			return err
		}
	}
	return ctx.Err()
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// onScreen remembers which threads somebody opened lately.
type onScreen struct {
	mu     sync.Mutex
	recent []opened
}

type opened struct {
	thread string
	at     time.Time
}

const (
	mostOpened = 4
	openedFor  = 2 * time.Minute
)

func (o *onScreen) open(thread string, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.recent = slices.DeleteFunc(o.recent, func(v opened) bool { return v.thread == thread })
	o.recent = append([]opened{{thread, now}}, o.recent[:min(len(o.recent), mostOpened-1)]...)
}

func (in *Inbox) onScreen() []string {
	o := in.seen
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []string
	for _, v := range o.recent {
		if time.Since(v.at) < openedFor {
			out = append(out, v.thread)
		}
	}
	return out
}
