package cache

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"bandeja/internal/inbox"
)

// bury lets the provider say twice, an hour apart, that it has no such
// conversation.
func bury(t testing.TB, c *Cache, a inbox.Account, id string) (d Delta) {
	t.Helper()
	for _, at := range []time.Time{noon, noon.Add(goneAfter)} {
		begun, err := c.NextFetch(t.Context(), a.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, d, err = c.Missing(t.Context(), a.Name, []Missed{{ID: id, Begun: begun}}, at); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// carry copies what is gone from the cache to local.db.
func carry(t testing.TB, c *Cache, l *Local) {
	t.Helper()
	refs, err := c.Gone(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range refs {
		g, err := c.ReadGone(t.Context(), r)
		if err == nil {
			err = l.KeepGone(t.Context(), g, noon)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// restore gives a cache what local.db keeps.
func restore(t testing.TB, c *Cache, l *Local) (d Delta) {
	t.Helper()
	refs, err := l.KeptGone(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range refs {
		g, err := l.ReadGone(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		one, err := c.RestoreGone(t.Context(), g)
		if err != nil {
			t.Fatal(err)
		}
		d.Add(one)
	}
	return d
}

// view is everything that anybody sees of a thread.
func view(t testing.TB, c *Cache, a inbox.Account, conversation string) any {
	t.Helper()
	th := threadOf(t, c, a, conversation)
	convs, err := c.ConversationsOf(t.Context(), th.Ref)
	if err != nil {
		t.Fatal(err)
	}
	msgs, err := c.Messages(t.Context(), th.Ref, Spot{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	th.Unread = false // the read floor is the profile's to give back
	return []any{th, convs, msgs}
}

// What is gone at the provider outlives the cache, whole: rows, objects to the
// byte, messages in their order, also those without a time, and the index.
func TestGoneOutlivesTheCache(t *testing.T) {
	old, l := newCache(t), newLocal(t, waspyAccount, platicaAccount)
	odd := chat("1", "Ana", "+54 9 11 5983-4410", noon)
	odd.Raw = []byte(`{"id":"1", "n":12345678901234567890.10,"t":"<b> & \u2028"}`)
	list(t, old, waspyAccount, odd, chat("2", "Beto", "", minutes(1)))
	timeless := msg("m2", "sin hora", noon)
	timeless.At = time.Time{}
	read(t, old, waspyAccount, "1", msg("m1", "girasoles", noon), timeless, msg("m3", "chau", minutes(1)))
	// One that was read by itself, after it was listed, and is partly here.
	list(t, old, platicaAccount, session("s1", "Lupe", "5215512345678", noon), session("s2", "Lupe", "5215512345678", minutes(60)))
	list(t, old, platicaAccount, with(session("s1", "Lupe", "5215512345678", noon), func(c *inbox.Conversation) { c.Form, c.StatusWord = inbox.Read, "finished" }))
	if _, err := old.SaveMessages(t.Context(), platicaAccount.Name, []Reading{{Conversation: "s1", Messages: []inbox.Message{msg("x1", "tulipanes", noon)}, Short: true,
		Version: versionOfConversation(t, old, platicaAccount, "s1")}}); err != nil {
		t.Fatal(err)
	}
	if d := bury(t, old, waspyAccount, "1"); !d.Gone {
		t.Errorf("%+v", d)
	}
	bury(t, old, platicaAccount, "s1")
	carry(t, old, l)
	carry(t, old, l) // and killed before anybody knew: once

	c := newCache(t)
	// The other session of the thread comes while what is gone is not back yet.
	list(t, c, platicaAccount, session("s2", "Lupe", "5215512345678", minutes(60)))
	if d := restore(t, c, l); d.Conversations != 2 || d.Messages != 4 || len(d.Threads) != 2 || len(d.People) == 0 {
		t.Errorf("%+v", d)
	}
	for _, v := range []struct {
		a  inbox.Account
		id string
	}{{waspyAccount, "1"}, {platicaAccount, "s1"}} {
		if was, is := view(t, old, v.a, v.id), view(t, c, v.a, v.id); !reflect.DeepEqual(was, is) {
			t.Errorf("%s\nwas %+v\nis  %+v", v.id, was, is)
		}
	}
	if got := stored1(t, c, waspyAccount, "1"); string(got.Raw) != string(odd.Raw) || !got.Gone || !got.MessagesComplete {
		t.Errorf("%+v %s", got, got.Raw)
	}
	if got := find(t, c, "girasoles"); !slices.Equal(got, []string{"m1"}) {
		t.Errorf("found %v in the queue", got)
	}
	indexAll(t, c)
	checkIndex(t, c)
	if n := writes(t, c.s, func() { restore(t, c, l) }); n != 0 {
		t.Errorf("%d rows written for what is here already", n)
	}
	states, err := c.States(t.Context())
	if err != nil || states[1].Conversations != 1 || states[1].Gone != 1 || states[1].ToRead != 0 || states[1].Messages != 3 {
		t.Errorf("%+v, %v", states, err)
	}
}

// One that the provider lists again is as any other, and is kept no more.
func TestGoneComesBack(t *testing.T) {
	c, l := newCache(t), newLocal(t, waspyAccount)
	row := chat("1", "Ana", "+54 9 11 5983-4410", noon)
	list(t, c, waspyAccount, row)
	read(t, c, waspyAccount, "1", msg("m1", "hola", noon))
	bury(t, c, waspyAccount, "1")
	carry(t, c, l)
	c = newCache(t)
	restore(t, c, l)
	if threads, _, err := c.Threads(t.Context(), ThreadFilter{View: All, Now: noon}, "", 10); err != nil || len(threads) != 0 {
		t.Errorf("a list shows what is gone: %+v, %v", threads, err)
	}
	if d := list(t, c, waspyAccount, row); !d.Gone || d.Conversations != 1 {
		t.Errorf("%+v", d)
	}
	got := threadOf(t, c, waspyAccount, "1")
	if here, gone, err := c.Has(t.Context(), GoneRef{waspyAccount.Name, "1"}); got.Gone || !here || gone || err != nil {
		t.Errorf("%+v %v %v %v", got, here, gone, err)
	}
	if _, err := c.ReadGone(t.Context(), GoneRef{waspyAccount.Name, "1"}); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v", err)
	}
	if err := l.DropGone(t.Context(), GoneRef{waspyAccount.Name, "1"}); err != nil {
		t.Fatal(err)
	}
	if kept, err := l.KeptGone(t.Context()); err != nil || len(kept) != 0 {
		t.Errorf("%v, %v", kept, err)
	}
	if _, err := l.ReadGone(t.Context(), GoneRef{waspyAccount.Name, "1"}); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v", err)
	}
	if n := number(t, l.s, `SELECT count(*) FROM gone_messages`); n != 0 {
		t.Errorf("%d messages kept", n)
	}
}

// What is kept is replaced by what was gone last, and goes with its account.
func TestGoneIsKeptAsItWasLast(t *testing.T) {
	l := newLocal(t, waspyAccount)
	g := GoneConversation{Account: waspyAccount.Name, Conversation: chat("1", "Ana", "", noon)}
	for n := range 3 {
		g.Messages = append(g.Messages, msg(fmt.Sprint("m", n), "hola", minutes(n)))
		if n == 2 {
			g.Messages = g.Messages[1:]
		}
		if err := l.KeepGone(t.Context(), g, noon); err != nil {
			t.Fatal(err)
		}
	}
	got, err := l.ReadGone(t.Context(), GoneRef{waspyAccount.Name, "1"})
	if err != nil || len(got.Messages) != 2 || got.Messages[0].ID != "m1" || got.Conversation.Name != "Ana" {
		t.Errorf("%+v, %v", got, err)
	}
	if err := l.RemoveAccount(t.Context(), waspyAccount.Name, false); err != nil {
		t.Fatal(err)
	}
	if err := l.KeepGone(t.Context(), g, noon); err != nil { // was on its way
		t.Fatal(err)
	}
	if n := number(t, l.s, `SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM gone_messages)`); n != 0 {
		t.Errorf("%d rows kept of an account that was removed", n)
	}
}
