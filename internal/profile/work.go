package profile

import (
	"context"
	"errors"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/syncer"
)

// Start sets the background to work: the people index, the message index and,
// with sync, a loop for every account. Close ends it.
func (in *Inbox) Start(sync bool) error {
	in.work.Go(func() { in.followPeople(in.life) })
	if in.Viewing() {
		return nil
	}
	in.work.Go(func() { in.followDamage(in.life) })
	in.work.Go(func() { in.followSpace(in.life) })
	in.work.Go(func() { in.followCare(in.life) })
	in.work.Go(func() { in.followIndex(in.life) })
	in.work.Go(func() { in.followHistory(in.life) })
	in.work.Go(func() { in.followRules(in.life) })
	in.work.Go(func() { in.followSnoozes(in.life) })
	in.work.Go(func() { in.followActs(in.life) })
	in.work.Go(func() { in.followNotifications(in.life) })
	in.work.Go(func() { in.followForgettings(in.life) })
	in.mu.Lock()
	in.syncs = sync
	in.mu.Unlock()
	if !sync {
		return nil
	}
	return in.startLoops(in.life, func(string) bool { return true })
}

// startLoops lets the loops of the accounts that are wanted cycle.
func (in *Inbox) startLoops(ctx context.Context, wanted func(account string) bool) error {
	accounts, err := in.local.Accounts(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if !wanted(a.Name) {
			continue
		}
		if err := in.startLoop(a); err != nil {
			in.log.Error("account not started", "account", a.Name, "err", err)
			in.saveFailure(ctx, a, err)
		}
	}
	return nil
}

// saveFailure shows in an account's state why it could not even start: its
// key is not where it should be, most often.
func (in *Inbox) saveFailure(ctx context.Context, a inbox.Account, err error) {
	if e := in.cache.EnsureAccount(ctx, a); e != nil {
		in.log.Error("account not saved", "account", a.Name, "err", e)
		return
	}
	if e := in.saveState(ctx, a.Name, syncer.Paused, KindOf(err), err.Error()); e != nil {
		in.log.Error("state not saved", "account", a.Name, "err", e)
	}
}

// saveState writes an account's state and leaves as of when its copy was
// whole.
func (in *Inbox) saveState(ctx context.Context, account, state, kind, text string) error {
	before, err := in.cache.State(ctx, account)
	if err != nil {
		return err
	}
	return in.cache.SaveState(ctx, account, state, before.AsOf, kind, text)
}

// changed is told by sync, after a commit, what it changed.
func (in *Inbox) changed(d cache.Delta) {
	in.showMarks(d.Threads)
	in.stale.add(d.People)
	if d.Messages > 0 {
		wakeUp(in.index)
	}
	if d.History > 0 || d.Gone {
		wakeUp(in.history)
	}
	in.server.Events().Threads(d.Threads)
	in.hear(d.Heard)
}

// progressed is told by sync that an account's state says something else now.
func (in *Inbox) progressed() {
	in.server.Events().State()
	wakeUp(in.telling) // it may have caught up
}

// loadPeople reads everybody into the people index, and what lists are narrowed
// by into memory: that follows this process's commits, and where it only looks
// on another may be writing.
func (in *Inbox) loadPeople(ctx context.Context) error {
	in.loading.Lock()
	defer in.loading.Unlock()
	if err := in.search.People.Load(ctx); err != nil || in.Viewing() {
		return err
	}
	return in.cache.LoadFacts(ctx)
}

// A screen that is opened as the program starts asks for its list within
// screenTime, and has painted it paintTime after the answer.
const (
	screenTime = 2 * time.Second
	paintTime  = 300 * time.Millisecond
)

// listFirst waits until a screen that is being opened shows its list: reading
// everybody into memory takes all that there is of a small machine, and a
// search comes later than the list.
func (in *Inbox) listFirst(ctx context.Context) {
	if in.listener == nil {
		return
	}
	select {
	case <-ctx.Done():
	case <-in.server.Listed():
		wait(ctx, paintTime)
	case <-time.After(screenTime):
	}
}

// followPeople loads the people index and keeps up with sync.
func (in *Inbox) followPeople(ctx context.Context) {
	in.listFirst(ctx)
	for err := in.loadPeople(ctx); err != nil; err = in.loadPeople(ctx) {
		if ctx.Err() != nil {
			return
		}
		in.log.Error("people index not loaded", "err", err)
		wait(ctx, 10*time.Second)
	}
	in.server.Events().State()
	in.loadRoll(ctx)
	var settled time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-in.stale.wake:
		}
		if time.Since(settled) > rollEvery {
			if err := in.cache.SettleRoll(ctx); err != nil && ctx.Err() == nil {
				in.log.Warn("the lists of other programs are brought up to date when one is asked for", "err", err)
			}
			settled = time.Now()
		}
		refs := in.stale.take()
		if err := errors.Join(in.search.People.Refresh(ctx, refs), in.cache.SettleFacts(ctx)); err != nil && ctx.Err() == nil {
			in.log.Error("people index not refreshed", "err", err)
			in.stale.add(refs)
			wait(ctx, time.Second)
		}
	}
}

// rollEvery is how often the lists of other programs are brought up to date while
// nobody asks for one: a copy at full speed would keep whoever asks next waiting
// for what came since the last time.
const rollEvery = 200 * time.Millisecond

// loadRoll reads what the lists of the providers' own APIs are made of, where
// there is a token that may ask for one: its first request is answered like any.
func (in *Inbox) loadRoll(ctx context.Context) {
	if in.someToken(ctx) != nil {
		return
	}
	if err := in.cache.Roll(ctx, func([]*cache.RollGroup) {}); err != nil && ctx.Err() == nil {
		in.log.Warn("the lists of other programs are read when one is asked for", "err", err)
	}
}

// indexRest lets a busy sync fill a batch: a search looks through the queue
// anyway.
const indexRest = time.Second

// tidyAfter is for how long nothing came to be indexed before the index is put
// in order: a first copy brings something every second, and would have it put
// in order as often.
const tidyAfter = 10 * time.Second

// followIndex looks the message index over, and indexes what sync queues.
func (in *Inbox) followIndex(ctx context.Context) {
	switch why, err := in.cache.CheckIndex(ctx); {
	case err != nil && ctx.Err() == nil:
		in.log.Error("message index not checked", "err", err)
	case why != "":
		in.log.Warn("the message index is made anew", "why", why)
	}
	for idle := false; ; {
		work, next := in.drainIndex, time.After(tidyAfter)
		if idle {
			work, next = in.tidyIndex, nil
		}
		if err := work(ctx); err != nil && ctx.Err() == nil {
			in.log.Error("messages not indexed", "err", err)
			wait(ctx, 10*time.Second)
		}
		select {
		case <-ctx.Done():
			return
		case <-in.index:
			idle = false
			wait(ctx, indexRest)
		case <-next:
			idle = true
		}
	}
}

func (in *Inbox) drainIndex(ctx context.Context) error {
	for ctx.Err() == nil && in.space.ready() == nil {
		left, err := in.cache.IndexQueued(ctx)
		if err != nil || left == 0 {
			return err
		}
	}
	return ctx.Err()
}

// tidyIndex merges what the index is in pieces of, until something is to be
// indexed.
func (in *Inbox) tidyIndex(ctx context.Context) error {
	for ctx.Err() == nil && in.space.ready() == nil && len(in.index) == 0 {
		if more, err := in.cache.TidyIndex(ctx); err != nil || !more {
			return err
		}
	}
	return ctx.Err()
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
