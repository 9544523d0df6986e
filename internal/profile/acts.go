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
	"bandeja/internal/server"
)

// partOfAct is how many conversations one commit changes: a tenth of a second
// of either file's writer at most.
const partOfAct = 250

// acting does what was asked for at once, part by part.
type acting struct {
	wake chan struct{} // there may be something to do

	mu    sync.Mutex
	moved chan struct{} // closed as a part of any act is done
}

func newActing() *acting {
	return &acting{wake: make(chan struct{}, 1), moved: make(chan struct{})}
}

func (a *acting) tell() {
	a.mu.Lock()
	defer a.mu.Unlock()
	close(a.moved)
	a.moved = make(chan struct{})
}

func (a *acting) next() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.moved
}

// wanted is an act's wish as it is kept: it is done after a stop, too.
type wanted struct {
	Status    *string   `json:"status,omitempty"`
	Assignees *[]string `json:"assignees,omitempty"`
	Confirm   bool      `json:"confirm,omitempty"`
}

func (a *ChangeArgs) want() (json.RawMessage, error) {
	return json.Marshal(wanted{a.Status, a.Assignees, a.Confirm})
}

// PlanAct says what a change of the live conversations of threads would do.
// Errors as Change's, but that none of them is supported is none.
func (in *Inbox) PlanAct(ctx context.Context, a ChangeArgs) (Plan, error) {
	plan, _, err := in.planAct(ctx, a)
	return plan, err
}

func (in *Inbox) planAct(ctx context.Context, a ChangeArgs) (Plan, []cache.ActPart, error) {
	asOf := time.Now()
	targets, err := in.cache.LiveTargetsHere(ctx, a.Threads)
	if err != nil {
		return Plan{}, nil, err
	}
	d := draft{in: in, args: a, mixed: ofSeveral(targets), careful: true}
	if err := d.over(ctx, targets, asOf); err != nil {
		return d.plan, nil, err
	}
	parts := make([]cache.ActPart, len(targets))
	for i, t := range targets {
		parts[i] = cache.ActPart{Place: i, Account: t.Account, Conversation: t.Conversation}
	}
	return d.plan, parts, nil
}

// Act begins to change the live conversations of threads, however many:
// durable when it returns, and gone on with after a stop. Of an Op that was
// asked for already it answers how far that has come.
//
// Errors as Change's; cache.ErrIrreversible where what cannot be taken back was
// not confirmed: nothing is done then.
func (in *Inbox) Act(ctx context.Context, a ChangeArgs) (cache.Act, error) {
	if known, err := in.local.Act(ctx, a.Op); !errors.Is(err, cache.ErrNotFound) {
		return known, err
	}
	plan, parts, err := in.planAct(ctx, a)
	if err != nil {
		return cache.Act{}, err
	}
	if plan.Irreversible > 0 && !a.Confirm {
		return cache.Act{}, fmt.Errorf("%s: %w", *a.Status, cache.ErrIrreversible)
	}
	want, err := a.want()
	if err != nil {
		return cache.Act{}, err
	}
	act, _, err := in.local.BeginAct(ctx, a.Op, want, parts)
	if err != nil {
		return act, err
	}
	return in.actRests(ctx, a.Op)
}

// UndoAct takes an act back, each conversation to what was shown of it before;
// what has not come yet does not come. Durable when it returns, and gone on
// with after a stop. cache.ErrNotFound.
func (in *Inbox) UndoAct(ctx context.Context, op string) (cache.Act, error) {
	if _, err := in.local.TakeBack(ctx, op); err != nil {
		return cache.Act{}, err
	}
	return in.actRests(ctx, op)
}

// restsWithin is how long who asks is kept waiting for an act's end.
const restsWithin = 2 * time.Second

