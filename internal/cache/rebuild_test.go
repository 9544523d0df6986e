package cache

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bandeja/internal/inbox"
)

// talkative is a cache with n messages about sunflowers, newest first when
// found, all indexed.
func talkative(t testing.TB, path string, n int) *Cache {
	t.Helper()
	c := openCache(t, path)
	list(t, c, waspyAccount, chat("1", "Ana", "", noon), chat("2", "Beto", "", noon))
	for i, conversation := range []string{"1", "2"} {
		var msgs []inbox.Message
		for k := range n / 2 {
			msgs = append(msgs, msg(fmt.Sprint("m", k), fmt.Sprint("quiero girasoles ", k), noon.Add(time.Duration(2*k+i)*time.Second)))
		}
		read(t, c, waspyAccount, conversation, msgs...)
	}
	indexAll(t, c)
	return c
}

func newestOf(t testing.TB, c *Cache, n int) MessageHits {
	t.Helper()
	return search(t, c, MessageQuery{Words: []Word{{Text: "girasoles"}}, Limit: n})
}

// While the index is made anew searches find what is there of it, say that this
// is not all, and have the newest first; a next start goes on.
func TestIndexIsMadeAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache.db")
	const n = 60
	c := talkative(t, path, n)
	all := idsOf(newestOf(t, c, n))
	c.budget.fresh = 5
	number(t, c.s, `UPDATE meta SET value = '0' WHERE key = 'index_form' RETURNING 1`) // as an older version left it
	if why, err := c.CheckIndex(t.Context()); err != nil || !strings.Contains(why, `form "0"`) {
		t.Fatalf("%q, %v", why, err)
	}
	if got := newestOf(t, c, n); len(got.Messages) != 0 || !got.Partial || got.Index.Ready {
		t.Errorf("distrusted: %d found, %+v", len(got.Messages), got.Index)
	}
	for left, step := int64(1), 0; left > 0; step++ {
		var err error
		if left, err = c.indexSome(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		got := newestOf(t, c, n)
		if ready := left <= 5; got.Index.Waiting != left || got.Index.Ready != ready || got.Partial == ready {
			t.Errorf("%d left: %+v, partial %v", left, got.Index, got.Partial)
		}
		// Rows come in the order of their numbers, the last first.
		if want := min(n, 10*(step+1)+5); len(got.Messages) != want {
			t.Errorf("step %d: %d found, want %d", step, len(got.Messages), want)
		}
		if step == 2 {
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			c = openCache(t, path)
			c.budget.fresh = 5
			if why, err := c.CheckIndex(t.Context()); err != nil || why != "" {
				t.Errorf("halfway: %q, %v", why, err)
			}
		}
	}
	if got := idsOf(newestOf(t, c, n)); !slices.Equal(got, all) {
		t.Errorf("found %v, want %v", got, all)
	}
	checkIndex(t, c)
}

