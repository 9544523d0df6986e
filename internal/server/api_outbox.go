package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

type entryAnswer struct {
	ID           string             `json:"id"`
	Account      string             `json:"account"`
	Provider     inbox.ProviderName `json:"provider"`
	Conversation string             `json:"conversation"`
	Thread       string             `json:"thread"`
	Name         string             `json:"name"`
	Field        string             `json:"field"`
	Base         []string           `json:"base"`
	Want         []string           `json:"want"`
	Now          []string           `json:"now"`
	BaseStatus   inbox.Status       `json:"base_status"`
	WantStatus   inbox.Status       `json:"want_status"`
	NowStatus    inbox.Status       `json:"now_status"`
	State        cache.WishState    `json:"state"`
	Reason       string             `json:"reason"`
	NowAt        *string            `json:"now_at"`
	MadeAt       *string            `json:"made_at"`
	TriedAt      *string            `json:"tried_at"`
	DoneAt       *string            `json:"done_at"`
	Attempts     int                `json:"attempts"`
	Touched      []string           `json:"touched"`
	Undoes       *string            `json:"undoes"`
	CanUndo      bool               `json:"can_undo"`
}

// entryOf is a wish as the screen gets it; about is its conversation, nothing
// where that is not in the copy (yet).
func (s *Server) entryOf(r *http.Request, wish cache.Wish, about cache.Target) entryAnswer {
	e := entryAnswer{
		ID: wish.ID, Account: wish.Account, Provider: wish.Provider, Conversation: wish.Conversation, Thread: about.Thread, Name: about.Name,
		Field: wish.Field, Base: valuesOf(wish.Field, wish.Base), Want: valuesOf(wish.Field, wish.Want),
		BaseStatus: unified(wish.Provider, wish.Field, wish.Base), WantStatus: unified(wish.Provider, wish.Field, wish.Want),
		State: wish.State, Reason: s.reason(r, wish), NowAt: inbox.TimeJSON(wish.NowAt), MadeAt: inbox.TimeJSON(wish.MadeAt),
		TriedAt: inbox.TimeJSON(wish.TriedAt), DoneAt: inbox.TimeJSON(wish.DoneAt), Attempts: wish.Attempts, Touched: wish.Touched, CanUndo: wish.CanUndo(),
	}
	if !wish.NowAt.IsZero() {
		e.Now, e.NowStatus = valuesOf(wish.Field, wish.Now), unified(wish.Provider, wish.Field, wish.Now)
	}
	if len(e.Touched) == 0 || len(e.Touched) == 1 && e.Touched[0] == wish.Conversation {
		e.Touched = []string{}
	}
	if wish.Undoes != "" {
		e.Undoes = &wish.Undoes
	}
	return e
}

// valuesOf is a value of a field as a list: of a status or a text the one
// word, of assignees and tags all of them.
func valuesOf(field, value string) []string {
	switch field {
	case inbox.FieldAssignees, "tags":
		return inbox.RefsOf(value)
	}
	return []string{value}
}

func unified(p inbox.ProviderName, field, value string) inbox.Status {
	if field != inbox.FieldStatus {
		return ""
	}
	return inbox.StatusOf(p, value)
}

// reason is why an entry stands where it does, with the provider's own code.
func (s *Server) reason(r *http.Request, wish cache.Wish) string {
	kind, code := wish.Why()
	if kind == "" || wish.State == cache.WishDone {
		return ""
	}
	w := s.words(r)
	key := "error.change_" + kind
	if !w.Has(key) {
		key = "error.change_rejected"
	}
	text := w.T(key, "account", wish.Account)
	if code != "" {
		text += " (" + code + ")"
	}
	return text
}

// entries are wishes as the screen gets them, in their order.
func (s *Server) entries(r *http.Request, wishes []cache.Wish) ([]entryAnswer, error) {
	about, err := s.about(r.Context(), wishes)
	if err != nil {
		return nil, err
	}
	newest := newestOf(wishes)
	out := make([]entryAnswer, 0, len(wishes))
	for _, wish := range wishes {
		e := s.entryOf(r, wish, about[[2]string{wish.Account, wish.Conversation}])
		e.CanUndo = e.CanUndo && newest[fieldOf(wish)].Equal(wish.MadeAt)
		out = append(out, e)
	}
	return out, nil
}

// fieldOf names the field of a conversation that a wish is about.
func fieldOf(wish cache.Wish) [3]string {
	return [3]string{wish.Account, wish.Conversation, wish.Field}
}

