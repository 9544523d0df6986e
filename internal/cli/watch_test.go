//go:build unix

package cli_test

import (
	"regexp"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"bandeja/internal/providers/simulator"
)

// simulated is the office that the script started last.
type simulated struct{ *simulator.Office }

// newcomer lets somebody new write: `newcomer waspy 'hola'`.
func newcomer(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: newcomer PLATFORM TEXT")
	}
	_, err := ts.Value(simulated{}).(*simulated).NewCustomer(args[0], "Inés Prueba", "", args[1])
	ts.Check(err)
}

// says waits until a process that was started prints a line like this.
func says(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: says NAME PATTERN")
	}
	p, want := running(ts, args[0]), regexp.MustCompile(args[1])
	late := time.AfterFunc(time.Minute, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	for {
		line, err := p.out.ReadString('\n')
		p.stdout.WriteString(line)
		switch {
		case err != nil:
			ts.Fatalf("%s ended or said nothing like %s in a minute: %s%s", args[0], want, p.stdout.String(), p.stderr.String())
		case want.MatchString(line):
			return
		}
	}
}
