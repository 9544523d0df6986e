package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

type agent struct {
	Ref, Name string
	Me        bool
}

func (d *desk) agents(t *testing.T, account string) []agent {
	t.Helper()
	var v struct{ Agents []agent }
	d.get(t, "/api/agents?account="+account, &v)
	return v.Agents
}

// TestAgents: the refs that were seen, with what was said of them here.
func TestAgents(t *testing.T) {
	d := copied(t)
	waspy, platica := d.agents(t, "ventas"), d.agents(t, "soporte")
	if len(waspy) == 0 || len(platica) == 0 || len(d.agents(t, "")) != len(waspy)+len(platica) {
		t.Fatalf("%v %v", waspy, platica)
	}
	set := func(body map[string]any) {
		t.Helper()
		if a := d.ask(t, "PATCH", "/api/agents", body); a.status != http.StatusNoContent {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	ref := waspy[0].Ref
	set(map[string]any{"account": "ventas", "ref": ref, "name": "Ana", "me": true})
	set(map[string]any{"account": "ventas", "ref": "never-seen", "name": "Beto"})
	got := d.agents(t, "ventas")
	if got[0] != (agent{ref, "Ana", true}) || got[len(got)-1] != (agent{"never-seen", "Beto", false}) || len(got) != len(waspy)+1 {
		t.Errorf("%v", got)
	}
	// I am one agent of an account: the next one takes it over.
	set(map[string]any{"account": "ventas", "ref": "never-seen", "me": true})
	got = d.agents(t, "ventas")
	if got[0] != (agent{ref, "Ana", false}) || !slices.Contains(got, agent{"never-seen", "Beto", true}) {
		t.Errorf("%v", got)
	}
	set(map[string]any{"account": "ventas", "ref": "never-seen", "name": "", "me": false})
	if got = d.agents(t, "ventas"); len(got) != len(waspy) {
		t.Errorf("%v", got)
	}
	if got := d.agents(t, "soporte"); !slices.Equal(got, platica) {
		t.Errorf("another account has %v", got)
	}
}

func TestBadAgents(t *testing.T) {
	d := copied(t)
	for body, want := range map[string]string{
		`{}`:                               "404 account",
		`{"account":"nobody","ref":"a"}`:   "404 account",
		`{"account":"ventas"}`:             "400 ref",
		`{"account":"ventas","ref":"me"}`:  "400 ref",
		`{"account":"ventas","ref":"a"}`:   "400 name, me",
		`{"account":"ventas","ref":["a"]}`: "400 ref",
		`{"account":"ventas","ref":"a","name":"` + strings.Repeat("ñ", 81) + `"}`: "400 name",
		`{"account":"ventas","ref":"` + strings.Repeat("a", 321) + `","me":true}`: "400 ref",
		`{"account":"ventas","ref":"a","me":"yes"}`:                               "400 me",
		`{"account":"ventas","ref":"a","mine":true}`:                              "400 mine",
	} {
		a := d.ask(t, "PATCH", "/api/agents", strings.NewReader(body), with("Content-Type", "application/json"))
		if code, _ := a.code(t); fmt.Sprintf("%d %s", a.status, code) != want {
			t.Errorf("%s: %d %s, want %s", body, a.status, code, want)
		}
	}
	if a := d.ask(t, "GET", "/api/agents?account=nobody", nil); a.status != http.StatusNotFound {
		t.Errorf("%d %s", a.status, a.body)
	}
}
