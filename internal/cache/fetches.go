package cache

import (
	"context"
	"time"
)

// fetches numbers an account's requests, so that of two answers it is known
// which was asked for later, and remembers when the last ones were sent.
type fetches struct {
	last  int64
	asked [fetchesKept]int64 // milliseconds, by number modulo its length
}

// fetchesKept is more than are ever under way at once.
const fetchesKept = 256

// NextFetch numbers a request before it is sent.
func (c *Cache) NextFetch(ctx context.Context, account string) (int64, error) {
	a, err := c.account(account)
	if err != nil {
		return 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.fetches[a.id]
	if f == nil {
		f = &fetches{}
		if err := c.s.readers.QueryRowContext(ctx, `SELECT fetch_seq FROM accounts WHERE id = ?`, a.id).Scan(&f.last); err != nil {
			return 0, describe(c.s.path, err)
		}
		c.fetches[a.id] = f
	}
	f.last++
	f.asked[f.last%fetchesKept] = time.Now().UnixMilli()
	return f.last, nil
}

// askedAt is when a request was sent, 0 where nobody knows any more.
func (c *Cache) askedAt(a accountRow, number int64) int64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	f := c.fetches[a.id]
	if f == nil || number <= 0 || number > f.last || number <= f.last-fetchesKept {
		return 0
	}
	return f.asked[number%fetchesKept]
}

// noteFetch lets the numbers go on after a restart. Nothing written, nothing
// to note: no row carries the number.
func noteFetch(t *tx, a accountRow, begun int64, delta Delta) error {
	if delta.Empty() {
		return nil
	}
	_, err := t.exec(`UPDATE accounts SET fetch_seq = ?1 WHERE id = ?2 AND fetch_seq < ?1`, begun, a.id)
	return err
}
