package profile_test

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"

	"bandeja/internal/profile"
)

// TestHold: a person's pause outlives the program, holds up no other account,
// and is no obstacle to a sync by hand; it does not outlive the account.
func TestHold(t *testing.T) {
	dir, v := t.TempDir(), openOffice(t, 131)
	in := open(t, dir)
	add(t, in, v.waspy(), v.platica())
	if err := in.Hold(t.Context(), "nadie", true); !errors.Is(err, profile.ErrNoAccount) {
		t.Errorf("%v", err)
	}
	if err := in.Hold(t.Context(), "ventas", true); err != nil {
		t.Fatal(err)
	}
	if s := states(t, in)["ventas"]; s.State != "paused" || s.ErrorKind != "" {
		t.Errorf("%+v", s)
	}
	for _, held := range []bool{false, true} { // nothing runs that would say so
		if err := in.Hold(t.Context(), "ventas", held); err != nil {
			t.Fatal(err)
		}
		if s := states(t, in)["ventas"]; (s.State == "paused") != held || !held && s.State != "first_copy" {
			t.Errorf("held %v: %+v", held, s)
		}
	}
	shut(t, in)

	var asked atomic.Int64
	v.between(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Authorization") == "Bearer "+v.WaspyKey() {
			asked.Add(1)
		}
		return false
	})
	in = open(t, dir)
	if err := in.Start(true); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the other account is copied", func() bool { return states(t, in)["soporte"].State == "up_to_date" })
	if n := asked.Load(); n != 0 || states(t, in)["ventas"].State != "paused" {
		t.Errorf("%d requests of a paused account: %+v", n, states(t, in)["ventas"])
	}
	out, err := in.Sync(t.Context(), profile.SyncArgs{Names: []string{"ventas"}}, nil)
	if err != nil || out[0].Kind != "" || states(t, in)["ventas"].Conversations == 0 || states(t, in)["ventas"].State != "paused" {
		t.Errorf("by hand: %+v, %v, %+v", out, err, states(t, in)["ventas"])
	}
	if err := in.Hold(t.Context(), "ventas", false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it goes on", func() bool { return states(t, in)["ventas"].State == "up_to_date" })

	if err := in.Hold(t.Context(), "ventas", true); err != nil {
		t.Fatal(err)
	}
	if err := in.Remove(t.Context(), "ventas", false); err != nil {
		t.Fatal(err)
	}
	add(t, in, v.waspy())
	eventually(t, "a new account of that name is copied", func() bool { return states(t, in)["ventas"].State == "up_to_date" })
}
