package export

import (
	"context"
	"fmt"
	"strings"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// heads are the columns of a table: the fields of a row (DESIGN §6.2) without
// what a cell cannot hold. The head of a time says whose clock it is.
func (j *Job) heads() []string {
	at := func(name string) string { return fmt.Sprintf("%s (%s)", name, j.Zone) }
	switch j.Rows {
	case Conversations:
		return []string{at("last_message_at"), at("created_at"), "account", "provider", "channel", "channel_name", "name", "phone", "phone_key",
			"status", "status_word", "assignees", "tags", "window", at("window_until"), "messages", "messages_complete", "gone", "person", "thread", "id"}
	case Messages:
		return []string{at("at"), "account", "provider", "direction", "type", "text", "status", "thread", "conversation", "id", "person"}
	case People:
		return []string{"person", "name", "names", "phones", "phone_keys", "threads", "joins"}
	}
	return nil
}

// table gives the rows as cells.
func (j *Job) table(ctx context.Context, c *cache.Cache, write func([]any) error) error {
	return j.each(ctx, c, func(row any) error {
		switch row := row.(type) {
		case cache.StoredConversation:
			return write(j.conversationCells(row))
		case cache.StoredMessage:
			return write(j.messageCells(row))
		case Person:
			return write(personCells(row))
		}
		return nil
	})
}

// at is a time as a cell has it: nothing where it is not known.
func (j *Job) at(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.In(j.Zone)
}

func (j *Job) conversationCells(s cache.StoredConversation) []any {
	window := ""
	switch {
	case !s.Window.Known:
	case s.Window.OpenAt(j.Now):
		window = "open"
	default:
		window = "closed"
	}
	return []any{j.at(s.LastAt), j.at(s.CreatedAt), s.Account, string(s.Provider), s.Channel, j.Channels[[2]string{s.Account, s.Channel}], s.Name, s.Phone, s.PhoneKey,
		string(s.Status), s.StatusWord, strings.Join(s.Assignees, ", "), strings.Join(s.Tags, ", "), window, j.at(s.Window.Until), s.Messages,
		fmt.Sprint(s.MessagesComplete), fmt.Sprint(s.Gone), s.Person, s.Thread, s.ID}
}

func (j *Job) messageCells(m cache.StoredMessage) []any {
	return []any{j.at(m.At), m.Account, string(m.Provider), string(m.Direction), kindOf(m), m.Text, m.Status, m.Thread, m.Conversation, m.ID, m.Person}
}

// kindOf is what sort of message it is, in the provider's own word where ours
// has none.
func kindOf(m cache.StoredMessage) string {
	if m.Kind == inbox.KindUnknown {
		return m.KindWord
	}
	return string(m.Kind)
}

func personCells(p Person) []any {
	joins := make([]string, len(p.Joins))
	for i, j := range p.Joins {
		joins[i] = j.Reason
	}
	return []any{p.Person, p.Name, strings.Join(p.Names, "\n"), strings.Join(p.Phones, "\n"), strings.Join(p.PhoneKeys, "\n"), strings.Join(p.Threads, "\n"), strings.Join(joins, "\n")}
}
