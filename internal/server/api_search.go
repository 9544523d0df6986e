package server

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"bandeja/internal/phone"
	"bandeja/internal/query"
	"bandeja/internal/search"
	"bandeja/internal/words"
)

// longestQuery bounds what is read of a query, in characters: what is longer is
// no search.
const longestQuery = 10_000

// queryOf reads the parameter that is a query: 400 where it is no text.
func queryOf(q url.Values) (string, error) {
	text := q.Get("q")
	if !utf8.ValidString(text) {
		return "", fail(http.StatusBadRequest, "q", "error.not_text")
	}
	if utf8.RuneCountInString(text) > longestQuery {
		return "", fail(http.StatusBadRequest, "q", "error.long_query", "count", longestQuery)
	}
	return text, nil
}

type parsedAnswer struct {
	Words    string          `json:"words"` // what is looked for, without the filters
	Parts    []partAnswer    `json:"parts"`
	Problems []problemAnswer `json:"problems"`
}

type partAnswer struct {
	Kind    query.PartKind `json:"kind"`
	Key     query.Key      `json:"key"`
	Value   string         `json:"value"`
	Text    string         `json:"text"`
	Label   string         `json:"label"`
	Negated bool           `json:"negated"`
	Start   int            `json:"start"`
	End     int            `json:"end"`
}

type problemAnswer struct {
	Start       int        `json:"start"`
	End         int        `json:"end"`
	Code        query.Code `json:"code"`
	Message     string     `json:"message"`
	Suggestions []string   `json:"suggestions"`
}

// lang is the language that queries are written in to people of that of the
// session.
func lang(w words.Words) query.Lang {
	if w.Lang() == words.English {
		return query.English
	}
	return query.Spanish
}

// parsed says in words what a query was understood to be.
func parsed(w words.Words, q *query.Query) parsedAnswer {
	out := parsedAnswer{q.Plain(), []partAnswer{}, []problemAnswer{}}
	for _, p := range q.Parts {
		out.Parts = append(out.Parts, partAnswer{p.Kind, p.Key, p.Value, p.Text, label(w, p), p.Negated, p.Start, p.End})
	}
	for _, p := range q.Problems {
		suggestions := []string{}
		for _, s := range p.Suggest {
			suggestions = append(suggestions, s.Render(lang(w)))
		}
		key, args := p.Sentence()
		out.Problems = append(out.Problems, problemAnswer{p.Start, p.End, p.Code, w.T(key, args...), suggestions})
	}
	return out
}

// label is how a part is shown.
func label(w words.Words, p query.Part) string {
	if p.Kind != query.FilterPart || p.Key == "" {
		return p.Text
	}
	value := query.ValueName(p.Key, p.Value, lang(w))
	if key := "query.value." + string(p.Key) + "." + p.Value; w.Has(key) {
		value = w.T(key)
	}
	form := "query.label"
	if p.Negated {
		form = "query.label_not"
	}
	if p.Key == query.Is && w.Has("query.value.is."+p.Value) {
		form += "_is"
	}
	return w.T(form, "key", w.T("query.key."+string(p.Key)), "value", value)
}

// foundAnswer is a result with what the screen wants beside it.
type foundAnswer struct {
	search.Result
	People      []foundPerson  `json:"people"`
	Messages    []foundMessage `json:"messages"`
	Coverage    coverageAnswer `json:"coverage"`
	Parsed      parsedAnswer   `json:"parsed"`
	Cursor      *string        `json:"cursor"`
	PeopleReady bool           `json:"people_ready"`
	Index       indexAnswer    `json:"index"`
	Remote      search.Remote  `json:"remote"`
}

type foundPerson struct {
	search.Person
	Displays []string `json:"displays"` // their phones as people read them
	Fetched  bool     `json:"fetched"`  // with the help of a platform
}

type foundMessage struct {
	search.Message
	Name string `json:"name"` // whose thread it is in: their number where there is no name
}

// foundOf lays beside what was found what the screen says of it.
func (s *Server) foundOf(ctx context.Context, f *search.Result) (people []foundPerson, messages []foundMessage, err error) {
	people, messages = []foundPerson{}, []foundMessage{}
	for _, p := range f.People {
		displays := make([]string, len(p.Phones))
		for i, number := range p.Phones {
			displays[i] = cmp.Or(phone.Parse(number, phone.Context{}).Display, number)
		}
		people = append(people, foundPerson{p, displays, s.o.Office.Brought(p.Person)})
	}
	threads := make([]string, len(f.Messages))
	for i, m := range f.Messages {
		threads[i] = m.Thread
	}
	whose, err := s.o.Cache.ThreadNames(ctx, threads)
	if err != nil {
		return nil, nil, err
	}
	for _, m := range f.Messages {
		messages = append(messages, foundMessage{m, whose[m.Thread]})
	}
	return people, messages, nil
}

