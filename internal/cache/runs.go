package cache

import (
	"context"
	"fmt"
	"slices"
	"time"

	"bandeja/internal/inbox"
)

// Run is one run of sync, or what the running one has done so far.
type Run struct {
	StartedAt  time.Time
	FinishedAt time.Time
	Requests   int64
	Retries    int64
	Changed    int64
	Error      string
	ErrorKind  string
}

// follows reports whether a run is but more of the one before it: both changed
// nothing and met the same trouble, or none.
func (r *Run) follows(before *Run) bool {
	return r.Changed == 0 && before.Changed == 0 && r.ErrorKind == before.ErrorKind && (r.Error == "") == (before.Error == "")
}

// join makes one of two runs in a row.
func (r *Run) join(later Run) {
	r.FinishedAt, r.Error = later.FinishedAt, later.Error
	r.Requests += later.Requests
	r.Retries += later.Retries
}

// keptRuns is how many rows of an account's runs are kept.
const keptRuns = 200

// SaveRun adds a finished run to an account's history. Runs in a row that
// changed nothing, and met the same trouble or none, become one; the newest
// stands for itself, since the status line tells of it alone.
func (c *Cache) SaveRun(ctx context.Context, account string, r Run) error {
	a, err := c.account(account)
	if err != nil {
		return err
	}
	return c.s.write(ctx, func(t *tx) error {
		if err := foldRuns(t, a); err != nil {
			return err
		}
		if _, err := t.exec(`INSERT INTO runs (account, started_at, finished_at, requests, retries, changed, error, error_kind) VALUES (?,?,?,?,?,?,?,?)`,
			a.id, inbox.Millis(r.StartedAt), inbox.Millis(r.FinishedAt), r.Requests, r.Retries, r.Changed, r.Error, r.ErrorKind); err != nil {
			return err
		}
		_, err := t.exec(`DELETE FROM runs WHERE account = ?1 AND id <= (SELECT id FROM runs WHERE account = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`, a.id, keptRuns)
		return err
	})
}

const runColumns = `SELECT id, started_at, finished_at, requests, retries, changed, error, error_kind FROM runs WHERE account = ? ORDER BY id DESC LIMIT ?`

func scanRun(scan func(...any) error) (id int64, r Run, err error) {
	var started, finished int64
	err = scan(&id, &started, &finished, &r.Requests, &r.Retries, &r.Changed, &r.Error, &r.ErrorKind)
	r.StartedAt, r.FinishedAt = inbox.FromMillis(started), inbox.FromMillis(finished)
	return id, r, err
}

// foldRuns makes one of the last two runs, if the later is but more of the
// earlier.
func foldRuns(t *tx, a accountRow) error {
	var ids []int64
	var runs []Run
	if err := t.query(runColumns, []any{a.id, 2}, func(scan func(...any) error) error {
		id, r, err := scanRun(scan)
		ids, runs = append(ids, id), append(runs, r)
		return err
	}); err != nil {
		return err
	}
	if len(runs) < 2 || !runs[0].follows(&runs[1]) {
		return nil
	}
	one := runs[1]
	one.join(runs[0])
	if _, err := t.exec(`DELETE FROM runs WHERE id = ?`, ids[1]); err != nil {
		return err
	}
	_, err := t.exec(`UPDATE runs SET started_at = ?, finished_at = ?, requests = ?, retries = ?, error = ? WHERE id = ?`,
		inbox.Millis(one.StartedAt), inbox.Millis(one.FinishedAt), one.Requests, one.Retries, one.Error, ids[0])
	return err
}

// Runs lists an account's runs, newest first, those in a row that changed
// nothing as one.
func (c *Cache) Runs(ctx context.Context, account string, limit int) ([]Run, error) {
	a, err := c.account(account)
	if err != nil {
		return nil, err
	}
	var out []Run
	err = each(ctx, c.s.readers, runColumns, []any{a.id, limit + 1}, func(scan func(...any) error) error {
		_, r, err := scanRun(scan)
		if err != nil {
			return err
		}
		if n := len(out); n > 0 && out[n-1].follows(&r) {
			r.join(out[n-1])
			out[n-1] = r
			return nil
		}
		out = append(out, r)
		return nil
	})
	return slices.Clip(out[:min(len(out), limit)]), describe(c.s.path, err)
}

// Calls is what an account has asked of its provider in some time.
type Calls struct {
	Requests int64 // sent, retries included
	Retries  int64
	Limited  int64 // answered 429
}

func (c Calls) none() bool { return c == Calls{} }

// keptHours is how long the count of calls is kept, by the hour.
const keptHours = 30 * 24

// AddCalls counts calls made at about a time.
func (c *Cache) AddCalls(ctx context.Context, account string, at time.Time, n Calls) error {
	a, err := c.account(account)
	if err != nil || n.none() {
		return err
	}
	hour := at.Truncate(time.Hour)
	err = c.s.write(ctx, func(t *tx) error {
		if _, err := t.exec(`INSERT INTO calls (account, hour, requests, retries, limited) VALUES (?1,?2,?3,?4,?5)
			ON CONFLICT (account, hour) DO UPDATE SET requests = requests + ?3, retries = retries + ?4, limited = limited + ?5`,
			a.id, inbox.Millis(hour), n.Requests, n.Retries, n.Limited); err != nil {
			return err
		}
		_, err := t.exec(`DELETE FROM calls WHERE account = ? AND hour < ?`, a.id, inbox.Millis(hour.Add(-keptHours*time.Hour)))
		return err
	})
	if err != nil {
		return fmt.Errorf("count the calls of %s: %w", account, err)
	}
	return nil
}

// CallsUsed sums an account's calls of the last hour and of the last day. They
// are counted by whole hours: the one under way and the one before stand for
// the last hour in proportion, the last 24 for the day.
func (c *Cache) CallsUsed(ctx context.Context, account string, now time.Time) (hour, day Calls, err error) {
	a, err := c.account(account)
	if err != nil {
		return hour, day, err
	}
	this := now.Truncate(time.Hour)
	part := float64(this.Add(time.Hour).Sub(now)) / float64(time.Hour) // of the hour before
	err = each(ctx, c.s.readers, `SELECT hour, requests, retries, limited FROM calls WHERE account = ? AND hour > ? AND hour <= ?`,
		[]any{a.id, inbox.Millis(this.Add(-24 * time.Hour)), inbox.Millis(this)}, func(scan func(...any) error) error {
			var at int64
			var n Calls
			if err := scan(&at, &n.Requests, &n.Retries, &n.Limited); err != nil {
				return err
			}
			day.Requests += n.Requests
			day.Retries += n.Retries
			day.Limited += n.Limited
			switch inbox.FromMillis(at).UnixMilli() {
			case this.UnixMilli():
				hour.Requests += n.Requests
				hour.Retries += n.Retries
				hour.Limited += n.Limited
			case this.Add(-time.Hour).UnixMilli():
				hour.Requests += int64(part * float64(n.Requests))
				hour.Retries += int64(part * float64(n.Retries))
				hour.Limited += int64(part * float64(n.Limited))
			}
			return nil
		})
	return hour, day, describe(c.s.path, err)
}
