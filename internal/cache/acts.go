package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"bandeja/internal/inbox"
)

// ActState is how far an act has come.
type ActState string

// The states of an act. A stop of the program ends none but the first, of which
// nothing is done then.
const (
	ActListing ActState = "listing" // what it is about is being noted
	ActDoing   ActState = "doing"
	ActDone    ActState = "done"
	ActUndoing ActState = "undoing"
	ActUndone  ActState = "undone"
)

// AtWork reports whether something of it is still to come.
func (s ActState) AtWork() bool { return s == ActDoing || s == ActUndoing }

// Act is what a person asked for at once, of one conversation or of thousands:
// it is done by parts, each of them whole, and taken back as one.
type Act struct {
	Op     string          // what who asked calls the asking: again by the same, it is done once
	Want   json.RawMessage // what each conversation is to be, in the words of who asked
	State  ActState
	MadeAt time.Time
	Total  int // conversations that it is about
	Left   int // those that it has not come to yet
	ActTally
	Undone  int // as they were before
	MovedOn int // left alone by the undoing: they were changed again since
	Final   int // left alone: it cannot be taken back
}

// ActTally counts conversations by what became of them.
type ActTally struct {
	Changed int
	Same    int // were so already
	Lacking int // their platform lacks it, or they are not here any more
	Asking  int // an earlier change of them waits for a person, and was left alone
}

// ActPart is a conversation that an act is about.
type ActPart struct {
	Place        int
	Account      string
	Conversation string
}

// ActStep is what an act did to a field of a conversation.
type ActStep struct {
	ActPart
	Field  string
	Before string // what was shown before
	After  string
	Entry  string // the outbox's
}

// ActIntent is an Intent, and the place of its conversation among those that the
// act is about.
type ActIntent struct {
	Intent
	Place int
}

// keepActs is how long what an act did is remembered, to be taken back.
const keepActs = 7 * 24 * time.Hour

const actColumns = `SELECT id, op_id, want, state, made_at, total, changed, same, lacking, asking, undone, moved_on, final,
	(SELECT count(*) FROM act_todo WHERE act = acts.id) FROM acts `

func scanAct(scan func(...any) error) (a Act, id int64, err error) {
	var want string
	var made int64
	err = scan(&id, &a.Op, &want, &a.State, &made, &a.Total, &a.Changed, &a.Same, &a.Lacking, &a.Asking, &a.Undone, &a.MovedOn, &a.Final, &a.Left)
	a.Want, a.MadeAt = json.RawMessage(want), inbox.FromMillis(made)
	return a, id, err
}

// findAct is ErrNotFound for one that never was, or is long past.
func findAct(t *tx, op string) (Act, int64, error) {
	a, id, err := scanAct(t.row(actColumns+`WHERE op_id = ?`, op).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("act %s: %w", op, ErrNotFound)
	}
	return a, id, err
}

// Act reads one by its name. ErrNotFound.
func (l *Local) Act(ctx context.Context, op string) (Act, error) {
	a, _, err := scanAct(l.s.readers.QueryRowContext(ctx, actColumns+`WHERE op_id = ? AND state <> 'listing'`, op).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return a, fmt.Errorf("act %s: %w", op, ErrNotFound)
	}
	return a, describe(l.s.path, err)
}

// ActsAtWork names those of which something is still to come, the oldest first.
func (l *Local) ActsAtWork(ctx context.Context) (ops []string, err error) {
	err = each(ctx, l.s.readers, `SELECT op_id FROM acts WHERE state IN ('doing','undoing') ORDER BY id`, nil, func(scan func(...any) error) error {
		var op string
		err := scan(&op)
		ops = append(ops, op)
		return err
	})
	return ops, describe(l.s.path, err)
}

// actsGoOn is how old an act may be that is gone on with after a stop: what
// somebody wanted on another day is not done unasked, as with the outbox.
const actsGoOn = 24 * time.Hour

