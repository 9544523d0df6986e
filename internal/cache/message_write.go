package cache

import (
	"database/sql"
	"errors"
	"hash/fnv"
	"strconv"

	"bandeja/internal/inbox"
)

// messageWriter saves messages of one conversation, in the provider's order.
type messageWriter struct {
	t            *tx
	conv, thread int64
	have         int64 // rows that were here before
	newest       int64 // conversations.newest_at

	added, altered int
	last           place // of the message before
	lastKnown      bool
	recount        bool    // the newest has moved to an earlier time
	fresh          []int64 // row ids that are to be indexed
}

// place is where a message stands in its thread. seq is the provider's, then
// seqBits for messages without a time: they stand behind the one they came
// after, whatever its own place.
type place struct{ at, seq, id int64 }

const seqBits = 20

func (w *messageWriter) save(msgs []inbox.Message) error {
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
	if err := enqueue(w.t, w.fresh); err != nil || !w.recount {
		return err
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
	known := false
	if w.have > 0 {
		var err error
		if known, err = w.replace(m); err != nil {
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
// Only what the index holds, text and direction, is indexed anew: a moved
// delivery state is not.
func (w *messageWriter) replace(m *inbox.Message) (known bool, err error) {
	var old place
	var raw []byte
	var text, direction string
	err = w.t.row(`SELECT id, at, seq, raw, text, direction FROM messages WHERE conversation = ? AND remote = ?`, w.conv, m.ID).
		Scan(&old.id, &old.at, &old.seq, &raw, &text, &direction)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	now := old // without a time, its place was found when it first came
	if !m.At.IsZero() {
		now.at, now.seq = m.At.UnixMilli(), int64(m.Seq)<<seqBits
	}
	w.last, w.lastKnown = now, true
	if now == old && sameJSON(raw, blob(m.Raw)) {
		return true, nil
	}
	w.altered++
	if now.at != old.at { // the row id is its time
		if err := unindex(w.t, old.id); err != nil {
			return true, err
		}
		if _, err := w.t.exec(`DELETE FROM messages WHERE id = ?`, old.id); err != nil {
			return true, err
		}
		w.recount = w.recount || old.at >= w.newest
		return true, w.insert(m, now)
	}
	if text != m.Text || direction != string(m.Direction) {
		if err := unindex(w.t, old.id); err != nil {
			return true, err
		}
	}
	_, err = w.t.exec(`UPDATE messages SET seq=?, at_known=?, direction=?, kind=?, kind_word=?, status=?, text=?, raw=? WHERE id=?`,
		now.seq, !m.At.IsZero(), string(m.Direction), string(m.Kind), m.KindWord, m.Status, m.Text, blob(m.Raw), old.id)
	return true, err
}

// insert stores a message under the next free row id of its time.
func (w *messageWriter) insert(m *inbox.Message, p place) error {
	for p.id = messageID(p.at, w.conv, m.ID); ; p.id++ {
		res, err := w.t.exec(`INSERT INTO messages (id, conversation, thread, remote, at, seq, at_known, direction, kind, kind_word, status, text, raw)
			VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO NOTHING`,
			p.id, w.conv, w.thread, m.ID, p.at, p.seq, !m.At.IsZero(), string(m.Direction), string(m.Kind), m.KindWord, m.Status, m.Text, blob(m.Raw))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 1 {
			w.last, w.lastKnown = p, true
			w.fresh = append(w.fresh, p.id)
			return nil
		}
	}
}

// messageID is a row id that sorts by time: milliseconds, then 20 bits of the
// message's name, which keep messages of one millisecond apart (almost always:
// the next free id is taken where they do not).
func messageID(at, conv int64, remote string) int64 {
	const maxMillis = 1<<42 - 1 // the year 2109: what is later sorts there
	h := fnv.New32a()
	var buf [24]byte
	h.Write(append(strconv.AppendInt(buf[:0], conv, 10), '/'))
	h.Write([]byte(remote))
	return min(max(at, 0), maxMillis)<<20 | int64(h.Sum32()&0xfffff)
}
