package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"bandeja/internal/cache"
)

// What a restoring leaves while it is under way: the files that are to be, made
// ready, and the file that says that they are to be. That one is the moment from
// which there is no way back: whoever opens the profile next ends it.
const (
	restoringDir  = "restoring"
	restoringFile = "restore.json"
)

// restorePlan is what is put where.
type restorePlan struct {
	Aside string `json:"aside"` // the folder that takes what was there
	Cache bool   `json:"cache"` // the backup has a cache.db; else everything is copied anew
	Keys  bool   `json:"keys"`  // keys.json goes aside: it may be of other accounts
}

// beginRestoring says that the files made ready are the profile's from now on.
func beginRestoring(dir string, plan restorePlan) error {
	b, err := json.Marshal(plan)
	if err != nil {
		return err
	}
	if err := writePrivate(pathOf(dir, restoringFile), b); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	cache.SyncFolder(dir)
	return nil
}

// readPlan reads what is being put where; ok is false where nothing is.
func readPlan(dir string) (plan restorePlan, ok bool, err error) {
	b, err := os.ReadFile(pathOf(dir, restoringFile))
	if errors.Is(err, fs.ErrNotExist) {
		return plan, false, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &plan)
	}
	if err == nil && (plan.Aside == "" || plan.Aside != filepath.Base(plan.Aside)) {
		err = errors.New("it makes no sense")
	}
	if err != nil {
		return plan, false, fmt.Errorf("read %s: %w", restoringFile, err)
	}
	return plan, true, nil
}

// endRestoring ends a restoring that has begun, and clears away one that has
// not come that far. Only who has the profile's lock may. Stopped at any point
// it is called again, and ends the same.
func endRestoring(dir string) error {
	plan, ok, err := readPlan(dir)
	if err != nil {
		return err
	}
	next := pathOf(dir, restoringDir)
	if !ok {
		return os.RemoveAll(next)
	}
	m := mover{dir: dir, aside: pathOf(dir, plan.Aside)}
	m.database(localFile, true)
	m.database(cacheFile, plan.Cache)
	m.away(backupsDir)
	if plan.Keys {
		m.away(keysFile)
	}
	m.do(func() error { return makeFolders(dir) })
	m.do(func() error { cache.SyncFolder(dir); return os.Remove(pathOf(dir, restoringFile)) })
	m.do(func() error { cache.SyncFolder(dir); return os.RemoveAll(next) })
	if m.err != nil {
		return fmt.Errorf("restore: %w", m.err)
	}
	return nil
}

// mover moves files until something fails.
type mover struct {
	dir, aside string
	err        error
}

func (m *mover) do(fn func() error) {
	if m.err == nil {
		m.err = fn()
	}
}

// database puts a file made ready in the place of what was there. Where it is in
// its place already, what was there has gone before.
func (m *mover) database(name string, comes bool) {
	ready := filepath.Join(m.dir, restoringDir, name)
	if comes && !exists(ready) {
		return
	}
	m.do(func() error {
		entries, err := os.ReadDir(m.dir)
		for _, e := range entries {
			// With its WAL, and the damaged ones that were kept.
			if e.Name() == name || strings.HasPrefix(e.Name(), name+"-") || strings.HasPrefix(e.Name(), name+".") {
				m.away(e.Name())
			}
		}
		return errors.Join(err, m.err)
	})
	if comes {
		m.do(func() error { return os.Rename(ready, pathOf(m.dir, name)) })
	}
}

// away puts something aside, if it is there and was not put there before.
func (m *mover) away(name string) {
	m.do(func() error {
		to := filepath.Join(m.aside, name)
		if left, err := os.ReadDir(pathOf(m.dir, name)); exists(to) || !exists(pathOf(m.dir, name)) || err == nil && len(left) == 0 {
			return nil
		}
		if err := os.MkdirAll(m.aside, 0o700); err != nil {
			return err
		}
		return os.Rename(pathOf(m.dir, name), to)
	})
}

// presentPath is where a file is that belongs to the profile as of now, for
// whoever only looks at it.
func presentPath(dir, name string) string {
	plan, ok, err := readPlan(dir)
	if !ok || err != nil {
		return pathOf(dir, name)
	}
	ready := filepath.Join(dir, restoringDir, name)
	if exists(ready) || name == cacheFile && !plan.Cache {
		return ready
	}
	return pathOf(dir, name)
}
