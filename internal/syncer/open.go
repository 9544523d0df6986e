package syncer

import (
	"context"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers"
)

// The open-set pass finds what changed silently among the conversations that
// people work on (SYNC §2).
const (
	openEvery = 5 * time.Minute
	openShare = 0.2 // of the rate, at most
)

// openPeriod is the time from one open-set pass to the next: longer where one
// takes many pages, so that it stays within its share of the rate.
func (l *Loop) openPeriod(last cache.Feed) time.Duration {
	rate := l.o.Account.Rate
	if rate <= 0 {
		rate = 1
	}
	return max(openEvery, time.Duration(float64(last.Pages)/(openShare*rate)*float64(time.Second)))
}

// openFresh reports whether the last open-set pass is younger than so many
// periods.
func (l *Loop) openFresh(last cache.Feed, periods int) bool {
	age := l.now().Sub(last.FinishedAt)
	return !last.FinishedAt.IsZero() && age > -time.Hour && age < time.Duration(periods)*l.openPeriod(last)
}

// openPass lists the open conversations and queues a look-up of those that are
// open here and did not come back: they were resolved, reassigned or removed
// without becoming active.
func (l *Loop) openPass(ctx context.Context) error {
	live, err := l.o.Cache.Live(ctx, l.o.Account.Name)
	if err != nil {
		return err
	}
	since, err := l.openSince(ctx, live)
	if err != nil {
		return err
	}
	feed := cache.Feed{Kind: cache.Open, Begun: l.now()}
	came := map[string]bool{}
	back, err := l.readOpen(ctx, since, func(page *inbox.Page[inbox.Conversation]) {
		feed.Pages++
		feed.Seen += int64(len(page.Items))
		for i := range page.Items {
			came[page.Items[i].ID] = true
		}
	})
	if err != nil {
		return err
	}
	var absent []string
	for _, c := range live {
		switch {
		case came[c.ID]:
		case back.IsZero(), c.ActiveAt.After(back):
			absent = append(absent, c.ID)
		default:
			feed.Begun = time.Time{} // it was not looked for: the pass vouches for nothing
		}
	}
	if err := l.o.Cache.QueueLookups(ctx, l.o.Account.Name, absent); err != nil {
		return err
	}
	feed.FinishedAt = l.now()
	return l.o.Cache.SaveFeed(ctx, l.o.Account.Name, feed)
}

// openSince is the oldest activity among what is open here; with nothing open
// the top of the list is all that need be looked at.
func (l *Loop) openSince(ctx context.Context, live []cache.Listed) (time.Time, error) {
	for _, c := range live {
		if !c.ActiveAt.IsZero() {
			return c.ActiveAt, nil
		}
	}
	head, err := l.o.Cache.Feed(ctx, l.o.Account.Name, cache.Head)
	return head.Top, err
}

// readOpen saves every page of the open conversations; back is how far it went.
func (l *Loop) readOpen(ctx context.Context, since time.Time, saw func(*inbox.Page[inbox.Conversation])) (back time.Time, err error) {
	var mark inbox.Mark
	var refused refusals
	for {
		page, begun, err := l.page(ctx, func(ctx context.Context, from inbox.Mark) (inbox.Page[inbox.Conversation], error) {
			var open providers.OpenPage
			open, err := l.o.Provider.Open(ctx, since, from)
			back = open.BackTo
			return open.Page, err
		}, mark)
		if err != nil {
			again, err := refused.again("list open conversations", mark, err)
			if !again {
				return back, err
			}
			mark = nil
			continue
		}
		if err := l.save(ctx, page, nil, begun); err != nil {
			return back, err
		}
		saw(&page)
		if !page.More {
			return back, nil
		}
		mark = page.Next
	}
}
