package syncer_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"bandeja/internal/inbox"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/syncer"
)

// TestSweepExplainsItself: a sweep after which the copy holds other
// conversations than the list says so in the log, by counts and digests alone;
// one that agrees says nothing.
func TestSweepExplainsItself(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		var log bytes.Buffer
		k := newCopier(t, openOffice(t, simulator.Options{Seed: 93, Conversations: 30, Messages: 60}), p, func(o *syncer.Options) {
			o.Log = slog.New(slog.NewTextHandler(&log, nil))
		})
		k.once()
		k.full()
		const differs = "the copy holds other conversations than the list"
		if strings.Contains(log.String(), differs) {
			t.Errorf("nothing has changed:\n%s", &log)
		}
		id := idOf(t, k.conversations(p)[11])
		k.must(k.Delete(string(p), id))
		log.Reset()
		k.full()
		if !strings.Contains(log.String(), differs) || !strings.Contains(log.String(), "here=30/") || !strings.Contains(log.String(), "listed=29/") || !strings.Contains(log.String(), "listed_before=30/") {
			t.Errorf("one is gone:\n%s", &log)
		}
		for _, raw := range k.conversations(p) {
			if strings.Contains(log.String(), idOf(t, raw)) {
				t.Errorf("an id is in the log:\n%s", &log)
			}
		}
		if strings.Contains(log.String(), id) {
			t.Errorf("an id is in the log:\n%s", &log)
		}
	})
}
