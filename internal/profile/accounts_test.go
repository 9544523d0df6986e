package profile_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/profile"
	"bandeja/internal/providers"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/syncer"
)

func accounts(t testing.TB, in *profile.Inbox) []inbox.Account {
	t.Helper()
	out, err := in.Local().Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestAdd: a check with one request, then the account with what was left out
// filled in.
func TestAdd(t *testing.T) {
	dir, v := t.TempDir(), openOffice(t, 61)
	in := open(t, dir)
	found, err := in.Add(t.Context(), v.waspy())
	if err != nil || !found.Checked || len(found.Sample) == 0 || v.Requests() != 1 {
		t.Fatalf("%+v after %d requests, %v", found, v.Requests(), err)
	}
	a := v.platica()
	a.Key += "\n" // as it comes from a terminal
	found, err = in.Add(t.Context(), a)
	if err != nil || len(found.Workspaces) != 2 {
		t.Fatalf("%+v, %v", found, err)
	}
	got := accounts(t, in)
	if len(got) != 2 || got[0].Name != "soporte" || got[0].Region != "MX" || got[0].Zone != "America/Mexico_City" || got[0].CanWrite != nil ||
		got[1].Region != "AR" || got[1].Zone != "America/Argentina/Buenos_Aires" || got[1].Area != "11" || got[1].Rate != 1000 || got[1].KeyStore != profile.File {
		t.Errorf("%+v", got)
	}
	if runtime.GOOS != "windows" && mode(t, filepath.Join(dir, "keys.json")) != 0o600 {
		t.Error("keys.json can be read by others")
	}
	a.Name, a.Rate, a.NoCheck, a.BaseURL = "otra", 0, true, ""
	before := v.Requests()
	if found, err := in.Add(t.Context(), a); err != nil || found.Checked || found.Account.Rate != 10 || found.Account.BaseURL != "https://api.platica.mx/v1" || v.Requests() != before {
		t.Errorf("%+v, %v", found, err)
	}
}

// TestAddRefused: where the check fails, or what was given makes no sense,
// nothing is saved and nobody is asked in vain.
func TestAddRefused(t *testing.T) {
	dir, v := t.TempDir(), openOffice(t, 62)
	in := open(t, dir)
	for name, c := range map[string]struct {
		change func(*profile.AddAccount)
		want   error
		asks   bool
	}{
		"wrong key":       {func(a *profile.AddAccount) { a.Key = "wspy_other" }, providers.ErrRefused, true},
		"not the API":     {func(a *profile.AddAccount) { a.BaseURL = v.server.URL }, providers.ErrNotAPI, true},
		"no key":          {func(a *profile.AddAccount) { a.Key = " \n" }, profile.ErrUsage, false},
		"key with blanks": {func(a *profile.AddAccount) { a.Key = "a b" }, profile.ErrUsage, false},
		"name":            {func(a *profile.AddAccount) { a.Name = "Ventas Ya" }, profile.ErrUsage, false},
		"no name":         {func(a *profile.AddAccount) { a.Name = "" }, profile.ErrUsage, false},
		"platform":        {func(a *profile.AddAccount) { a.Provider = "telex" }, profile.ErrUsage, false},
		"region":          {func(a *profile.AddAccount) { a.Region = "1A" }, profile.ErrUsage, false},
		"area":            {func(a *profile.AddAccount) { a.Area = "once" }, profile.ErrUsage, false},
		"zone":            {func(a *profile.AddAccount) { a.Zone = "Mars/Olympus" }, profile.ErrUsage, false},
		"zone of nowhere": {func(a *profile.AddAccount) { a.Zone = "Local" }, profile.ErrUsage, false},
		"rate":            {func(a *profile.AddAccount) { a.Rate = -1 }, profile.ErrUsage, false},
		"store":           {func(a *profile.AddAccount) { a.KeyStore = "pocket" }, profile.ErrUsage, false},
		"plain http":      {func(a *profile.AddAccount) { a.BaseURL = "http://api.example.test/v1" }, profile.ErrUsage, false},
		"address":         {func(a *profile.AddAccount) { a.BaseURL = "ventas" }, profile.ErrUsage, false},
		"pin":             {func(a *profile.AddAccount) { a.TLSPin = "zz" }, profile.ErrUsage, false},
	} {
		t.Run(name, func(t *testing.T) {
			a, before := v.waspy(), v.Requests()
			c.change(&a)
			if _, err := in.Add(t.Context(), a); !errors.Is(err, c.want) {
				t.Errorf("%v", err)
			}
			if asked := v.Requests() - before; asked > 1 || (asked == 1) != c.asks {
				t.Errorf("%d requests", asked)
			}
		})
	}
	if got := accounts(t, in); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	if _, err := os.Stat(filepath.Join(dir, "keys.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("keys.json: %v", err)
	}
	if states, err := in.Cache().States(t.Context()); err != nil || len(states) != 0 {
		t.Errorf("%+v, %v", states, err)
	}
}

// TestAddAtOnce: of several that add the same name one does.
func TestAddAtOnce(t *testing.T) {
	v := openOffice(t, 63)
	in := open(t, t.TempDir())
	var added, taken atomic.Int64
	var work sync.WaitGroup
	for range 8 {
		work.Go(func() {
			switch _, err := in.Add(t.Context(), v.waspy()); {
			case err == nil:
				added.Add(1)
			case errors.Is(err, profile.ErrExists):
				taken.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	work.Wait()
	if added.Load() != 1 || taken.Load() != 7 {
		t.Errorf("%d added, %d refused", added.Load(), taken.Load())
	}
}

// TestSet: an account is changed, with a check where it points elsewhere; what
// fails changes nothing.
func TestSet(t *testing.T) {
	dir, v, other := t.TempDir(), openOffice(t, 64), openOffice(t, 65)
	in := open(t, dir)
	add(t, in, v.waspy())
	zone, area, rate := "America/Argentina/Cordoba", "351", 7.5
	before := v.Requests()
	if _, err := in.Set(t.Context(), profile.SetAccount{Name: "ventas", Zone: &zone, Area: &area, Rate: &rate}); err != nil {
		t.Fatal(err)
	}
	if got := accounts(t, in)[0]; got.Zone != zone || got.Area != area || got.Rate != rate || v.Requests() != before {
		t.Errorf("%+v after %d requests", got, v.Requests()-before)
	}
	elsewhere, nowhere, bad, empty := other.waspy().BaseURL, "http://127.0.0.1:1", "Local", ""
	for name, c := range map[string]struct {
		s    profile.SetAccount
		want error
	}{
		"other office":   {profile.SetAccount{BaseURL: &elsewhere}, providers.ErrRefused},
		"nobody there":   {profile.SetAccount{BaseURL: &nowhere}, providers.ErrUnreachable},
		"bad zone":       {profile.SetAccount{Zone: &bad}, profile.ErrUsage},
		"no zone":        {profile.SetAccount{Zone: &empty}, profile.ErrUsage},
		"bad store":      {profile.SetAccount{KeyStore: &bad}, profile.ErrUsage},
		"no such thing":  {profile.SetAccount{Name: "nadie", Zone: &zone}, profile.ErrNoAccount},
		"no such region": {profile.SetAccount{Region: &bad}, profile.ErrUsage},
	} {
		t.Run(name, func(t *testing.T) {
			if c.s.Name == "" {
				c.s.Name = "ventas"
			}
			was := accounts(t, in)[0]
			if _, err := in.Set(t.Context(), c.s); !errors.Is(err, c.want) {
				t.Error(err)
			}
			if got := accounts(t, in)[0]; got != was {
				t.Errorf("%+v became %+v", was, got)
			}
		})
	}
	if _, err := in.Set(t.Context(), profile.SetAccount{Name: "ventas", BaseURL: &elsewhere, NoCheck: true}); err != nil {
		t.Error(err)
	}
	if got := accounts(t, in)[0]; got.BaseURL != elsewhere {
		t.Errorf("%+v", got)
	}
}

// TestRekey: a new key is checked before it takes the old one's place, and may
// do what the old one could not.
func TestRekey(t *testing.T) {
	dir, v, other := t.TempDir(), openOffice(t, 66), openOffice(t, 67)
	in := open(t, dir)
	add(t, in, v.waspy())
	can := false
	a := accounts(t, in)[0]
	a.CanWrite = &can
	if err := in.Local().SaveAccount(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Rekey(t.Context(), "ventas", other.WaspyKey(), false); !errors.Is(err, providers.ErrRefused) {
		t.Errorf("a key of another office: %v", err)
	}
	if _, err := in.Check(t.Context(), "ventas"); err != nil {
		t.Errorf("the key is not what it was: %v", err)
	}
	if _, err := in.Rekey(t.Context(), "ventas", other.WaspyKey(), true); err != nil {
		t.Error(err)
	}
	if _, err := in.Check(t.Context(), "ventas"); !errors.Is(err, providers.ErrRefused) {
		t.Errorf("with a wrong key: %v", err)
	}
	if _, err := in.Rekey(t.Context(), "ventas", v.WaspyKey(), false); err != nil {
		t.Error(err)
	}
	if got := accounts(t, in)[0]; got.CanWrite != nil {
		t.Errorf("%+v", got)
	}
	if _, err := in.Rekey(t.Context(), "nadie", "k", true); !errors.Is(err, profile.ErrNoAccount) {
		t.Error(err)
	}
}

// TestKeyOfAnotherOffice: a key that reaches another office than the one that
// was copied is refused before it is used: nothing is mixed in, and the old key
// stays. So is an address that leads there, and a name under which a history
// was kept.
func TestKeyOfAnotherOffice(t *testing.T) {
	v := openOffice(t, 63)
	in := open(t, t.TempDir())
	add(t, in, v.waspy(), v.platica())
	syncAll(t, in)
	for _, a := range []profile.AddAccount{v.waspy(), v.platica()} {
		before := states(t, in)[a.Name]
		if err := v.SetFaults(simulator.Faults{Rules: []simulator.Fault{{Kind: "other_account", Provider: string(a.Provider)}}}); err != nil {
			t.Fatal(err)
		}
		_, err := in.Rekey(t.Context(), a.Name, a.Key, false)
		if !errors.Is(err, syncer.ErrOtherWorkspace) || profile.KindOf(err) != "other_workspace" {
			t.Errorf("%s: %v", a.Name, err)
		}
		elsewhere := a.BaseURL + "/"
		if _, err := in.Set(t.Context(), profile.SetAccount{Name: a.Name, BaseURL: &elsewhere}); !errors.Is(err, syncer.ErrOtherWorkspace) {
			t.Errorf("%s elsewhere: %v", a.Name, err)
		}
		if after := states(t, in)[a.Name]; after.Conversations != before.Conversations || after.Messages != before.Messages || after.State != before.State {
			t.Errorf("%s: %+v, and it was %+v", a.Name, after, before)
		}
		if err := in.Remove(t.Context(), a.Name, true); err != nil {
			t.Fatal(err)
		}
		if _, err := in.Add(t.Context(), a); !errors.Is(err, syncer.ErrOtherWorkspace) || len(accounts(t, in)) != 1 {
			t.Errorf("%s anew: %v, %d accounts", a.Name, err, len(accounts(t, in)))
		}
		v.Quiet()
		add(t, in, a)
	}
	for _, s := range syncAll(t, in) {
		if s.Kind != "" {
			t.Errorf("%+v", s)
		}
	}
}

// TestRekeyWhileRefused: an account that stopped for its key goes on with a
// new one by itself.
func TestRekeyWhileRefused(t *testing.T) {
	v := openOffice(t, 68)
	in := open(t, t.TempDir())
	a := v.waspy()
	a.NoCheck, a.Key = true, "wspy_old"
	add(t, in, a)
	if err := in.Start(true); err != nil {
		t.Fatal(err)
	}
	state := func(want string) func() bool {
		return func() bool {
			states, err := in.Cache().States(t.Context())
			return err == nil && len(states) == 1 && states[0].State == want
		}
	}
	eventually(t, "paused", state("paused"))
	if _, err := in.Rekey(t.Context(), "ventas", v.WaspyKey(), false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "up to date", state("up_to_date"))
}

// TestRemove: an account goes with its key and its copy; with its history kept
// only the account and the key go.
func TestRemove(t *testing.T) {
	dir, v := t.TempDir(), openOffice(t, 69)
	in := open(t, dir)
	add(t, in, v.waspy(), v.platica())
	syncAll(t, in)
	asOf := states(t, in)["soporte"].AsOf
	if err := in.Remove(t.Context(), "soporte", true); err != nil {
		t.Fatal(err)
	}
	if s := states(t, in)["soporte"]; s.Conversations != 60 || s.State != "paused" || !s.AsOf.Equal(asOf) || asOf.IsZero() {
		t.Errorf("a kept history is %+v, was as of %v", s, asOf)
	}
	if err := in.Remove(t.Context(), "ventas", false); err != nil {
		t.Fatal(err)
	}
	if s := states(t, in); len(s) != 1 {
		t.Errorf("%+v", s)
	}
	if got := accounts(t, in); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	if got := files(t, dir)["keys.json"]; strings.Contains(got, v.WaspyKey()) || strings.Contains(got, v.PlaticaKey()) {
		t.Error("a key is still there")
	}
	if err := in.Remove(t.Context(), "ventas", false); !errors.Is(err, profile.ErrNoAccount) {
		t.Error(err)
	}
	a := v.waspy()
	a.Name = "soporte" // its history is Plática's
	if _, err := in.Add(t.Context(), a); !errors.Is(err, profile.ErrExists) {
		t.Errorf("one platform's history under another's name: %v", err)
	}
	add(t, in, v.waspy(), v.platica())
	syncAll(t, in)
	if s := states(t, in); s["soporte"].Conversations != 60 || s["ventas"].Conversations != 60 || s["soporte"].State != "up_to_date" {
		t.Errorf("%+v", s)
	}
}

// TestRemoveWhileSyncing: what is removed in the middle of its copying is gone,
// and stays gone; the copying says so, and others' go on.
func TestRemoveWhileSyncing(t *testing.T) {
	v := openOffice(t, 70)
	in := open(t, t.TempDir())
	add(t, in, v.waspy(), v.platica())
	middle, hold := make(chan struct{}), make(chan struct{})
	var answered atomic.Int32
	v.between(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/platica/") {
			<-hold
			return false
		}
		// Neither is done before the other is removed, however slow this is.
		switch n := answered.Add(1); {
		case n == 10:
			close(middle)
			fallthrough
		case n > 10:
			<-hold
		}
		return false
	})
	var out []profile.Synced
	var err error
	var work sync.WaitGroup
	work.Go(func() { out, err = in.Sync(t.Context(), profile.SyncArgs{}, nil) })
	<-middle
	if err := in.Remove(t.Context(), "ventas", false); err != nil {
		t.Fatal(err)
	}
	close(hold)
	work.Wait()
	if err != nil || len(out) != 2 || out[0].Account != "soporte" || out[0].Kind != "" || out[1].Kind != "incomplete" {
		t.Errorf("%+v, %v", out, err)
	}
	if s := states(t, in); len(s) != 1 || s["soporte"].State != "up_to_date" {
		t.Errorf("%+v", s)
	}
}

func states(t testing.TB, in *profile.Inbox) map[string]cache.State {
	t.Helper()
	list, err := in.Cache().States(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]cache.State{}
	for _, s := range list {
		out[s.Name] = s
	}
	return out
}

var longNumber = regexp.MustCompile(`\d{7,}`)

// TestNothingLeaks: after every kind of work, well done and failed, a key is
// in keys.json and nowhere else in the profile, and the log has no number.
func TestNothingLeaks(t *testing.T) {
	dir, v := t.TempDir(), openOffice(t, 71)
	in := open(t, dir)
	if _, err := in.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	add(t, in, v.waspy(), v.platica())
	if err := in.Start(true); err != nil {
		t.Fatal(err)
	}
	syncAll(t, in)
	// An office that answers what it should not.
	v.between(func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":{"code":"+5491155501234","message":"Bearer ` + r.Header.Get("Authorization") + ` of +54 9 11 5550-1234"}}`))
		return true
	})
	syncAll(t, in)
	for _, key := range []string{v.WaspyKey(), "wspy_unknown_key_1", "a-key-without-a-prefix"} {
		if _, err := in.Rekey(t.Context(), "ventas", key, false); err == nil || strings.Contains(err.Error(), key) {
			t.Errorf("%v", err)
		}
	}
	v.between(nil)
	if _, err := in.Rekey(t.Context(), "ventas", "a-key-without-a-prefix", true); err != nil {
		t.Fatal(err)
	}
	syncAll(t, in)
	shut(t, in)
	for name, content := range files(t, dir) {
		for _, key := range []string{v.WaspyKey(), v.PlaticaKey(), "wspy_unknown_key_1", "a-key-without-a-prefix"} {
			if strings.Contains(content, key) && name != "keys.json" {
				t.Errorf("%s holds the key %.8s…", name, key)
			}
		}
		if strings.HasPrefix(name, "logs") {
			if content == "" || !strings.Contains(content, "ventas") {
				t.Errorf("%s says nothing", name)
			}
			for _, n := range longNumber.FindAllString(content, -1) {
				t.Errorf("%s holds the number %s", name, n)
			}
		}
	}
}

// TestKeyFileDamaged: what cannot be read is said, not repeated, and not
// written over.
func TestKeyFileDamaged(t *testing.T) {
	dir, v := t.TempDir(), openOffice(t, 72)
	in := open(t, dir)
	add(t, in, v.waspy())
	if err := os.WriteFile(filepath.Join(dir, "keys.json"), []byte(`{"ventas":"`+v.WaspyKey()), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := in.Check(t.Context(), "ventas")
	if err == nil || strings.Contains(err.Error(), v.WaspyKey()) || !strings.Contains(err.Error(), "keys.json") {
		t.Errorf("%v", err)
	}
	if _, err := in.Add(context.Background(), v.platica()); err == nil {
		t.Error("a key was written over a file that cannot be read")
	}
	if got := files(t, dir)["keys.json"]; !strings.Contains(got, v.WaspyKey()) {
		t.Error("what was in the damaged file is gone")
	}
}
