package cache

import (
	"context"
	"database/sql"
	"errors"
)

// FTS5 walks a whole word newest first and stops at the limit, but gathers all
// rows of a prefix before it gives one: "hola*" over five million messages is a
// million rows for the fifty that are shown. So a search by a prefix first
// looks through the newest rows that have its other words: what is common is
// found there, and what is not there is rare enough to gather.
const (
	recentRows = 2000
	// recentFrom is from how many messages on this is worth its while.
	recentFrom = 200_000
)

// recentHits looks for the limit among the newest rows; enough is false where
// they do not have it. Rows that are queued are found elsewhere.
func recentHits(ctx context.Context, t *sql.Tx, q MessageQuery, facets string, matches func(text string) bool) (found []hit, enough bool, err error) {
	if !q.PrefixLast || len(q.Words) == 0 {
		return nil, false, nil
	}
	var held int64
	if err := t.QueryRowContext(ctx, `SELECT coalesce(sum(messages), 0) FROM accounts`).Scan(&held); err != nil || held < recentFrom {
		return nil, false, err
	}
	return newestMatching(ctx, t, q, facets, matches)
}

func newestMatching(ctx context.Context, t *sql.Tx, q MessageQuery, facets string, matches func(text string) bool) (found []hit, enough bool, err error) {
	query, args := recentMessages, []any{recentRows}
	if match := quoteWords(q.Words[:len(q.Words)-1], false); match != "" || facets != "" {
		if match != "" {
			match = `{text} : (` + match + `)`
		}
		query, args = recentWithWords, []any{and(match, facets), recentRows}
	}
	looked := 0
	err = each(ctx, t, query, args, func(scan func(...any) error) error {
		var h hit
		var text string
		if err := scan(&h.place, &h.message, &text); err != nil {
			return err
		}
		looked++
		if matches(text) {
			found = append(found, h)
		}
		if len(found) == q.Limit {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return found, true, nil
	}
	return found, looked < recentRows, err // fewer than asked for: these were all
}

const (
	recentMessages = `SELECT i.place, m.id, m.text FROM indexed i CROSS JOIN messages m ON m.id = i.message
		WHERE i.place NOT IN (SELECT place FROM index_queue) ORDER BY i.place DESC LIMIT ?`
	recentWithWords = `SELECT i.rowid, m.id, m.text FROM message_index i CROSS JOIN indexed x ON x.place = i.rowid CROSS JOIN messages m ON m.id = x.message
		WHERE message_index MATCH ? AND i.rowid NOT IN (SELECT place FROM index_queue) ORDER BY i.rowid DESC LIMIT ?`
)
