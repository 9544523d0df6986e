package cache

import (
	"database/sql"
	"errors"

	"bandeja/internal/inbox"
)

// unread is where the first message stands that a customer wrote and nobody has
// read, and what is known of it; nil where nothing is unread. What the team
// wrote since is not unread, and a thread in which they spoke last has nothing.
func (r *messageReader) unread() (first place, found *Unread, err error) {
	for _, thread := range r.threads {
		var u Unread
		var since int64
		err := r.t.QueryRowContext(r.ctx, `SELECT a.name, t.read_at FROM threads t JOIN accounts a ON a.id = t.account
			WHERE t.id = ? AND t.last_dir = 'in' AND t.last_at > t.read_at`, thread).Scan(&u.Account, &since)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return first, nil, err
		}
		u.Since = inbox.FromMillis(since)
		p, err := r.firstUnread(thread, since, &u)
		if err != nil {
			return first, nil, err
		}
		// One that is here says more than one that is to come.
		if found == nil || u.Message != "" && (found.Message == "" || p.compare(first) < 0) {
			first, found = p, &u
		}
	}
	return first, found, nil
}

// firstUnread names the first message that a customer wrote in a thread after a
// time; where there is none it leaves u as it is.
func (r *messageReader) firstUnread(thread, since int64, u *Unread) (p place, err error) {
	err = r.t.QueryRowContext(r.ctx, `SELECT m.at, m.seq, m.id, c.remote, m.remote FROM messages m JOIN conversations c ON c.id = m.conversation
		WHERE m.thread = ?1 AND m.at > ?2 AND m.direction = 'in' ORDER BY m.at, m.seq, m.id LIMIT 1`, thread, since).Scan(&p.at, &p.seq, &p.id, &u.Conversation, &u.Message)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return p, err
}
