package cache

import (
	"context"
	"database/sql"
	"math/bits"
	"slices"
)

// ThreadSet is a set of threads, a bit each.
type ThreadSet struct {
	bits []uint64 // by row number
	n    int
}

// Has reports whether the thread of that row number is one of them.
func (s *ThreadSet) Has(id int64) bool {
	return id >= 0 && id>>6 < int64(len(s.bits)) && s.bits[id>>6]>>(id&63)&1 != 0
}

// Len is how many they are.
func (s *ThreadSet) Len() int { return s.n }

func (s *ThreadSet) add(id int64) {
	for id>>6 >= int64(len(s.bits)) {
		s.bits = append(s.bits, make([]uint64, max(64, len(s.bits)))...)
	}
	if s.bits[id>>6]>>(id&63)&1 == 0 {
		s.bits[id>>6] |= 1 << (id & 63)
		s.n++
	}
}

// and is the set of those that are in both.
func (s *ThreadSet) and(o *ThreadSet) *ThreadSet {
	both := &ThreadSet{bits: make([]uint64, min(len(s.bits), len(o.bits)))}
	for i := range both.bits {
		both.bits[i] = s.bits[i] & o.bits[i]
		both.n += bits.OnesCount64(both.bits[i])
	}
	return both
}

// ids are their row numbers, in order.
func (s *ThreadSet) ids() []int64 {
	out := make([]int64, 0, s.n)
	for at, word := range s.bits {
		for ; word != 0; word &= word - 1 {
			out = append(out, int64(at<<6+bits.TrailingZeros64(word)))
		}
	}
	return out
}

// siftSet is the set of threads that n leaves, gone ones included; ready is
// false where there are no facts to tell.
func (c *Cache) siftSet(ctx context.Context, n Narrow) (set *ThreadSet, ready bool, err error) {
	set = &ThreadSet{}
	ready, err = c.sift(ctx, n, func(f *facts, s *sieve) { s.each(f, func(id int) { set.add(int64(id)) }) })
	return set, ready, err
}

// gather adds the threads that a query finds.
func (s *ThreadSet) gather(ctx context.Context, t *sql.Tx, query string, args ...any) error {
	return each(ctx, t, query, args, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		s.add(id)
		return err
	})
}

// sift gives fn the facts, as of the last commit, and the sieve of a narrow;
// ready is false where there are none, and fn is not called.
func (c *Cache) sift(ctx context.Context, n Narrow, fn func(*facts, *sieve)) (ready bool, err error) {
	if ready, err = c.settled(ctx); err != nil || !ready {
		return ready, err
	}
	among, err := c.namedThreads(ctx, &n.Facets, false)
	if err != nil {
		return true, err
	}
	without, err := c.namedThreads(ctx, &n.Not, true)
	if err != nil {
		return true, err
	}
	f := &c.facts
	f.mu.RLock()
	defer f.mu.RUnlock()
	if !f.ready { // forgotten meanwhile
		return false, nil
	}
	s := f.sieveOf(&n, among, without)
	fn(f, &s)
	return true, nil
}

// namedThreads are the threads that facets name, by themselves or by their
// people; nil where they name none. Where they name both, it is those that both have, or those that any has.
func (c *Cache) namedThreads(ctx context.Context, f *Facets, any bool) (*ThreadSet, error) {
	if f.People == nil && f.Threads == nil {
		return nil, nil
	}
	var people, threads ThreadSet
	err := c.s.read(ctx, func(t *sql.Tx) error {
		if err := people.gather(ctx, t, `SELECT t.id FROM contacts k CROSS JOIN threads t ON t.contact = k.id WHERE k.person IN `+oneOf, values(f.People)); err != nil {
			return err
		}
		return threads.gather(ctx, t, `SELECT id FROM threads WHERE ref IN `+oneOf, values(f.Threads))
	})
	switch {
	case f.Threads == nil:
		return &people, err
	case f.People == nil:
		return &threads, err
	}
	if !any {
		return people.and(&threads), err
	}
	for _, id := range threads.ids() {
		people.add(id)
	}
	return &people, err
}

// PeopleMatching are the first of the people (p_…), in their order and at most
// limit, who have a thread that n leaves.
func (c *Cache) PeopleMatching(ctx context.Context, n Narrow, people []string, limit int) ([]string, error) {
	if n.Empty() {
		return people[:min(limit, len(people))], nil
	}
	set, ready, err := c.siftSet(ctx, n)
	if err != nil {
		return nil, err
	}
	query, args, has := `SELECT k.person, t.id FROM contacts k CROSS JOIN threads t ON t.contact = k.id WHERE k.person IN `+oneOf, []any(nil), set.Has
	if !ready {
		cond, more := n.where(overThreads)
		query = `SELECT k.person, t.id FROM contacts k CROSS JOIN threads t ON t.contact = k.id JOIN accounts a ON a.id = t.account JOIN conversations c ON c.id = t.live
			WHERE k.person IN ` + oneOf + ` AND ` + cond
		args, has = more, func(int64) bool { return true }
	}
	out := []string{}
	err = c.s.read(ctx, func(t *sql.Tx) error {
		for part := range slices.Chunk(people, max(askMany, 2*limit)) {
			found := map[string]bool{}
			if err := each(ctx, t, query, append([]any{values(part)}, args...), func(scan func(...any) error) error {
				var person string
				var thread int64
				err := scan(&person, &thread)
				found[person] = found[person] || has(thread)
				return err
			}); err != nil {
				return err
			}
			for _, p := range part {
				if found[p] {
					out = append(out, p)
				}
			}
			if len(out) >= limit {
				break
			}
		}
		return nil
	})
	return out[:min(limit, len(out))], err
}
