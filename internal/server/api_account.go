package server

import (
	"errors"
	"net/http"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/syncer"
	"bandeja/internal/words"
)

// accountState is how an account stands.
type accountState struct {
	inbox.Account
	State         string         `json:"state"`
	Conversations int64          `json:"conversations"`
	Messages      int64          `json:"messages"`
	Gone          int64          `json:"gone"`
	Incomplete    int64          `json:"incomplete"`
	AsOf          *string        `json:"as_of"`
	Error         *string        `json:"error"`
	ErrorKind     string         `json:"error_kind"` // of the catalogue
	RetryAt       *string        `json:"retry_at"`
	Listing       *listingAnswer `json:"listing"`
	Reading       *readingAnswer `json:"reading"`
	Held          bool           `json:"held"`
	Lookups       int64          `json:"lookups"`
	Rejected      int64          `json:"rejected"`
	Calls         callsAnswer    `json:"calls"`
}

type listingAnswer struct {
	Seen   int64   `json:"seen"`
	BackTo *string `json:"back_to"`
}

type readingAnswer struct {
	Done  int64 `json:"done"`
	Total int64 `json:"total"`
}

// callsAnswer is what was asked of the provider in the last hour and day, and
// of the day's calls how many were tried again and answered 429.
type callsAnswer struct {
	Hour    int64 `json:"hour"`
	Day     int64 `json:"day"`
	Retries int64 `json:"retries"`
	Limited int64 `json:"limited"`
}

// accountStates joins what local.db, the cache and the running loops know.
func (s *Server) accountStates(r *http.Request) ([]accountState, error) {
	accounts, err := s.o.Local.Accounts(r.Context())
	if err != nil {
		return nil, err
	}
	live := s.o.Office.Statuses()
	out := make([]accountState, 0, len(accounts))
	for _, a := range accounts {
		v := accountState{Account: a, State: syncer.FirstCopy}
		switch err := s.fromCache(r, &v); {
		case errors.Is(err, cache.ErrCorrupt): // the state must be told then of all times
			v.State, v.ErrorKind = syncer.Failing, "damaged"
		case err != nil && !errors.Is(err, cache.ErrNotFound):
			return nil, err
		}
		if v.Held, err = s.o.Local.Held(r.Context(), a.Name); err != nil {
			return nil, err
		}
		if st, ok := live[a.Name]; ok {
			v.fromLoop(st, s.o.Office.KindOf)
		}
		v.Error = sentence(s.words(r), v.ErrorKind, a.Name)
		out = append(out, v)
	}
	return out, nil
}

// sentence says an error's kind to a person, nil where there is none.
func sentence(w words.Words, kind, account string) *string {
	if kind == "" {
		return nil
	}
	text := w.T("error."+kind, "account", account)
	return &text
}

func (s *Server) fromCache(r *http.Request, v *accountState) error {
	st, err := s.o.Cache.State(r.Context(), v.Name)
	if err != nil {
		return err
	}
	v.State, v.ErrorKind, v.AsOf = st.State, st.ErrorKind, inbox.TimeJSON(st.AsOf)
	v.Conversations, v.Messages, v.Gone, v.Incomplete = st.Conversations, st.Messages, st.Gone, st.Incomplete
	v.Lookups, v.Rejected = st.Lookups, st.Rejected
	hour, day, err := s.o.Cache.CallsUsed(r.Context(), v.Name, time.Now())
	v.Calls = callsAnswer{hour.Requests, day.Requests, day.Retries, day.Limited}
	return err
}

func (v *accountState) fromLoop(st syncer.Status, kindOf func(error) string) {
	v.State, v.RetryAt = st.State, inbox.TimeJSON(st.RetryAt)
	if !st.AsOf.IsZero() {
		v.AsOf = inbox.TimeJSON(st.AsOf)
	}
	v.ErrorKind = ""
	if st.Err != nil {
		v.ErrorKind = kindOf(st.Err)
	}
	if st.Listing != nil {
		v.Listing = &listingAnswer{st.Listing.Seen, inbox.TimeJSON(st.Listing.BackTo)}
	}
	if st.Reading != nil {
		v.Reading = &readingAnswer{st.Reading.Done, st.Reading.Total}
	}
}

// hold pauses an account, or lets it go on.
func (s *Server) hold(held bool) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := s.knowsAccount(r); err != nil {
			return err
		}
		if err := s.o.Office.Hold(r.Context(), r.PathValue("name"), held); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
}

// knowsAccount is a 404 where the path names an account that is not there.
func (s *Server) knowsAccount(r *http.Request) error {
	name := r.PathValue("name")
	if _, err := s.o.Local.Account(r.Context(), name); errors.Is(err, cache.ErrNotFound) {
		return fail(http.StatusNotFound, "not_found", "error.no_account", "account", name)
	} else if err != nil {
		return err
	}
	return nil
}

type runAnswer struct {
	StartedAt  *string `json:"started_at"`
	FinishedAt *string `json:"finished_at"`
	Requests   int64   `json:"requests"`
	Retries    int64   `json:"retries"`
	Changed    int64   `json:"changed"`
	Error      *string `json:"error"`
}

// runs is an account's history of runs, newest first.
func (s *Server) runs(w http.ResponseWriter, r *http.Request) error {
	limit, err := limitOf(r.URL.Query(), 50, 200)
	if err != nil {
		return err
	}
	if err := s.knowsAccount(r); err != nil {
		return err
	}
	name := r.PathValue("name")
	runs, err := s.o.Cache.Runs(r.Context(), name, limit)
	if err != nil && !errors.Is(err, cache.ErrNotFound) {
		return err
	}
	out := make([]runAnswer, 0, len(runs))
	for _, run := range runs {
		kind := run.ErrorKind
		if kind == "" && run.Error != "" {
			kind = "unexpected"
		}
		out = append(out, runAnswer{inbox.TimeJSON(run.StartedAt), inbox.TimeJSON(run.FinishedAt),
			run.Requests, run.Retries, run.Changed, sentence(s.words(r), kind, name)})
	}
	return writeJSON(w, http.StatusOK, map[string]any{"runs": out})
}
