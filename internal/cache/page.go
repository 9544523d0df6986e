package cache

import (
	"database/sql"
	"slices"
	"time"

	"bandeja/internal/inbox"
)

// pageWriter saves the rows of one page of a list. What a page needs to know
// of the rows that are here it asks once, not row by row.
type pageWriter struct {
	t     *tx
	a     accountRow
	begun int64 // NextFetch's number of the request that the page answers
	ch    *changes

	known    map[string]knownRow // by the provider's id: the rows that were here before the page
	contacts map[string]bool     // contacts.remote that are here
	lines    map[string]bool     // contacts.phone_key that are here
	saved    map[string]bool     // ids that the page has had
	next     int64               // conversations.id of the next row
	floor    int64               // accounts.read_floor
	plain    bool                // nothing is laid over the account's rows
	ties     *ties
}

// knownRow is a row that was here before the page.
type knownRow struct {
	id   int64
	same bool // the page's row says nothing new
}

// savePage writes the rows of a page, notes that they have been seen, and
// derives what follows from them.
func savePage(t *tx, a accountRow, page *inbox.Page[inbox.Conversation], begun, asked int64, delta *Delta) error {
	w := pageWriter{t: t, a: a, begun: begun, ch: newChanges(asked), saved: map[string]bool{}}
	if err := t.row(`SELECT EXISTS (SELECT 1 FROM feeds WHERE account = ? AND kind = ? AND running AND everything)`, a.id, string(Sweep)).Scan(&w.ch.doubting); err != nil {
		return err
	}
	ids, err := w.save(page.Items, delta)
	if err != nil {
		return err
	}
	if err := noteSeen(t, a, ids); err != nil {
		return err
	}
	if err := noteFound(t, a, page.Items); err != nil {
		return err
	}
	if err := saveRejects(t, a, page.Rejected, time.Now()); err != nil {
		return err
	}
	if err := saveWorkspaces(t, a, page.Workspaces); err != nil {
		return err
	}
	if err := w.ch.settle(t, a, delta); err != nil {
		return err
	}
	if err := t.wrote(delta.Conversations); err != nil {
		return err
	}
	return noteFetch(t, a, begun, *delta)
}

func (w *pageWriter) save(items []inbox.Conversation, delta *Delta) ([]int64, error) {
	out, allowed, err := w.keepOut(items)
	if err != nil {
		return nil, err
	}
	if err := w.look(allowed); err != nil {
		return nil, err
	}
	ids := make([]int64, 0, len(items))
	for i := range items {
		if out[items[i].ID] {
			delta.Fresh = append(delta.Fresh, false)
			continue
		}
		id, altered, err := w.one(&items[i], delta)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
		delta.Fresh = append(delta.Fresh, altered)
		if altered {
			delta.Conversations++
		}
	}
	return ids, nil
}

// keepOut names the conversations of a page that are somebody's who was
// forgotten, and gives the others. What was here of those is erased: a number
// may have become one of them.
func (w *pageWriter) keepOut(items []inbox.Conversation) (out map[string]bool, allowed []inbox.Conversation, err error) {
	f := w.a.out.of()
	if f.none() {
		return nil, items, nil
	}
	out = map[string]bool{}
	for i := range items {
		if !f.keepsOut(w.a, &items[i]) {
			allowed = append(allowed, items[i])
			continue
		}
		out[items[i].ID] = true
		if err := eraseKnown(w.t, w.a, items[i].ID, w.ch); err != nil {
			return nil, nil, err
		}
	}
	return out, allowed, nil
}

// one saves a row by the shortest way that is right: none for what says
// nothing new, straight inserts for a customer nobody knew, and else the way of
// any single row.
func (w *pageWriter) one(c *inbox.Conversation, delta *Delta) (id int64, altered bool, err error) {
	old, known := w.known[c.ID]
	again := w.saved[c.ID]
	if known && old.same && !again {
		return old.id, false, nil
	}
	k := contactOf(w.a, c)
	if !known && !again && w.plain && !w.contacts[k.remote] && !w.lines[k.number.Key] {
		id, err = w.newcomer(c, k, delta)
		altered = true
	} else {
		id, altered, err = saveConversation(w.t, w.a, c, w.begun, w.ch)
	}
	w.saved[c.ID], w.contacts[k.remote] = true, true
	if k.number.Key != "" {
		w.lines[k.number.Key] = true
	}
	w.next = max(w.next, id+1)
	return id, altered, err
}

