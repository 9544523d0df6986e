package search

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/phone"
	"bandeja/internal/query"
)

// Read parses a query as the profile's offices mean it: days begin in the zone
// of the account that is asked for, or else of the first.
func (e *Engine) Read(ctx context.Context, text string, now time.Time) (query.Query, error) {
	accounts, err := e.accounts(ctx)
	if err != nil {
		return query.Query{}, err
	}
	q := query.Parse(text, now, inbox.LocationAmong(accounts, ""))
	if one := q.Filter.Accounts; len(one) == 1 {
		for _, a := range accounts {
			if query.Fold(a.Name) == query.Fold(one[0]) {
				q = query.Parse(text, now, a.Location())
			}
		}
	}
	return q, nil
}

func (e *Engine) accounts(ctx context.Context) ([]inbox.Account, error) {
	if e.Local == nil {
		return nil, nil
	}
	return e.Local.Accounts(ctx)
}

// Resolve looks up the names that a query's filters have. What nobody here is
// called is added to the query's problems: an account or a channel that is not
// there is left out, as what could not be understood is; somebody or a tag that
// is not there leaves nothing, as it may be there tomorrow.
func (e *Engine) Resolve(ctx context.Context, q *query.Query, where []phone.Context, now time.Time) (cache.Narrow, error) {
	r := resolver{e: e, ctx: ctx, q: q, where: where}
	n := cache.Narrow{After: q.Filter.After, Before: q.Filter.Before, Now: now, Here: time.Now()}
	n.Facets = r.facets(&q.Filter.Facets, false)
	n.Not = r.facets(&q.Filter.Not, true)
	n.Not.Nothing = false
	return n, r.err
}

// resolver looks names up, until something fails.
type resolver struct {
	e     *Engine
	ctx   context.Context
	q     *query.Query
	where []phone.Context
	err   error
}

// facets are a query's in the cache's terms.
func (r *resolver) facets(f *query.Facets, negated bool) cache.Facets {
	out := cache.Facets{Providers: f.Providers, Statuses: f.Statuses, Kinds: f.Kinds, Directions: f.Directions,
		Unassigned: f.Unassigned, Unread: f.Unread, NeedsReply: f.NeedsReply, Waiting: f.Waiting, Partial: f.Partial, Snoozed: f.Snoozed, Within: f.ExpiresWithin}
	for _, v := range f.Accounts {
		out.Accounts = append(out.Accounts, lookUp(r, query.Account, v, negated, r.accounts)...)
	}
	for _, v := range f.Channels {
		out.Channels = append(out.Channels, lookUp(r, query.Channel, v, negated, r.channels)...)
	}
	for _, v := range f.Assignees {
		out.Assignees = append(out.Assignees, lookUp(r, query.Assignee, v, negated, r.agents)...)
	}
	for _, v := range f.Tags {
		out.Tags = append(out.Tags, lookUp(r, query.Tag, v, negated, r.tags)...)
	}
	for _, v := range f.Phones {
		out.People = append(out.People, r.lines(v)...)
	}
	out.Nothing = len(f.Assignees) > 0 && len(out.Assignees) == 0 || len(f.Tags) > 0 && len(out.Tags) == 0 || len(f.Phones) > 0 && len(out.People) == 0
	return out
}

// named is a thing that a filter may mean, by any of its names.
type named[T any] struct {
	value T
	write string   // how it is written in a query
	names []string // of them some may be empty
}

