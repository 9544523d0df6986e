package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// Backup is a copy of local.db that was opened, checked and counted when it
// was written.
type Backup struct {
	Path string
	At   time.Time
	// Upgrade: made before a schema was upgraded, and not one of the rolling
	// ones.
	Upgrade bool
}

// Rolling backups (SYNC §5).
const (
	keptBackups  = 3
	keptUpgrades = 1
	backupEvery  = 24 * time.Hour
)

var backupName = regexp.MustCompile(`^local-(v\d+-)?(\d{8}T\d{6}\.\d{3}Z)\.db$`)

// aheadAtMost is how far a backup's time may lie ahead of the clock: one
// further ahead was made before a clock was set back, and is as old as can be.
const aheadAtMost = time.Hour

// Backups lists the backups in a folder, newest first.
func Backups(folder string) ([]Backup, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for backups: %w", err)
	}
	var out []Backup
	for _, e := range entries {
		m := backupName.FindStringSubmatch(e.Name())
		if m == nil {
			continue
		}
		if at, err := time.Parse(stampStyle, m[2]); err == nil {
			out = append(out, Backup{filepath.Join(folder, e.Name()), at, m[1] != ""})
		}
	}
	ahead := time.Now().Add(aheadAtMost)
	slices.SortFunc(out, func(a, b Backup) int {
		switch of := a.At.After(ahead); {
		case of == b.At.After(ahead):
			return b.At.Compare(a.At)
		case of:
			return 1
		}
		return -1
	})
	return out, nil
}

// BackupDue reports whether the newest rolling backup is older than a day and
// something was written since.
func (l *Local) BackupDue(folder string, now time.Time) (bool, error) {
	all, err := Backups(folder)
	if err != nil {
		return false, err
	}
	var newest time.Time
	for _, b := range all {
		if !b.Upgrade && b.At.After(newest) && !b.At.After(now.Add(aheadAtMost)) {
			newest = b.At
		}
	}
	if !newest.IsZero() && now.Sub(newest) < backupEvery && !newest.After(now) {
		return false, nil
	}
	for _, end := range companions[:2] {
		if st, err := os.Stat(l.s.path + end); err == nil && st.ModTime().After(newest) {
			return true, nil
		}
	}
	return false, nil
}

// BackUp writes a backup into folder and keeps the newest three. It counts
// only once it has been opened, checked and counted; until then it has another
// name.
func (l *Local) BackUp(ctx context.Context, folder string, now time.Time) (Backup, error) {
	b := Backup{Path: filepath.Join(folder, "local-"+now.UTC().Format(stampStyle)+".db"), At: now}
	before, err := l.s.changes(ctx)
	if err != nil {
		return b, err
	}
	rows, err := countRows(ctx, l.s.readers)
	if err != nil {
		return b, describe(l.s.path, err)
	}
	changed := func() (int64, error) {
		after, err := l.s.changes(ctx)
		return after - before, err
	}
	if err := writeBackup(ctx, l.s.path, b.Path, localShape(), rows, changed); err != nil {
		return b, fmt.Errorf("back up local.db: %w", err)
	}
	return b, prune(folder)
}

// changes counts the rows that were written since the file was opened.
func (s *store) changes(ctx context.Context) (n int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return 0, fmt.Errorf("%s: opened for reading, or closed: %w", s.path, ErrReadOnly)
	}
	return n, describe(s.path, s.conn.QueryRowContext(ctx, `SELECT total_changes()`).Scan(&n))
}

// backupBefore keeps local.db as it was before its first pending step.
func backupBefore(ctx context.Context, db *sql.DB, path string, s shape, version int) error {
	folder := filepath.Join(filepath.Dir(path), "backups")
	rows, err := countRows(ctx, db)
	if err != nil {
		return err
	}
	to := filepath.Join(folder, fmt.Sprintf("local-v%d-%s.db", version, time.Now().UTC().Format(stampStyle)))
	s.steps = s.steps[:version]
	if err := writeBackup(ctx, path, to, s, rows, func() (int64, error) { return 0, nil }); err != nil {
		return fmt.Errorf("back up before upgrading: %w", err)
	}
	return prune(folder)
}

// writeBackup copies a file under a passing name, opens what it wrote, checks
// it and counts it, and only then gives it its name. rows are the file's
// before; changed says how many were written meanwhile.
func writeBackup(ctx context.Context, path, to string, s shape, rows map[string]int64, changed func() (int64, error)) (err error) {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	tmp := to + ".tmp"
	defer func() {
		if err != nil {
			_ = os.Remove(tmp)
		}
	}()
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := vacuumInto(ctx, path, tmp); err != nil {
		return err
	}
	n, err := changed()
	if err != nil {
		return err
	}
	if err := checkBackup(ctx, tmp, s, rows, n); err != nil {
		return err
	}
	if err := finishFile(tmp, to); err != nil {
		return err
	}
	return nil
}

func vacuumInto(ctx context.Context, path, to string) error {
	db, err := sql.Open("sqlite", dsn(path, url.Values{"mode": {"ro"}}, nil))
	if err != nil {
		return describe(path, err)
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", to)
	return describe(path, err)
}

// finishFile makes what was written stay, and gives it its name.
func finishFile(tmp, to string) error {
	f, err := os.OpenFile(tmp, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp, to); err != nil {
		return err
	}
	SyncFolder(filepath.Dir(to))
	return nil
}

// checkBackup opens a backup as if it were to be restored. With rows it must
// hold as many, give or take what was written meanwhile.
func checkBackup(ctx context.Context, path string, s shape, rows map[string]int64, changed int64) error {
	st := &store{path: path, mode: ReadOnly}
	st.readers = &pool{s: st}
	if err := st.openReaders(ctx, s, url.Values{"mode": {"ro"}}); err != nil {
		return err
	}
	defer st.Close()
	if err := st.check(ctx, true); err != nil {
		return err
	}
	got, err := countRows(ctx, st.readers)
	if err != nil {
		return describe(path, err)
	}
	for table, want := range rows {
		if n, there := got[table]; !there || max(n-want, want-n) > changed {
			return &FileError{path, ErrCorrupt, fmt.Errorf("the copy of table %s has %d rows, and not %d", table, n, want)}
		}
	}
	return nil
}

// countRows counts every table's rows.
func countRows(ctx context.Context, q interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}) (map[string]int64, error) {
	var tables []string
	out := map[string]int64{}
	err := each(ctx, q, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'`, nil, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		tables = append(tables, name)
		return err
	})
	for _, name := range tables {
		if err != nil {
			break
		}
		err = each(ctx, q, `SELECT count(*) FROM `+quoteName(name), nil, func(scan func(...any) error) error {
			var n int64
			err := scan(&n)
			out[name] = n
			return err
		})
	}
	return out, err
}

// prune keeps the newest backups of each sort, and removes what was never
// finished.
func prune(folder string) error {
	all, err := Backups(folder)
	if err != nil {
		return err
	}
	left := map[bool]int{false: keptBackups, true: keptUpgrades}
	for _, b := range all {
		if left[b.Upgrade]--; left[b.Upgrade] < 0 {
			err = errors.Join(err, os.Remove(b.Path))
		}
	}
	unfinished, _ := filepath.Glob(filepath.Join(folder, "local-*.db.tmp*"))
	for _, path := range unfinished {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
