package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"bandeja/internal/search"
	"bandeja/internal/server"
)

type personPanel struct {
	Person   string
	Reason   string
	Contacts []struct {
		ID, Account string
		Threads     []string
	}
	Joins []struct {
		ID, A, B, Reason string
		ByHand           bool `json:"by_hand"`
	}
	Duplicates []struct{ Person, Reason string }
	Phones     []struct {
		Written, Reason string
		Guessed         bool
	}
}

func (d *desk) person(t *testing.T, ref string) (p personPanel) {
	t.Helper()
	d.get(t, "/api/people/"+ref, &p)
	return p
}

// people lists who is in the inbox, newest first, each once.
func (d *desk) people(t *testing.T) (out []string) {
	t.Helper()
	var page struct{ Threads []struct{ Person string } }
	d.get(t, "/api/threads?view=all&limit=200", &page)
	for _, row := range page.Threads {
		if !slices.Contains(out, row.Person) {
			out = append(out, row.Person)
		}
	}
	return out
}

// twin is somebody whom both platforms know, and somebody whom one does.
func (d *desk) twin(t *testing.T) (twin, other personPanel) {
	t.Helper()
	for _, ref := range d.people(t) {
		p := d.person(t, ref)
		if len(p.Contacts) > 1 && twin.Person == "" {
			twin = p
		} else if len(p.Contacts) == 1 && p.Phones != nil {
			other = p
		}
	}
	if twin.Person == "" || other.Person == "" {
		t.Fatal("the office has no twin")
	}
	return twin, other
}

type decision struct{ Person, Undo string }

func (d *desk) decide(t *testing.T, path string, body any) (made decision) {
	t.Helper()
	a := d.ask(t, http.MethodPost, path, body)
	if err := json.Unmarshal(a.body, &made); err != nil || a.status != http.StatusOK {
		t.Fatalf("POST %s: %d %s", path, a.status, a.body)
	}
	return made
}

