package trial

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// holding is what a copy owes its provider.
type holding int

const (
	entire holding = iota // all of it, as it is (SYNC I1)
	part                  // what is here is as the provider has it; some may be missing
)

// rows reads the columns of an account's conversations.
func (k *checker) rows(account string) map[string]row {
	k.t.Helper()
	out := map[string]row{}
	k.each(`SELECT c.remote, public_id, workspace, channel, c.name, phone, status, status_word, assignees, tags, topic, platform, operation,
		created_at, active_at, last_at, last_text, last_dir, last_status, has_last, window_known, window_open, window_until, message_count, gone
		FROM conversations c JOIN accounts a ON a.id = c.account WHERE a.name = ?`, []any{account}, func(scan func(...any) error) error {
		var r row
		err := scan(&r.ID, &r.PublicID, &r.Workspace, &r.Channel, &r.Name, &r.Phone, &r.Status, &r.Word, &r.Assignees, &r.Tags, &r.Topic, &r.Platform, &r.Operation,
			&r.Created, &r.Active, &r.LastAt, &r.LastText, &r.LastDir, &r.LastStatus, &r.HasLast, &r.WindowKnown, &r.WindowOpen, &r.WindowUntil, &r.Count, &r.Gone)
		out[r.ID] = r
		return err
	})
	return out
}

// raws are the objects that the cache gives back, by id.
func (k *checker) raws(account string) map[string]cache.StoredConversation {
	k.t.Helper()
	out := map[string]cache.StoredConversation{}
	err := k.cache.EachConversation(context.Background(), cache.Selection{}, func(s cache.StoredConversation) error {
		if s.Account == account {
			out[s.ID] = s
		}
		return nil
	})
	if err != nil {
		k.t.Fatal(err)
	}
	return out
}

// equal holds an account to its side of the office. What the office has
// deleted may be here, as gone; nothing else may be here that is not there.
func (k *checker) equal(v *office, p inbox.ProviderName, owes holding) {
	k.t.Helper()
	rows, raws, texts := k.rows(string(p)), k.raws(string(p)), k.messages(string(p))
	wrong := complaints{t: k.t}
	truth := map[string]bool{}
	for _, raw := range v.conversations(p) {
		want := rowOf(k.t, p, raw)
		truth[want.ID] = true
		got, here := rows[want.ID]
		if !here {
			if owes == entire {
				wrong.add("%s: conversation %s is missing", p, want.ID)
			}
			continue
		}
		if got != want {
			wrong.add("%s: conversation %s differs: %s", p, want.ID, differences(got, want))
		}
		stored := raws[want.ID]
		if !sameJSON(stored.Raw, raw) {
			wrong.add("%s: conversation %s is given back differently:\n got %s\nwant %s", p, want.ID, stored.Raw, raw)
		}
		if owes == entire && !stored.MessagesComplete {
			wrong.add("%s: conversation %s is said to be incomplete", p, want.ID)
		}
		k.sameMessages(&wrong, p, want.ID, texts[want.ID], v.messages(p, want.ID), owes)
	}
	for id, r := range rows {
		if !truth[id] && !r.Gone {
			wrong.add("%s: conversation %s is here and not there", p, id)
		}
	}
}

// complaints are the first few things wrong with a side: a thousand lines say
// no more.
type complaints struct {
	t testing.TB
	n int
}

func (c *complaints) add(format string, args ...any) {
	c.t.Helper()
	if c.n++; c.n <= 8 {
		c.t.Errorf(format, args...)
	} else if c.n == 9 {
		c.t.Error("and more")
	}
}

// differences names the fields in which two rows differ.
func differences(got, want any) (out string) {
	a, b := reflect.ValueOf(got), reflect.ValueOf(want)
	for i := range a.NumField() {
		if f := a.Type().Field(i); f.IsExported() && !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			out += fmt.Sprintf(" %s is %v, not %v;", f.Name, a.Field(i).Interface(), b.Field(i).Interface())
		}
	}
	return out
}

// messages reads an account's messages, by conversation, in the order that is
// shown.
func (k *checker) messages(account string) map[string][]message {
	k.t.Helper()
	out := map[string][]message{}
	k.each(`SELECT c.remote, m.remote, m.direction, m.kind, m.kind_word, m.status, m.at, m.text, m.raw
		FROM messages m JOIN conversations c ON c.id = m.conversation JOIN accounts a ON a.id = c.account
		WHERE a.name = ? ORDER BY c.remote, m.at, m.seq, m.id`, []any{account}, func(scan func(...any) error) error {
		var m message
		var conversation, text string
		err := scan(&conversation, &m.ID, &m.Direction, &m.Kind, &m.Word, &m.Status, &m.At, &text, &m.raw)
		m.texts = []string{text}
		out[conversation] = append(out[conversation], m)
		return err
	})
	return out
}

// sameMessages holds a conversation's messages to the provider's, their order
// too. Where a part is enough it is one from the start: pages come in order.
func (k *checker) sameMessages(wrong *complaints, p inbox.ProviderName, id string, got []message, truth []json.RawMessage, owes holding) {
	k.t.Helper()
	if len(got) != len(truth) && (owes == entire || len(got) > len(truth)) {
		wrong.add("%s: conversation %s has %d messages, not %d", p, id, len(got), len(truth))
		return
	}
	want := inOrder(k.t, p, truth)
	for i, m := range got {
		w := want[i]
		switch {
		case m.ID != w.ID:
			wrong.add("%s: conversation %s: message %d is %s, not %s", p, id, i, m.ID, w.ID)
			return
		case m.Direction != w.Direction, m.Kind != w.Kind, m.Word != w.Word, m.Status != w.Status, m.At != w.At:
			wrong.add("%s: conversation %s: message %s differs:%s", p, id, m.ID, differences(m, w))
		case !sameJSON(m.raw, w.raw):
			wrong.add("%s: conversation %s: message %s is given back differently:\n got %s\nwant %s", p, id, m.ID, m.raw, w.raw)
		}
		for _, said := range w.texts {
			if !holds(m.texts[0], said) {
				wrong.add("%s: conversation %s: message %s says %q and not %q", p, id, m.ID, m.texts[0], said)
			}
		}
	}
}

// holds reports whether a text has a line, or the lines of a text.
func holds(text, said string) bool {
	return strings.Contains(text, strings.TrimSpace(said))
}

// inOrder decodes messages and puts them in the order of their times, as
// finely as the provider gives them; ties stay.
func inOrder(t testing.TB, p inbox.ProviderName, truth []json.RawMessage) []message {
	t.Helper()
	type timed struct {
		message
		at time.Time
	}
	all := make([]timed, len(truth))
	key := map[inbox.ProviderName]string{inbox.Waspy: "createdAt", inbox.Platica: "creationDate"}[p]
	for i, raw := range truth {
		all[i].message = messageOf(t, p, raw)
		all[i].at, _ = time.Parse(time.RFC3339Nano, objectOf(t, raw).text(key))
	}
	slices.SortStableFunc(all, func(a, b timed) int { return a.at.Compare(b.at) })
	out := make([]message, len(all))
	for i := range all {
		out[i] = all[i].message
	}
	return out
}
