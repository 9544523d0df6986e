package server

import (
	"context"
	"net/http"
	"strings"

	"bandeja/internal/cache"
	"bandeja/internal/care"
)

// ForgetPreview says what forgetting somebody would erase.
type ForgetPreview struct {
	People        []string `json:"people"` // p_…
	Names         []string `json:"names"`
	Conversations int64    `json:"conversations"`
	Messages      int64    `json:"messages"`
	Notes         int64    `json:"notes"`
	Drafts        int64    `json:"drafts"`
	Changes       int64    `json:"changes"` // that wait to be sent, and would not be
	// Shared: the number is somebody else's as well, and would not be kept out.
	Shared bool `json:"number_shared"`
}

// Progress is how far something is that takes long.
type Progress struct {
	Running bool   `json:"running"`
	Step    string `json:"step"` // its own word for what it does; "" while none runs
	Done    int64  `json:"done"` // bytes of that step
	Total   int64  `json:"total"`
}

// Forgetter is what the screen may ask of who erases people.
type Forgetter struct {
	Preview func(ctx context.Context, person string) (ForgetPreview, error)
	// Forget comes to its end whoever stops waiting for it.
	Forget func(ctx context.Context, person string) (care.Receipt, error)
	// Progress tells of the steps erasing, backups and looking.
	Progress func() Progress
}

// forgetPreview is GET /api/people/{person}/forget: what would be erased.
func (s *Server) forgetPreview(w http.ResponseWriter, r *http.Request) error {
	person, err := toForget(r)
	if err != nil {
		return err
	}
	p, err := s.o.Office.Forgetter.Preview(r.Context(), person)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, p)
}

// toForget is the person of a path: a number would mean several.
func toForget(r *http.Request) (string, error) {
	person := r.PathValue("person")
	if !strings.HasPrefix(person, "p_") {
		return "", cache.ErrNotFound
	}
	return person, nil
}

type receiptAnswer struct {
	Receipt care.Receipt `json:"receipt"`
	Text    []string     `json:"text"` // the receipt in words, a line each
}

// forget is POST /api/people/{person}/forget: it answers when all is over.
func (s *Server) forget(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Confirm bool `json:"confirm"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	person, err := toForget(r)
	if err != nil {
		return err
	}
	if !in.Confirm {
		return fail(http.StatusConflict, "confirm", "error.forget_confirm")
	}
	receipt, err := s.o.Office.Forgetter.Forget(r.Context(), person)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, receiptAnswer{receipt, ReceiptText(s.words(r), &receipt)})
}

// forgetting is GET /api/forgetting: how far the one is that runs.
func (s *Server) forgetting(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, s.o.Office.Forgetter.Progress())
}
