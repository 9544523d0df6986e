package profile

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/syncer"
)

// running is one account's loop while anybody uses it: the background, a
// command, or both.
type running struct {
	loop   *syncer.Loop
	sender *syncer.Sender
	client client
	ctx    context.Context // ends when the loop is to stop
	stop   context.CancelFunc

	users sync.WaitGroup
	count int  // of users; the inbox's mu is held
	runs  bool // it cycles in the background
}

// use gives an account's loop, made if there is none, to one more user. There
// is never a second one: two would ask, and keep bookmarks, side by side.
// release ends the use.
//
// One that is being stopped is waited for: what it sends it must have noted
// before another one looks.
func (in *Inbox) use(ctx context.Context, a inbox.Account) (*running, error) {
	for {
		r, ending := in.join(a.Name, nil)
		if r != nil {
			return r, nil
		}
		if ending != nil {
			ending.users.Wait()
			continue
		}
		// The account may be another one by now than when it was picked.
		a, err := in.accountNamed(ctx, a.Name)
		if err != nil {
			return nil, err
		}
		made, err := in.newLoop(ctx, a)
		if err != nil {
			return nil, err
		}
		if r, _ = in.join(a.Name, made); r != made {
			made.stop()
		}
		if r != nil {
			return r, nil
		}
	}
}

// join adds a user to an account's loop; where there is none it becomes made,
// if that is not nil, unless one is still ending.
func (in *Inbox) join(account string, made *running) (r, ending *running) {
	in.mu.Lock()
	defer in.mu.Unlock()
	r, ending = in.loops[account], in.ending[account]
	if r == nil && ending == nil && made != nil {
		r = made
		in.loops[account] = r
	}
	if r != nil {
		r.count++
		r.users.Add(1)
	}
	return r, ending
}

func (in *Inbox) release(account string, r *running) {
	in.mu.Lock()
	r.count--
	last := r.count == 0
	if last && in.loops[account] == r {
		delete(in.loops, account)
	}
	in.mu.Unlock()
	if last {
		r.stop()
		_ = r.client.Close() // idle connections
	}
	r.users.Done()
}

// newLoop makes an account's loop, wired to the index and the screens.
func (in *Inbox) newLoop(ctx context.Context, a inbox.Account) (*running, error) {
	key, err := in.keys.load(a.KeyStore, a.Name)
	if err != nil {
		return nil, err
	}
	c, err := newClient(a, key, 0)
	if err != nil {
		return nil, err
	}
	if err := in.cache.EnsureAccount(ctx, a); err != nil {
		return nil, err
	}
	wakeUp(in.rules) // it may have changed while nobody told the cache
	held, err := in.local.Held(ctx, a.Name)
	if err != nil {
		return nil, err
	}
	r := &running{client: c}
	r.ctx, r.stop = context.WithCancel(in.life)
	r.sender = syncer.NewSender(syncer.SenderOptions{Account: a, Provider: c, Cache: in.cache, Local: in.local, Log: in.log, Changed: in.changed,
		Moved: func([]cache.Wish) { in.moved.tell(in.server.Events().State) }, CanWrite: func(bool) { in.server.Events().State() }})
	r.loop = syncer.New(syncer.Options{Account: a, Provider: c, Cache: in.cache, Log: in.log, Changed: in.changed,
		Progressed: in.progressed, OnScreen: in.onScreen, ReadFloor: in.readFloor(a.Name), Ready: in.ready,
		Outbox: r.sender, Watched: in.watched, Held: held})
	return r, nil
}

// once runs the loop once, until ctx ends or the loop is to stop.
func (r *running) once(ctx context.Context, full bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(r.ctx, cancel)()
	err := r.loop.Once(ctx, full)
	if errors.Is(err, context.Canceled) && r.ctx.Err() != nil {
		return fmt.Errorf("%w: the account was changed or removed meanwhile", ErrIncomplete)
	}
	return err
}

// startLoop lets an account's loop cycle in the background.
func (in *Inbox) startLoop(a inbox.Account) error {
	r, err := in.use(in.life, a)
	if err != nil {
		return err
	}
	in.mu.Lock()
	cycles := r.runs || in.closed
	r.runs = true
	in.mu.Unlock()
	if cycles {
		in.release(a.Name, r)
		return nil
	}
	in.work.Go(func() {
		defer in.release(a.Name, r)
		r.loop.Run(r.ctx)
	})
	return nil
}

// stopLoop ends an account's loop and waits for all who use it; was reports
// whether it cycled.
func (in *Inbox) stopLoop(account string) (was bool) {
	in.mu.Lock()
	r := in.loops[account]
	delete(in.loops, account)
	was = r != nil && r.runs
	if r != nil {
		in.ending[account] = r
	}
	in.mu.Unlock()
	if r != nil {
		r.stop()
		r.users.Wait()
		in.mu.Lock()
		delete(in.ending, account)
		in.mu.Unlock()
	}
	return was
}

// stopLoops ends every loop, and tells which accounts' cycled.
func (in *Inbox) stopLoops() map[string]bool {
	in.mu.Lock()
	names := slices.Collect(maps.Keys(in.loops))
	in.mu.Unlock()
	was := map[string]bool{}
	for _, name := range names {
		was[name] = in.stopLoop(name)
	}
	return was
}

// wake asks for a cycle now, of one account or of all for "".
func (in *Inbox) wake(account string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for name, r := range in.loops {
		if account == "" || account == name {
			r.loop.Wake()
			r.sender.Wake()
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
