//go:build unix

package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bandeja/internal/cli"
	"bandeja/internal/providers/providertest"
	"bandeja/internal/providers/simulator"
)

// shown is where the lines of the documents are run: a profile over a
// simulated office, and what stands for the names that documents use.
type shown struct {
	t       *testing.T
	sim     *simulator.Office
	base    string
	dir     string
	profile string
	replace *strings.Replacer
}

// notRun says of lines that are shown and cannot be run here why that is.
var notRun = []struct{ pattern, why string }{
	{`^bandeja$`, "it opens a window or a browser"},
	{`^bandeja demo$`, "it opens a window or a browser"},
	{` --open`, "it opens a browser"},
	{`--watch`, "it goes on until stopped"},
	{`192\.168\.`, "it asks another machine"},
	{`--tls-cert`, "it takes an authority's certificate"},
	{`--faults`, "it takes a file that docs/faults.md shows"},
}

// other are the exit codes that are not 0.
var other = []struct {
	pattern string
	code    int
}{
	{`forget '011 15-5983-4410'$`, 2}, // without --yes it erases nothing and says so
}

// final are the lines after which the next one finds the profile as it was.
var final = regexp.MustCompile(`account remove|forget .*--yes|forget --lift|restore`)

// TestDocumentsRun: the command lines that the documents show do what they
// say, one after the other, in a profile with both platforms.
func TestDocumentsRun(t *testing.T) {
	sim := simulator.New(simulator.Options{Seed: 7, Conversations: 12, Messages: 60, NoRateLimit: true, Now: providertest.Noon})
	srv := httptest.NewServer(sim.Handler())
	t.Cleanup(srv.Close)
	docs, err := filepath.Abs("../../docs/en")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob(docs + "/*.md")
	if err != nil {
		t.Fatal(err)
	}
	pages = append(pages, filepath.Join(docs, "../../README.md"))
	first := &shown{t: t, sim: sim, base: srv.URL, dir: t.TempDir()}
	first.begin()
	ran := 0
	for _, page := range pages {
		t.Run(filepath.Base(page), func(t *testing.T) {
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			lines := shownLines(string(text))
			if len(lines) == 0 {
				return
			}
			s := &shown{t: t, sim: sim, base: srv.URL, dir: t.TempDir(), replace: first.replace}
			s.profile = filepath.Join(s.dir, "profile")
			s.again(first.dir)
			t.Chdir(s.dir)
			for _, line := range lines {
				if s.run(line) {
					ran++
				}
				if final.MatchString(line) {
					s.again(first.dir)
				}
			}
		})
	}
	if ran < 100 {
		t.Errorf("%d lines were run", ran)
	}
}

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

