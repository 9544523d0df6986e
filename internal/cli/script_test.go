//go:build unix

package cli_test

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gofrs/flock"
	"github.com/rogpeppe/go-internal/testscript"

	"bandeja/internal/cli"
)

// TestMain makes the test program stand in for `bandeja` too: a script's
// `exec bandeja …` is a process of its own, as for a person.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"bandeja": func() { os.Exit(bandeja(os.Args[1:])) },
		// cramped is bandeja where no file may grow beyond a little, as under
		// a disk quota.
		"cramped": func() {
			signal.Ignore(syscall.SIGXFSZ)
			limit := syscall.Rlimit{Cur: 48 << 10, Max: 48 << 10}
			if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
				panic(err)
			}
			os.Exit(bandeja(os.Args[1:]))
		},
		// holder takes a profile's lock and says nothing of itself beyond
		// what is in owner.json already.
		"holder": func() { hold(os.Args[1]) },
	})
}

func bandeja(args []string) int {
	return cli.Run(context.Background(), cli.Env{
		Args: args, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
		Assets: fstest.MapFS{"index.html": {Data: []byte("<!doctype html><title>Bandeja</title>")}},
		Build:  cli.Build{Version: "9.8.7", Commit: "c0ffee"},
	})
}

func hold(dir string) {
	ok, err := flock.New(filepath.Join(dir, "lock")).TryLock()
	if err != nil || !ok {
		panic("the lock is not to be had")
	}
	os.Stdout.WriteString("held\n")
	time.Sleep(time.Minute) // it is stopped long before
}

// TestScripts tells the command line as scripts, one a command or a kind of
// bad input. What they do beyond testscript's own commands is in steps_test.go.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			for _, folder := range []string{"home", "tmp"} {
				if err := os.Mkdir(filepath.Join(env.WorkDir, folder), 0o700); err != nil {
					return err
				}
			}
			for k, v := range map[string]string{
				"HOME": "home", "TMPDIR": "tmp", "XDG_DATA_HOME": "home/data", "BANDEJA_PROFILE": "profile",
			} {
				env.Setenv(k, filepath.Join(env.WorkDir, v))
			}
			// Nobody's keychain is written to.
			env.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(env.WorkDir, "nobody"))
			env.Setenv("BANDEJA_LANG", "en")
			env.Setenv("BANDEJA_KEY_STORE", "file")
			env.Setenv("TZ", "America/Argentina/Buenos_Aires")
			env.Values[silence{}] = make(chan struct{}, 100)
			env.Values[lineOf{}] = map[string]*line{}
			env.Values[simulated{}] = new(simulated)
			env.Values[processes{}] = map[string]*process{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"office": office, "platform": platform, "desk": desk, "exit": exit, "let": let, "json": jsonField, "keys": jsonKeys, "lines": lines,
			"start": start, "startasking": startAsking, "end": end, "stall": stall, "stamp": stamp, "get": get, "private": private, "plain": plain, "listen": busyPort,
			"example": example, "network": network, "pick": pick, "elsewhere": elsewhere, "has": has, "effects": effects,
			"asks": asks, "askdemo": askDemo, "newcomer": newcomer, "says": says,
		},
	})
}
