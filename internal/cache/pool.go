package cache

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"
)

// Watch is told, once a transaction or a query has failed, what is wrong with
// a file: an error that wraps a *FileError. It may be called by several
// goroutines, and must not wait for one that uses the file. again has a write
// run once more: room was made for it.
type Watch func(err error) (again bool)

// report tells who watches the file.
func (s *store) report(err error) (again bool) {
	if err == nil || !errors.As(err, new(*FileError)) {
		return false
	}
	w := s.watch.Load()
	return w != nil && (*w)(err)
}

// Still runs fn while nothing is written to local.db: writes wait for it.
func (l *Local) Still(fn func() error) error {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	return fn()
}

// pool is the readers of a file. While the file is put in another's place a
// query waits, and then asks the new one.
type pool struct {
	s    *store
	mu   sync.RWMutex  // held for reading while a query begins
	db   *sql.DB       // nil before it is opened
	away chan struct{} // while another file is put in place; closed when it is there
}

// hold keeps the file in its place until the caller has let go of mu. ctx ends
// a wait for another file; the query then fails.
func (p *pool) hold(ctx context.Context) {
	for p.mu.RLock(); p.away != nil && ctx.Err() == nil; p.mu.RLock() {
		away := p.away
		p.mu.RUnlock()
		select {
		case <-away:
		case <-ctx.Done():
		}
	}
}

// takeAway closes the readers, once the queries that have begun are done;
// others wait until putBack.
func (p *pool) takeAway() {
	p.mu.Lock()
	p.away = make(chan struct{})
	p.mu.Unlock()
	p.drain()
}

// putBack lets queries ask db, or the closed file for nil.
func (p *pool) putBack(db *sql.DB) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if db != nil {
		p.db = db
	}
	close(p.away)
	p.away = nil
}

func (p *pool) set(db *sql.DB) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.db = db
}

// Close closes the readers; later queries fail.
func (p *pool) Close() error {
	p.hold(context.Background())
	defer p.mu.RUnlock()
	if p.db == nil {
		return nil
	}
	return p.db.Close()
}

// drainTime is how long readers under way may take to finish before their file
// is taken away: a system that lets files be renamed while they are open lets
// them finish afterwards.
const drainTime = 5 * time.Second

// drain closes the readers and waits for those under way.
func (p *pool) drain() {
	if p.db == nil {
		return
	}
	_ = p.db.Close() // whatever it says, another file is opened
	for end := time.Now().Add(drainTime); p.db.Stats().OpenConnections > 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
}

// QueryContext asks for rows.
func (p *pool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	p.hold(ctx)
	defer p.mu.RUnlock()
	rows, err := p.db.QueryContext(ctx, query, args...)
	p.s.report(describe(p.s.path, err))
	return rows, err
}

// QueryRowContext asks for one row; its errors come out of Scan.
func (p *pool) QueryRowContext(ctx context.Context, query string, args ...any) oneRow {
	p.hold(ctx)
	defer p.mu.RUnlock()
	return oneRow{p, p.db.QueryRowContext(ctx, query, args...)}
}

// BeginTx begins a snapshot.
func (p *pool) BeginTx(ctx context.Context, o *sql.TxOptions) (*sql.Tx, error) {
	p.hold(ctx)
	defer p.mu.RUnlock()
	return p.db.BeginTx(ctx, o)
}

type oneRow struct {
	p   *pool
	row *sql.Row
}

// Scan reads the row, once.
func (r oneRow) Scan(into ...any) error {
	err := r.row.Scan(into...)
	r.p.s.report(describe(r.p.s.path, err))
	return err
}