// actRests waits a little for an act to come to its end, and says how far it is.
func (in *Inbox) actRests(ctx context.Context, op string) (cache.Act, error) {
	late := time.After(restsWithin)
	wakeUp(in.acts.wake)
	for {
		moved := in.acts.next()
		act, err := in.local.Act(ctx, op)
		if err != nil || !act.State.AtWork() {
			return act, err
		}
		select {
		case <-moved:
		case <-late:
			return act, nil
		case <-ctx.Done():
			return act, nil // it goes on all the same
		}
	}
}

// triedAgain is how long an act that met an error rests: a full disk, as a rule.
const triedAgain = 5 * time.Second

// followActs does what was asked for at once, a part of each in turn.
func (in *Inbox) followActs(ctx context.Context) {
	if err := in.local.DropOldActs(ctx); err != nil && ctx.Err() == nil {
		in.log.Error("old acts not dropped", "err", err)
	}
	drafts := map[string]*draft{}
	for ctx.Err() == nil {
		ops, err := in.local.ActsAtWork(ctx)
		for _, op := range ops {
			if e := in.actOn(ctx, op, drafts); e != nil {
				err = e
			}
			in.acts.tell()
		}
		var again <-chan time.Time
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			in.log.Error("act not gone on with", "err", err)
			again = time.After(triedAgain)
		case len(ops) > 0:
			continue
		}
		clear(drafts)
		select {
		case <-ctx.Done():
		case <-in.acts.wake:
		case <-again:
		}
	}
}

// actOn does the next part of an act, or takes one back.
func (in *Inbox) actOn(ctx context.Context, op string, drafts map[string]*draft) error {
	act, err := in.local.Act(ctx, op)
	if err != nil {
		return err
	}
	if act.State == cache.ActUndoing {
		return in.undoPart(ctx, op)
	}
	d := drafts[op]
	if d == nil {
		var w wanted
		if err := json.Unmarshal(act.Want, &w); err != nil {
			return fmt.Errorf("act %s: %w", op, err)
		}
		args := ChangeArgs{Op: op, Status: w.Status, Assignees: w.Assignees, Confirm: w.Confirm}
		d = &draft{in: in, args: args, mixed: true, careful: true}
		drafts[op] = d
	}
	parts, err := in.local.ActTodo(ctx, op, partOfAct)
	if err != nil {
		return err
	}
	if len(parts) == 0 {
		return in.local.EndAct(ctx, op)
	}
	err = in.doPart(ctx, op, d, parts)
	if errors.Is(err, cache.ErrWishState) { // it is being taken back by now
		return nil
	}
	return err
}

