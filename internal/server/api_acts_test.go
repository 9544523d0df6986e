package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/profile"
)

type actPreview struct {
	List         string
	Count, Total int
	Plan         struct{ Change, Same, Unsupported, Asking, Irreversible int }
}

type act struct {
	Op, State                                                             string
	Total, Left, Changed, Same, Unsupported, Asking, Undone, Irreversible int
	MovedOn                                                               int `json:"moved_on"`
}

// statuses are the statuses of every thread as the screen shows them.
func (d *desk) statuses(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, account := range []string{"ventas", "soporte"} {
		for _, r := range d.rows(t, account, "") {
			out[r.Thread] = r.Status
		}
	}
	return out
}

// plan previews a change of a list.
func (d *desk) plan(t *testing.T, body string) (p actPreview) {
	t.Helper()
	d.send(t, "/api/acts/preview", body, &p)
	return p
}

// rests asks how far an act is until it has come to its end.
func (d *desk) rests(t *testing.T, op string) (a act) {
	t.Helper()
	for range 1000 {
		d.get(t, "/api/acts/"+op, &a)
		if a.State == "done" || a.State == "undone" {
			return a
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s does not come to its end: %+v", op, a)
	return a
}

// TestActOverAView: a change of a whole list does what its preview said, to both
// platforms, and one undo gives each thread what it was shown as before: open,
// pending, wished for before it was sent, or closed.
func TestActOverAView(t *testing.T) {
	d := copied(t)
	waiting := d.rows(t, "ventas", "open")[0].Thread
	d.change(t, []string{waiting}, `"status":"pending"`)
	conflict := d.rows(t, "ventas", "open")[1].Thread
	theirs := "closed"
	d.brought(t, d.change(t, []string{conflict}, `"status":"pending"`).Entries[0].ID, cache.WishNote{Now: &theirs, NowAt: time.Now()}, cache.WishChecking, cache.WishConflict)

	before := d.statuses(t)
	p := d.plan(t, `{"view":"all","status":"closed"}`)
	closed, platica := 0, len(d.rows(t, "soporte", ""))
	for _, r := range d.rows(t, "ventas", "") {
		if r.Status == "closed" {
			closed++
		}
	}
	if p.Total != len(before) || p.Count != p.Total || p.Plan.Same != closed || p.Plan.Unsupported != platica || p.Plan.Asking != 1 || p.Plan.Change != len(before)-closed-platica-1 {
		t.Fatalf("%+v of %d, %d closed, %d at Plática", p, len(before), closed, platica)
	}
	if !sameMap(d.statuses(t), before) {
		t.Fatal("a preview changes nothing")
	}
	var a act
	d.send(t, "/api/acts", fmt.Sprintf(`{"op":"close","list":%q,"status":"closed"}`, p.List), &a)
	a = d.rests(t, "close")
	if a.Changed != p.Plan.Change || a.Same != p.Plan.Same || a.Unsupported != p.Plan.Unsupported || a.Asking != 1 || a.Left != 0 {
		t.Errorf("%+v, previewed as %+v", a, p.Plan)
	}
	after := d.statuses(t)
	for thread, was := range before {
		want := was
		if slices.ContainsFunc(d.rows(t, "ventas", ""), func(r row) bool { return r.Thread == thread }) && thread != conflict {
			want = "closed"
		}
		if after[thread] != want {
			t.Errorf("%s, which was %s, is %s, want %s", thread, was, after[thread], want)
		}
	}
	d.send(t, "/api/acts/close/undo", `{}`, &a)
	if a = d.rests(t, "close"); a.Undone != p.Plan.Change || a.MovedOn+a.Irreversible != 0 {
		t.Errorf("undone: %+v", a)
	}
	if got := d.statuses(t); !sameMap(got, before) {
		t.Errorf("not as before: %v", differing(before, got))
	}
	if waits, asks, err := d.in.Local().OutboxCounts(t.Context()); err != nil || waits != 2 || asks != 1 {
		t.Errorf("%d wait and %d ask, want what was there before: %v", waits, asks, err)
	}
}

// TestActOnce: asked again, as after a lost answer, an act is done once; undone
// again, once; and a list that is not known any more is no list at all.
func TestActOnce(t *testing.T) {
	d := copied(t)
	p := d.plan(t, `{"view":"inbox","status":"resolved"}`)
	body := fmt.Sprintf(`{"op":"once","list":%q,"status":"resolved"}`, p.List)
	reopened := d.rows(t, "ventas", "open")[0].Thread
	var first, again act
	d.send(t, "/api/acts", body, &first)
	first = d.rests(t, "once")
	waits, _, _ := d.in.Local().OutboxCounts(t.Context())
	if waits != p.Plan.Change || first.Changed != waits {
		t.Fatalf("%d wait, want %d: %+v", waits, p.Plan.Change, first)
	}
	d.change(t, []string{reopened}, `"status":"pending"`)
	d.send(t, "/api/acts", `{"op":"once","list":"l_gone","status":"resolved"}`, &again)
	if again != first || d.row(t, reopened).Status != "pending" {
		t.Errorf("again: %+v, and %s", again, d.row(t, reopened).Status)
	}
	for range 2 {
		d.send(t, "/api/acts/once/undo", `{}`, &again)
		if again = d.rests(t, "once"); again.Undone != p.Plan.Change-1 || again.MovedOn != 1 {
			t.Errorf("%+v, want one that was changed again since", again)
		}
	}
	if d.row(t, reopened).Status != "pending" {
		t.Errorf("what was done since is %s", d.row(t, reopened).Status)
	}
	for path, want := range map[string]struct {
		body, code string
		status     int
	}{
		"/api/acts":           {`{"op":"other","list":"l_gone","status":"resolved"}`, "list", http.StatusConflict},
		"/api/acts/none/undo": {`{}`, "not_found", http.StatusNotFound},
		"/api/acts/preview":   {`{"view":"all"}`, "status, assignees", http.StatusBadRequest},
	} {
		a := d.ask(t, http.MethodPost, path, json.RawMessage(want.body))
		if code, _ := a.code(t); a.status != want.status || code != want.code {
			t.Errorf("%s: %d %s", path, a.status, code)
		}
	}
}

// TestActAfterSending: what the platforms have by then is changed back there
// too, and what somebody changed there meanwhile is left to them.
func TestActAfterSending(t *testing.T) {
	d := copied(t)
	sync := func() {
		t.Helper()
		if _, err := d.in.Sync(t.Context(), profile.SyncArgs{}, nil); err != nil {
			t.Fatal(err)
		}
	}
	before := d.statuses(t)
	p := d.plan(t, `{"view":"inbox","status":"resolved"}`)
	var a act
	d.send(t, "/api/acts", fmt.Sprintf(`{"op":"sent","list":%q,"status":"resolved"}`, p.List), &a)
	d.rests(t, "sent")
	sync()
	if waits, _, err := d.in.Local().OutboxCounts(t.Context()); err != nil || waits != 0 {
		t.Fatalf("%d wait: %v", waits, err)
	}
	d.send(t, "/api/acts/sent/undo", `{}`, &a)
	a = d.rests(t, "sent")
	if a.Undone+a.MovedOn+a.Irreversible != a.Changed || a.Undone == 0 {
		t.Errorf("%+v", a)
	}
	sync()
	if waits, asks, err := d.in.Local().OutboxCounts(t.Context()); err != nil || waits != 0 {
		t.Fatalf("%d wait, %d ask: %v", waits, asks, err)
	}
	after := d.statuses(t)
	if left := len(differing(before, after)); left != a.MovedOn+a.Irreversible {
		t.Errorf("%v are otherwise, and %+v", differing(before, after), a)
	}
}

// TestUndoGoesBackStepByStep: changes of one thread that were not sent yet are
// taken back one by one, and not all at once.
func TestUndoGoesBackStepByStep(t *testing.T) {
	d := copied(t)
	thread := d.rows(t, "ventas", "open")[0].Thread
	for _, status := range []string{"pending", "resolved", "closed"} {
		d.change(t, []string{thread}, fmt.Sprintf(`"op":%q,"status":%[1]q`, status))
		if again := d.change(t, []string{thread}, fmt.Sprintf(`"op":%q,"status":%[1]q`, status)); len(again.Entries) != 1 {
			t.Errorf("asked again: %+v", again.Entries)
		}
	}
	for _, step := range [][2]string{{"closed", "resolved"}, {"resolved", "pending"}, {"pending", "open"}} {
		var a act
		d.send(t, "/api/acts/"+step[0]+"/undo", `{}`, &a)
		if got := d.row(t, thread); d.rests(t, step[0]).Undone != 1 || got.Status != step[1] {
			t.Errorf("without %s it is %s, want %s", step[0], got.Status, step[1])
		}
	}
	if got := d.row(t, thread); got.Pending != nil {
		t.Errorf("%s waits for something", *got.Pending)
	}
}

func sameMap(a, b map[string]string) bool { return len(differing(a, b)) == 0 }

// differing are the keys of a that b has otherwise.
func differing(a, b map[string]string) (out []string) {
	for k, v := range a {
		if b[k] != v {
			out = append(out, k+": "+v+" → "+b[k])
		}
	}
	return out
}
