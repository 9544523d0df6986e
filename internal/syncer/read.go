package syncer

import (
	"context"
	"errors"
	"fmt"
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
	saving.Go(func() { l.savePages(ctx, cancel, pages) })
	for range readers {
		working.Go(func() {
			for {
				conv, ok, err := q.next(ctx)
				if err != nil {
					cancel(err)
				}
				if err != nil || !ok {
					return
				}
				if err := l.readOne(ctx, conv, pages); err != nil {
					if errors.Is(err, providers.ErrNotFound) {
						q.miss()
						continue
					}
					cancel(err)
					return
				}
				q.done()
			}
		})
	}
	working.Wait()
	close(pages)
	saving.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if q.missing > 0 && !onScreenOnly && limit < 0 {
		return &providers.Error{Kind: providers.ErrFailing, Op: "read messages",
			Err: fmt.Errorf("%d conversations that are listed were not found when read", q.missing)}
	}
	return nil
}

// readOne reads a conversation from its mark to its end.
func (l *Loop) readOne(ctx context.Context, conv cache.ToRead, pages chan<- cache.Reading) error {
	mark := conv.Mark
	refused := false
	for {
		begun, err := l.o.Cache.NextFetch(ctx, l.o.Account.Name)
		if err != nil {
			return err
		}
		p, err := l.o.Provider.Messages(ctx, conv.ID, mark)
		if errors.Is(err, providers.ErrMarkRefused) && mark != nil && !refused {
			mark, refused = nil, true
			continue
		}
		if err != nil {
			return err
		}
		r := cache.Reading{Conversation: conv.ID, Version: conv.Version, Messages: p.Items, Rejected: p.Rejected,
			Next: p.Next, More: p.More, Short: p.Short, Object: p.Conversation, Begun: begun}
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

// savePages commits what the readers bring, several pages a transaction. Pages
// of one conversation come from one reader, so they arrive in order.
func (l *Loop) savePages(ctx context.Context, cancel context.CancelCauseFunc, pages <-chan cache.Reading) {
	for r := range pages {
		batch := []cache.Reading{r}
		timer := time.NewTimer(saveWait)
	more:
		for len(batch) < savePages {
			select {
			case r, ok := <-pages:
				if !ok {
					break more
				}
				batch = append(batch, r)
			case <-timer.C:
				break more
			}
		}
		timer.Stop()
		// What was read is saved even when the run is being stopped: it is
		// short, and it is not asked for again.
		delta, err := l.o.Cache.SaveMessages(context.WithoutCancel(ctx), l.o.Account.Name, batch)
		if err != nil {
			cancel(err)
			for range pages { // let the readers go
			}
			return
		}
		l.announce(delta)
	}
}

// queue hands out conversations to read: what is on screen first, then the
// newest, none twice in a run unless it moved again.
type queue struct {
	l            *Loop
	left         int // how many more to hand out, -1: no bound
	onScreenOnly bool

	mu      sync.Mutex
	buffer  []cache.ToRead
	seen    map[string]string // conversation → version handed out
	out     int64
	read    int64
	missing int
	said    time.Time // when progress was last told
}

const queuePage = 64

// progressEvery bounds how often progress is counted and told.
const progressEvery = 250 * time.Millisecond

func (q *queue) next(ctx context.Context) (cache.ToRead, bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return cache.ToRead{}, false, context.Cause(ctx)
	}
	if q.left == 0 {
		return cache.ToRead{}, false, nil
	}
	first := q.l.o.OnScreen()
	if len(first) > 0 {
		if err := q.fill(ctx, first, len(first)*4); err != nil {
			return cache.ToRead{}, false, err
		}
	}
	if len(q.buffer) == 0 && !q.onScreenOnly {
		// Those handed out and not yet saved are still listed: ask beyond.
		if err := q.fill(ctx, nil, queuePage+2*readers+savePages); err != nil {
			return cache.ToRead{}, false, err
		}
	}
	if len(q.buffer) == 0 {
		return cache.ToRead{}, false, nil
	}
	c := q.buffer[0]
	q.buffer = q.buffer[1:]
	q.seen[c.ID] = c.Version
	q.out++
	if q.left > 0 {
		q.left--
	}
	return c, true, nil
}

// fill puts unread conversations into the buffer, those of first at its front.
func (q *queue) fill(ctx context.Context, first []string, limit int) error {
	unread, err := q.l.o.Cache.Unread(ctx, q.l.o.Account.Name, first, first != nil, limit+q.missing)
	if err != nil {
		return err
	}
	var fresh []cache.ToRead
	for _, c := range unread {
		if v, ok := q.seen[c.ID]; !ok || v != c.Version {
			fresh = append(fresh, c)
		}
	}
	if first == nil {
		q.buffer = fresh
		return nil
	}
	have := map[string]bool{}
	for _, c := range fresh {
		have[c.ID] = true
	}
	for _, c := range q.buffer {
		if !have[c.ID] {
			fresh = append(fresh, c)
		}
	}
	q.buffer = fresh
	return nil
}

func (q *queue) done() {
	q.mu.Lock()
	q.read++
	read := q.read
	quiet := q.onScreenOnly || q.left >= 0 || time.Since(q.said) < progressEvery
	if !quiet {
		q.said = time.Now()
	}
	q.mu.Unlock()
	if quiet {
		return
	}
	total, err := q.l.o.Cache.CountUnread(context.Background(), q.l.o.Account.Name)
	if err != nil {
		return
	}
	q.l.set(func(s *Status) { s.Reading = &Reading{Done: read, Total: read + total} })
}

func (q *queue) miss() {
	q.mu.Lock()
	q.missing++
	q.mu.Unlock()
}
