package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// desk is one API of a served office, as a client sees it.
type desk struct {
	t    *testing.T
	base string
	key  string
}

// serve starts an office on loopback until the test ends.
func serve(t *testing.T, opts Options) (*Office, desk, desk) {
	t.Helper()
	opts.NoRateLimit = true
	o := New(opts)
	server := httptest.NewServer(o.Handler())
	t.Cleanup(server.Close)
	return o, desk{t, server.URL + WaspyPath, o.WaspyKey()}, desk{t, server.URL + PlaticaPath, o.PlaticaKey()}
}

// call makes one request and wants JSON back.
func (d desk) call(method, path, body string) (int, json.RawMessage, http.Header) {
	d.t.Helper()
	r, err := http.NewRequest(method, d.base+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	if d.key != "" {
		r.Header.Set("Authorization", "Bearer "+d.key)
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	raw, err := io.ReadAll(w.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	if !json.Valid(raw) {
		d.t.Fatalf("%s %s: not JSON: %s", method, path, raw)
	}
	return w.StatusCode, raw, w.Header
}

// get is call that must succeed.
func (d desk) get(path string) json.RawMessage {
	d.t.Helper()
	status, raw, _ := d.call(http.MethodGet, path, "")
	if status != http.StatusOK {
		d.t.Fatalf("GET %s: %d %s", path, status, raw)
	}
	return raw
}

// list reads an array of an object.
func list(raw json.RawMessage, key string) []json.RawMessage {
	var object map[string]json.RawMessage
	var out []json.RawMessage
	if json.Unmarshal(raw, &object) == nil {
		_ = json.Unmarshal(object[key], &out)
	}
	return out
}

// part reads one member of an object as it was written.
func part(raw json.RawMessage, key string) json.RawMessage {
	var object map[string]json.RawMessage
	_ = json.Unmarshal(raw, &object)
	return object[key]
}

func sameRows(t *testing.T, what string, got, want []json.RawMessage) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d rows, want %d", what, len(got), len(want))
	}
	for i := range got {
		if string(got[i]) != string(want[i]) {
			t.Fatalf("%s: row %d:\n%s\nwant\n%s", what, i, got[i], want[i])
		}
	}
}

func TestOutsideTheAPIs(t *testing.T) {
	o := New(Options{Seed: 1, Now: testNow, Conversations: 2})
	server := httptest.NewServer(o.Handler())
	defer server.Close()
	for _, path := range []string{"/", "/waspy", "/waspy/api/v2x/conversations", "/platica/v2/conversations"} {
		w, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = w.Body.Close()
		if w.StatusCode != http.StatusNotFound || !strings.HasPrefix(w.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %s", path, w.StatusCode, w.Header.Get("Content-Type"))
		}
	}
	if o.Requests() != 4 {
		t.Errorf("%d requests counted", o.Requests())
	}
}

// In a bubble no time passes between requests, so the allowance is exact.
func TestRateLimits(t *testing.T) {
	for _, tc := range []struct {
		name, path string
		key        func(*Office) string
		most       int
	}{
		{"waspy", WaspyPath, (*Office).WaspyKey, waspyRate},
		{"platica", PlaticaPath, (*Office).PlaticaKey, platicaRate},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := New(Options{Seed: 1, Now: testNow, Conversations: 3})
				h := o.Handler()
				ask := func(key string) *httptest.ResponseRecorder {
					r := httptest.NewRequest(http.MethodGet, tc.path+"/conversations", nil)
					r.Header.Set("Authorization", "Bearer "+key)
					w := httptest.NewRecorder()
					h.ServeHTTP(w, r)
					return w
				}
				for i := range tc.most {
					if w := ask(tc.key(o)); w.Code != http.StatusOK {
						t.Fatalf("request %d: %d", i, w.Code)
					}
				}
				w := ask(tc.key(o))
				if w.Code != http.StatusTooManyRequests {
					t.Fatalf("one too many: %d", w.Code)
				}
				if tc.name == "waspy" && w.Header().Get("Retry-After") != "1" {
					t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
				}
				if tc.name == "platica" && (w.Header().Get("X-RateLimit-Limit") != "30" || field[float64](w.Body.Bytes(), "code") != 429) {
					t.Errorf("%v %s", w.Header(), w.Body)
				}
				if w = ask("wrong"); w.Code != http.StatusUnauthorized {
					t.Errorf("a wrong key spends nobody's allowance: %d", w.Code)
				}
			})
		})
	}
}

// Readers, writers and a live office at once; the race detector watches.
func TestManyAtOnce(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 4, Now: testNow, Conversations: 120, Live: true})
	ids := o.WaspyConversations()
	sessions := o.PlaticaConversations()
	agent, user := o.WaspyAgents()[0], o.PlaticaUsers("ws_altamira_ar")[0]
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 40 {
				id := field[string](ids[(worker*40+i)%len(ids)], "id")
				sid := field[string](sessions[(worker*40+i)%len(sessions)], "id")
				switch worker {
				case 0:
					waspy.get("/conversations?limit=100")
					platica.get("/conversations?limit=200&sortBy=creationDate")
				case 1:
					waspy.get("/conversations/" + id + "/messages")
					platica.get("/conversations/" + sid)
				case 2:
					waspy.call(http.MethodPatch, "/conversations/"+id, `{"status":"pending","assignedTo":"`+agent+`"}`)
					platica.call(http.MethodPatch, "/conversations/"+sid, `{"status":"finished","owners":["`+user+`"]}`)
				case 3:
					o.step()
					if err := o.Post("waspy", id, "¿Alguien?"); err != nil {
						t.Error(err)
					}
					if err := o.Post("platica", sid, "¿Alguien?"); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	// The lists are still whole and sorted.
	rows := o.waspy.chats.rows
	for i := 1; i < len(rows); i++ {
		if newestFirst(rows[i-1], rows[i]) >= 0 {
			t.Fatalf("chats %d and %d are out of order", i-1, i)
		}
	}
	total := 0
	for _, ws := range o.platica.workspaces {
		total += len(ws.byUpdate.rows)
		for i := 1; i < len(ws.byUpdate.rows); i++ {
			if byUpdate(ws.byUpdate.rows[i-1], ws.byUpdate.rows[i]) >= 0 || byCreated(ws.byCreated.rows[i-1], ws.byCreated.rows[i]) >= 0 {
				t.Fatalf("sessions %d and %d are out of order", i-1, i)
			}
		}
	}
	if len(rows) != len(o.waspy.byID) || total != len(o.platica.byID) {
		t.Errorf("%d of %d chats, %d of %d sessions are listed", len(rows), len(o.waspy.byID), total, len(o.platica.byID))
	}
}

func q(values ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(values); i += 2 {
		v.Add(values[i], values[i+1])
	}
	return "?" + v.Encode()
}
