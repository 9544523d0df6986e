package cache

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"bandeja/internal/inbox"
)

// StoredConversation is a conversation as the cache holds it.
type StoredConversation struct {
	Account  string
	Provider inbox.ProviderName
	Thread   string
	Person   string
	PhoneKey string
	inbox.Conversation
	LastAt           time.Time // of the last message, read or listed; zero where not known
	Messages         int64     // rows here
	MessagesComplete bool
	Gone             bool
	// Pending says that what is shown here was wished and the provider does
	// not have it yet: status, its word and assignees. Raw, and what is
	// exported, are the provider's.
	Pending Pending
}

const conversationColumns = conversationSelect + conversationTables

const conversationSelect = `SELECT a.name, a.provider, t.ref, k.person, k.phone_key, c.remote, c.public_id, c.workspace, c.channel, c.name, c.phone, c.status, c.status_word,
	c.assignees, c.tags, c.topic, c.platform, c.operation, c.created_at, c.active_at, c.last_at, c.window_known, c.window_open, c.window_until,
	c.message_count, c.messages, c.listed_mark = c.read_mark AND c.short = 0, c.gone,
	c.newest_at, c.listed, c.read, c.listed_seq, c.read_seq`

const conversationTables = `
	FROM conversations c JOIN threads t ON t.id = c.thread JOIN contacts k ON k.id = t.contact JOIN accounts a ON a.id = c.account `

// forms are the two received forms of a conversation, and the time of the newest
// of its messages.
type forms struct {
	listed, read       []byte
	listedSeq, readSeq int64
	newest             int64
}

func scanConversation(scan func(...any) error) (s StoredConversation, err error) {
	f, err := scanForms(scan, &s)
	if err != nil {
		return s, err
	}
	s.Raw, err = mergeForms(f.listed, f.read, f.readSeq > f.listedSeq)
	return s, err
}

// scanForms reads all but Raw; more is what the query has behind.
func scanForms(scan func(...any) error, s *StoredConversation, more ...any) (f forms, err error) {
	var assignees, tags string
	var created, active, lastAt, until int64
	err = scan(append([]any{&s.Account, &s.Provider, &s.Thread, &s.Person, &s.PhoneKey, &s.ID, &s.PublicID, &s.Workspace, &s.Channel, &s.Name, &s.Phone, &s.Status, &s.StatusWord,
		&assignees, &tags, &s.Topic, &s.Platform, &s.Operation, &created, &active, &lastAt, &s.Window.Known, &s.Window.Open, &until,
		&s.MessageCount, &s.Messages, &s.MessagesComplete, &s.Gone, &f.newest, &f.listed, &f.read, &f.listedSeq, &f.readSeq}, more...)...)
	if err != nil {
		return f, err
	}
	s.Assignees, s.Tags = unlist(assignees), unlist(tags)
	s.CreatedAt, s.ActiveAt, s.LastMessageAt = inbox.FromMillis(created), inbox.FromMillis(active), inbox.FromMillis(lastAt)
	s.LastAt = inbox.FromMillis(max(lastAt, f.newest))
	s.Window.Until = inbox.FromMillis(until)
	return f, nil
}

// mergeForms gives one object for the two received forms: the listed one, with
// what a newer read one has for the same fields, or else the read one (DESIGN
// §6.2). The order and the digits of what is taken stay.
func mergeForms(listed, read []byte, readNewer bool) (json.RawMessage, error) {
	if len(listed) == 0 {
		return read, nil
	}
	if len(read) == 0 || !readNewer {
		return listed, nil
	}
	var newer map[string]json.RawMessage
	if err := json.Unmarshal(read, &newer); err != nil {
		return listed, nil // the list's is an object, and whole
	}
	d := json.NewDecoder(bytes.NewReader(listed))
	if tok, err := d.Token(); err != nil || tok != json.Delim('{') {
		return listed, nil
	}
	out := bytes.NewBufferString("{")
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("merge forms: %w", err)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, fmt.Errorf("merge forms: %w", err)
		}
		if v, ok := newer[key.(string)]; ok {
			value = v
		}
		if out.Len() > 1 {
			out.WriteByte(',')
		}
		name, err := json.Marshal(key)
		if err != nil {
			return nil, err
		}
		out.Write(name)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// ConversationsOf reads the conversations of a thread, oldest first, with the
