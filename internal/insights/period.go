package insights

import (
	"context"
	"fmt"
	"time"

	"bandeja/internal/cache"
)

const (
	usualDays   = 28
	longestDays = 3660 // ten years
)

// Oldest asks, as the first day of a period, for all that is here.
const Oldest = "oldest"

// PeriodError is a period that cannot be counted: which end of it is wrong.
type PeriodError struct {
	End  string // "from" or "to"
	Text string // as it was given
}

func (e *PeriodError) Error() string {
	return fmt.Sprintf("%s: %q is no day such as 2026-04-13, or the period ends before it begins or is longer than ten years", e.End, e.Text)
}

// Period sets From, To and Whole by two days as ParseDay reads them; "" as the
// last is today, "" as the first four weeks with the last, Oldest all that is
// here, back to ten years. *PeriodError where that is no period.
func (a *Ask) Period(from, to string, today Day) error {
	var err error
	a.To = today
	if to != "" {
		if a.To, err = ParseDay(to); err != nil {
			return &PeriodError{"to", to}
		}
	}
	a.Whole = from == Oldest
	switch {
	case a.Whole:
		a.From = a.To - longestDays + 1
		return nil
	case from == "":
		a.From = a.To - usualDays + 1
		return nil
	}
	if a.From, err = ParseDay(from); err != nil || a.From > a.To || a.To-a.From >= longestDays {
		return &PeriodError{"from", from}
	}
	return nil
}

// Today is the day that it is at the account of the question. Of all, it is the
// latest that it is at any: in Buenos Aires a day begins three hours before it
// does in Mexico, and what is said in them is of the period, too.
// cache.ErrNotFound for an account that is not there.
func (a *Ask) Today(ctx context.Context, l *cache.Local) (Day, error) {
	accounts, err := accountsOf(ctx, l, a.Account)
	if err != nil {
		return 0, err
	}
	if len(accounts) == 0 {
		return DayOf(a.Now(""), time.UTC), nil
	}
	today := DayOf(a.Now(accounts[0].Name), accounts[0].Location())
	for _, of := range accounts[1:] {
		today = max(today, DayOf(a.Now(of.Name), of.Location()))
	}
	return today, nil
}
