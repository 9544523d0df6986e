package rest

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"bandeja/internal/providers"
)

// Figures of the adaptive pace (SYNC §3).
const (
	slowest    = 0.5             // requests a second below which a 429 does not push us
	raiseEvery = 5 * time.Second // without a 429
	raiseBy    = 0.1             // of the configured rate
)

// pace holds one key to its rate. A 429 halves the rate once for all the
// requests that were under way; quiet time gives it back. While a provider has
// said "not before", no request of the key goes out at all.
type pace struct {
	mu         sync.Mutex
	limiter    *rate.Limiter
	full       rate.Limit // as configured
	cutAt      time.Time  // last halving
	cleanSince time.Time  // last 429 or raise
	heldUntil  time.Time
}

func newPace(perSecond float64, burst int) *pace {
	return &pace{full: rate.Limit(perSecond), limiter: rate.NewLimiter(rate.Limit(perSecond), burst)}
}

// wait returns when a request may be sent. A hold too long to wait out is an
// ErrLimited at once; otherwise the error is ctx's own.
func (p *pace) wait(ctx context.Context, op string) error {
	for {
		if err := p.waitHold(ctx, op); err != nil {
			return err
		}
		token := p.reserve()
		if err := sleep(ctx, token.Delay()); err != nil {
			token.Cancel()
			return err
		}
		// A hold that came meanwhile must not be left by everybody at once:
		// take a new token after it.
		if time.Until(p.held()) <= 0 {
			return nil
		}
	}
}

func (p *pace) waitHold(ctx context.Context, op string) error {
	for {
		until := p.held()
		left := time.Until(until)
		if left <= 0 {
			return ctx.Err()
		}
		if left > longestWait {
			return &providers.Error{Kind: providers.ErrLimited, Op: op, Until: until}
		}
		if err := sleep(ctx, left); err != nil {
			return err
		}
	}
}

func (p *pace) held() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.heldUntil
}

// hold keeps every request of the key back until the given time.
func (p *pace) hold(until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until.After(p.heldUntil) {
		p.heldUntil = until
	}
}

// reserve takes a token at the rate that the quiet time has earned.
func (p *pace) reserve() *rate.Reservation {
	p.mu.Lock()
	defer p.mu.Unlock()
	if limit := p.limiter.Limit(); limit < p.full {
		steps := time.Since(p.cleanSince) / raiseEvery
		if steps > 0 {
			p.cleanSince = p.cleanSince.Add(steps * raiseEvery)
			p.limiter.SetLimit(min(p.full, limit+rate.Limit(steps)*raiseBy*p.full))
		}
	}
	return p.limiter.Reserve()
}

// limited takes note of a 429 to a request sent at the given time. Requests
// that were already under way at the last halving belong to the same burst.
func (p *pace) limited(sent time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.cleanSince = now
	if !p.cutAt.IsZero() && !sent.After(p.cutAt) {
		return
	}
	p.cutAt = now
	p.limiter.SetLimit(min(p.full, max(slowest, p.limiter.Limit()/2)))
}
