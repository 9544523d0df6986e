package cache

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/phone"
)

// Cache is cache.db: conversations, messages, threads and contacts as the
// providers gave them, with the bookmarks of sync.
type Cache struct {
	s *store

	mu       sync.RWMutex
	accounts map[string]accountRow
	fetches  map[int64]*fetches // by account
}

// accountRow is what saving a row of an account needs to know.
type accountRow struct {
	id       int64
	name     string
	provider inbox.ProviderName
	phones   phone.Context
}

// OpenCache opens cache.db at path.
//
// Errors: ErrNewer, ErrOlder (read-only), ErrForeign, ErrCorrupt, ErrFull,
// ErrReadOnly, each with the file's path.
func OpenCache(ctx context.Context, path string, mode Mode) (*Cache, error) {
	s, err := openStore(ctx, path, mode, cacheShape())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	c := &Cache{s: s, accounts: map[string]accountRow{}, fetches: map[int64]*fetches{}}
	err = c.loadAccounts(ctx)
	if err == nil && mode == ReadWrite {
		err = c.applyPhoneRules(ctx, phone.RulesVersion)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), s.Close())
	}
	return c, nil
}

// Close closes the file; nothing may use c afterwards.
func (c *Cache) Close() error { return c.s.Close() }

func (c *Cache) loadAccounts(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return each(ctx, c.s.readers, `SELECT id, name, provider, region, area FROM accounts`, nil, func(scan func(...any) error) error {
		var a accountRow
		if err := scan(&a.id, &a.name, &a.provider, &a.phones.Region, &a.phones.Area); err != nil {
			return err
		}
		c.accounts[a.name] = a
		return nil
	})
}

func (c *Cache) account(name string) (accountRow, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	a, ok := c.accounts[name]
	if !ok {
		return a, fmt.Errorf("account %s: %w", name, ErrNotFound)
	}
	return a, nil
}

