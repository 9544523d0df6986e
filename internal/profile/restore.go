package profile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"bandeja/internal/backup"
	"bandeja/internal/cache"
)

// ErrInUse: the profile has something in it, and nobody said that it may be put
// aside.
var ErrInUse = errors.New("the profile is not empty")

// RestoreArgs say what is brought back.
type RestoreArgs struct {
	From string // a file
	// Passphrase is asked for where the backup is protected.
	Passphrase func() (string, error)
	Force      bool // over a profile that is not empty, which is put aside
	Told       func(step string, done, total int64)
}

// RestoredBackup is a profile that was brought back.
type RestoredBackup struct {
	MadeAt    time.Time `json:"made_at"` // of the backup
	App       string    `json:"app"`     // that made it
	WithCache bool      `json:"with_cache"`
	Aside     string    `json:"aside"` // where what was there is, "" where nothing was
	Accounts  []string  `json:"accounts"`
	NeedKeys  []string  `json:"need_keys"` // accounts without a key here
	Doubtful  int       `json:"doubtful"`  // changes that wait for a person: they may have been sent
	Forgotten int64     `json:"forgotten"` // conversations of people who were forgotten since, left out again
	Tokens    int64     `json:"tokens"`    // of other programs, ended since, and left out
}

// RestoreBackup brings a profile back out of a backup. All of it is read,
// checked and made ready beside the profile before anything of that is touched;
// then one file says that it is to be, and a stop at any point leaves the old
// profile before that, and the new one after. What was there is put aside, and
// nothing of it is deleted.
//
// Errors: *OwnedError; ErrInUse; the kinds of backup; cache.ErrFull.
func RestoreBackup(ctx context.Context, o Options, a RestoreArgs) (out RestoredBackup, err error) {
	if a.Told == nil {
		a.Told = func(string, int64, int64) {}
	}
	f, b, err := openBackup(a.From)
	if err != nil {
		return out, err
	}
	defer f.Close()
	if err := refuseShared(o.Dir); err != nil {
		return out, err
	}
	readOnly, err := prepare(o.Dir)
	if err == nil && readOnly {
		err = fmt.Errorf("%s: %w", o.Dir, cache.ErrReadOnly)
	}
	if err != nil {
		return out, err
	}
	l, err := acquire(ctx, o.Dir)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, l.release()) }()
	if err := l.announce(Owner{PID: os.Getpid(), Mode: "restore", Since: time.Now().UTC(), Secret: newSecret()}); err != nil {
		return out, err
	}
	log, logs, err := openLog(o.Dir, o.Verbose)
	if err != nil {
		return out, err
	}
	defer logs.Close()
	if err := endRestoring(o.Dir); err != nil {
		return out, err
	}
	r := restoring{dir: o.Dir, log: log, a: a, out: RestoredBackup{Accounts: []string{}, NeedKeys: []string{}}}
	return r.run(ctx, b)
}

// openBackup opens a file that may be a backup.
func openBackup(path string) (*os.File, *backup.Archive, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("%w: %s is no file", ErrUsage, path)
	}
	var b *backup.Archive
	if err == nil {
		b, err = backup.Open(f, st.Size())
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("read %s: %w", filepath.Base(path), err), f.Close())
	}
	return f, b, nil
}

