package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"bandeja/internal/inbox"
)

// wreck is a damaged file, read row by row as far as it can be.
type wreck struct{ db *sql.DB }

// openWreck opens a damaged file of this application for reading. nil where
// not even its first page can be read.
func openWreck(ctx context.Context, path string, s shape) *wreck {
	if path == "" {
		return nil
	}
	db, err := sql.Open("sqlite", dsn(path, url.Values{"mode": {"ro"}}, []string{"query_only(ON)"}))
	if err != nil {
		return nil
	}
	if _, application, err := versionOf(ctx, db); err != nil || application != s.application {
		_ = db.Close()
		return nil
	}
	return &wreck{db}
}

func (w *wreck) close() error { return w.db.Close() }

// column of a table.
type column struct {
	name string
	key  bool // of the primary key
}

func columnsOf(ctx context.Context, db *sql.DB, table string) (out []column, rowid bool, err error) {
	err = each(ctx, db, `SELECT name, pk > 0 FROM pragma_table_info(?)`, []any{table}, func(scan func(...any) error) error {
		var c column
		err := scan(&c.name, &c.key)
		out = append(out, c)
		return err
	})
	if err == nil {
		err = db.QueryRowContext(ctx, `SELECT NOT wr FROM pragma_table_list(?)`, table).Scan(&rowid)
	}
	return out, rowid, err
}

const (
	wreckBatch = 200 // rows read at a time
	wreckJumps = 64  // places over which a reading goes on
)

// rows gives every row of a table that can be read to take, some perhaps twice.
// whole: none was lost.
func (w *wreck) rows(ctx context.Context, table string, cols []string, key []string, rowid bool, take func([]any) error) (whole bool, err error) {
	if rowid {
		return w.byRowid(ctx, table, cols, take)
	}
	quoted := make([]string, len(key))
	for i, k := range key {
		quoted[i] = quoteName(k)
	}
	list := names(cols)
	_, lost, err := w.query(ctx, `SELECT `+list+` FROM `+quoteName(table)+` ORDER BY `+strings.Join(quoted, ", "), nil, len(cols), take)
	if err != nil || !lost {
		return !lost, err
	}
	// From the other end, up to the same place.
	_, _, err = w.query(ctx, `SELECT `+list+` FROM `+quoteName(table)+` ORDER BY `+strings.Join(quoted, " DESC, ")+` DESC`, nil, len(cols), take)
	return false, err
}

// byRowid reads a table with row numbers, and where a page cannot be read goes
// on behind it.
func (w *wreck) byRowid(ctx context.Context, table string, cols []string, take func([]any) error) (whole bool, err error) {
	var last int64
	if err := w.db.QueryRowContext(ctx, `SELECT coalesce(max(rowid), 0) FROM `+quoteName(table)).Scan(&last); err != nil {
		last = math.MaxInt64 / 4
	}
	query := `SELECT rowid, ` + names(cols) + ` FROM ` + quoteName(table) + ` NOT INDEXED WHERE rowid > ? ORDER BY rowid LIMIT ?`
	whole = true
	at, gap := int64(0), int64(1)
	for jumps := 0; jumps < wreckJumps && at <= last; {
		got, lost, err := w.query(ctx, query, []any{at, wreckBatch}, len(cols)+1, func(row []any) error {
			at, gap = row[0].(int64), 1
			return take(row[1:])
		})
		switch {
		case err != nil:
			return false, err
		case lost:
			whole = false
			jumps++
			at, gap = at+gap, gap*2
		case got < wreckBatch:
			return whole, nil
		}
	}
	return false, nil
}

// query reads rows until the end or until one cannot be read: lost. An error is
// take's, or ctx's.
func (w *wreck) query(ctx context.Context, query string, args []any, width int, take func([]any) error) (got int, lost bool, err error) {
	rows, err := w.db.QueryContext(ctx, query, args...)
	if err != nil {
		return 0, true, ctx.Err()
	}
	defer rows.Close()
	for rows.Next() {
		row := make([]any, width)
		into := make([]any, width)
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return got, true, ctx.Err()
		}
		if err := take(row); err != nil {
			return got, false, err
		}
		got++
	}
	return got, rows.Err() != nil, ctx.Err()
}

