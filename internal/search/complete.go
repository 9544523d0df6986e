package search

import (
	"context"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/query"
)

// Complete offers what may stand at the caret of a query, with the names that
// there are here.
func (e *Engine) Complete(ctx context.Context, text string, at int, lang query.Lang) ([]query.Completion, error) {
	q, err := e.Read(ctx, text, time.Now())
	if err != nil {
		return nil, err
	}
	r := resolver{e: e, ctx: ctx, q: &q}
	out := q.Complete(at, lang, r.choices)
	return out, r.err
}

// choices are the values of a filter that there are here.
func (r *resolver) choices(key query.Key) (out []query.Choice) {
	switch key {
	case query.Account:
		accounts, err := r.e.accounts(r.ctx)
		for _, a := range accounts {
			out = append(out, query.Choice{Value: a.Name, Detail: a.Provider.Title()})
		}
		r.err = err
	case query.Channel:
		return choicesOf(r, r.channels, func(v named[cache.ChannelRef]) query.Choice {
			return query.Choice{Value: v.write, Label: v.names[1], Detail: v.value.Account}
		})
	case query.Assignee:
		return choicesOf(r, r.agents, func(v named[string]) query.Choice { return query.Choice{Value: v.write, Detail: v.value} })
	case query.Tag:
		return choicesOf(r, r.tags, func(v named[string]) query.Choice { return query.Choice{Value: v.write} })
	}
	return out
}

func choicesOf[T any](r *resolver, list func() ([]named[T], error), choice func(named[T]) query.Choice) (out []query.Choice) {
	all, err := list()
	if err != nil {
		r.err = err
		return nil
	}
	for _, v := range all {
		out = append(out, choice(v))
	}
	return out
}
