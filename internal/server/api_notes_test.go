package server_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

type note struct {
	ID, Thread, Text string
	MadeAt           time.Time  `json:"made_at"`
	ChangedAt        *time.Time `json:"changed_at"`
}

type notes struct {
	Notes []note
	Draft string
}

func (n notes) texts() string {
	var all []string
	for _, each := range n.Notes {
		all = append(all, each.Text)
	}
	return strings.Join(all, "|")
}

func (d *desk) notes(t *testing.T, thread string) (n notes) {
	t.Helper()
	d.get(t, "/api/threads/"+thread+"/notes", &n)
	return n
}

// write asks with a text, and wants a status.
func (d *desk) write(t *testing.T, method, path string, body any, want int) (n note) {
	t.Helper()
	a := d.ask(t, method, path, body)
	if a.status != want {
		t.Fatalf("%s %s: %d %s, want %d", method, path, a.status, a.body, want)
	}
	_ = json.Unmarshal(a.body, &n)
	return n
}

func text(s string) map[string]any { return map[string]any{"text": s} }

// TestNoteAskedTwice: a page whose answer was cut asks again, and there is one
// note; of another thread, or of another asking, there are two.
func TestNoteAskedTwice(t *testing.T) {
	d := copied(t)
	twin, other := d.twin(t)
	thread, elsewhere := twin.Contacts[0].Threads[0], other.Contacts[0].Threads[0]
	path := "/api/threads/" + thread + "/notes"
	asking := func(op, s string) map[string]any { return map[string]any{"text": s, "op": op} }
	d.cutAnswer(t, path, asking("a", "llamar"))
	d.write(t, "PUT", "/api/threads/"+thread+"/draft", text("llamar"), 204)
	first := d.write(t, "POST", path, asking("a", "llamar"), 201)
	if got := d.notes(t, thread); got.texts() != "llamar" || got.Notes[0].ID != first.ID || got.Draft != "" {
		t.Errorf("asked twice: %+v", got)
	}
	d.write(t, "PATCH", "/api/notes/"+first.ID, text("llamar hoy"), 200)
	if again := d.write(t, "POST", path, asking("a", "llamar"), 201); again.ID != first.ID || again.Text != "llamar hoy" {
		t.Errorf("asked once more: %+v", again)
	}
	d.write(t, "POST", path, asking("b", "llamar"), 201)
	d.write(t, "POST", path, text("llamar"), 201)
	d.write(t, "POST", path, text("llamar"), 201)
	if got := d.notes(t, thread); got.texts() != "llamar hoy|llamar|llamar|llamar" {
		t.Errorf("asked otherwise: %s", got.texts())
	}
	d.write(t, "POST", path, asking(strings.Repeat("a", 65), "x"), 400)
	d.write(t, "POST", "/api/threads/"+elsewhere+"/notes", asking("c", "x"), 201)
}

