package cache

import (
	"context"
	"database/sql"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"sync"

	"bandeja/internal/inbox"
)

// facts is what lists are narrowed by, of every thread, in memory: forty-eight
// bytes each, looked through whole, a column at a time. Any filter of any list
// costs the same few milliseconds for a million threads, and writing a thread
// no b-tree more.
//
// It follows every commit: what one may have touched waits in stale, and is
// read anew before the next look.
type facts struct {
	settling sync.Mutex // held while stale is read anew

	mu    sync.RWMutex
	ready bool
	columns
	accounts map[int64]factAccount
	channels interned[channelKey]
	lists    interned[string] // of refs and of tags, as JSON
	sleeps   map[int64]int64  // until when, of those that isSnoozed: few ever are

	staleMu sync.Mutex
	follows bool // since the beginning of load
	stale   map[int64]bool
}

// columns are the threads', by their row numbers.
type columns struct {
	state            []uint16 // flags, and above them status and direction; 0 for nobody's
	kinds            []uint16
	channel          []uint32
	assigned, tagged []uint32
	at, until        []int64  // until: the end of the reply window
	waits            []int64  // waitingSince
	person           []uint64 // a hash of whose it is
}

// State's parts.
const (
	statusAt   = 8
	dirAt      = statusAt + 3
	stateCount = 1 << (dirAt + 2)
)

// reach makes room for a row number.
func (c *columns) reach(id int64) {
	if n := int(id) + 1 - len(c.state); n > 0 {
		c.state, c.kinds = append(c.state, make([]uint16, n)...), append(c.kinds, make([]uint16, n)...)
		c.channel, c.assigned, c.tagged = append(c.channel, make([]uint32, n)...), append(c.assigned, make([]uint32, n)...), append(c.tagged, make([]uint32, n)...)
		c.at, c.until, c.waits = append(c.at, make([]int64, n)...), append(c.until, make([]int64, n)...), append(c.waits, make([]int64, n)...)
		c.person = append(c.person, make([]uint64, n)...)
	}
}

// What a thread may be.
const (
	isThere uint16 = 1 << iota
	isGone
	isAssigned
	isUnread
	needsReply
	isWaiting
	isComplete
	isSnoozed // until a time, which may have passed
)

type factAccount struct {
	name     string
	provider inbox.ProviderName
}

type channelKey struct {
	account int64
	channel string
}

// interned numbers values as they come: there are few.
type interned[T comparable] struct {
	number map[T]uint32
	values []T
}

func (i *interned[T]) of(v T) uint32 {
	n, ok := i.number[v]
	if !ok {
		if i.number == nil {
			i.number = map[T]uint32{}
		}
		n = uint32(len(i.values))
		i.number[v], i.values = n, append(i.values, v)
	}
	return n
}

// numberOf is where a value stands among all; one that nobody knows is the last,
// which is the unknown one.
func numberOf[T comparable](all []T, v T) uint16 {
	if n := slices.Index(all, v); n >= 0 {
		return uint16(n)
	}
	return uint16(len(all) - 1)
}

// directions are the numbers of theirs in a state; "": not known.
var directions = []inbox.Direction{"", inbox.In, inbox.Out, inbox.DirectionUnknown}

// touched notes threads that a transaction may have changed.
func (t *tx) touched(threads ...int64) { t.threads = append(t.threads, threads...) }

// touching notes the threads whose row numbers a query gives.
func (t *tx) touching(query string, args ...any) error {
	return t.query(query, args, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		t.touched(id)
		return err
	})
}

// committed takes over what a transaction touched.
func (f *facts) committed(threads []int64) {
	f.staleMu.Lock()
	defer f.staleMu.Unlock()
	if !f.follows {
		return
	}
	for _, id := range threads {
		f.stale[id] = true
	}
}

// forget makes f what it was before it was loaded.
func (f *facts) forget() {
	f.settling.Lock()
	defer f.settling.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.staleMu.Lock()
	defer f.staleMu.Unlock()
	f.ready, f.columns, f.sleeps, f.follows, f.stale = false, columns{}, nil, false, nil
}

