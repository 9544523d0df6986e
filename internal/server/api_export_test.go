package server_test

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bandeja/internal/export"
	"bandeja/internal/profile"
	"bandeja/internal/server"
)

// fileName is what an answer is to be saved as.
func fileName(t *testing.T, a answer) string {
	t.Helper()
	name := regexp.MustCompile(`^attachment; filename="([a-z0-9.-]+)"$`).FindStringSubmatch(a.header.Get("Content-Disposition"))
	if a.status != http.StatusOK || name == nil {
		t.Fatalf("%d %v %s", a.status, a.header, a.body)
	}
	return name[1]
}

// exportRun is GET /api/exports/{id}.
type exportRun struct {
	ID, Name, State, SHA256 string
	Done                    int64
	Total                   *int64
}

// wanted asks for an export and fails where it is not to be had.
func wanted(t *testing.T, b browser, ask map[string]string) (e exportRun) {
	t.Helper()
	a := b.ask(t, http.MethodPost, "/api/exports", ask)
	if err := json.Unmarshal(a.body, &e); err != nil || a.status != http.StatusCreated || e.State != "ready" {
		t.Fatalf("%v: %d %s", ask, a.status, a.body)
	}
	return e
}

// file downloads an export, and holds what is said of it to what came.
func (e exportRun) file(t *testing.T, b browser) string {
	t.Helper()
	a := b.ask(t, http.MethodGet, "/api/exports/"+e.ID+"/file", nil)
	if name := fileName(t, a); name != e.Name || regexp.MustCompile(`\d{5}`).MatchString(name) {
		t.Errorf("named %s, and told %s", name, e.Name)
	}
	var now exportRun
	b.get(t, "/api/exports/"+e.ID, &now)
	sum := sha256.Sum256(a.body)
	if now.State != "done" || now.SHA256 != hex.EncodeToString(sum[:]) || now.Total != nil && *now.Total != now.Done {
		t.Errorf("%+v", now)
	}
	line := b.ask(t, http.MethodGet, "/api/exports/"+e.ID+"/sum", nil)
	if string(line.body) != now.SHA256+"  "+e.Name+"\n" || fileName(t, line) != e.Name+".sha256" {
		t.Errorf("%s", line.body)
	}
	if again := b.ask(t, http.MethodGet, "/api/exports/"+e.ID+"/file", nil); again.status != http.StatusConflict {
		t.Errorf("twice: %d", again.status)
	}
	return string(a.body)
}

