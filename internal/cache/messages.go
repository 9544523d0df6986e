package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"bandeja/internal/inbox"
)

// ToRead is a conversation whose messages have moved since they were read.
type ToRead struct {
	ID      string
	Version string     // as listed when this was asked: what the reading will have covered
	Mark    inbox.Mark // where it goes on
}

const toReadColumns = `SELECT remote, listed_mark, message_mark FROM conversations WHERE account = ? AND listed_mark <> read_mark AND gone = 0 `

// Unread lists conversations whose messages are still to read, by newest
// activity: of the threads (t_…) when only is true, else of all, whatever
// threads says.
func (c *Cache) Unread(ctx context.Context, account string, threads []string, only bool, limit int) ([]ToRead, error) {
	a, err := c.account(account)
	if err != nil {
		return nil, err
	}
	var out []ToRead
	take := func(scan func(...any) error) error {
		var r ToRead
		err := scan(&r.ID, &r.Version, (*[]byte)(&r.Mark))
		out = append(out, r)
		return err
	}
	if !only {
		err = each(ctx, c.s.readers, toReadColumns+`ORDER BY active_at DESC LIMIT ?`, []any{a.id, limit}, take)
		return out, describe(c.s.path, err)
	}
	for _, ref := range threads {
		if err := each(ctx, c.s.readers, toReadColumns+`AND thread = (SELECT id FROM threads WHERE ref = ?) ORDER BY active_at DESC`, []any{a.id, ref}, take); err != nil {
			return nil, describe(c.s.path, err)
		}
	}
	return out, nil
}

// CountUnread counts the conversations whose messages are still to read.
func (c *Cache) CountUnread(ctx context.Context, account string) (n int64, err error) {
	a, err := c.account(account)
	if err != nil {
		return 0, err
	}
	err = c.s.readers.QueryRowContext(ctx, `SELECT count(*) FROM conversations WHERE account = ? AND listed_mark <> read_mark AND gone = 0`, a.id).Scan(&n)
	return n, describe(c.s.path, err)
}

// ForgetReading lets every message of an account be read again from the start.
func (c *Cache) ForgetReading(ctx context.Context, account string) error {
	a, err := c.account(account)
	if err != nil {
		return err
	}
	return c.s.write(ctx, func(t *tx) error {
		_, err := t.exec(`UPDATE conversations SET read_mark = '', message_mark = NULL WHERE account = ?`, a.id)
		return err
	})
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
		ch := newChanges()
		for i := range readings {
			if err := saveReading(t, a, &readings[i], ch, &delta); err != nil {
				return err
			}
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
		altered, err := saveConversation(t, a, r.Object, r.Begun, ch)
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
	var conv, thread, have int64
	err := t.row(`SELECT id, thread, messages FROM conversations WHERE account = ? AND remote = ?`, a.id, r.Conversation).Scan(&conv, &thread, &have)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // removed while it was being read
	}
	if err != nil {
		return err
	}
	added, altered, err := saveMessageRows(t, conv, thread, have, r.Messages)
	if err != nil {
		return err
	}
	if err := saveRejects(t, a, r.Rejected, time.Now()); err != nil {
		return err
	}
	delta.Messages += added + altered
	version := ""
	if !r.More {
		version = r.Version
		if r.Object != nil {
			version = r.Object.Version // what this very reply says is out there
		}
	}
	res, err := t.exec(`UPDATE conversations SET messages = messages + ?1, message_mark = ?2,
		read_mark = CASE WHEN ?3 THEN read_mark ELSE ?4 END, short = CASE WHEN ?3 THEN short ELSE ?5 END
		WHERE id = ?6 AND (?1 > 0 OR message_mark IS NOT ?2 OR (NOT ?3 AND (read_mark, short) <> (?4, ?5)))`,
		added, []byte(r.Next), r.More, version, r.Short, conv)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil {
		return err
	} else if n > 0 || added+altered > 0 {
		ch.touch(thread)
	}
	return nil
}

