package cache_test

import (
	"testing"

	"bandeja/internal/cache"
)

// A profile may be named as it lies from where one is.
func TestSnapshotOfARelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	l, err := cache.OpenLocal(t.Context(), "local.db", cache.ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s, err := l.Snapshot(t.Context(), "copy.db", func(int64, int64) {})
	if err != nil {
		t.Fatal(err)
	}
	if err := cache.CheckLocal(t.Context(), "copy.db", s); err != nil {
		t.Error(err)
	}
}
