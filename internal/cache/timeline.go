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
)

// PersonMessages reads a page of what was said with a person (p_…), over all
// their threads as one. Of before and after, both cursors, at most one is
// given; neither means the newest page.
//
// ErrNotFound: no such person. ErrCursor: not one of ours.
func (c *Cache) PersonMessages(ctx context.Context, person, before, after string, limit int) (MessagePage, error) {
	var page MessagePage
	err := c.s.read(ctx, func(t *sql.Tx) error {
		r := timelineReader{ctx: ctx, t: t, limit: max(limit, 1)}
		if err := each(ctx, t, `SELECT t.id FROM contacts k JOIN threads t ON t.contact = k.id WHERE k.person = ?`, []any{person}, func(scan func(...any) error) error {
			var id int64
			err := scan(&id)
			r.threads = append(r.threads, id)
			return err
		}); err != nil {
			return err
		}
		if len(r.threads) == 0 {
			return fmt.Errorf("person %s: %w", person, ErrNotFound)
		}
		var err error
		page, err = r.page(before, after)
		return err
	})
	return page, err
}

// timelineReader merges the threads of one person: of each no more is read than
// the page could hold.
type timelineReader struct {
	ctx     context.Context
	t       *sql.Tx
	threads []int64
	limit   int
}

type placed struct {
	place
	StoredMessage
}

func (r *timelineReader) page(before, after string) (page MessagePage, err error) {
	cond, order, cursor := "", "DESC", before
	switch {
	case after != "":
		cond, order, cursor = " AND (m.at, m.seq, m.id) > (?,?,?)", "ASC", after
	case before != "":
		cond = " AND (m.at, m.seq, m.id) < (?,?,?)"
	}
	var from []any
	if cursor != "" {
		p, err := r.find(cursor)
		if err != nil {
			return page, err
		}
		from = []any{p.at, p.seq, p.id}
	}
	msgs, more, err := r.list(cond, order, from)
	if err != nil || len(msgs) == 0 {
		return page, err
	}
	page.Messages = msgs
	first, last := timelineCursor(msgs[0]), timelineCursor(msgs[len(msgs)-1])
	if after != "" || more {
		page.Before = first
	}
	if after != "" && more || before != "" {
		page.After = last
	}
	return page, nil
}

// list gives the limit of messages next to the cursor, oldest first.
func (r *timelineReader) list(cond, order string, from []any) (msgs []StoredMessage, more bool, err error) {
	var all []placed
	for _, thread := range r.threads {
		args := append(append([]any{thread}, from...), r.limit+1)
		if err := each(r.ctx, r.t, timelineColumns+`WHERE m.thread = ?`+cond+fmt.Sprintf(` ORDER BY m.at %[1]s, m.seq %[1]s, m.id %[1]s LIMIT ?`, order), args, func(scan func(...any) error) error {
			var p placed
			m, id, err := scanMessage(func(into ...any) error { return scan(append(into, &p.at, &p.seq)...) })
			p.id, p.StoredMessage = id, m
			all = append(all, p)
			return err
		}); err != nil {
			return nil, false, err
		}
	}
	slices.SortFunc(all, func(a, b placed) int { return a.compare(b.place) })
	if more = len(all) > r.limit; more && order == "ASC" {
		all = all[:r.limit]
	} else if more {
		all = all[len(all)-r.limit:]
	}
	for _, p := range all {
		msgs = append(msgs, p.StoredMessage)
	}
	return msgs, more, nil
}

// timelineCursor names a message by the provider's ids, as cursorOf does.
func timelineCursor(m StoredMessage) string {
	return base64.RawURLEncoding.EncodeToString([]byte(m.Account + "\x00" + m.Conversation + "\x00" + m.ID))
}

func (r *timelineReader) find(cursor string) (p place, err error) {
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

// timelineColumns are messageColumns, and the place.
const timelineColumns = `SELECT a.name, a.provider, t.ref, k.person, m.remote, c.remote, m.direction, m.kind, m.kind_word, m.text, m.status, m.at, m.at_known, m.seq, m.raw, m.id, m.at, m.seq
	FROM messages m JOIN conversations c ON c.id = m.conversation JOIN threads t ON t.id = m.thread JOIN contacts k ON k.id = t.contact JOIN accounts a ON a.id = c.account `

func (p place) compare(o place) int {
	return cmp.Or(cmp.Compare(p.at, o.at), cmp.Compare(p.seq, o.seq), cmp.Compare(p.id, o.id))
}
