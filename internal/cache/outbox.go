package cache

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"bandeja/internal/inbox"
)

// Intent is what somebody wants of one field of a conversation.
type Intent struct {
	Account      string
	Conversation string
	Field        string
	Want         string    // the provider's own word, or an inbox.RefList
	Now          string    // what the cache says the provider has (Target)
	AsOf         time.Time // since when Now was read; zero: nothing was done meanwhile
	Base         string    // what it is to be changed from; "" means Now
	Actor        string
	Undoes       string
	Confirm      bool // what cannot be taken back is meant so
}

// Outcome is what became of an Intent.
type Outcome int

// The outcomes of Enqueue.
const (
	Added     Outcome = iota // a new entry
	Replaced                 // the entry that waited has a new want
	Withdrawn                // the entry that waited is dropped: all is as it was
	Same                     // the provider has it already, or an entry on its way
)

// Enqueued is an Intent's outcome and the entry it is about. Where nothing is
// to be done (Same) and nothing was on its way the entry has no ID.
type Enqueued struct {
	Wish
	Outcome Outcome
}

// Enqueue puts wishes into the outbox, all or none. When it returns they
// survive a power cut. A field that is wished for again before it was sent
// keeps its first base; once it is being sent, the new wish waits behind it.
//
// Errors: ErrNotFound for an account that is not there; ErrIrreversible for
// what was not confirmed; *inbox.UnsupportedError; the kinds of this package.
func (l *Local) Enqueue(ctx context.Context, intents ...Intent) ([]Enqueued, error) {
	out := make([]Enqueued, 0, len(intents))
	err := l.s.write(ctx, func(t *tx) error {
		out = out[:0]
		for _, in := range intents {
			e, err := enqueueWish(t, in, time.Now())
			if err != nil {
				return err
			}
			out = append(out, e)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("queue a change: %w", err)
	}
	return out, nil
}

func enqueueWish(t *tx, in Intent, now time.Time) (e Enqueued, err error) {
	if in.Field == inbox.FieldAssignees {
		in.Want = inbox.RefList(inbox.RefsOf(in.Want))
	}
	var p inbox.ProviderName
	err = t.row(`SELECT provider FROM accounts WHERE name = ? AND removed = 0`, in.Account).Scan(&p)
	if errors.Is(err, sql.ErrNoRows) {
		return e, fmt.Errorf("account %s: %w", in.Account, ErrNotFound)
	}
	if err != nil {
		return e, err
	}
	if err := inbox.Supports(p, in.Field, in.Want); err != nil {
		return e, err
	}
	if inbox.Irreversible(p, in.Field, in.Want) && !in.Confirm {
		return e, fmt.Errorf("%s: %w", in.Want, ErrIrreversible)
	}
	last, before, err := lastWishes(t, in)
	if err != nil {
		return e, err
	}
	if last == nil || last.State == WishRefused {
		if last != nil {
			if err := dropWish(t, last, "superseded", now); err != nil {
				return e, err
			}
		}
		if in.Now, err = nowSince(t, in); err != nil {
			return e, err
		}
		if in.Want == in.Now && in.Base == "" {
			return Enqueued{Wish{Account: in.Account, Provider: p, Conversation: in.Conversation, Field: in.Field, Base: in.Now, Want: in.Want, State: WishDone}, Same}, nil
		}
		base := in.Base
		if base == "" {
			base = in.Now
		}
		return addWish(t, in, p, base, now)
	}
	if last.State.sent() {
		if in.Want == last.Want {
			return Enqueued{*last, Same}, nil
		}
		return addWish(t, in, p, last.Want, now)
	}
	// What the provider has is what it was before, or will be: nothing is left
	// to do.
	if in.Want == last.Base && (before || in.Now == in.Want) {
		return Enqueued{*last, Withdrawn}, dropWish(t, last, "withdrawn", now)
	}
	last.Want, last.Actor, last.Undoes, last.MadeAt = in.Want, in.Actor, in.Undoes, inbox.FromMillis(inbox.Millis(now))
	last.State, last.Reason = WishQueued, ""
	return Enqueued{*last, Replaced}, saveWish(t, last)
}

// lastWishes finds the newest entry of a field that is not done, and whether
// one that may have taken effect stands before it. Damaged ones count for
// nothing.
func lastWishes(t *tx, in Intent) (last *Wish, before bool, err error) {
	err = t.query(wishColumns+`WHERE o.account = ? AND o.conversation = ? AND o.field = ? AND o.state <> 'done' ORDER BY o.id`,
		[]any{in.Account, in.Conversation, in.Field}, func(scan func(...any) error) error {
			w, err := scanWish(scan)
			if err != nil || w.Damaged() {
				return err
			}
			before = last != nil && last.State.sent()
			last = &w
			return nil
		})
	return last, before, err
}

// nowSince is what the provider has where an entry was done after Now was read
// and before this transaction: its row was saved before it was done.
func nowSince(t *tx, in Intent) (now string, err error) {
	if in.AsOf.IsZero() {
		return in.Now, nil
	}
	err = t.row(`SELECT want FROM outbox WHERE account = ? AND conversation = ? AND field = ? AND state = 'done' AND done_at >= ? ORDER BY id DESC LIMIT 1`,
		in.Account, in.Conversation, in.Field, inbox.Millis(in.AsOf)).Scan(&now)
	if errors.Is(err, sql.ErrNoRows) {
		return in.Now, nil
	}
	return now, err
}

func addWish(t *tx, in Intent, p inbox.ProviderName, base string, now time.Time) (Enqueued, error) {
	w := Wish{ID: "o_" + strings.ToLower(rand.Text()[:20]), Account: in.Account, Provider: p, Conversation: in.Conversation, Field: in.Field,
		Base: base, Want: in.Want, State: WishQueued, Actor: in.Actor, Undoes: in.Undoes, MadeAt: inbox.FromMillis(inbox.Millis(now)), Touched: []string{}}
	_, err := t.exec(`INSERT INTO outbox (op_id, account, conversation, field, base, want, state, actor, made_at, undoes, crc) VALUES (?,?,?,?,?,?,?,?,?,?,?)`,
		w.ID, w.Account, w.Conversation, w.Field, w.Base, w.Want, string(w.State), w.Actor, inbox.Millis(w.MadeAt), w.Undoes, w.sum())
	if err != nil {
		return Enqueued{}, err
	}
	err = t.row(`SELECT id FROM outbox WHERE op_id = ?`, w.ID).Scan(&w.row)
	return Enqueued{w, Added}, err
}

// saveWish writes an entry as it stands, its checksum with it.
func saveWish(t *tx, w *Wish) error {
	var now any
	if !w.NowAt.IsZero() {
		now = w.Now
	}
	touched, err := json.Marshal(append([]string{}, w.Touched...))
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE outbox SET base=?, want=?, now=?, now_at=?, state=?, reason=?, actor=?, made_at=?, tried_at=?, done_at=?, attempts=?, touched=?, undoes=?, crc=? WHERE id=?`,
		w.Base, w.Want, now, inbox.Millis(w.NowAt), string(w.State), w.Reason, w.Actor, inbox.Millis(w.MadeAt), inbox.Millis(w.TriedAt), inbox.Millis(w.DoneAt),
		w.Attempts, string(touched), w.Undoes, w.sum(), w.row)
	return err
}

// dropWish removes an entry and leaves a line that says so: none vanishes
// (SYNC I8).
func dropWish(t *tx, w *Wish, why string, now time.Time) error {
	if err := audit(t, w.ID+" "+why+" "+string(w.State), now); err != nil {
		return err
	}
	_, err := t.exec(`DELETE FROM outbox WHERE id = ?`, w.row)
	return err
}

// audit notes what happened to an entry: ids and states, never a text or a
// number.
func audit(t *tx, about string, now time.Time) error {
	_, err := t.exec(`INSERT INTO audit (at, what, about) VALUES (?, 'outbox', ?)`, inbox.Millis(now), about)
	return err
}

const wishColumns = `SELECT o.id, o.op_id, o.account, coalesce(a.provider, ''), o.conversation, o.field, o.base, o.want, coalesce(o.now, ''), o.now_at, o.state, o.reason, o.actor,
	o.made_at, o.tried_at, o.done_at, o.attempts, o.touched, o.undoes, coalesce((SELECT max(u.op_id) FROM outbox u WHERE u.undoes = o.op_id AND u.undoes <> ''), ''), o.crc
	FROM outbox o LEFT JOIN accounts a ON a.name = o.account AND a.removed = 0 `

// scanWish reads an entry. One whose checksum is wrong is refused as damaged,
// whatever it says of itself.
func scanWish(scan func(...any) error) (w Wish, err error) {
	var nowAt, made, tried, done, crc int64
	var touched string
	err = scan(&w.row, &w.ID, &w.Account, &w.Provider, &w.Conversation, &w.Field, &w.Base, &w.Want, &w.Now, &nowAt, &w.State, &w.Reason, &w.Actor,
		&made, &tried, &done, &w.Attempts, &touched, &w.Undoes, &w.UndoneBy, &crc)
	w.NowAt, w.MadeAt, w.TriedAt, w.DoneAt = inbox.FromMillis(nowAt), inbox.FromMillis(made), inbox.FromMillis(tried), inbox.FromMillis(done)
	w.Touched = unlist(touched)
	if err == nil && w.State != WishDone && crc != w.sum() {
		w.State, w.Reason = WishRefused, ReasonDamaged
	}
	return w, err
}

func (l *Local) wishes(ctx context.Context, cond string, args ...any) ([]Wish, error) {
	out := []Wish{}
	err := each(ctx, l.s.readers, wishColumns+cond, args, func(scan func(...any) error) error {
		w, err := scanWish(scan)
		out = append(out, w)
		return err
	})
	return out, describe(l.s.path, err)
}

// Outbox lists the entries that are not done, oldest first, and the last ones
// done, newest first.
func (l *Local) Outbox(ctx context.Context, done int) (waiting, finished []Wish, err error) {
	if waiting, err = l.wishes(ctx, `WHERE o.state <> 'done' ORDER BY o.id`); err != nil || done <= 0 {
		return waiting, []Wish{}, err
	}
	finished, err = l.wishes(ctx, `WHERE o.state = 'done' ORDER BY o.done_at DESC, o.id DESC LIMIT ?`, done)
	return waiting, finished, err
}

// WaitingOf lists the entries of an account that are not done, oldest first.
func (l *Local) WaitingOf(ctx context.Context, account string) ([]Wish, error) {
	return l.wishes(ctx, `WHERE o.account = ? AND o.state <> 'done' ORDER BY o.id`, account)
}

// OutboxOf lists every entry of some conversations of an account, done ones
// too, oldest first.
func (l *Local) OutboxOf(ctx context.Context, account string, conversations []string) ([]Wish, error) {
	if len(conversations) == 0 {
		return []Wish{}, nil
	}
	list, err := json.Marshal(conversations)
	if err != nil {
		return nil, err
	}
	return l.wishes(ctx, `WHERE o.account = ? AND o.conversation IN (SELECT value FROM json_each(?)) ORDER BY o.id`, account, string(list))
}

// OutboxEntry reads one entry by its ID. ErrNotFound where there is none: it
// never was, or was dropped.
func (l *Local) OutboxEntry(ctx context.Context, id string) (Wish, error) {
	all, err := l.wishes(ctx, `WHERE o.op_id = ?`, id)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("outbox entry %s: %w", id, ErrNotFound)
	}
	if err != nil {
		return Wish{}, err
	}
	return all[0], nil
}

// OutboxCounts counts the entries that wait, and those of them that wait for a
// person.
func (l *Local) OutboxCounts(ctx context.Context) (waiting, attention int, err error) {
	// Asked for with every change that is seen, while thousands may wait: no
	// more of each is read than shows whether it is damaged.
	err = each(ctx, l.s.readers, `SELECT op_id, account, conversation, field, base, want, made_at, state, crc FROM outbox WHERE state <> 'done'`, nil, func(scan func(...any) error) error {
		var w Wish
		var made, crc int64
		err := scan(&w.ID, &w.Account, &w.Conversation, &w.Field, &w.Base, &w.Want, &made, &w.State, &crc)
		w.MadeAt = inbox.FromMillis(made)
		waiting++
		if w.State.Attention() || crc != w.sum() {
			attention++
		}
		return err
	})
	return waiting, attention, describe(l.s.path, err)
}

// DropWish takes an entry out of the outbox: the provider's value stays. One
// that is just being sent cannot be dropped; undo it when it is done.
//
// Errors: ErrNotFound, ErrWishState.
func (l *Local) DropWish(ctx context.Context, id string) (dropped Wish, err error) {
	err = l.s.write(ctx, func(t *tx) error {
		if dropped, err = findWish(t, id); err != nil {
			return err
		}
		if dropped.State == WishSending || dropped.State == WishDone {
			return fmt.Errorf("drop %s, which is %s: %w", id, dropped.State, ErrWishState)
		}
		return dropWish(t, &dropped, "dropped", time.Now())
	})
	return dropped, err
}

// RetryWish lets an entry that waits be sent now: in a conflict mine is kept,
// its base being what the provider had; what was refused or old is tried once
// more. One on its way is left to itself.
//
// Errors: ErrNotFound; ErrWishState for one that is done; ErrDamaged.
func (l *Local) RetryWish(ctx context.Context, id string) (w Wish, err error) {
	err = l.s.write(ctx, func(t *tx) error {
		if w, err = findWish(t, id); err != nil {
			return err
		}
		switch {
		case w.Damaged():
			return fmt.Errorf("retry %s: %w", id, ErrDamaged)
		case w.State == WishDone:
			return fmt.Errorf("retry %s, which is done: %w", id, ErrWishState)
		case w.State == WishConflict:
			w.Base = w.Now
		case w.State == WishChecking || w.State.sent():
			return nil
		}
		w.State, w.Reason, w.MadeAt = WishQueued, "", inbox.FromMillis(inbox.Millis(time.Now()))
		return saveWish(t, &w)
	})
	return w, err
}

// Undo is an entry to take back.
type Undo struct {
	ID  string
	Now string // what the cache says the provider has
}

// Undone is what became of an Undo.
type Undone struct {
	Enqueued
	// Err says why it could not be taken back: ErrNotFound; ErrWishState for
	// one that was taken back already; ErrIrreversible; ErrDamaged.
	Err error
}

// UndoWishes takes entries back, in the order given and all in one commit: one
// that was not sent is dropped, for any other a new one goes the other way,
// behind it. One that cannot be taken back keeps no other from it.
func (l *Local) UndoWishes(ctx context.Context, undos []Undo, actor string) ([]Undone, error) {
	out := make([]Undone, len(undos))
	err := l.s.write(ctx, func(t *tx) error {
		for i, u := range undos {
			e, err := undoWish(t, u, actor, time.Now())
			if out[i] = (Undone{e, err}); err != nil && !out[i].lost() {
				return err
			}
		}
		return nil
	})
	return out, err
}

// lost reports whether it is the entry that cannot be taken back, rather than
// something that keeps all of them from it.
func (u *Undone) lost() bool {
	return slices.ContainsFunc([]error{ErrNotFound, ErrWishState, ErrIrreversible, ErrDamaged}, func(kind error) bool { return errors.Is(u.Err, kind) })
}

// UndoWish is UndoWishes of one entry; its Err is the error.
func (l *Local) UndoWish(ctx context.Context, id, now, actor string) (Enqueued, error) {
	out, err := l.UndoWishes(ctx, []Undo{{id, now}}, actor)
	return out[0].Enqueued, errors.Join(err, out[0].Err)
}

// undoWish writes nothing where it fails for the entry's own sake.
func undoWish(t *tx, u Undo, actor string, now time.Time) (e Enqueued, err error) {
	w, err := findWish(t, u.ID)
	if err != nil {
		return e, err
	}
	switch {
	case w.Damaged():
		return e, fmt.Errorf("undo %s: %w", u.ID, ErrDamaged)
	case w.UndoneBy != "":
		return e, fmt.Errorf("undo %s, which %s takes back: %w", u.ID, w.UndoneBy, ErrWishState)
	case w.State != WishDone && !w.State.sent():
		return Enqueued{w, Withdrawn}, dropWish(t, &w, "undone", now)
	case inbox.Irreversible(w.Provider, w.Field, w.Want):
		return e, fmt.Errorf("undo %s: %w", u.ID, ErrIrreversible)
	}
	return enqueueWish(t, Intent{Account: w.Account, Conversation: w.Conversation, Field: w.Field, Base: w.Want, Want: w.Base, Now: u.Now, Actor: actor, Undoes: u.ID}, now)
}

func findWish(t *tx, id string) (w Wish, err error) {
	found := false
	err = t.query(wishColumns+`WHERE o.op_id = ?`, []any{id}, func(scan func(...any) error) (err error) {
		found = true
		w, err = scanWish(scan)
		return err
	})
	if err == nil && !found {
		err = fmt.Errorf("outbox entry %s: %w", id, ErrNotFound)
	}
	return w, err
}
