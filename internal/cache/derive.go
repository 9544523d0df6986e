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
	added    int64 // conversations inserted
	toRead   int64 // of those, how many have messages to read
}

func newChanges(asked int64) *changes {
	return &changes{threads: map[int64]bool{}, contacts: map[int64]bool{}, people: map[string]bool{}, asked: asked}
}

func (ch *changes) touch(thread int64) { ch.threads[thread] = true }
func (ch *changes) contact(id int64)   { ch.contacts[id] = true }
func (ch *changes) person(ref string)  { ch.people[ref] = true }

// settle counts what was added, derives the touched threads in the same transaction and fills delta
// with what became of them.
func (ch *changes) settle(t *tx, a accountRow, delta *Delta) error {
	if ch.added > 0 {
		if _, err := t.exec(`UPDATE accounts SET conversations = conversations + ?, to_read = to_read + ? WHERE id = ?`, ch.added, ch.toRead, a.id); err != nil {
			return err
		}
	}
	ids := make([]int64, 0, len(ch.threads))
	for id := range ch.threads {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		ref, altered, err := deriveThread(t, a, id, ch)
		if err != nil {
			return err
		}
		if altered {
			delta.Threads = append(delta.Threads, ref)
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

// threadRow is what a thread's row says of its conversations and messages.
type threadRow struct {
	live, sessions              int64
	sortAt                      int64
	status                      string
	assigned, complete, gone    bool
	lastAt                      int64
	lastDir, lastKind, lastText string
	lastStatus                  string
	windowKnown, windowOpen     bool
	windowUntil                 int64
	pending                     Pending
}

// listed is the part that lists are filtered and sorted by.
func (r *threadRow) listed() any {
	type listed struct {
		sortAt, lastAt, windowUntil int64
		status, lastDir             string
		assigned, gone              bool
	}
	return listed{r.sortAt, r.lastAt, r.windowUntil, r.status, r.lastDir, r.assigned, r.gone}
}

// known is the part that the people index holds (PersonRow).
func (r *threadRow) known() any {
	type known struct {
		live, sessions, sortAt, lastAt int64
		status                         string
		gone                           bool
	}
	return known{r.live, r.sessions, r.sortAt, r.lastAt, r.status, r.gone}
}

// derived is a thread's row in the making.
type derived struct {
	threadRow
	newestCreated                   int64
	listedAt                        int64
	listedDir, listedText, listedSt string
}

// deriveThread writes a thread's row anew, if it differs, and tells whose
// entry in the people index is stale by that; a thread without conversations
// is removed, with its contact if that was its last.
func deriveThread(t *tx, a accountRow, id int64, ch *changes) (ref string, altered bool, err error) {
	var old threadRow
	var contact int64
	if err = t.row(`SELECT ref, contact, live, sessions, sort_at, status, assigned, complete, gone, last_at, last_dir, last_kind, last_text, last_status,
		window_known, window_open, window_until, pending FROM threads WHERE id = ?`, id).
		Scan(&ref, &contact, &old.live, &old.sessions, &old.sortAt, &old.status, &old.assigned, &old.complete, &old.gone, &old.lastAt, &old.lastDir, &old.lastKind,
			&old.lastText, &old.lastStatus, &old.windowKnown, &old.windowOpen, &old.windowUntil, &old.pending); err != nil {
		return
	}
	d := derived{threadRow: threadRow{complete: true, gone: true}}
	if err = d.readConversations(t, id); err != nil {
		return
	}
	if d.sessions == 0 {
		ch.contact(contact)
		if _, err = t.exec(`DELETE FROM threads WHERE id = ?`, id); err == nil {
			err = dropEmptyContact(t, a, contact, ch)
		}
		return ref, true, err
	}
	if err = d.readLast(t, id); err != nil {
		return
	}
	if err = d.overlay(t, a, id, ch); err != nil || d.threadRow == old {
		return ref, false, err
	}
	if d.known() != old.known() {
		ch.contact(contact)
	}
	return ref, true, d.update(t, id, &old)
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

// part is what one conversation gives to its thread.
type part struct {
	id                    int64
	status                string
	assigned              bool
	created, active       int64
	hasLast               bool
	lastAt                int64
	lastDir, text, lastSt string
	known, open           bool
	until                 int64
	complete, gone        bool
}

func (d *derived) readConversations(t *tx, thread int64) error {
	return t.query(`SELECT id, status, assignees <> '[]', created_at, active_at, has_last, last_at, last_dir, last_text, last_status,
		window_known, window_open, window_until, listed_mark = read_mark AND short = 0, gone
		FROM conversations WHERE thread = ? ORDER BY created_at, active_at, id`, []any{thread}, func(scan func(...any) error) error {
		var p part
		if err := scan(&p.id, &p.status, &p.assigned, &p.created, &p.active, &p.hasLast, &p.lastAt, &p.lastDir, &p.text, &p.lastSt,
			&p.known, &p.open, &p.until, &p.complete, &p.gone); err != nil {
			return err
		}
		d.add(&p)
		return nil
	})
}

// add takes the next conversation, by age, into account.
func (d *derived) add(p *part) {
	d.sessions++
	d.complete = d.complete && (p.complete || p.gone)
	d.sortAt = max(d.sortAt, p.active)
	if p.hasLast && p.lastAt >= d.listedAt && p.lastDir != "" {
		d.listedAt, d.listedDir, d.listedText, d.listedSt = p.lastAt, p.lastDir, p.text, p.lastSt
	}
	// The live one is the newest that the provider still has.
	if !p.gone || d.gone {
		d.live, d.status, d.assigned = p.id, p.status, p.assigned
		d.windowKnown, d.windowOpen, d.windowUntil = p.known, p.open, p.until
		d.newestCreated = p.created
	}
	d.gone = d.gone && p.gone
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
	d.settleLast(found)
	return err
}

// settleLast chooses between the newest message read, where one was found, and
// what is listed of the last.
func (d *derived) settleLast(found bool) {
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

// update writes what differs from old. What the views' indexes are over is
// named only where it does: SQLite takes a row out of an index and puts it back
// for a column that is merely named.
func (d *derived) update(t *tx, id int64, old *threadRow) error {
	if d.listed() != old.listed() {
		if _, err := t.exec(`UPDATE threads SET sort_at=?, last_at=?, window_until=?, status=?, last_dir=?, assigned=?, gone=? WHERE id=?`,
			d.sortAt, d.lastAt, d.windowUntil, d.status, d.lastDir, d.assigned, d.gone, id); err != nil {
			return err
		}
	}
	_, err := t.exec(`UPDATE threads SET live=?, sessions=?, complete=?, last_kind=?, last_text=?, last_status=?, window_known=?, window_open=?, pending=? WHERE id=?`,
		d.live, d.sessions, d.complete, d.lastKind, d.lastText, d.lastStatus, d.windowKnown, d.windowOpen, int(d.pending), id)
	return err
}
