package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"bandeja/internal/cache"
	"bandeja/internal/query"
	"bandeja/internal/search"
)

// mostCounted bounds what is counted of a filtered list: beyond it nobody reads
// the number.
const mostCounted = 1000

const longestViewName = 60

type viewAnswer struct {
	ID    string     `json:"id"`
	Name  string     `json:"name"`
	Query string     `json:"query"`
	View  cache.View `json:"view"`
	Count *int       `json:"count"` // null beyond mostCounted, and where counting would be a search
}

func (s *Server) views(w http.ResponseWriter, r *http.Request) error {
	saved, err := s.o.Local.SavedViews(r.Context())
	if err != nil {
		return err
	}
	out := make([]viewAnswer, 0, len(saved))
	for _, v := range saved {
		a, err := s.viewOf(r.Context(), v, "")
		if err != nil {
			return err
		}
		out = append(out, a)
	}
	return writeJSON(w, http.StatusOK, map[string]any{"views": out})
}

// viewOf counts what a view shows, of an account or of all for "".
func (s *Server) viewOf(ctx context.Context, v cache.SavedView, account string) (viewAnswer, error) {
	a := viewAnswer{ID: v.ID, Name: v.Name, Query: v.Query, View: v.View}
	q, err := s.o.Search.Read(ctx, v.Query, s.now())
	if err != nil || q.Has() {
		return a, err
	}
	f, _, err := s.listOf(ctx, v.View, account, v.Query)
	if err != nil {
		return a, err
	}
	a.Count, err = s.countOf(ctx, f)
	return a, err
}

// countOf counts a list, nil beyond mostCounted.
func (s *Server) countOf(ctx context.Context, f cache.ThreadFilter) (*int, error) {
	n, err := s.o.Cache.CountThreads(ctx, f, mostCounted+1)
	if err != nil || n > mostCounted {
		return nil, err
	}
	return &n, nil
}

// listOf is the filter of a list, with what its query was understood to be.
func (s *Server) listOf(ctx context.Context, view cache.View, account, text string) (cache.ThreadFilter, query.Query, error) {
	f, err := s.filterOf(ctx, view, account)
	if err != nil {
		return f, query.Query{}, err
	}
	where, _, err := s.where(ctx)
	if err != nil {
		return f, query.Query{}, err
	}
	var q query.Query
	f.Narrow, q, err = s.o.Search.Narrow(ctx, text, where, f.Now, search.Listed)
	return f, q, err
}

// filterOf is the filter of a view: what time it is, here and at the account's
// provider, and who one is.
func (s *Server) filterOf(ctx context.Context, view cache.View, account string) (cache.ThreadFilter, error) {
	named, err := s.o.Local.Agents(ctx, "")
	me := slices.DeleteFunc(named, func(a cache.AgentRef) bool { return !a.Me })
	return cache.ThreadFilter{View: view, Account: account, Now: s.clocks()(account), Here: time.Now(), Me: me}, err
}

func (s *Server) addView(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Name  string     `json:"name"`
		Query string     `json:"query"`
		View  cache.View `json:"view"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	in.Name, in.Query = strings.TrimSpace(in.Name), strings.TrimSpace(in.Query)
	if err := viewFields(&in.Name, &in.Query); err != nil {
		return err
	}
	if in.View == "" {
		in.View = cache.All
	}
	if !in.View.Fixed() {
		return invalid("view")
	}
	v, err := s.o.Local.AddView(r.Context(), cache.SavedView{Name: in.Name, Query: in.Query, View: in.View})
	return s.answerView(w, r, http.StatusCreated, v, err)
}

func (s *Server) changeView(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Name     *string `json:"name"`
		Query    *string `json:"query"`
		Position *int    `json:"position"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	for _, field := range []*string{in.Name, in.Query} {
		if field != nil {
			*field = strings.TrimSpace(*field)
		}
	}
	if err := viewFields(in.Name, in.Query); err != nil {
		return err
	}
	if in.Position != nil && *in.Position < 0 {
		return invalid("position")
	}
	v, err := s.o.Local.ChangeView(r.Context(), r.PathValue("id"), cache.SavedViewChange{Name: in.Name, Query: in.Query, Position: in.Position})
	return s.answerView(w, r, http.StatusOK, v, err)
}

// viewFields checks those that are given.
func viewFields(name, text *string) error {
	switch {
	case name != nil && (*name == "" || utf8.RuneCountInString(*name) > longestViewName):
		return fail(http.StatusBadRequest, "name", "error.view_name", "count", longestViewName)
	case text != nil && *text == "":
		return fail(http.StatusBadRequest, "query", "error.view_query")
	case text != nil && utf8.RuneCountInString(*text) > longestQuery:
		return fail(http.StatusBadRequest, "query", "error.long_query", "count", longestQuery)
	}
	return nil
}

func (s *Server) answerView(w http.ResponseWriter, r *http.Request, status int, v cache.SavedView, err error) error {
	if errors.Is(err, cache.ErrNameTaken) {
		return fail(http.StatusConflict, "exists", "error.view_exists")
	}
	if err != nil {
		return err
	}
	a, err := s.viewOf(r.Context(), v, "")
	if err != nil {
		return err
	}
	s.events.State()
	return writeJSON(w, status, a)
}

func (s *Server) dropView(w http.ResponseWriter, r *http.Request) error {
	if err := s.o.Local.DropView(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	s.events.State()
	w.WriteHeader(http.StatusNoContent)
	return nil
}
