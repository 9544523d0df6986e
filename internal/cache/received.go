package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"bandeja/internal/inbox"
)

// Received is a conversation as its provider gave it, with the wishes that are
// laid over what is shown of it. Raw is the listed form, as exports have it.
type Received struct {
	StoredConversation
	Single json.RawMessage // the read form, with what a newer listed one has for the same fields; else the listed one
	Wishes []Overlay       // those that are laid over it
	Last   *LastMessage    // nil where it was not asked for, or is not known
}

// LastMessage is what is known of the last message of a conversation.
type LastMessage struct {
	At        time.Time
	Direction inbox.Direction
	Status    string
	Text      string
}

const receivedColumns = conversationSelect + `, c.id, c.thread` + conversationTables

// Received reads a conversation by its provider's id, with its last message.
// ErrNotFound where it is not here, or is gone.
func (c *Cache) Received(ctx context.Context, account, id string) (Received, error) {
	all, err := c.received(ctx, `WHERE a.name = ? AND c.remote = ? AND c.gone = 0`, []any{account, id}, true)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("conversation %s of %s: %w", id, account, ErrNotFound)
	}
	if err != nil {
		return Received{}, err
	}
	return all[0].Received, nil
}

// ReceivedByPublic reads the conversations of an account with that public id.
func (c *Cache) ReceivedByPublic(ctx context.Context, account, public string) ([]Received, error) {
	return c.receivedAll(ctx, `WHERE a.name = ? AND c.public_id = ? AND c.public_id <> '' AND c.gone = 0`, account, public)
}

// ReceivedByLine reads the conversations of an account with the customer of a
// line, by its identity key.
func (c *Cache) ReceivedByLine(ctx context.Context, account, key string) ([]Received, error) {
	return c.receivedAll(ctx, `WHERE a.name = ? AND k.phone_key = ? AND k.phone_key <> '' AND c.gone = 0`, account, key)
}

func (c *Cache) receivedAll(ctx context.Context, cond string, args ...any) ([]Received, error) {
	rows, err := c.received(ctx, cond, args, true)
	out := make([]Received, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.Received)
	}
	return out, err
}

// ReceivedOf reads the conversations of a roll; one that has gone meanwhile is
// not among them. last asks for their last messages too.
func (c *Cache) ReceivedOf(ctx context.Context, entries []*RollEntry, last bool) (map[*RollEntry]Received, error) {
	out := make(map[*RollEntry]Received, len(entries))
	err := eachPart(entries, func(of map[int64]*RollEntry, list string, args []any) error {
		all, err := c.received(ctx, `WHERE c.id IN `+list+` AND c.gone = 0`, args, last)
		for _, r := range all {
			out[of[r.row]] = r.Received
		}
		return err
	})
	return out, err
}

// eachPart gives fn as many entries at once as a statement may ask about.
func eachPart(entries []*RollEntry, fn func(of map[int64]*RollEntry, list string, args []any) error) error {
	for part := range slices.Chunk(entries, askMany) {
		rows, of := make([]int64, len(part)), make(map[int64]*RollEntry, len(part))
		for i, e := range part {
			rows[i], of[e.row] = e.row, e
		}
		list, args := asked(rows)
		if err := fn(of, list, args); err != nil {
			return err
		}
	}
	return nil
}

// placedReceived is one with its row numbers.
type placedReceived struct {
	Received
	row, thread int64
	newest      int64
}

