package syncer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers"
)

const (
	// lookupsACycle bounds what one cycle asks for, so that the head pass and
	// the messages have their turn (SYNC §2).
	lookupsACycle = 200
	// controls are how many conversations that were listed are asked for
	// before it is believed that others are not there.
	controls = 3
	// lookupRest is the time to the next try of one that is refused itself.
	lookupRest = time.Hour
	// few conversations may all be missing at once without anything to hold
	// the provider's word against.
	few = 5
)

// lookUpDue asks for the conversations that passes did not see: a round of
// them, or all that are due.
func (l *Loop) lookUpDue(ctx context.Context, all bool) error {
	for {
		ids, err := l.o.Cache.Lookups(ctx, l.o.Account.Name, l.providerNow(), lookupsACycle)
		if err != nil || len(ids) == 0 {
			return err
		}
		l.behind()
		if err := l.lookUp(ctx, ids); err != nil || !all {
			return err
		}
	}
}

// lookUp asks for conversations by their ids, several side by side. Those that
// are there are saved at once, so that a kill loses nothing of it.
func (l *Loop) lookUp(ctx context.Context, ids []string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var mu sync.Mutex
	var missed []cache.Missed
	var odd []string
	found := 0
	next := make(chan string)
	var working sync.WaitGroup
	for range min(readers, len(ids)) {
		working.Go(func() {
			for id := range next {
				begun, err := l.lookUpOne(ctx, id)
				mu.Lock()
				switch {
				case err == nil:
					found++
				case errors.Is(err, providers.ErrNotFound):
					missed = append(missed, cache.Missed{ID: id, Begun: begun})
				case errors.Is(err, providers.ErrRejected):
					odd = append(odd, id)
				default:
					cancel(err)
				}
				mu.Unlock()
			}
		})
	}
	for _, id := range ids {
		select {
		case next <- id:
		case <-ctx.Done():
		}
	}
	close(next)
	working.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if len(odd) > 0 {
		// The request itself is refused, for this id alone: ask again later,
		// and let the others not wait for it.
		l.o.Log.Warn("look-ups refused", "account", l.o.Account.Name, "count", len(odd))
		if err := l.o.Cache.PostponeLookups(ctx, l.o.Account.Name, odd, l.providerNow().Add(lookupRest)); err != nil {
			return err
		}
	}
	return l.settle(ctx, missed, found)
}

func (l *Loop) lookUpOne(ctx context.Context, id string) (begun int64, err error) {
	begun, err = l.ask(ctx)
	if err != nil {
		return begun, err
	}
	conv, err := l.o.Provider.Conversation(ctx, id)
	if err != nil {
		return begun, err
	}
	l.answered()
	return begun, l.save(ctx, inbox.Page[inbox.Conversation]{Items: []inbox.Conversation{conv}}, nil, begun)
}

// settle notes what the provider says it does not have. It is believed only
// while it still knows conversations that it has listed: one that knows none is
// failing, or is not the office that was copied, and nothing is hidden on its
// word.
func (l *Loop) settle(ctx context.Context, missed []cache.Missed, found int) error {
	if len(missed) == 0 {
		return nil
	}
	if found == 0 {
		if err := l.control(ctx, missed); err != nil {
			return err
		}
	}
	gone, delta, err := l.o.Cache.Missing(ctx, l.o.Account.Name, missed, l.providerNow())
	if err != nil {
		return err
	}
	l.o.Log.Warn("conversations are not at the provider any more", "account", l.o.Account.Name, "missing", len(missed), "gone", gone)
	l.announce(delta)
	return nil
}

// control asks for conversations that were listed last: one of them must be
// there.
func (l *Loop) control(ctx context.Context, missed []cache.Missed) error {
	absent := map[string]bool{}
	for _, m := range missed {
		absent[m.ID] = true
	}
	listed, err := l.o.Cache.Newest(ctx, l.o.Account.Name, controls+len(missed))
	if err != nil {
		return err
	}
	asked := 0
	for _, c := range listed {
		if absent[c.ID] || asked == controls {
			continue
		}
		asked++
		if _, err := l.lookUpOne(ctx, c.ID); err == nil || !errors.Is(err, providers.ErrNotFound) {
			return err
		}
	}
	if asked == 0 && len(missed) < few {
		return nil
	}
	return &providers.Error{Kind: providers.ErrFailing, Op: "look up conversations",
		Err: fmt.Errorf("none of %d conversations that are listed was found", len(missed)+asked)}
}
