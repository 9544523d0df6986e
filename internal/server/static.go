package server

import (
	"io/fs"
	"net/http"
	"strings"
)

// unbuilt is what a program built without its interface shows.
const unbuilt = "Bandeja was built without its interface. Run `make run`, or `make build` and start it again.\n"

// static serves the built interface. Its files are named by their content, but
// for the page itself.
func (s *Server) static(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" {
		name = "index.html"
	}
	if st, err := fs.Stat(s.o.Assets, name); err != nil || st.IsDir() || strings.HasPrefix(name, ".") {
		if name == "index.html" {
			http.Error(w, unbuilt, http.StatusServiceUnavailable)
			return
		}
		http.NotFound(w, r)
		return
	}
	if strings.HasPrefix(name, "assets/") {
		w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	}
	http.ServeFileFS(w, r, s.o.Assets, name)
}
