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

// hit is a message found, by its place in time.
type hit struct{ place, message int64 }

// SearchMessages finds messages by words, newest first, in the index and in
// what it does not know yet, on one snapshot: no committed message is missed, none
// comes twice. The index cannot be asked about that: matches says
// whether a text has the words.
func (c *Cache) SearchMessages(ctx context.Context, q MessageQuery, matches func(text string) bool) ([]StoredMessage, error) {
	q.Limit = max(q.Limit, 1)
	var out []StoredMessage
	err := c.s.read(ctx, func(t *sql.Tx) error {
		facets, ok, err := facetsOf(ctx, t, q)
		if err != nil || !ok {
			return err
		}
		hits, err := freshHits(ctx, t, q, matches)
		if err != nil {
			return err
		}
		indexed, enough, err := recentHits(ctx, t, q, facets, matches)
		if err == nil && !enough {
			indexed, err = indexedHits(ctx, t, q, facets)
		}
		if err != nil {
			return err
		}
		hits = append(hits, indexed...)
		slices.SortFunc(hits, func(a, b hit) int { return cmp.Compare(b.place, a.place) })
		out, err = messagesOf(ctx, t, hits[:min(q.Limit, len(hits))])
		return err
	})
	return out, err
}

// indexedHits are the newest that the index knows. Rows that are queued are not
// asked of it: it holds their old words.
func indexedHits(ctx context.Context, t *sql.Tx, q MessageQuery, facets string) (found []hit, err error) {
	match := quoteWords(q.Words, q.PrefixLast)
	if match == "" {
		return nil, nil
	}
	err = each(ctx, t, findWords, []any{and(`{text} : (`+match+`)`, facets), q.Limit}, func(scan func(...any) error) error {
		var h hit
		err := scan(&h.place, &h.message)
		found = append(found, h)
		return err
	})
	return found, err
}

const findWords = `SELECT i.rowid, x.message FROM message_index i CROSS JOIN indexed x ON x.place = i.rowid
	WHERE message_index MATCH ? AND i.rowid NOT IN (SELECT place FROM index_queue) ORDER BY i.rowid DESC LIMIT ?`

// What the index does not know, or not as it is now.
const (
	alteredMessages = `SELECT q.place, m.id, m.text FROM index_queue q CROSS JOIN indexed i ON i.place = q.place CROSS JOIN messages m ON m.id = i.message WHERE m.text <> ''`
	freshMessages   = `SELECT ` + wouldBe + `, m.id, m.text FROM messages m WHERE m.id > ` + indexedTo + ` AND m.text <> ''`
)

// freshHits are those among what is committed and not indexed yet.
func freshHits(ctx context.Context, t *sql.Tx, q MessageQuery, matches func(text string) bool) (found []hit, err error) {
	cond, args := "", []any{}
	if q.Account != "" {
		cond, args = cond+" AND m.conversation IN (SELECT c.id FROM conversations c JOIN accounts a ON a.id = c.account WHERE a.name = ?)", append(args, q.Account)
	}
	if q.Thread != "" {
		cond, args = cond+" AND m.thread = (SELECT id FROM threads WHERE ref = ?)", append(args, q.Thread)
	}
	for _, query := range []string{alteredMessages, freshMessages} {
		if err := each(ctx, t, query+cond, args, func(scan func(...any) error) error {
			var h hit
			var text string
			if err := scan(&h.place, &h.message, &text); err != nil {
				return err
			}
			if matches(text) {
				found = append(found, h)
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// messagesOf reads messages in the order of the hits.
func messagesOf(ctx context.Context, t *sql.Tx, hits []hit) ([]StoredMessage, error) {
	at := make(map[int64]int, len(hits))
	out := make([]StoredMessage, len(hits))
	for part := range slices.Chunk(hits, 500) {
		args := make([]any, len(part))
		for i, h := range part {
			args[i], at[h.message] = h.message, len(at)
		}
		if err := each(ctx, t, messageColumns+`WHERE m.id IN (?`+strings.Repeat(",?", len(part)-1)+`)`, args, func(scan func(...any) error) error {
			m, id, err := scanMessage(scan)
			out[at[id]] = m
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
