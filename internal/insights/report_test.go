package insights_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/insights"
)

const (
	in  = inbox.In
	out = inbox.Out
	who = inbox.DirectionUnknown
)

// TestConversations: what a conversation is, how it was answered, and which
// windows were missed, in one thread of a copy that is whole as of hour 720.
func TestConversations(t *testing.T) {
	at := func(h float64, d inbox.Direction) said { return said{hours(h), d} }
	for _, c := range []struct {
		name           string
		said           []said
		conversations  insights.Count
		answered       int
		unanswered     int
		waiting        int
		unclear        int
		median         time.Duration
		closed, missed int
		windowsUnclear int
	}{
		{name: "answered at once", said: []said{at(0, in), at(0.5, out)}, conversations: insights.Count{In: 1}, answered: 1, median: 30 * time.Minute, closed: 1},
		{name: "the first message counts, and the first answer", said: []said{at(0, in), at(1, in), at(2, out), at(3, in), at(10, out)},
			conversations: insights.Count{In: 1}, answered: 1, median: 2 * time.Hour, closed: 1},
		{name: "never answered", said: []said{at(0, in), at(1, in)}, conversations: insights.Count{In: 1}, unanswered: 1, closed: 1, missed: 1},
		{name: "answered, and then no more", said: []said{at(0, in), at(1, out), at(2, in)}, conversations: insights.Count{In: 1}, answered: 1, median: time.Hour, closed: 1, missed: 1},
		{name: "a day's silence begins another", said: []said{at(0, in), at(1, out), at(25, in), at(26, out)}, conversations: insights.Count{In: 2}, answered: 2, median: time.Hour, closed: 2},
		{name: "a minute less does not", said: []said{at(0, in), at(1, out), at(24.98, in), at(26, out)}, conversations: insights.Count{In: 1}, answered: 1, median: time.Hour, closed: 2},
		{name: "an answer after the weekend is one", said: []said{at(0, in), at(60, out)}, conversations: insights.Count{In: 1}, answered: 1, median: 60 * time.Hour, closed: 1, missed: 1},
		{name: "a week later it is not", said: []said{at(0, in), at(168, out)}, conversations: insights.Count{In: 1, Out: 1}, unanswered: 1, closed: 1, missed: 1},
		{name: "the customer begins anew", said: []said{at(0, in), at(30, in), at(31, out)}, conversations: insights.Count{In: 2}, answered: 1, unanswered: 1, median: time.Hour, closed: 2, missed: 1},
		{name: "the team begins", said: []said{at(0, out), at(1, in), at(2, out)}, conversations: insights.Count{Out: 1}, answered: 1, median: time.Hour, closed: 1},
		{name: "the team speaks to itself", said: []said{at(0, out), at(1, out)}, conversations: insights.Count{Out: 1}},
		{name: "it may still be answered", said: []said{at(720-100, in)}, conversations: insights.Count{In: 1}, waiting: 1, closed: 1, missed: 1},
		{name: "its window is still open", said: []said{at(720-23, in)}, conversations: insights.Count{In: 1}, waiting: 1},
		{name: "who answered is not known", said: []said{at(0, in), at(1, who), at(2, out)}, conversations: insights.Count{In: 1}, unclear: 1, closed: 1},
		{name: "who spoke last is not known", said: []said{at(0, in), at(1, who)}, conversations: insights.Count{In: 1}, unclear: 1, closed: 1, windowsUnclear: 1},
		{name: "when it was answered is not known", said: []said{at(0, in), {time.Time{}, out}, at(2, out)}, conversations: insights.Count{In: 1}, unclear: 1, closed: 1},
		{name: "what went before is no answer", said: []said{at(0, who), at(1, in), at(2, out)}, conversations: insights.Count{Unknown: 1}, answered: 1, median: time.Hour, closed: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, ventas)
			d.save(t, talk{account: ventas, id: "c1", customer: "+5491159834410", channel: "l1", word: "open", said: c.said})
			r := d.report(t, day(t, "2026-03-01"), day(t, "2026-04-30"), "")
			var conversations insights.Count
			for _, day := range r.Days {
				conversations.In += day.Conversations.In
				conversations.Out += day.Conversations.Out
				conversations.Unknown += day.Conversations.Unknown
			}
			of, w := r.Responses[0], r.Windows[0]
			if conversations != c.conversations || of.Answered != c.answered || of.Unanswered != c.unanswered || of.Waiting != c.waiting || of.Unclear != c.unclear {
				t.Errorf("%+v, %+v", conversations, of)
			}
			if w.Closed != c.closed || w.Missed != c.missed || w.Unclear != c.windowsUnclear {
				t.Errorf("windows: %+v", w)
			}
			if median := of.MedianMS; c.answered > 0 && (median == nil || *median != c.median.Milliseconds()) || c.answered == 0 && median != nil {
				t.Errorf("median %v", median)
			}
		})
	}
}