func shownLines(page string) (lines []string) {
	for _, block := range shellBlock.FindAllStringSubmatch(page, -1) {
		for line := range strings.Lines(block[1]) {
			line, _, _ = strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "./bin/"), "  #")
			if line = strings.TrimSpace(line); line == "bandeja" || strings.HasPrefix(line, "bandeja ") {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

// begin connects both platforms, copies them, and finds what the documents'
// names stand for.
func (s *shown) begin() {
	s.profile = filepath.Join(s.dir, "profile")
	for file, text := range map[string]string{"waspy.key": s.sim.WaspyKey(), "platica.key": s.sim.PlaticaKey(), "passphrase.txt": "correct horse battery staple\n",
		"numbers.ndjson": `{"input":"011 15-5983-4410","region":"AR","area":"11"}` + "\n"} {
		if err := os.WriteFile(filepath.Join(s.dir, file), []byte(text), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	s.must("account add waspy ventas --base-url "+s.base+simulator.WaspyPath+" --rate 1000", filepath.Join(s.dir, "waspy.key"))
	s.must("account add platica soporte --base-url "+s.base+simulator.PlaticaPath+" --rate 1000", filepath.Join(s.dir, "platica.key"))
	s.must("sync", "")
	// She of whom the documents tell is one of the simulator's.
	maria := s.row("ventas", func(r row) bool { return r.Phone == "+5491159834410" })
	chat := s.row("ventas", func(r row) bool { return r.Person != maria.Person && len(r.Assignees) > 0 && r.Status != "resolved" })
	session := s.row("soporte", func(r row) bool { return r.Person != maria.Person && r.Status == "open" })
	other := s.row("ventas", func(r row) bool { return len(r.Assignees) > 0 && r.Assignees[0] != chat.Assignees[0] })
	if err := s.sim.Tag("platica", session.ID, "vip"); err != nil {
		s.t.Fatal(err)
	}
	s.must("sync", "")
	s.replace = strings.NewReplacer("ventas/CONVERSATION", "ventas/"+chat.ID, "ventas/conv-uuid", "ventas/"+chat.ID,
		"soporte/CONVERSATION", "soporte/"+session.ID, "soporte/1234", "soporte/"+session.ID, "PERSON", maria.Person, "p_3kq5…", maria.Person,
		"AGENT", other.Assignees[0], "0.0.0.0:8443", "127.0.0.1:0", "127.0.0.1:8700", "127.0.0.1:0")
}

// row is what the documents need of an exported conversation.
type row struct {
	ID, Person, Phone, Status string
	Assignees                 []string
}

func (s *shown) row(account string, does func(row) bool) row {
	for line := range strings.Lines(s.must("export conversations --account "+account, "")) {
		var r row
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			s.t.Fatalf("%v: %s", err, line)
		}
		if does(r) {
			return r
		}
	}
	s.t.Fatalf("no such conversation in %s", account)
	return row{}
}

// again makes the profile and the files beside it what they are in dir.
func (s *shown) again(dir string) {
	s.t.Helper()
	for _, name := range []string{"profile", "waspy.key", "platica.key", "passphrase.txt", "numbers.ndjson"} {
		if err := os.RemoveAll(filepath.Join(s.dir, name)); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := os.CopyFS(s.dir, os.DirFS(dir)); err != nil {
		s.t.Fatal(err)
	}
	// The copying opens it all to others.
	err := filepath.WalkDir(s.profile, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return os.Chmod(path, 0o600)
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shown) must(command, stdin string) string {
	code, stdout, stderr := s.call(strings.Fields(command), stdin)
	if code != 0 {
		s.t.Fatalf("bandeja %s: exit code %d: %s", command, code, stderr)
	}
	return stdout
}

// call runs the program in this process. What would go on until stopped is
// stopped once it said where it is.
func (s *shown) call(args []string, stdin string) (code int, stdout, stderr string) {
	in, err := os.Open(os.DevNull)
	if stdin != "" {
		in, err = os.Open(stdin)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	defer in.Close()
	ctx, stop := context.WithCancel(s.t.Context())
	defer stop()
	out := &told{}
	if slices.Contains([]string{"serve", "simulate", "demo"}, args[0]) {
		out.first = stop
	}
	var errs bytes.Buffer
	code = cli.Run(ctx, cli.Env{Args: args, Stdin: in, Stdout: out, Stderr: &errs, Getenv: func(name string) string {
		return map[string]string{"BANDEJA_PROFILE": s.profile, "BANDEJA_LANG": "en", "BANDEJA_KEY_STORE": "file"}[name]
	}, Build: cli.Build{Version: "9.8.7"}})
	return code, out.text.String(), errs.String()
}

// told keeps what is written, and says when the first of it was.
type told struct {
	text  bytes.Buffer
	first func()
}

func (w *told) Write(p []byte) (int, error) {
	if w.first != nil {
		w.first()
	}
	return w.text.Write(p)
}

var (
	toFile   = regexp.MustCompile(`\s+> (\S+)$`)
	fromFile = regexp.MustCompile(`\s+< (\S+)$`)
	quoted   = regexp.MustCompile(`'[^']*'|\S+`)
)

// run runs one line as it stands, reports whether it could be, and fails where
// it does not end as the documents let one think.
func (s *shown) run(line string) bool {
	for _, n := range notRun {
		if regexp.MustCompile(n.pattern).MatchString(line) {
			return false
		}
	}
	command, into, from := s.replace.Replace(line), "", ""
	if m := toFile.FindStringSubmatch(command); m != nil {
		command, into = strings.TrimSuffix(command, m[0]), m[1]
	}
	if m := fromFile.FindStringSubmatch(command); m != nil {
		command, from = strings.TrimSuffix(command, m[0]), m[1]
	}
	var args []string
	for _, word := range quoted.FindAllString(command, -1)[1:] {
		args = append(args, strings.Trim(word, "'"))
	}
	args, from = s.stage(args, from)
	code, stdout, stderr := s.call(args, from)
	want := 0
	for _, o := range other {
		if regexp.MustCompile(o.pattern).MatchString(line) {
			want = o.code
		}
	}
	if code != want {
		s.t.Errorf("%s: exit code %d, not %d: %s%s", line, code, want, stdout, stderr)
	}
	if into != "" {
		if err := os.WriteFile(into, []byte(stdout), 0o600); err != nil {
			s.t.Error(err)
		}
	}
	return true
}

// stage prepares what a line takes for granted.
func (s *shown) stage(args []string, from string) ([]string, string) {
	two := strings.Join(args[:min(2, len(args))], " ")
	key, where := "waspy.key", s.base+simulator.WaspyPath
	switch {
	case two == "account add":
		if args[2] == "platica" {
			key, where = "platica.key", s.base+simulator.PlaticaPath
		}
		s.call([]string{"account", "remove", args[3]}, "") // the line adds it anew
		if i := slices.Index(args, "--base-url"); i > 0 {
			args = slices.Delete(args, i, i+2)
		}
		return append(args, "--base-url", where, "--rate", "1000"), key
	case two == "account key":
		if args[2] == "soporte" {
			key = "platica.key"
		}
		return args, key
	case two == "account remove":
		s.call([]string{"account", "add", "waspy", args[2], "--base-url", where}, key)

	case two == "token create":
		s.call([]string{"token", "revoke", args[2]}, "")
	case two == "token revoke":
		s.call([]string{"token", "create", args[2], "--scope", "conversations:read"}, "")
	case two == "outbox retry", two == "outbox drop":
		args[2] = s.conflict()
	case args[0] == "restore" && !slices.Contains(args, "--force"):
		if err := os.RemoveAll(s.profile); err != nil { // as on another machine
			s.t.Fatal(err)
		}
	case args[0] == "forget" && slices.Contains(args, "--lift"):
		s.must("forget +5491159834410 --yes", "")
	case args[0] == "serve" && slices.Contains(args, "--public"):
		s.call([]string{"token", "create", "t", "--scope", "conversations:read"}, "")
	case args[0] == "set" && slices.Contains(args, "me"):
		account, _, _ := strings.Cut(args[1], "/")
		s.must("account set "+account+" --me "+s.replace.Replace("AGENT"), "")
	}
	return args, from
}

// conflict makes a change that waits for a person, and gives its id.
func (s *shown) conflict() string {
	s.t.Helper()
	var made struct{ ID string }
	line := s.replace.Replace("set soporte/CONVERSATION --status spam --json")
	if err := json.Unmarshal([]byte(s.must(line, "")), &made); err != nil || made.ID == "" {
		s.t.Fatalf("%s: %v", line, err)
	}
	return made.ID
}
