package rest

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	clockSamples = 20
	// clockJump apart from what was so far, twice in a row and alike: one of
	// the clocks has been set, and older samples say nothing.
	clockJump = 30 * time.Second
)

// clock compares the provider's clock with ours by the Date of its replies.
type clock struct {
	mu      sync.Mutex
	samples []time.Duration // the newest clockSamples, as a ring
	next    int
	odd     time.Duration // the last one, where it was a jump away; else 0
}

// note takes a reply's Date. A Date is cut to the second, so half of one is
// added; the middle of the exchange stands for the moment it was made.
func (c *clock) note(h http.Header, sent, received time.Time) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	middle := sent.Add(received.Sub(sent) / 2)
	sample := date.Add(500 * time.Millisecond).Sub(middle.Round(0))
	c.mu.Lock()
	defer c.mu.Unlock()
	odd := c.odd
	c.odd = 0
	if len(c.samples) > 0 && (sample-median(c.samples)).Abs() > clockJump {
		c.odd = sample
		if odd != 0 && (sample-odd).Abs() <= clockJump {
			c.samples, c.next, c.odd = c.samples[:0], 0, 0
		}
	}
	if len(c.samples) < clockSamples {
		c.samples = append(c.samples, sample)
		return
	}
	c.samples[c.next] = sample
	c.next = (c.next + 1) % clockSamples
}

// offset is the median of the samples, 0 without any.
func (c *clock) offset() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return median(c.samples)
}

func median(samples []time.Duration) time.Duration {
	sorted := slices.Clone(samples)
	if len(sorted) == 0 {
		return 0
	}
	slices.Sort(sorted)
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return sorted[middle-1] + (sorted[middle]-sorted[middle-1])/2
}
