package server

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

type threadRow struct {
	Thread       string             `json:"thread"`
	Person       string             `json:"person"`
	Name         string             `json:"name"`
	Phone        string             `json:"phone"`
	Account      string             `json:"account"`
	Provider     inbox.ProviderName `json:"provider"`
	Channel      string             `json:"channel"`
	ChannelName  string             `json:"channel_name"`
	Platform     string             `json:"platform"`
	Conversation string             `json:"conversation"`
	Status       inbox.Status       `json:"status"`
	StatusWord   string             `json:"status_word"`
	Assignees    []string           `json:"assignees"`
	Tags         []string           `json:"tags"`
	Topic        string             `json:"topic"`
	At           *string            `json:"at"`
	Last         *lastAnswer        `json:"last"`
	Window       windowAnswer       `json:"window"`
	Unread       bool               `json:"unread"`
	NeedsReply   *bool              `json:"needs_reply"`
	Complete     bool               `json:"complete"`
	Sessions     int                `json:"sessions"`
	Pending      *string            `json:"pending"`
	Gone         bool               `json:"gone"`
	Snoozed      *snoozedAnswer     `json:"snoozed"`
}

// placeAnswer is where a row of a list stands in it.
type placeAnswer struct {
	At    int64   `json:"at"`
	Since *string `json:"waiting_since"`
}

type lastAnswer struct {
	Direction inbox.Direction `json:"direction"`
	Kind      inbox.Kind      `json:"kind"`
	Text      string          `json:"text"`
	Status    string          `json:"status"`
}

type windowAnswer struct {
	Known bool    `json:"known"`
	Open  bool    `json:"open"`
	Until *string `json:"until"`
}

type names map[[2]string]string

// clocks tells what the clock of an account's provider says, as far as its
// loop knows: a window is open or not by that one (SYNC §3).
func (s *Server) clocks() func(account string) time.Time {
	live := s.o.Office.Statuses()
	return func(account string) time.Time { return time.Now().Add(live[account].Offset) }
}

func rowOf(t cache.Thread, channels names, now time.Time) threadRow {
	row := threadRow{
		Thread: t.Ref, Person: t.Person, Name: t.Name, Phone: t.Phone, Account: t.Account, Provider: t.Provider,
		Channel: t.Channel, ChannelName: channels[[2]string{t.Account, t.Channel}], Platform: t.Platform, Conversation: t.Conversation,
		Status: t.Status, StatusWord: t.StatusWord, Assignees: t.Assignees, Tags: t.Tags, Topic: t.Topic,
		At: inbox.TimeJSON(t.At), Window: windowAnswer{t.Window.Known, t.Window.OpenAt(now), inbox.TimeJSON(t.Window.Until)},
		Unread: t.Unread, Complete: t.Complete, Sessions: t.Sessions, Gone: t.Gone,
		Snoozed: snoozedOf(&t, time.Now()),
	}
	if t.Pending != cache.NotPending {
		word := t.Pending.Word()
		row.Pending = &word
	}
	if needs, known := t.NeedsReply(); known {
		row.NeedsReply = &needs
		row.Last = &lastAnswer{t.LastDir, t.LastKind, t.LastText, t.LastStatus}
	}
	return row
}

func (s *Server) counts(w http.ResponseWriter, r *http.Request) error {
	account := r.URL.Query().Get("account")
	f, err := s.filterOf(r.Context(), "", account)
	if err != nil {
		return err
	}
	n, err := s.o.Cache.Counts(r.Context(), f)
	if err != nil {
		return err
	}
	var mine *int64 // null where nobody has said who one is
	if slices.ContainsFunc(f.Me, func(m cache.AgentRef) bool { return account == "" || m.Account == account }) {
		mine = &n.Mine
	}
	saved, err := s.o.Local.SavedViews(r.Context())
	if err != nil {
		return err
	}
	views := map[string]*int{}
	for _, v := range saved {
		counted, err := s.viewOf(r.Context(), v, account)
		if err != nil {
			return err
		}
		views[v.ID] = counted.Count
	}
	return writeJSON(w, http.StatusOK, map[string]any{"inbox": n.Inbox, "needs_reply": n.NeedsReply, "mine": mine, "unassigned": n.Unassigned,
		"expiring": n.Expiring, "snoozed": n.Snoozed, "all": n.All, "spam": n.Spam, "unread": n.Unread, "views": views})
}

// limitOf reads a page size; what is out of range is an error that names it.
func limitOf(q url.Values, fallback, most int) (int, error) {
	return numberOf(q, "limit", fallback, 1, most)
}

