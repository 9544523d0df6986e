//go:build unix

package cli_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// exit runs a command and wants exactly this exit code: `exit 3 bandeja sync`.
func exit(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exit CODE COMMAND …")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	var failed *exec.ExitError
	switch {
	case errors.As(err, &failed):
		got = failed.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if want := number(ts, args[0]); got != want {
		ts.Fatalf("%s: exit code %d, want %d", strings.Join(args[1:], " "), got, want)
	}
	if stderr := ts.ReadFile("stderr"); strings.Contains(stderr, "goroutine ") {
		ts.Fatalf("it panicked: %s", stderr)
	}
}

// jsonField compares one field: `json stdout accounts.0.error null`. stdout:1
// is its second line. A want that is not JSON is a string; `!` negates.
func jsonField(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: json FILE[:LINE] PATH VALUE")
	}
	got, err := json.Marshal(find(ts, args[0], args[1]))
	ts.Check(err)
	var want any
	if json.Unmarshal([]byte(args[2]), &want) != nil {
		want = args[2]
	}
	wanted, err := json.Marshal(want)
	ts.Check(err)
	if same := string(got) == string(wanted); same == neg {
		ts.Fatalf("%s of %s is %s", args[1], args[0], got)
	}
}

// jsonKeys wants an object to have these keys and no others: `keys stdout
// accounts.0 name provider …`.
func jsonKeys(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: keys FILE[:LINE] PATH NAME…")
	}
	object, ok := find(ts, args[0], args[1]).(map[string]any)
	if !ok {
		ts.Fatalf("%s of %s is no object", args[1], args[0])
	}
	var got []string
	for k := range object {
		got = append(got, k)
	}
	want := slices.Clone(args[2:])
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		ts.Fatalf("%s of %s has %v, want %v", args[1], args[0], got, want)
	}
}

// find reads the value at a path of names and numbers with dots between; "."
// is the whole, and "len" the length of a list.
func find(ts *testscript.TestScript, file, path string) any {
	name, line, numbered := strings.Cut(file, ":")
	text := ts.ReadFile(name)
	if numbered {
		all := strings.Split(strings.TrimRight(text, "\n"), "\n")
		n := number(ts, line)
		if n >= len(all) {
			ts.Fatalf("%s has %d lines", name, len(all))
		}
		text = all[n]
	}
	var v any
	d := json.NewDecoder(strings.NewReader(text))
	if err := d.Decode(&v); err != nil {
		ts.Fatalf("%s is not JSON: %v", file, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		ts.Fatalf("%s holds more than one JSON value", file)
	}
	if path == "." {
		return v
	}
	for _, part := range strings.Split(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			inner, ok := in[part]
			if !ok {
				ts.Fatalf("%s: no %s in %s", file, part, path)
			}
			v = inner
		case []any:
			if part == "len" {
				v = len(in)
				continue
			}
			n := number(ts, part)
			if n >= len(in) {
				ts.Fatalf("%s: %s has %d entries", file, path, len(in))
			}
			v = in[n]
		default:
			ts.Fatalf("%s: nothing at %s", file, path)
		}
	}
	return v
}

// let keeps a field for what follows: `let NAME stdout people.0.name`.
func let(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: let NAME FILE[:LINE] PATH")
	}
	ts.Setenv(args[0], fmt.Sprint(find(ts, args[1], args[2])))
}

// lines counts the lines of a file: `lines stdout 1`.
func lines(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: lines FILE COUNT")
	}
	if got, want := strings.Count(ts.ReadFile(args[0]), "\n"), number(ts, args[1]); (got == want) == neg {
		ts.Fatalf("%s has %d lines", args[0], got)
	}
}

// get asks an address and wants a status: `get $DESK_ORIGIN/ 200`.
func get(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: get URL STATUS")
	}
	res, err := http.Get(args[0])
	ts.Check(err)
	defer res.Body.Close()
	if res.StatusCode != number(ts, args[1]) {
		ts.Fatalf("%s answered %d", args[0], res.StatusCode)
	}
}

// asks asks an address with a token, and wants a status: `asks $TOKEN
// $DESK_ORIGIN/waspy/api/v2/conversations 200`.
func asks(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: asks TOKEN URL STATUS")
	}
	req, err := http.NewRequest(http.MethodGet, args[1], nil)
	ts.Check(err)
	req.Header.Set("Authorization", "Bearer "+args[0])
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	if res.StatusCode != number(ts, args[2]) {
		ts.Fatalf("%s answered %d", args[1], res.StatusCode)
	}
}

// stamp writes a schema version into a database's header, where PRAGMA
// user_version reads it: `stamp profile/cache.db 99`.
func stamp(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: stamp FILE VERSION")
	}
	const userVersion = 60 // its offset, by SQLite's file format
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	b[userVersion+3] = byte(number(ts, args[1]))
	ts.Check(os.WriteFile(path, b, 0o600))
}

// private wants a file or folder to be open to its owner alone.
func private(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		st, err := os.Stat(ts.MkAbs(name))
		ts.Check(err)
		if st.Mode().Perm()&0o077 != 0 {
			ts.Fatalf("%s is %v", name, st.Mode())
		}
	}
}

// plain wants a file without anything that a terminal obeys.
func plain(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		for _, r := range ts.ReadFile(name) {
			if r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u202e') {
				ts.Fatalf("%s holds %U", name, r)
			}
		}
	}
}

// busyPort takes a port for as long as the script runs: BUSY.
func busyPort(ts *testscript.TestScript, neg bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = l.Close() })
	ts.Setenv("BUSY", l.Addr().String())
}

// example wants a help text to show an example of the command itself.
func example(ts *testscript.TestScript, neg bool, args []string) {
	text := ts.ReadFile("stdout")
	_, after, ok := strings.Cut(text, "Examples:\n")
	if !ok || !strings.HasPrefix(strings.TrimSpace(after), "bandeja"+strings.TrimRight(" "+strings.Join(args, " "), " ")) {
		ts.Fatalf("no example of %v in: %s", args, text)
	}
}

func number(ts *testscript.TestScript, s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		ts.Fatalf("%q is no number", s)
	}
	return n
}

func one(ts *testscript.TestScript, args []string) string {
	if len(args) != 1 {
		ts.Fatalf("it takes one argument")
	}
	return args[0]
}
