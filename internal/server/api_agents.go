package server

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"bandeja/internal/cache"
)

type agentAnswer struct {
	Ref  string `json:"ref"`
	Name string `json:"name"`
	Me   bool   `json:"me"`
}

// longestName is how long the name of an agent may be, in characters.
const longestName = 80

// agents is GET /api/agents: the refs seen in an account, or in all, newest
// first, then those that were only named here.
func (s *Server) agents(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	account := r.URL.Query().Get("account")
	if account != "" {
		if err := s.known(r, account); err != nil {
			return err
		}
	}
	seen, err := s.o.Cache.AgentRefs(ctx, account)
	if err != nil {
		return err
	}
	named, err := s.o.Local.Agents(ctx, account)
	if err != nil {
		return err
	}
	out := []agentAnswer{}
	for _, a := range slices.Concat(seen, named) {
		i := slices.IndexFunc(out, func(o agentAnswer) bool { return o.Ref == a.Ref })
		if i < 0 {
			i, out = len(out), append(out, agentAnswer{Ref: a.Ref})
		}
		if a.Name != "" {
			out[i].Name = a.Name
		}
		out[i].Me = out[i].Me || a.Me
	}
	return writeJSON(w, http.StatusOK, map[string]any{"agents": out})
}

// known is a 404 for an account that is not there.
func (s *Server) known(r *http.Request, account string) error {
	_, err := s.o.Local.Account(r.Context(), account)
	if errors.Is(err, cache.ErrNotFound) {
		return fail(http.StatusNotFound, "account", "error.no_account", "account", account)
	}
	return err
}

// nameAgent is PATCH /api/agents: who a ref is.
func (s *Server) nameAgent(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Account string  `json:"account"`
		Ref     string  `json:"ref"`
		Name    *string `json:"name"`
		Me      *bool   `json:"me"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	if err := s.known(r, in.Account); err != nil {
		return err
	}
	if !validRefs([]string{in.Ref}) || in.Ref == Me {
		return invalid("ref")
	}
	if in.Name != nil {
		name := strings.TrimSpace(*in.Name)
		if in.Name = &name; utf8.RuneCountInString(name) > longestName {
			return invalid("name")
		}
	}
	if in.Name == nil && in.Me == nil {
		return invalid("name, me")
	}
	if err := s.o.Local.NameAgent(r.Context(), in.Account, in.Ref, in.Name, in.Me); err != nil {
		return err
	}
	s.events.State()
	if in.Me != nil || in.Name != nil { // a name may say that it is oneself
		s.events.Everything()
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
