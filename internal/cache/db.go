// Package cache keeps Bandeja's two SQLite files: cache.db, a copy of what the
// providers said, and local.db, what only this profile knows (DESIGN §4). It
// is the only importer of database/sql and of the driver.
//
// A public method opens the transaction, a private twin takes it. There is one
// writer connection for each file and a pool of readers. What changed is told
// after commit, by ids alone.
package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What can be wrong with a file, for errors.Is.
var (
	// ErrNewer: the file was written by a newer Bandeja. Nothing is opened.
	ErrNewer = errors.New("written by a newer version of Bandeja")
	// ErrOlder: a read-only opening found a file that must be upgraded first.
	ErrOlder = errors.New("written by an older version of Bandeja and not upgraded yet")
	// ErrForeign: a SQLite file of some other program.
	ErrForeign = errors.New("not a file of Bandeja's")
	// ErrCorrupt: not a database, or damaged.
	ErrCorrupt = errors.New("damaged")
	// ErrIndex: the index of the messages is damaged, and can be made anew from
	// them.
	ErrIndex = errors.New("the search index is damaged")
	// ErrFull: the disk is full; what was committed is safe.
	ErrFull = errors.New("the disk is full")
	// ErrDisk: the disk did not read or write what it was asked to.
	ErrDisk = errors.New("the disk cannot be read or written")
	// ErrReadOnly: the medium or the folder cannot be written.
	ErrReadOnly = errors.New("cannot be written")
	// ErrNotFound: no such row.
	ErrNotFound = errors.New("not found")
)

// Mode says how a file is opened.
type Mode int

const (
	// ReadWrite is for the profile's owner: migrates, writes.
	ReadWrite Mode = iota
	// ReadOnly never migrates and needs no lock. A file that is not there, or
	// that its owner has only just begun, opens as an empty one, in memory. On
	// a medium that cannot be written it shows all that was committed, also by
	// an owner that was killed.
	ReadOnly
)

// store is one SQLite file: a writer connection and a pool of readers.
type store struct {
	path    string
	mode    Mode
	writer  *sql.DB // nil when ReadOnly
	readers *pool
	unclean bool // its last owner did not close it
	watch   atomic.Pointer[Watch]

	committed func(threads []int64) // told what a transaction touched, in the order of commits; may be nil

	mu    sync.Mutex           // held for a write transaction
	conn  *sql.Conn            // the writer's one connection
	stmts map[string]*sql.Stmt // prepared on conn, by their text
	large time.Time            // until when the writer has the large page cache, zero: it has the small one
}

// shape is what distinguishes the two files.
type shape struct {
	application int64
	steps       []string
	synchronous string
}

func openStore(ctx context.Context, path string, mode Mode, s shape) (*store, error) {
	path, err := filepath.Abs(path) // in a URI what follows // is a host
	if err != nil {
		return nil, err
	}
	st := &store{path: path, mode: mode, stmts: map[string]*sql.Stmt{}}
	st.readers = &pool{s: st}
	if mode == ReadOnly {
		return st, st.openReadOnly(ctx, s)
	}
	if err := st.openWriter(ctx, s); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return st, nil
}

// openWriter opens the file for its owner: what an upgrade or the first
// reading of it brings to light is an error of the opening.
func (s *store) openWriter(ctx context.Context, sh shape) error {
	if err := peek(ctx, s.path, sh); err != nil {
		return describe(s.path, err)
	}
	// The last one out removes the WAL: where it is still there, nobody was.
	wal, err := os.Stat(s.path + "-wal")
	s.unclean = err == nil && wal.Size() > 0
	s.writer, err = sql.Open("sqlite", dsn(s.path, url.Values{"mode": {"rwc"}, "_txlock": {"immediate"}}, sh.writerPragmas()))
	if err != nil {
		return describe(s.path, err)
	}
	s.writer.SetMaxOpenConns(1)
	err = migrate(ctx, s.writer, s.path, sh)
	if err == nil {
		s.conn, err = s.writer.Conn(ctx)
	}
	if err == nil {
		err = s.openReaders(ctx, sh, url.Values{"mode": {"rw"}})
	}
	return describe(s.path, err)
}

