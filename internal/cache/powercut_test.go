package cache

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// snapshot is what of a file is on the disk once a commit is acknowledged.
type snapshot struct{ main, wal []byte }

func snapshotOf(t testing.TB, path string) (s snapshot) {
	t.Helper()
	var err error
	if s.main, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	if s.wal, err = os.ReadFile(path + "-wal"); err != nil {
		t.Fatal(err)
	}
	return s
}

// cut writes what a power cut leaves: of the bytes that no sync has covered
// some are there, some are not, and some are other ones.
func (s snapshot) cut(t testing.TB, path string, synced int, rnd *rand.Rand) {
	t.Helper()
	wal := append([]byte{}, s.wal[:synced+rnd.IntN(len(s.wal)-synced+1)]...)
	for i := synced; i < len(wal); i++ {
		if rnd.IntN(3) == 0 {
			wal[i] = byte(rnd.Uint32())
		}
	}
	for name, b := range map[string][]byte{path: s.main, path + "-wal": wal} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// After a power cut local.db opens, is sound, and has every wish that was
// acknowledged (SYNC F25); cache.db opens and is sound.
func TestPowerCut(t *testing.T) {
	d := openDesk(t)
	var acked []string
	last := snapshotOf(t, d.path)
	var cuts []struct {
		snapshot
		synced, acked int
	}
	for n := range 30 {
		id := d.wish(t, fmt.Sprint(n), "resolved")
		now := snapshotOf(t, d.path)
		cuts = append(cuts, struct {
			snapshot
			synced, acked int
		}{snapshot{last.main, now.wal}, len(last.wal), len(acked)})
		acked, last = append(acked, id), now
	}
	c := openCache(t, filepath.Join(t.TempDir(), "cache.db"))
	for n := range 30 {
		list(t, c, waspyAccount, chat(itoa(int64(n)), "Ana", "+54 9 11 5983-4410", minutes(n)))
	}
	copied := snapshotOf(t, c.s.path)
	for seed := range seeds(t, 20) {
		rnd := rand.New(rand.NewPCG(seed, 25))
		at := cuts[rnd.IntN(len(cuts))]
		again := &desk{path: filepath.Join(t.TempDir(), "local.db")}
		at.cut(t, again.path, at.synced, rnd)
		again.reopen(t)
		if err := again.Check(t.Context(), true); err != nil {
			t.Errorf("%s: %v", replay(seed), err)
		}
		got := again.states(t)
		for _, id := range acked[:at.acked] {
			if got[id] != WishQueued {
				t.Errorf("%s: %s was acknowledged and is %q", replay(seed), id, got[id])
			}
		}
		again.Close()
		path := filepath.Join(t.TempDir(), "cache.db")
		copied.cut(t, path, min(32, len(copied.wal)), rnd)
		rest, err := OpenCache(t.Context(), path, ReadWrite)
		if err != nil {
			t.Fatalf("%s: cache.db: %v", replay(seed), err)
		}
		if err := rest.Check(t.Context(), true); err != nil {
			t.Errorf("%s: cache.db: %v", replay(seed), err)
		}
		rest.Close()
	}
}

// A WAL that is away, of another file or garbage, and a -shm that is: the file
// opens with what is certain, or is said to be damaged and comes back.
func TestOddCompanions(t *testing.T) {
	d := openDesk(t)
	first := d.wish(t, "1", "resolved")
	d.backUp(t, noon)
	whole := snapshotOf(t, d.path) // as a kill leaves it
	other, theirs := openDesk(t), map[string]bool{}
	for n := range 20 {
		theirs[other.wish(t, fmt.Sprint("o", n), "pending")] = true
	}
	foreign := snapshotOf(t, other.path)
	garbage := make([]byte, 32768)
	for i := range garbage {
		garbage[i] = byte(i * 7)
	}
	for name, tt := range map[string]struct{ wal, shm []byte }{
		"WAL away":            {nil, nil},
		"WAL of another file": {foreign.wal, nil},
		"WAL garbage":         {garbage, nil},
		"WAL cut":             {whole.wal[:len(whole.wal)/2], nil},
		"shm garbage":         {whole.wal, garbage},
	} {
		t.Run(name, func(t *testing.T) {
			again := &desk{path: filepath.Join(t.TempDir(), "local.db"), backups: d.backups}
			for end, b := range map[string][]byte{"": whole.main, "-wal": tt.wal, "-shm": tt.shm} {
				if b == nil {
					continue
				}
				if err := os.WriteFile(again.path+end, b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			l, err := OpenLocal(t.Context(), again.path, ReadWrite)
			if err == nil {
				err = l.Check(t.Context(), true)
				l.Close()
			}
			if err != nil {
				again.restore(t)
				if got := again.states(t); len(got) != 1 || got[first] == "" {
					t.Errorf("restored: %v", got)
				}
				return
			}
			again.reopen(t)
			for id, state := range again.states(t) {
				// SQLite takes a whole WAL of another file for this one's, and
				// nothing tells: all that can be asked is that nothing is made up.
				if id != first && !theirs[id] || state != WishQueued {
					t.Errorf("a wish that nobody made: %s %s", id, state)
				}
			}
			if name == "shm garbage" && len(again.states(t)) != 1 {
				t.Error("what was acknowledged is not there")
			}
		})
	}
}
