package cache

import (
	"encoding/base64"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
)

// searchBudget is how much a search looks at before it does otherwise.
type searchBudget struct {
	fresh    int // messages that are not indexed, of which no more are looked through
	walked   int // messages of the index, one by one, for one page
	narrowed int // of them, before all threads of a narrowing are found at once
	recent   int // of them, before more is done about a prefix
	spelled  int // words that a prefix may stand for, before all its rows are gathered
	// large is from how many messages on it is worth its while to look at those
	// before a prefix is gathered.
	large   int64
	ranked  int // hits that are compared to give the best first
	threads int // threads that the index is asked for: each costs it a look-up
}

// usualBudget keeps a page within tens of milliseconds.
var usualBudget = searchBudget{fresh: 10_000, walked: 20_000, narrowed: 150, recent: 2000, spelled: 1000, large: 200_000, ranked: 2000, threads: 256}

// hitPage is a page of hits.
type hitPage struct {
	hits   []hit
	next   string
	ranked int
	cut    bool // the page ends where looking for it took too long
}

func (s *messageSearch) page(q MessageQuery) (hitPage, error) {
	c, err := parseCursor(q.Cursor)
	if err != nil || c.best != q.Best && q.Cursor != "" {
		return hitPage{}, errors.Join(ErrCursor, err)
	}
	if q.Best {
		return s.bestPage(c)
	}
	found, err := s.newest(c.after, s.limit)
	if err != nil {
		return hitPage{}, err
	}
	p := hitPage{hits: found.hits, cut: found.cut}
	if found.more {
		p.next = cursor{after: found.last}.String()
	}
	return p, nil
}

// start is before all hits, newest first.
var start = hit{math.MaxInt64, math.MaxInt64}

// foundHits are hits, newest first.
type foundHits struct {
	hits []hit
	more bool // there may be more, behind last
	last hit
	cut  bool // looking was cut short at last
}

// newest finds the newest hits behind after, at most limit.
func (s *messageSearch) newest(after hit, limit int) (foundHits, error) {
	fresh, err := s.fresh(after)
	if err != nil {
		return foundHits{}, err
	}
	found, err := s.indexed(after, limit+1)
	if err != nil {
		return found, err
	}
	if found.cut { // what is behind the cut is for the page after it
		fresh = slices.DeleteFunc(fresh, func(h hit) bool { return h.before(found.last) > 0 })
	}
	found.hits = append(found.hits, fresh...)
	slices.SortFunc(found.hits, hit.before)
	if len(found.hits) > limit {
		found.hits = found.hits[:limit]
		found.last, found.more, found.cut = found.hits[limit-1], true, false
	}
	return found, nil
}

// What the index does not know, or not as it is now.
var unindexedMessages = []string{
	`FROM index_queue q CROSS JOIN indexed i ON i.place = q.place CROSS JOIN messages m ON m.id = i.message ORDER BY q.place DESC LIMIT ?`,
	`FROM messages m WHERE m.id > ` + indexedTo + ` ORDER BY m.id DESC LIMIT ?`,
	`FROM messages m WHERE m.id <= ` + indexedFrom + ` ORDER BY m.id DESC LIMIT ?`,
}

// unindexed asks for them, with the account only where it matters.
func (s *messageSearch) unindexed(from string) string {
	place, account := wouldBe, `0`
	if strings.Contains(from, "index_queue") {
		place = `q.place`
	}
	if len(s.accounts) > 0 {
		account = `(SELECT c.account FROM conversations c WHERE c.id = m.conversation)`
	}
	return `SELECT ` + place + `, m.id, ` + account + `, m.thread, m.direction, m.kind, m.text ` + from
}

