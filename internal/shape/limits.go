package shape

import (
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// What one token may ask, and one address guess. Ten Bandejas that copy from this
// one at the pace of the platforms ask a hundred times a second together.
const (
	usualRate    = 300 // requests a second
	burstSeconds = 2
	guessRate    = 2 // wrong tokens a second
	guessBurst   = 20
	mostGuessers = 1000 // addresses that are remembered
)

// limits holds tokens to a rate, and those who guess them.
type limits struct {
	rate float64

	mu      sync.Mutex
	tokens  map[string]*rate.Limiter
	guesses map[netip.Addr]*rate.Limiter
}

func newLimits(perSecond float64) *limits {
	if perSecond <= 0 {
		perSecond = usualRate
	}
	return &limits{rate: perSecond, tokens: map[string]*rate.Limiter{}, guesses: map[netip.Addr]*rate.Limiter{}}
}

// use counts a request of a token. A *Problem of 429 where there were too many.
func (l *limits) use(token string, now time.Time) error {
	l.mu.Lock()
	of := l.tokens[token]
	if of == nil {
		of = rate.NewLimiter(rate.Limit(l.rate), max(1, int(l.rate*burstSeconds)))
		l.tokens[token] = of
	}
	l.mu.Unlock()
	return take(of, now, "The token has asked too often; "+strconv.FormatFloat(l.rate, 'g', 4, 64)+" requests a second are answered")
}

// guess counts a wrong token of an address. A *Problem of 429 where there were
// too many; a right one is let through even then, so that nobody who guesses can
// lock another out.
func (l *limits) guess(from string, now time.Time) error {
	at := NetworkOf(from)
	l.mu.Lock()
	of := l.guesses[at]
	if of == nil {
		if len(l.guesses) >= mostGuessers {
			clear(l.guesses)
		}
		of = rate.NewLimiter(guessRate, guessBurst)
		l.guesses[at] = of
	}
	l.mu.Unlock()
	return take(of, now, "Too many wrong tokens came from this address")
}

func take(of *rate.Limiter, now time.Time, why string) error {
	r := of.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait == 0 {
		return nil
	}
	r.CancelAt(now)
	return &Problem{Status: http.StatusTooManyRequests, Message: why, Wait: wait}
}

// NetworkOf is where a request or a connection comes from, by the remote address
// that net says. Of IPv6 the network counts: a house has
// a whole one of its own.
func NetworkOf(remote string) netip.Addr {
	from, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	a := from.Addr().Unmap()
	if network, err := a.Prefix(64); err == nil && a.Is6() {
		return network.Addr()
	}
	return a
}

// Head writes what a problem says beside its body: after how many whole seconds
// to come again.
func (p *Problem) Head(h http.Header) {
	if p.Wait > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64(math.Ceil(p.Wait.Seconds())), 10))
	}
}
