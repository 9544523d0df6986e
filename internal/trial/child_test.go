package trial

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bandeja/internal/profile"
)

// child is what a process that is to be killed is told, in its environment.
type child struct {
	Dir  string
	Full bool
}

const childEnv = "BANDEJA_TEST_CHILD"

// runChild is the other process: `bandeja sync`, without the words.
func runChild(told string) int {
	var c child
	err := json.Unmarshal([]byte(told), &c)
	if err == nil {
		err = c.run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func (c child) run() error {
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	defer stop()
	var all []profile.Synced
	if err := profile.Command(ctx, options(c.Dir), profile.DoSync, profile.SyncArgs{Full: c.Full}, nil, &all); err != nil {
		return err
	}
	var errs []error
	for _, s := range all {
		if s.Kind != "" {
			errs = append(errs, fmt.Errorf("%s: %s: %s", s.Account, s.Kind, s.Error))
		}
	}
	return errors.Join(errs...)
}

func (c child) command(t testing.TB) *exec.Cmd {
	t.Helper()
	told, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childEnv+"="+string(told), "TZ=Asia/Kolkata") // times are times, wherever the desk is
	cmd.Stderr = os.Stderr
	return cmd
}

// moment says when a process is killed: as the office gets the nth request, or
// a while after.
type moment struct {
	request int64
	matches func(*http.Request) bool // which requests count; nil: all
	after   time.Duration            // 0: before it is answered
	answer  bool                     // the request is served first, and its reply lost
}

// kill starts a child and ends it, with no time for last words, at a moment;
// done is true when it came to its end before.
func (v *office) kill(t testing.TB, c child, at moment) (done bool) {
	t.Helper()
	cmd := c.command(t)
	var asked atomic.Int64
	var dead atomic.Bool
	started, gone := make(chan struct{}), make(chan struct{})
	end := sync.OnceFunc(func() {
		<-started
		dead.Store(true)
		_ = cmd.Process.Kill() // it may have come to its end just now
		close(gone)
	})
	v.between(func(w http.ResponseWriter, r *http.Request) bool {
		n := asked.Load()
		if at.matches == nil || at.matches(r) {
			n = asked.Add(1)
		}
		switch {
		case n < at.request:
			return false
		case at.after > 0:
			if n == at.request {
				time.AfterFunc(at.after, end)
			}
			return false
		case n == at.request && at.answer:
			v.Handler().ServeHTTP(discard{http.Header{}}, r)
			end()
		case n == at.request:
			end()
		}
		<-gone // nobody is there to hear an answer
		return true
	})
	err := cmd.Start()
	close(started)
	if err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	v.between(nil)
	if err != nil && !dead.Load() {
		t.Fatalf("the child failed by itself: %v", err)
	}
	if err != nil {
		killed()
	}
	return err == nil
}

// discard takes a reply that nobody gets.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}
