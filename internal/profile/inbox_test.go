package profile_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/profile"
)

// session is a browser that came by a link.
func session(t testing.TB, in *profile.Inbox) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar}
	origin, code, ok := strings.Cut(in.Link(), "/#k=")
	if !ok || origin != in.Origin() {
		t.Fatalf("the link is %s", in.Link())
	}
	res, err := c.Post(origin+"/api/session", "application/json", strings.NewReader(`{"code":"`+code+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusNoContent {
		t.Fatalf("session: HTTP %d", res.StatusCode)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// TestListen: on loopback with a port that is chosen once; another one where
// that is taken, this once.
func TestListen(t *testing.T) {
	dir := t.TempDir()
	in := open(t, dir)
	first, err := in.Listen(t.Context(), "")
	if err != nil || !strings.HasPrefix(first, "http://127.0.0.1:") {
		t.Fatal(first, err)
	}
	shut(t, in)
	in = open(t, dir)
	if again, err := in.Listen(t.Context(), ""); err != nil || again != first {
		t.Errorf("%s, then %s, %v", first, again, err)
	}
	shut(t, in)
	l, err := net.Listen("tcp", strings.TrimPrefix(first, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	in = open(t, dir)
	if other, err := in.Listen(t.Context(), ""); err != nil || other == first {
		t.Errorf("beside a taken port: %s, %v", other, err)
	}
	shut(t, in)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	in = open(t, dir)
	if back, err := in.Listen(t.Context(), ""); err != nil || back != first {
		t.Errorf("the port is free again: %s, %v", back, err)
	}
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:80", "example.test:80", "127.0.0.1", "nonsense"} {
		other := open(t, t.TempDir())
		if at, err := other.Listen(t.Context(), address); !errors.Is(err, profile.ErrUsage) {
			t.Errorf("listens at %s as %s: %v", address, at, err)
		}
	}
	taken := open(t, t.TempDir())
	if _, err := taken.Listen(t.Context(), strings.TrimPrefix(first, "http://")); err == nil {
		t.Error("two listen at one port")
	}
}

// TestCloseWhileBusy: Close ends loops, streams and commands under way within
// a moment, waits for all of them, and leaves files that open again.
func TestCloseWhileBusy(t *testing.T) {
	dir, v := t.TempDir(), openOffice(t, 121)
	before := runtime.NumGoroutine()
	in := open(t, dir)
	if _, err := in.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	add(t, in, v.waspy(), v.platica())
	var asked, checks, told atomic.Int64
	v.between(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("limit") == "5" {
			checks.Add(1)
		}
		if asked.Add(1) > 20 {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done() // a provider that does not answer
		}
		return false
	})
	if err := in.Start(true); err != nil {
		t.Fatal(err)
	}
	c := session(t, in)
	stream, err := c.Get(in.Origin() + "/api/events")
	if err != nil || stream.StatusCode != http.StatusOK {
		t.Fatal(stream, err)
	}
	eventually(t, "both platforms are being asked", func() bool { return asked.Load() > 20 })
	commanded := make(chan error, 2)
	go func() {
		commanded <- profile.Command(context.Background(), options(dir), profile.DoSync, profile.SyncArgs{}, func(json.RawMessage) { told.Add(1) }, nil)
	}()
	go func() {
		commanded <- profile.Command(context.Background(), options(dir), profile.DoCheck, profile.NameArgs{Name: "ventas"}, nil, nil)
	}()
	eventually(t, "both commands are under way", func() bool { return told.Load() > 0 && checks.Load() > 0 })
	began := time.Now()
	shut(t, in)
	if d := time.Since(began); d > 4*time.Second {
		t.Errorf("closing took %v", d)
	}
	for range 2 {
		if err := <-commanded; !errors.Is(err, profile.ErrIncomplete) {
			t.Errorf("a command that was under way: %v", err)
		}
	}
	if _, err := io.ReadAll(stream.Body); err != nil {
		t.Errorf("the stream broke: %v", err)
	}
	_ = stream.Body.Close()
	c.CloseIdleConnections()
	if _, err := in.Do(t.Context(), profile.DoSync, json.RawMessage("{}"), nil); !errors.Is(err, profile.ErrIncomplete) {
		t.Errorf("a command after the end: %v", err)
	}
	v.between(nil)
	v.server.CloseClientConnections()
	eventually(t, "every goroutine has ended", func() bool { return runtime.NumGoroutine() <= before+1 })
	in = open(t, dir)
	syncAll(t, in)
	if s := states(t, in); s["ventas"].State != "up_to_date" || s["soporte"].State != "up_to_date" {
		t.Errorf("%+v", s)
	}
}

// TestBackground: a started inbox copies, finds and shows by itself.
func TestBackground(t *testing.T) {
	v := openOffice(t, 122)
	in := open(t, t.TempDir())
	if _, err := in.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if err := in.Start(true); err != nil {
		t.Fatal(err)
	}
	add(t, in, v.waspy(), v.platica()) // their loops begin at once
	eventually(t, "both are up to date", func() bool {
		s := states(t, in)
		return s["ventas"].State == "up_to_date" && s["soporte"].State == "up_to_date"
	})
	eventually(t, "the messages are indexed", func() bool {
		left, err := in.Cache().IndexQueued(t.Context())
		return err == nil && left == 0
	})
	c := session(t, in)
	name := threads(t, in)[0].Name
	eventually(t, "somebody is found by name", func() bool {
		res, err := c.Get(in.Origin() + "/api/search?q=" + strings.Fields(name)[0])
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var found struct{ People []json.RawMessage }
		return json.NewDecoder(res.Body).Decode(&found) == nil && len(found.People) > 0
	})
	// The screen asks for a cycle, and what is new comes.
	th := threads(t, in)[0]
	if err := v.Post(string(th.Provider), th.Conversation, "una cosa más"); err != nil {
		t.Fatal(err)
	}
	res, err := c.Post(in.Origin()+"/api/sync", "application/json", strings.NewReader("{}"))
	if err != nil || res.StatusCode >= 300 {
		t.Fatal(res, err)
	}
	_ = res.Body.Close()
	eventually(t, "the new message is here", func() bool {
		now, err := in.Cache().Thread(t.Context(), th.Ref)
		return err == nil && now.LastText == "una cosa más" && now.Unread
	})
}

// TestOpening: opening a thread asks its account at once where some of it is
// not here, and nobody else.
func TestOpening(t *testing.T) {
	v := openOffice(t, 123)
	in := open(t, t.TempDir())
	if _, err := in.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	add(t, in, v.waspy(), v.platica())
	syncAll(t, in)
	if err := in.Start(true); err != nil {
		t.Fatal(err)
	}
	eventually(t, "both have had a look", func() bool { return len(states(t, in)) == 2 && v.Requests() > 0 })
	c := session(t, in)
	quiet := v.Requests()
	eventually(t, "both are quiet", func() bool {
		time.Sleep(100 * time.Millisecond)
		now := v.Requests()
		still := now == quiet
		quiet = now
		return still
	})
	for _, th := range threads(t, in)[:20] {
		res, err := c.Post(in.Origin()+"/api/threads/"+th.Ref+"/open", "application/json", strings.NewReader("{}"))
		if err != nil || res.StatusCode != http.StatusNoContent {
			t.Fatal(res, err)
		}
		_ = res.Body.Close()
	}
	time.Sleep(200 * time.Millisecond)
	if n := v.Requests() - quiet; n > 4 {
		t.Errorf("opening 20 complete threads asked the platforms %d times", n)
	}
	for _, th := range threads(t, in) {
		if th.Account != "ventas" {
			continue
		}
		convs, err := in.Cache().ConversationsOf(t.Context(), th.Ref)
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Post("waspy", convs[len(convs)-1].ID, "¿sigue abierto hoy?"); err != nil {
			t.Fatal(err)
		}
		res, err := c.Post(in.Origin()+"/api/threads/"+th.Ref+"/open", "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res, err = c.Post(in.Origin()+"/api/sync", "application/json", strings.NewReader(`{"account":"ventas"}`)); err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		eventually(t, "the opened thread is whole", func() bool {
			now, err := in.Cache().Thread(t.Context(), th.Ref)
			return err == nil && now.Complete && now.LastText == "¿sigue abierto hoy?"
		})
		break
	}
}

// TestFetchFirst: who is wanted whole is read before those that are newer.
func TestFetchFirst(t *testing.T) {
	v := openOffice(t, 125)
	in := open(t, t.TempDir())
	if _, err := in.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	add(t, in, v.waspy())
	c := session(t, in)
	came := make(chan string, 1000) // the messages that are asked for, as they are
	one := make(chan struct{})      // lets one answer go
	v.between(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/messages") {
			came <- r.URL.Path
			select {
			case <-one:
			case <-r.Context().Done():
			}
		}
		return false
	})
	if err := in.Start(true); err != nil {
		t.Fatal(err)
	}
	var all []cache.Thread
	eventually(t, "a page is listed", func() bool {
		all = threads(t, in)
		return len(all) >= 30
	})
	before := map[string]bool{} // four are read side by side
	for range 4 {
		before[<-came] = true
	}
	oldest := all[len(all)-1]
	res, err := c.Post(in.Origin()+"/api/fetch", "application/json", strings.NewReader(`{"person":"`+oldest.Person+`"}`))
	if err != nil || res.StatusCode != http.StatusAccepted {
		t.Fatal(res, err)
	}
	_ = res.Body.Close()
	next := ""
	for next == "" || before[next] { // one of the four may have more pages
		one <- struct{}{}
		next = <-came
	}
	close(one)
	if whose := threadOf(t, in, path.Base(path.Dir(next))); whose.Person != oldest.Person {
		t.Errorf("%s was read next, of somebody else", whose.Ref)
	}
	eventually(t, "they are whole", func() bool {
		now, err := in.Cache().Thread(t.Context(), oldest.Ref)
		return err == nil && now.Complete
	})
}

