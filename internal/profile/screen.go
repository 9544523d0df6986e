package profile

import (
	"slices"
	"sync"
	"time"
)

// onScreen remembers which threads somebody opened lately.
type onScreen struct {
	mu     sync.Mutex
	recent []opened
}

type opened struct {
	thread string
	at     time.Time
}

const (
	mostOpened = 4
	openedFor  = 2 * time.Minute
)

func (o *onScreen) open(thread string, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.recent = slices.DeleteFunc(o.recent, func(v opened) bool { return v.thread == thread })
	o.recent = append([]opened{{thread, now}}, o.recent[:min(len(o.recent), mostOpened-1)]...)
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
	return out
}

// opened says that somebody looks at a thread. Where some of it is not here
// yet its account is asked at once; else the next cycle is soon enough.
func (in *Inbox) opened(thread string) {
	in.seen.open(thread, time.Now())
	if t, err := in.cache.Thread(in.life, thread); err == nil && !t.Complete {
		in.wake(t.Account)
	}
}