// TestPercentiles: by nearest rank.
func TestPercentiles(t *testing.T) {
	d := newDesk(t, ventas)
	for i := range 20 {
		d.save(t, talk{account: ventas, id: fmt.Sprint("c", i), customer: fmt.Sprintf("+54911598344%02d", i), channel: "l1", word: "open", assignees: []string{"ana", "luz"}[:i%3],
			said: []said{{hours(0), in}, {noon.Add(time.Duration(i+1) * time.Minute), out}}})
	}
	r := d.report(t, day(t, "2026-03-02"), day(t, "2026-03-02"), "ventas")
	all := r.Responses[0]
	if all.Answered != 20 || *all.MedianMS != (10*time.Minute).Milliseconds() || *all.P90MS != (18*time.Minute).Milliseconds() {
		t.Errorf("%+v, %d, %d", all, *all.MedianMS, *all.P90MS)
	}
	got := map[string]int{}
	for _, a := range r.Assignees {
		got[a.Ref] = a.Answered
	}
	if got[""] != 7 || got["ana"] != 13 || got["luz"] != 6 || len(got) != 3 {
		t.Errorf("assignees: %v", got)
	}
}

// TestDaysAndHours: each account has its own calendar, with the days on which
// clocks are set.
func TestDaysAndHours(t *testing.T) {
	chile := inbox.Account{Name: "chile", Provider: inbox.Waspy, Region: "CL", Zone: "America/Santiago"}
	d := newDesk(t, ventas, chile)
	d.now = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	// On 5 April 2026 at 3:00 UTC clocks there go back from 0:00 to 23:00 of the 4th.
	for i, a := range []inbox.Account{ventas, chile} {
		for n, at := range []string{"2026-04-05T02:30:00Z", "2026-04-05T03:30:00Z", "2026-04-05T04:30:00Z"} {
			at, err := time.Parse(time.RFC3339, at)
			if err != nil {
				t.Fatal(err)
			}
			d.save(t, talk{account: a, id: fmt.Sprint(a.Name, n), customer: fmt.Sprintf("+5491159834%d%02d", i, n), channel: "l1", word: "open", said: []said{{at, in}}})
		}
	}
	for account, want := range map[string]string{
		"ventas": "04:1 05:2 6h23=1 7h0=1 7h1=1 ",
		"chile":  "04:2 05:1 6h23=2 7h0=1 ",
		"":       "04:3 05:3 6h23=3 7h0=2 7h1=1 ",
	} {
		r := d.report(t, day(t, "2026-04-04"), day(t, "2026-04-05"), account)
		got := ""
		for _, day := range r.Days {
			got += fmt.Sprintf("%s:%d ", day.Day.String()[8:], day.Messages.In)
		}
		for _, h := range r.Hours {
			if h.In > 0 {
				got += fmt.Sprintf("%dh%d=%d ", h.Weekday, h.Hour, h.In)
			}
		}
		if got != want || len(r.Hours) != 168 {
			t.Errorf("%q: %s; want %s", account, got, want)
		}
	}
}