func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func names(cols []string) string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = quoteName(c)
	}
	return strings.Join(out, ", ")
}

// The tables that only grow, and may be large: their rows are added to what a
// backup has.
var growing = []string{"audit", "changes", "gone", "gone_messages"}

// salvage takes over what can be read of a damaged local.db. Its rows are newer
// than a backup's and win; a table that is readable as a whole replaces the
// backup's. Wishes that only the backup has might have been sent or dropped
// since: they wait for a person.
func (l *Local) salvage(ctx context.Context, from string, restored bool) (rows int64, err error) {
	w := openWreck(ctx, from, localShape())
	if w != nil {
		defer w.close()
	}
	counts, err := countRows(ctx, l.s.readers)
	if err != nil {
		return 0, err
	}
	tables := make([]string, 0, len(counts))
	for name := range counts {
		tables = append(tables, name)
	}
	// A parent before what refers to it.
	slices.SortFunc(tables, func(a, b string) int { return strings.Compare(parentFirst(a), parentFirst(b)) })
	err = l.s.write(ctx, func(t *tx) error {
		known := map[string]bool{}
		for _, table := range tables {
			if w == nil {
				break
			}
			n, err := l.salvageTable(ctx, t, w, table, known)
			if err != nil {
				return fmt.Errorf("read what is left of %s: %w", table, err)
			}
			rows += n
		}
		if !restored {
			return nil
		}
		return doubtWishes(t, known)
	})
	return rows, err
}

func parentFirst(table string) string {
	if table == "agents" {
		return ""
	}
	return table
}

func (l *Local) salvageTable(ctx context.Context, t *tx, w *wreck, table string, known map[string]bool) (n int64, err error) {
	ours, rowid, err := columnsOf(ctx, l.s.readers.db, table)
	if err != nil {
		return 0, err
	}
	theirs, _, err := columnsOf(ctx, w.db, table)
	if err != nil {
		return 0, ctx.Err() // not even its name can be read
	}
	var cols, key, set []string
	for _, c := range ours {
		if !slices.ContainsFunc(theirs, func(o column) bool { return o.name == c.name }) {
			continue
		}
		cols = append(cols, c.name)
		if c.key {
			key = append(key, c.name)
		} else {
			set = append(set, quoteName(c.name)+" = excluded."+quoteName(c.name))
		}
	}
	if len(cols) == 0 {
		return 0, nil
	}
	conflict := `NOTHING`
	if len(set) > 0 {
		conflict = `UPDATE SET ` + strings.Join(set, ", ")
	}
	insert := `INSERT INTO ` + quoteName(table) + ` (` + names(cols) + `) VALUES (?` + strings.Repeat(",?", len(cols)-1) + `) ON CONFLICT DO `
	put := func(row []any) error {
		how := insert + conflict
		if table == "outbox" && !soundWish(cols, row, known) {
			how = insert + `NOTHING` // shown as damaged, unless the backup has it whole
		}
		// A row that the schema does not take is one of the damaged.
		if _, err := t.exec(how, row...); err == nil {
			n++
		}
		return ctx.Err()
	}
	if slices.Contains(growing, table) {
		_, err := w.rows(ctx, table, cols, key, rowid, put)
		return n, err
	}
	var all [][]any
	whole, err := w.rows(ctx, table, cols, key, rowid, func(row []any) error {
		all = append(all, row)
		return nil
	})
	if err != nil {
		return 0, err
	}
	if whole && len(all) > 0 {
		if err := clearFor(t, table, cols, all); err != nil {
			return 0, err
		}
	}
	for _, row := range all {
		if err := put(row); err != nil {
			return n, err
		}
	}
	return n, nil
}

// clearFor empties a table for the whole one that comes. Others refer to the
// agents, and a damaged wish may be whole in the backup: these stay.
func clearFor(t *tx, table string, cols []string, rows [][]any) error {
	switch table {
	case "agents":
		return nil
	case "outbox":
		var ids []string
		for _, row := range rows {
			id, _ := row[slices.Index(cols, "op_id")].(string)
			ids = append(ids, id)
		}
		list, err := json.Marshal(ids)
		if err != nil {
			return err
		}
		_, err = t.exec(`DELETE FROM outbox WHERE op_id NOT IN (SELECT value FROM json_each(?))`, string(list))
		return err
	}
	_, err := t.exec(`DELETE FROM ` + quoteName(table))
	return err
}

