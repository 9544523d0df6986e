package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bandeja/internal/profile"
	"bandeja/internal/providers/simulator"
)

// accountWhole is GET /api/accounts/{name}.
type accountWhole struct {
	Account struct {
		Name, Region, Area, Zone, State string
		Rate                            float64
		Base                            string `json:"base_url"`
		CanWrite                        *bool  `json:"can_write"`
	}
	Waiting struct {
		Count   int
		Entries []entry
	}
	Notes, Drafts int
}

func (d *desk) accountWhole(t *testing.T, name string) (a accountWhole) {
	t.Helper()
	d.get(t, "/api/accounts/"+name, &a)
	return a
}

// says is an answer's status and the code of its error, as in "404 not_found".
func says(t *testing.T, a answer) string {
	t.Helper()
	if a.status < 400 {
		return fmt.Sprint(a.status)
	}
	code, message := a.code(t)
	if message == "" || strings.HasPrefix(message, "error.") || strings.Contains(message, "{") {
		t.Errorf("it says %q", message)
	}
	return fmt.Sprintf("%d %s", a.status, code)
}

// TestChangeAccount: what a person chose for an account is changed as the
// command line does, and nothing of it where one thing makes no sense.
func TestChangeAccount(t *testing.T) {
	d := copied(t)
	was := d.accountWhole(t, "ventas").Account
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>hello</html>")) }))
	t.Cleanup(web.Close)
	for _, tt := range []struct{ name, body, want string }{
		{"nobody", `{"area":"221"}`, "404 not_found"},
		{"ventas", `{}`, "400 region, area, zone, rate, base_url"},
		{"ventas", `{"name":"otra"}`, "400 name"},
		{"ventas", `{"area":"221","region":"Argentina"}`, "400 region"},
		{"ventas", `{"area":"x"}`, "400 area"},
		{"ventas", `{"zone":"America/Nowhere"}`, "400 zone"},
		{"ventas", `{"zone":""}`, "400 zone"},
		{"ventas", `{"zone":"Local"}`, "400 zone"},
		{"ventas", `{"rate":0}`, "400 rate"},
		{"ventas", `{"rate":"fast"}`, "400 rate"},
		{"ventas", `{"base_url":"ftp://example.org"}`, "400 base_url"},
		{"ventas", `{"base_url":"http://api.example.org"}`, "400 base_url"}, // the key would travel in the clear
		{"ventas", `{"area":"221","base_url":"` + web.URL + `"}`, "502 not_api"},
		{"ventas", `{"base_url":"http://127.0.0.1:1"}`, "502 unreachable"},
	} {
		a := d.ask(t, "PATCH", "/api/accounts/"+tt.name, strings.NewReader(tt.body), with("Content-Type", "application/json"))
		if got := says(t, a); got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.name, tt.body, got, tt.want)
		}
	}
	if now := d.accountWhole(t, "ventas").Account; now != was {
		t.Errorf("%+v, and it was %+v", now, was)
	}
	a := d.ask(t, "PATCH", "/api/accounts/ventas", map[string]any{"region": "mx", "area": "55", "zone": "America/Mexico_City", "rate": 2.5, "base_url": " " + d.base + simulator.WaspyPath + "/ "})
	if a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	now := d.accountWhole(t, "ventas").Account
	if now.Region != "MX" || now.Area != "55" || now.Zone != "America/Mexico_City" || now.Rate != 2.5 || now.Base != d.base+simulator.WaspyPath+"/" {
		t.Errorf("%+v", now)
	}
	if err := d.office.SetFaults(simulator.Faults{Rules: []simulator.Fault{{Kind: "other_account", Provider: "waspy"}}}); err != nil {
		t.Fatal(err)
	}
	a = d.ask(t, "PATCH", "/api/accounts/ventas", map[string]any{"base_url": d.base + simulator.WaspyPath})
	if got := says(t, a); got != "409 other_workspace" {
		t.Errorf("where another office answers: %s", got)
	}
}

