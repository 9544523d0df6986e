package insights_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/insights"
)

// TestNaive holds the report to what the definitions say, message by message,
// over the rows that the cache gives: as an office grows, with sessions of both
// platforms in a thread, spam, readings that are not over, messages without a
// direction or a time, and zones whose clocks are set.
func TestNaive(t *testing.T) {
	chile := inbox.Account{Name: "chile", Provider: inbox.Waspy, Region: "CL", Zone: "America/Santiago"}
	accounts := []inbox.Account{ventas, soporte, chile}
	rapid.Check(t, func(r *rapid.T) {
		d := newDesk(t, accounts...)
		defer d.close()
		start := time.Date(2026, 3, 30, 12, 0, 0, 0, time.UTC) // Chile's clocks are set back on 5 April
		d.now = start.Add(20 * 24 * time.Hour)
		talks := map[string]talk{}
		for range rapid.IntRange(1, 3).Draw(r, "rounds") {
			for range rapid.IntRange(1, 5).Draw(r, "talks") {
				k := anyTalk(r, accounts, start)
				k.said = append(slices.Clone(talks[k.account.Name+k.id].said), k.said...)
				talks[k.account.Name+k.id] = k
				d.save(t, k)
			}
			for _, a := range accounts {
				d.whole(t, a, start.Add(time.Duration(rapid.IntRange(0, 20*24).Draw(r, "as of"))*time.Hour))
			}
			from := insights.DayOf(start, time.UTC) + insights.Day(rapid.IntRange(-2, 10).Draw(r, "from"))
			to := from + insights.Day(rapid.IntRange(0, 14).Draw(r, "days"))
			account := rapid.SampledFrom([]string{"", "ventas", "soporte", "chile"}).Draw(r, "account")
			got := lines(d.report(t, from, to, account))
			if want := naive(t, d, talks, accounts, from, to, account); !slices.Equal(got, want) {
				r.Fatalf("%s to %s of %q:\ngot  %q\nwant %q", from, to, account, got, want)
			}
		}
	})
}

func anyTalk(r *rapid.T, accounts []inbox.Account, start time.Time) talk {
	k := talk{account: rapid.SampledFrom(accounts).Draw(r, "account"), customer: rapid.SampledFrom([]string{"+5491159834410", "+5491159834411"}).Draw(r, "customer"), channel: "l1"}
	k.id, k.word = k.customer, "open"
	if k.account.Provider == inbox.Platica {
		k.id += rapid.SampledFrom([]string{"-1", "-2"}).Draw(r, "session")
		k.platform = rapid.SampledFrom([]string{"", "whatsapp", "telegram"}).Draw(r, "platform")
		k.word = rapid.SampledFrom([]string{"active", "active", "active", "spam"}).Draw(r, "status")
	}
	k.assignees = rapid.SampledFrom([][]string{nil, {"ana"}, {"ana", "luz"}}).Draw(r, "assignees")
	k.partly = rapid.IntRange(0, 4).Draw(r, "partly") == 0
	at := start.Add(time.Duration(rapid.IntRange(0, 10*24*60).Draw(r, "at")) * time.Minute)
	for range rapid.IntRange(0, 6).Draw(r, "messages") {
		// Silences of a day and of a week to the minute are among them.
		at = at.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 30, 600, 24*60 - 1, 24 * 60, 24*60 + 1, 3000, 7*24*60 - 1, 7 * 24 * 60}).Draw(r, "minutes")) * time.Minute)
		s := said{at, rapid.SampledFrom([]inbox.Direction{in, in, in, out, out, out, who}).Draw(r, "direction")}
		if rapid.IntRange(0, 9).Draw(r, "timed") == 0 {
			s.at = time.Time{}
		}
		k.said = append(k.said, s)
	}
	return k
}

// lines are what a report says, as text: sums alone.
func lines(r *insights.Report) (out []string) {
	for _, d := range r.Days {
		out = append(out, fmt.Sprintln(d.Day, d.Conversations, d.Messages, d.Missed))
	}
	for _, h := range r.Hours {
		if h.In+h.Out > 0 {
			out = append(out, fmt.Sprintln("hour", h.Weekday, h.Hour, h.In, h.Out))
		}
	}
	for _, of := range append(slices.Clone(r.Responses), r.Assignees...) {
		out = append(out, fmt.Sprintln("answers", of.Account, of.Ref, of.Answered, of.Unanswered, of.Waiting, of.Unclear, deref(of.MedianMS), deref(of.P90MS)))
	}
	for _, w := range r.Windows {
		out = append(out, fmt.Sprintln("windows", w.Account, w.Closed, w.Missed, w.Unclear))
	}
	for _, c := range r.Channels {
		out = append(out, fmt.Sprintln("channel", c.Account, c.Platform, c.Conversations, c.Messages))
	}
	out = append(out, fmt.Sprintln("untimed", r.Coverage.Untimed, "unknown", r.Coverage.UnknownDirection))
	slices.Sort(out)
	return out
}

