package profile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/syncer"
)

// SyncArgs are DoSync's.
type SyncArgs struct {
	Names []string `json:"names"` // none: every account
	Full  bool     `json:"full"`
	Watch bool     `json:"watch"` // go on in cycles until ctx ends
}

// Synced is a run's outcome for one account. Kind and Error say what stopped
// it, "" where nothing did.
type Synced struct {
	Account string `json:"account"`
	Kind    string `json:"kind"`
	Error   string `json:"error"`
}

func (s *Synced) fail(err error) {
	if err != nil {
		s.Kind, s.Error = KindOf(err), err.Error()
	}
}

// progressEvery bounds how often a run tells how far it is.
const progressEvery = 200 * time.Millisecond

// followRest lies between the run by hand and the first cycle after it.
const followRest = 10 * time.Second

// Sync brings accounts up to date, side by side, and returns when each is done
// or stuck; to watch, it goes on in cycles until ctx ends. progress gets a
// SyncProgress now and then.
//
// Where a file turned out to be damaged meanwhile, and was brought back, the
// run begins again, once.
func (in *Inbox) Sync(ctx context.Context, a SyncArgs, progress func(any)) ([]Synced, error) {
	often := in.damage.healed.Load()
	if a.Full && in.ready() == nil {
		in.checkContent(ctx)
		if in.healedSince(ctx, often) {
			often = in.damage.healed.Load()
		}
	}
	out, err := in.syncOnce(ctx, a, progress)
	if in.healedSince(ctx, often) {
		out, err = in.syncOnce(ctx, a, progress)
	}
	if broken := in.damage.broken.Load(); broken != nil && errors.Is(err, cache.ErrCorrupt) {
		err = *broken
	}
	return out, err
}

// checkContent looks for damage in all that is copied: who asks for everything
// again may have seen some. What it finds is told to the file's Watch.
func (in *Inbox) checkContent(ctx context.Context) {
	err := in.drainIndex(ctx)
	if err == nil {
		err = in.cache.CheckContent(ctx)
	}
	if err != nil && ctx.Err() == nil {
		in.log.Error("a check found something", "file", cacheFile, "err", err)
	}
}

func (in *Inbox) syncOnce(ctx context.Context, a SyncArgs, progress func(any)) ([]Synced, error) {
	accounts, err := in.pick(ctx, a.Names)
	if err != nil {
		return nil, err
	}
	out := make([]Synced, len(accounts))
	loops := map[string]*running{}
	for i, acc := range accounts {
		out[i].Account = acc.Name
		r, err := in.use(ctx, acc)
		if err != nil {
			out[i].fail(err)
			in.saveFailure(ctx, acc, err)
			continue
		}
		loops[acc.Name] = r
	}
	stop := tell(ctx, loops, progress)
	var each sync.WaitGroup
	for i := range out {
		if r := loops[out[i].Account]; r != nil {
			each.Go(func() {
				defer in.release(out[i].Account, r)
				out[i].fail(r.once(ctx, a.Full))
				if a.Watch {
					in.follow(ctx, r)
				}
			})
		}
	}
	each.Wait()
	stop()
	if in.damage.broken.Load() == nil { // else each account has said so
		if err := errors.Join(in.drainIndex(ctx), in.keep(ctx)); err != nil && ctx.Err() == nil {
			return out, err
		}
	}
	if in.life.Err() != nil {
		// The loops hear of the end at once, ctx a moment later: a run that was
		// cut short must not pass for a whole one.
		return out, context.Canceled
	}
	return out, ctx.Err()
}

// follow lets a loop cycle until ctx ends, if it does not cycle in the
// background anyway.
func (in *Inbox) follow(ctx context.Context, r *running) {
	in.watchers.Add(1)
	defer in.watchers.Add(-1)
	in.mu.Lock()
	cycles := r.runs
	r.runs = true
	in.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(r.ctx, cancel)()
	if cycles {
		<-ctx.Done()
		return
	}
	wait(ctx, followRest)
	r.loop.Run(ctx)
	in.mu.Lock()
	r.runs = false
	in.mu.Unlock()
}

// watched reports whether somebody looks, at a screen or a terminal.
func (in *Inbox) watched() bool { return in.server.Events().Watched() || in.watchers.Load() > 0 }

func (in *Inbox) pick(ctx context.Context, names []string) ([]inbox.Account, error) {
	all, err := in.local.Accounts(ctx)
	if err != nil || len(names) == 0 {
		return all, err
	}
	var out []inbox.Account
	for _, n := range names {
		i := slices.IndexFunc(all, func(a inbox.Account) bool { return a.Name == n })
		if i < 0 {
			return nil, fmt.Errorf("%s: %w", n, ErrNoAccount)
		}
		if !slices.ContainsFunc(out, func(a inbox.Account) bool { return a.Name == n }) {
			out = append(out, all[i])
		}
	}
	return out, nil
}

// SyncProgress is how far a run is, in what is known.
type SyncProgress struct {
	Account string    `json:"account"`
	State   string    `json:"state"`
	Seen    int64     `json:"seen"`    // conversations listed so far, 0 when not listing
	BackTo  time.Time `json:"back_to"` // as far back as the list has come
	Done    int64     `json:"done"`    // conversations whose messages are read
	Total   int64     `json:"total"`   // of those that had some to read, 0 when not reading
}

// tell reports now and then, until stop.
func tell(ctx context.Context, loops map[string]*running, progress func(any)) (stop func()) {
	if progress == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var telling sync.WaitGroup
	telling.Go(func() {
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			for _, r := range loops {
				progress(progressOf(r.loop.Status()))
			}
		}
	})
	return func() {
		cancel()
		telling.Wait()
	}
}

func progressOf(s syncer.Status) SyncProgress {
	p := SyncProgress{Account: s.Account, State: s.State}
	if s.Listing != nil {
		p.Seen, p.BackTo = s.Listing.Seen, s.Listing.BackTo
	}
	if s.Reading != nil {
		p.Done, p.Total = s.Reading.Done, s.Reading.Total
	}
	return p
}
