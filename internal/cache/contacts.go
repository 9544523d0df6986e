package cache

import (
	"database/sql"
	"errors"
	"strings"

	"bandeja/internal/inbox"
	"bandeja/internal/phone"
)

// contactKey is a customer as one account names them (DESIGN §4): Waspy's
// contactId; at Plática, which has none on a conversation, workspace, channel
// and the phone's identity key, or else the conversationId.
type contactKey struct {
	remote string
	number phone.Number
}

func contactOf(a accountRow, c *inbox.Conversation) contactKey {
	k := contactKey{number: phone.Parse(c.Phone, a.phones)}
	if c.Contact != "" {
		k.remote = "id:" + c.Contact
		return k
	}
	who := "conversation:" + c.ID
	switch {
	case k.number.Key != "":
		who = "line:" + k.number.Key
	case c.PublicID != "":
		who = "public:" + c.PublicID
	}
	k.remote = strings.Join([]string{c.Workspace, c.Channel, who}, "|")
	return k
}

// contactID is Waspy's contactId of a contact's name here, "" for one that is
// named otherwise.
func contactID(remote string) string {
	id, ok := strings.CutPrefix(remote, "id:")
	if !ok {
		return ""
	}
	return id
}

// placeConversation finds or makes the contact and thread of a conversation
// and keeps the contact's name and number as its newest conversation has them.
func placeConversation(t *tx, a accountRow, c *inbox.Conversation, k contactKey, ch *changes) (contact, thread int64, err error) {
	contact, err = saveContact(t, a, c, k, ch)
	if err != nil {
		return 0, 0, err
	}
	err = t.row(`SELECT id FROM threads WHERE account = ? AND channel = ? AND contact = ?`, a.id, c.Channel, contact).Scan(&thread)
	if !errors.Is(err, sql.ErrNoRows) {
		return contact, thread, err
	}
	// It counts as gone until it is derived, so that it enters the views'
	// indexes once, with what it says then.
	res, err := t.exec(`INSERT INTO threads (ref, account, channel, contact, gone, read_at) VALUES (?,?,?,?, 1, (SELECT read_floor FROM accounts WHERE id = ?))`,
		inbox.StableID("t", a.name, c.Channel, k.remote), a.id, c.Channel, contact, a.id)
	if err != nil {
		return 0, 0, err
	}
	thread, err = res.LastInsertId()
	return contact, thread, err
}

// contactRow is what is compared before a contact is written.
type contactRow struct {
	name, written string
	key, e164     string
	display       string
	guessed       bool
}

func saveContact(t *tx, a accountRow, c *inbox.Conversation, k contactKey, ch *changes) (int64, error) {
	var id, newest int64
	var old contactRow
	err := t.row(`SELECT id, name, phone, phone_key, e164, display, guessed,
		coalesce((SELECT max(c.created_at) FROM threads t JOIN conversations c ON c.thread = t.id WHERE t.contact = contacts.id), 0)
		FROM contacts WHERE account = ? AND remote = ?`, a.id, k.remote).
		Scan(&id, &old.name, &old.written, &old.key, &old.e164, &old.display, &old.guessed, &newest)
	if errors.Is(err, sql.ErrNoRows) {
		return addContact(t, a, c, k, ch)
	}
	if err != nil || inbox.Millis(c.CreatedAt) < newest {
		return id, err
	}
	now, n := contactRow{name: c.Name, written: c.Phone}, k.number
	if now.name == "" { // a session without a name takes none away
		now.name = old.name
	}
	if now.written == "" {
		now.written = old.written
		n = phone.Parse(old.written, a.phones)
	}
	now.key, now.e164, now.display, now.guessed = n.Key, n.E164, n.Display, n.Guessed
	if now == old {
		return id, nil
	}
	ch.contact(id)
	ch.moved = append(ch.moved, id)
	if now.key == old.key && now.guessed == old.guessed { // who it is does not change
		_, err := t.exec(`UPDATE contacts SET name=?, phone=?, e164=?, display=? WHERE id=?`, now.name, now.written, now.e164, now.display, id)
		return id, err
	}
	var before string
	if err := t.row(`SELECT person FROM contacts WHERE id = ?`, id).Scan(&before); err != nil {
		return 0, err
	}
	ch.person(before)
	if _, err := t.exec(`UPDATE contacts SET name=?, phone=?, phone_key=?, e164=?, display=?, guessed=? WHERE id=?`,
		now.name, now.written, now.key, now.e164, now.display, now.guessed, id); err != nil {
		return 0, err
	}
	if err := settleWho(t, id, personOf(a, contactKey{k.remote, n})); err != nil {
		return 0, err
	}
	if err := ch.reseat(t, a, k.remote, old.key); err != nil {
		return 0, err
	}
	return id, ch.reseat(t, a, k.remote, now.key)
}

func addContact(t *tx, a accountRow, c *inbox.Conversation, k contactKey, ch *changes) (int64, error) {
	id, err := insertContact(t, a, c, k)
	if err != nil {
		return 0, err
	}
	return id, ch.reseat(t, a, k.remote, k.number.Key)
}

func insertContact(t *tx, a accountRow, c *inbox.Conversation, k contactKey) (int64, error) {
	n := k.number
	res, err := t.exec(`INSERT INTO contacts (account, remote, person, name, phone, phone_key, e164, display, guessed) VALUES (?,?,?,?,?,?,?,?,?)`,
		a.id, k.remote, personOf(a, k), c.Name, c.Phone, n.Key, n.E164, n.Display, n.Guessed)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

// personOf says who a contact is by itself: the owner of its line, by SEARCH
// §1. A line whose country is the account's guess is one of that account
// alone, until it is found written in full there (seats.go).
func personOf(a accountRow, k contactKey) string {
	n := k.number
	switch {
	case n.Key == "":
		return contactPerson(a.name, k.remote)
	case n.Guessed:
		return guessedPerson(a.name, n.Key)
	}
	return linePerson(n.Key)
}

func linePerson(key string) string { return inbox.StableID("p", "line", key) }

func guessedPerson(account, key string) string { return inbox.StableID("p", "line of", account, key) }

func contactPerson(account, remote string) string {
	return inbox.StableID("p", "contact", account, remote)
}
