package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"bandeja/internal/inbox"
)

const phoneRulesKey = "phone_rules"

// applyPhoneRules reads every number anew where the file was written by other
// rules than these.
func (c *Cache) applyPhoneRules(ctx context.Context, version int) error {
	var had string
	err := c.s.readers.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = ?`, phoneRulesKey).Scan(&had)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return describe(c.s.path, err)
	}
	now := itoa(int64(version))
	if had == now {
		return nil
	}
	return c.s.write(ctx, func(t *tx) error {
		for _, a := range c.accounts {
			if err := rereadPhones(t, a); err != nil {
				return fmt.Errorf("read the numbers of %s anew: %w", a.name, err)
			}
		}
		_, err := t.exec(`INSERT INTO meta (key, value) VALUES (?1,?2) ON CONFLICT (key) DO UPDATE SET value = ?2`, phoneRulesKey, now)
		return err
	})
}

// rereadPhones applies a changed region or area to every contact of an
// account, from the raw text (SEARCH §1: parse once, rebuild when rules
// change). Plática's contacts are named by their line, so theirs may move.
func rereadPhones(t *tx, a accountRow) error {
	type conv struct {
		id, thread int64
		c          inbox.Conversation
	}
	var all []conv
	if err := t.query(`SELECT c.id, c.thread, c.remote, c.public_id, c.workspace, c.channel, c.name, c.phone, c.created_at, k.remote
		FROM conversations c JOIN threads t ON t.id = c.thread JOIN contacts k ON k.id = t.contact WHERE c.account = ? ORDER BY c.created_at`,
		[]any{a.id}, func(scan func(...any) error) error {
			var v conv
			var created int64
			var key string
			if err := scan(&v.id, &v.thread, &v.c.ID, &v.c.PublicID, &v.c.Workspace, &v.c.Channel, &v.c.Name, &v.c.Phone, &created, &key); err != nil {
				return err
			}
			v.c.CreatedAt = inbox.FromMillis(created)
			v.c.Contact = contactID(key)
			all = append(all, v)
			return nil
		}); err != nil {
		return err
	}
	ch := newChanges(0)
	for i := range all {
		v := &all[i]
		_, thread, err := placeConversation(t, a, &v.c, contactOf(a, &v.c), ch)
		if err != nil {
			return err
		}
		ch.touch(thread)
		if thread == v.thread {
			continue
		}
		ch.touch(v.thread)
		if err := moveMessages(t, v.id, thread); err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE conversations SET thread = ? WHERE id = ?`, thread, v.id); err != nil {
			return err
		}
	}
	var delta Delta
	return ch.settle(t, a, &delta)
}
