package server

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"bandeja/internal/cache"
)

// mostDays bounds what a calendar asks for at once: two months and what of
// other weeks is seen beside them.
const mostDays = 80

const dayForm = "2006-01-02"

// dayOf is when a day (2026-04-13) begins in a zone.
func dayOf(day string, zone *time.Location) (time.Time, error) {
	return time.ParseInLocation(dayForm, day, zone)
}

// zoneOf is the zone that a request names, or else the one there is for it.
func zoneOf(ctx context.Context, q url.Values, otherwise func(context.Context) (*time.Location, error)) (*time.Location, error) {
	name := q.Get("zone")
	if name == "" {
		return otherwise(ctx)
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, invalid("zone")
	}
	return zone, nil
}

// zoneOfThread is that of its account.
func (s *Server) zoneOfThread(ctx context.Context, ref string) (*time.Location, error) {
	t, err := s.o.Cache.Thread(ctx, ref)
	if err != nil {
		return nil, err
	}
	return s.zoneOfAccount(ctx, t.Account)
}

// zoneOfPerson is that of their newest thread.
func (s *Server) zoneOfPerson(ctx context.Context, ref string) (*time.Location, error) {
	people, err := s.o.Cache.People(ctx, []string{ref})
	if err != nil {
		return nil, err
	}
	if len(people) == 0 || len(people[0].Parts) == 0 {
		return nil, cache.ErrNotFound
	}
	return s.zoneOfThread(ctx, people[0].Parts[0].Thread)
}

// threadDays is GET /api/threads/{thread}/days.
func (s *Server) threadDays(w http.ResponseWriter, r *http.Request) error {
	ref := r.PathValue("thread")
	return daysPage(w, r, func(ctx context.Context, starts []time.Time) (cache.MessageDays, error) {
		return s.o.Cache.ThreadDays(ctx, ref, starts)
	}, func(ctx context.Context) (*time.Location, error) { return s.zoneOfThread(ctx, ref) })
}

// personDays is GET /api/people/{person}/days.
func (s *Server) personDays(w http.ResponseWriter, r *http.Request) error {
	ref := r.PathValue("person")
	return daysPage(w, r, func(ctx context.Context, starts []time.Time) (cache.MessageDays, error) {
		return s.o.Cache.PersonDays(ctx, ref, starts)
	}, func(ctx context.Context) (*time.Location, error) { return s.zoneOfPerson(ctx, ref) })
}

// daysPage answers which days from one to another, both inclusive, have
// messages.
func daysPage(w http.ResponseWriter, r *http.Request, look func(context.Context, []time.Time) (cache.MessageDays, error),
	otherwise func(context.Context) (*time.Location, error)) error {
	q := r.URL.Query()
	zone, err := zoneOf(r.Context(), q, otherwise)
	if err != nil {
		return err
	}
	first, err := dayOf(q.Get("from"), zone)
	if err != nil {
		return invalid("from")
	}
	last, err := dayOf(q.Get("to"), zone)
	if err != nil || last.Before(first) || last.After(first.AddDate(0, 0, mostDays)) {
		return invalid("to")
	}
	var days []string
	var starts []time.Time
	y, m, d := first.Date()
	for n := 0; ; n++ {
		// The days are counted and not the hours: one of a change of clocks has 23 or 25.
		at := time.Date(y, m, d+n, 0, 0, 0, 0, zone)
		starts = append(starts, at)
		if at.After(last) {
			break
		}
		days = append(days, time.Date(y, m, d+n, 12, 0, 0, 0, time.UTC).Format(dayForm))
	}
	found, err := look(r.Context(), starts)
	if err != nil {
		return err
	}
	marked := []string{}
	for i, has := range found.Has {
		if has {
			marked = append(marked, days[i])
		}
	}
	return writeJSON(w, http.StatusOK, map[string]any{"days": marked, "first": dayIn(found.First, zone), "last": dayIn(found.Last, zone)})
}

// dayIn is the day of a time there, null where it is not known.
func dayIn(at time.Time, zone *time.Location) *string {
	if at.IsZero() {
		return nil
	}
	day := at.In(zone).Format(dayForm)
	return &day
}
