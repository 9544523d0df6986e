package cache

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"bandeja/internal/inbox"
)

// Delta is what a transaction changed, told after commit.
type Delta struct {
	Conversations int      // rows inserted or altered
	Messages      int      // rows inserted or altered
	History       int      // lines of history noted, to be kept by local.db
	Gone          bool     // a conversation went, or came back: to be kept by local.db, or no more
	Threads       []string // t_… that are new or look different
	People        []string // p_… whose names, numbers or threads changed
	Heard         []Heard  // who has spoken last, as far as that is newer than what was here
	// Fresh is true for the rows of a page, in order, that were new or
	// altered; a head pass goes on while some are.
	Fresh []bool
}

// Add joins two deltas into the first.
func (d *Delta) Add(o Delta) {
	d.Conversations += o.Conversations
	d.Messages += o.Messages
	d.History += o.History
	d.Gone = d.Gone || o.Gone
	d.Threads = append(d.Threads, o.Threads...)
	d.People = append(d.People, o.People...)
	d.Heard = append(d.Heard, o.Heard...)
	d.Fresh = append(d.Fresh, o.Fresh...)
}

// Heard is that a customer has spoken last in a thread, later than anything that
// was known of it. A first copy hears everybody.
type Heard struct {
	Account string
	Thread  string    // t_…
	At      time.Time // the provider's
}

// Empty reports whether nothing that anybody sees has changed.
func (d Delta) Empty() bool {
	return d.Conversations == 0 && d.Messages == 0 && len(d.Threads) == 0 && len(d.People) == 0
}

// SaveConversations stores one page and the bookmark it earns, or neither.
// Rows equal, as JSON values, to what is stored write nothing. feed may be nil
// for rows that no pass covers; that of a first page is told when it was asked
// for. begun is NextFetch's number of the request the
// page answers: a row that a later request has already given is left alone
// (SYNC I5).
//
// Errors: the kinds of this package; rows and bookmark are then as before.
func (c *Cache) SaveConversations(ctx context.Context, account string, page inbox.Page[inbox.Conversation], feed *Feed, begun int64) (Delta, error) {
	a, err := c.account(account)
	if err != nil {
		return Delta{}, err
	}
	if feed != nil && feed.Pages == 0 && feed.Begun.IsZero() { // the first page of a pass
		feed.Begun = inbox.FromMillis(c.askedAt(a, begun))
	}
	return c.saveListed(ctx, a, []Answer{{page, begun}}, feed)
}

// Answer is a page of a list, and NextFetch's number of the request that it
// answers.
type Answer struct {
	Page  inbox.Page[inbox.Conversation]
	Begun int64
}

// SaveListed stores pages, in the order in which they were read, and the
// bookmark that the last of them earns, all or nothing. Otherwise it is as
// SaveConversations.
func (c *Cache) SaveListed(ctx context.Context, account string, pages []Answer, feed *Feed) (Delta, error) {
	a, err := c.account(account)
	if err != nil {
		return Delta{}, err
	}
	return c.saveListed(ctx, a, pages, feed)
}

func (c *Cache) saveListed(ctx context.Context, a accountRow, pages []Answer, feed *Feed) (Delta, error) {
	var delta Delta
	err := c.s.write(ctx, func(t *tx) error {
		delta = Delta{}
		for i := range pages {
			p := &pages[i]
			if err := savePage(t, a, &p.Page, p.Begun, c.askedAt(a, p.Begun), &delta); err != nil {
				return err
			}
		}
		if feed == nil {
			return nil
		}
		return saveFeed(t, a, *feed)
	})
	if err != nil {
		return Delta{}, fmt.Errorf("save conversations of %s: %w", a.name, err)
	}
	return delta, nil
}

// stored is what is compared before a conversation is written.
type stored struct {
	id, thread           int64
	listed, read         []byte
	listedSeq, readSeq   int64
	gone                 bool
	channel, contact     string
	messageCount, lastAt int64
	lastText, lastDir    string
	lastStatus           string
	hasLast              bool
	name, phone, status  string
	assignees, tags      string
	operation            string
	unified              inbox.Status
	missingSince         int64
	savedAt              int64 // when the answer that the columns are from was asked for
}

// agrees reports whether the columns say what c says. When the other form came
// in between, equality with its own kind is not enough: a thing changed and
// changed back would stay as the other form saw it.
func (s *stored) agrees(c *inbox.Conversation) bool {
	return s.status == c.StatusWord && s.assignees == refList(c.Assignees) && s.tags == refList(c.Tags) &&
		(c.Name == "" || s.name == c.Name) && (c.Phone == "" || s.phone == c.Phone)
}

