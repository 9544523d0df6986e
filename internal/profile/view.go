package profile

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"bandeja/internal/cache"
)

// Viewing reports whether the profile cannot be written: what is in it is
// shown, and nothing is synced, marked or changed.
func (in *Inbox) Viewing() bool { return in.lock == nil }

// view opens a profile that cannot be written. Nobody else can write it
// either: it needs no lock.
func (in *Inbox) view(ctx context.Context) (err error) {
	out := in.o.Verbose
	if out == nil {
		out = io.Discard
	}
	in.log = slog.New(Redact(slog.NewTextHandler(out, nil)))
	if in.cache, in.local, err = View(ctx, in.o.Dir); err != nil {
		return err
	}
	id, err := in.local.Setting(ctx, settingProfileID)
	if err != nil {
		return err
	}
	in.space.state = StorageReadOnly
	in.wire(id)
	return nil
}

// View opens a profile's files for reading: no lock, no migration, whoever
// owns it.
func View(ctx context.Context, dir string) (*cache.Cache, *cache.Local, error) {
	local, err := cache.OpenLocal(ctx, presentPath(dir, localFile), cache.ReadOnly)
	if err != nil {
		return nil, nil, err
	}
	c, err := cache.OpenCache(ctx, presentPath(dir, cacheFile), cache.ReadOnly)
	if err != nil {
		return nil, nil, errors.Join(err, local.Close())
	}
	return c, local, nil
}
