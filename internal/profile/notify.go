package profile

import (
	"context"
	"errors"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/notify"
	"bandeja/internal/server"
	"bandeja/internal/syncer"
)

// gatherRest lets what comes together be told together.
const gatherRest = time.Second

// hear notes who has written. It is called before the account's copy counts as
// whole again, so that how it stood before is known.
func (in *Inbox) hear(heard []cache.Heard) {
	if len(heard) == 0 {
		return
	}
	now, statuses := time.Now(), in.statuses()
	added := false
	for _, h := range heard {
		s := statuses[h.Account]
		v := notify.Heard{Account: h.Account, Thread: h.Thread, At: h.At.Add(-s.Offset)}
		added = in.gather.Add(v, copyOf(s), now) || added
	}
	if added {
		wakeUp(in.telling)
	}
}

// hearWoken notes threads (t_…) whose snooze has ended.
func (in *Inbox) hearWoken(ctx context.Context, threads []string) {
	now := time.Now()
	for _, ref := range threads {
		t, err := in.cache.Thread(ctx, ref)
		if err != nil {
			continue // it went meanwhile
		}
		in.gather.Add(notify.Heard{Account: t.Account, Thread: ref, At: now, Woken: true}, notify.Copy{}, now)
	}
	if len(threads) > 0 {
		wakeUp(in.telling)
	}
}

func copyOf(s syncer.Status) notify.Copy { return notify.Copy{Listed: s.Listed, AsOf: s.AsOf} }

// followNotifications tells of what was heard.
func (in *Inbox) followNotifications(ctx context.Context) {
	for {
		again, err := in.tell(ctx)
		if err != nil && ctx.Err() == nil {
			in.log.Warn("not all was told of", "err", err)
		}
		var next <-chan time.Time
		if !again.IsZero() {
			next = time.After(time.Until(again))
		}
		select {
		case <-ctx.Done():
			return
		case <-in.telling:
			wait(ctx, gatherRest)
		case <-next:
		}
	}
}

// tell tells of what was heard and is wanted; again is when to look again, zero
// where nothing waits.
func (in *Inbox) tell(ctx context.Context) (again time.Time, err error) {
	settings, err := in.server.NotificationSettings(ctx)
	if err != nil || !settings.On {
		in.gather.Forget()
		return time.Time{}, err
	}
	now, copies := time.Now(), map[string]notify.Copy{}
	for name, s := range in.statuses() {
		copies[name] = copyOf(s)
	}
	batch, again := in.gather.Take(now, copies)
	told, err := in.wanted(ctx, settings, batch, now)
	if err != nil || len(told) == 0 {
		return again, err
	}
	return again, in.server.Notify(ctx, told, batch.Joined, settings.Show)
}

// wanted are those of a batch that are still so and that a person wants to hear
// of, and does not see already.
func (in *Inbox) wanted(ctx context.Context, settings notify.Settings, batch notify.Batch, now time.Time) (told []server.Told, err error) {
	me, err := in.local.Agents(ctx, "")
	if err != nil {
		return nil, err
	}
	for _, h := range batch.Heard {
		if !settings.Hears(h.Account, now) || h.Woken && !settings.Woken {
			continue
		}
		t, err := in.cache.Thread(ctx, h.Thread)
		if errors.Is(err, cache.ErrNotFound) {
			continue
		}
		if err != nil {
			return told, err
		}
		needs, _ := t.NeedsReply()
		answered := !h.Woken && t.LastDir != inbox.In || h.Late(now) && (!t.Unread || !needs)
		if answered || !settings.Wants(t, me) || in.server.Looking(h.Thread) {
			continue
		}
		told = append(told, server.Told{Thread: t, Woken: h.Woken})
	}
	return told, nil
}

// GoTo has a page open a thread (t_…), "" for the list: its notification was
// clicked.
func (in *Inbox) GoTo(thread string) { in.server.GoTo(thread) }
