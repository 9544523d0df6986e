package profile

import (
	"context"
	"slices"
	"time"

	"bandeja/internal/cache"
)

// snooze leaves threads (t_…) out of the lists of work until a time, zero for no
// longer; it is on the disk when it returns. ErrNotFound where one of them is
// not here: none is snoozed then.
func (in *Inbox) snooze(ctx context.Context, threads []string, until time.Time) error {
	in.noting.Lock()
	defer in.noting.Unlock()
	marks := make([]cache.Mark, len(threads))
	for i, ref := range threads {
		t, err := in.cache.Thread(ctx, ref)
		if err != nil {
			return err
		}
		snooze := cache.Snooze{}
		if !until.IsZero() {
			// At, since the last message may not be known yet: it is not new then.
			snooze = cache.Snooze{Until: until, Over: t.At}
		}
		marks[i] = cache.Mark{Account: t.Account, Thread: ref, Snooze: &snooze}
	}
	noted, err := in.local.SaveSnoozes(ctx, marks)
	if err != nil {
		return err
	}
	// Of what is on the disk already: it does not end with the request.
	if err := in.cache.Mirror(context.WithoutCancel(ctx), noted); err != nil {
		return err
	}
	in.marks.shown(noted)
	wakeUp(in.snoozes)
	in.server.Events().Threads(threads)
	return nil
}

// lookAround is how long a wait for a snooze's end may be: the clock may be set,
// and the machine may sleep.
const lookAround = 30 * time.Second

// followSnoozes tells the screens which threads come back, as their time comes.
func (in *Inbox) followSnoozes(ctx context.Context) {
	for since := time.Now(); ctx.Err() == nil; {
		sleepers, err := in.cache.Sleepers(ctx, since)
		if err != nil && ctx.Err() == nil {
			in.log.Error("snoozes not looked up", "err", err)
		}
		now := time.Now()
		still := slices.IndexFunc(sleepers, func(s cache.Sleeper) bool { return s.Until.After(now) })
		next := lookAround
		if still < 0 {
			still = len(sleepers)
		} else {
			next = min(next, sleepers[still].Until.Sub(now))
		}
		back := make([]string, still)
		for i := range back {
			back[i] = sleepers[i].Thread
		}
		in.server.Events().Threads(back)
		in.hearWoken(ctx, back)
		if err == nil {
			since = now
		}
		select {
		case <-ctx.Done():
		case <-in.snoozes:
		case <-time.After(next):
		}
	}
}
