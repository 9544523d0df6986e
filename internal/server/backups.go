package server

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"sync"
	"time"

	"bandeja/internal/cache"
)

// backupWaits is how long a backup waits for whoever asked for it to fetch it.
const backupWaits = 10 * time.Minute

// BackupWish is what somebody wants saved.
type BackupWish struct {
	WithCache  bool   `json:"with_cache"` // the copy of what the platforms have, too
	Passphrase string `json:"passphrase"` // "" for none
}

// Backup is one that was written, and read again whole.
type Backup struct {
	Path      string
	Bytes     int64
	Protected bool
	Drop      func() // removes it, where it lies in a place of the profile's own
}

// backups are those that pages asked for: one is being made, or one waits to be
// fetched.
type backups struct {
	mu     sync.Mutex
	cancel context.CancelFunc // of the one that is being made, or nil
	far    Progress           // of that one
	made   *madeBackup
}

// madeBackup is one that waits to be downloaded, once.
type madeBackup struct {
	id   string
	name string // the file's
	Backup
	timer *time.Timer
	file  *os.File // while it is being fetched
	cut   func()   // ends the fetching of it, which may wait for its reader
}

// begin begins one; what nobody has fetched gives way to it. Its context ends
// when somebody stops it; end is called once it is made or failed.
func (b *backups) begin(ctx context.Context) (_ context.Context, end func(), err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cancel != nil || b.made != nil && b.made.file != nil {
		return nil, nil, fail(http.StatusConflict, "begun", "error.backup_begun")
	}
	b.forget()
	ctx, cancel := context.WithCancel(ctx)
	b.cancel, b.far = cancel, Progress{Running: true}
	return ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		cancel()
		b.cancel, b.far = nil, Progress{}
	}, nil
}

// told notes how far the one is that is being made.
func (b *backups) told(step string, done, total int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.far.Step, b.far.Done, b.far.Total = step, done, total
}

// state is how far that one is.
func (b *backups) state() Progress {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.far
}

// keep has a backup wait to be fetched. Where nobody wants it any longer it is
// removed, and the error is that of its context.
func (b *backups) keep(ctx context.Context, name string, made Backup) (*madeBackup, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := ctx.Err(); err != nil {
		made.Drop()
		return nil, err
	}
	m := &madeBackup{id: "b_" + rand.Text(), name: name, Backup: made}
	m.timer = time.AfterFunc(backupWaits, func() { b.expire(m) })
	b.made = m
	return m, nil
}

// expire removes one that nobody has fetched.
func (b *backups) expire(m *madeBackup) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.made == m && m.file == nil {
		b.forget()
	}
}

// take opens a backup to be fetched, once. cut is called where it is dropped
// meanwhile.
func (b *backups) take(id string, cut func()) (*madeBackup, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m, err := b.find(id)
	if err != nil {
		return nil, err
	}
	if m.file != nil {
		return nil, fail(http.StatusConflict, "begun", "error.backup_begun")
	}
	if m.file, err = os.Open(m.Path); err == nil {
		m.timer.Stop()
		m.cut = cut
		return m, nil
	}
	b.forget()
	if errors.Is(err, fs.ErrNotExist) { // a forgetting has removed it
		return nil, cache.ErrNotFound
	}
	return nil, err
}

// look says what there is to fetch, without fetching it.
func (b *backups) look(id string) (*madeBackup, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.find(id)
}

// find is called with the lock held, as forget is.
func (b *backups) find(id string) (*madeBackup, error) {
	if b.made == nil || b.made.id != id {
		return nil, cache.ErrNotFound
	}
	return b.made, nil
}

// fetched removes one that was taken, unless somebody has: whole or not, it is
// fetched once.
func (b *backups) fetched(m *madeBackup) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m.cut = func() {}
	if b.made == m {
		b.forget()
	}
}

// drop removes a backup, be it fetched or not; what is being sent of it is cut.
func (b *backups) drop(id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, err := b.find(id); err != nil {
		return err
	}
	b.forget()
	return nil
}

// stop ends the one that is being made, and removes the one that waits.
func (b *backups) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cancel != nil {
		b.cancel()
	}
	b.forget()
}

// forget removes the one that is made. Its file is closed first: Windows removes
// none that is open.
func (b *backups) forget() {
	m := b.made
	if m == nil {
		return
	}
	b.made = nil
	m.timer.Stop()
	if m.file != nil {
		m.cut()
		_ = m.file.Close()
	}
	m.Drop()
}
