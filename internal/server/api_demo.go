package server

import "net/http"

// openDemo is POST /api/demo: a demo office beside this inbox, which stays as it
// is. url is null where the office has a window of its own.
func (s *Server) openDemo(w http.ResponseWriter, r *http.Request) error {
	if s.o.Office.OpenDemo == nil {
		return fail(http.StatusNotFound, "not_found", "error.no_demo")
	}
	link, err := s.o.Office.OpenDemo(s.language(r.Context()))
	if err != nil {
		s.o.Log.Error("demo office not opened", "err", err)
		return fail(http.StatusBadGateway, "demo", "error.no_demo")
	}
	var url *string
	if link != "" {
		url = &link
	}
	return writeJSON(w, http.StatusCreated, map[string]*string{"url": url})
}
