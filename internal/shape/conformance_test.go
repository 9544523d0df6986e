package shape_test

import (
	"encoding/json"
	"strings"
	"testing"

	"bandeja/internal/providers"
	"bandeja/internal/providers/platica"
	"bandeja/internal/providers/providertest"
	"bandeja/internal/providers/rest"
	"bandeja/internal/providers/waspy"
)

// TestConformance holds our own clients to their contract against our own
// server: what they cannot tell from the platform, no script can.
func TestConformance(t *testing.T) {
	h := newHub(t, hubOptions{conversations: 230, messages: 4000, seed: 7})
	key := rest.NewSecret(h.token(t, "client", both).token)
	t.Run("Waspy", func(t *testing.T) {
		providertest.Run(t, func(t *testing.T) providertest.Env {
			return providertest.Env{
				Options:           rest.Options{BaseURL: h.origin + "/waspy/api/v2", Key: key, Rate: 1e6, Burst: 1000},
				New:               func(o rest.Options) (providers.Provider, error) { return waspy.New(o) },
				HeldConversations: h.office.WaspyConversations,
				HeldMessages:      h.office.WaspyMessages,
				Phones:            waspyPhones(t, h),
				Agents:            func(string) []string { return h.office.WaspyAgents() },
				Words:             waspyWords(t, h),
			}
		})
	})
	t.Run("Platica", func(t *testing.T) {
		providertest.Run(t, func(t *testing.T) providertest.Env {
			return providertest.Env{
				Options:           rest.Options{BaseURL: h.origin + "/platica/v1", Key: key, Rate: 1e6, Burst: 1000},
				New:               func(o rest.Options) (providers.Provider, error) { return platica.New(o) },
				HeldConversations: h.office.PlaticaConversations,
				HeldMessages:      h.office.PlaticaMessages,
				Phones:            platicaPhones(t, h),
				Agents:            func(id string) []string { return h.office.PlaticaUsers(workspaceOf(t, h, id)) },
			}
		})
	})
}

// chat and session are what tests read of the platforms' objects.
type chat struct {
	ID            string
	Status        string
	AssignedTo    *string
	LastMessageAt *string
	Contact       struct{ PhoneNumber, Name string }
}

type session struct {
	ID, ConversationID, WorkspaceID, ChannelID, PhoneNumber, Status string
	Tags, Owners                                                    []string
	CreationDate, LastUpdate                                        string
}

func read[T any](t testing.TB, all []json.RawMessage) (out []T) {
	t.Helper()
	for _, raw := range all {
		var v T
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// waspyPhones asks for Argentine numbers that one conversation has, in every
// form that people write.
func waspyPhones(t *testing.T, h *hub) (out []providertest.Phone) {
	t.Helper()
	count := map[string]int{}
	all := read[chat](t, h.office.WaspyConversations())
	local := func(c chat) string {
		return strings.TrimPrefix(strings.TrimPrefix(c.Contact.PhoneNumber, "+54"), "9")
	}
	for _, c := range all {
		count[local(c)]++
	}
	for _, c := range all {
		number := local(c)
		if !strings.HasPrefix(c.Contact.PhoneNumber, "+549") || count[number] != 1 {
			continue
		}
		forms := []string{"549" + number, "54" + number, "+549" + number, "+54" + number, "00549" + number, "0" + number, number}
		if rest, ok := strings.CutPrefix(number, "11"); ok {
			forms = append(forms, "01115"+rest, "1115"+rest, "+54 11 15 "+rest, "011 15-"+rest[:4]+"-"+rest[4:], "+54 9 (11) "+rest[:4]+"-"+rest[4:])
		}
		for _, form := range forms {
			out = append(out, providertest.Phone{Written: form, Conversations: []string{c.ID}})
		}
		if len(out) >= 60 {
			break
		}
	}
	return append(out, providertest.Phone{Written: "5491100000001"})
}

func waspyWords(t *testing.T, h *hub) (w providertest.Words) {
	t.Helper()
	all := read[chat](t, h.office.WaspyConversations())
	for _, c := range all {
		if c.Contact.Name != "" {
			w.Text = c.Contact.Name
		}
	}
	for _, c := range all {
		if strings.Contains(strings.ToLower(c.Contact.Name), strings.ToLower(w.Text)) {
			w.Conversations = append(w.Conversations, c.ID)
		}
	}
	return w
}

func platicaPhones(t *testing.T, h *hub) (out []providertest.Phone) {
	t.Helper()
	sessions := map[string][]string{}
	var order []string
	for _, s := range read[session](t, h.office.PlaticaConversations()) {
		if s.PhoneNumber != "" {
			order = append(order, s.PhoneNumber)
			sessions[s.PhoneNumber] = append(sessions[s.PhoneNumber], s.ID)
		}
	}
	for _, number := range order[:10] {
		out = append(out, providertest.Phone{Written: number, Conversations: sessions[number]})
	}
	return append(out, providertest.Phone{Written: "5215500000001"}, providertest.Phone{Written: "+52 1 55 0000 0001"})
}

func workspaceOf(t *testing.T, h *hub, id string) string {
	t.Helper()
	for _, s := range read[session](t, h.office.PlaticaConversations()) {
		if s.ID == id {
			return s.WorkspaceID
		}
	}
	t.Fatalf("no session %q", id)
	return ""
}
