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
			if err := t.touching(`UPDATE threads SET read_at = ?1 WHERE ref = ?2 AND read_at < ?1 RETURNING id`, inbox.Millis(m.ReadAt), m.Thread); err != nil {
				return err
			}
			if err := showSnooze(t, m); err != nil {
				return err
			}
		}
		// Marks of several hands may come out of order: never back.
		_, err := t.exec(`INSERT INTO meta (key, value) VALUES (?1,?2) ON CONFLICT (key) DO UPDATE SET value = ?2 WHERE CAST(value AS INTEGER) < CAST(?2 AS INTEGER)`,
			mirroredKey, itoa(marks[len(marks)-1].Seq))
		return err
	})
}

// showSnooze shows until when a thread is snoozed, and whether the customer has
// written since.
func showSnooze(t *tx, m Mark) error {
	if m.Snooze == nil {
		return nil
	}
	return t.touching(`UPDATE threads SET snoozed_until = ?1, snoozed_over = ?2, woken = ?1 > 0 AND last_dir = 'in' AND last_at > ?2
		WHERE ref = ?3 AND (snoozed_until <> ?1 OR snoozed_over <> ?2) RETURNING id`,
		inbox.Millis(m.Snooze.Until), inbox.Millis(m.Snooze.Over), m.Thread)
}

// Sleeper is a thread (t_…) that is snoozed.
type Sleeper struct {
	Thread string
	Until  time.Time
}

// Sleepers lists the threads that are snoozed until after a time, those that
// come back soonest first.
func (c *Cache) Sleepers(ctx context.Context, after time.Time) ([]Sleeper, error) {
	var out []Sleeper
	err := each(ctx, c.s.readers, `SELECT ref, snoozed_until FROM threads INDEXED BY threads_snoozed
		WHERE gone = 0 AND snoozed_until > 0 AND woken = 0 AND snoozed_until > ? ORDER BY snoozed_until`, []any{inbox.Millis(after)}, func(scan func(...any) error) error {
		var s Sleeper
		var until int64
		err := scan(&s.Thread, &until)
		s.Until = inbox.FromMillis(until)
		out = append(out, s)
		return err
	})
	return out, describe(c.s.path, err)
}

// SaveReadFloor says from when on messages of an account count as unread: the
// top of its list at the start of its first copy. It is set once.
func (c *Cache) SaveReadFloor(ctx context.Context, account string, at time.Time) error {
	return c.s.write(ctx, func(t *tx) error {
		_, err := t.exec(`UPDATE accounts SET read_floor = ? WHERE name = ? AND read_floor = 0`, inbox.Millis(at), account)
		return err
	})
}
