package rest

import (
	"sync"
	"time"
)

// Figures of the retry budget (SYNC §3). The free ones let a lone request use
// all its tries; with them a provider that only fails is asked about once a
// minute.
const (
	budgetShare = 0.35
	budgetFree  = 8
	budgetSlots = 10 // minutes
)

// budget keeps retries to a share of the requests of the last ten minutes, so
// that an outage is not answered with six times the load. A retry at the time
// that the provider itself named is not counted.
type budget struct {
	mu    sync.Mutex
	slots [budgetSlots]struct {
		minute            int64
		requests, retries int
	}
}

// sent counts a request.
func (b *budget) sent(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count(now, 1, 0)
}

// take asks for one retry and counts it when granted.
func (b *budget) take(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	minute := now.Unix() / 60
	requests, retries := 0, 0
	for _, slot := range b.slots {
		if age := minute - slot.minute; age >= 0 && age < budgetSlots {
			requests += slot.requests
			retries += slot.retries
		}
	}
	if retries >= budgetFree && float64(retries) >= budgetShare*float64(requests) {
		return false
	}
	b.count(now, 0, 1)
	return true
}

func (b *budget) count(now time.Time, requests, retries int) {
	minute := now.Unix() / 60
	slot := &b.slots[minute%budgetSlots]
	if slot.minute != minute {
		slot.minute, slot.requests, slot.retries = minute, 0, 0
	}
	slot.requests += requests
	slot.retries += retries
}