// wishes that are laid over them.
func (c *Cache) ConversationsOf(ctx context.Context, thread string) ([]StoredConversation, error) {
	var out []StoredConversation
	err := c.s.read(ctx, func(t *sql.Tx) error {
		if err := each(ctx, t, conversationColumns+`WHERE t.ref = ? ORDER BY c.created_at, c.active_at, c.id`, []any{thread}, func(scan func(...any) error) error {
			s, err := scanConversation(scan)
			out = append(out, s)
			return err
		}); err != nil {
			return err
		}
		return each(ctx, t, `SELECT c.remote, w.field, w.want, w.attention FROM threads t JOIN conversations c ON c.thread = t.id
			JOIN wishes w ON w.account = c.account AND w.conversation = c.remote WHERE t.ref = ?`, []any{thread}, func(scan func(...any) error) error {
			var id string
			var o Overlay
			if err := scan(&id, &o.Field, &o.Want, &o.Attention); err != nil {
				return err
			}
			for i := range out {
				if out[i].ID == id {
					out[i].wish(o)
				}
			}
			return nil
		})
	})
	return out, err
}

// wish lays one over what is shown.
func (s *StoredConversation) wish(o Overlay) {
	s.Pending = max(s.Pending, o.pending())
	switch {
	case o.Want == nil:
	case o.Field == inbox.FieldStatus:
		s.StatusWord, s.Status = *o.Want, inbox.StatusOf(s.Provider, *o.Want)
	case o.Field == inbox.FieldAssignees:
		s.Assignees = inbox.RefsOf(*o.Want)
	}
}

// StoredMessage is a message as the cache holds it.
type StoredMessage struct {
	Account  string
	Provider inbox.ProviderName
	Thread   string
	Person   string
	inbox.Message
}

// MessagePage is a page of a thread's messages, oldest first, with the cursors
// of what lies before and after it, "" where nothing does.
type MessagePage struct {
	Messages []StoredMessage
	Before   string
	After    string
	Found    int // the place in Messages of what Spot's Around, From or Unread asked for; -1 where none did, or nothing is there
	Unread   *Unread
}

// Unread says from where on nobody has read what a customer wrote, where the
// customer spoke last and it is not read yet.
type Unread struct {
	Since        time.Time // what came until then is read; zero: nothing is
	Account      string
	Conversation string // with Message the provider's ids of the first unread one; "" where it is not in the copy yet
	Message      string
}

const messageSelect = `SELECT a.name, a.provider, t.ref, k.person, m.remote, c.remote, m.direction, m.kind, m.kind_word, m.text, m.status, m.at, m.at_known, m.seq, m.raw, m.id`

const messageColumns = messageSelect + messageTables

const messageTables = ` FROM messages m JOIN conversations c ON c.id = m.conversation JOIN threads t ON t.id = m.thread JOIN contacts k ON k.id = t.contact JOIN accounts a ON a.id = c.account `

func scanMessage(scan func(...any) error) (s StoredMessage, id int64, err error) {
	var at int64
	var atKnown bool
	err = scan(&s.Account, &s.Provider, &s.Thread, &s.Person, &s.ID, &s.Conversation, &s.Direction, &s.Kind, &s.KindWord, &s.Text, &s.Status, &at, &atKnown, &s.Seq, (*[]byte)(&s.Raw), &id)
	s.Seq >>= seqBits
	if atKnown {
		s.At = inbox.FromMillis(at)
	}
	return s, id, err
}

// eachExport streams rows on one snapshot.
func (c *Cache) eachExport(ctx context.Context, query string, args []any, fn func(scan func(...any) error) error) error {
	return c.s.read(ctx, func(t *sql.Tx) error { return each(ctx, t, query, args, fn) })
}

// Selection narrows an export.
type Selection struct {
	Account string // "" for all
	Person  string // p_…, "" for all
	Thread  string // t_…, "" for all
	Narrow  Narrow
	Words   []Word        // of messages
	List    *ThreadFilter // the threads that a list shows, nil for all
}

func (s Selection) where(over row) (string, []any) {
	cond, args := "WHERE true", []any{}
	for _, v := range []struct{ column, value string }{{"a.name", s.Account}, {"k.person", s.Person}, {"t.ref", s.Thread}} {
		if v.value != "" {
			cond += " AND " + v.column + " = ?"
			args = append(args, v.value)
		}
	}
	more, values := s.Narrow.where(over)
	cond, args = cond+" AND "+more, append(args, values...)
	if s.List != nil {
		listed, values := s.List.threads()
		cond, args = cond+" AND t.id IN ("+listed+")", append(args, values...)
	}
	return cond, args
}

