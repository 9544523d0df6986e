package cache

import (
	"slices"

	"bandeja/internal/inbox"
)

// changes gathers, over one transaction, the threads to derive anew and the
// people whose entry in the index is stale.
type changes struct {
	threads  map[int64]bool
	contacts map[int64]bool
	people   map[string]bool
	wishes   *bool // whether the account has any laid over it, once known
	asked    int64 // when the answer that is being saved was asked for, 0 where nobody knows
	history  int   // lines of history noted
}

func newChanges(asked int64) *changes {
	return &changes{threads: map[int64]bool{}, contacts: map[int64]bool{}, people: map[string]bool{}, asked: asked}
}

func (ch *changes) touch(thread int64) { ch.threads[thread] = true }
func (ch *changes) contact(id int64)   { ch.contacts[id] = true }
func (ch *changes) person(ref string)  { ch.people[ref] = true }

// settle derives the touched threads in the same transaction and fills delta
// with what became of them.
func (ch *changes) settle(t *tx, a accountRow, delta *Delta) error {
	ids := make([]int64, 0, len(ch.threads))
	for id := range ch.threads {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		ref, contact, altered, err := deriveThread(t, a, id, ch)
		if err != nil {
			return err
		}
		if altered {
			delta.Threads = append(delta.Threads, ref)
			ch.contact(contact)
		}
	}
	for id := range ch.contacts {
		var person string
		if err := t.row(`SELECT coalesce(max(person), '') FROM contacts WHERE id = ?`, id).Scan(&person); err != nil {
			return err
		}
		if person != "" {
			ch.person(person)
		}
	}
	for ref := range ch.people {
		delta.People = append(delta.People, ref)
	}
	slices.Sort(delta.People)
	delta.History += ch.history
	return nil
}

// derived is what a thread's row says of its conversations and messages.
type derived struct {
	live, sessions                  int64
	sortAt                          int64
	status                          string
	assigned, complete, gone        bool
	lastAt                          int64
	lastDir, lastKind, lastText     string
	lastStatus                      string
	windowKnown, windowOpen         bool
	windowUntil                     int64
	newestCreated                   int64
	listedAt                        int64
	listedDir, listedText, listedSt string
	pending                         Pending
}

// deriveThread writes a thread's row anew, if it differs; a thread without
// conversations is removed, with its contact if that was its last.
func deriveThread(t *tx, a accountRow, id int64, ch *changes) (ref string, contact int64, altered bool, err error) {
	if err = t.row(`SELECT ref, contact FROM threads WHERE id = ?`, id).Scan(&ref, &contact); err != nil {
		return
	}
	d := derived{complete: true, gone: true}
	if err = d.readConversations(t, id); err != nil {
		return
	}
	if d.sessions == 0 {
		if _, err = t.exec(`DELETE FROM threads WHERE id = ?`, id); err == nil {
			err = dropEmptyContact(t, a, contact, ch)
		}
		return ref, contact, true, err
	}
	if err = d.readLast(t, id); err != nil {
		return
	}
	if err = d.overlay(t, a, id, ch); err != nil {
		return
	}
	altered, err = d.save(t, id)
	return
}

// dropEmptyContact removes a contact without threads. Its person is told: the
// index must lose them, or their line.
func dropEmptyContact(t *tx, a accountRow, id int64, ch *changes) error {
	var person, key string
	if err := t.row(`SELECT person, phone_key FROM contacts WHERE id = ?`, id).Scan(&person, &key); err != nil {
		return err
	}
	ch.person(person)
	res, err := t.exec(`DELETE FROM contacts WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM threads WHERE contact = ?1)`, id)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return settleLine(t, a, key, ch)
}

func (d *derived) readConversations(t *tx, thread int64) error {
	return t.query(`SELECT id, status, assignees <> '[]', created_at, active_at, has_last, last_at, last_dir, last_text, last_status,
		window_known, window_open, window_until, listed_mark = read_mark AND short = 0, gone
		FROM conversations WHERE thread = ? ORDER BY created_at, active_at, id`, []any{thread}, func(scan func(...any) error) error {
		var id, created, active, lastAt, until int64
		var status, dir, text, st string
		var assigned, hasLast, known, open, complete, gone bool
		if err := scan(&id, &status, &assigned, &created, &active, &hasLast, &lastAt, &dir, &text, &st, &known, &open, &until, &complete, &gone); err != nil {
			return err
		}
		d.sessions++
		d.complete = d.complete && (complete || gone)
		d.sortAt = max(d.sortAt, active)
		if hasLast && lastAt >= d.listedAt && dir != "" {
			d.listedAt, d.listedDir, d.listedText, d.listedSt = lastAt, dir, text, st
		}
		// The live one is the newest that the provider still has.
		if !gone || d.gone {
			d.live, d.status, d.assigned = id, status, assigned
			d.windowKnown, d.windowOpen, d.windowUntil = known, open, until
			d.newestCreated = created
		}
		d.gone = d.gone && gone
		return nil
	})
}

// readLast finds the last message: the newest read, or what the list says of
// one not read yet.
func (d *derived) readLast(t *tx, thread int64) error {
	found := false
	err := t.query(`SELECT at, direction, kind, text, status FROM messages WHERE thread = ? ORDER BY at DESC, seq DESC, id DESC LIMIT 1`,
		[]any{thread}, func(scan func(...any) error) error {
			found = true
			return scan(&d.lastAt, &d.lastDir, &d.lastKind, &d.lastText, &d.lastStatus)
		})
	if err != nil {
		return err
	}
	if d.listedDir != "" && (!found || d.listedAt > d.lastAt) {
		d.lastAt, d.lastDir, d.lastKind, d.lastText, d.lastStatus = d.listedAt, d.listedDir, string(inbox.Text), d.listedText, d.listedSt
	}
	if d.lastAt != 0 {
		// The list is ordered by when somebody last spoke, which at Plática
		// is not when the provider last touched the row.
		d.sortAt = d.lastAt
	}
	if d.sortAt == 0 {
		d.sortAt = d.newestCreated
	}
	d.lastText = preview(d.lastText)
	return nil
}

// previewRunes bounds what a thread's row repeats of its last message.
const previewRunes = 200

func preview(s string) string {
	n := 0
	for i := range s {
		if n == previewRunes {
			return s[:i]
		}
		n++
	}
	return s
}

func (d *derived) save(t *tx, id int64) (bool, error) {
	res, err := t.exec(`UPDATE threads SET live=?1, sort_at=?2, status=?3, assigned=?4, last_at=?5, last_dir=?6, last_kind=?7, last_text=?8, last_status=?9,
		window_known=?10, window_open=?11, window_until=?12, sessions=?13, complete=?14, gone=?15, pending=?17
		WHERE id=?16 AND (live, sort_at, status, assigned, last_at, last_dir, last_kind, last_text, last_status, window_known, window_open, window_until, sessions, complete, gone, pending)
		<> (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?17)`,
		d.live, d.sortAt, d.status, d.assigned, d.lastAt, d.lastDir, d.lastKind, d.lastText, d.lastStatus,
		d.windowKnown, d.windowOpen, d.windowUntil, d.sessions, d.complete, d.gone, id, int(d.pending))
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}
