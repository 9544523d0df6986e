//go:build unix

package cli_test

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

// processes is where a script keeps what it has started.
type processes struct{}

type process struct {
	cmd    *exec.Cmd
	out    *bufio.Reader
	stdout strings.Builder
	stderr strings.Builder
	ended  bool
}

// start begins a command and waits for its first line: `start desk bandeja
// serve …`. The line is in desk.line, and in DESK_URL and DESK_PID for what
// follows.
func start(ts *testscript.TestScript, neg bool, args []string) {
	p := begin(ts, args)
	line, err := p.out.ReadString('\n')
	if err != nil {
		_ = p.cmd.Wait()
		p.ended = true
		ts.Fatalf("%s said nothing: %v: %s", args[0], err, p.stderr.String())
	}
	p.stdout.WriteString(line)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".line"), []byte(line), 0o600))
	name := strings.ToUpper(args[0])
	ts.Setenv(name+"_PID", strconv.Itoa(p.cmd.Process.Pid))
	var at map[string]string
	if json.Unmarshal([]byte(line), &at) == nil {
		for k, v := range at {
			ts.Setenv(name+"_"+strings.ToUpper(k), v)
		}
	}
}

// startAsking begins a command and waits until it asks the platform that the
// script started last, which does not answer.
func startAsking(ts *testscript.TestScript, neg bool, args []string) {
	begin(ts, args)
	<-ts.Value(silence{}).(chan struct{})
}

func begin(ts *testscript.TestScript, args []string) *process {
	if len(args) < 2 {
		ts.Fatalf("it takes a name and a command")
	}
	path, err := exec.LookPath(args[1])
	ts.Check(err)
	p := &process{cmd: exec.Command(path, args[2:]...)}
	p.cmd.Dir, p.cmd.Env = ts.MkAbs("."), environment(ts)
	p.cmd.Stderr = &p.stderr
	out, err := p.cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(p.cmd.Start())
	ts.Value(processes{}).(map[string]*process)[args[0]] = p
	ts.Defer(func() { // a script that failed leaves nothing behind
		if !p.ended {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
	})
	p.out = bufio.NewReader(out)
	return p
}

// end sends a signal and wants an exit code: `end desk TERM 0`. What it
// wrote is in desk.out and desk.err then.
func end(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: stop NAME SIGNAL CODE")
	}
	p := running(ts, args[0])
	signals := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL}
	ts.Check(p.cmd.Process.Signal(signals[args[1]]))
	rest, err := io.ReadAll(p.out)
	ts.Check(err)
	p.stdout.Write(rest)
	_ = p.cmd.Wait() // the code says what came of it
	p.ended = true
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".out"), []byte(p.stdout.String()), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".err"), []byte(p.stderr.String()), 0o600))
	if got := p.cmd.ProcessState.ExitCode(); got != number(ts, args[2]) {
		ts.Fatalf("%s: exit code %d, want %s; it said: %s", args[0], got, args[2], p.stderr.String())
	}
}

// stall makes a process stand still without ending, and `! stall` go on.
func stall(ts *testscript.TestScript, neg bool, args []string) {
	sig := syscall.SIGSTOP
	if neg {
		sig = syscall.SIGCONT
	}
	ts.Check(running(ts, one(ts, args)).cmd.Process.Signal(sig))
}

func running(ts *testscript.TestScript, name string) *process {
	p := ts.Value(processes{}).(map[string]*process)[name]
	if p == nil || p.ended {
		ts.Fatalf("nothing called %s is running", name)
	}
	return p
}

func environment(ts *testscript.TestScript) []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "XDG_DATA_HOME", "BANDEJA_PROFILE", "BANDEJA_LANG", "BANDEJA_KEY_STORE", "DBUS_SESSION_BUS_ADDRESS", "TZ"} {
		env = append(env, name+"="+ts.Getenv(name))
	}
	return env
}
