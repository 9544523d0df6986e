package profile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/server"
	"bandeja/internal/words"
)

// measure says where the profile lies and how big its parts are on the disk:
// of each file with what SQLite keeps beside it, and what was set aside.
func (in *Inbox) measure() (server.Measured, error) {
	folder, err := filepath.Abs(in.o.Dir)
	if err != nil {
		return server.Measured{}, err
	}
	m := server.Measured{Folder: folder}
	top, err := os.ReadDir(folder)
	if err != nil {
		return m, err
	}
	for _, e := range top {
		into := map[string]*int64{backupsDir: &m.Bytes.Backups, logsDir: &m.Bytes.Logs}[e.Name()]
		switch {
		case strings.HasPrefix(e.Name(), cacheFile):
			into = &m.Bytes.Cache
		case strings.HasPrefix(e.Name(), localFile):
			into = &m.Bytes.Local
		}
		if into == nil {
			continue
		}
		size, err := sizeOf(filepath.Join(folder, e.Name()))
		if err != nil {
			return m, err
		}
		*into += size
	}
	backups, err := cache.Backups(pathOf(folder, backupsDir))
	if err == nil && len(backups) > 0 {
		m.BackedUpAt = inbox.TimeJSON(backups[0].At)
	}
	return m, err
}

// examine is Examine for the screen.
func (in *Inbox) examine(ctx context.Context, w words.Words) []server.Finding {
	out := []server.Finding{}
	for _, f := range Examine(ctx, ExamineOptions{Dir: in.o.Dir, Version: in.o.Version}) {
		out = append(out, server.Finding{Check: f.Check, State: f.State, Account: f.Account, Text: f.Text(w), Do: f.Advice(w)})
	}
	return out
}

func (in *Inbox) diagnostics(ctx context.Context) string {
	return Diagnostics(ctx, ExamineOptions{Dir: in.o.Dir, Version: in.o.Version})
}

// sizeOf adds up the files at or under a path. One that goes meanwhile, as a
// WAL does, counts nothing.
func sizeOf(path string) (total int64, err error) {
	err = filepath.WalkDir(path, func(_ string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			total += info.Size()
		}
		return err
	})
	return total, err
}

// copyAgain has everything of an account asked for again, as `sync --full`
// does, and does not wait for it. While that is under way asking once more
// changes nothing.
//
// Errors: ErrNoAccount; those of during.
func (in *Inbox) copyAgain(ctx context.Context, account string) error {
	_, err := during(ctx, in, func(ctx context.Context) (struct{}, error) {
		if _, err := in.accountNamed(ctx, account); err != nil {
			return struct{}{}, err
		}
		if _, under := in.again.LoadOrStore(account, true); under {
			return struct{}{}, nil
		}
		// Within this one, so that Close waits for it.
		in.doing.Go(func() {
			defer in.again.Delete(account)
			if _, err := in.Sync(in.life, SyncArgs{Names: []string{account}, Full: true}, nil); err != nil && in.life.Err() == nil {
				in.log.Error("copy everything again", "account", account, "err", err)
			}
			in.server.Events().State()
		})
		return struct{}{}, nil
	})
	return err
}
