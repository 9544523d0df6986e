package cache

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"bandeja/internal/inbox"
	"bandeja/internal/phone"
)

// rollRows are the conversations of a roll by their row numbers: some 170 bytes
// each, with their texts and their places in the orders, and no pointers.
type rollRows struct {
	group   []uint32 // its number, from 1; 0 for nobody's
	thread  []uint32
	state   []uint8 // flags, and above them the status
	channel []uint32
	list    []uint32            // of tags
	at      [rollOrders][]int64 // milliseconds UTC, 0 for unknown
	id      []uint32            // its place in ids
	name    []uint32            // in its group's names
	number  []uint32            // in its group's numbers
	ids     rollText            // the provider's

	all      []*RollGroup // by their numbers
	groups   []*RollGroup // those that have conversations, by account, then workspace
	channels interned[string]
	lists    interned[string] // of tags, as JSON
	tags     [][]string       // what is in lists
	twins    rollTwins
}

// A state's parts.
const (
	rollWished   uint8 = 1 << iota // a wish is laid over it
	rollTwin                       // another account of the platform has it too
	rollStatusAt = iota
)

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

	rows    *rollRows
	account int64 // its row number
	number  uint32
	several bool // the platform has several accounts
	// orders are row numbers by a time and then by id, the oldest first. Those
	// without the time come before all others.
	orders  [rollOrders][]uint32
	names   rollText // folded: see FoldName
	numbers rollText // see joinNumber
}

// joinNumber is a customer's number as a group keeps it: the digits as the
// conversation has them, NUL, and the identity key of the line.
func joinNumber(written, key string) string {
	return phone.Digits(written) + "\x00" + key
}

// put writes a conversation into the columns. It is in no order yet.
func (r *rollRows) put(f *rollRow) {
	r.reach(f.row)
	row, g := uint32(f.row), r.groupOf(f)
	if r.group[row] != g.number {
		r.drop(row)
		r.id[row], r.name[row], r.number[row] = r.ids.add(row, f.id), g.names.add(row, f.name), g.numbers.add(row, f.number)
	} else {
		r.id[row] = r.ids.change(r.id[row], f.id)
		r.name[row] = g.names.change(r.name[row], f.name)
		r.number[row] = g.numbers.change(r.number[row], f.number)
	}
	r.group[row], r.thread[row] = g.number, uint32(f.thread)
	for o := range r.at {
		r.at[o][row] = f.at[o]
	}
	r.state[row] = uint8(numberOf(inbox.Statuses, f.status))<<rollStatusAt | r.state[row]&rollTwin
	if f.wished {
		r.state[row] |= rollWished
	}
	r.channel[row], r.list[row] = r.channels.of(f.channel), r.lists.of(f.tags)
	if int(r.list[row]) == len(r.tags) {
		r.tags = append(r.tags, unlist(f.tags))
	}
}

// drop takes a conversation out of the columns.
func (r *rollRows) drop(row uint32) {
	g := r.groupAt(row)
	if g == nil {
		return
	}
	r.ids.drop(r.id[row])
	g.names.drop(r.name[row])
	g.numbers.drop(r.number[row])
	r.group[row], r.state[row] = 0, 0
}

// reach makes room for a row number.
func (r *rollRows) reach(row int64) {
	n := int(row) + 1 - len(r.group)
	if n <= 0 {
		return
	}
	for _, c := range []*[]uint32{&r.group, &r.thread, &r.channel, &r.list, &r.id, &r.name, &r.number} {
		*c = append(*c, make([]uint32, n)...)
	}
	for o := range r.at {
		r.at[o] = append(r.at[o], make([]int64, n)...)
	}
	r.state = append(r.state, make([]uint8, n)...)
}

// groupAt is a row's, nil for none.
func (r *rollRows) groupAt(row uint32) *RollGroup {
	if int(row) >= len(r.group) || r.group[row] == 0 {
		return nil
	}
	return r.all[r.group[row]-1]
}

func (r *rollRows) groupOf(f *rollRow) *RollGroup {
	i := slices.IndexFunc(r.all, func(g *RollGroup) bool {
		return g.account == f.account && g.Workspace == f.workspace && g.Account == f.accountName && g.Provider == f.provider
	})
	if i < 0 {
		i = len(r.all)
		r.all = append(r.all, &RollGroup{Account: f.accountName, Provider: f.provider, Workspace: f.workspace, account: f.account, number: uint32(i) + 1})
	}
	return r.all[i]
}

func (r *rollRows) idOf(row uint32) []byte { return r.ids.get(r.id[row]) }

// compare says which of two comes first in an order.
func (r *rollRows) compare(o RollOrder, a, b uint32) int {
	if c := cmp.Compare(r.at[o][a], r.at[o][b]); c != 0 {
		return c
	}
	return bytes.Compare(r.idOf(a), r.idOf(b))
}

func (r *rollRows) sort(o RollOrder, rows []uint32) {
	slices.SortFunc(rows, func(a, b uint32) int { return r.compare(o, a, b) })
}

// order makes the orders of all that was put.
func (r *rollRows) order() {
	var came []uint32
	for row := range r.group {
		if g := r.groupAt(uint32(row)); g != nil {
			g.orders[0] = append(g.orders[0], uint32(row))
			came = append(came, uint32(row))
		}
	}
	r.ids.fit()
	for _, g := range r.all {
		g.names.fit()
		g.numbers.fit()
		for o := range g.orders {
			g.orders[o] = slices.Clone(g.orders[0])
		}
		for o := range g.orders {
			r.sort(RollOrder(o), g.orders[o])
		}
	}
	r.regroup()
	r.pair(nil, came)
}

// regroup says anew which groups have conversations.
func (r *rollRows) regroup() {
	r.groups = r.groups[:0]
	accounts := map[inbox.ProviderName]map[string]bool{}
	for _, g := range r.all {
		g.rows = r
		if len(g.orders[0]) == 0 {
			continue
		}
		r.groups = append(r.groups, g)
		if accounts[g.Provider] == nil {
			accounts[g.Provider] = map[string]bool{}
		}
		accounts[g.Provider][g.Account] = true
	}
	slices.SortFunc(r.groups, func(a, b *RollGroup) int {
		return cmp.Or(strings.Compare(a.Account, b.Account), strings.Compare(a.Workspace, b.Workspace))
	})
	for _, g := range r.groups {
		g.several = len(accounts[g.Provider]) > 1
	}
}
