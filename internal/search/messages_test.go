package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bandeja/internal/cache"
)

// texts are the messages a query finds, newest first.
func texts(t *testing.T, e *Engine, query string, limit int) []string {
	t.Helper()
	r, err := e.Search(t.Context(), Ask{Query: query, Where: buenosAires, Limit: limit})
	if err != nil {
		t.Fatalf("%q: %v", query, err)
	}
	out := []string{}
	for _, m := range r.Messages {
		out = append(out, m.Text)
	}
	return out
}

func index(t testing.TB, e *Engine) {
	t.Helper()
	for {
		left, err := e.Cache.IndexQueued(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			return
		}
	}
}

// The queue and the index find the same: what a search finds does not depend
// on when it is asked.
func TestMessagesByWords(t *testing.T) {
	e := newEngine(t)
	save(t, e, waspyAccount, chat("1", "Ana", "", noon))
	say(t, e, waspyAccount, "1", "Quiero GIRASOLES amarillos", "dos girasoles, por favor", "José Muñoz pidió jazmines", "casa Nº 5 bis", "el ﬁn ½",
		`dijo "AND" y NEAR(2) *`, "factura-2026.pdf\nadjunta", "a\x00b cero", "🎉 fiesta 🎉", "", "ver www.example.com/rosas?x=1", "MUN\u0303OZ otra vez", "ok", "okey ga")
	for _, when := range []string{"queued", "indexed"} {
		for _, tt := range []struct {
			query string
			want  []int
		}{
			{"girasoles", []int{1, 0}},
			{"gir", []int{1, 0}},
			{"gi", nil},
			{"girasoles amar", []int{0}},
			{"amarillos quiero", []int{0}},
			{"quie girasoles", nil}, // only the last may be unfinished
			{"munoz", []int{11, 2}},
			{"MUÑOZ", []int{11, 2}},
			{"jose jazm", []int{2}},
			{"nº", []int{3}},
			{"nº 5", []int{3}},
			{"and", []int{5}},
			{`"and"`, []int{5}},
			{"AND", []int{5}},
			{"NEAR(", []int{5}},
			{"NEAR(2)", []int{5}},
			{"*", nil},
			{`"`, nil},
			{"\x00", nil},
			{"cero\x00", []int{7}},
			{"factura", []int{6}},
			{"2026 adjunta", []int{6}},
			{"fiesta 🎉", []int{8}},
			{"🎉", nil},
			{"rosas example", []int{10}},
			{"text:girasoles", nil},
			{"-girasoles", nil}, // nothing to look for
			{"girasoles -amarillos", []int{1}},
			{"girasoles OR jazmines", nil},
			{"ok", []int{12}},
			{"oke", []int{13}},
			{"ﬁn", []int{4}},
			{"½", []int{4}},
		} {
			got := texts(t, e, tt.query, 20)
			if len(got) != len(tt.want) {
				t.Errorf("%s: %q finds %q, want %v", when, tt.query, got, tt.want)
				continue
			}
			r, err := e.Search(t.Context(), Ask{Query: tt.query, Where: buenosAires, Limit: 20})
			if err != nil {
				t.Fatal(err)
			}
			for i, m := range r.Messages {
				if m.Message != fmt.Sprint("m", tt.want[i]) || len(m.Ranges) == 0 {
					t.Errorf("%s: %q finds at %d %+v", when, tt.query, i, m)
				}
			}
		}
		index(t, e)
	}
}

func TestMarks(t *testing.T) {
	for _, tt := range []struct {
		query, text string
		want        []string // what is marked
	}{
		{"jose", "José y Jose\u0301, JOSE", []string{"José", "Jose\u0301", "JOSE"}},
		{"munoz", "Muñoz / Mun\u0303oz", []string{"Muñoz", "Mun\u0303oz"}},
		{"muñ", "Muñoz", []string{"Muñ"}},
		{"ana", "👩🏽‍🦰 Ana 🎉 ana", []string{"Ana", "ana"}},
		{"ﬁna", "el ﬁnal", []string{"ﬁna"}},
		{"gar", "García", []string{"Gar"}},
		{"ga", "García ga", []string{"ga"}},
		{"ga", "García", nil},
		{"ana", "an\u0301a\u0301", []string{"an\u0301a\u0301"}},
		{"anab", "\u0301an\u0301a\u0301b\u0301el", []string{"an\u0301a\u0301b\u0301"}},
		{"ana maria", "María habla con Ana", []string{"María", "Ana"}},
		{"ana ana", "Ana", []string{"Ana"}},
		{"ana", "banana", nil},
		{"nº 5", "casa Nº 5", []string{"Nº", "5"}},
		{"hola mundo", "hola", []string{"hola"}},
		{"an anabel", "an anabel", []string{"an", "anabel"}},
	} {
		var got []string
		for _, r := range newMarker([]cache.Word{{Text: tt.query, Prefix: true}}).ranges(tt.text) {
			got = append(got, utf16Slice(tt.text, r))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q in %q marks %q, want %q", tt.query, tt.text, got, tt.want)
		}
	}
}

