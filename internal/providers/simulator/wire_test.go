package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"bandeja/internal/providers/providertest"
)

func TestCut(t *testing.T) {
	o, waspy, _ := serve(t, Options{Seed: 1, Now: testNow, Conversations: 3, History: true})
	waspy.fault(o, Fault{Kind: "cut", Bytes: 1 << 20})
	status, whole, _, err := waspy.ask("GET", "/conversations?limit=1", "")
	if err != nil || status != 200 || !json.Valid(whole) {
		t.Fatalf("a cut after the end: %v %s", err, whole)
	}
	wire := o.History().Requests[0].Wire
	head := wire - len(whole)
	if head < 100 {
		t.Fatalf("%d bytes on the wire, %d of them the body", wire, len(whole))
	}
	for _, k := range []int{0, 1, 20, head - 1, head, head + 1, wire / 2, wire - 1, -1} {
		waspy.fault(o, Fault{Kind: "cut", Bytes: k})
		_, got, _, err := waspy.ask("GET", "/conversations?limit=1", "")
		if err == nil || k < head && k >= 0 && got != nil || k >= head && len(got) != k-head || k == -1 && len(got) < len(whole)-1 {
			t.Errorf("cut at %d: %v after %d bytes of the body", k, err, len(got))
		}
	}
}

func TestBrokenReplies(t *testing.T) {
	o, waspy, _ := serve(t, Options{Seed: 1, Now: testNow, Conversations: 30, History: true})
	whole := waspy.get("/conversations")
	for _, tc := range []struct {
		name  string
		fault Fault
		err   error
		least int // bytes of the body
		most  int
	}{
		{"reset", Fault{Kind: "reset"}, syscall.ECONNRESET, 0, len(whole) - 1},
		{"reset in the head", Fault{Kind: "reset", Bytes: 10}, nil, 0, 0},
		{"length", Fault{Kind: "length"}, io.ErrUnexpectedEOF, len(whole), len(whole)},
		{"length far more", Fault{Kind: "length", Bytes: 1 << 30}, io.ErrUnexpectedEOF, len(whole), len(whole)},
		{"length less", Fault{Kind: "length", Bytes: -5}, nil, len(whole) - 5, len(whole) - 5},
		{"chunk", Fault{Kind: "chunk"}, nil, len(whole) / 2, len(whole) / 2},
		{"drop", Fault{Kind: "drop"}, io.EOF, 0, 0},
	} {
		waspy.fault(o, tc.fault)
		_, got, _, err := waspy.ask("GET", "/conversations", "")
		if tc.name == "chunk" && (err == nil || !strings.Contains(err.Error(), "chunk")) {
			t.Errorf("chunk: %v", err)
		} else if tc.name == "reset in the head" && err == nil {
			t.Error("a reply without a head")
		} else if tc.err != nil && !errors.Is(err, tc.err) {
			t.Errorf("%s: %v", tc.name, err)
		}
		if len(got) < tc.least || len(got) > tc.most {
			t.Errorf("%s: %d bytes of %d", tc.name, len(got), len(whole))
		}
		requests := o.History().Requests
		if last := requests[len(requests)-1]; len(last.Faults) != 1 || last.Faults[0] != tc.fault.Kind {
			t.Errorf("%+v", last)
		}
	}
}

// A reply is lost: with the effect of its PATCH, or before it.
func TestDroppedPatch(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 1, Now: testNow, Conversations: 5})
	id, sid := ids(o.WaspyConversations())[0], ids(o.PlaticaConversations())[0]
	for _, effect := range []bool{false, true} {
		waspy.fault(o, Fault{Kind: "drop", Request: "patch", Effect: effect})
		if _, _, _, err := waspy.ask("PATCH", "/conversations/"+id, `{"status":"closed"}`); err == nil {
			t.Error("a reply came")
		}
		if _, _, _, err := platica.ask("PATCH", "/conversations/"+sid, `{"owners":[]}`); err == nil {
			t.Error("a reply came")
		}
		want := map[bool]int{true: 1}[effect]
		if a, b := o.Effects("waspy", id, "status"), o.Effects("platica", sid, "assignees"); a != want || b != want {
			t.Errorf("effect %v: %d and %d", effect, a, b)
		}
		if (field[string](o.Conversation("waspy", id), "status") == "closed") != effect {
			t.Errorf("effect %v: %s", effect, o.Conversation("waspy", id))
		}
	}
}

// bubble serves an office on a listener in memory, in a synctest bubble.
func bubble(t *testing.T, opts Options) (*Office, *http.Client, func()) {
	t.Helper()
	opts.NoRateLimit = true
	o, pipe := New(opts), providertest.NewPipe()
	server := &http.Server{Handler: o.Handler()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(pipe)
	}()
	transport := &http.Transport{DialContext: pipe.DialContext}
	return o, &http.Client{Transport: transport}, func() {
		o.Quiet()
		transport.CloseIdleConnections()
		_ = server.Close()
		_ = pipe.Close()
		<-done
		synctest.Wait()
	}
}

func askOnce(ctx context.Context, t *testing.T, o *Office, c *http.Client) (int, []byte, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "GET", "http://sim"+WaspyPath+"/conversations?limit=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+o.WaspyKey())
	w, err := c.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = w.Body.Close() }()
	raw, err := io.ReadAll(w.Body)
	return w.StatusCode, raw, err
}

