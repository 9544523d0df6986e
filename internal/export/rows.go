// Package export writes what the cache holds in forms that other programs
// read. First measure: NDJSON, one row a line (DESIGN §6.2).
package export

import (
	"bufio"
	"context"
	"encoding/json"
	"io"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// Conversation is a row of `export conversations`.
type Conversation struct {
	Account          string             `json:"account"`
	Provider         inbox.ProviderName `json:"provider"`
	ID               string             `json:"id"`
	Thread           string             `json:"thread"`
	Person           string             `json:"person"`
	Channel          string             `json:"channel"`
	Name             string             `json:"name"`
	Phone            string             `json:"phone"` // as the provider wrote it
	PhoneKey         string             `json:"phone_key"`
	Status           inbox.Status       `json:"status"`
	StatusWord       string             `json:"status_word"`
	Assignees        []string           `json:"assignees"`
	Tags             []string           `json:"tags"`
	CreatedAt        *string            `json:"created_at"`
	LastMessageAt    *string            `json:"last_message_at"`
	Window           Window             `json:"window"`
	Messages         int64              `json:"messages"`
	MessagesComplete bool               `json:"messages_complete"`
	Gone             bool               `json:"gone"`
	Raw              json.RawMessage    `json:"raw"`
}

// Window is the reply window of a conversation.
type Window struct {
	Known bool    `json:"known"`
	Open  bool    `json:"open"`
	Until *string `json:"until"`
}

// Message is a row of `export messages`.
type Message struct {
	Account      string             `json:"account"`
	Provider     inbox.ProviderName `json:"provider"`
	Conversation string             `json:"conversation"`
	ID           string             `json:"id"`
	Thread       string             `json:"thread"`
	Person       string             `json:"person"`
	Direction    inbox.Direction    `json:"direction"`
	Type         inbox.Kind         `json:"type"`
	Text         string             `json:"text"`
	Status       string             `json:"status"`
	At           *string            `json:"at"`
	Raw          json.RawMessage    `json:"raw"`
}

// Person is a row of `export people`.
type Person struct {
	Person    string   `json:"person"`
	Name      string   `json:"name"`
	Names     []string `json:"names"`
	Phones    []string `json:"phones"`
	PhoneKeys []string `json:"phone_keys"`
	Threads   []string `json:"threads"`
	Joins     []Join   `json:"joins"`
}

// Join says why contacts are one person.
type Join struct {
	Reason   string `json:"reason"`
	Strength string `json:"strength"` // automatic, or by_hand
}

// ConversationRow shapes a stored conversation. open says whether its window
// is open now.
func ConversationRow(c cache.StoredConversation, open bool) Conversation {
	return Conversation{c.Account, c.Provider, c.ID, c.Thread, c.Person, c.Channel, c.Name, c.Phone, c.PhoneKey, c.Status, c.StatusWord,
		list(c.Assignees), list(c.Tags), inbox.TimeJSON(c.CreatedAt), inbox.TimeJSON(c.LastAt),
		Window{c.Window.Known, open, inbox.TimeJSON(c.Window.Until)}, c.Messages, c.MessagesComplete, c.Gone, c.Raw}
}

// list is an array where none is meant, too: a row has no null for one.
func list(items []string) []string {
	if items == nil {
		return []string{}
	}
	return items
}

// MessageRow shapes a stored message.
func MessageRow(m cache.StoredMessage) Message {
	return Message{m.Account, m.Provider, m.Conversation, m.ID, m.Thread, m.Person, m.Direction, m.Kind, m.Text, m.Status, inbox.TimeJSON(m.At), m.Raw}
}

// PersonRow shapes a person, with what joins their contacts.
func PersonRow(p cache.Person, joins []cache.Join) Person {
	row := Person{Person: p.Ref, Name: p.Name, Names: p.Names, Phones: p.E164s, PhoneKeys: p.Keys, Threads: []string{}, Joins: []Join{}}
	for _, part := range p.Parts {
		row.Threads = append(row.Threads, part.Thread)
	}
	for _, j := range joins {
		row.Joins = append(row.Joins, joinRow(j))
	}
	return row
}

func joinRow(j cache.Join) Join {
	switch j.Reason {
	case cache.SameLineWithout9:
		return Join{"same line, written with and without the 9", "automatic"}
	case cache.SameLineWithout1:
		return Join{"same line, written with and without the 1", "automatic"}
	case cache.ByHand:
		return Join{"somebody said so", "by_hand"}
	}
	return Join{"same line", "automatic"}
}

// NDJSON writes rows one a line, buffered; Flush ends it.
type NDJSON struct {
	w *bufio.Writer
	e *json.Encoder
}

// NewNDJSON writes to w.
func NewNDJSON(w io.Writer) *NDJSON {
	b := bufio.NewWriterSize(w, 1<<16)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false) // what providers sent is given back as it was
	return &NDJSON{b, e}
}

// Write writes one row.
func (n *NDJSON) Write(row any) error { return n.e.Encode(row) }

// Flush writes out what is buffered.
func (n *NDJSON) Flush() error { return n.w.Flush() }

// peopleAtOnce bounds how many people are in memory at a time.
const peopleAtOnce = 500

// EachPerson gives everybody as rows, or only one person (p_…), in the order of
// their ids.
func EachPerson(ctx context.Context, c *cache.Cache, only string, fn func(Person) error) error {
	if only != "" {
		return somePeople(ctx, c, []string{only}, fn)
	}
	for after := ""; ; {
		refs, err := c.PersonRefs(ctx, after, peopleAtOnce)
		if err != nil || len(refs) == 0 {
			return err
		}
		if err := somePeople(ctx, c, refs, fn); err != nil {
			return err
		}
		after = refs[len(refs)-1]
	}
}

func somePeople(ctx context.Context, c *cache.Cache, refs []string, fn func(Person) error) error {
	people, err := c.People(ctx, refs)
	if err != nil {
		return err
	}
	several := []string{} // who is of one part is joined of nothing
	for _, p := range people {
		if len(p.Parts) > 1 {
			several = append(several, p.Ref)
		}
	}
	joins := map[string][]cache.Join{}
	if err := c.EachJoined(ctx, several, func(person string, j []cache.Join) error {
		joins[person] = j
		return nil
	}); err != nil {
		return err
	}
	for _, p := range people {
		if err := fn(PersonRow(p, joins[p.Ref])); err != nil {
			return err
		}
	}
	return nil
}
