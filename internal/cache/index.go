package cache

import (
	"context"
	"strconv"
)

// The message index is fed by a queue and never by triggers: FTS5 flushes its
// memory at every savepoint a trigger makes (PLATFORM §4). The queue commits
// with the rows, and a search looks through what is still in it.

// indexBatch is how many messages are indexed in one transaction: enough for
// FTS5 to be cheap, few enough that a writer does not wait long.
const indexBatch = 10_000

// enqueue notes messages that are to be indexed.
func enqueue(t *tx, messages []int64) error {
	if len(messages) == 0 {
		return nil
	}
	list := []byte{'['}
	for i, id := range messages {
		if i > 0 {
			list = append(list, ',')
		}
		list = strconv.AppendInt(list, id, 10)
	}
	_, err := t.exec(`INSERT INTO index_queue (message) SELECT value FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`, string(append(list, ']')))
	return err
}

// unindex notes what the index holds of a message before the message changes
// or goes. External content wants the exact old words to take them out.
func unindex(t *tx, message int64) error {
	_, err := t.exec(`INSERT INTO index_queue (message, old_text, old_facets)
		SELECT id, text, facets FROM message_words WHERE id = ? AND true
		ON CONFLICT DO NOTHING`, message)
	return err
}

// dropFromIndex takes every message of an account out of index and queue, in
// row order, which FTS5 likes best. What is queued of rows that are no longer
// there has their words too.
func dropFromIndex(t *tx, account int64) error {
	for _, q := range []string{
		`INSERT INTO message_index (message_index, rowid, text, facets)
			SELECT 'delete', m.id, coalesce(q.old_text, w.text), coalesce(q.old_facets, w.facets)
			FROM messages m CROSS JOIN conversations c ON c.id = m.conversation JOIN message_words w ON w.id = m.id
			LEFT JOIN index_queue q ON q.message = m.id
			WHERE c.account = ? AND (q.message IS NULL OR q.old_text IS NOT NULL)`,
		`INSERT INTO message_index (message_index, rowid, text, facets)
			SELECT 'delete', message, old_text, old_facets FROM index_queue
			WHERE substr(old_facets, 1, length(?1) + 2) = 'a' || ?1 || ' ' AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = message)`,
		`DELETE FROM index_queue WHERE substr(old_facets, 1, length(?1) + 2) = 'a' || ?1 || ' ' AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = message)`,
		`DELETE FROM index_queue WHERE message IN (SELECT m.id FROM conversations c JOIN messages m ON m.conversation = c.id WHERE c.account = ?)`,
	} {
		if _, err := t.exec(q, account); err != nil {
			return err
		}
	}
	return nil
}

// IndexQueued indexes one batch of what is queued, in row order, and reports
// how many are left.
func (c *Cache) IndexQueued(ctx context.Context) (left int64, err error) {
	err = c.s.write(ctx, func(t *tx) error {
		var upTo, n int64
		if err := t.row(`SELECT coalesce(max(message), 0), count(*) FROM (SELECT message FROM index_queue ORDER BY message LIMIT ?)`, indexBatch).Scan(&upTo, &n); err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		for _, q := range []string{
			`INSERT INTO message_index (message_index, rowid, text, facets)
				SELECT 'delete', message, old_text, old_facets FROM index_queue WHERE message <= ? AND old_text IS NOT NULL ORDER BY message`,
			`INSERT INTO message_index (rowid, text, facets)
				SELECT w.id, w.text, w.facets FROM index_queue q JOIN message_words w ON w.id = q.message WHERE q.message <= ? ORDER BY q.message`,
			`DELETE FROM index_queue WHERE message <= ?`,
		} {
			if _, err := t.exec(q, upTo); err != nil {
				return err
			}
		}
		return t.row(`SELECT count(*) FROM index_queue`).Scan(&left)
	})
	return left, err
}

// Queued counts the messages that are not in the index yet.
func (c *Cache) Queued(ctx context.Context) (n int64, err error) {
	err = c.s.readers.QueryRowContext(ctx, `SELECT count(*) FROM index_queue`).Scan(&n)
	return n, describe(c.s.path, err)
}
