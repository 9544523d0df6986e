package syncer

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers"
)

// SenderOptions are a Sender's surroundings.
type SenderOptions struct {
	Account  inbox.Account
	Provider providers.Provider
	Cache    *cache.Cache
	Local    *cache.Local
	Log      *slog.Logger
	// Changed is told what a transaction on the cache changed, after its
	// commit: rows that were read, and wishes that are laid over them.
	Changed func(cache.Delta)
	// Moved is told that entries are in another state now.
	Moved func([]cache.Wish)
	// CanWrite is told what a PATCH has shown of the key, when that is new.
	CanWrite func(bool)
}

// Sender carries one account's outbox to its provider (SYNC §4): GET, compare,
// PATCH, confirm. A PATCH leaves only after a GET of the same attempt has shown
// the base, and after it is durable that it may have left; one whose answer is
// lost is looked for and never sent blindly again.
//
// Its methods are safe for several goroutines; rounds run one at a time.
type Sender struct {
	o    SenderOptions
	wake chan struct{}
	busy chan struct{} // holds a value while a round runs

	// Of the round that runs, or between rounds: busy is held.
	recovered bool
	down      bool                 // the last round ended with what keeps the whole account from sending
	wrote     *bool                // what is saved of the key, once known
	tries     map[string]int       // rounds in a row in which an entry did not get through
	due       map[string]time.Time // when such an entry is tried again
	mu        sync.Mutex           // over the four, between the workers of a round
}

// NewSender makes a Sender; nothing happens until Run or Once.
func NewSender(o SenderOptions) *Sender {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Changed == nil {
		o.Changed = func(cache.Delta) {}
	}
	if o.Moved == nil {
		o.Moved = func([]cache.Wish) {}
	}
	if o.CanWrite == nil {
		o.CanWrite = func(bool) {}
	}
	return &Sender{o: o, wake: make(chan struct{}, 1), busy: make(chan struct{}, 1), wrote: o.Account.CanWrite,
		tries: map[string]int{}, due: map[string]time.Time{}}
}

// Wake lets a running Sender send now what waits, whatever its backoff.
func (s *Sender) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run sends what is put into the outbox until ctx ends: at once when woken,
// and what did not get through by itself later. A refused key stops it until
// Wake.
func (s *Sender) Run(ctx context.Context) {
	failures, all := 0, true
	for ctx.Err() == nil {
		next, err := s.round(ctx, all)
		wait := time.Duration(0) // for Wake alone
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			failures = 0
			if !next.IsZero() {
				wait = max(time.Until(next), time.Millisecond)
			}
		case errors.Is(err, providers.ErrRefused), errors.Is(err, providers.ErrForbidden):
		default:
			failures++
			wait = later(failures)
		}
		all = s.rest(ctx, wait) || err != nil
	}
}

// rest waits for d, or for Wake, and says whether it was woken; 0 waits for
// Wake alone.
func (s *Sender) rest(ctx context.Context, d time.Duration) (woken bool) {
	var after <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		after = timer.C
	}
	select {
	case <-ctx.Done():
	case <-after:
	case <-s.wake:
		return true
	}
	return false
}

// later is the pause after a number of failures in a row, jittered.
func later(failures int) time.Duration {
	d := cycleAtMost
	if failures < 8 {
		d = min(d, cycleWatched<<(failures-1))
	}
	return d*3/4 + rand.N(d/2)
}

// Once sends everything that may be sent, whatever its backoff. What waits for
// a person, or for a key, is no failure.
//
// Errors: what keeps the whole account from sending, of providers or cache, or
// ctx's own. What became of each entry is in the outbox.
func (s *Sender) Once(ctx context.Context) error {
	_, err := s.round(ctx, true)
	return err
}

// senders is how many conversations are changed side by side (SYNC §4.2).
const senders = 4

// round sends what is due (all: whatever waits) until nothing more can be.
// next is when something that did not get through is due again.
func (s *Sender) round(ctx context.Context, all bool) (next time.Time, err error) {
	select {
	case s.busy <- struct{}{}:
	case <-ctx.Done():
		return next, ctx.Err()
	}
	defer func() { <-s.busy }()
	if err := s.recover(ctx); err != nil {
		return next, err
	}
	tried := map[string]bool{}
	for {
		batches, err := s.batches(ctx, all, tried)
		if err != nil || len(batches) == 0 {
			return s.nextDue(), err
		}
		if s.down { // one is enough to see whether the provider is back
			if err := s.sendAll(ctx, batches[:1]); err != nil {
				return next, err
			}
			s.down, batches = false, batches[1:]
		}
		if err := s.sendAll(ctx, batches); err != nil {
			s.down = true
			return next, err
		}
	}
}

