package search

import (
	"context"
	"slices"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/phone"
	"bandeja/internal/query"
)

// searching is one search: what was asked, and what it is narrowed to.
type searching struct {
	e      *Engine
	ask    Ask
	q      *query.Query
	narrow cache.Narrow
}

// find looks people up in the index, or in the file while it is being made.
func (e *Engine) find(ctx context.Context, text string, where []phone.Context, limit int) ([]Hit, error) {
	return e.findAmong(ctx, text, where, limit, Among{})
}

// findAmong is find among some people; the file knows nothing of that.
func (e *Engine) findAmong(ctx context.Context, text string, where []phone.Context, limit int, among Among) ([]Hit, error) {
	if e.People.Ready() {
		return e.People.FindAmong(text, where, limit, among), nil
	}
	return FindInSQL(ctx, e.Cache, text, where, limit)
}

// More and more hits are held to what they must not be until there are enough,
// or nobody is left to look at. The index has left out all but a few of those
// before: the next look is for the moment in which it is being made.
const (
	wider  = 8       // times as many hits at the next look
	widest = 200_000 // hits looked at
)

// people are those of the words, best first, or without words those met last,
// who have a thread that the filters leave.
func (s *searching) people(ctx context.Context) ([]Person, error) {
	if !s.q.Has() && !s.narrow.Empty() {
		return s.peopleOfList(ctx)
	}
	if !s.q.Has() && slices.ContainsFunc(s.q.Parts, func(p query.Part) bool { return p.Kind != query.FilterPart }) {
		return []Person{}, nil // nothing that can be looked for, or only what must not be there
	}
	for limit := s.ask.Limit; ; limit *= wider {
		hits, err := s.hits(ctx, limit)
		if err != nil {
			return nil, err
		}
		out := []Person{}
		for part := range slices.Chunk(hits, max(1, s.ask.Limit)) {
			found, err := s.e.describe(ctx, part)
			if err != nil {
				return nil, err
			}
			if out = append(out, slices.DeleteFunc(found, s.excluded)...); len(out) >= s.ask.Limit {
				break
			}
		}
		if len(out) >= s.ask.Limit || len(hits) < limit || limit >= widest || len(s.without()) == 0 {
			return out[:min(s.ask.Limit, len(out))], nil
		}
	}
}

// hits are those of the words, best first and at most limit, who have a thread
// that the filters leave.
func (s *searching) hits(ctx context.Context, limit int) ([]Hit, error) {
	among := Among{Without: s.without()}
	if s.narrow.Empty() || limit <= 0 {
		return s.e.findAmong(ctx, s.q.Plain(), s.ask.Where, limit, among)
	}
	people, ready, err := s.e.Cache.PeopleLeft(ctx, s.narrow)
	if err != nil {
		return nil, err
	}
	if ready {
		among.Keep = people.MayHave
	}
	for wide := limit + limit/4; ; wide *= wider {
		hits, err := s.e.findAmong(ctx, s.q.Plain(), s.ask.Where, wide, among)
		if err != nil {
			return nil, err
		}
		all := len(hits) < wide || wide >= widest
		if hits, err = s.left(ctx, hits, limit); err != nil || all || len(hits) >= limit {
			return hits, err
		}
	}
}

// without are the words that no name may have.
func (s *searching) without() (words []string) {
	for _, w := range s.q.Words {
		if w.Exclude {
			words = append(words, w.Text)
		}
	}
	return words
}

// left are the first of the hits whom the filters leave, in their order.
func (s *searching) left(ctx context.Context, hits []Hit, limit int) ([]Hit, error) {
	if s.narrow.Empty() {
		return hits, nil
	}
	refs := make([]string, len(hits))
	for i := range hits {
		refs[i] = hits[i].Person
	}
	kept, err := s.e.Cache.PeopleMatching(ctx, s.narrow, refs, limit)
	return slices.DeleteFunc(hits, func(h Hit) bool {
		if len(kept) == 0 || kept[0] != h.Person {
			return true
		}
		kept = kept[1:]
		return false
	}), err
}

// excluded reports whether a name has a word that it must not have.
func (s *searching) excluded(p Person) bool {
	for _, word := range s.without() {
		lacks := cut(Fold(word))
		for _, name := range p.Names {
			if has := cut(Fold(name)); len(lacks) > 0 && contains(has, lacks) {
				return true
			}
		}
	}
	return false
}

// contains reports whether some words stand side by side among others.
func contains[T comparable](words, some []T) bool {
	for i := range len(words) - len(some) + 1 {
		if slices.Equal(words[i:i+len(some)], some) {
			return true
		}
	}
	return false
}

