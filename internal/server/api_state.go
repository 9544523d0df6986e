package server

import (
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"time"

	"bandeja/internal/inbox"
)

type stateAnswer struct {
	Version  string `json:"version"`
	Demo     bool   `json:"demo"`
	Native   bool   `json:"native"`
	Language string `json:"language"`
	Theme    string `json:"theme"`
	Density  string `json:"density"`
	keySettings
	Platform    string         `json:"platform"`
	PeopleReady bool           `json:"people_ready"`
	Now         *string        `json:"now"`
	Defaults    regionAnswer   `json:"defaults"`
	Accounts    []accountState `json:"accounts"`
	Outbox      outboxCounts   `json:"outbox"`
	Storage     string         `json:"storage"`
	Notices     []noticeAnswer `json:"notices"`
}

type regionAnswer struct {
	Region string `json:"region"`
	Area   string `json:"area"`
	Zone   string `json:"zone"`
}

func (s *Server) state(w http.ResponseWriter, r *http.Request) error {
	accounts, err := s.accountStates(r)
	if err != nil {
		return err
	}
	theme, density, err := s.looks(r.Context())
	if err != nil {
		return err
	}
	keys, err := s.keySettings(r.Context())
	if err != nil {
		return err
	}
	var outbox outboxCounts
	if outbox.Waiting, outbox.Attention, err = s.o.Local.OutboxCounts(r.Context()); err != nil {
		return err
	}
	notices, err := s.notices(r.Context())
	if err != nil {
		return err
	}
	lang := s.language(r.Context())
	return writeJSON(w, http.StatusOK, stateAnswer{
		Version: s.o.Version, Demo: s.o.Demo, Native: s.o.Native != nil, Language: lang, Theme: theme, Density: density, keySettings: keys, Platform: runtime.GOOS,
		PeopleReady: s.o.Search.People.Ready(), Now: inbox.TimeJSON(time.Now()), Defaults: regionOf(lang), Accounts: accounts, Outbox: outbox,
		Storage: s.o.Office.Storage(), Notices: notices,
	})
}

// regionOf guesses how an office writes its numbers from its language.
func regionOf(lang string) regionAnswer {
	if lang == "es-MX" {
		return regionAnswer{"MX", "", "America/Mexico_City"}
	}
	return regionAnswer{"AR", "11", "America/Argentina/Buenos_Aires"}
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
	if strings.TrimSpace(in.Key) == "" {
		return fail(http.StatusBadRequest, "key", "error.key_missing")
	}
	if in.Zone != "" {
		if _, err := time.LoadLocation(in.Zone); err != nil {
			return invalid("zone")
		}
	}
	added, err := s.o.Office.AddAccount(r.Context(), in)
	if err != nil {
		return s.addFailed(in, err)
	}
	states, err := s.accountStates(r)
	if err != nil {
		return err
	}
	var account *accountState
	for i := range states {
		if states[i].Name == in.Name {
			account = &states[i]
		}
	}
	if added.Workspaces == nil {
		added.Workspaces = []inbox.Workspace{}
	}
	if added.Sample == nil {
		added.Sample = []string{}
	}
	return writeJSON(w, http.StatusCreated, map[string]any{"account": account, "workspaces": added.Workspaces, "sample": added.Sample})
}

// addFailed says in whose hands the failure is: the field's, the provider's or
// the machine's.
func (s *Server) addFailed(in NewAccount, err error) error {
	kind := s.o.Office.KindOf(err)
	status := map[string]int{
		"usage": http.StatusBadRequest, "exists": http.StatusConflict, "refused": http.StatusUnprocessableEntity, "forbidden": http.StatusUnprocessableEntity,
		"unreachable": http.StatusBadGateway, "not_api": http.StatusBadGateway, "failing": http.StatusBadGateway, "limited": http.StatusBadGateway,
		"keychain": http.StatusServiceUnavailable,
	}[kind]
	if status == 0 {
		return err
	}
	code := kind
	if kind == "usage" {
		code = "base_url" // what is left to be wrong with the form
	}
	return &problem{status: status, code: code, key: "error.add_" + kind, args: []any{"account", in.Name, "provider", in.Provider.Title()}, err: err}
}

func (s *Server) removeAccount(w http.ResponseWriter, r *http.Request) error {
	if err := s.o.Office.RemoveAccount(r.Context(), r.PathValue("name")); err != nil {
		if s.o.Office.KindOf(err) == "no_account" {
			return fail(http.StatusNotFound, "not_found", "error.no_account", "account", r.PathValue("name"))
		}
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) sync(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Account string `json:"account"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	if in.Account != "" {
		if err := s.known(r, in.Account); err != nil {
			return err
		}
	}
	s.o.Office.Sync(in.Account)
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// linkSchemes are all that a link in a message may open.
var linkSchemes = []string{"https", "http", "mailto", "tel"}

func (s *Server) link(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		URL string `json:"url"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	u, err := url.Parse(in.URL)
	if err != nil || !slices.Contains(linkSchemes, u.Scheme) || strings.HasPrefix(u.Scheme, "http") && u.Host == "" {
		return invalid("url")
	}
	if s.o.Native == nil {
		return fail(http.StatusNotImplemented, "no_window", "error.no_window")
	}
	if err := s.o.Native.OpenLink(u.String()); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
