package cache

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"bandeja/internal/phone"
)

// replace puts another file in the place of s's: s is closed, change does what
// is to be done on disk, and s is opened again. Queries wait meanwhile, writes
// too. Where that fails s stays closed.
func (s *store) replace(ctx context.Context, sh shape, change func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.closeWriter() // of a file that is given up: what it says is known
	s.writer = nil
	s.readers.takeAway()
	fresh := &store{path: s.path, mode: s.mode}
	fresh.readers = &pool{s: fresh}
	err := change()
	if err == nil {
		err = fresh.openWriter(ctx, sh)
	}
	if err == nil {
		s.writer, s.conn = fresh.writer, fresh.conn
		s.unclean = false
		s.readers.putBack(fresh.readers.db)
		return nil
	}
	s.readers.putBack(nil)
	return errors.Join(err, fresh.Close())
}

// Rebuild sets cache.db aside as damaged and begins an empty one in its place:
// c goes on with that. It returns where the old file is, "" where there was
// none.
func (c *Cache) Rebuild(ctx context.Context, now time.Time) (aside string, err error) {
	err = c.s.replace(ctx, cacheShape(), func() error {
		aside, err = SetAside(c.s.path, Damaged, now)
		return err
	})
	if err != nil {
		return aside, fmt.Errorf("rebuild cache.db: %w", err)
	}
	c.facts.forget()
	c.courses.forget()
	c.roll.forget()
	c.mu.Lock()
	clear(c.accounts)
	clear(c.fetches)
	c.mu.Unlock()
	return aside, c.beginRekey(ctx, phone.RulesVersion)
}

// Restored is how local.db came back.
type Restored struct {
	Aside string    // where the damaged file is, "" where there was none
	From  time.Time // of the backup, zero where none was good
	Rows  int64     // read from the damaged file
}

// Restore puts the last good backup in the place of a damaged local.db, with
// what can still be read of it: l goes on with that.
func (l *Local) Restore(ctx context.Context, backups string, now time.Time) (r Restored, err error) {
	err = l.s.replace(ctx, localShape(), func() error {
		r, err = RestoreLocal(ctx, l.s.path, backups, now)
		return err
	})
	if err == nil {
		err = l.loadForgotten(ctx)
	}
	return r, err
}

// RestoreLocal puts the last good backup in the place of a local.db that is
// damaged or missing, with what can still be read of the damaged one, which is
// set aside. Without a good backup it begins an empty one. Nobody may have the
// file open. Killed at any point, it is called again and ends the same.
func RestoreLocal(ctx context.Context, path, backups string, now time.Time) (r Restored, err error) {
	next := path + ".restoring"
	if err := removeAll(next); err != nil {
		return r, err
	}
	if r.From, err = lastGood(ctx, backups, next); err != nil {
		return r, err
	}
	made, err := OpenLocal(ctx, next, ReadWrite)
	if err != nil {
		return r, fmt.Errorf("restore local.db: %w", err)
	}
	r.Rows, err = made.salvage(ctx, damagedSource(path, now), !r.From.IsZero())
	if err = errors.Join(err, made.Close()); err != nil {
		return r, fmt.Errorf("restore local.db: %w", errors.Join(err, removeAll(next)))
	}
	if r.Aside, err = SetAside(path, Damaged, now); err != nil {
		return r, err
	}
	if err := finishFile(next, path); err != nil {
		return r, fmt.Errorf("restore local.db: %w", err)
	}
	return r, nil
}

// asideLately is how long a file set aside counts as what a restoring that was
// killed left behind.
const asideLately = time.Hour

// damagedSource is the file to read what can be read from: the one that is
// there, or the one that was just set aside.
func damagedSource(path string, now time.Time) string {
	if st, err := os.Stat(path); err == nil && st.Size() > 0 {
		return path
	}
	if old := asides(path, Damaged); len(old) > 0 && now.Sub(LastAside(path, Damaged)) < asideLately {
		return old[len(old)-1]
	}
	return ""
}

// lastGood copies the newest backup that is still good, and says when it was
// made; zero where there is none.
func lastGood(ctx context.Context, folder, to string) (time.Time, error) {
	all, err := Backups(folder)
	if err != nil {
		return time.Time{}, err
	}
	for _, b := range all {
		if err := anyVersion(ctx, b.Path); err != nil {
			continue
		}
		if err := copyFile(b.Path, to); err != nil {
			return time.Time{}, fmt.Errorf("restore %s: %w", filepath.Base(b.Path), err)
		}
		return b.At, nil
	}
	return time.Time{}, nil
}

// CheckRolling checks one of the rolling backups, of this schema or an older.
//
// Errors: ErrCorrupt, ErrNewer, ErrForeign.
func CheckRolling(ctx context.Context, path string) error { return anyVersion(ctx, path) }

// anyVersion checks a backup of this schema or of an older one.
func anyVersion(ctx context.Context, path string) error {
	sh := localShape()
	for n := len(sh.steps); n > 0; n-- {
		sh.steps = sh.steps[:n]
		err := checkBackup(ctx, path, sh, nil, 0)
		if !errors.Is(err, ErrOlder) {
			return err
		}
	}
	return ErrOlder
}

func removeAll(path string) (err error) {
	for _, end := range companions {
		if e := os.Remove(path + end); e != nil && !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}
