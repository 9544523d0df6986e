package cache

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func notesIn(t *testing.T, l *Local, threads ...string) (texts string) {
	t.Helper()
	all, err := l.Notes(t.Context(), threads)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range all {
		texts += n.Text + "|"
	}
	return texts
}

func draftOf(t *testing.T, l *Local, thread string) string {
	t.Helper()
	text, err := l.Draft(t.Context(), thread)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func addNote(t *testing.T, l *Local, thread, text string, at time.Time) Note {
	t.Helper()
	n, err := l.AddNote(t.Context(), Note{Account: "ventas", Thread: thread, Text: text, MadeAt: at})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNotes(t *testing.T) {
	l := openLocal(t)
	ctx := t.Context()
	second := addNote(t, l, "t_a", "second", minutes(2))
	first := addNote(t, l, "t_b", "first\x00<b>🧉", minutes(1))
	addNote(t, l, "t_c", "of another", minutes(1))
	if got := notesIn(t, l, "t_a", "t_b"); got != "first\x00<b>🧉|second|" {
		t.Errorf("%q", got)
	}
	changed, err := l.ChangeNote(ctx, first.ID, "changed", minutes(9))
	if err != nil || changed.Text != "changed" || !changed.MadeAt.Equal(minutes(1)) || !changed.ChangedAt.Equal(minutes(9)) || changed.Thread != "t_b" {
		t.Errorf("%+v, %v", changed, err)
	}
	if same, err := l.ChangeNote(ctx, first.ID, "changed", minutes(10)); err != nil || !same.ChangedAt.Equal(minutes(9)) {
		t.Errorf("the same text is a change: %+v, %v", same, err)
	}
	dropped, err := l.DropNote(ctx, second.ID)
	if err != nil || dropped.Text != "second" || notesIn(t, l, "t_a") != "" {
		t.Errorf("%+v, %v", dropped, err)
	}
	if err := l.SaveDraft(ctx, "ventas", "t_a", "the next", minutes(3)); err != nil {
		t.Fatal(err)
	}
	back, err := l.PutBackNote(ctx, dropped)
	if err != nil || back.ID == second.ID || back.ID == first.ID || !back.MadeAt.Equal(minutes(2)) {
		t.Errorf("put back as %+v, %v", back, err)
	}
	if got := draftOf(t, l, "t_a"); got != "the next" {
		t.Errorf("putting back spent the draft: %q", got)
	}
	for _, id := range []string{second.ID, "note_", "note_x", "1", ""} {
		if _, err := l.ChangeNote(ctx, id, "x", noon); !errors.Is(err, ErrNotFound) {
			t.Errorf("change of %q: %v", id, err)
		}
		if _, err := l.DropNote(ctx, id); !errors.Is(err, ErrNotFound) {
			t.Errorf("drop of %q: %v", id, err)
		}
	}
}

// A draft is spent by its note, and by nothing else.
func TestDrafts(t *testing.T) {
	l := openLocal(t)
	for _, text := range []string{"h", "ho", "ho", "hola\n  "} {
		if err := l.SaveDraft(t.Context(), "ventas", "t_a", text, noon); err != nil {
			t.Fatal(err)
		}
		if got := draftOf(t, l, "t_a"); got != text {
			t.Errorf("%q, want %q", got, text)
		}
	}
	addNote(t, l, "t_b", "of another", noon)
	if draftOf(t, l, "t_a") == "" || draftOf(t, l, "t_b") != "" {
		t.Error("the note of one thread spends the draft of another")
	}
	addNote(t, l, "t_a", "hola", noon)
	if got := draftOf(t, l, "t_a"); got != "" {
		t.Errorf("%q is left", got)
	}
	for _, text := range []string{"again", "", ""} {
		if err := l.SaveDraft(t.Context(), "ventas", "t_a", text, noon); err != nil || draftOf(t, l, "t_a") != text {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Of very many the newest are read.
func TestNotesAreBounded(t *testing.T) {
	l := openLocal(t)
	if err := l.s.write(t.Context(), func(x *tx) error {
		_, err := x.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
			INSERT INTO notes (account, thread, text, made_at, changed_at) SELECT 'ventas', 't_a', i, i, i FROM n`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	all, err := l.Notes(t.Context(), []string{"t_a"})
	if err != nil || len(all) != mostNotes || all[0].Text != "201" || all[len(all)-1].Text != "1200" {
		t.Errorf("%d notes, %v", len(all), err)
	}
}

const writerFile = "BANDEJA_TEST_WRITER_FILE"

// TestWriterProcess is what TestNotesOutliveAKill runs and kills.
func TestWriterProcess(t *testing.T) {
	path := os.Getenv(writerFile)
	if path == "" {
		return
	}
	l, err := OpenLocal(t.Context(), path, ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; ; n++ {
		addNote(t, l, "t_a", fmt.Sprint(n), minutes(n))
		if err := l.SaveDraft(t.Context(), "ventas", "t_a", strings.Repeat("x", n), noon); err != nil {
			t.Fatal(err)
		}
		fmt.Println(n)
	}
}

// What was acknowledged is there after a kill -9, and after every start.
func TestNotesOutliveAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "local.db")
	cmd := exec.Command(os.Args[0], "-test.run=^TestWriterProcess$")
	cmd.Env = append(os.Environ(), writerFile+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	lines := bufio.NewScanner(out)
	told := 0
	for told < 5 && lines.Scan() {
		if n, err := fmt.Sscan(lines.Text(), &told); n != 1 || err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		l, err := OpenLocal(t.Context(), path, ReadWrite)
		if err != nil {
			t.Fatal(err)
		}
		notes := strings.Count(notesIn(t, l, "t_a"), "|")
		// The kill may have come between a note, which spends the draft, and the next draft.
		if draft := len(draftOf(t, l, "t_a")); notes < told || (draft != notes && draft != 0) || (draft == 0 && notes == told) {
			t.Errorf("%d notes and a draft of %d after %d were told", notes, draft, told)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
