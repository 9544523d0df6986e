package syncer_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/phone"
	"bandeja/internal/providers"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/syncer"
)

// What a question brings is saved and told once; it moves no bookmark, and
// nothing is asked of an account that a person has paused.
func TestHelp(t *testing.T) {
	for _, p := range inbox.Providers {
		t.Run(string(p), func(t *testing.T) {
			v := openOffice(t, simulator.Options{Seed: 9, Conversations: 60, Messages: 120})
			c := openCache(t, t.TempDir())
			if err := c.EnsureAccount(t.Context(), account(p)); err != nil {
				t.Fatal(err)
			}
			told := 0
			l := syncer.New(syncer.Options{Account: account(p), Provider: client(t, p, v.base(p), v.key(p)), Cache: c, Changed: func(cache.Delta) { told++ }})
			top, err := client(t, p, v.base(p), v.key(p)).Newest(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(top.Items, func(c inbox.Conversation) bool {
				return c.Name != "" && phone.Parse(c.Phone, phone.Context{}).Kind == phone.Phone || strings.HasPrefix(c.Phone, "52") && c.Name != ""
			})
			who := top.Items[i]
			got, err := l.ByPhone(t.Context(), strings.TrimPrefix(who.Phone, "+"))
			if err != nil || len(got.Items) == 0 || len(got.Fresh) != len(got.Items) || len(got.People) == 0 || told != 1 {
				t.Errorf("a number: %+v, %v, told %d times", got, err, told)
			}
			if again, err := l.ByPhone(t.Context(), strings.TrimPrefix(who.Phone, "+")); err != nil || len(again.Items) != len(got.Items) || len(again.Fresh) != 0 || told != 1 {
				t.Errorf("the same again: %+v, %v, told %d times", again, err, told)
			}
			for _, none := range []string{"5491100000000", "12", "x y"} {
				if got, err := l.ByPhone(t.Context(), none); err != nil || len(got.Items) != 0 {
					t.Errorf("%q: %+v, %v", none, got, err)
				}
			}
			switch got, err := l.Find(t.Context(), who.Name); {
			case p == inbox.Platica:
				if !errors.Is(err, providers.ErrUnsupported) {
					t.Errorf("a platform without a search: %v", err)
				}
			case err != nil || !slices.ContainsFunc(got.Items, func(c inbox.Conversation) bool { return c.Name == who.Name }):
				t.Errorf("a name: %+v, %v", got, err)
			}
			for _, kind := range []cache.FeedKind{cache.Head, cache.Sweep, cache.Open} {
				if f, err := c.Feed(t.Context(), account(p).Name, kind); err != nil || f.Gen != 0 || f.Pages != 0 || f.Running || !f.Top.IsZero() {
					t.Errorf("a bookmark of %s: %+v, %v", kind, f, err)
				}
			}
			l.Hold()
			before := v.Requests()
			if _, err := l.ByPhone(t.Context(), who.Phone); !errors.Is(err, syncer.ErrHeld) || v.Requests() != before {
				t.Errorf("paused: %v", err)
			}
		})
	}
}

// A key that reaches another office mixes nothing in, not even by a question.
func TestHelpOfAnotherOffice(t *testing.T) {
	v := openOffice(t, simulator.Options{Seed: 9, Conversations: 60, Messages: 120})
	c := openCache(t, t.TempDir())
	a := account(inbox.Platica)
	if err := c.EnsureAccount(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if _, err := c.SaveConversations(t.Context(), a.Name, inbox.Page[inbox.Conversation]{Workspaces: []inbox.Workspace{{ID: "elsewhere"}}}, nil, 1); err != nil {
		t.Fatal(err)
	}
	l := syncer.New(syncer.Options{Account: a, Provider: client(t, inbox.Platica, v.base(inbox.Platica), v.key(inbox.Platica)), Cache: c})
	top, err := client(t, inbox.Platica, v.base(inbox.Platica), v.key(inbox.Platica)).Newest(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(top.Items, func(c inbox.Conversation) bool { return len(c.Phone) > 10 })
	if got, err := l.ByPhone(t.Context(), top.Items[i].Phone); !errors.Is(err, syncer.ErrOtherWorkspace) || len(got.Items) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if n, err := c.Coverage(t.Context()); err != nil || n.Conversations != 0 {
		t.Errorf("%+v, %v", n, err)
	}
}
