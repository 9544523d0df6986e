package syncer

import (
	"context"
	"sync"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// earlyReads is how many conversations' messages the first copy reads before
// it goes on with the list, so that what is on screen opens.
const earlyReads = 12

// recheckDays is for how many days after its last activity a conversation's
// messages are read again from the start by each sweep (SYNC §2).
const recheckDays = 7

// startAnew begins a new sweep, with every message to be read again. Nothing
// is begun while the provider does not answer.
func (l *Loop) startAnew(ctx context.Context) error {
	feed, err := l.o.Cache.Feed(ctx, l.o.Account.Name, cache.Sweep)
	if err != nil {
		return err
	}
	return l.beginSweep(ctx, &feed, true)
}

// beginSweep saves the first page of the newest, so that it is on screen at
// once, and notes W₀, the top of the list, with the new sweep's number.
func (l *Loop) beginSweep(ctx context.Context, feed *cache.Feed, everything bool) error {
	page, begun, err := l.newestPage(ctx, nil)
	if err != nil {
		return err
	}
	top := newest(page.Items)
	if feed.FinishedAt.IsZero() {
		// What the first copy brings counts as read.
		at, err := l.o.ReadFloor(ctx, floor(top))
		if err != nil {
			return err
		}
		if err := l.o.Cache.SaveReadFloor(ctx, l.o.Account.Name, at); err != nil {
			return err
		}
	}
	*feed = cache.Feed{Kind: cache.Sweep, Gen: feed.Gen + 1, Running: true, Top: top, FinishedAt: feed.FinishedAt}
	delta, err := l.o.Cache.BeginSweep(ctx, l.o.Account.Name, page, feed, begun, everything)
	if err == nil {
		clear(l.absent) // what it lists again is to be looked for again
		l.announce(delta)
	}
	return err
}

// floor keeps an empty account's floor from staying unset for ever.
func floor(top time.Time) time.Time {
	if top.IsZero() {
		return time.UnixMilli(1)
	}
	return top
}

// due reports whether it is time for another sweep. One that says it ended in
// the future was timed by a clock that has been set right since.
func due(finished, now time.Time) bool {
	age := now.Sub(finished)
	return age >= sweepEvery || age < -time.Hour
}

// sweepIfDue goes on with a sweep that was begun, or begins one where none has
// finished within a day. asOf is when the head pass at its end began, zero
// where there was no sweep.
func (l *Loop) sweepIfDue(ctx context.Context) (asOf time.Time, err error) {
	feed, err := l.o.Cache.Feed(ctx, l.o.Account.Name, cache.Sweep)
	if err != nil || !feed.Running && !due(feed.FinishedAt, l.now()) {
		return asOf, err
	}
	l.behind()
	if !feed.Running {
		if err := l.beginSweep(ctx, &feed, false); err != nil {
			return asOf, err
		}
	}
	if feed.FinishedAt.IsZero() {
		if err := l.readSome(ctx, earlyReads); err != nil {
			return asOf, err
		}
	}
	if !feed.Walked {
		if err := l.walk(ctx, &feed); err != nil {
			return asOf, err
		}
	}
	return l.endSweep(ctx, &feed)
}

// swept is a page of a sweep with the bookmark that it earns.
type swept struct {
	cache.Answer
	feed cache.Feed
}

// walk reads every page of the sweep's order. Pages are saved while the next
// ones are read, several a transaction where they come fast.
func (l *Loop) walk(ctx context.Context, feed *cache.Feed) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	pages := make(chan swept)
	var saving sync.WaitGroup
	saving.Go(func() {
		if err := l.saveSwept(ctx, pages); err != nil {
			cancel(err)
			for range pages { // let the walk go
			}
		}
	})
	err := l.readPages(ctx, feed, pages)
	close(pages)
	saving.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// readPages reads on from feed's mark to the end of the list.
func (l *Loop) readPages(ctx context.Context, feed *cache.Feed, pages chan<- swept) error {
	looked := time.Now()
	if feed.Mark != nil {
		looked = time.Time{} // nobody knows how long it lay: look at the top soon
	}
	var refused refusals
	for !feed.Walked {
		page, begun, err := l.page(ctx, l.o.Provider.Sweep, feed.Mark)
		if err != nil {
			again, err := refused.again("list conversations", feed.Mark, err)
			if !again {
				return err
			}
			// The cursor is the provider's to forget: begin the walk again.
			l.o.Log.Warn("bookmark refused, sweeping from the start", "account", l.o.Account.Name)
			feed.Mark, feed.Seen, feed.Pages = nil, 0, 0
			continue
		}
		covered(feed, &page)
		select {
		case pages <- swept{cache.Answer{Page: page, Begun: begun}, *feed}:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if err := l.readOnScreen(ctx); err != nil {
			return err
		}
		if !feed.Walked && time.Since(looked) > headBetween {
			if err := l.headPass(ctx); err != nil {
				return err
			}
			looked = time.Now()
		}
	}
	return nil
}

// covered moves a sweep's bookmark over a page.
func covered(feed *cache.Feed, page *inbox.Page[inbox.Conversation]) {
	feed.Mark, feed.Walked = page.Next, !page.More
	feed.Pages++
	feed.Seen += int64(len(page.Items))
	if back := oldest(page.Items); feed.BackTo.IsZero() || (!back.IsZero() && back.Before(feed.BackTo)) {
		feed.BackTo = back
	}
}

// saveSwept saves pages with their bookmarks, in their order.
func (l *Loop) saveSwept(ctx context.Context, pages <-chan swept) error {
	for first := range pages {
		batch := gather(first, pages)
		listed := make([]cache.Answer, len(batch))
		for i := range batch {
			listed[i] = batch[i].Answer
		}
		feed := batch[len(batch)-1].feed
		// What was read is saved even when the run is being stopped: it is
		// short, and it is not asked for again.
		delta, err := l.o.Cache.SaveListed(context.WithoutCancel(ctx), l.o.Account.Name, listed, &feed)
		if err != nil {
			return err
		}
		l.announce(delta)
		l.set(func(s *Status) { s.Listing = &Listing{Seen: feed.Seen, BackTo: feed.BackTo} })
	}
	return nil
}

// endSweep looks at the top once more, so that what jumped there counts as
// seen, and queues what was not seen for a look-up: absence is not deletion.
func (l *Loop) endSweep(ctx context.Context, feed *cache.Feed) (asOf time.Time, err error) {
	asOf = l.now()
	if err := l.headPass(ctx); err != nil {
		return asOf, err
	}
	var since time.Time
	if !feed.FinishedAt.IsZero() { // a first copy has all of it to read anyway
		since = l.providerNow().AddDate(0, 0, -recheckDays)
	}
	feed.FinishedAt = l.now()
	swept, err := l.o.Cache.EndSweep(ctx, l.o.Account.Name, feed, since)
	if err != nil {
		return asOf, err
	}
	l.o.Log.Info("sweep finished", "account", l.o.Account.Name, "rows", feed.Seen, "pages", feed.Pages, "unseen", swept.Unseen, "listed", swept.Listed.String())
	if swept.Differs() {
		l.o.Log.Warn("the copy holds other conversations than the list", "account", l.o.Account.Name,
			"here", swept.Here.String(), "listed", swept.Listed.String(), "listed_before", swept.Before.String())
	}
	l.mu.Lock()
	l.copied = true
	l.mu.Unlock()
	l.set(func(s *Status) { s.Listing = nil })
	return asOf, nil
}