// SumOfBackup compares a backup with the checksum that it carries, and gives it
// in hex. Nobody needs its passphrase for that.
//
// Errors: the kinds of backup.
func SumOfBackup(path string) (sum string, err error) {
	f, b, err := openBackup(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return b.Check(context.Background())
}

func unlock(b *backup.Archive, passphrase func() (string, error)) error {
	if !b.Protected() {
		return nil
	}
	secret, err := passphrase()
	if err != nil {
		return err
	}
	return b.Unlock(secret)
}

// restoring is one under way.
type restoring struct {
	dir string
	log *slog.Logger
	a   RestoreArgs
	m   backup.Manifest
	out RestoredBackup
}

func (r *restoring) run(ctx context.Context, b *backup.Archive) (RestoredBackup, error) {
	if empty, err := emptyProfile(ctx, r.dir); err != nil {
		return r.out, err
	} else if !empty && !r.a.Force {
		return r.out, fmt.Errorf("%s: %w", r.dir, ErrInUse)
	}
	if err := unlock(b, r.a.Passphrase); err != nil {
		return r.out, err
	}
	next := pathOf(r.dir, restoringDir)
	if err := os.Mkdir(next, 0o700); err != nil {
		return r.out, fmt.Errorf("restore: %w", err)
	}
	plan, err := r.makeReady(ctx, b, next)
	if err != nil {
		return r.out, errors.Join(err, os.RemoveAll(next))
	}
	if err := beginRestoring(r.dir, plan); err != nil {
		return r.out, errors.Join(err, os.RemoveAll(next))
	}
	if err := endRestoring(r.dir); err != nil {
		return r.out, err
	}
	if aside := pathOf(r.dir, plan.Aside); exists(aside) {
		r.out.Aside = aside
	}
	if err := r.needKeys(); err != nil {
		return r.out, err
	}
	r.log.Info("a backup was restored", "made", r.m.MadeAt, "app", r.m.App, "cache", r.out.WithCache, "doubtful", r.out.Doubtful, "forgotten", r.out.Forgotten)
	return r.out, nil
}

// emptyProfile reports whether nobody has done anything with a profile yet. One
// that cannot be read is not empty.
func emptyProfile(ctx context.Context, dir string) (bool, error) {
	st, err := os.Stat(pathOf(dir, localFile))
	if errors.Is(err, fs.ErrNotExist) || err == nil && st.Size() == 0 {
		return true, nil
	}
	local, err := cache.OpenLocal(ctx, pathOf(dir, localFile), cache.ReadOnly)
	if err != nil {
		return false, ctx.Err()
	}
	accounts, err := local.Accounts(ctx)
	err = errors.Join(err, local.Close())
	return err == nil && len(accounts) == 0, ctx.Err()
}

// makeReady unpacks the backup and makes of it what is put in place.
func (r *restoring) makeReady(ctx context.Context, b *backup.Archive, next string) (plan restorePlan, err error) {
	if err := r.unpack(ctx, b, next); err != nil {
		return plan, err
	}
	for _, f := range r.m.Files {
		check := cache.CheckLocal
		if f.Name == backup.CacheDB {
			check = cache.CheckCache
		}
		if err := check(ctx, filepath.Join(next, f.Name), cache.Snapshot{Schema: f.Schema, Rows: f.Rows}); err != nil {
			return plan, asOfBackup(f.Name, err)
		}
	}
	stamp := time.Now().UTC().Format("20060102T150405.000Z")
	taken, err := r.takeOver(ctx, next)
	if err != nil {
		return plan, err
	}
	plan = restorePlan{Aside: cache.BeforeRestore + stamp, Cache: r.out.WithCache, Keys: !taken.SameAccounts}
	// Where it was upgraded, there is one from before.
	if err := os.RemoveAll(filepath.Join(next, backupsDir)); err != nil {
		return plan, err
	}
	for _, f := range r.m.Files {
		if err := syncFile(filepath.Join(next, f.Name)); err != nil {
			return plan, fmt.Errorf("restore: %w", err)
		}
	}
	cache.SyncFolder(next)
	return plan, nil
}

func (r *restoring) unpack(ctx context.Context, b *backup.Archive, next string) error {
	var total, done int64
	return b.Read(ctx, func(m backup.Manifest) error {
		r.m = m
		r.out.MadeAt, r.out.App = m.MadeAt, m.App
		_, r.out.WithCache = m.File(backup.CacheDB)
		for _, f := range m.Files {
			total += f.Bytes
		}
		return nil
	}, func(f backup.File, from io.Reader) error {
		to, err := os.OpenFile(filepath.Join(next, f.Name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		_, err = io.Copy(to, &watched{io.NopCloser(from), func(n int64) { done += n; r.a.Told(StepCopying, done, total) }})
		return errors.Join(err, to.Close())
	})
}

// asOfBackup says of a file out of a backup what is wrong with the backup.
func asOfBackup(name string, err error) error {
	switch {
	case errors.Is(err, cache.ErrNewer):
		return fmt.Errorf("%s: %w", name, backup.ErrNewer)
	case errors.Is(err, cache.ErrCorrupt), errors.Is(err, cache.ErrForeign), errors.Is(err, cache.ErrIndex):
		return fmt.Errorf("%w: %w", backup.ErrDamaged, err)
	}
	return err
}

// takeOver brings both files to this version, and lays over them what the
// profile knows and a backup of an earlier day does not.
func (r *restoring) takeOver(ctx context.Context, next string) (taken cache.Taken, err error) {
	local, err := cache.OpenLocal(ctx, filepath.Join(next, backup.LocalDB), cache.ReadWrite)
	if err != nil {
		return taken, asOfBackup(backup.LocalDB, err)
	}
	defer func() { err = errors.Join(err, local.Close()) }()
	former := pathOf(r.dir, localFile)
	if !exists(former) {
		former = ""
	}
	if taken, err = local.TakeOver(ctx, former); err != nil {
		return taken, err
	}
	r.out.Doubtful, r.out.Tokens = taken.Doubtful, taken.Tokens
	accounts, err := local.Accounts(ctx)
	if err != nil {
		return taken, err
	}
	for _, a := range accounts {
		r.out.Accounts = append(r.out.Accounts, a.Name)
	}
	if !r.out.WithCache {
		return taken, nil
	}
	c, err := cache.OpenCache(ctx, filepath.Join(next, backup.CacheDB), cache.ReadWrite)
	if err != nil {
		return taken, asOfBackup(backup.CacheDB, err)
	}
	c.KeepOut(local.Forgotten())
	erased, err := c.EraseForgotten(ctx, func(cache.Delta) {})
	r.out.Forgotten = erased.Conversations
	return taken, errors.Join(err, c.Close())
}

// needKeys finds out which accounts have no key here.
func (r *restoring) needKeys() error {
	ctx := context.Background()
	local, err := cache.OpenLocal(ctx, pathOf(r.dir, localFile), cache.ReadOnly)
	if err != nil {
		return err
	}
	defer local.Close()
	id, err := local.Setting(ctx, settingProfileID)
	if err != nil {
		return err
	}
	accounts, err := local.Accounts(ctx)
	k := keys{dir: r.dir, id: id}
	for _, a := range accounts {
		if id == "" && a.KeyStore != File {
			r.out.NeedKeys = append(r.out.NeedKeys, a.Name) // whom no keychain knows yet
		} else if _, err := k.load(a.KeyStore, a.Name); err != nil {
			r.out.NeedKeys = append(r.out.NeedKeys, a.Name)
		}
	}
	return err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
