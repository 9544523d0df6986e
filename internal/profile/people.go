package profile

import (
	"context"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/server"
)

// Decided is what a join or a split came to: the person (p_…) who is meant
// now, and the id (j_…) by which it is undone.
type Decided = server.Decided

// Join keeps for ever that two people (p_…) are one. It is a way of reading:
// nothing of what was copied is rewritten.
//
// Errors: cache.ErrNotFound, cache.ErrSamePerson.
func (in *Inbox) Join(ctx context.Context, one, other string) (Decided, error) {
	in.deciding.Lock()
	defer in.deciding.Unlock()
	plan, err := in.cache.PlanJoin(ctx, one, other)
	if err != nil {
		return Decided{}, err
	}
	return in.decide(ctx, plan, func(ctx context.Context) (string, error) { return in.cache.PersonOf(ctx, plan[0].A) })
}

// Split keeps for ever that a contact (c_…) of somebody (p_…) is somebody else.
// The person who is meant then is that contact's own.
//
// Errors: cache.ErrNotFound, cache.ErrAlone.
func (in *Inbox) Split(ctx context.Context, person, contact string) (Decided, error) {
	in.deciding.Lock()
	defer in.deciding.Unlock()
	plan, err := in.cache.PlanSplit(ctx, person, contact)
	if err != nil {
		return Decided{}, err
	}
	return in.decide(ctx, plan, func(ctx context.Context) (string, error) { return in.cache.PersonOf(ctx, plan[0].A) })
}

// Apart keeps for ever that two people (p_…) who are not joined are not one:
// neither is suggested to be the other any more, and no rule makes them one.
//
// Errors: cache.ErrNotFound, cache.ErrSamePerson.
func (in *Inbox) Apart(ctx context.Context, one, other string) (Decided, error) {
	in.deciding.Lock()
	defer in.deciding.Unlock()
	plan, err := in.cache.PlanApart(ctx, one, other)
	if err != nil {
		return Decided{}, err
	}
	return in.decide(ctx, plan, func(context.Context) (string, error) { return one, nil }) // nobody becomes somebody else by it
}

// UndoJoin takes a join, a split or a keeping apart back.
//
// Errors: cache.ErrNotFound.
func (in *Inbox) UndoJoin(ctx context.Context, id string) error {
	in.deciding.Lock()
	defer in.deciding.Unlock()
	if err := in.local.DropTies(ctx, id); err != nil {
		return err
	}
	return in.showTies(ctx)
}

// decide keeps a decision and shows it.
func (in *Inbox) decide(ctx context.Context, plan []cache.Tie, who func(context.Context) (string, error)) (Decided, error) {
	id, err := in.local.SaveTies(ctx, plan, time.Now())
	if err != nil {
		return Decided{}, err
	}
	if err := in.showTies(ctx); err != nil {
		return Decided{}, err
	}
	person, err := who(ctx)
	return Decided{Person: person, Undo: id}, err
}

// showTies lets who is who follow what is kept of it. The index has followed
// when it returns: whoever asks next finds them as they are now.
func (in *Inbox) showTies(ctx context.Context) error {
	delta, err := in.cache.ShowTies(context.WithoutCancel(ctx), in.local) // of what is kept already
	if err != nil {
		return err
	}
	if in.search.People.Ready() {
		if err := in.search.People.Refresh(ctx, delta.People); err != nil {
			return err
		}
	}
	in.changed(delta)
	return nil
}
