package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"bandeja/internal/inbox"
)

// goneAfter is how long the two answers must lie apart that say a conversation
// is not there: absence alone never deletes (SYNC §2).
const goneAfter = time.Hour

// QueueLookups has conversations asked for by their id, now. Those queued
// already keep their time.
func (c *Cache) QueueLookups(ctx context.Context, account string, ids []string) error {
	a, err := c.account(account)
	if err != nil || len(ids) == 0 {
		return err
	}
	err = c.s.write(ctx, func(t *tx) error {
		for _, id := range ids {
			if f := a.out.of(); !f.none() && f.has(conversationSide(a.name, id)) {
				continue
			}
			if _, err := t.exec(`INSERT INTO lookups (account, conversation, due) VALUES (?,?,0) ON CONFLICT DO NOTHING`, a.id, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("queue look-ups of %s: %w", account, err)
	}
	return nil
}

// PostponeLookups has queued conversations asked for at another time, the
// provider's.
func (c *Cache) PostponeLookups(ctx context.Context, account string, ids []string, due time.Time) error {
	a, err := c.account(account)
	if err != nil || len(ids) == 0 {
		return err
	}
	return c.s.write(ctx, func(t *tx) error {
		for _, id := range ids {
			if _, err := t.exec(`UPDATE lookups SET due = ? WHERE account = ? AND conversation = ?`, inbox.Millis(due), a.id, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// Lookups lists conversations to ask for, the longest due first. now is the
// provider's time.
func (c *Cache) Lookups(ctx context.Context, account string, now time.Time, limit int) ([]string, error) {
	a, err := c.account(account)
	if err != nil {
		return nil, err
	}
	var out []string
	err = each(ctx, c.s.readers, `SELECT conversation FROM lookups WHERE account = ? AND due <= ? ORDER BY due, conversation LIMIT ?`,
		[]any{a.id, inbox.Millis(now), limit}, func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			out = append(out, id)
			return err
		})
	return out, describe(c.s.path, err)
}

// LookupsDue counts what Lookups would list.
func (c *Cache) LookupsDue(ctx context.Context, account string, now time.Time) (n int64, err error) {
	a, err := c.account(account)
	if err != nil {
		return 0, err
	}
	err = c.s.readers.QueryRowContext(ctx, `SELECT count(*) FROM lookups WHERE account = ? AND due <= ?`, a.id, inbox.Millis(now)).Scan(&n)
	return n, describe(c.s.path, err)
}

// Missed is a conversation that the provider said it does not have.
type Missed struct {
	ID    string
	Begun int64 // NextFetch's number of the request
}

// Missing notes that the provider did not have some conversations at the given
// time, its own. The first time each is queued to be asked for again, an hour
// later; where that was said an hour ago or more, the conversation becomes a
// tombstone: it is kept, and hidden until the provider lists it again. An
// answer that came meanwhile, from a later request, counts for more.
func (c *Cache) Missing(ctx context.Context, account string, missed []Missed, at time.Time) (gone int64, delta Delta, err error) {
	a, err := c.account(account)
	if err != nil {
		return 0, Delta{}, err
	}
	err = c.s.write(ctx, func(t *tx) error {
		gone, delta = 0, Delta{}
		ch := newChanges(0)
		var latest int64
		for _, m := range missed {
			latest = max(latest, m.Begun)
			buried, err := missing(t, a, m, inbox.Millis(at), ch)
			if err != nil {
				return err
			}
			if buried {
				gone++
				delta.Conversations++
			}
		}
		if err := ch.settle(t, a, &delta); err != nil {
			return err
		}
		return noteFetch(t, a, latest, delta)
	})
	if err != nil {
		return 0, Delta{}, fmt.Errorf("note what is missing of %s: %w", account, err)
	}
	return gone, delta, nil
}

func missing(t *tx, a accountRow, m Missed, at int64, ch *changes) (gone bool, err error) {
	var id, thread, since, listed, read int64
	err = t.row(`SELECT id, thread, missing_since, listed_seq, read_seq, gone FROM conversations WHERE account = ? AND remote = ?`, a.id, m.ID).
		Scan(&id, &thread, &since, &listed, &read, &gone)
	if errors.Is(err, sql.ErrNoRows) || err == nil && (gone || m.Begun < max(listed, read)) {
		_, err = t.exec(`DELETE FROM lookups WHERE account = ? AND conversation = ?`, a.id, m.ID)
		return false, err
	}
	if err != nil {
		return false, err
	}
	if since == 0 || since > at { // a clock that has been set back counts anew
		since = at
		if _, err := t.exec(`UPDATE conversations SET missing_since = ? WHERE id = ?`, at, id); err != nil {
			return false, err
		}
	}
	if at-since < goneAfter.Milliseconds() {
		_, err := t.exec(`INSERT INTO lookups (account, conversation, due) VALUES (?1,?2,?3)
			ON CONFLICT (account, conversation) DO UPDATE SET due = ?3`, a.id, m.ID, since+goneAfter.Milliseconds())
		return false, err
	}
	// An answer begun before this one must not bring it back.
	if _, err := t.exec(`UPDATE conversations SET gone = 1, read_seq = max(read_seq, ?2) WHERE id = ?1`, id, m.Begun); err != nil {
		return false, err
	}
	for _, q := range []string{`DELETE FROM lookups WHERE account = ?1 AND conversation = ?2`, `DELETE FROM rechecks WHERE account = ?1 AND conversation = ?3`} {
		if _, err := t.exec(q, a.id, m.ID, id); err != nil {
			return false, err
		}
	}
	ch.touch(thread)
	ch.gone = true
	return true, nil
}

// noteFound forgets that conversations were looked for: they are here.
func noteFound(t *tx, a accountRow, items []inbox.Conversation) error {
	if len(items) == 0 {
		return nil
	}
	var any bool
	if err := t.row(`SELECT EXISTS (SELECT 1 FROM lookups WHERE account = ?)`, a.id).Scan(&any); err != nil || !any {
		return err
	}
	for i := range items {
		res, err := t.exec(`DELETE FROM lookups WHERE account = ? AND conversation = ?`, a.id, items[i].ID)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			continue
		}
		if _, err := t.exec(`UPDATE conversations SET missing_since = 0 WHERE account = ? AND remote = ? AND missing_since <> 0 AND gone = 0`, a.id, items[i].ID); err != nil {
			return err
		}
	}
	return nil
}

// Listed is a conversation of which the provider last said that it has it.
type Listed struct {
	ID       string
	ActiveAt time.Time
}

// Newest lists the conversations of an account by newest activity, without
// those that are being looked for or gone: what the provider should have.
func (c *Cache) Newest(ctx context.Context, account string, limit int) ([]Listed, error) {
	return c.listed(ctx, account, `SELECT remote, active_at FROM conversations c WHERE account = ? AND gone = 0 AND missing_since = 0
		AND NOT EXISTS (SELECT 1 FROM lookups l WHERE l.account = c.account AND l.conversation = c.remote) ORDER BY active_at DESC LIMIT ?`, limit)
}

const liveColumns = `SELECT remote, active_at FROM conversations WHERE account = ? AND status IN ('open','pending') AND gone = 0 ORDER BY active_at`

// Live lists the conversations of an account that are open or pending, oldest
// activity first.
func (c *Cache) Live(ctx context.Context, account string) ([]Listed, error) {
	return c.listed(ctx, account, liveColumns)
}

func (c *Cache) listed(ctx context.Context, account, query string, args ...any) ([]Listed, error) {
	a, err := c.account(account)
	if err != nil {
		return nil, err
	}
	var out []Listed
	err = each(ctx, c.s.readers, query, append([]any{a.id}, args...), func(scan func(...any) error) error {
		var l Listed
		var at int64
		err := scan(&l.ID, &at)
		l.ActiveAt = inbox.FromMillis(at)
		out = append(out, l)
		return err
	})
	return out, describe(c.s.path, err)
}

// Knows reports whether any of some conversations is here.
func (c *Cache) Knows(ctx context.Context, account string, ids []string) (has bool, err error) {
	a, err := c.account(account)
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		err := c.s.readers.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM conversations WHERE account = ? AND remote = ?)`, a.id, id).Scan(&has)
		if err != nil || has {
			return has, describe(c.s.path, err)
		}
	}
	return false, nil
}

// Workspaces lists the workspaces that an account's answers have named.
func (c *Cache) Workspaces(ctx context.Context, account string) ([]inbox.Workspace, error) {
	a, err := c.account(account)
	if err != nil {
		return nil, err
	}
	var out []inbox.Workspace
	err = each(ctx, c.s.readers, `SELECT remote, name FROM workspaces WHERE account = ? ORDER BY remote`, []any{a.id}, func(scan func(...any) error) error {
		var w inbox.Workspace
		err := scan(&w.ID, &w.Name)
		out = append(out, w)
		return err
	})
	return out, describe(c.s.path, err)
}
