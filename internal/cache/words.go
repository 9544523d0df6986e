package cache

import (
	"context"
	"database/sql"
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

// FindMessages looks words up in the index, newest first. What is still queued
// is not in it: see QueuedMessages.
func (c *Cache) FindMessages(ctx context.Context, q MessageQuery) ([]StoredMessage, error) {
	match := quoteWords(q.Words, q.PrefixLast)
	if match == "" {
		return nil, nil
	}
	var out []StoredMessage
	err := c.s.read(ctx, func(t *sql.Tx) error {
		facets, ok, err := facetsOf(ctx, t, q)
		if err != nil || !ok {
			return err
		}
		return each(ctx, t, messageColumns+`WHERE m.id IN (SELECT rowid FROM message_index WHERE message_index MATCH ? AND rowid NOT IN (SELECT message FROM index_queue) ORDER BY rowid DESC LIMIT ?) ORDER BY m.id DESC`,
			[]any{`{text} : (` + match + `)` + facets, q.Limit}, func(scan func(...any) error) error {
				m, _, err := scanMessage(scan)
				out = append(out, m)
				return err
			})
	})
	return out, err
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
			match += ` AND {facets} : "` + f.token + itoa(id) + `"`
		case sql.ErrNoRows:
			return "", false, nil
		default:
			return "", false, err
		}
	}
	return match, true, nil
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

// QueuedMessages streams the messages that are committed and not indexed yet,
// newest first, so that a search misses none. fn ends it by returning false.
func (c *Cache) QueuedMessages(ctx context.Context, q MessageQuery, fn func(StoredMessage) bool) error {
	cond, args := "", []any{}
	if q.Account != "" {
		cond, args = cond+" AND a.name = ?", append(args, q.Account)
	}
	if q.Thread != "" {
		cond, args = cond+" AND t.ref = ?", append(args, q.Thread)
	}
	err := each(ctx, c.s.readers, messageColumns+`JOIN index_queue q ON q.message = m.id WHERE true`+cond+` ORDER BY m.id DESC`, args, func(scan func(...any) error) error {
		m, _, err := scanMessage(scan)
		if err != nil {
			return err
		}
		if !fn(m) {
			return errEnough
		}
		return nil
	})
	if err == errEnough {
		return nil
	}
	return describe(c.s.path, err)
}

type enough struct{}

func (enough) Error() string { return "enough" }

var errEnough error = enough{}
