package server

import (
	"net"
	"net/http"
	"slices"
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
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !slices.Contains(hosts, r.Host) {
			http.Error(w, "wrong host", http.StatusMisdirectedRequest)
			return
		}
		if !sameOrigin(r) {
			http.Error(w, "requests of other sites are not answered", http.StatusForbidden)
			return
		}
		s.serve(w, r)
	})
}

// sameOrigin checks reads as well as writes. A navigation may come from
// anywhere (the window's splash page is one), but reaches the page alone,
// which says nothing by itself.
func sameOrigin(r *http.Request) bool {
	if o := r.Header.Get("Origin"); o != "" && o != "http://"+r.Host {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return r.Method == http.MethodGet && r.URL.Path == "/" && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}
