package cache

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"time"

	"bandeja/internal/inbox"
)

// FeedKind names a pass over an account's list.
type FeedKind string

// The passes that keep a bookmark.
const (
	Head  FeedKind = "head"
	Sweep FeedKind = "sweep"
	Open  FeedKind = "open" // over the open conversations
)

// Feed is the bookmark of one pass over an account's list. It is saved with
// the rows it covers and never ahead of them (SYNC I2).
type Feed struct {
	Kind       FeedKind
	Gen        int64      // which sweep
	Mark       inbox.Mark // where it goes on; nil: from the start
	Running    bool       // begun and not finished
	Walked     bool       // a sweep's every page is read, and its end not settled
	Top        time.Time  // newest provider stamp at its start: W₀ of a sweep, W of the head pass
	Pages      int64
	Seen       int64
	BackTo     time.Time // the oldest activity seen
	FinishedAt time.Time // of the last complete pass, zero: none yet
	// Begun is when the pass asked for its first page, by the local clock;
	// zero where nobody knows. What a complete pass saw unchanged was so then.
	Begun time.Time
}

// Feed reads a bookmark; a pass never begun is a zero Feed of that kind.
func (c *Cache) Feed(ctx context.Context, account string, kind FeedKind) (Feed, error) {
	a, err := c.account(account)
	if err != nil {
		return Feed{}, err
	}
	f := Feed{Kind: kind}
	var mark []byte
	var top, back, finished, begun int64
	err = c.s.readers.QueryRowContext(ctx, `SELECT gen, running, walked, mark, top, pages, seen, back_to, finished_at, begun_at FROM feeds WHERE account = ? AND kind = ?`,
		a.id, string(kind)).Scan(&f.Gen, &f.Running, &f.Walked, &mark, &top, &f.Pages, &f.Seen, &back, &finished, &begun)
	if errors.Is(err, sql.ErrNoRows) {
		return f, nil
	}
	f.Mark = mark
	f.Top, f.BackTo, f.FinishedAt = inbox.FromMillis(top), inbox.FromMillis(back), inbox.FromMillis(finished)
	f.Begun = inbox.FromMillis(begun)
	return f, describe(c.s.path, err)
}

// SaveFeed writes a bookmark that covers no new rows: the start or the end of
// a pass.
func (c *Cache) SaveFeed(ctx context.Context, account string, f Feed) error {
	a, err := c.account(account)
	if err != nil {
		return err
	}
	return c.s.write(ctx, func(t *tx) error { return saveFeed(t, a, f) })
}

func saveFeed(t *tx, a accountRow, f Feed) error {
	// "Begun, and from the start" has a column of its own: the driver gives an
	// empty BLOB back as NULL.
	var mark []byte
	if f.Running {
		mark = f.Mark
	}
	_, err := t.exec(`INSERT INTO feeds (account, kind, gen, running, walked, mark, top, pages, seen, back_to, finished_at, begun_at, sure_from)
		VALUES (?1,?2,?3,?10,?12,?4,?5,?6,?7,?8,?9,?11, iif(?9 > 0, ?11, 0))
		ON CONFLICT (account, kind) DO UPDATE SET gen = ?3, running = ?10, walked = ?12, mark = ?4, top = ?5, pages = ?6, seen = ?7, back_to = ?8,
			finished_at = ?9, begun_at = ?11, sure_from = iif(finished_at <> ?9 AND NOT ?10, ?11, sure_from)
		WHERE (gen, running, walked, mark IS ?4, top, pages, seen, back_to, finished_at, begun_at) <> (?3, ?10, ?12, 1, ?5, ?6, ?7, ?8, ?9, ?11)`,
		a.id, string(f.Kind), f.Gen, mark, inbox.Millis(f.Top), f.Pages, f.Seen, inbox.Millis(f.BackTo), inbox.Millis(f.FinishedAt), f.Running, inbox.Millis(f.Begun), f.Walked)
	return err
}

// keptRejects bounds what is kept raw of an account: a row without an id may
// come changed with every pass.
const keptRejects = 1000

// saveRejects keeps rows that could not be read, once each, and counts them.
func saveRejects(t *tx, a accountRow, rejected []inbox.Rejected, now time.Time) error {
	added := int64(0)
	for _, r := range rejected {
		if a.out.of().mentions(a, r.Raw) {
			continue
		}
		sum := sha256.Sum256(r.Raw)
		res, err := t.exec(`INSERT INTO rejects (account, digest, reason, raw, first_at) VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING`,
			a.id, hex.EncodeToString(sum[:16]), r.Reason, blob(r.Raw), inbox.Millis(now))
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		added += n
	}
	if added == 0 {
		return nil
	}
	if _, err := t.exec(`UPDATE accounts SET rejected = rejected + ? WHERE id = ?`, added, a.id); err != nil {
		return err
	}
	_, err := t.exec(`DELETE FROM rejects WHERE account = ?1 AND digest IN
		(SELECT digest FROM rejects WHERE account = ?1 ORDER BY first_at DESC, digest LIMIT -1 OFFSET ?2)`, a.id, keptRejects)
	return err
}

// blob is raw as it is stored: the driver binds no bytes as NULL.
func blob(raw []byte) []byte {
	if len(raw) == 0 {
		return []byte("null")
	}
	return raw
}

func saveWorkspaces(t *tx, a accountRow, ws []inbox.Workspace) error {
	for _, w := range ws {
		if _, err := t.exec(`INSERT INTO workspaces (account, remote, name) VALUES (?1,?2,?3)
			ON CONFLICT (account, remote) DO UPDATE SET name = ?3 WHERE name <> ?3`, a.id, w.ID, w.Name); err != nil {
			return err
		}
	}
	return nil
}