// threadOf is the thread of a conversation of ventas.
func threadOf(t *testing.T, in *profile.Inbox, conversation string) cache.Thread {
	t.Helper()
	ref, err := in.Cache().ThreadOf(t.Context(), "ventas", conversation)
	if err != nil {
		t.Fatal(err)
	}
	th, err := in.Cache().Thread(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return th
}

// TestForeignFiles: a profile of a newer version or of another program opens
// nothing and changes nothing, and says why; its lock is free afterwards.
func TestForeignFiles(t *testing.T) {
	for name, c := range map[string]struct {
		file  string
		spoil func(t *testing.T, path string)
		want  error
	}{
		"newer cache":   {"cache.db", setVersion, cache.ErrNewer},
		"newer local":   {"local.db", setVersion, cache.ErrNewer},
		"other program": {"local.db", foreign, cache.ErrForeign},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			in := open(t, dir)
			add(t, in, openOffice(t, 124).waspy())
			shut(t, in)
			path := filepath.Join(dir, c.file)
			c.spoil(t, path)
			before := files(t, dir)[c.file]
			for range 2 {
				if _, err := profile.Open(t.Context(), options(dir)); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.file) {
					t.Errorf("%v", err)
				}
			}
			if _, _, err := profile.View(t.Context(), dir); !errors.Is(err, c.want) {
				t.Errorf("for reading: %v", err)
			}
			if files(t, dir)[c.file] != before {
				t.Error("the file was changed")
			}
			if _, err := profile.ReadOwner(dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("owner.json stayed: %v", err)
			}
		})
	}
}

