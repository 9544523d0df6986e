package profile_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/profile"
	"bandeja/internal/providers/providertest"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/words"
)

// office is a simulated office over real HTTP, in which a test may meddle.
type office struct {
	*simulator.Office
	server *httptest.Server
	meddle atomic.Pointer[func(http.ResponseWriter, *http.Request) bool]
}

func openOffice(t testing.TB, seed uint64) *office {
	t.Helper()
	v := &office{Office: simulator.New(simulator.Options{Seed: seed, Conversations: 60, Messages: 500, NoRateLimit: true, Now: providertest.Noon})}
	v.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if m := v.meddle.Load(); m != nil && (*m)(w, r) {
			return
		}
		v.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(v.server.Close)
	return v
}

// between sets what comes between a request and the office; true: answered.
func (v *office) between(m func(http.ResponseWriter, *http.Request) bool) {
	if m == nil {
		v.meddle.Store(nil)
		return
	}
	v.meddle.Store(&m)
}

// waspy and platica are the office's accounts, as somebody would add them.
func (v *office) waspy() profile.AddAccount {
	return profile.AddAccount{Provider: inbox.Waspy, Name: "ventas", BaseURL: v.server.URL + simulator.WaspyPath, Key: v.WaspyKey(),
		Region: "ar", Area: "11", Rate: 1000, KeyStore: profile.File}
}

func (v *office) platica() profile.AddAccount {
	return profile.AddAccount{Provider: inbox.Platica, Name: "soporte", BaseURL: v.server.URL + simulator.PlaticaPath, Key: v.PlaticaKey(),
		Rate: 1000, KeyStore: profile.File}
}

func options(dir string) profile.Options {
	return profile.Options{Dir: dir, Mode: "serve", Language: "es-AR", Version: "test", KeyStore: profile.File}
}

// open takes a profile for the length of a test.
func open(t testing.TB, dir string) *profile.Inbox {
	t.Helper()
	in, err := profile.Open(context.Background(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, in) })
	return in
}

func shut(t testing.TB, in *profile.Inbox) {
	t.Helper()
	if err := in.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

func add(t testing.TB, in *profile.Inbox, accounts ...profile.AddAccount) {
	t.Helper()
	for _, a := range accounts {
		if _, err := in.Add(t.Context(), a); err != nil {
			t.Fatalf("add %s: %v", a.Name, err)
		}
	}
}

func syncAll(t testing.TB, in *profile.Inbox) []profile.Synced {
	t.Helper()
	out, err := in.Sync(t.Context(), profile.SyncArgs{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// files are the contents of a profile, by name.
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		out[name] = string(b)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func mode(t testing.TB, path string) fs.FileMode {
	t.Helper()
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return st.Mode().Perm()
}

// eventually polls for what another goroutine or process is about to do.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// child is what another process is told to do with a profile.
type child struct {
	Dir   string
	Serve bool               // own it, listen, say so, and stay until killed or stdin ends
	Sync  bool               // with Serve: sync in the background
	Add   profile.AddAccount // a command: an account to add
	// Forget makes the command forget this person, killed with no warning at
	// its DieAt-th word of how far it is, 0 for never.
	Forget string
	DieAt  int
	// Act makes the owner resolve all that there is by an act of this name, or
	// Undo take one back; it is killed with no warning in the middle of it.
	Act, Undo string
	// Examine makes it look the profile over and say what it finds.
	Examine bool
	// Restore makes it bring a backup back over the profile.
	Restore string
	// Office makes it no profile's process but a simulated office, until
	// stdin ends.
	Office *officeSize
	// Clients makes it scripts, which say how they were answered.
	Clients *clients
}

// examinedLine is a finding of another process.
type examinedLine struct{ Check, State, Text, Do string }

type officeSize struct{ Conversations, Messages int }

const childEnv = "BANDEJA_TEST_CHILD"

func TestMain(m *testing.M) {
	if told := os.Getenv(childEnv); told != "" {
		var c child
		err := json.Unmarshal([]byte(told), &c)
		if err == nil {
			err = c.run(context.Background())
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, profile.KindOf(err), err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func (c child) run(ctx context.Context) error {
	if c.Office != nil {
		v := simulator.New(simulator.Options{Seed: 1, Conversations: c.Office.Conversations, Messages: c.Office.Messages, NoRateLimit: true, Now: providertest.Noon})
		server := httptest.NewServer(v.Handler())
		defer server.Close()
		fmt.Println(server.URL, v.WaspyKey(), v.PlaticaKey())
		_, _ = io.Copy(io.Discard, os.Stdin)
		return nil
	}
	if c.Clients != nil {
		return json.NewEncoder(os.Stdout).Encode(c.Clients.run(ctx))
	}
	if c.Examine {
		var lines []examinedLine
		english := words.For(words.English)
		for _, f := range profile.Examine(ctx, profile.ExamineOptions{Dir: c.Dir, Version: "test", Offline: true}) {
			lines = append(lines, examinedLine{f.Check, f.State, f.Text(english), f.Advice(english)})
		}
		return json.NewEncoder(os.Stdout).Encode(lines)
	}
	o := options(c.Dir)
	if c.Restore != "" {
		_, err := profile.RestoreBackup(ctx, o, profile.RestoreArgs{From: c.Restore, Force: true})
		return err
	}
	if !c.Serve {
		o.Mode = "account"
		if c.Forget != "" {
			words := 0
			return profile.Command(ctx, o, profile.DoForget, profile.ForgetArgs{Who: c.Forget}, func(json.RawMessage) {
				if words++; words == c.DieAt {
					p, _ := os.FindProcess(os.Getpid())
					_ = p.Kill()
					select {}
				}
			}, nil)
		}
		return profile.Command(ctx, o, profile.DoAdd, c.Add, nil, nil)
	}
	in, err := profile.Open(ctx, o)
	if err != nil {
		return err
	}
	if _, err := in.Listen(ctx, "127.0.0.1:0"); err != nil {
		return errors.Join(err, in.Close())
	}
	if err := in.Start(c.Sync); err != nil {
		return errors.Join(err, in.Close())
	}
	fmt.Println(in.Origin())
	if c.Act+c.Undo != "" {
		return c.halfAct(ctx, in)
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	return in.Close()
}

// process is a child that runs.
type process struct {
	*exec.Cmd
	stdin  io.Closer
	origin string
	said   string                        // its first line
	keys   map[inbox.ProviderName]string // an office's
}

func spawn(t testing.TB, c child) *process {
	t.Helper()
	told, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.Command(os.Args[0], "-test.run=^$")}
	p.Env = append(os.Environ(), childEnv+"="+string(told))
	p.Stderr = os.Stderr
	if p.stdin, err = p.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill(); _ = p.Wait() })
	if c.Serve || c.Examine || c.Office != nil || c.Clients != nil {
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatalf("the other process did not begin: %v", err)
		}
		p.said = strings.TrimSpace(line)
		words := append(strings.Fields(line), "", "", "")
		p.origin, p.keys = words[0], map[inbox.ProviderName]string{inbox.Waspy: words[1], inbox.Platica: words[2]}
	}
	return p
}

// end asks a serving child to close, as a signal would.
func (p *process) end(t testing.TB) {
	t.Helper()
	_ = p.stdin.Close()
	if err := p.Wait(); err != nil {
		t.Errorf("the other process: %v", err)
	}
}
