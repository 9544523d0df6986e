package search

import (
	"fmt"
	"os"
	"slices"
	"testing"
)

// BenchmarkPeopleBesidePeers asks for people what is in the box after a
// keystroke, and others after it the same of the same lines, with
// BENCH_PEERS=1: sahilm/fuzzy alone, an FTS5 trigram table, and fzf --filter,
// of which its start is a part. How well each finds is BenchmarkRecall's.
func BenchmarkPeopleBesidePeers(b *testing.B) {
	if os.Getenv("BENCH_PEERS") == "" {
		b.Skip("BENCH_PEERS is not set")
	}
	for _, size := range crowdSizes(b) {
		members, p := crowd(size, 9)
		for _, peer := range newRivals(b, members).all() {
			for _, class := range []string{"beginning", "two_words", "typo", "part_of_number"} {
				k := keystrokes[slices.IndexFunc(keystrokes, func(k keystroke) bool { return k.name == class })]
				b.Run(fmt.Sprintf("%d/%s/%s", size, peer.name, class), func(b *testing.B) {
					a := newAsker(members, p, 5)
					queries := make([]string, 20)
					for n := range queries {
						queries[n] = k.ask(a)
					}
					var own, theirs float64
					for b.Loop() {
						own = median(b, 10*len(queries), func(n int) { p.Find(queries[n%len(queries)], buenosAires, 20) })
						theirs = median(b, len(queries), func(n int) { peer.answer(queries[n]) })
					}
					b.ReportMetric(own, "own-ms")
					b.ReportMetric(theirs, "peer-ms")
					b.ReportMetric(theirs/own, "ratio")
				})
			}
		}
	}
}
