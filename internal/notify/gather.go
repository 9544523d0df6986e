package notify

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

const (
	// fresh is how old a message may be that is told of by itself, and how old
	// an account's copy that counts as following its platform.
	fresh = 10 * time.Minute
	// patience is how long an account that was away may take to catch up before
	// what it has brought by then is told.
	patience = 5 * time.Minute
	// most messages are told one by one.
	most = 3
)

// Copy is how an account's copy stands.
type Copy struct {
	Listed bool      // a whole list has been read once
	AsOf   time.Time // it was whole then; zero: never yet
}

// Heard is what may be told of one thread.
type Heard struct {
	Account, Thread string
	At              time.Time // of the message, or of a snooze's end, by this machine's clock
	Woken           bool      // it is a snooze that has ended, and no message
	since           time.Time // heard of first
}

// Late reports whether it is no news any more: it came while the platform was
// out of reach, or Bandeja closed.
func (h Heard) Late(now time.Time) bool { return !h.Woken && now.Sub(h.At) > fresh }

// Batch is what is told now.
type Batch struct {
	Heard []Heard // the oldest first; at most one of a thread
	// Joined says that they are told as one: there are many, or they come late.
	Joined bool
}

// Gather collects what is heard until it is time to tell of it. The zero value
// is ready; its methods are safe for several goroutines.
type Gather struct {
	mu      sync.Mutex
	waiting map[string]Heard // by thread
}

// Add takes what was heard of an account whose copy stood so before. What a
// first copy brings is not new, and neither is what is older than the copy.
func (g *Gather) Add(h Heard, before Copy, now time.Time) (added bool) {
	h.since = now
	if !h.Woken {
		if !before.Listed || before.AsOf.IsZero() && h.Late(now) || h.At.Before(before.AsOf.Add(-fresh)) {
			return false
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.waiting == nil {
		g.waiting = map[string]Heard{}
	}
	if earlier, ok := g.waiting[h.Thread]; ok {
		h.since = earlier.since
		h.Woken = h.Woken && earlier.Woken // the message says more
	}
	g.waiting[h.Thread] = h
	return true
}

// Take gives what is to be told now and forgets it. An account that is catching
// up is waited for, so that a night is told as one thing; again is when to look
// again, zero where nothing waits.
func (g *Gather) Take(now time.Time, copies map[string]Copy) (b Batch, again time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	late := false
	for thread, h := range g.waiting {
		if c := copies[h.Account]; !h.Woken && !c.AsOf.IsZero() && now.Sub(c.AsOf) > fresh {
			if until := h.since.Add(patience); now.Before(until) {
				if again.IsZero() || until.Before(again) {
					again = until
				}
				continue
			}
		}
		late = late || h.Late(now)
		b.Heard = append(b.Heard, h)
		delete(g.waiting, thread)
	}
	slices.SortFunc(b.Heard, func(x, y Heard) int { return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.Thread, y.Thread)) })
	b.Joined = len(b.Heard) > most || late && len(b.Heard) > 1
	return b, again
}

// Forget drops what waits.
func (g *Gather) Forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = nil
}
