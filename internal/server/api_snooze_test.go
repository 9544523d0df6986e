package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/profile"
)

// shown is what a list says of snoozes and of who one is.
type shown struct {
	Thread  string
	Snoozed *struct {
		Until string
		Back  *string
	}
}

func (d *desk) shown(t *testing.T, view string) (out []shown) {
	t.Helper()
	var page struct{ Threads []shown }
	d.get(t, "/api/threads?limit=200&view="+view, &page)
	return page.Threads
}

func (d *desk) has(t *testing.T, view, thread string) bool {
	t.Helper()
	return slices.ContainsFunc(d.shown(t, view), func(s shown) bool { return s.Thread == thread })
}

type viewCounts struct {
	Inbox, Snoozed int
	Mine           *int
}

func (d *desk) counts(t *testing.T, account string) (n viewCounts) {
	t.Helper()
	d.get(t, "/api/counts?account="+account, &n)
	return n
}

func (d *desk) snooze(t *testing.T, thread string, until any) {
	t.Helper()
	if a := d.ask(t, "POST", "/api/snooze", map[string]any{"threads": []string{thread}, "until": until}); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
}

// TestSnooze: a thread leaves the inbox for the view of the snoozed until its
// time comes, when the screens are told; it is marked until it is looked at.
func TestSnooze(t *testing.T) {
	d := copied(t)
	thread := d.rows(t, "ventas", "open")[0].Thread
	before := d.counts(t, "")
	l := listen(t, d.browser, "")
	until := time.Now().Add(1200 * time.Millisecond).Truncate(time.Millisecond)
	d.snooze(t, thread, until)
	away := d.shown(t, "snoozed")
	if len(away) != 1 || away[0].Thread != thread || away[0].Snoozed.Back != nil || away[0].Snoozed.Until != *inbox.TimeJSON(until) {
		t.Fatalf("%+v", away)
	}
	if n := d.counts(t, ""); n.Inbox != before.Inbox-1 || n.Snoozed != 1 || d.has(t, "inbox", thread) || !d.has(t, "all", thread) {
		t.Errorf("%+v, before %+v", n, before)
	}
	for told := 0; told < 2; { // that it went, and that it is back
		if e := l.next(t); e.kind == "threads" && strings.Contains(e.data, thread) {
			told++
		}
	}
	if time.Now().Before(until) {
		t.Error("told before its time")
	}
	if n := d.counts(t, ""); n.Inbox != before.Inbox || n.Snoozed != 0 {
		t.Errorf("%+v, before %+v", n, before)
	}
	back := func() *shown {
		all := d.shown(t, "inbox")
		return &all[slices.IndexFunc(all, func(s shown) bool { return s.Thread == thread })]
	}
	if s := back().Snoozed; s == nil || s.Back == nil || *s.Back != "time" {
		t.Errorf("it is back as %+v", s)
	}
	if a := d.ask(t, "POST", "/api/threads/"+thread+"/open", nil); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if s := back().Snoozed; s != nil {
		t.Errorf("looked at, it is still marked: %+v", s)
	}
}

// TestSnoozeEnds: by a person, and by the customer's next message, which is said;
// to look at what is away leaves it there.
func TestSnoozeEnds(t *testing.T) {
	d := copied(t)
	r := d.rows(t, "ventas", "open")[0]
	tomorrow := time.Now().Add(24 * time.Hour)
	d.snooze(t, r.Thread, tomorrow)
	if a := d.ask(t, "POST", "/api/threads/"+r.Thread+"/open", nil); a.status != http.StatusNoContent || !d.has(t, "snoozed", r.Thread) {
		t.Fatalf("%d %s", a.status, a.body)
	}
	d.snooze(t, r.Thread, nil)
	if d.has(t, "snoozed", r.Thread) || !d.has(t, "inbox", r.Thread) {
		t.Error("let go, it is still away")
	}
	d.snooze(t, r.Thread, tomorrow)
	if err := d.office.Post(r.Provider, r.Conversation, "¿hola?"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.in.Sync(t.Context(), profile.SyncArgs{}, nil); err != nil {
		t.Fatal(err)
	}
	all := d.shown(t, "inbox")
	i := slices.IndexFunc(all, func(s shown) bool { return s.Thread == r.Thread })
	if i < 0 || all[i].Snoozed == nil || all[i].Snoozed.Back == nil || *all[i].Snoozed.Back != "message" {
		t.Errorf("the customer wrote, and it is not back: %d %+v", i, all[max(i, 0)])
	}
}

func TestBadSnooze(t *testing.T) {
	d := copied(t)
	thread := d.rows(t, "ventas", "")[0].Thread
	for body, want := range map[string]string{
		`{}`:                           "400 threads",
		`{"threads":[],"until":null}`:  "400 threads",
		`{"threads":["t_nobody"]}`:     "404 not_found",
		`{"threads":"x","until":null}`: "400 threads",
		`{"threads":["` + thread + `"],"until":"2020-01-01T00:00:00Z"}`: "400 until",
		`{"threads":["` + thread + `"],"until":"tomorrow"}`:             "400 until",
		`{"threads":["` + thread + `"],"until":5}`:                      "400 until",
		`{"threads":["` + thread + `"],"for":"1h"}`:                     "400 for",
	} {
		a := d.ask(t, "POST", "/api/snooze", strings.NewReader(body), with("Content-Type", "application/json"))
		if code, _ := a.code(t); fmt.Sprintf("%d %s", a.status, code) != want {
			t.Errorf("%s: %d %s, want %s", body, a.status, a.body, want)
		}
	}
	if len(d.shown(t, "snoozed")) != 0 {
		t.Error("something was snoozed")
	}
}

// TestMine: not known until somebody has said who one is, and then what is
// assigned to one in that account.
func TestMine(t *testing.T) {
	d := copied(t)
	var mine row
	for _, r := range d.rows(t, "ventas", "open") {
		if len(r.Assignees) > 0 {
			mine = r
		}
	}
	if mine.Thread == "" {
		t.Fatal("nobody has anything")
	}
	if n := d.counts(t, ""); n.Mine != nil || len(d.shown(t, "mine")) != 0 {
		t.Errorf("%+v", n)
	}
	if a := d.ask(t, "PATCH", "/api/agents", map[string]any{"account": "ventas", "ref": mine.Assignees[0], "me": true}); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	n := d.counts(t, "")
	if n.Mine == nil || *n.Mine == 0 || *n.Mine != len(d.shown(t, "mine")) || !d.has(t, "mine", mine.Thread) {
		t.Errorf("%+v of %d", n, len(d.shown(t, "mine")))
	}
	if of := d.counts(t, "soporte"); of.Mine != nil {
		t.Errorf("in soporte too: %d", *of.Mine)
	}
	d.snooze(t, mine.Thread, time.Now().Add(time.Hour))
	if after := d.counts(t, ""); *after.Mine != *n.Mine-1 || d.has(t, "mine", mine.Thread) {
		t.Errorf("snoozed, it is still there: %d of %d", *after.Mine, *n.Mine)
	}
}
