package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"bandeja/internal/cache"
	"bandeja/internal/notify"
)

// settingNotifications is a notify.Settings as JSON.
const settingNotifications = "notifications"

// Notification is what somebody is shown who looks elsewhere. One of the same
// tag takes the place of the one before.
type Notification struct {
	Tag    string `json:"tag"`
	Title  string `json:"title"`
	Body   string `json:"body"`
	Thread string `json:"thread"` // t_… that a click opens; "": the list
}

// errNoPage: no page is open that may show a notification.
var errNoPage = errors.New("no page is open that may show a notification")

// joinedTag is the one of what is told of several threads.
const joinedTag = "joined"

// Told is a thread that is told of.
type Told struct {
	Thread cache.Thread
	Woken  bool
}

// NotificationSettings are what the profile chose; what cannot be read is the
// default, which is off.
func (s *Server) NotificationSettings(ctx context.Context) (notify.Settings, error) {
	kept, err := s.o.Local.Setting(ctx, settingNotifications)
	if err != nil {
		return notify.Default(), err
	}
	v := notify.Default()
	if kept == "" || json.Unmarshal([]byte(kept), &v) != nil || !v.Valid() {
		return notify.Default(), nil
	}
	return v, nil
}

// Notify tells of threads, one by one or as one, in the language of the profile:
// by the window, or else by one of the pages that may.
//
// Errors: the window's own, or that no page is open that may; nothing was told
// then.
func (s *Server) Notify(ctx context.Context, told []Told, joined bool, show notify.Show) error {
	if joined && len(told) > 1 {
		return s.deliver(s.joined(ctx, told))
	}
	var errs []error
	for _, each := range told {
		errs = append(errs, s.deliver(s.notification(ctx, each, show)))
	}
	return errors.Join(errs...)
}

// notification is what is said of one thread.
func (s *Server) notification(ctx context.Context, t Told, show notify.Show) Notification {
	w := s.catalogue[s.language(ctx)]
	what := w.T("notify.message")
	if t.Woken {
		what = w.T("notify.woken")
	}
	n := Notification{Tag: t.Thread.Ref, Thread: t.Thread.Ref, Title: what, Body: t.Thread.Account}
	if show == notify.ShowNothing {
		return n
	}
	n.Title = cmp.Or(t.Thread.Name, t.Thread.Phone, what)
	n.Body = w.T("notify.where", "what", what, "account", t.Thread.Account)
	if show == notify.ShowText && !t.Woken {
		n.Body = cmp.Or(t.Thread.LastText, w.T("kind."+string(t.Thread.LastKind)))
	}
	return n
}

// joined is what is said of several.
func (s *Server) joined(ctx context.Context, told []Told) Notification {
	var accounts []string
	for _, each := range told {
		if !slices.Contains(accounts, each.Thread.Account) {
			accounts = append(accounts, each.Thread.Account)
		}
	}
	slices.Sort(accounts)
	w := s.catalogue[s.language(ctx)]
	return Notification{Tag: joinedTag, Title: w.T("notify.joined", "count", len(told)), Body: strings.Join(accounts, ", ")}
}

// deliver shows a notification in one place.
func (s *Server) deliver(n Notification) error {
	if native := s.o.Native; native != nil && native.Notify != nil {
		return native.Notify(n)
	}
	return s.tellOne("notify", n, s.pages.canNotify)
}

// GoTo has a page open a thread (t_…), "" for the list: a notification was
// clicked.
func (s *Server) GoTo(thread string) {
	_ = s.tellOne("goto", map[string]string{"thread": thread}, func(string) bool { return true }) // where none is open nobody waits for it
}

// tellOne tells the page that has listened last of those that may.
func (s *Server) tellOne(kind string, what any, may func(page string) bool) error {
	stream := s.events.newest(may)
	if stream == 0 {
		return errNoPage
	}
	data, err := json.Marshal(what)
	if err != nil {
		return err
	}
	s.events.publish(event{kind: kind, data: data, only: stream})
	return nil
}

// tryNotification is POST /api/notifications/try.
func (s *Server) tryNotification(w http.ResponseWriter, r *http.Request) error {
	t := s.words(r)
	err := s.deliver(Notification{Tag: "try", Title: t.T("notify.try_title"), Body: t.T("notify.try_body")})
	if errors.Is(err, errNoPage) {
		return fail(http.StatusConflict, "no_page", "error.notify_no_page")
	}
	if err != nil {
		s.o.Log.Warn("no notification shown", "err", err)
		return &problem{status: http.StatusServiceUnavailable, code: "notifications", key: "error.notify_no_service", err: err}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
