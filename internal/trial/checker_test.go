package trial

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// checker holds the files of a profile to what its providers have. It works
// on a copy, as an observer that the program knows nothing of: what a killed
// process left is read as it lies there, and stays.
type checker struct {
	t     testing.TB
	dir   string // the profile
	copy  string
	db    *sql.DB // cache.db of the copy
	local *sql.DB
	cache *cache.Cache // of the copy; its index is caught up
}

// look opens a profile that nobody has open.
func look(t testing.TB, dir string) *checker {
	t.Helper()
	k := &checker{t: t, dir: dir}
	var err error
	if k.copy, err = os.MkdirTemp("", "bandeja-trial-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.close)
	for _, name := range []string{"cache.db", "cache.db-wal", "local.db", "local.db-wal"} {
		copyFile(t, filepath.Join(dir, name), filepath.Join(k.copy, name))
	}
	if k.cache, err = cache.OpenCache(context.Background(), filepath.Join(k.copy, "cache.db"), cache.ReadWrite); err != nil {
		t.Fatalf("open what is left of cache.db: %v", err)
	}
	k.db = k.open("cache.db")
	if _, err := os.Stat(filepath.Join(k.copy, "local.db")); err == nil {
		k.local = k.open("local.db")
	}
	return k
}

func (k *checker) open(name string) *sql.DB {
	k.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(k.copy, name)+"?_pragma=busy_timeout(5000)")
	if err != nil {
		k.t.Fatal(err)
	}
	return db
}

// close lets go of the copy; a second time does nothing.
func (k *checker) close() {
	if k.copy == "" {
		return
	}
	for _, db := range []*sql.DB{k.db, k.local} {
		if db != nil {
			_ = db.Close()
		}
	}
	if k.cache != nil {
		_ = k.cache.Close()
	}
	_ = os.RemoveAll(k.copy)
	k.copy = ""
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err == nil {
		_, err = io.Copy(out, in)
		err = errors.Join(err, out.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// each runs a query over the copy.
func (k *checker) each(query string, args []any, fn func(scan func(...any) error) error) {
	k.t.Helper()
	rows, err := k.db.Query(query, args...)
	if err != nil {
		k.t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			k.t.Fatalf("%s: %v", query, err)
		}
	}
	if err := rows.Err(); err != nil {
		k.t.Fatalf("%s: %v", query, err)
	}
}

// none wants a query that looks for what must not be to find nothing.
func (k *checker) none(what, query string, args ...any) {
	k.t.Helper()
	k.each(query, args, func(scan func(...any) error) error {
		var found string
		err := scan(&found)
		k.t.Errorf("%s: %s", what, found)
		return err
	})
}

func (k *checker) states() map[string]cache.State {
	k.t.Helper()
	all, err := k.cache.States(context.Background())
	if err != nil {
		k.t.Fatal(err)
	}
	out := map[string]cache.State{}
	for _, s := range all {
		out[s.Name] = s
	}
	return out
}

// sound checks what must hold at any moment, whatever the provider has.
func (k *checker) sound(v *office) {
	k.t.Helper()
	for _, db := range []*sql.DB{k.db, k.local} {
		if db == nil {
			continue
		}
		var said string
		if err := db.QueryRow(`PRAGMA integrity_check`).Scan(&said); err != nil || said != "ok" {
			k.t.Errorf("integrity: %s, %v", said, err)
		}
	}
	k.none("a foreign key that leads nowhere", `SELECT "table" || ' ' || rowid FROM pragma_foreign_key_check`)
	k.counts()
	k.threads()
	k.persons()
	k.index()
	k.secrets(v)
}

// counts checks what the account's row repeats of its conversations, and these
// of their messages.
func (k *checker) counts() {
	k.t.Helper()
	k.none("a conversation's count of messages", `SELECT c.remote FROM conversations c
		WHERE c.messages <> (SELECT count(*) FROM messages m WHERE m.conversation = c.id)`)
	k.none("a conversation's newest message", `SELECT c.remote FROM conversations c
		WHERE c.newest_at <> (SELECT max(0, coalesce(max(at), 0)) FROM messages m WHERE m.conversation = c.id)`)
	k.none("an account's counts", `SELECT a.name FROM accounts a WHERE (a.conversations, a.messages, a.to_read) <> (
		SELECT count(*), coalesce(sum(messages), 0), coalesce(sum(listed_mark <> read_mark AND gone = 0), 0) FROM conversations c WHERE c.account = a.id)`)
	k.none("a message of no conversation", `SELECT remote FROM messages WHERE conversation NOT IN (SELECT id FROM conversations)`)
	k.none("a message in another thread than its conversation", `SELECT m.remote FROM messages m JOIN conversations c ON c.id = m.conversation WHERE m.thread <> c.thread`)
	k.none("a message that is there twice", `SELECT remote FROM messages GROUP BY conversation, remote HAVING count(*) > 1`)
	k.none("a conversation that is there twice", `SELECT remote FROM conversations GROUP BY account, remote HAVING count(*) > 1`)
	k.none("a contact without threads", `SELECT remote FROM contacts WHERE id NOT IN (SELECT contact FROM threads)`)
}

// secrets looks for the keys in every file of the profile but the one that
// keeps them (SYNC I17).
func (k *checker) secrets(v *office) {
	k.t.Helper()
	secret := []string{v.key(inbox.Waspy), v.key(inbox.Platica)}
	err := filepath.WalkDir(k.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "keys.json" {
			return err
		}
		b, err := os.ReadFile(path)
		for _, key := range secret {
			if strings.Contains(string(b), key) {
				k.t.Errorf("a key is in %s", d.Name())
			}
		}
		return err
	})
	if err != nil {
		k.t.Error(err)
	}
}