func saveMessageRows(t *tx, conv, thread, have int64, msgs []inbox.Message) (added, altered int, err error) {
	var at int64
	for i := range msgs {
		m := &msgs[i]
		if !m.At.IsZero() {
			at = m.At.UnixMilli()
		}
		if have > 0 {
			known, changed, err := replaceMessage(t, conv, thread, m, at)
			if err != nil {
				return added, altered, err
			}
			if changed {
				altered++
			}
			if known {
				continue
			}
		}
		fresh, err := insertMessage(t, conv, thread, m, at)
		if err != nil {
			return added, altered, err
		}
		if fresh {
			added++
		}
	}
	return added, altered, nil
}

// replaceMessage updates a message that is stored already, if it says
// something new.
func replaceMessage(t *tx, conv, thread int64, m *inbox.Message, at int64) (known, changed bool, err error) {
	var id, oldAt, oldSeq int64
	var raw []byte
	err = t.row(`SELECT id, at, seq, raw FROM messages WHERE conversation = ? AND remote = ?`, conv, m.ID).Scan(&id, &oldAt, &oldSeq, &raw)
	if errors.Is(err, sql.ErrNoRows) {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	if m.At.IsZero() {
		at = oldAt // its place was found when it first came
	}
	if oldAt == at && oldSeq == int64(m.Seq) && sameJSON(raw, m.Raw) {
		return true, false, nil
	}
	if err := unindex(t, id); err != nil {
		return true, false, err
	}
	if oldAt != at { // the row id is its time
		if _, err := t.exec(`DELETE FROM messages WHERE id = ?`, id); err != nil {
			return true, false, err
		}
		_, err := insertMessage(t, conv, thread, m, at)
		return true, err == nil, err
	}
	_, err = t.exec(`UPDATE messages SET seq=?, direction=?, kind=?, kind_word=?, status=?, text=?, raw=? WHERE id=?`,
		m.Seq, string(m.Direction), string(m.Kind), m.KindWord, m.Status, m.Text, []byte(m.Raw), id)
	if err != nil {
		return true, false, err
	}
	return true, true, enqueue(t, id)
}

// insertMessage stores a new message; fresh is false where the page carried
// the same id twice.
func insertMessage(t *tx, conv, thread int64, m *inbox.Message, at int64) (fresh bool, err error) {
	for id := messageID(at, conv, m.ID); ; id++ {
		res, err := t.exec(`INSERT INTO messages (id, conversation, thread, remote, at, seq, at_known, direction, kind, kind_word, status, text, raw)
			VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING`,
			id, conv, thread, m.ID, at, m.Seq, !m.At.IsZero(), string(m.Direction), string(m.Kind), m.KindWord, m.Status, m.Text, []byte(m.Raw))
		if err != nil {
			return false, err
		}
		if n, err := res.RowsAffected(); err != nil {
			return false, err
		} else if n == 1 {
			return true, enqueue(t, id)
		}
		var twice int
		if err := t.row(`SELECT count(*) FROM messages WHERE conversation = ? AND remote = ?`, conv, m.ID).Scan(&twice); err != nil {
			return false, err
		}
		if twice > 0 {
			return false, nil
		}
	}
}

// messageID is a row id that sorts by time: milliseconds, then 20 bits of the
// message's name, which keep messages of one millisecond apart (almost always:
// the next free id is taken where they do not).
func messageID(at, conv int64, remote string) int64 {
	const maxMillis = 1<<42 - 1 // the year 2109: what is later sorts there
	h := fnv.New32a()
	fmt.Fprintf(h, "%d/%s", conv, remote)
	return min(max(at, 0), maxMillis)<<20 | int64(h.Sum32()&0xfffff)
}

// moveMessages follows a conversation to another thread. The thread is a token
// of the index, so its messages are indexed anew.
func moveMessages(t *tx, a accountRow, conv, from, to int64) error {
	var ids []int64
	if err := t.query(`SELECT id FROM messages WHERE conversation = ?`, []any{conv}, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	}); err != nil {
		return err
	}
	for _, id := range ids {
		if err := unindex(t, id); err != nil {
			return err
		}
		if err := enqueue(t, id); err != nil {
			return err
		}
	}
	_, err := t.exec(`UPDATE messages SET thread = ? WHERE conversation = ?`, to, conv)
	return err
}
