package cache

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"sort"
	"time"

	"bandeja/internal/inbox"
)

// MessageDays says on which days a thread has messages.
type MessageDays struct {
	// Has is as long as the days that were asked for.
	Has []bool
	// First and Last are of the oldest and of the newest message that is here;
	// zero where there is none.
	First, Last time.Time
}

// ThreadDays looks a thread's messages through for days. starts are when each
// day begins, in order, and last when the last one ends. ErrNotFound.
func (c *Cache) ThreadDays(ctx context.Context, thread string, starts []time.Time) (MessageDays, error) {
	return c.days(ctx, threadsNamed, thread, starts)
}

// PersonDays is ThreadDays over all threads of a person.
func (c *Cache) PersonDays(ctx context.Context, person string, starts []time.Time) (MessageDays, error) {
	return c.days(ctx, threadsOfPerson, person, starts)
}

func (c *Cache) days(ctx context.Context, whose, ref string, starts []time.Time) (d MessageDays, err error) {
	d.Has = make([]bool, max(len(starts)-1, 0))
	bounds := make([]int64, len(starts))
	for i, at := range starts {
		bounds[i] = at.UnixMilli()
	}
	err = c.s.read(ctx, func(t *sql.Tx) error {
		r, err := newMessageReader(ctx, t, whose, ref)
		if err != nil {
			return err
		}
		for _, thread := range r.threads {
			if err := r.mark(thread, bounds, d.Has); err != nil {
				return err
			}
		}
		d.First, d.Last, err = r.ends()
		return err
	})
	return d, err
}

// mark walks a thread from the first message of a day to that of the next.
func (r *messageReader) mark(thread int64, bounds []int64, has []bool) error {
	for i := 0; i < len(has); {
		var p place
		err := r.t.QueryRowContext(r.ctx, firstFrom, thread, bounds[i]).Scan(&p.at, &p.seq, &p.id)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		i = sort.Search(len(bounds), func(n int) bool { return bounds[n] > p.at }) - 1
		if i < len(has) {
			has[i] = true
		}
		i++
	}
	return nil
}

// ends are the times of the oldest and the newest message.
func (r *messageReader) ends() (first, last time.Time, err error) {
	oldest, known, err := r.best(firstFrom, math.MinInt64, -1)
	if err != nil || !known {
		return first, last, err
	}
	newest, _, err := r.best(lastUntil, math.MaxInt64, +1)
	return inbox.FromMillis(oldest.at), inbox.FromMillis(newest.at), err
}
