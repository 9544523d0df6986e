package cache

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"bandeja/internal/inbox"
)

// seenChunk is how many conversations one row of sweep_seen has bits for.
const seenChunk = 4096

// BeginSweep starts a sweep with its first page, in one transaction: nothing
// counts as seen but that page's rows. With everything, the messages of every
// conversation are to be read again. No row passes for unchanged then because its
// object does: its columns must say the same. feed has the new sweep's number.
//
// Errors as for SaveConversations: nothing has begun then.
func (c *Cache) BeginSweep(ctx context.Context, account string, page inbox.Page[inbox.Conversation], feed *Feed, begun int64, everything bool) (Delta, error) {
	a, err := c.account(account)
	if err != nil {
		return Delta{}, err
	}
	asked := c.askedAt(a, begun)
	feed.Begun = inbox.FromMillis(asked)
	var delta Delta
	err = c.s.write(ctx, func(t *tx) error {
		delta = Delta{}
		if _, err := t.exec(`DELETE FROM sweep_seen WHERE account = ?`, a.id); err != nil {
			return err
		}
		if err := saveFeed(t, a, *feed); err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE feeds SET everything = ? WHERE account = ? AND kind = ?`, everything, a.id, string(Sweep)); err != nil {
			return err
		}
		if err := savePage(t, a, &page, begun, asked, &delta); err != nil {
			return err
		}
		if everything {
			return queueRechecks(t, a, 0, true)
		}
		return nil
	})
	if err != nil {
		return Delta{}, fmt.Errorf("begin the sweep of %s: %w", account, err)
	}
	return delta, nil
}

// EndSweep finishes a sweep whose every page is read, in one transaction: the
// conversations it did not see are queued for a look-up, those active since
// recheckSince have their messages read again (zero: none), and feed is saved
// as finished. It reports what the list has and what is here.
func (c *Cache) EndSweep(ctx context.Context, account string, feed *Feed, recheckSince time.Time) (swept Swept, err error) {
	a, err := c.account(account)
	if err != nil {
		return Swept{}, err
	}
	done := *feed
	done.Running, done.Walked, done.Mark = false, false, nil
	err = c.s.write(ctx, func(t *tx) error {
		if swept, err = queueUnseen(t, a); err != nil {
			return err
		}
		if !recheckSince.IsZero() {
			if err := queueRechecks(t, a, inbox.Millis(recheckSince), false); err != nil {
				return err
			}
		}
		if _, err := t.exec(`DELETE FROM sweep_seen WHERE account = ?`, a.id); err != nil {
			return err
		}
		if err := saveFeed(t, a, done); err != nil {
			return err
		}
		return swept.keep(t, a)
	})
	if err != nil {
		return Swept{}, fmt.Errorf("end the sweep of %s: %w", account, err)
	}
	*feed = done
	return swept, nil
}

// keep puts what was listed in the place of what the sweep before found.
func (s *Swept) keep(t *tx, a accountRow) error {
	var sum int64
	if err := t.row(`SELECT listed_count, listed_sum FROM feeds WHERE account = ? AND kind = ?`, a.id, string(Sweep)).Scan(&s.Before.Count, &sum); err != nil {
		return err
	}
	s.Before.Sum = uint64(sum)
	_, err := t.exec(`UPDATE feeds SET listed_count = ?, listed_sum = ? WHERE account = ? AND kind = ?`, s.Listed.Count, int64(s.Listed.Sum), a.id, string(Sweep))
	return err
}

// noteSeen sets the bits of rows that an answer gave, while a sweep runs.
func noteSeen(t *tx, a accountRow, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	var running bool
	err := t.row(`SELECT running FROM feeds WHERE account = ? AND kind = ?`, a.id, string(Sweep)).Scan(&running)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !running {
		return nil
	}
	if err != nil {
		return err
	}
	ids = slices.Sorted(slices.Values(ids))
	for len(ids) > 0 {
		chunk := ids[0] / seenChunk
		n := 0
		for n < len(ids) && ids[n]/seenChunk == chunk {
			n++
		}
		if err := setSeen(t, a, chunk, ids[:n]); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

func setSeen(t *tx, a accountRow, chunk int64, ids []int64) error {
	old, err := seenBits(t, a, chunk)
	if err != nil {
		return err
	}
	bits := make([]byte, seenChunk/8)
	copy(bits, old)
	for _, id := range ids {
		n := id % seenChunk
		bits[n/8] |= 1 << (n % 8)
	}
	if bytes.Equal(bits, old) {
		return nil
	}
	_, err = t.exec(`INSERT INTO sweep_seen (account, chunk, bits) VALUES (?1,?2,?3)
		ON CONFLICT (account, chunk) DO UPDATE SET bits = ?3`, a.id, chunk, bits)
	return err
}

func seenBits(t *tx, a accountRow, chunk int64) (bits []byte, err error) {
	err = t.row(`SELECT bits FROM sweep_seen WHERE account = ? AND chunk = ?`, a.id, chunk).Scan(&bits)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return bits, err
}

// queueUnseen puts every conversation without a bit into the look-ups, but for
// those known to be gone.
func queueUnseen(t *tx, a accountRow) (s Swept, err error) {
	seen := map[int64][]byte{}
	if err := t.query(`SELECT chunk, bits FROM sweep_seen WHERE account = ?`, []any{a.id}, func(scan func(...any) error) error {
		var chunk int64
		var bits []byte
		err := scan(&chunk, &bits)
		seen[chunk] = bits
		return err
	}); err != nil {
		return s, err
	}
	gone := map[int64]bool{}
	if err := t.query(`SELECT id FROM conversations WHERE account = ? AND gone = 1`, []any{a.id}, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		gone[id] = true
		return err
	}); err != nil {
		return s, err
	}
	var unseen []int64
	// An index covers this: the wide rows are not read.
	if err := t.query(`SELECT id, remote FROM conversations WHERE account = ?`, []any{a.id}, func(scan func(...any) error) error {
		var id int64
		var remote sql.RawBytes
		if err := scan(&id, &remote); err != nil {
			return err
		}
		if !gone[id] {
			s.Here.add(remote)
		}
		bits, at := seen[id/seenChunk], id%seenChunk
		if int(at/8) >= len(bits) || bits[at/8]&(1<<(at%8)) == 0 {
			unseen = append(unseen, id)
		} else {
			s.Listed.add(remote)
		}
		return nil
	}); err != nil {
		return s, err
	}
	for _, id := range unseen {
		res, err := t.exec(`INSERT INTO lookups (account, conversation, due) SELECT account, remote, 0 FROM conversations WHERE id = ? AND gone = 0
			ON CONFLICT DO NOTHING`, id)
		if err != nil {
			return s, err
		}
		added, err := res.RowsAffected()
		if err != nil {
			return s, err
		}
		s.Unseen += added
	}
	return s, nil
}

// queueRechecks has messages read again: of conversations active since a time,
// or of all. What was never read is read from its start anyway.
func queueRechecks(t *tx, a accountRow, since int64, all bool) error {
	_, err := t.exec(`INSERT INTO rechecks (conversation, account, active_at)
		SELECT id, account, active_at FROM conversations
		WHERE account = ?1 AND gone = 0 AND (?3 OR active_at >= ?2) AND (read_mark <> '' OR message_mark IS NOT NULL)
		ON CONFLICT (conversation) DO UPDATE SET begun = 0, active_at = excluded.active_at`, a.id, since, all)
	return err
}
