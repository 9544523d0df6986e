package cache

import (
	"context"
	"fmt"
)

// RenameKind says what is called otherwise than before.
type RenameKind string

// What local.db knows by a name that the rules for numbers make.
const (
	RenamedLine          RenameKind = "line"            // identity keys
	RenamedLineToContact RenameKind = "line to contact" // a key, and contacts.remote of what is no number any more
	RenamedContact       RenameKind = "contact"         // contacts.remote
	RenamedThread        RenameKind = "thread"          // t_…
)

// Rename is something that Rekey calls otherwise than before.
type Rename struct {
	Kind          RenameKind
	Account       string // "" for a line, which is no account's
	Before, After string
	// Stands says that something is still called Before: it was one by the old
	// rules and is two by the new ones.
	Stands bool
}

func noteRename(t *tx, r Rename) error {
	_, err := t.exec(`INSERT INTO renames (kind, account, before, after) VALUES (?1,?2,?3,?4)
		ON CONFLICT (kind, account, before, after) DO NOTHING`, string(r.Kind), r.Account, r.Before, r.After)
	return err
}

// PendingRenames lists what is on its way to local.db, oldest first, at most
// limit, with the number of the last. Ask when Rekey has nothing more to do:
// until then nobody knows what still stands.
func (c *Cache) PendingRenames(ctx context.Context, limit int) (all []Rename, last int64, err error) {
	err = each(ctx, c.s.readers, `SELECT r.id, r.kind, r.account, r.before, r.after, CASE r.kind
			WHEN 'thread' THEN EXISTS (SELECT 1 FROM threads WHERE ref = r.before)
			WHEN 'contact' THEN EXISTS (SELECT 1 FROM contacts k JOIN accounts a ON a.id = k.account WHERE a.name = r.account AND k.remote = r.before)
			ELSE EXISTS (SELECT 1 FROM contacts WHERE phone_key = r.before AND phone_key <> '') END
		FROM renames r ORDER BY r.id LIMIT ?`, []any{limit}, func(scan func(...any) error) error {
		var r Rename
		err := scan(&last, &r.Kind, &r.Account, &r.Before, &r.After, &r.Stands)
		all = append(all, r)
		return err
	})
	return all, last, describe(c.s.path, err)
}

// DropRenames forgets those up to last, once local.db has followed them.
func (c *Cache) DropRenames(ctx context.Context, last int64) error {
	return c.s.write(ctx, func(t *tx) error {
		_, err := t.exec(`DELETE FROM renames WHERE id <= ?`, last)
		return err
	})
}

// FollowRenames lets local.db call things as the cache does now. A join or a
// split that a person made of a line or contact is one of what it is called
// now, and of both where it has become two: they were looking at both. Read
// marks, notes and drafts follow their thread. Following twice changes no more
// than once.
func (l *Local) FollowRenames(ctx context.Context, all []Rename) error {
	err := l.s.write(ctx, func(t *tx) error {
		// First what is new, for all: two may come of one.
		for _, r := range all {
			if err := copyNamed(t, r); err != nil {
				return err
			}
		}
		for _, r := range all {
			if r.Stands {
				continue
			}
			if err := dropNamed(t, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("follow changed numbers: %w", err)
	}
	return nil
}

// sides are a rename's names as joins have them.
func (r Rename) sides() (before, after string) {
	contact := func(remote string) string { return "contact:" + r.Account + ":" + remote }
	switch r.Kind {
	case RenamedContact:
		return contact(r.Before), contact(r.After)
	case RenamedLineToContact:
		return "key:" + r.Before, contact(r.After)
	}
	return "key:" + r.Before, "key:" + r.After
}

func copyNamed(t *tx, r Rename) error {
	if r.Kind == RenamedThread {
		return copyMark(t, r)
	}
	before, after := r.sides()
	// Nothing is joined to itself.
	for _, q := range []string{
		`INSERT INTO joins (seq, op_id, a, b, joined, made_at) SELECT seq, op_id, ?2, b, joined, made_at FROM joins WHERE a = ?1 AND b <> ?2 ON CONFLICT DO NOTHING`,
		`INSERT INTO joins (seq, op_id, a, b, joined, made_at) SELECT seq, op_id, a, ?2, joined, made_at FROM joins WHERE b = ?1 AND a <> ?2 ON CONFLICT DO NOTHING`,
	} {
		if _, err := t.exec(q, before, after); err != nil {
			return err
		}
	}
	return nil
}

// copyMark gives the new thread the read mark of the old one, the earlier of
// two, under a number of its own.
func copyMark(t *tx, r Rename) error {
	res, err := t.exec(`INSERT INTO thread_marks (account, thread, read_at, snoozed_until, snoozed_over, seq)
		SELECT account, ?2, read_at, snoozed_until, snoozed_over, coalesce((SELECT CAST(value AS INTEGER) FROM settings WHERE key = ?3), 0) + 1 FROM thread_marks WHERE thread = ?1
		ON CONFLICT (thread) DO UPDATE SET read_at = excluded.read_at, seq = excluded.seq WHERE read_at > excluded.read_at`, r.Before, r.After, markSeqKey)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	_, err = t.exec(`INSERT INTO settings (key, value) VALUES (?1, '1') ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1`, markSeqKey)
	return err
}

// dropNamed ends the old name: what could not be copied moves.
func dropNamed(t *tx, r Rename) error {
	if r.Kind != RenamedThread {
		before, _ := r.sides()
		_, err := t.exec(`DELETE FROM joins WHERE ?1 IN (a, b)`, before)
		return err
	}
	for _, q := range []string{
		`DELETE FROM thread_marks WHERE thread = ?1 AND thread <> ?2`,
		`UPDATE notes SET thread = ?2 WHERE thread = ?1`,
		// Two drafts of what is one thread now are both somebody's words.
		`INSERT INTO drafts (thread, account, text, changed_at) SELECT ?2, account, text, changed_at FROM drafts WHERE thread = ?1
			ON CONFLICT (thread) DO UPDATE SET text = text || char(10) || excluded.text, changed_at = max(changed_at, excluded.changed_at)`,
		`DELETE FROM drafts WHERE thread = ?1 AND thread <> ?2`,
	} {
		if _, err := t.exec(q, r.Before, r.After); err != nil {
			return err
		}
	}
	return nil
}