// TestRekeyAccount: a key takes the other's place when the platform knows it
// and it is of the same office, and then and before it is seen nowhere.
func TestRekeyAccount(t *testing.T) {
	d := copied(t)
	old := d.office.WaspyKey()
	var seen strings.Builder
	put := func(name, key string) string {
		t.Helper()
		a := d.ask(t, "PUT", "/api/accounts/"+name+"/key", map[string]string{"key": key})
		seen.Write(a.body)
		return says(t, a)
	}
	for _, tt := range []struct{ name, key, want string }{
		{"nobody", old, "404 not_found"},
		{"ventas", "  ", "400 key"},
		{"ventas", "wspy_canary one", "400 key"},
		{"ventas", "wspy_canary_ñ", "400 key"},
		{"ventas", "wspy_canary_unknown", "422 refused"},
		{"soporte", "canary-of-no-shape-at-all", "422 refused"},
	} {
		if got := put(tt.name, tt.key); got != tt.want {
			t.Errorf("%s %q: %s, want %s", tt.name, tt.key, got, tt.want)
		}
	}
	if err := d.office.SetFaults(simulator.Faults{Rules: []simulator.Fault{{Kind: "other_account", Provider: "waspy"}}}); err != nil {
		t.Fatal(err)
	}
	if got := put("ventas", old); got != "409 other_workspace" {
		t.Errorf("of another office: %s", got)
	}
	d.office.Quiet()
	for _, s := range syncNow(t, d) {
		if s.Kind != "" {
			t.Errorf("with the key that stayed: %+v", s)
		}
	}
	fresh, err := d.office.Rekey("waspy")
	if err != nil {
		t.Fatal(err)
	}
	if got := put("ventas", old); got != "422 refused" {
		t.Errorf("the one before: %s", got)
	}
	if got := put("ventas", "\t"+fresh+"\n"); got != "200" {
		t.Errorf("a new one: %s", got)
	}
	if a := d.ask(t, "PUT", "/api/accounts/soporte/key", map[string]string{"key": d.office.PlaticaKey()}); a.status != http.StatusOK || !strings.Contains(string(a.body), `"workspaces":[{`) || !strings.Contains(string(a.body), `"sample":["`) {
		t.Errorf("what it reaches: %d %s", a.status, a.body)
	} else {
		seen.Write(a.body)
	}
	for _, s := range syncNow(t, d) {
		if s.Kind != "" {
			t.Errorf("with the new key: %+v", s)
		}
	}
	seen.WriteString(logsOf(t, d.dir))
	for _, path := range []string{"/api/state", "/api/settings", "/api/accounts/ventas", "/api/accounts/ventas/runs"} {
		seen.Write(d.ask(t, "GET", path, nil).body)
	}
	for _, key := range []string{"canary", old, fresh, d.office.PlaticaKey()} {
		if strings.Contains(seen.String(), key) {
			t.Errorf("a key is seen: %s", key[:8])
		}
	}
}

// TestRemoveAccountWithWork: an account takes changes that were not sent with
// it only when they were counted first.
func TestRemoveAccountWithWork(t *testing.T) {
	d := copied(t)
	open := d.rows(t, "soporte", "open")
	threads := []string{open[0].Thread, open[1].Thread, d.rows(t, "ventas", "open")[0].Thread}
	d.change(t, threads, `"assignees":["ana@example.com"]`)
	d.write(t, "POST", "/api/threads/"+threads[0]+"/notes", text("she pays by transfer"), http.StatusCreated)
	if a := d.ask(t, "PUT", "/api/threads/"+threads[1]+"/draft", text("half a")); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}

	whole := d.accountWhole(t, "soporte")
	if whole.Account.Name != "soporte" || whole.Waiting.Count != 2 || len(whole.Waiting.Entries) != 2 || whole.Notes != 1 || whole.Drafts != 1 {
		t.Fatalf("%+v", whole)
	}
	for _, e := range whole.Waiting.Entries {
		if e.Account != "soporte" || e.State != "queued" || e.Name == "" {
			t.Errorf("%+v", e)
		}
	}
	for query, want := range map[string]string{"": "409 waiting", "?waiting=0": "409 waiting", "?waiting=1": "409 waiting", "?waiting=-1": "400 waiting", "?waiting=all": "400 waiting"} {
		if got := says(t, d.ask(t, "DELETE", "/api/accounts/soporte"+query, nil)); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	if whole := d.accountWhole(t, "soporte"); whole.Waiting.Count != 2 || whole.Notes != 1 {
		t.Fatalf("after no: %+v", whole)
	}
	if got := says(t, d.ask(t, "DELETE", "/api/accounts/soporte?waiting=2", nil)); got != "204" {
		t.Fatal(got)
	}
	for _, method := range []string{"GET", "DELETE"} {
		if got := says(t, d.ask(t, method, "/api/accounts/soporte", nil)); got != "404 not_found" {
			t.Errorf("%s after it went: %s", method, got)
		}
	}
	if o := d.outbox(t, ""); o.Waiting != 1 || d.accountWhole(t, "ventas").Waiting.Count != 1 {
		t.Errorf("another account's change: %+v", o)
	}
	b, err := os.ReadFile(filepath.Join(d.dir, "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	var kept map[string]string
	if err := json.Unmarshal(b, &kept); err != nil || len(kept) != 1 || kept["soporte"] != "" {
		t.Errorf("its key is still kept: %v, %d keys", err, len(kept))
	}
}

func syncNow(t *testing.T, d *desk) []profile.Synced {
	t.Helper()
	out, err := d.in.Sync(t.Context(), profile.SyncArgs{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// logsOf is all that a profile has logged.
func logsOf(t *testing.T, dir string) string {
	t.Helper()
	paths, _ := filepath.Glob(filepath.Join(dir, "logs", "*"))
	var all strings.Builder
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	if all.Len() == 0 {
		t.Fatal("there is no log to look through")
	}
	return all.String()
}
