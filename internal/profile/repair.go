package profile

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"bandeja/internal/cache"
)

// Repaired is DoRepair's answer: what was done, by the names below.
type Repaired struct {
	Done []Repair `json:"done"`
}

// Repair is one thing that was done, to how many.
type Repair struct {
	What  string `json:"what"`
	Count int    `json:"count"`
}

// What a repair does. None of it loses anything.
const (
	RepairPermissions = "permissions" // files are their user's alone
	RepairLeftovers   = "leftovers"   // passing files that a stop had left are removed
	RepairOwner       = "owner"       // what an owner had left who is no more
	RepairIndex       = "index"       // the message index is made anew
	RepairPeople      = "people"      // the people index is read anew
	RepairWAL         = "wal"         // what waits beside the files is written into them
	RepairBackup      = "backup"      // local.db is backed up
)

// RepairProfile does what is safe for a profile: here, where it is free, else by
// its owner. A damaged file is brought back by the opening itself.
//
// Errors: those of Open and Command.
func RepairProfile(ctx context.Context, o Options) (Repaired, error) {
	var before []Repair
	if _, err := ReadOwner(o.Dir); !errors.Is(err, os.ErrNotExist) && lockFree(o.Dir) {
		before = append(before, Repair{RepairOwner, 1})
	}
	// Opening makes the folder its user's alone by itself.
	if n := makePrivate(o.Dir); n > 0 {
		before = append(before, Repair{RepairPermissions, n})
	}
	var out Repaired
	err := Command(ctx, o, DoRepair, struct{}{}, nil, &out)
	out.Done = append(before, out.Done...)
	return out, err
}

// makePrivate takes from others what they may do with a profile's files, and
// counts them.
func makePrivate(dir string) (n int) {
	if runtime.GOOS == "windows" {
		return 0
	}
	for _, path := range openToOthers(dir) {
		if st, err := os.Stat(path); err == nil && os.Chmod(path, st.Mode().Perm()&0o700) == nil {
			n++
		}
	}
	return n
}

// Repair does what is safe, and says what it did.
func (in *Inbox) Repair(ctx context.Context) (Repaired, error) {
	out := Repaired{Done: []Repair{}}
	did := func(what string, n int) {
		if n > 0 {
			out.Done = append(out.Done, Repair{what, n})
		}
	}
	did(RepairPermissions, makePrivate(in.o.Dir))
	removed := 0
	for _, path := range leftFiles(in.o.Dir, time.Now()) {
		if os.RemoveAll(path) == nil {
			removed++
		}
	}
	did(RepairLeftovers, removed)
	n, err := in.repairIndex(ctx)
	if err != nil {
		return out, err
	}
	did(RepairIndex, n)
	if err := in.loadPeople(ctx); err != nil {
		return out, err
	}
	did(RepairPeople, 1)
	if n, err = in.writeBack(ctx); err != nil {
		return out, err
	}
	did(RepairWAL, n)
	if n, err = in.backUpIfNone(ctx); err != nil {
		return out, err
	}
	did(RepairBackup, n)
	in.log.Info("the profile was repaired", "done", out.Done)
	return out, nil
}

// repairIndex makes the message index anew where it is damaged.
func (in *Inbox) repairIndex(ctx context.Context) (int, error) {
	why, err := in.cache.CheckIndex(ctx)
	if err != nil {
		return 0, err
	}
	if why == "" {
		switch err := in.cache.Check(ctx, true); {
		case errors.Is(err, cache.ErrIndex):
			in.cache.DistrustIndex()
		case err != nil:
			return 0, err
		default:
			return 0, nil
		}
	}
	return 1, in.drainIndex(ctx)
}

// walSmall is a WAL that is not worth writing back.
const walSmall = 1 << 20

func (in *Inbox) writeBack(ctx context.Context) (n int, err error) {
	for _, f := range []struct {
		name   string
		settle func(context.Context) error
	}{{localFile, in.local.Settle}, {cacheFile, in.cache.Settle}} {
		if st, e := os.Stat(filepath.Join(in.o.Dir, f.name+"-wal")); e == nil && st.Size() > walSmall {
			n++
			err = errors.Join(err, f.settle(ctx))
		}
	}
	return n, err
}

// backUpIfNone backs local.db up where no backup is good.
func (in *Inbox) backUpIfNone(ctx context.Context) (int, error) {
	folder := pathOf(in.o.Dir, backupsDir)
	all, err := cache.Backups(folder)
	if err != nil {
		return 0, err
	}
	if len(all) > 0 && cache.CheckRolling(ctx, all[0].Path) == nil {
		if due, err := in.local.BackupDue(folder, time.Now()); err != nil || !due {
			return 0, err
		}
	}
	_, err = in.local.BackUp(ctx, folder, time.Now())
	return 1, err
}
