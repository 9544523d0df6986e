package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bandeja/internal/backup"
	"bandeja/internal/cache"
	"bandeja/internal/export"
	"bandeja/internal/profile"
	"bandeja/internal/server"
)

// backupMade is what POST /api/backups answers.
type backupMade struct {
	ID, Name  string
	Bytes     int64
	Protected bool
}

// backedUp asks for a backup and fails where none is to be had.
func backedUp(t *testing.T, b browser, ask map[string]any) (m backupMade) {
	t.Helper()
	a := b.ask(t, http.MethodPost, "/api/backups", ask)
	if err := json.Unmarshal(a.body, &m); err != nil || a.status != http.StatusCreated {
		t.Fatalf("%v: %d %s", ask, a.status, a.body)
	}
	return m
}

// leavesNothing wants nothing to be on its way out of a profile any longer.
func leavesNothing(t *testing.T, dir string) {
	t.Helper()
	for _, pattern := range []string{cache.Outgoing + "*", ".bandeja-backup-*"} {
		if left, _ := filepath.Glob(filepath.Join(dir, "backups", pattern)); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	}
}

// told is every conversation and message of a profile, and a setting of it.
func told(t *testing.T, c *cache.Cache, local *cache.Local) string {
	t.Helper()
	var out bytes.Buffer
	rows := export.NewNDJSON(&out)
	if err := c.EachConversation(t.Context(), cache.Selection{}, func(s cache.StoredConversation) error {
		return rows.Write(export.ConversationRow(s, false))
	}); err != nil {
		t.Fatal(err)
	}
	if err := c.EachMessage(t.Context(), cache.Selection{}, func(m cache.StoredMessage) error { return rows.Write(export.MessageRow(m)) }); err != nil {
		t.Fatal(err)
	}
	if err := rows.Flush(); err != nil {
		t.Fatal(err)
	}
	note, err := local.Setting(t.Context(), "test_note")
	if err != nil {
		t.Fatal(err)
	}
	return out.String() + note
}

