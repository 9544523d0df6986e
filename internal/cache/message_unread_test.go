package cache

import (
	"fmt"
	"testing"

	"bandeja/internal/inbox"
)

// The page around the first unread message of the customer: what the team and
// nobody known wrote since is none, and a thread without one answers with its
// newest page.
func TestFirstUnread(t *testing.T) {
	at := func(id string, minute int, direction inbox.Direction) inbox.Message {
		m := msg(id, id, minutes(minute))
		m.Direction = direction
		return m
	}
	many := func() (all []inbox.Message) {
		for i := range 5000 {
			all = append(all, at(fmt.Sprint("m", i), i, inbox.In))
		}
		return all
	}
	for _, tt := range []struct {
		name     string
		messages []inbox.Message
		last     int // minute of the customer's last word, as the list has it
		readTo   int // minute; -1: nothing was ever read
		want     string
		unread   bool
	}{
		{"nothing is unread", []inbox.Message{at("a", 1, inbox.In), at("b", 2, inbox.In)}, 2, 2, "", false},
		{"the newest", []inbox.Message{at("a", 1, inbox.In), at("b", 2, inbox.In)}, 2, 1, "b", true},
		{"what the team wrote since is read", []inbox.Message{at("a", 1, inbox.In), at("b", 2, inbox.Out), at("c", 3, inbox.DirectionUnknown), at("d", 4, inbox.In), at("e", 5, inbox.In)}, 5, 1, "d", true},
		{"nothing was ever read", []inbox.Message{at("a", 1, inbox.Out), at("b", 2, inbox.In), at("c", 3, inbox.In)}, 3, -1, "b", true},
		{"the mark is older than anything kept", []inbox.Message{at("a", 100, inbox.In), at("b", 101, inbox.In)}, 101, 3, "a", true},
		{"one that the copy lacks yet", []inbox.Message{at("a", 1, inbox.In)}, 9, 1, "", true},
		{"thousands up", many(), 4999, 9, "m10", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCache(t)
			list(t, c, waspyAccount, chat("1", "Ana", "", minutes(tt.last)))
			read(t, c, waspyAccount, "1", tt.messages...)
			ref := threadOf(t, c, waspyAccount, "1").Ref
			if tt.readTo >= 0 {
				if err := c.Mirror(t.Context(), []Mark{{Account: waspyAccount.Name, Thread: ref, ReadAt: minutes(tt.readTo), Seq: 1}}); err != nil {
					t.Fatal(err)
				}
			}
			p, err := c.Messages(t.Context(), ref, Spot{Unread: true}, 10)
			if err != nil {
				t.Fatal(err)
			}
			u := p.Unread
			if (u != nil) != tt.unread {
				t.Fatalf("unread: %+v", u)
			}
			if u != nil && (u.Message != tt.want || u.Account != waspyAccount.Name || u.Conversation != map[bool]string{true: "1"}[tt.want != ""]) {
				t.Errorf("unread from %+v, want %q", u, tt.want)
			}
			if u != nil && tt.readTo >= 0 != u.Since.Equal(minutes(tt.readTo)) {
				t.Errorf("since %v", u.Since)
			}
			if tt.want != "" {
				if p.Found < 0 || p.Messages[p.Found].ID != tt.want {
					t.Errorf("found %d of %d", p.Found, len(p.Messages))
				}
				return
			}
			if last := tt.messages[len(tt.messages)-1].ID; p.Found >= 0 || p.Messages[len(p.Messages)-1].ID != last || p.After != "" {
				t.Errorf("found %d, %d messages, after %q: not the newest page", p.Found, len(p.Messages), p.After)
			}
		})
	}
}

// Of a person it is the earliest of what is unread in any of their threads; a
// message that is here goes before one that is to come.
func TestFirstUnreadOfPerson(t *testing.T) {
	c := newCache(t)
	const number = "+5491155550143"
	list(t, c, waspyAccount, chat("1", "Ana", number, minutes(9)), with(chat("2", "Ana", number, minutes(7)), func(c *inbox.Conversation) { c.Channel = "line-2" }))
	first, second := threadOf(t, c, waspyAccount, "1"), threadOf(t, c, waspyAccount, "2")
	if first.Person != second.Person || first.Ref == second.Ref {
		t.Fatalf("%+v and %+v are not two threads of one person", first, second)
	}
	unread := func() string {
		p, err := c.PersonMessages(t.Context(), first.Person, Spot{Unread: true}, 10)
		if err != nil || p.Unread == nil {
			t.Fatalf("%+v, %v", p, err)
		}
		if p.Unread.Message != "" && p.Messages[p.Found].ID != p.Unread.Message {
			t.Errorf("found %d, unread from %+v", p.Found, p.Unread)
		}
		return p.Unread.Message
	}
	if got := unread(); got != "" {
		t.Errorf("%q, and no message is here", got)
	}
	read(t, c, waspyAccount, "1", msg("a", "a", minutes(9)))
	if got := unread(); got != "a" {
		t.Errorf("%q with one thread read", got)
	}
	read(t, c, waspyAccount, "2", msg("b", "b", minutes(7)))
	if got := unread(); got != "b" {
		t.Errorf("%q with both", got)
	}
}
