package trial

import (
	"errors"
	"testing"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/syncer"
)

// TestSeenInTime (F18, F19): what changes without a sign in the list's order is
// seen within its time: an open conversation's within minutes, anything and
// every late message by the sweep at night.
func TestSeenInTime(t *testing.T) {
	sides(t, func(t *testing.T, p inbox.ProviderName) {
		seeds(t, often(3, 100), func(t *testing.T, seed uint64) {
			onBench(t, simulator.Options{Seed: seed, Conversations: 150, Messages: 600}, p, func(t *testing.T, b *bench) {
				ran(t)
				b.well()
				open := b.live(t, p)
				id, word := open[int(seed)%len(open)], map[inbox.ProviderName]string{inbox.Waspy: "closed", inbox.Platica: "spam"}[p]
				if err := b.SetStatus(string(p), id, word); err != nil {
					t.Fatal(err)
				}
				b.cycles(20 * time.Minute)
				b.shut()
				k := look(t, b.dir)
				if got := k.rows(string(p))[id].Word; got != word {
					t.Errorf("twenty minutes later %s is still %s", id, got)
				}
				k.close()
				b.open()
				b.unseen(t, p, seed)
				b.days(1)
				b.shut()
				k = look(t, b.dir)
				defer k.close()
				k.sound(b.office)
				k.equal(b.office, p, entire)
				b.open()
			})
		})
	})
}

// days lets nights go by, each with its sweep.
func (b *bench) days(n int) {
	b.t.Helper()
	for range n {
		time.Sleep(25 * time.Hour)
		b.well()
	}
}

// unseen makes changes of which the order of no list tells.
func (b *bench) unseen(t *testing.T, p inbox.ProviderName, seed uint64) {
	t.Helper()
	for i, raw := range b.conversations(p) {
		id := objectOf(t, raw).text("id")
		all := b.messages(p, id)
		recent := time.Since(time.UnixMilli(rowOf(t, p, raw).Active)) < 6*24*time.Hour
		var err error
		switch (i + int(seed)) % 9 {
		case 0:
			err = b.Rename(string(p), id, "Otra Persona")
		case 1:
			err = b.Assign(string(p), id, (*b.other(t, p, id))...)
		case 2:
			if len(all) > 1 && recent { // older ones are for a full run
				_, err = b.LateMessage(string(p), id, "lo escribí antes", time.UnixMilli(messageOf(t, p, all[len(all)-1]).At-1500))
			}
		case 3:
			err = b.SetStatus(string(p), id, map[inbox.ProviderName]string{inbox.Waspy: "resolved", inbox.Platica: "finished"}[p])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestKeys (F21): a key that is revoked in the middle stops its account within
// a request a reader, and no more is asked with it; a new key goes on. One
// that has become another office's is refused, and nothing of it gets in.
func TestKeys(t *testing.T) {
	sides(t, func(t *testing.T, p inbox.ProviderName) {
		for _, after := range []int64{1, 2, 9, 40, 90} {
			t.Run("revoked "+time.Duration(after).String(), func(t *testing.T) {
				onBench(t, simulator.Options{Seed: 95, Conversations: 150, Messages: 300}, p, func(t *testing.T, b *bench) {
					ran(t)
					b.fault(simulator.Fault{Kind: "status", Status: []int{401}, After: int(after)})
					if err := b.once(); !errors.Is(err, providers.ErrRefused) {
						t.Errorf("it says %v", err)
					}
					b.cycles(time.Hour)
					refused := 0
					for _, r := range b.History().Requests {
						if r.Status == 401 {
							refused++
						}
					}
					if refused > 2*4 { // of once, and of the loop that was started after
						t.Errorf("%d requests with a key that was refused", refused)
					}
					if s := b.state(); s.State != syncer.Paused || s.ErrorKind != "refused" {
						t.Errorf("it says %s, %s", s.State, s.ErrorKind)
					}
					b.verify(part)
					b.Quiet()
					key, err := b.Rekey(string(p))
					if err != nil {
						t.Fatal(err)
					}
					b.connect(key, b.rate)
					b.well()
					b.verify(entire)
				})
			})
		}
		t.Run("of another office", func(t *testing.T) {
			onBench(t, simulator.Options{Seed: 96, Conversations: 150, Messages: 300}, p, func(t *testing.T, b *bench) {
				ran(t)
				b.well()
				b.fault(simulator.Fault{Kind: "other_account"})
				for range 3 {
					if err := b.once(); err == nil {
						t.Error("it took another office for its own")
					}
					if s := b.state(); s.State == syncer.UpToDate {
						t.Error("it says that it is up to date")
					}
					b.verify(entire)
					time.Sleep(9 * time.Hour)
				}
				b.recovers()
			})
		})
	})
}

// TestProviderClock (F29, I6): a provider whose clock is a year ahead or
// behind, or jumps while it is copied. Watermarks are its own stamps, so
// nothing is passed over.
func TestProviderClock(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for _, jumps := range [][]time.Duration{{year}, {-year}, {time.Hour, -time.Hour, 0}, {0, year, 0}, {90 * time.Second, 0}} {
		t.Run(jumps[0].String(), func(t *testing.T) {
			sides(t, func(t *testing.T, p inbox.ProviderName) {
				onBench(t, simulator.Options{Seed: 97, Conversations: 120, Messages: 300}, p, func(t *testing.T, b *bench) {
					ran(t)
					for i, jump := range jumps {
						b.SetSkew(jump)
						b.post(t, 7+i)
						b.cycles(3 * time.Minute)
						b.post(t, 5+i)
						b.well()
						b.verify(entire)
					}
					b.days(2)
					if s := b.loop.Status(); s.State != syncer.UpToDate {
						t.Errorf("it says %s: %v", s.State, s.Err)
					}
					b.verify(entire)
				})
			})
		})
	}
}

// post lets every nth customer write.
func (b *bench) post(t *testing.T, every int) {
	t.Helper()
	for i, raw := range b.conversations(b.p) {
		if i%every == 0 {
			if err := b.Post(string(b.p), objectOf(t, raw).text("id"), "¿y?"); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestOwnClock (F29): a desk whose clock was wrong, by a year either way, when
// the copy was made, and has been set right. Nothing waits a year for its turn.
func TestOwnClock(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for _, wrong := range []time.Duration{year, -year, 26 * time.Hour, -26 * time.Hour} {
		t.Run(wrong.String(), func(t *testing.T) {
			sides(t, func(t *testing.T, p inbox.ProviderName) {
				onBench(t, simulator.Options{Seed: 98, Conversations: 120, Messages: 300}, p, func(t *testing.T, b *bench) {
					ran(t)
					off := wrong
					b.o.Clock = func() time.Time { return time.Now().Add(off) }
					b.loop = syncer.New(b.o)
					b.well()
					b.ForgetHistory()
					off = 0
					b.loop = syncer.New(b.o)
					b.cycles(10 * time.Minute)
					if n := b.count("list"); n > 150 {
						t.Errorf("%d pages of the list in ten minutes", n)
					}
					for _, raw := range b.conversations(p)[:20] {
						if err := b.SetStatus(string(p), objectOf(t, raw).text("id"), "pending"); err != nil {
							t.Fatal(err)
						}
					}
					b.days(2)
					if s := b.state(); s.State != syncer.UpToDate || s.AsOf.After(time.Now()) {
						t.Errorf("it says %s as of %v, and it is %v", s.State, s.AsOf, time.Now())
					}
					b.verify(entire)
				})
			})
		})
	}
}
