package profile

import (
	"context"
	"time"

	"bandeja/internal/search"
)

// People is the index of everybody.
func (in *Inbox) People() *search.People { return in.search.People }

// Snooze is what the screen's is.
func (in *Inbox) Snooze(ctx context.Context, threads []string, until time.Time) error {
	return in.office().Snooze(ctx, threads, until)
}

// MostOfOne is how many connections of one address are taken.
const MostOfOne = mostOfOne
