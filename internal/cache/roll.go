package cache

import (
	"cmp"
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

	mu     sync.RWMutex
	ready  bool
	groups []*RollGroup                                   // by account, then workspace
	words  map[string]string                              // each channel once
	lists  map[string][]string                            // and each list of tags
	twins  map[inbox.ProviderName]map[string][]*RollEntry // by id, of the platforms with several accounts

	staleMu sync.Mutex
	follows bool
	stale   map[int64]bool // threads
}

// RollOrder is one of the orders that the conversations stand in.
type RollOrder int

// The orders of a RollGroup.
const (
	BySaid    RollOrder = iota // when something was last said: Waspy's
	ByActive                   // the provider's activity stamp: Plática's lastUpdate
	ByCreated                  // when it was begun
	rollOrders
)

// RollGroup is the conversations of an account, at Plática of one of its
// workspaces.
type RollGroup struct {
	Account   string
	Provider  inbox.ProviderName
	Workspace string

	account int64
	several bool // the platform has several accounts
	orders  [rollOrders][]RollPlace
}

// MayTwin reports whether any of its conversations can have a Twin.
func (g *RollGroup) MayTwin() bool { return g.several }

// Order gives the conversations by a time and then by id, the oldest first.
// Those without the time come before all others.
func (g *RollGroup) Order(o RollOrder) []RollPlace { return g.orders[o] }

// RollPlace is where a conversation stands in an order.
type RollPlace struct {
	At     int64 // milliseconds UTC, 0 for unknown
	thread int64
	*RollEntry
}

func (p RollPlace) compare(o RollPlace) int {
	if c := cmp.Compare(p.At, o.At); c != 0 {
		return c
	}
	return strings.Compare(p.ID, o.ID)
}

// RollEntry is what a list is narrowed by. Its fields are not to be changed.
type RollEntry struct {
	ID      string // the provider's
	Status  inbox.Status
	Channel string
	Tags    []string
	Created int64  // milliseconds UTC
	Name    string // folded: see FoldName
	Written string // the digits of the number as the conversation has it
	Key     string // the identity key of the customer's line
	Wished  bool   // a wish is laid over it; Status has it

	row int64
	// twins are the same conversation in other accounts of the platform.
	twins []*RollEntry
	group *RollGroup
}

// Account is whose it is.
func (e *RollEntry) Account() string { return e.group.Account }

// Twin reports whether an account of the same platform, of those that are
// served and named before this one, has the same conversation: it is to be given
// once.
func (e *RollEntry) Twin(served func(account string) bool) bool {
	for _, t := range e.twins {
		if t.group.Account < e.group.Account && served(t.group.Account) {
			return true
		}
	}
	return false
}

// FoldName makes a name, or a part of one, comparable: without accents, case
// and punctuation, one blank between words.
func FoldName(name string) string {
	return strings.TrimSpace(string(appendTokens(nil, name)))
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
	r.ready, r.groups, r.words, r.lists, r.twins, r.follows, r.stale = false, nil, nil, nil, nil, false, nil
}

// Roll gives fn the conversations as of the last commit. fn must keep none of
// the slices and must not wait: what is saved meanwhile does. The first call
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
	if r.ready && len(ids) == 0 {
		return nil
	}
	var fresh []freshEntry
	err := s.read(ctx, func(t *sql.Tx) (err error) {
		if !r.ready {
			fresh, err = readRoll(ctx, t, ``, nil)
			return err
		}
		fresh, err = readRoll(ctx, t, ` AND c.thread IN `+oneOf, []any{values(ids)})
		return err
	})
	if err != nil {
		r.committed(ids)
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.take(ids, fresh)
	r.ready = true
	return nil
}

// freshEntry is one that was read, and where it belongs.
type freshEntry struct {
	group  RollGroup // without its orders
	at     [rollOrders]int64
	thread int64
	*RollEntry
}

const rollColumns = `SELECT a.id, a.name, a.provider, c.id, c.thread, c.remote, c.workspace, c.channel, c.status, c.tags, c.created_at, c.active_at,
	c.newest_at, c.message_count, c.name, c.phone, k.phone_key,
	EXISTS (SELECT 1 FROM wishes w WHERE w.account = c.account AND w.conversation = c.remote AND w.want IS NOT NULL),
	coalesce((SELECT w.want FROM wishes w WHERE w.account = c.account AND w.conversation = c.remote AND w.field = 'status'), '')
	FROM conversations c JOIN threads t ON t.id = c.thread JOIN contacts k ON k.id = t.contact JOIN accounts a ON a.id = c.account WHERE c.gone = 0`