func (c *Cache) received(ctx context.Context, cond string, args []any, last bool) (out []placedReceived, err error) {
	err = c.s.read(ctx, func(t *sql.Tx) error {
		out = out[:0]
		if err := each(ctx, t, receivedColumns+cond, args, func(scan func(...any) error) error {
			var r placedReceived
			f, err := scanForms(scan, &r.StoredConversation, &r.row, &r.thread)
			if err != nil {
				return err
			}
			r.newest = f.newest
			if r.Raw, err = mergeForms(f.listed, f.read, f.readSeq > f.listedSeq); err != nil {
				return err
			}
			r.Single, err = mergeForms(f.read, f.listed, f.listedSeq > f.readSeq)
			out = append(out, r)
			return err
		}); err != nil {
			return err
		}
		for i := range out {
			if err := out[i].lay(ctx, t); err != nil {
				return err
			}
			if last {
				if err := out[i].readLast(ctx, t); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return out, err
}

// lay lays the wishes over what is shown.
func (r *placedReceived) lay(ctx context.Context, t *sql.Tx) error {
	return each(ctx, t, `SELECT w.field, w.want, w.attention FROM accounts a JOIN wishes w ON w.account = a.id WHERE a.name = ? AND w.conversation = ?`, []any{r.Account, r.ID}, func(scan func(...any) error) error {
		var o Overlay
		if err := scan(&o.Field, &o.Want, &o.Attention); err != nil {
			return err
		}
		r.wish(o)
		if o.Want != nil {
			r.Wishes = append(r.Wishes, o)
		}
		return nil
	})
}

// readLast reads the last message that is here. newest leads the walk to where
// the conversation ends in its thread.
func (r *placedReceived) readLast(ctx context.Context, t *sql.Tx) error {
	if r.Messages == 0 {
		return nil
	}
	var m LastMessage
	var at int64
	var known bool
	err := t.QueryRowContext(ctx, `SELECT at, at_known, direction, status, text FROM messages WHERE thread = ? AND at <= ? AND conversation = ? ORDER BY at DESC, seq DESC, id DESC LIMIT 1`,
		r.thread, r.newest, r.row).Scan(&at, &known, &m.Direction, &m.Status, &m.Text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if known {
		m.At = inbox.FromMillis(at)
	}
	r.Last = &m
	return err
}

// ListedObject is a conversation of a list, as it was received.
type ListedObject struct {
	Raw    json.RawMessage
	Wishes []Overlay
}

// ListedObjects reads what ReceivedOf does of the same conversations, but only
// the objects of the list: a page of them costs little more than their bytes.
func (c *Cache) ListedObjects(ctx context.Context, entries []*RollEntry) (map[*RollEntry]ListedObject, error) {
	out := make(map[*RollEntry]ListedObject, len(entries))
	err := eachPart(entries, func(of map[int64]*RollEntry, list string, args []any) error {
		return each(ctx, c.s.readers, `SELECT id, listed, CASE WHEN listed IS NULL OR read_seq > listed_seq THEN read END FROM conversations WHERE gone = 0 AND id IN `+list, args, func(scan func(...any) error) error {
			var id int64
			var listed, read []byte
			err := scan(&id, &listed, &read)
			if err == nil {
				listed, err = mergeForms(listed, read, true)
			}
			out[of[id]] = ListedObject{Raw: listed}
			return err
		})
	})
	if err != nil {
		return nil, describe(c.s.path, err)
	}
	for e, o := range out {
		if !e.wished {
			continue
		}
		r := placedReceived{Received: Received{StoredConversation: StoredConversation{Account: e.Account, Conversation: inbox.Conversation{ID: e.ID}}}}
		if err := c.s.read(ctx, func(t *sql.Tx) error { return r.lay(ctx, t) }); err != nil {
			return nil, err
		}
		o.Wishes = r.Wishes
		out[e] = o
	}
	return out, nil
}

// ReceivedMessages reads messages of a conversation by its provider's id, the
// oldest first: those after the message named so ("" for all), limit of them at
// most (0 for no limit). whole says that all of them are here.
//
// Errors: ErrNotFound where there is no such conversation, or it is gone;
// ErrCursor where it has no such message.
func (c *Cache) ReceivedMessages(ctx context.Context, account, id, after string, limit int) (msgs []StoredMessage, more, whole bool, err error) {
	err = c.s.read(ctx, func(t *sql.Tx) error {
		var row, thread int64
		err := t.QueryRowContext(ctx, `SELECT c.id, c.thread, c.listed_mark = c.read_mark AND c.short = 0 FROM accounts a JOIN conversations c ON c.account = a.id WHERE a.name = ? AND c.remote = ? AND c.gone = 0`, account, id).
			Scan(&row, &thread, &whole)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("conversation %s of %s: %w", id, account, ErrNotFound)
		}
		if err != nil {
			return err
		}
		cond, args := ``, []any{thread, row}
		if after != "" {
			var p place
			err := t.QueryRowContext(ctx, `SELECT at, seq, id FROM messages WHERE conversation = ? AND remote = ?`, row, after).Scan(&p.at, &p.seq, &p.id)
			if errors.Is(err, sql.ErrNoRows) {
				return ErrCursor
			}
			if err != nil {
				return err
			}
			cond, args = ` AND (m.at, m.seq, m.id) > (?,?,?)`, append(args, p.at, p.seq, p.id)
		}
		end := ``
		if limit > 0 {
			end = ` LIMIT ` + itoa(int64(limit)+1)
		}
		return each(ctx, t, messageColumns+`WHERE m.thread = ? AND m.conversation = ?`+cond+` ORDER BY m.at, m.seq, m.id`+end, args, func(scan func(...any) error) error {
			m, _, err := scanMessage(scan)
			msgs = append(msgs, m)
			return err
		})
	})
	if limit > 0 && len(msgs) > limit {
		msgs, more = msgs[:limit], true
	}
	return msgs, more, whole, err
}

// Standing is how an account's copy stands, for who is given it.
type Standing struct {
	AsOf   time.Time // zero while it has never been whole
	Listed bool      // its list was read to the end, once at least
}

// Standings reads how the accounts stand, by name.
func (c *Cache) Standings(ctx context.Context) (map[string]Standing, error) {
	out := map[string]Standing{}
	err := each(ctx, c.s.readers, `SELECT a.name, a.as_of, coalesce(f.finished_at, 0) > 0 FROM accounts a LEFT JOIN feeds f ON f.account = a.id AND f.kind = 'sweep'`, nil, func(scan func(...any) error) error {
		var name string
		var at int64
		var s Standing
		err := scan(&name, &at, &s.Listed)
		s.AsOf = inbox.FromMillis(at)
		out[name] = s
		return err
	})
	return out, describe(c.s.path, err)
}
