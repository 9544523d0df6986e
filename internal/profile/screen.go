package profile

import (
	"context"
	"slices"
	"sync"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/server"
)

// onScreen remembers which threads somebody opened lately, and which they want
// whole.
type onScreen struct {
	mu     sync.Mutex
	recent []opened
	wanted []opened
}

type opened struct {
	thread string
	at     time.Time
}

const (
	mostOpened = 4
	openedFor  = 2 * time.Minute
	// A thread that is wanted whole is read first until it is, and if it cannot
	// be, because its platform keeps no more, for this long.
	mostWanted = 100
	wantedFor  = 10 * time.Minute
)

func (o *onScreen) open(thread string, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.recent = slices.DeleteFunc(o.recent, func(v opened) bool { return v.thread == thread })
	o.recent = append([]opened{{thread, now}}, o.recent[:min(len(o.recent), mostOpened-1)]...)
}

func (o *onScreen) want(threads []string, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wanted = slices.DeleteFunc(o.wanted, func(v opened) bool { return slices.Contains(threads, v.thread) || now.Sub(v.at) >= wantedFor })
	for i, t := range threads {
		o.wanted = slices.Insert(o.wanted, i, opened{t, now})
	}
	o.wanted = o.wanted[:min(mostWanted, len(o.wanted))]
}

func (in *Inbox) onScreen() []string {
	o := in.seen
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []string
	for _, v := range o.recent {
		if time.Since(v.at) < openedFor {
			out = append(out, v.thread)
		}
	}
	for _, v := range o.wanted {
		if time.Since(v.at) < wantedFor && !slices.Contains(out, v.thread) {
			out = append(out, v.thread)
		}
	}
	return out
}

// fetch wants something whole: its messages are read before all else, and its
// accounts are asked at once.
func (in *Inbox) fetch(ctx context.Context, w server.Wanted) error {
	n := cache.Narrow{}
	switch {
	case w.Thread != "":
		n.Threads = []string{w.Thread}
	case w.Person != "":
		n.People = []string{w.Person}
	default:
		in.wake(w.Account)
		return nil
	}
	all, _, err := in.cache.Threads(ctx, cache.ThreadFilter{View: cache.All, Narrow: n}, "", mostWanted)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return cache.ErrNotFound
	}
	var threads, accounts []string
	for _, t := range all {
		threads = append(threads, t.Ref)
		if !slices.Contains(accounts, t.Account) {
			accounts = append(accounts, t.Account)
		}
	}
	in.seen.want(threads, time.Now())
	for _, a := range accounts {
		in.wake(a)
	}
	return nil
}

// opened says that somebody looks at a thread. Where some of it is not here
// yet its account is asked at once; else the next cycle is soon enough.
func (in *Inbox) opened(thread string) {
	in.seen.open(thread, time.Now())
	if t, err := in.cache.Thread(in.life, thread); err == nil && !t.Complete {
		in.wake(t.Account)
	}
}
