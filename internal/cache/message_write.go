package cache

import (
	"database/sql"
	"errors"
	"slices"

	"bandeja/internal/inbox"
)

// messageWriter saves messages of one conversation, in the provider's order.
type messageWriter struct {
	t            *tx
	ch           *changes
	conv, thread int64
	have         int64 // rows that were here before
	newest       int64 // conversations.newest_at

	added, altered int
	last           place // of the message before
	lastKnown      bool
	recount        bool // the newest has moved to an earlier time
	known          map[string]knownMessage
}

// place is where a message stands in its thread. seq is the provider's, then
// seqBits for messages without a time: they stand behind the one they came
// after, whatever its own place.
type place struct{ at, seq, id int64 }

const seqBits = 20

// knownMessage is what is compared before a message is written.
type knownMessage struct {
	place
	same            bool // the row says what the object says
	text, direction string
	kind            inbox.Kind
}

// look finds out what is here of the messages: one question for a hundred of
// them.
func (w *messageWriter) look(msgs []inbox.Message) error {
	if w.have == 0 {
		return nil
	}
	w.known = make(map[string]knownMessage, len(msgs))
	at := make(map[string]*inbox.Message, len(msgs))
	ids := make([]string, len(msgs))
	for i := range msgs {
		ids[i], at[msgs[i].ID] = msgs[i].ID, &msgs[i] // of one that comes twice the last counts
	}
	for part := range slices.Chunk(ids, askMany) {
		list, args := asked(part)
		if err := w.t.query(`SELECT remote, id, at, seq, text, direction, kind, kind_word, status, at_known, raw FROM messages WHERE conversation = ? AND remote IN `+list,
			append([]any{w.conv}, args...), func(scan func(...any) error) error {
				var m knownMessage
				var remote, word, status string
				var timed bool
				var raw sql.RawBytes
				if err := scan(&remote, &m.id, &m.at, &m.seq, &m.text, &m.direction, &m.kind, &word, &status, &timed, &raw); err != nil {
					return err
				}
				now := at[remote]
				m.same = m.text == now.Text && m.direction == string(now.Direction) && m.kind == now.Kind && word == now.KindWord && status == now.Status && timed == !now.At.IsZero() &&
					sameJSON(raw, blob(now.Raw))
				w.known[remote] = m
				return nil
			}); err != nil {
			return err
		}
	}
	return nil
}

func (w *messageWriter) save(msgs []inbox.Message) error {
	if err := w.look(msgs); err != nil {
		return err
	}
	again := lastOfEach(msgs)
	for i := range msgs {
		m := &msgs[i]
		if again != nil && again[m.ID] != i {
			continue // the page has it again, further down
		}
		if err := w.one(m); err != nil {
			return err
		}
	}
	if !w.recount {
		return nil
	}
	return w.t.row(`SELECT max(0, coalesce(max(at), 0)) FROM messages WHERE conversation = ?`, w.conv).Scan(&w.newest)
}

// lastOfEach says where each id stands for the last time, nil where none comes
// twice. Only one row of a message is written: two that differ would unsay
// each other at every reading.
func lastOfEach(msgs []inbox.Message) map[string]int {
	at := make(map[string]int, len(msgs))
	for i := range msgs {
		at[msgs[i].ID] = i
	}
	if len(at) == len(msgs) {
		return nil
	}
	return at
}

func (w *messageWriter) one(m *inbox.Message) error {
	old, known := w.known[m.ID]
	if known {
		if err := w.replace(m, &old); err != nil {
			return err
		}
	}
	if !known {
		p, err := w.placeOf(m)
		if err != nil {
			return err
		}
		if err := w.insert(m, p); err != nil {
			return err
		}
		w.added++
	}
	w.newest = max(w.newest, w.last.at)
	return nil
}

// placeOf finds where a message stands. One without a time takes its
// predecessor's; at the head of a page that is the last one stored.
func (w *messageWriter) placeOf(m *inbox.Message) (place, error) {
	if !m.At.IsZero() {
		return place{at: m.At.UnixMilli(), seq: int64(m.Seq) << seqBits}, nil
	}
	if !w.lastKnown && w.have > 0 {
		err := w.t.row(`SELECT at, seq FROM messages WHERE conversation = ? ORDER BY at DESC, seq DESC LIMIT 1`, w.conv).Scan(&w.last.at, &w.last.seq)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return place{}, err
		}
	}
	if !w.lastKnown && w.have == 0 {
		return place{seq: int64(m.Seq) << seqBits}, nil
	}
	return place{at: w.last.at, seq: w.last.seq + 1}, nil
}

// replace updates a message that is stored already, if it says something new.
// Only what the index holds, text, direction and kind, is indexed anew: a moved
// delivery state is not.
func (w *messageWriter) replace(m *inbox.Message, old *knownMessage) error {
	now := old.place // without a time, its place was found when it first came
	if !m.At.IsZero() {
		now.at, now.seq = m.At.UnixMilli(), int64(m.Seq)<<seqBits
	}
	w.last, w.lastKnown = now, true
	if now == old.place && old.same {
		return nil
	}
	w.altered++
	if old.kind != m.Kind {
		w.ch.rekind[w.thread] = true
	}
	if now.at != old.at { // its place in the index is its time
		if err := dropMessage(w.t, old.id); err != nil {
			return err
		}
		w.recount = w.recount || old.at >= w.newest
		return w.insert(m, now)
	}
	if old.text != m.Text || old.direction != string(m.Direction) || old.kind != m.Kind {
		if err := unindex(w.t, `m.id = ?`, old.id); err != nil {
			return err
		}
	}
	_, err := w.t.exec(`UPDATE messages SET seq=?, at_known=?, direction=?, kind=?, kind_word=?, status=?, text=?, raw=? WHERE id=?`,
		now.seq, !m.At.IsZero(), string(m.Direction), string(m.Kind), m.KindWord, m.Status, m.Text, blob(m.Raw), old.id)
	return err
}

// insert stores a message behind all others.
func (w *messageWriter) insert(m *inbox.Message, p place) (err error) {
	if w.ch.next == 0 {
		if w.ch.next, err = nextMessage(w.t); err != nil {
			return err
		}
	}
	p.id = w.ch.next
	w.ch.next++
	w.last, w.lastKnown = p, true
	w.ch.kinds[w.thread] |= kindBits[m.Kind]
	_, err = w.t.exec(`INSERT INTO messages (id, conversation, thread, remote, at, seq, at_known, direction, kind, kind_word, status, text, raw)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		p.id, w.conv, w.thread, m.ID, p.at, p.seq, !m.At.IsZero(), string(m.Direction), string(m.Kind), m.KindWord, m.Status, m.Text, blob(m.Raw))
	return err
}
