package syncer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"bandeja/internal/cache"
	"bandeja/internal/export"
	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/platica"
	"bandeja/internal/providers/providertest"
	"bandeja/internal/providers/rest"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/providers/waspy"
	"bandeja/internal/syncer"
)

// platforms are both sides of an office.
var platforms = []inbox.ProviderName{inbox.Waspy, inbox.Platica}

// office is a simulated office over real HTTP, in which a test may meddle.
type office struct {
	*simulator.Office
	server *httptest.Server
	meddle atomic.Pointer[meddler]
}

// meddler comes between a request and the office; true: it has answered.
type meddler func(w http.ResponseWriter, r *http.Request) bool

func openOffice(t testing.TB, o simulator.Options) *office {
	t.Helper()
	if o.Now.IsZero() {
		o.Now = providertest.Noon
	}
	o.NoRateLimit = true
	v := &office{Office: simulator.New(o)}
	v.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if m := v.meddle.Load(); m != nil && (*m)(w, r) {
			return
		}
		v.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(v.server.Close)
	return v
}

// between sets what comes between; nil for nothing.
func (v *office) between(m meddler) {
	if m == nil {
		v.meddle.Store(nil)
		return
	}
	v.meddle.Store(&m)
}

func (v *office) base(p inbox.ProviderName) string {
	if p == inbox.Waspy {
		return v.server.URL + simulator.WaspyPath
	}
	return v.server.URL + simulator.PlaticaPath
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

// isMessages tells a reading of messages from one of the list.
func isMessages(p inbox.ProviderName, r *http.Request) bool {
	if p == inbox.Waspy {
		return strings.HasSuffix(r.URL.Path, "/messages")
	}
	return !strings.HasSuffix(r.URL.Path, "/conversations")
}

func account(p inbox.ProviderName) inbox.Account {
	region := map[inbox.ProviderName]string{inbox.Waspy: "AR", inbox.Platica: "MX"}[p]
	return inbox.Account{Name: "shop", Provider: p, Region: region, Rate: 1e6}
}

// client asks without a pace to speak of. One try: what the transport does
// about a failing provider has tests of its own.
func client(t testing.TB, p inbox.ProviderName, base, key string) providers.Provider {
	t.Helper()
	c, err := newClient(p, base, key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

type closingProvider interface {
	providers.Provider
	io.Closer
}

func newClient(p inbox.ProviderName, base, key string) (closingProvider, error) {
	o := rest.Options{BaseURL: base, Key: rest.NewSecret(key), Rate: 1e6, Burst: 1000, Tries: 1}
	if p == inbox.Waspy {
		return waspy.New(o)
	}
	return platica.New(o)
}

func openCache(t testing.TB, dir string) *cache.Cache {
	t.Helper()
	c, err := cache.OpenCache(t.Context(), filepath.Join(dir, "cache.db"), cache.ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// copier is a Loop of one side of an office over a cache of its own.
type copier struct {
	t testing.TB
	p inbox.ProviderName
	*office
	cache *cache.Cache
	o     syncer.Options
	loop  *syncer.Loop
}

func newCopier(t testing.TB, v *office, p inbox.ProviderName, change func(*syncer.Options)) *copier {
	t.Helper()
	k := &copier{t: t, p: p, office: v, cache: openCache(t, t.TempDir())}
	k.o = syncer.Options{Account: account(p), Provider: client(t, p, v.base(p), v.key(p)), Cache: k.cache}
	if change != nil {
		change(&k.o)
	}
	k.loop = syncer.New(k.o)
	return k
}

// again is what a new start of the program makes of the same cache.
func (k *copier) again() { k.loop = syncer.New(k.o) }

func (k *copier) once() {
	k.t.Helper()
	if err := k.loop.Once(k.t.Context(), false); err != nil {
		k.t.Fatalf("once: %v", err)
	}
}

func (k *copier) state() cache.State {
	k.t.Helper()
	states, err := k.cache.States(k.t.Context())
	if err != nil || len(states) != 1 {
		k.t.Fatalf("states: %v, %v", states, err)
	}
	return states[0]
}

// checkEqual holds the cache, as it is exported, to the office.
func (k *copier) checkEqual() { k.t.Helper(); checkEqual(k.t, k.cache, k.office, k.p) }

func checkEqual(t testing.TB, c *cache.Cache, v *office, p inbox.ProviderName) {
	t.Helper()
	want := map[string]json.RawMessage{}
	for _, raw := range v.conversations(p) {
		want[idOf(t, raw)] = raw
	}
	got := exportConversations(t, c)
	if len(got) != len(want) {
		t.Errorf("%d conversations, the office has %d", len(got), len(want))
	}
	messages := exportMessages(t, c)
	for id, raw := range want {
		row, ok := got[id]
		if !ok {
			t.Errorf("conversation %s is missing", id)
			continue
		}
		if !sameJSON(row.Raw, raw) {
			t.Errorf("conversation %s differs:\n got %s\nwant %s", id, row.Raw, raw)
		}
		checkRow(t, c, p, row)
		wantMessages := v.messages(p, id)
		if row.Messages != int64(len(wantMessages)) || !row.MessagesComplete {
			t.Errorf("conversation %s says %d messages, complete %v; it has %d", id, row.Messages, row.MessagesComplete, len(wantMessages))
		}
		checkMessages(t, id, messages[id], wantMessages)
	}
}

func checkRow(t testing.TB, c *cache.Cache, p inbox.ProviderName, row export.Conversation) {
	t.Helper()
	if row.Status == inbox.Unknown || !slices.Contains(inbox.Statuses, row.Status) || row.Status != inbox.StatusOf(p, row.StatusWord) {
		t.Errorf("conversation %s: status %q of the word %q", row.ID, row.Status, row.StatusWord)
	}
	if !strings.HasPrefix(row.Person, "p_") || row.Assignees == nil || row.Tags == nil || row.Gone {
		t.Errorf("conversation %s: %+v", row.ID, row)
	}
	th, err := c.Thread(t.Context(), row.Thread)
	if err != nil {
		t.Errorf("conversation %s: %v", row.ID, err)
		return
	}
	if th.Person != row.Person || th.Channel != row.Channel || !th.Complete || th.Account != row.Account || th.Unread {
		t.Errorf("conversation %s: %+v does not fit its thread %+v", row.ID, row, th)
	}
}

func checkMessages(t testing.TB, conversation string, got []export.Message, want []json.RawMessage) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("conversation %s: %d messages, the office has %d", conversation, len(got), len(want))
		return
	}
	for i := range got { // the order is the office's, too
		if !sameJSON(got[i].Raw, want[i]) {
			t.Errorf("conversation %s, message %d differs:\n got %s\nwant %s", conversation, i, got[i].Raw, want[i])
		}
	}
}

// exportConversations goes the way of `export conversations`: rows, NDJSON,
// JSON again.
func exportConversations(t testing.TB, c *cache.Cache) map[string]export.Conversation {
	t.Helper()
	out := map[string]export.Conversation{}
	lines := ndjson(t, func(w *export.NDJSON) error {
		return c.EachConversation(t.Context(), cache.Selection{}, func(s cache.StoredConversation) error {
			return w.Write(export.ConversationRow(s, false))
		})
	})
	for _, line := range lines {
		var row export.Conversation
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		if _, twice := out[row.ID]; twice {
			t.Errorf("conversation %s comes twice", row.ID)
		}
		out[row.ID] = row
	}
	return out
}

func exportMessages(t testing.TB, c *cache.Cache) map[string][]export.Message {
	t.Helper()
	out := map[string][]export.Message{}
	lines := ndjson(t, func(w *export.NDJSON) error {
		return c.EachMessage(t.Context(), cache.Selection{}, func(m cache.StoredMessage) error { return w.Write(export.MessageRow(m)) })
	})
	for _, line := range lines {
		var row export.Message
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		out[row.Conversation] = append(out[row.Conversation], row)
	}
	return out
}

func ndjson(t testing.TB, write func(*export.NDJSON) error) [][]byte {
	t.Helper()
	var b bytes.Buffer
	w := export.NewNDJSON(&b)
	if err := write(w); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if b.Len() == 0 {
		return nil
	}
	return bytes.Split(bytes.TrimSuffix(b.Bytes(), []byte("\n")), []byte("\n"))
}

func idOf(t testing.TB, raw json.RawMessage) string {
	t.Helper()
	var v struct{ ID string }
	if err := json.Unmarshal(raw, &v); err != nil || v.ID == "" {
		t.Fatalf("no id in %s: %v", raw, err)
	}
	return v.ID
}

func sameJSON(a, b []byte) bool {
	decode := func(b []byte) (v any, err error) {
		d := json.NewDecoder(bytes.NewReader(b))
		d.UseNumber()
		err = d.Decode(&v)
		return v, err
	}
	va, errA := decode(a)
	vb, errB := decode(b)
	return errA == nil && errB == nil && reflect.DeepEqual(va, vb)
}

// each runs a test for both platforms, side by side.
func each(t *testing.T, test func(t *testing.T, p inbox.ProviderName)) {
	t.Helper()
	for _, p := range platforms {
		t.Run(string(p), func(t *testing.T) {
			t.Parallel()
			test(t, p)
		})
	}
}

// stopAfter ends ctx when the office has been asked n times.
func stopAfter(t *testing.T, v *office, n int64) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	var asked atomic.Int64
	v.between(func(http.ResponseWriter, *http.Request) bool {
		if asked.Add(1) == n {
			cancel()
		}
		return false
	})
	return ctx
}
