package server_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

type insightsReport struct {
	From, To string
	Days     []struct {
		Day           string
		Conversations struct{ In, Out, Unknown int }
		Messages      struct{ In, Out, Unknown int }
		Resolved      *int
	}
	Responses []struct {
		Account  string
		Answered int
		MedianMS *int64 `json:"median_ms"`
	}
	Channels []struct {
		Account  string
		Messages struct{ In, Out, Unknown int }
	}
	Coverage struct {
		Accounts []struct {
			Account, Zone string
			Oldest        *time.Time
		}
		UnknownDirection int `json:"unknown_direction"`
		Untimed          int
	}
}

func (d *desk) insights(t *testing.T, query string) insightsReport {
	t.Helper()
	for {
		var v struct {
			Ready       bool
			Done, Total int
			Report      *insightsReport
		}
		d.get(t, "/api/insights?"+query, &v)
		if v.Ready != (v.Report != nil) || v.Ready != (v.Done == v.Total) {
			t.Fatalf("%+v", v)
		}
		if v.Ready {
			return *v.Report
		}
	}
}

// TestInsights: a period of an account or of all, within the days that are
// asked for, and every message of the copy in all that is here.
func TestInsights(t *testing.T) {
	d := fullDesk(t)
	var state struct {
		Accounts []struct {
			Name     string
			Messages int
		}
	}
	d.get(t, "/api/state", &state)
	all := 0
	for _, a := range state.Accounts {
		of := d.insights(t, "from=oldest&account="+a.Name)
		if got := messagesIn(of); got > a.Messages || got == 0 || len(of.Coverage.Accounts) != 1 || of.Coverage.Accounts[0].Oldest == nil {
			t.Errorf("%s: %d of %d messages; %+v", a.Name, got, a.Messages, of.Coverage)
		}
		all += messagesIn(of)
	}
	both := d.insights(t, "from=oldest")
	if got := messagesIn(both); got != all {
		t.Errorf("%d messages in all, %d by account", got, all)
	}
	channels := 0
	for _, c := range both.Channels {
		channels += c.Messages.In + c.Messages.Out + c.Messages.Unknown
	}
	if channels != all {
		t.Errorf("%d messages by channel of %d", channels, all)
	}
	if both.Responses[0].Account != "" || both.Responses[0].Answered == 0 || both.Responses[0].MedianMS == nil {
		t.Errorf("%+v", both.Responses)
	}
	if usual := d.insights(t, ""); len(usual.Days) != 28 || usual.Days[27].Resolved == nil {
		t.Errorf("without a period: %d days, %+v", len(usual.Days), usual.Days[len(usual.Days)-1])
	}
	if three := d.insights(t, "from=2024-02-28&to=2024-03-01"); len(three.Days) != 3 || three.Days[1].Day != "2024-02-29" {
		t.Errorf("%+v", three.Days)
	}
	for query, code := range map[string]string{
		"from=2026-02-30": "from", "from=soon": "from", "to=2026-1-1": "to", "account=nobody": "account", "from=2026-03-02&to=2026-03-01": "from",
		"from=2000-01-01&to=2026-01-01": "from", "from=oldest&to=x": "to",
	} {
		for _, path := range []string{"/api/insights?", "/api/insights/hours?"} {
			if a := d.ask(t, "GET", path+query, nil); a.status != http.StatusBadRequest || !strings.Contains(string(a.body), fmt.Sprintf(`"code":%q`, code)) {
				t.Errorf("%s: %d %s", path+query, a.status, a.body)
			}
		}
	}
}

func messagesIn(r insightsReport) (n int) {
	for _, day := range r.Days {
		n += day.Messages.In + day.Messages.Out + day.Messages.Unknown
	}
	return n
}

// TestInsightsTables: each comes as a file, with a name for every column.
func TestInsightsTables(t *testing.T) {
	d := fullDesk(t)
	for table, rows := range map[string]int{"days": 2, "hours": 168, "ages": 7, "responses": 3, "windows": 3, "assignees": -1, "channels": -1} {
		a := d.ask(t, "GET", "/api/insights/"+table+"?from=2026-03-01&to=2026-03-02", nil)
		if want := fmt.Sprintf(`attachment; filename="bandeja-%s-2026-03-01-2026-03-02.csv"`, table); a.status != http.StatusOK || a.header.Get("Content-Disposition") != want {
			t.Errorf("%s: %d %q", table, a.status, a.header)
		}
		got, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(a.body), "\ufeff"))).ReadAll()
		if err != nil || rows >= 0 && len(got) != rows+1 {
			t.Fatalf("%s: %v, %d lines", table, err, len(got))
		}
		for _, name := range got[0] {
			if name == "" || strings.Contains(name, "insights.") {
				t.Errorf("%s has a column %q", table, name)
			}
		}
	}
	if a := d.ask(t, "GET", "/api/insights/nothing", nil); a.status != http.StatusNotFound {
		t.Errorf("%d %s", a.status, a.body)
	}
}
