package cache

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
)

// IndexState says what searches of messages are drawn from.
type IndexState struct {
	Ready   bool  // all is found: what is not indexed yet is little enough to be looked through
	Waiting int64 // messages that are not indexed yet, or not as they are
}

// waitingCounts are of what waits for the index: how to count some of it, and
// all of it where that is much, by numbers alone where there are too many rows
// to count.
var waitingCounts = [][2]string{
	{`SELECT count(*) FROM (SELECT 1 FROM index_queue LIMIT ?)`, `SELECT count(*) FROM index_queue`},
	{`SELECT count(*) FROM (SELECT 1 FROM messages WHERE id > ` + indexedTo + ` LIMIT ?)`, `SELECT max(id) - ` + indexedTo + ` FROM messages`},
	{`SELECT count(*) FROM (SELECT 1 FROM messages WHERE id <= ` + indexedFrom + ` LIMIT ?)`, `SELECT ` + indexedFrom},
}

func indexState(ctx context.Context, t *sql.Tx, fresh int) (s IndexState, err error) {
	for _, q := range waitingCounts {
		var n int64
		err := t.QueryRowContext(ctx, q[0], fresh+1).Scan(&n)
		if err == nil && n > int64(fresh) {
			err = t.QueryRowContext(ctx, q[1]).Scan(&n)
		}
		if err != nil {
			return s, err
		}
		s.Waiting += n
	}
	s.Ready = s.Waiting <= int64(fresh)
	return s, nil
}

// IndexState says what searches of messages are drawn from now.
func (c *Cache) IndexState(ctx context.Context) (s IndexState, err error) {
	err = c.s.read(ctx, func(t *sql.Tx) error {
		s, err = indexState(ctx, t, c.budget.fresh)
		return err
	})
	s.Ready = s.Ready && !c.distrusted.Load()
	return s, err
}

// Queued counts the messages that are not in the index yet, or not as they are.
func (c *Cache) Queued(ctx context.Context) (int64, error) {
	s, err := c.IndexState(ctx)
	return s.Waiting, err
}

// DistrustIndex has the message index made anew: searches do without it from
// now on, and the next IndexQueued empties it and begins.
func (c *Cache) DistrustIndex() { c.distrusted.Store(true) }

// indexForm is the form of what the index holds, in meta: one of another form
// is made anew.
const indexForm = "1"

// CheckIndex looks whether the message index is of this form, has as many rows
// as it should and finds some of them. Where not, it is distrusted, and why is
// what is wrong with it. It reads beside everything else, a moment for each
// million messages; whether each row has its words is Check's to find out.
func (c *Cache) CheckIndex(ctx context.Context) (why string, err error) {
	err = c.s.read(ctx, func(t *sql.Tx) error {
		for _, look := range []func(context.Context, *sql.Tx) (string, error){indexOfForm, indexHasAll, indexFinds} {
			if why, err = look(ctx, t); err != nil || why != "" {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, ErrIndex) {
		why, err = err.Error(), nil
	}
	if why != "" {
		c.DistrustIndex()
	}
	return why, err
}

func indexOfForm(ctx context.Context, t *sql.Tx) (why string, err error) {
	var form string
	err = t.QueryRowContext(ctx, `SELECT coalesce((SELECT value FROM meta WHERE key = 'index_form'), '')`).Scan(&form)
	if err == nil && form != indexForm {
		why = fmt.Sprintf("it is of form %q, and not %s", form, indexForm)
	}
	return why, err
}

// indexHasAll compares how many rows FTS5 says it has with how many places are
// given, and those with the messages.
func indexHasAll(ctx context.Context, t *sql.Tx) (why string, err error) {
	var places, dropped, messages, fresh, earlier int64
	var averages []byte
	if err := t.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM indexed), (SELECT count(*) FROM index_queue WHERE place NOT IN (SELECT place FROM indexed)),
		(SELECT coalesce(sum(messages), 0) FROM accounts), (SELECT count(*) FROM messages WHERE id > `+indexedTo+`), `+indexedFrom+`,
		(SELECT block FROM message_index_data WHERE id = 1)`).Scan(&places, &dropped, &messages, &fresh, &earlier, &averages); err != nil {
		return "", err
	}
	if held := rowsOf(averages); held != places+dropped {
		return fmt.Sprintf("it has %d rows, and not %d", held, places+dropped), nil
	}
	if earlier > 0 || messages-fresh == places { // a rebuild is under way, or all is well
		return "", nil
	}
	// The accounts' counts may be what is wrong.
	err = t.QueryRowContext(ctx, `SELECT count(*) FROM messages WHERE id <= `+indexedTo).Scan(&messages)
	if err == nil && messages != places {
		why = fmt.Sprintf("it knows %d messages, and not %d", places, messages)
	}
	return why, err
}

// rowsOf is how many rows an FTS5 table has, by its record of averages: the
// first of its numbers, seven bits a byte and the highest first.
func rowsOf(averages []byte) (n int64) {
	for _, b := range averages[:min(len(averages), binary.MaxVarintLen64)] {
		n = n<<7 | int64(b&0x7f)
		if b < 0x80 {
			break
		}
	}
	return n
}

// probes are rows of the index: the newest, the oldest, and one in the middle.
var probes = []string{
	`ORDER BY i.place DESC`, `ORDER BY i.place`,
	`AND i.place >= (SELECT min(place) / 2 + max(place) / 2 FROM indexed) ORDER BY i.place`,
}

// indexFinds looks some rows up by their words.
func indexFinds(ctx context.Context, t *sql.Tx) (why string, err error) {
	for _, which := range probes {
		var place, thread int64
		var text string
		err := t.QueryRowContext(ctx, `SELECT i.place, m.thread, m.text FROM indexed i JOIN messages m ON m.id = i.message
			WHERE i.place NOT IN (SELECT place FROM index_queue) `+which+` LIMIT 1`).Scan(&place, &thread, &text)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return "", err
		}
		match, _ := newMatcher([]Word{{Text: text, Phrase: true}}).expressions(anyOf([]string{"t" + itoa(thread)}))
		var found bool
		if err := t.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM message_index WHERE message_index MATCH ? AND rowid = ?)`, match, place).Scan(&found); err != nil {
			return "", err
		}
		if !found {
			return "it does not find a message that it has", nil
		}
	}
	return "", nil
}

// emptyIndex forgets all that is indexed: every message is before the index
// again, the newest to come first. A kill before or after leaves an index that
// is whole, or one that goes on from here.
func emptyIndex(t *tx) error {
	for _, q := range []string{
		`INSERT INTO message_index (message_index) VALUES ('delete-all')`,
		`DELETE FROM indexed`,
		`DELETE FROM index_queue`,
		`UPDATE meta SET value = max(CAST(value AS INTEGER), coalesce((SELECT max(id) FROM messages), 0)) WHERE key = 'indexed_to'`,
		`UPDATE meta SET value = (SELECT value FROM meta WHERE key = 'indexed_to') WHERE key = 'indexed_from'`,
		`INSERT INTO meta (key, value) VALUES ('index_form', '` + indexForm + `') ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
	} {
		if _, err := t.exec(q); err != nil {
			return err
		}
	}
	return nil
}
