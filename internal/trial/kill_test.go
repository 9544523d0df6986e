package trial

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/providers/simulator"
)

// lostAtMost is what one kill may cost an account in requests (SYNC I7): what
// was under way, at most eight, twelve to find the way again, and a head pass.
const lostAtMost = 8 + 12

// verify is the whole check after a kill in a quiet office.
func verify(t testing.TB, v *office, dir string, owes holding) {
	t.Helper()
	k := look(t, dir)
	defer k.close()
	k.sound(v)
	for _, p := range platforms {
		k.equal(v, p, owes)
		k.feeds(v, p)
		k.honest(v, p, true)
	}
}

// TestKilledAnywhere (F1): first copies whose process is killed again and
// again, at random requests and at random times, through the list, the
// messages and the index.
func TestKilledAnywhere(t *testing.T) {
	kills := often(60, 200)
	for seed := uint64(1); kills > 0; seed++ {
		random := rand.New(rand.NewPCG(seed, 1))
		v := openOffice(t, simulator.Options{Seed: seed, Conversations: 60 + random.IntN(200), Messages: 700})
		most := v.cost(func() { syncWell(t, newProfile(t, v, platforms...)) })
		all := most[inbox.Waspy] + most[inbox.Platica]
		dir := newProfile(t, v, platforms...)
		before := map[inbox.ProviderName]int64{inbox.Waspy: v.requests(inbox.Waspy), inbox.Platica: v.requests(inbox.Platica)}
		died := int64(0)
		for done := false; !done; {
			at := moment{request: 1 + random.Int64N(all/5)}
			if random.IntN(3) == 0 {
				at.after = time.Duration(random.IntN(60_000)) * time.Microsecond
			}
			if done = v.kill(t, child{Dir: dir}, at); done {
				break
			}
			died++
			ran(t)
			verify(t, v, dir, part)
			if t.Failed() {
				t.Fatalf("after kill %d of seed %d, at %+v", died, seed, at)
			}
		}
		verify(t, v, dir, entire)
		for _, p := range platforms {
			if asked := v.requests(p) - before[p]; asked > most[p]+died*lostAtMost {
				t.Errorf("%s: %d requests with %d kills, %d without", p, asked, died, most[p])
			}
		}
		kills -= int(died)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// TestKilledAtEachStep (F1, F2): a pass whose process is killed at each of its
// requests in turn, each time from the same beginning: a first copy, and a
// catching up with what has changed. What it left goes on to the end, at the
// price of a few requests.
func TestKilledAtEachStep(t *testing.T) {
	t.Run("first copy", func(t *testing.T) {
		v := openOffice(t, simulator.Options{Seed: 31, Conversations: 110, Messages: 260})
		v.killAtEachStep(t, newProfile(t, v, platforms...), often(26, 1<<30), func() {})
	})
	t.Run("catching up", func(t *testing.T) {
		v := openOffice(t, simulator.Options{Seed: 32, Conversations: 110, Messages: 260})
		dir := newProfile(t, v, platforms...)
		syncWell(t, dir)
		v.killAtEachStep(t, dir, often(26, 1<<30), func() {
			for _, p := range platforms {
				for i, raw := range v.conversations(p) {
					if i%8 == 0 {
						if err := v.Post(string(p), objectOf(t, raw).text("id"), "¿siguen ahí?"); err != nil {
							t.Fatal(err)
						}
					}
				}
				if _, err := v.NewCustomer(string(p), "Nadia", "5491150005678", "hola"); err != nil {
					t.Fatal(err)
				}
			}
		})
	})
}

// killAtEachStep kills a pass over copies of a profile, at so many steps evenly
// over it, or at every one.
func (v *office) killAtEachStep(t *testing.T, dir string, most int, change func()) {
	t.Helper()
	change()
	needs := v.cost(func() { syncWell(t, copied(t, dir)) })
	all := needs[inbox.Waspy] + needs[inbox.Platica]
	step := max(1, all/int64(most))
	for n := int64(1); n <= all; n += step {
		at := moment{request: n, answer: n%2 == 0}
		again := copied(t, dir)
		var done bool
		cost := v.cost(func() {
			done = v.kill(t, child{Dir: again}, at)
			if done {
				return
			}
			ran(t)
			k := look(t, again)
			k.sound(v)
			k.close()
			syncWell(t, again)
		})
		if done {
			continue // it needed fewer requests than the last time
		}
		verify(t, v, again, entire)
		for _, p := range platforms {
			if cost[p] > needs[p]+lostAtMost {
				t.Errorf("%s: %d requests with a kill, %d without", p, cost[p], needs[p])
			}
		}
		if t.Failed() {
			t.Fatalf("killed at step %d of %d (%+v)", n, all, at)
		}
		if err := os.RemoveAll(again); err != nil {
			t.Fatal(err)
		}
	}
}

// cost is how often each side is asked meanwhile.
func (v *office) cost(fn func()) map[inbox.ProviderName]int64 {
	out := map[inbox.ProviderName]int64{}
	for _, p := range platforms {
		out[p] = -v.requests(p)
	}
	fn()
	for _, p := range platforms {
		out[p] += v.requests(p)
	}
	return out
}

// copied is another profile with the same files.
func copied(t testing.TB, dir string) string {
	t.Helper()
	to := t.TempDir()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, name), 0o700)
		}
		copyFile(t, path, filepath.Join(to, name))
		return os.Chmod(filepath.Join(to, name), 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}
