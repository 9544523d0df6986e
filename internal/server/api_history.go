package server

import (
	"net/http"
	"slices"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

type changeAnswer struct {
	Conversation string       `json:"conversation"`
	Field        string       `json:"field"`
	Before       []string     `json:"before"`
	After        []string     `json:"after"`
	BeforeStatus inbox.Status `json:"before_status"`
	AfterStatus  inbox.Status `json:"after_status"`
	Since        *string      `json:"since"`
	Until        *string      `json:"until"`
	Entry        *string      `json:"entry"`
}

// history is GET /api/threads/{thread}/history: what sync saw change, and what
// was changed from here.
func (s *Server) history(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	limit, err := limitOf(r.URL.Query(), 100, 500)
	if err != nil {
		return err
	}
	t, err := s.o.Cache.Thread(ctx, r.PathValue("thread"))
	if err != nil {
		return err
	}
	convs, err := s.o.Cache.ConversationsOf(ctx, t.Ref)
	if err != nil {
		return err
	}
	ids := make([]string, len(convs))
	for i, c := range convs {
		ids[i] = c.ID
	}
	lines, err := s.o.Local.ChangesOf(ctx, t.Account, ids)
	if err != nil {
		return err
	}
	wishes, err := s.o.Local.OutboxOf(ctx, t.Account, ids)
	if err != nil {
		return err
	}
	out := []changeAnswer{}
	for _, h := range tellHistory(lines, wishes) {
		if len(out) == limit {
			break
		}
		out = append(out, h.answer(t.Provider))
	}
	return writeJSON(w, http.StatusOK, map[string]any{"changes": out})
}

// told is a line of a thread's history; entry is ours where it is from here.
type told struct {
	cache.ChangeLine
	entry string
}

// tellHistory joins what sync saw with what was done from here, newest first.
// A change of ours that sync saw, too, is told once.
func tellHistory(lines []cache.ChangeLine, wishes []cache.Wish) []told {
	out := make([]told, 0, len(lines))
	for _, l := range lines {
		out = append(out, told{ChangeLine: l})
	}
	for _, wish := range slices.Backward(wishes) { // the newest chooses first
		if !fromHere(&wish) {
			continue
		}
		if !claim(out[:len(lines)], &wish) {
			out = append(out, told{cache.ChangeLine{Account: wish.Account, Conversation: wish.Conversation, Field: wish.Field,
				Before: wish.Base, After: wish.Want, Since: wish.MadeAt, Until: wish.DoneAt}, wish.ID})
		}
	}
	slices.SortStableFunc(out, func(a, b told) int { return b.Until.Compare(a.Until) })
	return out
}

// fromHere reports whether a wish was done by a request of ours; of one that
// somebody else had fulfilled before it was sent, only what sync saw is told.
func fromHere(wish *cache.Wish) bool { return wish.State == cache.WishDone && wish.Attempts > 0 }

// claim marks the newest line of each conversation that a wish changed as its
// own, and reports whether its own conversation had one.
func claim(lines []told, wish *cache.Wish) (own bool) {
	claimed := map[string]bool{}
	for i := range lines {
		l := &lines[i]
		if l.entry != "" || claimed[l.Conversation] || !caused(wish, &l.ChangeLine) {
			continue
		}
		l.entry, claimed[l.Conversation] = wish.ID, true
	}
	return claimed[wish.Conversation]
}

// caused reports whether a line can be what a wish did: what the line lies
// between meets the time in which it was sent.
func caused(wish *cache.Wish, l *cache.ChangeLine) bool {
	return l.Field == wish.Field && l.After == wish.Want && (l.Conversation == wish.Conversation || slices.Contains(wish.Touched, l.Conversation)) &&
		!l.Since.After(wish.DoneAt) && !l.Until.Before(wish.MadeAt.Truncate(time.Millisecond))
}

func (h told) answer(p inbox.ProviderName) changeAnswer {
	a := changeAnswer{Conversation: h.Conversation, Field: h.Field, Before: valuesOf(h.Field, h.Before), After: valuesOf(h.Field, h.After),
		BeforeStatus: unified(p, h.Field, h.Before), AfterStatus: unified(p, h.Field, h.After), Since: inbox.TimeJSON(h.Since), Until: inbox.TimeJSON(h.Until)}
	if h.entry != "" {
		a.Entry = &h.entry
	}
	return a
}
