package profile_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/profile"
	"bandeja/internal/providers"
	"bandeja/internal/server"
)

// TestFolder: the profile is its user's alone, and so is what names its owner.
func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "profile")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	in := open(t, dir)
	if runtime.GOOS != "windows" {
		for name, want := range map[string]os.FileMode{".": 0o700, "owner.json": 0o600, "lock": 0o600, "logs": 0o700, "backups": 0o700, "logs/bandeja.log": 0o600} {
			if got := mode(t, filepath.Join(dir, name)); got != want {
				t.Errorf("%s is %o, want %o", name, got, want)
			}
		}
	}
	owner, err := profile.ReadOwner(dir)
	if err != nil || owner.PID != os.Getpid() || owner.Mode != "serve" || time.Since(owner.Since) > time.Minute || owner.Address != "" || len(owner.Secret) < 32 {
		t.Errorf("%+v, %v", owner, err)
	}
	origin, err := in.Listen(t.Context(), "127.0.0.1:0")
	if err != nil || origin != in.Origin() {
		t.Fatal(origin, err)
	}
	if owner, err = profile.ReadOwner(dir); err != nil || owner.Address != origin {
		t.Errorf("%+v, %v", owner, err)
	}
	shut(t, in)
	if _, err := os.Stat(filepath.Join(dir, "owner.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("owner.json after the end: %v", err)
	}
	shut(t, in) // a second time is nothing
	open(t, dir)
}

// TestOwned: a second Open is told who has the profile, at once when that one
// listens.
func TestOwned(t *testing.T) {
	dir := t.TempDir()
	in := open(t, dir)
	_, err := profile.Open(t.Context(), options(dir))
	var owned *profile.OwnedError
	if !errors.As(err, &owned) || owned.Owner == nil || owned.Owner.PID != os.Getpid() || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) || !strings.Contains(err.Error(), "serve") {
		t.Fatalf("second open: %v", err)
	}
	if err := profile.Command(t.Context(), options(dir), profile.DoCheck, profile.NameArgs{Name: "x"}, nil, nil); !errors.As(err, &owned) {
		t.Errorf("a command of an owner that does not listen: %v", err)
	}
	if _, err := in.Listen(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := profile.Open(t.Context(), options(dir)); !errors.As(err, &owned) || owned.Owner.Address != in.Origin() {
		t.Errorf("second open: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir2 := t.TempDir()
	open(t, dir2)
	if _, err := profile.Open(ctx, options(dir2)); !errors.Is(err, context.Canceled) {
		t.Errorf("an open that nobody waits for: %v", err)
	}
}

// TestStaleOwner: what a killed process left behind is no obstacle, whatever
// it says.
func TestStaleOwner(t *testing.T) {
	for name, left := range map[string]string{
		"address": `{"pid":1,"mode":"window","since":"2026-01-02T03:04:05Z","address":"http://127.0.0.1:1","secret":"s"}`,
		"garbage": "\x00\xff{", "empty": "", "array": "[]",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "owner.json"), []byte(left), 0o644); err != nil {
				t.Fatal(err)
			}
			open(t, dir)
			if owner, err := profile.ReadOwner(dir); err != nil || owner.PID != os.Getpid() {
				t.Errorf("%+v, %v", owner, err)
			}
			if runtime.GOOS != "windows" && mode(t, filepath.Join(dir, "owner.json")) != 0o600 {
				t.Error("owner.json kept the mode of the one before")
			}
		})
	}
}

