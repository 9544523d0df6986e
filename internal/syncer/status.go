package syncer

import (
	"context"
	"errors"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers"
)

// The states of an account's copy (DESIGN §6.3).
const (
	FirstCopy  = "first_copy"
	CatchingUp = "catching_up"
	UpToDate   = "up_to_date"
	Offline    = "offline"
	Paused     = "paused"
	Failing    = "failing"
)

// Status is what is known of an account's copy while its Loop runs. It says
// numbers only where they are known: neither API gives a total of chats.
type Status struct {
	Account  string
	Provider inbox.ProviderName
	State    string
	AsOf     time.Time
	Listed   bool // a whole list has been read once
	Err      error
	Listing  *Listing      // while the list is being read
	Reading  *Reading      // while messages are being read
	RetryAt  time.Time     // when the next try is, after a failure; zero: not planned
	Held     bool          // a person has paused it
	Offset   time.Duration // how far the provider's clock is ahead of ours
	Run      cache.Run
}

// Listing is how far the sweep has come.
type Listing struct {
	Seen   int64
	BackTo time.Time
}

// Reading is how many conversations' messages are read, of those known to have
// some unread.
type Reading struct{ Done, Total int64 }

// Status reads the present state.
func (l *Loop) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.status
	s.Listed = l.copied
	s.Offset = l.o.Provider.Offset()
	if s.Listing != nil {
		v := *s.Listing
		s.Listing = &v
	}
	if s.Reading != nil {
		v := *s.Reading
		s.Reading = &v
	}
	return s
}

func (l *Loop) set(fn func(s *Status)) {
	l.mu.Lock()
	fn(&l.status)
	u := l.o.Provider.Usage()
	l.status.Run.Requests, l.status.Run.Retries = u.Requests-l.base.Requests, u.Retries-l.base.Retries
	l.mu.Unlock()
	l.o.Progressed()
}

// begin shows that a run has begun. A cycle that usually finds nothing does not
// flicker: what was true a moment ago, up to date or out of reach, stays until
// something is found, answers or fails.
func (l *Loop) begin(ctx context.Context, at time.Time) error {
	if err := l.recall(ctx); err != nil {
		return err
	}
	l.mu.Lock()
	l.base = l.o.Provider.Usage()
	l.mu.Unlock()
	l.set(func(s *Status) {
		if s.State == FirstCopy || s.State == CatchingUp {
			s.State = l.underWay()
		}
		s.Run, s.RetryAt = cache.Run{StartedAt: at}, time.Time{}
	})
	return nil
}

// recall takes over, once, what the cache remembers of earlier programs: how
// far the copy was, and as of when it was whole.
func (l *Loop) recall(ctx context.Context) error {
	if l.told {
		return nil
	}
	feed, err := l.o.Cache.Feed(ctx, l.o.Account.Name, cache.Sweep)
	if err != nil {
		return err
	}
	state, err := l.o.Cache.State(ctx, l.o.Account.Name)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told, l.copied, l.status.AsOf = true, !feed.FinishedAt.IsZero(), state.AsOf
	return nil
}

// underWay is the state of a run that nothing is wrong with. l.mu is held.
func (l *Loop) underWay() string {
	if l.copied {
		return CatchingUp
	}
	return FirstCopy
}

// answered ends what a failure has said: the provider is there again.
func (l *Loop) answered() {
	l.mu.Lock()
	wrong := l.status.Err != nil
	l.talked = true
	l.mu.Unlock()
	if wrong {
		l.set(func(s *Status) { s.State, s.Err = l.underWay(), nil })
	}
}

// behind shows that there is something to catch up with.
func (l *Loop) behind() {
	l.mu.Lock()
	was := l.status.State == UpToDate
	l.mu.Unlock()
	if was {
		l.set(func(s *Status) { s.State = CatchingUp })
	}
}

// end settles the state after a run and writes it down.
func (l *Loop) end(ctx context.Context, began, asOf time.Time, err error) {
	// By its owner, or by a person: nothing is known to be wrong.
	stopped := err != nil && (ctx.Err() != nil || errors.Is(err, ErrHeld))
	// The run is over, but its outcome must be written even when ctx ended it.
	ctx = context.WithoutCancel(ctx)
	whole := false
	if err == nil {
		whole, err = l.isWhole(ctx)
	}
	l.set(func(s *Status) {
		s.Listing, s.Reading, s.Run.StartedAt, s.Run.FinishedAt = nil, nil, began, l.now()
		switch {
		case err == nil && whole:
			s.State, s.AsOf, s.Err = UpToDate, asOf, nil
		case err == nil:
			s.State, s.Err = l.underWay(), nil
		case !stopped:
			s.State, s.Err = stateOf(err), err
			s.Run.Error, s.Run.ErrorKind = err.Error(), KindOf(err)
		}
		if l.held && s.Err == nil {
			s.State = Paused
		}
	})
	s := l.Status()
	if err != nil && !stopped {
		l.o.Log.Error("sync stopped", "account", s.Account, "err", err)
	}
	if !l.told { // what the cache remembers is worth more than what was not begun
		return
	}
	l.saveState(ctx, s)
	if e := l.o.Cache.SaveRun(ctx, s.Account, s.Run); e != nil {
		l.o.Log.Error("run not saved", "account", s.Account, "err", e)
	}
	l.countCalls(ctx)
}

