// Package profile is a profile's folder and what runs over it: the lock and
// the owner, keys, logs, and one running inbox that wires cache, sync, search
// and server together (DESIGN §3, §4).
package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"bandeja/internal/cache"
)

// DefaultDir is where the system keeps a program's data for this user.
func DefaultDir() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the home folder: %w; name a profile with --profile", err)
	}
	switch runtime.GOOS {
	case "windows":
		if d := os.Getenv("LOCALAPPDATA"); d != "" {
			return filepath.Join(d, "Bandeja"), nil
		}
		return filepath.Join(home, "AppData", "Local", "Bandeja"), nil
	case "darwin":
		return filepath.Join(home, "Library", "Application Support", "Bandeja"), nil
	}
	if d := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(d) {
		return filepath.Join(d, "bandeja"), nil
	}
	return filepath.Join(home, ".local", "share", "bandeja"), nil
}

// The files of a profile (DESIGN §4, contract).
const (
	cacheFile  = "cache.db"
	localFile  = "local.db"
	lockFile   = "lock"
	ownerFile  = "owner.json"
	keysFile   = "keys.json"
	logsDir    = "logs"
	backupsDir = "backups"
)

// prepare makes the folder, for its user alone. readOnly: there is a profile in
// it, and nothing in it can be written.
//
// Errors: cache.ErrReadOnly where there is no profile to be looked at either.
func prepare(dir string) (readOnly bool, err error) {
	err = makeFolders(dir)
	if err == nil || !unwritable(err) {
		return false, err
	}
	if st, e := os.Stat(pathOf(dir, localFile)); e == nil && st.Size() > 0 {
		return true, nil
	}
	return false, fmt.Errorf("%w: %w", cache.ErrReadOnly, err)
}

func makeFolders(dir string) error {
	for _, d := range []string{dir, filepath.Join(dir, logsDir), filepath.Join(dir, backupsDir)} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return fmt.Errorf("make the profile folder: %w", err)
		}
	}
	if runtime.GOOS != "windows" {
		if st, err := os.Stat(dir); err != nil || st.Mode().Perm()&0o200 == 0 {
			return fmt.Errorf("write to the profile folder: %w", errors.Join(fs.ErrPermission, err))
		}
		if err := os.Chmod(dir, 0o700); err != nil {
			return fmt.Errorf("keep the profile folder private: %w", err)
		}
	}
	tmp, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return fmt.Errorf("write to the profile folder: %w", err)
	}
	return errors.Join(tmp.Close(), os.Remove(tmp.Name()))
}

// unwritable reports whether a medium or a folder takes nothing, which is no
// fault of its own.
func unwritable(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
}

// writePrivate replaces a file whole, readable by its user alone.
func writePrivate(path string, b []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // 0600
	if err != nil {
		return err
	}
	_, err = tmp.Write(b)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

func pathOf(dir, name string) string { return filepath.Join(dir, name) }
