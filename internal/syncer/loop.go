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
	// Ready is why no run may begin now: nothing is asked of the provider then.
	// Nil: one always may.
	Ready func() error
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
	// Watched reports whether somebody looks at a screen: cycles come closer
	// then. Nil means yes.
	Watched func() bool
	// Held says that a person has paused the account before (see Hold).
	Held bool
	// Clock is the clock on the wall, nil for the system's. What is measured,
	// and what a provider says of time, does not depend on it.
	Clock func() time.Time
}

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
	talked bool            // the provider has answered in this run
	held   bool            // a person has paused the account
	byHand bool            // it was so when the run began, which goes on all the same

	// Of the run alone.
	counted providers.Usage // written to the cache as calls used
	spaces  map[string]bool // workspaces that answers have named
	absent  map[string]absence
	odd     map[string]string // conversations whose own messages could not be read → version
	oddErr  error             // what was wrong with the first of them
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
	if o.Ready == nil {
		o.Ready = func() error { return nil }
	}
	if o.OnScreen == nil {
		o.OnScreen = func() []string { return nil }
	}
	if o.ReadFloor == nil {
		o.ReadFloor = func(_ context.Context, top time.Time) (time.Time, error) { return top, nil }
	}
	if o.Watched == nil {
		o.Watched = func() bool { return true }
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return &Loop{
		o: o, wake: make(chan struct{}, 1), pass: make(chan struct{}, 1), held: o.Held, absent: map[string]absence{}, odd: map[string]string{},
		status: Status{Account: o.Account.Name, Provider: o.Account.Provider, State: FirstCopy, Held: o.Held},
	}
}

// Wake asks a running Loop for a cycle now.
func (l *Loop) Wake() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Run cycles until ctx ends. A refused key stops it until Wake, and Hold until
// Resume.
func (l *Loop) Run(ctx context.Context) {
	if l.o.Outbox != nil {
		var sending sync.WaitGroup
		sending.Go(func() { l.o.Outbox.Run(ctx) })
		defer sending.Wait()
	}
	var wait time.Duration // after failures
	for ctx.Err() == nil {
		if l.holding() {
			l.showHeld(ctx)
			l.rest(ctx, nil)
			continue
		}
		err := l.run(ctx, false, false)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			wait = 0
			l.rest(ctx, l.cycle)
			continue
		case errors.Is(err, ErrHeld):
			continue
		case stateOf(err) == Paused: // it waits for a person
			wait = 0
			l.rest(ctx, nil)
			continue
		}
		wait = min(max(wait, cycleWatched)*2, cycleAtMost)
		// A provider that has named a later time holds back every request of
		// the key by itself.
		next := l.now().Add(wait)
		if named := until(err); named.After(next) {
			next = named
		}
		l.set(func(s *Status) { s.RetryAt = next })
		if woken := l.rest(ctx, func() time.Duration { return wait }); woken {
			wait = 0
		}
	}
}

// until is when a provider has said that it may be asked again.
func until(err error) time.Time {
	var e *providers.Error
	if errors.As(err, &e) {
		return e.Until
	}
	return time.Time{}
}

// tries is how often a pass is tried before a run gives up (DESIGN §6).
const tries = 3

// Once brings the copy up to date: it sends what waits in the outbox, begins or
// goes on with the sweep if none has finished within a day (full: a new one,
// and every message again), then reads what is new and what is open, asks for
// what did not come back, and reads messages until nothing known is unread.
// While another Once of this Loop runs it waits for that one first.
//
// Errors wrap those of providers and cache, or are ctx's own; ErrHeld where a
// person paused it meanwhile. What was copied stays; the next Once goes on from
// there.
func (l *Loop) Once(ctx context.Context, full bool) error {
	var unsent error
	if l.o.Outbox != nil {
		// A key that may read and not write is told by the entries.
		if unsent = l.o.Outbox.Once(ctx); errors.Is(unsent, errReadOnlyKey) {
			unsent = nil
		}
	}
	if err := l.run(ctx, full, true); err != nil {
		return err
	}
	return unsent
}

