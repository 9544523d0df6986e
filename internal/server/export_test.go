package server

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"bandeja/internal/cache"
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

// FirstWaiting are those of what waits that are listed.
var FirstWaiting = firstWaiting

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

// TellHistory joins lines and wishes, each told as "conversation before after
// entry".
func TellHistory(lines []cache.ChangeLine, wishes []cache.Wish) (out []string) {
	for _, h := range tellHistory(lines, wishes) {
		out = append(out, fmt.Sprintf("%s %s %s %s", h.Conversation, h.Before, h.After, cmp.Or(h.entry, "-")))
	}
	return out
}

// KeepBackup has a backup wait to be fetched.
func KeepBackup(made Backup) (fetch, drop func() error) {
	var b backups
	m, err := b.keep(context.Background(), "x.bandeja", made)
	if err != nil {
		panic(err)
	}
	return func() error { _, err := b.take(m.id, func() {}); return err }, func() error { return b.drop(m.id) }
}
