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

// headBetween is how often a long pass looks at the top of the list again.
const headBetween = 20 * time.Second

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
	head.Top, head.FinishedAt = top, l.now()
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
		page, begun, err := l.newestPage(ctx, mark)
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

// newestPage reads a page of the newest, the first one of which tells whether
// the key still reaches what was copied.
func (l *Loop) newestPage(ctx context.Context, mark inbox.Mark) (inbox.Page[inbox.Conversation], int64, error) {
	page, begun, err := l.page(ctx, l.o.Provider.Newest, mark)
	if err == nil && mark == nil {
		err = l.sameOffice(ctx, &page)
	}
	return page, begun, err
}

// page numbers a request and sends it.
func (l *Loop) page(ctx context.Context, read reader, mark inbox.Mark) (inbox.Page[inbox.Conversation], int64, error) {
	begun, err := l.ask(ctx)
	if err != nil {
		return inbox.Page[inbox.Conversation]{}, 0, err
	}
	page, err := read(ctx, mark)
	if err == nil {
		err = l.sameWorkspaces(ctx, page.Workspaces)
	}
	if err == nil {
		l.answered()
	}
	return page, begun, err
}

// ask numbers a request that may be sent now.
func (l *Loop) ask(ctx context.Context) (begun int64, err error) {
	if l.stopped() {
		return 0, ErrHeld
	}
	return l.o.Cache.NextFetch(ctx, l.o.Account.Name)
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
