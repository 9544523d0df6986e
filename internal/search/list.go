package search

import (
	"context"
	"slices"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/phone"
	"bandeja/internal/query"
)

// listed bounds how many people and how many messages with the words of a
// query lead to threads of a list.
const listed = 500

// Narrow reads a query for a list of threads: what is left are those that its
// filters leave and, of its words, those of people who are called so or have
// such a number, and those in whose messages they stand.
func (e *Engine) Narrow(ctx context.Context, text string, where []phone.Context, now time.Time) (cache.Narrow, query.Query, error) {
	q, err := e.Read(ctx, text, now)
	if err != nil {
		return cache.Narrow{}, q, err
	}
	n, err := e.Resolve(ctx, &q, where, now)
	if err != nil || !q.Has() {
		return n, q, err
	}
	s := searching{e: e, ask: Ask{Where: where, Limit: listed, Now: now}, q: &q, narrow: n}
	people, err := s.people(ctx)
	if err != nil {
		return n, q, err
	}
	threads := []string{}
	for _, p := range people {
		for _, t := range p.Threads {
			threads = append(threads, t.Thread)
		}
	}
	var found Result
	if err := s.messages(ctx, &found); err != nil {
		return n, q, err
	}
	for _, m := range found.Messages {
		threads = append(threads, m.Thread)
	}
	slices.Sort(threads)
	n.Threads = slices.Compact(threads)
	return n, q, nil
}
