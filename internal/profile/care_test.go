package profile_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/profile"
)

// hiddenDamage spoils a page of the messages in a closed cache.db: nothing
// that a start or a daily sweep reads. Pages hold rows in the order of their
// numbers; none is taken that has one of the rows that the index is tried by,
// the newest, the oldest and one between, or that a sweep reads again.
func hiddenDamage(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, "cache.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	var at int
	err = db.QueryRow(`WITH numbered AS (SELECT id, conversation, row_number() OVER (ORDER BY id) AS nth FROM messages),
		tried AS (
			SELECT nth FROM numbered n WHERE id IN (SELECT message FROM indexed WHERE place IN (
				(SELECT max(place) FROM indexed), (SELECT min(place) FROM indexed),
				(SELECT min(place) FROM indexed WHERE place >= (SELECT min(place) / 2 + max(place) / 2 FROM indexed))))
			OR conversation IN (SELECT id FROM conversations WHERE active_at > (SELECT max(active_at) FROM conversations) - 8 * 86400000)),
		leaves AS (
			SELECT pgoffset, sum(ncell) OVER (ORDER BY path) AS upto, ncell FROM dbstat WHERE name = 'messages' AND pagetype = 'leaf')
		SELECT pgoffset FROM leaves WHERE NOT EXISTS (SELECT 1 FROM tried WHERE nth > upto - ncell AND nth <= upto) ORDER BY upto LIMIT 1`).Scan(&at)
	if db.Close(); err != nil {
		t.Fatal(err)
	}
	spoil(t, path, func(b []byte) []byte { clear(b[at : at+4096]); return b })
}

// killed makes a closed profile look as a process that was killed leaves it:
// with a WAL in which something is written.
func killed(t *testing.T, dir string) {
	t.Helper()
	c, err := cache.OpenCache(t.Context(), filepath.Join(dir, "cache.db"), cache.ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SaveFeed(t.Context(), "ventas", cache.Feed{Kind: cache.Open, Pages: 7}); err != nil {
		t.Fatal(err)
	}
	wal, err := os.ReadFile(filepath.Join(dir, "cache.db-wal"))
	if err != nil {
		t.Fatal(err)
	}
	main := files(t, dir)["cache.db"]
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"cache.db": []byte(main), "cache.db-wal": wal} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// running opens a profile and lets its background work, in a bubble.
func running(t *testing.T, dir string) *profile.Inbox {
	t.Helper()
	o := options(dir)
	o.ProbeEvery = 6 * time.Hour
	in, err := profile.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Start(false); err != nil {
		t.Fatal(err)
	}
	return in
}

// rebuilt reports whether the cache was found damaged and brought back.
func rebuilt(t *testing.T, in *profile.Inbox) bool {
	t.Helper()
	synctest.Wait()
	notices, err := in.Local().Notices(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return len(notices) == 1 && notices[0].Kind == cache.CacheRebuilt
}

// After an unclean end both files are looked through soon, after a clean one
// when a week has gone; what is found is brought back. A check that did not
// come to its end is made up for at the next start.
func TestCare(t *testing.T) {
	v := openOffice(t, 142)
	for _, tt := range []struct {
		name    string
		unclean bool
		again   bool          // closed before the check, and opened once more
		not     time.Duration // not found until then
		found   time.Duration // but then
	}{
		{"unclean", true, false, time.Second, 4 * time.Second},
		{"unclean, and closed too soon", true, true, time.Second, 4 * time.Second},
		{"clean", false, false, 7*24*time.Hour - 2*time.Hour, 7*24*time.Hour + 2*time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := synced(t, v)
			hiddenDamage(t, dir)
			if tt.unclean {
				killed(t, dir)
			}
			synctest.Test(t, func(t *testing.T) {
				in := running(t, dir)
				if tt.again {
					synctest.Wait()
					shut(t, in)
					in = running(t, dir)
				}
				time.Sleep(tt.not)
				if rebuilt(t, in) {
					t.Errorf("found within %v", tt.not)
				}
				time.Sleep(tt.found - tt.not)
				if !rebuilt(t, in) {
					t.Errorf("not found within %v", tt.found)
				}
				shut(t, in)
			})
		})
	}
}
