package shape_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"bandeja/internal/phone"
)

// TestPlaticaByNumber: whichever way a customer's number is written, here or at
// the platform, all their sessions are found, and no one else's.
func TestPlaticaByNumber(t *testing.T) {
	h := newHub(t, hubOptions{conversations: 160, messages: 400, seed: 31})
	a := h.token(t, "reader", both)
	byKey, lines := map[string][]string{}, map[string]string{}
	for _, s := range read[session](t, h.office.PlaticaConversations()) {
		n := phone.Parse(s.PhoneNumber, phone.Context{Region: "MX"})
		if n.Kind != phone.Phone {
			continue
		}
		byKey[n.Key] = append(byKey[n.Key], s.ID)
		if national, ok := strings.CutPrefix(n.E164, "+52"); ok {
			lines[n.Key] = national[len(national)-10:]
		}
	}
	several := 0
	for key, line := range lines {
		if len(byKey[key]) > 1 {
			several++
		} else if several > 4 {
			continue
		}
		slices.Sort(byKey[key])
		for _, form := range []string{line, "52" + line, "521" + line, "+52" + line, "+521" + line, "+52 1 " + line, "0052" + line, "01" + line, "044" + line, "045" + line, line[:2] + " " + line[2:6] + "-" + line[6:], "+52 (" + line[:3] + ") " + line[3:]} {
			var page sessionPage
			a.get(t, "/platica/v1/conversations/"+url.PathEscape(form), &page)
			var got []string
			for _, w := range page.Workspaces {
				for _, raw := range w.Conversations {
					got = append(got, read[session](t, []json.RawMessage{raw})[0].ID)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, byKey[key]) {
				t.Errorf("%s: %v, want %v", form, got, byKey[key])
			}
		}
	}
	if several == 0 {
		t.Error("no customer of this office has several sessions")
	}
}
