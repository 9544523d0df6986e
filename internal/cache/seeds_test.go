package cache

import (
	"database/sql"
	"fmt"
	"iter"
	"os"
	"strconv"
	"testing"
)

const seedEnv = "BANDEJA_TEST_SEED"

// soaking reports whether the long runs are asked for.
func soaking() bool { return os.Getenv("BANDEJA_SOAK") == "1" }

// seeds are the runs of a test: n, ten times as many in a soak, or the one
// that is to be replayed.
func seeds(t testing.TB, n uint64) iter.Seq[uint64] {
	t.Helper()
	if soaking() {
		n *= 10
	}
	first := uint64(1)
	if one := os.Getenv(seedEnv); one != "" {
		v, err := strconv.ParseUint(one, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		first, n = v, 1
	}
	return func(yield func(uint64) bool) {
		for s := first; s < first+n && !t.Failed(); s++ {
			if !yield(s) {
				return
			}
		}
		if t.Failed() {
			t.Logf("replay with %s=SEED go test -run '^%s$' ./internal/cache", seedEnv, t.Name())
		}
	}
}

func replay(seed uint64) string { return fmt.Sprintf("%s=%d", seedEnv, seed) }

// openWreckForTest opens a file to meddle with it.
func openWreckForTest(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	return db
}
