package cache

import (
	"bytes"
	"math"
	"sort"

	"bandeja/internal/inbox"
)

// RollFilter is what a walk is narrowed to; the zero one takes everything.
type RollFilter struct {
	Status  func(inbox.Status) bool   // nil: any
	Channel string                    // "": any
	Tag     func(tag string) bool     // nil: any; else one of its tags at least
	Begun   *RollSpan                 // nil: at any time
	Search  *RollSearch               // nil: anybody
	Served  func(account string) bool // nil: all; else what an account of them named before has too is left out
}

// RollSpan is a time, in milliseconds UTC.
type RollSpan struct {
	From, Until int64 // the last excluded
}

// RollSearch is a part of a customer's name, or of their number.
type RollSearch struct {
	Name   string                      // folded (see FoldName), "" where no name has it
	Digits string                      // as typed, "" where they are no part of a number
	Part   func(account string) string // what of the digits every written form of a number has
}

// matches looks at a name and a number as a group has them.
func (s *RollSearch) matches(name, number []byte, part string) bool {
	if s.Name != "" && bytes.Contains(name, []byte(s.Name)) {
		return true
	}
	if s.Digits == "" {
		return false
	}
	_, key, _ := bytes.Cut(number, []byte{0})
	return bytes.Contains(number, []byte(s.Digits)) || part != "" && bytes.Contains(key, []byte(part))
}

// RollEntry is a conversation of a roll. It may be kept, unlike its group.
type RollEntry struct {
	Account  string
	Provider inbox.ProviderName
	ID       string // the provider's
	At       int64  // by what it is sorted, milliseconds UTC, 0 for unknown

	row    int64
	wished bool // a wish is laid over it
}

// RollWalk goes over those of a group that a filter takes, in an order.
type RollWalk struct {
	*RollGroup
	by       RollOrder
	order    []uint32
	at, step int

	filter   *RollFilter
	statuses uint32 // those that are taken, by their numbers
	channel  uint32
	tagged   []uint8 // by their lists' numbers: not looked at yet, taken or not
	part     string
	missed   int    // how many a search has left out
	found    rowSet // by a search through the whole group, nil where there was none
}

// patience is how many conversations a search looks at one by one before it
// looks through the texts of all: what is common is found by then, and what is
// rare costs no walk.
const patience = 400

// Walk begins a walk before the first: the oldest, or where it goes down the
// newest.
func (g *RollGroup) Walk(by RollOrder, down bool, f *RollFilter) *RollWalk {
	w := &RollWalk{RollGroup: g, by: by, order: g.orders[by], at: -1, step: 1, filter: f, statuses: math.MaxUint32}
	if down {
		w.at, w.step = len(w.order), -1
	}
	if f.Status != nil {
		w.statuses = 0
		for n, s := range inbox.Statuses {
			if f.Status(s) {
				w.statuses |= 1 << n
			}
		}
	}
	if f.Channel != "" {
		n, known := g.rows.channels.number[f.Channel]
		if w.channel = n; !known {
			w.statuses = 0
		}
	}
	if f.Tag != nil {
		w.tagged = make([]uint8, len(g.rows.tags))
	}
	if f.Search != nil && f.Search.Part != nil {
		w.part = f.Search.Part(g.Account)
	}
	return w
}

// Behind begins a walk down behind a position: with what is older than at, and
// of those of the same time what is before.
func (w *RollWalk) Behind(at int64, before func(id []byte) bool) {
	w.at = sort.Search(len(w.order), func(i int) bool {
		if its := w.rows.at[w.by][w.order[i]]; its != at {
			return its > at
		}
		return !before(w.rows.idOf(w.order[i]))
	})
}

// Next goes on to the next that is taken; false where there is none.
func (w *RollWalk) Next() bool {
	for w.at += w.step; w.at >= 0 && w.at < len(w.order); w.at += w.step {
		row := w.order[w.at]
		if (w.found == nil || w.found.has(int64(row))) && w.takes(row) {
			return true
		}
	}
	return false
}

// Skip passes over the next n that are taken.
func (w *RollWalk) Skip(n int) {
	f := w.filter
	if f.Status == nil && f.Channel == "" && f.Tag == nil && f.Begun == nil && f.Search == nil && (f.Served == nil || !w.several) {
		w.at += w.step * min(n, len(w.order)) // no need to look at them
		return
	}
	for ; n > 0 && w.Next(); n-- {
	}
}

// At and ID are those of the conversation that Next has gone on to.
func (w *RollWalk) At() int64 { return w.rows.at[w.by][w.order[w.at]] }

// ID is the provider's; it is not to be kept.
func (w *RollWalk) ID() []byte { return w.rows.idOf(w.order[w.at]) }

// Entry is the conversation that Next has gone on to.
func (w *RollWalk) Entry() *RollEntry {
	row := w.order[w.at]
	return &RollEntry{Account: w.Account, Provider: w.Provider, ID: string(w.ID()), At: w.At(), row: int64(row), wished: w.rows.state[row]&rollWished != 0}
}

func (w *RollWalk) takes(row uint32) bool {
	f, r := w.filter, w.rows
	if w.statuses>>(r.state[row]>>rollStatusAt)&1 == 0 || f.Channel != "" && r.channel[row] != w.channel {
		return false
	}
	if begun := r.at[ByCreated][row]; f.Begun != nil && (begun == 0 || begun < f.Begun.From || begun >= f.Begun.Until) {
		return false
	}
	if f.Tag != nil && !w.hasTag(r.list[row]) || f.Search != nil && !w.has(row) {
		return false
	}
	return f.Served == nil || !r.twin(row, f.Served)
}

// hasTag remembers what it said of a list.
func (w *RollWalk) hasTag(list uint32) bool {
	const taken, not = 1, 2
	if w.tagged[list] == 0 {
		w.tagged[list] = not
		for _, tag := range w.rows.tags[list] {
			if w.filter.Tag(tag) {
				w.tagged[list] = taken
				break
			}
		}
	}
	return w.tagged[list] == taken
}

// has reports whether a conversation is one that is searched.
func (w *RollWalk) has(row uint32) bool {
	if w.found != nil || w.matches(row) {
		return true
	}
	if w.missed++; w.missed == patience {
		w.lookThrough()
	}
	return false
}

func (w *RollWalk) matches(row uint32) bool {
	return w.filter.Search.matches(w.names.get(w.rows.name[row]), w.numbers.get(w.rows.number[row]), w.part)
}

// lookThrough finds all that are searched by the texts of the whole group.
func (w *RollWalk) lookThrough() {
	w.found = make(rowSet, len(w.rows.group)/64+1)
	s := w.filter.Search
	look := func(t *rollText, part string) {
		if part == "" {
			return
		}
		t.each([]byte(part), func(row uint32) {
			if w.matches(row) {
				w.found.add(int64(row))
			}
		})
	}
	look(&w.names, s.Name)
	look(&w.numbers, s.Digits)
	if s.Digits != "" {
		look(&w.numbers, w.part)
	}
}
