package server_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/notify"
	"bandeja/internal/profile"
	"bandeja/internal/server"
)

// watched is a desk whose every account is copied, and a window that keeps what
// it is to show.
type watched struct {
	*desk
	shown chan server.Notification
}

func watch(t *testing.T, change func(*notify.Settings)) *watched {
	t.Helper()
	w := &watched{newDesk(t), make(chan server.Notification, 100)}
	w.in.SetNative(&server.Native{Notify: func(n server.Notification) error {
		w.shown <- n
		return nil
	}})
	s := notify.Default()
	s.On = true
	w.choose(t, s, change)
	w.sync(t, false)
	return w
}

func (w *watched) choose(t *testing.T, s notify.Settings, change func(*notify.Settings)) {
	t.Helper()
	if change != nil {
		change(&s)
	}
	if a := w.ask(t, "PATCH", "/api/settings", map[string]any{"notifications": s}); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
}

func (w *watched) sync(t *testing.T, full bool) {
	t.Helper()
	if _, err := w.in.Sync(t.Context(), profile.SyncArgs{Full: full}, nil); err != nil {
		t.Fatal(err)
	}
}

// threads lists those of an account that are open, newest first.
func (w *watched) threads(t *testing.T, account string) []cache.Thread {
	t.Helper()
	page, _, err := w.in.Cache().Threads(t.Context(), cache.ThreadFilter{View: cache.Inbox, Account: account}, "", 200)
	if err != nil || len(page) < 6 {
		t.Fatalf("%d threads, %v", len(page), err)
	}
	return page
}

// write has a customer write, and reads it.
func (w *watched) write(t *testing.T, text string, threads ...cache.Thread) {
	t.Helper()
	for _, th := range threads {
		if err := w.office.Post(string(th.Provider), th.Conversation, text); err != nil {
			t.Fatal(err)
		}
	}
	w.sync(t, false)
}

func (w *watched) next(t *testing.T) server.Notification {
	t.Helper()
	select {
	case n := <-w.shown:
		return n
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was shown")
		return server.Notification{}
	}
}

// quiet fails where anything more is shown within the time that gathering takes.
func (w *watched) quiet(t *testing.T, why string) {
	t.Helper()
	select {
	case n := <-w.shown:
		t.Errorf("%s: shown %q", why, n.Title)
	case <-time.After(1500 * time.Millisecond):
	}
}

// TestNotify: what is new is told once, saying no more than was asked for; what
// a first copy, a full one or a second run brings is not.
func TestNotify(t *testing.T) {
	t.Parallel() // much of it is waiting
	w := watch(t, nil)
	w.quiet(t, "the first copy")
	w.sync(t, true)
	w.quiet(t, "a full copy")

	th := w.threads(t, "ventas")[2]
	w.write(t, "mi pedido 5512345678", th)
	if got, want := w.next(t), (server.Notification{Tag: th.Ref, Title: "A new message", Body: "ventas", Thread: th.Ref}); got != want {
		t.Errorf("with nothing: %+v", got)
	}
	w.sync(t, false)
	w.sync(t, true)
	w.quiet(t, "told already")

	s := notify.Default()
	s.On, s.Show = true, notify.ShowName
	w.choose(t, s, nil)
	th = w.threads(t, "soporte")[3]
	w.write(t, "mi pedido 5512345678", th)
	if got := w.next(t); got.Title != th.Name && got.Title != th.Phone || got.Body != "A new message · soporte" {
		t.Errorf("with the name: %+v", got)
	}
	s.Show = notify.ShowText
	w.choose(t, s, nil)
	w.write(t, "mi pedido 5512345678", th)
	if got := w.next(t); got.Body != "mi pedido 5512345678" || got.Tag != th.Ref {
		t.Errorf("with the text: %+v", got)
	}

	w.write(t, "hola", w.threads(t, "ventas")[:5]...)
	if got := w.next(t); got.Title != "News in 5 conversations" || got.Body != "ventas" || got.Thread != "" {
		t.Errorf("of many: %+v", got)
	}
	w.quiet(t, "told as one")
	w.logsNothing(t, "5512345678", "mi pedido", th.Phone)
}

// logsNothing: no word of a message and no number is in the log.
func (w *watched) logsNothing(t *testing.T, words ...string) {
	t.Helper()
	logs, _ := filepath.Glob(filepath.Join(w.dir, "*.log*"))
	more, _ := filepath.Glob(filepath.Join(w.dir, "*", "*.log*"))
	logs = append(logs, more...)
	if len(logs) == 0 {
		t.Error("there is no log to look through")
	}
	for _, path := range logs {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range words {
			if word != "" && strings.Contains(string(b), word) {
				t.Errorf("%s says what was written", filepath.Base(path))
			}
		}
	}
}

