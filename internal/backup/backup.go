// Package backup is the one file that a profile is saved in: how it is written,
// how it is protected with a passphrase, and how it is read and checked again
// (docs/en/backup.md).
package backup

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// What can be wrong with a file, for errors.Is.
var (
	// ErrNotBackup: the file is something else.
	ErrNotBackup = errors.New("not a backup of Bandeja's")
	// ErrNewer: made by a newer Bandeja, in a way that this one does not know.
	ErrNewer = errors.New("the backup was made by a newer version of Bandeja")
	// ErrDamaged: cut short, or altered since it was made.
	ErrDamaged = errors.New("the backup is damaged")
	// ErrPassphrase: this is not the passphrase it was made with. Whoever alters
	// the first bytes of a backup gets the same answer.
	ErrPassphrase = errors.New("the passphrase is not that of this backup")
	// ErrProtected: it can be read with its passphrase alone.
	ErrProtected = errors.New("the backup is protected by a passphrase")
)

// format is the version of the layout that this program writes, and the newest
// it reads.
const format = 1

// Manifest says what is in a backup. It is the first thing in it.
type Manifest struct {
	Format int       `json:"format"`
	App    string    `json:"app"` // the version that made it
	MadeAt time.Time `json:"made_at"`
	Files  []File    `json:"files"` // in their order
}

// File is one file of a backup.
type File struct {
	Name   string           `json:"name"`   // LocalDB or CacheDB
	Schema int              `json:"schema"` // its version
	Bytes  int64            `json:"bytes"`
	SHA256 string           `json:"sha256"` // in hex
	Rows   map[string]int64 `json:"rows"`   // by table
}

// The files that a backup may have. A name is one of these, so that nothing in a
// backup says where on a disk it goes.
const (
	LocalDB = "local.db"
	CacheDB = "cache.db"
)

// Bounds of what is read, so that a file made up by somebody takes no more.
const (
	mostManifest = 1 << 20
	mostBytes    = 1 << 44 // of one file
)

// File finds a file by its name.
func (m *Manifest) File(name string) (f File, ok bool) {
	i := slices.IndexFunc(m.Files, func(f File) bool { return f.Name == name })
	if i < 0 {
		return f, false
	}
	return m.Files[i], true
}

// check refuses what no Bandeja has written.
func (m *Manifest) check() error {
	if m.Format > format {
		return ErrNewer
	}
	if _, ok := m.File(LocalDB); !ok || m.Format < 1 || len(m.Files) > 2 {
		return fmt.Errorf("%w: its list of contents makes no sense", ErrDamaged)
	}
	for i, f := range m.Files {
		known := f.Name == LocalDB || f.Name == CacheDB
		twice := slices.ContainsFunc(m.Files[:i], func(o File) bool { return o.Name == f.Name })
		if !known || twice || f.Bytes < 0 || f.Bytes > mostBytes || f.Schema < 1 {
			return fmt.Errorf("%w: its list of contents makes no sense", ErrDamaged)
		}
	}
	return nil
}
