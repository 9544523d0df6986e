package search

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/phone"
)

var (
	noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

	waspyAccount   = inbox.Account{Name: "ventas", Provider: inbox.Waspy, Region: "AR", Area: "11"}
	platicaAccount = inbox.Account{Name: "soporte", Provider: inbox.Platica, Region: "MX"}
	buenosAires    = []phone.Context{{Region: "AR", Area: "11"}}
)

func minutes(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }

// newEngine makes an engine over an empty cache with both accounts.
func newEngine(t testing.TB) *Engine {
	t.Helper()
	c, err := cache.OpenCache(t.Context(), filepath.Join(t.TempDir(), "cache.db"), cache.ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	for _, a := range []inbox.Account{waspyAccount, platicaAccount} {
		if err := c.EnsureAccount(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	e := New(c, nil)
	if err := e.People.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return e
}

// chat is a conversation as a list has it.
func chat(id, name, number string, at time.Time) inbox.Conversation {
	return inbox.Conversation{ID: id, Contact: "c-" + id, Channel: "line-1", Name: name, Phone: number, Status: inbox.Open, StatusWord: "open", CreatedAt: noon,
		ActiveAt: at, LastMessageAt: at, LastText: "hola", LastDirection: inbox.In, HasLast: true, MessageCount: -1, Version: fmt.Sprint(at.UnixMilli()),
		Form: inbox.Listed, Raw: fmt.Appendf(nil, `{"id":%q,"name":%q,"phone":%q,"at":%d}`, id, name, number, at.UnixMilli())}
}

// save stores rows and lets the index follow.
func save(t testing.TB, e *Engine, a inbox.Account, items ...inbox.Conversation) cache.Delta {
	t.Helper()
	begun, err := e.Cache.NextFetch(t.Context(), a.Name)
	if err != nil {
		t.Fatal(err)
	}
	d, err := e.Cache.SaveConversations(t.Context(), a.Name, inbox.Page[inbox.Conversation]{Items: items}, nil, begun)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.People.Refresh(t.Context(), d.People); err != nil {
		t.Fatal(err)
	}
	return d
}

// say stores texts as the messages of a conversation, a minute apart.
func say(t testing.TB, e *Engine, a inbox.Account, conversation string, texts ...string) {
	t.Helper()
	sayFrom(t, e, a, conversation, 0, texts...)
}

func sayFrom(t testing.TB, e *Engine, a inbox.Account, conversation string, minute int, texts ...string) {
	t.Helper()
	r := cache.Reading{Conversation: conversation}
	for i, text := range texts {
		r.Messages = append(r.Messages, inbox.Message{ID: fmt.Sprint("m", i), Direction: inbox.In, Kind: inbox.Text, KindWord: "text", Text: text, At: minutes(minute + i),
			Raw: fmt.Appendf(nil, `{"text":%q}`, text)})
	}
	if _, err := e.Cache.SaveMessages(t.Context(), a.Name, []cache.Reading{r}); err != nil {
		t.Fatal(err)
	}
}

// names are who a query finds, best first; lines stand for the nameless.
func names(t testing.TB, e *Engine, query string) []string {
	t.Helper()
	r, err := e.Search(t.Context(), Ask{Query: query, Where: buenosAires, Limit: 20})
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, p := range r.People {
		name := p.Name
		if name == "" {
			name = p.Match.Text
		}
		out = append(out, name)
	}
	return out
}

func same(t *testing.T, query string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%q finds %q, want %q", query, got, want)
	}
}
