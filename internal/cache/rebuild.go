package cache

import (
	"context"
	"database/sql"
)

// IndexState says what searches of messages are drawn from.
type IndexState struct {
	Ready   bool  // all is found: what is not indexed yet is little enough to be looked through
	Waiting int64 // messages that are not indexed yet, or not as they are
}

// waitingCounts are of what waits for the index: how to count some of it, and all of it
// where that is much, by numbers alone where there are too many rows to count.
var waitingCounts = [][2]string{
	{`SELECT count(*) FROM (SELECT 1 FROM index_queue LIMIT ?)`, `SELECT count(*) FROM index_queue`},
	{`SELECT count(*) FROM (SELECT 1 FROM messages WHERE id > ` + indexedTo + ` LIMIT ?)`, `SELECT max(id) - ` + indexedTo + ` FROM messages`},
	{`SELECT count(*) FROM (SELECT 1 FROM messages WHERE id <= ` + indexedFrom + ` LIMIT ?)`, `SELECT ` + indexedFrom},
}

func indexState(ctx context.Context, t *sql.Tx) (s IndexState, err error) {
	for _, q := range waitingCounts {
		var n int64
		err := t.QueryRowContext(ctx, q[0], freshRows+1).Scan(&n)
		if err == nil && n > freshRows {
			err = t.QueryRowContext(ctx, q[1]).Scan(&n)
		}
		if err != nil {
			return s, err
		}
		s.Waiting += n
	}
	s.Ready = s.Waiting <= freshRows
	return s, nil
}

// IndexState says what searches of messages are drawn from now.
func (c *Cache) IndexState(ctx context.Context) (s IndexState, err error) {
	err = c.s.read(ctx, func(t *sql.Tx) error {
		s, err = indexState(ctx, t)
		return err
	})
	return s, err
}

// Queued counts the messages that are not in the index yet, or not as they are.
func (c *Cache) Queued(ctx context.Context) (int64, error) {
	s, err := c.IndexState(ctx)
	return s.Waiting, err
}