// threads is the query for the row numbers of those that a list shows: of none,
// where there is no such list.
func (f ThreadFilter) threads() (string, []any) {
	cond, args, err := f.where()
	if err != nil {
		cond, args = "false", nil
	}
	return `SELECT t.id ` + threadTables + `WHERE (?='' OR a.name = ?) AND ` + cond, append([]any{f.Account, f.Account}, args...)
}

// EachListed gives the people of the threads that a list shows, once each.
func (c *Cache) EachListed(ctx context.Context, f ThreadFilter, fn func(person string) error) error {
	listed, args := f.threads()
	return c.eachExport(ctx, `SELECT DISTINCT k.person FROM threads t JOIN contacts k ON k.id = t.contact WHERE t.id IN (`+listed+`)`, args, func(scan func(...any) error) error {
		var person string
		if err := scan(&person); err != nil {
			return err
		}
		return fn(person)
	})
}

// EachConversation streams conversations on one snapshot, newest first, gone
// ones included.
func (c *Cache) EachConversation(ctx context.Context, sel Selection, fn func(StoredConversation) error) error {
	cond, args := sel.where(overConversations)
	return c.eachExport(ctx, conversationColumns+cond+` ORDER BY max(c.active_at, c.last_at) DESC, c.id DESC`, args, func(scan func(...any) error) error {
		s, err := scanConversation(scan)
		if err != nil {
			return err
		}
		return fn(s)
	})
}

// EachMessage streams messages on one snapshot, by conversation, then order.
// Conversations lead the join, so that only one's messages are sorted at a
// time.
func (c *Cache) EachMessage(ctx context.Context, sel Selection, fn func(StoredMessage) error) error {
	return c.eachMessage(ctx, sel, ` ORDER BY c.id, m.at, m.seq, m.id`, fn)
}

// EachMessageInTime streams messages as EachMessage does, over all
// conversations as one, oldest first: of one person or thread, since all of
// them are sorted.
func (c *Cache) EachMessageInTime(ctx context.Context, sel Selection, fn func(StoredMessage) error) error {
	return c.eachMessage(ctx, sel, ` ORDER BY m.at, m.seq, m.id`, fn)
}

func (c *Cache) eachMessage(ctx context.Context, sel Selection, order string, fn func(StoredMessage) error) error {
	cond, args := sel.where(overMessages)
	if sel.Person != "" || sel.Thread != "" { // else every conversation is walked
		cond += ` AND c.thread IN (SELECT t2.id FROM threads t2 JOIN contacts k2 ON k2.id = t2.contact WHERE (?='' OR k2.person = ?) AND (?='' OR t2.ref = ?))`
		args = append(args, sel.Person, sel.Person, sel.Thread, sel.Thread)
	}
	if sel.List != nil {
		listed, values := sel.List.threads()
		cond, args = cond+" AND c.thread IN ("+listed+")", append(args, values...)
	}
	m := newMatcher(sel.Words)
	return c.eachExport(ctx, messageSelect+` FROM conversations c CROSS JOIN messages m ON m.conversation = c.id
		JOIN threads t ON t.id = m.thread JOIN contacts k ON k.id = t.contact JOIN accounts a ON a.id = c.account `+cond+order, args, func(scan func(...any) error) error {
		s, _, err := scanMessage(scan)
		if err != nil || !m.matches(s.Text) {
			return err
		}
		return fn(s)
	})
}

// CountConversations is how many EachConversation gives.
func (c *Cache) CountConversations(ctx context.Context, sel Selection) (int64, error) {
	cond, args := sel.where(overConversations)
	return c.countOf(ctx, `SELECT count(*)`+conversationTables+cond, args)
}

// CountMessages is how many EachMessage gives; Words, which only a look at each
// text can tell, are not asked.
func (c *Cache) CountMessages(ctx context.Context, sel Selection) (int64, error) {
	cond, args := sel.where(overMessages)
	return c.countOf(ctx, `SELECT count(*)`+messageTables+cond, args)
}

func (c *Cache) countOf(ctx context.Context, query string, args []any) (n int64, err error) {
	err = c.s.readers.QueryRowContext(ctx, query, args...).Scan(&n)
	return n, describe(c.s.path, err)
}