func TestMessagesAreLimited(t *testing.T) {
	e := newEngine(t)
	save(t, e, waspyAccount, chat("1", "Ana", "", noon), chat("2", "Ana", "", noon))
	var many []string
	for i := range 50 {
		many = append(many, fmt.Sprint("girasoles ", i))
	}
	say(t, e, waspyAccount, "1", many...)
	for _, when := range []string{"queued", "half queued", "indexed"} {
		for _, limit := range []int{0, 1, 20, 50, 100} {
			got := texts(t, e, "girasoles", limit)
			newest := slices.Clone(many)
			slices.Reverse(newest)
			if when != "queued" {
				newest = slices.Insert(newest, 50, "girasoles tarde")
			}
			if !slices.Equal(got, newest[:min(limit, len(newest))]) {
				t.Errorf("%s, %d: %q", when, limit, got)
			}
		}
		index(t, e)
		if when == "queued" {
			sayFrom(t, e, waspyAccount, "2", -1, "girasoles tarde")
		}
	}
}

func TestSearchIsInterrupted(t *testing.T) {
	e := newEngine(t)
	save(t, e, waspyAccount, chat("1", "Ana", "", noon))
	say(t, e, waspyAccount, "1", "hola")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Search(ctx, Ask{Query: "hola", Where: buenosAires, Limit: 5}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// The shape of DESIGN §6.1: names, and arrays where arrays are meant.
func TestResultShape(t *testing.T) {
	e := newEngine(t)
	empty, err := e.Search(t.Context(), Ask{Query: "nada", Where: buenosAires, Limit: 5})
	if err != nil {
		t.Fatal(err)
	}
	empty.TookMS = 0
	if got := asJSON(t, empty); got != `{"query":"nada","people":[],"messages":[],"coverage":{"conversations":0,"complete":0,"partial":0,"as_of":null},"took_ms":0}` {
		t.Errorf("empty: %s", got)
	}
	row := chat("1", "Ana Girasol", "+5491159834410", minutes(3))
	save(t, e, waspyAccount, row, chat("2", "", "", noon))
	say(t, e, waspyAccount, "1", "", "un girasol 🌻")
	if err := e.Cache.SaveState(t.Context(), waspyAccount.Name, "up_to_date", minutes(9), "", ""); err != nil {
		t.Fatal(err)
	}
	if err := e.Cache.SaveState(t.Context(), platicaAccount.Name, "up_to_date", minutes(8), "", ""); err != nil {
		t.Fatal(err)
	}
	r, err := e.Search(t.Context(), Ask{Query: "girasol", Where: buenosAires, Limit: 5})
	if err != nil || len(r.People) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	ref, err := e.Cache.ThreadOf(t.Context(), waspyAccount.Name, "1")
	if err != nil {
		t.Fatal(err)
	}
	person, score := r.People[0].Person, r.People[0].Score
	r.TookMS = 0
	want := `{"query":"girasol","people":[{"person":"` + person + `","name":"Ana Girasol","names":["Ana Girasol"],"phones":["+5491159834410"],` +
		`"threads":[{"account":"ventas","provider":"waspy","thread":"` + ref + `","conversation":"1","status":"open","last_message_at":"2026-03-02T12:03:00.000Z"}],` +
		`"match":{"field":"name","text":"Ana Girasol","exact":true,"ranges":[[4,11]]},"reason":"exact","score":` + fmt.Sprint(score) + `}],` +
		`"messages":[{"account":"ventas","provider":"waspy","thread":"` + ref + `","conversation":"1","message":"m1","at":"2026-03-02T12:01:00.000Z","direction":"in","text":"un girasol 🌻","ranges":[[3,10]]}],` +
		`"coverage":{"conversations":2,"complete":0,"partial":2,"as_of":"2026-03-02T12:08:00.000Z"},"took_ms":0}`
	if got := asJSON(t, r); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, query := range []string{"5983", "zz", "ag", "nada", "1"} { // whatever is found, no array is null
		r, err := e.Search(t.Context(), Ask{Query: query, Where: buenosAires, Limit: 5})
		if err != nil {
			t.Fatal(err)
		}
		if got := asJSON(t, r); strings.Contains(strings.ReplaceAll(strings.ReplaceAll(got, `"last_message_at":null`, ""), `"at":null`, ""), "null") {
			t.Errorf("%q: %s", query, got)
		}
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