// peek refuses another program's file, or a newer Bandeja's, before anything of
// it is touched: opening for writing turns a file to WAL. What else may be
// wrong with a file shows when it is opened.
func peek(ctx context.Context, path string, s shape) error {
	if _, err := os.Stat(path); err != nil {
		return nil
	}
	db, err := sql.Open("sqlite", dsn(path, url.Values{"mode": {"ro"}}, nil))
	if err != nil {
		return err
	}
	defer db.Close()
	if err := checkVersion(ctx, db, s); errors.Is(err, ErrForeign) || errors.Is(err, ErrNewer) {
		return err
	}
	return nil
}

// openReadOnly opens a file beside its owner, or without one.
func (s *store) openReadOnly(ctx context.Context, sh shape) error {
	if _, err := os.Stat(s.path); errors.Is(err, os.ErrNotExist) {
		return s.openEmpty(ctx, sh)
	}
	err := s.openReaders(ctx, sh, url.Values{"mode": {"ro"}})
	if errors.Is(err, ErrReadOnly) {
		err = s.openOnMedium(ctx, sh)
	}
	if errors.Is(err, errUnbegun) {
		return s.openEmpty(ctx, sh)
	}
	return err
}

// openOnMedium opens a file on a read-only medium. WAL wants its two files
// beside, and such a medium takes none; unchanging, the file opens without
// (SYNC §5). That would hide what a killed owner left in the WAL: where there
// is something in it, the file is opened with the WAL's index in memory, which
// SQLite does for one that has it to itself. Nobody writes there, so that no
// lock is needed for it.
func (s *store) openOnMedium(ctx context.Context, sh shape) error {
	wal, err := os.Stat(s.path + "-wal")
	if err != nil || wal.IsDir() || wal.Size() == 0 {
		return s.openReaders(ctx, sh, url.Values{"mode": {"ro"}, "immutable": {"1"}})
	}
	// The driver would set a cache_size first, and that opens the file.
	return s.openWith(ctx, sh, url.Values{"mode": {"ro"}, "vfs": {lockless}}, "locking_mode(EXCLUSIVE)")
}

// openReaders opens the pool of readers, if the file is of this shape.
func (s *store) openReaders(ctx context.Context, sh shape, how url.Values) error {
	return s.openWith(ctx, sh, how, "cache_size(-8000)")
}

func (s *store) openWith(ctx context.Context, sh shape, how url.Values, pragma string) error {
	readers, err := sql.Open("sqlite", dsn(s.path, how, []string{"query_only(ON)", pragma}))
	if err != nil {
		return describe(s.path, err)
	}
	readers.SetMaxOpenConns(8)
	readers.SetMaxIdleConns(8)
	if err := checkVersion(ctx, readers, sh); err != nil {
		return errors.Join(describe(s.path, err), readers.Close())
	}
	s.readers.set(readers)
	return nil
}

// openEmpty stands in for a file that nobody has made yet.
func (s *store) openEmpty(ctx context.Context, sh shape) error {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1) // each connection would have a memory of its own
	if err := migrate(ctx, db, ":memory:", sh); err != nil {
		return errors.Join(err, db.Close())
	}
	s.readers.set(db)
	return nil
}

// pageBytes is the size of a file's pages, SQLite's own. With 8 KiB the whole
// list is looked through and read anew 1.2 times as fast, but a page of the list
// and of a thread, which somebody waits for, takes 1.3 and 1.14 times as long.
const pageBytes = 4096

// The WAL is written back when it has checkpointBytes, and keeps no more than
// walBytes of the disk.
const (
	checkpointBytes = 32 << 20
	walBytes        = 64 << 20
)