// complete gives a single read what it may lack and the list has: Waspy does
// not say whether one embeds the contact (waspy.md §8), and what is missing is
// no change of name, customer or line.
func (s *stored) complete(c inbox.Conversation) *inbox.Conversation {
	if c.Name == "" && c.Phone == "" {
		c.Name, c.Phone = s.name, s.phone
	}
	if c.Contact == "" {
		c.Contact = contactID(s.contact)
	}
	if c.Channel == "" {
		c.Channel = s.channel
	}
	return &c
}

func findConversation(t *tx, account int64, remote string) (s stored, ok bool, err error) {
	err = t.row(`SELECT c.id, c.thread, c.listed, c.read, c.listed_seq, c.read_seq, c.gone, c.channel, k.remote,
		c.message_count, c.last_at, c.last_text, c.last_dir, c.last_status, c.has_last,
		c.name, c.phone, c.status_word, c.assignees, c.tags, c.operation, c.status, c.missing_since, c.saved_at
		FROM conversations c JOIN threads t ON t.id = c.thread JOIN contacts k ON k.id = t.contact
		WHERE c.account = ? AND c.remote = ?`, account, remote).
		Scan(&s.id, &s.thread, &s.listed, &s.read, &s.listedSeq, &s.readSeq, &s.gone, &s.channel, &s.contact,
			&s.messageCount, &s.lastAt, &s.lastText, &s.lastDir, &s.lastStatus, &s.hasLast,
			&s.name, &s.phone, &s.status, &s.assignees, &s.tags, &s.operation, &s.unified, &s.missingSince, &s.savedAt)
	if errors.Is(err, sql.ErrNoRows) {
		return s, false, nil
	}
	return s, err == nil, err
}

// saveConversation writes one row if it says something new, and gives its row
// id either way.
func saveConversation(t *tx, a accountRow, c *inbox.Conversation, begun int64, ch *changes) (id int64, altered bool, err error) {
	old, known, err := findConversation(t, a.id, c.ID)
	if err != nil {
		return 0, false, err
	}
	same := false
	if known {
		mine, other, seq := old.listed, old.readSeq, old.listedSeq
		if c.Form == inbox.Read {
			mine, other, seq = old.read, old.listedSeq, old.readSeq
		}
		// An answer begun before the newest we have says nothing newer, in
		// either form.
		if begun < seq || begun < other {
			return old.id, false, nil
		}
		same = !old.gone && mine != nil && (seq > other || old.agrees(c)) && sameJSON(mine, blob(c.Raw))
		if same && !ch.doubting {
			return old.id, false, nil
		}
	}
	if known && c.Form == inbox.Read {
		c = old.complete(*c)
	}
	k := contactOf(a, c)
	contact, thread, err := placeConversation(t, a, c, k, ch)
	if err != nil {
		return 0, false, err
	}
	ch.touch(thread)
	ch.contact(contact)
	if !known {
		id, err = insertConversation(t, a, c, 0, thread, begun, ch)
		return id, true, err
	}
	if same {
		if says, err := rowSays(t, c, old.id, thread); err != nil || says {
			return old.id, false, err
		}
	} else if err := saveHistory(t, a, old, c, ch); err != nil {
		return 0, false, err
	}
	ch.gone = ch.gone || old.gone
	if old.thread != thread {
		ch.touch(old.thread)
		if err := moveMessages(t, old.id, old.thread, thread, ch); err != nil {
			return 0, false, err
		}
	}
	return old.id, true, updateConversation(t, c, old, thread, begun, ch.asked)
}