// cutAnswer asks, and hangs up once the request was sent: nobody hears the
// answer.
func (d *desk) cutAnswer(t *testing.T, path string, body any) {
	t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	host := strings.TrimPrefix(d.origin, "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, host, d.cookie, len(data), data)
	// It is heard of before it is answered: the note is there when the first byte is.
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestNotes(t *testing.T) {
	d := copied(t)
	twin, other := d.twin(t)
	first, second := twin.Contacts[0].Threads[0], twin.Contacts[1].Threads[0]
	here, there := "/api/threads/"+first, "/api/threads/"+second
	d.write(t, "PUT", here+"/draft", text("hola, <b>que"), 204)
	if got := d.notes(t, first); got.Draft != "hola, <b>que" || got.Notes == nil || len(got.Notes) != 0 {
		t.Fatalf("%+v", got)
	}
	made := d.write(t, "POST", here+"/notes", text("  hola, <b>que tal\n"), 201)
	if made.Text != "hola, <b>que tal" || made.Thread != first || made.ChangedAt != nil || time.Since(made.MadeAt) > time.Minute {
		t.Errorf("%+v", made)
	}
	time.Sleep(2 * time.Millisecond) // the later one, also in milliseconds
	d.write(t, "POST", there+"/notes", text("from the other side"), 201)
	for _, thread := range []string{first, second} {
		if got := d.notes(t, thread); got.texts() != "hola, <b>que tal|from the other side" || got.Draft != "" {
			t.Errorf("one person's notes are %+v", got)
		}
	}
	if got := d.notes(t, other.Contacts[0].Threads[0]); got.texts() != "" {
		t.Errorf("somebody else has %+v", got)
	}
	if got := d.write(t, "PATCH", "/api/notes/"+made.ID, text("otra cosa"), 200); got.Text != "otra cosa" || got.ChangedAt == nil || !got.MadeAt.Equal(made.MadeAt) {
		t.Errorf("%+v", got)
	}
	d.write(t, "PUT", here+"/draft", text("the next"), 204)
	gone := d.write(t, "DELETE", "/api/notes/"+made.ID, nil, 200)
	d.write(t, "DELETE", "/api/notes/"+made.ID, nil, 404)
	d.write(t, "PATCH", "/api/notes/"+made.ID, text("x"), 404)
	back := d.write(t, "POST", here+"/notes", map[string]any{"text": gone.Text, "made_at": gone.MadeAt}, 201)
	if back.ID == made.ID || !back.MadeAt.Equal(made.MadeAt) {
		t.Errorf("put back as %+v", back)
	}
	if got := d.notes(t, second); got.texts() != "otra cosa|from the other side" {
		t.Errorf("after putting back: %+v", got)
	}
	if got := d.notes(t, first); got.Draft != "the next" {
		t.Errorf("putting back leaves the draft %q", got.Draft)
	}
	d.write(t, "DELETE", here+"/draft", nil, 204)
	if got := d.notes(t, first); got.Draft != "" {
		t.Errorf("the draft %q is left", got.Draft)
	}
}

func TestBadNotes(t *testing.T) {
	d := fullDesk(t)
	here := "/api/threads/" + threadsOf(t, d.browser, "limit=1")[0]
	long := strings.Repeat("ñ", 10_001)
	for _, c := range []struct {
		method, path string
		body         any
		status       int
		code         string
	}{
		{"POST", here + "/notes", text(" \n\t"), 400, "text"},
		{"POST", here + "/notes", text(long), 400, "text"},
		{"POST", here + "/notes", map[string]any{"text": 7}, 400, "text"},
		{"POST", here + "/notes", map[string]any{"text": "x", "made_at": time.Now().Add(time.Hour)}, 400, "made_at"},
		{"POST", here + "/notes", map[string]any{"text": "x", "made_at": "yesterday"}, 400, "body"},
		{"POST", here + "/notes", map[string]any{"text": "x", "actor": "me"}, 400, "actor"},
		{"PATCH", "/api/notes/note_1", text(long), 400, "text"},
		{"PATCH", "/api/notes/note_999999", text("x"), 404, "not_found"},
		{"DELETE", "/api/notes/n_1", nil, 404, "not_found"},
		{"PUT", here + "/draft", text(strings.Repeat("ñ", 100_001)), 400, "text"},
		{"GET", "/api/threads/t_nothing/notes", nil, 404, "not_found"},
		{"POST", "/api/threads/t_nothing/notes", text("x"), 404, "not_found"},
		{"PUT", "/api/threads/t_nothing/draft", text("x"), 404, "not_found"},
		{"DELETE", "/api/threads/t_nothing/draft", nil, 404, "not_found"},
	} {
		a := d.ask(t, c.method, c.path, c.body)
		if code, message := a.code(t); a.status != c.status || code != c.code || message == "" {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.path, a.status, a.body, c.status, c.code)
		}
	}
	d.write(t, "PUT", here+"/draft", text(long), http.StatusNoContent)
	d.write(t, "DELETE", here+"/draft", nil, http.StatusNoContent)
}

// TestNotesAreTold: other screens hear of a note and of a draft once they can
// be read, by the thread's id alone.
func TestNotesAreTold(t *testing.T) {
	d := copied(t)
	thread := threadsOf(t, d.browser, "limit=1")[0]
	l := listen(t, d.browser, "")
	heard := func(what string) {
		t.Helper()
		for {
			e := l.next(t)
			if e.kind != "notes" {
				continue
			}
			if e.data != `{"threads":["`+thread+`"]}` {
				t.Errorf("%s tells %s", what, e.data)
			}
			return
		}
	}
	d.write(t, "PUT", "/api/threads/"+thread+"/draft", text("h"), 204)
	heard("a draft")
	n := d.write(t, "POST", "/api/threads/"+thread+"/notes", text("hola"), 201)
	heard("a note")
	d.write(t, "PATCH", "/api/notes/"+n.ID, text("chau"), 200)
	heard("a change")
	d.write(t, "DELETE", "/api/notes/"+n.ID, nil, 200)
	heard("a deletion")
}
