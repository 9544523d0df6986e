package profile_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/profile"
)

// threads are all rows of the list, newest first.
func threads(t testing.TB, in *profile.Inbox) (out []cache.Thread) {
	t.Helper()
	for after := ""; ; {
		page, next, err := in.Cache().Threads(t.Context(), cache.ThreadFilter{View: cache.All, Now: time.Now()}, after, 100)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, page...)
		if after = next; after == "" {
			return out
		}
	}
}

func unread(t testing.TB, in *profile.Inbox) (refs []string) {
	t.Helper()
	for _, th := range threads(t, in) {
		if th.Unread {
			refs = append(refs, th.Ref)
		}
	}
	slices.Sort(refs)
	return refs
}

// look reads a thread, as its opening on the screen does.
func look(t testing.TB, in *profile.Inbox, ref string) {
	t.Helper()
	th, err := in.Cache().Thread(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	mark, err := in.Local().SaveRead(t.Context(), th.Account, ref, th.LastAt)
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Cache().Mirror(t.Context(), []cache.Mark{mark}); err != nil {
		t.Fatal(err)
	}
}

// written is an office in which customers have written since the first copy,
// and a person has read some of it.
func written(t *testing.T, dir string, seed uint64) (v *office, still []string) {
	t.Helper()
	v = openOffice(t, seed)
	in := open(t, dir)
	add(t, in, v.waspy(), v.platica())
	syncAll(t, in)
	all := threads(t, in)
	if len(unread(t, in)) != 0 {
		t.Fatal("a first copy is unread")
	}
	for i, th := range all {
		if i%4 == 0 {
			if err := v.Post(string(th.Provider), th.Conversation, "¿hola?"); err != nil {
				t.Fatal(err)
			}
		}
	}
	syncAll(t, in)
	before := unread(t, in)
	for i, ref := range before {
		if i%2 == 0 {
			look(t, in, ref)
		}
	}
	still = unread(t, in)
	if len(before) < 20 || len(still) >= len(before) || len(still) == 0 {
		t.Fatalf("%d threads were unread, %d are", len(before), len(still))
	}
	shut(t, in)
	return v, still
}

func removeCache(t testing.TB, dir string) {
	t.Helper()
	for _, name := range []string{"cache.db", "cache.db-wal", "cache.db-shm"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
}

// TestRebuild: a cache that is lost is built anew, and what was read is read,
// what was not is not.
func TestRebuild(t *testing.T) {
	dir := t.TempDir()
	_, still := written(t, dir, 101)
	removeCache(t, dir)
	in := open(t, dir)
	if n := len(threads(t, in)); n != 0 {
		t.Fatalf("%d threads in a cache that was removed", n)
	}
	syncAll(t, in)
	if got := unread(t, in); !slices.Equal(got, still) {
		t.Errorf("unread after a rebuild: %d threads, before: %d", len(got), len(still))
	}
}

// TestRebuildInPieces: the same where the new first copy is stopped again and
// again, and the program started anew each time; while it goes on no thread
// shows as unread that was read.
func TestRebuildInPieces(t *testing.T) {
	dir := t.TempDir()
	v, still := written(t, dir, 102)
	removeCache(t, dir)
	for n := int64(2); ; n += 5 {
		in := open(t, dir)
		ctx, cancel := context.WithCancel(t.Context())
		var asked atomic.Int64
		v.between(func(http.ResponseWriter, *http.Request) bool {
			if asked.Add(1) == n {
				cancel()
			}
			return false
		})
		_, err := in.Sync(ctx, profile.SyncArgs{}, nil)
		cancel()
		got := unread(t, in)
		for _, ref := range got {
			if !slices.Contains(still, ref) {
				t.Fatalf("stopped after %d requests, the thread %s is unread again", n, ref)
			}
		}
		shut(t, in)
		if err == nil {
			if !slices.Equal(got, still) {
				t.Errorf("unread at the end: %d threads, before: %d", len(got), len(still))
			}
			return
		}
	}
}

// TestMarkOfLostMoment: a mark that local.db has and the cache never heard of
// is shown from the next start on.
func TestMarkOfLostMoment(t *testing.T) {
	dir := t.TempDir()
	_, still := written(t, dir, 103)
	in := open(t, dir)
	th, err := in.Cache().Thread(t.Context(), still[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Local().SaveRead(t.Context(), th.Account, th.Ref, th.LastAt); err != nil { // and killed here
		t.Fatal(err)
	}
	shut(t, in)
	in = open(t, dir)
	if got := unread(t, in); !slices.Equal(got, still[1:]) {
		t.Errorf("%d unread, want %d", len(got), len(still)-1)
	}
}

// TestReadAgain: an account that is removed with all its history and added
// again begins like a new one.
func TestReadAgain(t *testing.T) {
	dir := t.TempDir()
	v, _ := written(t, dir, 104)
	in := open(t, dir)
	for _, name := range []string{"ventas", "soporte"} {
		if err := in.Remove(t.Context(), name, false); err != nil {
			t.Fatal(err)
		}
	}
	add(t, in, v.waspy(), v.platica())
	syncAll(t, in)
	if got := unread(t, in); len(got) != 0 {
		t.Errorf("%d threads of a new first copy are unread", len(got))
	}
}
