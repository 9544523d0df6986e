package search

import (
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"

	"bandeja/internal/cache"
)

// writeIndex gives every message to a bare FTS5 table with a tokenizer: no
// accounts, no threads, no filters, nothing to show beside the text.
func writeIndex(tokenizer string) func(*testing.B, *Engine, string) {
	return func(b *testing.B, e *Engine, path string) {
		b.Helper()
		if err := os.RemoveAll(path); err != nil { // of a run that was ended
			b.Fatal(err)
		}
		db, err := sql.Open("sqlite", path)
		if err != nil {
			b.Fatal(err)
		}
		defer db.Close()
		tx, err := db.Begin()
		if err != nil {
			b.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := tx.Exec(fmt.Sprintf(`CREATE VIRTUAL TABLE texts USING fts5(text, tokenize = '%s')`, tokenizer)); err != nil {
			b.Fatal(err)
		}
		add, err := tx.Prepare(`INSERT INTO texts (text) VALUES (?)`)
		if err != nil {
			b.Fatal(err)
		}
		if err := e.Cache.EachMessage(b.Context(), cache.Selection{}, func(m cache.StoredMessage) error {
			_, err := add.Exec(m.Text)
			return err
		}); err != nil {
			b.Fatal(err)
		}
		if _, err := tx.Exec(`INSERT INTO texts (texts) VALUES ('optimize')`); err != nil {
			b.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
	}
}

// askIndex asks a table of writeIndex for the fifty rows written last. Of
// words shorter than three letters a trigram table knows nothing: its answer
// is empty, and quick.
func askIndex(b *testing.B, path string) func(cache.Word) {
	b.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	ask, err := db.Prepare(`SELECT text FROM texts WHERE texts MATCH ? ORDER BY rowid DESC LIMIT 50`)
	if err != nil {
		b.Fatal(err)
	}
	return func(w cache.Word) {
		rows, err := ask.Query(matchOf(w))
		if err != nil {
			b.Fatal(err)
		}
		defer rows.Close()
		var text string
		for rows.Next() {
			if err := rows.Scan(&text); err != nil {
				b.Fatal(err)
			}
		}
		if err := rows.Err(); err != nil {
			b.Fatal(err)
		}
	}
}

// matchOf is a question in the words of FTS5.
func matchOf(w cache.Word) string {
	if w.Phrase {
		return `"` + w.Text + `"`
	}
	var parts []string
	for _, word := range strings.Fields(w.Text) {
		parts = append(parts, `"`+word+`"`)
	}
	if w.Prefix {
		parts[len(parts)-1] += "*"
	}
	return strings.Join(parts, " ")
}
