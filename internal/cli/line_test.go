//go:build unix

package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// lineOf is where a script finds the line to the office that it started last.
type lineOf struct{}

// line is what lies between Bandeja and a simulated office. It may be cut, or
// lose the answer to a PATCH; it counts the PATCHes that took effect.
type line struct {
	office  http.Handler
	hanging chan struct{} // told of each answer that is kept back

	mu    sync.Mutex
	state string // "", cut, lossy
	taken int
}

func (l *line) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	theirs := r.Header.Get("X-Elsewhere") != ""
	l.mu.Lock()
	state := l.state
	l.mu.Unlock()
	if state == "cut" && !theirs {
		panic(http.ErrAbortHandler) // the connection breaks
	}
	if r.Method != http.MethodPatch || theirs {
		l.office.ServeHTTP(w, r)
		return
	}
	answer := httptest.NewRecorder()
	l.office.ServeHTTP(answer, r)
	l.mu.Lock()
	if answer.Code < 300 {
		l.taken++
	}
	l.mu.Unlock()
	if state == "lossy" {
		l.hanging <- struct{}{}
		<-r.Context().Done()
		return
	}
	for k, v := range answer.Header() {
		w.Header()[k] = v
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

func (l *line) set(state string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state = state
}

func (l *line) end() { l.set("cut") }

func (l *line) effects() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.taken
}

func lineFor(ts *testscript.TestScript) *line {
	l := ts.Value(lineOf{}).(map[string]*line)[""]
	if l == nil {
		ts.Fatalf("no office yet")
	}
	return l
}

// network sets how the line to the office is: `network cut`: no request gets
// through; `network lossy`: a PATCH does and its answer never comes; `network
// well`.
func network(ts *testscript.TestScript, neg bool, args []string) {
	state, ok := map[string]string{"well": "", "cut": "cut", "lossy": "lossy"}[one(ts, args)]
	if !ok {
		ts.Fatalf("usage: network well|cut|lossy")
	}
	lineFor(ts).set(state)
}

// effects wants a number of PATCHes of ours to have taken effect.
func effects(ts *testscript.TestScript, neg bool, args []string) {
	if got, want := lineFor(ts).effects(), number(ts, one(ts, args)); got != want {
		ts.Fatalf("%d PATCHes took effect, want %d", got, want)
	}
}

// pick finds a copied conversation of an account by the platform's word for
// its status and keeps its id: `pick ID ventas open`.
func pick(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: pick NAME ACCOUNT STATUS")
	}
	ts.Check(ts.Exec("bandeja", "export", "conversations"))
	rows := bufio.NewScanner(strings.NewReader(ts.ReadFile("stdout")))
	rows.Buffer(nil, 1<<20)
	for rows.Scan() {
		var c struct {
			ID, Account string
			Word        string `json:"status_word"`
		}
		ts.Check(json.Unmarshal(rows.Bytes(), &c))
		if c.Account == args[1] && c.Word == args[2] {
			ts.Setenv(args[0], c.ID)
			return
		}
	}
	ts.Fatalf("%s has no conversation that is %s", args[1], args[2])
}

// ask makes a request of somebody else's to the office, cut or not.
func ask(ts *testscript.TestScript, method, conversation string, body []byte) []byte {
	account, id, _ := strings.Cut(conversation, "/")
	base, key := ts.Getenv("WASPY"), ts.Getenv("WASPY_KEY")
	if account == "soporte" {
		base, key = ts.Getenv("PLATICA"), ts.Getenv("PLATICA_KEY")
	}
	req, err := http.NewRequest(method, base+"/conversations/"+id, bytes.NewReader(body))
	ts.Check(err)
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Elsewhere", "yes")
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	ts.Check(err)
	if res.StatusCode != http.StatusOK {
		ts.Fatalf("%s %s: %d %s", method, conversation, res.StatusCode, answer)
	}
	return answer
}

// elsewhere has a colleague change a conversation at the platform: `elsewhere
// ventas/$ID '{"status":"closed"}'`.
func elsewhere(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: elsewhere ACCOUNT/CONVERSATION JSON")
	}
	ask(ts, http.MethodPatch, args[0], []byte(args[1]))
}

// has wants what the platform itself has to hold a text: `has ventas/$ID
// '"status":"closed"'`.
func has(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: has ACCOUNT/CONVERSATION TEXT")
	}
	if got := ask(ts, http.MethodGet, args[0], nil); bytes.Contains(got, []byte(args[1])) == neg {
		ts.Fatalf("the platform has %s", got)
	}
}
