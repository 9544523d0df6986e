package server

import "net/http"

// Finding is one line of a look over the profile, in the language of the
// screen (docs/en/doctor.md).
type Finding struct {
	Check   string `json:"check"`
	State   string `json:"state"` // ok, note, bad, skipped
	Account string `json:"account"`
	Text    string `json:"text"`
	Do      string `json:"do"` // "" where there is nothing to do
}

// doctor is GET /api/doctor: it reads both files whole, and asks each platform
// one thing.
func (s *Server) doctor(w http.ResponseWriter, r *http.Request) error {
	findings := s.o.Office.Examine(r.Context(), s.words(r))
	if err := r.Context().Err(); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string][]Finding{"findings": findings})
}

// diagnostics is GET /api/diagnostics: a text that holds nothing personal.
func (s *Server) diagnostics(w http.ResponseWriter, r *http.Request) error {
	text := s.o.Office.Diagnostics(r.Context())
	if err := r.Context().Err(); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]string{"text": text})
}
