package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"bandeja/internal/inbox"
)

// ToRead is a conversation whose messages are to be read: they have moved since
// they were, or they are read again from the start (Recheck).
type ToRead struct {
	ID      string
	Version string     // as listed when this was asked: what the reading will have covered
	Mark    inbox.Mark // where it goes on
	Recheck bool       // give it back in Reading: its end settles the recheck
}

// What is being looked for is not read meanwhile: it would not be found.
const (
	toReadColumns = `SELECT c.remote, c.listed_mark, CASE WHEN r.begun = 0 THEN NULL ELSE c.message_mark END, r.conversation IS NOT NULL `
	unreadFrom    = toReadColumns + `FROM conversations c LEFT JOIN rechecks r ON r.conversation = c.id
		WHERE c.account = ? AND c.listed_mark <> c.read_mark AND c.gone = 0 AND c.missing_since = 0 `
	rechecksFrom = toReadColumns + `FROM rechecks r CROSS JOIN conversations c ON c.id = r.conversation
		WHERE r.account = ? AND c.listed_mark = c.read_mark AND c.gone = 0 AND c.missing_since = 0 `
)

// Unread lists conversations whose messages are still to read, by newest
// activity, those to read again after the others: of the threads (t_…) when
// only is true, else of all, whatever threads says.
func (c *Cache) Unread(ctx context.Context, account string, threads []string, only bool, limit int) ([]ToRead, error) {
	a, err := c.account(account)
	if err != nil {
		return nil, err
	}
	var out []ToRead
	take := func(scan func(...any) error) error {
		var r ToRead
		err := scan(&r.ID, &r.Version, (*[]byte)(&r.Mark), &r.Recheck)
		out = append(out, r)
		return err
	}
	if !only {
		err = each(ctx, c.s.readers, unreadFrom+`ORDER BY c.active_at DESC LIMIT ?`, []any{a.id, limit}, take)
		if err == nil && len(out) < limit {
			err = each(ctx, c.s.readers, rechecksFrom+`ORDER BY r.active_at DESC LIMIT ?`, []any{a.id, limit - len(out)}, take)
		}
		return out, describe(c.s.path, err)
	}
	for _, ref := range threads {
		if err := each(ctx, c.s.readers, unreadFrom+`AND c.thread = (SELECT id FROM threads WHERE ref = ?) ORDER BY c.active_at DESC`, []any{a.id, ref}, take); err != nil {
			return nil, describe(c.s.path, err)
		}
	}
	return out, nil
}

// CountUnread counts the conversations whose messages are still to read, those
// to read again included.
func (c *Cache) CountUnread(ctx context.Context, account string) (n int64, err error) {
	a, err := c.account(account)
	if err != nil {
		return 0, err
	}
	err = c.s.readers.QueryRowContext(ctx, `SELECT to_read + (SELECT count(*) FROM rechecks WHERE account = a.id) FROM accounts a WHERE id = ?`, a.id).Scan(&n)
	return n, describe(c.s.path, err)
}

// Reading is one page of one conversation's messages, as read.
type Reading struct {
	Conversation string
	Version      string // ToRead's: stored as read once the last page is in
	Messages     []inbox.Message
	Rejected     []inbox.Rejected
	Next         inbox.Mark // where the reading goes on, or starts again after its end
	More         bool
	Short        bool                // the provider gave fewer than it counts
	Object       *inbox.Conversation // the conversation itself, where the reply carried it
	Begun        int64               // NextFetch's number of the request
	Recheck      bool                // ToRead's
}

// SaveMessages stores pages of messages with the bookmarks they earn, all or
// nothing, and queues what is to be indexed. Messages equal to what is stored
// write nothing.
func (c *Cache) SaveMessages(ctx context.Context, account string, readings []Reading) (Delta, error) {
	a, err := c.account(account)
	if err != nil {
		return Delta{}, err
	}
	var delta Delta
	err = c.s.write(ctx, func(t *tx) error {
		delta = Delta{}
		ch := newChanges(0)
		for i := range readings {
			ch.asked = c.askedAt(a, readings[i].Begun)
			if err := saveReading(t, a, &readings[i], ch, &delta); err != nil {
				return err
			}
		}
		if err := t.wrote(delta.Messages); err != nil {
			return err
		}
		return ch.settle(t, a, &delta)
	})
	if err != nil {
		return Delta{}, fmt.Errorf("save messages of %s: %w", account, err)
	}
	return delta, nil
}

func saveReading(t *tx, a accountRow, r *Reading, ch *changes, delta *Delta) error {
	if r.Object != nil {
		if a.out.of().keepsOut(a, r.Object) {
			return eraseKnown(t, a, r.Conversation, ch)
		}
		_, altered, err := saveConversation(t, a, r.Object, r.Begun, ch)
		if err != nil {
			return err
		}
		if altered {
			delta.Conversations++
			if err := noteFetch(t, a, r.Begun, *delta); err != nil {
				return err
			}
		}
	}
	w := messageWriter{t: t, ch: ch}
	err := t.row(`SELECT id, thread, messages, newest_at FROM conversations WHERE account = ? AND remote = ?`, a.id, r.Conversation).
		Scan(&w.conv, &w.thread, &w.have, &w.newest)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // removed while it was being read
	}
	if err != nil {
		return err
	}
	if err := w.save(r.Messages); err != nil {
		return err
	}
	if err := saveRejects(t, a, r.Rejected, time.Now()); err != nil {
		return err
	}
	delta.Messages += w.added + w.altered
	version := ""
	if !r.More {
		version = r.Version
		if r.Object != nil {
			version = r.Object.Version // what this very reply says is out there
		}
	}
	if r.Recheck {
		if err := noteRecheck(t, w.conv, r.More); err != nil {
			return err
		}
	}
	res, err := t.exec(`UPDATE conversations SET messages = messages + ?1, message_mark = ?2,
		read_mark = CASE WHEN ?3 THEN read_mark ELSE ?4 END, short = CASE WHEN ?3 THEN short ELSE ?5 END, newest_at = ?7
		WHERE id = ?6 AND (?1 > 0 OR newest_at <> ?7 OR message_mark IS NOT ?2 OR (NOT ?3 AND (read_mark, short) <> (?4, ?5)))`,
		w.added, markBlob(r.Next), r.More, version, r.Short, w.conv, w.newest)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil {
		return err
	} else if n > 0 || w.added+w.altered > 0 {
		ch.touch(w.thread)
	}
	return nil
}

// noteRecheck keeps where a reading from the start goes on, or that it has come
// to its end.
func noteRecheck(t *tx, conv int64, more bool) error {
	q := `DELETE FROM rechecks WHERE conversation = ?`
	if more {
		q = `UPDATE rechecks SET begun = 1 WHERE conversation = ? AND begun = 0`
	}
	_, err := t.exec(q, conv)
	return err
}

// markBlob is a mark as it is stored: none and an empty one are alike.
func markBlob(m inbox.Mark) []byte {
	if len(m) == 0 {
		return nil
	}
	return m
}

// moveMessages follows a conversation to another thread. The thread is a token
// of the index, so its messages are indexed anew.
func moveMessages(t *tx, conv, from, to int64, ch *changes) error {
	ch.rekind[from], ch.rekind[to] = true, true
	if err := unindex(t, `m.conversation = ?`, conv); err != nil {
		return err
	}
	_, err := t.exec(`UPDATE messages SET thread = ? WHERE conversation = ?`, to, conv)
	return err
}
