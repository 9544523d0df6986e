package cache

import (
	"slices"

	"bandeja/internal/inbox"
)

// rollTwins are the conversations by their ids, of the platforms with several
// accounts: what two of them see is one conversation. Where a platform has one
// account there is nothing to look for.
type rollTwins map[inbox.ProviderName]map[string][]uint32

// twin is a conversation of a platform, and its row.
type twin struct {
	provider inbox.ProviderName
	id       string
	row      uint32
}

// pair keeps the twins as conversations leave and come.
func (r *rollRows) pair(left []twin, came []uint32) {
	if r.twins == nil {
		r.twins = rollTwins{}
	}
	several := map[inbox.ProviderName]bool{}
	for _, g := range r.groups {
		several[g.Provider] = g.several
	}
	for _, t := range left {
		r.leaves(t)
	}
	for _, p := range inbox.Providers {
		switch {
		case !several[p]:
			for _, same := range r.twins[p] {
				r.mark(same, false)
			}
			delete(r.twins, p)
		case r.twins[p] == nil:
			r.twins[p] = map[string][]uint32{}
			for _, g := range r.groups {
				r.comes(p, g.orders[0])
			}
		default:
			r.comes(p, came)
		}
	}
}

// comes takes in those of rows that are p's.
func (r *rollRows) comes(p inbox.ProviderName, rows []uint32) {
	for _, row := range rows {
		if r.groupAt(row).Provider != p {
			continue
		}
		id := string(r.idOf(row))
		same := append(r.twins[p][id], row)
		r.twins[p][id] = same
		r.mark(same, len(same) > 1)
	}
}

func (r *rollRows) leaves(t twin) {
	of := r.twins[t.provider]
	if of == nil {
		return
	}
	same := slices.DeleteFunc(of[t.id], func(row uint32) bool { return row == t.row })
	if len(same) == 0 {
		delete(of, t.id)
		return
	}
	of[t.id] = same
	r.mark(same, len(same) > 1)
}

func (r *rollRows) mark(rows []uint32, twins bool) {
	for _, row := range rows {
		r.state[row] &^= rollTwin
		if twins {
			r.state[row] |= rollTwin
		}
	}
}

// twin reports whether an account of the same platform, of those that are served
// and named before this one, has the same conversation: it is to be given once.
func (r *rollRows) twin(row uint32, served func(account string) bool) bool {
	if r.state[row]&rollTwin == 0 {
		return false
	}
	g := r.groupAt(row)
	for _, other := range r.twins[g.Provider][string(r.idOf(row))] {
		if o := r.groupAt(other); o.Account < g.Account && served(o.Account) {
			return true
		}
	}
	return false
}
