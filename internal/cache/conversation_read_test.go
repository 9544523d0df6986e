package cache

import (
	"context"
	"errors"
	"slices"
	"testing"

	"bandeja/internal/inbox"
)

func TestEach(t *testing.T) {
	c := newCache(t)
	ctx := t.Context()
	list(t, c, waspyAccount, chat("1", "Ana", "+54 9 11 5983-4410", minutes(5)), chat("2", "Beto", "", minutes(9)))
	list(t, c, platicaAccount, session("s", "Ana", "5491159834410", noon), session("s2", "Ana", "+5491159834410", minutes(60)))
	read(t, c, waspyAccount, "1", msg("b", "", minutes(5)), msg("a", "", minutes(4)))
	read(t, c, platicaAccount, "s2", msg("z", "", minutes(99)))
	read(t, c, platicaAccount, "s", msg("z", "", minutes(1)), msg("y", "", minutes(2)))
	ana := personRefs(t, c, "ventas/1")[0]
	for _, tt := range []struct {
		name               string
		sel                Selection
		convs, wantMessage []string
	}{
		{"all", Selection{}, []string{"s2", "2", "1", "s"}, []string{"1/a", "1/b", "s/z", "s/y", "s2/z"}},
		{"one account", Selection{Account: "soporte"}, []string{"s2", "s"}, []string{"s/z", "s/y", "s2/z"}},
		{"one person", Selection{Person: ana}, []string{"s2", "1", "s"}, []string{"1/a", "1/b", "s/z", "s/y", "s2/z"}},
		{"one thread", Selection{Thread: threadOf(t, c, waspyAccount, "1").Ref}, []string{"1"}, []string{"1/a", "1/b"}},
		{"nobody", Selection{Account: "nobody"}, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var convs, msgs []string
			if err := c.EachConversation(ctx, tt.sel, func(s StoredConversation) error {
				convs = append(convs, s.ID)
				return nil
			}); err != nil || !slices.Equal(convs, tt.convs) {
				t.Errorf("conversations %v, %v; want %v", convs, err, tt.convs)
			}
			if err := c.EachMessage(ctx, tt.sel, func(m StoredMessage) error {
				msgs = append(msgs, m.Conversation+"/"+m.ID)
				return nil
			}); err != nil || !slices.Equal(msgs, tt.wantMessage) {
				t.Errorf("messages %v, %v; want %v", msgs, err, tt.wantMessage)
			}
		})
	}
	stop := errors.New("stop")
	if err := c.EachConversation(ctx, Selection{}, func(StoredConversation) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("%v", err)
	}
	// Writing goes on while an export runs, which sees none of it.
	seen := 0
	if err := c.EachMessage(ctx, Selection{}, func(StoredMessage) error {
		seen++
		read(t, c, waspyAccount, "2", msg("new"+itoa(int64(seen)), "", minutes(seen)))
		return nil
	}); err != nil || seen != 5 {
		t.Errorf("saw %d, %v", seen, err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := c.EachMessage(cancelled, Selection{}, func(StoredMessage) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, err := c.SearchMessages(cancelled, MessageQuery{Words: []Word{{Text: "x"}}}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestStoredConversation(t *testing.T) {
	c := newCache(t)
	row := with(session("s", "Lupe", "5215512345678", noon), func(c *inbox.Conversation) {
		c.Topic, c.Platform, c.Operation, c.Tags, c.Assignees = "ventas", "whatsapp", "automatic", []string{`a"b`, "ñ"}, []string{"x@example.com"}
		c.Window = inbox.Window{Known: true, Open: true}
	})
	list(t, c, platicaAccount, row)
	read(t, c, platicaAccount, "s", msg("m", "hola", minutes(3)))
	got := stored1(t, c, platicaAccount, "s")
	if got.PublicID != row.PublicID || got.Workspace != "w1" || got.Channel != "canal-1" || got.Topic != "ventas" || got.Platform != "whatsapp" || got.Operation != "automatic" ||
		!slices.Equal(got.Tags, row.Tags) || !slices.Equal(got.Assignees, row.Assignees) || got.Window != row.Window || got.MessageCount != 2 || got.Messages != 1 ||
		!got.CreatedAt.Equal(noon) || !got.ActiveAt.Equal(row.ActiveAt) || !got.LastMessageAt.IsZero() || !got.LastAt.Equal(minutes(3)) || got.PhoneKey != "525512345678" || got.Gone || !got.MessagesComplete {
		t.Errorf("%+v", got)
	}
	if empty := stored1(t, c, platicaAccount, "s"); empty.Tags == nil {
		t.Error("tags are nil")
	}
}

// The parts of people, as the people index reads them.
func TestEachPerson(t *testing.T) {
	c := newCache(t)
	ctx := t.Context()
	list(t, c, waspyAccount, chat("1", "Ana", "+54 9 11 5983-4410", minutes(5)))
	list(t, c, platicaAccount, session("s", "Anita", "5491159834410", noon), session("other", "Beto", "", noon))
	ana := personRefs(t, c, "ventas/1")[0]
	parts := map[string]PersonRow{}
	if err := c.EachPerson(ctx, []string{ana, "p_none"}, func(r PersonRow) error {
		parts[r.Account] = r
		return nil
	}); err != nil || len(parts) != 2 {
		t.Fatalf("%+v, %v", parts, err)
	}
	w := parts["ventas"]
	if w.Name != "Ana" || w.Phone != "+54 9 11 5983-4410" || w.PhoneKey != "541159834410" || w.E164 != "+5491159834410" || w.Live != "1" || w.Status != inbox.Open ||
		w.Word != "open" || w.Channel != "line-1" || w.Sessions != 1 || !w.LastAt.Equal(minutes(5)) || !w.At.Equal(minutes(5)) || w.Provider != inbox.Waspy || w.Gone {
		t.Errorf("%+v", w)
	}
	all := 0
	if err := c.EachPerson(ctx, nil, func(PersonRow) error { all++; return nil }); err != nil || all != 3 {
		t.Errorf("%d, %v", all, err)
	}
	if err := c.EachPerson(ctx, []string{}, func(PersonRow) error { return errors.New("nobody was asked for") }); err != nil {
		t.Error(err)
	}
}
