package query

import (
	"os"
	"strings"
	"testing"
	"time"
)

// What the documentation shows must be understood as it stands there.
func TestExamplesOfTheDocs(t *testing.T) {
	english, err := os.ReadFile("../../docs/en/searching.md")
	if err != nil {
		t.Fatal(err)
	}
	spanish, err := os.ReadFile("../../docs/es/searching.md")
	if err != nil {
		t.Fatal(err)
	}
	page := append(english, spanish...)
	n := 0
	for i, block := range strings.Split(string(page), "```") {
		if i%2 == 0 || !strings.HasPrefix(block, "query\n") {
			continue
		}
		for line := range strings.Lines(strings.TrimPrefix(block, "query\n")) {
			n++
			if q := Parse(strings.TrimSpace(line), time.Date(2026, 4, 2, 12, 0, 0, 0, time.UTC), time.UTC); len(q.Problems) > 0 || len(q.Parts) == 0 {
				t.Errorf("%q: %+v", strings.TrimSpace(line), q)
			}
		}
	}
	if n < 30 {
		t.Errorf("%d examples found", n)
	}
}
