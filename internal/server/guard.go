package server

import (
	"net"
	"net/http"
	"slices"

	"bandeja/internal/shape"
)

// policy is strict: scripts and styles of our own files only, nothing inline,
// nothing from elsewhere (DESIGN §8).
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Guard is the server behind its first checks, for the address it listens on
// (host:port, loopback): an exact list of hosts, so that no name rebound to
// 127.0.0.1 gets in, then who sends the request.
func (s *Server) Guard(address string) http.Handler {
	hosts := []string{address}
	if _, port, err := net.SplitHostPort(address); err == nil {
		hosts = append(hosts, "localhost:"+port)
	}
	return s.guarded("http://", func(host string) bool { return slices.Contains(hosts, host) }, s.serve)
}

// guarded lets requests through that are to this host, by one of its names, and
// not of another site. Every answer carries what browsers are to be told.
func (s *Server) guarded(scheme string, called func(host string) bool, next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !called(r.Host) {
			s.refuse(w, r, http.StatusMisdirectedRequest, "wrong host")
			return
		}
		if !sameOrigin(scheme, r) {
			s.refuse(w, r, http.StatusForbidden, "requests of other sites are not answered")
			return
		}
		next(w, r)
	})
}

// refuse turns a request away: as a provider's own API does where the path is of
// one.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, status int, why string) {
	if h := s.shape(r.URL.Path); h != nil {
		h.Refuse(w, r, &shape.Problem{Status: status, Message: why})
		return
	}
	http.Error(w, why, status)
}

// sameOrigin checks reads as well as writes. A navigation may come from
// anywhere (the window's splash page is one), but reaches the page alone,
// which says nothing by itself.
func sameOrigin(scheme string, r *http.Request) bool {
	if o := r.Header.Get("Origin"); o != "" && o != scheme+r.Host {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return r.Method == http.MethodGet && r.URL.Path == "/" && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}
