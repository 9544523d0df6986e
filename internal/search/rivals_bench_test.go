package search

import (
	"bytes"
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sahilm/fuzzy"
	_ "modernc.org/sqlite"
)

// rivals are other ways to find somebody among the same lines: the folded name
// and the number with its country code.
type rivals struct {
	b         *testing.B
	lines     []string
	file      string // of lines, for fzf
	places    map[string]int
	trigrams  *sql.DB
	questions int
}

type rival struct {
	name   string
	answer func(query string) []int
}

func newRivals(b *testing.B, members []member) *rivals {
	q := &rivals{b: b, places: map[string]int{}, questions: 50}
	if n, err := strconv.Atoi(os.Getenv("BENCH_PEERS")); err == nil && n > 0 {
		q.questions = n
	}
	db, err := sql.Open("sqlite", filepath.Join(b.TempDir(), "names.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	q.trigrams = db
	q.do(`CREATE VIRTUAL TABLE names USING fts5(name, tokenize = 'trigram', detail = none)`)
	tx, err := db.Begin()
	if err != nil {
		b.Fatal(err)
	}
	for n, m := range members {
		line := Fold(m.name) + " " + m.number.E164
		q.lines, q.places[line] = append(q.lines, line), n
		if _, err := tx.Exec(`INSERT INTO names (rowid, name) VALUES (?, ?)`, n+1, line); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	q.file = filepath.Join(b.TempDir(), "names")
	if err := os.WriteFile(q.file, []byte(strings.Join(q.lines, "\n")), 0o600); err != nil {
		b.Fatal(err)
	}
	return q
}

func (q *rivals) do(statement string) {
	if _, err := q.trigrams.Exec(statement); err != nil {
		q.b.Fatal(err)
	}
}

func (q *rivals) all() []rival {
	all := []rival{{"sahilm", q.sahilm}, {"trigram", q.trigram}}
	if _, err := exec.LookPath("fzf"); err == nil {
		all = append(all, rival{"fzf", q.fzf})
	}
	return all
}

func (q *rivals) sahilm(query string) (out []int) {
	found := fuzzy.Find(Fold(query), q.lines)
	for _, m := range found[:min(10, len(found))] {
		out = append(out, m.Index)
	}
	return out
}

// trigram asks for any three letters of the query, best first.
func (q *rivals) trigram(query string) (out []int) {
	var parts []string
	for _, w := range strings.Fields(Fold(query)) {
		r := []rune(w)
		for i := 0; i+3 <= len(r); i++ {
			if part := `"` + strings.ReplaceAll(string(r[i:i+3]), `"`, `""`) + `"`; !slices.Contains(parts, part) {
				parts = append(parts, part)
			}
		}
	}
	if len(parts) == 0 {
		return nil
	}
	rows, err := q.trigrams.Query(`SELECT rowid FROM names WHERE names MATCH ? ORDER BY rank LIMIT 10`, strings.Join(parts, " OR "))
	if err != nil {
		q.b.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			q.b.Fatal(err)
		}
		out = append(out, n-1)
	}
	return out
}

func (q *rivals) fzf(query string) (out []int) {
	in, err := os.Open(q.file)
	if err != nil {
		q.b.Fatal(err)
	}
	defer in.Close()
	cmd := exec.Command("fzf", "--filter", Fold(query))
	cmd.Stdin = in
	answer, _ := cmd.Output() // it fails where nothing is found
	for line := range bytes.Lines(answer) {
		if out = append(out, q.places[strings.TrimSuffix(string(line), "\n")]); len(out) == 10 {
			break
		}
	}
	return out
}
