package trial

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"bandeja/internal/providers/simulator"
)

// TestRandomDamage (F24): 64 bytes of cache.db are others, anywhere. Nothing
// crashes and nothing goes round in a circle; a `sync --full` later the copy is
// what the providers have, whether the damage was noticed or not.
func TestRandomDamage(t *testing.T) {
	v := openOffice(t, simulator.Options{Seed: 24, Conversations: 60, Messages: 500})
	whole := newProfile(t, v, platforms...)
	syncWell(t, whole)
	noticed := 0
	seeds(t, often(20, 200), func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 24))
		dir := copied(t, whole)
		path := filepath.Join(dir, "cache.db")
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		at := random.IntN(len(b) - 64)
		for i := range 64 {
			b[at+i] = byte(random.Uint32())
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		for name, s := range synced(t, dir, true) {
			if s.Kind != "" {
				t.Fatalf("sync of %s: %s: %s", name, s.Kind, s.Error)
			}
		}
		aside, err := filepath.Glob(path + ".damaged-*")
		if err != nil || len(aside) > 3 {
			t.Errorf("%v %v", aside, err)
		}
		if len(aside) > 0 {
			noticed++
		}
		verify(t, v, dir, entire)
		ran(t)
	})
	t.Logf("%d noticed", noticed)
}
