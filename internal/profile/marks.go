package profile

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// marks are what a person noted of threads that are not in the cache yet: it
// is being built anew, and each takes its mark as it comes.
type marks struct {
	mu      sync.Mutex
	waiting map[string]cache.Mark // by thread
}

// mirror shows in the cache what local.db noted while the cache was away. As
// long as a first copy goes on, threads may still come: their marks wait.
func (in *Inbox) mirror(ctx context.Context) error {
	in.noting.Lock()
	defer in.noting.Unlock()
	after, err := in.cache.Mirrored(ctx)
	if err != nil {
		return err
	}
	copying, err := in.copying(ctx)
	if err != nil {
		return err
	}
	if copying {
		after = 0
	}
	noted, err := in.local.MarksAfter(ctx, after)
	if err != nil {
		return err
	}
	if copying {
		in.marks.wait(noted)
	}
	return in.cache.Mirror(ctx, noted)
}

// copying reports whether any account has no whole list yet.
func (in *Inbox) copying(ctx context.Context) (bool, error) {
	accounts, err := in.local.Accounts(ctx)
	if err != nil {
		return false, err
	}
	for _, a := range accounts {
		feed, err := in.cache.Feed(ctx, a.Name, cache.Sweep)
		if err != nil && !errors.Is(err, cache.ErrNotFound) {
			return false, err
		}
		if feed.FinishedAt.IsZero() {
			return true, nil
		}
	}
	return false, nil
}

func (m *marks) wait(noted []cache.Mark) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waiting = make(map[string]cache.Mark, len(noted))
	for _, n := range noted {
		m.waiting[n.Thread] = n
	}
}

// of lists the marks that wait for any of the threads, in their order.
func (m *marks) of(threads []string) (out []cache.Mark) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, ref := range threads {
		if n, ok := m.waiting[ref]; ok {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(a, b cache.Mark) int { return cmp.Compare(a.Seq, b.Seq) })
	return out
}

func (m *marks) shown(noted []cache.Mark) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range noted {
		delete(m.waiting, n.Thread)
	}
}

// showMarks gives threads that have just come the marks that waited for them.
func (in *Inbox) showMarks(threads []string) {
	in.noting.Lock()
	defer in.noting.Unlock()
	noted := in.marks.of(threads)
	if len(noted) == 0 {
		return
	}
	// Of what is committed already: it does not end with the run.
	if err := in.cache.Mirror(context.WithoutCancel(in.life), noted); err != nil {
		in.log.Error("read marks not shown", "err", err)
		return
	}
	in.marks.shown(noted)
}

func floorSetting(account string) string { return "read_floor." + account }

// readFloor is from when on an account's messages are unread. It is chosen
// once, as the first copy begins: what nobody has read stays unread when the
// cache is built anew.
func (in *Inbox) readFloor(account string) func(context.Context, time.Time) (time.Time, error) {
	return func(ctx context.Context, top time.Time) (time.Time, error) {
		v, err := in.local.Setting(ctx, floorSetting(account))
		if err != nil {
			return top, err
		}
		if ms, err := strconv.ParseInt(v, 10, 64); err == nil {
			return inbox.FromMillis(ms), nil
		}
		return top, in.local.SaveSetting(ctx, floorSetting(account), strconv.FormatInt(inbox.Millis(top), 10))
	}
}

// floorAgain gives a cache that was built anew the time that the first one
// had, where it had one.
func (in *Inbox) floorAgain(ctx context.Context, account string) error {
	v, err := in.local.Setting(ctx, floorSetting(account))
	if err != nil {
		return err
	}
	ms, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return nil // no first copy has begun
	}
	return in.cache.SaveReadFloor(ctx, account, inbox.FromMillis(ms))
}
