package server_test

import (
	"net/url"
	"testing"
)

// TestNamesFindAtOnce: a name that is given to an agent finds their threads with
// the next search, whichever platform calls them what, and one that was taken
// away finds nothing any more.
func TestNamesFindAtOnce(t *testing.T) {
	d := copied(t)
	assigned := map[string]string{}
	for _, account := range []string{"ventas", "soporte"} {
		assigned[account] = d.agents(t, account)[0].Ref
	}
	find := func(q string) (threads []row, total int) {
		t.Helper()
		var page struct {
			Threads []row
			Total   int
		}
		d.get(t, "/api/threads?view=all&limit=200&q="+url.QueryEscape(q), &page)
		return page.Threads, page.Total
	}
	name := func(account, name string) {
		t.Helper()
		if a := d.ask(t, "PATCH", "/api/agents", map[string]string{"account": account, "ref": assigned[account], "name": name}); a.status != 204 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	if rows, _ := find("de:zulema"); len(rows) != 0 {
		t.Fatalf("%d threads of nobody", len(rows))
	}
	name("ventas", "Zulema Ríos")
	waspy, first := find("de:zulema")
	name("soporte", "Zulema Ríos")
	both, second := find("de:zulema")
	if first == 0 || len(waspy) != first || second <= first || len(both) != second {
		t.Fatalf("%d, and with the other account %d", first, second)
	}
	of := map[string]int{}
	for _, r := range both {
		of[r.Account]++
	}
	if of["ventas"] != first || of["soporte"] == 0 {
		t.Errorf("%v", of)
	}
	name("ventas", "")
	name("soporte", "Zulma")
	if rows, _ := find("de:zulema"); len(rows) != 0 {
		t.Errorf("%d threads of a name that is gone", len(rows))
	}
	if rows, _ := find("de:zulma"); len(rows) != of["soporte"] {
		t.Errorf("%d threads, want %d", len(rows), of["soporte"])
	}
}
