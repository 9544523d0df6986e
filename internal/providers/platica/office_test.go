package platica_test

import (
	"encoding/json"
	"net/http/httptest"
	"testing"
	"time"

	"bandeja/internal/providers"
	"bandeja/internal/providers/platica"
	"bandeja/internal/providers/providertest"
	"bandeja/internal/providers/rest"
	"bandeja/internal/providers/simulator"
)

// TestOffice holds the client to the contract, against the simulated office.
func TestOffice(t *testing.T) {
	providertest.Run(t, func(t *testing.T) providertest.Env {
		office := simulator.New(simulator.Options{
			Seed: 7, Conversations: 330, Messages: 3000, NoRateLimit: true,
			Now: time.Date(2026, 4, 13, 14, 32, 0, 0, time.UTC),
		})
		server := httptest.NewServer(office.Handler())
		t.Cleanup(server.Close)
		return providertest.Env{
			Options: rest.Options{
				BaseURL: server.URL + simulator.PlaticaPath, Key: rest.NewSecret(office.PlaticaKey()), Rate: 1e6, Burst: 1000,
			},
			New:               func(o rest.Options) (providers.Provider, error) { return platica.New(o) },
			HeldConversations: office.PlaticaConversations,
			HeldMessages:      office.PlaticaMessages,
			Phones:            phones(t, office),
			Agents:            func(id string) []string { return office.PlaticaUsers(find(t, office, id).WorkspaceID) },
		}
	})
}

type row struct{ ID, WorkspaceID, PhoneNumber string }

func rows(t *testing.T, office *simulator.Office) (out []row) {
	t.Helper()
	for _, raw := range office.PlaticaConversations() {
		var r row
		if err := json.Unmarshal(raw, &r); err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

func find(t *testing.T, office *simulator.Office, id string) row {
	t.Helper()
	for _, r := range rows(t, office) {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("no conversation %q", id)
	return row{}
}

// phones asks for numbers as they are stored: every session must come.
func phones(t *testing.T, office *simulator.Office) (out []providertest.Phone) {
	t.Helper()
	sessions := map[string][]string{}
	var order []string
	for _, r := range rows(t, office) {
		if r.PhoneNumber != "" {
			order = append(order, r.PhoneNumber)
			sessions[r.PhoneNumber] = append(sessions[r.PhoneNumber], r.ID)
		}
	}
	for _, number := range order[:10] {
		out = append(out, providertest.Phone{Written: number, Conversations: sessions[number]})
	}
	return append(out, providertest.Phone{Written: "5215500000001"}, providertest.Phone{Written: "+52 1 55 0000 0001"})
}
