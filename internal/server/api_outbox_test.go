package server_test

import (
	"bandeja/internal/server"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"bandeja/internal/cache"
)

type outbox struct {
	Entries            []entry
	Waiting, Attention int
}

func (d *desk) outbox(t *testing.T, query string) (o outbox) {
	t.Helper()
	d.get(t, "/api/outbox"+query, &o)
	return o
}

// TestOutboxLists what waits, oldest first, then what was done.
func TestOutboxLists(t *testing.T) {
	d := copied(t)
	rows := d.rows(t, "ventas", "open")
	var made []string
	for _, r := range rows[:4] {
		made = append(made, d.change(t, []string{r.Thread}, `"status":"closed"`).Entries[0].ID)
	}
	d.brought(t, made[0], cache.WishNote{}, cache.WishChecking, cache.WishSending, cache.WishConfirming, cache.WishDone)
	d.brought(t, made[1], cache.WishNote{}, cache.WishChecking, cache.WishSending, cache.WishConfirming, cache.WishDone)
	d.brought(t, made[3], cache.WishNote{Reason: cache.ReasonRejected + ": invalid_status"}, cache.WishChecking, cache.WishRefused)
	o := d.outbox(t, "")
	var ids []string
	for _, e := range o.Entries {
		ids = append(ids, e.ID)
	}
	if want := []string{made[2], made[3], made[1], made[0]}; !slices.Equal(ids, want) || o.Waiting != 2 || o.Attention != 1 {
		t.Errorf("%+v, want %v", o, want)
	}
	refused, done := o.Entries[1], o.Entries[2]
	if !strings.HasSuffix(refused.Reason, "(invalid_status)") || strings.HasPrefix(refused.Reason, "error.") || refused.State != "refused" {
		t.Errorf("%+v", refused)
	}
	if done.DoneAt == nil || done.Attempts != 1 || done.Reason != "" || !done.CanUndo {
		t.Errorf("%+v", done)
	}
	if r := d.row(t, rows[3].Thread); r.Status != "open" || r.Pending == nil || *r.Pending != "attention" {
		t.Errorf("a refused change shows %+v", r)
	}
	if o := d.outbox(t, "?done=0"); len(o.Entries) != 2 {
		t.Errorf("%+v", o)
	}
	for _, bad := range []string{"-1", "201", "all"} {
		if code, _ := d.ask(t, "GET", "/api/outbox?done="+bad, nil).code(t); code != "done" {
			t.Errorf("done=%s: %s", bad, code)
		}
	}
}

// TestReasonsHaveSentences in every language.
func TestReasonsHaveSentences(t *testing.T) {
	d := copied(t)
	e := d.change(t, []string{d.rows(t, "ventas", "open")[0].Thread}, `"status":"closed"`).Entries[0]
	said := map[string]string{}
	for _, reason := range []string{cache.ReasonOffline, cache.ReasonLimited, cache.ReasonFailing, cache.ReasonNotAPI, cache.ReasonKey, cache.ReasonForbidden,
		cache.ReasonGone, cache.ReasonRejected, cache.ReasonUnsupported, cache.ReasonUnshown, cache.ReasonAccepted} {
		d.brought(t, e.ID, cache.WishNote{Reason: reason}, cache.WishParked)
		for _, lang := range []string{"es-AR", "es-MX", "en"} {
			d.ask(t, "PATCH", "/api/settings", map[string]string{"language": lang})
			got := d.outbox(t, "").Entries[0].Reason
			if other, dup := said[got]; dup && other != reason || got == "" || strings.Contains(got, "change_") || strings.Contains(got, "{") {
				t.Errorf("%s: %s is said as %q, as is %s", lang, reason, got, other)
			}
			said[got] = reason
		}
	}
}

// TestConflictIsSolved by one choice: mine or theirs.
func TestConflictIsSolved(t *testing.T) {
	d := copied(t)
	e := d.inConflict(t)
	o := d.outbox(t, "")
	if got := o.Entries[0]; o.Attention != 1 || got.State != "conflict" || !slices.Equal(got.Now, []string{"closed"}) || got.NowStatus != "closed" || got.BaseStatus != "open" {
		t.Fatalf("%+v", o)
	}
	var mine entry
	d.send(t, "/api/outbox/"+e.ID+"/retry", `{}`, &mine)
	if mine.State != "queued" || !slices.Equal(mine.Base, []string{"closed"}) || !slices.Equal(mine.Want, []string{"resolved"}) {
		t.Errorf("mine: %+v", mine)
	}
	if a := d.ask(t, "POST", "/api/outbox/"+e.ID+"/drop", nil); a.status != http.StatusNoContent {
		t.Errorf("%d %s", a.status, a.body)
	}
	if r := d.row(t, e.Thread); r.Status != "open" || r.Pending != nil {
		t.Errorf("%+v", r)
	}
	for _, verb := range []string{"drop", "retry"} {
		if a := d.ask(t, "POST", "/api/outbox/"+e.ID+"/"+verb, nil); a.status != http.StatusNotFound {
			t.Errorf("%s again: %d %s", verb, a.status, a.body)
		}
	}
}

