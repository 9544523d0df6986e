package cache

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

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

	facts   facts
	courses courses
	roll    roll
	wishing sync.Mutex // held while wishes are mirrored
	tying   sync.Mutex // held while joins and splits are
	ties    *tiesMemory
	out     *keptOut

	distrusted atomic.Bool // the message index: searches do without it
	budget     searchBudget
	tidying    bool // TidyIndex's, which one alone calls
}

// accountRow is what saving a row of an account needs to know.
type accountRow struct {
	id       int64
	name     string
	provider inbox.ProviderName
	phones   phone.Context
	ties     *tiesMemory // the cache's own
	out      *keptOut    // the cache's own
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
	c := &Cache{s: s, budget: usualBudget, accounts: map[string]accountRow{}, fetches: map[int64]*fetches{}, ties: &tiesMemory{}, out: &keptOut{}}
	s.committed = func(threads []int64) {
		c.facts.committed(threads)
		c.courses.committed(threads)
		c.roll.committed(threads)
	}
	err = c.loadAccounts(ctx)
	if err == nil && mode == ReadWrite {
		err = c.beginRekey(ctx, phone.RulesVersion)
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
	rows, err := accountRows(c.ties, c.out, func(query string, args []any, fn func(func(...any) error) error) error {
		return each(ctx, c.s.readers, query, args, fn)
	})
	for _, a := range rows {
		c.accounts[a.name] = a
	}
	return err
}

// accountRows reads every account, by its row number.
func accountRows(memory *tiesMemory, out *keptOut, query func(string, []any, func(func(...any) error) error) error) (map[int64]accountRow, error) {
	rows := map[int64]accountRow{}
	err := query(`SELECT id, name, provider, region, area FROM accounts`, nil, func(scan func(...any) error) error {
		a := accountRow{ties: memory, out: out}
		err := scan(&a.id, &a.name, &a.provider, &a.phones.Region, &a.phones.Area)
		rows[a.id] = a
		return err
	})
	return rows, err
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
// saved. After a changed region or area Rekey has work to do.
func (c *Cache) EnsureAccount(ctx context.Context, a inbox.Account) error {
	row := accountRow{name: a.Name, provider: a.Provider, phones: phone.Context{Region: a.Region, Area: a.Area}, ties: c.ties, out: c.out}
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
			return rekeyFromStart(t)
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

// RemoveAccount erases everything of an account from the cache, and tells whom
// that changed.
func (c *Cache) RemoveAccount(ctx context.Context, name string) (Delta, error) {
	a, err := c.account(name)
	if errors.Is(err, ErrNotFound) {
		return Delta{}, nil
	}
	var delta Delta
	err = c.s.write(ctx, func(t *tx) error {
		delta = Delta{}
		ch := newChanges(0)
		if err := ch.leave(t, a); err != nil {
			return err
		}
		if err := dropFromIndex(t, a.id); err != nil {
			return err
		}
		if err := t.touching(`SELECT id FROM threads WHERE account = ?`, a.id); err != nil {
			return err
		}
		for _, q := range []string{
			`DELETE FROM sweep_seen WHERE account = ?`,
			`DELETE FROM lookups WHERE account = ?`,
			`DELETE FROM rechecks WHERE account = ?`,
			`DELETE FROM calls WHERE account = ?`,
			`DELETE FROM messages WHERE conversation IN (SELECT id FROM conversations WHERE account = ?)`,
			`DELETE FROM conversations WHERE account = ?`,
			`DELETE FROM threads WHERE account = ?`,
			`DELETE FROM contacts WHERE account = ?`,
			`DELETE FROM wishes WHERE account = ?`,
			`DELETE FROM workspaces WHERE account = ?`,
			`DELETE FROM feeds WHERE account = ?`,
			`DELETE FROM rejects WHERE account = ?`,
			`DELETE FROM runs WHERE account = ?`,
			`DELETE FROM changes WHERE account = ?`,
			`DELETE FROM renames WHERE account = (SELECT name FROM accounts WHERE id = ?)`,
			`DELETE FROM accounts WHERE id = ?`,
		} {
			if _, err := t.exec(q, a.id); err != nil {
				return err
			}
		}
		if err := seatAround(t, ch.graph, slices.Collect(maps.Keys(ch.sides)), ch); err != nil {
			return err
		}
		return ch.tell(t, &delta)
	})
	if err != nil {
		return Delta{}, fmt.Errorf("remove account %s: %w", name, err)
	}
	c.mu.Lock()
	delete(c.accounts, name)
	c.mu.Unlock()
	return delta, nil
}

// leave notes everybody whom an account that goes has a part of, and the sides
// that its contacts held together.
func (ch *changes) leave(t *tx, a accountRow) error {
	if err := t.query(`SELECT DISTINCT person FROM contacts WHERE account = ?`, []any{a.id}, func(scan func(...any) error) error {
		var ref string
		err := scan(&ref)
		ch.person(ref)
		return err
	}); err != nil {
		return err
	}
	g, err := ch.ties(t, a)
	if err != nil {
		return err
	}
	for side := range g.named {
		if !strings.HasPrefix(side, contactSide(a.name, "")) {
			continue
		}
		s, err := contactAt(t, g, side)
		if err != nil {
			return err
		}
		ch.sides[side] = true
		if s.key != "" {
			ch.sides[lineSide(s.key)] = true
		}
	}
	return nil
}
