package profile

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"bandeja/internal/cache"
)

// damage is what was reported of the two files, and how much of it is dealt
// with.
type damage struct {
	cache, local chan struct{}
	reported     atomic.Int64
	settled      atomic.Int64
	healed       atomic.Int64
	broken       atomic.Pointer[error] // why nothing can be synced until the next start
}

func newDamage() *damage {
	return &damage{cache: make(chan struct{}, 1), local: make(chan struct{}, 1)}
}

// report is told by a file's Watch; it waits for nothing.
func (d *damage) report(file chan struct{}) {
	select {
	case file <- struct{}{}:
		d.reported.Add(1)
	default: // it is known
	}
}

// late forgets a report that came while its file was brought back: it was of
// the old one.
func (d *damage) late(file chan struct{}) {
	select {
	case <-file:
		d.settled.Add(1)
	default:
	}
}

// watchFiles has what goes wrong with the files dealt with: damage by bringing
// them back, a full disk by making room for what a person does.
func (in *Inbox) watchFiles() {
	in.cache.WatchFile(func(err error) bool {
		if errors.Is(err, cache.ErrIndex) { // only what can be made anew from the rest
			in.cache.DistrustIndex()
			wakeUp(in.index)
			return false
		}
		in.suspect(err, in.damage.cache)
		return false
	})
	in.local.WatchFile(func(err error) bool { return in.suspect(err, in.damage.local) })
}

func (in *Inbox) suspect(err error, file chan struct{}) (room bool) {
	switch {
	case errors.Is(err, cache.ErrCorrupt):
		in.damage.report(file)
	case errors.Is(err, cache.ErrFull), errors.Is(err, cache.ErrDisk) && in.space.short():
		return in.space.fill()
	}
	return false
}

// followDamage brings back a file that turns out to be damaged while it is in
// use.
func (in *Inbox) followDamage(ctx context.Context) {
	for {
		file, bringBack := in.damage.cache, in.healCache
		select {
		case <-ctx.Done():
			return
		case <-in.damage.local:
			file, bringBack = in.damage.local, in.healLocal
		case <-in.damage.cache:
		}
		if in.damage.broken.Load() == nil { // else it is left alone, and told no screen again
			in.heal(ctx, bringBack)
			in.damage.late(file)
			in.server.Events().Reset()
		}
		in.damage.settled.Add(1)
	}
}

// heal stops all that syncs, brings a file back, and starts again. Where that
// fails the loops say so, and ask nobody anything.
func (in *Inbox) heal(ctx context.Context, bringBack func(context.Context) error) {
	in.naming.Lock() // no account comes or goes meanwhile
	defer in.naming.Unlock()
	was := in.stopLoops()
	err := in.bringBack(ctx, bringBack)
	if err == nil {
		in.damage.healed.Add(1)
		wakeUp(in.history) // what is gone at the providers is put back
	} else if ctx.Err() == nil {
		in.log.Error("a damaged file was not brought back", "err", err)
		in.damage.broken.Store(&err)
	}
	if err := in.startLoops(ctx, func(account string) bool { return was[account] }); err != nil && ctx.Err() == nil {
		in.log.Error("sync not started again", "err", err)
	}
}

// bringBack brings a file back, and in the cache's case what is mirrored there.
func (in *Inbox) bringBack(ctx context.Context, file func(context.Context) error) error {
	if err := file(ctx); err != nil {
		return err
	}
	if err := in.layOver(ctx); err != nil {
		return err
	}
	return in.loadPeople(ctx)
}

func (in *Inbox) healCache(ctx context.Context) error {
	if err := again(pathOf(in.o.Dir, cacheFile)); err != nil {
		return err
	}
	now := time.Now()
	aside, err := in.cache.Rebuild(ctx, now)
	if err != nil {
		return err
	}
	if _, err := in.ensureAccounts(ctx); err != nil {
		return err
	}
	return in.noticeRebuilt(ctx, aside, now)
}

func (in *Inbox) healLocal(ctx context.Context) error {
	if err := again(pathOf(in.o.Dir, localFile)); err != nil {
		return err
	}
	now := time.Now()
	restored, err := in.local.Restore(ctx, pathOf(in.o.Dir, backupsDir), now)
	if err != nil {
		return err
	}
	in.cache.KeepOut(in.local.Forgotten())
	if _, err := in.local.EraseForgotten(ctx); err != nil {
		return err
	}
	return in.noticeRestored(ctx, restored, now)
}

// healedSince reports, once no damage waits to be dealt with, whether a file
// was brought back since it had been so often.
func (in *Inbox) healedSince(ctx context.Context, often int64) bool {
	for in.damage.settled.Load() < in.damage.reported.Load() && ctx.Err() == nil {
		wait(ctx, 10*time.Millisecond)
	}
	return ctx.Err() == nil && in.damage.healed.Load() > often
}

// storage is one of the storage words: a file that was left damaged says more
// than a disk that is full.
func (in *Inbox) storage() string {
	if in.damage.broken.Load() != nil {
		return StorageDamaged
	}
	return in.space.State()
}

// ready is why no run of sync may begin; nil when one may.
func (in *Inbox) ready() error {
	if err := in.damage.broken.Load(); err != nil {
		return *err
	}
	return in.space.ready()
}
