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
	Err      error
	Listing  *Listing // while the list is being read
	Reading  *Reading // while messages are being read
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

func (l *Loop) begin(ctx context.Context, at time.Time) {
	l.mu.Lock()
	l.base = l.o.Provider.Usage()
	l.mu.Unlock()
	state := FirstCopy
	if feed, err := l.o.Cache.Feed(ctx, l.o.Account.Name, cache.Sweep); err == nil && !feed.FinishedAt.IsZero() {
		state = CatchingUp
	}
	l.set(func(s *Status) {
		// A cycle that usually finds nothing does not flicker: what was true a
		// moment ago stays until something is found or fails.
		if s.State != UpToDate {
			s.State = state
		}
		s.Run = cache.Run{StartedAt: at}
	})
}

// end settles the state after a run and writes it down.
func (l *Loop) end(ctx context.Context, began time.Time, err error) {
	l.set(func(s *Status) {
		s.Listing, s.Reading, s.Run.FinishedAt = nil, nil, time.Now()
		switch {
		case err == nil:
			s.State, s.AsOf, s.Err = UpToDate, began, nil
		case ctx.Err() != nil: // stopped by its owner: nothing is known to be wrong
			if s.State == UpToDate {
				s.State = CatchingUp
			}
		default:
			s.State, s.Err = stateOf(err), err
			s.Run.Error = err.Error()
		}
	})
	s := l.Status()
	// The run is over, but its outcome must be written even when ctx ended it.
	ctx = context.WithoutCancel(ctx)
	text, kind := "", ""
	if s.Err != nil {
		text, kind = s.Err.Error(), KindOf(s.Err)
		l.o.Log.Error("sync stopped", "account", s.Account, "err", s.Err)
	}
	if e := l.o.Cache.SaveState(ctx, s.Account, s.State, s.AsOf, kind, text); e != nil {
		l.o.Log.Error("state not saved", "account", s.Account, "err", e)
	}
	if e := l.o.Cache.SaveRun(ctx, s.Account, s.Run); e != nil {
		l.o.Log.Error("run not saved", "account", s.Account, "err", e)
	}
}

func stateOf(err error) string {
	switch KindOf(err) {
	case "refused", "forbidden":
		return Paused
	case "unreachable":
		return Offline
	}
	return Failing
}

// KindOf names an error for catalogues and for state kept over a restart:
// refused, forbidden, unreachable, limited, not_api, failing, disk_full,
// damaged, read_only, other.
func KindOf(err error) string {
	for _, k := range []struct {
		err  error
		kind string
	}{
		{providers.ErrRefused, "refused"},
		{providers.ErrForbidden, "forbidden"},
		{providers.ErrUnreachable, "unreachable"},
		{providers.ErrLimited, "limited"},
		{providers.ErrNotAPI, "not_api"},
		{providers.ErrFailing, "failing"},
		{cache.ErrFull, "disk_full"},
		{cache.ErrCorrupt, "damaged"},
		{cache.ErrReadOnly, "read_only"},
	} {
		if errors.Is(err, k.err) {
			return k.kind
		}
	}
	return "other"
}
