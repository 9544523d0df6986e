package cache

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"bandeja/internal/inbox"
)

// BenchmarkNarrowedList is the first page of a list that a filter narrows, at
// 100 000 conversations, and at BENCH_SCALE=10 at a million: in memory, and in
// the file.
func BenchmarkNarrowedList(b *testing.B) {
	c := newCache(b)
	n := scaled(100_000)
	random := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < n; i += 1000 {
		var items []inbox.Conversation
		for k := i; k < i+1000; k++ {
			v := benchChat(k)
			v.LastMessageAt = noon.Add(-time.Duration(random.IntN(365*24*3600)) * time.Second)
			v.ActiveAt = v.LastMessageAt
			v.Window.Until = v.LastMessageAt.Add(24 * time.Hour)
			v.Channel = fmt.Sprint("line-", random.IntN(20))
			if k%1000 == 0 {
				v.Tags = []string{"rare"}
			} else if k%4 == 0 {
				v.Tags = []string{"common", fmt.Sprint("tag-", random.IntN(50))}
			}
			items = append(items, v)
		}
		a := waspyAccount
		if i/1000%2 == 1 {
			a = platicaAccount
		}
		list(b, c, a, items...)
	}
	filters := []struct {
		name   string
		narrow Narrow
	}{
		{"status", Narrow{Facets: Facets{Statuses: []inbox.Status{inbox.Closed}}}},
		{"assignee", Narrow{Facets: Facets{Assignees: []string{"ag-7"}}}},
		{"rare_tag", Narrow{Facets: Facets{Tags: []string{"rare"}}}},
		{"common_tag", Narrow{Facets: Facets{Tags: []string{"common"}}}},
		{"channel", Narrow{Facets: Facets{Channels: []ChannelRef{{"ventas", "line-3"}}}}},
		{"expires", Narrow{Facets: Facets{Within: 2 * time.Hour}}},
		{"before", Narrow{Before: noon.Add(-300 * 24 * time.Hour)}},
		{"not_tag_and_status", Narrow{Facets: Facets{Statuses: []inbox.Status{inbox.Open, inbox.Pending}}, Not: Facets{Tags: []string{"common"}}}},
		{"tag_and_assignee", Narrow{Facets: Facets{Tags: []string{"tag-7"}, Assignees: []string{"ag-8"}}}},
		{"nobody", Narrow{Facets: Facets{Tags: []string{"rare"}, Assignees: []string{"ag-1"}, Statuses: []inbox.Status{inbox.Spam}}}},
	}
	for _, where := range []string{"file", "memory"} {
		if where == "memory" {
			began := time.Now()
			if err := c.LoadFacts(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.Logf("%d threads loaded in %v", n, time.Since(began).Round(time.Millisecond))
		}
		for _, sort := range []Sort{LongestWaiting, EndingSoonest} {
			b.Run(where+"/sort/"+string(sort), func(b *testing.B) {
				timed(b, func() {
					if _, _, err := c.Threads(b.Context(), ThreadFilter{View: Inbox, Now: noon, Sort: sort}, "", 50); err != nil {
						b.Fatal(err)
					}
				})
			})
		}
		for _, f := range filters {
			f.narrow.Now = noon
			b.Run(where+"/"+f.name, func(b *testing.B) {
				timed(b, func() {
					if _, _, err := c.Threads(b.Context(), ThreadFilter{View: All, Now: noon, Narrow: f.narrow}, "", 50); err != nil {
						b.Fatal(err)
					}
				})
			})
			b.Run(where+"/count/"+f.name, func(b *testing.B) {
				timed(b, func() {
					if _, err := c.CountThreads(b.Context(), ThreadFilter{View: All, Now: noon, Narrow: f.narrow}, 1001); err != nil {
						b.Fatal(err)
					}
				})
			})
		}
	}
}
