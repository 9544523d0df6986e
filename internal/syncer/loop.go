// Package syncer carries what providers say into the cache: one Loop an
// account, with a sweep over everything, head passes over what is new, and the
// reading of messages (SYNC §2). It keeps no state of its own that a restart
// would miss: bookmarks and marks commit with the rows they cover.
package syncer

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers"
)

// Options are a Loop's surroundings.
type Options struct {
	Account  inbox.Account
	Provider providers.Provider
	Cache    *cache.Cache
	Log      *slog.Logger
	// Changed is told what a transaction changed, after its commit.
	Changed func(cache.Delta)
	// Progressed is told that Status says something else now.
	Progressed func()
	// OnScreen lists the threads (t_…) somebody is looking at: their messages
	// are read first. Nil means none.
	OnScreen func() []string
	// ReadFloor is told the top of the list as a first copy begins and says
	// from when on what arrives is unread; a cache that is built anew must get
	// the time that the first one got. Nil: that top.
	ReadFloor func(ctx context.Context, top time.Time) (time.Time, error)
	// Outbox carries changes to the provider: beside the passes while the Loop
	// runs, and before them in Once. Nil: there are none.
	Outbox *Sender
}

// Timing of the cycle (SYNC §2).
const (
	cycleEvery  = 20 * time.Second
	cycleAtMost = 5 * time.Minute // after failures, doubling
	sweepEvery  = 24 * time.Hour
)

// Loop keeps one account's copy. Its methods are safe for several goroutines;
// passes run one at a time.
type Loop struct {
	o    Options
	wake chan struct{}
	pass chan struct{} // holds a value while a pass runs

	mu     sync.Mutex
	status Status
	told   bool            // status knows what the cache remembers
	copied bool            // a whole list has been read once
	base   providers.Usage // when the run began

	// Of the pass that runs: conversations that were not there when they were
	// to be read, and whether any ever was.
	absent map[string]absence
	found  bool
}

// New makes a Loop; nothing happens until Run or Once.
func New(o Options) *Loop {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Changed == nil {
		o.Changed = func(cache.Delta) {}
	}
	if o.Progressed == nil {
		o.Progressed = func() {}
	}
	if o.OnScreen == nil {
		o.OnScreen = func() []string { return nil }
	}
	if o.ReadFloor == nil {
		o.ReadFloor = func(_ context.Context, top time.Time) (time.Time, error) { return top, nil }
	}
	return &Loop{
		o: o, wake: make(chan struct{}, 1), pass: make(chan struct{}, 1), absent: map[string]absence{},
		status: Status{Account: o.Account.Name, Provider: o.Account.Provider, State: FirstCopy},
	}
}

// Wake asks a running Loop for a cycle now.
func (l *Loop) Wake() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Run cycles until ctx ends. A refused key stops it until Wake.
func (l *Loop) Run(ctx context.Context) {
	if l.o.Outbox != nil {
		var sending sync.WaitGroup
		sending.Go(func() { l.o.Outbox.Run(ctx) })
		defer sending.Wait()
	}
	wait := cycleEvery
	for ctx.Err() == nil {
		err := l.once(ctx, false)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			wait = cycleEvery
		case errors.Is(err, providers.ErrRefused), errors.Is(err, providers.ErrForbidden):
			wait = 0
		default:
			wait = min(max(wait, cycleEvery)*2, cycleAtMost)
		}
		l.sleep(ctx, wait)
	}
}

// sleep waits about d, or for Wake; 0 waits for Wake alone. Jitter keeps the
// accounts and the desks of an office from asking all at once.
func (l *Loop) sleep(ctx context.Context, d time.Duration) {
	var after <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d*3/4 + rand.N(d/2))
		defer timer.Stop()
		after = timer.C
	}
	select {
	case <-ctx.Done():
	case <-after:
	case <-l.wake:
	}
}

// tries is how often a pass is tried before a run gives up (DESIGN §6).
const tries = 3

// Once sends what waits in the outbox, and brings the copy up to date: it begins or goes on with the sweep if none
// has finished (full: a new one, and every message again), then the head pass,
// then messages until nothing known is unread. While another Once of this Loop
// runs it waits for that one first.
//
// Errors wrap those of providers and cache, or are ctx's own. What was copied
// stays; the next Once goes on from there.
func (l *Loop) Once(ctx context.Context, full bool) error {
	var unsent error
	if l.o.Outbox != nil {
		// A key that may read and not write is told by the entries.
		if unsent = l.o.Outbox.Once(ctx); errors.Is(unsent, errReadOnlyKey) {
			unsent = nil
		}
	}
	if err := l.once(ctx, full); err != nil {
		return err
	}
	return unsent
}

// once runs the passes.
func (l *Loop) once(ctx context.Context, full bool) error {
	select {
	case l.pass <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l.pass }()
	began := time.Now()
	err := l.o.Cache.EnsureAccount(ctx, l.o.Account)
	if err == nil {
		err = l.begin(ctx, began)
	}
	var asOf time.Time
	if err == nil {
		asOf, err = l.catchUp(ctx, full)
	}
	l.end(ctx, began, asOf, err)
	return err
}

// catchUp runs the passes. asOf is when the head pass that succeeded began:
// what the provider had then is here.
func (l *Loop) catchUp(ctx context.Context, full bool) (asOf time.Time, err error) {
	if full {
		if err := l.retry(ctx, l.startAnew); err != nil {
			return asOf, err
		}
	}
	if err := l.retry(ctx, l.sweepIfDue); err != nil {
		return asOf, err
	}
	if err := l.retry(ctx, func(ctx context.Context) error {
		asOf = time.Now()
		return l.headPass(ctx)
	}); err != nil {
		return asOf, err
	}
	return asOf, l.retry(ctx, l.readAll)
}

// retry runs a pass up to three times where waiting may help. The transport
// has tried each request by itself already, so what it says is shown at once.
func (l *Loop) retry(ctx context.Context, pass func(context.Context) error) error {
	for n := 1; ; n++ {
		err := pass(ctx)
		if err == nil || n == tries || ctx.Err() != nil || !providers.Temporary(err) || tooLong(err) {
			return err
		}
		l.o.Log.Warn("pass failed, trying again", "account", l.o.Account.Name, "try", n, "err", err)
		l.set(func(s *Status) { s.State, s.Err = stateOf(err), err })
		l.sleep(ctx, time.Duration(n)*time.Second)
	}
}

// tooLong: the provider said when to come back, and it is not soon; or it is
// not the provider that answers; or it has refused bookmarks again and again.
func tooLong(err error) bool {
	var e *providers.Error
	if errors.As(err, &e) && !e.Until.IsZero() {
		return true
	}
	return errors.Is(err, providers.ErrNotAPI) || errors.Is(err, providers.ErrMarkRefused)
}

// restarts is how often a pass begins again because its bookmark was refused,
// before it stops and says so (SYNC §2).
const restarts = 3

// refusals counts the bookmarks of a pass that the provider did not take.
type refusals int

// again reports whether err is one of them and the pass may begin again; one
// too many comes back as an error that says so.
func (r *refusals) again(op string, mark inbox.Mark, err error) (bool, error) {
	if !errors.Is(err, providers.ErrMarkRefused) {
		return false, err
	}
	if mark == nil || *r == restarts {
		return false, &providers.Error{Kind: providers.ErrFailing, Op: op, Err: err}
	}
	*r++
	return true, nil
}
