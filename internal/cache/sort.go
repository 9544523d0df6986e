package cache

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bandeja/internal/inbox"
)

// Sort is what a person sorts a list by; "" is the view's own: newest first, the
// expiring and the snoozed by what ends soonest.
type Sort string

// The sorts.
const (
	// Newest: by the last activity.
	Newest Sort = "newest"
	// LongestWaiting: those that need a reply, by the customer's first message
	// that nobody has answered; where that is not read yet by the last one
	// listed, after them; then the others, newest first.
	LongestWaiting Sort = "waiting"
	// EndingSoonest: those whose reply window is open, by its end; then the
	// others, newest first.
	EndingSoonest Sort = "expiring"
)

// Known reports whether there is such a sort.
func (s Sort) Known() bool {
	return s == "" || s == Newest || s == LongestWaiting || s == EndingSoonest
}

// Where those stand whose time is not known, and those that the sort is not
// about. Times in milliseconds are below, and all of them are whole to a
// program that counts in doubles.
const (
	unknownFrom int64 = 1 << 50
	restFrom    int64 = 1 << 52
)

// waitingSince is a thread's first message of the customer that nobody of the
// team has answered; 0 where it does not wait, or where its last messages are
// not read yet. What an unknown hand wrote is no answer.
const waitingSince = `CASE WHEN t.last_dir = 'in' AND t.status IN ('open','pending')
	AND (SELECT max(m.at) FROM messages m WHERE m.thread = t.id) >= t.last_at
	THEN coalesce((SELECT min(m.at) FROM messages m WHERE m.thread = t.id AND m.direction = 'in' AND m.at >
		coalesce((SELECT o.at FROM messages o WHERE o.thread = t.id AND o.direction = 'out' ORDER BY o.at DESC, o.seq DESC, o.id DESC LIMIT 1), -1)), 0)
	ELSE 0 END`

// own reports whether the sort is the one that f's view has anyway.
func (f ThreadFilter) own() bool {
	switch f.View {
	case Expiring:
		return f.Sort == "" || f.Sort == EndingSoonest
	case Snoozed:
		return f.Sort == ""
	}
	return f.Sort == "" || f.Sort == Newest
}

// ascending reports whether what is least comes first.
func (f ThreadFilter) ascending() bool {
	if f.Sort == "" {
		return f.View == Expiring || f.View == Snoozed
	}
	return f.Sort != Newest
}

// placeOf is where a thread of the facts stands in the list.
func (f ThreadFilter) placeOf(of *facts, id int, now int64) int64 {
	switch {
	case f.Sort == LongestWaiting:
		if of.state[id]&needsReply == 0 {
			return restFrom - of.at[id]
		}
		if since := of.waits[id]; since > 0 {
			return since
		}
		return unknownFrom + of.at[id]
	case f.Sort == EndingSoonest && f.View != Expiring:
		if until := of.until[id]; until > now {
			return until
		}
		return restFrom - of.at[id]
	case f.View == Expiring && f.Sort != Newest:
		return of.until[id]
	case f.View == Snoozed && f.Sort != Newest:
		return of.sleeps[int64(id)]
	}
	return of.at[id]
}

// place is placeOf in SQL.
func (f ThreadFilter) place(now int64) string {
	switch {
	case f.Sort == LongestWaiting:
		return fmt.Sprintf(`CASE WHEN NOT (t.last_dir = 'in' AND t.status IN ('open','pending')) THEN %d - t.sort_at
			ELSE coalesce(nullif(%s, 0), %d + t.sort_at) END`, restFrom, waitingSince, unknownFrom)
	case f.Sort == EndingSoonest:
		return fmt.Sprintf(`CASE WHEN t.window_until > %d THEN t.window_until ELSE %d - t.sort_at END`, now, restFrom)
	}
	return "t.sort_at"
}

// sortThreads is listThreads for a sort that no index is in the order of. It
// looks at every thread of the view: lists of whoever has facts go by them.
func sortThreads(ctx context.Context, t *sql.Tx, f ThreadFilter, after string, limit int) ([]placedThread, error) {
	from, err := findThreadCursor(ctx, t, f, after)
	if err != nil {
		return nil, err
	}
	cond, args, err := f.where()
	if err != nil {
		return nil, err
	}
	place, beyond, direction := f.place(from.now), "<", "DESC"
	if f.ascending() {
		beyond, direction = ">", "ASC"
	}
	query := `SELECT p.id, p.at FROM (SELECT t.id AS id, ` + place + ` AS at ` + threadTables + `WHERE ` + cond + ` AND (? = '' OR a.name = ?)) p`
	args = append(args, f.Account, f.Account)
	if after != "" {
		query, args = query+` WHERE (p.at, p.id) `+beyond+` (?, ?)`, append(args, from.at, from.id)
	}
	var places []threadPlace
	if err := each(ctx, t, query+` ORDER BY p.at `+direction+`, p.id `+direction+` LIMIT ?`, append(args, limit), func(scan func(...any) error) error {
		p := threadPlace{now: from.now}
		err := scan(&p.id, &p.at)
		places = append(places, p)
		return err
	}); err != nil {
		return nil, err
	}
	return threadsAt(ctx, t, places)
}

// cursor names the place of a row of the list: its thread, where it stood, and
// of a sort that is not the view's own which, and by which time.
func (f ThreadFilter) cursor(r *placedThread) string {
	parts := []string{itoa(r.at), r.Ref}
	if !f.own() {
		parts = append(parts, string(f.Sort), itoa(r.now))
	}
	return strings.Join(parts, "|")
}

// readCursor reads what cursor wrote: ErrCursor where it is of another list.
func (f ThreadFilter) readCursor(cursor string) (p threadPlace, ref string, err error) {
	parts := strings.Split(cursor, "|")
	want := 2
	if !f.own() {
		want = 4
	}
	if len(parts) != want || want == 4 && parts[2] != string(f.Sort) {
		return p, "", ErrCursor
	}
	if p.at, err = strconv.ParseInt(parts[0], 10, 64); err != nil {
		return p, "", ErrCursor
	}
	if want == 4 {
		if p.now, err = strconv.ParseInt(parts[3], 10, 64); err != nil {
			return p, "", ErrCursor
		}
	}
	return p, parts[1], nil
}

// Place is where a row of a page stands, and since when it waits.
type Place struct {
	// At grows down the list, or shrinks where the newest come first. What
	// stands at the same is in no order that is told.
	At int64
	// WaitingSince is, in a list by LongestWaiting, when the first message came
	// that nobody has answered; 0 where that is not known, or nobody waits.
	WaitingSince int64
}

func (f ThreadFilter) placeTold(r *placedThread) Place {
	p := Place{At: r.at}
	if f.Sort == LongestWaiting && r.at < unknownFrom {
		p.WaitingSince = r.at
	}
	return p
}

// byPlace sorts rows as the list does.
func (f ThreadFilter) byPlace(rows []placedThread) {
	order := firstPlaces{ascending: f.ascending()}
	slices.SortFunc(rows, func(a, b placedThread) int {
		if order.before(a.threadPlace, b.threadPlace) {
			return -1
		}
		return 1
	})
}

// at is what a thread of the list is ordered by, of the view's own sort.
func (f ThreadFilter) at(t *Thread) int64 {
	switch f.View {
	case Expiring:
		return inbox.Millis(t.Window.Until)
	case Snoozed:
		return inbox.Millis(t.SnoozedUntil)
	}
	return inbox.Millis(t.At)
}