// LoadFacts reads into memory what lists are narrowed by. Until it has, and
// where nobody calls it, lists are narrowed in the file: right, and slow where
// there are many threads. Whoever calls it is the only process that writes.
func (c *Cache) LoadFacts(ctx context.Context) error {
	f := &c.facts
	f.settling.Lock()
	defer f.settling.Unlock()
	f.staleMu.Lock()
	f.follows, f.stale = true, map[int64]bool{}
	f.staleMu.Unlock()
	fresh := facts{}
	if err := c.s.read(ctx, func(t *sql.Tx) error { return fresh.read(ctx, t, "", nil) }); err != nil {
		return fmt.Errorf("load what lists are narrowed by: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.columns, f.accounts, f.channels, f.lists, f.sleeps = fresh.columns, fresh.accounts, fresh.channels, fresh.lists, fresh.sleeps
	f.ready = true
	return nil
}

// SettleFacts reads anew what was touched since it was last asked for, so that
// a list need not.
func (c *Cache) SettleFacts(ctx context.Context) error {
	_, err := c.settled(ctx)
	return err
}

// settled brings the facts up to the last commit; ok is false where there are
// none.
func (c *Cache) settled(ctx context.Context) (ok bool, err error) {
	f := &c.facts
	f.settling.Lock()
	defer f.settling.Unlock()
	if !f.ready {
		return false, nil
	}
	f.staleMu.Lock()
	ids := slices.Sorted(maps.Keys(f.stale))
	clear(f.stale)
	f.staleMu.Unlock()
	if len(ids) == 0 {
		return true, nil
	}
	err = c.s.read(ctx, func(t *sql.Tx) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, id := range ids {
			if id < int64(len(f.state)) {
				f.state[id] = 0 // unless it is still there
			}
		}
		return f.read(ctx, t, `WHERE t.id IN `+oneOf, []any{values(ids)})
	})
	if err != nil {
		f.committed(ids)
	}
	return err == nil, err
}

const factColumns = `SELECT t.id, t.account, t.channel, t.status, t.last_dir, t.gone, t.assigned, t.last_dir = 'in' AND t.last_at > t.read_at,
	t.last_dir = 'in' AND t.status IN ('open','pending'), t.pending <> 0, t.complete, CASE WHEN t.woken = 0 THEN t.snoozed_until ELSE 0 END, t.sort_at, t.window_until, ` + waitingSince + `, t.kinds, ` + wishedAssignees + `, c.tags, k.person
	FROM threads t JOIN conversations c ON c.id = t.live JOIN contacts k ON k.id = t.contact `

// read takes in the threads of a condition.
func (f *facts) read(ctx context.Context, t *sql.Tx, cond string, args []any) error {
	f.accounts = map[int64]factAccount{}
	if f.sleeps == nil {
		f.sleeps = map[int64]int64{}
	}
	if err := each(ctx, t, `SELECT id, name, provider FROM accounts`, nil, func(scan func(...any) error) error {
		var id int64
		var a factAccount
		err := scan(&id, &a.name, &a.provider)
		f.accounts[id] = a
		return err
	}); err != nil {
		return err
	}
	return each(ctx, t, factColumns+cond, args, func(scan func(...any) error) error {
		var id, account, at, until, waits, sleeps int64
		var kinds uint16
		var channel, assignees, tags, person string
		var status inbox.Status
		var dir inbox.Direction
		var is [7]bool // isGone and what follows
		if err := scan(&id, &account, &channel, &status, &dir, &is[0], &is[1], &is[2], &is[3], &is[4], &is[5], &sleeps, &at, &until, &waits, &kinds, &assignees, &tags, &person); err != nil {
			return err
		}
		if is[6] = sleeps > 0; is[6] {
			f.sleeps[id] = sleeps
		} else {
			delete(f.sleeps, id)
		}
		state := isThere | numberOf(inbox.Statuses, status)<<statusAt | numberOf(directions, dir)<<dirAt
		for n, set := range is {
			if set {
				state |= isGone << n
			}
		}
		f.reach(id)
		f.state[id], f.kinds[id], f.at[id], f.until[id], f.waits[id] = state, kinds, at, until, waits
		f.channel[id], f.assigned[id], f.tagged[id] = f.channels.of(channelKey{account, channel}), f.lists.of(assignees), f.lists.of(tags)
		f.person[id] = maphash.String(personSeed, person)
		return nil
	})
}