// TestStatuses: they count from the day the account was added, and on the day
// they were seen.
func TestStatuses(t *testing.T) {
	d := newDesk(t, ventas)
	today := insights.DayOf(time.Now(), time.UTC) // the desk's account was added just now
	zone, err := time.LoadLocation(ventas.Zone)
	if err != nil {
		t.Fatal(err)
	}
	seen := time.Now()
	if insights.DayOf(seen, zone) != today {
		seen = seen.Add(12 * time.Hour)
	}
	today = insights.DayOf(seen, zone)
	line := func(id, before, after string, since time.Duration) cache.ChangeLine {
		return cache.ChangeLine{Account: "ventas", Conversation: id, Field: "status", Before: before, After: after, Since: seen.Add(-since), Until: seen}
	}
	lines := []cache.ChangeLine{line("1", "open", "resolved", 0), line("2", "pending", "closed", 50*time.Hour), line("3", "resolved", "closed", 0),
		line("4", "closed", "open", 0), line("5", "open", "pending", 90*time.Hour), line("6", "open", "odd", 0)}
	lines = append(lines, cache.ChangeLine{Account: "ventas", Conversation: "7", Field: "name", Before: "open", After: "resolved", Until: seen})
	if err := d.local.KeepChanges(t.Context(), lines); err != nil {
		t.Fatal(err)
	}
	r := d.report(t, today-2, today+1, "")
	if r.Days[0].Resolved != nil || r.Days[0].Reopened != nil {
		t.Errorf("before it was watched: %+v", r.Days[0])
	}
	if got := r.Days[2]; got.Resolved == nil || *got.Resolved != 2 || *got.Reopened != 1 {
		t.Errorf("the day they were seen: %+v", got)
	}
	if got := r.Days[3]; got.Resolved == nil || *got.Resolved != 0 {
		t.Errorf("the day after: %+v", got)
	}
	if r.Coverage.SeenLate != 1 || r.Coverage.Accounts[0].Watching == nil {
		t.Errorf("%+v", r.Coverage)
	}
}

