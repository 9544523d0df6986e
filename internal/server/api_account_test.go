package server_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"bandeja/internal/providers"
	"bandeja/internal/server"
	"bandeja/internal/syncer"
)

// stateOf is an account in /api/state.
type stateOf struct {
	Name, State string
	Held        bool
	Lookups     int
	Rejected    int
	Calls       struct{ Hour, Day, Retries, Limited int }
	ErrorKind   string     `json:"error_kind"`
	RetryAt     *time.Time `json:"retry_at"`
	Error       *string
}

// TestAccountTruth: what was asked of the platform and when, what is paused,
// and when the next try is.
func TestAccountTruth(t *testing.T) {
	d := fullDesk(t)
	var runs struct {
		Runs []struct {
			StartedAt  time.Time `json:"started_at"`
			FinishedAt time.Time `json:"finished_at"`
			Requests   int
			Changed    int
			Error      *string
		}
	}
	d.get(t, "/api/accounts/ventas/runs?limit=200", &runs)
	requests := 0
	for i, r := range runs.Runs {
		requests += r.Requests
		if r.FinishedAt.Before(r.StartedAt) || r.Error != nil || i > 0 && r.StartedAt.After(runs.Runs[i-1].StartedAt) {
			t.Errorf("run %d: %+v", i, r)
		}
	}
	if len(runs.Runs) == 0 || runs.Runs[len(runs.Runs)-1].Changed == 0 {
		t.Fatalf("%+v", runs)
	}
	var s struct {
		Accounts []stateOf
	}
	d.get(t, "/api/state", &s)
	v := s.Accounts[slices.IndexFunc(s.Accounts, func(a stateOf) bool { return a.Name == "ventas" })]
	if v.Calls.Day < requests || v.Calls.Hour == 0 || v.Calls.Limited != 0 || v.Held || v.ErrorKind != "" || v.RetryAt != nil || v.State != "up_to_date" {
		t.Errorf("%d requests in the runs: %+v", requests, v)
	}

	at := time.Date(2026, 5, 4, 15, 0, 0, 0, time.UTC)
	b := newSession(t, func(o *server.Options) {
		o.Office.Statuses = func() map[string]syncer.Status {
			return map[string]syncer.Status{"ventas": {State: syncer.Offline, RetryAt: at, Err: &providers.Error{Kind: providers.ErrUnreachable, Op: "list"}}}
		}
	})
	b.get(t, "/api/state", &s)
	v = s.Accounts[1]
	if v.Name != "ventas" || v.RetryAt == nil || !v.RetryAt.Equal(at) || v.ErrorKind != "unreachable" || v.Error == nil {
		t.Errorf("%+v", v)
	}
	for path, want := range map[string]int{"/api/accounts/nobody/pause": 404, "/api/accounts/nobody/resume": 404} {
		if a := b.ask(t, http.MethodPost, path, nil); a.status != want {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if a := b.ask(t, http.MethodGet, "/api/accounts/ventas/runs?limit=0", nil); a.status != http.StatusBadRequest {
		t.Errorf("no runs at all: %d", a.status)
	}
}
