package cache

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"bandeja/internal/inbox"
)

// roll is every conversation that is not gone, in memory, in the orders in which
// the providers' own lists give them: a page of any list, however it is
// narrowed and however deep, is a walk over an array. It is made when somebody
// first asks, and follows every commit as facts do.
type roll struct {
	settling sync.Mutex // held while it is loaded, or stale is read anew

	mu    sync.RWMutex
	ready bool
	rollRows

	staleMu sync.Mutex
	follows bool
	stale   map[int64]bool // threads
}

// committed takes over what a transaction touched.
func (r *roll) committed(threads []int64) {
	r.staleMu.Lock()
	defer r.staleMu.Unlock()
	if !r.follows {
		return
	}
	for _, id := range threads {
		r.stale[id] = true
	}
}

// forget makes r what it was before it was loaded.
func (r *roll) forget() {
	r.settling.Lock()
	defer r.settling.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.staleMu.Lock()
	defer r.staleMu.Unlock()
	r.rollRows, r.ready, r.follows, r.stale = rollRows{}, false, false, nil
}

// Roll gives fn the conversations as of the last commit. fn must keep none of
// the groups and must not wait: what is saved meanwhile does. The first call
// reads everything, which takes a moment.
func (c *Cache) Roll(ctx context.Context, fn func(groups []*RollGroup)) error {
	if err := c.roll.settle(ctx, c.s); err != nil {
		return fmt.Errorf("read what there is to list: %w", err)
	}
	c.roll.mu.RLock()
	defer c.roll.mu.RUnlock()
	fn(c.roll.groups)
	return nil
}

// SettleRoll takes over what was committed, where Roll was called before: who
// calls it next waits for no more than what came since.
func (c *Cache) SettleRoll(ctx context.Context) error {
	c.roll.mu.RLock()
	ready := c.roll.ready
	c.roll.mu.RUnlock()
	if !ready {
		return nil
	}
	return c.roll.settle(ctx, c.s)
}

// settle brings r up to the last commit.
func (r *roll) settle(ctx context.Context, s *store) error {
	r.settling.Lock()
	defer r.settling.Unlock()
	r.staleMu.Lock()
	if !r.ready {
		r.follows, r.stale = true, map[int64]bool{}
	}
	ids := slices.Sorted(maps.Keys(r.stale))
	clear(r.stale)
	r.staleMu.Unlock()
	if !r.ready {
		return r.load(ctx, s)
	}
	if len(ids) == 0 {
		return nil
	}
	var fresh []rollRow
	if err := s.read(ctx, func(t *sql.Tx) error {
		fresh = fresh[:0]
		return eachRollRow(ctx, t, ` AND c.thread IN `+oneOf, []any{values(ids)}, func(f *rollRow) { fresh = append(fresh, *f) })
	}); err != nil {
		r.committed(ids)
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.take(ids, fresh)
	return nil
}

// load reads everything.
func (r *roll) load(ctx context.Context, s *store) error {
	var all rollRows
	if err := s.read(ctx, func(t *sql.Tx) error {
		all = rollRows{}
		var last int64
		if err := t.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) FROM conversations`).Scan(&last); err != nil {
			return err
		}
		all.reach(last)
		return eachRollRow(ctx, t, ``, nil, all.put)
	}); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rollRows, r.ready = all, true
	r.order()
	return nil
}

// rollRow is a conversation as it was read.
type rollRow struct {
	account     int64
	accountName string
	provider    inbox.ProviderName
	workspace   string
	row, thread int64
	id          string
	status      inbox.Status
	channel     string
	tags        string // as JSON
	at          [rollOrders]int64
	name        string // folded
	number      string // as a group's numbers have it
	wished      bool
}

const rollColumns = `SELECT a.id, a.name, a.provider, c.id, c.thread, c.remote, c.workspace, c.channel, c.status, c.tags, c.created_at, c.active_at,
	c.newest_at, c.message_count, c.name, c.phone, k.phone_key,
	EXISTS (SELECT 1 FROM wishes w WHERE w.account = c.account AND w.conversation = c.remote AND w.want IS NOT NULL),
	coalesce((SELECT w.want FROM wishes w WHERE w.account = c.account AND w.conversation = c.remote AND w.field = 'status'), '')
	FROM conversations c JOIN threads t ON t.id = c.thread JOIN contacts k ON k.id = t.contact JOIN accounts a ON a.id = c.account WHERE c.gone = 0`

func eachRollRow(ctx context.Context, t *sql.Tx, cond string, args []any, fn func(*rollRow)) error {
	return each(ctx, t, rollColumns+cond, args, func(scan func(...any) error) error {
		var f rollRow
		var name, number, key, wish string
		var newest, count int64
		if err := scan(&f.account, &f.accountName, &f.provider, &f.row, &f.thread, &f.id, &f.workspace, &f.channel, &f.status, &f.tags, &f.at[ByCreated], &f.at[ByActive],
			&newest, &count, &name, &number, &key, &f.wished, &wish); err != nil {
			return err
		}
		if wish != "" {
			f.status = inbox.StatusOf(f.provider, wish)
		}
		f.at[BySaid] = saidAt(f.provider, f.at[ByActive], newest, count)
		f.name, f.number = FoldName(name), joinNumber(number, key)
		fn(&f)
		return nil
	})
}

// saidAt is when something was last said. Waspy's activity is that alone;
// Plática's is not, and what was read says it: until it has been, the activity is
// the nearest there is.
func saidAt(p inbox.ProviderName, active, newest, count int64) int64 {
	switch {
	case p != inbox.Platica:
		return active
	case newest > 0:
		return newest
	case count == 0:
		return 0
	}
	return active
}

// FoldName makes a name, or a part of one, comparable: without accents, case
// and punctuation, one blank between words.
func FoldName(name string) string {
	return strings.TrimSpace(string(appendTokens(nil, name)))
}

// rowSet is a set of row numbers.
type rowSet []uint64

func rowSetOf(rows []int64) rowSet {
	if len(rows) == 0 {
		return nil
	}
	s := make(rowSet, slices.Max(rows)/64+1)
	for _, n := range rows {
		s.add(n)
	}
	return s
}

// add takes in a number that s is long enough for.
func (s rowSet) add(n int64) { s[n/64] |= 1 << (n % 64) }

func (s rowSet) has(n int64) bool { return n/64 < int64(len(s)) && s[n/64]&(1<<(n%64)) != 0 }
