package server

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/phone"
)

// Decided is what a join, a split or a keeping apart came to.
type Decided struct {
	Person string `json:"person"` // p_…, who is meant now
	Undo   string `json:"undo"`   // j_…
}

type personAnswer struct {
	Person     string            `json:"person"`
	Name       string            `json:"name"`
	Names      []string          `json:"names"`
	Phones     []phoneAnswer     `json:"phones"`
	Threads    []threadAnswer    `json:"threads"`
	Reason     string            `json:"reason"`
	Joins      []joinAnswer      `json:"joins"`
	Contacts   []contactAnswer   `json:"contacts"`
	Duplicates []duplicateAnswer `json:"duplicates"`
}

type phoneAnswer struct {
	Display  string             `json:"display"`
	Written  string             `json:"written"`
	Account  string             `json:"account"`
	Provider inbox.ProviderName `json:"provider"`
	Guessed  bool               `json:"guessed"`
	Reason   string             `json:"reason"`
}

type joinAnswer struct {
	ID     string `json:"id"`
	A      string `json:"a"`
	B      string `json:"b"`
	Reason string `json:"reason"`
	ByHand bool   `json:"by_hand"`
}

type contactAnswer struct {
	ID       string             `json:"id"`
	Account  string             `json:"account"`
	Provider inbox.ProviderName `json:"provider"`
	Name     string             `json:"name"`
	Phone    string             `json:"phone"`
	Threads  []string           `json:"threads"`
}

type duplicateAnswer struct {
	Person   string             `json:"person"`
	Name     string             `json:"name"`
	Phone    string             `json:"phone"`
	Account  string             `json:"account"`
	Provider inbox.ProviderName `json:"provider"`
	Reason   string             `json:"reason"`
}

// person gathers everything known of one human, newest first. Nobody who has
// gone meanwhile is an empty one.
func (s *Server) person(ctx context.Context, ref string, channels names) (personAnswer, error) {
	a := personAnswer{Person: ref, Names: []string{}, Phones: []phoneAnswer{}, Threads: []threadAnswer{},
		Joins: []joinAnswer{}, Contacts: []contactAnswer{}, Duplicates: []duplicateAnswer{}}
	people, err := s.o.Cache.People(ctx, []string{ref})
	if err != nil || len(people) == 0 {
		return a, err
	}
	bonds, err := s.o.Cache.Bonds(ctx, ref)
	if err != nil && !errors.Is(err, cache.ErrNotFound) {
		return a, err
	}
	where, err := s.phoneContexts(ctx)
	if err != nil {
		return a, err
	}
	p, said := people[0], s.catalogue[s.language(ctx)]
	a.Name, a.Names = p.Name, p.Names
	for _, r := range p.Parts {
		number := phone.Parse(r.Phone, where[r.Account])
		written := phoneAnswer{cmp.Or(r.Display, r.Phone), r.Phone, r.Account, r.Provider, number.Guessed, phoneReason(said, number)}
		if r.Phone != "" && !slices.Contains(a.Phones, written) {
			a.Phones = append(a.Phones, written)
		}
		a.Threads = append(a.Threads, threadAnswer{r.Thread, r.Account, r.Provider, channels[[2]string{r.Account, r.Channel}], r.Status, r.Word, inbox.TimeJSON(r.At), r.Sessions})
	}
	a.tie(bonds)
	return a, nil
}

// tie adds what makes the person one.
func (a *personAnswer) tie(b cache.Bonds) {
	for _, k := range b.Contacts {
		a.Contacts = append(a.Contacts, contactAnswer{k.ID, k.Account, k.Provider, k.Name, cmp.Or(k.Display, k.Phone), k.Threads})
	}
	for _, j := range b.Joins {
		byHand := j.Reason == cache.ByHand
		a.Joins = append(a.Joins, joinAnswer{j.ID, j.A, j.B, j.Reason, byHand})
		// Of several, that a number is written in two ways says most.
		if !byHand && (a.Reason == "" || a.Reason == cache.SameLine) {
			a.Reason = j.Reason
		}
	}
	for _, d := range b.Duplicates {
		a.Duplicates = append(a.Duplicates, duplicateAnswer{d.Person, d.Name, cmp.Or(d.Display, d.Phone), d.Account, d.Provider, d.Reason})
	}
}

// phoneContexts says how each account reads its numbers.
func (s *Server) phoneContexts(ctx context.Context) (map[string]phone.Context, error) {
	accounts, err := s.o.Local.Accounts(ctx)
	out := make(map[string]phone.Context, len(accounts))
	for _, a := range accounts {
		out[a.Name] = phone.Context{Region: a.Region, Area: a.Area}
	}
	return out, err
}

// personPanel is GET /api/people/{person}.
func (s *Server) personPanel(w http.ResponseWriter, r *http.Request) error {
	channels, err := s.o.Local.ChannelNames(r.Context())
	if err != nil {
		return err
	}
	a, err := s.person(r.Context(), r.PathValue("person"), channels)
	if err != nil {
		return err
	}
	if len(a.Contacts) == 0 {
		return cache.ErrNotFound
	}
	return writeJSON(w, http.StatusOK, a)
}

// join is POST /api/people/{person}/join: they are one.
func (s *Server) join(w http.ResponseWriter, r *http.Request) error {
	return two(w, r, s.o.Office.Join)
}

// apart is POST /api/people/{person}/apart: they are not, whatever looks so.
func (s *Server) apart(w http.ResponseWriter, r *http.Request) error {
	return two(w, r, s.o.Office.Apart)
}

// two decides on the person of the path and another one.
func two(w http.ResponseWriter, r *http.Request, decide func(ctx context.Context, one, other string) (Decided, error)) error {
	var in struct {
		With string `json:"with"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	if in.With == "" {
		return invalid("with")
	}
	d, err := decide(r.Context(), r.PathValue("person"), in.With)
	return decided(w, d, err)
}

// split is POST /api/people/{person}/split: a contact is somebody else.
func (s *Server) split(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Contact string `json:"contact"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	if in.Contact == "" {
		return invalid("contact")
	}
	d, err := s.o.Office.Split(r.Context(), r.PathValue("person"), in.Contact)
	return decided(w, d, err)
}

func decided(w http.ResponseWriter, d Decided, err error) error {
	switch {
	case errors.Is(err, cache.ErrSamePerson):
		return fail(http.StatusConflict, "same_person", "error.same_person")
	case errors.Is(err, cache.ErrAlone):
		return fail(http.StatusConflict, "alone", "error.alone")
	case err != nil:
		return err
	}
	return writeJSON(w, http.StatusOK, d)
}

// undoJoin is POST /api/joins/{id}/undo.
func (s *Server) undoJoin(w http.ResponseWriter, r *http.Request) error {
	if err := s.o.Office.UndoJoin(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
