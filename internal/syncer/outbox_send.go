package syncer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers"
)

const (
	// staleAfter is the age from which on a wish is not sent unasked.
	staleAfter = 24 * time.Hour
	// lookAgain is how soon a change that was taken and is not shown yet is
	// looked for again; the pauses double.
	lookAgain = 2 * time.Second
	// looksEnough in vain: the provider took the change and did not do it.
	looksEnough = 6
)

// tooOld reports whether a wish is not to be sent unasked. How old one is that
// was made in the future nobody knows: a clock has been set right since.
func tooOld(w cache.Wish) bool { return time.Since(w.MadeAt).Abs() > staleAfter }

// seen is what the provider has of a conversation.
type seen struct {
	inbox.Conversation
	at time.Time
}

func (v *seen) note(field, reason string) cache.WishNote {
	now := v.FieldOf(field)
	return cache.WishNote{Reason: reason, Now: &now, NowAt: v.at}
}

// send brings the waiting entries of one conversation, at most one a field,
// as far as they go. An error is one that stops the account.
func (s *Sender) send(ctx context.Context, batch []cache.Wish) error {
	batch, err := s.ready(ctx, batch)
	if err != nil || len(batch) == 0 {
		return err
	}
	v, err := s.look(ctx, batch[0].Conversation)
	if err != nil {
		return s.notSeen(ctx, batch, err)
	}
	toSend, err := s.compare(ctx, batch, v)
	if err != nil || len(toSend) == 0 {
		return err
	}
	// Durable before it leaves: a kill from here on leaves entries of which it
	// is known that they may have been sent.
	toSend, err = s.move(ctx, toSend, cache.WishSending, cache.WishNote{})
	if err != nil || len(toSend) == 0 {
		return err
	}
	begun, err := s.o.Cache.NextFetch(ctx, s.o.Account.Name)
	if err != nil {
		return s.undone(ctx, toSend, err)
	}
	updated, err := s.o.Provider.Update(ctx, toSend[0].Conversation, changeOf(toSend))
	if err != nil {
		return s.notTaken(ctx, toSend, err)
	}
	return s.taken(ctx, toSend, updated, begun)
}

// ready notes that the provider is being asked. Of what may have been sent
// that is known already, and must stay so. An earlier round that was cut short,
// or could not write, has left an entry where it was: being asked, it is asked
// again; being sent, nobody knows.
func (s *Sender) ready(ctx context.Context, batch []cache.Wish) (out []cache.Wish, err error) {
	for _, w := range batch {
		to := cache.WishChecking
		switch w.State {
		case cache.WishUnknown, cache.WishConfirming, cache.WishChecking:
			out = append(out, w)
			continue
		case cache.WishSending:
			to = cache.WishUnknown
		}
		moved, err := s.move(ctx, []cache.Wish{w}, to, cache.WishNote{Reason: w.Reason})
		if err != nil {
			return nil, err
		}
		out = append(out, moved...)
	}
	return out, nil
}

// look reads a conversation and keeps it: an answer to a request that began
// before this one says nothing newer (SYNC I5).
func (s *Sender) look(ctx context.Context, id string) (*seen, error) {
	begun, err := s.o.Cache.NextFetch(ctx, s.o.Account.Name)
	if err != nil {
		return nil, err
	}
	v := &seen{at: time.Now()}
	if v.Conversation, err = s.o.Provider.Conversation(ctx, id); err != nil {
		return nil, err
	}
	return v, s.keep(ctx, v.Conversation, begun)
}

func (s *Sender) keep(ctx context.Context, conv inbox.Conversation, begun int64) error {
	// What the provider has said is kept even when who asked has left.
	delta, err := s.o.Cache.SaveConversations(context.WithoutCancel(ctx), s.o.Account.Name, inbox.Page[inbox.Conversation]{Items: []inbox.Conversation{conv}}, nil, begun)
	if err == nil && !delta.Empty() {
		s.o.Changed(delta)
	}
	return err
}

// compare decides, field by field, by what the provider has: what it has
// already is done, what is as it was may be sent, anything else is a conflict.
func (s *Sender) compare(ctx context.Context, batch []cache.Wish, v *seen) (toSend []cache.Wish, err error) {
	for _, w := range batch {
		theirs := v.FieldOf(w.Field)
		to, reason := cache.WishConflict, ""
		switch {
		case theirs == w.Want:
			to = cache.WishDone
		case w.State == cache.WishConfirming:
			to, reason = s.unshown(w, theirs)
		case theirs == w.Base && w.State == cache.WishUnknown && tooOld(w):
			to = cache.WishStale
		case theirs == w.Base:
			toSend = append(toSend, w)
			continue
		}
		if _, err := s.move(ctx, []cache.Wish{w}, to, v.note(w.Field, reason)); err != nil {
			return nil, err
		}
	}
	return toSend, nil
}

