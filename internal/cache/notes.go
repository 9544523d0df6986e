package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"bandeja/internal/inbox"
)

// Note is what somebody wrote of a thread, for themselves and who sits beside
// them: no provider ever sees it.
type Note struct {
	ID        string // never given twice
	Op        string // what who asked for it calls the asking, "" for nothing; not read back
	Account   string
	Thread    string // t_…
	Text      string
	MadeAt    time.Time
	ChangedAt time.Time // of the last change of its text; MadeAt where it was never changed
}

// mostNotes bounds what is read at once.
const mostNotes = 1000

const noteColumns = `SELECT id, account, thread, text, made_at, changed_at FROM notes `

func scanNote(scan func(...any) error) (n Note, err error) {
	var id, made, changed int64
	err = scan(&id, &n.Account, &n.Thread, &n.Text, &made, &changed)
	n.ID, n.MadeAt, n.ChangedAt = noteID(id), inbox.FromMillis(made), inbox.FromMillis(changed)
	return n, err
}

func noteID(row int64) string { return "note_" + itoa(row) }

// noteRow is the row of a note's id, -1 where it is none.
func noteRow(id string) int64 {
	digits, ok := strings.CutPrefix(id, "note_")
	n, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil {
		return -1
	}
	return n
}

// Notes reads those of some threads, the newest thousand, oldest first.
func (l *Local) Notes(ctx context.Context, threads []string) ([]Note, error) {
	list, err := json.Marshal(threads)
	if err != nil {
		return nil, err
	}
	out := []Note{}
	err = each(ctx, l.s.readers, `SELECT * FROM (`+noteColumns+`WHERE thread IN (SELECT value FROM json_each(?)) ORDER BY made_at DESC, id DESC LIMIT ?) ORDER BY made_at, id`,
		[]any{string(list), mostNotes}, func(scan func(...any) error) error {
			n, err := scanNote(scan)
			out = append(out, n)
			return err
		})
	return out, describe(l.s.path, err)
}

// AddNote keeps a note, durable when it returns. The draft of its thread is
// spent by it, in the same transaction: what was written is in one of them
// whatever happens. Of an Op that made a note already that note is given again,
// as it is by now.
func (l *Local) AddNote(ctx context.Context, n Note) (Note, error) {
	return l.addNote(ctx, n, `DELETE FROM drafts WHERE thread = ?`)
}

// PutBackNote keeps a note that was dropped again, at its time. The draft of
// its thread is somebody's next one and stays.
func (l *Local) PutBackNote(ctx context.Context, n Note) (Note, error) {
	return l.addNote(ctx, n, "")
}

func (l *Local) addNote(ctx context.Context, n Note, also string) (Note, error) {
	n.ChangedAt = n.MadeAt
	err := l.s.write(ctx, func(t *tx) error {
		if n.Op != "" {
			made, err := scanNote(t.row(noteColumns+`WHERE op_id = ? AND thread = ?`, n.Op, n.Thread).Scan)
			if err == nil {
				n = made
				return spend(t, n.Thread, also)
			}
			if !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		id, err := freshID(t, "notes")
		if err != nil {
			return err
		}
		n.ID = noteID(id)
		if _, err := t.exec(`INSERT INTO notes (id, account, thread, text, made_at, changed_at, op_id) VALUES (?1,?2,?3,?4,?5,?5,?6)`,
			id, n.Account, n.Thread, n.Text, inbox.Millis(n.MadeAt), n.Op); err != nil {
			return err
		}
		return spend(t, n.Thread, also)
	})
	return n, err
}

// spend does what goes with a note of a thread, "" for nothing.
func spend(t *tx, thread, also string) error {
	if also == "" {
		return nil
	}
	_, err := t.exec(also, thread)
	return err
}

// ChangeNote changes a note's text. ErrNotFound.
func (l *Local) ChangeNote(ctx context.Context, id, text string, at time.Time) (n Note, err error) {
	err = l.s.write(ctx, func(t *tx) error {
		if n, err = readNote(t, id); err != nil || n.Text == text {
			return err
		}
		n.Text, n.ChangedAt = text, at
		_, err := t.exec(`UPDATE notes SET text = ?, changed_at = ? WHERE id = ?`, text, inbox.Millis(at), noteRow(id))
		return err
	})
	return n, err
}

// DropNote erases a note and gives it back as it was, so that it can be put
// back. ErrNotFound.
func (l *Local) DropNote(ctx context.Context, id string) (n Note, err error) {
	err = l.s.write(ctx, func(t *tx) error {
		if n, err = readNote(t, id); err != nil {
			return err
		}
		_, err := t.exec(`DELETE FROM notes WHERE id = ?`, noteRow(id))
		return err
	})
	return n, err
}

func readNote(t *tx, id string) (Note, error) {
	n, err := scanNote(t.row(noteColumns+`WHERE id = ?`, noteRow(id)).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return n, fmt.Errorf("note %s: %w", id, ErrNotFound)
	}
	return n, err
}

// Draft reads what somebody began to write of a thread, "" where that is
// nothing.
func (l *Local) Draft(ctx context.Context, thread string) (text string, err error) {
	err = l.s.readers.QueryRowContext(ctx, `SELECT text FROM drafts WHERE thread = ?`, thread).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return text, describe(l.s.path, err)
}

// SaveDraft keeps what is being written of a thread, durable when it returns,
// until it becomes a note or is emptied: "" leaves none.
func (l *Local) SaveDraft(ctx context.Context, account, thread, text string, at time.Time) error {
	return l.s.write(ctx, func(t *tx) error {
		if text == "" {
			_, err := t.exec(`DELETE FROM drafts WHERE thread = ?`, thread)
			return err
		}
		_, err := t.exec(`INSERT INTO drafts (account, thread, text, changed_at) VALUES (?1,?2,?3,?4)
			ON CONFLICT (thread) DO UPDATE SET text = ?3, changed_at = ?4 WHERE text <> ?3`, account, thread, text, inbox.Millis(at))
		return err
	})
}
