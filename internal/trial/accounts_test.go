package trial

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"bandeja/internal/profile"
	"bandeja/internal/providers/simulator"
)

// TestBadCompany (F30, I16): accounts that are dead, refused or at a captive
// portal say so, each for itself, and the others are copied whole beside them.
func TestBadCompany(t *testing.T) {
	t.Parallel() // it waits for one that does not answer
	ran(t)
	v := openOffice(t, simulator.Options{Seed: 36, Conversations: 90, Messages: 300})
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>Wi-Fi</title>"))
	}))
	t.Cleanup(portal.Close)
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	dir := newProfile(t, v, platforms...)
	in, err := profile.Open(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"waspy": "", "platica": ""}
	for _, p := range platforms {
		for kind, bad := range map[string]func(a *profile.AddAccount){
			"unreachable": func(a *profile.AddAccount) { a.BaseURL = dead.URL },
			"not_api":     func(a *profile.AddAccount) { a.BaseURL = portal.URL },
			"refused":     func(a *profile.AddAccount) { a.Key = "no-such-key-1234567890" },
		} {
			a := v.account(p)
			bad(&a)
			a.Name += "." + kind
			want[a.Name] = kind
			if _, err := in.Add(t.Context(), a); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	for name, s := range synced(t, dir, false) {
		if s.Kind != want[name] {
			t.Errorf("%s: it says %q (%s), not %q", name, s.Kind, s.Error, want[name])
		}
	}
	verify(t, v, dir, entire)
}
