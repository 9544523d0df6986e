package trial

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/syncer"
)

// TestBrokenOnTheWire (F5, F6, F11): replies that are cut, reset, lied about
// in their length, or never come, at lists and at messages. They are asked for
// again, and the copy ends equal.
func TestBrokenOnTheWire(t *testing.T) {
	for _, f := range []simulator.Fault{
		{Kind: "drop"},
		{Kind: "reset"},
		{Kind: "length"},
		{Kind: "chunk"},
		{Kind: "silence"},
		{Kind: "headers"},
		{Kind: "trickle"},
		{Kind: "slow", Delay: 5 * time.Second},
	} {
		for _, request := range []string{"list", "read"} {
			f.Request, f.Every, f.Times = request, 7, 3
			t.Run(f.Kind+" "+request, func(t *testing.T) {
				sides(t, func(t *testing.T, p inbox.ProviderName) {
					onBench(t, tiny(51), p, func(t *testing.T, b *bench) {
						ran(t)
						b.fault(f)
						began := time.Now()
						b.well()
						b.within(began, 20*time.Minute)
						b.met()
						b.verify(entire)
					})
				})
			})
		}
	}
}

// TestCutAtEveryByte (F5): a page of the list that ends at any byte of the
// whole reply is not applied, in any part, and comes whole the second time.
func TestCutAtEveryByte(t *testing.T) {
	sides(t, func(t *testing.T, p inbox.ProviderName) {
		size := simulator.Options{Seed: 52, Conversations: 3, Messages: 4}
		length := 0
		onBench(t, size, p, func(t *testing.T, b *bench) {
			b.fault(simulator.Fault{Kind: "length", Bytes: 1, Times: 1})
			b.well()
			for _, r := range b.History().Requests {
				length = max(length, r.Wire)
			}
		})
		if length < 500 {
			t.Fatalf("a reply of %d bytes", length)
		}
		random := rand.New(rand.NewPCG(52, 0))
		step := 1
		if !soaking() {
			step = length / 14
		}
		for at := random.IntN(step); at < length-1; at += step {
			request := []string{"list", "read"}[at%2]
			t.Run(fmt.Sprintf("%s %d", request, at), func(t *testing.T) {
				onBench(t, size, p, func(t *testing.T, b *bench) {
					ran(t)
					b.fault(simulator.Fault{Kind: "cut", Bytes: at, Request: request, After: at % 4, Times: 1})
					b.well()
					b.met()
					b.verify(entire)
				})
			})
		}
	})
}

// TestNobodyThere (F4): nobody answers, or a hotel's page does. The copy says
// so, keeps what it has and as of when, and goes on when it is over.
func TestNobodyThere(t *testing.T) {
	for _, c := range []struct {
		name  string
		state string
		kind  error
		cut   func(b *bench)
	}{
		{"captive portal", syncer.Failing, providers.ErrNotAPI, func(b *bench) { b.fault(simulator.Fault{Kind: "html"}) }},
		{"nobody listens", syncer.Offline, providers.ErrUnreachable, func(b *bench) { b.fault(simulator.Fault{Kind: "drop"}) }},
		{"nothing comes", syncer.Offline, providers.ErrUnreachable, func(b *bench) { b.fault(simulator.Fault{Kind: "silence"}) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			sides(t, func(t *testing.T, p inbox.ProviderName) {
				onBench(t, tiny(53), p, func(t *testing.T, b *bench) {
					ran(t)
					b.well()
					asOf := b.state().AsOf
					c.cut(b)
					for range 2 { // the second time by a program that was just started
						time.Sleep(time.Minute)
						if err := b.once(); !errors.Is(err, c.kind) {
							t.Errorf("%v, not %v", err, c.kind)
						}
						if s := b.state(); s.State != c.state || !s.AsOf.Equal(asOf) || s.Error == "" {
							t.Errorf("it says %s as of %v (%q)", s.State, s.AsOf, s.Error)
						}
						b.verify(entire)
					}
					b.Quiet()
					time.Sleep(time.Minute)
					b.well()
					if s := b.state(); s.State != syncer.UpToDate || !s.AsOf.After(asOf) || s.Error != "" {
						t.Errorf("once it is over it says %s as of %v (%q)", s.State, s.AsOf, s.Error)
					}
				})
			})
		})
	}
}
