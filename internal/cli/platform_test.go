//go:build unix

package cli_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"bandeja/internal/providers/providertest"
	"bandeja/internal/providers/simulator"
)

// office starts a simulated office in this process and tells the script where
// it is: WASPY, PLATICA, WASPY_KEY, PLATICA_KEY; the keys are in waspy.key and
// platica.key too. `office 12 60` has twelve
// conversations and sixty messages at each platform.
func office(ts *testscript.TestScript, neg bool, args []string) {
	o := simulator.Options{Seed: 7, Conversations: 12, Messages: 60, NoRateLimit: true, Now: providertest.Noon}
	for i, into := range []*int{&o.Conversations, &o.Messages} {
		if i < len(args) {
			*into = number(ts, args[i])
		}
	}
	sim := simulator.New(o)
	ts.Value(simulated{}).(*simulated).Office = sim
	way := &line{office: sim.Handler(), hanging: ts.Value(silence{}).(chan struct{})}
	srv := httptest.NewServer(way)
	ts.Defer(srv.Close)
	ts.Defer(way.end)
	ts.Value(lineOf{}).(map[string]*line)[""] = way
	ts.Setenv("WASPY", srv.URL+simulator.WaspyPath)
	ts.Setenv("PLATICA", srv.URL+simulator.PlaticaPath)
	ts.Setenv("WASPY_KEY", sim.WaspyKey())
	ts.Setenv("PLATICA_KEY", sim.PlaticaKey())
	ts.Check(os.WriteFile(ts.MkAbs("waspy.key"), []byte(sim.WaspyKey()+"\n"), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("platica.key"), []byte(sim.PlaticaKey()+"\n"), 0o600))
}

// platform starts a server that is none of the platforms, or one in trouble,
// and tells the script where it is: BASE.
func platform(ts *testscript.TestScript, neg bool, args []string) {
	answers := map[string]http.HandlerFunc{
		"html": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<!doctype html><h1>Welcome to the hotel's network</h1>")
		},
		"missing": http.NotFound,
		"garbage": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{\"data\":[{\x00") },
		"other":   func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"hello":"world"}`) },
		"forbidden": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"error":{"code":"FORBIDDEN","message":"scope"},"meta":{"requestId":"req_1"}}`)
		},
		"silent": func(_ http.ResponseWriter, r *http.Request) {
			ts.Value(silence{}).(chan struct{}) <- struct{}{}
			<-r.Context().Done()
		},
	}
	answer := answers[one(ts, args)]
	if answer == nil {
		ts.Fatalf("no platform %q", args[0])
	}
	srv := httptest.NewServer(answer)
	ts.Defer(srv.Close)
	ts.Setenv("BASE", srv.URL+"/waspy/api/v2")
}

// silence is where a script hears that a silent platform was asked.
type silence struct{}

// customer is one of a desk's: who they are and what they wrote.
type customer struct {
	Name  string `json:"name"`
	Phone string `json:"phone"`
	Text  string `json:"text"`
}

// desk starts a Waspy whose customers a file of the script lists, in the order
// of the list: `desk customers.json`. Their chats are c0, c1, …; it takes any
// key. BASE is where it is.
func desk(ts *testscript.TestScript, neg bool, args []string) {
	var customers []customer
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(one(ts, args))), &customers))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var data []any
		_, chat, one := strings.Cut(r.URL.Path, "/conversations/")
		for i, c := range customers {
			id := "c" + strconv.Itoa(i)
			at := time.Date(2026, 5, 4, 15, 0, -i, 0, time.UTC).Format("2006-01-02T15:04:05.000Z")
			switch {
			case chat == id+"/messages":
				data = append(data, map[string]any{"id": "m" + strconv.Itoa(i), "conversationId": id, "direction": "inbound", "type": "text",
					"content": map[string]any{"body": c.Text}, "status": "received", "createdAt": at})
			case !one || chat == id:
				data = append(data, map[string]any{"id": id, "contactId": "k" + strconv.Itoa(i), "phoneNumberId": "line-1", "status": "open", "assignedTo": nil,
					"contact":   map[string]any{"id": "k" + strconv.Itoa(i), "name": c.Name, "phoneNumber": c.Phone},
					"createdAt": at, "lastMessageAt": at, "lastMessagePreview": c.Text, "lastMessageDirection": "inbound", "lastMessageStatus": "received"})
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": data, "meta": map[string]any{"requestId": "r", "cursor": nil, "hasMore": false}})
	}))
	ts.Defer(srv.Close)
	ts.Setenv("BASE", srv.URL+"/waspy/api/v2")
}