// DropOldActs forgets what was done long ago, and what was noted in part. What
// an old act has not come to yet it does not come to any more.
func (l *Local) DropOldActs(ctx context.Context) error {
	now := time.Now()
	old := inbox.Millis(now.Add(-keepActs))
	return l.s.write(ctx, func(t *tx) error {
		if _, err := t.exec(`DELETE FROM act_todo WHERE act IN (SELECT id FROM acts WHERE state = 'doing' AND made_at < ?)`, inbox.Millis(now.Add(-actsGoOn))); err != nil {
			return err
		}
		const gone = `state = 'listing' OR state IN ('done','undone') AND made_at < ?`
		for _, q := range []string{
			`DELETE FROM act_todo WHERE act IN (SELECT id FROM acts WHERE ` + gone + `)`,
			`DELETE FROM act_steps WHERE act IN (SELECT id FROM acts WHERE ` + gone + `)`,
			`DELETE FROM acts WHERE ` + gone,
		} {
			if _, err := t.exec(q, old); err != nil {
				return err
			}
		}
		return nil
	})
}

// listAtOnce bounds what one transaction notes of a long list.
const listAtOnce = 2000

// BeginAct notes what is to be done, durable when it returns: nothing is done
// of it before. Of an op that was begun already that one is answered, and fresh
// is false.
func (l *Local) BeginAct(ctx context.Context, op string, want json.RawMessage, parts []ActPart) (a Act, fresh bool, err error) {
	err = l.s.write(ctx, func(t *tx) error {
		var id int64
		if a, id, err = findAct(t, op); err == nil && a.State != ActListing {
			return nil
		}
		if err == nil { // its beginning was cut short
			if _, err := t.exec(`DELETE FROM act_todo WHERE act = ?`, id); err != nil {
				return err
			}
			_, err = t.exec(`DELETE FROM acts WHERE id = ?`, id)
		}
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		fresh = true
		a = Act{Op: op, Want: want, State: ActListing, MadeAt: inbox.FromMillis(inbox.Millis(time.Now())), Total: len(parts)}
		return addAct(t, &a)
	})
	if err != nil || !fresh {
		return a, false, err
	}
	for from := 0; from < len(parts); from += listAtOnce {
		if err := l.listParts(ctx, op, from, parts[from:min(len(parts), from+listAtOnce)]); err != nil {
			return a, false, err
		}
	}
	a.State = ActDoing
	if len(parts) == 0 {
		a.State = ActDone
	}
	return a, true, l.s.write(ctx, func(t *tx) error {
		_, err := t.exec(`UPDATE acts SET state = ? WHERE op_id = ?`, string(a.State), op)
		return err
	})
}

func (l *Local) listParts(ctx context.Context, op string, from int, parts []ActPart) error {
	return l.s.write(ctx, func(t *tx) error {
		_, id, err := findAct(t, op)
		for i, p := range parts {
			if err != nil {
				break
			}
			_, err = t.exec(`INSERT INTO act_todo (act, place, account, conversation) VALUES (?,?,?,?)`, id, from+i, p.Account, p.Conversation)
		}
		return err
	})
}

func addAct(t *tx, a *Act) error {
	_, err := t.exec(`INSERT INTO acts (op_id, want, state, made_at, total, changed, same, lacking, asking) VALUES (?,?,?,?,?,?,?,?,?)`,
		a.Op, string(a.Want), string(a.State), inbox.Millis(a.MadeAt), a.Total, a.Changed, a.Same, a.Lacking, a.Asking)
	return err
}

// ActTodo lists the next conversations that an act is to come to.
func (l *Local) ActTodo(ctx context.Context, op string, limit int) (parts []ActPart, err error) {
	err = each(ctx, l.s.readers, `SELECT t.place, t.account, t.conversation FROM act_todo t JOIN acts a ON a.id = t.act WHERE a.op_id = ? ORDER BY t.place LIMIT ?`, []any{op, limit},
		func(scan func(...any) error) error {
			var p ActPart
			err := scan(&p.Place, &p.Account, &p.Conversation)
			parts = append(parts, p)
			return err
		})
	return parts, describe(l.s.path, err)
}

