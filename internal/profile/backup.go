package profile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"bandeja/internal/backup"
	"bandeja/internal/cache"
)

// ErrFileExists: a file is where another was to go.
var ErrFileExists = errors.New("there is a file already")

// BackupArgs say how a profile is saved.
type BackupArgs struct {
	To         string // a file
	WithCache  bool   // the copy of what the platforms have, too
	Passphrase string // "" for none
	Force      bool   // in the place of a file that is there
	Version    string // of this program
	// Told is told how much is done of a step, in bytes; nil: nobody is.
	Told func(step string, done, total int64)
}

// The steps of saving and of bringing back, in their order. How far counting and
// proving are nobody knows: of these is told once, and of no bytes.
const (
	StepCounting = "counting"
	StepCopying  = "copying"
	StepProving  = "proving" // that what was copied is sound
	StepPacking  = "packing"
	StepChecking = "checking"
)

// SavedBackup is a backup that was read again, whole, after it was written.
type SavedBackup struct {
	Path      string        `json:"path"`
	MadeAt    time.Time     `json:"made_at"`
	Bytes     int64         `json:"bytes"`
	Protected bool          `json:"protected"`
	Files     []backup.File `json:"files"`
}

// SaveBackup saves a profile in one file, whoever owns it. The file appears
// whole and checked, or not at all. Keys of accounts are never in it.
//
// Errors: ErrFileExists; cache.ErrNotFound where there is no profile; the kinds
// of cache, and those of the disk.
func SaveBackup(ctx context.Context, dir string, a BackupArgs) (SavedBackup, error) {
	if _, err := os.Stat(presentPath(dir, localFile)); err != nil {
		return SavedBackup{}, fmt.Errorf("there is nothing to back up in %s: %w", dir, cache.ErrNotFound)
	}
	local, err := cache.OpenLocal(ctx, presentPath(dir, localFile), cache.ReadOnly)
	if err != nil {
		return SavedBackup{}, err
	}
	defer local.Close()
	var c *cache.Cache
	if a.WithCache {
		if c, err = cache.OpenCache(ctx, presentPath(dir, cacheFile), cache.ReadOnly); err != nil {
			return SavedBackup{}, err
		}
		defer c.Close()
	}
	return saveBackup(ctx, dir, c, local, a)
}

// SaveBackup saves this profile, as the function does.
func (in *Inbox) SaveBackup(ctx context.Context, a BackupArgs) (SavedBackup, error) {
	c := in.cache
	if !a.WithCache {
		c = nil
	}
	a.Version = in.o.Version
	return saveBackup(ctx, in.o.Dir, c, in.local, a)
}

func saveBackup(ctx context.Context, dir string, c *cache.Cache, local *cache.Local, a BackupArgs) (out SavedBackup, err error) {
	if a.Told == nil {
		a.Told = func(string, int64, int64) {}
	}
	if err := mayBeAt(a.To, a.Force); err != nil {
		return out, err
	}
	// Where it goes is tried first: it is what most often cannot be.
	tmp, err := os.CreateTemp(filepath.Dir(a.To), ".bandeja-backup-*")
	if err != nil {
		return out, fmt.Errorf("write %s: %w", a.To, err)
	}
	defer func() {
		_ = tmp.Close()
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	out, err = fillBackup(ctx, dir, c, local, a, tmp)
	if err != nil {
		return out, err
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return out, fmt.Errorf("write %s: %w", a.To, err)
	}
	if err := mayBeAt(a.To, a.Force); err != nil {
		return out, err
	}
	if err := os.Rename(tmp.Name(), a.To); err != nil {
		return out, fmt.Errorf("write %s: %w", a.To, err)
	}
	out.Path = a.To
	cache.SyncFolder(filepath.Dir(a.To))
	return out, nil
}

// mayBeAt refuses a path where something is.
func mayBeAt(path string, force bool) error {
	switch st, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("write %s: %w", path, err)
	case st.IsDir():
		return fmt.Errorf("%w: %s is a folder", ErrUsage, path)
	case !st.Mode().IsRegular():
		return fmt.Errorf("%w: %s is a device, and no file", ErrUsage, path)
	case !force:
		return fmt.Errorf("%s: %w", path, ErrFileExists)
	}
	return nil
}

