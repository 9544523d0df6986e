package profile

import (
	"context"
	"time"
)

// renameBatch is how many renames local.db follows at a time.
const renameBatch = 500

// followRules reads the stored numbers anew when the rules for them, or an
// account's region or area, have changed. It begins with what an earlier run
// left undone, and goes on beside sync.
func (in *Inbox) followRules(ctx context.Context) {
	for {
		if err := in.rekey(ctx); err != nil && ctx.Err() == nil {
			in.log.Error("numbers not read anew", "err", err)
			wait(ctx, 10*time.Second)
			wakeUp(in.rules)
		}
		select {
		case <-ctx.Done():
			return
		case <-in.rules:
		}
	}
}

// rekey does all there is to do, and tells the index and the screens of each
// batch as it commits. On a full disk it leaves the rest for when there is
// room.
func (in *Inbox) rekey(ctx context.Context) error {
	in.rekeys.Lock()
	defer in.rekeys.Unlock()
	for more := true; more; {
		if in.space.ready() != nil {
			return nil
		}
		delta, again, err := in.cache.Rekey(ctx)
		if err != nil {
			return err
		}
		in.changed(delta)
		more = again
	}
	return in.followRenames(ctx)
}

// followRenames lets local.db call lines, contacts and threads as the cache
// does now. Killed between the two files, it follows once more, to the same
// end.
func (in *Inbox) followRenames(ctx context.Context) error {
	for followed := false; ; followed = true {
		renames, last, err := in.cache.PendingRenames(ctx, renameBatch)
		if err != nil {
			return err
		}
		if len(renames) == 0 {
			if followed {
				return in.showTies(ctx)
			}
			return nil
		}
		if err := in.local.FollowRenames(ctx, renames); err != nil {
			return err
		}
		if err := in.cache.DropRenames(ctx, last); err != nil {
			return err
		}
	}
}