// recover finds, once, what an earlier program left on its way, and lays the
// wishes over the cache anew.
func (s *Sender) recover(ctx context.Context) error {
	if s.recovered {
		return nil
	}
	if err := s.o.Cache.EnsureAccount(ctx, s.o.Account); err != nil {
		return err
	}
	if err := s.o.Local.RecoverOutbox(ctx, s.o.Account.Name); err != nil {
		return err
	}
	if err := s.show(ctx, nil); err != nil {
		return err
	}
	s.recovered = true
	return nil
}

// show lays over conversations what the outbox has for them now; nil for all.
func (s *Sender) show(ctx context.Context, conversations []string) error {
	delta, err := s.o.Cache.ShowWishes(ctx, s.o.Local, s.o.Account.Name, conversations)
	if err == nil && !delta.Empty() {
		s.o.Changed(delta)
	}
	return err
}

// batches are the entries to send, by conversation: at most one a field, each
// once a round. Those that are too old to be sent unasked are set aside.
func (s *Sender) batches(ctx context.Context, all bool, tried map[string]bool) (out [][]cache.Wish, err error) {
	entries, err := s.o.Local.ToSend(ctx, s.o.Account.Name)
	if err != nil {
		return nil, err
	}
	s.forget(entries)
	old := slices.DeleteFunc(slices.Clone(entries), func(w cache.Wish) bool {
		return !tooOld(w) || !w.State.CanMove(cache.WishStale) || w.State == cache.WishUnknown || w.State == cache.WishConfirming
	})
	if len(old) > 0 {
		moved, err := s.move(ctx, old, cache.WishStale, cache.WishNote{})
		if err != nil || len(moved) > 0 {
			if err != nil {
				return nil, err
			}
			return s.batches(ctx, all, tried)
		}
	}
	place := map[string]int{}
	for _, w := range entries {
		if tried[w.ID] || !all && !s.isDue(w) {
			continue
		}
		tried[w.ID] = true
		at, ok := place[w.Conversation]
		if !ok {
			at = len(out)
			place[w.Conversation] = at
			out = append(out, nil)
		}
		out[at] = append(out[at], w)
	}
	return out, nil
}

// sendAll changes conversations side by side. The first failure that the
// others would meet too keeps the rest from beginning; what is under way comes
// to its end.
func (s *Sender) sendAll(ctx context.Context, batches [][]cache.Wish) error {
	stop, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	todo := make(chan []cache.Wish)
	var working sync.WaitGroup
	for range min(senders, len(batches)) {
		working.Go(func() {
			for batch := range todo {
				if stop.Err() != nil {
					continue // handed out as the failure came
				}
				if err := s.send(ctx, batch); err != nil {
					cancel(err)
				}
			}
		})
	}
handing:
	for _, batch := range batches {
		select {
		case todo <- batch:
		case <-stop.Done():
			break handing
		}
	}
	close(todo)
	working.Wait()
	return context.Cause(stop)
}

// settled forgets an entry's failures.
func (s *Sender) settled(w cache.Wish) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tries, w.ID)
	delete(s.due, w.ID)
}

// again notes that an entry did not get through, and when it is tried again;
// first is how soon the first time.
func (s *Sender) again(w cache.Wish, first time.Duration) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries[w.ID]++
	n := s.tries[w.ID]
	s.due[w.ID] = time.Now().Add(min(cycleAtMost, first<<min(n-1, 8)))
	return n
}

// isDue reports whether it is time to try an entry again.
func (s *Sender) isDue(w cache.Wish) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !time.Now().Before(s.due[w.ID])
}

// forget drops what was noted of entries that are not to be sent any more.
func (s *Sender) forget(entries []cache.Wish) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gone := func(id string) bool {
		return !slices.ContainsFunc(entries, func(w cache.Wish) bool { return w.ID == id })
	}
	maps.DeleteFunc(s.tries, func(id string, _ int) bool { return gone(id) })
	maps.DeleteFunc(s.due, func(id string, _ time.Time) bool { return gone(id) })
}

func (s *Sender) nextDue() (next time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, at := range s.due {
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return next
}

// learned notes what a PATCH has shown of the key.
func (s *Sender) learned(ctx context.Context, can bool) {
	s.mu.Lock()
	known := s.wrote != nil && *s.wrote == can
	s.wrote = &can
	s.mu.Unlock()
	if known {
		return
	}
	if err := s.o.Local.SaveCanWrite(ctx, s.o.Account.Name, can); err != nil {
		s.o.Log.Error("what the key may do was not saved", "account", s.o.Account.Name, "err", err)
		return
	}
	s.o.CanWrite(can)
}