// TestWhoIsWho: a split and a join are seen at once, everywhere, and undone.
func TestWhoIsWho(t *testing.T) {
	d := copied(t)
	d.waitForPeople(t)
	twin, other := d.twin(t)
	if len(twin.Joins) == 0 || twin.Joins[0].ByHand || twin.Joins[0].ID != "" || twin.Reason == "" || twin.Phones[0].Reason != "" {
		t.Errorf("a twin: %+v", twin)
	}
	events := listen(t, d.browser, "")
	events.next(t)
	gone := twin.Contacts[1]
	split := d.decide(t, "/api/people/"+twin.Person+"/split", map[string]string{"contact": gone.ID})
	for events.next(t).kind != "threads" {
	}
	apart := d.person(t, split.Person)
	if len(apart.Contacts) != 1 || apart.Contacts[0].ID != gone.ID || !slices.ContainsFunc(apart.Duplicates, func(o struct{ Person, Reason string }) bool {
		return o.Person == twin.Person && o.Reason == "split_by_hand"
	}) {
		t.Errorf("split off: %+v", apart)
	}
	kept := d.decide(t, "/api/people/"+twin.Person+"/apart", map[string]string{"with": split.Person})
	if kept.Person != twin.Person || len(d.person(t, twin.Person).Duplicates)+len(d.person(t, split.Person).Duplicates) > 0 {
		t.Errorf("kept apart: %+v, and they are still suggested", kept)
	}
	if a := d.ask(t, http.MethodPost, "/api/joins/"+kept.Undo+"/undo", nil); a.status != http.StatusNoContent || len(d.person(t, twin.Person).Duplicates) != 1 {
		t.Errorf("kept apart no more: %d %s", a.status, a.body)
	}
	var row struct{ Thread struct{ Person string } }
	if d.get(t, "/api/threads/"+gone.Threads[0], &row); row.Thread.Person != split.Person {
		t.Errorf("its thread is still %s's", row.Thread.Person)
	}
	joined := d.decide(t, "/api/people/"+split.Person+"/join", map[string]string{"with": other.Person})
	both := d.person(t, joined.Person)
	if len(both.Contacts) != 2 || len(both.Joins) != 1 || !both.Joins[0].ByHand || both.Joins[0].Reason != "by_hand" || both.Joins[0].ID != joined.Undo {
		t.Errorf("joined by hand: %+v", both)
	}
	for _, undo := range []string{joined.Undo, split.Undo} {
		if a := d.ask(t, http.MethodPost, "/api/joins/"+undo+"/undo", nil); a.status != http.StatusNoContent {
			t.Errorf("undo: %d %s", a.status, a.body)
		}
	}
	if again := d.person(t, twin.Person); len(again.Contacts) != len(twin.Contacts) || len(again.Duplicates) != 0 {
		t.Errorf("undone: %+v", again)
	}
	for _, tt := range []struct {
		path   string
		body   any
		code   string
		status int
	}{
		{"/api/people/" + other.Person + "/join", map[string]string{"with": other.Person}, "same_person", 409},
		{"/api/people/" + other.Person + "/join", map[string]string{"with": "p_nobody"}, "not_found", 404},
		{"/api/people/" + other.Person + "/join", map[string]string{}, "with", 400},
		{"/api/people/" + other.Person + "/apart", map[string]string{"with": other.Person}, "same_person", 409},
		{"/api/people/p_nobody/apart", map[string]string{"with": other.Person}, "not_found", 404},
		{"/api/people/" + other.Person + "/apart", map[string]string{}, "with", 400},
		{"/api/people/" + other.Person + "/split", map[string]string{"contact": other.Contacts[0].ID}, "alone", 409},
		{"/api/people/" + other.Person + "/split", map[string]string{"contact": gone.ID}, "not_found", 404},
		{"/api/people/" + other.Person + "/split", map[string]string{}, "contact", 400},
		{"/api/joins/" + split.Undo + "/undo", nil, "not_found", 404},
	} {
		if a := d.ask(t, http.MethodPost, tt.path, tt.body); a.status != tt.status {
			t.Errorf("%s %v: %d %s", tt.path, tt.body, a.status, a.body)
		} else if code, _ := a.code(t); code != tt.code {
			t.Errorf("%s %v: %s, want %s", tt.path, tt.body, code, tt.code)
		}
	}
	if a := d.ask(t, http.MethodGet, "/api/people/p_nobody", nil); a.status != 404 {
		t.Errorf("nobody: %d", a.status)
	}
}

