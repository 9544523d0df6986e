package shape_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/profile"
	"bandeja/internal/providers/providertest"
	"bandeja/internal/providers/simulator"
)

// hub is a running inbox over a simulated office, whose copy is whole.
type hub struct {
	office *simulator.Office
	base   string // of the simulated platforms
	in     *profile.Inbox
	origin string
	cut    *atomic.Bool // the network between the two
	refuse *atomic.Bool // the platform takes no change
}

type hubOptions struct {
	conversations, messages int
	seed                    uint64
	live                    bool    // loops run
	rate                    float64 // of a token, 0 for more than anybody asks
}

func newHub(t testing.TB, o hubOptions) *hub {
	t.Helper()
	office := simulator.New(simulator.Options{Seed: o.seed, Conversations: o.conversations, Messages: o.messages, NoRateLimit: true, Now: providertest.Noon})
	h := &hub{office: office, in: openProfileAt(t, t.TempDir(), cmp.Or(o.rate, 1e6)), cut: &atomic.Bool{}, refuse: &atomic.Bool{}}
	handler := office.Handler()
	platforms := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.cut.Load() {
			panic(http.ErrAbortHandler)
		}
		if h.refuse.Load() && r.Method == http.MethodPatch {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = w.Write([]byte(`{"code":422,"error":{"code":"NO","message":"no"}}`))
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(platforms.Close)
	h.base = platforms.URL
	h.add(t, inbox.Waspy, "ventas", h.base+simulator.WaspyPath, office.WaspyKey())
	h.add(t, inbox.Platica, "soporte", h.base+simulator.PlaticaPath, office.PlaticaKey())
	h.serve(t, "127.0.0.1:0", o.live)
	h.sync(t)
	return h
}

func openProfile(t testing.TB, dir string) *profile.Inbox { return openProfileAt(t, dir, 1e6) }

func openProfileAt(t testing.TB, dir string, rate float64) *profile.Inbox {
	t.Helper()
	in, err := profile.Open(context.Background(), profile.Options{Dir: dir, Mode: "serve", Language: "en", Version: "1.2.3", KeyStore: profile.File, TokenRate: rate})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	})
	return in
}

func (h *hub) add(t testing.TB, p inbox.ProviderName, name, base, key string) {
	t.Helper()
	region := map[inbox.ProviderName]string{inbox.Waspy: "AR", inbox.Platica: "MX"}[p]
	if _, err := h.in.Add(context.Background(), profile.AddAccount{Provider: p, Name: name, BaseURL: base, Key: key, Region: region, Rate: 10000}); err != nil {
		t.Fatal(err)
	}
}

func (h *hub) serve(t testing.TB, address string, live bool) {
	t.Helper()
	var err error
	if h.origin, err = h.in.Listen(context.Background(), address); err != nil {
		t.Fatal(err)
	}
	if err := h.in.Start(live); err != nil {
		t.Fatal(err)
	}
}

func (h *hub) sync(t testing.TB) {
	t.Helper()
	if _, err := h.in.Sync(context.Background(), profile.SyncArgs{}, nil); err != nil {
		t.Fatal(err)
	}
}

// token makes one, and gives a caller who has it.
func (h *hub) token(t testing.TB, name string, scopes []string, accounts ...string) asker {
	t.Helper()
	made, err := h.in.CreateToken(context.Background(), profile.NewToken{Name: name, Scopes: scopes, Accounts: accounts})
	if err != nil {
		t.Fatal(err)
	}
	return asker{origin: h.origin, token: made.Token}
}

var both = []string{cache.ScopeRead, cache.ScopeWrite}

// asker asks one origin with one token.
type asker struct{ origin, token string }

type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a asker) ask(t testing.TB, method, path string, body string, change ...func(*http.Request)) answer {
	t.Helper()
	var r io.Reader
	if body != "" {
		r = bytes.NewReader([]byte(body))
	}
	req, err := http.NewRequestWithContext(context.Background(), method, a.origin+path, r)
	if err != nil {
		t.Fatal(err)
	}
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	for _, c := range change {
		c(req)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
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
func (a asker) get(t testing.TB, path string, into any) answer {
	t.Helper()
	got := a.ask(t, http.MethodGet, path, "")
	if got.status != http.StatusOK {
		t.Fatalf("GET %s: %d %s", path, got.status, got.body)
	}
	if err := json.Unmarshal(got.body, into); err != nil {
		t.Fatalf("GET %s: %v in %s", path, err, got.body)
	}
	return got
}
