package profile

import (
	"context"
	"errors"
	"time"

	"bandeja/internal/cache"
)

// historyBatch is how many lines of history are carried at a time.
const historyBatch = 500

// followHistory carries what no provider would give again, the history of
// changes and conversations that are gone, from the cache, where it is noted
// with the rows it is about, to local.db, which outlives the cache. It begins
// with what an earlier run left behind.
func (in *Inbox) followHistory(ctx context.Context) {
	for {
		if err := in.keep(ctx); err != nil && ctx.Err() == nil {
			in.log.Error("history not kept yet", "err", err)
			wait(ctx, 10*time.Second)
		}
		select {
		case <-ctx.Done():
			return
		case <-in.history:
		}
	}
}

// keep carries all there is to carry.
func (in *Inbox) keep(ctx context.Context) error {
	return errors.Join(in.keepHistory(ctx), in.keepGone(ctx))
}

func (in *Inbox) keepHistory(ctx context.Context) error {
	for {
		lines, last, err := in.cache.PendingChanges(ctx, historyBatch)
		if err != nil || len(lines) == 0 {
			return err
		}
		// Kept first: killed between the two, the same lines are kept again, once.
		if err := in.local.KeepChanges(ctx, lines); err != nil {
			return err
		}
		if err := in.cache.DropChanges(ctx, last); err != nil {
			return err
		}
	}
}

// keepGone makes local.db keep what is gone at a provider, and gives a cache
// that was built anew what was kept. What a provider lists again is kept no
// more.
func (in *Inbox) keepGone(ctx context.Context) error {
	gone, err := in.cache.Gone(ctx)
	if err != nil {
		return err
	}
	kept, err := in.local.KeptGone(ctx)
	if err != nil {
		return err
	}
	is, was := setOf(gone), setOf(kept)
	for _, r := range gone {
		if was[r] {
			continue
		}
		g, err := in.cache.ReadGone(ctx, r)
		if errors.Is(err, cache.ErrNotFound) {
			continue // it came back just now
		}
		if err == nil {
			err = in.local.KeepGone(ctx, g, time.Now())
		}
		if err != nil {
			return err
		}
	}
	for _, r := range kept {
		if is[r] {
			continue
		}
		if err := in.settleGone(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

func setOf(refs []cache.GoneRef) map[cache.GoneRef]bool {
	set := make(map[cache.GoneRef]bool, len(refs))
	for _, r := range refs {
		set[r] = true
	}
	return set
}

// settleGone looks after one that is kept and that the cache does not know as
// gone: it is there again, or the cache is another one.
func (in *Inbox) settleGone(ctx context.Context, r cache.GoneRef) error {
	here, gone, err := in.cache.Has(ctx, r)
	if err != nil || gone {
		return err
	}
	if here {
		return in.local.DropGone(ctx, r)
	}
	in.naming.Lock() // an account that is being removed gets nothing back
	defer in.naming.Unlock()
	a, err := in.local.Account(ctx, r.Account)
	if errors.Is(err, cache.ErrNotFound) {
		return nil // removed, its history kept
	}
	if err != nil {
		return err
	}
	g, err := in.local.ReadGone(ctx, r)
	if err != nil {
		return err
	}
	if err := in.cache.EnsureAccount(ctx, a); err != nil {
		return err
	}
	if err := in.floorAgain(ctx, a.Name); err != nil {
		return err
	}
	delta, err := in.cache.RestoreGone(ctx, g)
	if err == nil {
		in.changed(delta)
	}
	return err
}

// wakeUp lets what waits on a channel go on, once however often it is told.
func wakeUp(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