// TestNotifyNobody: not what one does not want, does not miss, or sees.
func TestNotifyNobody(t *testing.T) {
	t.Parallel() // much of it is waiting
	w := watch(t, func(s *notify.Settings) { s.Muted, s.Whose = []string{"soporte"}, notify.WhoseMine })
	w.write(t, "hola", w.threads(t, "soporte")[0])
	w.quiet(t, "a muted account")
	var another, nobodys cache.Thread
	for _, th := range w.threads(t, "ventas") {
		if len(th.Assignees) > 0 {
			another = th
		} else {
			nobodys = th
		}
	}
	w.write(t, "hola", another)
	w.quiet(t, "somebody else's")
	if a := w.ask(t, "PATCH", "/api/agents", map[string]any{"account": "ventas", "ref": another.Assignees[0], "me": true}); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	w.write(t, "hola otra vez", another)
	if got := w.next(t); got.Thread != another.Ref {
		t.Errorf("mine: %+v", got)
	}

	look := func(focused bool) {
		t.Helper()
		if a := w.ask(t, "PUT", "/api/presence", map[string]any{"page": "one", "focused": focused, "thread": nobodys.Ref}); a.status != 204 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	look(true)
	w.write(t, "hola", nobodys)
	w.quiet(t, "looked at")
	look(false)
	w.write(t, "¿están?", nobodys)
	if got := w.next(t); got.Thread != nobodys.Ref {
		t.Errorf("looked away: %+v", got)
	}

	if err := w.office.Post(string(nobodys.Provider), nobodys.Conversation, "gracias"); err != nil {
		t.Fatal(err)
	}
	if err := w.office.Answer(string(nobodys.Provider), nobodys.Conversation, "de nada"); err != nil {
		t.Fatal(err)
	}
	w.sync(t, false)
	w.quiet(t, "answered already")

	s := notify.Default()
	w.choose(t, s, nil)
	w.write(t, "hola", w.threads(t, "ventas")[0])
	w.quiet(t, "switched off")
	s.On, s.Quiet = true, notify.Quiet{On: true, From: "00:00", To: "00:00", Days: []int{1, 2, 3, 4, 5, 6, 7}}
	w.choose(t, s, nil)
	w.write(t, "hola otra vez", w.threads(t, "ventas")[0])
	w.quiet(t, "quiet hours")
}

// TestNotifyWoken: a thread that was left for later is told of as its time comes.
func TestNotifyWoken(t *testing.T) {
	t.Parallel() // much of it is waiting
	w := watch(t, func(s *notify.Settings) { s.Show = notify.ShowText })
	th := w.threads(t, "ventas")[0]
	if a := w.ask(t, "POST", "/api/snooze", map[string]any{"threads": []string{th.Ref}, "until": time.Now().Add(700 * time.Millisecond)}); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got := w.next(t); got.Thread != th.Ref || got.Body != "A snoozed conversation is back · ventas" {
		t.Errorf("%+v", got)
	}
	s := notify.Default()
	s.On, s.Woken = true, false
	w.choose(t, s, nil)
	if a := w.ask(t, "POST", "/api/snooze", map[string]any{"threads": []string{th.Ref}, "until": time.Now().Add(200 * time.Millisecond)}); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	w.quiet(t, "not wanted")
}

// TestNotifyAfterRebuild: a cache that is built anew has nothing new.
func TestNotifyAfterRebuild(t *testing.T) {
	t.Parallel() // much of it is waiting
	w := watch(t, nil)
	w.write(t, "hola", w.threads(t, "ventas")[0])
	w.next(t)
	if err := w.in.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"cache.db", "cache.db-wal", "cache.db-shm"} {
		_ = os.Remove(filepath.Join(w.dir, name))
	}
	in, err := profile.Open(t.Context(), profile.Options{Dir: w.dir, Mode: "serve", Language: "en", Version: "1.2.3", Assets: interfaceFiles, KeyStore: profile.File})
	if err != nil {
		t.Fatal(err)
	}
	w.in = in // newDesk closes it
	in.SetNative(&server.Native{Notify: func(n server.Notification) error { w.shown <- n; return nil }})
	if err := in.Start(false); err != nil {
		t.Fatal(err)
	}
	w.sync(t, false)
	if n, err := in.Cache().CountThreads(t.Context(), cache.ThreadFilter{View: cache.All}, 1000); err != nil || n < 20 {
		t.Fatalf("%d threads, %v", n, err)
	}
	w.quiet(t, "the copy that is made anew")
}

