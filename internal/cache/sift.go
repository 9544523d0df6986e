package cache

import (
	"cmp"
	"container/heap"
	"context"
	"database/sql"
	"slices"
)

// siftThreads is listThreads for a narrowed list, by the facts; sifted is false
// where that is not the way. Rows may be younger than the facts, by what was
// committed meanwhile and will be told of.
func (c *Cache) siftThreads(ctx context.Context, l ThreadFilter, after string, limit int) (rows []placedThread, sifted bool, err error) {
	if l.Narrow.Empty() && l.View != Mine && l.own() {
		return nil, false, nil // a walk of the view's index
	}
	var from threadPlace
	if err := c.s.read(ctx, func(t *sql.Tx) error {
		from, err = findThreadCursor(ctx, t, l, after)
		return err
	}); err != nil {
		return nil, false, err
	}
	for begun := after != ""; ; begun = true {
		first := firstPlaces{limit: limit - len(rows), ascending: l.ascending()}
		sifted, err = c.sift(ctx, l.Narrow, func(f *facts, s *sieve) {
			s.view(f, l)
			s.each(f, func(id int) {
				p := threadPlace{l.placeOf(f, id, from.now), int64(id), from.now}
				if !begun || first.before(from, p) {
					first.add(p)
				}
			})
		})
		if err != nil || !sifted {
			return nil, sifted, err
		}
		places := first.sorted()
		if err := c.s.read(ctx, func(t *sql.Tx) error {
			found, err := threadsAt(ctx, t, places)
			rows = append(rows, found...)
			return err
		}); err != nil {
			return nil, true, err
		}
		if len(rows) == limit || len(places) < first.limit {
			return rows, true, nil
		}
		// Some are gone since the facts were read. A page that is short would
		// be taken for the list's end.
		from = places[len(places)-1]
	}
}

// threadsAt reads threads in the order of their places; those that are gone
// since are left out.
func threadsAt(ctx context.Context, t *sql.Tx, places []threadPlace) ([]placedThread, error) {
	at, ids := make(map[int64]int, len(places)), make([]int64, len(places))
	rows := make([]placedThread, len(places))
	for i, p := range places {
		at[p.id], ids[i] = i, p.id
	}
	err := each(ctx, t, threadColumns+`WHERE t.id IN `+oneOf, []any{values(ids)}, func(scan func(...any) error) error {
		th, id, err := scanThread(scan)
		if i, ok := at[id]; ok {
			rows[i] = placedThread{th, places[i]}
		}
		return err
	})
	return slices.DeleteFunc(rows, func(r placedThread) bool { return r.Ref == "" }), err
}

// firstPlaces keeps the first of many places of a list: a heap with the last of
// them on top.
type firstPlaces struct {
	limit     int
	ascending bool
	kept      []threadPlace
}

// before reports whether a comes before b in the list.
func (f *firstPlaces) before(a, b threadPlace) bool {
	n := cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id))
	return n < 0 && f.ascending || n > 0 && !f.ascending
}

func (f *firstPlaces) add(p threadPlace) {
	switch {
	case len(f.kept) < f.limit:
		heap.Push(f, p)
	case f.before(p, f.kept[0]):
		f.kept[0] = p
		heap.Fix(f, 0)
	}
}

func (f *firstPlaces) sorted() []threadPlace {
	slices.SortFunc(f.kept, func(a, b threadPlace) int {
		if f.before(a, b) {
			return -1
		}
		return 1
	})
	return f.kept
}

// Len, Less, Swap, Push and Pop are heap.Interface.
func (f *firstPlaces) Len() int           { return len(f.kept) }
func (f *firstPlaces) Less(i, j int) bool { return f.before(f.kept[j], f.kept[i]) }
func (f *firstPlaces) Swap(i, j int)      { f.kept[i], f.kept[j] = f.kept[j], f.kept[i] }
func (f *firstPlaces) Push(v any)         { f.kept = append(f.kept, v.(threadPlace)) }
func (f *firstPlaces) Pop() any {
	last := f.kept[len(f.kept)-1]
	f.kept = f.kept[:len(f.kept)-1]
	return last
}
