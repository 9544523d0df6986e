//go:build linux

package cli_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"bandeja/internal/providers/providertest"
	"bandeja/internal/providers/simulator"
)

// nest is a profile with canaries in it, and all that is seen of the program
// from outside: what must hold none of them.
type nest struct {
	t        *testing.T
	dir      string
	server   *httptest.Server
	canaries map[string]string // what they are, by their text

	mu   sync.Mutex
	seen map[string][]byte // what may be given away, by what it is
}

// add keeps something that may be given away.
func (n *nest) add(what string, b []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen[what] = append(n.seen[what], b...)
}

func (n *nest) canary(what string, texts ...string) {
	for _, text := range texts {
		n.canaries[text] = what
	}
}

func (n *nest) command(args ...string) *exec.Cmd {
	cmd := exec.Command("bandeja", args...)
	cmd.Dir = n.dir
	cmd.Env = append(os.Environ(), "BANDEJA_PROFILE="+filepath.Join(n.dir, "profile"), "HOME="+n.dir, "BANDEJA_LANG=en", "BANDEJA_KEY_STORE=file")
	return cmd
}

// run runs a command to its end. What it says to the one who asked may name
// whom they asked for; what it logs on the way may not.
func (n *nest) run(stdin string, args ...string) string {
	n.t.Helper()
	cmd := n.command(append([]string{"--verbose"}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	_ = cmd.Run() // some are meant to fail
	for line := range strings.Lines(said.String()) {
		if strings.HasPrefix(line, "time=") || strings.Contains(line, "goroutine ") {
			n.add("logged by "+args[0], []byte(line))
		}
	}
	return out.String()
}

// watchArguments reads the arguments of every process of this machine, over and
// over.
func (n *nest) watchArguments(stop <-chan struct{}) {
	known := map[string]bool{}
	for {
		all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, path := range all {
			if b, err := os.ReadFile(path); err == nil && bytes.Contains(b, []byte("bandeja")) && !known[string(b)] {
				known[string(b)] = true
				n.add("arguments", append(b, '\n'))
			}
		}
		select {
		case <-stop:
			return
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// serving is the program as it serves.
type serving struct {
	*exec.Cmd
	url    string
	stderr bytes.Buffer
}

func (n *nest) serve() *serving {
	n.t.Helper()
	s := &serving{Cmd: n.command("--verbose", "serve", "--listen", "127.0.0.1:0", "--json")}
	s.Stderr = &s.stderr
	out, err := s.StdoutPipe()
	if err != nil {
		n.t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { _ = s.Process.Kill(); _ = s.Wait() })
	var at struct {
		URL string `json:"url"`
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &at)
	}
	if err != nil {
		n.t.Fatalf("it does not serve: %v: %s", err, s.stderr.String())
	}
	s.url = at.URL
	return s
}

// crash ends it by a signal, and keeps what it said and left.
func (n *nest) crash(s *serving, signal os.Signal) {
	n.t.Helper()
	if b, err := os.ReadFile(filepath.Join(n.dir, "profile", "owner.json")); err == nil {
		n.add("owner.json", b)
	} else {
		n.t.Error(err)
	}
	_ = s.Process.Signal(signal)
	_ = s.Wait()
	n.add("said as it crashed", s.stderr.Bytes())
}

// desk is somebody at the screen.
func (n *nest) desk(s *serving) func(method, path, body string) string {
	n.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		n.t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	origin, code, _ := strings.Cut(s.url, "/#k=")
	ask := func(method, path, body string) string {
		n.t.Helper()
		req, err := http.NewRequest(method, origin+path, strings.NewReader(body))
		if err != nil {
			n.t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Origin", origin)
		res, err := client.Do(req)
		if err != nil {
			n.t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			n.t.Fatal(err)
		}
		return fmt.Sprint(res.StatusCode, " ", string(b))
	}
	if got := ask("POST", "/api/session", `{"code":"`+code+`"}`); !strings.HasPrefix(got, "204") {
		n.t.Fatalf("not let in: %s", got)
	}
	return ask
}

// TestCanaries: keys, names, numbers, texts, notes, drafts, agents' addresses and
// tokens go through the real program, at work, against a platform that fails in
// every way, and killed; and of what it logs, leaves, says as it crashes, shows
// in its arguments and gives as diagnostics none holds any.
func TestCanaries(t *testing.T) {
	t.Parallel()
	sim := simulator.New(simulator.Options{Seed: 11, Conversations: 12, Messages: 60, NoRateLimit: true, Now: providertest.Noon})
	n := &nest{t: t, dir: t.TempDir(), canaries: map[string]string{}, seen: map[string][]byte{}}
	const name, number, text = "Zulmária Quetzalbaum", "5491159837719", "perdí el xilofonazo violáceo"
	var ids []string
	for i, provider := range []string{"waspy", "platica"} {
		id, err := sim.NewCustomer(provider, fmt.Sprint(name, i), number, text)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	n.canary("a name", "Quetzalbaum", "Zulmária", "quetzalbaum", "zulmaria")
	n.canary("a number", number, number[2:], number[3:], "1159837719", "15-5983-7719", "5983-7719", "59837719")
	n.canary("a text", "xilofonazo", "violáceo", "violaceo")
	n.canary("a key", sim.WaspyKey(), sim.PlaticaKey(), sim.WaspyKey()[8:], sim.PlaticaKey()[8:])
	var fails atomic.Int32
	n.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := fmt.Sprintf(`{"error":{"code":"bad","message":"%s %s %s %s"},"data":[{"id":"%s","name":"%s"`, name, number, text, r.Header.Get("Authorization"), ids[0], name)
		switch fails.Load() {
		case 1:
			http.Error(w, body, http.StatusInternalServerError)
		case 2:
			_, _ = io.WriteString(w, body) // half of an answer
		case 3:
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html>"+body)
		case 4:
			http.Redirect(w, r, "/"+text+"?key="+number, http.StatusFound)
		case 5:
			http.Error(w, body, http.StatusUnprocessableEntity)
		case 6:
			panic(http.ErrAbortHandler)
		default:
			sim.Handler().ServeHTTP(w, r)
		}
	}))
	t.Cleanup(n.server.Close)
	watching, watched := make(chan struct{}), make(chan struct{})
	go func() { defer close(watched); n.watchArguments(watching) }()

	n.run(sim.WaspyKey()+"\n", "account", "add", "waspy", "ventas", "--base-url", n.server.URL+simulator.WaspyPath, "--rate", "1000")
	n.run(sim.PlaticaKey()+"\n", "account", "add", "platica", "soporte", "--base-url", n.server.URL+simulator.PlaticaPath, "--rate", "1000")
	n.run("wspy_canarykeythatisrefused\n", "account", "key", "ventas")
	n.canary("a key", "canarykeythatisrefused")
	n.run("", "sync")
	rows := n.run("", "export", "conversations")
	if !strings.Contains(rows, "Quetzalbaum") {
		t.Fatalf("she is not here: %s", rows)
	}
	thread := ""
	for line := range strings.Lines(rows) {
		var row struct {
			ID, Thread string
			Assignees  []string
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		for _, a := range row.Assignees {
			n.canary("an agent", a)
		}
		if row.ID == ids[0] {
			thread = row.Thread
		}
	}
	var token struct{ Token string }
	if err := json.Unmarshal([]byte(n.run("", "token", "create", "script", "--scope", "conversations:read", "--json")), &token); err != nil || len(token.Token) < 20 {
		t.Fatalf("no token: %v", err)
	}
	n.canary("a token", token.Token, token.Token[6:])

	s := n.serve()
	ask := n.desk(s)
	for _, what := range [][3]string{
		{"POST", "/api/threads/" + thread + "/notes", `{"text":"nota con albaricoquete"}`},
		{"PUT", "/api/threads/" + thread + "/draft", `{"text":"borrador de mandragorina"}`},
		{"POST", "/api/backups", `{"passphrase":"otra frase con yacaratiaco"}`},
		{"POST", "/api/backups", `{"passphrase":"otra frase con yacaratiaco" broken`},
		{"POST", "/api/backups/save", `{"passphrase":"otra frase con yacaratiaco" broken`},
		{"GET", "/api/search?q=Quetzalbaum", ""},
		{"GET", "/api/search?q=1159837719", ""},
		{"POST", "/api/threads/" + thread + "/notes", `{"text":"nota con albaricoquete" broken`},
		{"GET", "/api/nowhere/Quetzalbaum", ""},
		{"GET", "/waspy/api/v2/conversations/by-phone/" + number, ""},
	} {
		if got := ask(what[0], what[1], what[2]); what[2] != "" && !strings.Contains(what[2], "broken") && !strings.HasPrefix(got, "20") {
			t.Errorf("%s %s: %s", what[0], what[1], got)
		}
	}
	n.canary("a note", "albaricoquete")
	n.canary("a draft", "mandragorina")
	for how := range int32(7) {
		fails.Store(how)
		n.run("", "account", "check", "soporte")
		n.run("", "set", "ventas/"+ids[0], "--status", []string{"closed", "open"}[how%2], "--wait", "100ms")
		if how == 2 || how == 5 { // what is tried again takes its time
			n.run("", "sync", "ventas")
		}
	}
	n.crash(s, syscall.SIGKILL)
	s = n.serve()
	n.desk(s)
	time.Sleep(300 * time.Millisecond) // it fails to sync, too
	n.crash(s, syscall.SIGABRT)
	fails.Store(0)
	n.run("", "sync")
	n.run("", "export", "messages", "--out", filepath.Join(n.dir, "nowhere", "rows.ndjson"))
	n.run("", "backup", filepath.Join(n.dir, "nowhere", "x.bandeja"))
	n.run("una frase con zarigueyonte\n", "backup", "--passphrase-stdin", filepath.Join(n.dir, "x.bandeja"))
	n.run("una frase con zarigueyonte\n", "restore", "--force", "--passphrase-stdin", filepath.Join(n.dir, "x.bandeja"))
	n.canary("a passphrase", "zarigueyonte", "yacaratiaco")
	n.run("", "sync")
	n.run("", "forget", "p_nobody", "--yes")
	diagnostics := n.run("", "doctor", "--diagnostics")
	n.add("diagnostics", []byte(diagnostics))
	n.canary("an account", "ventas", "soporte")
	n.canary("a folder", n.dir, filepath.Base(n.dir))
	n.checkDiagnostics(diagnostics)
	delete(n.canaries, "ventas") // an account's name is said to its own owner
	delete(n.canaries, "soporte")
	delete(n.canaries, n.dir)
	delete(n.canaries, filepath.Base(n.dir))
	n.add("doctor", []byte(n.run("", "doctor", "--json")))
	n.crash(n.serve(), syscall.SIGTERM)
	close(watching)
	<-watched

	n.addFiles()
	n.check(rows)
}

// addFiles adds the logs, and whatever lies in the home folder that is no part
// of the profile's data.
func (n *nest) addFiles() {
	logs := 0
	if err := filepath.WalkDir(n.dir, func(path string, d os.DirEntry, err error) error {
		name, _ := filepath.Rel(n.dir, path)
		data := strings.Contains(name, ".db") || strings.HasSuffix(name, "keys.json") || strings.HasSuffix(name, ".bandeja")
		if err != nil || d.IsDir() || data {
			return err
		}
		b, err := os.ReadFile(path)
		n.add(name, b)
		if strings.HasSuffix(name, ".log") && len(b) > 0 {
			logs++
		}
		return err
	}); err != nil {
		n.t.Error(err)
	}
	if logs == 0 {
		n.t.Error("nothing was logged: nothing is shown")
	}
}

// checkDiagnostics holds them to say something, too.
func (n *nest) checkDiagnostics(text string) {
	for _, want := range []string{"account 1", "account 2", "conversations", "local.db", "ERROR"} {
		if !strings.Contains(text, want) {
			n.t.Errorf("the diagnostics do not say %q:\n%s", want, text)
		}
	}
	for canary, what := range n.canaries {
		if strings.Contains(text, canary) {
			n.t.Errorf("the diagnostics hold %s: %q", what, canary)
		}
	}
}

// check looks for every canary in all that was seen. In rows they all are: that
// it finds some there shows that it looks.
func (n *nest) check(rows string) {
	n.t.Helper()
	if len(n.in([]byte(rows))) < 5 || len(n.seen["arguments"]) == 0 {
		n.t.Errorf("what is there is not found: %v", n.in([]byte(rows)))
	}
	looked, found := 0, 0
	for what, b := range n.seen {
		looked += len(b)
		for _, canary := range n.in(b) {
			found++
			n.t.Errorf("%s holds %s", what, canary)
		}
	}
	kinds := map[string]bool{}
	for _, kind := range n.canaries {
		kinds[kind] = true
	}
	if len(kinds) < 9 {
		n.t.Errorf("too few were looked for: %v", kinds)
	}
	n.t.Logf("%d canaries of %d kinds, %d bytes of %d sorts looked through: %d found", len(n.canaries), len(kinds), looked, len(n.seen), found)
}

// in lists the canaries in b: as they are, and as JSON and base64 write them.
func (n *nest) in(b []byte) (found []string) {
	for canary, kind := range n.canaries {
		coded := base64.StdEncoding.EncodeToString([]byte(canary))
		quoted, err := json.Marshal(canary)
		if err != nil {
			n.t.Fatal(err)
		}
		for _, form := range []string{canary, coded[:len(coded)/4*4-4], strings.Trim(string(quoted), `"`)} {
			if at := bytes.Index(b, []byte(form)); len(form) > 5 && at >= 0 {
				found = append(found, fmt.Sprintf("%s (%q): …%q…", kind, canary, b[max(0, at-80):min(len(b), at+80)]))
				break
			}
		}
	}
	return found
}
