package cache

import (
	"context"
	"fmt"
	"time"

	"bandeja/internal/inbox"
)

// State is what is known of an account's copy (DESIGN §6.3).
type State struct {
	Name          string
	Provider      inbox.ProviderName
	State         string // first_copy, catching_up, up_to_date, offline, paused, failing
	AsOf          time.Time
	Error         string
	ErrorKind     string
	Conversations int64
	Messages      int64
	Gone          int64
	Incomplete    int64
	ToRead        int64
	Lookups       int64 // conversations that did not come back and are being asked for
	Rejected      int64 // rows that could not be read; the newest are kept raw
	Run           Run   // the last one
	Sweep         Feed
}

const stateColumns = `SELECT a.name, a.provider, a.state, a.as_of, a.error, a.error_kind,
	a.conversations, a.messages,
	(SELECT count(*) FROM conversations WHERE account = a.id AND gone = 1),
	(SELECT count(*) FROM conversations WHERE account = a.id AND short = 1 AND gone = 0 AND listed_mark = read_mark),
	a.to_read,
	(SELECT count(*) FROM lookups WHERE account = a.id),
	a.rejected,
	coalesce(r.started_at, 0), coalesce(r.finished_at, 0), coalesce(r.requests, 0), coalesce(r.retries, 0), coalesce(r.changed, 0),
	coalesce(r.error, ''), coalesce(r.error_kind, ''),
	coalesce(f.gen, 0), coalesce(f.top, 0), coalesce(f.pages, 0), coalesce(f.seen, 0), coalesce(f.back_to, 0), coalesce(f.finished_at, 0), coalesce(f.running, 0)
	FROM accounts a
	LEFT JOIN runs r ON r.id = (SELECT max(id) FROM runs WHERE account = a.id)
	LEFT JOIN feeds f ON f.account = a.id AND f.kind = 'sweep' `

func scanState(scan func(...any) error) (State, error) {
	s := State{Sweep: Feed{Kind: Sweep}}
	var asOf, started, finished, top, back, swept int64
	err := scan(&s.Name, &s.Provider, &s.State, &asOf, &s.Error, &s.ErrorKind,
		&s.Conversations, &s.Messages, &s.Gone, &s.Incomplete, &s.ToRead, &s.Lookups, &s.Rejected,
		&started, &finished, &s.Run.Requests, &s.Run.Retries, &s.Run.Changed, &s.Run.Error, &s.Run.ErrorKind,
		&s.Sweep.Gen, &top, &s.Sweep.Pages, &s.Sweep.Seen, &back, &swept, &s.Sweep.Running)
	s.AsOf, s.Run.StartedAt, s.Run.FinishedAt = inbox.FromMillis(asOf), inbox.FromMillis(started), inbox.FromMillis(finished)
	s.Incomplete += s.ToRead
	s.Sweep.Top, s.Sweep.BackTo, s.Sweep.FinishedAt = inbox.FromMillis(top), inbox.FromMillis(back), inbox.FromMillis(swept)
	return s, err
}

// States reads the state of every account, by name.
func (c *Cache) States(ctx context.Context) ([]State, error) {
	var out []State
	err := each(ctx, c.s.readers, stateColumns+`ORDER BY a.name`, nil, func(scan func(...any) error) error {
		s, err := scanState(scan)
		out = append(out, s)
		return err
	})
	return out, describe(c.s.path, err)
}

// State reads the state of one account: ErrNotFound where the cache knows none
// of that name.
func (c *Cache) State(ctx context.Context, account string) (s State, err error) {
	found := false
	err = each(ctx, c.s.readers, stateColumns+`WHERE a.name = ?`, []any{account}, func(scan func(...any) error) error {
		found = true
		s, err = scanState(scan)
		return err
	})
	if err == nil && !found {
		return s, fmt.Errorf("account %s: %w", account, ErrNotFound)
	}
	return s, describe(c.s.path, err)
}

// SaveState writes what the status line says of an account.
func (c *Cache) SaveState(ctx context.Context, account, state string, asOf time.Time, errKind, errText string) error {
	return c.s.write(ctx, func(t *tx) error {
		_, err := t.exec(`UPDATE accounts SET state = ?1, as_of = ?2, error_kind = ?3, error = ?4
			WHERE name = ?5 AND (state, as_of, error_kind, error) <> (?1, ?2, ?3, ?4)`,
			state, inbox.Millis(asOf), errKind, errText, account)
		return err
	})
}
