package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestForgetOnTheScreen: what would be erased is said first, nothing is erased
// unasked, and the receipt names nobody.
func TestForgetOnTheScreen(t *testing.T) {
	d := copied(t)
	var page struct {
		Threads []struct{ Thread, Person string }
	}
	d.get(t, "/api/threads?account=ventas&limit=20", &page)
	who := page.Threads[0]
	path := "/api/people/" + who.Person + "/forget"
	var preview struct {
		People, Names           []string
		Conversations, Messages int64
	}
	d.get(t, path, &preview)
	if len(preview.People) != 1 || preview.People[0] != who.Person || preview.Conversations == 0 || preview.Messages == 0 {
		t.Fatalf("preview: %+v", preview)
	}
	a := d.ask(t, "POST", path, map[string]bool{"confirm": false})
	if code, _ := a.code(t); a.status != http.StatusConflict || code != "confirm" {
		t.Fatalf("unconfirmed: %d %s", a.status, a.body)
	}
	if a := d.ask(t, "GET", "/api/people/"+who.Person, nil); a.status != http.StatusOK {
		t.Fatalf("unconfirmed, and erased: %d", a.status)
	}
	var done struct {
		Receipt struct {
			Erased struct{ Conversations, Messages int64 }
			Found  int64
		}
		Text []string
	}
	a = d.ask(t, "POST", path, map[string]bool{"confirm": true})
	if err := json.Unmarshal(a.body, &done); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	if e := done.Receipt.Erased; e.Conversations != preview.Conversations || e.Messages != preview.Messages || done.Receipt.Found != 0 || len(done.Text) < 5 {
		t.Errorf("receipt: %+v", done)
	}
	for _, name := range preview.Names {
		if strings.Contains(string(a.body), name) {
			t.Error("the receipt names them")
		}
	}
	for _, gone := range []string{"/api/people/" + who.Person, path, "/api/threads/" + who.Thread} {
		if a := d.ask(t, "GET", gone, nil); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", gone, a.status)
		}
	}
	if a := d.ask(t, "GET", "/api/people/hola/forget", nil); a.status != http.StatusNotFound {
		t.Errorf("a number as a person: %d", a.status)
	}
	var progress struct{ Running bool }
	d.get(t, "/api/forgetting", &progress)
	if progress.Running {
		t.Error("it still runs")
	}
}
