package waspy_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"bandeja/internal/providers"
	"bandeja/internal/providers/providertest"
	"bandeja/internal/providers/rest"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/providers/waspy"
)

// TestOffice holds the client to the contract, against the simulated office.
func TestOffice(t *testing.T) {
	providertest.Run(t, func(t *testing.T) providertest.Env {
		office := simulator.New(simulator.Options{
			Seed: 7, Conversations: 230, Messages: 4000, NoRateLimit: true,
			Now: time.Date(2026, 4, 13, 14, 32, 0, 0, time.UTC),
		})
		server := httptest.NewServer(office.Handler())
		t.Cleanup(server.Close)
		return providertest.Env{
			Options: rest.Options{
				BaseURL: server.URL + simulator.WaspyPath, Key: rest.NewSecret(office.WaspyKey()), Rate: 1e6, Burst: 1000,
			},
			New:               func(o rest.Options) (providers.Provider, error) { return waspy.New(o) },
			HeldConversations: office.WaspyConversations,
			HeldMessages:      office.WaspyMessages,
			Phones:            phones(t, office),
			Agents:            func(string) []string { return office.WaspyAgents() },
			Words:             words(t, office),
		}
	})
}

type row struct {
	ID      string
	Contact struct{ PhoneNumber, Name string }
}

func rows(t *testing.T, office *simulator.Office) (out []row) {
	t.Helper()
	for _, raw := range office.WaspyConversations() {
		var r row
		if err := json.Unmarshal(raw, &r); err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

// phones asks for Argentine numbers that one conversation has, in the forms
// that waspy.md §7 has from the seed.
func phones(t *testing.T, office *simulator.Office) (out []providertest.Phone) {
	t.Helper()
	count := map[string]int{}
	all := rows(t, office)
	local := func(r row) string {
		phone := strings.TrimPrefix(r.Contact.PhoneNumber, "+54")
		return strings.TrimPrefix(phone, "9")
	}
	for _, r := range all {
		count[local(r)]++
	}
	for _, r := range all {
		number := local(r)
		if !strings.HasPrefix(r.Contact.PhoneNumber, "+549") || count[number] != 1 {
			continue
		}
		for _, form := range []string{"549" + number, "54" + number, "+549" + number, "+54" + number} {
			out = append(out, providertest.Phone{Written: form, Conversations: []string{r.ID}})
		}
		if len(out) >= 12 {
			break
		}
	}
	return append(out, providertest.Phone{Written: "5491100000001"})
}

// words asks for a name, and expects whatever conversations are called so.
func words(t *testing.T, office *simulator.Office) (w providertest.Words) {
	t.Helper()
	all := rows(t, office)
	for _, r := range all {
		if r.Contact.Name != "" {
			w.Text = r.Contact.Name
		}
	}
	for _, r := range all {
		if strings.Contains(strings.ToLower(r.Contact.Name), strings.ToLower(w.Text)) {
			w.Conversations = append(w.Conversations, r.ID)
		}
	}
	return w
}