// TestAges: what is open now, by when anything was last said.
func TestAges(t *testing.T) {
	d := newDesk(t, ventas)
	d.now = hours(1000)
	for i, k := range []struct {
		word string
		ago  time.Duration
		dir  inbox.Direction
	}{
		{"open", 0, in}, {"open", time.Hour - time.Millisecond, out}, {"pending", time.Hour, in}, {"open", 4 * time.Hour, in}, {"open", 30 * 24 * time.Hour, out},
		{"resolved", time.Hour, in}, {"word", 25 * time.Hour, in},
	} {
		d.save(t, talk{account: ventas, id: fmt.Sprint("c", i), customer: fmt.Sprintf("+54911598344%02d", i), channel: "l1", word: k.word, said: []said{{d.now.Add(-k.ago), k.dir}}})
	}
	got := ""
	for _, a := range d.report(t, 0, 0, "").Ages {
		got += fmt.Sprintf("%d:%d+%d ", a.HoursFrom, a.Customer, a.Other)
	}
	if want := "0:1+1 1:1+0 4:1+0 24:0+1 72:0+0 168:0+0 720:0+1 "; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestCoverage: what is left out is told.
func TestCoverage(t *testing.T) {
	d := newDesk(t, ventas)
	one := talk{account: ventas, customer: "+5491159834410", channel: "l1", word: "open", id: "c1", said: []said{{hours(0), who}, {time.Time{}, in}, {hours(1), in}}, partly: true}
	d.save(t, one)
	r := d.report(t, day(t, "2026-03-01"), day(t, "2026-03-10"), "")
	a := r.Coverage.Accounts[0]
	if r.Coverage.UnknownDirection != 1 || r.Coverage.Untimed != 1 || a.ToRead != 1 || *a.Oldest != *inbox.TimeJSON(noon) || *a.AsOf != *inbox.TimeJSON(d.now) {
		t.Errorf("%+v", r.Coverage)
	}
	if of, w := r.Responses[0], r.Windows[0]; of.Unclear != 1 || of.Unanswered != 0 || w.Closed != 0 {
		t.Errorf("of a conversation that is partly read: %+v, %+v", of, w)
	}
	one.partly = false
	d.save(t, one)
	if of, w := d.report(t, day(t, "2026-03-01"), day(t, "2026-03-10"), "").Responses[0], d.report(t, day(t, "2026-03-01"), day(t, "2026-03-10"), "").Windows[0]; of.Unanswered != 1 || w.Missed != 1 {
		t.Errorf("of one that is read: %+v, %+v", of, w)
	}
}

// TestToday: a day begins in Buenos Aires three hours before it does in Mexico,
// and a period of both leaves out nothing that was said in them.
func TestToday(t *testing.T) {
	d := newDesk(t, soporte, ventas)
	d.now = time.Date(2026, 3, 3, 3, 20, 0, 0, time.UTC)
	d.save(t, talk{account: ventas, id: "c1", customer: "+5491159834410", channel: "l1", word: "open", said: []said{{d.now.Add(-time.Minute), in}}})
	d.save(t, talk{account: soporte, id: "c2", customer: "+5215512345678", channel: "l2", word: "open", said: []said{{d.now.Add(-time.Minute), in}}})
	for account, want := range map[string]string{"": "2026-03-03", ventas.Name: "2026-03-03", soporte.Name: "2026-03-02"} {
		ask := insights.Ask{Account: account, Now: func(string) time.Time { return d.now }}
		today, err := ask.Today(t.Context(), d.local)
		if err != nil || today != day(t, want) {
			t.Errorf("of %q: %v, %v", account, today, err)
		}
		if err := ask.Period("", "", today); err != nil {
			t.Fatal(err)
		}
		said := 0
		for _, day := range d.report(t, ask.From, ask.To, account).Days {
			said += day.Messages.In
		}
		if (account == "" && said != 2) || (account != "" && said != 1) {
			t.Errorf("of %q: %d messages", account, said)
		}
	}
	empty := newDesk(t)
	ask := insights.Ask{Now: func(string) time.Time { return d.now }}
	if today, err := ask.Today(t.Context(), empty.local); err != nil || today != day(t, "2026-03-03") {
		t.Errorf("with no account: %v, %v", today, err)
	}
}

// TestReadInParts: a first look that takes long says how far it is, and loses
// nothing of what it did.
func TestReadInParts(t *testing.T) {
	d := newDesk(t, ventas)
	for i := range 1100 {
		d.save(t, talk{account: ventas, id: fmt.Sprint("c", i), customer: fmt.Sprintf("+549115983%04d", i), channel: "l1", word: "open", said: []said{{hours(0), in}}})
	}
	ask := insights.Ask{From: day(t, "2026-03-02"), To: day(t, "2026-03-02"), Now: func(string) time.Time { return d.now }, Budget: time.Nanosecond}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := insights.Read(ended, d.cache, d.local, ask); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	var steps []insights.Progress
	for {
		r, p, err := insights.Read(t.Context(), d.cache, d.local, ask)
		if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, p)
		if r != nil {
			if r.Days[0].Messages.In != 1100 {
				t.Errorf("%+v", r.Days[0])
			}
			break
		}
	}
	if fmt.Sprint(steps) != "[{500 1100} {1000 1100} {1100 1100}]" {
		t.Errorf("%v", steps)
	}
	if _, _, err := insights.Read(t.Context(), d.cache, d.local, insights.Ask{Account: "nobody", Now: ask.Now}); !errors.Is(err, cache.ErrNotFound) {
		t.Errorf("an account that is not there: %v", err)
	}
}
