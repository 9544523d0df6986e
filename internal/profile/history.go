package profile

import (
	"context"
	"time"
)

// historyBatch is how many lines of history are carried at a time.
const historyBatch = 500

// followHistory carries the history of changes from the cache, where it is
// noted with the rows it is about, to local.db, which outlives the cache. It
// begins with what an earlier run left behind.
func (in *Inbox) followHistory(ctx context.Context) {
	for {
		if err := in.keepHistory(ctx); err != nil && ctx.Err() == nil {
			in.log.Error("history of changes not kept yet", "err", err)
			wait(ctx, 10*time.Second)
		}
		select {
		case <-ctx.Done():
			return
		case <-in.history:
		}
	}
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

// wakeUp lets what waits on a channel go on, once however often it is told.
func wakeUp(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
