package profile_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/phone"
	"bandeja/internal/profile"
	"bandeja/internal/providers/providertest"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/search"
	"bandeja/internal/server"
)

// bigOffice is an office whose list stops after its first page, until it is let
// go on.
type bigOffice struct {
	*office
	chats []bigChat // as Waspy lists them

	mu      sync.Mutex
	asked   []string // what was asked beside the list
	stopped chan struct{}
}

type bigChat struct {
	ID      string
	Contact struct{ Name, PhoneNumber string }
}

func openBigOffice(t *testing.T) *bigOffice {
	t.Helper()
	b := &bigOffice{stopped: make(chan struct{})}
	v := &office{Office: simulator.New(simulator.Options{Seed: 3, Conversations: 900, Messages: 900, NoRateLimit: true, Now: providertest.Noon})}
	b.office = v
	for cursor := ""; ; {
		var page struct {
			Data []bigChat
			Meta struct {
				Cursor  string
				HasMore bool
			}
		}
		r := httptest.NewRequest(http.MethodGet, simulator.WaspyPath+"/conversations?limit=100&cursor="+url.QueryEscape(cursor), nil)
		r.Header.Set("Authorization", "Bearer "+v.WaspyKey())
		w := httptest.NewRecorder()
		v.Handler().ServeHTTP(w, r)
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%d %v", w.Code, err)
		}
		b.chats = append(b.chats, page.Data...)
		if cursor = page.Meta.Cursor; !page.Meta.HasMore {
			break
		}
	}
	v.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b.note(r) {
			select {
			case <-b.stopped:
			case <-r.Context().Done():
				return
			}
		}
		v.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(v.server.Close)
	return b
}

// note keeps what is asked beside the list; hold: it is the list's second page
// or later.
func (b *bigOffice) note(r *http.Request) (hold bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	q := r.URL.Query()
	_, number, byPhone := strings.Cut(r.URL.Path, "/by-phone/")
	switch {
	case byPhone:
		b.asked = append(b.asked, "phone "+number)
	case q.Has("search"):
		b.asked = append(b.asked, "search "+q.Get("search"))
	case strings.HasPrefix(r.URL.Path, simulator.PlaticaPath+"/conversations/"):
		if id := strings.TrimPrefix(r.URL.Path, simulator.PlaticaPath+"/conversations/"); strings.Trim(id, "0123456789") == "" {
			b.asked = append(b.asked, "platica "+id)
		}
	}
	return q.Get("cursor") != "" && !q.Has("search") || q.Get("offset") != "" && q.Get("offset") != "0"
}

// questions takes what was asked until now.
func (b *bigOffice) questions() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.asked
	b.asked = nil
	return out
}

// someone is a chat that is not on the first page, whose name no other has.
func (b *bigOffice) someone(t *testing.T, from int) bigChat {
	t.Helper()
	for _, c := range b.chats[from:] {
		if len(strings.Fields(c.Contact.Name)) == 2 && strings.HasPrefix(c.Contact.PhoneNumber, "+549") &&
			!slices.ContainsFunc(b.chats, func(o bigChat) bool {
				return o.ID != c.ID && (o.Contact.Name == c.Contact.Name || o.Contact.PhoneNumber == c.Contact.PhoneNumber)
			}) {
			return c
		}
	}
	t.Fatal("the office has nobody like that")
	return bigChat{}
}

func here(in *profile.Inbox, id string) bool {
	_, err := in.Cache().Target(context.Background(), "ventas", id)
	return err == nil
}

// ask asks until the answer has come.
func ask(t *testing.T, in *profile.Inbox, text string) {
	t.Helper()
	if got := in.AskProviders(server.Question{Text: text}); got != search.RemoteAsking {
		t.Fatalf("%q: %s", text, got)
	}
	eventually(t, "an answer to "+text, func() bool { return in.AskProviders(server.Question{Text: text}) == search.RemoteDone })
}

