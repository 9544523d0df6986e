package server

import (
	"context"
	"net/http"

	"bandeja/internal/inbox"
)

// noticeAnswer is what happened to a file, until somebody has read it.
type noticeAnswer struct {
	ID   string  `json:"id"`
	Kind string  `json:"kind"`
	At   *string `json:"at"`
	File string  `json:"file"`
	From *string `json:"from"`
}

func (s *Server) notices(ctx context.Context) ([]noticeAnswer, error) {
	kept, err := s.o.Local.Notices(ctx)
	out := make([]noticeAnswer, 0, len(kept))
	for _, n := range kept {
		out = append(out, noticeAnswer{n.ID, n.Kind, inbox.TimeJSON(n.At), n.File, inbox.TimeJSON(n.From)})
	}
	return out, err
}

func (s *Server) dropNotice(w http.ResponseWriter, r *http.Request) error {
	if err := s.o.Local.DropNotice(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	s.events.State()
	w.WriteHeader(http.StatusNoContent)
	return nil
}
