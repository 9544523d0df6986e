package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// eraseBatch is how many messages are erased in one transaction: a writer waits
// some tens of milliseconds for it.
const eraseBatch = 1000

// Erased counts what went of somebody who is forgotten.
type Erased struct {
	Conversations int64 `json:"conversations"`
	Messages      int64 `json:"messages"`
	Rejects       int64 `json:"rejects"` // rows that could not be read, and were about them
	Notes         int64 `json:"notes"`
	Drafts        int64 `json:"drafts"`
	Changes       int64 `json:"changes"` // that waited to be sent, and were not
	Sent          int64 `json:"sent"`    // entries of the outbox that were done
	History       int64 `json:"history"`
	Gone          int64 `json:"gone"` // conversations kept that their platform has no more
	Marks         int64 `json:"marks"`
	Joins         int64 `json:"joins"`
	Searches      int64 `json:"searches"` // recent ones
	Views         int64 `json:"views"`
}

// Add adds other counts.
func (n *Erased) Add(o Erased) {
	n.Conversations += o.Conversations
	n.Messages += o.Messages
	n.Rejects += o.Rejects
	n.Notes += o.Notes
	n.Drafts += o.Drafts
	n.Changes += o.Changes
	n.Sent += o.Sent
	n.History += o.History
	n.Gone += o.Gone
	n.Marks += o.Marks
	n.Joins += o.Joins
	n.Searches += o.Searches
	n.Views += o.Views
}

// leaver is a conversation that is to be erased.
type leaver struct{ id, thread, account int64 }

// EraseForgotten erases from the cache whoever is to be kept out, in steps that
// hold no writer up; told is told after each, for the screens. Killed at any
// point, the next call goes on. It counts what this call erased.
//
// The message index holds no word after it that only they used.
func (c *Cache) EraseForgotten(ctx context.Context, told func(Delta)) (n Erased, err error) {
	f := c.out.of()
	if f.none() {
		return n, nil
	}
	if c.distrusted.Load() { // what it holds is not what it should: it is made anew first
		if _, err := c.IndexQueued(ctx); err != nil {
			return n, err
		}
	}
	leavers, err := c.leavers(ctx, f)
	if err != nil {
		return n, fmt.Errorf("look for who is forgotten: %w", err)
	}
	if err := c.secureIndex(ctx, true); err != nil {
		return n, err
	}
	for _, v := range leavers {
		if err := c.eraseOne(ctx, v, &n, told); err != nil {
			return n, fmt.Errorf("erase a conversation: %w", err)
		}
	}
	if err := c.eraseTraces(ctx, f, &n); err != nil {
		return n, fmt.Errorf("erase what was noted: %w", err)
	}
	return n, c.secureIndex(ctx, false)
}

// secureIndex has the message index take words out of its pages as rows are
// deleted, rather than note that they are gone. It costs, so it is on only
// while somebody is forgotten; a transaction of its own, since FTS5 writes at
// the commit.
func (c *Cache) secureIndex(ctx context.Context, on bool) error {
	return c.s.write(ctx, func(t *tx) error {
		_, err := t.exec(`INSERT INTO message_index (message_index, rank) VALUES ('secure-delete', ?)`, on)
		return err
	})
}

// leavers finds the conversations of everybody who is kept out.
func (c *Cache) leavers(ctx context.Context, f *Forgotten) (out []leaver, err error) {
	err = each(ctx, c.s.readers, `SELECT c.id, c.thread, c.account, a.name, a.region, c.remote, c.phone, k.remote, k.phone, k.phone_key
		FROM conversations c JOIN accounts a ON a.id = c.account JOIN threads t ON t.id = c.thread JOIN contacts k ON k.id = t.contact`, nil,
		func(scan func(...any) error) error {
			var v leaver
			var account, region, remote, said, contact, written, key string
			if err := scan(&v.id, &v.thread, &v.account, &account, &region, &remote, &said, &contact, &written, &key); err != nil {
				return err
			}
			if f.has(conversationSide(account, remote)) || f.has(contactSide(account, contact)) || f.hasNumber(written, key, region) || said != written && f.hasNumber(said, "", region) {
				out = append(out, v)
			}
			return nil
		})
	return out, describe(c.s.path, err)
}

