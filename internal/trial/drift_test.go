package trial

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/syncer"
)

// TestDrift (F16, F17, F18, F19): an office that does not stand still while it
// is copied: rows jump, come, go and come back, change without a stamp; old
// messages turn up late. Once it is quiet, the copy comes to be equal.
func TestDrift(t *testing.T) {
	sides(t, func(t *testing.T, p inbox.ProviderName) {
		seeds(t, often(50, 1000), func(t *testing.T, seed uint64) {
			random := rand.New(rand.NewPCG(seed, 16))
			size := simulator.Options{Seed: seed, Conversations: 20 + random.IntN(300), Messages: 300 + random.IntN(300)}
			onBench(t, size, p, func(t *testing.T, b *bench) {
				ran(t)
				b.drift(random)
				b.settles()
			})
		})
	})
}

// drift copies a moving office some times over, by programs that come and go.
func (b *bench) drift(random *rand.Rand) {
	b.t.Helper()
	if random.IntN(2) == 0 {
		b.well() // the first copy was of a quiet office
	}
	d := simulator.Drift{Provider: string(b.p), Every: 1 + random.IntN(4), Changes: 1 + random.IntN(3)}
	if random.IntN(3) == 0 { // of some kinds alone
		d.Inserts, d.Touches, d.Deletes, d.Restores = random.IntN(4), 1+random.IntN(4), random.IntN(4), random.IntN(2)
		d.SilentPatches, d.LateMessages, d.Edits = random.IntN(3), random.IntN(2), random.IntN(2)
		d.Most = 10 + len(b.conversations(b.p))/2 // an office that is another one altogether is taken for one
	}
	if err := b.SetFaults(simulator.Faults{Seed: 1 + random.Uint64N(1<<40), Drift: &d}); err != nil {
		b.t.Fatal(err)
	}
	for range 2 + random.IntN(4) {
		// A list that changes under every reading may be given up.
		if err := b.once(); err != nil && !errors.Is(err, providers.ErrFailing) {
			b.t.Fatalf("while it moves: %v", err)
		}
		time.Sleep(time.Duration(random.IntN(600)) * time.Second)
		switch random.IntN(6) {
		case 0:
			b.again()
		case 1:
			time.Sleep(25 * time.Hour)
		}
	}
}

// settles wants an office that has come to rest to be equal after full runs,
// an hour and more apart, as two 404s must be (SYNC I1, I3).
func (b *bench) settles() {
	b.t.Helper()
	b.Quiet()
	before := b.requests(b.p)
	for range 3 {
		b.whole()
		if s := b.state(); s.State != syncer.UpToDate {
			b.t.Errorf("it says %s", s.State)
		}
		time.Sleep(2 * time.Hour)
	}
	b.t.Logf("%d conversations, %d requests while it moved, %d until it was equal", len(b.conversations(b.p)), before, b.requests(b.p)-before)
	b.verify(entire)
	b.buried()
}

// buried holds the tombstones to the office's history: two looks in vain, an
// hour or more apart, and none of what is there (SYNC I3).
func (b *bench) buried() {
	b.t.Helper()
	b.shut()
	defer b.open()
	k := look(b.t, b.dir)
	defer k.close()
	looks := map[string][]time.Time{}
	for _, r := range b.History().Requests {
		if r.Status == 404 {
			looks[r.Conversation] = append(looks[r.Conversation], r.At)
		}
	}
	wrong := complaints{t: b.t}
	for id, r := range k.rows(string(b.p)) {
		at := looks[id]
		if r.Gone && (len(at) < 2 || at[len(at)-1].Sub(at[0]) < time.Hour) {
			wrong.add("conversation %s is called gone after looks at %v", id, at)
		}
	}
}