// run is a cycle of the background or, where it is to do all there is to do, a
// whole run.
func (l *Loop) run(ctx context.Context, full, whole bool) error {
	select {
	case l.pass <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l.pass }()
	l.mu.Lock()
	l.talked, l.byHand = false, l.held && whole
	l.mu.Unlock()
	_ = l.oddOnes() // of an earlier run
	began := l.now()
	err := l.o.Cache.EnsureAccount(ctx, l.o.Account)
	if err == nil {
		err = l.begin(ctx, began)
	}
	if unready := l.o.Ready(); unready != nil {
		err = unready // it says best what is wrong with the files
	}
	var asOf time.Time
	if err == nil {
		asOf, err = l.catchUp(ctx, full, whole)
	}
	l.end(ctx, began, asOf, err)
	return err
}

// catchUp runs the passes. asOf is when the last head pass that succeeded
// began: what the provider had then is here.
func (l *Loop) catchUp(ctx context.Context, full, whole bool) (asOf time.Time, err error) {
	if full {
		if err := l.retry(ctx, l.startAnew); err != nil {
			return asOf, err
		}
	}
	if err := l.retry(ctx, func(ctx context.Context) (err error) {
		asOf, err = l.sweepIfDue(ctx)
		return err
	}); err != nil {
		return asOf, err
	}
	for first := true; ; first = false {
		if !first || asOf.IsZero() {
			if err := l.retry(ctx, func(ctx context.Context) error {
				asOf = l.now()
				return l.headPass(ctx)
			}); err != nil {
				return asOf, err
			}
		}
		more, err := l.beyondHead(ctx, first && whole, whole)
		if err != nil || !more {
			return asOf, err
		}
		l.countCalls(ctx)
	}
}

// beyondHead is what follows a head pass; more says that there was no time for
// all messages, so that the top is to be looked at again before the rest.
func (l *Loop) beyondHead(ctx context.Context, openAnyway, whole bool) (more bool, err error) {
	open, err := l.o.Cache.Feed(ctx, l.o.Account.Name, cache.Open)
	if err != nil {
		return false, err
	}
	if openAnyway || !l.openFresh(open, 1) {
		if err := l.retry(ctx, l.openPass); err != nil {
			return false, err
		}
	}
	if err := l.retry(ctx, func(ctx context.Context) error { return l.lookUpDue(ctx, whole) }); err != nil {
		return false, err
	}
	err = l.retry(ctx, func(ctx context.Context) (err error) {
		more, err = l.readAWhile(ctx)
		return err
	})
	return more, err
}

// retry runs a pass up to three times where waiting may help, counted anew
// where the try before has brought something: a long copy goes on past an odd
// answer now and then. The transport has tried each request by itself already,
// so what it says is shown at once; and where nobody has answered yet in this
// run, its tries are enough.
func (l *Loop) retry(ctx context.Context, pass func(context.Context) error) error {
	for n, brought := 1, l.changed(); ; n++ {
		err := pass(ctx)
		if now := l.changed(); now > brought {
			n, brought = 1, now
		}
		if err == nil || n == tries || ctx.Err() != nil || !providers.Temporary(err) || tooLong(err) {
			return err
		}
		if !l.hasTalked() {
			return err
		}
		l.o.Log.Warn("pass failed, trying again", "account", l.o.Account.Name, "try", n, "err", err)
		l.set(func(s *Status) { s.State, s.Err = stateOf(err), err })
		second := time.Duration(n) * time.Second
		l.pause(ctx, second*3/4+rand.N(second/2))
	}
}

// changed is how many rows this run has inserted or altered.
func (l *Loop) changed() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.status.Run.Changed
}

func (l *Loop) hasTalked() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.talked
}

// tooLong: the provider said when to come back, and it is not soon; or it has
// refused bookmarks again and again.
func tooLong(err error) bool {
	var e *providers.Error
	if errors.As(err, &e) && !e.Until.IsZero() {
		return true
	}
	return errors.Is(err, providers.ErrMarkRefused)
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
