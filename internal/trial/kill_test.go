package trial

import (
	"math/rand/v2"
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

// needed is what a first copy costs a side that nobody kills.
func needed(t testing.TB, v *office) map[inbox.ProviderName]int64 {
	t.Helper()
	out := map[inbox.ProviderName]int64{}
	for _, p := range platforms {
		out[p] = -v.requests(p)
	}
	syncWell(t, newProfile(t, v, platforms...))
	for _, p := range platforms {
		out[p] += v.requests(p)
	}
	return out
}

// TestKilledAnywhere (F1): first copies whose process is killed again and
// again, at random requests and at random times, through the list, the
// messages and the index.
func TestKilledAnywhere(t *testing.T) {
	kills := often(60, 200)
	for seed := uint64(1); kills > 0; seed++ {
		random := rand.New(rand.NewPCG(seed, 1))
		v := openOffice(t, simulator.Options{Seed: seed, Conversations: 60 + random.IntN(200), Messages: 700})
		most := needed(t, v)
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