// newestOf is when the last wish about each field was made: what stands behind
// a later one is not offered to be taken back.
func newestOf(wishes []cache.Wish) map[[3]string]time.Time {
	out := map[[3]string]time.Time{}
	for _, wish := range wishes {
		if at := fieldOf(wish); out[at].Before(wish.MadeAt) {
			out[at] = wish.MadeAt
		}
	}
	return out
}

// about finds what wishes are about, by account and conversation.
func (s *Server) about(ctx context.Context, wishes []cache.Wish) (map[[2]string]cache.Target, error) {
	by := map[string][]string{}
	for _, wish := range wishes {
		by[wish.Account] = append(by[wish.Account], wish.Conversation)
	}
	out := map[[2]string]cache.Target{}
	for account, conversations := range by {
		targets, err := s.o.Cache.TargetsOf(ctx, account, conversations)
		if err != nil {
			return nil, err
		}
		for _, t := range targets {
			out[[2]string{account, t.Conversation}] = t
		}
	}
	return out, nil
}

type outboxCounts struct {
	Waiting   int `json:"waiting"`
	Attention int `json:"attention"`
}

// outbox is GET /api/outbox.
func (s *Server) outbox(w http.ResponseWriter, r *http.Request) error {
	done, err := numberOf(r.URL.Query(), "done", 20, 0, 200)
	if err != nil {
		return err
	}
	waiting, finished, err := s.o.Local.Outbox(r.Context(), done)
	if err != nil {
		return err
	}
	counts := outboxCounts{Waiting: len(waiting)}
	for _, wish := range waiting {
		if wish.State.Attention() {
			counts.Attention++
		}
	}
	entries, err := s.entries(r, slices.Concat(firstWaiting(waiting), finished))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, struct {
		Entries []entryAnswer `json:"entries"`
		outboxCounts
	}{entries, counts})
}

// mostListed bounds what is listed of what waits: after a change of thousands
// nobody reads them one by one.
const mostListed = 500

// firstWaiting are those of what waits that are listed, oldest first: what waits
// for a person before what waits for its turn.
func firstWaiting(waiting []cache.Wish) []cache.Wish {
	if len(waiting) <= mostListed {
		return waiting
	}
	attention := 0
	for _, w := range waiting {
		if w.State.Attention() {
			attention++
		}
	}
	turns := max(0, mostListed-attention)
	out := make([]cache.Wish, 0, mostListed)
	for _, w := range waiting {
		if len(out) == mostListed {
			break
		}
		if !w.State.Attention() {
			if turns == 0 {
				continue
			}
			turns--
		}
		out = append(out, w)
	}
	return out
}

// retry is POST /api/outbox/{id}/retry: keep mine, or try again now.
func (s *Server) retry(w http.ResponseWriter, r *http.Request) error {
	wish, err := s.o.Office.Retry(r.Context(), r.PathValue("id"))
	if err != nil {
		return entryFailed(err)
	}
	entries, err := s.entries(r, []cache.Wish{wish})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, entries[0])
}

// drop is POST /api/outbox/{id}/drop: keep theirs.
func (s *Server) drop(w http.ResponseWriter, r *http.Request) error {
	if err := s.o.Office.Drop(r.Context(), r.PathValue("id")); err != nil {
		return entryFailed(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// undo is POST /api/outbox/undo. What cannot be taken back does not keep the
// others from it.
func (s *Server) undo(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		IDs []string `json:"ids"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	ids := unique(in.IDs)
	if len(ids) == 0 || len(ids) > mostThreads {
		return invalid("ids")
	}
	undone, err := s.o.Office.Undo(r.Context(), ids)
	if err != nil {
		return err
	}
	var made []cache.Enqueued
	left := []string{}
	for i, u := range undone {
		if u.Err != nil {
			left = append(left, ids[i])
			continue
		}
		made = append(made, u.Enqueued)
	}
	if len(made) == 0 {
		return entryFailed(undone[0].Err)
	}
	entries, err := s.entries(r, queued(made))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{"entries": entries, "left": left})
}

// entryFailed says what keeps an entry from being moved; other errors it gives
// back as they are.
func entryFailed(err error) error {
	switch {
	case errors.Is(err, cache.ErrWishState):
		return fail(http.StatusConflict, "moved_on", "error.change_moved_on")
	case errors.Is(err, cache.ErrIrreversible):
		return fail(http.StatusConflict, "irreversible", "error.change_irreversible")
	case errors.Is(err, cache.ErrDamaged):
		return fail(http.StatusConflict, "damaged", "error.change_damaged")
	case errors.Is(err, cache.ErrNotFound):
		return fail(http.StatusNotFound, "not_found", "error.not_found")
	}
	return err
}
