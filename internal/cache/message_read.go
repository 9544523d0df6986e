package cache

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Spot says which page of messages is meant; at most one field is given, and
// none means the newest page.
type Spot struct {
	Before, After string    // cursors
	Around        string    // a message's provider id: it stands in the middle
	From          time.Time // the first message at or after it stands in the middle, or the last of all
	Unread        bool      // the first unread message stands in the middle; without one it is the newest page
}

// Messages reads a page of a thread's messages (t_…).
//
// ErrNotFound: no such thread or message. ErrCursor: not one of ours.
func (c *Cache) Messages(ctx context.Context, thread string, spot Spot, limit int) (MessagePage, error) {
	return c.messages(ctx, threadsNamed, thread, spot, limit)
}

// PersonMessages reads a page of what was said with a person (p_…), over all
// their threads as one. Errors as Messages'.
func (c *Cache) PersonMessages(ctx context.Context, person string, spot Spot, limit int) (MessagePage, error) {
	return c.messages(ctx, threadsOfPerson, person, spot, limit)
}

// Whose messages are read.
const (
	threadsNamed    = `SELECT id FROM threads WHERE ref = ?`
	threadsOfPerson = `SELECT t.id FROM contacts k JOIN threads t ON t.contact = k.id WHERE k.person = ?`
)

func (c *Cache) messages(ctx context.Context, whose, ref string, spot Spot, limit int) (page MessagePage, err error) {
	err = c.s.read(ctx, func(t *sql.Tx) error {
		r, err := newMessageReader(ctx, t, whose, ref)
		if err != nil {
			return err
		}
		r.limit = max(limit, 1)
		first, unread, err := r.unread()
		if err != nil {
			return err
		}
		if spot.Unread && unread != nil && unread.Message != "" {
			page, err = r.around(first)
		} else {
			page, err = r.page(spot)
		}
		page.Unread = unread
		return err
	})
	return page, err
}

// messageReader reads some threads as one, merging them: of each no more is
// read than the page could hold.
type messageReader struct {
	ctx     context.Context
	t       *sql.Tx
	threads []int64
	limit   int
}

func newMessageReader(ctx context.Context, t *sql.Tx, whose, ref string) (r messageReader, err error) {
	r = messageReader{ctx: ctx, t: t}
	err = each(ctx, t, whose, []any{ref}, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		r.threads = append(r.threads, id)
		return err
	})
	if err == nil && len(r.threads) == 0 {
		err = fmt.Errorf("messages of %s: %w", ref, ErrNotFound)
	}
	return r, err
}

// page reads what spot asks for.
func (r *messageReader) page(spot Spot) (MessagePage, error) {
	switch {
	case spot.Around != "":
		p, err := r.named(spot.Around)
		if err != nil {
			return MessagePage{Found: -1}, err
		}
		return r.around(p)
	case !spot.From.IsZero():
		p, known, err := r.from(spot.From.UnixMilli())
		if err != nil || !known {
			return MessagePage{Found: -1}, err
		}
		return r.around(p)
	case spot.After != "":
		return r.beyond(spot.After, ">", "ASC")
	}
	return r.beyond(spot.Before, "<", "DESC")
}

// beyond reads the page on one side of a cursor; "" is behind the newest.
func (r *messageReader) beyond(cursor, side, order string) (MessagePage, error) {
	page := MessagePage{Found: -1}
	cond, from := "", []any(nil)
	if cursor != "" {
		p, err := r.find(cursor)
		if err != nil {
			return page, err
		}
		cond, from = ` AND (m.at, m.seq, m.id) `+side+` (?,?,?)`, []any{p.at, p.seq, p.id}
	}
	msgs, more, err := r.list(cond, order, r.limit, from...)
	if err != nil || len(msgs) == 0 {
		return page, err
	}
	page.Messages = msgs
	if more || order == "ASC" {
		page.Before = cursorOf(msgs[0])
	}
	if more && order == "ASC" || cursor != "" && order == "DESC" {
		page.After = cursorOf(msgs[len(msgs)-1])
	}
	return page, nil
}

// around reads the page with a place in its middle.
func (r *messageReader) around(p place) (MessagePage, error) {
	page := MessagePage{Found: -1}
	older, moreOlder, err := r.list(` AND (m.at, m.seq, m.id) <= (?,?,?)`, "DESC", r.limit/2+1, p.at, p.seq, p.id)
	if err != nil {
		return page, err
	}
	newer, moreNewer, err := r.list(` AND (m.at, m.seq, m.id) > (?,?,?)`, "ASC", r.limit-len(older), p.at, p.seq, p.id)
	if err != nil {
		return page, err
	}
	page.Messages, page.Found = append(older, newer...), len(older)-1
	if moreOlder {
		page.Before = cursorOf(page.Messages[0])
	}
	if moreNewer {
		page.After = cursorOf(page.Messages[len(page.Messages)-1])
	}
	return page, nil
}

