package insights

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// Progress is how far a first look over all messages is; Done equals Total once
// it is through.
type Progress struct{ Done, Total int64 }

// Read counts a period. The first look over all messages takes some seconds
// where there are millions; one that is not through within the budget answers
// with its progress and no report, and the next goes on from there, even where
// ctx ended one. cache.ErrNotFound for an account that is not there.
func Read(ctx context.Context, c *cache.Cache, l *cache.Local, ask Ask) (*Report, Progress, error) {
	accounts, err := accountsOf(ctx, l, ask.Account)
	if err != nil {
		return nil, Progress{}, err
	}
	courses, done, total, err := c.Courses(ctx, ask.Budget)
	if err != nil || done < total {
		return nil, Progress{done, total}, err
	}
	states, err := c.States(ctx)
	if err != nil {
		return nil, Progress{}, err
	}
	byName := map[string]cache.State{}
	for _, s := range states {
		byName[s.Name] = s
	}
	if ask.Whole {
		ask.From = oldest(courses, accounts, ask)
	}
	t := newTally(ask, accounts, byName)
	for i, course := range courses {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, Progress{}, ctx.Err()
		}
		t.add(course)
	}
	r := &Report{From: ask.From, To: ask.To, Account: ask.Account, Days: t.days}
	r.Coverage = t.coverage(accounts, byName)
	if err := r.readStatuses(ctx, l, accounts); err != nil {
		return nil, Progress{}, err
	}
	if err := r.readAges(ctx, c, ask, accounts); err != nil {
		return nil, Progress{}, err
	}
	if err := r.name(ctx, l, t); err != nil {
		return nil, Progress{}, err
	}
	r.gather(t, accounts)
	return r, Progress{done, total}, nil
}

// oldest is the day of the oldest message that has a time, within the period.
func oldest(courses []*cache.Course, accounts []inbox.Account, ask Ask) Day {
	day := ask.To
	for _, a := range accounts {
		first, none := int64(0), true
		for _, course := range courses {
			for b := range course.Beats() {
				if course.Account != a.Name {
					break
				}
				if !b.Timed || b.Session.Spam {
					continue
				}
				if none || b.At < first {
					first, none = b.At, false
				}
				break
			}
		}
		if !none {
			day = min(day, DayOf(time.UnixMilli(first), a.Location()))
		}
	}
	return max(day, ask.From)
}

func accountsOf(ctx context.Context, l *cache.Local, name string) ([]inbox.Account, error) {
	if name == "" {
		return l.Accounts(ctx)
	}
	a, err := l.Account(ctx, name)
	return []inbox.Account{a}, err
}

// coverage says what is here of each account.
func (t *tally) coverage(accounts []inbox.Account, states map[string]cache.State) Coverage {
	c := Coverage{Accounts: []AccountCoverage{}, UnknownDirection: t.unknown, Untimed: t.untimed}
	for _, a := range accounts {
		s := states[a.Name]
		c.Accounts = append(c.Accounts, AccountCoverage{Account: a.Name, Provider: a.Provider, Zone: t.offices[a.Name].clock.zone.String(),
			AsOf: inbox.TimeJSON(s.AsOf), Oldest: inbox.TimeJSON(inbox.FromMillis(t.offices[a.Name].oldest)),
			Listed: !s.Sweep.FinishedAt.IsZero(), ToRead: s.ToRead, Short: s.Incomplete - s.ToRead})
	}
	return c
}

// readStatuses counts the changes of status that were seen in the period.
func (r *Report) readStatuses(ctx context.Context, l *cache.Local, accounts []inbox.Account) error {
	since, err := l.Watching(ctx)
	if err != nil {
		return err
	}
	for i, a := range accounts {
		zone := a.Location()
		r.Coverage.Accounts[i].Watching = inbox.TimeJSON(since[a.Name])
		for day := max(r.From, DayOf(since[a.Name], zone)); day <= r.To; day++ {
			if d := &r.Days[day-r.From]; d.Resolved == nil {
				d.Resolved, d.Reopened = new(int), new(int)
			}
		}
		lines, err := l.StatusChanges(ctx, a.Name, r.From.start(zone), (r.To + 1).start(zone))
		if err != nil {
			return err
		}
		for _, line := range lines {
			r.status(a, zone, line)
		}
	}
	return nil
}

func ended(s inbox.Status) bool { return s == inbox.Resolved || s == inbox.Closed }