// fillBackup writes the backup into a file and reads it again. What is copied on
// the way is as private as the profile, and lies in it where that can be.
func fillBackup(ctx context.Context, dir string, c *cache.Cache, local *cache.Local, a BackupArgs, into *os.File) (out SavedBackup, err error) {
	work, err := outgoing(dir)
	if err != nil {
		return out, err
	}
	defer os.RemoveAll(work)
	out = SavedBackup{MadeAt: time.Now().UTC().Truncate(time.Millisecond), Protected: a.Passphrase != ""}
	// What local.db says is the truth of both: it is never the older one.
	if c != nil {
		f, err := snapshotOf(ctx, backup.CacheDB, work, c.Snapshot, a.Told)
		if err != nil {
			return out, err
		}
		out.Files = append(out.Files, f)
	}
	f, err := snapshotOf(ctx, backup.LocalDB, work, local.Snapshot, a.Told)
	if err != nil {
		return out, err
	}
	out.Files = append([]backup.File{f}, out.Files...)
	m := backup.Manifest{App: a.Version, MadeAt: out.MadeAt, Files: out.Files}
	var total, done int64
	for _, f := range out.Files {
		total += f.Bytes
	}
	packed := func(n int64) { done += n; a.Told(StepPacking, done, total) }
	if err := backup.Write(ctx, into, m, func(name string) (io.ReadCloser, error) {
		f, err := os.Open(filepath.Join(work, name))
		return &watched{f, packed}, err
	}, a.Passphrase); err != nil {
		return out, fmt.Errorf("write %s: %w", a.To, err)
	}
	if out.Bytes, err = into.Seek(0, io.SeekEnd); err != nil {
		return out, fmt.Errorf("write %s: %w", a.To, err)
	}
	done = 0
	if err := checkWritten(ctx, into, out.Bytes, a, func(n int64) { done += n; a.Told(StepChecking, done, total) }); err != nil {
		return out, fmt.Errorf("what was written to %s is not what was to be: %w", a.To, err)
	}
	return out, nil
}

// outgoing makes a folder for what is on its way out: in the profile, where what
// a stop leaves of it is removed, or where that cannot be written elsewhere.
func outgoing(dir string) (string, error) {
	made, err := os.MkdirTemp(pathOf(dir, backupsDir), cache.Outgoing+"*")
	if err != nil {
		if made, err = os.MkdirTemp("", "bandeja-"+cache.Outgoing+"*"); err != nil {
			return "", fmt.Errorf("copy the profile: %w", err)
		}
	}
	return made, nil
}

// snapshotOf copies one file, and says what it holds.
func snapshotOf(ctx context.Context, name, folder string, take func(context.Context, string, func(done, total int64)) (cache.Snapshot, error), told func(string, int64, int64)) (backup.File, error) {
	path := filepath.Join(folder, name)
	told(StepCounting, 0, 0)
	s, err := take(ctx, path, func(done, total int64) {
		told(StepCopying, done, total)
		if done == total {
			told(StepProving, 0, 0)
		}
	})
	if err != nil {
		return backup.File{}, fmt.Errorf("copy %s: %w", name, err)
	}
	r, err := os.Open(path)
	if err != nil {
		return backup.File{}, err
	}
	defer r.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, r)
	return backup.File{Name: name, Schema: s.Schema, Bytes: n, SHA256: hex.EncodeToString(sum.Sum(nil)), Rows: s.Rows}, err
}

// checkWritten reads a backup as who restores it does.
func checkWritten(ctx context.Context, f *os.File, size int64, a BackupArgs, read func(int64)) error {
	b, err := backup.Open(f, size)
	if err != nil {
		return err
	}
	if err := b.Unlock(a.Passphrase); err != nil {
		return err
	}
	return b.Read(ctx, func(backup.Manifest) error { return nil }, func(f backup.File, r io.Reader) error {
		return backup.Discard(f, &watched{io.NopCloser(r), read})
	})
}

// watched tells of what is read.
type watched struct {
	io.ReadCloser
	told func(int64)
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	w.told(int64(n))
	return n, err
}