// placedMessage is a message with where it stands.
type placedMessage struct {
	place
	StoredMessage
}

// list gives at most limit messages on one side of a place, oldest first: in
// ASC those next after it, in DESC those next before it.
func (r *messageReader) list(cond, order string, limit int, from ...any) (msgs []StoredMessage, more bool, err error) {
	var all []placedMessage
	query := placedColumns + `WHERE m.thread = ?` + cond + fmt.Sprintf(` ORDER BY m.at %[1]s, m.seq %[1]s, m.id %[1]s LIMIT ?`, order)
	for _, thread := range r.threads {
		args := append(append([]any{thread}, from...), limit+1)
		if err := each(r.ctx, r.t, query, args, func(scan func(...any) error) (err error) {
			var m placedMessage
			m.StoredMessage, m.id, err = scanMessage(func(into ...any) error { return scan(append(into, &m.at, &m.seq)...) })
			all = append(all, m)
			return err
		}); err != nil {
			return nil, false, err
		}
	}
	slices.SortFunc(all, func(a, b placedMessage) int { return a.compare(b.place) })
	if more = len(all) > limit; more && order == "ASC" {
		all = all[:limit]
	} else if more {
		all = all[len(all)-limit:]
	}
	for i := range all {
		msgs = append(msgs, all[i].StoredMessage)
	}
	return msgs, more, nil
}

// placedColumns are messageColumns, and the place.
const placedColumns = messageSelect + `, m.at, m.seq` + messageTables

func (p place) compare(o place) int {
	return cmp.Or(cmp.Compare(p.at, o.at), cmp.Compare(p.seq, o.seq), cmp.Compare(p.id, o.id))
}

// named is where the message of a provider's id stands; of several the newest.
func (r *messageReader) named(message string) (p place, err error) {
	found := false
	for _, thread := range r.threads {
		var q place
		err := r.t.QueryRowContext(r.ctx, `SELECT m.at, m.seq, m.id FROM conversations c CROSS JOIN messages m ON m.conversation = c.id AND m.remote = ?2
			WHERE c.thread = ?1 ORDER BY m.at DESC, m.seq DESC, m.id DESC LIMIT 1`, thread, message).Scan(&q.at, &q.seq, &q.id)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return p, err
		}
		if !found || q.compare(p) > 0 {
			p, found = q, true
		}
	}
	if !found {
		return p, fmt.Errorf("message %s: %w", message, ErrNotFound)
	}
	return p, nil
}

const (
	firstFrom = `SELECT at, seq, id FROM messages WHERE thread = ?1 AND at >= ?2 ORDER BY at, seq, id LIMIT 1`
	lastUntil = `SELECT at, seq, id FROM messages WHERE thread = ?1 AND at < ?2 ORDER BY at DESC, seq DESC, id DESC LIMIT 1`
)

// from is where the first message at a time or after it stands, or else the
// last of all; known is false where there is none at all.
func (r *messageReader) from(at int64) (p place, known bool, err error) {
	if p, known, err = r.best(firstFrom, at, -1); known || err != nil {
		return p, known, err
	}
	return r.best(lastUntil, at, +1)
}

// best asks each thread for one place and takes the earliest (-1) or the latest
// (+1).
func (r *messageReader) best(query string, at int64, sign int) (best place, known bool, err error) {
	for _, thread := range r.threads {
		var p place
		err := r.t.QueryRowContext(r.ctx, query, thread, at).Scan(&p.at, &p.seq, &p.id)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return best, false, err
		}
		if !known || p.compare(best)*sign > 0 {
			best, known = p, true
		}
	}
	return best, known, nil
}

// cursorOf names a message by the provider's ids, so that a cursor outlives a
// rebuild of the cache.
func cursorOf(m StoredMessage) string {
	return base64.RawURLEncoding.EncodeToString([]byte(m.Account + "\x00" + m.Conversation + "\x00" + m.ID))
}

func (r *messageReader) find(cursor string) (p place, err error) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	parts := strings.Split(string(b), "\x00")
	if err != nil || len(parts) != 3 {
		return p, ErrCursor
	}
	var thread int64
	err = r.t.QueryRowContext(r.ctx, `SELECT m.at, m.seq, m.id, m.thread FROM accounts a JOIN conversations c ON c.account = a.id AND c.remote = ? JOIN messages m ON m.conversation = c.id AND m.remote = ?
		WHERE a.name = ?`, parts[1], parts[2], parts[0]).Scan(&p.at, &p.seq, &p.id, &thread)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !slices.Contains(r.threads, thread) {
		return p, ErrCursor
	}
	return p, err
}
