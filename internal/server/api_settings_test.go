package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestRecentSearches: the latest searches are kept in local.db, whole or not at
// all, and are no part of the state.
func TestRecentSearches(t *testing.T) {
	d := copied(t)
	kept := func() []string {
		t.Helper()
		var s struct {
			Language, Theme string
			Recent          []string `json:"recent_searches"`
		}
		d.get(t, "/api/settings", &s)
		if s.Language != "en" || s.Theme != "system" || s.Recent == nil {
			t.Errorf("settings: %+v", s)
		}
		return s.Recent
	}
	save := func(recent any) answer {
		t.Helper()
		return d.ask(t, "PATCH", "/api/settings", map[string]any{"recent_searches": recent})
	}
	if got := kept(); len(got) != 0 {
		t.Errorf("at first: %q", got)
	}
	numbered := func(n int) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprint("búsqueda ", i))
		}
		return out
	}
	longest := strings.Repeat("ñ", 200)
	for _, want := range [][]string{{"juan", "estado:abierta"}, numbered(10), {longest}, {}, {"15 5983-4410", `"mi pedido"`}} {
		if a := save(want); a.status != 204 {
			t.Fatalf("%q: %d %s", want, a.status, a.body)
		}
		if got := kept(); !slices.Equal(got, want) {
			t.Errorf("kept %q, want %q", got, want)
		}
	}
	want := kept()
	for _, bad := range []any{numbered(11), []string{longest + "ñ"}, []string{""}, []string{"juan", " "}, []string{"juan", "ana", "juan"}, "juan", []int{1}} {
		if a := save(bad); a.status != 400 || strings.Contains(string(a.body), "juan") {
			t.Errorf("%v: %d %s", bad, a.status, a.body)
		}
	}
	d.ask(t, "PATCH", "/api/settings", map[string]any{"recent_searches": []string{"ana"}, "theme": "pink"}) // refused as a whole
	if got := kept(); !slices.Equal(got, want) {
		t.Errorf("after what was refused %q, want %q", got, want)
	}
	if a := d.ask(t, "GET", "/api/state", nil); strings.Contains(string(a.body), "5983") {
		t.Error("the state tells what was searched")
	}
}
