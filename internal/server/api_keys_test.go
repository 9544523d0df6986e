package server_test

import (
	"reflect"
	"strings"
	"testing"
)

type keySettings struct {
	Keys    map[string]any `json:"keys"`
	Singles bool           `json:"single_keys"`
}

// TestKeys: what a person chose is kept whole or not at all, and told by the
// settings and the state.
func TestKeys(t *testing.T) {
	d := copied(t)
	kept := func() keySettings {
		t.Helper()
		var of, state keySettings
		d.get(t, "/api/settings", &of)
		d.get(t, "/api/state", &state)
		if !reflect.DeepEqual(of, state) {
			t.Errorf("the settings say %v and the state %v", of, state)
		}
		return of
	}
	save := func(keys any) answer {
		t.Helper()
		return d.ask(t, "PATCH", "/api/settings", map[string]any{"keys": keys})
	}
	type choice = map[string]any
	if got := kept(); len(got.Keys) != 0 || !got.Singles {
		t.Errorf("at first: %+v", got)
	}
	for _, c := range []struct{ saved, want choice }{
		{choice{"resolve": "q", "note": nil}, choice{"resolve": "q", "note": nil}},
		{choice{"resolve": "ñ"}, choice{"resolve": "ñ"}}, // note has its own again
		{choice{"resolve": "e", "undo": []string{"Mod+z", "Z"}}, choice{"undo": []any{"Mod+z", "Z"}}},
		{choice{}, choice{}},
		{choice{"resolve": "q"}, choice{"resolve": "q"}},
	} {
		if a := save(c.saved); a.status != 204 {
			t.Fatalf("%v: %d %s", c.saved, a.status, a.body)
		}
		if got := kept(); !reflect.DeepEqual(got.Keys, c.want) {
			t.Errorf("of %v kept %v, want %v", c.saved, got.Keys, c.want)
		}
	}
	for _, c := range []struct {
		keys   any
		status int
		said   string
	}{
		{choice{"mine": "q", "resolve": "q"}, 409, "“q” is taken by “Resolve”"},
		{choice{"resolve": "Mod+k"}, 409, "“Ctrl k” is taken by"},
		{choice{"resolve": "g i"}, 409, "“Inbox”"},
		{choice{"resolve": "Mod+w"}, 400, "“Ctrl w” belongs to the browser"},
		{choice{"resolve": "Tab"}, 400, "cannot be used"},
		{choice{"resolve": []string{"1", "2", "3", "4"}}, 400, "3 keys"},
		{choice{"dance": "q"}, 400, "keys.dance"},
		{choice{"resolve": 5}, 400, ""},
		{"q", 400, ""},
	} {
		if a := save(c.keys); a.status != c.status || !strings.Contains(string(a.body), c.said) {
			t.Errorf("%v: %d %s", c.keys, a.status, a.body)
		}
	}
	d.ask(t, "PATCH", "/api/settings", choice{"keys": choice{"note": "Q"}, "theme": "pink"}) // refused as a whole
	if got := kept(); !reflect.DeepEqual(got.Keys, choice{"resolve": "q"}) {
		t.Errorf("after what was refused: %v", got.Keys)
	}
	if a := d.ask(t, "PATCH", "/api/settings", choice{"single_keys": false}); a.status != 204 {
		t.Fatalf("single keys off: %d %s", a.status, a.body)
	}
	if got := kept(); got.Singles || len(got.Keys) != 1 {
		t.Errorf("single keys off: %+v", got)
	}
	if a := d.ask(t, "PATCH", "/api/settings", choice{"single_keys": true}); a.status != 204 || !kept().Singles {
		t.Errorf("single keys on: %d %+v", a.status, kept())
	}
}
