package profile_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"bandeja/internal/profile"
)

// TestSync: accounts side by side; the outcome of each by itself.
func TestSync(t *testing.T) {
	v := openOffice(t, 111)
	in := open(t, t.TempDir())
	bad := v.platica()
	bad.Name, bad.Key, bad.NoCheck = "mala", "pl_key_old", true
	add(t, in, v.waspy(), v.platica(), bad)
	out := syncAll(t, in)
	if len(out) != 3 || out[0].Account != "mala" || out[0].Kind != "refused" || out[0].Error == "" || out[1] != (profile.Synced{Account: "soporte"}) || out[2] != (profile.Synced{Account: "ventas"}) {
		t.Errorf("%+v", out)
	}
	s := states(t, in)
	if s["mala"].State != "paused" || s["ventas"].State != "up_to_date" || s["soporte"].Conversations != 60 {
		t.Errorf("%+v", s)
	}
	out, err := in.Sync(t.Context(), profile.SyncArgs{Names: []string{"ventas", "ventas"}}, nil)
	if err != nil || len(out) != 1 || out[0].Account != "ventas" {
		t.Errorf("%+v, %v", out, err)
	}
	before := v.Requests()
	if out, err = in.Sync(t.Context(), profile.SyncArgs{Names: []string{"ventas"}, Full: true}, nil); err != nil || out[0].Kind != "" || v.Requests()-before < 60 {
		t.Errorf("a full run asked %d times: %+v, %v", v.Requests()-before, out, err)
	}
	if _, err := in.Sync(t.Context(), profile.SyncArgs{Names: []string{"ventas", "nadie"}}, nil); !errors.Is(err, profile.ErrNoAccount) {
		t.Error(err)
	}
	if found, err := in.Cache().IndexQueued(t.Context()); err != nil || found != 0 {
		t.Errorf("%d messages wait for the index after a run: %v", found, err)
	}
}

// TestOneLoop: however many ask for an account's sync at once, by the
// background, commands and processes, there is one walk at a time.
func TestOneLoop(t *testing.T) {
	dir, v := t.TempDir(), openOffice(t, 112)
	in := open(t, dir)
	if _, err := in.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	add(t, in, v.waspy())
	var at, most, asked atomic.Int64
	v.between(func(w http.ResponseWriter, r *http.Request) bool {
		for n := at.Add(1); ; {
			if m := most.Load(); n <= m || most.CompareAndSwap(m, n) {
				break
			}
		}
		asked.Add(1)
		v.Handler().ServeHTTP(w, r)
		at.Add(-1)
		return true
	})
	var work sync.WaitGroup
	for range 3 {
		work.Go(func() {
			if out, err := in.Sync(t.Context(), profile.SyncArgs{}, nil); err != nil || out[0].Kind != "" {
				t.Errorf("%+v, %v", out, err)
			}
		})
		work.Go(func() {
			var out []profile.Synced
			if err := profile.Command(t.Context(), options(dir), profile.DoSync, profile.SyncArgs{}, nil, &out); err != nil || out[0].Kind != "" {
				t.Errorf("%+v, %v", out, err)
			}
		})
	}
	work.Go(func() {
		if err := in.Start(true); err != nil {
			t.Error(err)
		}
	})
	work.Wait()
	if most.Load() > 4 {
		t.Errorf("%d requests side by side", most.Load())
	}
	if n := asked.Load(); n > 60+30+7*4 {
		t.Errorf("%d requests for 60 chats", n)
	}
	if s := states(t, in)["ventas"]; s.State != "up_to_date" && s.State != "catching_up" {
		t.Errorf("%+v", s)
	}
}

// TestSyncStopped: a run that nobody waits for any more ends, and its account
// is not said to fail.
func TestSyncStopped(t *testing.T) {
	v := openOffice(t, 113)
	in := open(t, t.TempDir())
	add(t, in, v.waspy())
	ctx, cancel := context.WithCancel(t.Context())
	var asked atomic.Int64
	v.between(func(http.ResponseWriter, *http.Request) bool {
		if asked.Add(1) == 20 {
			cancel()
		}
		return false
	})
	if _, err := in.Sync(ctx, profile.SyncArgs{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if s := states(t, in)["ventas"]; s.ErrorKind != "" || s.State != "first_copy" && s.State != "catching_up" {
		t.Errorf("%+v", s)
	}
}

// TestProgress: what a command tells on the way is JSON of the shape that the
// progress bar reads, and of what is known.
func TestProgress(t *testing.T) {
	v := openOffice(t, 114)
	dir := t.TempDir()
	in := open(t, dir)
	add(t, in, v.waspy())
	shut(t, in)
	var slow atomic.Int64
	v.between(func(_ http.ResponseWriter, r *http.Request) bool {
		if slow.Add(1)%30 == 0 {
			<-r.Context().Done() // held until somebody is told
		}
		return false
	})
	ctx, cancel := context.WithCancel(t.Context())
	var told []profile.SyncProgress
	err := profile.Command(ctx, options(dir), profile.DoSync, profile.SyncArgs{}, func(b json.RawMessage) {
		var p profile.SyncProgress
		if err := json.Unmarshal(b, &p); err != nil {
			t.Error(err)
		}
		told = append(told, p)
		cancel()
	}, nil)
	if !errors.Is(err, context.Canceled) || len(told) == 0 || told[0].Account != "ventas" || told[0].State != "first_copy" || told[0].Done > told[0].Total {
		t.Errorf("%+v, %v", told, err)
	}
}
