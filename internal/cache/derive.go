package cache

import (
	"fmt"
	"maps"
	"slices"

	"bandeja/internal/inbox"
)

// changes gathers, over one transaction, the threads to derive anew and the
// people whose entry in the index is stale.
type changes struct {
	threads  map[int64]bool
	contacts map[int64]bool
	people   map[string]bool
	lines    map[string]bool // identity keys whose contacts of the account are to be seated anew
	sides    map[string]bool // contacts that a Tie names, to be seated anew
	moved    []int64         // contacts that are somebody else now, or are called otherwise
	graph    *ties           // once known
	wishes   *bool           // whether the account has any laid over it, once known
	asked    int64           // when the answer that is being saved was asked for, 0 where nobody knows
	history  int             // lines of history noted
	gone     bool            // a conversation went or came back
	doubting bool            // rows are held to what their objects say, column by column
	added    int64           // conversations inserted
	toRead   int64           // of those, how many have messages to read
	next     int64           // messages.id of the next one, once known
	kinds    map[int64]int64 // by thread, the kinds of messages that came (kindBits)
	rekind   map[int64]bool  // threads a message of which has changed its kind
}

func newChanges(asked int64) *changes {
	return &changes{threads: map[int64]bool{}, contacts: map[int64]bool{}, people: map[string]bool{}, kinds: map[int64]int64{}, rekind: map[int64]bool{}, lines: map[string]bool{}, sides: map[string]bool{}, asked: asked}
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
	ids := slices.Sorted(maps.Keys(ch.threads))
	for part := range slices.Chunk(ids, askMany) {
		if err := deriveThreads(t, a, part, ch, delta); err != nil {
			return err
		}
	}
	if err := ch.seat(t, a, ids); err != nil {
		return err
	}
	delta.History += ch.history
	delta.Gone = delta.Gone || ch.gone
	return ch.tell(t, delta)
}

// tell says who is not as they were, and which threads show somebody else.
func (ch *changes) tell(t *tx, delta *Delta) error {
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
	if len(ch.moved) == 0 {
		return nil
	}
	told := make(map[string]bool, len(delta.Threads))
	for _, ref := range delta.Threads {
		told[ref] = true
	}
	for _, id := range ch.moved {
		if err := t.query(`SELECT ref FROM threads WHERE contact = ?`, []any{id}, func(scan func(...any) error) error {
			var ref string
			err := scan(&ref)
			if !told[ref] {
				told[ref] = true
				delta.Threads = append(delta.Threads, ref)
			}
			return err
		}); err != nil {
			return err
		}
	}
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
	kinds                       int64
	woken                       bool // snoozed, and the customer has written since
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
	read                            bool // a message of it is here
}

func newDerived() derived { return derived{threadRow: threadRow{complete: true, gone: true}} }

// storedThread is a thread as its row is, and as it is to be.
type storedThread struct {
	ref     string
	contact int64
	old     threadRow
	now     derived
	snoozed int64 // until when
	over    int64 // what had been said by then
}

// wakes reports whether the customer has ended a snooze by writing. Once ended
// it stays so, whoever answers.
func (th *storedThread) wakes() bool {
	return th.old.woken || th.snoozed > 0 && th.now.lastDir == string(inbox.In) && th.now.lastAt > th.over
}

// deriveThreads writes the rows of at most askMany threads anew, where they
// differ, and tells whose entry in the people index is stale by that. A thread
// without conversations is removed, with its contact if that was its last.
func deriveThreads(t *tx, a accountRow, ids []int64, ch *changes, delta *Delta) error {
	threads, err := readThreads(t, ids)
	if err != nil {
		return err
	}
	t.touched(ids...)
	for _, id := range ids {
		th := threads[id]
		if th == nil {
			return fmt.Errorf("derive thread %d: %w", id, ErrNotFound)
		}
		if th.now.sessions == 0 {
			ch.contact(th.contact)
			delta.Threads = append(delta.Threads, th.ref)
			if _, err := t.exec(`DELETE FROM threads WHERE id = ?`, id); err != nil {
				return err
			}
			if err := dropEmptyContact(t, a, th.contact, ch); err != nil {
				return err
			}
			continue
		}
		th.now.settleLast()
		th.now.woken = th.wakes()
		if th.now.kinds, err = ch.kindsOf(t, id, th.old.kinds); err != nil {
			return err
		}
		if err := th.now.overlay(t, a, id, ch); err != nil {
			return err
		}
		if th.now.threadRow == th.old {
			continue
		}
		delta.Threads = append(delta.Threads, th.ref)
		if th.now.lastDir == string(inbox.In) && th.now.lastAt > th.old.lastAt {
			delta.Heard = append(delta.Heard, Heard{a.name, th.ref, inbox.FromMillis(th.now.lastAt)})
		}
		if th.now.known() != th.old.known() {
			ch.contact(th.contact)
		}
		if err := th.now.update(t, id, &th.old); err != nil {
			return err
		}
	}
	return nil
}