// unshown is where an entry goes that the provider took and does not show.
func (s *Sender) unshown(w cache.Wish, theirs string) (to cache.WishState, reason string) {
	queuedThere := w.Reason == cache.ReasonAccepted // another Bandeja's outbox has it
	switch {
	case theirs != w.Base && queuedThere:
		return cache.WishConflict, ""
	case theirs != w.Base:
		return cache.WishDone, "" // it was done, and somebody has changed it since
	case queuedThere && tooOld(w):
		return cache.WishStale, ""
	case !s.isDue(w): // somebody is impatient: that is no look that counts
	case s.again(w, lookAgain) >= looksEnough && !queuedThere:
		return cache.WishRefused, cache.ReasonUnshown
	}
	return cache.WishConfirming, w.Reason
}

func changeOf(batch []cache.Wish) (c inbox.Change) {
	for _, w := range batch {
		switch w.Field {
		case inbox.FieldStatus:
			c.Status = &w.Want
		case inbox.FieldAssignees:
			refs := inbox.RefsOf(w.Want)
			c.Assignees = &refs
		}
	}
	return c
}

// taken confirms a PATCH that was answered well.
func (s *Sender) taken(ctx context.Context, sent []cache.Wish, u providers.Updated, begun int64) error {
	keep := context.WithoutCancel(ctx)
	note := cache.WishNote{Attempt: true, Status: u.Status, RequestID: u.RequestID, Touched: u.IDs}
	if u.Status == http.StatusAccepted {
		note.Reason = cache.ReasonAccepted
	}
	waiting, err := s.move(keep, sent, cache.WishConfirming, note)
	if err != nil {
		return err
	}
	s.learned(keep, true)
	if err := s.lookUpOthers(keep, sent[0].Conversation, u.IDs); err != nil {
		return err
	}
	if u.Status == http.StatusAccepted {
		for _, w := range waiting {
			s.again(w, lookAgain)
		}
		return nil
	}
	v, err := s.confirmed(ctx, sent[0].Conversation, u, begun)
	if err != nil {
		return s.notSeen(ctx, waiting, err)
	}
	_, err = s.compare(keep, waiting, v)
	return err
}

// confirmed is the conversation after a PATCH: the reply's object, unless
// another request began meanwhile, of which nobody could say whether it saw
// the change; then a GET.
func (s *Sender) confirmed(ctx context.Context, id string, u providers.Updated, begun int64) (*seen, error) {
	if u.Conversation == nil {
		return s.look(ctx, id)
	}
	now, err := s.o.Cache.NextFetch(ctx, s.o.Account.Name)
	if err != nil {
		return nil, err
	}
	if now != begun+1 {
		return s.look(ctx, id)
	}
	return &seen{*u.Conversation, time.Now()}, s.keep(ctx, *u.Conversation, now)
}

// lookUpOthers has the conversations that one call touched beside its own read
// soon.
func (s *Sender) lookUpOthers(ctx context.Context, own string, touched []string) error {
	others := slices.DeleteFunc(slices.Clone(touched), func(id string) bool { return id == own })
	return s.o.Cache.QueueLookups(ctx, s.o.Account.Name, others)
}

// notSeen deals with a GET that failed: nothing was sent in this attempt.
func (s *Sender) notSeen(ctx context.Context, batch []cache.Wish, err error) error {
	to, reason, stop := verdict(err)
	if to == cache.WishUnknown { // the answer did not come, and nothing was asked to change
		to = cache.WishParked
	}
	if ctx.Err() != nil || to == "" {
		return s.undone(ctx, batch, err)
	}
	for _, w := range batch {
		next := to
		why := reason
		if to == cache.WishParked && w.State != cache.WishChecking {
			next, why = w.State, w.Reason // what was sent stays so
		}
		if next != cache.WishRefused {
			s.again(w, cycleWatched)
		}
		if _, err := s.move(ctx, []cache.Wish{w}, next, cache.WishNote{Reason: why}); err != nil {
			return err
		}
	}
	if stop {
		return err
	}
	return nil
}

// undone puts back what was not sent and is nobody's fault: the program ends,
// or the disk is full.
func (s *Sender) undone(ctx context.Context, batch []cache.Wish, err error) error {
	keep := context.WithoutCancel(ctx)
	for _, w := range batch {
		to := cache.WishQueued
		if w.State == cache.WishUnknown || w.State == cache.WishConfirming {
			continue
		}
		if _, e := s.move(keep, []cache.Wish{w}, to, cache.WishNote{}); e != nil {
			return errors.Join(err, e)
		}
	}
	return err
}

