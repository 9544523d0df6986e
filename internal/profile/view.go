package profile

import (
	"context"
	"errors"

	"bandeja/internal/cache"
)

// View opens a profile's files for reading: no lock, no migration, whoever
// owns it.
func View(ctx context.Context, dir string) (*cache.Cache, *cache.Local, error) {
	local, err := cache.OpenLocal(ctx, pathOf(dir, localFile), cache.ReadOnly)
	if err != nil {
		return nil, nil, err
	}
	c, err := cache.OpenCache(ctx, pathOf(dir, cacheFile), cache.ReadOnly)
	if err != nil {
		return nil, nil, errors.Join(err, local.Close())
	}
	return c, local, nil
}
