package profile

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"bandeja/internal/cache"
	"bandeja/internal/server"
)

// backUpFor is SaveBackup for the screen. Without a path it lies in a folder of
// its own among what is on its way out, until it is dropped.
//
// Errors: those of SaveBackup, cache.ErrFull whatever said that there is no room;
// those of during, but a profile that is only looked at can be saved.
func (in *Inbox) backUpFor(ctx context.Context, to string, w server.BackupWish, told func(step string, done, total int64)) (server.Backup, error) {
	return whileOpen(ctx, in, func(ctx context.Context) (out server.Backup, err error) {
		drop := func() {}
		if to == "" {
			folder, err := outgoing(in.o.Dir)
			if err != nil {
				return out, full(err)
			}
			drop = func() {
				if err := os.RemoveAll(folder); err != nil {
					in.log.Warn("remove a backup", "err", err)
				}
			}
			to = filepath.Join(folder, "bandeja.bandeja")
		}
		saved, err := in.SaveBackup(ctx, BackupArgs{To: to, WithCache: w.WithCache, Passphrase: w.Passphrase, Force: true, Told: told})
		if err != nil {
			drop()
			return out, full(err)
		}
		return server.Backup{Path: saved.Path, Bytes: saved.Bytes, Protected: saved.Protected, Drop: drop}, nil
	})
}

// full is an error of the kind of a full disk, where it is of that.
func full(err error) error {
	if noRoom(err) {
		return fmt.Errorf("%w: %w", cache.ErrFull, err)
	}
	return err
}
