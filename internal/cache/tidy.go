package cache

import "context"

// FTS5 keeps what it is given in segments, and a search goes through each: one
// that a first copy has left with seventeen takes two to four times as long as
// one. They are merged when the index is idle, in steps that hold no writer up.

const (
	tidyPages = 500    // of FTS5's, about 2 MB, for each step
	tidyFrom  = 20_000 // rows of the index below which it is not worth it
)

// TidyIndex does a step of merging the message index's segments, where most of
// it is not in one yet. more: there is more to do.
func (c *Cache) TidyIndex(ctx context.Context) (more bool, err error) {
	pages := tidyPages
	if !c.tidying {
		if due, err := c.tidyDue(ctx); err != nil || !due {
			return false, err
		}
		pages = -pages // begins
	}
	err = c.s.write(ctx, func(t *tx) error {
		var before, after int64
		if err := t.row(`SELECT total_changes()`).Scan(&before); err != nil {
			return err
		}
		if _, err := t.exec(`INSERT INTO message_index (message_index, rank) VALUES ('merge', ?)`, pages); err != nil {
			return err
		}
		err := t.row(`SELECT total_changes()`).Scan(&after)
		more = after-before >= 2 // FTS5's own sign
		return err
	})
	c.tidying = err == nil && more
	return more, err
}

// tidyDue reports whether less than three quarters of the index are in one
// segment: to write a large one again for every small one would be endless.
func (c *Cache) tidyDue(ctx context.Context) (due bool, err error) {
	err = c.s.readers.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM indexed LIMIT 1 OFFSET ?) AND
		(SELECT 4 * max(pages) < 3 * sum(pages) FROM (SELECT count(*) AS pages FROM message_index_idx GROUP BY segid))`, tidyFrom).Scan(&due)
	return due, describe(c.s.path, err)
}