// readThreads reads threads with what their rows are derived from.
func readThreads(t *tx, ids []int64) (map[int64]*storedThread, error) {
	threads := make(map[int64]*storedThread, len(ids))
	list, args := asked(ids)
	if err := t.query(`SELECT id, ref, contact, live, sessions, sort_at, status, assigned, complete, gone, last_at, last_dir, last_kind, last_text, last_status,
		window_known, window_open, window_until, pending, kinds, woken, snoozed_until, snoozed_over FROM threads WHERE id IN `+list, args, func(scan func(...any) error) error {
		var id int64
		th := &storedThread{now: newDerived()}
		old := &th.old
		err := scan(&id, &th.ref, &th.contact, &old.live, &old.sessions, &old.sortAt, &old.status, &old.assigned, &old.complete, &old.gone, &old.lastAt, &old.lastDir,
			&old.lastKind, &old.lastText, &old.lastStatus, &old.windowKnown, &old.windowOpen, &old.windowUntil, &old.pending, &old.kinds, &old.woken, &th.snoozed, &th.over)
		threads[id] = th
		return err
	}); err != nil {
		return nil, err
	}
	if err := readConversations(t, list, args, threads); err != nil {
		return nil, err
	}
	// The newest message of each.
	return threads, t.query(`SELECT thread, at, direction, kind, text, status FROM messages WHERE id IN
		(SELECT (SELECT id FROM messages m WHERE m.thread = t.id ORDER BY at DESC, seq DESC, id DESC LIMIT 1) FROM threads t WHERE t.id IN `+list+`)`,
		args, func(scan func(...any) error) error {
			var id int64
			var d derived
			err := scan(&id, &d.lastAt, &d.lastDir, &d.lastKind, &d.lastText, &d.lastStatus)
			if now := &threads[id].now; err == nil {
				now.lastAt, now.lastDir, now.lastKind, now.lastText, now.lastStatus, now.read = d.lastAt, d.lastDir, d.lastKind, d.lastText, d.lastStatus, true
			}
			return err
		})
}

// kindsOf are the kinds of message that a thread has: those it had and those
// that came, or those that there are where one has changed.
func (ch *changes) kindsOf(t *tx, thread, had int64) (mask int64, err error) {
	if !ch.rekind[thread] {
		return had | ch.kinds[thread], nil
	}
	err = t.query(`SELECT DISTINCT kind FROM messages WHERE thread = ?`, []any{thread}, func(scan func(...any) error) error {
		var kind inbox.Kind
		err := scan(&kind)
		mask |= kindBits[kind]
		return err
	})
	return mask, err
}

// dropEmptyContact removes a contact without threads. Its person is told: the
// index must lose them, or their line.
func dropEmptyContact(t *tx, a accountRow, id int64, ch *changes) error {
	var person, key, remote string
	if err := t.row(`SELECT person, phone_key, remote FROM contacts WHERE id = ?`, id).Scan(&person, &key, &remote); err != nil {
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
	return ch.reseat(t, a, remote, key)
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

// readConversations adds its conversations to each thread, by age.
func readConversations(t *tx, list string, args []any, threads map[int64]*storedThread) error {
	return t.query(`SELECT thread, id, status, assignees <> '[]', created_at, active_at, has_last, last_at, last_dir, last_text, last_status,
		window_known, window_open, window_until, listed_mark = read_mark AND short = 0, gone
		FROM conversations WHERE thread IN `+list+` ORDER BY created_at, active_at, id`, args, func(scan func(...any) error) error {
		var thread int64
		var p part
		if err := scan(&thread, &p.id, &p.status, &p.assigned, &p.created, &p.active, &p.hasLast, &p.lastAt, &p.lastDir, &p.text, &p.lastSt,
			&p.known, &p.open, &p.until, &p.complete, &p.gone); err != nil {
			return err
		}
		threads[thread].now.add(&p)
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

// settleLast chooses between the newest message read and what is listed of one
// that is not read yet.
func (d *derived) settleLast() {
	if d.listedDir != "" && (!d.read || d.listedAt > d.lastAt) {
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
	if d.woken != old.woken {
		if _, err := t.exec(`UPDATE threads SET woken=? WHERE id=?`, d.woken, id); err != nil {
			return err
		}
	}
	_, err := t.exec(`UPDATE threads SET live=?, sessions=?, complete=?, last_kind=?, last_text=?, last_status=?, window_known=?, window_open=?, pending=?, kinds=? WHERE id=?`,
		d.live, d.sessions, d.complete, d.lastKind, d.lastText, d.lastStatus, d.windowKnown, d.windowOpen, int(d.pending), d.kinds, id)
	return err
}
