package profile_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"bandeja/internal/profile"
)

// contender is a process that wants to own a profile, or a command to be done.
type contender struct {
	*exec.Cmd
	stop   func()
	stderr bytes.Buffer
	origin string // it owns, and listens here
	failed error  // or it ended, with this
}

// contend starts processes at the same time and waits until each owns the
// profile or has come to its end.
func contend(t *testing.T, wanted ...child) []*contender {
	t.Helper()
	out := make([]*contender, len(wanted))
	settled := make(chan struct{}, len(wanted))
	for i, c := range wanted {
		told, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		p := &contender{Cmd: exec.Command(os.Args[0], "-test.run=^$")}
		p.Env, p.Cmd.Stderr = append(os.Environ(), childEnv+"="+string(told)), &p.stderr
		stdin, err := p.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		stdout, err := p.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		p.stop = func() { _ = stdin.Close() }
		t.Cleanup(func() { _ = p.Process.Kill() })
		out[i] = p
		go func() {
			line, _ := bufio.NewReader(stdout).ReadString('\n')
			if p.origin = strings.TrimSpace(line); p.origin == "" {
				p.failed = p.Wait()
			}
			settled <- struct{}{}
		}()
	}
	for range wanted {
		select {
		case <-settled:
		case <-time.After(30 * time.Second):
			t.Fatal("a process neither owns the profile nor ends")
		}
	}
	return out
}

// owners are those that own the profile: never more than one (SYNC I10). Each
// of the others says who does.
func owners(t *testing.T, dir string, all []*contender) (owner *contender) {
	t.Helper()
	for _, p := range all {
		if p.origin != "" && owner != nil {
			t.Fatalf("processes %d and %d both own the profile", owner.Process.Pid, p.Process.Pid)
		}
		if p.origin != "" {
			owner = p
		}
	}
	if owner == nil {
		return nil
	}
	var owned *profile.OwnedError
	if _, err := profile.Open(t.Context(), options(dir)); !errors.As(err, &owned) || owned.Owner == nil || owned.Owner.PID != owner.Process.Pid || owned.Owner.Address != owner.origin {
		t.Errorf("one more: %v, and the owner is process %d at %s", err, owner.Process.Pid, owner.origin)
	}
	return owner
}

// TestTwoOwners (F26): windows, servers and commands that start at once, on a
// profile that is free or that a killed owner left behind.
func TestTwoOwners(t *testing.T) {
	runs := uint64(10)
	if os.Getenv("BANDEJA_SOAK") != "" {
		runs = 50
	}
	v := openOffice(t, 54)
	for seed := range runs {
		random := rand.New(rand.NewPCG(seed, 26))
		dir := t.TempDir()
		if random.IntN(2) == 0 {
			stale := spawn(t, child{Dir: dir, Serve: true, Sync: true})
			if err := stale.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = stale.Wait()
		}
		var wanted []child
		for n := range 2 + random.IntN(2) {
			wanted = append(wanted, child{Dir: dir, Serve: true, Sync: n%2 == 0})
		}
		adds := random.IntN(3)
		for n := range adds {
			a := v.waspy()
			a.Name = fmt.Sprintf("ventas-%d", n)
			wanted = append(wanted, child{Dir: dir, Add: a})
		}
		random.Shuffle(len(wanted), func(i, j int) { wanted[i], wanted[j] = wanted[j], wanted[i] })
		all := contend(t, wanted...)
		owner := owners(t, dir, all)
		if owner == nil && adds == 0 {
			t.Fatalf("run %d: nobody owns the profile", seed)
		}
		done := map[string]bool{}
		for i, p := range all {
			switch {
			case wanted[i].Serve && p.origin == "" && !strings.Contains(p.stderr.String(), "is using this profile"),
				!wanted[i].Serve && p.failed != nil && !strings.Contains(p.stderr.String(), "is using this profile"):
				t.Errorf("run %d: %v: %s", seed, p.failed, &p.stderr)
			case !wanted[i].Serve && p.failed == nil:
				done[wanted[i].Add.Name] = true
			}
		}
		if owner != nil { // by kill -9: the next start is not held up by what it leaves
			if err := owner.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = owner.Wait()
		}
		next := owners(t, dir, contend(t, child{Dir: dir, Serve: true}))
		if next == nil {
			t.Fatalf("run %d: the profile is not free after a kill", seed)
		}
		next.stop()
		if err := next.Wait(); err != nil {
			t.Errorf("run %d: %v: %s", seed, err, &next.stderr)
		}
		in := open(t, dir)
		for _, a := range accounts(t, in) {
			delete(done, a.Name)
		}
		if len(done) > 0 {
			t.Errorf("run %d: said to be done, and not there: %v", seed, done)
		}
		shut(t, in)
		if t.Failed() {
			t.Fatalf("run %d", seed)
		}
	}
}
