package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Why a file is set aside: the word in its name.
const (
	Damaged = "damaged"
	Newer   = "newer"
)

const (
	keptAside  = 2 // files set aside of one sort
	stampStyle = "20060102T150405.000Z"
)

// companions are the files that belong to a SQLite file, by what their names
// end in. The file itself goes first: a WAL without it is ignored by the next.
var companions = []string{"", "-wal", "-shm"}

// SetAside renames a file, with its WAL, to FILE.why-TIME and keeps the newest
// two of those. Nobody may have it open. It returns the new path, "" where
// there was no file.
func SetAside(path, why string, now time.Time) (string, error) {
	aside := path + "." + why + "-" + now.UTC().Format(stampStyle)
	moved := ""
	for _, end := range companions {
		switch err := os.Rename(path+end, aside+end); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return moved, fmt.Errorf("set %s aside: %w", path, err)
		case end == "":
			moved = aside
		}
	}
	SyncFolder(filepath.Dir(path))
	old := asides(path, why)
	for _, a := range old[:max(0, len(old)-keptAside)] {
		for _, end := range companions {
			if err := os.Remove(a + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return moved, fmt.Errorf("remove an old file set aside: %w", err)
			}
		}
	}
	return moved, nil
}

// asides lists what was set aside of a file, oldest first.
func asides(path, why string) (out []string) {
	prefix := filepath.Base(path) + "." + why + "-"
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil
	}
	for _, e := range entries {
		stamp, ok := strings.CutPrefix(e.Name(), prefix)
		if _, err := time.Parse(stampStyle, stamp); ok && err == nil {
			out = append(out, filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
	slices.Sort(out)
	return out
}

// LastAside is when a file was last set aside, zero where it never was.
func LastAside(path, why string) time.Time {
	old := asides(path, why)
	if len(old) == 0 {
		return time.Time{}
	}
	at, _ := time.Parse(stampStyle, strings.TrimPrefix(filepath.Base(old[len(old)-1]), filepath.Base(path)+"."+why+"-"))
	return at
}

// SyncFolder makes renames in a folder survive a power cut, where the system
// lets it.
func SyncFolder(folder string) {
	if runtime.GOOS == "windows" {
		return
	}
	if f, err := os.Open(folder); err == nil {
		_ = f.Sync()
		_ = f.Close()
	}
}