// lookUp finds the things of a name: those that are called so, or else have it
// as a word, or else begin so. Tags are called so or they are not.
func lookUp[T any](r *resolver, key query.Key, written string, negated bool, list func() ([]named[T], error)) (out []T) {
	if r.err != nil {
		return nil
	}
	all, err := list()
	if err != nil {
		r.err = err
		return nil
	}
	asked := query.Fold(written)
	ranks := map[int][]T{}
	var near []string
	for _, v := range all {
		rank := 9
		for _, name := range v.names {
			rank = min(rank, rankOf(name, asked))
		}
		ranks[rank] = append(ranks[rank], v.value)
		if rank == 2 && !slices.Contains(near, v.write) {
			near = append(near, v.write)
		}
	}
	most := 2
	if key == query.Tag {
		most = 0
	}
	for rank := range most + 1 {
		if len(ranks[rank]) > 0 {
			return ranks[rank]
		}
	}
	p := query.Problem{Code: query.UnknownValue, Key: key, Value: written}
	for _, part := range r.q.Parts {
		if part.Key == key && part.Value == written && part.Negated == negated {
			p.Start, p.End = part.Start, part.End
		}
	}
	if len(near) == 0 {
		near = nearestOf(all, asked)
	}
	for _, v := range near[:min(3, len(near))] {
		p.Suggest = append(p.Suggest, query.Suggestion{Key: key, Value: v, Negated: negated})
	}
	r.q.Problems = append(r.q.Problems, p)
	return nil
}

// rankOf says how well a name is the one asked for: 0 it is, 1 one of its words
// is, 2 one of them begins so.
func rankOf(name, asked string) int {
	if name == "" || asked == "" {
		return 9
	}
	if query.Fold(name) == asked {
		return 0
	}
	best := 9
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.Is(unicode.Mn, r) }) {
		if w = query.Fold(w); w == asked {
			best = 1
		} else if strings.HasPrefix(w, asked) {
			best = min(best, 2)
		}
	}
	return best
}

// nearestOf are the names that may have been meant.
func nearestOf[T any](all []named[T], asked string) (out []string) {
	for _, v := range all {
		if slices.ContainsFunc(v.names, func(name string) bool { return query.Alike(name, asked) }) && !slices.Contains(out, v.write) {
			out = append(out, v.write)
		}
	}
	return out
}

func (r *resolver) accounts() (out []named[string], err error) {
	accounts, err := r.e.accounts(r.ctx)
	for _, a := range accounts {
		out = append(out, named[string]{a.Name, a.Name, []string{a.Name}})
	}
	return out, err
}

func (r *resolver) channels() (out []named[cache.ChannelRef], err error) {
	channels, err := r.e.Cache.Channels(r.ctx)
	if err != nil {
		return nil, err
	}
	called := map[[2]string]string{}
	if r.e.Local != nil {
		if called, err = r.e.Local.ChannelNames(r.ctx); err != nil {
			return nil, err
		}
	}
	for _, c := range channels {
		name := called[[2]string{c.Account, c.ID}]
		write := name
		if write == "" {
			write = c.ID
		}
		out = append(out, named[cache.ChannelRef]{c, write, []string{c.ID, name}})
	}
	return out, nil
}

func (r *resolver) tags() (out []named[string], err error) {
	tags, err := r.e.Cache.Tags(r.ctx)
	for _, t := range tags {
		out = append(out, named[string]{t, t, []string{t}})
	}
	return out, err
}

// agents are everybody who is or was assigned, or was named; oneself by that
// name, too.
func (r *resolver) agents() (out []named[string], err error) {
	agents, err := r.e.Cache.AgentRefs(r.ctx, "")
	if err != nil || r.e.Local == nil {
		return agentsNamed(agents), err
	}
	called, err := r.e.Local.Agents(r.ctx, "")
	return agentsNamed(append(called, agents...)), err
}

func agentsNamed(agents []cache.AgentRef) (out []named[string]) {
	for _, a := range agents {
		if i := slices.IndexFunc(out, func(o named[string]) bool { return o.value == a.Ref }); i >= 0 && a.Name == "" && !a.Me {
			continue
		}
		local, _, _ := strings.Cut(a.Ref, "@")
		v := named[string]{a.Ref, a.Ref, []string{a.Ref, local, a.Name}}
		if a.Name != "" {
			v.write = a.Name
		}
		if a.Me {
			v.names = append(v.names, query.Me)
		}
		out = append(out, v)
	}
	return out
}

// mostLines bounds whom a part of a number stands for.
const mostLines = 1000

// lines are the people with such a number.
func (r *resolver) lines(written string) []string {
	if r.err != nil {
		return nil
	}
	hits, err := r.e.find(r.ctx, written, r.where, mostLines)
	r.err = err
	var out []string
	for _, h := range hits {
		if h.Field == "phone" {
			out = append(out, h.Person)
		}
	}
	return out
}