func deref(n *int64) int64 {
	if n == nil {
		return -1
	}
	return *n
}

// row is a message of a thread, in its order.
type row struct {
	ms    int64 // as it is ordered by
	timed bool
	dir   inbox.Direction
	talk  talk
}

// group is a conversation: the rows first to last, by number, and where the
// next begins.
type group struct{ first, last, next int }

// naive computes what lines says the slow way, following the definitions.
func naive(t *testing.T, d *desk, talks map[string]talk, accounts []inbox.Account, from, to insights.Day, only string) (text []string) {
	n := counts{days: map[string]*[7]int{}, hours: map[[2]int]*[2]int{}, answers: map[string]*answers{"": {}}, windows: map[string]*[3]int{"": {}}, channels: map[string]*[6]int{}, from: from, to: to}
	for day := from; day <= to; day++ {
		n.days[day.String()] = &[7]int{}
	}
	for _, a := range accounts {
		if only != "" && a.Name != only {
			continue
		}
		zone, err := time.LoadLocation(a.Zone)
		if err != nil {
			t.Fatal(err)
		}
		n.account, n.zone = a.Name, zone
		n.answers[a.Name], n.windows[a.Name] = &answers{}, &[3]int{}
		state, err := d.cache.State(t.Context(), a.Name)
		if err != nil {
			t.Fatal(err)
		}
		n.asOf = inbox.Millis(state.AsOf)
		threads, _, err := d.cache.Threads(t.Context(), cache.ThreadFilter{View: cache.All, Account: a.Name, Now: d.now, Here: d.now}, "", 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, th := range threads {
			n.thread(rowsOf(t, d, talks, a.Name, th.Ref))
		}
	}
	return n.text()
}

func rowsOf(t *testing.T, d *desk, talks map[string]talk, account, thread string) (rows []row) {
	page, err := d.cache.Messages(t.Context(), thread, cache.Spot{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	before := int64(0)
	for _, m := range page.Messages {
		k := talks[account+m.Conversation]
		x := row{before, !m.At.IsZero(), m.Direction, k}
		if x.timed {
			x.ms = m.At.UnixMilli()
		}
		before = x.ms
		if k.word != "spam" {
			rows = append(rows, x)
		}
	}
	return rows
}

type answers struct {
	outcomes [4]int
	took     []int64
}

type counts struct {
	account          string
	zone             *time.Location
	asOf             int64
	from, to         insights.Day
	days             map[string]*[7]int // conversations and messages by direction, missed
	hours            map[[2]int]*[2]int
	answers          map[string]*answers
	windows          map[string]*[3]int
	channels         map[string]*[6]int
	untimed, unknown int
}

func (n *counts) day(ms int64) *[7]int {
	return n.days[time.UnixMilli(ms).In(n.zone).Format(time.DateOnly)]
}

func dir(d inbox.Direction) int { return slices.Index([]inbox.Direction{in, out, who}, d) }

func (n *counts) thread(rows []row) {
	if len(rows) == 0 {
		return
	}
	var timed []int
	for i, x := range rows {
		switch day := n.day(x.ms); {
		case x.timed:
			timed = append(timed, i)
			n.message(x, day)
		case day != nil || x.ms == 0:
			n.untimed++
		}
	}
	if len(timed) == 0 {
		return
	}
	lastWhole := !rows[timed[len(timed)-1]].talk.partly
	var groups []group
	for at, i := range timed {
		if at > 0 {
			p := rows[timed[at-1]]
			limit := 24 * time.Hour
			if p.dir == in && rows[i].dir == out {
				limit *= 7
			}
			if rows[i].ms-p.ms < limit.Milliseconds() {
				groups[len(groups)-1].last = i
				continue
			}
			groups[len(groups)-1].next = i
		}
		groups = append(groups, group{i, i, len(rows)})
	}
	for _, g := range groups {
		n.conversation(rows, g, lastWhole)
	}
	for at, i := range timed {
		n.window(rows, timed[at:], i, lastWhole)
	}
}

func (n *counts) message(x row, day *[7]int) {
	if day == nil {
		return
	}
	day[3+dir(x.dir)]++
	n.channel(x)[3+dir(x.dir)]++
	if x.dir == who {
		n.unknown++
		return
	}
	local := time.UnixMilli(x.ms).In(n.zone)
	cell := [2]int{(int(local.Weekday())+6)%7 + 1, local.Hour()}
	if n.hours[cell] == nil {
		n.hours[cell] = &[2]int{}
	}
	n.hours[cell][dir(x.dir)]++
}

func (n *counts) channel(x row) *[6]int {
	k := n.account + " " + platform(x)
	if n.channels[k] == nil {
		n.channels[k] = &[6]int{}
	}
	return n.channels[k]
}

func platform(x row) string {
	if x.talk.platform == "" {
		return "whatsapp"
	}
	return x.talk.platform
}

// hidden reports whether something that is not known may stand between two
// rows, the second included: who spoke, when, or what of a conversation is still
// to be read.
func hidden(rows []row, after, to int) bool {
	for i := after + 1; i <= to && i < len(rows); i++ {
		before := i - 1
		for !rows[before].timed {
			before--
		}
		if i < to && (!rows[i].timed || rows[i].dir == who) || rows[before].talk.id != rows[i].talk.id && rows[before].talk.partly {
			return true
		}
	}
	return false
}

func (n *counts) conversation(rows []row, g group, lastWhole bool) {
	if day := n.day(rows[g.first].ms); day != nil {
		day[dir(rows[g.first].dir)]++
		n.channel(rows[g.first])[dir(rows[g.first].dir)]++
	}
	is := func(i int, d inbox.Direction) bool { return rows[i].timed && rows[i].dir == d }
	first := g.first
	for first <= g.last && !is(first, in) {
		first++
	}
	if first > g.last || n.day(rows[first].ms) == nil {
		return
	}
	answer := first
	for answer <= g.last && !is(answer, out) {
		answer++
	}
	var how int
	var took int64
	quiet := n.asOf - rows[g.last].ms
	switch last := g.next == len(rows); {
	case answer <= g.last && !hidden(rows, first, answer):
		took = rows[answer].ms - rows[first].ms
	case answer <= g.last || hidden(rows, first, g.next) || last && !lastWhole:
		how = 3
	case last && (quiet < (24*time.Hour).Milliseconds() || rows[g.last].dir == in && quiet < (7*24*time.Hour).Milliseconds()):
		how = 2
	default:
		how = 1
	}
	keys := []string{"", n.account}
	refs := rows[first].talk.assignees
	if len(refs) == 0 {
		refs = []string{""}
	}
	for _, ref := range refs {
		keys = append(keys, n.account+"/"+ref)
	}
	for _, k := range keys {
		if n.answers[k] == nil {
			n.answers[k] = &answers{}
		}
		n.answers[k].outcomes[how]++
		if how == 0 {
			n.answers[k].took = append(n.answers[k].took, took)
		}
	}
}

// window looks at the one that the message at rows[i] was the last to extend, if
// it was; rest are the timed rows from there on.
func (n *counts) window(rows []row, rest []int, i int, lastWhole bool) {
	if rows[i].dir != in || platform(rows[i]) != "whatsapp" {
		return
	}
	closes := rows[i].ms + (24 * time.Hour).Milliseconds()
	end, answered, over := len(rows), false, false
	for _, j := range rest[1:] {
		if rows[j].ms >= closes {
			end, over = j, true
			break
		}
		if rows[j].dir == in && platform(rows[j]) == "whatsapp" {
			return
		}
		answered = answered || rows[j].dir == out
	}
	day := n.day(closes)
	if day == nil || !over && (!lastWhole || n.asOf < closes) {
		return
	}
	for _, k := range []string{"", n.account} {
		n.windows[k][0]++
		switch {
		case answered:
		case hidden(rows, i, end):
			n.windows[k][2]++
		default:
			n.windows[k][1]++
		}
	}
	if !answered && !hidden(rows, i, end) {
		day[6]++
	}
}

func (n *counts) text() (out []string) {
	count := func(c []int) string {
		return fmt.Sprint(insights.Count{In: c[0], Out: c[1], Unknown: c[2]})
	}
	for day, c := range n.days {
		out = append(out, fmt.Sprintln(day, count(c[:3]), count(c[3:6]), c[6]))
	}
	for cell, c := range n.hours {
		out = append(out, fmt.Sprintln("hour", cell[0], cell[1], c[0], c[1]))
	}
	for k, of := range n.answers {
		slices.Sort(of.took)
		account, ref := k, ""
		for i, c := range k {
			if c == '/' {
				account, ref = k[:i], k[i+1:]
			}
		}
		out = append(out, fmt.Sprintln("answers", account, ref, of.outcomes[0], of.outcomes[1], of.outcomes[2], of.outcomes[3], ranked(of.took, 0.5), ranked(of.took, 0.9)))
	}
	for account, w := range n.windows {
		out = append(out, fmt.Sprintln("windows", account, w[0], w[1], w[2]))
	}
	for k, c := range n.channels {
		out = append(out, fmt.Sprintln("channel", k, count(c[:3]), count(c[3:])))
	}
	out = append(out, fmt.Sprintln("untimed", n.untimed, "unknown", n.unknown))
	slices.Sort(out)
	return out
}

// ranked is the smallest of sorted times that a share of them does not exceed.
func ranked(sorted []int64, share float64) int64 {
	for i, v := range sorted {
		if float64(i+1) >= share*float64(len(sorted))-1e-9 {
			return v
		}
	}
	return -1
}
