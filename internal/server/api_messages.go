package server

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

type messageAnswer struct {
	Message      string          `json:"message"`
	Conversation string          `json:"conversation"`
	Direction    inbox.Direction `json:"direction"`
	Kind         inbox.Kind      `json:"kind"`
	KindWord     string          `json:"kind_word"`
	Text         string          `json:"text"`
	Status       string          `json:"status"`
	Reason       string          `json:"reason"` // why it could not be sent
	At           *string         `json:"at"`
}

func messageOf(m cache.StoredMessage) messageAnswer {
	a := messageAnswer{m.ID, m.Conversation, m.Direction, m.Kind, m.KindWord, m.Text, m.Status, "", inbox.TimeJSON(m.At)}
	if strings.EqualFold(m.Status, "failed") {
		a.Reason = m.Failure()
	}
	return a
}

// personMessage says where it is from, too.
type personMessage struct {
	Thread   string             `json:"thread"`
	Account  string             `json:"account"`
	Provider inbox.ProviderName `json:"provider"`
	messageAnswer
}

func personMessageOf(m cache.StoredMessage) personMessage {
	return personMessage{m.Thread, m.Account, m.Provider, messageOf(m)}
}

// unreadAnswer is from where on nothing was read yet.
type unreadAnswer struct {
	Since        *string `json:"since"`
	Account      string  `json:"account"`
	Conversation string  `json:"conversation"`
	Message      string  `json:"message"`
}

func unreadOf(u *cache.Unread) *unreadAnswer {
	if u == nil {
		return nil
	}
	return &unreadAnswer{inbox.TimeJSON(u.Since), u.Account, u.Conversation, u.Message}
}

// nullable is a cursor, null where nothing follows.
func nullable(cursor string) *string {
	if cursor == "" {
		return nil
	}
	return &cursor
}

// messages is GET /api/threads/{thread}/messages.
func (s *Server) messages(w http.ResponseWriter, r *http.Request) error {
	ref := r.PathValue("thread")
	return messagePage(w, r, messageOf, func(ctx context.Context, spot cache.Spot, limit int) (cache.MessagePage, error) {
		return s.o.Cache.Messages(ctx, ref, spot, limit)
	}, func(ctx context.Context) (*time.Location, error) { return s.zoneOfThread(ctx, ref) })
}

// personMessages is GET /api/people/{person}/messages: their threads as one.
func (s *Server) personMessages(w http.ResponseWriter, r *http.Request) error {
	ref := r.PathValue("person")
	return messagePage(w, r, personMessageOf, func(ctx context.Context, spot cache.Spot, limit int) (cache.MessagePage, error) {
		return s.o.Cache.PersonMessages(ctx, ref, spot, limit)
	}, func(ctx context.Context) (*time.Location, error) { return s.zoneOfPerson(ctx, ref) })
}

// messagePage answers the page that a request asks for.
func messagePage[T any](w http.ResponseWriter, r *http.Request, shape func(cache.StoredMessage) T,
	read func(context.Context, cache.Spot, int) (cache.MessagePage, error), zone func(context.Context) (*time.Location, error)) error {
	q := r.URL.Query()
	limit, err := limitOf(q, 60, 500)
	if err != nil {
		return err
	}
	spot, err := spotOf(q, func() (*time.Location, error) { return zoneOf(r.Context(), q, zone) })
	if err != nil {
		return err
	}
	page, err := read(r.Context(), spot, limit)
	if errors.Is(err, cache.ErrCursor) {
		if spot.Before != "" {
			return invalid("before")
		}
		return invalid("after")
	}
	if err != nil {
		return err
	}
	out := make([]T, 0, len(page.Messages))
	for _, m := range page.Messages {
		out = append(out, shape(m))
	}
	var found *int
	if page.Found >= 0 {
		found = &page.Found
	}
	return writeJSON(w, http.StatusOK, map[string]any{"messages": out, "before": nullable(page.Before), "after": nullable(page.After), "found": found,
		"unread": unreadOf(page.Unread)})
}

// spotOf reads which page is meant: before, after, around or at, one of them at
// most. at is a time, a day of the zone, or "unread": the first message that nobody
// has read.
func spotOf(q url.Values, zone func() (*time.Location, error)) (spot cache.Spot, err error) {
	given := 0
	for _, name := range []string{"before", "after", "around", "at"} {
		if q.Get(name) != "" {
			given++
		}
	}
	if given > 1 {
		return spot, invalid("before, after, around, at")
	}
	spot = cache.Spot{Before: q.Get("before"), After: q.Get("after"), Around: q.Get("around")}
	at := q.Get("at")
	if at == "" {
		return spot, nil
	}
	if at == "unread" {
		spot.Unread = true
		return spot, nil
	}
	if spot.From, err = time.Parse(time.RFC3339, at); err == nil {
		return spot, nil
	}
	in, err := zone()
	if err != nil {
		return spot, err
	}
	spot.From, err = dayOf(at, in)
	if err != nil {
		return spot, invalid("at")
	}
	return spot, nil
}
