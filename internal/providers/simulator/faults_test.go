package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// fault sets one rule.
func (d desk) fault(o *Office, f Fault) {
	d.t.Helper()
	d.faults(o, Faults{Rules: []Fault{f}})
}

func (d desk) faults(o *Office, f Faults) {
	d.t.Helper()
	if err := o.SetFaults(f); err != nil {
		d.t.Fatal(err)
	}
}

// ask makes a request and takes whatever comes.
func (d desk) ask(method, path, body string) (status int, raw []byte, header http.Header, err error) {
	d.t.Helper()
	r, err := http.NewRequest(method, d.base+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+d.key)
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, nil, err
	}
	defer func() { _ = w.Body.Close() }()
	raw, err = io.ReadAll(w.Body)
	return w.StatusCode, raw, w.Header, err
}

func (d desk) status(method, path, body string) int {
	d.t.Helper()
	status, _, _, err := d.ask(method, path, body)
	if err != nil {
		d.t.Fatal(err)
	}
	return status
}

func TestWhichRequestsFall(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 1, Now: testNow, Conversations: 120})
	id := field[string](o.WaspyConversations()[0], "id")
	list, single := "/conversations", "/conversations/"+id
	for _, tc := range []struct {
		name  string
		fault Fault
		asks  string // what falls is "x"
	}{
		{"all", Fault{}, "xxxxxx"},
		{"after", Fault{After: 4}, "....xx"},
		{"times", Fault{Times: 2}, "xx...."},
		{"every", Fault{Every: 3}, "x..x.."},
		{"burst", Fault{Every: 3, Burst: 2}, "xx.xx."},
		{"all of these", Fault{After: 1, Every: 2, Times: 2}, ".x.x.."},
		{"a list", Fault{Request: "list"}, "x.x.x."},
		{"singles", Fault{Request: "single"}, ".x.x.x"},
		{"reads", Fault{Request: "read"}, "xxxxxx"},
		{"patches", Fault{Request: "patch"}, "......"},
		{"a conversation", Fault{Conversation: id}, ".x.x.x"},
		{"another", Fault{Conversation: "nobody"}, "......"},
		{"the other provider", Fault{Provider: "platica"}, "......"},
		{"a query", Fault{Query: "limit=3"}, "x.x.x."},
		{"pages that go on", Fault{Paged: true}, "......"},
		{"later", Fault{From: time.Hour}, "......"},
		{"sooner", Fault{Until: time.Hour}, "xxxxxx"},
	} {
		tc.fault.Kind, tc.fault.Status = "status", []int{503}
		waspy.fault(o, tc.fault)
		got := ""
		for i := range 6 {
			path := list + "?limit=3"
			if i%2 == 1 {
				path = single
			}
			mark := "."
			if waspy.status("GET", path, "") == 503 {
				mark = "x"
			}
			got += mark
		}
		if got != tc.asks {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.asks)
		}
	}
	waspy.fault(o, Fault{Kind: "status", Paged: true})
	cursor := field[string](waspy.get(list), "meta", "cursor")
	if waspy.status("GET", list+q("cursor", cursor), "") != 500 || platica.status("GET", list+"?offset=5", "") != 500 || platica.status("GET", list+"?offset=0", "") != 200 {
		t.Error("paged")
	}
	o.Quiet()
	if waspy.status("GET", list, "") != 200 {
		t.Error("quiet")
	}
}

// A chance is drawn from the seed and the request's number: it comes again.
func TestChance(t *testing.T) {
	o, waspy, _ := serve(t, Options{Seed: 1, Now: testNow, Conversations: 3})
	run := func(seed uint64) (text string, failed int) {
		waspy.faults(o, Faults{Seed: seed, Rules: []Fault{{Kind: "status", Status: []int{500, 502, 503, 504, 429}, Chance: 0.2}}})
		for range 300 {
			status := waspy.status("GET", "/conversations", "")
			text += fmt.Sprint(status, " ")
			if status != 200 {
				failed++
			}
		}
		return text, failed
	}
	first, failed := run(5)
	if failed < 40 || failed > 80 {
		t.Errorf("%d of 300 failed", failed)
	}
	for _, status := range []string{"500", "502", "503", "504", "429"} {
		if !strings.Contains(first, status) {
			t.Errorf("no %s", status)
		}
	}
	if again, _ := run(5); again != first {
		t.Error("the same seed fails otherwise")
	}
	if other, _ := run(6); other == first {
		t.Error("another seed fails the same")
	}
}

