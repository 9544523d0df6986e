package search

import (
	"context"
	"slices"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/phone"
	"bandeja/internal/query"
)

// Listed bounds how many people, and how many messages, with the words of a
// query lead to threads of a list.
const Listed = 500

// Narrow reads a query for threads: what is left are those that its filters
// leave and, of its words, those of people who are called so or have such a
// number, and those in whose messages they stand, most of each at most.
func (e *Engine) Narrow(ctx context.Context, text string, where []phone.Context, now time.Time, most int) (cache.Narrow, query.Query, error) {
	q, err := e.Read(ctx, text, now)
	if err != nil {
		return cache.Narrow{}, q, err
	}
	n, err := e.Resolve(ctx, &q, where, now)
	if err != nil || !q.Has() {
		return n, q, err
	}
	s := searching{e: e, ask: Ask{Where: where, Limit: min(Listed, most), Now: now}, q: &q, narrow: n}
	threads, err := s.threadsOfPeople(ctx, most)
	if err != nil {
		return n, q, err
	}
	for found := 0; found < most; {
		var page Result
		if err := s.messages(ctx, &page); err != nil {
			return n, q, err
		}
		for _, m := range page.Messages {
			threads = append(threads, m.Thread)
		}
		found += len(page.Messages)
		if s.ask.Cursor = page.Cursor; page.Cursor == "" {
			break
		}
	}
	slices.Sort(threads)
	n.Threads = slices.Compact(threads)
	return n, q, nil
}

// threadsOfPeople are the threads of those whom the words find.
func (s *searching) threadsOfPeople(ctx context.Context, most int) ([]string, error) {
	hits, err := s.hits(ctx, most)
	if err != nil {
		return nil, err
	}
	out := []string{}
	for part := range slices.Chunk(hits, Listed) {
		people, err := s.e.describe(ctx, part)
		if err != nil {
			return nil, err
		}
		for _, p := range people {
			if s.excluded(p) {
				continue
			}
			for _, t := range p.Threads {
				out = append(out, t.Thread)
			}
		}
	}
	return out, nil
}
