package search

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/query"
)

// named is an office in which people and channels have names.
func namedOffice(t *testing.T) *Engine {
	e := newEngine(t)
	local, err := cache.OpenLocal(t.Context(), filepath.Join(t.TempDir(), "local.db"), cache.ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { local.Close() })
	e.Local = local
	for _, a := range []inbox.Account{waspyAccount, platicaAccount} {
		a.Zone = map[string]string{"ventas": "America/Argentina/Buenos_Aires", "soporte": "America/Tijuana"}[a.Name]
		if err := local.SaveAccount(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	assigned := chat("1", "Ana", "+5491159834410", minutes(1))
	assigned.Assignees, assigned.Tags = []string{"b0f1"}, []string{"Ñandú VIP"}
	mail := platicaRow("2", "Beto", "5215512345678")
	mail.Assignees = []string{"laura.gomez@example.com"}
	save(t, e, waspyAccount, assigned)
	save(t, e, platicaAccount, mail)
	name, me := "Ana María López", true
	if err := local.NameAgent(t.Context(), "ventas", "b0f1", &name, &me); err != nil {
		t.Fatal(err)
	}
	return e
}

// TestResolveNames: what people call a thing, and what it is.
func TestResolveNames(t *testing.T) {
	e := namedOffice(t)
	ana, laura := []string{"b0f1"}, []string{"laura.gomez@example.com"}
	for _, tt := range []struct {
		text    string
		want    cache.Facets
		suggest string // of the one problem, "-" for none
	}{
		{"de:ana", cache.Facets{Assignees: ana}, "-"},
		{`de:"ana maria lopez"`, cache.Facets{Assignees: ana}, "-"},
		{"assignee:lop", cache.Facets{Assignees: ana}, "-"},
		{"de:yo", cache.Facets{Assignees: ana}, "-"},
		{"is:mine", cache.Facets{Assignees: ana}, "-"},
		{"de:laura", cache.Facets{Assignees: laura}, "-"},
		{"de:laura.gomez@example.com", cache.Facets{Assignees: laura}, "-"},
		{"de:ana de:laura", cache.Facets{Assignees: slices.Concat(ana, laura)}, "-"},
		{"de:pedro", cache.Facets{Nothing: true}, ""},
		{"cuenta:VENTAS", cache.Facets{Accounts: []string{"ventas"}}, "-"},
		{"cuenta:sop", cache.Facets{Accounts: []string{"soporte"}}, "-"},
		{"cuenta:vetnas", cache.Facets{}, "cuenta:ventas"},
		{"canal:line-1", cache.Facets{Channels: []cache.ChannelRef{{Account: "soporte", ID: "line-1"}, {Account: "ventas", ID: "line-1"}}}, "-"},
		{"canal:norte", cache.Facets{}, ""},
		{`etiqueta:"nandu vip"`, cache.Facets{Tags: []string{"Ñandú VIP"}}, "-"},
		{"etiqueta:nandu", cache.Facets{Nothing: true}, `etiqueta:"Ñandú VIP"`},
		{"tel:99999", cache.Facets{Nothing: true}, "-"},
	} {
		q, err := e.Read(t.Context(), tt.text, noon)
		if err != nil {
			t.Fatal(err)
		}
		n, err := e.Resolve(t.Context(), &q, buenosAires, noon)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := asJSON(t, n.Facets), asJSON(t, tt.want); got != want {
			t.Errorf("%s: %s, want %s", tt.text, got, want)
		}
		got := "-"
		if len(q.Problems) == 1 {
			p := q.Problems[0]
			if got = ""; len(p.Suggest) > 0 {
				got = p.Suggest[0].Render(query.Spanish)
			}
			if p.Code != query.UnknownValue || p.Start != 0 || p.End == 0 {
				t.Errorf("%s: %+v", tt.text, p)
			}
		}
		if got != tt.suggest || len(q.Problems) > 1 {
			t.Errorf("%s: suggests %q, want %q", tt.text, got, tt.suggest)
		}
	}
	q, err := e.Read(t.Context(), "-de:pedro -cuenta:nobody ana", noon)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := e.Resolve(t.Context(), &q, buenosAires, noon); err != nil || !n.Empty() {
		t.Errorf("without somebody who is not there: %+v, %v", n, err)
	}
}

// TestDaysOfAnAccount: a day begins where the account is that is asked for.
func TestDaysOfAnAccount(t *testing.T) {
	e := namedOffice(t)
	for text, want := range map[string]string{
		"desde:2026-03-02":                "2026-03-02T08:00:00Z", // of soporte, the first by name
		"desde:2026-03-02 cuenta:ventas":  "2026-03-02T03:00:00Z",
		"desde:2026-03-02 cuenta:soporte": "2026-03-02T08:00:00Z",
	} {
		q, err := e.Read(t.Context(), text, noon)
		if err != nil || q.Filter.After.UTC().Format(time.RFC3339) != want {
			t.Errorf("%s: %v, %v", text, q.Filter.After.UTC(), err)
		}
	}
}

// TestFiltersMeetWords: people and messages of what filters leave, with and
// without the facts in memory.
func TestFiltersMeetWords(t *testing.T) {
	e := namedOffice(t)
	say(t, e, waspyAccount, "1", "un pedido de ana", "otro pedido")
	sayFrom(t, e, platicaAccount, "2", 5, "pedido de beto")
	for round := range 2 {
		for text, want := range map[string]string{
			"pedido":                    ": pedido de beto, otro pedido, un pedido de ana",
			"pedido de:ana":             ": otro pedido, un pedido de ana",
			"pedido -de:ana":            ": pedido de beto",
			"pedido -otro de:yo":        ": un pedido de ana",
			`"de beto" estado:abierta`:  "Beto: pedido de beto",
			"pedido de:pedro":           ":",
			"beto cuenta:soporte":       "Beto: pedido de beto",
			"beto cuenta:ventas":        ":",
			"ana -beto":                 "Ana: un pedido de ana",
			"de:laura":                  "Beto:",
			"dirección:entrante de:ana": "Ana: otro pedido, un pedido de ana",
			"tel:5983 pedido":           ": otro pedido, un pedido de ana",
			"etiqueta:nada":             ":",
			"antes:2026-03-01 pedido":   ":",
			"desde:2026-03-02 beto":     "Beto: pedido de beto",
		} {
			r, err := e.Search(t.Context(), Ask{Query: text, Where: buenosAires, Limit: 10, Now: noon})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, p := range r.People {
				got += p.Name
			}
			got += ":"
			for i, m := range r.Messages {
				if i > 0 {
					got += ","
				}
				got += " " + m.Text
			}
			if got != want {
				t.Errorf("round %d: %s finds %q, want %q", round, text, got, want)
			}
		}
		if err := e.Cache.LoadFacts(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