func (sh shape) writerPragmas() []string {
	return []string{"journal_mode(WAL)", "synchronous(" + sh.synchronous + ")", "secure_delete(ON)",
		fmt.Sprintf("wal_autocheckpoint(%d)", checkpointBytes/pageBytes), fmt.Sprintf("journal_size_limit(%d)", walBytes), "cache_size(-16000)"}
}

// dsn puts every pragma where it reaches each pooled connection (PLATFORM §4).
func dsn(path string, how url.Values, pragmas []string) string {
	// In a URI what follows // is a host, and a relative path is none of the file's.
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // C:/…
		path = "/" + path
	}
	how.Set("_defensive", "1")
	how["_pragma"] = append([]string{"busy_timeout(5000)", "foreign_keys(ON)", "trusted_schema(OFF)", "cell_size_check(ON)"}, pragmas...)
	u := url.URL{Scheme: "file", Path: path, RawQuery: how.Encode()}
	return u.String()
}

// Close closes the file: the readers first, so that the writer is the last one
// out, which writes the WAL back and removes it.
func (s *store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.readers.Close(), s.closeWriter())
}

func (s *store) closeWriter() error {
	var errs []error
	for _, st := range s.stmts {
		errs = append(errs, st.Close())
	}
	clear(s.stmts)
	if s.conn != nil {
		errs = append(errs, s.conn.Close())
		s.conn = nil
	}
	if s.writer != nil {
		errs = append(errs, s.writer.Close())
	}
	return errors.Join(errs...)
}

// tx is a write transaction. It runs on the writer's one connection with
// statements prepared once for the life of the file.
//
// It does not follow the caller's context: it is short, and a context that can
// end costs modernc a goroutine a statement.
type tx struct {
	s       *store
	threads []int64 // that it may have changed, see touched
}

// write runs fn in one BEGIN IMMEDIATE transaction: all of it or nothing. Where
// who watches the file says so it is run once more: fn begins anew each time.
func (s *store) write(ctx context.Context, fn func(t *tx) error) error {
	err := s.writeOnce(ctx, fn)
	if s.report(err) {
		err = s.writeOnce(ctx, fn)
	}
	return err
}

