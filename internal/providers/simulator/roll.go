package simulator

import (
	"slices"
	"sort"
)

// roll is a list that stays sorted while its rows change. Whoever changes what
// it is sorted by takes the row out first and puts it back after.
type roll[T any] struct {
	rows []*T
	cmp  func(a, b *T) int // never 0 for two different rows
}

func (r *roll[T]) sort() { slices.SortFunc(r.rows, r.cmp) }

// place is the index of row, or where it would go.
func (r *roll[T]) place(row *T) int {
	return sort.Search(len(r.rows), func(i int) bool { return r.cmp(r.rows[i], row) >= 0 })
}

func (r *roll[T]) take(row *T) {
	if i := r.place(row); i < len(r.rows) && r.rows[i] == row {
		r.rows = slices.Delete(r.rows, i, i+1)
	}
}

func (r *roll[T]) put(row *T) { r.rows = slices.Insert(r.rows, r.place(row), row) }
