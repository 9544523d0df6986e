package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/profile"
	"bandeja/internal/providers/providertest"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/search"
	"bandeja/internal/server"
	"bandeja/internal/syncer"
)

// desk is a running inbox over a simulated office, and a browser that came to
// it by a link.
type desk struct {
	office *simulator.Office
	base   string // of the simulated platforms
	in     *profile.Inbox
	dir    string
	browser
}

// browser asks one origin, with the cookie it was given.
type browser struct {
	origin string
	cookie *http.Cookie
}

var interfaceFiles = fstest.MapFS{
	"index.html":        {Data: []byte("<!doctype html><title>Bandeja</title>")},
	"assets/app-1a.js":  {Data: []byte("export {}")},
	"assets/app-1a.css": {Data: []byte("body{}")},
	"assets/.hidden":    {Data: []byte("no")},
	".keep":             {Data: []byte("no")},
}

// full is one desk with everything copied, for the tests that only read.
var full = sync.OnceValue(func() *desk {
	dir, err := os.MkdirTemp("", "bandeja-server-")
	if err != nil {
		panic(err)
	}
	d, err := open(dir)
	if err == nil {
		_, err = d.in.Sync(context.Background(), profile.SyncArgs{}, nil)
	}
	if err != nil {
		panic(err)
	}
	closeFull = func() { _ = d.in.Close(); _ = os.RemoveAll(dir) }
	return d
})

var closeFull = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	closeFull()
	os.Exit(code)
}

// fullDesk is the desk that tests share, with its index of people ready.
func fullDesk(t *testing.T) *desk {
	t.Helper()
	d := full()
	d.waitForPeople(t)
	return d
}

// newDesk is a desk of the test's own, with two accounts and nothing copied.
func newDesk(t *testing.T) *desk {
	t.Helper()
	d, err := open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.in.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func open(dir string) (*desk, error) {
	ctx := context.Background()
	office := simulator.New(simulator.Options{Seed: 7, Conversations: 60, Messages: 900, NoRateLimit: true, Now: providertest.Noon})
	platforms := httptest.NewServer(office.Handler()) // it ends with the program
	d := &desk{office: office, base: platforms.URL, dir: dir}
	in, err := profile.Open(ctx, profile.Options{Dir: dir, Mode: "serve", Language: "en", Version: "1.2.3", Assets: interfaceFiles, KeyStore: profile.File})
	if err != nil {
		return nil, err
	}
	d.in = in
	for _, a := range []profile.AddAccount{
		{Provider: inbox.Waspy, Name: "ventas", BaseURL: d.base + simulator.WaspyPath, Key: office.WaspyKey(), Region: "AR", Area: "11", Rate: 1000},
		{Provider: inbox.Platica, Name: "soporte", BaseURL: d.base + simulator.PlaticaPath, Key: office.PlaticaKey(), Region: "MX", Rate: 1000},
	} {
		if _, err := in.Add(ctx, a); err != nil {
			return nil, err
		}
	}
	if d.origin, err = in.Listen(ctx, "127.0.0.1:0"); err != nil {
		return nil, err
	}
	if err := in.Start(false); err != nil {
		return nil, err
	}
	_, code, _ := strings.Cut(in.Link(), "#k=")
	return d, d.login(code)
}

// waitForPeople returns when the index of people is loaded.
func (d *desk) waitForPeople(t *testing.T) {
	t.Helper()
	for {
		var s struct {
			Ready bool `json:"people_ready"`
		}
		d.get(t, "/api/state", &s)
		if s.Ready {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// login swaps a launch code for a cookie, as the page does.
func (b *browser) login(code string) error {
	body, err := json.Marshal(map[string]string{"code": code})
	if err != nil {
		return err
	}
	res, err := http.Post(b.origin+"/api/session", "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	res.Body.Close()
	for _, c := range res.Cookies() {
		b.cookie = c
	}
	return nil
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// code is that of an error's answer, with its message.
func (a answer) code(t *testing.T) (code, message string) {
	t.Helper()
	var e struct {
		Error struct{ Code, Message string }
	}
	if err := json.Unmarshal(a.body, &e); err != nil {
		t.Fatalf("not an error of ours: %q", a.body)
	}
	return e.Error.Code, e.Error.Message
}

// ask makes a request with the cookie; a body that is no reader is sent as
// JSON. change has the last word on the request.
func (b browser) ask(t *testing.T, method, path string, body any, change ...func(*http.Request)) answer {
	t.Helper()
	var r io.Reader
	kind := ""
	switch v := body.(type) {
	case nil:
	case io.Reader:
		r = v
	default:
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		r, kind = bytes.NewReader(data), "application/json"
	}
	req, err := http.NewRequestWithContext(t.Context(), method, b.origin+path, r)
	if err != nil {
		t.Fatal(err)
	}
	if b.cookie != nil {
		req.AddCookie(b.cookie)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for _, c := range change {
		c(req)
	}
	res, err := http.DefaultTransport.RoundTrip(req) // no redirects
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, data}
}

// get reads JSON, and wants 200.
func (b browser) get(t *testing.T, path string, into any) {
	t.Helper()
	a := b.ask(t, http.MethodGet, path, nil)
	if a.status != http.StatusOK {
		t.Fatalf("GET %s: %d %s", path, a.status, a.body)
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		t.Fatalf("GET %s: %v in %s", path, err, a.body)
	}
}

func with(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// bench is a server over the shared desk's files whose surroundings the test
// makes, and a browser that has not logged in.
type bench struct {
	*server.Server
	browser
}

func newBench(t *testing.T, change func(*server.Options)) *bench {
	t.Helper()
	in := full().in
	o := server.Options{
		Cache: in.Cache(), Local: in.Local(), Search: search.New(in.Cache(), in.Local()), Assets: interfaceFiles, Version: "1.2.3", ProfileID: "p1",
		Secret: "the owner's secret", Language: "en", Log: slog.New(slog.DiscardHandler),
		Office: server.Office{
			AddAccount:    func(context.Context, server.NewAccount) (server.Added, error) { return server.Added{}, nil },
			RemoveAccount: func(context.Context, string) error { return nil },
			Sync:          func(string) {},
			Statuses:      func() map[string]syncer.Status { return nil },
			Opened:        func(string) {},
			Do: func(context.Context, string, json.RawMessage, func(any)) (any, error) {
				return nil, nil
			},
			KindOf: profile.KindOf,
		},
	}
	if change != nil {
		change(&o)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := server.New(o)
	h := &http.Server{Handler: s.Guard(l.Addr().String())}
	done := make(chan struct{})
	go func() { defer close(done); _ = h.Serve(l) }()
	t.Cleanup(func() { s.Close(); _ = h.Close(); <-done })
	return &bench{s, browser{origin: "http://" + l.Addr().String()}}
}

// newSession is a bench whose browser has logged in.
func newSession(t *testing.T, change func(*server.Options)) *bench {
	t.Helper()
	b := newBench(t, change)
	if err := b.login(b.Code()); err != nil || b.cookie == nil {
		t.Fatalf("no session: %v", err)
	}
	return b
}
