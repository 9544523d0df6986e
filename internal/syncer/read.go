package syncer

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/providers"
)

// readers is how many conversations are read side by side; the pace is the
// transport's, which all of them share.
const readers = 4

// Bounds of one transaction of messages: whichever comes first, so that
// nobody waits long and a kill loses little (SYNC §2).
const (
	savePages = 10
	saveWait  = 100 * time.Millisecond
)

// readAWhile reads messages until nothing known is unread, or until it is time
// to look at the top of the list again: a first copy takes hours, and what is
// new must not wait for its end. more says that some are left.
func (l *Loop) readAWhile(ctx context.Context) (more bool, err error) {
	q := &queue{l: l, left: -1, until: time.Now().Add(headBetween)}
	if err = q.run(ctx); err == nil && !q.cut {
		err = l.oddOnes()
	}
	return q.cut, err
}

// oddAtMost is how many conversations of a run may fail by themselves; more,
// and it is the provider that fails.
const oddAtMost = 3

// oddOnes is what was wrong with conversations that were set aside, once the
// others are read, and lets them be tried again.
func (l *Loop) oddOnes() error {
	err := l.oddErr
	clear(l.odd)
	l.oddErr = nil
	return err
}

// setAside keeps one conversation that fails by itself from keeping the others
// unread, and reports whether it has: it stays unread, and the run will say so.
func (q *queue) setAside(conv cache.ToRead, err error) bool {
	var e *providers.Error
	if !errors.As(err, &e) || !e.Until.IsZero() || !slices.Contains([]error{providers.ErrRejected, providers.ErrFailing, providers.ErrNotAPI}, e.Kind) {
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.l.odd) == oddAtMost {
		return false
	}
	q.l.odd[conv.ID] = conv.Version
	if q.l.oddErr == nil {
		q.l.oddErr = err
	}
	q.l.o.Log.Warn("a conversation's messages could not be read", "account", q.l.o.Account.Name, "conversation", conv.ID, "err", err)
	return true
}

// readSome reads the messages of the n newest conversations that have some
// unread.
func (l *Loop) readSome(ctx context.Context, n int) error {
	return (&queue{l: l, left: n}).run(ctx)
}

// readOnScreen reads the messages of the threads somebody is looking at.
func (l *Loop) readOnScreen(ctx context.Context) error {
	if len(l.o.OnScreen()) == 0 {
		return nil
	}
	return (&queue{l: l, left: -1, onScreenOnly: true}).run(ctx)
}

// run reads what the queue hands out, with several readers and one writer.
func (q *queue) run(ctx context.Context) error {
	outer := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	q.seen = map[string]string{}
	pages := make(chan cache.Reading)
	var working, saving sync.WaitGroup
	saving.Go(func() {
		if err := q.save(ctx, pages); err != nil {
			cancel(err)
			for range pages { // let the readers go
			}
		}
	})
	for range readers {
		working.Go(func() {
			if err := q.work(ctx, pages); err != nil {
				cancel(err)
			}
		})
	}
	working.Wait()
	close(pages)
	saving.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return q.l.settle(outer, q.missed, 0)
}

// work reads conversations, one after the other, until none is left.
func (q *queue) work(ctx context.Context, pages chan<- cache.Reading) error {
	for {
		conv, ok, err := q.next(ctx)
		if err != nil || !ok {
			return err
		}
		err = q.l.readOne(ctx, conv, pages)
		if errors.Is(err, providers.ErrNotFound) {
			err = q.lookFor(ctx, conv)
		}
		if err != nil && !q.setAside(conv, err) {
			return err
		}
	}
}

// readOne reads a conversation from its mark to its end.
func (l *Loop) readOne(ctx context.Context, conv cache.ToRead, pages chan<- cache.Reading) error {
	mark := conv.Mark
	var refused refusals
	for {
		begun, err := l.ask(ctx)
		if err != nil {
			return err
		}
		p, err := l.o.Provider.Messages(ctx, conv.ID, mark)
		if err != nil {
			again, err := refused.again("read messages", mark, err)
			if !again {
				return err
			}
			mark = nil
			continue
		}
		l.answered()
		r := cache.Reading{Conversation: conv.ID, Version: conv.Version, Messages: p.Items, Rejected: p.Rejected,
			Next: p.Next, More: p.More, Short: p.Short, Object: p.Conversation, Begun: begun, Recheck: conv.Recheck}
		if !p.More {
			r.Next = p.Keep
		}
		select {
		case pages <- r:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if !p.More {
			return nil
		}
		mark = p.Next
	}
}

// lookFor asks for a conversation whose messages were not found. One that the
// provider does not have either is settled at the end of the reading, and the
// others do not wait for it.
func (q *queue) lookFor(ctx context.Context, conv cache.ToRead) error {
	begun, err := q.l.lookUpOne(ctx, conv.ID)
	if err == nil {
		return &providers.Error{Kind: providers.ErrFailing, Op: "read messages",
			Err: errors.New("a conversation is there and its messages are not")}
	}
	if !errors.Is(err, providers.ErrNotFound) {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.l.absent[conv.ID] = absence{conv.Version, time.Now()}
	q.missed = append(q.missed, cache.Missed{ID: conv.ID, Begun: begun})
	return nil
}
