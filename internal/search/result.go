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

// Result is a search's answer: as JSON in the shape of DESIGN §6.1, which
// scripts rely on, so that what the screen wants beside it is left out.
type Result struct {
	Query    string    `json:"query"`
	People   []Person  `json:"people"`
	Messages []Message `json:"messages"`
	Coverage Coverage  `json:"coverage"`
	TookMS   float64   `json:"took_ms"` // the search alone

	Parsed      query.Query       `json:"-"`
	Cursor      string            `json:"-"` // of the next page of messages, "" at the end
	PeopleReady bool              `json:"-"` // the people index is; else people came from the file, and not all
	Index       cache.IndexState  `json:"-"` // what messages are drawn from
	Accounts    []AccountCoverage `json:"-"` // those that were looked through
	Remote      Remote            `json:"-"`
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

// AccountCoverage says how complete one account's part is.
type AccountCoverage struct {
	Account       string  `json:"account"`
	State         string  `json:"state"`
	Complete      bool    `json:"complete"`
	Conversations int64   `json:"conversations"`
	Partial       int64   `json:"partial"`
	BackTo        *string `json:"back_to"` // how far back its list was read, null where it was to the end
}

// Remote says whether the platforms are asked, too.
type Remote string

// What the platforms are doing for an answer.
const (
	RemoteNone   Remote = "none"
	RemoteAsking Remote = "asking" // the event search says when there is more
	RemoteDone   Remote = "done"
)

// Engine answers searches over one cache. local, where names of the office's
// own are kept, may be nil: then nobody has any.
type Engine struct {
	Cache  *cache.Cache
	Local  *cache.Local
	People *People
}

// New makes an Engine whose people index is still to be loaded.
func New(c *cache.Cache, local *cache.Local) *Engine { return &Engine{c, local, NewPeople(c)} }

// What is searched.
const (
	OnlyPeople   = "people"
	OnlyMessages = "messages"
)

// Ask is a search.
type Ask struct {
	Query  string
	Where  []phone.Context // how the offices write their numbers
	Limit  int             // of people, and of messages
	Only   string          // "" for both
	Thread string          // t_…: its messages alone
	Person string          // p_…: their messages alone
	Best   bool            // messages best first, not newest first
	Cursor string          // Result.Cursor of the page before: messages alone
	Now    time.Time
}

// Search answers a query: people, then messages, at most Limit of each. ctx
// ends it early, when the next key is pressed.
//
// Errors: cache.ErrCursor; the context's, when it ends first.
func (e *Engine) Search(ctx context.Context, a Ask) (Result, error) {
	r := Result{Query: a.Query, People: []Person{}, Messages: []Message{}, Accounts: []AccountCoverage{}, PeopleReady: e.People.Ready(), Remote: RemoteNone}
	began := time.Now()
	if a.Now.IsZero() {
		a.Now = began
	}
	q, err := e.Read(ctx, a.Query, a.Now)
	if err != nil {
		return r, err
	}
	s := searching{e: e, ask: a, q: &q}
	if s.narrow, err = e.Resolve(ctx, &q, a.Where, a.Now); err != nil {
		return r, err
	}
	if a.Only != OnlyMessages && a.Thread == "" && a.Person == "" && a.Cursor == "" {
		if r.People, err = s.people(ctx); err != nil {
			return r, err
		}
	}
	if err := s.messages(ctx, &r); err != nil {
		return r, err
	}
	r.Parsed = q
	r.TookMS = float64(time.Since(began).Microseconds()) / 1000
	return r, e.cover(ctx, &s.narrow, &r)
}

// cover says what is here, and of the accounts that were looked through how
// much.
func (e *Engine) cover(ctx context.Context, n *cache.Narrow, r *Result) error {
	all, err := e.Cache.Coverage(ctx)
	if err != nil {
		return err
	}
	r.Coverage = Coverage{all.Conversations, all.Complete, all.Partial, inbox.TimeJSON(all.AsOf)}
	accounts, err := e.Cache.CoverageOf(ctx)
	for _, v := range accounts {
		if len(n.Accounts) == 0 || slices.Contains(n.Accounts, v.Account) {
			r.Accounts = append(r.Accounts, AccountCoverage{v.Account, v.State, v.Listed && v.Partial == 0, v.Conversations, v.Partial, inbox.TimeJSON(v.BackTo)})
		}
	}
	return err
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
