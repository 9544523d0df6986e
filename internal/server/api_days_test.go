package server_test

import (
	"net/http"
	"slices"
	"testing"
	"time"
)

// dayOf is the day of an answer's time in a zone, by its name.
func dayOf(t *testing.T, at, zone string) string {
	t.Helper()
	in, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	moment, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	return moment.In(in).Format("2006-01-02")
}

// TestJumpToADay: a day is the account's, or of the zone that is asked in; the
// days that are marked are those on which there is something, and the page of a
// day begins with its first message.
func TestJumpToADay(t *testing.T) {
	d := fullDesk(t)
	type page struct {
		Messages []struct{ Message, At string }
		Found    *int
	}
	type calendar struct {
		Days        []string
		First, Last string
	}
	longest, whole := "", page{}
	for _, ref := range threadsOf(t, d.browser, "view=all&account=soporte&limit=200") {
		var p page
		if d.get(t, "/api/threads/"+ref+"/messages?limit=500", &p); len(p.Messages) > len(whole.Messages) {
			longest, whole = ref, p
		}
	}
	thread := "/api/threads/" + longest
	for zone, query := range map[string]string{"America/Mexico_City": "", "Pacific/Kiritimati": "&zone=Pacific/Kiritimati"} {
		firsts := map[string]string{}
		days := []string{}
		for _, m := range whole.Messages {
			day := dayOf(t, m.At, zone)
			if firsts[day] == "" {
				firsts[day], days = m.Message, append(days, day)
			}
		}
		last := days[len(days)-1]
		until, err := time.Parse("2006-01-02", last)
		if err != nil {
			t.Fatal(err)
		}
		from := until.AddDate(0, 0, -80).Format("2006-01-02")
		var c calendar
		d.get(t, thread+"/days?from="+from+"&to="+last+query, &c)
		shown := slices.DeleteFunc(slices.Clone(days), func(day string) bool { return day < from })
		if !slices.Equal(c.Days, shown) || c.First != days[0] || c.Last != last {
			t.Errorf("%s: %v from %s to %s, want %v from %s to %s", zone, c.Days, c.First, c.Last, shown, days[0], last)
		}
		for _, day := range days {
			var p page
			d.get(t, thread+"/messages?limit=9&at="+day+query, &p)
			if p.Found == nil || p.Messages[*p.Found].Message != firsts[day] {
				t.Errorf("%s: %s begins with %+v, want %s", zone, day, p, firsts[day])
			}
		}
	}
	newest := whole.Messages[len(whole.Messages)-1]
	for _, at := range []string{newest.At, "2999-01-01"} {
		var p page
		if d.get(t, thread+"/messages?limit=9&at="+at, &p); p.Found == nil || p.Messages[*p.Found].Message != newest.Message {
			t.Errorf("at %s: %+v, want %s", at, p, newest.Message)
		}
	}
	for query, name := range map[string]string{
		"/messages?at=13/4": "at", "/messages?at=2026-02-30": "at", "/messages?at=2026-04-13&zone=Nowhere": "zone", "/messages?at=2026-04-13&zone=Local": "zone",
		"/messages?at=2026-04-13&after=x": "before, after, around, at", "/days?to=2026-04-13": "from", "/days?from=2026-04-13": "to", "/days?from=2026-04-13&to=2026-04-12": "to",
		"/days?from=2026-01-01&to=2026-12-31": "to", "/days?from=2026-04-01&to=2026-04-30&zone=../../etc": "zone",
	} {
		a := d.ask(t, http.MethodGet, thread+query, nil)
		if code, _ := a.code(t); a.status != 400 || code != name {
			t.Errorf("%s: %d %s, want %s", query, a.status, a.body, name)
		}
	}
	for _, path := range []string{"/api/threads/t_nothing", "/api/people/p_nobody"} {
		for _, query := range []string{"/messages?at=2026-04-13", "/days?from=2026-04-01&to=2026-04-30", "/days?from=2026-04-01&to=2026-04-30&zone=UTC"} {
			if a := d.ask(t, http.MethodGet, path+query, nil); a.status != 404 {
				t.Errorf("%s%s: %d", path, query, a.status)
			}
		}
	}
}
