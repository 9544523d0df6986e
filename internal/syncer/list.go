package syncer

import (
	"context"
	"errors"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers"
)

// overlap is how far a head pass reads beyond ground already known, in the
// provider's own time (SYNC §2).
const overlap = 10 * time.Minute

// earlyReads is how many conversations' messages the first copy reads before
// it goes on with the list, so that what is on screen opens.
const earlyReads = 12

// headBetween is how often a long sweep looks at the top again.
const headBetween = 20 * time.Second

// startAnew begins a new sweep and lets every message be read again.
func (l *Loop) startAnew(ctx context.Context) error {
	if err := l.o.Cache.ForgetReading(ctx, l.o.Account.Name); err != nil {
		return err
	}
	feed, err := l.o.Cache.Feed(ctx, l.o.Account.Name, cache.Sweep)
	if err != nil {
		return err
	}
	return l.beginSweep(ctx, &feed)
}

// beginSweep reads the first page of the newest, so that it is on screen at
// once, and notes W₀, the top of the list, with the new sweep's number.
func (l *Loop) beginSweep(ctx context.Context, feed *cache.Feed) error {
	page, begun, err := l.page(ctx, l.o.Provider.Newest, nil)
	if err != nil {
		return err
	}
	top := newest(page.Items)
	if feed.FinishedAt.IsZero() {
		// What the first copy brings counts as read.
		if err := l.o.Cache.SaveReadFloor(ctx, l.o.Account.Name, floor(top)); err != nil {
			return err
		}
	}
	*feed = cache.Feed{Kind: cache.Sweep, Gen: feed.Gen + 1, Running: true, Top: top, FinishedAt: feed.FinishedAt}
	return l.save(ctx, page, feed, begun)
}

// floor keeps an empty account's floor from staying unset for ever.
func floor(top time.Time) time.Time {
	if top.IsZero() {
		return time.UnixMilli(1)
	}
	return top
}

// sweepIfDue goes on with a sweep that was begun, or begins one where none has
// finished within a day.
func (l *Loop) sweepIfDue(ctx context.Context) error {
	feed, err := l.o.Cache.Feed(ctx, l.o.Account.Name, cache.Sweep)
	if err != nil {
		return err
	}
	if !feed.Running {
		if time.Since(feed.FinishedAt) < sweepEvery {
			return nil
		}
		if err := l.beginSweep(ctx, &feed); err != nil {
			return err
		}
	}
	if feed.FinishedAt.IsZero() {
		if err := l.readSome(ctx, earlyReads); err != nil {
			return err
		}
	}
	return l.sweep(ctx, feed)
}

func (l *Loop) sweep(ctx context.Context, feed cache.Feed) error {
	looked := time.Now()
	refused := 0
	for {
		page, begun, err := l.page(ctx, l.o.Provider.Sweep, feed.Mark)
		if errors.Is(err, providers.ErrMarkRefused) && feed.Mark != nil && refused < 3 {
			// The cursor is the provider's to forget: begin the walk again.
			l.o.Log.Warn("bookmark refused, sweeping from the start", "account", l.o.Account.Name)
			refused++
			feed.Mark, feed.Seen, feed.Pages = nil, 0, 0
			continue
		}
		if err != nil {
			return err
		}
		feed.Mark, feed.Running = page.Next, page.More
		feed.Pages++
		feed.Seen += int64(len(page.Items))
		if back := oldest(page.Items); feed.BackTo.IsZero() || (!back.IsZero() && back.Before(feed.BackTo)) {
			feed.BackTo = back
		}
		if !page.More {
			feed.FinishedAt = time.Now()
		}
		if err := l.save(ctx, page, &feed, begun); err != nil {
			return err
		}
		if !page.More {
			l.set(func(s *Status) { s.Listing = nil })
			return l.seedHead(ctx, feed)
		}
		l.set(func(s *Status) { s.Listing = &Listing{Seen: feed.Seen, BackTo: feed.BackTo} })
		if err := l.readOnScreen(ctx); err != nil {
			return err
		}
		if time.Since(looked) > headBetween {
			if err := l.headFrom(ctx, feed.Top); err != nil {
				return err
			}
			looked = time.Now()
		}
	}
}

