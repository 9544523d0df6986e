package syncer

import (
	"context"
	"errors"
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

// readAll reads messages until nothing known is unread.
func (l *Loop) readAll(ctx context.Context) error { return l.read(ctx, -1, false) }

// readSome reads the messages of the n newest conversations that have some
// unread.
func (l *Loop) readSome(ctx context.Context, n int) error { return l.read(ctx, n, false) }

// readOnScreen reads the messages of the threads somebody is looking at.
func (l *Loop) readOnScreen(ctx context.Context) error {
	if len(l.o.OnScreen()) == 0 {
		return nil
	}
	return l.read(ctx, -1, true)
}

func (l *Loop) read(ctx context.Context, limit int, onScreenOnly bool) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	q := &queue{l: l, left: limit, onScreenOnly: onScreenOnly, seen: map[string]string{}}
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
	return q.verdict()
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
			err = q.lookUp(ctx, conv)
		}
		if err != nil {
			return err
		}
	}
}

// readOne reads a conversation from its mark to its end.
func (l *Loop) readOne(ctx context.Context, conv cache.ToRead, pages chan<- cache.Reading) error {
	mark := conv.Mark
	var refused refusals
	for {
		begun, err := l.o.Cache.NextFetch(ctx, l.o.Account.Name)
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

// lookUp asks for a conversation whose messages were not found. One that the
// provider no longer has is left for later and counted as incomplete: absence
// alone never deletes (SYNC §2), and the others do not wait for it.
func (q *queue) lookUp(ctx context.Context, conv cache.ToRead) error {
	_, err := q.l.o.Provider.Conversation(ctx, conv.ID)
	if err == nil {
		return &providers.Error{Kind: providers.ErrFailing, Op: "read messages",
			Err: errors.New("a conversation is there and its messages are not")}
	}
	if !errors.Is(err, providers.ErrNotFound) {
		return err
	}
	q.l.o.Log.Warn("a conversation is not at the provider any more", "account", q.l.o.Account.Name)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.l.absent[conv.ID] = absence{conv.Version, time.Now()}
	return nil
}
