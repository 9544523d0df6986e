package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"bandeja/internal/inbox"
	"bandeja/internal/phone"
)

// What meta keeps of the rules for numbers: the version by which the keys here
// are made, and while they are being made anew, the last contact that is done.
const (
	phoneRulesKey = "phone_rules"
	rekeyedKey    = "rekeyed_to"
)

// rekeyBatch is how many contacts are read anew in one transaction: a writer
// waits some milliseconds for it, some tens where every one of them moves.
const rekeyBatch = 200

// beginRekey has every number read anew where the file was written by other
// rules than these, newer ones too: two sets of keys side by side would part
// one line in two. It costs two rows; Rekey does the work.
func (c *Cache) beginRekey(ctx context.Context, version int) error {
	had, err := c.meta(ctx, phoneRulesKey)
	now := itoa(int64(version))
	if err != nil || had == now {
		return err
	}
	return c.s.write(ctx, func(t *tx) error {
		if err := rekeyFromStart(t); err != nil {
			return err
		}
		return saveMeta(t, phoneRulesKey, now)
	})
}

// rekeyFromStart forgets how far the numbers have been read anew.
func rekeyFromStart(t *tx) error {
	_, err := t.exec(`INSERT INTO meta (key, value) SELECT ?1, '0' WHERE EXISTS (SELECT 1 FROM contacts)
		ON CONFLICT (key) DO UPDATE SET value = '0'`, rekeyedKey)
	return err
}

// Rekey reads a batch of the stored numbers anew from their raw text, after
// the rules for numbers, or an account's region or area, have changed (SEARCH
// §1): keys, forms, and the people that follow from them. It asks nobody
// anything. more is false when nothing is left to do; killed at any point, the
// next call goes on after the last batch that was committed.
//
// Plática's contacts are named by their line, so their conversations may move
// to another thread. local.db knows lines, contacts and threads by what they
// are called: what is called otherwise now is noted for PendingRenames.
func (c *Cache) Rekey(ctx context.Context) (delta Delta, more bool, err error) {
	if at, err := c.meta(ctx, rekeyedKey); err != nil || at == "" {
		return Delta{}, false, err
	}
	err = c.s.write(ctx, func(t *tx) error {
		delta, more = Delta{}, false
		rows, err := nextToRekey(t)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			_, err := t.exec(`DELETE FROM meta WHERE key = ?`, rekeyedKey)
			return err
		}
		more = true
		if err := rekey(t, c.ties, c.out, rows, &delta); err != nil {
			return err
		}
		return saveMeta(t, rekeyedKey, itoa(rows[len(rows)-1].id))
	})
	if err != nil {
		return Delta{}, false, fmt.Errorf("read the numbers anew: %w", err)
	}
	return delta, more, nil
}

// oldContact is a contact as older rules have it.
type oldContact struct {
	id, account int64
	remote      string
	person      string
	contactRow
}

func nextToRekey(t *tx) (rows []oldContact, err error) {
	err = t.query(`SELECT id, account, remote, person, name, phone, phone_key, e164, display, guessed FROM contacts
		WHERE id > (SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?) ORDER BY id LIMIT ?`, []any{rekeyedKey, rekeyBatch}, func(scan func(...any) error) error {
		var k oldContact
		err := scan(&k.id, &k.account, &k.remote, &k.person, &k.name, &k.written, &k.key, &k.e164, &k.display, &k.guessed)
		rows = append(rows, k)
		return err
	})
	return rows, err
}

// rekey reads a batch anew, and derives what follows account by account.
func rekey(t *tx, memory *tiesMemory, out *keptOut, rows []oldContact, delta *Delta) error {
	// As the file has them: one may be changed there, and not in memory yet.
	accounts, err := accountRows(memory, out, t.query)
	if err != nil {
		return err
	}
	works := map[int64]*rekeying{}
	for i := range rows {
		k := &rows[i]
		w := works[k.account]
		if w == nil {
			w = &rekeying{t: t, a: accounts[k.account], ch: newChanges(0), delta: delta, entered: map[int64]bool{}}
			works[k.account] = w
		}
		if err := w.contact(k); err != nil {
			return err
		}
	}
	for _, w := range works {
		var d Delta
		if err := w.ch.settle(t, w.a, &d); err != nil {
			return err
		}
		delta.Add(d)
	}
	return nil
}

// rekeying is the contacts of one account in a batch.
type rekeying struct {
	t       *tx
	a       accountRow
	ch      *changes
	delta   *Delta
	entered map[int64]bool // threads that conversations have moved to
}

func (w *rekeying) contact(k *oldContact) error {
	if contactID(k.remote) == "" {
		// One that all have left goes when its threads are derived.
		if stays, err := w.moveSessions(k); err != nil || !stays {
			return err
		}
	}
	n := phone.Parse(k.written, w.a.phones)
	now := contactRow{k.name, k.written, n.Key, n.E164, n.Display, n.Guessed}
	if now != k.contactRow {
		w.ch.contact(k.id)
		if _, err := w.t.exec(`UPDATE contacts SET phone_key=?, e164=?, display=?, guessed=? WHERE id=?`, n.Key, n.E164, n.Display, n.Guessed, k.id); err != nil {
			return err
		}
	}
	if err := w.renameLine(k, contactKey{k.remote, n}); err != nil {
		return err
	}
	return w.settlePerson(k, n)
}

