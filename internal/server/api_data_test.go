package server_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bandeja/internal/server"
)

// TestMeasured: what is said of the disk is what is there, and grows with it.
func TestMeasured(t *testing.T) {
	d := newDesk(t)
	read := func() (m server.Measured) {
		t.Helper()
		d.get(t, "/api/data", &m)
		return m
	}
	empty := read()
	if empty.Folder != d.dir || empty.Bytes.Cache == 0 || empty.Bytes.Local == 0 || empty.Bytes.Logs == 0 {
		t.Fatalf("%+v", empty)
	}
	for path, size := range map[string]int{"cache.db.damaged-1": 1000, "local.db.damaged-1": 200, "backups/one": 30, "logs/old": 4, "other": 5000} {
		if err := os.WriteFile(filepath.Join(d.dir, filepath.FromSlash(path)), make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// The profile goes on: a log line comes, and its first backup.
	now := read().Bytes
	if now.Cache < empty.Bytes.Cache+1000 || now.Local < empty.Bytes.Local+200 || now.Backups < empty.Bytes.Backups+30 || now.Logs < empty.Bytes.Logs+4 || now.Logs > empty.Bytes.Logs+4000 {
		t.Errorf("%+v, and it was %+v", now, empty.Bytes)
	}
}

// TestCopyAgain: everything of one account is asked for again, and nothing of
// another.
func TestCopyAgain(t *testing.T) {
	d := copied(t)
	asked := func(account string) (n int) {
		t.Helper()
		var v struct {
			Runs []struct {
				FinishedAt *string `json:"finished_at"`
				Requests   int
			}
		}
		d.get(t, "/api/accounts/"+account+"/runs?limit=200", &v)
		for _, r := range v.Runs {
			n += r.Requests
		}
		return n
	}
	first, other := asked("soporte"), asked("ventas")
	for body, want := range map[string]string{
		`{"full":true}`: "400 account", `{"account":"nobody","full":true}`: "404 account", `{"account":"soporte","full":"yes"}`: "400 full",
	} {
		if got := says(t, syncAsked(t, d, body)); got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
	for range 2 { // once more changes nothing
		if got := says(t, syncAsked(t, d, `{"account":"soporte","full":true}`)); got != "202" {
			t.Fatal(got)
		}
	}
	for deadline := time.Now().Add(time.Minute); asked("soporte") < 2*first; {
		if time.Now().After(deadline) {
			t.Fatalf("%d requests, and the first copy took %d", asked("soporte"), first)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if now := asked("ventas"); now != other {
		t.Errorf("the other account was asked, too: %d requests after %d", now, other)
	}
}

func syncAsked(t *testing.T, d *desk, body string) answer {
	t.Helper()
	return d.ask(t, "POST", "/api/sync", strings.NewReader(body), with("Content-Type", "application/json"))
}
