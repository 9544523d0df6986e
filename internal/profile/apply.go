package profile

import (
	"context"
	"errors"
	"slices"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/shape"
)

// applyWait is how long a change that came by one of the providers' own APIs
// waits for the provider (DESIGN §7).
const applyWait = 10 * time.Second

// apply makes a change that came by one of the providers' own APIs. What cannot
// go on by itself leaves the outbox: who asked is told, and nobody here knows of
// it.
func (in *Inbox) apply(ctx context.Context, w shape.Wish) (shape.Outcome, error) {
	return during(ctx, in, func(ctx context.Context) (shape.Outcome, error) {
		changed, err := in.Change(ctx, ChangeArgs{Account: w.Account, Conversation: w.Conversation, Status: w.Status, Assignees: w.Assignees, Confirm: true, Wait: applyWait})
		if err != nil {
			return shape.Refused, err
		}
		worst := shape.Done
		for _, e := range changed.Entries {
			outcome := outcomeOf(&e)
			if outcome > shape.Waits {
				if err := in.giveUp(ctx, e.ID); err != nil {
					return outcome, err
				}
			}
			worst = max(worst, outcome)
		}
		return worst, nil
	})
}

func outcomeOf(e *cache.Enqueued) shape.Outcome {
	kind, _ := e.Why()
	switch {
	case e.State == cache.WishDone || e.Outcome == cache.Withdrawn:
		return shape.Done
	case e.State == cache.WishConflict || e.State == cache.WishStale:
		return shape.Conflict
	case e.State == cache.WishRefused && kind == cache.ReasonGone:
		return shape.Gone
	case e.State == cache.WishRefused:
		return shape.Refused
	}
	return shape.Waits
}

// giveUp drops an entry that may have moved on or gone by itself.
func (in *Inbox) giveUp(ctx context.Context, id string) error {
	_, err := in.DropEntry(context.WithoutCancel(ctx), id)
	if slices.ContainsFunc([]error{cache.ErrNotFound, cache.ErrWishState}, func(gone error) bool { return errors.Is(err, gone) }) {
		return nil
	}
	return err
}
