package server_test

import (
	"net/http"
	"testing"

	"bandeja/internal/profile"
)

// TestOpensAtFirstUnread: the page around the first message that nobody has
// read, until somebody has looked.
func TestOpensAtFirstUnread(t *testing.T) {
	d := copied(t)
	r := d.rows(t, "ventas", "open")[0]
	type page struct {
		Messages []struct{ Message, Conversation, Text string }
		Found    *int
		Unread   *struct {
			Since                          *string
			Account, Conversation, Message string
		}
	}
	opened := func() (p page) {
		d.get(t, "/api/threads/"+r.Thread+"/messages?at=unread", &p)
		return p
	}
	if a := d.ask(t, "POST", "/api/threads/"+r.Thread+"/open", nil); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if p := opened(); p.Unread != nil || p.Found != nil || len(p.Messages) == 0 {
		t.Fatalf("read, and %+v", p)
	}
	for _, text := range []string{"¿hola?", "¿hay alguien?"} {
		if err := d.office.Post(r.Provider, r.Conversation, text); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.in.Sync(t.Context(), profile.SyncArgs{}, nil); err != nil {
		t.Fatal(err)
	}
	p := opened()
	if p.Unread == nil || p.Found == nil || p.Unread.Since == nil || p.Unread.Account != "ventas" {
		t.Fatalf("two came, and %+v", p)
	}
	if first := p.Messages[*p.Found]; first.Text != "¿hola?" || first.Message != p.Unread.Message || first.Conversation != p.Unread.Conversation {
		t.Errorf("found %+v, unread from %+v", first, p.Unread)
	}
	if a := d.ask(t, "POST", "/api/threads/"+r.Thread+"/open", nil); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if p := opened(); p.Unread != nil || p.Found != nil {
		t.Errorf("looked at, and %+v", p.Unread)
	}
}