// newcomer adds a conversation with its contact and its thread, neither of
// which was here: all there is to derive from is in hand.
func (w *pageWriter) newcomer(c *inbox.Conversation, k contactKey, delta *Delta) (int64, error) {
	contact, err := insertContact(w.t, w.a, c, k)
	if err != nil {
		return 0, err
	}
	d := newDerived()
	d.add(&part{
		id: w.next, status: string(c.Status), assigned: len(c.Assignees) > 0, created: inbox.Millis(c.CreatedAt), active: inbox.Millis(c.ActiveAt),
		hasLast: c.HasLast, lastAt: inbox.Millis(c.LastMessageAt), lastDir: string(c.LastDirection), text: c.LastText, lastSt: c.LastStatus,
		known: c.Window.Known, open: c.Window.Open, until: inbox.Millis(c.Window.Until), complete: c.Version == "",
	})
	d.settleLast()
	ref := inbox.StableID("t", w.a.name, c.Channel, k.remote)
	res, err := w.t.exec(`INSERT INTO threads (ref, account, channel, contact, live, sort_at, status, assigned, last_at, last_dir, last_kind, last_text, last_status,
		window_known, window_open, window_until, sessions, complete, gone, read_at)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		ref, w.a.id, c.Channel, contact, d.live, d.sortAt, d.status, d.assigned, d.lastAt, d.lastDir, d.lastKind, d.lastText, d.lastStatus,
		d.windowKnown, d.windowOpen, d.windowUntil, d.sessions, d.complete, d.gone, w.floor)
	if err != nil {
		return 0, err
	}
	thread, err := res.LastInsertId()
	if err != nil {
		return 0, err
	}
	w.t.touched(thread)
	delta.Threads = append(delta.Threads, ref)
	w.ch.person(personOf(w.a, k))
	if !w.ties.none() {
		w.ch.reseatNamed(w.ties, w.a, k)
	}
	return insertConversation(w.t, w.a, c, w.next, thread, w.begun, w.ch)
}

// ask runs a query about values, askMany at a time, which it has as its last
// argument: the account's row number comes before them.
func (w *pageWriter) ask(query string, values []string, fn func(scan func(...any) error) error) error {
	for part := range slices.Chunk(values, askMany) {
		list, args := asked(part)
		if err := w.t.query(query+list, append([]any{w.a.id}, args...), fn); err != nil {
			return err
		}
	}
	return nil
}

// look finds out what is here of a page: its conversations, and for those that
// are not, whether their customers are.
func (w *pageWriter) look(items []inbox.Conversation) error {
	if err := w.lookForRows(items); err != nil || len(w.known) == len(items) {
		return err
	}
	w.contacts, w.lines = map[string]bool{}, map[string]bool{}
	var remotes, keys []string
	for i := range items {
		if _, ok := w.known[items[i].ID]; ok {
			continue
		}
		k := contactOf(w.a, &items[i])
		remotes = append(remotes, k.remote)
		if k.number.Key != "" {
			keys = append(keys, k.number.Key)
		}
	}
	into := func(set map[string]bool) func(scan func(...any) error) error {
		return func(scan func(...any) error) error {
			var v string
			err := scan(&v)
			set[v] = true
			return err
		}
	}
	if err := w.ask(`SELECT remote FROM contacts WHERE account = ? AND remote IN `, remotes, into(w.contacts)); err != nil {
		return err
	}
	if err := w.ask(`SELECT phone_key FROM contacts WHERE account = ? AND phone_key <> '' AND phone_key IN `, keys, into(w.lines)); err != nil {
		return err
	}
	wished, err := w.ch.wished(w.t, w.a)
	if err != nil {
		return err
	}
	w.plain = !wished
	if w.ties, err = w.ch.ties(w.t, w.a); err != nil {
		return err
	}
	return w.t.row(`SELECT (SELECT coalesce(max(id), 0) + 1 FROM conversations), read_floor FROM accounts WHERE id = ?`, w.a.id).Scan(&w.next, &w.floor)
}

const knownRows = `SELECT remote, id, listed_seq, read_seq, gone, listed FROM conversations WHERE account = ? AND remote IN `

// lookForRows finds the rows that are here and compares each with the page's.
// Those that are not plainly the same are left to saveConversation.
func (w *pageWriter) lookForRows(items []inbox.Conversation) error {
	w.known, w.contacts, w.lines = make(map[string]knownRow, len(items)), map[string]bool{}, map[string]bool{}
	at := make(map[string]*inbox.Conversation, len(items))
	remotes := make([]string, len(items))
	for i := range items {
		remotes[i], at[items[i].ID] = items[i].ID, &items[i]
	}
	return w.ask(knownRows, remotes, func(scan func(...any) error) error {
		var remote string
		var row knownRow
		var listedSeq, readSeq int64
		var gone bool
		var listed sql.RawBytes
		if err := scan(&remote, &row.id, &listedSeq, &readSeq, &gone, &listed); err != nil {
			return err
		}
		c := at[remote]
		row.same = w.begun < max(listedSeq, readSeq) ||
			!w.ch.doubting && c.Form != inbox.Read && !gone && listed != nil && listedSeq > readSeq && sameJSON(listed, blob(c.Raw))
		w.known[remote] = row
		return nil
	})
}
