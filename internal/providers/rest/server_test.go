package rest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bandeja/internal/providers/providertest"
	"bandeja/internal/providers/rest"
)

// Invented, and looked for in every error and print.
const (
	testKey   = "wspy_secreto_9f31c7"
	testPhone = "+5491155550143"
	testText  = "Hola, ¿tienen stock?"
)

// seen is when a request came, counted from the start of the test.
type seen struct {
	method, uri, auth string
	at                time.Duration
	body              string
}

// office is a server of the test's own making that notes what it is asked.
type office struct {
	mu    sync.Mutex
	start time.Time
	log   []seen
	serve func(n int, w http.ResponseWriter, r *http.Request)
}

func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	o.mu.Lock()
	n := len(o.log)
	o.log = append(o.log, seen{r.Method, r.RequestURI, r.Header.Get("Authorization"), time.Since(o.start), string(body)})
	o.mu.Unlock()
	o.serve(n, w, r)
}

func (o *office) requests() []seen {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]seen(nil), o.log...)
}

// times are when the requests came.
func (o *office) times() []time.Duration {
	var out []time.Duration
	for _, s := range o.requests() {
		out = append(out, s.at)
	}
	return out
}

// bubble runs a test in fake time against a server in memory.
func bubble(t *testing.T, serve func(n int, w http.ResponseWriter, r *http.Request), change func(*rest.Options), test func(t *testing.T, c *rest.Client, o *office)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		pipe := providertest.NewPipe()
		o := &office{start: time.Now(), serve: serve}
		server := &http.Server{Handler: o}
		go func() { _ = server.Serve(pipe) }()
		defer func() {
			_ = server.Close()
			synctest.Wait()
		}()
		opts := options("http://127.0.0.1/base/v9")
		opts.DialContext = pipe.DialContext
		opts.Rand = func() float64 { return 0.5 }
		if change != nil {
			change(&opts)
		}
		c, err := rest.New(opts)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		test(t, c, o)
	})
}

func options(base string) rest.Options {
	return rest.Options{BaseURL: base, Key: rest.NewSecret(testKey), Rate: 1000, Burst: 100}
}

// socket runs a server on a real socket under a base path.
func socket(t *testing.T, serve func(n int, w http.ResponseWriter, r *http.Request)) (*rest.Client, *office) {
	t.Helper()
	o := &office{start: time.Now(), serve: serve}
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	c, err := rest.New(options(server.URL + "/base/v9/"))
	if err != nil {
		t.Fatal(err)
	}
	return c, o
}

func things(phone string) rest.Call {
	return rest.Call{Op: "read things", Path: []string{"things", phone}}
}

func status(code int, body string) func(int, http.ResponseWriter, *http.Request) {
	return func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

func get(t *testing.T, c *rest.Client) (rest.Reply, error) {
	t.Helper()
	return c.Get(t.Context(), things("1"))
}

// elapsed runs f and says how long it took, in fake time exactly.
func elapsed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func withTimeout(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
