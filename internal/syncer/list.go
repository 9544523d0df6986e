package syncer

import (
	"context"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// overlap is how far a head pass reads beyond ground already known, in the
// provider's own time (SYNC §2).
const overlap = 10 * time.Minute

// earlyReads is how many conversations' messages the first copy reads before
// it goes on with the list, so that what is on screen opens.
const earlyReads = 12

// headBetween is how often a long sweep looks at the top again.
const headBetween = 20 * time.Second

// startAnew begins a new sweep and lets every message be read again. Nothing is
// forgotten while the provider does not answer.
func (l *Loop) startAnew(ctx context.Context) error {
	feed, err := l.o.Cache.Feed(ctx, l.o.Account.Name, cache.Sweep)
	if err != nil {
		return err
	}
	page, begun, err := l.page(ctx, l.o.Provider.Newest, nil)
	if err != nil {
		return err
	}
	return l.beginSweep(ctx, &feed, page, begun, true)
}

// beginSweep saves the first page of the newest, so that it is on screen at
// once, and notes W₀, the top of the list, with the new sweep's number.
func (l *Loop) beginSweep(ctx context.Context, feed *cache.Feed, page inbox.Page[inbox.Conversation], begun int64, everything bool) error {
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
// finished within a day.
func (l *Loop) sweepIfDue(ctx context.Context) error {
	feed, err := l.o.Cache.Feed(ctx, l.o.Account.Name, cache.Sweep)
	if err != nil {
		return err
	}
	if !feed.Running && !due(feed.FinishedAt, time.Now()) {
		return nil
	}
	l.behind()
	if !feed.Running {
		page, begun, err := l.page(ctx, l.o.Provider.Newest, nil)
		if err != nil {
			return err
		}
		if err := l.beginSweep(ctx, &feed, page, begun, false); err != nil {
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
	if feed.Mark != nil {
		looked = time.Time{} // nobody knows how long it lay: look at the top soon
	}
	var refused refusals
	for {
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
		if err := l.sweptPage(ctx, &feed, page, begun); err != nil {
			return err
		}
		if !page.More {
			return nil
		}
		if err := l.readOnScreen(ctx); err != nil {
			return err
		}
		if time.Since(looked) > headBetween {
			if err := l.headPass(ctx); err != nil {
				return err
			}
			looked = time.Now()
		}
	}
}

// sweptPage saves a page of a sweep with the bookmark it earns.
func (l *Loop) sweptPage(ctx context.Context, feed *cache.Feed, page inbox.Page[inbox.Conversation], begun int64) error {
	feed.Mark, feed.Running = page.Next, page.More
	feed.Pages++
	feed.Seen += int64(len(page.Items))
	if back := oldest(page.Items); feed.BackTo.IsZero() || (!back.IsZero() && back.Before(feed.BackTo)) {
		feed.BackTo = back
	}
	if !page.More {
		feed.FinishedAt = time.Now()
	}
	if err := l.save(ctx, page, feed, begun); err != nil {
		return err
	}
	if !page.More {
		l.mu.Lock()
		l.copied = true
		l.mu.Unlock()
	}
	l.set(func(s *Status) {
		s.Listing = nil
		if page.More {
			s.Listing = &Listing{Seen: feed.Seen, BackTo: feed.BackTo}
		}
	})
	return nil
}

// headPass reads the newest activity down to ground already known. Its stop
// mark W is the top of the list at the start of the last completed pass, in
// the provider's time; the first one's is W₀ of the sweep, so that what jumped
// above the sweep's cursor is found. Dying on the way leaves W, and repeats
// harmlessly.
func (l *Loop) headPass(ctx context.Context) error {
	head, err := l.o.Cache.Feed(ctx, l.o.Account.Name, cache.Head)
	if err != nil {
		return err
	}
	w := head.Top
	if w.IsZero() {
		sweep, err := l.o.Cache.Feed(ctx, l.o.Account.Name, cache.Sweep)
		if err != nil {
			return err
		}
		w = sweep.Top
	}
	top, err := l.readHead(ctx, w.Add(-overlap))
	if err != nil || !top.After(head.Top) {
		return err
	}
	head.Top, head.FinishedAt = top, time.Now()
	return l.o.Cache.SaveFeed(ctx, l.o.Account.Name, head)
}

// readHead reads from the top until every workspace is past stop and a page
// beyond the first row that was known and is unchanged. It returns the newest
// stamp of the first page.
func (l *Loop) readHead(ctx context.Context, stop time.Time) (top time.Time, err error) {
	var mark inbox.Mark
	var refused refusals
	ground := newGround(stop)
	for {
		page, begun, err := l.page(ctx, l.o.Provider.Newest, mark)
		if err != nil {
			again, err := refused.again("list conversations", mark, err)
			if !again {
				return top, err
			}
			mark, ground = nil, newGround(stop)
			continue
		}
		if mark == nil && top.IsZero() {
			top = newest(page.Items)
		}
		delta, err := l.saveDelta(ctx, page, nil, begun)
		if err != nil {
			return top, err
		}
		if done := ground.covers(page.Items, delta.Fresh); done || !page.More {
			return top, nil
		}
		mark = page.Next
	}
}

// ground is how far a head pass has come in each workspace: at Plática a page
// has a part of each, in the order of its own, and a quiet one says nothing of
// a busy one.
type ground struct {
	stop  time.Time
	known map[string]bool // a row known and unchanged was seen on an earlier page
}

func newGround(stop time.Time) *ground { return &ground{stop, map[string]bool{}} }

// covers takes note of a page and reports whether what comes after it is known.
func (g *ground) covers(items []inbox.Conversation, fresh []bool) bool {
	done := len(items) > 0
	last := map[string]time.Time{} // the last stamp; rows without one stand anywhere
	for i := range items {
		if at := items[i].ActiveAt; !at.IsZero() {
			last[items[i].Workspace] = at
		} else if _, ok := last[items[i].Workspace]; !ok {
			last[items[i].Workspace] = time.Time{}
		}
	}
	for ws, at := range last {
		done = done && at.Before(g.stop) && g.known[ws]
	}
	for i := range items {
		g.known[items[i].Workspace] = g.known[items[i].Workspace] || !fresh[i]
	}
	return done
}

type reader func(context.Context, inbox.Mark) (inbox.Page[inbox.Conversation], error)

// page numbers a request and sends it.
func (l *Loop) page(ctx context.Context, read reader, mark inbox.Mark) (inbox.Page[inbox.Conversation], int64, error) {
	begun, err := l.o.Cache.NextFetch(ctx, l.o.Account.Name)
	if err != nil {
		return inbox.Page[inbox.Conversation]{}, 0, err
	}
	page, err := read(ctx, mark)
	if err == nil {
		l.answered()
	}
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
	l.mu.Unlock()
	l.o.Changed(delta)
	l.behind()
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