// How long they last is exact in a bubble; the pipe is a wire, too.
func TestSlowReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, client, stop := bubble(t, Options{Seed: 1, Conversations: 3})
		defer stop()
		_, whole, err := askOnce(t.Context(), t, o, client)
		if err != nil {
			t.Fatal(err)
		}
		for _, tc := range []struct {
			fault Fault
			ok    bool
			lasts time.Duration
		}{
			{Fault{Kind: "slow", Delay: 7 * time.Second}, true, 7 * time.Second},
			{Fault{Kind: "late", Delay: 7 * time.Second}, true, 7 * time.Second},
			{Fault{Kind: "trickle"}, true, time.Duration(len(whole)-1) * time.Second},
			{Fault{Kind: "trickle", Delay: time.Minute}, false, time.Hour},
			{Fault{Kind: "silence"}, false, time.Hour},
			{Fault{Kind: "silence", Delay: time.Minute}, false, time.Minute},
			{Fault{Kind: "headers"}, false, time.Hour},
			{Fault{Kind: "headers", Delay: time.Minute}, false, time.Minute},
			{Fault{Kind: "cut", Bytes: 50}, false, 0},
			{Fault{Kind: "reset"}, false, 0},
			{Fault{Kind: "drop"}, false, 0},
		} {
			if err := o.SetFaults(Faults{Rules: []Fault{tc.fault}}); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			began := time.Now()
			_, raw, err := askOnce(ctx, t, o, client)
			cancel()
			if lasted := time.Since(began); (err == nil) != tc.ok || lasted != tc.lasts || tc.ok && len(raw) != len(whole) {
				t.Errorf("%s: %v, %d bytes after %v", tc.fault.Kind, err, len(raw), lasted)
			}
		}
	})
}

// What is slow is made of what was there when it was asked for: late is old
// when it comes, slow is not.
func TestLateIsOldAndSlowIsNot(t *testing.T) {
	for kind, want := range map[string]string{"late": "open", "slow": "closed"} {
		synctest.Test(t, func(t *testing.T) {
			o, client, stop := bubble(t, Options{Seed: 1, Conversations: 3})
			defer stop()
			if err := o.SetFaults(Faults{Rules: []Fault{{Kind: kind, Delay: time.Minute}}}); err != nil {
				t.Fatal(err)
			}
			id := ids(o.WaspyConversations())[0]
			go func() {
				time.Sleep(time.Second)
				if err := o.SetStatus("waspy", id, "closed"); err != nil {
					t.Error(err)
				}
			}()
			_, raw, err := askOnce(t.Context(), t, o, client)
			if err != nil || field[string](list(raw, "data")[0], "status") != want {
				t.Errorf("%s: %s %v", kind, raw, err)
			}
		})
	}
}

// SetFaults and Quiet let go of those who are kept waiting.
func TestQuietLetsGo(t *testing.T) {
	for _, kind := range []string{"silence", "headers", "trickle", "slow", "late"} {
		synctest.Test(t, func(t *testing.T) {
			o, client, stop := bubble(t, Options{Seed: 1, Conversations: 3})
			defer stop()
			f := Fault{Kind: kind}
			if kind == "slow" || kind == "late" {
				f.Delay = 24 * time.Hour
			}
			if err := o.SetFaults(Faults{Rules: []Fault{f}}); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			go func() {
				time.Sleep(10 * time.Second)
				o.Quiet()
			}()
			if _, _, err := askOnce(t.Context(), t, o, client); (err == nil) != (f.Delay > 0) || time.Since(began) > 12*time.Second {
				t.Errorf("%s: %v after %v", kind, err, time.Since(began))
			}
		})
	}
}

func TestDoor(t *testing.T) {
	o := New(Options{Seed: 1, Now: testNow, Conversations: 3, NoRateLimit: true})
	door, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: o.Handler()}
	done := make(chan error, 1)
	go func() { done <- server.Serve(door) }()
	waspy := desk{t, "http://" + door.Addr().String() + WaspyPath, o.WaspyKey()}
	for range 3 {
		waspy.get("/conversations")
		if err := door.Shut(); err != nil {
			t.Fatal(err)
		}
		if err := door.Shut(); err != nil {
			t.Fatal(err)
		}
		// The connection of before is broken, and a new one refused.
		for range 2 {
			if _, _, _, err := waspy.ask("PATCH", "/conversations/x", ""); err == nil {
				t.Error("an answer through a shut door")
			}
		}
		if _, err := net.Dial("tcp", door.Addr().String()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("%v", err)
		}
		if err := door.Open(); err != nil {
			t.Fatal(err)
		}
	}
	waspy.get("/conversations")
	waspy.fault(o, Fault{Kind: "reset"})
	if _, _, _, err := waspy.ask("PATCH", "/conversations/x", "{}"); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("a reset through a door: %v", err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
	// Closing one that is shut ends its Accept, too.
	door, err = Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		_, err := door.Accept()
		done <- err
	}()
	if err := errors.Join(door.Shut(), door.Close()); err != nil {
		t.Error(err)
	}
	if err := <-done; err == nil {
		t.Error("a connection through a closed door")
	}
}