// isWhole reports whether the copy is as the provider was when the last head
// pass began: a sweep lies less than a day back and all it asked for has been
// answered, and what is open was looked at lately (SYNC I20).
func (l *Loop) isWhole(ctx context.Context) (bool, error) {
	sweep, err := l.o.Cache.Feed(ctx, l.o.Account.Name, cache.Sweep)
	if err != nil || sweep.Running || due(sweep.FinishedAt, l.now()) {
		return false, err
	}
	open, err := l.o.Cache.Feed(ctx, l.o.Account.Name, cache.Open)
	if err != nil || !l.openFresh(open, 2) {
		return false, err
	}
	left, err := l.o.Cache.LookupsDue(ctx, l.o.Account.Name, l.providerNow())
	return left == 0, err
}

// showHeld shows that a person has paused the account, and keeps it for those
// who read the state without the loop.
func (l *Loop) showHeld(ctx context.Context) {
	select {
	case l.pass <- struct{}{}:
		defer func() { <-l.pass }()
	default:
		return // a run by hand says so at its end
	}
	err := l.o.Cache.EnsureAccount(ctx, l.o.Account)
	if err == nil {
		err = l.recall(ctx)
	}
	if err != nil {
		l.o.Log.Error("state not read", "account", l.o.Account.Name, "err", err)
		return
	}
	l.set(func(s *Status) { s.State, s.Err, s.RetryAt = Paused, nil, time.Time{} })
	l.saveState(ctx, l.Status())
}

func (l *Loop) saveState(ctx context.Context, s Status) {
	text, kind := "", ""
	if s.Err != nil {
		text, kind = s.Err.Error(), KindOf(s.Err)
	}
	if err := l.o.Cache.SaveState(ctx, s.Account, s.State, s.AsOf, kind, text); err != nil {
		l.o.Log.Error("state not saved", "account", s.Account, "err", err)
	}
}

// countCalls writes down what the provider was asked since the last time.
func (l *Loop) countCalls(ctx context.Context) {
	u := l.o.Provider.Usage()
	n := cache.Calls{Requests: u.Requests - l.counted.Requests, Retries: u.Retries - l.counted.Retries, Limited: u.Limited - l.counted.Limited}
	if err := l.o.Cache.AddCalls(ctx, l.o.Account.Name, l.now(), n); err != nil {
		l.o.Log.Error("calls not counted", "account", l.o.Account.Name, "err", err)
		return
	}
	l.counted = u
}

func stateOf(err error) string {
	switch KindOf(err) {
	case "refused", "forbidden", "other_workspace", "held":
		return Paused
	case "unreachable":
		return Offline
	}
	return Failing
}

// KindOf names an error for catalogues and for state kept over a restart:
// held, other_workspace, refused, forbidden, unreachable, limited, not_api, failing, rejected,
// disk_full, damaged, read_only, unexpected.
func KindOf(err error) string {
	for _, k := range Kinds() {
		if errors.Is(err, k.Err) {
			return k.Name
		}
	}
	return "unexpected"
}

// Kind is a sort of failure with its name in catalogues and in kept state.
type Kind struct {
	Name string
	Err  error
}

// Kinds are the failures of a copy. Where an error is of several, the first
// one counts.
func Kinds() []Kind {
	return []Kind{
		{"held", ErrHeld},
		{"other_workspace", ErrOtherWorkspace},
		{"refused", providers.ErrRefused},
		{"forbidden", providers.ErrForbidden},
		{"unreachable", providers.ErrUnreachable},
		{"limited", providers.ErrLimited},
		{"not_api", providers.ErrNotAPI},
		{"failing", providers.ErrFailing},
		{"rejected", providers.ErrRejected},
		{"disk_full", cache.ErrFull},
		{"disk", cache.ErrDisk},
		{"damaged", cache.ErrCorrupt},
		{"read_only", cache.ErrReadOnly},
	}
}
