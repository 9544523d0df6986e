package cache

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Messages reads a page of a thread's messages. Of before and after, both
// cursors, at most one is given; neither means the newest page. around, a
// message's provider id, asks for the page with that message in its middle.
//
// ErrNotFound: no such thread or message. ErrCursor: not one of ours.
func (c *Cache) Messages(ctx context.Context, thread string, before, after, around string, limit int) (MessagePage, error) {
	limit = max(limit, 1)
	var page MessagePage
	err := c.s.read(ctx, func(t *sql.Tx) error {
		var id int64
		err := t.QueryRowContext(ctx, `SELECT id FROM threads WHERE ref = ?`, thread).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("thread %s: %w", thread, ErrNotFound)
		}
		if err != nil {
			return err
		}
		r := threadReader{ctx, t, id}
		switch {
		case around != "":
			page, err = r.around(around, limit)
		case after != "":
			page, err = r.after(after, limit)
		default:
			page, err = r.before(before, limit)
		}
		return err
	})
	return page, err
}

type threadReader struct {
	ctx    context.Context
	t      *sql.Tx
	thread int64
}

func (r threadReader) before(cursor string, limit int) (MessagePage, error) {
	cond, args := "", []any{r.thread}
	if cursor != "" {
		p, err := r.find(cursor)
		if err != nil {
			return MessagePage{}, err
		}
		cond, args = " AND (m.at, m.seq, m.id) < (?,?,?)", append(args, p.at, p.seq, p.id)
	}
	msgs, more, err := r.list(cond, "DESC", args, limit)
	slices.Reverse(msgs)
	page := MessagePage{Messages: msgs}
	if more {
		page.Before = cursorOf(msgs[0])
	}
	if cursor != "" && len(msgs) > 0 {
		page.After = cursorOf(msgs[len(msgs)-1])
	}
	return page, err
}

func (r threadReader) after(cursor string, limit int) (MessagePage, error) {
	p, err := r.find(cursor)
	if err != nil {
		return MessagePage{}, err
	}
	msgs, more, err := r.list(" AND (m.at, m.seq, m.id) > (?,?,?)", "ASC", []any{r.thread, p.at, p.seq, p.id}, limit)
	page := MessagePage{Messages: msgs}
	if len(msgs) > 0 {
		page.Before = cursorOf(msgs[0])
	}
	if more {
		page.After = cursorOf(msgs[len(msgs)-1])
	}
	return page, err
}

func (r threadReader) around(message string, limit int) (MessagePage, error) {
	var p place
	err := r.t.QueryRowContext(r.ctx, `SELECT m.at, m.seq, m.id FROM conversations c CROSS JOIN messages m ON m.conversation = c.id AND m.remote = ?2
		WHERE c.thread = ?1 ORDER BY m.at DESC, m.seq DESC, m.id DESC LIMIT 1`, r.thread, message).Scan(&p.at, &p.seq, &p.id)
	if errors.Is(err, sql.ErrNoRows) {
		return MessagePage{}, fmt.Errorf("message %s: %w", message, ErrNotFound)
	}
	if err != nil {
		return MessagePage{}, err
	}
	older, moreOlder, err := r.list(" AND (m.at, m.seq, m.id) <= (?,?,?)", "DESC", []any{r.thread, p.at, p.seq, p.id}, limit/2+1)
	if err != nil {
		return MessagePage{}, err
	}
	newer, moreNewer, err := r.list(" AND (m.at, m.seq, m.id) > (?,?,?)", "ASC", []any{r.thread, p.at, p.seq, p.id}, limit-len(older))
	if err != nil {
		return MessagePage{}, err
	}
	slices.Reverse(older)
	page := MessagePage{Messages: append(older, newer...)}
	if moreOlder {
		page.Before = cursorOf(page.Messages[0])
	}
	if moreNewer {
		page.After = cursorOf(page.Messages[len(page.Messages)-1])
	}
	return page, nil
}

func (r threadReader) list(cond, order string, args []any, limit int) (msgs []StoredMessage, more bool, err error) {
	err = each(r.ctx, r.t, messageColumns+`WHERE m.thread = ?`+cond+fmt.Sprintf(` ORDER BY m.at %[1]s, m.seq %[1]s, m.id %[1]s LIMIT ?`, order),
		append(args, limit+1), func(scan func(...any) error) error {
			m, _, err := scanMessage(scan)
			if err != nil {
				return err
			}
			if len(msgs) == limit {
				more = true
				return nil
			}
			msgs = append(msgs, m)
			return nil
		})
	return msgs, more, err
}

// cursorOf names a message by the provider's ids, so that a cursor outlives a
// rebuild of the cache.
func cursorOf(m StoredMessage) string {
	return base64.RawURLEncoding.EncodeToString([]byte(m.Conversation + "\x00" + m.ID))
}

func (r threadReader) find(cursor string) (p place, err error) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return p, ErrCursor
	}
	conv, msg, ok := strings.Cut(string(b), "\x00")
	if !ok {
		return p, ErrCursor
	}
	err = r.t.QueryRowContext(r.ctx, `SELECT m.at, m.seq, m.id FROM messages m JOIN conversations c ON c.id = m.conversation
		WHERE m.thread = ? AND c.remote = ? AND m.remote = ?`, r.thread, conv, msg).Scan(&p.at, &p.seq, &p.id)
	if errors.Is(err, sql.ErrNoRows) {
		return p, ErrCursor
	}
	return p, err
}