// fresh are the hits behind after among what is committed and not indexed yet.
func (s *messageSearch) fresh(after hit) (found []hit, err error) {
	left := s.budget.fresh
	for _, from := range unindexedMessages {
		if err := each(s.ctx, s.t, s.unindexed(from), []any{left}, func(scan func(...any) error) error {
			var m freshMessage
			if err := scan(&m.place, &m.message, &m.account, &m.thread, &m.direction, &m.kind, &m.text); err != nil {
				return err
			}
			left--
			if m.before(after) <= 0 || !s.fits(&m) || !s.matches(m.text) {
				return nil
			}
			ok, err := s.ofThreads(m.thread)
			if ok {
				found = append(found, m.hit)
			}
			return err
		}); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// indexed are the newest hits of the index behind after, at most limit. Rows
// that are queued are not asked of it: it holds their old words.
func (s *messageSearch) indexed(after hit, limit int) (foundHits, error) {
	if s.without {
		return foundHits{}, nil
	}
	if found, enough, err := s.recent(after, limit); err != nil || enough {
		return found, err
	}
	if s.gathered() != nil {
		if possible, err := s.spell(); err != nil || !possible {
			return foundHits{}, err
		}
	}
	if s.narrowed == nil {
		return s.walk(indexWalk{match: s.all, texts: s.loose, after: after, limit: limit, rows: s.budget.walked})
	}
	if len(s.unspelled) == 0 { // no prefix to gather twice
		found, err := s.walk(indexWalk{match: s.all, texts: s.loose, after: after, limit: limit, rows: s.budget.narrowed})
		if err != nil || !found.cut {
			return found, err
		}
	}
	if err := s.decide(); err != nil || s.threads.Len() == 0 {
		return foundHits{}, err
	}
	return s.indexed(after, limit)
}

// indexWalk is a walk over the index, newest first.
type indexWalk struct {
	match string // "": over all of it
	texts bool   // the index is asked for less than is wanted: look at the texts
	after hit
	limit int // of hits
	rows  int // to look at
	// hope gives up at a quarter of them, where the hits come so seldom that
	// there is another way to find them.
	hope bool
}

const (
	walkColumns = `SELECT i.place, i.message, i.thread, `
	walkMatch   = ` FROM message_index f CROSS JOIN indexed i ON i.place = f.rowid`
	walkTexts   = ` CROSS JOIN messages m ON m.id = i.message`
)

func (w indexWalk) query(s *messageSearch) (query string, args []any) {
	place, from := "i.place", ` FROM indexed i`
	if w.match != "" {
		place, from = "f.rowid", walkMatch
	}
	text := `''`
	if w.texts {
		text, from = "m.text", from+walkTexts
	}
	query = walkColumns + text + from + ` WHERE `
	if w.match != "" {
		query, args = query+`message_index MATCH ? AND `, append(args, w.match)
	}
	query += place + ` BETWEEN ? AND ? AND ` + place + ` NOT IN (SELECT place FROM index_queue) ORDER BY ` + place + ` DESC LIMIT ?`
	return query, append(args, s.from, min(s.to, w.after.place), w.rows+2) // after itself, and one to see that there are more
}

var errEnough = errors.New("enough")

// walk goes over the index. Who is cut short has looked at all up to last.
func (s *messageSearch) walk(w indexWalk) (found foundHits, err error) {
	query, args := w.query(s)
	looked := 0
	found.last = w.after
	err = each(s.ctx, s.t, query, args, func(scan func(...any) error) error {
		var h hit
		var thread int64
		var text string
		if looked == w.rows {
			found.more, found.cut = true, true
			return errEnough
		}
		if err := scan(&h.place, &h.message, &thread, &text); err != nil {
			return err
		}
		if h.before(w.after) <= 0 {
			return nil // after itself
		}
		if w.hope && looked == w.rows/4 && len(found.hits) < w.limit/8 {
			found.more, found.cut = true, true
			return errEnough
		}
		looked++
		found.last = h
		if w.texts && !s.matches(text) {
			return nil
		}
		if s.checked {
			if ok, err := s.ofThreads(thread); err != nil || !ok {
				return err
			}
		}
		if found.hits = append(found.hits, h); len(found.hits) == w.limit {
			found.more = true
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return found, err
}

// cursor is where a page ends.
type cursor struct {
	after hit  // newest first: the last hit that was given, or looked at
	best  bool // see bestPage
	floor hit
	score int64
	given hit
}

func (c cursor) String() string {
	values := []int64{c.after.place, c.after.message}
	if c.best {
		values = append(values, c.floor.place, c.floor.message, c.score, c.given.place, c.given.message)
	}
	var b []byte
	for _, v := range values {
		b = append(strconv.AppendInt(b, v, 36), '.')
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// parseCursor reads a cursor; none is the beginning.
func parseCursor(text string) (c cursor, err error) {
	c.after = start
	if text == "" {
		return c, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return c, ErrCursor
	}
	into := []*int64{&c.after.place, &c.after.message, &c.floor.place, &c.floor.message, &c.score, &c.given.place, &c.given.message}
	parts := strings.Split(strings.TrimSuffix(string(b), "."), ".")
	if c.best = len(parts) == len(into); !c.best && len(parts) != 2 {
		return c, ErrCursor
	}
	for i, p := range parts {
		if *into[i], err = strconv.ParseInt(p, 36, 64); err != nil {
			return c, ErrCursor
		}
	}
	return c, nil
}
