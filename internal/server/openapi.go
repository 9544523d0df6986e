package server

import (
	_ "embed"
	"net/http"
)

// openapi is the screen's API in OpenAPI 3.1; a test holds it to what the
// routes answer.
//
//go:embed openapi.json
var openapi []byte

func (s *Server) openAPI(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(openapi) // the reader may have gone
	return nil
}
