package server

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// SetNow replaces the clock of launch codes and guesses.
func (s *Server) SetNow(now func() time.Time) { s.now = now }

// Routes lists the API as "METHOD /path", in order.
func (s *Server) Routes() []string {
	out := []string{http.MethodPost + " /api/session"}
	for path, methods := range s.routes() {
		for method := range methods {
			out = append(out, method+" "+path)
		}
	}
	slices.Sort(out)
	return out
}

// Policy is the Content-Security-Policy of every answer.
const Policy = policy

// Stream is GET /api/events, past the door.
func (s *Server) Stream(w http.ResponseWriter, ctx context.Context) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/api/events", nil)
	if err != nil {
		panic(err)
	}
	_ = s.stream(w, r) // it ends with ctx
}