// TestTimeline: what was said with a person over all their threads comes whole
// and in order over pages of any size, forwards and backwards.
func TestTimeline(t *testing.T) {
	d := copied(t)
	twin, _ := d.twin(t)
	path := "/api/people/" + twin.Person + "/messages"
	type said struct {
		Thread, Account, Provider, Conversation, Message string
		At                                               *string
	}
	type page struct {
		Messages      []said
		Before, After *string
	}
	var whole page
	d.get(t, path+"?limit=500", &whole)
	threads := map[string]int{}
	for i, m := range whole.Messages {
		threads[m.Thread]++
		if i > 0 && *m.At < *whole.Messages[i-1].At {
			t.Errorf("message %d is out of order", i)
		}
	}
	if len(threads) < 2 || whole.Before != nil || whole.After != nil {
		t.Fatalf("threads %v, before %v, after %v", threads, whole.Before, whole.After)
	}
	for thread, n := range threads {
		var one page
		if d.get(t, "/api/threads/"+thread+"/messages?limit=500", &one); len(one.Messages) != n {
			t.Errorf("%d of %d messages of a thread", n, len(one.Messages))
		}
	}
	for _, limit := range []int{1, 3, 50} {
		var back, forth []said
		var p page
		oldest := ""
		for cursor := ""; ; cursor = "&before=" + *p.Before {
			p = page{}
			d.get(t, fmt.Sprintf("%s?limit=%d%s", path, limit, cursor), &p)
			back = slices.Concat(p.Messages, back)
			if p.Before == nil {
				break
			}
			oldest = *p.Before
		}
		if !slices.EqualFunc(back, whole.Messages, func(a, b said) bool { return a.Message == b.Message && a.Thread == b.Thread }) {
			t.Errorf("backwards by %d: %d messages, want %d", limit, len(back), len(whole.Messages))
		}
		if oldest == "" {
			continue
		}
		for cursor := oldest; ; cursor = *p.After {
			p = page{}
			d.get(t, fmt.Sprintf("%s?limit=%d&after=%s", path, limit, cursor), &p)
			forth = append(forth, p.Messages...)
			if p.After == nil {
				break
			}
		}
		if tail := whole.Messages[len(whole.Messages)-len(forth):]; len(forth) == 0 || !slices.EqualFunc(forth, tail, func(a, b said) bool { return a.Message == b.Message }) {
			t.Errorf("forwards by %d: %d messages", limit, len(forth))
		}
	}
	middle := whole.Messages[len(whole.Messages)/2]
	var around struct {
		Messages []said
		Found    *int
	}
	d.get(t, path+"?limit=7&around="+url.QueryEscape(middle.Message), &around)
	if around.Found == nil || around.Messages[*around.Found].Message != middle.Message || around.Messages[*around.Found].Thread != middle.Thread {
		t.Errorf("around %s: %+v", middle.Message, around)
	}
	for _, q := range []string{"?before=x", "?after=x", "?before=a&after=b", "?around=a&after=b", "?limit=0", "?limit=501"} {
		if a := d.ask(t, http.MethodGet, path+q, nil); a.status != 400 {
			t.Errorf("%s: %d", q, a.status)
		}
	}
	if a := d.ask(t, http.MethodGet, "/api/people/p_nobody/messages", nil); a.status != 404 {
		t.Errorf("nobody: %d", a.status)
	}
}

// TestSearchAsksThePlatforms: for whom the words may mean, and only where people
// are looked for; whom they brought is marked.
func TestSearchAsksThePlatforms(t *testing.T) {
	d := fullDesk(t)
	someone := d.people(t)[0]
	var asked []server.Question
	b := newSession(t, func(o *server.Options) {
		o.Office.AskProviders = func(q server.Question) search.Remote {
			asked = append(asked, q)
			return search.RemoteAsking
		}
		o.Office.Brought = func(person string) bool { return person == someone }
	})
	for _, tt := range []struct {
		query, remote string
		want          []server.Question
	}{
		{"q=juan+p%C3%A9rez", "asking", []server.Question{{Text: "juan pérez"}}},
		{"q=juan+-mar%C3%ADa+estado:abierta+cuenta:ventas", "asking", []server.Question{{Text: "juan", Accounts: []string{"ventas"}}}},
		{"q=tel:2641", "asking", []server.Question{{Text: "2641"}}},
		{"q=", "none", nil},
		{"q=estado:abierta", "none", nil},
		{"q=juan&only=messages", "none", nil},
		{"q=juan&person=" + someone, "none", nil},
	} {
		asked = nil
		var found struct {
			Remote string
			People []struct {
				Person  string
				Fetched bool
			}
		}
		b.get(t, "/api/search?"+tt.query, &found)
		if found.Remote != tt.remote || !slices.EqualFunc(asked, tt.want, func(a, b server.Question) bool { return a.Text == b.Text && slices.Equal(a.Accounts, b.Accounts) }) {
			t.Errorf("%s: %s, asked %+v, want %+v", tt.query, found.Remote, asked, tt.want)
		}
		for _, p := range found.People {
			if p.Fetched != (p.Person == someone) {
				t.Errorf("%s: %s fetched: %v", tt.query, p.Person, p.Fetched)
			}
		}
		if tt.query == "q=" && (len(found.People) == 0 || !slices.ContainsFunc(found.People, func(p struct {
			Person  string
			Fetched bool
		}) bool {
			return p.Fetched
		})) {
			t.Errorf("nobody of %+v is marked", found.People)
		}
	}
}
