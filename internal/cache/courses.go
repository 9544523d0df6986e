package cache

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"bandeja/internal/inbox"
)

// Course is who spoke when in a thread, without the words: what Insights is
// computed from. It does not change once it was handed out.
type Course struct {
	Account  string
	Provider inbox.ProviderName
	Channel  string

	sessions []*Session
	beats    []byte // see Beats
}

// Session is what Insights asks of a provider's conversation.
type Session struct {
	Platform  string   // whatsapp, telegram, …; "" where the provider has but WhatsApp
	Assignees []string // as last seen
	Spam      bool     // its status is spam
	Whole     bool     // all of its messages that the provider gives are here
}

// Beat is one message of a course.
type Beat struct {
	At        int64 // milliseconds UTC; its predecessor's where it has no time
	Timed     bool  // the time is its own
	Direction inbox.Direction
	Session   *Session
}

// A beat is a varint, the milliseconds since the one before and four bits; with
// beatTurns the number of its session follows.
const (
	beatIn    = 1
	beatOut   = 2 // neither: the direction is not known
	beatTimed = 4
	beatTurns = 8 // it is of another session than the one before
	beatShift = 4
)

var beatDirections = [...]inbox.Direction{inbox.DirectionUnknown, inbox.In, inbox.Out, inbox.DirectionUnknown}

// Beats are the messages in their order.
func (c *Course) Beats() iter.Seq[Beat] {
	return func(yield func(Beat) bool) {
		var b Beat
		for rest := c.beats; len(rest) > 0; {
			v, n := binary.Varint(rest)
			rest = rest[n:]
			b.At += v >> beatShift
			b.Timed, b.Direction = v&beatTimed != 0, beatDirections[v&(beatIn|beatOut)]
			if v&beatTurns != 0 {
				s, n := binary.Uvarint(rest)
				rest, b.Session = rest[n:], c.sessions[s]
			}
			if !yield(b) {
				return
			}
		}
	}
}

// courses keeps every thread's in memory, some hundred bytes each, once
// somebody has asked for them. Like facts it follows every commit: what one may
// have touched is read anew before the next look.
type courses struct {
	reading  sync.Mutex // held while some are read
	all      []*Course  // by the thread's row number
	next     int64      // of the first reading: the thread it goes on with
	top      int64      // and the last one, 0 before it has begun
	readAt   time.Time  // when it came to its end
	sessions map[sessionKey]*Session
	staleMu  sync.Mutex
	follows  bool
	stale    map[int64]bool
}

type sessionKey struct {
	platform, assignees string
	spam, whole         bool
}

// session makes two that are alike one.
func (c *courses) session(k sessionKey) *Session {
	s, ok := c.sessions[k]
	if !ok {
		s = &Session{Platform: k.platform, Spam: k.spam, Whole: k.whole}
		_ = json.Unmarshal([]byte(k.assignees), &s.Assignees) // we wrote it
		c.sessions[k] = s
	}
	return s
}

func (c *courses) committed(threads []int64) {
	c.staleMu.Lock()
	defer c.staleMu.Unlock()
	if !c.follows {
		return
	}
	for _, id := range threads {
		c.stale[id] = true
	}
}

// forget has the next look read them all.
func (c *courses) forget() {
	c.reading.Lock()
	defer c.reading.Unlock()
	c.begin()
}

func (c *courses) begin() {
	c.staleMu.Lock()
	defer c.staleMu.Unlock()
	c.all, c.next, c.top, c.readAt = nil, 0, 0, time.Time{}
	c.sessions, c.follows, c.stale = map[sessionKey]*Session{}, false, nil
}

const (
	coursePiece = 500 // threads read at a time: the writer's log is not held up by a long look
	// courseAge is for how long courses serve where another process writes the
	// file: its commits are not followed.
	courseAge = time.Minute
)

