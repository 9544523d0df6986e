package cache

import "context"

// The message index is never fed by triggers: FTS5 flushes its memory at every
// savepoint a trigger makes (PLATFORM §4). Rows that are new are those above
// the last that was indexed, and need no queue; what the index holds and is no
// longer so is queued in the transaction that changes it. A search looks
// through both.

// indexBatch is how many messages are indexed in one transaction: enough for
// FTS5 to be cheap, few enough that a writer does not wait long.
const indexBatch = 10_000

// What the index calls a message, and what it is narrowed by, as SQL over
// messages m and conversations c. A message's place is the first that was free
// when it was indexed, so that it is found by walking on from where it would
// be; only ever ask for one that is indexed.
const (
	indexedTo   = `(SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'indexed_to')`
	indexedFrom = `(SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'indexed_from')`
	isIndexed   = `m.id <= ` + indexedTo + ` AND m.id > ` + indexedFrom
	wouldBe     = `((min(max(m.at, 0), 4398046511103) << 20) | (m.id & 1048575))` // 42 bits, the year 2109: what is later sorts there
	placeOf     = `(SELECT i.place FROM indexed i WHERE i.place >= ` + wouldBe + ` AND i.message = m.id ORDER BY i.place LIMIT 1)`
	facetWords  = `'a' || c.account || ' t' || m.thread || ' d' || m.direction || ' k' || m.kind`
)

// unindex notes what the index holds of messages before they change or go:
// where is a condition over m. What is not indexed yet needs no note.
func unindex(t *tx, where string, arg int64) error {
	_, err := t.exec(`INSERT INTO index_queue (place, old_text, old_facets)
		SELECT `+placeOf+`, m.text, `+facetWords+` FROM messages m JOIN conversations c ON c.id = m.conversation
		WHERE `+where+` AND `+isIndexed+` ON CONFLICT DO NOTHING`, arg)
	return err
}

// dropMessage removes a message, and notes what the index holds of it.
func dropMessage(t *tx, id int64) error {
	if err := unindex(t, `m.id = ?`, id); err != nil {
		return err
	}
	if _, err := t.exec(`DELETE FROM indexed WHERE place = (SELECT `+placeOf+` FROM messages m WHERE m.id = ? AND `+isIndexed+`)`, id); err != nil {
		return err
	}
	_, err := t.exec(`DELETE FROM messages WHERE id = ?`, id)
	return err
}

// nextMessage is the number of the next message: above all that are here, and
// above those that were indexed and are gone.
func nextMessage(t *tx) (id int64, err error) {
	err = t.row(`SELECT max(coalesce((SELECT max(id) FROM messages), 0), ` + indexedTo + `) + 1`).Scan(&id)
	return id, err
}

// dropFromIndex takes every message of an account out of index and queue, in
// row order, which FTS5 likes best. What is queued of rows that are no longer
// there has their words too.
func dropFromIndex(t *tx, account int64) error {
	const queuedOfAccount = `substr(old_facets, 1, length(?1) + 2) = 'a' || ?1 || ' '`
	for _, q := range []string{
		`INSERT INTO message_index (message_index, rowid, text, facets)
			SELECT 'delete', i.place, coalesce(q.old_text, m.text), coalesce(q.old_facets, ` + facetWords + `)
			FROM indexed i CROSS JOIN messages m ON m.id = i.message JOIN conversations c ON c.id = m.conversation
			LEFT JOIN index_queue q ON q.place = i.place WHERE c.account = ? ORDER BY i.place`,
		`INSERT INTO message_index (message_index, rowid, text, facets)
			SELECT 'delete', place, old_text, old_facets FROM index_queue
			WHERE ` + queuedOfAccount + ` AND place NOT IN (SELECT place FROM indexed)`,
		`DELETE FROM index_queue WHERE ` + queuedOfAccount,
		`DELETE FROM indexed WHERE message IN (SELECT m.id FROM conversations c JOIN messages m ON m.conversation = c.id WHERE c.account = ?)`,
	} {
		if _, err := t.exec(q, account); err != nil {
			return err
		}
	}
	return nil
}

// IndexQueued indexes one batch: what is queued, when that is done what is new,
// and then what a rebuild has still before it, each in the index's row order. It
// reports how many are left, none only where there are none. A distrusted index
// it empties, which takes a moment for each million messages.
func (c *Cache) IndexQueued(ctx context.Context) (left int64, err error) {
	return c.indexSome(ctx, indexBatch)
}

func (c *Cache) indexSome(ctx context.Context, batch int64) (left int64, err error) {
	distrusted := c.distrusted.Load()
	err = c.s.write(ctx, func(t *tx) error {
		if distrusted {
			if err := emptyIndex(t); err != nil {
				return err
			}
		}
		room := batch
		for _, next := range []func(t *tx, limit int64) (int64, error){indexAltered, indexFresh, indexEarlier} {
			if room > 0 {
				n, err := next(t, room)
				if err != nil {
					return err
				}
				room -= n
			}
		}
		return t.row(`SELECT (SELECT count(*) FROM index_queue) + max(0, coalesce((SELECT max(id) FROM messages), 0) - ` + indexedTo + `) + ` + indexedFrom).Scan(&left)
	})
	if err == nil && distrusted {
		c.distrusted.Store(false)
	}
	return left, err
}

