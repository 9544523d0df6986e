package server

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// In characters. A draft may be longer than the note it can become, so that
// what was pasted is not lost before it is cut.
const (
	longestNote  = 10_000
	longestDraft = 10 * longestNote
)

type noteAnswer struct {
	ID        string  `json:"id"`
	Thread    string  `json:"thread"`
	Text      string  `json:"text"`
	MadeAt    *string `json:"made_at"`
	ChangedAt *string `json:"changed_at"` // null: never changed
}

func noteOf(n cache.Note) noteAnswer {
	a := noteAnswer{ID: n.ID, Thread: n.Thread, Text: n.Text, MadeAt: inbox.TimeJSON(n.MadeAt)}
	if !n.ChangedAt.Equal(n.MadeAt) {
		a.ChangedAt = inbox.TimeJSON(n.ChangedAt)
	}
	return a
}

// notes is GET /api/threads/{thread}/notes: those of all its person's threads,
// with the thread's draft.
func (s *Server) notes(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	t, err := s.o.Cache.Thread(ctx, r.PathValue("thread"))
	if err != nil {
		return err
	}
	threads, err := s.threadsBeside(ctx, t)
	if err != nil {
		return err
	}
	all, err := s.o.Local.Notes(ctx, threads)
	if err != nil {
		return err
	}
	draft, err := s.o.Local.Draft(ctx, t.Ref)
	if err != nil {
		return err
	}
	out := make([]noteAnswer, len(all))
	for i, n := range all {
		out[i] = noteOf(n)
	}
	return writeJSON(w, http.StatusOK, map[string]any{"notes": out, "draft": draft})
}

// threadsBeside are a thread and its person's others.
func (s *Server) threadsBeside(ctx context.Context, t cache.Thread) ([]string, error) {
	people, err := s.o.Cache.People(ctx, []string{t.Person})
	refs := []string{t.Ref}
	for _, p := range people {
		for _, part := range p.Parts {
			if part.Thread != t.Ref {
				refs = append(refs, part.Thread)
			}
		}
	}
	return refs, err
}

// longestOp bounds what a page may call an asking of its.
const longestOp = 64

// addNote is POST /api/threads/{thread}/notes. With made_at it is one that was
// deleted, put back. Asked again by the same op, as after a lost answer, it
// answers with the note that there is.
func (s *Server) addNote(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Text   string     `json:"text"`
		MadeAt *time.Time `json:"made_at"`
		Op     string     `json:"op"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	text, err := noteText(in.Text)
	if err != nil {
		return err
	}
	if len(in.Op) > longestOp {
		return invalid("op")
	}
	now := s.now()
	if in.MadeAt != nil && (in.MadeAt.IsZero() || in.MadeAt.After(now)) {
		return invalid("made_at")
	}
	t, err := s.o.Cache.Thread(r.Context(), r.PathValue("thread"))
	if err != nil {
		return err
	}
	n, keep := cache.Note{Account: t.Account, Thread: t.Ref, Text: text, MadeAt: now, Op: in.Op}, s.o.Local.AddNote
	if in.MadeAt != nil {
		n.MadeAt, keep = *in.MadeAt, s.o.Local.PutBackNote
	}
	n, err = keep(r.Context(), n)
	return s.answerNote(w, http.StatusCreated, n, err)
}

// noteText is a note's text as it is kept.
func noteText(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", fail(http.StatusBadRequest, "text", "error.note_empty")
	}
	if utf8.RuneCountInString(text) > longestNote {
		return "", fail(http.StatusBadRequest, "text", "error.note_long", "count", longestNote)
	}
	return text, nil
}

func (s *Server) answerNote(w http.ResponseWriter, status int, n cache.Note, err error) error {
	if err != nil {
		return err
	}
	s.events.Notes(n.Thread)
	return writeJSON(w, status, noteOf(n))
}

// changeNote is PATCH /api/notes/{id}.
func (s *Server) changeNote(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Text string `json:"text"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	text, err := noteText(in.Text)
	if err != nil {
		return err
	}
	n, err := s.o.Local.ChangeNote(r.Context(), r.PathValue("id"), text, s.now())
	return s.answerNote(w, http.StatusOK, n, err)
}

// dropNote is DELETE /api/notes/{id}: it is erased. The answer is what was, for
// putting it back.
func (s *Server) dropNote(w http.ResponseWriter, r *http.Request) error {
	n, err := s.o.Local.DropNote(r.Context(), r.PathValue("id"))
	return s.answerNote(w, http.StatusOK, n, err)
}

// saveDraft is PUT /api/threads/{thread}/draft.
func (s *Server) saveDraft(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Text string `json:"text"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	if utf8.RuneCountInString(in.Text) > longestDraft {
		return fail(http.StatusBadRequest, "text", "error.draft_long", "count", longestDraft)
	}
	return s.keepDraft(w, r, in.Text)
}

// dropDraft is DELETE /api/threads/{thread}/draft.
func (s *Server) dropDraft(w http.ResponseWriter, r *http.Request) error {
	return s.keepDraft(w, r, "")
}

func (s *Server) keepDraft(w http.ResponseWriter, r *http.Request, text string) error {
	t, err := s.o.Cache.Thread(r.Context(), r.PathValue("thread"))
	if err != nil {
		return err
	}
	if err := s.o.Local.SaveDraft(r.Context(), t.Account, t.Ref, text, s.now()); err != nil {
		return err
	}
	s.events.Notes(t.Ref)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
