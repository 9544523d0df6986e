package cache

import (
	"context"
	"database/sql"
	"errors"
	"strings"
)

// Unclean reports whether the last owner of the file did not close it.
func (c *Cache) Unclean() bool { return c.s.unclean }

// Unclean reports whether the last owner of the file did not close it.
func (l *Local) Unclean() bool { return l.s.unclean }

// Check looks through the file for damage: quickly, or whole with its indexes
// compared. It reads beside everything else, for as long as the file is large.
//
// Errors: ErrCorrupt, or ErrIndex where nothing else is wrong, with the first
// thing found.
func (c *Cache) Check(ctx context.Context, whole bool) error { return c.s.check(ctx, whole) }

// Check looks through the file, as Cache.Check.
func (l *Local) Check(ctx context.Context, whole bool) error { return l.s.check(ctx, whole) }

func (s *store) check(ctx context.Context, whole bool) error {
	query := `PRAGMA quick_check(9)`
	if whole {
		query = `PRAGMA integrity_check(9)`
	}
	var kind, first error
	if err := each(ctx, s.readers, query, nil, func(scan func(...any) error) error {
		var found string
		if err := scan(&found); err != nil || found == "ok" {
			return err
		}
		// The index can be made anew from the rest, if that is sound.
		if index := strings.Contains(strings.ToLower(found), "fts5"); first == nil || errors.Is(kind, ErrIndex) && !index {
			kind, first = ErrCorrupt, errors.New(found)
			if index {
				kind = ErrIndex
			}
		}
		return nil
	}); err != nil {
		return describe(s.path, err)
	}
	if first == nil {
		return nil
	}
	err := &FileError{s.path, kind, first}
	s.report(err)
	return err
}

// disagreements find rows that contradict each other; each gives what it found,
// if anything.
var disagreements = []string{
	`SELECT "table" || ' refers to a row of ' || parent || ' that is not there' FROM pragma_foreign_key_check LIMIT 1`,
	`SELECT 'messages of conversation ' || c.id FROM conversations c
		LEFT JOIN (SELECT conversation, count(*) AS n, max(0, max(at)) AS newest FROM messages GROUP BY conversation) m ON m.conversation = c.id
		WHERE (c.messages, c.newest_at) <> (coalesce(m.n, 0), coalesce(m.newest, 0)) LIMIT 1`,
	`SELECT 'messages of no conversation' FROM messages WHERE conversation NOT IN (SELECT id FROM conversations) LIMIT 1`,
	`SELECT 'counts of account ' || a.id FROM accounts a WHERE (a.conversations, a.messages, a.to_read) <> (
		SELECT count(*), coalesce(sum(messages), 0), coalesce(sum(listed_mark <> read_mark AND gone = 0), 0) FROM conversations c WHERE c.account = a.id) LIMIT 1`,
}

// CheckContent looks through the file whole, and for what no check of SQLite's
// sees: rows that contradict each other, messages that are not as they were
// indexed. Queued messages must have been indexed. It takes as long as reading
// all of the file, and holds writes back for a part of that: for when
// everything is to be copied again.
//
// Errors: ErrCorrupt, with the first thing found.
func (c *Cache) CheckContent(ctx context.Context) error {
	if err := c.s.check(ctx, true); err != nil {
		return err
	}
	if err := c.CheckCounts(ctx); err != nil {
		return err
	}
	return c.s.write(ctx, func(t *tx) error {
		_, err := t.exec(`INSERT INTO message_index (message_index, rank) SELECT 'integrity-check', 1 WHERE NOT EXISTS (SELECT 1 FROM index_queue)`)
		return err
	})
}

// CheckCounts looks for rows that contradict each other, and for counts of them
// that are not theirs. It only reads.
//
// Errors: ErrCorrupt, with the first thing found.
func (c *Cache) CheckCounts(ctx context.Context) error {
	return c.s.read(ctx, func(t *sql.Tx) error {
		for _, query := range disagreements {
			var found string
			err := t.QueryRowContext(ctx, query).Scan(&found)
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			if err == nil {
				err = &FileError{c.s.path, ErrCorrupt, errors.New(found)}
			}
			return err
		}
		return nil
	})
}

// WatchFile is told what goes wrong with the file from now on.
func (c *Cache) WatchFile(w Watch) { c.s.watch.Store(&w) }

// WatchFile is told what goes wrong with the file from now on.
func (l *Local) WatchFile(w Watch) { l.s.watch.Store(&w) }

// probeBytes is what must fit for a full disk to count as having room again.
const probeBytes = 256 << 10

// Probe writes something and takes it away, to see whether the disk has room
// again. Errors: ErrFull, ErrDisk.
func (c *Cache) Probe(ctx context.Context) error {
	for _, q := range []string{
		`INSERT INTO meta (key, value) VALUES ('probe', hex(randomblob(?))) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
		`DELETE FROM meta WHERE key = 'probe' AND ? > 0`,
	} {
		if err := c.s.writeOnce(ctx, func(t *tx) error { _, err := t.exec(q, probeBytes/2); return err }); err != nil {
			return err
		}
	}
	return nil
}
