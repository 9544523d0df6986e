package server

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// mostWaiting is how many of the changes that wait in an account are named
// where all of them are counted.
const mostWaiting = 20

// accountAnswer is an account with what would be lost with it.
type accountAnswer struct {
	Account accountState  `json:"account"`
	Waiting waitingAnswer `json:"waiting"`
	Notes   int           `json:"notes"`
	Drafts  int           `json:"drafts"`
}

type waitingAnswer struct {
	Count   int           `json:"count"`
	Entries []entryAnswer `json:"entries"` // the oldest
}

// account is GET /api/accounts/{name}.
func (s *Server) account(w http.ResponseWriter, r *http.Request) error {
	state, err := s.accountNamed(r)
	if err != nil {
		return err
	}
	waiting, err := s.o.Local.WaitingOf(r.Context(), state.Name)
	if err != nil {
		return err
	}
	out := accountAnswer{Account: state, Waiting: waitingAnswer{Count: len(waiting)}}
	if out.Waiting.Entries, err = s.entries(r, waiting[:min(len(waiting), mostWaiting)]); err != nil {
		return err
	}
	if out.Notes, out.Drafts, err = s.o.Local.WrittenIn(r.Context(), state.Name); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, out)
}

// accountNamed is the state of the account that the path names, 404 where it
// is not there.
func (s *Server) accountNamed(r *http.Request) (accountState, error) {
	if err := s.knowsAccount(r); err != nil {
		return accountState{}, err
	}
	return s.stateOf(r, r.PathValue("name"))
}

func (s *Server) stateOf(r *http.Request, name string) (accountState, error) {
	states, err := s.accountStates(r)
	if err != nil {
		return accountState{}, err
	}
	i := slices.IndexFunc(states, func(a accountState) bool { return a.Name == name })
	if i < 0 { // removed meanwhile
		return accountState{}, cache.ErrNotFound
	}
	return states[i], nil
}

func (s *Server) addAccount(w http.ResponseWriter, r *http.Request) error {
	var in NewAccount
	if err := read(w, r, &in); err != nil {
		return err
	}
	if !slices.Contains(inbox.Providers, in.Provider) {
		return invalid("provider")
	}
	if !inbox.ValidAccountName(in.Name) {
		return fail(http.StatusBadRequest, "name", "error.account_name")
	}
	if err := checkKey(in.Key); err != nil {
		return err
	}
	// What is left out is guessed, and makes sense.
	guessed := inbox.Account{Region: "AR", Area: in.Area, Zone: "UTC", Rate: 1}
	if in.Region != "" {
		guessed.Region = strings.ToUpper(in.Region)
	}
	if in.Zone != "" {
		guessed.Zone = in.Zone
	}
	if wrong := guessed.WrongSetting(); wrong != "" {
		return fail(http.StatusBadRequest, wrong, "error.account_"+wrong)
	}
	added, err := s.o.Office.AddAccount(r.Context(), in)
	if err != nil {
		return s.accountFailed(in.Name, in.Provider, err)
	}
	return s.writeFound(w, r, http.StatusCreated, in.Name, added)
}

// checkKey refuses what cannot be a key: nothing, or what a header cannot
// carry.
func checkKey(key string) error {
	key = strings.TrimSpace(key)
	if key == "" {
		return fail(http.StatusBadRequest, "key", "error.key_missing")
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fail(http.StatusBadRequest, "key", "error.key_odd")
	}
	return nil
}

// writeFound answers an account with what a look with its key found.
func (s *Server) writeFound(w http.ResponseWriter, r *http.Request, status int, name string, found Added) error {
	account, err := s.stateOf(r, name)
	if err != nil {
		return err
	}
	if found.Workspaces == nil {
		found.Workspaces = []inbox.Workspace{}
	}
	if found.Sample == nil {
		found.Sample = []string{}
	}
	return writeJSON(w, status, map[string]any{"account": account, "workspaces": found.Workspaces, "sample": found.Sample})
}