// settlePerson writes who the contact is by its new key.
func (w *rekeying) settlePerson(k *oldContact, n phone.Number) error {
	for _, key := range []string{k.key, n.Key} {
		if err := w.ch.reseat(w.t, w.a, k.remote, key); err != nil {
			return err
		}
	}
	person := personOf(w.a, contactKey{k.remote, n})
	if n.Key != "" || person == k.person {
		return nil // its line says who it is
	}
	w.ch.person(k.person)
	w.ch.person(person)
	return settleWho(w.t, k.id, person)
}

// lineSession is a conversation of a contact that is named by its line.
type lineSession struct {
	id, thread, messages int64
	c                    inbox.Conversation
}

// moveSessions moves the conversations of a contact to the contacts and threads
// that their numbers name now. k becomes what those that stay say, if any do.
func (w *rekeying) moveSessions(k *oldContact) (stays bool, err error) {
	all, err := w.sessions(k.id)
	if err != nil {
		return false, err
	}
	var stay []lineSession
	for i := range all {
		s := &all[i]
		to := contactOf(w.a, &s.c)
		if to.remote == k.remote {
			stay = append(stay, *s)
			continue
		}
		if err := w.move(k, s, to); err != nil {
			return false, err
		}
	}
	if len(stay) == 0 || len(stay) == len(all) {
		return len(stay) > 0, nil
	}
	return true, w.rename(k, stay)
}

func (w *rekeying) sessions(contact int64) (all []lineSession, err error) {
	err = w.t.query(`SELECT c.id, c.thread, c.messages, c.remote, c.public_id, c.workspace, c.channel, c.name, c.phone, c.created_at
		FROM threads t JOIN conversations c ON c.thread = t.id WHERE t.contact = ? ORDER BY c.created_at, c.id`, []any{contact}, func(scan func(...any) error) error {
		var s lineSession
		var created int64
		err := scan(&s.id, &s.thread, &s.messages, &s.c.ID, &s.c.PublicID, &s.c.Workspace, &s.c.Channel, &s.c.Name, &s.c.Phone, &created)
		s.c.CreatedAt = inbox.FromMillis(created)
		all = append(all, s)
		return err
	})
	return all, err
}

// rename gives a contact the name and number of the newest that has some.
func (w *rekeying) rename(k *oldContact, newestLast []lineSession) error {
	name, written := "", ""
	for _, s := range newestLast {
		if s.c.Name != "" {
			name = s.c.Name
		}
		if s.c.Phone != "" {
			written = s.c.Phone
		}
	}
	if name == k.name && written == k.written {
		return nil
	}
	k.name, k.written = name, written
	w.ch.contact(k.id)
	_, err := w.t.exec(`UPDATE contacts SET name = ?, phone = ? WHERE id = ?`, name, written, k.id)
	return err
}

func (w *rekeying) move(k *oldContact, s *lineSession, to contactKey) error {
	contact, thread, err := placeConversation(w.t, w.a, &s.c, to, w.ch)
	if err != nil {
		return err
	}
	w.ch.contact(contact)
	w.ch.touch(s.thread)
	w.ch.touch(thread)
	if err := w.carryRead(s.thread, thread); err != nil {
		return err
	}
	if err := moveMessages(w.t, s.id, s.thread, thread, w.ch); err != nil {
		return err
	}
	if _, err := w.t.exec(`UPDATE conversations SET thread = ? WHERE id = ?`, thread, s.id); err != nil {
		return err
	}
	w.delta.Conversations++
	w.delta.Messages += int(s.messages)
	if err := w.renameLine(k, to); err != nil {
		return err
	}
	if err := noteRename(w.t, Rename{Kind: RenamedContact, Account: w.a.name, Before: k.remote, After: to.remote}); err != nil {
		return err
	}
	r := Rename{Kind: RenamedThread, Account: w.a.name}
	if err := w.t.row(`SELECT (SELECT ref FROM threads WHERE id = ?), (SELECT ref FROM threads WHERE id = ?)`, s.thread, thread).Scan(&r.Before, &r.After); err != nil {
		return err
	}
	return noteRename(w.t, r)
}

// carryRead gives the thread that is entered the read mark of the one that is
// left. Of two threads that become one the earlier mark stays: what looks
// unread once more is seen, what looks read and is not never would be.
func (w *rekeying) carryRead(from, to int64) error {
	q := `UPDATE threads SET read_at = min(read_at, (SELECT read_at FROM threads WHERE id = ?)) WHERE id = ?`
	if !w.entered[to] {
		q = `UPDATE threads SET read_at = iif(sessions = 0, o.read_at, min(threads.read_at, o.read_at)) FROM (SELECT read_at FROM threads WHERE id = ?) o WHERE id = ?`
	}
	w.entered[to] = true
	_, err := w.t.exec(q, from, to)
	return err
}

// renameLine notes that a contact's line is called otherwise. One that turns
// out to be no number is the contact alone.
func (w *rekeying) renameLine(k *oldContact, to contactKey) error {
	switch key := to.number.Key; {
	case k.key == "" || k.key == key:
		return nil
	case key == "":
		return noteRename(w.t, Rename{Kind: RenamedLineToContact, Account: w.a.name, Before: k.key, After: to.remote})
	default:
		return noteRename(w.t, Rename{Kind: RenamedLine, Before: k.key, After: key})
	}
}

// meta reads a value of meta, "" where there is none.
func (c *Cache) meta(ctx context.Context, key string) (v string, err error) {
	err = c.s.readers.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = ?`, key).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return v, describe(c.s.path, err)
}

func saveMeta(t *tx, key, value string) error {
	_, err := t.exec(`INSERT INTO meta (key, value) VALUES (?1,?2) ON CONFLICT (key) DO UPDATE SET value = ?2`, key, value)
	return err
}
