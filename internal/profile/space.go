package profile

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"bandeja/internal/cache"
)

// What is known of the disk under a profile, as /api/state says it.
const (
	StorageOK       = "ok"
	StorageFull     = "full"
	StorageReadOnly = "read_only"
	StorageDamaged  = "damaged" // a file was damaged again, or could not be brought back: it is left alone until the next start
)

// Room on the disk.
const (
	ballastFile  = "ballast" // among the backups
	ballastBytes = 2 << 20   // given up on a full disk, for what a person does
	roomBytes    = 1 << 20   // what must fit besides, before sync goes on
	probeEvery   = 10 * time.Second
)

// space is the room there is, and the ballast that is given up when there is
// none: sync stops, and what a person does is still kept (SYNC §5).
type space struct {
	folder  string // of the ballast
	changed func() // the state is another one
	// still runs fn while nothing is written to local.db: looking for room
	// takes all there is for a moment.
	still func(fn func() error) error

	mu    sync.Mutex
	state string
}

func newSpace(dir string, changed func(), still func(fn func() error) error) *space {
	return &space{folder: pathOf(dir, backupsDir), changed: changed, still: still, state: StorageOK}
}

func (s *space) path() string { return filepath.Join(s.folder, ballastFile) }

// State is one of the storage words.
func (s *space) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

func (s *space) set(state string) {
	s.mu.Lock()
	was := s.state
	s.state = state
	s.mu.Unlock()
	if was != state {
		s.changed()
	}
}

// fill notes that the disk is full, and reports whether giving up the ballast
// has made some room.
func (s *space) fill() (room bool) {
	err := os.Remove(s.path())
	s.set(StorageFull)
	return err == nil
}

func (s *space) ready() error {
	if s.State() == StorageFull {
		return fmt.Errorf("%w: sync waits until there is room", cache.ErrFull)
	}
	return nil
}

// makeBallast takes the room that a full disk gives back, if it is not taken.
func (s *space) makeBallast() error {
	if st, err := os.Stat(s.path()); err == nil && st.Size() == ballastBytes {
		return nil
	}
	return occupy(s.path(), ballastBytes)
}

// occupy writes a file of bytes that no file system makes smaller.
func occupy(path string, size int) error {
	b := make([]byte, size)
	_, _ = rand.Read(b) // never fails
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// short reports whether the disk has next to no room, whatever a write to it
// has said.
func (s *space) short() bool {
	path := s.path() + ".probe"
	err := occupy(path, 64<<10)
	if e := os.Remove(path); e != nil && !errors.Is(e, fs.ErrNotExist) {
		err = errors.Join(err, e)
	}
	return err != nil
}

// again looks whether there is room for the ballast, for what sync writes, and
// for a commit.
func (s *space) again(ctx context.Context, commit func(context.Context) error) error {
	err := s.still(s.takeRoom)
	if err == nil {
		if err = commit(ctx); err != nil {
			err = errors.Join(err, s.giveUp())
		}
	}
	if err == nil {
		s.set(StorageOK)
	}
	return err
}

// takeRoom makes the ballast where there is room for more than that; else it
// leaves what room there is.
func (s *space) takeRoom() error {
	if err := s.makeBallast(); err != nil {
		return err
	}
	probe := s.path() + ".probe"
	err := occupy(probe, roomBytes)
	if e := os.Remove(probe); e != nil && !errors.Is(e, fs.ErrNotExist) {
		err = errors.Join(err, e)
	}
	if err != nil {
		err = errors.Join(err, s.giveUp())
	}
	return err
}

// giveUp lets go of the ballast.
func (s *space) giveUp() error {
	if err := os.Remove(s.path()); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// followSpace keeps the ballast, and has sync go on once there is room again.
func (in *Inbox) followSpace(ctx context.Context) {
	for ctx.Err() == nil {
		if in.space.State() == StorageFull {
			if err := in.space.again(ctx, in.cache.Probe); err == nil {
				in.log.Info("there is room on the disk again")
				in.wake("")
				wakeUp(in.index)
				wakeUp(in.rules)
			}
		} else if err := in.space.makeBallast(); err != nil {
			in.log.Warn("no room is kept for a full disk", "err", err)
		}
		wait(ctx, in.probeEvery())
	}
}

func (in *Inbox) probeEvery() time.Duration {
	if in.o.ProbeEvery > 0 {
		return in.o.ProbeEvery
	}
	return probeEvery
}