// DoPart does a part of an act, all of it in one commit: the wishes go into the
// outbox, what was shown before is kept, and the conversations up to a place
// are not to come any more. tally says what became of them, beside those that
// intents are about. Errors as Enqueue's; ErrWishState where the act is being
// taken back by now.
func (l *Local) DoPart(ctx context.Context, op string, upTo int, tally ActTally, intents []ActIntent) (out []Enqueued, err error) {
	err = l.s.write(ctx, func(t *tx) error {
		a, id, err := findAct(t, op)
		if err != nil {
			return err
		}
		if a.State != ActDoing {
			return fmt.Errorf("act %s is %s: %w", op, a.State, ErrWishState)
		}
		if out, err = doSteps(t, id, intents); err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM act_todo WHERE act = ? AND place <= ?`, id, upTo); err != nil {
			return err
		}
		_, err = t.exec(`UPDATE acts SET changed = changed + ?, same = same + ?, lacking = lacking + ?, asking = asking + ? WHERE id = ?`,
			tally.Changed, tally.Same, tally.Lacking, tally.Asking, id)
		return err
	})
	return out, err
}

// EnqueueAct is Enqueue as an act, which is done when it returns. Of an op that
// was done already nothing is done again: known is true, and the entries are
// those it has in the outbox.
func (l *Local) EnqueueAct(ctx context.Context, op string, want json.RawMessage, tally ActTally, intents []ActIntent) (out []Enqueued, known bool, err error) {
	err = l.s.write(ctx, func(t *tx) error {
		out, known = nil, false
		_, id, err := findAct(t, op)
		if err == nil {
			known = true
			out, err = entriesOf(t, id)
			return err
		}
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		a := Act{Op: op, Want: want, State: ActDone, MadeAt: time.Now(), Total: tally.Changed + tally.Same + tally.Lacking + tally.Asking, ActTally: tally}
		if err := addAct(t, &a); err != nil {
			return err
		}
		if _, id, err = findAct(t, op); err != nil {
			return err
		}
		out, err = doSteps(t, id, intents)
		return err
	})
	if err != nil {
		return nil, known, fmt.Errorf("queue a change: %w", err)
	}
	return out, known, nil
}

func entriesOf(t *tx, act int64) (out []Enqueued, err error) {
	err = t.query(wishColumns+`WHERE o.op_id IN (SELECT entry FROM act_steps WHERE act = ?) ORDER BY o.id`, []any{act}, func(scan func(...any) error) error {
		w, err := scanWish(scan)
		out = append(out, Enqueued{w, Added})
		return err
	})
	return out, err
}

// doSteps puts wishes into the outbox and keeps what was shown before each.
func doSteps(t *tx, act int64, intents []ActIntent) ([]Enqueued, error) {
	out := make([]Enqueued, 0, len(intents))
	now := time.Now()
	for _, in := range intents {
		before, _, err := shownOf(t, in.Intent)
		if err != nil {
			return nil, err
		}
		e, err := enqueueWish(t, in.Intent, now)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
		if e.Outcome == Same {
			continue
		}
		if _, err := t.exec(`INSERT INTO act_steps (act, place, account, conversation, field, before, after, entry) VALUES (?,?,?,?,?,?,?,?)`,
			act, in.Place, in.Account, in.Conversation, in.Field, before, e.wanted(), e.ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// wanted is what is shown from then on.
func (e *Enqueued) wanted() string {
	if e.Outcome == Withdrawn {
		return e.Base
	}
	return e.Want
}

// shownOf is what is shown of an intent's field: the newest wish, or what the
// provider has.
func shownOf(t *tx, in Intent) (string, *Wish, error) {
	last, _, err := lastWishes(t, in)
	if err != nil || last != nil && last.State != WishRefused {
		if last == nil {
			return "", nil, err
		}
		return last.Want, last, err
	}
	now, err := nowSince(t, in)
	return now, last, err
}

// TakeBack begins to take an act back, durable when it returns; what was still
// to come of it does not come. One that is taken back already is answered as it
// is. ErrNotFound.
func (l *Local) TakeBack(ctx context.Context, op string) (a Act, err error) {
	err = l.s.write(ctx, func(t *tx) error {
		var id int64
		if a, id, err = findAct(t, op); err != nil || a.State == ActUndoing || a.State == ActUndone {
			return err
		}
		if _, err := t.exec(`DELETE FROM act_todo WHERE act = ?`, id); err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE acts SET total = changed + same + lacking + asking,
			state = CASE WHEN EXISTS (SELECT 1 FROM act_steps WHERE act = ?1) THEN 'undoing' ELSE 'undone' END WHERE id = ?1`, id); err != nil {
			return err
		}
		a, _, err = findAct(t, op)
		return err
	})
	return a, err
}

