package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"bandeja/internal/inbox"
)

// GoneRef names a conversation that its provider does not have any more.
type GoneRef struct{ Account, Conversation string }

// GoneConversation is all that is here of one: no provider would give it again,
// so local.db keeps it, and a cache that is built anew gets it back.
type GoneConversation struct {
	Account      string
	Conversation inbox.Conversation // Raw as ConversationsOf has it
	ReadMark     string             // the version that was last read to its end
	Short        bool               // the provider itself gave fewer messages than it counted
	Messages     []inbox.Message    // in their order
}

// Gone lists the conversations that are gone at their providers.
func (c *Cache) Gone(ctx context.Context) ([]GoneRef, error) {
	return goneRefs(ctx, c.s, `SELECT a.name, c.remote FROM conversations c JOIN accounts a ON a.id = c.account WHERE c.gone = 1 ORDER BY a.name, c.remote`)
}

// KeptGone lists those that are kept.
func (l *Local) KeptGone(ctx context.Context) ([]GoneRef, error) {
	return goneRefs(ctx, l.s, `SELECT account, conversation FROM gone ORDER BY account, conversation`)
}

func goneRefs(ctx context.Context, s *store, query string) (out []GoneRef, err error) {
	err = each(ctx, s.readers, query, nil, func(scan func(...any) error) error {
		var r GoneRef
		err := scan(&r.Account, &r.Conversation)
		out = append(out, r)
		return err
	})
	return out, describe(s.path, err)
}

// ReadGone reads one that is gone, whole. ErrNotFound: it is not here, or not
// gone.
func (c *Cache) ReadGone(ctx context.Context, r GoneRef) (g GoneConversation, err error) {
	g.Account = r.Account
	err = c.s.read(ctx, func(t *sql.Tx) error {
		id, err := g.readRow(ctx, t, r)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("gone conversation %s of %s: %w", r.Conversation, r.Account, ErrNotFound)
		}
		if err != nil {
			return err
		}
		return each(ctx, t, messageColumns+`WHERE m.conversation = ? ORDER BY m.at, m.seq, m.id`, []any{id}, func(scan func(...any) error) error {
			m, _, err := scanMessage(scan)
			g.Messages = append(g.Messages, m.Message)
			return err
		})
	})
	return g, err
}

func (g *GoneConversation) readRow(ctx context.Context, t *sql.Tx, r GoneRef) (id int64, err error) {
	c := &g.Conversation
	var assignees, tags string
	var created, active, lastAt, until, listedSeq, readSeq int64
	var listed, read []byte
	err = t.QueryRowContext(ctx, `SELECT c.id, c.remote, c.public_id, c.workspace, c.channel, k.remote, c.name, c.phone, c.status, c.status_word, c.assignees, c.tags,
		c.topic, c.platform, c.operation, c.created_at, c.active_at, c.last_at, c.last_text, c.last_dir, c.last_status, c.has_last,
		c.window_known, c.window_open, c.window_until, c.message_count, c.listed_mark, c.read_mark, c.short, c.listed, c.read, c.listed_seq, c.read_seq
		FROM conversations c JOIN accounts a ON a.id = c.account JOIN threads t ON t.id = c.thread JOIN contacts k ON k.id = t.contact
		WHERE a.name = ? AND c.remote = ? AND c.gone = 1`, r.Account, r.Conversation).
		Scan(&id, &c.ID, &c.PublicID, &c.Workspace, &c.Channel, &c.Contact, &c.Name, &c.Phone, &c.Status, &c.StatusWord, &assignees, &tags,
			&c.Topic, &c.Platform, &c.Operation, &created, &active, &lastAt, &c.LastText, &c.LastDirection, &c.LastStatus, &c.HasLast,
			&c.Window.Known, &c.Window.Open, &until, &c.MessageCount, &c.Version, &g.ReadMark, &g.Short, &listed, &read, &listedSeq, &readSeq)
	if err != nil {
		return 0, err
	}
	c.Contact = contactID(c.Contact)
	c.Assignees, c.Tags = unlist(assignees), unlist(tags)
	c.CreatedAt, c.ActiveAt, c.LastMessageAt = inbox.FromMillis(created), inbox.FromMillis(active), inbox.FromMillis(lastAt)
	c.Window.Until = inbox.FromMillis(until)
	c.Form = inbox.Listed
	if len(listed) == 0 {
		c.Form = inbox.Read
	}
	c.Raw, err = mergeForms(listed, read, readSeq > listedSeq)
	return id, err
}

// Has reports whether a conversation is here, and whether it is gone.
func (c *Cache) Has(ctx context.Context, r GoneRef) (here, gone bool, err error) {
	err = c.s.readers.QueryRowContext(ctx, `SELECT c.gone FROM conversations c JOIN accounts a ON a.id = c.account WHERE a.name = ? AND c.remote = ?`,
		r.Account, r.Conversation).Scan(&gone)
	if errors.Is(err, sql.ErrNoRows) {
		return false, false, nil
	}
	return err == nil, gone, describe(c.s.path, err)
}