// notTaken deals with a PATCH that failed.
func (s *Sender) notTaken(ctx context.Context, sent []cache.Wish, err error) error {
	keep := context.WithoutCancel(ctx)
	note := cache.WishNote{Attempt: true, Status: statusOf(err), RequestID: requestOf(err)}
	var to cache.WishState
	var stop bool
	to, note.Reason, stop = verdict(err)
	switch {
	case ctx.Err() != nil || to == "":
		to, note.Reason = cache.WishUnknown, "" // it may have left
	case errors.Is(err, providers.ErrForbidden):
		s.learned(keep, false)
	case note.Status == http.StatusConflict:
		// Another Bandeja found a conflict: looking again will show it.
		return s.onceMore(keep, sent, note, looksEnough)
	case to == cache.WishRefused && len(sent) > 1:
		// One of them is at fault, and only alone can it be told which.
		return s.apart(keep, sent, note)
	}
	if to == cache.WishUnknown || to == cache.WishParked {
		for _, w := range sent {
			s.again(w, cycleWatched)
		}
	}
	if _, e := s.move(keep, sent, to, note); e != nil {
		return e
	}
	s.o.Log.Warn("a change did not get through", "account", s.o.Account.Name, "entry", sent[0].ID, "state", string(to), "err", err)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, providers.ErrForbidden):
		// The key reads and does not write: no more is tried in this round,
		// and sync goes on.
		return errReadOnlyKey
	case stop:
		return err
	}
	return nil
}

// errReadOnlyKey ends a round: what waits cannot be sent with this key.
var errReadOnlyKey = fmt.Errorf("the key may not change anything: %w", providers.ErrForbidden)

// onceMore queues entries for another look, a few times; then they are
// refused.
func (s *Sender) onceMore(ctx context.Context, sent []cache.Wish, note cache.WishNote, most int) error {
	for _, w := range sent {
		to := cache.WishQueued
		if s.again(w, lookAgain) >= most {
			to = cache.WishRefused
		}
		if _, err := s.move(ctx, []cache.Wish{w}, to, note); err != nil {
			return err
		}
	}
	return nil
}

// apart sends the fields of a PATCH that was refused as a whole one by one.
func (s *Sender) apart(ctx context.Context, sent []cache.Wish, note cache.WishNote) error {
	queued, err := s.move(ctx, sent, cache.WishQueued, note)
	for i := 0; err == nil && i < len(queued); i++ {
		err = s.send(ctx, queued[i:i+1])
	}
	return err
}

// verdict is what a failure means for an entry: where it goes, why, and
// whether the account's other entries would meet the same. "" means that the
// failure is none of the provider's.
func verdict(err error) (to cache.WishState, reason string, stop bool) {
	is := func(kind error) bool { return errors.Is(err, kind) }
	switch {
	case is(providers.ErrRefused):
		return cache.WishParked, cache.ReasonKey, true
	case is(providers.ErrForbidden):
		return cache.WishParked, cache.ReasonForbidden, true
	case is(providers.ErrNotFound):
		return cache.WishRefused, cache.ReasonGone, false
	case is(providers.ErrRejected):
		return cache.WishRefused, rejection(err), false
	case is(providers.ErrUnsupported):
		return cache.WishRefused, cache.ReasonUnsupported, false
	case is(providers.ErrLimited) && (statusOf(err) == 0 || statusOf(err) == http.StatusTooManyRequests):
		return cache.WishParked, cache.ReasonLimited, true // refused before anything was done
	case is(providers.ErrLimited):
		return cache.WishUnknown, cache.ReasonLimited, true
	case is(providers.ErrUnreachable):
		return cache.WishUnknown, cache.ReasonOffline, true
	case is(providers.ErrNotAPI):
		return cache.WishUnknown, cache.ReasonNotAPI, true
	case is(providers.ErrFailing):
		return cache.WishUnknown, cache.ReasonFailing, false
	}
	return "", "", true
}

// rejection is why a provider did not take a request, in its own code where it
// gave one.
func rejection(err error) string {
	var e *providers.Error
	if errors.As(err, &e) && e.Err != nil {
		return cache.ReasonRejected + ": " + e.Err.Error()
	}
	return cache.ReasonRejected
}

func statusOf(err error) int {
	var e *providers.Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}

func requestOf(err error) string {
	var e *providers.Error
	if errors.As(err, &e) {
		return e.RequestID
	}
	return ""
}

// move takes entries to another state and tells of it. What the cache shows of
// them follows where that is something else; the row itself was saved before,
// so that nothing flickers back.
func (s *Sender) move(ctx context.Context, batch []cache.Wish, to cache.WishState, note cache.WishNote) ([]cache.Wish, error) {
	moved, err := s.o.Local.MoveWishes(ctx, batch, to, note)
	if err != nil || len(moved) == 0 {
		return moved, err
	}
	switch to {
	case cache.WishDone, cache.WishConflict, cache.WishRefused, cache.WishStale:
		var shown []string
		for _, w := range moved {
			s.settled(w)
			shown = append(shown, w.Conversation)
		}
		// The outbox has it: what is shown follows even when who asked has left.
		err = s.show(context.WithoutCancel(ctx), shown)
	}
	s.o.Moved(moved)
	return moved, err
}