// EndAct notes that an act is over, done or taken back, where nothing of it is
// left: by who has shown its last part.
func (l *Local) EndAct(ctx context.Context, op string) error {
	return l.s.write(ctx, func(t *tx) error {
		_, err := t.exec(`UPDATE acts SET state = CASE state WHEN 'doing' THEN 'done' ELSE 'undone' END WHERE op_id = ?
			AND (state = 'doing' AND NOT EXISTS (SELECT 1 FROM act_todo WHERE act = acts.id) OR state = 'undoing' AND NOT EXISTS (SELECT 1 FROM act_steps WHERE act = acts.id))`, op)
		return err
	})
}

// ActSteps lists what an act did and is still to be taken back, the last first.
func (l *Local) ActSteps(ctx context.Context, op string, limit int) (steps []ActStep, err error) {
	err = each(ctx, l.s.readers, `SELECT s.place, s.account, s.conversation, s.field, s.before, s.after, s.entry FROM act_steps s JOIN acts a ON a.id = s.act
		WHERE a.op_id = ? ORDER BY s.place DESC, s.field LIMIT ?`, []any{op, limit}, func(scan func(...any) error) error {
		var s ActStep
		err := scan(&s.Place, &s.Account, &s.Conversation, &s.Field, &s.Before, &s.After, &s.Entry)
		steps = append(steps, s)
		return err
	})
	return steps, describe(l.s.path, err)
}

// UndoStep is a step to take back, and what the cache says the provider has.
type UndoStep struct {
	ActStep
	Now  string
	AsOf time.Time // since when Now was read
}

// UndoPart takes steps of an act back in one commit, each to what was shown
// before it. What was changed again since, by a person here or by somebody at
// the platform, is left as it is, and so is what cannot be taken back.
func (l *Local) UndoPart(ctx context.Context, op string, steps []UndoStep) (moved []Wish, err error) {
	err = l.s.write(ctx, func(t *tx) error {
		moved = moved[:0]
		_, id, err := findAct(t, op)
		if err != nil {
			return err
		}
		counted := map[string]int{}
		for _, s := range steps {
			e, err := undoStep(t, s, time.Now())
			switch {
			case errors.Is(err, ErrWishState):
				counted["moved_on"]++
			case errors.Is(err, ErrIrreversible), errors.Is(err, ErrDamaged), errors.Is(err, ErrNotFound):
				counted["final"]++
			case err != nil:
				return err
			default:
				counted["undone"]++
				moved = append(moved, e)
			}
			if _, err := t.exec(`DELETE FROM act_steps WHERE act = ? AND place = ? AND field = ?`, id, s.Place, s.Field); err != nil {
				return err
			}
		}
		_, err = t.exec(`UPDATE acts SET undone = undone + ?, moved_on = moved_on + ?, final = final + ? WHERE id = ?`,
			counted["undone"], counted["moved_on"], counted["final"], id)
		return err
	})
	return moved, err
}

// undoStep writes nothing where it fails for the step's own sake.
func undoStep(t *tx, s UndoStep, now time.Time) (w Wish, err error) {
	in := Intent{Account: s.Account, Conversation: s.Conversation, Field: s.Field, Want: s.Before, Now: s.Now, AsOf: s.AsOf, Undoes: s.Entry, Confirm: true}
	shown, last, err := shownOf(t, in)
	if err != nil {
		return w, err
	}
	mine := last != nil && last.ID == s.Entry
	switch {
	case mine && last.State == WishRefused: // nothing came of it
		return *last, dropWish(t, last, "undone", now)
	case shown == s.Before && !mine:
		return Wish{Account: s.Account, Conversation: s.Conversation}, nil
	case shown != s.After:
		return w, fmt.Errorf("undo %s: %w", s.Entry, ErrWishState)
	case mine && !last.State.sent() && last.Base == s.Before:
		return *last, dropWish(t, last, "undone", now)
	}
	var p inbox.ProviderName
	if err := t.row(`SELECT provider FROM accounts WHERE name = ? AND removed = 0`, s.Account).Scan(&p); errors.Is(err, sql.ErrNoRows) {
		return w, fmt.Errorf("account %s: %w", s.Account, ErrNotFound)
	} else if err != nil {
		return w, err
	}
	if last == nil || last.State.sent() { // it was sent, or may have been
		if inbox.Irreversible(p, s.Field, s.After) {
			return w, fmt.Errorf("undo %s: %w", s.Entry, ErrIrreversible)
		}
	}
	e, err := enqueueWish(t, in, now)
	return e.Wish, err
}
