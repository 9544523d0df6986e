package cache

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bandeja/internal/inbox"
)

// WishNote is what a move has to say.
type WishNote struct {
	Reason  string
	Now     *string // what the provider has, as of NowAt
	NowAt   time.Time
	Touched []string
	// Of an attempt, for the audit: HTTP status and the provider's name for
	// the request. Status 0: no answer.
	Attempt   bool
	Status    int
	RequestID string
}

// MoveWishes takes entries from the state in which they were read to another,
// in one transaction, and returns those that moved. An entry that somebody has
// changed, dropped or moved meanwhile is left out: it is not what was read.
//
// An entry that comes to rest without being done, while a newer wish for the
// same field stands behind it, gives way to that one.
func (l *Local) MoveWishes(ctx context.Context, wishes []Wish, to WishState, note WishNote) ([]Wish, error) {
	now := time.Now()
	var out []Wish
	err := l.s.write(ctx, func(t *tx) error {
		out = nil
		for i := range wishes {
			read := &wishes[i]
			if !read.State.CanMove(to) {
				return fmt.Errorf("%s cannot go from %s to %s: %w", read.ID, read.State, to, ErrWishState)
			}
			w, err := findWish(t, read.ID)
			if err != nil && !errors.Is(err, ErrNotFound) {
				return err
			}
			if err != nil || w.State != read.State || w.sum() != read.sum() {
				continue
			}
			if note.Attempt {
				if err := audit(t, fmt.Sprintf("%s %s %s http=%d request=%s", w.ID, w.State, to, note.Status, note.RequestID), now); err != nil {
					return err
				}
			}
			w.note(to, note, now)
			if err := saveWish(t, &w); err != nil {
				return err
			}
			if err := giveWay(t, &w, now); err != nil {
				return err
			}
			out = append(out, w)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("keep what became of a change: %w", err)
	}
	return out, nil
}

func (w *Wish) note(to WishState, n WishNote, now time.Time) {
	w.State, w.Reason, w.TriedAt = to, n.Reason, now
	if n.Now != nil {
		w.Now, w.NowAt = *n.Now, n.NowAt
	}
	if n.Touched != nil {
		w.Touched = n.Touched
	}
	switch to {
	case WishSending:
		w.Attempts++
	case WishDone:
		w.DoneAt = now
	}
}

// giveWay lets a newer wish for the same field take the place of one that did
// not get through: the base stays what it was first.
func giveWay(t *tx, w *Wish, now time.Time) error {
	if w.State == WishDone || w.State == WishChecking || w.State.sent() {
		return nil
	}
	var next *Wish
	if err := t.query(wishColumns+`WHERE o.account = ? AND o.conversation = ? AND o.field = ? AND o.id > ? AND o.state <> 'done' ORDER BY o.id`,
		[]any{w.Account, w.Conversation, w.Field, w.row}, func(scan func(...any) error) error {
			n, err := scanWish(scan)
			if err == nil && next == nil && !n.Damaged() {
				next = &n
			}
			return err
		}); err != nil || next == nil {
		return err
	}
	next.Base = w.Base
	if err := saveWish(t, next); err != nil {
		return err
	}
	return dropWish(t, w, "superseded", now)
}

// Retention of what is done: for the history and undo, whichever is less.
const (
	keepDone   = 90 * 24 * time.Hour
	keepDoneN  = 2000
	keepAudits = 50_000
)

// RecoverOutbox makes an account's outbox ready to be sent, after a start or
// another key: what was being asked is asked again, what was being sent has an
// unknown outcome, and what waited for a key may try. Entries done long ago
// go.
func (l *Local) RecoverOutbox(ctx context.Context, account string) error {
	now := time.Now()
	return l.s.write(ctx, func(t *tx) error {
		for _, q := range []string{
			`UPDATE outbox SET state = 'queued' WHERE account = ? AND state = 'checking'`,
			`UPDATE outbox SET state = 'unknown' WHERE account = ? AND state = 'sending'`,
			`UPDATE outbox SET state = 'queued', reason = '' WHERE account = ? AND state = 'parked'`,
		} {
			if _, err := t.exec(q, account); err != nil {
				return err
			}
		}
		if _, err := t.exec(`DELETE FROM outbox WHERE state = 'done' AND (done_at < ? OR done_at <= coalesce((SELECT done_at FROM outbox WHERE state = 'done' ORDER BY done_at DESC LIMIT 1 OFFSET ?), -1))`,
			inbox.Millis(now.Add(-keepDone)), keepDoneN); err != nil {
			return err
		}
		_, err := t.exec(`DELETE FROM audit WHERE what = 'outbox' AND id <= (SELECT max(id) FROM audit) - ?`, keepAudits)
		return err
	})
}

// ToSend lists an account's entries that may be sent, in their order: those
// that wait for a person, or for a key, are not among them; nor is what stands
// behind another entry of its field. Behind one that waits for a person
// nothing stands: it gives way.
func (l *Local) ToSend(ctx context.Context, account string) ([]Wish, error) {
	// By the index of what waits: with + the account's is not taken, which has
	// all that is done as well.
	all, err := l.wishes(ctx, `WHERE +o.account = ? AND o.state <> 'done' AND o.state NOT IN ('conflict', 'refused', 'stale') ORDER BY o.id`, account)
	if err != nil {
		return nil, err
	}
	out := all[:0]
	type slot struct{ conversation, field string }
	taken := map[slot]bool{}
	for _, w := range all {
		s := slot{w.Conversation, w.Field}
		if w.Damaged() || taken[s] {
			continue
		}
		taken[s] = true
		if !w.ByKey() {
			out = append(out, w)
		}
	}
	return out, nil
}

// SaveCanWrite notes whether an account's key may change things.
func (l *Local) SaveCanWrite(ctx context.Context, account string, can bool) error {
	return l.s.write(ctx, func(t *tx) error {
		_, err := t.exec(`UPDATE accounts SET can_write = ?1 WHERE name = ?2 AND can_write IS NOT ?1`, can, account)
		return err
	})
}