// TestUndo: what was done goes back by a new entry, what waits is dropped.
func TestUndo(t *testing.T) {
	d := copied(t)
	rows := d.rows(t, "ventas", "open")
	c := d.change(t, []string{rows[0].Thread, rows[1].Thread, rows[2].Thread}, `"status":"closed"`)
	done, waits := c.Entries[0].ID, c.Entries[1].ID
	d.brought(t, done, cache.WishNote{}, cache.WishChecking, cache.WishSending, cache.WishConfirming, cache.WishDone)
	var u struct {
		Entries []entry
		Left    []string
	}
	d.send(t, "/api/outbox/undo", `{"ids":["`+done+`","o_nothing","`+waits+`","`+done+`"]}`, &u)
	if len(u.Entries) != 1 || u.Entries[0].Undoes == nil || *u.Entries[0].Undoes != done || !slices.Equal(u.Entries[0].Want, []string{"open"}) || !slices.Equal(u.Left, []string{"o_nothing"}) {
		t.Fatalf("%+v", u)
	}
	if r := d.row(t, rows[1].Thread); r.Status != "open" || r.Pending != nil {
		t.Errorf("what waited: %+v", r)
	}
	for body, want := range map[string]string{
		`{"ids":["` + done + `"]}`: "moved_on",
		`{"ids":["o_nothing"]}`:    "not_found",
		`{"ids":[]}`:               "ids",
		`{"ids":"o_nothing"}`:      "ids",
		`{}`:                       "ids",
		`{"id":"o_nothing"}`:       "id",
	} {
		a := d.ask(t, "POST", "/api/outbox/undo", strings.NewReader(body), with("Content-Type", "application/json"))
		if code, _ := a.code(t); code != want {
			t.Errorf("%s: %d %s, want %s", body, a.status, code, want)
		}
	}
	// One on its way cannot be dropped any more.
	d.brought(t, c.Entries[2].ID, cache.WishNote{}, cache.WishChecking, cache.WishSending)
	a := d.ask(t, "POST", "/api/outbox/"+c.Entries[2].ID+"/drop", nil)
	if code, _ := a.code(t); a.status != http.StatusConflict || code != "moved_on" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestUndoOfTheLast: of several changes of one field only the last one is
// offered to be taken back.
func TestUndoOfTheLast(t *testing.T) {
	d := copied(t)
	row := d.rows(t, "ventas", "open")[0]
	first := d.change(t, []string{row.Thread}, `"status":"closed"`).Entries[0].ID
	d.brought(t, first, cache.WishNote{}, cache.WishChecking, cache.WishSending, cache.WishConfirming, cache.WishDone)
	d.change(t, []string{row.Thread}, `"status":"pending"`)
	o := d.outbox(t, "")
	if len(o.Entries) != 2 || !o.Entries[0].CanUndo || o.Entries[1].ID != first || o.Entries[1].CanUndo {
		t.Errorf("%+v", o.Entries)
	}
}

// TestOutboxIsBounded: of thousands that wait the oldest are listed, and all
// that wait for a person before them, in their order.
func TestOutboxIsBounded(t *testing.T) {
	var all []cache.Wish
	for n := range 1200 {
		state := cache.WishQueued
		if n%100 == 99 {
			state = cache.WishConflict
		}
		all = append(all, cache.Wish{ID: fmt.Sprintf("%04d", n), State: state})
	}
	got := server.FirstWaiting(all)
	asks := slices.DeleteFunc(slices.Clone(got), func(w cache.Wish) bool { return !w.State.Attention() })
	if len(got) != 500 || len(asks) != 12 || got[0].ID != "0000" || !slices.IsSortedFunc(got, func(a, b cache.Wish) int { return strings.Compare(a.ID, b.ID) }) {
		t.Errorf("%d listed, %d of them ask, from %s", len(got), len(asks), got[0].ID)
	}
	if few := server.FirstWaiting(all[:500]); len(few) != 500 {
		t.Errorf("%d of 500", len(few))
	}
}
