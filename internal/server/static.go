package server

import (
	"io/fs"
	"net/http"
	"path"
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
	if !s.served(name) {
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
	if kind := types[path.Ext(name)]; kind != "" {
		w.Header().Set("Content-Type", kind)
	}
	http.ServeFileFS(w, r, s.o.Assets, name)
}

// types are those of the interface's files. The system's own table is not
// asked: where another program has changed it, a page of ours would not run.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".woff2": "font/woff2", ".json": "application/json",
}

// served reports whether name is a file of the interface: no folder, and
// nothing hidden.
func (s *Server) served(name string) bool {
	if s.o.Assets == nil || strings.HasPrefix(path.Base(name), ".") {
		return false
	}
	st, err := fs.Stat(s.o.Assets, name)
	return err == nil && st.Mode().IsRegular()
}