// insertConversation adds a row, under the next free id for 0.
func insertConversation(t *tx, a accountRow, c *inbox.Conversation, id, thread, begun int64, ch *changes) (int64, error) {
	var listed, read []byte
	var listedSeq, readSeq int64
	if c.Form == inbox.Read {
		read, readSeq = blob(c.Raw), begun
	} else {
		listed, listedSeq = blob(c.Raw), begun
	}
	var given any
	if id > 0 {
		given = id
	}
	ch.added++
	if c.Version != "" {
		ch.toRead++
	}
	res, err := t.exec(`INSERT INTO conversations (id, account, remote, thread, public_id, workspace, channel, name, phone, status, status_word,
		assignees, tags, topic, platform, operation, created_at, active_at, last_at, last_text, last_dir, last_status, has_last,
		window_known, window_open, window_until, message_count, listed_mark, listed_seq, read_seq, saved_at, listed, read)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		given, a.id, c.ID, thread, c.PublicID, c.Workspace, c.Channel, c.Name, c.Phone, string(c.Status), c.StatusWord,
		refList(c.Assignees), refList(c.Tags), c.Topic, c.Platform, c.Operation, inbox.Millis(c.CreatedAt), inbox.Millis(c.ActiveAt),
		inbox.Millis(c.LastMessageAt), c.LastText, string(c.LastDirection), c.LastStatus, c.HasLast,
		c.Window.Known, c.Window.Open, inbox.Millis(c.Window.Until), c.MessageCount, c.Version, listedSeq, readSeq, ch.asked, listed, read)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

func updateConversation(t *tx, c *inbox.Conversation, old stored, thread, begun, asked int64) error {
	listed, read, listedSeq, readSeq := old.listed, old.read, old.listedSeq, old.readSeq
	if c.Form == inbox.Read {
		read, readSeq = blob(c.Raw), begun
	} else {
		listed, listedSeq = blob(c.Raw), begun
	}
	// A form that lacks the last message does not unsay what the other knew.
	lastAt, lastText, lastDir, lastStatus, hasLast := old.lastAt, old.lastText, old.lastDir, old.lastStatus, old.hasLast
	if c.HasLast {
		lastAt, lastText, lastDir, lastStatus, hasLast = inbox.Millis(c.LastMessageAt), c.LastText, string(c.LastDirection), c.LastStatus, true
	}
	count := int64(c.MessageCount)
	if count < 0 {
		count = old.messageCount
	}
	_, err := t.exec(`UPDATE conversations SET thread=?, public_id=?, workspace=?, channel=?, name=?, phone=?, status=?, status_word=?,
		assignees=?, tags=?, topic=?, platform=?, operation=?, created_at=?, active_at=?, last_at=?, last_text=?, last_dir=?, last_status=?, has_last=?,
		window_known=?, window_open=?, window_until=?, message_count=?, listed_mark=?, listed_seq=?, read_seq=?, saved_at=?, listed=?, read=?, gone=0, missing_since=0
		WHERE id=?`,
		thread, c.PublicID, c.Workspace, c.Channel, c.Name, c.Phone, string(c.Status), c.StatusWord,
		refList(c.Assignees), refList(c.Tags), c.Topic, c.Platform, c.Operation, inbox.Millis(c.CreatedAt), inbox.Millis(c.ActiveAt),
		lastAt, lastText, lastDir, lastStatus, hasLast,
		c.Window.Known, c.Window.Open, inbox.Millis(c.Window.Until), count, c.Version, listedSeq, readSeq, asked, listed, read, old.id)
	return err
}

// rowSays reports whether a row's columns, and its place, are what c says.
func rowSays(t *tx, c *inbox.Conversation, id, thread int64) (says bool, err error) {
	err = t.row(`SELECT EXISTS (SELECT 1 FROM conversations WHERE id = ?1 AND
		(thread, public_id, workspace, channel, name, phone, status, status_word, assignees, tags, topic, platform, operation, created_at, active_at,
		 window_known, window_open, window_until, listed_mark) = (?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20)
		AND (NOT ?21 OR (last_at, last_text, last_dir, last_status, has_last) = (?22,?23,?24,?25,1)) AND (?26 < 0 OR message_count = ?26))`,
		id, thread, c.PublicID, c.Workspace, c.Channel, c.Name, c.Phone, string(c.Status), c.StatusWord, refList(c.Assignees), refList(c.Tags),
		c.Topic, c.Platform, c.Operation, inbox.Millis(c.CreatedAt), inbox.Millis(c.ActiveAt),
		c.Window.Known, c.Window.Open, inbox.Millis(c.Window.Until), c.Version,
		c.HasLast, inbox.Millis(c.LastMessageAt), c.LastText, string(c.LastDirection), c.LastStatus, c.MessageCount).Scan(&says)
	return says, err
}

// refList stores refs as a JSON array; none and null are alike.
func refList(items []string) string {
	if len(items) == 0 {
		return "[]"
	}
	b, err := json.Marshal(items)
	if err != nil {
		return "[]" // strings always marshal
	}
	return string(b)
}

func unlist(s string) []string {
	out := []string{}
	if s == "" || s == "[]" {
		return out
	}
	_ = json.Unmarshal([]byte(s), &out) // written by refList
	return out
}

// sameJSON reports whether a and b are equal as JSON values, numbers by their
// digits. Bytes that are equal, the common case, are not parsed.
func sameJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	va, errA := decodeExact(a)
	vb, errB := decodeExact(b)
	return errA == nil && errB == nil && reflect.DeepEqual(va, vb)
}

func decodeExact(b []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}