// EnsureAccount makes the cache know an account, before anything of it is
// saved. A changed region or area reads the stored numbers anew, from their
// raw text, without the network.
func (c *Cache) EnsureAccount(ctx context.Context, a inbox.Account) error {
	row := accountRow{name: a.Name, provider: a.Provider, phones: phone.Context{Region: a.Region, Area: a.Area}}
	c.mu.RLock()
	old, known := c.accounts[a.Name]
	c.mu.RUnlock()
	row.id = old.id
	if known && old == row {
		return nil
	}
	err := c.s.write(ctx, func(t *tx) error {
		if _, err := t.exec(`INSERT INTO accounts (name, provider, region, area) VALUES (?,?,?,?)
			ON CONFLICT (name) DO UPDATE SET provider = excluded.provider, region = excluded.region, area = excluded.area`,
			row.name, string(row.provider), row.phones.Region, row.phones.Area); err != nil {
			return err
		}
		if err := t.row(`SELECT id FROM accounts WHERE name = ?`, row.name).Scan(&row.id); err != nil {
			return err
		}
		if known && old.phones != row.phones {
			return rereadPhones(t, row)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("save account %s: %w", a.Name, err)
	}
	c.mu.Lock()
	c.accounts[a.Name] = row
	c.mu.Unlock()
	return nil
}

// RemoveAccount erases everything of an account from the cache.
func (c *Cache) RemoveAccount(ctx context.Context, name string) error {
	a, err := c.account(name)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	err = c.s.write(ctx, func(t *tx) error {
		if err := dropFromIndex(t, a.id); err != nil {
			return err
		}
		for _, q := range []string{
			`DELETE FROM messages WHERE conversation IN (SELECT id FROM conversations WHERE account = ?)`,
			`DELETE FROM conversations WHERE account = ?`,
			`DELETE FROM threads WHERE account = ?`,
			`DELETE FROM contacts WHERE account = ?`,
			`DELETE FROM workspaces WHERE account = ?`,
			`DELETE FROM feeds WHERE account = ?`,
			`DELETE FROM rejects WHERE account = ?`,
			`DELETE FROM runs WHERE account = ?`,
			`DELETE FROM changes WHERE account = ?`,
			`DELETE FROM wishes WHERE account = ?`,
			`DELETE FROM sweep_seen WHERE account = ?`,
			`DELETE FROM lookups WHERE account = ?`,
			`DELETE FROM calls WHERE account = ?`,
			`DELETE FROM accounts WHERE id = ?`,
		} {
			if _, err := t.exec(q, a.id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("remove account %s: %w", name, err)
	}
	c.mu.Lock()
	delete(c.accounts, name)
	c.mu.Unlock()
	return nil
}

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
	Rejected      int64
	Run           Run
	Sweep         Feed
}

// Run is one run of sync, or what the running one has done so far.
type Run struct {
	StartedAt  time.Time
	FinishedAt time.Time
	Requests   int64
	Retries    int64
	Changed    int64
	Error      string
}

// States reads the state of every account, by name.
func (c *Cache) States(ctx context.Context) ([]State, error) {
	var out []State
	err := each(ctx, c.s.readers, `SELECT a.name, a.provider, a.state, a.as_of, a.error, a.error_kind,
		a.conversations, a.messages,
		(SELECT count(*) FROM conversations WHERE account = a.id AND gone = 1),
		(SELECT count(*) FROM conversations WHERE account = a.id AND short = 1 AND gone = 0 AND listed_mark = read_mark),
		a.to_read,
		(SELECT count(*) FROM rejects WHERE account = a.id),
		coalesce(r.started_at, 0), coalesce(r.finished_at, 0), coalesce(r.requests, 0), coalesce(r.retries, 0), coalesce(r.changed, 0), coalesce(r.error, ''),
		coalesce(f.gen, 0), coalesce(f.top, 0), coalesce(f.pages, 0), coalesce(f.seen, 0), coalesce(f.back_to, 0), coalesce(f.finished_at, 0), coalesce(f.running, 0)
		FROM accounts a
		LEFT JOIN runs r ON r.id = (SELECT max(id) FROM runs WHERE account = a.id)
		LEFT JOIN feeds f ON f.account = a.id AND f.kind = 'sweep'
		ORDER BY a.name`, nil, func(scan func(...any) error) error {
		s := State{Sweep: Feed{Kind: Sweep}}
		var asOf, started, finished, top, back, swept int64
		if err := scan(&s.Name, &s.Provider, &s.State, &asOf, &s.Error, &s.ErrorKind,
			&s.Conversations, &s.Messages, &s.Gone, &s.Incomplete, &s.ToRead, &s.Rejected,
			&started, &finished, &s.Run.Requests, &s.Run.Retries, &s.Run.Changed, &s.Run.Error,
			&s.Sweep.Gen, &top, &s.Sweep.Pages, &s.Sweep.Seen, &back, &swept, &s.Sweep.Running); err != nil {
			return err
		}
		s.AsOf, s.Run.StartedAt, s.Run.FinishedAt = inbox.FromMillis(asOf), inbox.FromMillis(started), inbox.FromMillis(finished)
		s.Incomplete += s.ToRead
		s.Sweep.Top, s.Sweep.BackTo, s.Sweep.FinishedAt = inbox.FromMillis(top), inbox.FromMillis(back), inbox.FromMillis(swept)
		out = append(out, s)
		return nil
	})
	return out, describe(c.s.path, err)
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

// keptRuns is how many runs of an account are remembered.
const keptRuns = 200

// SaveRun adds a finished run to an account's history.
func (c *Cache) SaveRun(ctx context.Context, account string, r Run) error {
	a, err := c.account(account)
	if err != nil {
		return err
	}
	return c.s.write(ctx, func(t *tx) error {
		if _, err := t.exec(`INSERT INTO runs (account, started_at, finished_at, requests, retries, changed, error) VALUES (?,?,?,?,?,?,?)`,
			a.id, inbox.Millis(r.StartedAt), inbox.Millis(r.FinishedAt), r.Requests, r.Retries, r.Changed, r.Error); err != nil {
			return err
		}
		_, err := t.exec(`DELETE FROM runs WHERE account = ?1 AND id <= (SELECT max(id) FROM runs WHERE account = ?1) - ?2`, a.id, keptRuns)
		return err
	})
}