// doPart changes some conversations in one commit. Where one of them keeps the
// others from it each is changed by itself.
func (in *Inbox) doPart(ctx context.Context, op string, d *draft, parts []cache.ActPart) error {
	upTo := parts[len(parts)-1].Place
	asOf := time.Now()
	targets, places, err := in.targetsOfParts(ctx, parts)
	if err == nil {
		err = d.over(ctx, targets, asOf)
	}
	if err == nil {
		tally := d.tally()
		tally.Lacking += len(parts) - len(targets)
		var queued []cache.Enqueued
		if queued, err = in.local.DoPart(ctx, op, upTo, tally, d.placed(places)); err == nil {
			in.outboxChanged(ctx, wishesOf(queued))
			return nil
		}
	}
	switch {
	case !keptByOne(err):
		return err
	case len(parts) == 1:
		_, err = in.local.DoPart(ctx, op, upTo, cache.ActTally{Lacking: 1}, nil)
		return err
	}
	for i := range parts {
		if err := in.doPart(ctx, op, d, parts[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// keptByOne reports whether an error is about a conversation, rather than about
// all there is to do.
func keptByOne(err error) bool {
	return errors.Is(err, cache.ErrNotFound) || errors.Is(err, inbox.ErrUnsupported) || errors.Is(err, cache.ErrIrreversible) || errors.Is(err, ErrWho)
}

// targetsOfParts finds the conversations of parts that are here, in their
// order, and the place of each.
func (in *Inbox) targetsOfParts(ctx context.Context, parts []cache.ActPart) (targets []cache.Target, places map[conversation]int, err error) {
	places = make(map[conversation]int, len(parts))
	by := map[string][]string{}
	for _, p := range parts {
		places[conversation{p.Account, p.Conversation}] = p.Place
		by[p.Account] = append(by[p.Account], p.Conversation)
	}
	for account, ids := range by {
		some, err := in.cache.TargetsOf(ctx, account, ids)
		if err != nil {
			return nil, nil, err
		}
		targets = append(targets, some...)
	}
	slices.SortFunc(targets, func(a, b cache.Target) int {
		return places[conversation{a.Account, a.Conversation}] - places[conversation{b.Account, b.Conversation}]
	})
	return targets, places, nil
}

// tally counts the conversations of a draft as an act does.
func (d *draft) tally() cache.ActTally {
	return cache.ActTally{Changed: d.plan.Change, Same: d.plan.Same, Lacking: len(d.plan.Unsupported), Asking: d.plan.Asking}
}

// placed are the intents of a draft with the places of their conversations;
// nil: in their order.
func (d *draft) placed(places map[conversation]int) []cache.ActIntent {
	out := make([]cache.ActIntent, len(d.intents))
	for i, intent := range d.intents {
		place := i
		if places != nil {
			place = places[conversation{intent.Account, intent.Conversation}]
		}
		out[i] = cache.ActIntent{Intent: intent, Place: place}
	}
	return out
}

// undoPart takes the last part of an act back.
func (in *Inbox) undoPart(ctx context.Context, op string) error {
	asOf := time.Now().Truncate(time.Millisecond)
	steps, err := in.local.ActSteps(ctx, op, partOfAct)
	if err != nil {
		return err
	}
	if len(steps) == 0 {
		return in.local.EndAct(ctx, op)
	}
	parts := make([]cache.ActPart, len(steps))
	for i, s := range steps {
		parts[i] = s.ActPart
	}
	targets, _, err := in.targetsOfParts(ctx, parts)
	if err != nil {
		return err
	}
	here := make(map[conversation]cache.Target, len(targets))
	for _, t := range targets {
		here[conversation{t.Account, t.Conversation}] = t
	}
	undos := make([]cache.UndoStep, len(steps))
	for i, s := range steps {
		now := s.After // of what is not here nothing else is known
		if t, ok := here[conversation{s.Account, s.Conversation}]; ok {
			now = t.FieldOf(s.Field)
		}
		undos[i] = cache.UndoStep{ActStep: s, Now: now, AsOf: asOf}
	}
	moved, err := in.local.UndoPart(ctx, op, undos)
	if err != nil {
		return err
	}
	in.outboxChanged(ctx, moved)
	return nil
}

// acts is what the screen may ask of acts.
func (in *Inbox) actsOf() server.Acts {
	return server.Acts{
		Plan: func(ctx context.Context, c server.Change) (server.ActPlan, error) {
			plan, err := in.PlanAct(ctx, ChangeArgs{Threads: c.Threads, Status: c.Status, Assignees: c.Assignees})
			return server.ActPlan{Change: plan.Change, Same: plan.Same, Unsupported: len(plan.Unsupported), Asking: plan.Asking, Irreversible: plan.Irreversible}, err
		},
		Do: func(ctx context.Context, c server.Change) (cache.Act, error) {
			return during(ctx, in, func(ctx context.Context) (cache.Act, error) {
				return in.Act(ctx, ChangeArgs{Op: c.Op, Threads: c.Threads, Status: c.Status, Assignees: c.Assignees, Confirm: c.Confirm})
			})
		},
		Undo: func(ctx context.Context, op string) (cache.Act, error) {
			return during(ctx, in, func(ctx context.Context) (cache.Act, error) { return in.UndoAct(ctx, op) })
		},
	}
}
