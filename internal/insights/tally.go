package insights

import (
	"cmp"
	"slices"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// tally counts the courses of a period.
type tally struct {
	ask     Ask
	offices map[string]*office

	days     []DayCount
	hours    [7][24]HourCount
	channels map[channelKey]*ChannelCount
	agents   map[agentKey]*responses
	untimed  int
	unknown  int
}

// office is an account under count.
type office struct {
	inbox.Account
	clock     clock
	asOf      int64 // until when the copy tells what was said
	oldest    int64
	responses responses
	windows   WindowCount
}

type channelKey struct{ account, channel, platform string }

type agentKey struct{ account, ref string }

// responses gathers the times of a Response.
type responses struct {
	Response
	took []int64
}

// outcome is how a conversation was answered.
type outcome int

const (
	answered outcome = iota
	unanswered
	waiting
	unclear
)

func (r *responses) add(o outcome, took int64) {
	switch o {
	case answered:
		r.Answered++
		r.took = append(r.took, took)
	case unanswered:
		r.Unanswered++
	case waiting:
		r.Waiting++
	case unclear:
		r.Unclear++
	}
}

// close computes what is of all times together.
func (r *responses) close() Response {
	slices.Sort(r.took)
	r.MedianMS, r.P90MS = rank(r.took, 50), rank(r.took, 90)
	return r.Response
}

// rank is a percentile of sorted times by nearest rank, nil of none.
func rank(sorted []int64, percent int) *int64 {
	if len(sorted) == 0 {
		return nil
	}
	return &sorted[max(1, (len(sorted)*percent+99)/100)-1]
}

func newTally(ask Ask, accounts []inbox.Account, states map[string]cache.State) *tally {
	t := &tally{ask: ask, offices: map[string]*office{}, days: make([]DayCount, ask.To-ask.From+1), channels: map[channelKey]*ChannelCount{}, agents: map[agentKey]*responses{}}
	for i := range t.days {
		t.days[i].Day = ask.From + Day(i)
	}
	for _, a := range accounts {
		o := &office{Account: a, clock: clock{zone: a.Location()}, asOf: inbox.Millis(states[a.Name].AsOf)}
		o.responses.Account, o.responses.Provider = a.Name, a.Provider
		o.windows.Account, o.windows.Provider = a.Name, a.Provider
		t.offices[a.Name] = o
	}
	return t
}

// dayAt is the day of a time, nil where it is not of the period.
func (t *tally) dayAt(o *office, ms int64) (day *DayCount, weekday, hour int) {
	d, hour := o.clock.read(ms)
	if d < t.ask.From || d > t.ask.To {
		return nil, 0, 0
	}
	return &t.days[d-t.ask.From], d.weekday(), hour
}

// add counts a thread.
func (t *tally) add(course *cache.Course) {
	o := t.offices[course.Account]
	if o == nil {
		return
	}
	w := walk{t: t, o: o, course: course}
	for b := range course.Beats() {
		if !b.Session.Spam {
			w.step(b)
		}
	}
	w.end()
}

// message counts a message by itself.
func (t *tally) message(o *office, course *cache.Course, b cache.Beat) {
	day, weekday, hour := t.dayAt(o, b.At)
	if day == nil {
		return
	}
	day.Messages.add(b.Direction)
	t.channel(course, b.Session).Messages.add(b.Direction)
	cell := &t.hours[weekday][hour]
	switch b.Direction {
	case inbox.In:
		cell.In++
	case inbox.Out:
		cell.Out++
	default:
		t.unknown++
	}
}

func (t *tally) channel(course *cache.Course, s *cache.Session) *ChannelCount {
	k := channelKey{course.Account, course.Channel, platformOf(s)}
	c := t.channels[k]
	if c == nil {
		c = &ChannelCount{Account: course.Account, Provider: course.Provider, Channel: course.Channel, Platform: k.platform}
		t.channels[k] = c
	}
	return c
}

// whatsApp is what a provider that names no platform has.
const whatsApp = "whatsapp"

func platformOf(s *cache.Session) string { return cmp.Or(s.Platform, whatsApp) }

// began counts a conversation on the day of its first message.
func (t *tally) began(o *office, course *cache.Course, b cache.Beat) {
	if day, _, _ := t.dayAt(o, b.At); day != nil {
		day.Conversations.add(b.Direction)
		t.channel(course, b.Session).Conversations.add(b.Direction)
	}
}

// response counts a conversation on the day of the customer's first message.
func (t *tally) response(o *office, first cache.Beat, how outcome, took int64) {
	if day, _, _ := t.dayAt(o, first.At); day == nil {
		return
	}
	o.responses.add(how, took)
	refs := first.Session.Assignees
	if len(refs) == 0 {
		refs = []string{""}
	}
	for _, ref := range refs {
		k := agentKey{o.Name, ref}
		r := t.agents[k]
		if r == nil {
			r = &responses{Response: Response{Account: o.Name, Provider: o.Provider, Ref: ref}}
			t.agents[k] = r
		}
		r.add(how, took)
	}
}

// window counts a window on the day it closed.
func (t *tally) window(o *office, closed int64, missed, unclear bool) {
	day, _, _ := t.dayAt(o, closed)
	if day == nil {
		return
	}
	o.windows.Closed++
	switch {
	case unclear:
		o.windows.Unclear++
	case missed:
		o.windows.Missed++
		day.Missed++
	}
}
