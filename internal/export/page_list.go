package export

import (
	"context"
	"fmt"
	"strings"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// listHeads are the columns of a page that is a list, by their words.
func listHeads(r Rows) []string {
	if r == Conversations {
		return []string{"last", "from", "name", "phone", "status", "tags", "messages", "copied"}
	}
	return []string{"name", "phone", "threads", "joins"}
}

// list writes conversations or people as a table.
func (p *page) list(ctx context.Context, c *cache.Cache) error {
	p.tag("<table>\n<thead><tr>")
	for _, h := range listHeads(p.Rows) {
		p.tag(`<th scope="col">`)
		p.say("head_" + h)
		p.tag("</th>")
	}
	p.tag("</tr></thead>\n<tbody>\n")
	if err := p.each(ctx, c, func(row any) error {
		if p.done == MostPageRows {
			return &TooLongError{}
		}
		p.tag("<tr>")
		switch row := row.(type) {
		case cache.StoredConversation:
			p.conversationCells(&row)
		case Person:
			p.personCells(&row)
		}
		p.tag("</tr>\n")
		return nil
	}); err != nil {
		return err
	}
	p.tag("</tbody>\n</table>\n")
	if p.done == 0 {
		p.tag("<p>")
		p.say("nothing")
		p.tag("</p>\n")
	}
	return nil
}

func (p *page) cell(s string) {
	p.tag(`<td dir="auto">`)
	p.text(s)
	p.tag("</td>")
}

func (p *page) conversationCells(s *cache.StoredConversation) {
	p.cell(p.maybe(s.LastAt))
	p.tag("<td>")
	p.origin(s.Account, s.Provider, s.Channel)
	p.tag("</td>")
	p.cell(s.Name)
	p.cell(s.Phone)
	p.cell(p.status(s))
	p.cell(strings.Join(s.Tags, ", "))
	p.cell(p.Words.Number(s.Messages))
	copied := "copied"
	switch {
	case s.Gone:
		copied = "copied_gone"
	case !s.MessagesComplete:
		copied = "copied_partly"
	}
	p.cell(p.Words.T("transcript." + copied))
}

// status is the status in our word, or the provider's where there is none.
func (p *page) status(s *cache.StoredConversation) string {
	if s.Status == inbox.Unknown && s.StatusWord != "" {
		return s.StatusWord
	}
	return p.Words.T("status." + string(s.Status))
}

// maybe is a time, or nothing where it is not known.
func (p *page) maybe(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return p.moment(t)
}

func (p *page) personCells(row *Person) {
	name := p.Words.T("transcript.nameless")
	if len(row.Names) > 0 {
		name = joined(row.Names)
	}
	p.cell(name)
	p.cell(joined(row.Phones))
	p.cell(fmt.Sprint(len(row.Threads)))
	reasons := make([]string, len(row.Joins))
	for i, j := range row.Joins {
		reasons[i] = j.Strength
	}
	p.cell(joined(p.strengths(reasons)))
}

// strengths says once each how contacts came to be one person.
func (p *page) strengths(all []string) (out []string) {
	seen := map[string]bool{}
	for _, s := range all {
		if !seen[s] {
			seen[s] = true
			out = append(out, p.Words.T("transcript.join_"+s))
		}
	}
	return out
}

// joined is a list in one line.
func joined(items []string) string { return strings.Join(items, " · ") }
