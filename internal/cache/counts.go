package cache

import (
	"context"
	"database/sql"
	"math"
	"slices"
)

// Counts are what stands behind the sidebar's numbers.
type Counts struct {
	Inbox, NeedsReply, Mine, Unassigned, Expiring, Snoozed, All, Spam, Unread int64
}

// Counts counts every view, of f's account or of all for "", at its times and
// for who it says one is.
func (c *Cache) Counts(ctx context.Context, f ThreadFilter) (n Counts, err error) {
	ready, err := c.sift(ctx, Narrow{}, func(facts *facts, _ *sieve) { n = facts.counts(f) })
	if ready || err != nil {
		return n, err
	}
	return c.countFile(ctx, f)
}

// counted are the views that are counted together, with what is unread, by the
// numbers of their bits.
var counted = []View{Inbox, NeedsReply, Mine, Unassigned, Expiring, Snoozed, All, SpamView}

const (
	unreadBit   = 8 // after those of counted
	countedSets = 1 << (unreadBit + 1)
)

// counts looks through all threads once. Which views a thread is in its state
// says, but for what hangs on the time and on who asks.
func (f *facts) counts(l ThreadFilter) Counts {
	var views [stateCount]uint16
	var hides, mine, expiring, snoozed uint16
	var asked sieve // of what the state does not know
	for bit, v := range counted {
		set := uint16(1) << bit
		s := every()
		s.view(f, ThreadFilter{View: v, Account: l.Account, Now: l.Now, Here: l.Here, Me: l.Me})
		for state, is := range s.states() {
			if is {
				views[state] |= set
			}
		}
		if v.hides() && !l.Here.IsZero() {
			hides |= set
		}
		switch v {
		case Mine:
			mine, asked.mine = set, s.mine
		case Expiring:
			expiring, asked.within = set, s.within
		case Snoozed:
			snoozed, asked.here = set, s.here
		case All:
			asked.accounts = s.accounts
			for state, is := range s.states() {
				if is && state&int(isUnread) != 0 {
					views[state] |= 1 << unreadBit
				}
			}
		}
	}
	lanes := asked.lanes(f)
	var tally [countedSets]int64
	for id, state := range f.state {
		v := views[state&(stateCount-1)]
		if v == 0 || lanes != nil && !lanes[f.channel[id]] {
			continue
		}
		if v&snoozed != 0 {
			if f.asleep(id, asked.here) {
				v &^= hides
			} else {
				v &^= snoozed
			}
		}
		if v&expiring != 0 && !asked.within.has(f.until[id]) {
			v &^= expiring
		}
		if v&mine != 0 && !asked.isMine(f, id) {
			v &^= mine
		}
		tally[v]++
	}
	return sumOf(&tally)
}

// sumOf adds up how many threads are in each set of views.
func sumOf(tally *[countedSets]int64) (n Counts) {
	for bit, into := range []*int64{&n.Inbox, &n.NeedsReply, &n.Mine, &n.Unassigned, &n.Expiring, &n.Snoozed, &n.All, &n.Spam, &n.Unread} {
		for set, threads := range tally {
			if set>>bit&1 != 0 {
				*into += threads
			}
		}
	}
	return n
}

// countFile counts by the indexes of the views.
func (c *Cache) countFile(ctx context.Context, f ThreadFilter) (Counts, error) {
	var n Counts
	err := c.s.read(ctx, func(t *sql.Tx) error {
		ids, err := f.accounts(ctx, t)
		if err != nil {
			return err
		}
		for v, into := range map[View]*int64{Inbox: &n.Inbox, NeedsReply: &n.NeedsReply, Unassigned: &n.Unassigned,
			Expiring: &n.Expiring, Snoozed: &n.Snoozed, All: &n.All, SpamView: &n.Spam} {
			if err := f.count(ctx, t, v, ids, into); err != nil {
				return err
			}
		}
		return countThreads(ctx, t, countQuery(unreadThreads), nil, ids, &n.Unread)
	})
	if err == nil && len(f.Me) > 0 {
		var mine int
		mine, err = c.CountThreads(ctx, ThreadFilter{View: Mine, Account: f.Account, Here: f.Here, Me: f.Me}, math.MaxInt)
		n.Mine = int64(mine)
	}
	return n, err
}

// count counts a view by its index alone, which does not know who is snoozed:
// they are few, and are taken off.
func (f ThreadFilter) count(ctx context.Context, t *sql.Tx, v View, accounts []int64, into *int64) error {
	all := ThreadFilter{View: v, Now: f.Now}
	if v == Snoozed {
		all.Here = f.Here
	}
	cond, args, err := all.where()
	if err != nil {
		return err
	}
	if err := countThreads(ctx, t, countQuery(cond), args, accounts, into); err != nil || !v.hides() || f.Here.IsZero() {
		return err
	}
	var asleep int64
	err = countThreads(ctx, t, asleepQuery(cond), append(slices.Clone(args), f.Here.UnixMilli()), accounts, &asleep)
	*into -= asleep
	return err
}

// unreadThreads is a view that is only counted.
const unreadThreads = `t.gone = 0 AND t.last_dir = 'in' AND t.last_at > t.read_at`

func countQuery(cond string) string {
	return `SELECT count(*) FROM threads t WHERE ` + cond + ` AND t.account = ?`
}

// asleepQuery counts those of a condition that are snoozed.
func asleepQuery(cond string) string {
	return `SELECT count(*) FROM threads t INDEXED BY threads_snoozed WHERE ` + cond + ` AND t.snoozed_until > 0 AND t.woken = 0 AND t.snoozed_until > ? AND t.account = ?`
}

func countThreads(ctx context.Context, t *sql.Tx, query string, args []any, accounts []int64, into *int64) error {
	for _, id := range accounts {
		var n int64
		if err := t.QueryRowContext(ctx, query, append(slices.Clone(args), id)...).Scan(&n); err != nil {
			return err
		}
		*into += n
	}
	return nil
}
