package server

import (
	"net/http"
)

// Public is the door beyond this machine, by TLS: the providers' own APIs and
// nothing else, whatever credential comes along. called reports whether a Host is
// this machine's.
func (s *Server) Public(called func(host string) bool) http.Handler {
	return s.guarded("https://", called, func(w http.ResponseWriter, r *http.Request) {
		h := s.shape(r.URL.Path)
		if h == nil {
			http.Error(w, "only /waspy/api/v2 and /platica/v1 are served here", http.StatusNotFound)
			return
		}
		h.ServeHTTP(w, r)
	})
}