// TestExportOfAPerson: every message of theirs, once, whole; of one thread those
// of it alone; and a file whose name tells nobody's number.
func TestExportOfAPerson(t *testing.T) {
	d := copied(t)
	twin, other := d.twin(t)
	var whole struct {
		Messages []struct{ Thread, Conversation, Message, Text string }
	}
	d.get(t, "/api/people/"+twin.Person+"/messages?limit=500", &whole)
	want := map[string]int{}
	for _, m := range whole.Messages {
		want[""]++
		want[m.Thread]++
	}
	for thread, n := range want {
		ask := map[string]string{"rows": "messages", "format": "ndjson", "person": twin.Person, "thread": thread}
		lines := strings.Split(strings.TrimSuffix(wanted(t, d.browser, ask).file(t, d.browser), "\n"), "\n")
		for _, line := range lines {
			var m struct{ Person, Thread, ID string }
			if err := json.Unmarshal([]byte(line), &m); err != nil || m.Person != twin.Person || thread != "" && m.Thread != thread || m.ID == "" {
				t.Errorf("%s: %v", line, err)
			}
		}
		if len(lines) != n {
			t.Errorf("thread %q: %d messages, want %d", thread, len(lines), n)
		}
		ask["format"] = "csv"
		body, marked := strings.CutPrefix(wanted(t, d.browser, ask).file(t, d.browser), "\ufeff")
		rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		if err != nil || !marked || len(rows) != n+1 || !regexp.MustCompile(`^at \(America/\w+`).MatchString(rows[0][0]) {
			t.Fatalf("thread %q: %d rows, %v: %s", thread, len(rows), err, body[:min(len(body), 200)])
		}
		for _, row := range rows[1:] {
			if !regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$`).MatchString(row[0]) || strings.HasPrefix(row[5], "=") {
				t.Errorf("%q", row)
			}
		}
		ask["format"] = "html"
		if page := wanted(t, d.browser, ask).file(t, d.browser); strings.Count(page, "<article") != n || !strings.Contains(page, "America/") {
			t.Errorf("thread %q: a page of %d messages", thread, strings.Count(page, "<article"))
		}
	}
	for status, asks := range map[int][]map[string]string{
		400: {{"rows": "messages", "format": "pdf", "person": twin.Person}, {"rows": "everything", "format": "csv"}, {"rows": "people", "format": "csv", "view": "nonsense"},
			{"rows": "messages", "format": "csv", "thread": twin.Contacts[0].Threads[0]}, {"rows": "people", "format": "csv", "q": "estdo:abierta"}},
		404: {{"rows": "messages", "format": "csv", "person": twin.Person, "thread": "t_nothing"}, {"rows": "messages", "format": "csv", "person": "p_nobody"},
			{"rows": "messages", "format": "csv", "person": twin.Person, "thread": other.Contacts[0].Threads[0]}},
	} {
		for _, ask := range asks {
			if a := d.ask(t, http.MethodPost, "/api/exports", ask); a.status != status {
				t.Errorf("%v: %d %s", ask, a.status, a.body)
			}
		}
	}
	e := wanted(t, d.browser, map[string]string{"rows": "people", "format": "csv"})
	if a := d.ask(t, http.MethodPost, "/api/exports/"+e.ID+"/save", nil); a.status != 501 {
		t.Errorf("a page has nowhere to save: %d", a.status)
	}
	if a := (browser{origin: d.origin}).ask(t, http.MethodGet, "/api/exports/"+e.ID+"/file", nil); a.status != 401 {
		t.Errorf("without a session: %d", a.status)
	}
	if a := d.ask(t, http.MethodDelete, "/api/exports/"+e.ID, nil); a.status != 204 {
		t.Errorf("stopped: %d", a.status)
	}
	if a := d.ask(t, http.MethodGet, "/api/exports/"+e.ID+"/file", nil); a.status != http.StatusConflict || a.header.Get("Content-Disposition") != "" {
		t.Errorf("after it was stopped: %d", a.status)
	}
}

// TestExportOfAList: a file has what the list shows, and not only its first
// page: its threads' conversations, their messages, their people.
func TestExportOfAList(t *testing.T) {
	d := fullDesk(t)
	for _, list := range []map[string]string{{"view": "inbox"}, {"view": "all", "account": "ventas"}, {"view": "all", "q": "estado:resuelta"}, {"view": "spam", "account": "nobody"}} {
		threads, people := map[string]bool{}, map[string]bool{}
		for cursor := ""; ; {
			var page struct {
				Threads []struct{ Thread, Person string }
				Cursor  *string
			}
			d.get(t, "/api/threads?limit=200&view="+list["view"]+"&account="+list["account"]+"&q="+list["q"]+"&cursor="+cursor, &page)
			for _, row := range page.Threads {
				threads[row.Thread], people[row.Person] = true, true
			}
			if page.Cursor == nil {
				break
			}
			cursor = *page.Cursor
		}
		for rows, want := range map[string]map[string]bool{"conversations": threads, "messages": threads, "people": people} {
			ask := map[string]string{"rows": rows, "format": "ndjson"}
			maps.Copy(ask, list)
			got := map[string]bool{}
			for line := range strings.Lines(wanted(t, d.browser, ask).file(t, d.browser)) {
				var row struct{ Thread, Person string }
				if err := json.Unmarshal([]byte(line), &row); err != nil {
					t.Fatal(err)
				}
				if rows == "people" {
					got[row.Person] = true
				} else {
					got[row.Thread] = true
				}
			}
			if rows == "messages" { // a thread may have none
				for thread := range got {
					if !want[thread] {
						t.Errorf("%v: %s is not listed", ask, thread)
					}
				}
				if len(want) > 0 && len(got) == 0 {
					t.Errorf("%v: nothing", ask)
				}
			} else if !maps.Equal(got, want) {
				t.Errorf("%v: %d, listed are %d", ask, len(got), len(want))
			}
		}
	}
}

// TestSaveExport: in the window the person says where; a file is there whole or
// not at all, with its checksum, and who thinks better of it is told nothing.
func TestSaveExport(t *testing.T) {
	d := fullDesk(t)
	document := readDocument(t, d.browser)
	person, dir := d.people(t)[0], t.TempDir()
	place, refused := "", error(nil)
	var named []string
	b := newSession(t, func(o *server.Options) {
		o.Native = &server.Native{SaveAs: func(name string) (string, error) {
			named = append(named, name)
			return place, refused
		}}
	})
	ask := map[string]string{"rows": "messages", "format": "csv", "person": person}
	save := func() answer {
		a := b.ask(t, http.MethodPost, "/api/exports/"+wanted(t, b.browser, ask).ID+"/save", nil)
		document.check(t, http.MethodPost, "/api/exports/{id}/save", a)
		return a
	}
	if a := save(); string(a.body) != `{"path":""}` {
		t.Errorf("thought better of: %d %s", a.status, a.body)
	}
	place = filepath.Join(dir, "a.csv")
	if a := save(); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	got, err := os.ReadFile(place)
	e := wanted(t, d.browser, ask)
	if want := e.file(t, d.browser); err != nil || string(got) != want || !slices.Equal(named, []string{e.Name, e.Name}) {
		t.Errorf("%d bytes of %d as %v, %v", len(got), len(want), named, err)
	}
	if sum, err := export.Verify(place); err != nil || sum == "" {
		t.Errorf("%q %v", sum, err)
	}
	place = filepath.Join(dir, "nowhere", "a.csv")
	a := save()
	if code, message := a.code(t); code != "not_saved" || strings.Contains(message, dir) {
		t.Errorf("%d %s", a.status, a.body)
	}
	e = wanted(t, b.browser, ask)
	b.ask(t, http.MethodPost, "/api/exports/"+e.ID+"/save", nil)
	var now exportRun
	if b.get(t, "/api/exports/"+e.ID, &now); now.State != "failed" {
		t.Errorf("where it could not be written at all it is said to be %q", now.State)
	}
	refused = errors.New("no dialog")
	if a := save(); a.status != 500 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestExportEndsWhereSomebodyIsForgotten: a file that was asked for before
// would have them, and is asked for again.
func TestExportEndsWhereSomebodyIsForgotten(t *testing.T) {
	d := copied(t)
	twin, other := d.twin(t)
	ask := map[string]string{"rows": "people", "format": "ndjson"}
	e := wanted(t, d.browser, ask)
	if a := d.ask(t, http.MethodPost, "/api/people/"+twin.Person+"/forget", map[string]bool{"confirm": true}); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	var now exportRun
	if d.get(t, "/api/exports/"+e.ID, &now); now.State != "stopped" {
		t.Errorf("%+v", now)
	}
	if a := d.ask(t, http.MethodGet, "/api/exports/"+e.ID+"/file", nil); a.status != http.StatusConflict {
		t.Errorf("%d", a.status)
	}
	if file := wanted(t, d.browser, ask).file(t, d.browser); strings.Contains(file, twin.Person) || !strings.Contains(file, other.Person) {
		t.Error("the forgotten person is exported, or nobody is")
	}
	// So is one that was asked for while it was under way.
	begun := 0
	if _, err := d.in.Forget(t.Context(), other.Person, func(p profile.ForgetProgress) {
		if p.Step == "backups" {
			begun++
			e = wanted(t, d.browser, ask)
		}
	}); err != nil || begun != 1 {
		t.Fatalf("%d, %v", begun, err)
	}
	if d.get(t, "/api/exports/"+e.ID, &now); now.State != "stopped" {
		t.Errorf("%+v", now)
	}
}

// TestExportOfWhatWasKept: what an account has left that was removed is read and
// exported as before, by a clock that is everybody's.
func TestExportOfWhatWasKept(t *testing.T) {
	d := copied(t)
	twin, _ := d.twin(t)
	thread := twin.Contacts[0].Threads[0]
	ask := map[string]string{"rows": "messages", "format": "ndjson", "person": twin.Person}
	want := wanted(t, d.browser, ask).file(t, d.browser)
	for _, account := range []string{"ventas", "soporte"} {
		if err := d.in.Remove(t.Context(), account, true); err != nil {
			t.Fatal(err)
		}
	}
	if got := wanted(t, d.browser, ask).file(t, d.browser); got != want || got == "" {
		t.Errorf("%d bytes, and %d before", len(got), len(want))
	}
	ask["thread"] = thread
	wanted(t, d.browser, ask)
	for _, of := range []string{"threads/" + thread, "people/" + twin.Person} {
		if a := d.ask(t, http.MethodGet, "/api/"+of+"/days?from=2026-04-01&to=2026-04-13", nil); a.status != http.StatusOK {
			t.Errorf("the days of %s: %d %s", of, a.status, a.body)
		}
	}
}

// TestSaveInsights: a chart's table is saved in the window as a browser downloads it.
func TestSaveInsights(t *testing.T) {
	d := fullDesk(t)
	place := filepath.Join(t.TempDir(), "a.csv")
	var named string
	b := newSession(t, func(o *server.Options) {
		o.Native = &server.Native{SaveAs: func(name string) (string, error) {
			named = name
			return place, nil
		}}
	})
	path := "/api/insights/days?from=2026-04-01&to=2026-04-13&account=ventas"
	if a := b.ask(t, http.MethodPost, path, nil); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	got, err := os.ReadFile(place)
	want := d.ask(t, http.MethodGet, path, nil)
	if err != nil || string(got) != string(want.body) || named != fileName(t, want) {
		t.Errorf("%s, %v: %q, want %q", named, err, got, want.body)
	}
	if a := d.ask(t, http.MethodPost, path, nil); a.status != 501 {
		t.Errorf("without a window: %d %s", a.status, a.body)
	}
	if a := b.ask(t, http.MethodPost, "/api/insights/nothing", nil); a.status != 404 {
		t.Errorf("no such table: %d %s", a.status, a.body)
	}
}
