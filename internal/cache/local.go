package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"bandeja/internal/inbox"
)

// Local is local.db: what no provider can give again. It is written with
// synchronous=FULL: what it has acknowledged survives a power cut.
type Local struct {
	s   *store
	out *keptOut
}

// OpenLocal opens local.db at path. Errors as OpenCache's.
func OpenLocal(ctx context.Context, path string, mode Mode) (*Local, error) {
	s, err := openStore(ctx, path, mode, localShape())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	l := &Local{s, &keptOut{}}
	if mode == ReadWrite {
		if err := l.loadForgotten(ctx); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return l, nil
}

// Close closes the file.
func (l *Local) Close() error { return l.s.Close() }

const accountColumns = `SELECT name, provider, base_url, region, area, zone, rate, key_store, tls_pin, insecure, can_write FROM accounts WHERE removed = 0 `

func scanAccount(scan func(...any) error) (a inbox.Account, err error) {
	var write sql.NullBool
	err = scan(&a.Name, &a.Provider, &a.BaseURL, &a.Region, &a.Area, &a.Zone, &a.Rate, &a.KeyStore, &a.TLSPin, &a.Insecure, &write)
	if write.Valid {
		a.CanWrite = &write.Bool
	}
	return a, err
}

// Accounts lists the profile's accounts by name.
func (l *Local) Accounts(ctx context.Context) ([]inbox.Account, error) {
	out := []inbox.Account{}
	err := each(ctx, l.s.readers, accountColumns+`ORDER BY name`, nil, func(scan func(...any) error) error {
		a, err := scanAccount(scan)
		out = append(out, a)
		return err
	})
	return out, describe(l.s.path, err)
}

// Account reads one account; ErrNotFound when there is none of that name.
func (l *Local) Account(ctx context.Context, name string) (inbox.Account, error) {
	a, err := scanAccount(l.s.readers.QueryRowContext(ctx, accountColumns+`AND name = ?`, name).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return a, fmt.Errorf("account %s: %w", name, ErrNotFound)
	}
	return a, describe(l.s.path, err)
}

// SaveAccount adds an account or changes it.
func (l *Local) SaveAccount(ctx context.Context, a inbox.Account) error {
	return l.s.write(ctx, func(t *tx) error {
		_, err := t.exec(`INSERT INTO accounts (name, provider, base_url, region, area, zone, rate, key_store, tls_pin, insecure, can_write, created_at)
			VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)
			ON CONFLICT (name) DO UPDATE SET provider=?2, base_url=?3, region=?4, area=?5, zone=?6, rate=?7, key_store=?8, tls_pin=?9, insecure=?10, can_write=?11, removed=0`,
			a.Name, string(a.Provider), a.BaseURL, a.Region, a.Area, a.Zone, a.Rate, a.KeyStore, a.TLSPin, a.Insecure, a.CanWrite, time.Now().UnixMilli())
		return err
	})
}

// RemoveAccount forgets an account and, unless its history is kept, all that
// was noted of it. What people said of who is who stays: it is for ever.
func (l *Local) RemoveAccount(ctx context.Context, name string, keepHistory bool) error {
	return l.s.write(ctx, func(t *tx) error {
		if keepHistory {
			_, err := t.exec(`UPDATE accounts SET removed = 1 WHERE name = ?`, name)
			return err
		}
		for _, q := range []string{
			// None vanishes: what waits leaves by a line.
			`INSERT INTO audit (at, what, about) SELECT unixepoch() * 1000, 'outbox', op_id || ' account-removed ' || state
				FROM outbox WHERE account = ? AND state <> 'done'`,
			`DELETE FROM thread_marks WHERE account = ?`,
			`DELETE FROM channels WHERE account = ?`,
			`DELETE FROM agent_refs WHERE account = ?`,
			`DELETE FROM changes WHERE account = ?`,
			`DELETE FROM gone_messages WHERE account = ?`,
			`DELETE FROM gone WHERE account = ?`,
			`DELETE FROM outbox WHERE account = ?`,
			`DELETE FROM act_todo WHERE account = ?`,
			`DELETE FROM act_steps WHERE account = ?`,
			`DELETE FROM notes WHERE account = ?`,
			`DELETE FROM drafts WHERE account = ?`,
			`DELETE FROM accounts WHERE name = ?`,
		} {
			if _, err := t.exec(q, name); err != nil {
				return err
			}
		}
		return nil
	})
}

// WrittenIn counts the notes of an account, and the drafts of them: what is
// nowhere else.
func (l *Local) WrittenIn(ctx context.Context, account string) (notes, drafts int, err error) {
	err = l.s.readers.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM notes WHERE account = ?1), (SELECT count(*) FROM drafts WHERE account = ?1)`, account).Scan(&notes, &drafts)
	return notes, drafts, describe(l.s.path, err)
}

// Setting reads a preference, "" where it was never set.
func (l *Local) Setting(ctx context.Context, key string) (string, error) {
	var v string
	err := l.s.readers.QueryRowContext(ctx, `SELECT value FROM settings WHERE key = ?`, key).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return v, describe(l.s.path, err)
}

// SaveSetting writes a preference.
func (l *Local) SaveSetting(ctx context.Context, key, value string) error {
	return l.s.write(ctx, func(t *tx) error { return saveSetting(t, key, value) })
}

func saveSetting(t *tx, key, value string) error {
	_, err := t.exec(`INSERT INTO settings (key, value) VALUES (?1,?2) ON CONFLICT (key) DO UPDATE SET value = ?2 WHERE value <> ?2`, key, value)
	return err
}

// ChannelNames reads the names given to channels, by account and channel.
func (l *Local) ChannelNames(ctx context.Context) (map[[2]string]string, error) {
	out := map[[2]string]string{}
	err := each(ctx, l.s.readers, `SELECT account, channel, name FROM channels`, nil, func(scan func(...any) error) error {
		var a, c, n string
		err := scan(&a, &c, &n)
		out[[2]string{a, c}] = n
		return err
	})
	return out, describe(l.s.path, err)
}

// Mark is what a person noted of a thread and its row in the cache mirrors.
type Mark struct {
	Account string
	Thread  string
	ReadAt  time.Time
	Snooze  *Snooze // nil: nothing is said of it
	Seq     int64
}

// Snooze leaves a thread out of the lists of work until a time, or until the
// customer writes. The zero one is none.
type Snooze struct {
	Until time.Time
	Over  time.Time // of the last that had been said by then
}

// markSeqKey keeps the last sequence number given. The marks themselves do
// not: those of a removed account go, and a number used twice would hide a
// mark from MarksAfter.
const markSeqKey = "marks.seq"

// SaveRead notes that a thread is read up to at; it never goes back. It returns
// the mark as it stands now.
func (l *Local) SaveRead(ctx context.Context, account, thread string, at time.Time) (Mark, error) {
	m := Mark{Account: account, Thread: thread}
	err := l.s.write(ctx, func(t *tx) error {
		var seq, readAt int64
		if err := t.row(`SELECT coalesce((SELECT CAST(value AS INTEGER) FROM settings WHERE key = ?), 0) + 1`, markSeqKey).Scan(&seq); err != nil {
			return err
		}
		res, err := t.exec(`INSERT INTO thread_marks (account, thread, read_at, seq) VALUES (?1,?2,?3,?4)
			ON CONFLICT (thread) DO UPDATE SET read_at = ?3, seq = ?4 WHERE read_at < ?3`, account, thread, inbox.Millis(at), seq)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n > 0 {
			if err := saveSetting(t, markSeqKey, itoa(seq)); err != nil {
				return err
			}
		}
		err = t.row(`SELECT read_at, seq FROM thread_marks WHERE thread = ?`, thread).Scan(&readAt, &m.Seq)
		m.ReadAt = inbox.FromMillis(readAt)
		return err
	})
	return m, err
}

// nextMark is the sequence number of a mark that is noted now; it is kept.
func nextMark(t *tx) (seq int64, err error) {
	if err = t.row(`SELECT coalesce((SELECT CAST(value AS INTEGER) FROM settings WHERE key = ?), 0) + 1`, markSeqKey).Scan(&seq); err != nil {
		return 0, err
	}
	return seq, saveSetting(t, markSeqKey, itoa(seq))
}

// SaveSnoozes notes the snoozes of marks, all or none, and returns the marks as
// they stand now.
func (l *Local) SaveSnoozes(ctx context.Context, marks []Mark) ([]Mark, error) {
	noted := make([]Mark, len(marks))
	err := l.s.write(ctx, func(t *tx) error {
		for i, m := range marks {
			seq, err := nextMark(t)
			if err != nil {
				return err
			}
			var readAt int64
			if err := t.row(`INSERT INTO thread_marks (account, thread, snoozed_until, snoozed_over, seq) VALUES (?1,?2,?3,?4,?5)
				ON CONFLICT (thread) DO UPDATE SET snoozed_until = ?3, snoozed_over = ?4, seq = ?5 RETURNING read_at`,
				m.Account, m.Thread, inbox.Millis(m.Snooze.Until), inbox.Millis(m.Snooze.Over), seq).Scan(&readAt); err != nil {
				return err
			}
			m.ReadAt, m.Seq = inbox.FromMillis(readAt), seq
			noted[i] = m
		}
		return nil
	})
	return noted, err
}

// MarksAfter lists what was noted after a sequence number, in order.
func (l *Local) MarksAfter(ctx context.Context, seq int64) ([]Mark, error) {
	var out []Mark
	err := each(ctx, l.s.readers, `SELECT account, thread, read_at, snoozed_until, snoozed_over, seq FROM thread_marks WHERE seq > ? ORDER BY seq`, []any{seq}, func(scan func(...any) error) error {
		var m Mark
		var at, until, over int64
		err := scan(&m.Account, &m.Thread, &at, &until, &over, &m.Seq)
		m.ReadAt, m.Snooze = inbox.FromMillis(at), &Snooze{inbox.FromMillis(until), inbox.FromMillis(over)}
		out = append(out, m)
		return err
	})
	return out, describe(l.s.path, err)
}
