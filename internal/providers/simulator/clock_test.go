package simulator

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// recorded asks without a connection.
func recorded(o *Office) func(method, path, key string) *httptest.ResponseRecorder {
	h := o.Handler()
	return func(method, path, key string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		r.Header.Set("Authorization", "Bearer "+key)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
}

func TestClockIsSteered(t *testing.T) {
	var ahead atomic.Int64
	clock := func() time.Time { return testNow.Add(time.Duration(ahead.Load())) }
	o := New(Options{Seed: 1, Conversations: 5, Clock: clock, History: true})
	ask := recorded(o)
	date := func() time.Time {
		w := ask("GET", WaspyPath+"/conversations", o.WaspyKey())
		at, err := http.ParseTime(w.Header().Get("Date"))
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	if got := date(); !got.Equal(testNow) || !o.Clock().Equal(testNow) {
		t.Errorf("Date %v, clock %v", got, o.Clock())
	}
	ahead.Store(int64(400 * 24 * time.Hour))
	if got := date(); !got.Equal(testNow.AddDate(0, 0, 400)) {
		t.Errorf("Date %v", got)
	}
	o.SetSkew(-time.Hour)
	if got := date(); !got.Equal(testNow.AddDate(0, 0, 400).Add(-time.Hour)) {
		t.Errorf("Date %v", got)
	}
	h := o.History()
	if r := h.Requests[2]; !r.At.Equal(testNow.AddDate(0, 0, 400).Add(-time.Hour)) {
		t.Errorf("%+v", r)
	}
	// The time of an event is the office's, and never before an earlier one's.
	id := field[string](o.WaspyConversations()[0], "id")
	said := func() time.Time {
		if err := o.Post("waspy", id, "hola"); err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(millisecondsUTC, field[string](o.Conversation("waspy", id), "lastMessageAt"))
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	first := said()
	ahead.Store(0)
	if second := said(); !first.Equal(o.Clock().AddDate(0, 0, 400)) || !second.Equal(first.Add(time.Millisecond)) {
		t.Errorf("said at %v, then at %v", first, second)
	}
}

// The allowance of a key goes by the office's clock.
func TestRateLimitGoesByTheClock(t *testing.T) {
	var ahead atomic.Int64
	o := New(Options{Seed: 1, Conversations: 1, Clock: func() time.Time { return testNow.Add(time.Duration(ahead.Load())) }})
	ask := recorded(o)
	refused := 0
	for range waspyRate + 3 {
		if ask("GET", WaspyPath+"/conversations", o.WaspyKey()).Code == http.StatusTooManyRequests {
			refused++
		}
	}
	ahead.Store(int64(time.Second))
	if refused != 3 || ask("GET", WaspyPath+"/conversations", o.WaspyKey()).Code != http.StatusOK {
		t.Errorf("%d refused", refused)
	}
}

func TestRekey(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 1, Now: testNow, Conversations: 2})
	for provider, d := range map[string]desk{"waspy": waspy, "platica": platica} {
		key, err := o.Rekey(provider)
		if err != nil || key == d.key {
			t.Fatal(key, err)
		}
		if d.status("GET", "/conversations", "") != 401 || (desk{t, d.base, key}).status("GET", "/conversations", "") != 200 {
			t.Errorf("%s: the new key is not the one that is taken", provider)
		}
	}
	if _, err := o.Rekey("x"); err == nil {
		t.Error("a key of nobody")
	}
}
