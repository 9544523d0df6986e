package profile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"bandeja/internal/profile"
)

// TestKeyring: a key kept in the system's keychain is in no file, under a name
// of its profile's own.
func TestKeyring(t *testing.T) {
	keyring.MockInit()
	v := openOffice(t, 81)
	dir := t.TempDir()
	in := open(t, dir)
	a := v.waspy()
	a.KeyStore = profile.Keyring
	add(t, in, a)
	other := open(t, t.TempDir())
	b := openOffice(t, 82).waspy()
	b.KeyStore = profile.Keyring
	add(t, other, b) // of the same name
	for _, in := range []*profile.Inbox{in, other} {
		if _, err := in.Check(t.Context(), "ventas"); err != nil {
			t.Errorf("two profiles share a key: %v", err)
		}
		if out := syncAll(t, in); out[0].Kind != "" {
			t.Errorf("%+v", out)
		}
	}
	// To a file and back.
	for _, store := range []string{profile.File, profile.Keyring} {
		if _, err := in.Set(t.Context(), profile.SetAccount{Name: "ventas", KeyStore: &store}); err != nil {
			t.Fatal(err)
		}
		if _, err := in.Check(t.Context(), "ventas"); err != nil {
			t.Errorf("kept in %s: %v", store, err)
		}
		if in := strings.Contains(files(t, dir)["keys.json"], v.WaspyKey()); in != (store == profile.File) {
			t.Errorf("kept in %s, it is in keys.json: %v", store, in)
		}
	}
	if err := in.Remove(t.Context(), "ventas", false); err != nil {
		t.Error(err)
	}
	shut(t, in)
	for name, content := range files(t, dir) {
		if name != "keys.json" && strings.Contains(content, v.WaspyKey()) {
			t.Errorf("%s holds the key", name)
		}
	}
}

// TestKeyDeleted: a key that somebody took out of the keychain is asked for;
// the cache stays readable, and the rest goes on.
func TestKeyDeleted(t *testing.T) {
	keyring.MockInit()
	v := openOffice(t, 83)
	in := open(t, t.TempDir())
	a := v.waspy()
	a.KeyStore = profile.Keyring
	add(t, in, a, v.platica())
	syncAll(t, in)
	asOf := states(t, in)["ventas"].AsOf
	keyring.MockInit() // empty
	if _, err := in.Check(t.Context(), "ventas"); !errors.Is(err, profile.ErrNoKey) || !strings.Contains(err.Error(), "account key ventas") {
		t.Errorf("%v", err)
	}
	out := syncAll(t, in)
	if out[0].Kind != "" || out[1].Kind != "no_key" {
		t.Errorf("%+v", out)
	}
	if s := states(t, in)["ventas"]; s.State != "paused" || s.ErrorKind != "no_key" || s.Conversations != 60 || !s.AsOf.Equal(asOf) || asOf.IsZero() {
		t.Errorf("%+v, was as of %v", s, asOf)
	}
	zone := "America/Argentina/Salta"
	if _, err := in.Set(t.Context(), profile.SetAccount{Name: "ventas", Zone: &zone}); err != nil {
		t.Errorf("another zone needs no key: %v", err)
	}
	if _, err := in.Rekey(t.Context(), "ventas", v.WaspyKey(), false); err != nil {
		t.Error(err)
	}
	if out := syncAll(t, in); out[1].Kind != "" {
		t.Errorf("%+v", out)
	}
}

// TestNoKeychain: where the keychain is absent or locked a key is not quietly
// put into a file; that is done when it is asked for.
func TestNoKeychain(t *testing.T) {
	locked := errors.New("the collection is locked")
	keyring.MockInitWithError(locked)
	defer keyring.MockInit()
	v := openOffice(t, 84)
	dir := t.TempDir()
	in := open(t, dir)
	a := v.waspy()
	a.KeyStore = profile.Keyring
	if _, err := in.Add(t.Context(), a); !errors.Is(err, profile.ErrKeychain) || !errors.Is(err, locked) || strings.Contains(err.Error(), v.WaspyKey()) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "keys.json")); !errors.Is(err, os.ErrNotExist) || len(accounts(t, in)) != 0 {
		t.Errorf("something was saved: %v, %v", err, accounts(t, in))
	}
	add(t, in, v.waspy()) // to a file, as asked
	store := profile.Keyring
	if _, err := in.Set(t.Context(), profile.SetAccount{Name: "ventas", KeyStore: &store}); !errors.Is(err, profile.ErrKeychain) {
		t.Errorf("%v", err)
	}
	if got := accounts(t, in)[0].KeyStore; got != profile.File {
		t.Errorf("the key is said to be in %s", got)
	}
	if _, err := in.Check(t.Context(), "ventas"); err != nil {
		t.Error(err)
	}
}

// TestLeaveKeychain: whose keychain cannot be used goes on with a file, as the
// doctor says: the key that was in it is given again.
func TestLeaveKeychain(t *testing.T) {
	keyring.MockInit()
	v := openOffice(t, 87)
	dir := t.TempDir()
	in := open(t, dir)
	a := v.waspy()
	a.KeyStore = profile.Keyring
	add(t, in, a)
	keyring.MockInitWithError(errors.New("no bus"))
	defer keyring.MockInit()
	store := profile.File
	if _, err := in.Set(t.Context(), profile.SetAccount{Name: "ventas", KeyStore: &store}); err != nil {
		t.Fatal(err)
	}
	if got := accounts(t, in)[0].KeyStore; got != profile.File {
		t.Errorf("the key is said to be in %s", got)
	}
	if _, err := in.Check(t.Context(), "ventas"); !errors.Is(err, profile.ErrNoKey) || !strings.Contains(err.Error(), "account key ventas") {
		t.Errorf("before it is given: %v", err)
	}
	if _, err := in.Rekey(t.Context(), "ventas", v.WaspyKey(), false); err != nil {
		t.Fatal(err)
	}
	if out := syncAll(t, in); out[0].Kind != "" || !strings.Contains(files(t, dir)["keys.json"], v.WaspyKey()) {
		t.Errorf("%+v", out)
	}
	if err := in.Remove(t.Context(), "ventas", false); err != nil {
		t.Error(err)
	}
}

// TestStartWithoutKeychain: an inbox whose keychain is locked opens, shows
// what it has and says what it lacks.
func TestStartWithoutKeychain(t *testing.T) {
	keyring.MockInit()
	v := openOffice(t, 85)
	dir := t.TempDir()
	in := open(t, dir)
	a := v.waspy()
	a.KeyStore = profile.Keyring
	add(t, in, a)
	syncAll(t, in)
	shut(t, in)
	keyring.MockInitWithError(errors.New("no bus"))
	defer keyring.MockInit()
	in = open(t, dir)
	if err := in.Start(true); err != nil {
		t.Fatal(err)
	}
	if s := states(t, in)["ventas"]; s.State != "paused" || s.ErrorKind != "keychain" || s.Conversations != 60 {
		t.Errorf("%+v", s)
	}
	if err := in.Remove(t.Context(), "ventas", false); !errors.Is(err, profile.ErrKeychain) || len(accounts(t, in)) != 1 {
		t.Errorf("removed, and its key stays in a locked keychain: %v", err)
	}
}