// RestoreGone gives a cache that was built anew a conversation that was kept.
// One that is here already, gone or not, is left alone.
//
// Errors: ErrNotFound for an account that is not in the cache.
func (c *Cache) RestoreGone(ctx context.Context, g GoneConversation) (Delta, error) {
	a, err := c.account(g.Account)
	if err != nil {
		return Delta{}, err
	}
	var delta Delta
	err = c.s.write(ctx, func(t *tx) error {
		delta = Delta{}
		if a.out.of().keepsOut(a, &g.Conversation) {
			return nil
		}
		if _, known, err := findConversation(t, a.id, g.Conversation.ID); err != nil || known {
			return err
		}
		ch := newChanges(0)
		// An answer to any request is newer than this.
		id, _, err := saveConversation(t, a, &g.Conversation, 0, ch)
		if err != nil {
			return err
		}
		w := messageWriter{t: t, ch: ch, conv: id}
		if err := t.row(`SELECT thread FROM conversations WHERE id = ?`, id).Scan(&w.thread); err != nil {
			return err
		}
		if err := w.save(g.Messages); err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE conversations SET gone = 1, messages = ?, newest_at = ?, read_mark = ?, short = ? WHERE id = ?`,
			w.added, w.newest, g.ReadMark, g.Short, id); err != nil {
			return err
		}
		delta.Conversations, delta.Messages = 1, w.added
		return ch.settle(t, a, &delta)
	})
	if err != nil {
		return Delta{}, fmt.Errorf("restore a conversation of %s: %w", g.Account, err)
	}
	return delta, nil
}

// What is kept is written as JSON, but for the provider's own objects, which
// are kept to the byte.
type (
	keptConversation struct {
		inbox.Conversation
		Raw      []byte
		ReadMark string
		Short    bool
	}
	keptMessage struct {
		inbox.Message
		Raw []byte
	}
)

// KeepGone keeps a conversation that is gone, with all its messages, in the
// place of what may be kept of it already. One of an account that was removed
// is not kept.
func (l *Local) KeepGone(ctx context.Context, g GoneConversation, at time.Time) error {
	object, err := json.Marshal(keptConversation{g.Conversation, g.Conversation.Raw, g.ReadMark, g.Short})
	if err != nil {
		return fmt.Errorf("keep a conversation of %s: %w", g.Account, err)
	}
	return l.s.write(ctx, func(t *tx) error {
		if f := l.out.of(); !f.none() {
			a, err := localAccount(t, g.Account)
			if err != nil || f.keepsOut(a, &g.Conversation) {
				return err
			}
		}
		if err := dropGone(t, GoneRef{g.Account, g.Conversation.ID}); err != nil {
			return err
		}
		res, err := t.exec(`INSERT INTO gone (account, conversation, object, gone_at) SELECT ?1,?2,?3,?4 WHERE EXISTS (SELECT 1 FROM accounts WHERE name = ?1)`,
			g.Account, g.Conversation.ID, object, inbox.Millis(at))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		for i := range g.Messages {
			m := &g.Messages[i]
			object, err := json.Marshal(keptMessage{*m, m.Raw})
			if err != nil {
				return fmt.Errorf("keep a message of %s: %w", g.Account, err)
			}
			if _, err := t.exec(`INSERT INTO gone_messages (account, conversation, message, place, object) VALUES (?,?,?,?,?)`,
				g.Account, g.Conversation.ID, m.ID, i, object); err != nil {
				return err
			}
		}
		return nil
	})
}

// DropGone forgets a conversation that the provider lists again.
func (l *Local) DropGone(ctx context.Context, r GoneRef) error {
	return l.s.write(ctx, func(t *tx) error { return dropGone(t, r) })
}

func dropGone(t *tx, r GoneRef) error {
	for _, q := range []string{`DELETE FROM gone_messages WHERE account = ? AND conversation = ?`, `DELETE FROM gone WHERE account = ? AND conversation = ?`} {
		if _, err := t.exec(q, r.Account, r.Conversation); err != nil {
			return err
		}
	}
	return nil
}

// ReadGone reads what is kept of a conversation. ErrNotFound: nothing.
func (l *Local) ReadGone(ctx context.Context, r GoneRef) (GoneConversation, error) {
	g := GoneConversation{Account: r.Account}
	err := l.s.read(ctx, func(t *sql.Tx) error {
		var object []byte
		err := t.QueryRowContext(ctx, `SELECT object FROM gone WHERE account = ? AND conversation = ?`, r.Account, r.Conversation).Scan(&object)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("gone conversation %s of %s: %w", r.Conversation, r.Account, ErrNotFound)
		}
		if err != nil {
			return err
		}
		var kept keptConversation
		if err := json.Unmarshal(object, &kept); err != nil {
			return fmt.Errorf("gone conversation of %s: %w (%w)", r.Account, ErrCorrupt, err)
		}
		g.Conversation, g.ReadMark, g.Short = kept.Conversation, kept.ReadMark, kept.Short
		g.Conversation.Raw = kept.Raw
		return each(ctx, t, `SELECT object FROM gone_messages WHERE account = ? AND conversation = ? ORDER BY place`, []any{r.Account, r.Conversation}, func(scan func(...any) error) error {
			if err := scan(&object); err != nil {
				return err
			}
			var m keptMessage
			if err := json.Unmarshal(object, &m); err != nil {
				return fmt.Errorf("gone message of %s: %w (%w)", r.Account, ErrCorrupt, err)
			}
			m.Message.Raw = m.Raw
			g.Messages = append(g.Messages, m.Message)
			return nil
		})
	})
	return g, err
}