// Question is what the platforms are asked beside a search.
type Question struct {
	Text     string   // a name, or a number or a part of one
	Accounts []string // those alone, as written; none: all
}

// askProviders has the platforms asked for whom the words may mean, where
// people are looked for.
func (s *Server) askProviders(a *search.Ask, q *query.Query) search.Remote {
	question := Question{q.Plain(), q.Filter.Accounts}
	if question.Text == "" && len(q.Filter.Phones) > 0 {
		question.Text = q.Filter.Phones[0]
	}
	if question.Text == "" || a.Only == search.OnlyMessages || a.Thread != "" || a.Person != "" || a.Cursor != "" {
		return search.RemoteNone
	}
	return s.o.Office.AskProviders(question)
}

type coverageAnswer struct {
	search.Coverage
	Accounts []search.AccountCoverage `json:"accounts"`
}

type indexAnswer struct {
	Ready   bool  `json:"ready"`
	Waiting int64 `json:"waiting"`
}

func (s *Server) search(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	ask, err := s.askOf(q)
	if err != nil {
		return err
	}
	if ask.Where, ask.Now, err = s.where(r.Context()); err != nil {
		return err
	}
	f, err := s.o.Search.Search(r.Context(), ask)
	if err != nil {
		return err
	}
	people, messages, err := s.foundOf(r.Context(), &f)
	if err != nil {
		return err
	}
	out := foundAnswer{f, people, messages, coverageAnswer{f.Coverage, f.Accounts}, parsed(s.words(r), &f.Parsed), nil, f.PeopleReady, indexAnswer{f.Index.Ready, f.Index.Waiting}, s.askProviders(&ask, &f.Parsed)}
	if f.Cursor != "" {
		out.Cursor = &f.Cursor
	}
	return writeJSON(w, http.StatusOK, out)
}

// askOf reads what is asked of a search.
func (s *Server) askOf(q url.Values) (a search.Ask, err error) {
	if a.Query, err = queryOf(q); err != nil {
		return a, err
	}
	if a.Limit, err = limitOf(q, 20, 100); err != nil {
		return a, err
	}
	if a.Only = q.Get("only"); !slices.Contains([]string{"", search.OnlyPeople, search.OnlyMessages}, a.Only) {
		return a, invalid("only")
	}
	switch q.Get("sort") {
	case "", "newest":
	case "best":
		a.Best = true
	default:
		return a, invalid("sort")
	}
	a.Thread, a.Person, a.Cursor = q.Get("thread"), q.Get("person"), q.Get("cursor")
	if a.Cursor != "" && a.Only == search.OnlyPeople {
		return a, invalid("cursor")
	}
	return a, nil
}

type completionAnswer struct {
	Insert string `json:"insert"`
	Label  string `json:"label"`
	Detail string `json:"detail"`
	Start  int    `json:"start"`
	End    int    `json:"end"`
}

// complete is GET /api/complete: what may stand at the caret.
func (s *Server) complete(w http.ResponseWriter, r *http.Request) error {
	values := r.URL.Query()
	text, err := queryOf(values)
	if err != nil {
		return err
	}
	at, err := numberOf(values, "at", len(text), 0, 2*longestQuery)
	if err != nil {
		return err
	}
	in := s.words(r)
	completions, err := s.o.Search.Complete(r.Context(), text, at, lang(in))
	if err != nil {
		return err
	}
	out := []completionAnswer{}
	for _, c := range completions {
		item := completionAnswer{c.Insert, strings.TrimSpace(c.Insert), c.Detail, c.Start, c.End}
		switch {
		case c.Suggestion.Value == "":
			item.Detail = in.T("query.about." + string(c.Key))
		case c.Choice.Label != "":
			item.Detail = c.Choice.Label
		case item.Detail == "":
			item.Detail = label(in, query.Part{Kind: query.FilterPart, Key: c.Key, Value: c.Suggestion.Value, Negated: c.Negated})
		}
		out = append(out, item)
	}
	return writeJSON(w, http.StatusOK, map[string]any{"items": out})
}

// fetch is POST /api/fetch: what is not here yet is read before all else.
func (s *Server) fetch(w http.ResponseWriter, r *http.Request) error {
	var in Wanted
	if err := read(w, r, &in); err != nil {
		return err
	}
	named := 0
	for _, v := range []string{in.Account, in.Thread, in.Person} {
		if v != "" {
			named++
		}
	}
	if named > 1 {
		return invalid("account, thread, person")
	}
	if in.Account != "" {
		if err := s.known(r, in.Account); err != nil {
			return err
		}
	}
	if err := s.o.Office.Fetch(r.Context(), in); err != nil {
		return err
	}
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// where is how the offices write their numbers, and now.
func (s *Server) where(ctx context.Context) ([]phone.Context, time.Time, error) {
	where, err := s.o.Local.Phones(ctx)
	return where, s.now(), err
}