// status counts a change of status.
func (r *Report) status(a inbox.Account, zone *time.Location, line cache.ChangeLine) {
	before, after := inbox.StatusOf(a.Provider, line.Before), inbox.StatusOf(a.Provider, line.After)
	seen := DayOf(line.Until, zone)
	if seen < r.From || seen > r.To {
		return
	}
	d := &r.Days[seen-r.From]
	if d.Resolved == nil { // the account was added anew since
		d.Resolved, d.Reopened = new(int), new(int)
	}
	switch {
	case ended(after) && !ended(before):
		*d.Resolved++
	case ended(before) && (after == inbox.Open || after == inbox.Pending):
		*d.Reopened++
	default:
		return
	}
	if line.Since.IsZero() || DayOf(line.Since, zone) != seen {
		r.Coverage.SeenLate++
	}
}

// ageHours are the bounds of the ages, in hours.
var ageHours = []int{1, 4, 24, 3 * 24, 7 * 24, 30 * 24}

func (r *Report) readAges(ctx context.Context, c *cache.Cache, ask Ask, accounts []inbox.Account) error {
	r.Ages = make([]AgeCount, len(ageHours)+1)
	for i := range ageHours {
		r.Ages[i].HoursTo, r.Ages[i+1].HoursFrom = &ageHours[i], ageHours[i]
	}
	for _, a := range accounts {
		now := ask.Now(a.Name)
		var bounds []time.Time // the oldest first
		for _, hours := range slices.Backward(ageHours) {
			// What is exactly so old is of the older ones.
			bounds = append(bounds, now.Add(-time.Duration(hours)*time.Hour+time.Millisecond))
		}
		live, waiting, err := c.LiveAges(ctx, a.Name, bounds)
		if err != nil {
			return fmt.Errorf("count what is open: %w", err)
		}
		for i := range live {
			age := &r.Ages[len(live)-1-i]
			age.Customer += waiting[i]
			age.Other += live[i] - waiting[i]
		}
	}
	return nil
}

// name gives channels and agents the names that they were given here.
func (r *Report) name(ctx context.Context, l *cache.Local, t *tally) error {
	channels, err := l.ChannelNames(ctx)
	if err != nil {
		return err
	}
	for k, c := range t.channels {
		c.Name = channels[[2]string{k.account, k.channel}]
	}
	agents, err := l.Agents(ctx, r.Account)
	if err != nil {
		return err
	}
	for _, a := range agents {
		if of := t.agents[agentKey{a.Account, a.Ref}]; of != nil {
			of.Name = a.Name
		}
	}
	return nil
}

// gather puts what was counted in order.
func (r *Report) gather(t *tally, accounts []inbox.Account) {
	r.Responses, r.Assignees, r.Windows = []Response{{}}, []Response{}, []WindowCount{{}}
	var all responses
	for _, a := range accounts {
		o := t.offices[a.Name]
		all.join(&o.responses)
		r.Responses = append(r.Responses, o.responses.close())
		w := &r.Windows[0]
		w.Closed, w.Missed, w.Unclear = w.Closed+o.windows.Closed, w.Missed+o.windows.Missed, w.Unclear+o.windows.Unclear
		r.Windows = append(r.Windows, o.windows)
	}
	r.Responses[0] = all.close()
	for _, of := range t.agents {
		r.Assignees = append(r.Assignees, of.close())
	}
	slices.SortFunc(r.Assignees, func(a, b Response) int {
		return cmp.Or(cmp.Compare(b.all(), a.all()), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Ref, b.Ref))
	})
	for weekday := range t.hours {
		for hour, n := range t.hours[weekday] {
			n.Weekday, n.Hour = weekday+1, hour
			r.Hours = append(r.Hours, n)
		}
	}
	r.Channels = []ChannelCount{}
	for _, c := range t.channels {
		r.Channels = append(r.Channels, *c)
	}
	slices.SortFunc(r.Channels, func(a, b ChannelCount) int {
		return cmp.Or(cmp.Compare(b.Messages.All(), a.Messages.All()), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Platform, b.Platform))
	})
}

// join takes in what another counted.
func (r *responses) join(o *responses) {
	r.Answered, r.Unanswered, r.Waiting, r.Unclear = r.Answered+o.Answered, r.Unanswered+o.Unanswered, r.Waiting+o.Waiting, r.Unclear+o.Unclear
	r.took = append(r.took, o.took...)
}

func (r *Response) all() int { return r.Answered + r.Unanswered + r.Waiting + r.Unclear }
