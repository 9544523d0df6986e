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

func (s *Server) sync(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Account string `json:"account"`
		Full    bool   `json:"full"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	if in.Account != "" {
		if err := s.known(r, in.Account); err != nil {
			return err
		}
	}
	switch {
	case in.Full && in.Account == "": // hours of work, one account at a time
		return invalid("account")
	case in.Full:
		if err := s.o.Office.CopyAgain(r.Context(), in.Account); err != nil {
			return err
		}
	default:
		s.o.Office.Sync(in.Account)
	}
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
