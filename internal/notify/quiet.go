package notify

import (
	"slices"
	"time"
)

// Quiet are the hours in which nothing is told, as clocks on walls show them:
// where a night has an hour twice both are quiet, and where it lacks one the
// hours around it are as they were chosen.
type Quiet struct {
	On   bool   `json:"on"`
	From string `json:"from"` // 15:04
	To   string `json:"to"`   // no longer quiet then; not later than From: of the next day
	Days []int  `json:"days"` // on which they begin: 1 Monday to 7 Sunday
}

func (q Quiet) valid() bool {
	_, from := minutes(q.From)
	_, to := minutes(q.To)
	if !from || !to || q.Days == nil || len(q.Days) > 7 {
		return false
	}
	for i, day := range q.Days {
		if day < 1 || day > 7 || slices.Contains(q.Days[:i], day) {
			return false
		}
	}
	return true
}

// minutes reads a time of day as minutes since midnight.
func minutes(s string) (n int, ok bool) {
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil && len(s) == len("15:04")
}

// At reports whether a time is within the quiet hours, in its own zone.
func (q Quiet) At(t time.Time) bool {
	from, ok := minutes(q.From)
	to, also := minutes(q.To)
	if !q.On || !ok || !also {
		return false
	}
	now := t.Hour()*60 + t.Minute()
	today := dayOf(t.Weekday())
	if from < to {
		return slices.Contains(q.Days, today) && from <= now && now < to
	}
	// Begun today, or yesterday and going on.
	return slices.Contains(q.Days, today) && now >= from || slices.Contains(q.Days, dayOf(t.Weekday()+6)) && now < to
}

// dayOf counts the days of the week from Monday, 1, to Sunday, 7.
func dayOf(d time.Weekday) int { return int(d+6)%7 + 1 }
