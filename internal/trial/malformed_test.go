package trial

import (
	"slices"
	"testing"

	"bandeja/internal/inbox"
	"bandeja/internal/providers/simulator"
)

// lies are the malformed bodies that can be read, and are wrong: nobody can know
// that rows are missing, or say something else, until a full run.
var lies = []string{"null_rows", "object_rows", "null_row", "invalid_utf8"}

// TestMalformed (F12): replies that are not the JSON they should be. No panic,
// no row is damaged, and what is missing comes with the next reading.
func TestMalformed(t *testing.T) {
	for i, body := range simulator.Malformed() {
		requests := []string{[]string{"list", "read"}[i%2]}
		if soaking() {
			requests = []string{"list", "read"}
		}
		for _, request := range requests {
			t.Run(body+" "+request, func(t *testing.T) {
				sides(t, func(t *testing.T, p inbox.ProviderName) {
					onBench(t, simulator.Options{Seed: 81, Conversations: 120, Messages: 140}, p, func(t *testing.T, b *bench) {
						ran(t)
						b.fault(simulator.Fault{Kind: "json", Body: body, Request: request, After: i % 3, Every: 5, Times: 3})
						err := b.once()
						b.met()
						b.Quiet()
						if slices.Contains(lies, body) {
							b.whole()
						} else if err != nil {
							b.verify(part)
							b.well()
						}
						b.verify(entire)
					})
				})
			})
		}
	}
}