// eraseOne erases a conversation, its messages first.
func (c *Cache) eraseOne(ctx context.Context, v leaver, n *Erased, told func(Delta)) error {
	for done := false; !done; {
		var delta Delta
		var messages int64
		if err := c.s.write(ctx, func(t *tx) (err error) {
			delta = Delta{}
			messages, err = eraseMessages(t, v, eraseBatch)
			if done = messages < eraseBatch; err != nil || !done {
				return err
			}
			a, err := c.accountOf(v.account)
			if err != nil {
				return err
			}
			ch := newChanges(0)
			if err := eraseRow(t, v, ch); err != nil {
				return err
			}
			return ch.settle(t, a, &delta)
		}); err != nil {
			return err
		}
		n.Messages += messages
		if done {
			n.Conversations++
			told(delta)
		}
	}
	return nil
}

func (c *Cache) accountOf(id int64) (accountRow, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, a := range c.accounts {
		if a.id == id {
			return a, nil
		}
	}
	return accountRow{}, fmt.Errorf("account %d: %w", id, ErrNotFound)
}

// eraseKnown erases a conversation by its provider's id, if it is here, within
// the transaction of what brought it again. What that leaves in the index's old
// pages the next merge takes.
func eraseKnown(t *tx, a accountRow, remote string, ch *changes) error {
	v := leaver{account: a.id}
	err := t.row(`SELECT id, thread FROM conversations WHERE account = ? AND remote = ?`, a.id, remote).Scan(&v.id, &v.thread)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	for {
		n, err := eraseMessages(t, v, eraseBatch)
		if err != nil {
			return err
		}
		if n < eraseBatch {
			return eraseRow(t, v, ch)
		}
	}
}

// eraseMessages erases at most limit messages of a conversation, the oldest
// first, so that the row says the truth of those that are left.
func eraseMessages(t *tx, v leaver, limit int) (int64, error) {
	var ids []int64
	if err := t.query(`SELECT id FROM messages WHERE thread = ? AND conversation = ? ORDER BY at, seq, id LIMIT ?`, []any{v.thread, v.id, limit}, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	}); err != nil || len(ids) == 0 {
		return 0, err
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return 0, err
	}
	places, err := placesOf(t, list)
	if err != nil {
		return 0, err
	}
	for _, q := range []struct{ query, list string }{
		{`INSERT INTO message_index (message_index, rowid, text, facets)
			SELECT 'delete', i.place, coalesce(q.old_text, m.text), coalesce(q.old_facets, ` + facetWords + `)
			FROM json_each(?) p CROSS JOIN indexed i ON i.place = p.value JOIN messages m ON m.id = i.message JOIN conversations c ON c.id = m.conversation
			LEFT JOIN index_queue q ON q.place = i.place ORDER BY i.place`, places},
		{`DELETE FROM index_queue WHERE place IN (SELECT value FROM json_each(?))`, places},
		{`DELETE FROM indexed WHERE place IN (SELECT value FROM json_each(?))`, places},
		{`DELETE FROM messages WHERE id IN (SELECT value FROM json_each(?))`, string(list)},
	} {
		if _, err := t.exec(q.query, q.list); err != nil {
			return 0, err
		}
	}
	_, err = t.exec(`UPDATE conversations SET messages = messages - ? WHERE id = ?`, len(ids), v.id)
	return int64(len(ids)), err
}

// placesOf lists the places of messages in the index, as JSON: none of those
// that are not indexed.
func placesOf(t *tx, list []byte) (string, error) {
	places := []int64{}
	err := t.query(`SELECT `+placeOf+` FROM messages m WHERE m.id IN (SELECT value FROM json_each(?)) AND `+isIndexed, []any{string(list)}, func(scan func(...any) error) error {
		var place sql.NullInt64
		err := scan(&place)
		if place.Valid {
			places = append(places, place.Int64)
		}
		return err
	})
	if err != nil {
		return "", err
	}
	slices.Sort(places)
	coded, err := json.Marshal(places)
	return string(coded), err
}

