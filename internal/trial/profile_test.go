package trial

import (
	"context"
	"testing"

	"bandeja/internal/inbox"
	"bandeja/internal/profile"
)

func options(dir string) profile.Options {
	return profile.Options{Dir: dir, Mode: "sync", Language: "es-AR", Version: "test", KeyStore: profile.File}
}

// newProfile makes a profile with these sides of an office as its accounts.
func newProfile(t testing.TB, v *office, sides ...inbox.ProviderName) (dir string) {
	t.Helper()
	dir = t.TempDir()
	in, err := profile.Open(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range sides {
		if _, err := in.Add(t.Context(), v.account(p)); err != nil {
			t.Fatal(err)
		}
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// synced runs what `bandeja sync` runs, in this process, and gives what came
// of each account.
func synced(t testing.TB, dir string, full bool) map[string]profile.Synced {
	t.Helper()
	var all []profile.Synced
	if err := profile.Command(context.Background(), options(dir), profile.DoSync, profile.SyncArgs{Full: full}, nil, &all); err != nil {
		t.Fatal(err)
	}
	out := map[string]profile.Synced{}
	for _, s := range all {
		out[s.Account] = s
	}
	return out
}

// syncWell is synced where nothing may go wrong.
func syncWell(t testing.TB, dir string) {
	t.Helper()
	for name, s := range synced(t, dir, false) {
		if s.Kind != "" {
			t.Fatalf("sync of %s: %s: %s", name, s.Kind, s.Error)
		}
	}
}
