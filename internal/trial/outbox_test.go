package trial

import (
	"math/rand/v2"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers/simulator"
)

// wants queues a change as the screen does, of what the copy shows.
func (b *bench) wants(id, field, want string) string {
	b.t.Helper()
	target, err := b.cache.Target(b.t.Context(), string(b.p), id)
	if err != nil {
		b.t.Fatal(err)
	}
	done, err := b.local.Enqueue(b.t.Context(), cache.Intent{Account: string(b.p), Conversation: id, Field: field, Want: want, Now: target.FieldOf(field), Confirm: true})
	if err == nil {
		_, err = b.cache.ShowWishes(b.t.Context(), b.local, string(b.p), []string{id})
	}
	if err != nil {
		b.t.Fatal(err)
	}
	if done[0].Outcome == cache.Withdrawn {
		return ""
	}
	return done[0].ID
}

// outboxHolds is the whole check of the outbox, while the program is stopped.
func (b *bench) outboxHolds(made []string) map[string]wish {
	b.t.Helper()
	b.shut()
	defer b.open()
	k := look(b.t, b.dir)
	defer k.close()
	k.sound(b.office)
	k.overlaid()
	k.neverBlind(b.office)
	return k.outbox(b.office, made)
}

// TestConflicts (F31): changes wait while colleagues change the same and other
// fields, and PATCHes fail in every way. Another's field is left alone, the
// same one is asked about, nothing is written over, sent twice or forgotten.
func TestConflicts(t *testing.T) {
	faults := []simulator.Fault{
		{}, {}, // none
		{Kind: "drop", Request: "patch", Times: 2}, {Kind: "drop", Request: "patch", Effect: true, Times: 2},
		{Kind: "status", Status: []int{500, 503}, Request: "patch", Effect: true, Times: 2},
		{Kind: "status", Status: []int{429}, RetryAfter: "3", Times: 3},
		{Kind: "silence", Request: "patch", Times: 1}, {Kind: "status", Status: []int{202}, Request: "patch", Times: 1},
		{Kind: "slow", Request: "patch", Delay: 20 * time.Second},
	}
	sides(t, func(t *testing.T, p inbox.ProviderName) {
		seeds(t, often(10, 150), func(t *testing.T, seed uint64) {
			onBench(t, simulator.Options{Seed: seed, Conversations: 40, Messages: 120}, p, func(t *testing.T, b *bench) {
				ran(t)
				random := rand.New(rand.NewPCG(seed, 31))
				b.well()
				open := b.live(t, p)
				random.Shuffle(len(open), func(i, j int) { open[i], open[j] = open[j], open[i] })
				theirs := map[string]string{}
				var made, asked []string
				words := inbox.StatusWords(p)
				for _, id := range open[:min(len(open), 8)] {
					made = append(made, b.wants(id, "status", words[1]))
					switch random.IntN(4) {
					case 0: // the same field
						theirs[id] = words[2]
						if err := b.SetStatus(string(p), id, words[2]); err != nil {
							t.Fatal(err)
						}
						asked = append(asked, made[len(made)-1])
					case 1: // another one
						if err := b.Assign(string(p), id, (*b.other(t, p, id))...); err != nil {
							t.Fatal(err)
						}
					}
				}
				f := faults[random.IntN(len(faults))]
				if f.Kind != "" {
					b.fault(f)
				}
				b.cycles(15 * time.Minute)
				b.Quiet()
				b.cycles(2 * time.Hour)
				all := b.outboxHolds(made)
				for _, id := range asked {
					if all[id].State != "conflict" {
						t.Errorf("a colleague was faster, and the wish is %+v", all[id])
					}
				}
				for _, id := range made {
					w := all[id]
					said := len(f.Status) == 1 && f.Status[0] == 202 && w.State == "confirming" // it was taken, and nothing came of it
					if theirs[w.Conversation] == "" && w.State != "done" && !said {
						t.Errorf("nobody was faster, and the wish is %+v", w)
					} else if n := b.Effects(string(p), w.Conversation, "status"); n > 1 {
						t.Errorf("the wish took effect %d times: %+v", n, w)
					}
				}
				for id, word := range theirs {
					if got := rowOf(t, p, b.Conversation(string(p), id)).Word; got != word {
						t.Errorf("a colleague chose %s, and it is %s", word, got)
					}
				}
			})
		})
	})
}

// TestLongOffline (F32): many changes made over a week without a network. Once
// it is back the fresh ones go out at the account's pace, and what is older
// than a day is asked about first.
func TestLongOffline(t *testing.T) {
	sides(t, func(t *testing.T, p inbox.ProviderName) {
		onBench(t, simulator.Options{Seed: 32, Conversations: often(120, 1500), Messages: 300}, p, func(t *testing.T, b *bench) {
			ran(t)
			b.well()
			b.fault(simulator.Fault{Kind: "drop"})
			var made []string
			open := b.live(t, p)
			for i, id := range open {
				if i == len(open)/2 {
					time.Sleep(6 * 24 * time.Hour)
				}
				made = append(made, b.wants(id, "status", inbox.StatusWords(p)[1]))
			}
			b.cycles(10 * time.Minute)
			b.Quiet()
			b.ForgetHistory()
			b.connect(b.key(p), 4)
			b.cycles(time.Hour)
			b.paced(4)
			all := b.outboxHolds(made)
			for i, id := range made {
				want := "done"
				if i < len(open)/2 {
					want = "stale"
				}
				if all[id].State != want {
					t.Errorf("wish %d of %d is %s, not %s", i, len(made), all[id].State, want)
				}
			}
		})
	})
}