// While a first copy has come no further than its first page, whoever is not
// in it yet is found with the help of the platform, and the copy goes on as if
// nobody had asked.
func TestHelp(t *testing.T) {
	b := openBigOffice(t)
	in := open(t, t.TempDir())
	add(t, in, b.waspy(), b.platica())
	if err := in.Start(true); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a first page", func() bool { return here(in, b.chats[0].ID) })
	feed := func() cache.Feed {
		f, err := in.Cache().Feed(t.Context(), "ventas", cache.Sweep)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	eventually(t, "the sweep's bookmark", func() bool { return feed().Seen == 100 })
	before := feed()
	b.questions()

	byName, byPhone, byPart := b.someone(t, 500), b.someone(t, 600), b.someone(t, 700)
	where := phone.Context{Region: "AR", Area: "11"}
	parts := strings.Fields(phone.Parse(byPart.Contact.PhoneNumber, where).Display) // +54 9 11 5983-4410
	some := strings.ReplaceAll(parts[3], "-", "")[:5]
	for _, tt := range []struct {
		chat  bigChat
		typed string
		want  func(asked []string) bool
	}{
		{byName, byName.Contact.Name, func(asked []string) bool { return slices.Equal(asked, []string{"search " + byName.Contact.Name}) }},
		{byPhone, strings.Replace(byPhone.Contact.PhoneNumber, "+549", "0", 1), func(asked []string) bool {
			return slices.ContainsFunc(asked, func(s string) bool { return strings.HasPrefix(s, "phone 54") }) && slices.ContainsFunc(asked, func(s string) bool { return strings.HasPrefix(s, "platica ") })
		}},
		{byPart, "0" + parts[2] + " 15 " + some, func(asked []string) bool { return slices.Equal(asked, []string{"search " + some}) }},
	} {
		if here(in, tt.chat.ID) {
			t.Fatalf("%s is here before anybody asked", tt.chat.ID)
		}
		ask(t, in, tt.typed)
		if asked := b.questions(); !tt.want(asked) {
			t.Errorf("%q: asked %q", tt.typed, asked)
		}
		target, err := in.Cache().Target(t.Context(), "ventas", tt.chat.ID)
		if err != nil {
			t.Fatalf("%q brought nothing: %v", tt.typed, err)
		}
		thread, err := in.Cache().Thread(t.Context(), target.Thread)
		if err != nil || !in.Brought(thread.Person) {
			t.Errorf("%q: %s is not marked as brought, %v", tt.typed, thread.Person, err)
		}
		hits := in.People().Find(tt.typed, []phone.Context{where}, 10)
		if !slices.ContainsFunc(hits, func(h search.Hit) bool { return h.Person == thread.Person }) {
			t.Errorf("%q is still not found", tt.typed)
		}
	}
	if after := feed(); after.Seen != before.Seen || after.Pages != before.Pages || string(after.Mark) != string(before.Mark) || !after.Running {
		t.Errorf("the bookmark has moved: %+v, was %+v", after, before)
	}
	// The same again is not asked again, another person's number is not a
	// question for a search, and what is too short is none at all.
	for typed, want := range map[string]search.Remote{byName.Contact.Name: search.RemoteDone, "ab": search.RemoteNone, "123": search.RemoteNone, "": search.RemoteNone} {
		if got := in.AskProviders(server.Question{Text: typed}); got != want {
			t.Errorf("%q: %s, want %s", typed, got, want)
		}
	}
	if got := in.AskProviders(server.Question{Text: "otra persona", Accounts: []string{"soporte"}}); got != search.RemoteNone {
		t.Errorf("a name, of Plática alone: %s", got)
	}
	if asked := b.questions(); len(asked) > 0 {
		t.Errorf("asked %q", asked)
	}
	close(b.stopped)
	eventually(t, "a whole copy", func() bool {
		f := feed()
		return !f.FinishedAt.IsZero() && !f.Running
	})
	if s, err := in.Cache().State(t.Context(), "ventas"); err != nil || int(s.Conversations) != len(b.chats) {
		t.Errorf("%d conversations, want %d, %v", s.Conversations, len(b.chats), err)
	}
	due, err := in.Cache().Lookups(t.Context(), "ventas", time.Now().Add(24*time.Hour), 10)
	if err != nil || len(due) > 0 {
		t.Errorf("rows that were asked for count as missing: %v, %v", due, err)
	}
	eventually(t, "a whole copy needs no help", func() bool {
		return in.AskProviders(server.Question{Text: "alguien nuevo", Accounts: []string{"VENTAS"}}) == search.RemoteNone
	})
}

// While somebody types, the last question alone is asked; and however many
// there are, sync has most of the rate.
func TestHelpIsModest(t *testing.T) {
	b := openBigOffice(t)
	in := open(t, t.TempDir())
	account := b.waspy()
	account.Rate = 10
	add(t, in, account)
	if err := in.Start(true); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a first page", func() bool { return here(in, b.chats[0].ID) })
	b.questions()
	for _, typed := range []string{"nadie a", "nadie as", "nadie asi"} {
		if got := in.AskProviders(server.Question{Text: typed}); got != search.RemoteAsking {
			t.Fatalf("%q: %s", typed, got)
		}
	}
	ask2 := func(text string) {
		eventually(t, "an answer to "+text, func() bool { return in.AskProviders(server.Question{Text: text}) == search.RemoteDone })
	}
	ask2("nadie asi")
	if asked := b.questions(); !slices.Equal(asked, []string{"search nadie asi", "search nadie"}) {
		t.Errorf("asked %q", asked)
	}
	// Six at once and two a second after: the four that are left of them go at
	// once, the other eight take four seconds.
	began := time.Now()
	for _, typed := range []string{"uno dos1", "tres cuatro", "cinco seis", "siete ocho", "nueve diez", "once doce"} {
		in.AskProviders(server.Question{Text: typed})
		ask2(typed)
	}
	if n, took := len(b.questions()), time.Since(began); n != 12 || took < 3*time.Second {
		t.Errorf("%d questions in %v", n, took)
	}
	if err := in.Hold(t.Context(), "ventas", true); err != nil {
		t.Fatal(err)
	}
	if got := in.AskProviders(server.Question{Text: "otra vez"}); got != search.RemoteNone {
		t.Errorf("paused by a person: %s", got)
	}
}
