package trial

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"bandeja/internal/inbox"
	"bandeja/internal/profile"
	"bandeja/internal/providers/providertest"
	"bandeja/internal/providers/simulator"
)

// platforms are both sides of an office.
var platforms = []inbox.ProviderName{inbox.Waspy, inbox.Platica}

// office is a simulated office over real HTTP, in which a test may meddle.
type office struct {
	*simulator.Office
	server *httptest.Server
	meddle atomic.Pointer[meddler]
	asked  map[inbox.ProviderName]*atomic.Int64
}

// meddler comes between a request and the office; true: it has answered.
type meddler func(w http.ResponseWriter, r *http.Request) bool

func openOffice(t testing.TB, o simulator.Options) *office {
	t.Helper()
	if o.Now.IsZero() {
		o.Now = providertest.Noon
	}
	o.NoRateLimit = true
	v := &office{Office: simulator.New(o), asked: map[inbox.ProviderName]*atomic.Int64{inbox.Waspy: {}, inbox.Platica: {}}}
	v.server = httptest.NewServer(http.HandlerFunc(v.serve))
	t.Cleanup(v.server.Close)
	return v
}

func (v *office) serve(w http.ResponseWriter, r *http.Request) {
	v.asked[sideOf(r)].Add(1)
	if m := v.meddle.Load(); m != nil && (*m)(w, r) {
		return
	}
	v.Handler().ServeHTTP(w, r)
}

// between sets what comes between; nil for nothing.
func (v *office) between(m meddler) {
	if m == nil {
		v.meddle.Store(nil)
		return
	}
	v.meddle.Store(&m)
}

func sideOf(r *http.Request) inbox.ProviderName {
	if strings.HasPrefix(r.URL.Path, simulator.PlaticaPath) {
		return inbox.Platica
	}
	return inbox.Waspy
}

// isList tells a page of the list from everything else.
func isList(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/conversations") }

// requests is how often a side was asked.
func (v *office) requests(p inbox.ProviderName) int64 { return v.asked[p].Load() }

func (v *office) address(p inbox.ProviderName) string {
	return v.server.URL + map[inbox.ProviderName]string{inbox.Waspy: simulator.WaspyPath, inbox.Platica: simulator.PlaticaPath}[p]
}

func (v *office) key(p inbox.ProviderName) string {
	if p == inbox.Waspy {
		return v.WaspyKey()
	}
	return v.PlaticaKey()
}

func (v *office) conversations(p inbox.ProviderName) []json.RawMessage {
	if p == inbox.Waspy {
		return v.WaspyConversations()
	}
	return v.PlaticaConversations()
}

func (v *office) messages(p inbox.ProviderName, id string) []json.RawMessage {
	if p == inbox.Waspy {
		return v.WaspyMessages(id)
	}
	return v.PlaticaMessages(id)
}

// account is a side of the office as somebody would add it, at a pace that is
// none.
func (v *office) account(p inbox.ProviderName) profile.AddAccount {
	return profile.AddAccount{Provider: p, Name: string(p), BaseURL: v.address(p), Key: v.key(p), Rate: 1e6, KeyStore: profile.File, NoCheck: true}
}
