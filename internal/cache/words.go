package cache

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
)

// MessageQuery asks for messages by words.
type MessageQuery struct {
	// Words must all be there; each is one or more index tokens, so it is
	// looked for as a phrase.
	Words []string
	// PrefixLast lets the last word be the beginning of one.
	PrefixLast bool
	Account    string
	Thread     string // t_…
	Limit      int
}

// SearchMessages finds messages by words, newest first, in the index and in
// what is queued for it, on one snapshot: no committed message is missed, none
// comes twice. The index cannot be asked about what is queued: matches says
// whether a text has the words.
func (c *Cache) SearchMessages(ctx context.Context, q MessageQuery, matches func(text string) bool) ([]StoredMessage, error) {
	q.Limit = max(q.Limit, 1)
	var out []StoredMessage
	err := c.s.read(ctx, func(t *sql.Tx) error {
		facets, ok, err := facetsOf(ctx, t, q)
		if err != nil || !ok {
			return err
		}
		ids, err := queuedIDs(ctx, t, q, matches)
		if err != nil {
			return err
		}
		indexed, enough, err := recentIDs(ctx, t, q, facets, matches)
		if err == nil && !enough {
			indexed, err = indexedIDs(ctx, t, q, facets)
		}
		if err != nil {
			return err
		}
		ids = append(ids, indexed...)
		slices.SortFunc(ids, func(a, b int64) int { return cmp.Compare(b, a) })
		out, err = messagesByID(ctx, t, ids[:min(q.Limit, len(ids))])
		return err
	})
	return out, err
}

// indexedIDs are the newest that the index knows. Rows that are queued are not
// asked of it: it holds their old words, if any.
func indexedIDs(ctx context.Context, t *sql.Tx, q MessageQuery, facets string) ([]int64, error) {
	match := quoteWords(q.Words, q.PrefixLast)
	if match == "" {
		return nil, nil
	}
	return ids(ctx, t, findWords, []any{and(`{text} : (`+match+`)`, facets), q.Limit})
}

const findWords = `SELECT rowid FROM message_index WHERE message_index MATCH ? AND rowid NOT IN (SELECT message FROM index_queue) ORDER BY rowid DESC LIMIT ?`

// queuedIDs are the newest that are committed and not indexed yet.
func queuedIDs(ctx context.Context, t *sql.Tx, q MessageQuery, matches func(text string) bool) (found []int64, err error) {
	cond, args := "", []any{}
	if q.Account != "" {
		cond, args = cond+" AND m.conversation IN (SELECT c.id FROM conversations c JOIN accounts a ON a.id = c.account WHERE a.name = ?)", append(args, q.Account)
	}
	if q.Thread != "" {
		cond, args = cond+" AND m.thread = (SELECT id FROM threads WHERE ref = ?)", append(args, q.Thread)
	}
	err = each(ctx, t, `SELECT m.id, m.text FROM index_queue q CROSS JOIN messages m ON m.id = q.message WHERE m.text <> ''`+cond+` ORDER BY q.message DESC`, args, func(scan func(...any) error) error {
		var id int64
		var text string
		if err := scan(&id, &text); err != nil {
			return err
		}
		if matches(text) {
			found = append(found, id)
		}
		if len(found) == q.Limit {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return found, err
}

func ids(ctx context.Context, t *sql.Tx, query string, args []any) (out []int64, err error) {
	err = each(ctx, t, query, args, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		out = append(out, id)
		return err
	})
	return out, err
}

// messagesByID reads messages, newest first; ids are in that order.
func messagesByID(ctx context.Context, t *sql.Tx, ids []int64) ([]StoredMessage, error) {
	out := make([]StoredMessage, 0, len(ids))
	for part := range slices.Chunk(ids, 500) {
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		if err := each(ctx, t, messageColumns+`WHERE m.id IN (?`+strings.Repeat(",?", len(part)-1)+`) ORDER BY m.id DESC`, args, func(scan func(...any) error) error {
			m, _, err := scanMessage(scan)
			out = append(out, m)
			return err
		}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// facetsOf narrows a match by the index's own tokens; ok is false where what
// is asked for does not exist.
func facetsOf(ctx context.Context, t *sql.Tx, q MessageQuery) (match string, ok bool, err error) {
	for _, f := range []struct{ token, query, value string }{
		{"a", `SELECT id FROM accounts WHERE name = ?`, q.Account},
		{"t", `SELECT id FROM threads WHERE ref = ?`, q.Thread},
	} {
		if f.value == "" {
			continue
		}
		var id int64
		switch err := t.QueryRowContext(ctx, f.query, f.value).Scan(&id); err {
		case nil:
			match = and(match, `{facets} : "`+f.token+itoa(id)+`"`)
		case sql.ErrNoRows:
			return "", false, nil
		default:
			return "", false, err
		}
	}
	return match, true, nil
}

// and joins two FTS5 expressions, either of which may be empty.
func and(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " AND " + b
}

// quoteWords writes an FTS5 expression: the one place where a person's words
// become part of a query.
func quoteWords(words []string, prefixLast bool) string {
	var b strings.Builder
	for i, w := range words {
		if b.Len() > 0 {
			b.WriteString(" AND ")
		}
		b.WriteString(`"` + strings.ReplaceAll(strings.ReplaceAll(w, "\x00", " "), `"`, `""`) + `"`)
		if prefixLast && i == len(words)-1 {
			b.WriteString(" *")
		}
	}
	return b.String()
}

var errEnough = errors.New("enough")
