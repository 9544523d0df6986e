package syncer

import (
	"context"
	"sync"
	"time"

	"bandeja/internal/cache"
)

// queue hands out conversations to read: what is on screen first, then the
// newest, none twice in a run unless it moved again; and it saves what is read.
type queue struct {
	l            *Loop
	left         int // how many more to hand out, -1: no bound
	onScreenOnly bool
	until        time.Time // no more are handed out after it; zero: no such time

	mu     sync.Mutex
	buffer []cache.ToRead
	seen   map[string]string // conversation → version handed out
	read   int64             // conversations read to their end and saved
	said   time.Time         // when progress was last told
	missed []cache.Missed    // not there when they were to be read
	cut    bool              // some are left, and it is past until
}

// absence is when a conversation's messages were last looked for in vain, and
// which version of them: it may well be listed all the time.
type absence struct {
	version string
	at      time.Time
}

const (
	queuePage = 64
	// absentFor is how long messages that were not there are not looked for
	// again, unless the conversation is listed anew.
	absentFor = time.Hour
)

// progressEvery bounds how often progress is counted and told.
const progressEvery = 250 * time.Millisecond

// next hands out one conversation; ok is false when none is left.
func (q *queue) next(ctx context.Context) (conv cache.ToRead, ok bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if ctx.Err() != nil {
		return conv, false, context.Cause(ctx)
	}
	if q.left == 0 {
		return conv, false, nil
	}
	if first := q.l.o.OnScreen(); len(first) > 0 {
		if err := q.fill(ctx, first); err != nil {
			return conv, false, err
		}
	}
	if len(q.buffer) == 0 && !q.onScreenOnly {
		if err := q.fill(ctx, nil); err != nil {
			return conv, false, err
		}
	}
	if len(q.buffer) == 0 {
		return conv, false, nil
	}
	if !q.until.IsZero() && time.Now().After(q.until) {
		q.cut = true
		return conv, false, nil
	}
	conv, q.buffer = q.buffer[0], q.buffer[1:]
	q.seen[conv.ID] = conv.Version
	if q.left > 0 {
		q.left--
	}
	return conv, true, nil
}

// fill puts unread conversations into the buffer: those of first at its front,
// or for nil the newest of all. q.mu is held.
func (q *queue) fill(ctx context.Context, first []string) error {
	// Those handed out and not yet saved are still listed, and so are those
	// that are not there: ask beyond.
	limit := queuePage + 2*readers + savePages + len(q.l.absent) + len(q.l.odd)
	unread, err := q.l.o.Cache.Unread(ctx, q.l.o.Account.Name, first, first != nil, limit)
	if err != nil {
		return err
	}
	var fresh []cache.ToRead
	have := map[string]bool{}
	for _, c := range unread {
		if v, ok := q.seen[c.ID]; (ok && v == c.Version) || q.isAbsent(c) || q.isOdd(c) {
			continue
		}
		fresh = append(fresh, c)
		have[c.ID] = true
	}
	if first != nil {
		for _, c := range q.buffer {
			if !have[c.ID] {
				fresh = append(fresh, c)
			}
		}
	}
	q.buffer = fresh
	return nil
}

func (q *queue) isAbsent(c cache.ToRead) bool {
	a, ok := q.l.absent[c.ID]
	if ok && (a.version != c.Version || time.Since(a.at) > absentFor) {
		delete(q.l.absent, c.ID)
		ok = false
	}
	return ok
}

func (q *queue) isOdd(c cache.ToRead) bool {
	v, ok := q.l.odd[c.ID]
	return ok && v == c.Version
}

// save commits what the readers bring, several pages a transaction. Pages of
// one conversation come from one reader, so they arrive in order.
func (q *queue) save(ctx context.Context, pages <-chan cache.Reading) error {
	for r := range pages {
		batch := gather(r, pages)
		// What was read is saved even when the run is being stopped: it is
		// short, and it is not asked for again.
		delta, err := q.l.o.Cache.SaveMessages(context.WithoutCancel(ctx), q.l.o.Account.Name, batch)
		if err != nil {
			return err
		}
		q.l.announce(delta)
		q.done(ctx, batch)
	}
	return nil
}

// gather waits a moment for pages that may share a transaction.
func gather[T any](first T, pages <-chan T) []T {
	batch := []T{first}
	timer := time.NewTimer(saveWait)
	defer timer.Stop()
	for len(batch) < savePages {
		select {
		case r, ok := <-pages:
			if !ok {
				return batch
			}
			batch = append(batch, r)
		case <-timer.C:
			return batch
		}
	}
	return batch
}

// done counts what is saved and tells progress now and then: what is read and
// what is not are exact just after a commit.
func (q *queue) done(ctx context.Context, batch []cache.Reading) {
	q.mu.Lock()
	for i := range batch {
		if !batch[i].More {
			q.read++
		}
	}
	read := q.read
	quiet := q.onScreenOnly || q.left >= 0 || time.Since(q.said) < progressEvery
	if !quiet {
		q.said = time.Now()
	}
	q.mu.Unlock()
	if quiet {
		return
	}
	left, err := q.l.o.Cache.CountUnread(ctx, q.l.o.Account.Name)
	if err != nil {
		return // progress alone: what is wrong shows elsewhere
	}
	q.l.set(func(s *Status) { s.Reading = &Reading{Done: read, Total: read + left} })
}
