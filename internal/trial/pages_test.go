package trial

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/simulator"
)

// TestPagesThatLie (F7, F8, F15, F20): pages that come twice, for ever, out of
// order, from long ago, far too big, or with a cursor of somebody else. What
// comes of the first run may be an error; a loop is found in a few pages,
// nothing is lost, and the next run ends equal.
func TestPagesThatLie(t *testing.T) {
	for _, c := range []struct {
		fault simulator.Fault
		most  int  // requests of the faulty kind in the first run, whose first try may bring something; 0: as many as it takes
		fails bool // it must say so
		moved bool // messages of one time cannot be put in order again but by a full run
		only  inbox.ProviderName
	}{
		{fault: simulator.Fault{Kind: "same_page", Request: "list"}, most: 30, fails: true},
		{fault: simulator.Fault{Kind: "same_page", Request: "list", Paged: true}, most: 30, fails: true},
		{fault: simulator.Fault{Kind: "same_page", Request: "messages"}, fails: true, only: inbox.Waspy},
		{fault: simulator.Fault{Kind: "has_more", Request: "list", To: []byte("true")}},
		{fault: simulator.Fault{Kind: "has_more", Request: "messages", To: []byte("true")}, only: inbox.Waspy},
		{fault: simulator.Fault{Kind: "empty_page", Request: "list", After: 2}, most: 900},
		{fault: simulator.Fault{Kind: "double_rows", Request: "list"}},
		{fault: simulator.Fault{Kind: "double_rows", Request: "messages"}, only: inbox.Waspy},
		{fault: simulator.Fault{Kind: "shuffle", Request: "list"}},
		{fault: simulator.Fault{Kind: "shuffle", Request: "messages"}, moved: true, only: inbox.Waspy},
		{fault: simulator.Fault{Kind: "other_page", Request: "list", Times: 1}},
		{fault: simulator.Fault{Kind: "other_page", Request: "list", Times: 1, Paged: true}},
		{fault: simulator.Fault{Kind: "foreign_cursor", Request: "list", Times: 2}, only: inbox.Waspy},
		{fault: simulator.Fault{Kind: "foreign_cursor", Request: "messages"}, only: inbox.Waspy},
		{fault: simulator.Fault{Kind: "status", Status: []int{400, 410, 422}, Request: "list", Paged: true, Times: 3}},
		{fault: simulator.Fault{Kind: "status", Status: []int{410}, Request: "list", Paged: true}, most: 500, fails: true},
		{fault: simulator.Fault{Kind: "huge", Request: "list"}},
		{fault: simulator.Fault{Kind: "huge", Request: "list", Bytes: 31 << 20, Times: 1}},
		{fault: simulator.Fault{Kind: "huge", Request: "list", Bytes: 33 << 20}, most: 3, fails: true},
		{fault: simulator.Fault{Kind: "bomb", Request: "list"}, most: 3, fails: true},
	} {
		name := fmt.Sprintf("%s %s paged %v after %d times %d bytes %d", c.fault.Kind, c.fault.Request, c.fault.Paged, c.fault.After, c.fault.Times, c.fault.Bytes)
		t.Run(name, func(t *testing.T) {
			sides(t, func(t *testing.T, p inbox.ProviderName) {
				if c.only != "" && p != c.only {
					t.Skip("the other side has no such page")
				}
				onBench(t, simulator.Options{Seed: 61, Conversations: 230, Messages: 1300}, p, func(t *testing.T, b *bench) {
					ran(t)
					b.fault(c.fault)
					err := b.once()
					if c.fails && !errors.Is(err, providers.ErrFailing) && !errors.Is(err, providers.ErrNotAPI) {
						t.Errorf("it says %v", err)
					}
					if n := b.count(c.fault.Request); c.most > 0 && n > c.most {
						t.Errorf("%d requests, at most %d were due", n, c.most)
					}
					if c.moved {
						b.Quiet()
						b.whole()
					} else if err == nil {
						b.verify(entire) // what says that it is up to date is (SYNC I20)
					} else {
						b.verify(part)
					}
					b.recovers()
				})
			})
		})
	}
}

// TestHugePage (F15): ten thousand rows where a hundred were asked for are
// taken, in bounded memory; so is a reply that unpacks to far more than it is.
func TestHugePage(t *testing.T) {
	for _, p := range platforms { // one after the other: the memory is the process's
		for _, f := range []simulator.Fault{
			{Kind: "huge", Request: "list", Rows: 10_000, Times: 1},
			{Kind: "bomb", Request: "list", Bytes: 256 << 20, Times: 1},
		} {
			t.Run(string(p)+" "+f.Kind, func(t *testing.T) {
				onBench(t, simulator.Options{Seed: 62, Conversations: often(3000, 12_000), Messages: 300}, p, func(t *testing.T, b *bench) {
					ran(t)
					debug.FreeOSMemory()
					var before, after runtime.MemStats
					runtime.ReadMemStats(&before)
					b.fault(f)
					if err := b.once(); (err == nil) != (f.Kind == "huge") {
						t.Errorf("it says %v", err)
					}
					b.met()
					runtime.ReadMemStats(&after)
					if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 300<<20 {
						t.Errorf("memory grew by %d MiB", grown>>20)
					}
					b.Quiet()
					time.Sleep(20 * time.Minute)
					b.well()
					b.verify(entire)
				})
			})
		}
	}
}

// TestTies (F17): many rows of one stamp, across the edges of pages, in lists
// of exactly one page, one less and one more, of one row and of none.
func TestTies(t *testing.T) {
	for _, n := range []int{1, 99, 100, 101, 200, 205, often(300, 700)} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			sides(t, func(t *testing.T, p inbox.ProviderName) {
				onBench(t, simulator.Options{Seed: 63, Conversations: n, Messages: n}, p, func(t *testing.T, b *bench) {
					ran(t)
					rows := len(b.conversations(p))
					if p == inbox.Platica { // a workspace's
						rows = 0
						for _, raw := range b.conversations(p) {
							if objectOf(t, raw).text("workspaceId") == objectOf(t, b.conversations(p)[0]).text("workspaceId") {
								rows++
							}
						}
					}
					if _, err := b.Tie(string(p), 0, rows); err != nil {
						t.Logf("not tied: %v", err)
					}
					b.well()
					b.verify(entire)
					if err := b.Post(string(p), objectOf(t, b.conversations(p)[n-1]).text("id"), "sigo acá"); err != nil {
						t.Fatal(err)
					}
					b.well()
					b.verify(entire)
				})
			})
		})
	}
	t.Run("0", func(t *testing.T) {
		sides(t, func(t *testing.T, p inbox.ProviderName) {
			onBench(t, simulator.Options{Seed: 63, Conversations: 1, Messages: 1}, p, func(t *testing.T, b *bench) {
				ran(t)
				if err := b.Delete(string(p), objectOf(t, b.conversations(p)[0]).text("id")); err != nil {
					t.Fatal(err)
				}
				b.well()
				b.verify(entire)
				if _, err := b.NewCustomer(string(p), "Ada", "5491150001234", "hola"); err != nil {
					t.Fatal(err)
				}
				b.well()
				b.verify(entire)
			})
		})
	})
}
