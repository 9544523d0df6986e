package cache

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"bandeja/internal/inbox"
)

// ChangeLine is one thing that sync saw change at the provider: what and
// between when. Who did it no API says.
type ChangeLine struct {
	Account      string
	Conversation string // the provider's id
	Field        string // status, assignees, tags, operation, name
	// Before and After are the provider's own word for a status, a sorted JSON
	// array of strings for assignees and tags, text for the others.
	Before, After string
	Since         time.Time // it was surely still as before; zero where nobody knows
	Until         time.Time // it was seen to be otherwise
}

// sortedRefs is a list of refs as history compares and keeps it: the order in
// which a provider writes them is no change.
func sortedRefs(items []string) string { return refList(slices.Sorted(slices.Values(items))) }

// lines lists what c says otherwise than the columns did. What a form lacks
// is no change, and from a word that was not known nothing changed.
func (s *stored) lines(c *inbox.Conversation) (out []ChangeLine) {
	add := func(field, before, after string) {
		if before != after && before != "" && after != "" {
			out = append(out, ChangeLine{Field: field, Before: before, After: after})
		}
	}
	add("status", s.status, c.StatusWord)
	add("operation", s.operation, c.Operation)
	add("name", s.name, c.Name)
	for _, list := range []struct {
		field, before string
		after         []string
	}{{"assignees", s.assignees, c.Assignees}, {"tags", s.tags, c.Tags}} {
		if list.before != refList(list.after) {
			add(list.field, sortedRefs(unlist(list.before)), sortedRefs(list.after))
		}
	}
	return out
}

// saveHistory notes what c changes of a stored conversation, in the
// transaction that changes it.
func saveHistory(t *tx, a accountRow, old stored, c *inbox.Conversation, ch *changes) error {
	lines := old.lines(c)
	if len(lines) == 0 {
		return nil
	}
	since, err := surelyStill(t, a, old, c.ID)
	if err != nil {
		return err
	}
	until := time.Now().UnixMilli()
	for _, l := range lines {
		if _, err := t.exec(`INSERT INTO changes (account, conversation, field, before, after, since, until) VALUES (?,?,?,?,?,?,?)`,
			a.id, c.ID, l.Field, l.Before, l.After, min(since, until), until); err != nil {
			return err
		}
	}
	ch.history += len(lines)
	return nil
}

// surelyStill is until when a stored conversation was surely as its columns
// say: since the request that brought them, or since a later pass began that
// must have seen it and came to its end. One that a pass did not see waits to
// be looked up, and no pass says anything of it.
func surelyStill(t *tx, a accountRow, old stored, remote string) (since int64, err error) {
	var passed int64
	err = t.row(`SELECT coalesce(max(sure_from), 0) FROM feeds WHERE account = ?1 AND (kind = 'sweep' OR kind = 'open' AND ?2)
		AND ?3 = 0 AND NOT EXISTS (SELECT 1 FROM lookups WHERE account = ?1 AND conversation = ?4)`,
		a.id, old.unified == inbox.Open || old.unified == inbox.Pending, old.missingSince, remote).Scan(&passed)
	return max(old.savedAt, passed), err
}

// PendingChanges reads, oldest first, what is noted here and not in local.db
// yet, and up to which id DropChanges may then drop it.
func (c *Cache) PendingChanges(ctx context.Context, limit int) (lines []ChangeLine, lastID int64, err error) {
	err = each(ctx, c.s.readers, `SELECT h.id, a.name, h.conversation, h.field, h.before, h.after, h.since, h.until
		FROM changes h JOIN accounts a ON a.id = h.account ORDER BY h.id LIMIT ?`, []any{limit}, func(scan func(...any) error) error {
		l, err := scanLine(scan, &lastID)
		lines = append(lines, l)
		return err
	})
	return lines, lastID, describe(c.s.path, err)
}

// DropChanges drops what local.db has by now. Between its commit and this one
// nothing is lost: the same lines are kept again, once.
func (c *Cache) DropChanges(ctx context.Context, upTo int64) error {
	return c.s.write(ctx, func(t *tx) error {
		_, err := t.exec(`DELETE FROM changes WHERE id <= ?`, upTo)
		return err
	})
}

// KeepChanges keeps lines of history for good. A line that is there already is
// left as it is, and one of an account that was removed is not kept.
func (l *Local) KeepChanges(ctx context.Context, lines []ChangeLine) error {
	if len(lines) == 0 {
		return nil
	}
	return l.s.write(ctx, func(t *tx) error {
		f := l.out.of()
		for _, c := range lines {
			if !f.none() && f.has(conversationSide(c.Account, c.Conversation)) {
				continue
			}
			if _, err := t.exec(`INSERT INTO changes (account, conversation, field, before, after, since, until)
				SELECT ?1,?2,?3,?4,?5,?6,?7 WHERE EXISTS (SELECT 1 FROM accounts WHERE name = ?1) ON CONFLICT DO NOTHING`,
				c.Account, c.Conversation, c.Field, c.Before, c.After, inbox.Millis(c.Since), inbox.Millis(c.Until)); err != nil {
				return err
			}
		}
		return nil
	})
}

// ChangesOf reads the history of conversations of one account, newest first.
func (l *Local) ChangesOf(ctx context.Context, account string, conversations []string) ([]ChangeLine, error) {
	ids, err := json.Marshal(conversations)
	if err != nil {
		return nil, err
	}
	var out []ChangeLine
	err = each(ctx, l.s.readers, `SELECT 0, account, conversation, field, before, after, since, until FROM changes
		WHERE account = ? AND conversation IN (SELECT value FROM json_each(?))
		ORDER BY until DESC, since DESC, conversation, field, after`, []any{account, string(ids)}, func(scan func(...any) error) error {
		c, err := scanLine(scan, new(int64))
		out = append(out, c)
		return err
	})
	return out, describe(l.s.path, err)
}

// StatusChanges reads the changes of status of one account that were seen from
// one time up to another.
func (l *Local) StatusChanges(ctx context.Context, account string, from, to time.Time) ([]ChangeLine, error) {
	var out []ChangeLine
	err := each(ctx, l.s.readers, `SELECT 0, account, conversation, field, before, after, since, until FROM changes
		WHERE field = 'status' AND until >= ? AND until < ? AND account = ?`, []any{inbox.Millis(from), inbox.Millis(to), account}, func(scan func(...any) error) error {
		c, err := scanLine(scan, new(int64))
		out = append(out, c)
		return err
	})
	return out, describe(l.s.path, err)
}

// Watching says since when each account has been watched for changes: since it
// was added.
func (l *Local) Watching(ctx context.Context) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	err := each(ctx, l.s.readers, `SELECT name, created_at FROM accounts`, nil, func(scan func(...any) error) error {
		var name string
		var at int64
		err := scan(&name, &at)
		out[name] = inbox.FromMillis(at)
		return err
	})
	return out, describe(l.s.path, err)
}

func scanLine(scan func(...any) error, id *int64) (l ChangeLine, err error) {
	var since, until int64
	err = scan(id, &l.Account, &l.Conversation, &l.Field, &l.Before, &l.After, &since, &until)
	l.Since, l.Until = inbox.FromMillis(since), inbox.FromMillis(until)
	return l, err
}
