package search

import (
	"cmp"
	"context"
	"slices"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/phone"
)

// Result is a search's answer, in the shape of DESIGN §6.1.
type Result struct {
	Query    string    `json:"query"`
	People   []Person  `json:"people"`
	Messages []Message `json:"messages"`
	Coverage Coverage  `json:"coverage"`
	TookMS   float64   `json:"took_ms"` // the search alone
}

// Person is somebody found.
type Person struct {
	Person  string   `json:"person"`
	Name    string   `json:"name"`
	Names   []string `json:"names"`
	Phones  []string `json:"phones"` // E.164
	Threads []Thread `json:"threads"`
	Match   Match    `json:"match"`
	Reason  string   `json:"reason"`
	Score   int      `json:"score"`
}

// Thread is one of a person's threads; Conversation is its live one.
type Thread struct {
	Account       string             `json:"account"`
	Provider      inbox.ProviderName `json:"provider"`
	Thread        string             `json:"thread"`
	Conversation  string             `json:"conversation"`
	Status        inbox.Status       `json:"status"`
	LastMessageAt *string            `json:"last_message_at"`
}

// Match says what of a person matched; ranges are UTF-16 offsets into Text,
// end exclusive.
type Match struct {
	Field  string   `json:"field"`
	Text   string   `json:"text"`
	Exact  bool     `json:"exact"`
	Ranges [][2]int `json:"ranges"`
}

// Message is a message found; ranges are UTF-16 offsets into Text.
type Message struct {
	Account      string             `json:"account"`
	Provider     inbox.ProviderName `json:"provider"`
	Thread       string             `json:"thread"`
	Conversation string             `json:"conversation"`
	Message      string             `json:"message"`
	At           *string            `json:"at"`
	Direction    inbox.Direction    `json:"direction"`
	Text         string             `json:"text"`
	Ranges       [][2]int           `json:"ranges"`
}

// Coverage says how complete the answer is.
type Coverage struct {
	Conversations int64   `json:"conversations"`
	Complete      int64   `json:"complete"`
	Partial       int64   `json:"partial"`
	AsOf          *string `json:"as_of"`
}

// Engine answers searches over one cache.
type Engine struct {
	Cache  *cache.Cache
	People *People
}

// New makes an Engine whose people index is still to be loaded.
func New(c *cache.Cache) *Engine { return &Engine{c, NewPeople(c)} }

// Search answers a query: people, then messages, at most limit of each. ctx
// ends it early, when the next key is pressed.
func (e *Engine) Search(ctx context.Context, query string, where []phone.Context, limit int) (Result, error) {
	r := Result{Query: query, People: []Person{}, Messages: []Message{}}
	began := time.Now()
	hits := e.People.Find(query, where, limit)
	people, err := e.describe(ctx, hits)
	if err != nil {
		return r, err
	}
	r.People = people
	if r.Messages, err = e.messages(ctx, query, limit); err != nil {
		return r, err
	}
	r.TookMS = float64(time.Since(began).Microseconds()) / 1000
	cov, err := e.Cache.Coverage(ctx)
	r.Coverage = Coverage{cov.Conversations, cov.Complete, cov.Partial, inbox.TimeJSON(cov.AsOf)}
	return r, err
}

// describe reads from the cache what is shown of each hit.
func (e *Engine) describe(ctx context.Context, hits []Hit) ([]Person, error) {
	out := make([]Person, 0, len(hits))
	refs := make([]string, len(hits))
	for i, h := range hits {
		refs[i] = h.Person
	}
	rows := map[string][]cache.PersonRow{}
	if err := e.Cache.EachPerson(ctx, refs, func(r cache.PersonRow) error {
		rows[r.Person] = append(rows[r.Person], r)
		return nil
	}); err != nil {
		return nil, err
	}
	others := map[string][]string{}
	if err := e.Cache.OtherNames(ctx, refs, func(person, name string) error {
		others[person] = append(others[person], name)
		return nil
	}); err != nil {
		return nil, err
	}
	for _, h := range hits {
		if len(rows[h.Person]) == 0 {
			continue // gone since the index saw them
		}
		p := NewPerson(h.Person, rows[h.Person], others[h.Person])
		ranges := h.Ranges
		if ranges == nil {
			ranges = [][2]int{}
		}
		p.Match, p.Reason, p.Score = Match{h.Field, h.Text, h.Exact, ranges}, h.Reason, h.Score
		out = append(out, p)
	}
	return out, nil
}

// NewPerson joins the parts of one person, newest first.
func NewPerson(ref string, rows []cache.PersonRow, otherNames []string) Person {
	p := Person{Person: ref, Names: []string{}, Phones: []string{}, Threads: []Thread{}}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b cache.PersonRow) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Thread, b.Thread))
	})
	add := func(list *[]string, s string) {
		if s != "" && !slices.Contains(*list, s) {
			*list = append(*list, s)
		}
	}
	for _, r := range rows {
		add(&p.Names, r.Name)
		add(&p.Phones, r.E164)
		p.Threads = append(p.Threads, Thread{r.Account, r.Provider, r.Thread, r.Live, r.Status, inbox.TimeJSON(r.LastAt)})
	}
	for _, n := range otherNames {
		add(&p.Names, n)
	}
	if len(p.Names) > 0 {
		p.Name = p.Names[0]
	}
	return p
}
