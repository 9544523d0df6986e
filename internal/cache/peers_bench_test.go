package cache

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// BenchmarkBesideSQLite is the first page of the list, and a thread at its end,
// beside the same rows in one plain table of a bare SQLite file, with the index
// that its one question wants and a statement prepared once: no joins of
// persons, no wishes laid over, no reply windows, no views. In turns, in one run.
func BenchmarkBesideSQLite(b *testing.B) {
	c, bare := newCache(b), bareFile(b)
	n, long := scaled(100_000), scaled(50_000)
	insert := bare.many(`INSERT INTO threads VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)`)
	for i := 0; i < n; i += 100 {
		page := benchPage(i)
		list(b, c, waspyAccount, page...)
		for _, v := range page {
			insert(waspyAccount.Name, v.ID, v.Name, v.Phone, v.Status, v.LastMessageAt.UnixMilli(), v.LastText, v.Assignees == nil)
		}
	}
	conversation := "conv-00000007"
	insert = bare.many(`INSERT INTO messages VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)`)
	for i := 0; i < long; i += 1000 {
		page := benchMessages(conversation, i, 1000)
		if _, err := c.SaveMessages(b.Context(), waspyAccount.Name, []Reading{{Conversation: conversation, Messages: page}}); err != nil {
			b.Fatal(err)
		}
		for _, m := range page {
			insert(1, m.ID, m.Direction, m.Kind, m.Text, m.Status, m.At.UnixMilli())
		}
	}
	bare.commit()
	if err := c.LoadFacts(b.Context()); err != nil {
		b.Fatal(err)
	}
	now := noon.Add(time.Duration(n)*time.Second + time.Hour)
	filter := ThreadFilter{View: Inbox, Now: now, Here: now}
	ref := threadOf(b, c, waspyAccount, conversation).Ref

	for _, q := range []struct {
		name string
		own  func() int
		bare func() int
	}{
		{"list", func() int {
			page, _, err := c.Threads(b.Context(), filter, "", 50)
			if err != nil {
				b.Fatal(err)
			}
			return len(page)
		}, bare.ask(8, `SELECT account, ref, name, phone, status, at, text, free FROM threads WHERE status IN ('open','pending','unknown') ORDER BY at DESC, id DESC LIMIT 50`)},
		{"thread", func() int {
			page, err := c.Messages(b.Context(), ref, Spot{}, 50)
			if err != nil {
				b.Fatal(err)
			}
			return len(page.Messages)
		}, bare.ask(6, `SELECT ref, direction, kind, text, status, at FROM messages WHERE thread = 1 ORDER BY at DESC, id DESC LIMIT 50`)},
	} {
		b.Run(q.name, func(b *testing.B) {
			var own, theirs []float64
			for b.Loop() {
				own, theirs = append(own, took(b, 50, q.own)), append(theirs, took(b, 50, q.bare))
			}
			b.ReportMetric(median(own), "own-ms")
			b.ReportMetric(median(theirs), "peer-ms")
			b.ReportMetric(median(own)/median(theirs), "ratio")
		})
	}
}

// took is how many milliseconds a question takes, which has so many rows.
func took(b *testing.B, rows int, ask func() int) float64 {
	began := time.Now()
	if n := ask(); n != rows {
		b.Fatalf("%d rows, not %d", n, rows)
	}
	return float64(time.Since(began).Nanoseconds()) / 1e6
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// bareTables is SQLite and nothing else.
type bareTables struct {
	b  *testing.B
	db *sql.DB
	tx *sql.Tx
}

func bareFile(b *testing.B) *bareTables {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+"?_pragma=journal_mode(wal)")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	t := &bareTables{b: b, db: db}
	if t.tx, err = db.Begin(); err != nil {
		b.Fatal(err)
	}
	for _, statement := range []string{
		`CREATE TABLE threads (id INTEGER PRIMARY KEY, account TEXT, ref TEXT, name TEXT, phone TEXT, status TEXT, at INTEGER, text TEXT, free INTEGER)`,
		`CREATE INDEX threads_at ON threads (at, id) WHERE status IN ('open','pending','unknown')`,
		`CREATE TABLE messages (id INTEGER PRIMARY KEY, thread INTEGER, ref TEXT, direction TEXT, kind TEXT, text TEXT, status TEXT, at INTEGER)`,
		`CREATE INDEX messages_at ON messages (thread, at, id)`,
	} {
		if _, err := t.tx.Exec(statement); err != nil {
			b.Fatal(err)
		}
	}
	return t
}

// many prepares an insert.
func (t *bareTables) many(statement string) func(args ...any) {
	prepared, err := t.tx.Prepare(statement)
	if err != nil {
		t.b.Fatal(err)
	}
	return func(args ...any) {
		if _, err := prepared.Exec(args...); err != nil {
			t.b.Fatal(fmt.Errorf("%s: %w", statement, err))
		}
	}
}

func (t *bareTables) commit() {
	if err := t.tx.Commit(); err != nil {
		t.b.Fatal(err)
	}
}

// ask prepares a question, and reads every column of its rows when asked.
func (t *bareTables) ask(columns int, question string) func() int {
	prepared, err := t.db.Prepare(question)
	if err != nil {
		t.b.Fatal(err)
	}
	values, into := make([]any, columns), make([]any, columns)
	for i := range values {
		into[i] = &values[i]
	}
	return func() (n int) {
		rows, err := prepared.Query()
		if err != nil {
			t.b.Fatal(err)
		}
		defer rows.Close()
		for ; rows.Next(); n++ {
			if err := rows.Scan(into...); err != nil {
				t.b.Fatal(err)
			}
		}
		if err := rows.Err(); err != nil {
			t.b.Fatal(err)
		}
		return n
	}
}
