package export

import (
	"context"
	"slices"
	"time"

	"bandeja/internal/cache"
)

// heading is what stands at the top of a page.
type heading struct {
	title    string
	lines    []string
	coverage []string
}

// heading says whom the page is about or what it lists, in whose time, and what
// of it is copied.
func (p *page) heading(ctx context.Context, c *cache.Cache) (h heading, err error) {
	h.title = p.Words.T("transcript.title_" + string(p.Rows))
	of := scope{}
	if p.Select.Person != "" || p.Select.Thread != "" {
		if h, err = p.about(ctx, c, h, &of); err != nil {
			return h, err
		}
	} else if p.Select.Account != "" {
		h.lines = append(h.lines, p.Words.T("transcript.account", "account", p.Select.Account))
	}
	h.lines = append(h.lines, p.Words.T("transcript.made", "at", p.moment(p.Now), "zone", p.Zone))
	h.coverage, err = p.coverage(ctx, c, &of)
	return h, err
}

// scope is what of the copy a page is about.
type scope struct {
	accounts             []string // none: all, or the one that is selected
	conversations        int64
	whole, partial, gone int64
	from, to             time.Time
}

// about fills in whom the page is about, from their threads and conversations.
func (p *page) about(ctx context.Context, c *cache.Cache, h heading, of *scope) (heading, error) {
	person := p.Select.Person
	if person == "" {
		t, err := c.Thread(ctx, p.Select.Thread)
		if err != nil {
			return h, err
		}
		person = t.Person
	}
	people, err := c.People(ctx, []string{person})
	if err != nil {
		return h, err
	}
	p.channelOf = map[string]string{}
	for _, who := range people {
		name := who.Name
		if name == "" && len(who.E164s) > 0 {
			name = who.E164s[0]
		}
		if name == "" {
			name = p.Words.T("transcript.nameless")
		}
		h.title = p.Words.T("transcript.of_person", "name", name)
		if len(who.Names) > 1 {
			h.lines = append(h.lines, p.Words.T("transcript.names", "names", joined(who.Names)))
		}
		if len(who.E164s) > 0 {
			h.lines = append(h.lines, p.Words.T("transcript.phones", "phones", joined(who.E164s)))
		}
		for _, part := range who.Parts {
			p.channelOf[part.Thread] = part.Channel
			if (p.Select.Thread == "" || part.Thread == p.Select.Thread) && (p.Select.Account == "" || part.Account == p.Select.Account) && !slices.Contains(of.accounts, part.Account) {
				of.accounts = append(of.accounts, part.Account)
			}
		}
	}
	slices.Sort(of.accounts)
	return h, c.EachConversation(ctx, cache.Selection{Account: p.Select.Account, Person: p.Select.Person, Thread: p.Select.Thread}, func(s cache.StoredConversation) error {
		of.add(&s)
		return nil
	})
}

func (of *scope) add(s *cache.StoredConversation) {
	of.conversations++
	switch {
	case s.Gone:
		of.gone++
	case s.MessagesComplete:
		of.whole++
	default:
		of.partial++
	}
	if !s.CreatedAt.IsZero() && (of.from.IsZero() || s.CreatedAt.Before(of.from)) {
		of.from = s.CreatedAt
	}
	if s.LastAt.After(of.to) {
		of.to = s.LastAt
	}
}

// coverage says what is complete, what is not, and as of when.
func (p *page) coverage(ctx context.Context, c *cache.Cache, of *scope) (lines []string, err error) {
	if of.accounts == nil && p.Select.Account != "" {
		of.accounts = []string{p.Select.Account}
	}
	states, err := c.States(ctx)
	if err != nil {
		return nil, err
	}
	parts, err := c.CoverageOf(ctx)
	if err != nil {
		return nil, err
	}
	for i, part := range parts {
		if of.accounts != nil && !slices.Contains(of.accounts, part.Account) {
			continue
		}
		if p.Select.Person == "" && p.Select.Thread == "" {
			of.conversations += part.Conversations
			of.partial += part.Partial
			of.whole += part.Conversations - part.Partial
		}
		lines = append(lines, p.asOf(part, states[i].AsOf))
	}
	first := p.Words.T("transcript.whole", "count", of.conversations)
	if of.partial > 0 {
		first = p.Words.T("transcript.partly", "count", of.partial, "all", of.conversations)
	}
	lines = append([]string{first}, lines...)
	if of.gone > 0 {
		lines = append(lines, p.Words.T("transcript.gone", "count", of.gone))
	}
	return append(lines, p.Words.T("transcript.files")), nil
}

// asOf says of when an account's copy is.
func (p *page) asOf(part cache.AccountCoverage, at time.Time) string {
	args := []any{"account", part.Account, "platform", providerName(part.Provider), "at", p.moment(at)}
	switch {
	case !part.Listed && part.BackTo.IsZero():
		return p.Words.T("transcript.listing", args[:4]...)
	case !part.Listed:
		return p.Words.T("transcript.listing_back", append(args[:4], "at", p.moment(part.BackTo))...)
	case at.IsZero():
		return p.Words.T("transcript.as_of_unknown", args[:4]...)
	}
	return p.Words.T("transcript.as_of", args...)
}
