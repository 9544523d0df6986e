package cache

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"bandeja/internal/inbox"
)

const mirroredKey = "mirrored"

// Mirrored is the sequence number of local.db's marks up to which the threads'
// rows show them.
func (c *Cache) Mirrored(ctx context.Context) (int64, error) {
	var v string
	err := c.s.readers.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = ?`, mirroredKey).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, describe(c.s.path, err)
	}
	return strconv.ParseInt(v, 10, 64)
}

// Mirror shows marks of local.db, the truth, in the threads' rows. After a
// rebuild the threads are not here yet: the owner mirrors everything again
// once the first copy is done (from 0).
func (c *Cache) Mirror(ctx context.Context, marks []Mark) error {
	if len(marks) == 0 {
		return nil
	}
	return c.s.write(ctx, func(t *tx) error {
		for _, m := range marks {
			if err := t.query(`UPDATE threads SET read_at = ?1 WHERE ref = ?2 AND read_at < ?1 RETURNING id`, []any{inbox.Millis(m.ReadAt), m.Thread}, func(scan func(...any) error) error {
				var id int64
				err := scan(&id)
				t.touched(id)
				return err
			}); err != nil {
				return err
			}
		}
		// Marks of several hands may come out of order: never back.
		_, err := t.exec(`INSERT INTO meta (key, value) VALUES (?1,?2) ON CONFLICT (key) DO UPDATE SET value = ?2 WHERE CAST(value AS INTEGER) < CAST(?2 AS INTEGER)`,
			mirroredKey, itoa(marks[len(marks)-1].Seq))
		return err
	})
}

// SaveReadFloor says from when on messages of an account count as unread: the
// top of its list at the start of its first copy. It is set once.
func (c *Cache) SaveReadFloor(ctx context.Context, account string, at time.Time) error {
	return c.s.write(ctx, func(t *tx) error {
		_, err := t.exec(`UPDATE accounts SET read_floor = ? WHERE name = ? AND read_floor = 0`, inbox.Millis(at), account)
		return err
	})
}
