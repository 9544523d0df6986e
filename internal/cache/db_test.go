package cache

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// dump writes a file's schema as SQL, with its version.
func dump(t *testing.T, path string) string {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var out strings.Builder
	// What FTS5 makes for itself comes with its own table.
	err = each(t.Context(), db, `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB 'message_index_*' ORDER BY rowid`, nil, func(scan func(...any) error) error {
		var s string
		err := scan(&s)
		out.WriteString(s + ";\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	version, application, err := versionOf(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	out.WriteString("PRAGMA application_id = " + itoa(application) + ";\nPRAGMA user_version = " + itoa(int64(version)) + ";\n")
	return out.String()
}

// script makes a file by SQL.
func script(t *testing.T, sqlText string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(sqlText); err != nil {
		t.Fatal(err)
	}
	return path
}

type file struct {
	name  string
	shape shape
	open  func(ctx context.Context, path string, mode Mode) (interface{ Close() error }, error)
}

func files() []file {
	return []file{
		{"cache", cacheShape(), func(ctx context.Context, path string, mode Mode) (interface{ Close() error }, error) {
			return OpenCache(ctx, path, mode)
		}},
		{"local", localShape(), func(ctx context.Context, path string, mode Mode) (interface{ Close() error }, error) {
			return OpenLocal(ctx, path, mode)
		}},
	}
}

// A file made by version 1 opens for ever. The fixtures are what dump gave of
// it, and stay: a changed schema is a new step.
func TestFrozenFirstSchema(t *testing.T) {
	for _, f := range files() {
		t.Run(f.name, func(t *testing.T) {
			fixture := filepath.Join("testdata", f.name+"-v1.sql")
			want, err := os.ReadFile(fixture)
			if err != nil {
				t.Fatal(err)
			}
			old := script(t, string(want))
			if got := dump(t, old); got != string(want) {
				t.Fatalf("the fixture does not give itself back:\n%s", got)
			}
			db, err := f.open(t.Context(), old, ReadWrite)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			fresh := filepath.Join(t.TempDir(), "fresh.db")
			db, err = f.open(t.Context(), fresh, ReadWrite)
			if err != nil {
				t.Fatal(err)
			}
			db.Close()
			if got, want := dump(t, old), dump(t, fresh); got != want {
				t.Errorf("upgraded:\n%s\nfresh:\n%s", got, want)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	garbage := filepath.Join(t.TempDir(), "garbage.db")
	if err := os.WriteFile(garbage, bytes.Repeat([]byte("no database at all. "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, f := range files() {
		ours := "PRAGMA application_id = " + itoa(f.shape.application) + ";"
		for _, tt := range []struct {
			name, path string
			want       error
		}{
			{"newer", script(t, "CREATE TABLE x (y);"+ours+"PRAGMA user_version = 99"), ErrNewer},
			{"another program's", script(t, "CREATE TABLE bookmarks (url)"), ErrForeign},
			{"another program's with an id", script(t, "CREATE TABLE x (y); PRAGMA application_id = 7; PRAGMA user_version = 1"), ErrForeign},
			{"another program's with our version", script(t, "CREATE TABLE x (y); PRAGMA user_version = 1"), ErrForeign},
			{"a version below zero", script(t, "CREATE TABLE x (y);"+ours+"PRAGMA user_version = -3"), ErrForeign},
			{"garbage", garbage, ErrCorrupt},
		} {
			for mode, word := range map[Mode]string{ReadWrite: "read-write", ReadOnly: "read-only"} {
				t.Run(f.name+"/"+tt.name+"/"+word, func(t *testing.T) {
					before, err := os.ReadFile(tt.path)
					if err != nil {
						t.Fatal(err)
					}
					_, err = f.open(t.Context(), tt.path, mode)
					if !errors.Is(err, tt.want) {
						t.Fatalf("got %v, want %v", err, tt.want)
					}
					if !strings.Contains(err.Error(), tt.path) {
						t.Errorf("%q does not name the file", err)
					}
					if after, err := os.ReadFile(tt.path); err != nil || !bytes.Equal(before, after) {
						t.Errorf("the file has changed, %v", err)
					}
				})
			}
		}
	}
	t.Run("one for the other", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "local.db")
		l, err := OpenLocal(t.Context(), path, ReadWrite)
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		if _, err := OpenCache(t.Context(), path, ReadWrite); !errors.Is(err, ErrForeign) {
			t.Errorf("got %v, want ErrForeign", err)
		}
	})
}

// steps for a file that is not ours to freeze.
func twoSteps(second string) shape {
	return shape{application: 0x42414e4c, steps: []string{"CREATE TABLE a (x); INSERT INTO a VALUES (1)", second}, synchronous: "FULL"}
}

func TestMigrateGoesOnWhereItStopped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.db")
	if _, err := openStore(t.Context(), path, ReadWrite, twoSteps("CREATE TABLE b (y); INSERT INTO nowhere VALUES (1)")); err == nil {
		t.Fatal("a step that cannot be done was done")
	}
	s, err := openStore(t.Context(), path, ReadWrite, twoSteps("CREATE TABLE b (y)"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if n := number(t, s, `SELECT (SELECT count(*) FROM a) + (SELECT count(*) FROM b)`); n != 1 {
		t.Errorf("%d rows, want the first step's one", n)
	}
	backups, err := filepath.Glob(filepath.Join(filepath.Dir(path), "backups", "local-v1-*.db"))
	if err != nil || len(backups) == 0 {
		t.Fatalf("no backup before the upgrade: %v %v", backups, err)
	}
	first := twoSteps("")
	first.steps = first.steps[:1]
	old, err := openStore(t.Context(), backups[0], ReadOnly, first)
	if err != nil {
		t.Fatalf("the backup does not open: %v", err)
	}
	old.Close()
}

func TestReadOnlyNeverMigrates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.db")
	first := twoSteps("")
	first.steps = first.steps[:1]
	s, err := openStore(t.Context(), path, ReadWrite, first)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	if _, err := openStore(t.Context(), path, ReadOnly, twoSteps("CREATE TABLE b (y)")); !errors.Is(err, ErrOlder) {
		t.Errorf("got %v, want ErrOlder", err)
	}
}

// A file not there, and one whose owner was killed before its first step, are
// as empty ones.
func TestReadOnlyOfNothingIsEmpty(t *testing.T) {
	unbegun := filepath.Join(t.TempDir(), "cache.db")
	if err := os.WriteFile(unbegun, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(t.TempDir(), "no", "such", "cache.db")
	for _, path := range []string{missing, unbegun, script(t, "PRAGMA journal_mode=WAL")} {
		c, err := OpenCache(t.Context(), path, ReadOnly)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		threads, next, err := c.Threads(t.Context(), ThreadFilter{View: All}, "", 10)
		if err != nil || len(threads) != 0 || next != "" {
			t.Errorf("%v %q %v", threads, next, err)
		}
		if states, err := c.States(t.Context()); err != nil || len(states) != 0 {
			t.Errorf("%v %v", states, err)
		}
		if found := find(t, c, "hola"); len(found) != 0 {
			t.Errorf("found %v", found)
		}
		if err := c.EnsureAccount(t.Context(), waspyAccount); !errors.Is(err, ErrReadOnly) {
			t.Errorf("writing gave %v, want ErrReadOnly", err)
		}
	}
	if _, err := os.Stat(filepath.Dir(missing)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("reading made a folder: %v", err)
	}
}

// TestPagesOfNewFiles: how much of the WAL is written back at a time is counted
// in pages of a size that a new file has.
func TestPagesOfNewFiles(t *testing.T) {
	dir := t.TempDir()
	c := openCache(t, dir+"/cache.db")
	l, err := OpenLocal(t.Context(), dir+"/local.db", ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, s := range []*store{c.s, l.s} {
		if n := number(t, s, `PRAGMA page_size`); n != pageBytes {
			t.Errorf("%s: pages of %d bytes", s.path, n)
		}
		var pages int
		var mode string
		if err := s.conn.QueryRowContext(t.Context(), `PRAGMA wal_autocheckpoint`).Scan(&pages); err != nil || pages*pageBytes != checkpointBytes {
			t.Errorf("%s: written back at %d pages, %v", s.path, pages, err)
		}
		if err := s.conn.QueryRowContext(t.Context(), `PRAGMA journal_mode`).Scan(&mode); err != nil || mode != "wal" {
			t.Errorf("%s: %s, %v", s.path, mode, err)
		}
	}
}

func TestOddPaths(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, path := range []string{"cache.db", "bandeja de María?mode=memory#1 100%.db", "./sub/../x.db"} {
		c, err := OpenCache(t.Context(), path, ReadWrite)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if err := c.EnsureAccount(t.Context(), waspyAccount); err != nil {
			t.Fatal(err)
		}
		c.Close()
		if _, err := os.Stat(filepath.Clean(path)); path != "./sub/../x.db" && err != nil {
			t.Errorf("not where it was asked for: %v", err)
		}
		r, err := OpenCache(t.Context(), path, ReadOnly)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if _, err := r.account(waspyAccount.Name); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		r.Close()
	}
}

// The last one out writes the WAL back and removes it.
func TestCloseLeavesOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache.db")
	c := openCache(t, path)
	list(t, c, waspyAccount, chat("1", "Ana", "+54 9 11 5983-4410", noon))
	if _, _, err := c.Threads(t.Context(), ThreadFilter{View: All}, "", 10); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	left, err := filepath.Glob(path + "*")
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v %v", left, err)
	}
	if _, err := c.SaveConversations(t.Context(), waspyAccount.Name, page(), nil, 9); !errors.Is(err, ErrReadOnly) {
		t.Errorf("writing after Close gave %v", err)
	}
}

// On a medium that takes no WAL files beside the database it is shown as its
// last owner left it.
func TestReadOnlyMedium(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache.db")
	c := openCache(t, path)
	list(t, c, waspyAccount, chat("1", "Ana", "+54 9 11 5983-4410", noon))
	c.Close()
	for _, taken := range []string{path + "-wal", path + "-shm"} { // folders stand where the files would go
		if err := os.Mkdir(taken, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := OpenCache(t.Context(), path, ReadWrite); !errors.Is(err, ErrReadOnly) {
		t.Errorf("read-write gave %v, want ErrReadOnly", err)
	}
	r, err := OpenCache(t.Context(), path, ReadOnly)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := threadOf(t, r, waspyAccount, "1").Name; got != "Ana" {
		t.Errorf("name %q", got)
	}
}

func TestDamagedPageIsCorrupt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache.db")
	c := openCache(t, path)
	for i := range 300 {
		list(t, c, waspyAccount, chat(itoa(int64(i)), strings.Repeat("Ana ", 50), "+54 9 11 5983-4410", minutes(i)))
	}
	c.Close()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 100; i < len(b); i++ { // the header's first hundred bytes stay
		b[i] = 0xee
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	for mode, word := range map[Mode]string{ReadWrite: "read-write", ReadOnly: "read-only"} {
		if _, err := OpenCache(t.Context(), path, mode); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s gave %v, want ErrCorrupt", word, err)
		}
	}
}
