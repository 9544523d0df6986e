package cache

import (
	"slices"
)

// rollMoves are the changes of the orders: which rows leave one, and which come
// into a group's.
type rollMoves struct {
	out [rollOrders]rowSet
	of  map[*RollGroup]*[rollOrders]rollMove
}

type rollMove struct {
	leaves bool
	in     []uint32
}

func newRollMoves(rows int64) *rollMoves {
	m := &rollMoves{of: map[*RollGroup]*[rollOrders]rollMove{}}
	for o := range m.out {
		m.out[o] = make(rowSet, rows/64+1)
	}
	return m
}

func (m *rollMoves) group(g *RollGroup) *[rollOrders]rollMove {
	if m.of[g] == nil {
		m.of[g] = &[rollOrders]rollMove{}
	}
	return m.of[g]
}

func (m *rollMoves) leave(g *RollGroup, o RollOrder, row uint32) {
	m.group(g)[o].leaves = true
	m.out[o].add(int64(row))
}

func (m *rollMoves) come(g *RollGroup, o RollOrder, row uint32) {
	move := &m.group(g)[o]
	move.in = append(move.in, row)
}

// take puts what was read of threads in the place of what was there of them.
func (r *rollRows) take(threads []int64, fresh []rollRow) {
	most := int64(len(r.group))
	came := make([]int64, 0, len(fresh))
	for i := range fresh {
		came, most = append(came, fresh[i].row), max(most, fresh[i].row)
	}
	dirty, stay, m := rowSetOf(threads), rowSetOf(came), newRollMoves(most)
	var left []twin
	var added []uint32
	for row, thread := range r.thread {
		if r.group[row] != 0 && dirty.has(int64(thread)) && !stay.has(int64(row)) {
			left = append(left, r.takeOut(m, uint32(row)))
		}
	}
	for i := range fresh {
		was, isNew := r.takeIn(m, &fresh[i])
		if was != (twin{}) {
			left = append(left, was)
		}
		if isNew {
			added = append(added, uint32(fresh[i].row))
		}
	}
	for g, moves := range m.of {
		for o := range moves {
			r.apply(g, RollOrder(o), &moves[o], m.out[o])
		}
		g.names.tidy(r.name)
		g.numbers.tidy(r.number)
	}
	r.ids.tidy(r.id)
	if len(left) > 0 || len(added) > 0 {
		r.regroup()
		r.pair(left, added)
	}
}

// takeOut drops a conversation, and says which it was.
func (r *rollRows) takeOut(m *rollMoves, row uint32) twin {
	g := r.groupAt(row)
	was := twin{g.Provider, string(r.idOf(row)), row}
	for o := range rollOrders {
		m.leave(g, o, row)
	}
	r.drop(row)
	return was
}

// takeIn puts a conversation, and says whether it is another than was there, and
// which that was.
func (r *rollRows) takeIn(m *rollMoves, f *rollRow) (was twin, isNew bool) {
	row := uint32(f.row)
	before := r.groupAt(row)
	same := before != nil && before == r.groupOf(f) && string(r.idOf(row)) == f.id
	var stood [rollOrders]int64
	switch {
	case same:
		for o := range stood {
			stood[o] = r.at[o][row]
		}
	case before != nil:
		was = r.takeOut(m, row)
	}
	r.put(f)
	g := r.groupAt(row)
	m.group(g)
	for o := range rollOrders {
		if same && stood[o] == f.at[o] {
			continue
		}
		if same {
			m.leave(g, o, row)
		}
		m.come(g, o, row)
	}
	return was, !same
}

// apply changes one order of a group.
func (r *rollRows) apply(g *RollGroup, o RollOrder, move *rollMove, out rowSet) {
	rows := g.orders[o]
	if move.leaves {
		rows = slices.DeleteFunc(rows, func(row uint32) bool { return out.has(int64(row)) })
	}
	r.sort(o, move.in)
	g.orders[o] = r.merge(o, rows, move.in)
}

// merge makes one sorted list of two, in the place of the first. More is short as
// a rule: its places are looked for, and what lies between is moved at once.
func (r *rollRows) merge(order RollOrder, into, more []uint32) []uint32 {
	n := len(into)
	into = append(into, more...)
	for j := len(more) - 1; j >= 0; j-- {
		at, _ := slices.BinarySearchFunc(into[:n], more[j], func(a, b uint32) int { return r.compare(order, a, b) })
		copy(into[at+j+1:n+j+1], into[at:n])
		into[at+j], n = more[j], at
	}
	return into
}