// Courses are those of all threads, in no order, as of the last commit. The
// first look reads every message's time, which may take some seconds where
// there are millions: one that is not through within budget (0: none) returns
// none, and how far it is; the next goes on from there. Of a cancelled one
// nothing is lost either.
func (c *Cache) Courses(ctx context.Context, budget time.Duration) (all []*Course, done, total int64, err error) {
	f := &c.courses
	f.reading.Lock()
	defer f.reading.Unlock()
	until := time.Now().Add(budget)
	if f.readAt.IsZero() || c.s.mode == ReadOnly && time.Since(f.readAt) > courseAge {
		if err := c.beginCourses(ctx); err != nil {
			return nil, 0, 0, err
		}
		for f.next <= f.top {
			last := min(f.next+coursePiece-1, f.top)
			if err := c.readCourses(ctx, `BETWEEN ? AND ?`, f.next, last); err != nil {
				return nil, f.next - 1, f.top, fmt.Errorf("read who spoke when: %w", err)
			}
			f.next = last + 1
			if budget > 0 && f.next <= f.top && time.Now().After(until) {
				return nil, f.next - 1, f.top, nil
			}
		}
		f.readAt = time.Now()
	}
	if err := c.settleCourses(ctx); err != nil {
		return nil, f.top, f.top, fmt.Errorf("read who spoke when: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(f.all), func(c *Course) bool { return c == nil }), f.top, f.top, nil
}

// beginCourses begins the first reading, if it has not begun.
func (c *Cache) beginCourses(ctx context.Context) error {
	f := &c.courses
	if f.top > 0 && f.readAt.IsZero() {
		return nil
	}
	f.begin()
	f.staleMu.Lock()
	f.follows, f.stale = true, map[int64]bool{}
	f.staleMu.Unlock()
	f.next = 1
	return c.s.readers.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) FROM threads`).Scan(&f.top)
}

// settleCourses reads anew what was touched since.
func (c *Cache) settleCourses(ctx context.Context) error {
	f := &c.courses
	f.staleMu.Lock()
	ids := slices.Sorted(maps.Keys(f.stale))
	clear(f.stale)
	f.staleMu.Unlock()
	for len(ids) > 0 {
		part := ids[:min(coursePiece, len(ids))]
		for _, id := range part {
			if id < int64(len(f.all)) {
				f.all[id] = nil // unless it is still there
			}
		}
		if err := c.readCourses(ctx, `IN `+oneOf, values(part)); err != nil {
			f.committed(ids)
			return err
		}
		ids = ids[len(part):]
	}
	return nil
}

// readCourses reads those of a condition on the thread's row number, on one
// snapshot: all of them or none.
func (c *Cache) readCourses(ctx context.Context, cond string, args ...any) error {
	r := courseReader{f: &c.courses, offices: map[int64]Course{}, fresh: map[int64]*Course{}, numbers: map[int64]int{}}
	if err := c.s.read(ctx, func(t *sql.Tx) error { return r.read(ctx, t, cond, args) }); err != nil {
		return err
	}
	for id, course := range r.fresh {
		if n := int(id) + 1 - len(r.f.all); n > 0 {
			r.f.all = append(r.f.all, make([]*Course, n)...)
		}
		r.f.all[id] = course
	}
	return nil
}

// courseReader reads the courses of some threads.
type courseReader struct {
	f       *courses
	offices map[int64]Course  // by account, what its courses have in common
	fresh   map[int64]*Course // by thread
	numbers map[int64]int     // of conversations, within their threads

	thread, conversation, at int64 // where the messages are
	beats                    []byte
}

func (r *courseReader) read(ctx context.Context, t *sql.Tx, cond string, args []any) error {
	if err := each(ctx, t, `SELECT id, name, provider FROM accounts`, nil, func(scan func(...any) error) error {
		var id int64
		var o Course
		err := scan(&id, &o.Account, &o.Provider)
		r.offices[id] = o
		return err
	}); err != nil {
		return err
	}
	if err := each(ctx, t, `SELECT thread, id, account, channel, platform, assignees, status = 'spam', gone = 1 OR listed_mark = read_mark
		FROM conversations WHERE thread `+cond+` ORDER BY thread`, args, r.session); err != nil {
		return err
	}
	// A walk of an index that has all that is asked.
	err := each(ctx, t, `SELECT thread, at, (direction = 'in') * 1 + (direction = 'out') * 2 + at_known * 4, conversation
		FROM messages WHERE thread `+cond+` ORDER BY thread, at, seq, id`, args, r.beat)
	r.keep()
	return err
}

func (r *courseReader) session(scan func(...any) error) error {
	var thread, id, account int64
	var k sessionKey
	var channel string
	if err := scan(&thread, &id, &account, &channel, &k.platform, &k.assignees, &k.spam, &k.whole); err != nil {
		return err
	}
	course := r.fresh[thread]
	if course == nil {
		o := r.offices[account]
		o.Channel = channel
		course = &o
		r.fresh[thread] = course
	}
	r.numbers[id] = len(course.sessions)
	course.sessions = append(course.sessions, r.f.session(k))
	return nil
}

func (r *courseReader) beat(scan func(...any) error) error {
	var thread, at, flags, conversation int64
	if err := scan(&thread, &at, &flags, &conversation); err != nil {
		return err
	}
	if thread != r.thread {
		r.keep()
		r.thread, r.conversation, r.at, r.beats = thread, 0, 0, r.beats[:0]
	}
	if conversation != r.conversation {
		flags |= beatTurns
	}
	r.beats = binary.AppendVarint(r.beats, (at-r.at)<<beatShift|flags)
	if flags&beatTurns != 0 {
		r.beats = binary.AppendUvarint(r.beats, uint64(r.numbers[conversation]))
	}
	r.at, r.conversation = at, conversation
	return nil
}

// keep ends the messages of a thread.
func (r *courseReader) keep() {
	if course := r.fresh[r.thread]; course != nil {
		course.beats = slices.Clone(r.beats)
	}
}

// LiveAges counts the threads of an account that are in its inbox, by when
// anything was last said in them: those before bounds[0], those from there to
// bounds[1], and so on to those from the last on; and of each how many wait for
// the team, as the customer spoke last. Wishes are laid over.
func (c *Cache) LiveAges(ctx context.Context, account string, bounds []time.Time) (live, waiting []int, err error) {
	a, err := c.account(account)
	if err != nil {
		return nil, nil, err
	}
	count := func(index, cond string) (out []int, err error) {
		from := int64(-1 << 62)
		for i := range len(bounds) + 1 {
			to := int64(1 << 62)
			if i < len(bounds) {
				to = bounds[i].UnixMilli()
			}
			var n int
			if err := c.s.readers.QueryRowContext(ctx, `SELECT count(*) FROM threads INDEXED BY `+index+`
				WHERE account = ? AND gone = 0 AND `+cond+` AND sort_at >= ? AND sort_at < ?`, a.id, from, to).Scan(&n); err != nil {
				return nil, err
			}
			out, from = append(out, n), to
		}
		return out, nil
	}
	// Each by a view's index, which has all that is asked.
	if live, err = count("threads_inbox", `status IN ('open','pending','unknown')`); err != nil {
		return nil, nil, err
	}
	waiting, err = count("threads_reply", `status IN ('open','pending') AND last_dir = 'in'`)
	return live, waiting, err
}
