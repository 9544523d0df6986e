package profile

import (
	"context"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/syncer"
)

// Hold pauses the copying of an account after the page under way, or lets it
// go on; it is kept over a restart. A sync by hand runs all the same.
//
// Errors: ErrNoAccount.
func (in *Inbox) Hold(ctx context.Context, account string, held bool) error {
	in.naming.Lock()
	defer in.naming.Unlock()
	acc, err := in.accountNamed(ctx, account)
	if err != nil {
		return err
	}
	if err := in.local.SaveHeld(ctx, account, held); err != nil {
		return err
	}
	in.mu.Lock()
	r := in.loops[account]
	in.mu.Unlock()
	switch {
	case r != nil && held:
		r.loop.Hold()
	case r != nil:
		r.loop.Resume()
	default: // nothing runs that would say so
		if err := in.showHeld(ctx, acc, held); err != nil {
			return err
		}
	}
	in.server.Events().State()
	return nil
}

// showHeld writes into an account's state that a person has paused it, or that
// it would go on.
func (in *Inbox) showHeld(ctx context.Context, a inbox.Account, held bool) error {
	if err := in.cache.EnsureAccount(ctx, a); err != nil {
		return err
	}
	if held {
		return in.saveState(ctx, a.Name, syncer.Paused, "", "")
	}
	feed, err := in.cache.Feed(ctx, a.Name, cache.Sweep)
	if err != nil {
		return err
	}
	state := syncer.CatchingUp
	if feed.FinishedAt.IsZero() {
		state = syncer.FirstCopy
	}
	return in.saveState(ctx, a.Name, state, "", "")
}