func numberOf(q url.Values, name string, fallback, least, most int) (int, error) {
	v := q.Get(name)
	if v == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < least || n > most {
		return 0, invalid(name)
	}
	return n, nil
}

func (s *Server) threads(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	limit, err := limitOf(q, 50, 200)
	if err != nil {
		return err
	}
	text, err := queryOf(q)
	if err != nil {
		return err
	}
	now := s.clocks()
	f, asked, err := s.listOf(r.Context(), cache.View(cmp.Or(q.Get("view"), string(cache.Inbox))), q.Get("account"), text)
	if err != nil {
		return err
	}
	if f.Sort = cache.Sort(q.Get("sort")); !f.Sort.Known() {
		return invalid("sort")
	}
	page, places, next, err := s.o.Cache.PlacedThreads(r.Context(), f, q.Get("cursor"), limit)
	if errors.Is(err, cache.ErrNotFound) {
		return invalid("view") // all else that is not there gives an empty list
	}
	if err != nil {
		return err
	}
	channels, err := s.o.Local.ChannelNames(r.Context())
	if err != nil {
		return err
	}
	rows, stand := make([]threadRow, 0, len(page)), make([]placeAnswer, 0, len(page))
	for i, t := range page {
		rows = append(rows, rowOf(t, channels, now(t.Account)))
		stand = append(stand, placeAnswer{places[i].At, inbox.TimeJSON(inbox.FromMillis(places[i].WaitingSince))})
	}
	var cursor *string
	if next != "" {
		cursor = &next
	}
	var total *int
	if !f.Narrow.Empty() {
		if total, err = s.countOf(r.Context(), f); err != nil {
			return err
		}
	}
	defer s.listing.Do(func() { close(s.listed) })
	return writeJSON(w, http.StatusOK, map[string]any{"threads": rows, "places": stand, "cursor": cursor, "parsed": parsed(s.words(r), &asked), "total": total})
}

type conversationAnswer struct {
	Conversation string       `json:"conversation"`
	Status       inbox.Status `json:"status"`
	StatusWord   string       `json:"status_word"`
	CreatedAt    *string      `json:"created_at"`
	At           *string      `json:"at"`
	Messages     int64        `json:"messages"`
	Complete     bool         `json:"complete"`
	Gone         bool         `json:"gone"`
}

func (s *Server) thread(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	t, err := s.o.Cache.Thread(ctx, r.PathValue("thread"))
	if err != nil {
		return err
	}
	convs, err := s.o.Cache.ConversationsOf(ctx, t.Ref)
	if err != nil {
		return err
	}
	channels, err := s.o.Local.ChannelNames(ctx)
	if err != nil {
		return err
	}
	person, err := s.person(ctx, t.Person, channels)
	if err != nil {
		return err
	}
	out := make([]conversationAnswer, 0, len(convs))
	for _, c := range convs {
		out = append(out, conversationAnswer{c.ID, c.Status, c.StatusWord, inbox.TimeJSON(c.CreatedAt), inbox.TimeJSON(c.LastAt), c.Messages, c.MessagesComplete, c.Gone})
	}
	return writeJSON(w, http.StatusOK, map[string]any{"thread": rowOf(t, channels, s.clocks()(t.Account)), "conversations": out, "person": person})
}

type threadAnswer struct {
	Thread      string             `json:"thread"`
	Account     string             `json:"account"`
	Provider    inbox.ProviderName `json:"provider"`
	ChannelName string             `json:"channel_name"`
	Status      inbox.Status       `json:"status"`
	StatusWord  string             `json:"status_word"`
	At          *string            `json:"at"`
	Sessions    int                `json:"sessions"`
}

// open is POST /api/threads/{thread}/open: somebody looks at it. It is read
// from now on, here and after a rebuild, and its messages come first.
func (s *Server) open(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	t, err := s.o.Cache.Thread(ctx, r.PathValue("thread"))
	if err != nil {
		return err
	}
	s.o.Office.Opened(t.Ref)
	if !t.SnoozedUntil.IsZero() && !t.Asleep(time.Now()) { // back, and seen to be
		if err := s.o.Office.Snooze(ctx, []string{t.Ref}, time.Time{}); err != nil && !errors.Is(err, cache.ErrReadOnly) {
			return err
		}
	}
	if t.Unread {
		mark, err := s.o.Local.SaveRead(ctx, t.Account, t.Ref, t.LastAt)
		if errors.Is(err, cache.ErrReadOnly) { // it is looked at all the same
			w.WriteHeader(http.StatusNoContent)
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.o.Cache.Mirror(ctx, []cache.Mark{mark}); err != nil {
			return err
		}
		s.events.Threads([]string{t.Ref})
		s.events.State()
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