// TestTwoProcesses: another process owns the profile; commands are done by it,
// and once it is killed the profile is free.
func TestTwoProcesses(t *testing.T) {
	dir, v := t.TempDir(), openOffice(t, 51)
	other := spawn(t, child{Dir: dir, Serve: true})
	_, err := profile.Open(t.Context(), options(dir))
	var owned *profile.OwnedError
	if !errors.As(err, &owned) || owned.Owner.PID != other.Process.Pid || owned.Owner.Address != other.origin {
		t.Fatalf("open beside another process: %v", err)
	}
	var found profile.Found
	if err := profile.Command(t.Context(), options(dir), profile.DoAdd, v.waspy(), nil, &found); err != nil {
		t.Fatal(err)
	}
	if found.Account.Name != "ventas" || !found.Checked || len(found.Sample) == 0 {
		t.Errorf("%+v", found)
	}
	var progress atomic.Int64
	v.between(func(http.ResponseWriter, *http.Request) bool { time.Sleep(10 * time.Millisecond); return false })
	var outcome []profile.Synced
	if err := profile.Command(t.Context(), options(dir), profile.DoSync, profile.SyncArgs{Names: []string{"ventas"}}, func(b json.RawMessage) {
		var p profile.SyncProgress
		if json.Unmarshal(b, &p) == nil && p.Account == "ventas" {
			progress.Add(1)
		}
	}, &outcome); err != nil {
		t.Fatal(err)
	}
	if len(outcome) != 1 || outcome[0] != (profile.Synced{Account: "ventas"}) || progress.Load() == 0 {
		t.Errorf("%+v, progress told %d times", outcome, progress.Load())
	}
	c, local, err := profile.View(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if states, err := c.States(t.Context()); err != nil || len(states) != 1 || states[0].State != "up_to_date" || states[0].Conversations != 60 {
		t.Errorf("seen beside the owner: %+v, %v", states, err)
	}
	if err := errors.Join(c.Close(), local.Close()); err != nil {
		t.Error(err)
	}
	var raised profile.Raised
	if err := owned.Owner.Ask(t.Context(), profile.DoRaise, struct{}{}, nil, &raised); err != nil || raised.Window || !strings.HasPrefix(raised.Link, other.origin+"/#k=") {
		t.Errorf("%+v, %v", raised, err)
	}
	v.between(nil)
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait()
	if _, err := profile.ReadOwner(dir); err != nil {
		t.Errorf("the killed one should have left its owner.json: %v", err)
	}
	if err := owned.Owner.Ask(t.Context(), profile.DoRaise, struct{}{}, nil, nil); !errors.As(err, &owned) {
		t.Errorf("asking the dead: %v", err)
	}
	in := open(t, dir)
	if accounts, err := in.Local().Accounts(t.Context()); err != nil || len(accounts) != 1 {
		t.Errorf("%v, %v", accounts, err)
	}
}

// TestManyProcesses: of several that add an account at once each is done, by
// itself or by whichever owns the profile just then.
func TestManyProcesses(t *testing.T) {
	dir, v := t.TempDir(), openOffice(t, 52)
	other := spawn(t, child{Dir: dir, Serve: true})
	var work sync.WaitGroup
	for i := range 4 {
		a := v.waspy()
		a.Name = fmt.Sprintf("ventas-%d", i)
		p := spawn(t, child{Dir: dir, Add: a})
		work.Go(func() {
			if err := p.Wait(); err != nil {
				t.Errorf("account %d: %v", i, err)
			}
		})
	}
	work.Wait()
	other.end(t)
	in := open(t, dir)
	accounts, err := in.Local().Accounts(t.Context())
	if err != nil || len(accounts) != 4 {
		t.Errorf("%v, %v", accounts, err)
	}
	for _, a := range accounts {
		if _, err := in.Check(t.Context(), a.Name); err != nil {
			t.Error(err)
		}
	}
}

// TestCommandHere: with nobody there a command is done by this process, which
// leaves the profile as free as it was.
func TestCommandHere(t *testing.T) {
	dir, v := t.TempDir(), openOffice(t, 53)
	var found profile.Found
	if err := profile.Command(t.Context(), options(dir), profile.DoAdd, v.platica(), nil, &found); err != nil || found.Account.Name != "soporte" {
		t.Fatal(found, err)
	}
	var outcome []profile.Synced
	if err := profile.Command(t.Context(), options(dir), profile.DoSync, profile.SyncArgs{}, nil, &outcome); err != nil || len(outcome) != 1 || outcome[0].Kind != "" {
		t.Fatal(outcome, err)
	}
	open(t, dir)
}

// TestSecret: the owner's door opens to its secret and to nothing else.
func TestSecret(t *testing.T) {
	dir := t.TempDir()
	in := open(t, dir)
	if _, err := in.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	owner, err := profile.ReadOwner(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"", "x", owner.Secret[:len(owner.Secret)-1], owner.Secret + "x", strings.ToLower(owner.Secret)} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, owner.Address+"/owner/"+profile.DoRaise, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		if secret != "" {
			req.Header.Set("Authorization", "Bearer "+secret)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusUnauthorized {
			t.Errorf("the secret %q is answered %d", secret, res.StatusCode)
		}
		wrong := *owner
		wrong.Secret = secret + "x"
		var owned *profile.OwnedError
		if err := wrong.Ask(t.Context(), profile.DoRaise, struct{}{}, nil, nil); secret+"x" != owner.Secret && !errors.As(err, &owned) {
			t.Errorf("asked with a wrong secret: %v", err)
		}
	}
	if err := owner.Ask(t.Context(), profile.DoRaise, struct{}{}, nil, nil); err != nil {
		t.Error(err)
	}
}

// TestAskElsewhere: what is not an owner's answer is none, and a key is not
// carried on to where a stranger points.
func TestAskElsewhere(t *testing.T) {
	var reached atomic.Bool
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }))
	defer stranger.Close()
	for name, answer := range map[string]http.HandlerFunc{
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, stranger.URL, http.StatusTemporaryRedirect)
		},
		"html":  func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<!doctype html>") },
		"empty": func(http.ResponseWriter, *http.Request) {},
		"cut":   func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, `{"progress":{}}`) },
		"500":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(answer)
			defer s.Close()
			o := &profile.Owner{PID: 1, Mode: "serve", Address: s.URL, Secret: "s"}
			var owned *profile.OwnedError
			if err := o.Ask(t.Context(), profile.DoKey, profile.KeyArgs{Key: "k"}, nil, nil); !errors.As(err, &owned) {
				t.Errorf("%v", err)
			}
		})
	}
	if reached.Load() {
		t.Error("the command was carried on")
	}
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then is the asker's leaving noticed
		<-r.Context().Done()
	}))
	defer slow.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := (&profile.Owner{Address: slow.URL}).Ask(ctx, profile.DoRaise, struct{}{}, nil, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("given up: %v", err)
	}
}

