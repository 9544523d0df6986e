package syncer

import (
	"context"
	"math/rand/v2"
	"time"
)

// Timing of the cycle (SYNC §2).
const (
	cycleWatched = 20 * time.Second // while somebody looks
	cycleAlone   = 60 * time.Second
	cycleAtMost  = 5 * time.Minute // after failures, doubling
	sweepEvery   = 24 * time.Hour

	// lookAround is how often a waiting loop sees whether the clock has jumped
	// or somebody has come to look.
	lookAround = 5 * time.Second
	// driftAtMost between the wall and the monotonic clock is no jump: more
	// says that the machine slept or a clock was set.
	driftAtMost = 30 * time.Second
	// wakeJitter spreads the accounts and the desks of an office that wake
	// together.
	wakeJitter = 10 * time.Second
)

// now is what the clock on the wall says.
func (l *Loop) now() time.Time { return l.o.Clock() }

// providerNow is what the provider's clock says: what it tells of times counts
// from there.
func (l *Loop) providerNow() time.Time { return time.Now().Add(l.o.Provider.Offset()) }

// cycle is the time from the end of a cycle that went well to the next one.
func (l *Loop) cycle() time.Duration {
	if l.o.Watched() {
		return cycleWatched
	}
	return cycleAlone
}

// rest waits about as long as wait says, which may change meanwhile, or for
// Wake; nil waits for Wake alone. Jitter keeps the accounts and the desks of an
// office from asking all at once. After a sleep of the machine or a jump of
// its clock it does not wait to its end: woken is true, and one cycle is due.
func (l *Loop) rest(ctx context.Context, wait func() time.Duration) (woken bool) {
	if wait == nil {
		l.pause(ctx, -1)
		return false
	}
	part := 0.75 + rand.Float64()/2
	began := time.Now()
	for {
		left := time.Duration(part*float64(wait())) - time.Since(began)
		if left <= 0 {
			return false
		}
		tick := min(left, lookAround)
		mono, wall := time.Now(), l.now().Round(0)
		if !l.pause(ctx, tick) {
			return false
		}
		passed := time.Since(mono)
		drift := l.now().Round(0).Sub(wall) - passed
		if drift.Abs() > driftAtMost || passed-tick > driftAtMost {
			l.o.Log.Info("the clock jumped or the machine slept", "account", l.o.Account.Name, "by", max(drift.Abs(), passed-tick).Round(time.Second).String())
			l.pause(ctx, rand.N(wakeJitter))
			return true
		}
	}
}

// pause waits for d, for ever where it is negative; false: it was cut short.
func (l *Loop) pause(ctx context.Context, d time.Duration) bool {
	var after <-chan time.Time
	if d >= 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		after = timer.C
	}
	select {
	case <-ctx.Done():
	case <-l.wake:
	case <-after:
		return true
	}
	return false
}
