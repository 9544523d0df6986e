package cache

import (
	"reflect"
	"testing"
	"time"
)

// TestRunsFold: runs in a row that changed nothing and met the same trouble,
// or none, are one; the newest still stands for itself in the state.
func TestRunsFold(t *testing.T) {
	c := newCache(t)
	save := func(minute int, changed int64, kind string) {
		t.Helper()
		r := Run{StartedAt: minutes(minute), FinishedAt: minutes(minute).Add(time.Second), Requests: 2, Retries: 1, Changed: changed, ErrorKind: kind}
		if kind != "" {
			r.Error = kind + " at " + minutes(minute).Format(time.TimeOnly)
		}
		if err := c.SaveRun(t.Context(), waspyAccount.Name, r); err != nil {
			t.Fatal(err)
		}
	}
	save(0, 9, "")
	for n := 1; n <= 500; n++ {
		save(n, 0, "")
	}
	save(501, 0, "unreachable")
	save(502, 0, "unreachable")
	save(503, 0, "refused")
	save(504, 1, "")
	save(505, 1, "")
	save(506, 0, "")
	save(507, 0, "")
	runs, err := c.Runs(t.Context(), waspyAccount.Name, 50)
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		from, to          int
		requests, changed int64
		kind              string
	}
	var got []row
	for _, r := range runs {
		got = append(got, row{int(r.StartedAt.Sub(noon).Minutes()), int(r.FinishedAt.Sub(noon).Minutes()), r.Requests, r.Changed, r.ErrorKind})
	}
	want := []row{{506, 507, 4, 0, ""}, {505, 505, 2, 1, ""}, {504, 504, 2, 1, ""}, {503, 503, 2, 0, "refused"},
		{501, 502, 4, 0, "unreachable"}, {1, 500, 1000, 0, ""}, {0, 0, 2, 9, ""}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if n := number(t, c.s, `SELECT count(*) FROM runs`); n != int64(len(want))+1 {
		t.Errorf("%d rows", n)
	}
	if s, err := c.State(t.Context(), waspyAccount.Name); err != nil || s.Run.Requests != 2 || !s.Run.StartedAt.Equal(minutes(507)) {
		t.Errorf("the last run is %+v, %v", s.Run, err)
	}
	if runs, err = c.Runs(t.Context(), waspyAccount.Name, 2); err != nil || len(runs) != 2 {
		t.Errorf("%d runs of 2, %v", len(runs), err)
	}
}

// TestCallsUsed: the last hour in proportion, the last day by whole hours, and
// nothing of before.
func TestCallsUsed(t *testing.T) {
	c := newCache(t)
	add := func(ago time.Duration, n int64) {
		t.Helper()
		if err := c.AddCalls(t.Context(), waspyAccount.Name, minutes(15).Add(-ago), Calls{n, 1, 2}); err != nil {
			t.Fatal(err)
		}
	}
	add(0, 10)
	add(time.Minute, 5)
	add(time.Hour, 40)
	add(23*time.Hour, 100)
	add(24*time.Hour, 1000)
	add(40*24*time.Hour, 1000)
	if err := c.AddCalls(t.Context(), waspyAccount.Name, minutes(15), Calls{}); err != nil {
		t.Fatal(err)
	}
	hour, day, err := c.CallsUsed(t.Context(), waspyAccount.Name, minutes(15))
	if err != nil || hour != (Calls{15 + 30, 2, 4 + 1}) || day != (Calls{155, 4, 8}) {
		t.Errorf("hour %+v, day %+v, %v", hour, day, err)
	}
	add(0, 1)
	if n := number(t, c.s, `SELECT count(*) FROM calls`); n != 4 {
		t.Errorf("%d hours kept", n)
	}
}