// TestKindsCross: an error of the owner is of the same kind in the process
// that asked.
func TestKindsCross(t *testing.T) {
	dir, v := t.TempDir(), openOffice(t, 54)
	in := open(t, dir)
	if _, err := in.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	add(t, in, v.platica())
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	change := func(fn func(*profile.AddAccount)) profile.AddAccount { a := v.waspy(); fn(&a); return a }
	for name, c := range map[string]struct {
		command string
		args    any
		want    error
	}{
		"refused":     {profile.DoAdd, change(func(a *profile.AddAccount) { a.Key = "wspy_wrong" }), providers.ErrRefused},
		"unreachable": {profile.DoAdd, change(func(a *profile.AddAccount) { a.BaseURL = gone.URL }), providers.ErrUnreachable},
		"not the API": {profile.DoAdd, change(func(a *profile.AddAccount) { a.BaseURL = v.server.URL + "/elsewhere" }), providers.ErrNotAPI},
		"bad region":  {profile.DoAdd, change(func(a *profile.AddAccount) { a.Region = "Argentina" }), profile.ErrUsage},
		"taken":       {profile.DoAdd, change(func(a *profile.AddAccount) { a.Name = "soporte" }), profile.ErrExists},
		"nobody":      {profile.DoCheck, profile.NameArgs{Name: "nadie"}, profile.ErrNoAccount},
		"no command":  {"fly", struct{}{}, profile.ErrUsage},
		"bad args":    {profile.DoCheck, "a word", profile.ErrUsage},
		"sync nobody": {profile.DoSync, profile.SyncArgs{Names: []string{"nadie"}}, profile.ErrNoAccount},
	} {
		t.Run(name, func(t *testing.T) {
			err := profile.Command(t.Context(), options(dir), c.command, c.args, nil, nil)
			if !errors.Is(err, c.want) || profile.KindOf(err) != profile.KindOf(c.want) || strings.Contains(err.Error(), "wspy_wrong") {
				t.Errorf("%v, of kind %s", err, profile.KindOf(err))
			}
		})
	}
	t.Run("every kind", func(t *testing.T) {
		for _, err := range []error{profile.ErrUsage, profile.ErrNoAccount, profile.ErrExists, profile.ErrKeychain, profile.ErrNoKey, profile.ErrIncomplete,
			providers.ErrRefused, providers.ErrForbidden, providers.ErrUnreachable, providers.ErrLimited, providers.ErrNotAPI, providers.ErrFailing, providers.ErrRejected,
			cache.ErrFull, cache.ErrCorrupt, cache.ErrReadOnly, cache.ErrNewer, cache.ErrNotFound} {
			failed := fmt.Errorf("do it: %w", err)
			sent, e := json.Marshal(profile.Line{Error: &profile.RemoteError{Kind: profile.KindOf(failed), Message: failed.Error()}})
			if e != nil {
				t.Fatal(e)
			}
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, "%s\n", sent) }))
			got := (&profile.Owner{Address: s.URL}).Ask(t.Context(), "any", struct{}{}, nil, nil)
			s.Close()
			if !errors.Is(got, err) || got.Error() != "do it: "+err.Error() {
				t.Errorf("%v came as %v", err, got)
			}
		}
		if got := profile.KindOf(errors.New("other")); got != "unexpected" {
			t.Error(got)
		}
	})
}

// TestRaise: a second start brings the window to the front, where there is
// one.
func TestRaise(t *testing.T) {
	dir := t.TempDir()
	in := open(t, dir)
	raised := 0
	in.SetNative(&server.Native{Raise: func() { raised++ }})
	if _, err := in.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	var r profile.Raised
	if err := profile.Command(t.Context(), options(dir), profile.DoRaise, struct{}{}, nil, &r); err != nil || !r.Window || r.Link != "" || raised != 1 {
		t.Errorf("%+v, raised %d times: %v", r, raised, err)
	}
}