func (s *store) writeOnce(ctx context.Context, fn func(t *tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.conn == nil {
		return fmt.Errorf("%s: opened for reading, or closed: %w", s.path, ErrReadOnly)
	}
	t := &tx{s: s}
	if !s.large.IsZero() && time.Now().After(s.large) {
		s.large = time.Time{}
		if _, err := t.exec("PRAGMA cache_size = -16000"); err != nil {
			return describe(s.path, err)
		}
	}
	if _, err := t.exec("BEGIN IMMEDIATE"); err != nil {
		return describe(s.path, err)
	}
	done := false
	defer func() {
		if !done {
			// After a full disk SQLite has rolled back by itself and this
			// answers "no transaction is active": expected (SYNC §5).
			_, _ = t.exec("ROLLBACK")
		}
	}()
	if err := fn(t); err != nil {
		return describe(s.path, err)
	}
	if _, err := t.exec("COMMIT"); err != nil {
		return describe(s.path, err)
	}
	done = true
	if s.committed != nil {
		s.committed(t.threads)
	}
	return nil
}

// manyRows in one transaction are a copy under way: it goes on, and the pages
// it needs are all over the file.
const manyRows = 50

// wrote gives the writer a large page cache while many rows are being written,
// and for a moment after (PLATFORM §4).
func (t *tx) wrote(rows int) error {
	if rows < manyRows {
		return nil
	}
	small := t.s.large.IsZero()
	t.s.large = time.Now().Add(10 * time.Second)
	if !small {
		return nil
	}
	_, err := t.exec("PRAGMA cache_size = -64000")
	return err
}

func (t *tx) stmt(query string) (*sql.Stmt, error) {
	st, ok := t.s.stmts[query]
	if !ok {
		var err error
		if st, err = t.s.conn.PrepareContext(context.Background(), query); err != nil {
			return nil, fmt.Errorf("prepare %q: %w", query, err)
		}
		t.s.stmts[query] = st
	}
	return st, nil
}

func (t *tx) exec(query string, args ...any) (sql.Result, error) {
	st, err := t.stmt(query)
	if err != nil {
		return nil, err
	}
	return st.Exec(args...)
}

// query hands every row's Scan to fn. fn must not write: there is one
// connection.
func (t *tx) query(query string, args []any, fn func(scan func(...any) error) error) error {
	st, err := t.stmt(query)
	if err != nil {
		return err
	}
	rows, err := st.Query(args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// row is a query for one row; its errors come out of Scan.
func (t *tx) row(query string, args ...any) interface{ Scan(...any) error } {
	st, err := t.stmt(query)
	if err != nil {
		return failedRow{err}
	}
	return st.QueryRow(args...)
}

type failedRow struct{ err error }

func (f failedRow) Scan(...any) error { return f.err }

// read runs fn on one snapshot.
func (s *store) read(ctx context.Context, fn func(t *sql.Tx) error) error {
	t, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err == nil {
		defer t.Rollback() // nothing was written
		err = fn(t)
	}
	err = describe(s.path, err)
	s.report(err)
	return err
}

// FileError is what is wrong with a file: one of the kinds above, as the driver
// said it.
type FileError struct {
	Path string
	Kind error // ErrCorrupt, ErrIndex, ErrFull, ErrDisk, ErrReadOnly
	Err  error
}

func (e *FileError) Error() string   { return fmt.Sprintf("%s: %v (%v)", e.Path, e.Kind, e.Err) }
func (e *FileError) Unwrap() []error { return []error{e.Kind, e.Err} }

// describe gives an error of the driver its kind and the file's name.
func describe(path string, err error) error {
	if err == nil {
		return nil
	}
	var se *sqlite.Error
	if !errors.As(err, &se) {
		return err
	}
	kind := map[int]error{
		sqlite3.SQLITE_FULL:     ErrFull,
		sqlite3.SQLITE_IOERR:    ErrDisk,
		sqlite3.SQLITE_CORRUPT:  ErrCorrupt,
		sqlite3.SQLITE_NOTADB:   ErrCorrupt,
		sqlite3.SQLITE_READONLY: ErrReadOnly,
		sqlite3.SQLITE_CANTOPEN: ErrReadOnly,
		sqlite3.SQLITE_PERM:     ErrReadOnly,
	}[se.Code()&0xff]
	if se.Code() == sqlite3.SQLITE_CORRUPT_VTAB { // the index is the only one
		kind = ErrIndex
	}
	if kind == nil || errors.Is(err, kind) {
		return err
	}
	return &FileError{path, kind, err}
}

// each runs a query and hands every row's Scan to fn; it closes its rows
// whatever happens, since an unclosed one starves checkpoints.
func each(ctx context.Context, q interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, query string, args []any, fn func(scan func(...any) error) error) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	if p, ok := q.(*pool); ok {
		p.s.report(describe(p.s.path, rows.Err()))
	}
	return rows.Err()
}

// askMany is how many values a statement may ask about.
const askMany = 100

// The lists of two lengths, so that few statements are prepared.
var (
	askShort = inList(10)
	askLong  = inList(askMany)
)

func inList(n int) string { return "(?" + strings.Repeat(",?", n-1) + ")" }

// asked writes at most askMany values as an IN list and its arguments; what is
// missing to the list's length is NULL, which nothing equals.
func asked[T any](values []T) (list string, args []any) {
	list, args = askShort, make([]any, 10)
	if len(values) > len(args) {
		list, args = askLong, make([]any, askMany)
	}
	for i, v := range values {
		args[i] = v
	}
	return list, args
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
