package search

import (
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
	refs := make([]string, len(hits))
	for i, h := range hits {
		refs[i] = h.Person
	}
	people, err := e.Cache.People(ctx, refs)
	if err != nil {
		return nil, err
	}
	out := make([]Person, 0, len(people))
	for _, v := range people { // in the order of the hits; who is gone since is left out
		h := hits[slices.Index(refs, v.Ref)]
		p := Person{Person: v.Ref, Name: v.Name, Names: v.Names, Phones: v.E164s, Threads: []Thread{}, Reason: h.Reason, Score: h.Score}
		for _, r := range v.Parts {
			p.Threads = append(p.Threads, Thread{r.Account, r.Provider, r.Thread, r.Live, r.Status, inbox.TimeJSON(r.LastAt)})
		}
		ranges := h.Ranges
		if ranges == nil {
			ranges = [][2]int{}
		}
		p.Match = Match{h.Field, h.Text, h.Exact, ranges}
		out = append(out, p)
	}
	return out, nil
}
