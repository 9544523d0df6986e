package trial

import (
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/profile"
	"bandeja/internal/providers/simulator"
)

// changed queues a change in a profile that nobody has open, as `bandeja set`
// does, and gives the wishes' ids.
func changed(t testing.TB, dir string, a profile.ChangeArgs) (ids []string) {
	t.Helper()
	var out profile.Changed
	if err := profile.Command(t.Context(), options(dir), profile.DoChange, a, nil, &out); err != nil {
		t.Fatal(err)
	}
	for _, e := range out.Entries {
		if e.ID != "" {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

// live are conversations whose status can be changed.
func (v *office) live(t testing.TB, p inbox.ProviderName) (ids []string) {
	t.Helper()
	for _, raw := range v.conversations(p) {
		if r := rowOf(t, p, raw); r.Status == "open" {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// TestKilledAroundAPatch (F3): several changes wait in the outbox, on both
// sides, and the process is killed around one of their PATCHes: before it is
// sent, after it took effect and before its reply, after its reply and before
// that could be noted. Sometimes a colleague is faster. Every wish comes to an
// end that can be seen, takes effect once at most, and never over a colleague.
func TestKilledAroundAPatch(t *testing.T) {
	isPatch := func(r *http.Request) bool { return r.Method == http.MethodPatch }
	for name, point := range map[string]moment{
		"before it is sent":     {matches: func(r *http.Request) bool { return r.Method == http.MethodGet && !isList(r) }},
		"before its reply":      {matches: isPatch, answer: true},
		"before it can be kept": {matches: isPatch, after: 1},
	} {
		t.Run(name, func(t *testing.T) {
			v := openOffice(t, simulator.Options{Seed: 41, Conversations: 30, Messages: 40, History: true})
			dir := newProfile(t, v, platforms...)
			syncWell(t, dir)
			var made []string
			for n := range often(20, 100) {
				random := rand.New(rand.NewPCG(uint64(n), 41))
				at, kept := point, len(made)
				at.request = 1 + random.Int64N(3)
				if at.after > 0 {
					at.after = time.Duration(1 + random.IntN(3_000_000))
				}
				made = append(made, v.wishFor(t, dir, random)...)
				before := v.effects(t, dir, made[kept:])
				v.kill(t, child{Dir: dir}, at)
				ran(t)
				if random.IntN(3) == 0 {
					v.colleague(t, random)
				}
				syncWell(t, dir)
				syncWell(t, dir) // what a colleague did silently is seen by the second, at the latest
				k := look(t, dir)
				k.sound(v)
				k.outbox(v, made)
				k.overlaid()
				k.neverBlind(v)
				k.close()
				for id, n := range v.effects(t, dir, made[kept:]) {
					if n > before[id]+1 {
						t.Errorf("wish %s took effect %d times", id, n-before[id])
					}
				}
				if t.Failed() {
					t.Fatalf("kill %d, at %+v", n, at)
				}
			}
		})
	}
}

// wishFor queues a few changes on either side: a status there, somebody's work
// given to another.
func (v *office) wishFor(t testing.TB, dir string, random *rand.Rand) (made []string) {
	t.Helper()
	for _, p := range platforms {
		ids := v.live(t, p)
		if len(ids) < 6 { // all is done: some customers write again
			for _, raw := range v.conversations(p)[:12] {
				if err := v.Post(string(p), objectOf(t, raw).text("id"), "una cosa más"); err != nil {
					t.Fatal(err)
				}
			}
			syncWell(t, dir)
			ids = v.live(t, p)
		}
		random.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
		resolved := "resolved"
		made = append(made, changed(t, dir, profile.ChangeArgs{Account: string(p), Conversation: ids[0], Status: &resolved})...)
		made = append(made, changed(t, dir, profile.ChangeArgs{Account: string(p), Conversation: ids[1], Assignees: v.other(t, p, ids[1])})...)
	}
	return made
}

// other is somebody to whom a conversation is not assigned.
func (v *office) other(t testing.TB, p inbox.ProviderName, id string) *[]string {
	t.Helper()
	r := rowOf(t, p, v.Conversation(string(p), id))
	who := v.WaspyAgents()
	if p == inbox.Platica {
		who = v.PlaticaUsers(r.Workspace)
	}
	for _, w := range who {
		if r.Assignees != `["`+w+`"]` {
			return &[]string{w}
		}
	}
	t.Fatal("nobody else works there")
	return nil
}

// colleague changes a few conversations at the provider, silently.
func (v *office) colleague(t testing.TB, random *rand.Rand) {
	t.Helper()
	for _, p := range platforms {
		words := map[inbox.ProviderName][]string{inbox.Waspy: {"pending", "closed"}, inbox.Platica: {"spam", "finished"}}[p]
		for _, raw := range v.conversations(p)[:10] {
			if random.IntN(2) == 0 {
				if err := v.SetStatus(string(p), objectOf(t, raw).text("id"), words[random.IntN(2)]); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// effects counts how often the fields that wishes are about were written.
func (v *office) effects(t testing.TB, dir string, made []string) map[string]int {
	t.Helper()
	k := look(t, dir)
	defer k.close()
	all, out := k.wishes(), map[string]int{}
	for _, id := range made {
		w := all[id]
		out[id] = v.Effects(w.Account, w.Conversation, w.Field)
	}
	return out
}
