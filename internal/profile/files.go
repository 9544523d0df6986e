package profile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"bandeja/internal/cache"
)

// ErrDamagedAgain: a file was damaged minutes after it had come back. Another
// rebuilding would not last: the disk, or what else writes there, comes first.
var ErrDamagedAgain = errors.New("damaged again, minutes after it came back: the disk may be failing, or another program writes to the profile's folder")

// againWithin is how soon damage counts as the same one coming back. What
// brings files back never goes round in a circle.
const againWithin = 5 * time.Minute

// openFiles opens both files, and brings back the one that is damaged.
func (in *Inbox) openFiles(ctx context.Context) error {
	if err := in.openLocal(ctx); err != nil {
		return err
	}
	return in.openCache(ctx)
}

func (in *Inbox) openLocal(ctx context.Context) (err error) {
	path := pathOf(in.o.Dir, localFile)
	backups, err := cache.Backups(pathOf(in.o.Dir, backupsDir))
	if err != nil {
		return err
	}
	// Emptied, or away although it was there: a restoring that was killed.
	st, missing := os.Stat(path)
	lost := (missing != nil || st.Size() == 0) && (len(backups) > 0 || time.Since(cache.LastAside(path, cache.Damaged)) < againWithin)
	if !lost {
		in.local, err = cache.OpenLocal(ctx, path, cache.ReadWrite)
		if !errors.Is(err, cache.ErrCorrupt) {
			return err
		}
		in.log.Error("local.db is damaged", "err", err)
		if err := again(path); err != nil {
			return err
		}
	}
	now := time.Now()
	restored, err := cache.RestoreLocal(ctx, path, pathOf(in.o.Dir, backupsDir), now)
	if err != nil {
		return err
	}
	if in.local, err = cache.OpenLocal(ctx, path, cache.ReadWrite); err != nil {
		return err
	}
	if _, err := in.local.EraseForgotten(ctx); err != nil {
		return err
	}
	return in.noticeRestored(ctx, restored, now)
}

func (in *Inbox) openCache(ctx context.Context) error {
	path := pathOf(in.o.Dir, cacheFile)
	accounts, err := in.local.Accounts(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	if st, err := os.Stat(path); err != nil || st.Size() > 0 || len(accounts) == 0 {
		in.cache, err = cache.OpenCache(ctx, path, cache.ReadWrite)
		switch {
		case errors.Is(err, cache.ErrNewer) && in.o.FreshCache:
			if _, err := cache.SetAside(path, cache.Newer, now); err != nil {
				return err
			}
			in.cache, err = cache.OpenCache(ctx, path, cache.ReadWrite)
			return err
		case !errors.Is(err, cache.ErrCorrupt):
			return err
		}
		in.log.Error("cache.db is damaged", "err", err)
		if err := again(path); err != nil {
			return err
		}
	}
	aside, err := cache.SetAside(path, cache.Damaged, now)
	if err != nil {
		return err
	}
	if in.cache, err = cache.OpenCache(ctx, path, cache.ReadWrite); err != nil {
		return err
	}
	return in.noticeRebuilt(ctx, aside, now)
}

// again is an error where the file was set aside as damaged a moment ago.
func again(path string) error {
	if at := cache.LastAside(path, cache.Damaged); time.Since(at) < againWithin && !at.After(time.Now()) {
		return fmt.Errorf("%s: %w", path, ErrDamagedAgain)
	}
	return nil
}

// noticeRebuilt takes over from the file set aside what no provider gives
// again, and says that the cache is new.
func (in *Inbox) noticeRebuilt(ctx context.Context, aside string, at time.Time) error {
	lines, err := cache.SalvageCache(ctx, aside, in.local)
	if err != nil {
		return err
	}
	in.log.Warn("cache.db is copied anew", "aside", filepath.Base(aside), "history", lines)
	return in.notice(ctx, cache.Notice{Kind: cache.CacheRebuilt, At: at, File: filepath.Base(aside)})
}

func (in *Inbox) noticeRestored(ctx context.Context, r cache.Restored, at time.Time) error {
	n := cache.Notice{Kind: cache.LocalRestored, At: at, From: r.From}
	if r.From.IsZero() {
		n.Kind = cache.LocalSalvaged
	}
	if r.Aside != "" {
		n.File = filepath.Base(r.Aside)
	}
	in.log.Warn("local.db is restored", "aside", n.File, "from", r.From, "rows", r.Rows)
	return in.notice(ctx, n)
}

// notice keeps a notice for the screens, and tells who opened the profile.
func (in *Inbox) notice(ctx context.Context, n cache.Notice) error {
	n, err := in.local.AddNotice(ctx, n)
	if err == nil && in.o.Notice != nil {
		in.o.Notice(n)
	}
	return err
}