// soundWish reports whether an entry of the outbox has the checksum it was
// written with, and notes it as known.
func soundWish(cols []string, row []any, known map[string]bool) bool {
	text := func(name string) string {
		v, _ := row[slices.Index(cols, name)].(string)
		return v
	}
	number := func(name string) int64 {
		v, _ := row[slices.Index(cols, name)].(int64)
		return v
	}
	w := Wish{ID: text("op_id"), Account: text("account"), Conversation: text("conversation"), Field: text("field"),
		Base: text("base"), Want: text("want"), MadeAt: inbox.FromMillis(number("made_at"))}
	if w.sum() != number("crc") {
		return false
	}
	known[w.ID] = true
	return true
}

// doubtWishes has a person look at what only the backup says is to be sent, or
// sent again: it may have been done since, and taken back.
func doubtWishes(t *tx, known map[string]bool) error {
	var doubtful []string
	err := t.query(`SELECT op_id FROM outbox WHERE state IN ('queued', 'parked', 'checking', 'sending', 'unknown')`, nil, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		if !known[id] {
			doubtful = append(doubtful, id)
		}
		return err
	})
	for _, id := range doubtful {
		if err != nil {
			break
		}
		_, err = t.exec(`UPDATE outbox SET state = 'stale' WHERE op_id = ?`, id)
	}
	return err
}

// SalvageCache takes over from a damaged cache.db what no provider gives again
// and was still on its way to local.db, as far as it can be read: the history
// of changes, of which it counts the lines, and conversations that are gone. A
// file that cannot be read at all gives nothing.
func SalvageCache(ctx context.Context, aside string, into *Local) (lines int, err error) {
	if aside == "" {
		return 0, nil
	}
	if lines, err = salvageChanges(ctx, aside, into); err != nil {
		return lines, err
	}
	return lines, salvageGone(ctx, aside, into)
}

// salvageGone keeps the gone conversations that can be read whole, where what
// is kept of them already is not more.
func salvageGone(ctx context.Context, aside string, into *Local) error {
	c, err := OpenCache(ctx, aside, ReadOnly)
	if err != nil {
		return ctx.Err()
	}
	defer c.Close()
	gone, _ := c.Gone(ctx) // as far as it goes
	for _, r := range gone {
		g, err := c.ReadGone(ctx, r)
		if err != nil {
			continue
		}
		if kept, err := into.ReadGone(ctx, r); err == nil && len(kept.Messages) >= len(g.Messages) {
			continue
		}
		if err := into.KeepGone(ctx, g, time.Now()); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func salvageChanges(ctx context.Context, aside string, into *Local) (lines int, err error) {
	w := openWreck(ctx, aside, cacheShape())
	if w == nil {
		return 0, ctx.Err()
	}
	defer w.close()
	accounts := map[int64]string{}
	if _, err := w.rows(ctx, "accounts", []string{"id", "name"}, nil, true, func(row []any) error {
		id, _ := row[0].(int64)
		accounts[id], _ = row[1].(string)
		return nil
	}); err != nil {
		return 0, err
	}
	var kept []ChangeLine
	_, err = w.rows(ctx, "changes", []string{"account", "conversation", "field", "before", "after", "since", "until"}, nil, true, func(row []any) error {
		if l, ok := lineOf(row, accounts); ok {
			kept = append(kept, l)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(kept), into.KeepChanges(ctx, kept)
}

func lineOf(row []any, accounts map[int64]string) (l ChangeLine, ok bool) {
	account, ok1 := row[0].(int64)
	since, ok2 := row[5].(int64)
	until, ok3 := row[6].(int64)
	texts := make([]string, 4)
	for i := range texts {
		v, isText := row[i+1].(string)
		if !isText {
			return l, false
		}
		texts[i] = v
	}
	l = ChangeLine{Account: accounts[account], Conversation: texts[0], Field: texts[1], Before: texts[2], After: texts[3],
		Since: inbox.FromMillis(since), Until: inbox.FromMillis(until)}
	return l, ok1 && ok2 && ok3 && l.Account != "" && until > 0 && until < time.Now().Add(24*time.Hour).UnixMilli()
}