// indexAltered replaces the old words of at most limit of what is queued.
func indexAltered(t *tx, limit int64) (n int64, err error) {
	var upTo int64
	if err := t.row(`SELECT coalesce(max(place), 0), count(*) FROM (SELECT place FROM index_queue ORDER BY place LIMIT ?)`, limit).Scan(&upTo, &n); err != nil || n == 0 {
		return 0, err
	}
	for _, q := range []string{
		`INSERT INTO message_index (message_index, rowid, text, facets)
			SELECT 'delete', place, old_text, old_facets FROM index_queue WHERE place <= ? ORDER BY place`,
		`UPDATE indexed SET thread = (SELECT thread FROM messages WHERE id = indexed.message) WHERE place IN (SELECT place FROM index_queue WHERE place <= ?)`,
		`INSERT INTO message_index (rowid, text, facets)
			SELECT w.id, w.text, w.facets FROM index_queue q CROSS JOIN message_words w ON w.id = q.place WHERE q.place <= ? ORDER BY q.place`,
		`DELETE FROM index_queue WHERE place <= ?`,
	} {
		if _, err := t.exec(q, upTo); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// indexFresh indexes at most limit new messages. The queue must be empty: a
// place whose old words are still in the index is taken.
func indexFresh(t *tx, limit int64) (int64, error) {
	return indexRows(t, `id > `+indexedTo+` ORDER BY id`, limit, `UPDATE meta SET value = ?2 WHERE key = 'indexed_to'`)
}

// indexEarlier indexes at most limit of the newest messages that a rebuild has
// still before it, and of numbers that are no more it leaves none to do.
func indexEarlier(t *tx, limit int64) (int64, error) {
	n, err := indexRows(t, `id <= `+indexedFrom+` ORDER BY id DESC`, limit, `UPDATE meta SET value = ?1 - 1 WHERE key = 'indexed_from'`)
	if err == nil && n < limit {
		_, err = t.exec(`UPDATE meta SET value = 0 WHERE key = 'indexed_from' AND value <> 0`)
	}
	return n, err
}

// indexRows gives at most limit messages their places and their words, and notes
// how far it came: ?1 is the lowest of their numbers, ?2 the highest.
func indexRows(t *tx, which string, limit int64, note string) (n int64, err error) {
	var from, upTo int64
	if err := t.row(`SELECT coalesce(min(id), 0), coalesce(max(id), 0), count(*) FROM (SELECT id FROM messages WHERE `+which+` LIMIT ?)`, limit).Scan(&from, &upTo, &n); err != nil || n == 0 {
		return 0, err
	}
	place, err := givePlaces(t, from, upTo, n)
	if err != nil {
		return 0, err
	}
	if _, err := t.exec(`INSERT INTO message_index (rowid, text, facets)
		SELECT `+place+`, m.text, `+facetWords+` FROM messages m CROSS JOIN conversations c ON c.id = m.conversation
		WHERE m.id BETWEEN ? AND ? ORDER BY 1`, from, upTo); err != nil {
		return 0, err
	}
	_, err = t.exec(note, from, upTo)
	return n, err
}

// givePlaces gives n messages their places, and says how to ask for them.
func givePlaces(t *tx, from, upTo, n int64) (place string, err error) {
	const batch = ` FROM messages m WHERE m.id BETWEEN ? AND ?`
	res, err := t.exec(`INSERT INTO indexed (place, message, thread) SELECT `+wouldBe+`, m.id, m.thread`+batch+` ORDER BY 1 ON CONFLICT DO NOTHING`, from, upTo)
	if err != nil {
		return "", err
	}
	if given, err := res.RowsAffected(); err != nil || given == n {
		return wouldBe, err
	}
	taken := map[int64]int64{} // messages whose place is another's
	if err := t.query(`SELECT m.id, `+wouldBe+batch+` AND (SELECT message FROM indexed WHERE place = `+wouldBe+`) <> m.id`, []any{from, upTo}, func(scan func(...any) error) error {
		var id, place int64
		err := scan(&id, &place)
		taken[id] = place
		return err
	}); err != nil {
		return "", err
	}
	for id, place := range taken {
		if err := placeBehind(t, id, place); err != nil {
			return "", err
		}
	}
	return placeOf, nil
}

// placeBehind gives a message the next place that is free.
func placeBehind(t *tx, message, place int64) error {
	for added := int64(0); added == 0; {
		place++
		res, err := t.exec(`INSERT INTO indexed (place, message, thread) VALUES (?1,?2,(SELECT thread FROM messages WHERE id = ?2)) ON CONFLICT DO NOTHING`, place, message)
		if err != nil {
			return err
		}
		if added, err = res.RowsAffected(); err != nil {
			return err
		}
	}
	return nil
}