// What the look at the index finds wrong has it made anew; what is right does
// not.
func TestCheckIndex(t *testing.T) {
	spoil := func(queries ...string) func(*testing.T, *Cache) {
		return func(t *testing.T, c *Cache) {
			t.Helper()
			for _, q := range queries {
				if err := c.s.write(t.Context(), func(x *tx) error { _, err := x.exec(q); return err }); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	behind := func(query string) func(*testing.T, *Cache) { // FTS5's own tables, which it lets nobody write
		return func(t *testing.T, c *Cache) {
			t.Helper()
			db := openWreckForTest(t, c.s.path)
			defer db.Close()
			if _, err := db.Exec(query); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, tt := range []struct {
		name  string
		wreck func(*testing.T, *Cache)
		why   string
	}{
		{"sound", func(*testing.T, *Cache) {}, ""},
		{"some queued, some gone", func(t *testing.T, c *Cache) {
			m := msg("m1", "otra cosa", minutes(9))
			read(t, c, waspyAccount, "1", m, msg("new", "girasoles", minutes(70)))
			if _, err := c.RemoveAccount(t.Context(), platicaAccount.Name); err != nil {
				t.Fatal(err)
			}
		}, ""},
		{"an older form", spoil(`UPDATE meta SET value = '0' WHERE key = 'index_form'`), "form"},
		{"no form", spoil(`DELETE FROM meta WHERE key = 'index_form'`), "form"},
		{"a row missing", spoil(`INSERT INTO message_index (message_index, rowid, text, facets) SELECT 'delete', id, text, facets FROM message_words ORDER BY id LIMIT 1`), "39 rows, and not 40"},
		{"a place missing", spoil(`DELETE FROM indexed WHERE place = (SELECT max(place) FROM indexed)`), "rows"},
		{"an account that miscounts", spoil(`UPDATE accounts SET messages = messages + 1 WHERE name = 'ventas'`), ""},
		{"a message that it was not told of", spoil(`INSERT INTO messages SELECT id - 1000, conversation, thread, 'x', at, seq, at_known, direction, kind, kind_word, status, text, raw FROM messages LIMIT 1`,
			`UPDATE accounts SET messages = messages + 1 WHERE name = 'ventas'`), "40 messages, and not 41"},
		{"other words", spoil(`UPDATE messages SET text = 'jazmines' WHERE at = (SELECT max(at) FROM messages)`), "does not find"},
		{"empty", spoil(`INSERT INTO message_index (message_index) VALUES ('delete-all')`), "0 rows"},
		{"no record of it", behind(`DELETE FROM message_index_data WHERE id = 10`), ErrIndex.Error()},
		{"pages gone", behind(`DELETE FROM message_index_data WHERE id > 10`), ErrIndex.Error()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "cache.db")
			c := talkative(t, path, 40)
			tt.wreck(t, c)
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			c = openCache(t, path)
			before := newestOf(t, c, 100) // an answer, whatever is wrong
			why, err := c.CheckIndex(t.Context())
			if err != nil || !strings.Contains(why, tt.why) || (why == "") != (tt.why == "") {
				t.Fatalf("%q, %v: want %q", why, err, tt.why)
			}
			if before.Partial && why == "" {
				t.Errorf("a sound index gives a part: %+v", before)
			}
			indexAll(t, c)
			if why, err := c.CheckIndex(t.Context()); err != nil || why != "" {
				t.Errorf("made anew: %q, %v", why, err)
			}
			checkIndex(t, c)
			if got := newestOf(t, c, 100); got.Partial || len(got.Messages) < 38 {
				t.Errorf("%d found, %+v", len(got.Messages), got.Index)
			}
		})
	}
}

// Damage to the index is not damage to the file: who watches is told, searches
// go on, and all checks tell the two apart.
func TestDamagedIndex(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache.db")
	c := talkative(t, path, 40)
	db := openWreckForTest(t, path)
	if _, err := db.Exec(`UPDATE message_index_data SET block = zeroblob(length(block)) WHERE id > 10`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	var told []error
	c.WatchFile(func(err error) bool {
		told = append(told, err)
		return false
	})
	read(t, c, waspyAccount, "1", msg("new", "girasoles", minutes(70)))
	if got := newestOf(t, c, 10); !slices.Equal(idsOf(got), []string{"new"}) || !got.Partial || got.Index.Ready {
		t.Errorf("found %v, %+v", idsOf(got), got.Index)
	}
	for _, whole := range []bool{false, true} {
		if err := c.Check(t.Context(), whole); !errors.Is(err, ErrIndex) || errors.Is(err, ErrCorrupt) {
			t.Errorf("whole %v: %v", whole, err)
		}
	}
	if len(told) != 3 || slices.ContainsFunc(told, func(err error) bool { return !errors.Is(err, ErrIndex) || errors.Is(err, ErrCorrupt) }) {
		t.Errorf("told of %v", told)
	}
	c.DistrustIndex()
	indexAll(t, c)
	checkIndex(t, c)
	if got := newestOf(t, c, 100); len(got.Messages) != 41 || got.Partial {
		t.Errorf("%d found, %+v", len(got.Messages), got)
	}
}

const rebuiltFile = "BANDEJA_TEST_REBUILT_FILE"

// TestRebuildProcess is what TestKilledRebuilding runs and kills.
func TestRebuildProcess(t *testing.T) {
	path := os.Getenv(rebuiltFile)
	if path == "" {
		return
	}
	c := openCache(t, path)
	fmt.Println("open")
	if why, err := c.CheckIndex(t.Context()); err != nil || why != "" {
		t.Fatal(why, err)
	}
	if s, err := c.IndexState(t.Context()); err != nil {
		t.Fatal(err)
	} else if s.Waiting == 0 {
		c.DistrustIndex()
	}
	for left := int64(1); left > 0; {
		var err error
		if left, err = c.indexSome(t.Context(), 100); err != nil {
			t.Fatal(err)
		}
		fmt.Println(left)
	}
}

// A process that is killed while it makes the index anew leaves an index that
// the next one goes on with: it is sound at every moment, and nothing is missed
// in the end (SYNC F2).
func TestKilledRebuilding(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache.db")
	const n = 2000
	c := talkative(t, path, n)
	all := idsOf(newestOf(t, c, n))
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	halfway := 0
	for seed := range seeds(t, 10) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		killRebuild(t, path, rnd.IntN(12), time.Duration(rnd.IntN(20_000))*time.Microsecond)
		c := openCache(t, path)
		if why, err := c.CheckIndex(t.Context()); err != nil || why != "" {
			t.Errorf("%s: %s, %v", replay(seed), why, err)
		}
		if err := c.Check(t.Context(), true); err != nil {
			t.Errorf("%s: %v", replay(seed), err)
		}
		if s, err := c.IndexState(t.Context()); err != nil {
			t.Fatal(err)
		} else if s.Waiting > 0 {
			halfway++
		}
		if got := idsOf(newestOf(t, c, n)); !slices.Equal(got, all) { // what is not indexed is looked through
			t.Errorf("%s: %d found, want %d", replay(seed), len(got), len(all))
		}
		if rnd.IntN(3) == 0 {
			indexAll(t, c)
			checkIndex(t, c)
			if got := idsOf(newestOf(t, c, n)); !slices.Equal(got, all) {
				t.Errorf("%s: %d found in the end, want %d", replay(seed), len(got), len(all))
			}
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("killed halfway %d times", halfway)
	if halfway == 0 && os.Getenv(seedEnv) == "" {
		t.Error("no kill came in the middle")
	}
}

// killRebuild kills a process a while after its nth line.
func killRebuild(t testing.TB, path string, lines int, after time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestRebuildProcess$")
	cmd.Env = append(os.Environ(), rebuiltFile+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewScanner(out)
	for range lines + 1 {
		if !in.Scan() || strings.HasPrefix(in.Text(), "---") {
			break
		}
	}
	time.Sleep(after)
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	cmd.Wait()
}

// Merging leaves one segment, what is found as it was, and is not begun again
// for a little more.
func TestIndexIsTidied(t *testing.T) {
	c := talkative(t, filepath.Join(t.TempDir(), "cache.db"), 0)
	var msgs []inbox.Message
	for k := range tidyFrom + 1000 {
		msgs = append(msgs, msg(fmt.Sprint("m", k), fmt.Sprint("quiero girasoles ", k%977), noon.Add(time.Duration(k)*time.Second)))
	}
	read(t, c, waspyAccount, "1", msgs...)
	for left := int64(1); left > 0; {
		var err error
		if left, err = c.indexSome(t.Context(), 3000); err != nil {
			t.Fatal(err)
		}
	}
	const segments = `SELECT count(DISTINCT segid) FROM message_index_idx`
	before, found := number(t, c.s, segments), idsOf(newestOf(t, c, 500))
	tidy := func() (steps int) {
		for more := true; more; steps++ {
			var err error
			if more, err = c.TidyIndex(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := idsOf(newestOf(t, c, 500)); !slices.Equal(got, found) {
				t.Fatalf("after step %d: %d found", steps, len(got))
			}
		}
		return steps
	}
	if steps := tidy(); before < 3 || number(t, c.s, segments) != 1 || steps < 2 {
		t.Errorf("%d segments, %d after %d steps", before, number(t, c.s, segments), steps)
	}
	checkIndex(t, c)
	read(t, c, waspyAccount, "1", append(msgs, msg("one more", "jazmines", minutes(9999)))...)
	indexAll(t, c)
	if steps := tidy(); steps != 1 || number(t, c.s, segments) != 2 {
		t.Errorf("%d steps for one message more", steps)
	}
}