// changeAccount is PATCH /api/accounts/{name}.
func (s *Server) changeAccount(w http.ResponseWriter, r *http.Request) error {
	var in AccountChange
	if err := read(w, r, &in); err != nil {
		return err
	}
	state, err := s.accountNamed(r)
	if err != nil {
		return err
	}
	if in == (AccountChange{}) {
		return invalid("region, area, zone, rate, base_url")
	}
	if wrong := in.on(state.Account).WrongSetting(); wrong != "" {
		return fail(http.StatusBadRequest, wrong, "error.account_"+wrong)
	}
	if err := s.o.Office.SetAccount(r.Context(), state.Name, in); err != nil {
		return s.accountFailed(state.Name, state.Provider, err)
	}
	if state, err = s.stateOf(r, state.Name); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{"account": state})
}

// on is the account with what is to change, as far as it is held to make
// sense here.
func (c AccountChange) on(a inbox.Account) inbox.Account {
	if c.Region != nil {
		a.Region = strings.ToUpper(*c.Region)
	}
	if c.Area != nil {
		a.Area = *c.Area
	}
	if c.Zone != nil {
		a.Zone = *c.Zone
	}
	if c.Rate != nil {
		a.Rate = *c.Rate
	}
	return a
}

// rekeyAccount is PUT /api/accounts/{name}/key.
func (s *Server) rekeyAccount(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Key string `json:"key"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	state, err := s.accountNamed(r)
	if err != nil {
		return err
	}
	if err := checkKey(in.Key); err != nil {
		return err
	}
	found, err := s.o.Office.RekeyAccount(r.Context(), state.Name, in.Key)
	if err != nil {
		return s.accountFailed(state.Name, state.Provider, err)
	}
	return s.writeFound(w, r, http.StatusOK, state.Name, found)
}

// accountFailed says in whose hands the failure is: the field's, the provider's
// or the machine's.
func (s *Server) accountFailed(name string, provider inbox.ProviderName, err error) error {
	kind := s.o.Office.KindOf(err)
	status := map[string]int{
		"usage": http.StatusBadRequest, "no_account": http.StatusNotFound, "exists": http.StatusConflict, "other_workspace": http.StatusConflict,
		"refused": http.StatusUnprocessableEntity, "forbidden": http.StatusUnprocessableEntity, "no_key": http.StatusUnprocessableEntity,
		"unreachable": http.StatusBadGateway, "not_api": http.StatusBadGateway, "failing": http.StatusBadGateway, "limited": http.StatusBadGateway,
		"keychain": http.StatusServiceUnavailable,
	}[kind]
	if status == 0 {
		return err
	}
	code, key := kind, "error.add_"+kind
	switch kind {
	case "usage":
		code = "base_url" // what is left to be wrong with the form
	case "no_account", "no_key":
		key = "error." + kind
	}
	return &problem{status: status, code: code, key: key, args: []any{"account", name, "provider", provider.Title()}, err: err}
}

// removeAccount is DELETE /api/accounts/{name}?waiting=3: changes that were not
// sent are given up only by who has said how many they are.
func (s *Server) removeAccount(w http.ResponseWriter, r *http.Request) error {
	if err := s.knowsAccount(r); err != nil {
		return err
	}
	said := 0
	if v := r.URL.Query().Get("waiting"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 {
			return invalid("waiting")
		}
		said = n
	}
	name := r.PathValue("name")
	waiting, err := s.o.Local.WaitingOf(r.Context(), name)
	if err != nil {
		return err
	}
	if len(waiting) > said {
		return fail(http.StatusConflict, "waiting", "error.account_waiting", "account", name, "count", len(waiting))
	}
	// Erasing a long history outlives a page that is closed meanwhile.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), removeTime)
	defer cancel()
	if err := s.o.Office.RemoveAccount(ctx, name); err != nil {
		if s.o.Office.KindOf(err) == "no_account" {
			return fail(http.StatusNotFound, "not_found", "error.no_account", "account", name)
		}
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// removeTime is how long the erasing of an account may take.
const removeTime = 10 * time.Minute