// peopleOfList are the people of the newest threads that the filters leave.
func (s *searching) peopleOfList(ctx context.Context) ([]Person, error) {
	var hits []Hit
	cursor := ""
	for len(hits) < s.ask.Limit {
		page, next, err := s.e.Cache.Threads(ctx, cache.ThreadFilter{View: cache.All, Now: s.ask.Now, Narrow: s.narrow}, cursor, 2*s.ask.Limit)
		if err != nil {
			return nil, err
		}
		for _, t := range page {
			if !slices.ContainsFunc(hits, func(h Hit) bool { return h.Person == t.Person }) {
				hits = append(hits, threadHit(t))
			}
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	return s.e.describe(ctx, hits[:min(s.ask.Limit, len(hits))])
}

// threadHit is somebody who was not looked for by name.
func threadHit(t cache.Thread) Hit {
	if t.Name == "" {
		return Hit{Person: t.Person, Field: "phone", Text: t.Phone, Reason: "recent"}
	}
	return Hit{Person: t.Person, Field: "name", Text: t.Name, Reason: "recent"}
}

// messages adds the messages that have the words. Without words there are some
// where a filter is about messages: of a kind, a direction, a time.
func (s *searching) messages(ctx context.Context, r *Result) error {
	q, possible, err := s.messageQuery(ctx)
	if err != nil {
		return err
	}
	if !possible || s.ask.Only == OnlyPeople || s.ask.Limit <= 0 {
		q = cache.MessageQuery{Threads: []string{}} // nothing, but what there is to look through
	}
	found, err := s.e.FindMessages(ctx, q)
	if err != nil {
		return err
	}
	r.Messages, r.Cursor, r.Index = found.Messages, found.Next, found.Index
	return nil
}

// messageQuery is the search's in the cache's terms; possible is false where
// nothing is looked for.
func (s *searching) messageQuery(ctx context.Context) (q cache.MessageQuery, possible bool, err error) {
	q = cache.MessageQuery{Thread: s.ask.Thread, Person: s.ask.Person, After: s.narrow.After, Before: s.narrow.Before, Best: s.ask.Best, Cursor: s.ask.Cursor, Limit: s.ask.Limit}
	q.Words = WordsOf(s.q)
	rest := s.narrow // what the message index knows nothing of
	rest.After, rest.Before = time.Time{}, time.Time{}
	q.Kinds = narrowed(inbox.Kinds, take(&rest.Kinds), take(&rest.Not.Kinds))
	if d := narrowed([]inbox.Direction{inbox.In, inbox.Out}, take(&rest.Directions), take(&rest.Not.Directions)); len(d) == 1 {
		q.Direction = d[0]
	} else if d != nil && len(d) == 0 {
		return q, false, nil
	}
	if q.Accounts, err = s.accounts(ctx, &rest); err != nil {
		return q, false, err
	}
	if q.Kinds != nil && len(q.Kinds) == 0 || q.Accounts != nil && len(q.Accounts) == 0 {
		return q, false, nil
	}
	about := q.Kinds != nil || q.Direction != "" || !q.After.IsZero() || !q.Before.IsZero()
	if !asksFor(q.Words) && (s.q.Has() || !about) {
		return q, false, nil
	}
	if !rest.Empty() {
		q.Narrow = &rest
	}
	return q, true, nil
}

// WordsOf are a query's words as messages are asked for them.
func WordsOf(q *query.Query) (out []cache.Word) {
	for _, w := range q.Words {
		out = append(out, cache.Word{Text: w.Text, Phrase: w.Phrase, Exclude: w.Exclude, Prefix: w.Prefix})
	}
	return out
}

// accounts are those that a narrow's accounts and providers leave, which it
// loses; nil for all.
func (s *searching) accounts(ctx context.Context, n *cache.Narrow) ([]string, error) {
	names, without := take(&n.Accounts), take(&n.Not.Accounts)
	of, notOf := take(&n.Providers), take(&n.Not.Providers)
	if len(of)+len(notOf)+len(without) == 0 {
		return names, nil
	}
	all, err := s.e.Cache.CoverageOf(ctx)
	out := []string{}
	for _, a := range all {
		if (len(names) == 0 || slices.Contains(names, a.Account)) && !slices.Contains(without, a.Account) &&
			(len(of) == 0 || slices.Contains(of, a.Provider)) && !slices.Contains(notOf, a.Provider) {
			out = append(out, a.Account)
		}
	}
	return out, err
}

// take empties a list and gives what it had.
func take[T any](list *[]T) []T {
	had := *list
	*list = nil
	return had
}

// narrowed are the values that are asked for, of all that there are; nil where
// nothing is said of them.
func narrowed[T comparable](all, asked, without []T) []T {
	if len(asked)+len(without) == 0 {
		return nil
	}
	out := []T{}
	for _, v := range all {
		if (len(asked) == 0 || slices.Contains(asked, v)) && !slices.Contains(without, v) {
			out = append(out, v)
		}
	}
	return out
}