// TestNotifyOnePage: without a window the page that may and has listened last
// shows it, and no other.
func TestNotifyOnePage(t *testing.T) {
	b := newSession(t, nil)
	try := func() answer { t.Helper(); return b.ask(t, "POST", "/api/notifications/try", nil) }
	if a := try(); a.status != 409 {
		t.Errorf("without a page: %d %s", a.status, a.body)
	}
	page := func(name string, may bool) *listener {
		t.Helper()
		if a := b.ask(t, "PUT", "/api/presence", map[string]any{"page": name, "can_notify": may}); a.status != 204 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		l := listenAs(t, b.browser, name)
		l.next(t)
		return l
	}
	first, second, denied := page("first", true), page("second", true), page("denied", false)
	if a := try(); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	b.Events().State()
	if got := second.next(t); got.kind != "notify" || !strings.Contains(got.data, `"tag":"try"`) {
		t.Errorf("the second page: %+v", got)
	}
	for name, l := range map[string]*listener{"first": first, "second": second, "denied": denied} {
		if got := l.next(t); got.kind != "state" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	b.GoTo("t_a")
	var to struct{ Thread string }
	if got := denied.next(t); got.kind != "goto" || json.Unmarshal([]byte(got.data), &to) != nil || to.Thread != "t_a" {
		t.Errorf("a click: %+v", got)
	}
	second.leave()
	heard := make(chan error, 1)
	go func() {
		got, err := first.read()
		for err == nil && got.kind != "notify" {
			got, err = first.read()
		}
		heard <- err
	}()
	for { // until the second is seen to be gone, it goes there
		try()
		select {
		case err := <-heard:
			if err != nil {
				t.Error(err)
			}
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// TestNotifyByTheWindow: what it cannot show is said, and its title counts.
func TestNotifyByTheWindow(t *testing.T) {
	var titles []string
	b := newSession(t, func(o *server.Options) {
		o.Native = &server.Native{Notify: func(server.Notification) error { return errors.New("no bus") }, Title: func(s string) { titles = append(titles, s) }}
	})
	a := b.ask(t, "POST", "/api/notifications/try", nil)
	if code, message := a.code(t); a.status != 503 || code != "notifications" || strings.Contains(message, "bus") {
		t.Errorf("%d %s", a.status, a.body)
	}
	for _, unread := range []int{0, 9, 9, 1240, 0} {
		b.ask(t, "PUT", "/api/presence", map[string]any{"page": "one", "unread": unread})
	}
	if got := strings.Join(titles, ", "); got != "(9) Bandeja, (1,240) Bandeja, Bandeja" {
		t.Errorf("titles: %s", got)
	}
	for _, bad := range []map[string]any{{}, {"page": strings.Repeat("x", 65)}, {"page": "one", "unread": -1}} {
		if a := b.ask(t, "PUT", "/api/presence", bad); a.status != 400 {
			t.Errorf("%v: %d", bad, a.status)
		}
	}
}

// TestNotificationSettings: kept whole or not at all, and off at first.
func TestNotificationSettings(t *testing.T) {
	b := newDesk(t)
	kept := func() (s struct{ Notifications notify.Settings }) {
		t.Helper()
		b.get(t, "/api/settings", &s)
		return s
	}
	if s := kept().Notifications; s.On || !s.Valid() || s.Show != notify.ShowNothing {
		t.Errorf("at first %+v", s)
	}
	s := notify.Default()
	s.On, s.Show, s.Muted, s.Quiet.Days = true, notify.ShowText, []string{"ventas"}, []int{}
	if a := b.ask(t, "PATCH", "/api/settings", map[string]any{"notifications": s}); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	same := func(when string) {
		t.Helper()
		got, _ := json.Marshal(kept().Notifications)
		want, _ := json.Marshal(s)
		if string(got) != string(want) {
			t.Errorf("%s %s, want %s", when, got, want)
		}
	}
	same("kept")
	bad := s
	bad.Quiet.From = "24:00"
	if a := b.ask(t, "PATCH", "/api/settings", map[string]any{"notifications": bad, "theme": "dark"}); a.status != 400 {
		t.Errorf("%d %s", a.status, a.body)
	}
	same("after what was refused")
	if err := b.in.Local().SaveSetting(t.Context(), "notifications", `{"on":true,"show":"everything"}`); err != nil {
		t.Fatal(err)
	}
	if s := kept().Notifications; s.On || !s.Valid() {
		t.Errorf("of what cannot be read %+v", s)
	}
}