func setVersion(t *testing.T, path string) { execute(t, path, "PRAGMA user_version = 999") }

func foreign(t *testing.T, path string) {
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	execute(t, path, "PRAGMA journal_mode = WAL; CREATE TABLE recipes (name TEXT)")
}

func garbage(t *testing.T, path string) {
	for _, name := range []string{path + "-wal", path + "-shm"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("these are no pages ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func execute(t *testing.T, path, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(path))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(query); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestView: a profile that nobody has begun is an empty one, and looking at it
// makes nothing.
func TestView(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "nowhere")
	c, local, err := profile.View(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := local.Accounts(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
	if err := errors.Join(c.Close(), local.Close()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("looking made the folder: %v", err)
	}
}

// TestDefaultDir: where XDG says, and where it does not.
func TestDefaultDir(t *testing.T) {
	if runtime.GOOS != "linux" {
		return
	}
	home := t.TempDir()
	for xdg, want := range map[string]string{"": home + "/.local/share/bandeja", home + "/data": home + "/data/bandeja", "relative": home + "/.local/share/bandeja"} {
		t.Setenv("HOME", home)
		t.Setenv("XDG_DATA_HOME", xdg)
		if got, err := profile.DefaultDir(); err != nil || got != want {
			t.Errorf("with %q it is %s, %v", xdg, got, err)
		}
	}
}
