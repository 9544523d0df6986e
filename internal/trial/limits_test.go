package trial

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/syncer"
)

// burst is what a key may send at once (SYNC §3).
const burst = 5

// paced checks the history for SYNC I11: in every second no more requests than
// the key's rate and a burst.
func (b *bench) paced(rate float64) {
	b.t.Helper()
	all := b.History().Requests
	most := int(rate) + burst
	for i := range all {
		n := 0
		for _, r := range all[i:] {
			if r.At.Sub(all[i].At) >= time.Second {
				break
			}
			n++
		}
		if n > most {
			b.t.Errorf("%d requests within a second from %v, at most %d were due", n, all[i].At, most)
			return
		}
	}
}

// patient checks the history for the other half: after a 429, none of the key
// before the time that it named. What was under way then does not count.
func (b *bench) patient() {
	b.t.Helper()
	all := b.History().Requests
	for i, r := range all {
		if r.Status != http.StatusTooManyRequests {
			continue
		}
		until := r.Answered.Add(named(r))
		for _, later := range all[i+1:] {
			if later.At.After(r.Answered) && later.At.Before(until) {
				b.t.Errorf("request %d came %v after request %d was answered with Retry-After %q", later.N, later.At.Sub(r.Answered), r.N, r.RetryAfter)
				return
			}
		}
	}
}

// named is how long a refusal asks to wait, as far as it asks (SYNC §3).
func named(r simulator.Request) time.Duration {
	if n, err := strconv.ParseFloat(r.RetryAfter, 64); err == nil {
		return time.Duration(max(1, min(n, 900)) * float64(time.Second))
	}
	if at, err := http.ParseTime(r.RetryAfter); err == nil {
		return max(time.Second, min(at.Sub(r.Answered.Truncate(time.Second)), 15*time.Minute))
	}
	return 0
}

// cycles lets the loop cycle by itself for a while, as in the window.
func (b *bench) cycles(d time.Duration) {
	b.t.Helper()
	ctx, stop := context.WithCancel(b.t.Context())
	var running sync.WaitGroup
	running.Go(func() { b.loop.Run(ctx) })
	time.Sleep(d)
	stop()
	running.Wait()
}

// TestTooMany (F9): 429 with every form of Retry-After. The pace is kept, the
// wait is the one that was named, and a wait that is too long pauses the
// account and is shown.
func TestTooMany(t *testing.T) {
	for _, form := range []string{"", "0", "1", "120", "1000000000", "date -1h", "date 1h", "date 90s", "soon, I hope"} {
		t.Run(fmt.Sprintf("%q", form), func(t *testing.T) {
			sides(t, func(t *testing.T, p inbox.ProviderName) {
				onBench(t, simulator.Options{Seed: 71, Conversations: 40, Messages: 200}, p, func(t *testing.T, b *bench) {
					ran(t)
					b.connect(b.key(p), 4)
					b.fault(simulator.Fault{Kind: "status", Status: []int{429}, RetryAfter: form, After: 7, Every: 11, Burst: 2, Times: 12})
					b.cycles(10 * time.Minute)
					long := form == "1000000000" || form == "date 1h"
					if s := b.loop.Status(); long && s.State == syncer.UpToDate {
						t.Errorf("it is to wait for an hour and more, and says %s", s.State)
					}
					b.met()
					b.paced(4)
					b.patient()
					b.Quiet()
					if long { // nobody waits for thirty years: the account is connected anew
						b.again()
					}
					b.cycles(30 * time.Minute)
					if s := b.loop.Status(); s.State != syncer.UpToDate {
						t.Errorf("once it is over it says %s: %v", s.State, s.Err)
					}
					b.verify(entire)
				})
			})
		})
	}
}

// TestErrors (F10): bursts of server errors and connections that break, at one
// and at twenty in a hundred, with the rows moving meanwhile: it ends, and
// ends equal.
func TestErrors(t *testing.T) {
	for _, share := range []float64{0.01, 0.2} {
		t.Run(fmt.Sprint(share), func(t *testing.T) {
			sides(t, func(t *testing.T, p inbox.ProviderName) {
				seeds(t, often(3, 50), func(t *testing.T, seed uint64) {
					onBench(t, simulator.Options{Seed: seed, Conversations: 120, Messages: 500}, p, func(t *testing.T, b *bench) {
						ran(t)
						b.connect(b.key(p), 10)
						if err := b.SetFaults(simulator.Faults{Seed: seed, Rules: []simulator.Fault{
							{Kind: "status", Status: []int{500, 502, 503, 504, 429, 408}, Chance: share * 0.8},
							{Kind: "reset", Chance: share * 0.2},
						}, Drift: &simulator.Drift{Provider: string(p), Every: 3, Touches: 3, Inserts: 1, SilentPatches: 1, Edits: 1}}); err != nil {
							t.Fatal(err)
						}
						b.cycles(2 * time.Hour)
						if s := b.loop.Status(); s.AsOf.IsZero() {
							t.Errorf("at %v errors it never came to its end: %s, %v", share, s.State, s.Err)
						}
						b.paced(10)
						b.patient()
						b.settles()
					})
				})
			})
		})
	}
}

// TestOnlyErrors (F10): a provider that does nothing but fail is asked about
// once a minute and no more, for an hour, and says so.
func TestOnlyErrors(t *testing.T) {
	for _, f := range []simulator.Fault{
		{Kind: "status", Status: []int{500, 502, 503, 504}},
		{Kind: "status", Status: []int{429}},
		{Kind: "drop"},
		{Kind: "html"},
	} {
		t.Run(fmt.Sprint(f.Kind, f.Status), func(t *testing.T) {
			sides(t, func(t *testing.T, p inbox.ProviderName) {
				onBench(t, tiny(73), p, func(t *testing.T, b *bench) {
					ran(t)
					b.well()
					b.ForgetHistory()
					b.fault(f)
					b.cycles(time.Hour)
					if n := len(b.History().Requests); n > 60+2*burst {
						t.Errorf("%d requests in an hour of errors", n)
					}
					if s := b.loop.Status(); s.State == syncer.UpToDate || s.State == syncer.CatchingUp || s.Err == nil {
						t.Errorf("after an hour of errors it says %s, %v", s.State, s.Err)
					}
					b.Quiet()
					b.cycles(10 * time.Minute)
					if s := b.loop.Status(); s.State != syncer.UpToDate {
						t.Errorf("ten minutes after it is over it says %s: %v", s.State, s.Err)
					}
					b.verify(entire)
				})
			})
		})
	}
}
