package profile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"bandeja/internal/cache"
	"bandeja/internal/server"
)

// permissions looks whether somebody else may read the profile.
func (e *examination) permissions() {
	if runtime.GOOS == "windows" {
		return // a profile lies in its user's own folder there
	}
	if n := len(openToOthers(e.Dir)); n > 0 {
		e.bad("permissions", "permissions_open", "count", n)
		return
	}
	e.ok("permissions", "permissions")
}

// secretFiles are private whatever becomes of their folder.
var secretFiles = []string{keysFile, ownerFile, ownCertificate}

// openToOthers lists what in a profile others than its user may read or write:
// in a folder that is its user's alone nobody else reaches the rest.
func openToOthers(dir string) (paths []string) {
	open := mayOthers(dir)
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Type()&fs.ModeSymlink != 0 {
			return nil // what cannot be read is told of elsewhere
		}
		if (open || slices.Contains(secretFiles, d.Name())) && mayOthers(path) {
			paths = append(paths, path)
		}
		return nil
	})
	return paths
}

func mayOthers(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().Perm()&0o077 != 0
}

// owner looks who has the profile.
func (e *examination) owner() {
	o, err := ReadOwner(e.Dir)
	free := lockFree(e.Dir)
	switch {
	case free && err == nil:
		e.bad("owner", "owner_stale")
	case free && !errors.Is(err, os.ErrNotExist):
		e.bad("owner", "owner_stale") // half of one
	case free:
		e.ok("owner", "owner_none")
	case err != nil:
		e.note("owner", "owner_silent")
	default:
		e.ok("owner", "owner", "pid", strconv.Itoa(o.PID), "mode", o.Mode, "since", o.Since.Local().Format("2006-01-02 15:04"))
	}
}

// lockFree reports whether nobody has the lock. It takes it for a moment, where
// there is a file for it already.
func lockFree(dir string) bool {
	path := pathOf(dir, lockFile)
	if !exists(path) {
		return true
	}
	f := flock.New(path, flock.SetFlag(os.O_RDONLY))
	ok, err := f.TryRLock()
	if ok {
		_ = f.Unlock()
	}
	return ok && err == nil
}

// leftOver is how old a passing file is when nobody writes to it any more.
const leftOver = time.Hour

// leftFiles lists what a stop has left: passing files that are old.
func leftFiles(dir string, now time.Time) (paths []string) {
	for _, pattern := range []string{".writable-*", "." + ownerFile + "-*", "." + keysFile + "-*", "." + restoringFile + "-*", localFile + ".restoring*",
		filepath.Join(backupsDir, cache.Outgoing+"*"), filepath.Join(backupsDir, "local-*.db.tmp*"), filepath.Join(backupsDir, ballastFile+".probe")} {
		found, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, path := range found {
			if st, err := os.Stat(path); err == nil && now.Sub(st.ModTime()) > leftOver {
				paths = append(paths, path)
			}
		}
	}
	return paths
}

// leftovers looks for what stops have left, and for what was put aside.
func (e *examination) leftovers() {
	if n := len(leftFiles(e.Dir, e.now)); n > 0 {
		e.bad("leftovers", "leftovers", "count", n)
	}
	if _, under, _ := readPlan(e.Dir); under && lockFree(e.Dir) {
		e.note("restore", "restore_begun")
	}
	entries, err := os.ReadDir(e.Dir)
	if err != nil {
		return
	}
	var n int
	var size int64
	for _, entry := range entries {
		name := entry.Name()
		aside := strings.HasPrefix(name, cache.BeforeRestore)
		for _, why := range []string{cache.Damaged, cache.Newer} {
			aside = aside || strings.HasPrefix(name, localFile+"."+why+"-") || strings.HasPrefix(name, cacheFile+"."+why+"-")
		}
		if aside {
			n++
			one, _ := sizeOf(filepath.Join(e.Dir, name))
			size += one
		}
	}
	if n > 0 {
		e.note("aside", "aside", "count", n, "size", server.SizeText(size))
	}
}

// What room there should be.
const (
	roomLeast = 50 << 20
	walMost   = 256 << 20 // four times what a WAL keeps
)

// disk looks how much room there is beside what the files may need for a moment.
func (e *examination) disk() {
	var wal, size int64
	for _, name := range []string{localFile, cacheFile} {
		if st, err := os.Stat(pathOf(e.Dir, name+"-wal")); err == nil {
			wal += st.Size()
		}
		if st, err := os.Stat(pathOf(e.Dir, name)); err == nil {
			size += st.Size()
		}
	}
	if wal > walMost {
		e.bad("wal", "wal_large", "size", server.SizeText(wal))
	}
	free, err := freeBytes(e.Dir)
	switch {
	case err != nil:
		e.add("disk", FindingSkipped, "disk_unknown")
	case free < roomLeast:
		e.bad("disk", "disk_full", "free", server.SizeText(free))
	case free < size+wal:
		e.note("disk", "disk_tight", "free", server.SizeText(free), "size", server.SizeText(size))
	default:
		e.ok("disk", "disk", "free", server.SizeText(free))
	}
}

// logs looks how much there is of them.
func (e *examination) logs() {
	size, err := sizeOf(pathOf(e.Dir, logsDir))
	if err != nil {
		e.bad("logs", "logs_unreadable")
	} else if size > 4*logBytes {
		e.note("logs", "logs_large", "size", server.SizeText(size))
	} else {
		e.ok("logs", "logs", "size", server.SizeText(size))
	}
}

// backupOld is how old the newest backup may be while local.db was written to
// since: one is made every day on which Bandeja runs.
const backupOld = 8 * 24 * time.Hour

// backups looks whether the newest can be read.
func (e *examination) backups() {
	all, err := cache.Backups(pathOf(e.Dir, backupsDir))
	if err != nil {
		e.bad("backups", "backups_unreadable")
		return
	}
	st, missing := os.Stat(presentPath(e.Dir, localFile))
	if len(all) == 0 {
		if missing == nil && st.Size() > 0 {
			e.bad("backups", "backups_none")
		}
		return
	}
	if err := cache.CheckRolling(e.ctx, all[0].Path); err != nil {
		e.bad("backups", "backups_damaged")
		return
	}
	at := all[0].At.Local().Format("2006-01-02 15:04")
	if missing == nil && st.ModTime().Sub(all[0].At) > backupOld {
		e.bad("backups", "backups_old", "at", at)
		return
	}
	e.ok("backups", "backups", "count", len(all), "at", at)
}
