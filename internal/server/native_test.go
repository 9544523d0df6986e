package server_test

import (
	"encoding/json"
	"testing"
	"time"

	"bandeja/internal/server"
)

// A command of the window's menu is one page's to do, and has the key that does
// it there, as a person chose it.
func TestMenuOfTheWindow(t *testing.T) {
	own := newDesk(t) // settings are changed: the shared desk's are others' too
	b := newSession(t, func(o *server.Options) { o.Local = own.in.Local() })
	page := listenAs(t, b.browser, "page")
	page.next(t)
	b.Press("search")
	var said struct{ Command string }
	if got := page.next(t); got.kind != "press" || json.Unmarshal([]byte(got.data), &said) != nil || said.Command != "search" {
		t.Errorf("a command of the menu: %+v", got)
	}
	for _, c := range []struct{ settings, command, label, key string }{
		{`{"language":"en"}`, "search", "Search", "Ctrl+K"},
		{`{}`, "resolve", "Resolve", "e"},
		{`{}`, "view_all", "All", "g a"},
		{`{"language":"es-AR"}`, "resolve", "Resolver", "e"},
		{`{"keys":{"resolve":["ñ"],"search":null}}`, "resolve", "Resolver", "ñ"},
		{`{}`, "search", "Buscar", ""},
		{`{"single_keys":false}`, "resolve", "Resolver", ""},
		{`{}`, "undo", "Deshacer", "Ctrl+Z"},
		{`{}`, "nothing", "", ""},
	} {
		if a := b.ask(t, "PATCH", "/api/settings", json.RawMessage(c.settings)); a.status/100 != 2 {
			t.Fatalf("%s: %d %s", c.settings, a.status, a.body)
		}
		if label, key := b.Label(t.Context(), c.command); label != c.label || key != c.key {
			t.Errorf("after %s, %s is %q by %q, want %q by %q", c.settings, c.command, label, key, c.label, c.key)
		}
	}
}

// A page lives while it listens, and for a while after it asked.
func TestAlive(t *testing.T) {
	b := newSession(t, nil)
	if b.Alive(time.Hour) {
		t.Error("no page has asked for anything, and one is said to live")
	}
	b.ask(t, "GET", "/api/settings", nil)
	if !b.Alive(time.Hour) || b.Alive(0) {
		t.Error("a page asked just now: it lives for an hour, and not for no time")
	}
	page := listenAs(t, b.browser, "page")
	page.next(t)
	if !b.Alive(0) {
		t.Error("a page that listens is said to be dead")
	}
	page.leave()
	for n := 0; b.Alive(0); n++ {
		if n > 500 {
			t.Fatal("a page that is gone is said to live")
		}
		time.Sleep(10 * time.Millisecond)
	}
}