// TestBackup: what a browser downloads is what restore brings back, with the copy
// and without, and only by its passphrase; then it is here no longer, and its
// passphrase never was.
func TestBackup(t *testing.T) {
	d := copied(t)
	if err := d.in.Local().SaveSetting(t.Context(), "test_note", "nobody gives this again"); err != nil {
		t.Fatal(err)
	}
	want := told(t, d.in.Cache(), d.in.Local())
	if strings.Count(want, "\n") < 100 {
		t.Fatalf("there is little to save: %d rows", strings.Count(want, "\n"))
	}
	const secret = "una frase con zarigueyonte"
	for _, ask := range []map[string]any{{}, {"with_cache": true}, {"with_cache": true, "passphrase": secret}} {
		made := backedUp(t, d.browser, ask)
		protected := ask["passphrase"] != nil
		path := "/api/backups/" + made.ID + "/file"
		if a := (browser{origin: d.origin}).ask(t, http.MethodGet, path, nil); a.status != http.StatusUnauthorized {
			t.Errorf("without a session: %d", a.status)
		}
		if a := d.ask(t, http.MethodHead, path, nil); fileName(t, a) != made.Name || a.header.Get("Content-Length") != strconv.FormatInt(made.Bytes, 10) {
			t.Errorf("%v", a.header)
		}
		a := d.ask(t, http.MethodGet, path, nil)
		if name := fileName(t, a); name != made.Name || !regexp.MustCompile(`^bandeja-\d{4}-\d\d-\d\d\.bandeja$`).MatchString(name) ||
			int64(len(a.body)) != made.Bytes || made.Protected != protected {
			t.Errorf("%v: %+v, %s of %d bytes", ask, made, name, len(a.body))
		}
		if again := d.ask(t, http.MethodGet, path, nil); again.status != http.StatusNotFound {
			t.Errorf("twice: %d", again.status)
		}
		leavesNothing(t, d.dir)

		file, into := filepath.Join(t.TempDir(), made.Name), t.TempDir()
		if err := os.WriteFile(file, a.body, 0o600); err != nil {
			t.Fatal(err)
		}
		restore := func(phrase string) error {
			_, err := profile.RestoreBackup(t.Context(), profile.Options{Dir: into, Mode: "restore", KeyStore: profile.File},
				profile.RestoreArgs{From: file, Passphrase: func() (string, error) { return phrase, nil }})
			return err
		}
		if protected {
			if err := restore("another"); !errors.Is(err, backup.ErrPassphrase) {
				t.Errorf("by another passphrase: %v", err)
			}
		}
		if err := restore(secret); err != nil {
			t.Fatal(err)
		}
		c, local, err := profile.View(t.Context(), into)
		if err != nil {
			t.Fatal(err)
		}
		got := told(t, c, local)
		if err := errors.Join(c.Close(), local.Close()); err != nil {
			t.Error(err)
		}
		if ask["with_cache"] == nil {
			want := "nobody gives this again"
			if got != want {
				t.Errorf("without the copy: %d rows", strings.Count(got, "\n"))
			}
		} else if got != want {
			t.Errorf("%v: what comes back is not what was: %d rows, want %d", ask, strings.Count(got, "\n"), strings.Count(want, "\n"))
		}
	}
	for _, body := range []string{`{"passphrase":"` + secret + `"`, `{"passphrase":["` + secret + `"]}`, `"` + secret + `"`} {
		a := d.ask(t, http.MethodPost, "/api/backups", strings.NewReader(body), with("Content-Type", "application/json"))
		if a.status != http.StatusBadRequest || bytes.Contains(a.body, []byte("zarigueyonte")) {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	log, err := os.ReadFile(filepath.Join(d.dir, "logs", "bandeja.log"))
	if err != nil || bytes.Contains(log, []byte("zarigueyonte")) {
		t.Errorf("the log: %v %s", err, log)
	}
	if a := d.ask(t, http.MethodGet, "/api/diagnostics", nil); a.status != http.StatusOK || bytes.Contains(a.body, []byte("zarigueyonte")) {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestBackupDropped: one that somebody cancels, that gives way to the next, or
// that the program's end finds leaves nothing.
func TestBackupDropped(t *testing.T) {
	d, err := open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	first := backedUp(t, d.browser, nil)
	second := backedUp(t, d.browser, nil)
	if a := d.ask(t, http.MethodGet, "/api/backups/"+first.ID+"/file", nil); a.status != http.StatusNotFound {
		t.Errorf("what gave way: %d", a.status)
	}
	for _, want := range []int{204, 404} {
		if a := d.ask(t, http.MethodDelete, "/api/backups/"+second.ID, nil); a.status != want {
			t.Errorf("dropped: %d, want %d", a.status, want)
		}
	}
	leavesNothing(t, d.dir)

	ctx, cancel := context.WithCancel(t.Context())
	answered := make(chan error, 1)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.origin+"/api/backups", strings.NewReader(`{"with_cache":true,"passphrase":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(d.cookie)
	req.Header.Set("Content-Type", "application/json")
	go func() {
		res, err := http.DefaultTransport.RoundTrip(req)
		if err == nil {
			_ = res.Body.Close()
		}
		answered <- err
	}()
	for begun := false; !begun; { // it is under way
		left, _ := filepath.Glob(filepath.Join(d.dir, "backups", cache.Outgoing+"*"))
		begun = len(left) > 0
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-answered; err != nil && !errors.Is(err, context.Canceled) { // it may have been made by then
		t.Errorf("cancelled: %v", err)
	}
	for { // the next one waits for that one's end
		a := d.ask(t, http.MethodPost, "/api/backups", map[string]bool{})
		if a.status == http.StatusCreated {
			break
		}
		if code, _ := a.code(t); code != "begun" {
			t.Fatalf("%d %s", a.status, a.body)
		}
		time.Sleep(time.Millisecond)
	}
	if left, _ := filepath.Glob(filepath.Join(d.dir, "backups", cache.Outgoing+"*")); len(left) != 1 {
		t.Errorf("beside the one that waits: %v", left)
	}
	if err := d.in.Close(); err != nil {
		t.Fatal(err)
	}
	leavesNothing(t, d.dir)
}

// TestOneBackupAtATime: a second is refused in words; what a forgetting stops says
// so to whoever waits for it.
func TestOneBackupAtATime(t *testing.T) {
	began := make(chan struct{})
	b := newSession(t, func(o *server.Options) {
		o.Office.SaveBackup = func(ctx context.Context, _ string, _ server.BackupWish, _ func(string, int64, int64)) (server.Backup, error) {
			close(began)
			<-ctx.Done()
			return server.Backup{}, ctx.Err()
		}
	})
	first := make(chan answer)
	go func() { first <- b.ask(t, http.MethodPost, "/api/backups", map[string]bool{}) }()
	<-began
	a := b.ask(t, http.MethodPost, "/api/backups", map[string]bool{})
	if code, message := a.code(t); a.status != http.StatusConflict || code != "begun" || !strings.Contains(message, "already") {
		t.Errorf("a second: %d %s", a.status, a.body)
	}
	b.StopExports()
	a = <-first
	if code, message := a.code(t); a.status != http.StatusConflict || code != "stopped" || !strings.Contains(message, "Nothing of it is left") {
		t.Errorf("stopped: %d %s", a.status, a.body)
	}
}

// TestBackupProgress: a page is told how far the one is that is being made, and of
// none afterwards, however it ended.
func TestBackupProgress(t *testing.T) {
	told, goOn := make(chan struct{}), make(chan error)
	b := newSession(t, func(o *server.Options) {
		o.Office.SaveBackup = func(_ context.Context, _ string, _ server.BackupWish, tell func(string, int64, int64)) (server.Backup, error) {
			tell("copying", 9, 9)
			tell("packing", 3, 9)
			told <- struct{}{}
			return server.Backup{Path: "nowhere", Drop: func() {}}, <-goOn
		}
	})
	far := func() string { return string(b.ask(t, http.MethodGet, "/api/backups", nil).body) }
	const none = `{"running":false,"step":"","done":0,"total":0}`
	for _, ends := range []error{nil, errors.New("no")} {
		if got := far(); got != none {
			t.Errorf("before: %s", got)
		}
		over := make(chan answer)
		go func() { over <- b.ask(t, http.MethodPost, "/api/backups", map[string]bool{}) }()
		<-told
		if got := far(); got != `{"running":true,"step":"packing","done":3,"total":9}` {
			t.Errorf("meanwhile: %s", got)
		}
		goOn <- ends
		if a := <-over; (a.status == http.StatusCreated) != (ends == nil) {
			t.Errorf("%v: %d %s", ends, a.status, a.body)
		}
	}
	if got := far(); got != none {
		t.Errorf("after: %s", got)
	}
}

// TestBackupWaits: ten minutes, and for as long as it is being fetched.
func TestBackupWaits(t *testing.T) {
	for _, fetched := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "x.bandeja")
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			fetch, drop := server.KeepBackup(server.Backup{Path: path, Bytes: 1, Drop: func() { _ = os.Remove(path) }})
			time.Sleep(10*time.Minute - time.Second)
			synctest.Wait()
			if fetched {
				if err := fetch(); err != nil {
					t.Error(err)
				}
			}
			time.Sleep(time.Hour)
			synctest.Wait()
			if _, err := os.Stat(path); (err == nil) != fetched {
				t.Errorf("fetched %v: %v", fetched, err)
			}
			if err := fetch(); err == nil || !fetched && !errors.Is(err, cache.ErrNotFound) {
				t.Errorf("once more, fetched %v: %v", fetched, err)
			}
			if err := drop(); (err == nil) != fetched {
				t.Errorf("dropped, fetched %v: %v", fetched, err)
			}
			if _, err := os.Stat(path); err == nil {
				t.Error("it is there still")
			}
		})
	}
}

// TestSaveBackup: in the window the person says where; it is there whole, in the
// place of what was, or not at all, with the reason.
func TestSaveBackup(t *testing.T) {
	d := newDesk(t)
	if a := d.ask(t, http.MethodPost, "/api/backups/save", map[string]bool{}); a.status != http.StatusNotImplemented {
		t.Errorf("a page has nowhere to save: %d %s", a.status, a.body)
	}
	dir, place := t.TempDir(), ""
	window := profile.Options{Dir: t.TempDir(), Mode: "window", Language: "en", Assets: interfaceFiles, KeyStore: profile.File,
		Native: &server.Native{SaveAs: func(string) (string, error) { return place, nil }}}
	in, err := profile.Open(t.Context(), window)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var b browser
	if b.origin, err = in.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(in.Link(), "#k=")
	if err := b.login(code); err != nil {
		t.Fatal(err)
	}
	save := func() answer {
		return b.ask(t, http.MethodPost, "/api/backups/save", map[string]string{"passphrase": "zarigueyonte"})
	}
	if a := save(); a.status != http.StatusOK || string(a.body) != `{"path":"","bytes":0,"protected":false}` {
		t.Errorf("thought better of: %d %s", a.status, a.body)
	}
	place = filepath.Join(dir, "of mine.bandeja")
	if err := os.WriteFile(place, []byte("what was"), 0o600); err != nil {
		t.Fatal(err)
	}
	var saved struct {
		Path      string
		Bytes     int64
		Protected bool
	}
	a := save()
	if err := json.Unmarshal(a.body, &saved); err != nil || a.status != http.StatusOK || saved.Path != place || !saved.Protected {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	f, err := os.Open(place)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if file, err := backup.Open(f, saved.Bytes); err != nil || file.Unlock("zarigueyonte") != nil {
		t.Errorf("what was saved: %v", err)
	}
	place = filepath.Join(dir, "nowhere", "x.bandeja")
	if code, message := save().code(t); code != "not_saved" || !strings.Contains(message, "another folder") {
		t.Errorf("in no folder: %s %s", code, message)
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) != 1 {
		t.Errorf("beside it: %v %v", all, err)
	}
	leavesNothing(t, window.Dir)
}
