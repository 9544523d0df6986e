package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/profile"
)

// copied is a desk of the test's own with everything copied. Nothing sends: an
// entry stays where the test puts it.
func copied(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t)
	out, err := d.in.Sync(t.Context(), profile.SyncArgs{}, nil)
	if err != nil || slices.ContainsFunc(out, func(s profile.Synced) bool { return s.Kind != "" }) {
		t.Fatalf("%v %+v", err, out)
	}
	return d
}

type row struct {
	Thread       string
	Name         string
	Account      string
	Provider     string
	Conversation string
	Status       string
	Assignees    []string
	Pending      *string
}

// rows lists an account's threads of a status, "" for any; it wants some.
func (d *desk) rows(t *testing.T, account, status string) (out []row) {
	t.Helper()
	var page struct{ Threads []row }
	d.get(t, "/api/threads?view=all&limit=200&account="+account, &page)
	for _, r := range page.Threads {
		if status == "" || r.Status == status {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s has no thread that is %s", account, status)
	}
	return out
}

func (d *desk) row(t *testing.T, thread string) row {
	t.Helper()
	var v struct{ Thread row }
	d.get(t, "/api/threads/"+thread, &v)
	return v.Thread
}

type entry struct {
	ID, Account, Provider, Conversation, Thread, Name, Field string
	Base, Want, Now                                          []string
	BaseStatus                                               string  `json:"base_status"`
	WantStatus                                               string  `json:"want_status"`
	NowStatus                                                string  `json:"now_status"`
	DoneAt                                                   *string `json:"done_at"`
	State, Reason                                            string
	Attempts                                                 int
	Touched                                                  []string
	Undoes                                                   *string
	CanUndo                                                  bool `json:"can_undo"`
}

type changed struct {
	Entries []entry
	Plan    struct {
		Change, Same, Irreversible int
		Unsupported                []struct{ Thread, Provider string }
	}
}

// send posts JSON and reads a 200.
func (d *desk) send(t *testing.T, path, body string, into any) {
	t.Helper()
	a := d.ask(t, http.MethodPost, path, json.RawMessage(body))
	if a.status != http.StatusOK {
		t.Fatalf("%s %s: %d %s", path, body, a.status, a.body)
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		t.Fatal(err)
	}
}

// change posts a change of threads and reads a 200.
func (d *desk) change(t *testing.T, threads []string, more string) (c changed) {
	t.Helper()
	list, err := json.Marshal(threads)
	if err != nil {
		t.Fatal(err)
	}
	d.send(t, "/api/changes", fmt.Sprintf(`{"threads":%s,%s}`, list, more), &c)
	return c
}

// TestChangeIsKeptAndShown: what was answered is in the outbox on disk, and the
// rows and counts show it.
func TestChangeIsKeptAndShown(t *testing.T) {
	d := copied(t)
	r := d.rows(t, "ventas", "open")[0]
	var before, after struct{ Inbox, All int }
	d.get(t, "/api/counts", &before)
	c := d.change(t, []string{r.Thread}, `"status":"resolved"`)
	if len(c.Entries) != 1 || c.Plan.Change != 1 || c.Plan.Same != 0 || c.Plan.Unsupported == nil || len(c.Plan.Unsupported) != 0 {
		t.Fatalf("%+v", c)
	}
	e := c.Entries[0]
	if e.Thread != r.Thread || e.Conversation != r.Conversation || e.Account != "ventas" || e.Provider != "waspy" || e.Name == "" || e.Field != "status" ||
		!slices.Equal(e.Base, []string{"open"}) || !slices.Equal(e.Want, []string{"resolved"}) || e.Now != nil || e.WantStatus != "resolved" || e.NowStatus != "" ||
		e.State != "queued" || !e.CanUndo || e.DoneAt != nil {
		t.Errorf("%+v", e)
	}
	if _, err := d.in.Local().OutboxEntry(t.Context(), e.ID); err != nil {
		t.Errorf("the answer came before the entry: %v", err)
	}
	if got := d.row(t, r.Thread); got.Status != "resolved" || got.Pending == nil || *got.Pending != "waiting" {
		t.Errorf("the row shows %+v", got)
	}
	if d.get(t, "/api/counts", &after); after.Inbox != before.Inbox-1 || after.All != before.All {
		t.Errorf("counts %+v, before %+v", after, before)
	}
	var s struct {
		Outbox struct{ Waiting, Attention int }
	}
	if d.get(t, "/api/state", &s); s.Outbox.Waiting != 1 || s.Outbox.Attention != 0 {
		t.Errorf("state: %+v", s)
	}
	// The same again changes nothing, and back again takes it out.
	if c := d.change(t, []string{r.Thread}, `"status":"resolved"`); c.Plan.Same != 1 || len(c.Entries) != 0 {
		t.Errorf("again: %+v", c)
	}
	if c := d.change(t, []string{r.Thread}, `"status":"open"`); c.Plan.Change != 1 || len(c.Entries) != 0 {
		t.Errorf("back: %+v", c)
	}
	if got := d.row(t, r.Thread); got.Status != "open" || got.Pending != nil {
		t.Errorf("the row shows %+v", got)
	}
}

// TestChangeOfMany counts by threads what would happen before it does.
func TestChangeOfMany(t *testing.T) {
	d := copied(t)
	waspy, platica := d.rows(t, "ventas", "open")[:3], d.rows(t, "soporte", "open")[:2]
	done := d.rows(t, "ventas", "pending")[0]
	var threads []string
	for _, r := range slices.Concat(waspy, platica, []row{done}) {
		threads = append(threads, r.Thread, r.Thread, waspy[0].Thread) // said twice is said once
	}
	c := d.change(t, threads, `"status":"pending","preview":true`)
	if c.Plan.Change != 3 || c.Plan.Same != 1 || len(c.Plan.Unsupported) != 2 || c.Plan.Unsupported[0].Provider != "platica" || len(c.Entries) != 0 {
		t.Fatalf("%+v", c)
	}
	var box struct{ Entries []entry }
	if d.get(t, "/api/outbox", &box); len(box.Entries) != 0 {
		t.Fatalf("a preview queued %+v", box)
	}
	if c := d.change(t, threads, `"status":"pending"`); len(c.Entries) != 3 || c.Plan.Change != 3 || len(c.Plan.Unsupported) != 2 {
		t.Errorf("%+v", c)
	}
	if c := d.change(t, []string{platica[0].Thread}, `"status":"pending"`); len(c.Entries) != 0 || len(c.Plan.Unsupported) != 1 || c.Plan.Change != 0 {
		t.Errorf("none can: %+v", c)
	}
	// The platform's own word goes, too; one assignee at Waspy, several at Plática.
	if c := d.change(t, []string{platica[0].Thread}, `"status":"finished"`); len(c.Entries) != 1 || c.Entries[0].WantStatus != "resolved" {
		t.Errorf("%+v", c)
	}
	c = d.change(t, []string{waspy[0].Thread, platica[1].Thread}, `"assignees":["new-one@example.com","new-two@example.com"]`)
	if len(c.Plan.Unsupported) != 1 || c.Plan.Unsupported[0].Provider != "waspy" || len(c.Entries) != 1 || len(c.Entries[0].Want) != 2 || c.Entries[0].WantStatus != "" {
		t.Errorf("%+v", c)
	}
}

// TestOneWayDoorIsAsked: nothing is queued before somebody has confirmed.
func TestOneWayDoorIsAsked(t *testing.T) {
	d := copied(t)
	waspy, platica := d.rows(t, "ventas", "open")[0], d.rows(t, "soporte", "open")[0]
	both := []string{waspy.Thread, platica.Thread}
	if c := d.change(t, both, `"status":"expired","preview":true`); c.Plan.Irreversible != 1 || c.Plan.Change != 1 || len(c.Plan.Unsupported) != 1 {
		t.Errorf("%+v", c)
	}
	a := d.ask(t, "POST", "/api/changes", map[string]any{"threads": both, "status": "expired"})
	if code, _ := a.code(t); a.status != http.StatusConflict || code != "confirm" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if r := d.row(t, platica.Thread); r.Pending != nil {
		t.Error("it was queued")
	}
	c := d.change(t, both, `"status":"expired","confirm":true`)
	if len(c.Entries) != 1 || !c.Entries[0].CanUndo {
		t.Errorf("%+v", c) // while it waits it can be dropped
	}
}

// TestMe: who I am is said once an account.
func TestMe(t *testing.T) {
	d := copied(t)
	waspy := d.rows(t, "ventas", "open")[0]
	me := func() answer {
		return d.ask(t, "POST", "/api/changes", map[string]any{"threads": []string{waspy.Thread}, "me": true})
	}
	a := me()
	if code, _ := a.code(t); a.status != http.StatusConflict || code != "who" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := d.ask(t, "PATCH", "/api/agents", map[string]any{"account": "ventas", "ref": "agent-me", "me": true}); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a = me(); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if r := d.row(t, waspy.Thread); !slices.Equal(r.Assignees, []string{"agent-me"}) {
		t.Errorf("%+v", r)
	}
	// Of several accounts none is left out.
	platica := d.rows(t, "soporte", "open")[0]
	a = d.ask(t, "POST", "/api/changes", map[string]any{"threads": []string{waspy.Thread, platica.Thread}, "me": true, "preview": true})
	if code, _ := a.code(t); a.status != http.StatusConflict || code != "who" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestRefsOfAnotherAccount: an agent who is known by another ref there is
// called by that; one who is not known there is none of the platform's.
func TestRefsOfAnotherAccount(t *testing.T) {
	d := copied(t)
	waspy, platica := d.rows(t, "ventas", "open")[0], d.rows(t, "soporte", "open")[0]
	for account, ref := range map[string]string{"ventas": "uuid-ana", "soporte": "ana@example.com"} {
		if a := d.ask(t, "PATCH", "/api/agents", map[string]any{"account": account, "ref": ref, "name": " Ana "}); a.status != http.StatusNoContent {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	if a := d.ask(t, "PATCH", "/api/agents", map[string]any{"account": "soporte", "ref": "solo@example.com", "name": "Sol"}); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	both := []string{waspy.Thread, platica.Thread}
	c := d.change(t, both, `"assignees":["uuid-ana"]`)
	if len(c.Entries) != 2 || c.Entries[0].Want[0] != "uuid-ana" || c.Entries[1].Want[0] != "ana@example.com" {
		t.Errorf("%+v", c)
	}
	c = d.change(t, both, `"assignees":["solo@example.com"]`)
	if len(c.Entries) != 1 || len(c.Plan.Unsupported) != 1 || c.Plan.Unsupported[0].Thread != waspy.Thread {
		t.Errorf("%+v", c)
	}
}

// TestBadChanges: the code of the error is the field, and nothing is queued.
func TestBadChanges(t *testing.T) {
	d := copied(t)
	thread := d.rows(t, "ventas", "open")[0].Thread
	many := make([]string, 1001)
	for i := range many {
		many[i] = fmt.Sprintf(`"t_%d"`, i)
	}
	for body, want := range map[string]string{
		`{}`:                                         "400 threads",
		`[]`:                                         "400 body",
		`null`:                                       "400 threads",
		`{"threads":null,"status":"open"}`:           "400 threads",
		`{"threads":[],"status":"open"}`:             "400 threads",
		`{"threads":"` + thread + `"}`:               "400 threads",
		`{"threads":[7],"status":"open"}`:            "400 threads",
		`{"threads":["` + thread + `"]}`:             "400 status, assignees",
		`{"threads":["T"],"status":"nonsense"}`:      "400 status",
		`{"threads":["T"],"status":""}`:              "400 status",
		`{"threads":["T"],"status":"unknown"}`:       "400 status",
		`{"threads":["T"],"status":["open"]}`:        "400 status",
		`{"threads":["T"],"assignees":"ana"}`:        "400 assignees",
		`{"threads":["T"],"assignees":[""]}`:         "400 assignees",
		`{"threads":["T"],"assignees":[null]}`:       "400 assignees",
		`{"threads":["T"],"me":"yes"}`:               "400 me",
		`{"threads":["T"],"me":true,"assignees":[]}`: "400 me",
		`{"threads":["T"],"assignees":["` + strings.Repeat("a", 321) + `"]}`:    "400 assignees",
		`{"threads":["T"],"status":"closed","owner":"ana"}`:                     "400 owner",
		`{"threads":["T","t_nothing"],"status":"closed"}`:                       "404 not_found",
		`{"threads":[` + strings.Join(many, ",") + `],"status":"closed"}`:       "400 threads",
		`{"threads":["T"],"status":"closed"}{"threads":["T"]}`:                  "400 body",
		`{"threads":["T"],"status":"closed","confirm":1}`:                       "400 confirm",
		`{"threads":["T"],"status":"closed","preview":null,"threads":["nope"]}`: "404 not_found",
	} {
		a := d.ask(t, "POST", "/api/changes", strings.NewReader(strings.ReplaceAll(body, `"T"`, `"`+thread+`"`)), with("Content-Type", "application/json"))
		code, message := a.code(t)
		if got := fmt.Sprintf("%d %s", a.status, code); got != want {
			t.Errorf("%.80s: %s, want %s", body, got, want)
		}
		if message == "" || strings.HasPrefix(message, "error.") || strings.Contains(message, "{") {
			t.Errorf("%.80s: it says %q", body, message)
		}
	}
	if waiting, _, err := d.in.Local().OutboxCounts(t.Context()); err != nil || waiting != 0 {
		t.Errorf("%d wait: %v", waiting, err)
	}
}

// brought takes an entry through states as sending does.
func (d *desk) brought(t *testing.T, id string, note cache.WishNote, states ...cache.WishState) {
	t.Helper()
	for _, to := range states {
		w, err := d.in.Local().OutboxEntry(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if moved, err := d.in.Local().MoveWishes(t.Context(), []cache.Wish{w}, to, note); err != nil || len(moved) != 1 {
			t.Fatalf("to %s: %v", to, err)
		}
	}
	w, err := d.in.Local().OutboxEntry(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.in.Cache().ShowWishes(t.Context(), d.in.Local(), w.Account, []string{w.Conversation}); err != nil {
		t.Fatal(err)
	}
}

// inConflict is an entry whose conversation somebody else has changed.
func (d *desk) inConflict(t *testing.T) entry {
	t.Helper()
	e := d.change(t, []string{d.rows(t, "ventas", "open")[0].Thread}, `"status":"resolved"`).Entries[0]
	now := "closed"
	d.brought(t, e.ID, cache.WishNote{Now: &now, NowAt: time.Now()}, cache.WishChecking, cache.WishConflict)
	return e
}
