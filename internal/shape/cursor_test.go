package shape_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"testing"

	"bandeja/internal/inbox"
)

// TestCursorsWhileRowsMove: between two pages customers write, statuses change,
// the program starts again: of what stood still nothing is passed over, and
// nothing comes twice.
func TestCursorsWhileRowsMove(t *testing.T) {
	office := newHub(t, hubOptions{conversations: 120, messages: 300, seed: 21})
	for seed := range uint64(4) {
		dice := rand.New(rand.NewPCG(21, seed))
		dir := t.TempDir()
		h := &hub{office: office.office, base: office.base, in: openProfile(t, dir)}
		h.add(t, inbox.Waspy, "ventas", h.base+"/waspy/api/v2", h.office.WaspyKey())
		h.add(t, inbox.Platica, "soporte", h.base+"/platica/v1", h.office.PlaticaKey())
		h.serve(t, "", false)
		h.sync(t)
		a := h.token(t, "reader", both)
		before := read[chat](t, h.office.WaspyConversations())
		moved, seen := map[string]bool{}, map[string]int{}
		q := url.Values{"limit": {fmt.Sprint(1 + dice.IntN(12))}}
		for {
			var page chatPage
			a.get(t, "/waspy/api/v2/conversations?"+q.Encode(), &page)
			for _, c := range read[chat](t, page.Data) {
				seen[c.ID]++
			}
			if !page.Meta.HasMore {
				break
			}
			q.Set("cursor", *page.Meta.Cursor)
			for range dice.IntN(3) {
				c := before[dice.IntN(len(before))]
				if err := h.office.Post("waspy", c.ID, "¿hola?"); err != nil {
					t.Fatal(err)
				}
				moved[c.ID] = true
				if err := h.office.SetStatus("waspy", before[dice.IntN(len(before))].ID, "pending"); err != nil {
					t.Fatal(err)
				}
			}
			h.sync(t)
			if dice.IntN(4) == 0 {
				if err := h.in.Close(); err != nil {
					t.Fatal(err)
				}
				h.in = openProfile(t, dir)
				h.serve(t, "", false)
			}
		}
		for _, c := range before {
			if n := seen[c.ID]; n != 1 && !moved[c.ID] || n > 2 {
				t.Errorf("seed %d: %s came %d times", seed, c.ID, n)
			}
		}
		if len(moved) == 0 {
			t.Errorf("seed %d: nothing moved", seed)
		}
	}
}
