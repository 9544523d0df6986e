package cache

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"

	"modernc.org/sqlite"
)

// What folders are called that hold copies: profiles that a restoring has put
// aside, and what is on its way into a backup.
const (
	BeforeRestore = "before-restore-"
	Outgoing      = "outgoing-"
)

// Snapshot says what a copy of a file holds.
type Snapshot struct {
	Schema int              // its version
	Rows   map[string]int64 // by table
}

// Snapshot copies the file as it is now, to a path where nothing is, and checks
// and counts what was written. Who writes to the file meanwhile, in whatever
// process, waits for nothing and is not in it. told is told of the bytes.
//
// Errors: ErrFull, ErrDisk, ErrCorrupt, ErrReadOnly, of either file.
func (l *Local) Snapshot(ctx context.Context, to string, told func(done, total int64)) (Snapshot, error) {
	return l.s.snapshot(ctx, localShape(), to, told)
}

// Snapshot copies the file, as Local's.
func (c *Cache) Snapshot(ctx context.Context, to string, told func(done, total int64)) (Snapshot, error) {
	return c.s.snapshot(ctx, cacheShape(), to, told)
}

func (s *store) snapshot(ctx context.Context, sh shape, to string, told func(done, total int64)) (Snapshot, error) {
	out := Snapshot{Schema: len(sh.steps)}
	s.readers.hold(ctx)
	defer s.readers.mu.RUnlock()
	if s.readers.db == nil {
		return out, fmt.Errorf("%s: closed: %w", s.path, ErrReadOnly)
	}
	conn, err := s.readers.db.Conn(ctx)
	if err != nil {
		return out, describe(s.path, err)
	}
	defer conn.Close()
	out.Rows, err = s.copyCounted(ctx, conn, sh, to, told)
	if err != nil {
		return out, errors.Join(err, removeAll(to))
	}
	return out, nil
}

// copyCounted counts the rows and copies the pages in one transaction of
// reading: both are of the same moment.
func (s *store) copyCounted(ctx context.Context, conn *sql.Conn, sh shape, to string, told func(done, total int64)) (map[string]int64, error) {
	t, err := conn.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, describe(s.path, err)
	}
	defer t.Rollback() // nothing was written
	rows, err := countRows(ctx, t)
	if err != nil {
		return nil, describe(s.path, err)
	}
	var pageSize int64 // of this file: an older one may have another than new ones
	if err := t.QueryRowContext(ctx, `PRAGMA page_size`).Scan(&pageSize); err != nil {
		return nil, describe(s.path, err)
	}
	if err := conn.Raw(func(c any) error { return copyPages(ctx, c, to, pageSize, told) }); err != nil {
		return nil, err
	}
	return rows, checkBackup(ctx, to, sh, rows, 0)
}

// copyBatch is how many pages are copied between two looks whether to stop.
const copyBatch = 1024

func copyPages(ctx context.Context, from any, to string, pageSize int64, told func(done, total int64)) error {
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	source, ok := from.(interface {
		NewBackup(string) (*sqlite.Backup, error)
	})
	if !ok {
		return fmt.Errorf("copy to %s: the driver cannot", to) // it can
	}
	// It is checked and made to stay once it is whole.
	b, err := source.NewBackup(dsn(to, url.Values{"mode": {"rw"}}, []string{"synchronous(OFF)", "journal_mode(OFF)"}))
	if err != nil {
		return describe(to, err)
	}
	for more := true; more; {
		if err = ctx.Err(); err == nil {
			more, err = b.Step(copyBatch)
		}
		if err != nil {
			return errors.Join(describe(to, err), b.Finish())
		}
		told(int64(b.PageCount()-b.Remaining())*pageSize, int64(b.PageCount())*pageSize)
	}
	made, err := b.Commit()
	if err != nil {
		return describe(to, err)
	}
	return errors.Join(describe(to, withoutWAL(ctx, made)), made.Close())
}

// withoutWAL makes the copy one file: its pages say that it has a WAL.
func withoutWAL(ctx context.Context, made driver.Conn) error {
	x, ok := made.(driver.ExecerContext)
	if !ok {
		return nil
	}
	_, err := x.ExecContext(ctx, `PRAGMA journal_mode = DELETE`, nil)
	return err
}

// CheckLocal checks a copy of a local.db of a schema, which must hold so many
// rows. Nobody may have it open.
//
// Errors: ErrNewer, ErrCorrupt, ErrForeign.
func CheckLocal(ctx context.Context, path string, said Snapshot) error {
	return checkSnapshot(ctx, path, localShape(), said)
}

// CheckCache checks a copy of a cache.db, as CheckLocal.
func CheckCache(ctx context.Context, path string, said Snapshot) error {
	return checkSnapshot(ctx, path, cacheShape(), said)
}

func checkSnapshot(ctx context.Context, path string, sh shape, said Snapshot) error {
	if said.Schema > len(sh.steps) {
		return fmt.Errorf("%s: %w", path, ErrNewer)
	}
	sh.steps = sh.steps[:said.Schema]
	return checkBackup(ctx, path, sh, said.Rows, 0)
}
