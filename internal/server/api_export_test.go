package server_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

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

// TestExportOfAPerson: every message of theirs, once, whole; of one thread those
// of it alone; and a file whose name tells nobody's number.
func TestExportOfAPerson(t *testing.T) {
	d := copied(t)
	twin, other := d.twin(t)
	path := "/api/people/" + twin.Person + "/export"
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
		a := d.ask(t, http.MethodGet, path+"?thread="+thread, nil)
		if name := fileName(t, a); !strings.HasSuffix(name, ".ndjson") || regexp.MustCompile(`\d{5}`).MatchString(name) {
			t.Errorf("named %s", name)
		}
		lines := strings.Split(strings.TrimSuffix(string(a.body), "\n"), "\n")
		for _, line := range lines {
			var m struct{ Person, Thread, ID string }
			if err := json.Unmarshal([]byte(line), &m); err != nil || m.Person != twin.Person || thread != "" && m.Thread != thread || m.ID == "" {
				t.Errorf("%s: %v", line, err)
			}
		}
		if len(lines) != n || a.header.Get("Content-Type") != "application/x-ndjson" {
			t.Errorf("thread %q: %d messages as %s, want %d", thread, len(lines), a.header.Get("Content-Type"), n)
		}
		a = d.ask(t, http.MethodGet, path+"?format=csv&thread="+thread, nil)
		body, marked := strings.CutPrefix(string(a.body), "\ufeff")
		rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		if err != nil || !marked || !strings.HasSuffix(fileName(t, a), ".csv") || len(rows) != n+1 || !regexp.MustCompile(`^at \(America/\w+`).MatchString(rows[0][0]) {
			t.Fatalf("thread %q: %d rows, %v: %s", thread, len(rows), err, body[:min(len(body), 200)])
		}
		for _, row := range rows[1:] {
			if !regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$`).MatchString(row[0]) || strings.HasPrefix(row[5], "=") {
				t.Errorf("%q", row)
			}
		}
	}
	for query, status := range map[string]int{"?format=pdf": 400, "?thread=t_nothing": 404, "?thread=" + other.Contacts[0].Threads[0]: 404} {
		if a := d.ask(t, http.MethodGet, path+query, nil); a.status != status || a.header.Get("Content-Disposition") != "" {
			t.Errorf("%s: %d %v", query, a.status, a.header)
		}
	}
	if a := d.ask(t, http.MethodGet, "/api/people/p_nobody/export", nil); a.status != 404 {
		t.Errorf("nobody: %d", a.status)
	}
	if a := d.ask(t, http.MethodPost, path, map[string]string{"format": "csv"}); a.status != 501 {
		t.Errorf("a page has nowhere to save: %d", a.status)
	}
	if a := (browser{origin: d.origin}).ask(t, http.MethodGet, path, nil); a.status != 401 {
		t.Errorf("without a session: %d", a.status)
	}
}

// TestSaveExport: in the window the person says where; a file is there whole or
// not at all, and who thinks better of it is told nothing.
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
	save := func() answer {
		a := b.ask(t, http.MethodPost, "/api/people/"+person+"/export", map[string]string{"format": "csv"})
		document.check(t, http.MethodPost, "/api/people/{person}/export", a)
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
	want := d.ask(t, http.MethodGet, "/api/people/"+person+"/export?format=csv", nil)
	if err != nil || string(got) != string(want.body) || !slices.Equal(named, []string{fileName(t, want), fileName(t, want)}) {
		t.Errorf("%d bytes of %d as %v, %v", len(got), len(want.body), named, err)
	}
	place = filepath.Join(dir, "nowhere", "a.csv")
	a := save()
	if code, message := a.code(t); code != "not_saved" || strings.Contains(message, dir) {
		t.Errorf("%d %s", a.status, a.body)
	}
	refused = errors.New("no dialog")
	if a := save(); a.status != 500 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
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
