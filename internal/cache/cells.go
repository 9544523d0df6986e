package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// EachCell gives every text and object that a row of the file holds, which is
// good until fn returns. The message index's own pages are no rows.
func (c *Cache) EachCell(ctx context.Context, fn func(cell []byte) error) error {
	return c.s.eachCell(ctx, fn)
}

// EachCell gives every text and object that a row of the file holds, as
// Cache.EachCell.
func (l *Local) EachCell(ctx context.Context, fn func(cell []byte) error) error {
	return l.s.eachCell(ctx, fn)
}

func (s *store) eachCell(ctx context.Context, fn func([]byte) error) error {
	var tables []string
	if err := each(ctx, s.readers, `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT GLOB 'sqlite_*'`, nil, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		tables = append(tables, name)
		return err
	}); err != nil {
		return describe(s.path, err)
	}
	for _, table := range tables {
		cols, err := s.textColumns(ctx, table)
		if err != nil {
			return err
		}
		if len(cols) == 0 {
			continue
		}
		cells := make([]sql.RawBytes, len(cols))
		into := make([]any, len(cols))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := each(ctx, s.readers, `SELECT `+names(cols)+` FROM `+quoteName(table), nil, func(scan func(...any) error) error {
			if err := scan(into...); err != nil {
				return err
			}
			for _, cell := range cells {
				if len(cell) == 0 {
					continue
				}
				if err := fn(cell); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return describe(s.path, err)
		}
	}
	return nil
}

func (s *store) textColumns(ctx context.Context, table string) (cols []string, err error) {
	err = each(ctx, s.readers, `SELECT name FROM pragma_table_info(?) WHERE upper(type) IN ('TEXT', 'BLOB')`, []any{table}, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		cols = append(cols, name)
		return err
	})
	return cols, describe(s.path, err)
}

// Settle writes all of the file's WAL back and empties it, so that no copy of
// what was erased is left there. Readers may keep it from that for a while: it
// is tried again, and an error in the end.
func (c *Cache) Settle(ctx context.Context) error { return c.s.settle(ctx) }

// Settle empties the file's WAL, as Cache.Settle.
func (l *Local) Settle(ctx context.Context) error { return l.s.settle(ctx) }

const (
	settleTries = 50
	settleRest  = 200 * time.Millisecond
)

var errBusy = errors.New("somebody was reading it all the time")

func (s *store) settle(ctx context.Context) error {
	for range settleTries {
		busy, err := s.checkpoint(ctx)
		if err != nil || !busy {
			return describe(s.path, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(settleRest):
		}
	}
	return fmt.Errorf("empty the WAL of %s: %w", filepath.Base(s.path), errBusy)
}

func (s *store) checkpoint(ctx context.Context) (busy bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return false, fmt.Errorf("%s: opened for reading, or closed: %w", s.path, ErrReadOnly)
	}
	var log, done int
	err = s.conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &log, &done)
	return busy, err
}

// Compact writes the whole file anew, without what its free pages hold. Writers
// wait for it, seconds for each gigabyte, and the disk needs room for as much
// again.
func (c *Cache) Compact(ctx context.Context) error { return c.s.compact(ctx) }

// Compact writes the whole file anew, as Cache.Compact.
func (l *Local) Compact(ctx context.Context) error { return l.s.compact(ctx) }

func (s *store) compact(ctx context.Context) error {
	err := func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.conn == nil {
			return fmt.Errorf("%s: opened for reading, or closed: %w", s.path, ErrReadOnly)
		}
		_, err := s.conn.ExecContext(ctx, `VACUUM`)
		return describe(s.path, err)
	}()
	if err != nil {
		return err
	}
	return s.settle(ctx)
}

// CompactIndex merges the message index into one piece, which takes with it all
// that it only noted as gone.
func (c *Cache) CompactIndex(ctx context.Context) error {
	return c.s.write(ctx, func(t *tx) error {
		_, err := t.exec(`INSERT INTO message_index (message_index) VALUES ('optimize')`)
		return err
	})
}

// commonWord is in so many places of the index that others use it, too.
const commonWord = 1000

// WordsLeft counts those words that the index holds for a message that it should
// not know any more. Of a word that is everywhere it asks nothing.
func (c *Cache) WordsLeft(ctx context.Context, words []string) (n int64, err error) {
	for _, word := range words {
		var places, strays int64
		if err := c.s.readers.QueryRowContext(ctx, `SELECT count(*), coalesce(sum(doc NOT IN (SELECT place FROM indexed) AND doc NOT IN (SELECT place FROM index_queue)), 0)
			FROM (SELECT doc FROM message_vocabulary WHERE term = ? LIMIT ?)`, word, commonWord).Scan(&places, &strays); err != nil {
			return n, describe(c.s.path, err)
		}
		if places < commonWord && strays > 0 {
			n++
		}
	}
	return n, nil
}

// RenewBackups makes a backup of the file as it is, and once it is checked
// removes every older one.
func (l *Local) RenewBackups(ctx context.Context, folder string, now time.Time) (removed int, err error) {
	made, err := l.BackUp(ctx, folder, now)
	if err != nil {
		return 0, err
	}
	all, err := Backups(folder)
	if err != nil {
		return 0, err
	}
	for _, b := range all {
		if b.Path == made.Path {
			continue
		}
		if err := os.Remove(b.Path); err != nil {
			return removed, fmt.Errorf("remove an old backup: %w", err)
		}
		removed++
	}
	unfinished, _ := filepath.Glob(filepath.Join(folder, Outgoing+"*"))
	for _, path := range unfinished {
		_ = os.RemoveAll(path) // it is being written to: the scan says so
	}
	SyncFolder(folder)
	return removed, nil
}

// RemoveAsides removes what was put aside of the files of a profile's folder.
func RemoveAsides(folder string) (removed int, err error) {
	for _, file := range []string{"cache.db", "local.db"} {
		path := filepath.Join(folder, file)
		for _, why := range []string{Damaged, Newer} {
			for _, aside := range asides(path, why) {
				if err := removeAll(aside); err != nil {
					return removed, fmt.Errorf("remove a file that was put aside: %w", err)
				}
				removed++
			}
		}
		if err := removeAll(path + ".restoring"); err != nil {
			return removed, err
		}
	}
	before, _ := filepath.Glob(filepath.Join(folder, BeforeRestore+"*"))
	for _, path := range before {
		if err := os.RemoveAll(path); err != nil {
			return removed, fmt.Errorf("remove a profile that was put aside: %w", err)
		}
		removed++
	}
	// A WAL whose file is no more is still a copy.
	left, _ := filepath.Glob(filepath.Join(folder, "*.db.*-*-*"))
	for _, path := range left {
		if strings.HasSuffix(path, "-wal") || strings.HasSuffix(path, "-shm") {
			if err := os.Remove(path); err != nil {
				return removed, fmt.Errorf("remove a file that was put aside: %w", err)
			}
		}
	}
	return removed, nil
}