// seedHead lets the first head pass after the first sweep begin from W₀: what
// jumped above the cursor meanwhile is found there.
func (l *Loop) seedHead(ctx context.Context, sweep cache.Feed) error {
	head, err := l.o.Cache.Feed(ctx, l.o.Account.Name, cache.Head)
	if err != nil || (!head.Top.IsZero() && head.Top.Before(sweep.Top)) {
		return err
	}
	head.Top = sweep.Top
	return l.o.Cache.SaveFeed(ctx, l.o.Account.Name, head)
}

// headPass reads the newest activity down to ground already known. Its stop
// mark W is the top of the list at the start of the last completed pass, in
// the provider's time; dying on the way leaves W, and repeats harmlessly.
func (l *Loop) headPass(ctx context.Context) error {
	head, err := l.o.Cache.Feed(ctx, l.o.Account.Name, cache.Head)
	if err != nil {
		return err
	}
	return l.headFrom(ctx, head.Top)
}

func (l *Loop) headFrom(ctx context.Context, w time.Time) error {
	stop := w.Add(-overlap)
	var mark inbox.Mark
	var top time.Time
	known := false // a row known and unchanged was seen on a page before this one
	for first := true; ; first = false {
		page, begun, err := l.page(ctx, l.o.Provider.Newest, mark)
		if err != nil {
			return err
		}
		if first {
			top = newest(page.Items)
		}
		delta, err := l.saveDelta(ctx, page, nil, begun)
		if err != nil {
			return err
		}
		past := len(page.Items) > 0 && page.Items[len(page.Items)-1].ActiveAt.Before(stop)
		if !page.More || (past && known) {
			break
		}
		for _, fresh := range delta.Fresh {
			known = known || !fresh
		}
		mark = page.Next
	}
	head, err := l.o.Cache.Feed(ctx, l.o.Account.Name, cache.Head)
	if err != nil || top.IsZero() || !top.After(head.Top) {
		return err
	}
	head.Top, head.FinishedAt = top, time.Now()
	return l.o.Cache.SaveFeed(ctx, l.o.Account.Name, head)
}

type reader func(context.Context, inbox.Mark) (inbox.Page[inbox.Conversation], error)

// page numbers a request and sends it.
func (l *Loop) page(ctx context.Context, read reader, mark inbox.Mark) (inbox.Page[inbox.Conversation], int64, error) {
	begun, err := l.o.Cache.NextFetch(ctx, l.o.Account.Name)
	if err != nil {
		return inbox.Page[inbox.Conversation]{}, 0, err
	}
	page, err := read(ctx, mark)
	return page, begun, err
}

func (l *Loop) save(ctx context.Context, page inbox.Page[inbox.Conversation], feed *cache.Feed, begun int64) error {
	_, err := l.saveDelta(ctx, page, feed, begun)
	return err
}

func (l *Loop) saveDelta(ctx context.Context, page inbox.Page[inbox.Conversation], feed *cache.Feed, begun int64) (cache.Delta, error) {
	delta, err := l.o.Cache.SaveConversations(ctx, l.o.Account.Name, page, feed, begun)
	if err != nil {
		return delta, err
	}
	l.announce(delta)
	return delta, nil
}

// announce tells what changed, after the commit.
func (l *Loop) announce(delta cache.Delta) {
	if delta.Empty() {
		return
	}
	l.mu.Lock()
	l.status.Run.Changed += int64(delta.Conversations + delta.Messages)
	if l.status.State == UpToDate {
		l.status.State = CatchingUp
	}
	l.mu.Unlock()
	l.o.Changed(delta)
}

func newest(items []inbox.Conversation) (t time.Time) {
	for i := range items {
		if items[i].ActiveAt.After(t) {
			t = items[i].ActiveAt
		}
	}
	return t
}

func oldest(items []inbox.Conversation) (t time.Time) {
	for i := range items {
		if a := items[i].ActiveAt; !a.IsZero() && (t.IsZero() || a.Before(t)) {
			t = a
		}
	}
	return t
}