func readRoll(ctx context.Context, t *sql.Tx, cond string, args []any) (out []freshEntry, err error) {
	err = each(ctx, t, rollColumns+cond, args, func(scan func(...any) error) error {
		f := freshEntry{RollEntry: &RollEntry{}}
		var tags, name, number, wish string
		var newest, count int64
		if err := scan(&f.group.account, &f.group.Account, &f.group.Provider, &f.row, &f.thread, &f.ID, &f.group.Workspace, &f.Channel, &f.Status, &tags, &f.Created, &f.at[ByActive],
			&newest, &count, &name, &number, &f.Key, &f.Wished, &wish); err != nil {
			return err
		}
		if wish != "" {
			f.Status = inbox.StatusOf(f.group.Provider, wish)
		}
		if tags != "[]" {
			f.Tags = unlist(tags)
		}
		f.at[BySaid], f.at[ByCreated] = saidAt(f.group.Provider, f.at[ByActive], newest, count), f.Created
		f.Name, f.Written = FoldName(name), onlyDigits(number)
		out = append(out, f)
		return nil
	})
	return out, err
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

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// take puts what was read of threads in the place of what was there of them.
func (r *roll) take(threads []int64, fresh []freshEntry) {
	if r.words == nil {
		r.words, r.lists, r.twins = map[string]string{}, map[string][]string{}, map[inbox.ProviderName]map[string][]*RollEntry{}
	}
	dirty := rowSetOf(threads)
	added := map[*RollGroup][]freshEntry{}
	for _, f := range fresh {
		f.RollEntry.group = r.group(&f.group)
		r.share(f.RollEntry)
		added[f.RollEntry.group] = append(added[f.RollEntry.group], f)
	}
	var left, came []*RollEntry
	for _, g := range r.groups {
		for _, p := range g.orders[ByCreated] {
			if dirty.has(p.thread) {
				left = append(left, p.RollEntry)
			}
		}
		for o := range g.orders {
			places := make([]RollPlace, 0, len(added[g]))
			for _, f := range added[g] {
				places = append(places, RollPlace{f.at[o], f.thread, f.RollEntry})
			}
			slices.SortFunc(places, RollPlace.compare)
			g.orders[o] = merge(dirty.without(g.orders[o]), places)
		}
		for _, f := range added[g] {
			came = append(came, f.RollEntry)
		}
	}
	r.groups = slices.DeleteFunc(r.groups, func(g *RollGroup) bool { return len(g.orders[0]) == 0 })
	r.pair(left, came)
}

func (r *roll) group(want *RollGroup) *RollGroup {
	i, found := slices.BinarySearchFunc(r.groups, want, func(a, b *RollGroup) int {
		return cmp.Or(strings.Compare(a.Account, b.Account), strings.Compare(a.Workspace, b.Workspace))
	})
	if !found {
		r.groups = slices.Insert(r.groups, i, &RollGroup{Account: want.Account, Provider: want.Provider, Workspace: want.Workspace, account: want.account})
	}
	return r.groups[i]
}

// share makes equal channels and tags one.
func (r *roll) share(e *RollEntry) {
	if have, ok := r.words[e.Channel]; ok {
		e.Channel = have
	} else {
		r.words[e.Channel] = e.Channel
	}
	if len(e.Tags) > 0 {
		key := strings.Join(e.Tags, "\x00")
		if have, ok := r.lists[key]; ok {
			e.Tags = have
		} else {
			r.lists[key] = e.Tags
		}
	}
}

// pair keeps what of several accounts of a platform is one conversation. Where a
// platform has one account there is nothing to look for.
func (r *roll) pair(left, came []*RollEntry) {
	accounts := map[inbox.ProviderName]map[string]bool{}
	for _, g := range r.groups {
		if accounts[g.Provider] == nil {
			accounts[g.Provider] = map[string]bool{}
		}
		accounts[g.Provider][g.Account] = true
	}
	for _, g := range r.groups {
		g.several = len(accounts[g.Provider]) > 1
	}
	for _, p := range inbox.Providers {
		switch of := r.twins[p]; {
		case len(accounts[p]) < 2:
			for _, same := range of {
				for _, e := range same {
					e.twins = nil
				}
			}
			delete(r.twins, p)
		case of == nil:
			r.twins[p] = map[string][]*RollEntry{}
			for _, g := range r.groups {
				for _, e := range g.orders[ByCreated] {
					r.come(p, e.RollEntry)
				}
			}
		default:
			for _, e := range left {
				r.leave(p, e)
			}
			for _, e := range came {
				r.come(p, e)
			}
		}
	}
}

func (r *roll) come(p inbox.ProviderName, e *RollEntry) {
	if e.group.Provider == p {
		r.twins[p][e.ID] = twinned(append(slices.Clone(r.twins[p][e.ID]), e))
	}
}

func (r *roll) leave(p inbox.ProviderName, e *RollEntry) {
	if e.group.Provider != p {
		return
	}
	same := slices.DeleteFunc(slices.Clone(r.twins[p][e.ID]), func(o *RollEntry) bool { return o == e })
	if len(same) == 0 {
		delete(r.twins[p], e.ID)
		return
	}
	r.twins[p][e.ID] = twinned(same)
}

func twinned(same []*RollEntry) []*RollEntry {
	for _, e := range same {
		e.twins = nil
		if len(same) > 1 {
			e.twins = same
		}
	}
	return same
}

// rowSet is a set of row numbers.
type rowSet []uint64

func rowSetOf(rows []int64) rowSet {
	if len(rows) == 0 {
		return nil
	}
	s := make(rowSet, slices.Max(rows)/64+1)
	for _, n := range rows {
		s[n/64] |= 1 << (n % 64)
	}
	return s
}

func (s rowSet) has(n int64) bool { return n/64 < int64(len(s)) && s[n/64]&(1<<(n%64)) != 0 }

// without leaves out the conversations of those threads, in place.
func (s rowSet) without(places []RollPlace) []RollPlace {
	return slices.DeleteFunc(places, func(p RollPlace) bool { return s.has(p.thread) })
}

// merge makes one sorted list of two, in the place of the first.
func merge(into, more []RollPlace) []RollPlace {
	if len(more) == 0 {
		return into
	}
	i, j := len(into)-1, len(more)-1
	into = append(into, more...)
	for k := len(into) - 1; j >= 0; k-- {
		if i >= 0 && into[i].compare(more[j]) > 0 {
			into[k] = into[i]
			i--
		} else {
			into[k] = more[j]
			j--
		}
	}
	return into
}
