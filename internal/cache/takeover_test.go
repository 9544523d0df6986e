package cache

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// allRows writes every row of every table of a file, but for what FTS5 keeps for
// itself.
func allRows(t testing.TB, path string) string {
	t.Helper()
	db := openWreckForTest(t, path)
	counts, err := countRows(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for table := range counts {
		if strings.HasPrefix(table, "message_index") || table == "message_vocabulary" {
			continue
		}
		cols, _, err := columnsOf(t.Context(), db, table)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, rowsIn(t, db, table, len(cols))...)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func rowsIn(t testing.TB, db *sql.DB, table string, width int) (lines []string) {
	t.Helper()
	if err := each(t.Context(), db, `SELECT * FROM `+quoteName(table), nil, func(scan func(...any) error) error {
		row, into := make([]any, width), make([]any, width)
		for i := range row {
			into[i] = &row[i]
		}
		err := scan(into...)
		lines = append(lines, fmt.Sprintf("%s %q", table, row))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return lines
}

func silent(int64, int64) {}

// A copy holds what the file does, row by row, and is one file that opens by
// itself.
func TestSnapshotIsEqual(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		l := openOutbox(t, filepath.Join(dir, fmt.Sprintf("local%d.db", n)))
		for range rapid.IntRange(0, 12).Draw(r, "acts") {
			text := rapid.StringN(1, 40, 200).Draw(r, "text")
			thread := rapid.SampledFrom([]string{"t_1", "t_2"}).Draw(r, "thread")
			var err error
			switch rapid.IntRange(0, 4).Draw(r, "act") {
			case 0:
				_, err = l.AddNote(t.Context(), Note{Account: "ventas", Thread: thread, Text: text, MadeAt: noon})
			case 1:
				err = l.SaveDraft(t.Context(), "ventas", thread, text, noon)
			case 2:
				err = l.SaveSetting(t.Context(), rapid.SampledFrom([]string{"a", "b"}).Draw(r, "key"), text)
			case 3:
				_, err = l.Enqueue(t.Context(), status("open", rapid.SampledFrom([]string{"closed", "pending"}).Draw(r, "want")))
			case 4:
				_, err = l.SaveRead(t.Context(), "ventas", thread, noon.Add(time.Duration(rapid.IntRange(0, 9).Draw(r, "at"))*time.Minute))
			}
			if err != nil {
				r.Fatal(err)
			}
		}
		to := filepath.Join(dir, fmt.Sprintf("copy%d.db", n))
		s, err := l.Snapshot(t.Context(), to, silent)
		if err != nil {
			r.Fatal(err)
		}
		if err := CheckLocal(t.Context(), to, s); err != nil {
			r.Fatal(err)
		}
		if got, want := allRows(t, to), allRows(t, l.s.path); got != want {
			r.Fatalf("the copy has\n%s\nand not\n%s", got, want)
		}
		if err := l.Close(); err != nil {
			r.Fatal(err)
		}
	})
}

// What is written while a copy is made is not in it, and does not keep it from
// being whole.
func TestSnapshotBesideAWriter(t *testing.T) {
	l := newOutbox(t)
	for i := range 200 {
		if _, err := l.AddNote(t.Context(), Note{Account: "ventas", Thread: "t_1", Text: strings.Repeat("x", 4000), MadeAt: noon.Add(time.Duration(i) * time.Second)}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			_, _ = l.AddNote(ctx, Note{Account: "ventas", Thread: "t_2", Text: "y", MadeAt: noon})
		}
	}()
	for i := range 5 {
		if _, err := l.Snapshot(t.Context(), filepath.Join(t.TempDir(), fmt.Sprint(i)), silent); err != nil {
			t.Error(err)
		}
	}
	stop()
	<-done
}

// A copy that says something else than its list of contents is found.
func TestCheckLocalFindsWhatIsNotThere(t *testing.T) {
	l := newOutbox(t)
	to := filepath.Join(t.TempDir(), "copy.db")
	s, err := l.Snapshot(t.Context(), to, silent)
	if err != nil {
		t.Fatal(err)
	}
	s.Rows["accounts"]++
	if err := CheckLocal(t.Context(), to, s); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a row too few: %v", err)
	}
	s.Rows["accounts"]--
	s.Schema++
	if err := CheckLocal(t.Context(), to, s); !errors.Is(err, ErrNewer) {
		t.Errorf("a schema too new: %v", err)
	}
	if err := CheckCache(t.Context(), to, Snapshot{Schema: 1}); err == nil {
		t.Error("a local.db passed as a cache.db")
	}
}

// taken makes a copy of l, and takes over what former knows.
func takenOver(t *testing.T, l, former *Local) (*Local, Taken) {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy.db")
	if _, err := l.Snapshot(t.Context(), to, silent); err != nil {
		t.Fatal(err)
	}
	next, err := OpenLocal(t.Context(), to, ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { next.Close() })
	path := ""
	if former != nil {
		path = former.s.path
	}
	taken, err := next.TakeOver(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return next, taken
}

func TestTakeOverDoubtsWhatWaits(t *testing.T) {
	l := newOutbox(t)
	e := wish(t, l, status("open", "closed"))
	next, taken := takenOver(t, l, nil)
	if w, err := next.OutboxEntry(t.Context(), e.ID); err != nil || w.State != WishStale || taken.Doubtful != 1 {
		t.Errorf("%v, %v, %+v", w.State, err, taken)
	}
	if taken.SameAccounts {
		t.Error("keys would be used that nobody compared the accounts of")
	}
}

// A key never follows an account to another address, nor does the id by which
// the keychain knows it.
func TestTakeOverComparesAccounts(t *testing.T) {
	moved := waspyAccount
	moved.BaseURL = "https://somewhere-else.example"
	renamed := waspyAccount
	renamed.Name = "otra"
	for name, c := range map[string]struct {
		now  *Local
		same bool
	}{
		"the same":          {newOutbox(t), true},
		"moved since":       {newLocal(t, moved, platicaAccount), false},
		"one of them gone":  {newLocal(t, platicaAccount), true},
		"under other names": {newLocal(t, renamed), true},
		"none":              {newLocal(t), true},
	} {
		if err := c.now.SaveSetting(t.Context(), "profile_id", "the-id"); err != nil {
			t.Fatal(err)
		}
		l := newOutbox(t)
		if err := l.SaveSetting(t.Context(), "profile_id", "another-id"); err != nil {
			t.Fatal(err)
		}
		next, taken := takenOver(t, l, c.now)
		want := map[bool]string{true: "the-id"}[c.same]
		if id, err := next.Setting(t.Context(), "profile_id"); err != nil || id != want || taken.SameAccounts != c.same {
			t.Errorf("%s: id %q, same %v, %v", name, id, taken.SameAccounts, err)
		}
	}
}

func TestTakeOverEndsTokens(t *testing.T) {
	l, now := newOutbox(t), newOutbox(t)
	token := func(l *Local, name, secret string) {
		if err := l.AddToken(t.Context(), Bearer{Name: name, Scopes: []string{"conversations:read"}, MadeAt: noon}, sha256.Sum256([]byte(secret))); err != nil {
			t.Fatal(err)
		}
	}
	token(l, "kept", "a")
	token(now, "kept", "a")
	token(l, "revoked", "b")
	token(l, "made-anew", "c")
	token(now, "made-anew", "d")
	next, taken := takenOver(t, l, now)
	left, err := next.Tokens(t.Context())
	if err != nil || len(left) != 1 || left[0].Name != "kept" || taken.Tokens != 2 {
		t.Errorf("%v, %v, %+v", left, err, taken)
	}
}

// Whoever was forgotten since stays forgotten, by whichever profile's key: what
// the backup has of them goes, and they are kept out from then on. Whom the
// backup keeps out stays out too.
func TestTakeOverForgets(t *testing.T) {
	sides := func(remote string) []string {
		return []string{conversationSide("ventas", remote), threadSide("t_" + remote)}
	}
	forget := func(l *Local, remote string) {
		if _, err := l.BeginForgetting(t.Context(), ForgetPlan{Sides: sides(remote), Needles: []byte{}}, noon); err != nil {
			t.Fatal(err)
		}
	}
	for _, backupKnows := range []bool{false, true} {
		l, now := newOutbox(t), newOutbox(t)
		forget(now, "1")
		if backupKnows {
			forget(l, "2")
		}
		for _, thread := range []string{"t_1", "t_3"} {
			if _, err := l.AddNote(t.Context(), Note{Account: "ventas", Thread: thread, Text: "zafiro", MadeAt: noon}); err != nil {
				t.Fatal(err)
			}
		}
		wish(t, l, status("open", "closed")) // of conversation 1
		next, taken := takenOver(t, l, now)
		if left, err := next.Notes(t.Context(), []string{"t_1", "t_2", "t_3"}); err != nil || len(left) != 1 || left[0].Thread != "t_3" {
			t.Errorf("notes: %v, %v", left, err)
		}
		if taken.Erased.Notes != 1 || taken.Erased.Changes != 1 {
			t.Errorf("%+v", taken)
		}
		again, err := OpenLocal(t.Context(), copyOf(t, next), ReadWrite)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { again.Close() })
		f := again.Forgotten()
		if !f.has(sides("1")[0]) || f.has(sides("3")[0]) || f.has(sides("2")[0]) != backupKnows {
			t.Errorf("kept out (the backup knows some: %v): %v %v %v", backupKnows, f.has(sides("1")[0]), f.has(sides("2")[0]), f.has(sides("3")[0]))
		}
		// And whoever is forgotten next is, by the first key.
		forget(again, "4")
		if !again.Forgotten().has(sides("4")[0]) {
			t.Error("nobody can be forgotten any more")
		}
		if n, err := again.LetIn(t.Context(), "", []string{sides("1")[0]}); err != nil || n < 1 {
			t.Errorf("let in: %d, %v", n, err)
		}
	}
}

func copyOf(t *testing.T, l *Local) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy.db")
	if _, err := l.Snapshot(t.Context(), to, silent); err != nil {
		t.Fatal(err)
	}
	return to
}
