package server

import (
	"net/http"
	"slices"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// NewToken is a token that a person makes: see cache.Bearer.
type NewToken struct {
	Name      string    `json:"name"`
	Scopes    []string  `json:"scopes"`
	Accounts  []string  `json:"accounts"` // names, or "all" alone; none: each API has its own platform's
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// tokenAnswer is a token as it is listed: its secret is known to nobody here.
type tokenAnswer struct {
	Name       string   `json:"name"`
	Scopes     []string `json:"scopes"`
	Accounts   []string `json:"accounts"`
	CreatedAt  *string  `json:"created_at"`
	ExpiresAt  *string  `json:"expires_at"`
	Expired    bool     `json:"expired"`
	LastUsedAt *string  `json:"last_used_at"`
}

// tokens is GET /api/tokens: by name, those whose time has passed too.
func (s *Server) tokens(w http.ResponseWriter, r *http.Request) error {
	kept, err := s.o.Local.Tokens(r.Context())
	if err != nil {
		return err
	}
	now := s.now()
	out := make([]tokenAnswer, 0, len(kept))
	for _, t := range kept {
		out = append(out, tokenAnswer{t.Name, t.Scopes, some(t.Accounts), inbox.TimeJSON(t.MadeAt), inbox.TimeJSON(t.ExpiresAt), t.Expired(now), inbox.TimeJSON(t.UsedAt)})
	}
	return writeJSON(w, http.StatusOK, map[string]any{"tokens": out})
}

// some is a list that is empty and not null.
func some(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// addToken is POST /api/tokens: the secret is in this answer and in no other.
func (s *Server) addToken(w http.ResponseWriter, r *http.Request) error {
	var in NewToken
	if err := read(w, r, &in); err != nil {
		return err
	}
	if err := s.tokenMakesSense(r, in); err != nil {
		return err
	}
	secret, err := s.o.Office.AddToken(r.Context(), in)
	if kind := s.o.Office.KindOf(err); err != nil && kind == "token_exists" {
		return fail(http.StatusConflict, "exists", "error.token_exists")
	}
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, map[string]string{"name": in.Name, "token": secret})
}

func (s *Server) tokenMakesSense(r *http.Request, in NewToken) error {
	switch {
	case !inbox.ValidAccountName(in.Name):
		return fail(http.StatusBadRequest, "name", "error.account_name")
	case len(in.Scopes) == 0 || slices.ContainsFunc(in.Scopes, func(scope string) bool { return !slices.Contains(cache.Scopes, scope) }):
		return invalid("scopes")
	case !in.ExpiresAt.IsZero() && !in.ExpiresAt.After(s.now()):
		return fail(http.StatusBadRequest, "expires_at", "error.token_past")
	case slices.Equal(in.Accounts, []string{cache.EveryAccount}):
		return nil
	}
	accounts, err := s.o.Local.Accounts(r.Context())
	if err != nil {
		return err
	}
	for _, name := range in.Accounts {
		if !slices.ContainsFunc(accounts, func(a inbox.Account) bool { return a.Name == name }) {
			return fail(http.StatusBadRequest, "accounts", "error.no_account", "account", name)
		}
	}
	return nil
}

// dropToken is DELETE /api/tokens/{name}: the next request with it is refused.
func (s *Server) dropToken(w http.ResponseWriter, r *http.Request) error {
	if err := s.o.Office.DropToken(r.Context(), r.PathValue("name")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