func TestStatusFault(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 1, Now: testNow, Conversations: 5})
	row := o.WaspyConversations()[0]
	single := "/conversations/" + field[string](row, "id")
	for _, code := range []int{202, 400, 401, 403, 404, 408, 410, 422, 425, 429, 500, 502, 503, 504} {
		waspy.fault(o, Fault{Kind: "status", Status: []int{code}})
		status, raw, _ := waspy.call("GET", single, "")
		if status != code || code >= 300 && field[string](raw, "error", "code") == "" || field[string](raw, "meta", "requestId") == "" {
			t.Errorf("waspy %d: %d %s", code, status, raw)
		}
		if status, raw, _ = platica.call("GET", "/conversations", ""); status != code || code >= 300 && field[float64](raw, "code") != float64(code) {
			t.Errorf("platica %d: %d %s", code, status, raw)
		}
	}
	// A key that may read and no more; and one that says yes and does nothing.
	for _, code := range []int{403, 202} {
		waspy.fault(o, Fault{Kind: "status", Status: []int{code}, Request: "patch"})
		if got := waspy.status("PATCH", single, `{"status":"closed"}`); got != code || o.Effects("waspy", field[string](row, "id"), "status") != 0 {
			t.Errorf("patch: %d", got)
		}
		sameRows(t, "after a refusal", o.WaspyConversations()[:1], []json.RawMessage{row})
	}
	// One that does it and says otherwise.
	waspy.fault(o, Fault{Kind: "status", Status: []int{500}, Request: "patch", Effect: true})
	if got := waspy.status("PATCH", single, `{"status":"closed"}`); got != 500 || field[string](o.WaspyConversations()[0], "status") != "closed" ||
		o.Effects("waspy", field[string](row, "id"), "status") != 1 {
		t.Errorf("patch with effect: %d", got)
	}
}

func TestRetryAfter(t *testing.T) {
	o, waspy, _ := serve(t, Options{Seed: 1, Now: testNow, Conversations: 2})
	for _, form := range []string{"", "0", "1", "120", "1000000000", "soon", "date -1h", "date 1h"} {
		waspy.fault(o, Fault{Kind: "status", Status: []int{429}, RetryAfter: form})
		status, _, header := waspy.call("GET", "/conversations", "")
		got := header.Get("Retry-After")
		if far, ok := strings.CutPrefix(form, "date "); ok {
			at, err := http.ParseTime(got)
			date, err2 := http.ParseTime(header.Get("Date"))
			want, err3 := time.ParseDuration(far)
			if off := at.Sub(date) - want; errors.Join(err, err2, err3) != nil || off.Abs() > time.Second {
				t.Errorf("%s: %q at %q", form, got, header.Get("Date"))
			}
			continue
		}
		if status != 429 || got != form {
			t.Errorf("%q: %d %q", form, status, got)
		}
	}
}

func TestFaultsThatAreWrong(t *testing.T) {
	o := New(Options{Seed: 1, Now: testNow, Conversations: 1})
	for _, tc := range []struct {
		faults Faults
		field  string
	}{
		{Faults{Rules: []Fault{{}}}, "rules[0].fault"},
		{Faults{Rules: []Fault{{Kind: "html"}, {Kind: "hmtl"}}}, "rules[1].fault"},
		{Faults{Rules: []Fault{{Kind: "html", Provider: "both"}}}, "rules[0].provider"},
		{Faults{Rules: []Fault{{Kind: "html", Request: "post"}}}, "rules[0].request"},
		{Faults{Rules: []Fault{{Kind: "html", After: -1}}}, "rules[0].after"},
		{Faults{Rules: []Fault{{Kind: "html", Chance: 1.5}}}, "rules[0].chance"},
		{Faults{Rules: []Fault{{Kind: "html", Bytes: 5}}}, "rules[0].bytes"},
		{Faults{Rules: []Fault{{Kind: "status", Status: []int{500, 99}}}}, "rules[0].status"},
		{Faults{Rules: []Fault{{Kind: "status", RetryAfter: "1\r\nX: y"}}}, "rules[0].retry_after"},
		{Faults{Rules: []Fault{{Kind: "status", RetryAfter: "date soon"}}}, "rules[0].retry_after"},
		{Faults{Rules: []Fault{{Kind: "json", Body: "odd"}}}, "rules[0].body"},
		{Faults{Rules: []Fault{{Kind: "slow"}}}, "rules[0].delay"},
		{Faults{Rules: []Fault{{Kind: "has_more", To: []byte("7")}}}, "rules[0].to"},
		{Faults{Rules: []Fault{{Kind: "mutate"}}}, "rules[0].field"},
		{Faults{Drift: &Drift{Deletes: -1}}, "drift.deletes"},
		{Faults{Drift: &Drift{Provider: "x"}}, "drift.provider"},
		{Faults{Drift: &Drift{Every: -1}}, "drift.every"},
	} {
		var wrong *FaultsError
		if err := o.SetFaults(tc.faults); !errors.As(err, &wrong) || wrong.Field != tc.field || !strings.Contains(err.Error(), tc.field) {
			t.Errorf("%+v: %v, want %s", tc.faults, err, tc.field)
		}
		if o.faults.Load() != nil {
			t.Fatal("wrong faults are set")
		}
	}
}
