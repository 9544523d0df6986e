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
	res, err := t.exec(`INSERT INTO threads (ref, account, channel, contact, read_at) VALUES (?,?,?,?, (SELECT read_floor FROM accounts WHERE id = ?))`,
		inbox.StableID("t", a.name, c.Channel, k.remote), a.id, c.Channel, contact, a.id)
	if err != nil {
		return 0, 0, err
	}
	thread, err = res.LastInsertId()
	return contact, thread, err
}

func saveContact(t *tx, a accountRow, c *inbox.Conversation, k contactKey, ch *changes) (int64, error) {
	var id, newest int64
	var name, written string
	n := k.number
	err := t.row(`SELECT id, name, phone, coalesce((SELECT max(c.created_at) FROM conversations c JOIN threads t ON t.id = c.thread WHERE t.contact = contacts.id), 0)
		FROM contacts WHERE account = ? AND remote = ?`, a.id, k.remote).Scan(&id, &name, &written, &newest)
	if errors.Is(err, sql.ErrNoRows) {
		person, err := personOf(t, a, k)
		if err != nil {
			return 0, err
		}
		res, err := t.exec(`INSERT INTO contacts (account, remote, person, name, phone, phone_key, e164, display, guessed) VALUES (?,?,?,?,?,?,?,?,?)`,
			a.id, k.remote, person, c.Name, c.Phone, n.Key, n.E164, n.Display, n.Guessed)
		if err != nil {
			return 0, err
		}
		if id, err = res.LastInsertId(); err != nil {
			return 0, err
		}
		return id, adoptGuessed(t, a, n, person, ch)
	}
	if err != nil || (name == c.Name && written == c.Phone) || inbox.Millis(c.CreatedAt) < newest {
		return id, err
	}
	return id, renumber(t, a, id, k, c.Name, c.Phone, ch)
}

// renumber writes a contact's name and number, and the person they make.
func renumber(t *tx, a accountRow, id int64, k contactKey, name, written string, ch *changes) error {
	var before string
	if err := t.row(`SELECT person FROM contacts WHERE id = ?`, id).Scan(&before); err != nil {
		return err
	}
	person, err := personOf(t, a, k)
	if err != nil {
		return err
	}
	n := k.number
	if _, err := t.exec(`UPDATE contacts SET person=?, name=?, phone=?, phone_key=?, e164=?, display=?, guessed=? WHERE id=?`,
		person, name, written, n.Key, n.E164, n.Display, n.Guessed, id); err != nil {
		return err
	}
	ch.person(before)
	ch.person(person)
	return adoptGuessed(t, a, n, person, ch)
}

// personOf says who a contact is: the owner of its line, by SEARCH §1. Among
// the rows of one account its own region is no guess; across accounts, a
// number written without a country code joins nothing by itself.
func personOf(t *tx, a accountRow, k contactKey) (string, error) {
	n := k.number
	switch {
	case n.Key == "":
		return inbox.StableID("p", "contact", a.name, k.remote), nil
	case !n.Guessed:
		return inbox.StableID("p", "line", n.Key), nil
	}
	var sure int
	err := t.row(`SELECT count(*) FROM contacts WHERE account = ? AND phone_key = ? AND guessed = 0`, a.id, n.Key).Scan(&sure)
	if sure > 0 {
		return inbox.StableID("p", "line", n.Key), err
	}
	return inbox.StableID("p", "line of", a.name, n.Key), err
}

// adoptGuessed joins the account's rows that guessed this line's country to
// the row that knows it.
func adoptGuessed(t *tx, a accountRow, n phone.Number, person string, ch *changes) error {
	if n.Key == "" || n.Guessed {
		return nil
	}
	res, err := t.exec(`UPDATE contacts SET person = ?1 WHERE account = ?2 AND phone_key = ?3 AND person <> ?1`, person, a.id, n.Key)
	if err != nil {
		return err
	}
	if rows, err := res.RowsAffected(); err != nil || rows == 0 {
		return err
	}
	ch.person(person)
	ch.person(inbox.StableID("p", "line of", a.name, n.Key))
	return nil
}

// rereadPhones applies a changed region or area to every contact of an
// account, from the raw text (SEARCH §1: parse once, rebuild when rules
// change). Plática's contacts are named by their line, so theirs may move.
func rereadPhones(t *tx, a accountRow) error {
	type conv struct {
		id, thread int64
		c          inbox.Conversation
	}
	var all []conv
	if err := t.query(`SELECT c.id, c.thread, c.remote, c.public_id, c.workspace, c.channel, c.name, c.phone, c.created_at, k.remote
		FROM conversations c JOIN threads t ON t.id = c.thread JOIN contacts k ON k.id = t.contact WHERE c.account = ? ORDER BY c.created_at`,
		[]any{a.id}, func(scan func(...any) error) error {
			var v conv
			var created int64
			var key string
			if err := scan(&v.id, &v.thread, &v.c.ID, &v.c.PublicID, &v.c.Workspace, &v.c.Channel, &v.c.Name, &v.c.Phone, &created, &key); err != nil {
				return err
			}
			v.c.CreatedAt = inbox.FromMillis(created)
			v.c.Contact, _ = strings.CutPrefix(key, "id:")
			if v.c.Contact == key {
				v.c.Contact = ""
			}
			all = append(all, v)
			return nil
		}); err != nil {
		return err
	}
	ch := newChanges()
	for i := range all {
		v := &all[i]
		k := contactOf(a, &v.c)
		contact, thread, err := placeConversation(t, a, &v.c, k, ch)
		if err != nil {
			return err
		}
		if err := renumber(t, a, contact, k, v.c.Name, v.c.Phone, ch); err != nil {
			return err
		}
		ch.touch(thread)
		if thread == v.thread {
			continue
		}
		ch.touch(v.thread)
		if err := moveMessages(t, a, v.id, v.thread, thread); err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE conversations SET thread = ? WHERE id = ?`, thread, v.id); err != nil {
			return err
		}
	}
	var delta Delta
	return ch.settle(t, a, &delta)
}
