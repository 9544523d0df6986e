package cache

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"bandeja/internal/phone"
)

// ThreadByLine finds the newest thread (t_…) of a line by its identity key.
func (c *Cache) ThreadByLine(ctx context.Context, key string) (string, error) {
	var ref string
	err := c.s.readers.QueryRowContext(ctx, `SELECT t.ref FROM contacts k JOIN threads t ON t.contact = k.id
		WHERE k.phone_key = ? AND k.phone_key <> '' ORDER BY t.gone, t.sort_at DESC, t.id DESC LIMIT 1`, key).Scan(&ref)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrNotFound
	}
	return ref, describe(c.s.path, err)
}

// Phones lists the ways in which the profile's offices write their numbers,
// each once; the empty one where there is no account.
func (l *Local) Phones(ctx context.Context) ([]phone.Context, error) {
	accounts, err := l.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	var out []phone.Context
	for _, a := range accounts {
		if w := (phone.Context{Region: a.Region, Area: a.Area}); !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		out = append(out, phone.Context{})
	}
	return out, nil
}

// SQLiteVersion is the engine's own.
func SQLiteVersion(ctx context.Context) (v string, err error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return "", err
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&v)
	return v, err
}

// PeopleOfLine names everybody (p_…) who has one of some identity keys.
func (c *Cache) PeopleOfLine(ctx context.Context, keys []string) (people []string, err error) {
	for _, key := range keys {
		if err := each(ctx, c.s.readers, `SELECT DISTINCT person FROM contacts WHERE phone_key = ? AND phone_key <> '' ORDER BY person`, []any{key}, func(scan func(...any) error) error {
			var person string
			err := scan(&person)
			addOnce(&people, person)
			return err
		}); err != nil {
			return nil, describe(c.s.path, err)
		}
	}
	return people, nil
}
