package cache

import (
	"context"
	"errors"
)

// Unclean reports whether the last owner of the file did not close it.
func (c *Cache) Unclean() bool { return c.s.unclean }

// Unclean reports whether the last owner of the file did not close it.
func (l *Local) Unclean() bool { return l.s.unclean }

// Check looks through the file for damage: quickly, or whole with its indexes
// compared. It reads beside everything else, for as long as the file is large.
//
// Errors: ErrCorrupt, with the first thing found.
func (c *Cache) Check(ctx context.Context, whole bool) error { return c.s.check(ctx, whole) }

// Check looks through the file, as Cache.Check.
func (l *Local) Check(ctx context.Context, whole bool) error { return l.s.check(ctx, whole) }

func (s *store) check(ctx context.Context, whole bool) error {
	query := `PRAGMA quick_check(1)`
	if whole {
		query = `PRAGMA integrity_check(1)`
	}
	var found string
	if err := s.readers.QueryRowContext(ctx, query).Scan(&found); err != nil {
		return describe(s.path, err)
	}
	if found == "ok" {
		return nil
	}
	err := &FileError{s.path, ErrCorrupt, errors.New(found)}
	s.report(err)
	return err
}

// WatchFile is told what goes wrong with the file from now on.
func (c *Cache) WatchFile(w Watch) { c.s.watch.Store(&w) }

// WatchFile is told what goes wrong with the file from now on.
func (l *Local) WatchFile(w Watch) { l.s.watch.Store(&w) }

// probeBytes is what must fit for a full disk to count as having room again.
const probeBytes = 256 << 10

// Probe writes something and takes it away, to see whether the disk has room
// again. Errors: ErrFull, ErrDisk.
func (c *Cache) Probe(ctx context.Context) error {
	for _, q := range []string{
		`INSERT INTO meta (key, value) VALUES ('probe', hex(randomblob(?))) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
		`DELETE FROM meta WHERE key = 'probe' AND ? > 0`,
	} {
		if err := c.s.writeOnce(ctx, func(t *tx) error { _, err := t.exec(q, probeBytes/2); return err }); err != nil {
			return err
		}
	}
	return nil
}