// eraseRow erases a conversation without messages, and all that is noted of it.
// Its thread and its contact go with their last.
func eraseRow(t *tx, v leaver, ch *changes) error {
	var remote string
	if err := t.row(`SELECT remote FROM conversations WHERE id = ?`, v.id).Scan(&remote); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	}
	for _, table := range []string{"wishes", "lookups", "changes"} {
		if _, err := t.exec(`DELETE FROM `+table+` WHERE account = ? AND conversation = ?`, v.account, remote); err != nil {
			return err
		}
	}
	// Words of messages that were moved or taken away and are still in the index.
	const left = `FROM index_queue WHERE place NOT IN (SELECT place FROM indexed) AND instr(old_facets, ?1) > 0`
	only := `NOT EXISTS (SELECT 1 FROM conversations WHERE thread = ?2 AND id <> ?3)`
	facet := " t" + itoa(v.thread) + " "
	for _, q := range []string{
		`INSERT INTO message_index (message_index, rowid, text, facets) SELECT 'delete', place, old_text, old_facets ` + left + ` AND ` + only + ` ORDER BY place`,
		`DELETE ` + left + ` AND ` + only,
	} {
		if _, err := t.exec(q, facet, v.thread, v.id); err != nil {
			return err
		}
	}
	for _, q := range []string{`DELETE FROM rechecks WHERE conversation = ?`, `DELETE FROM conversations WHERE id = ?`} {
		if _, err := t.exec(q, v.id); err != nil {
			return err
		}
	}
	ch.touch(v.thread)
	return nil
}

// eraseTraces erases what no conversation leads to: rows that could not be
// read, look-ups, and lines on their way to local.db.
func (c *Cache) eraseTraces(ctx context.Context, f *Forgotten, n *Erased) error {
	return c.s.write(ctx, func(t *tx) error {
		rejects := int64(0)
		accounts, err := accountRows(c.ties, c.out, t.query)
		if err != nil {
			return err
		}
		for _, a := range accounts {
			gone, err := eraseRejects(t, f, a)
			if err != nil {
				return err
			}
			rejects += gone
			for _, table := range []string{"wishes", "lookups", "changes"} {
				if err := eraseNoted(t, f, a, table); err != nil {
					return err
				}
			}
		}
		if err := eraseRenames(t, f); err != nil {
			return err
		}
		n.Rejects = rejects
		return nil
	})
}

func eraseRejects(t *tx, f *Forgotten, a accountRow) (int64, error) {
	var theirs []string
	if err := t.query(`SELECT digest, raw FROM rejects WHERE account = ?`, []any{a.id}, func(scan func(...any) error) error {
		var digest string
		var raw []byte
		err := scan(&digest, &raw)
		if err == nil && f.mentions(a, raw) {
			theirs = append(theirs, digest)
		}
		return err
	}); err != nil {
		return 0, err
	}
	for _, digest := range theirs {
		if _, err := t.exec(`DELETE FROM rejects WHERE account = ? AND digest = ?`, a.id, digest); err != nil {
			return 0, err
		}
	}
	_, err := t.exec(`UPDATE accounts SET rejected = rejected - ? WHERE id = ?`, len(theirs), a.id)
	return int64(len(theirs)), err
}

// eraseNoted erases the rows of a table by account and conversation.
func eraseNoted(t *tx, f *Forgotten, a accountRow, table string) error {
	var theirs []string
	if err := t.query(`SELECT DISTINCT conversation FROM `+table+` WHERE account = ?`, []any{a.id}, func(scan func(...any) error) error {
		var remote string
		err := scan(&remote)
		if err == nil && f.has(conversationSide(a.name, remote)) {
			theirs = append(theirs, remote)
		}
		return err
	}); err != nil {
		return err
	}
	for _, remote := range theirs {
		if _, err := t.exec(`DELETE FROM `+table+` WHERE account = ? AND conversation = ?`, a.id, remote); err != nil {
			return err
		}
	}
	return nil
}

func eraseRenames(t *tx, f *Forgotten) error {
	var theirs []int64
	if err := t.query(`SELECT id, kind, account, before, after FROM renames`, nil, func(scan func(...any) error) error {
		var id int64
		var r Rename
		if err := scan(&id, &r.Kind, &r.Account, &r.Before, &r.After); err != nil {
			return err
		}
		before, after := r.sides()
		if r.Kind == RenamedThread {
			before, after = threadSide(r.Before), threadSide(r.After)
		}
		if f.has(before) || f.has(after) {
			theirs = append(theirs, id)
		}
		return nil
	}); err != nil {
		return err
	}
	for _, id := range theirs {
		if _, err := t.exec(`DELETE FROM renames WHERE id = ?`, id); err != nil {
			return err
		}
	}
	return nil
}
