package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"bandeja/internal/profile"
	"bandeja/internal/server"
)

// TestOwnerWantsItsSecret: neither a session nor a guess commands the owner.
func TestOwnerWantsItsSecret(t *testing.T) {
	done := 0
	b := newSession(t, func(o *server.Options) {
		o.Office.Do = func(context.Context, string, json.RawMessage, func(any)) (any, error) { done++; return nil, nil }
	})
	for _, proof := range []string{"", "Bearer ", "Bearer wrong", "Basic the owner's secret", "the owner's secret", "Bearer the owner's secret "} {
		got := b.ask(t, "POST", "/owner/raise", strings.NewReader("{}"), func(r *http.Request) {
			if proof != "" {
				r.Header["Authorization"] = []string{proof}
			}
		})
		want := http.StatusUnauthorized
		if strings.TrimSpace(proof) == "Bearer the owner's secret" {
			want = http.StatusOK // net/http trims the space
		}
		if got.status != want {
			t.Errorf("%q: %d %s", proof, got.status, got.body)
		}
	}
	if done != 1 {
		t.Errorf("%d commands were done", done)
	}
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		if got := b.ask(t, method, "/owner/raise", nil, with("Authorization", "Bearer the owner's secret")); got.status != 404 && got.status != 405 {
			t.Errorf("%s: %d", method, got.status)
		}
	}
	if done != 1 {
		t.Errorf("%d commands were done", done)
	}
}

// TestOwnerAnswersLineByLine: that it has heard, at once; then progress; then a
// result, or an error with its kind.
func TestOwnerAnswersLineByLine(t *testing.T) {
	heard, goOn := make(chan string, 2), make(chan struct{})
	b := newBench(t, func(o *server.Options) {
		o.Office.Do = func(_ context.Context, command string, args json.RawMessage, progress func(any)) (any, error) {
			heard <- command + " " + string(args)
			<-goOn
			if command == "fail" {
				return nil, fmt.Errorf("ventas: %w", profile.ErrNoAccount)
			}
			progress(map[string]int{"seen": 1})
			progress(map[string]int{"seen": 2})
			return map[string]string{"link": "x"}, nil
		}
	})
	command := func(name, body string) (*http.Response, error) {
		req, err := http.NewRequestWithContext(t.Context(), "POST", b.origin+"/owner/"+name, strings.NewReader(body))
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer the owner's secret")
		return http.DefaultTransport.RoundTrip(req)
	}
	res, err := command("sync", `{"names":[]}`) // returns while the command still works
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "application/x-ndjson" {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
	if got := <-heard; got != `sync {"names":[]}` {
		t.Errorf("it heard %s", got)
	}
	close(goOn)
	lines := bufio.NewScanner(res.Body)
	for _, want := range []string{`{"progress":{"seen":1}}`, `{"progress":{"seen":2}}`, `{"result":{"link":"x"}}`} {
		if !lines.Scan() || lines.Text() != want {
			t.Errorf("got %s, want %s", lines.Text(), want)
		}
	}
	if lines.Scan() {
		t.Errorf("then %s", lines.Text())
	}
	res, err = command("fail", "{}")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines = bufio.NewScanner(res.Body)
	if !lines.Scan() || lines.Text() != `{"error":{"kind":"no_account","message":"ventas: no such account"}}` {
		t.Errorf("a failure is %s", lines.Text())
	}
	if res, err := command("sync", strings.Repeat("x", 1<<20+1)); err != nil {
		t.Logf("it hung up on a large body: %v", err)
	} else if res.Body.Close(); res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body: %d", res.StatusCode)
	}
}
