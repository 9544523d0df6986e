package profile

import (
	"context"

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
	case held: // nothing runs that would say so
		if err := in.cache.EnsureAccount(ctx, acc); err != nil {
			return err
		}
		if err := in.saveState(ctx, account, syncer.Paused, "", ""); err != nil {
			return err
		}
	}
	in.server.Events().State()
	return nil
}
