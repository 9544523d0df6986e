package cache

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bandeja/internal/inbox"
)

// newOutbox is a local.db with both accounts.
func newOutbox(t testing.TB) *Local {
	t.Helper()
	return openOutbox(t, filepath.Join(t.TempDir(), "local.db"))
}

func openOutbox(t testing.TB, path string) *Local {
	t.Helper()
	l, err := OpenLocal(t.Context(), path, ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	for _, a := range []inbox.Account{waspyAccount, platicaAccount} {
		if err := l.SaveAccount(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// status is an intent for the status of a Waspy chat that has now.
func status(now, want string) Intent {
	return Intent{Account: waspyAccount.Name, Conversation: "1", Field: inbox.FieldStatus, Now: now, Want: want}
}

func wish(t testing.TB, l *Local, in Intent) Enqueued {
	t.Helper()
	out, err := l.Enqueue(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out[0]
}

func move(t testing.TB, l *Local, id string, to ...WishState) Wish {
	t.Helper()
	w, err := l.OutboxEntry(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, state := range to {
		now := "pending"
		moved, err := l.MoveWishes(t.Context(), []Wish{w}, state, WishNote{Now: &now, NowAt: noon})
		if err != nil || len(moved) != 1 {
			t.Fatalf("to %s: %v, %v", state, moved, err)
		}
		w = moved[0]
	}
	return w
}

func waiting(t testing.TB, l *Local) []Wish {
	t.Helper()
	all, _, err := l.Outbox(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func audits(t testing.TB, l *Local) (out []string) {
	t.Helper()
	if err := each(t.Context(), l.s.readers, `SELECT about FROM audit WHERE what = 'outbox' ORDER BY id`, nil, func(scan func(...any) error) error {
		var s string
		err := scan(&s)
		out = append(out, s)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// What a second wish for a field makes of the first, by the state that one is
// in.
func TestWishedAgain(t *testing.T) {
	unsent := [][]WishState{{}, {WishParked}, {WishStale}, {WishChecking}}
	sent := [][]WishState{{WishChecking, WishSending}, {WishChecking, WishSending, WishUnknown}, {WishChecking, WishSending, WishConfirming}}
	type end struct{ base, want string }
	for _, tt := range []struct {
		name    string
		ways    [][]WishState
		again   Intent // the first is open → resolved
		outcome Outcome
		left    []end
	}{
		{"another want", unsent, status("open", "closed"), Replaced, []end{{"open", "closed"}}},
		{"another want, when the cache has moved on", unsent, status("pending", "closed"), Replaced, []end{{"open", "closed"}}},
		{"back again", unsent, status("open", "open"), Withdrawn, nil},
		{"back again, when the cache has moved on", unsent, status("pending", "open"), Replaced, []end{{"open", "open"}}},
		{"another want behind", sent, status("open", "closed"), Added, []end{{"open", "resolved"}, {"resolved", "closed"}}},
		{"back again behind", sent, status("open", "open"), Added, []end{{"open", "resolved"}, {"resolved", "open"}}},
		{"the same", sent, status("open", "resolved"), Same, []end{{"open", "resolved"}}},
		{"in a conflict", [][]WishState{{WishChecking, WishConflict}}, status("pending", "closed"), Replaced, []end{{"open", "closed"}}},
		{"in a conflict, theirs", [][]WishState{{WishChecking, WishConflict}}, status("pending", "pending"), Replaced, []end{{"open", "pending"}}},
		{"after a refusal", [][]WishState{{WishChecking, WishRefused}}, status("pending", "closed"), Added, []end{{"pending", "closed"}}},
		{"after a refusal, what is so", [][]WishState{{WishChecking, WishRefused}}, status("pending", "pending"), Same, nil},
		{"when done", [][]WishState{{WishChecking, WishDone}}, status("resolved", "closed"), Added, []end{{"resolved", "closed"}}},
		{"when done, the same", [][]WishState{{WishChecking, WishDone}}, status("resolved", "resolved"), Same, nil},
	} {
		for _, way := range tt.ways {
			t.Run(fmt.Sprint(tt.name, way), func(t *testing.T) {
				l := newOutbox(t)
				first := wish(t, l, status("open", "resolved"))
				move(t, l, first.ID, way...)
				e := wish(t, l, tt.again)
				if e.Outcome != tt.outcome {
					t.Errorf("outcome %d, want %d", e.Outcome, tt.outcome)
				}
				var left []end
				for _, w := range waiting(t, l) {
					left = append(left, end{w.Base, w.Want})
				}
				if !slices.Equal(left, tt.left) {
					t.Errorf("left %v, want %v", left, tt.left)
				}
				if tt.outcome == Replaced && (e.ID != first.ID || e.State != WishQueued) {
					t.Errorf("replaced %+v by %+v", first, e)
				}
				if tt.outcome == Withdrawn && !strings.Contains(strings.Join(audits(t, l), "\n"), first.ID+" withdrawn") {
					t.Errorf("no line says that %s was withdrawn: %q", first.ID, audits(t, l))
				}
			})
		}
	}
}

// A wish that is made of what was read just before another one was done goes
// out from what the provider has now: it is neither a conflict nor so already.
func TestWishedAsOneIsDone(t *testing.T) {
	for _, want := range []string{"closed", "open"} {
		l := newOutbox(t)
		first := wish(t, l, status("open", "resolved"))
		in := status("open", want)
		in.AsOf = time.Now().Truncate(time.Millisecond)
		move(t, l, first.ID, WishChecking, WishDone)
		if e := wish(t, l, in); e.Outcome != Added || e.Base != "resolved" || e.Want != want {
			t.Errorf("%s: %+v", want, e)
		}
	}
	l := newOutbox(t)
	move(t, l, wish(t, l, status("open", "resolved")).ID, WishChecking, WishDone)
	in := status("pending", "closed") // and since then somebody has changed it
	in.AsOf = time.Now().Add(time.Millisecond)
	if e := wish(t, l, in); e.Base != "pending" {
		t.Errorf("%+v", e)
	}
}

// Two clicks while one is on its way, the second back: nothing is left behind
// it.
func TestWishedBackBehind(t *testing.T) {
	l := newOutbox(t)
	first := wish(t, l, status("open", "resolved"))
	move(t, l, first.ID, WishChecking, WishSending)
	wish(t, l, status("open", "closed"))
	if e := wish(t, l, status("open", "resolved")); e.Outcome != Withdrawn {
		t.Errorf("%+v", e)
	}
	if all := waiting(t, l); len(all) != 1 || all[0].ID != first.ID {
		t.Errorf("%+v", all)
	}
}

// A wish that does not get through gives way to the one that waits behind it,
// which keeps the base that was first.
func TestGivesWay(t *testing.T) {
	for _, ending := range []WishState{WishRefused, WishParked, WishQueued} {
		l := newOutbox(t)
		first := wish(t, l, status("open", "resolved"))
		move(t, l, first.ID, WishChecking, WishSending)
		second := wish(t, l, status("open", "closed"))
		move(t, l, first.ID, ending)
		all := waiting(t, l)
		if len(all) != 1 || all[0].ID != second.ID || all[0].Base != "open" || all[0].Damaged() {
			t.Errorf("%s: %+v", ending, all)
		}
		if lines := audits(t, l); !slices.Contains(lines, first.ID+" superseded "+string(ending)) {
			t.Errorf("%s: %q", ending, lines)
		}
	}
}

func TestWishRefusals(t *testing.T) {
	l := newOutbox(t)
	ctx := t.Context()
	plat := func(field, want string) Intent {
		return Intent{Account: platicaAccount.Name, Conversation: "1", Field: field, Now: "active", Want: want}
	}
	var lacks *inbox.UnsupportedError
	if _, err := l.Enqueue(ctx, status("open", "resolved"), status("open", "spam")); !errors.As(err, &lacks) || !slices.Equal(lacks.Words, inbox.StatusWords(inbox.Waspy)) {
		t.Errorf("a word that Waspy lacks: %v", err)
	}
	two := status("[]", inbox.RefList([]string{"a", "b"}))
	two.Field = inbox.FieldAssignees
	if _, err := l.Enqueue(ctx, two); !errors.Is(err, inbox.ErrUnsupported) {
		t.Errorf("two assignees at Waspy: %v", err)
	}
	if _, err := l.Enqueue(ctx, plat(inbox.FieldStatus, "expired")); !errors.Is(err, ErrIrreversible) {
		t.Errorf("expired unconfirmed: %v", err)
	}
	if _, err := l.Enqueue(ctx, Intent{Account: "nobody", Conversation: "1", Field: inbox.FieldStatus, Now: "open", Want: "closed"}); !errors.Is(err, ErrNotFound) {
		t.Errorf("no such account: %v", err)
	}
	if all := waiting(t, l); len(all) != 0 {
		t.Errorf("all or none, and there is %+v", all)
	}
	meant := plat(inbox.FieldStatus, "expired")
	meant.Confirm = true
	e := wish(t, l, meant)
	move(t, l, e.ID, WishChecking, WishDone)
	if _, err := l.UndoWish(ctx, e.ID, "expired", ""); !errors.Is(err, ErrIrreversible) {
		t.Errorf("undo of expired: %v", err)
	}
	if w, err := l.OutboxEntry(ctx, e.ID); err != nil || w.CanUndo() {
		t.Errorf("%+v says that it can be undone, %v", w, err)
	}
	list := wish(t, l, plat(inbox.FieldAssignees, `["b@x","a@x","b@x"]`))
	if list.Want != `["a@x","b@x"]` {
		t.Errorf("refs are a set: %s", list.Want)
	}
}

// What a person may do with an entry, by its state.
func TestWishByHand(t *testing.T) {
	ways := map[WishState][]WishState{
		WishQueued: {}, WishParked: {WishParked}, WishStale: {WishStale}, WishChecking: {WishChecking}, WishConflict: {WishChecking, WishConflict}, WishRefused: {WishRefused},
		WishSending: {WishChecking, WishSending}, WishUnknown: {WishChecking, WishSending, WishUnknown}, WishConfirming: {WishChecking, WishSending, WishConfirming}, WishDone: {WishChecking, WishDone},
	}
	for state, way := range ways {
		rests := !state.sent() && state != WishDone
		t.Run("retry "+string(state), func(t *testing.T) {
			l := newOutbox(t)
			e := wish(t, l, status("open", "resolved"))
			move(t, l, e.ID, way...)
			w, err := l.RetryWish(t.Context(), e.ID)
			switch {
			case state == WishDone:
				if !errors.Is(err, ErrWishState) {
					t.Errorf("%+v, %v", w, err)
				}
			case state.sent() || state == WishChecking:
				if err != nil || w.State != state {
					t.Errorf("%+v, %v", w, err)
				}
			default:
				base := "open"
				if state == WishConflict {
					base = "pending"
				}
				if err != nil || w.State != WishQueued || w.Base != base || w.Want != "resolved" {
					t.Errorf("%+v, %v", w, err)
				}
			}
			if again := waiting(t, l); state != WishDone && again[0].Damaged() {
				t.Errorf("the checksum is wrong: %+v", again)
			}
		})
		t.Run("drop "+string(state), func(t *testing.T) {
			l := newOutbox(t)
			e := wish(t, l, status("open", "resolved"))
			move(t, l, e.ID, way...)
			_, err := l.DropWish(t.Context(), e.ID)
			if state == WishSending || state == WishDone {
				if !errors.Is(err, ErrWishState) {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil || len(waiting(t, l)) != 0 || !slices.Contains(audits(t, l), e.ID+" dropped "+string(state)) {
				t.Errorf("%v, %+v, %q", err, waiting(t, l), audits(t, l))
			}
			if _, err := l.DropWish(t.Context(), e.ID); !errors.Is(err, ErrNotFound) {
				t.Errorf("dropped twice: %v", err)
			}
		})
		t.Run("undo "+string(state), func(t *testing.T) {
			l := newOutbox(t)
			e := wish(t, l, status("open", "resolved"))
			move(t, l, e.ID, way...)
			u, err := l.UndoWish(t.Context(), e.ID, "resolved", "")
			if err != nil {
				t.Fatal(err)
			}
			if rests {
				if u.Outcome != Withdrawn || len(waiting(t, l)) != 0 {
					t.Errorf("%+v, %+v", u, waiting(t, l))
				}
				return
			}
			if u.Outcome != Added || u.Base != "resolved" || u.Want != "open" || u.Undoes != e.ID {
				t.Errorf("%+v", u)
			}
			if _, err := l.UndoWish(t.Context(), e.ID, "resolved", ""); !errors.Is(err, ErrWishState) {
				t.Errorf("undone twice: %v", err)
			}
			if w, err := l.OutboxEntry(t.Context(), e.ID); err != nil || w.UndoneBy != u.ID || w.CanUndo() {
				t.Errorf("%+v, %v", w, err)
			}
		})
	}
}

// An undo can be undone, and that again.
func TestUndoChain(t *testing.T) {
	l := newOutbox(t)
	last := wish(t, l, status("open", "resolved"))
	for i := range 4 {
		move(t, l, last.ID, WishChecking, WishDone)
		u, err := l.UndoWish(t.Context(), last.ID, last.Want, "")
		if err != nil || u.Base != last.Want || u.Want != last.Base || u.Undoes != last.ID {
			t.Fatalf("%d: %+v, %v", i, u, err)
		}
		last = u
	}
}

// A row whose bytes are not what was written is shown, and never sent.
func TestDamagedWish(t *testing.T) {
	for _, column := range []string{"account = 'ventaz'", "conversation = '2'", "field = 'assignees'", "base = 'pending'", "want = 'closed'", "op_id = 'o_other'", "made_at = made_at + 1"} {
		l := newOutbox(t)
		wish(t, l, status("open", "resolved"))
		if err := l.s.write(t.Context(), func(x *tx) error { _, err := x.exec(`UPDATE outbox SET ` + column); return err }); err != nil {
			t.Fatal(err)
		}
		all := waiting(t, l)
		if len(all) != 1 || !all[0].Damaged() || all[0].CanUndo() {
			t.Fatalf("%s: %+v", column, all)
		}
		for _, a := range []string{"ventas", "ventaz"} {
			if send, err := l.ToSend(t.Context(), a); err != nil || len(send) != 0 {
				t.Errorf("%s: %+v is to be sent, %v", column, send, err)
			}
		}
		if _, err := l.RetryWish(t.Context(), all[0].ID); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: retry %v", column, err)
		}
		if _, err := l.UndoWish(t.Context(), all[0].ID, "", ""); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: undo %v", column, err)
		}
		if n, attention, err := l.OutboxCounts(t.Context()); err != nil || n != 1 || attention != 1 {
			t.Errorf("%s: %d wait, %d for a person, %v", column, n, attention, err)
		}
		// A new wish for the same field is not kept back by it.
		if e := wish(t, l, status("open", "closed")); e.Outcome != Added {
			t.Errorf("%s: %+v", column, e)
		}
		if send, err := l.ToSend(t.Context(), "ventas"); err != nil || len(send) != 1 {
			t.Errorf("%s: %+v is to be sent, %v", column, send, err)
		}
		if _, err := l.DropWish(t.Context(), all[0].ID); err != nil {
			t.Errorf("%s: drop %v", column, err)
		}
	}
}

// A start finds what was under way: asked anew, or of unknown outcome.
func TestRecoverOutbox(t *testing.T) {
	l := newOutbox(t)
	after := map[string]WishState{}
	for i, tt := range []struct {
		way  []WishState
		then WishState
	}{
		{nil, WishQueued}, {[]WishState{WishParked}, WishQueued}, {[]WishState{WishChecking}, WishQueued}, {[]WishState{WishChecking, WishSending}, WishUnknown},
		{[]WishState{WishChecking, WishSending, WishConfirming}, WishConfirming}, {[]WishState{WishChecking, WishSending, WishUnknown}, WishUnknown},
		{[]WishState{WishStale}, WishStale}, {[]WishState{WishChecking, WishConflict}, WishConflict}, {[]WishState{WishChecking, WishRefused}, WishRefused},
	} {
		in := status("open", "resolved")
		in.Conversation = fmt.Sprint(i)
		e := wish(t, l, in)
		move(t, l, e.ID, tt.way...)
		after[e.ID] = tt.then
	}
	if err := l.RecoverOutbox(t.Context(), waspyAccount.Name); err != nil {
		t.Fatal(err)
	}
	for id, want := range after {
		if w, err := l.OutboxEntry(t.Context(), id); err != nil || w.State != want {
			t.Errorf("%s, want %s, %v", w.State, want, err)
		}
	}
}

// What is done is kept for a time and in a number; what waits for ever.
func TestOutboxRetention(t *testing.T) {
	l := newOutbox(t)
	for i := range 5 {
		in := status("open", "resolved")
		in.Conversation = fmt.Sprint(i)
		e := wish(t, l, in)
		if i > 0 {
			move(t, l, e.ID, WishChecking, WishDone)
		}
	}
	if err := l.s.write(t.Context(), func(x *tx) error {
		if _, err := x.exec(`UPDATE outbox SET done_at = ? WHERE conversation IN ('1', '2')`, time.Now().Add(-keepDone-time.Hour).UnixMilli()); err != nil {
			return err
		}
		_, err := x.exec(`UPDATE outbox SET done_at = 0 WHERE conversation = '0'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := l.RecoverOutbox(t.Context(), waspyAccount.Name); err != nil {
		t.Fatal(err)
	}
	if _, done, err := l.Outbox(t.Context(), 100); err != nil || len(done) != 2 || len(waiting(t, l)) != 1 {
		t.Errorf("%d done, %d waiting, %v", len(done), len(waiting(t, l)), err)
	}
	if err := l.s.write(t.Context(), func(x *tx) error {
		_, err := x.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			INSERT INTO outbox (op_id, account, conversation, field, base, want, state, made_at, done_at, crc) SELECT 'o_' || i, 'ventas', 'x', 'status', 'open', 'closed', 'done', 1, ? + i, 0 FROM n`, keepDoneN+50, time.Now().UnixMilli())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := l.RecoverOutbox(t.Context(), waspyAccount.Name); err != nil {
		t.Fatal(err)
	}
	if _, done, err := l.Outbox(t.Context(), 10_000); err != nil || len(done) != keepDoneN || done[0].ID != fmt.Sprint("o_", keepDoneN+50) {
		t.Errorf("%d done, %v", len(done), err)
	}
}

// wishModel drives an outbox and its mirror at random.
type wishModel struct {
	t     testing.TB
	r     *rapid.T
	l     *Local
	c     *Cache
	known map[string]bool // entries that were ever there
	done  map[string]bool
}

// Whatever is done to an outbox, in any order, over restarts too: every entry
// that ever was is there or has a line that says why not (I8); moves are those
// of the table; of one field at most one entry may be sent, and what stands
// behind another begins where that one ends; and what is shown is the cache
// with the outbox laid over it (I12).
func TestOutboxModel(t *testing.T) {
	l, c := newOutbox(t), newCache(t)
	rapid.Check(t, func(r *rapid.T) {
		m := &wishModel{t: t, r: r, l: l, c: c, known: map[string]bool{}, done: map[string]bool{}}
		if err := l.s.write(t.Context(), func(x *tx) error { _, err := x.exec(`DELETE FROM outbox`); return err }); err != nil {
			t.Fatal(err)
		}
		m.rebuild()
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			m.step()
			m.check()
		}
	})
}

var modelWords = map[inbox.ProviderName][]string{inbox.Waspy: {"open", "pending", "resolved", "closed"}, inbox.Platica: {"active", "finished", "spam", "expired"}}

func (m *wishModel) step() {
	a := rapid.SampledFrom([]inbox.Account{waspyAccount, platicaAccount}).Draw(m.r, "account")
	conv := fmt.Sprint(rapid.IntRange(1, 3).Draw(m.r, "conversation"))
	word := rapid.SampledFrom(modelWords[a.Provider]).Draw(m.r, "word")
	refs := rapid.SampledFrom([][]string{nil, {"ana"}, {"beto"}}).Draw(m.r, "refs")
	ctx := m.t.Context()
	switch rapid.SampledFrom([]string{"arrive", "wish", "wish", "wish", "send", "send", "send", "send", "retry", "drop", "undo", "recover", "rebuild"}).Draw(m.r, "step") {
	case "arrive": // the provider says something of it
		list(m.t, m.c, a, m.row(a, conv, word, refs))
	case "wish":
		t, err := m.c.Target(ctx, a.Name, conv)
		if err != nil {
			return
		}
		in := Intent{Account: a.Name, Conversation: conv, Field: inbox.FieldStatus, Now: t.Status, Want: word, Confirm: true}
		if rapid.Bool().Draw(m.r, "assign") {
			in.Field, in.Now, in.Want = inbox.FieldAssignees, t.Assignees, inbox.RefList(refs)
		}
		e, err := m.l.Enqueue(ctx, in)
		if err != nil {
			m.r.Fatal(err)
		}
		if e[0].ID != "" {
			m.known[e[0].ID] = true
		}
		m.show(a, conv)
	case "send":
		ready, err := m.l.ToSend(ctx, a.Name)
		if err != nil || len(ready) == 0 {
			return
		}
		w := rapid.SampledFrom(ready).Draw(m.r, "entry")
		to := rapid.SampledFrom(wishMoves[w.State]).Draw(m.r, "to")
		moved, err := m.l.MoveWishes(ctx, []Wish{w}, to, WishNote{Now: &word, NowAt: noon})
		if err != nil || len(moved) != 1 {
			m.r.Fatalf("%s to %s: %v, %v", w.State, to, moved, err)
		}
		m.show(a, w.Conversation)
	case "retry", "drop", "undo":
		all, done, err := m.l.Outbox(ctx, 100)
		if err != nil {
			m.r.Fatal(err)
		}
		all = append(all, done...)
		if len(all) == 0 {
			return
		}
		m.byHand(rapid.SampledFrom(all).Draw(m.r, "entry"))
	case "recover":
		if err := m.l.RecoverOutbox(ctx, a.Name); err != nil {
			m.r.Fatal(err)
		}
		m.showAll()
	case "rebuild": // the cache is set aside; conversations come again later
		m.rebuild()
		m.showAll()
	}
}

func (m *wishModel) rebuild() {
	for _, a := range []inbox.Account{waspyAccount, platicaAccount} {
		if _, err := m.c.RemoveAccount(m.t.Context(), a.Name); err != nil {
			m.r.Fatal(err)
		}
		if err := m.c.EnsureAccount(m.t.Context(), a); err != nil {
			m.r.Fatal(err)
		}
	}
}

func (m *wishModel) byHand(w Wish) {
	ctx := m.t.Context()
	var err error
	switch rapid.SampledFrom([]string{"retry", "drop", "undo"}).Draw(m.r, "by hand") {
	case "retry":
		_, err = m.l.RetryWish(ctx, w.ID)
	case "drop":
		_, err = m.l.DropWish(ctx, w.ID)
	case "undo":
		now := w.Want
		if t, err := m.c.Target(ctx, w.Account, w.Conversation); err == nil {
			now = t.FieldOf(w.Field)
		}
		var e Enqueued
		if e, err = m.l.UndoWish(ctx, w.ID, now, ""); err == nil {
			m.known[e.ID] = true
		}
	}
	if err != nil && !errors.Is(err, ErrWishState) && !errors.Is(err, ErrIrreversible) {
		m.r.Fatal(err)
	}
	m.show(inbox.Account{Name: w.Account}, w.Conversation)
}

func (m *wishModel) row(a inbox.Account, id, word string, refs []string) inbox.Conversation {
	c := chat(id, "Ana", "", noon)
	if a.Provider == inbox.Platica {
		c = session(id, "Ana", "551234567"+id, noon)
	}
	return with(c, func(c *inbox.Conversation) { c.StatusWord, c.Assignees = word, refs })
}

func (m *wishModel) show(a inbox.Account, conversations ...string) {
	if _, err := m.c.ShowWishes(m.t.Context(), m.l, a.Name, conversations); err != nil {
		m.r.Fatal(err)
	}
}

func (m *wishModel) showAll() {
	for _, a := range []inbox.Account{waspyAccount, platicaAccount} {
		if _, err := m.c.ShowWishes(m.t.Context(), m.l, a.Name, nil); err != nil {
			m.r.Fatal(err)
		}
	}
}

func (m *wishModel) check() {
	open, done, err := m.l.Outbox(m.t.Context(), 1000)
	if err != nil {
		m.r.Fatal(err)
	}
	lines := strings.Join(audits(m.t, m.l), "\n")
	there := map[string]bool{}
	for _, w := range append(slices.Clone(open), done...) {
		there[w.ID] = true
		if w.Damaged() {
			m.r.Fatalf("damaged: %+v", w)
		}
		if m.done[w.ID] && w.State != WishDone {
			m.r.Fatalf("done once, and now %+v", w)
		}
		m.done[w.ID] = w.State == WishDone
	}
	for id := range m.known {
		if !there[id] && !strings.Contains(lines, id+" ") {
			m.r.Fatalf("%s has vanished:\n%s", id, lines)
		}
	}
	last := map[string]Wish{}
	for _, w := range open {
		k := w.Account + "/" + w.Conversation + "/" + w.Field
		if before, ok := last[k]; ok && (!before.State.sent() || w.Base != before.Want) {
			m.r.Fatalf("%+v stands behind %+v", w, before)
		}
		last[k] = w
	}
	if err := viewIsCacheWithOutbox(m.t.Context(), m.c, m.l); err != nil {
		m.r.Fatal(err)
	}
}

// viewIsCacheWithOutbox holds lists, threads and counts to what the provider
// said, with what waits laid over it (SYNC I12).
func viewIsCacheWithOutbox(ctx context.Context, c *Cache, l *Local) error {
	open, _, err := l.Outbox(ctx, 0)
	if err != nil {
		return err
	}
	lay := map[string]map[string]Overlay{}
	for _, w := range open {
		k := w.Account + "/" + w.Conversation
		if lay[k] == nil {
			lay[k] = map[string]Overlay{}
		}
		o := Overlay{Field: w.Field, Attention: w.State == WishConflict || w.State == WishRefused || w.State == WishStale}
		if w.State != WishRefused {
			o.Want = &w.Want
		}
		lay[k][w.Field] = o
	}
	var counts Counts
	var problem error
	err = c.EachConversation(ctx, Selection{}, func(raw StoredConversation) error {
		want := raw
		for _, o := range lay[raw.Account+"/"+raw.ID] {
			want.wish(o)
		}
		if want.Status.Live() {
			counts.Inbox++
			if len(want.Assignees) == 0 {
				counts.Unassigned++
			}
		}
		if want.Status == inbox.Spam {
			counts.Spam++
		}
		th, err := c.Thread(ctx, raw.Thread) // one conversation a thread in these tests
		if err != nil {
			return err
		}
		shown, err := c.ConversationsOf(ctx, raw.Thread)
		if err != nil {
			return err
		}
		same := func(status inbox.Status, word string, assignees []string, p Pending) bool {
			return status == want.Status && word == want.StatusWord && slices.Equal(assignees, want.Assignees) && p == want.Pending
		}
		if !same(th.Status, th.StatusWord, th.Assignees, th.Pending) || !same(shown[0].Status, shown[0].StatusWord, shown[0].Assignees, shown[0].Pending) {
			problem = fmt.Errorf("%s/%s shows %s %s %v %d and %s %s %v %d, want %s %s %v %d", raw.Account, raw.ID, th.Status, th.StatusWord, th.Assignees, th.Pending,
				shown[0].Status, shown[0].StatusWord, shown[0].Assignees, shown[0].Pending, want.Status, want.StatusWord, want.Assignees, want.Pending)
		}
		if string(raw.Raw) != string(shown[0].Raw) {
			problem = fmt.Errorf("%s/%s: a wish has changed what the provider said", raw.Account, raw.ID)
		}
		return problem
	})
	if err != nil {
		return err
	}
	got, err := c.Counts(ctx, ThreadFilter{Now: noon})
	if err == nil && (got.Inbox != counts.Inbox || got.Unassigned != counts.Unassigned || got.Spam != counts.Spam) {
		err = fmt.Errorf("counted %+v, want %+v", got, counts)
	}
	return err
}

// BenchmarkEnqueue is a click: one wish, durable when it returns.
func BenchmarkEnqueue(b *testing.B) {
	l := newOutbox(b)
	n := 0
	for b.Loop() {
		n++
		in := status("open", "resolved")
		in.Conversation = fmt.Sprint(n)
		wish(b, l, in)
	}
}

// BenchmarkOutboxCounts counts what waits while a whole view is being changed,
// beside reading it.
func BenchmarkOutboxCounts(b *testing.B) {
	l := newOutbox(b)
	n := scaled(10_000)
	for i := range n {
		in := status("open", "resolved")
		in.Conversation = fmt.Sprint(i)
		wish(b, l, in)
	}
	b.Run("counts", func(b *testing.B) {
		timed(b, func() {
			if waiting, _, err := l.OutboxCounts(b.Context()); err != nil || waiting != n {
				b.Fatal(waiting, err)
			}
		})
	})
	b.Run("entries", func(b *testing.B) {
		timed(b, func() {
			if all, _, err := l.Outbox(b.Context(), 0); err != nil || len(all) != n {
				b.Fatal(len(all), err)
			}
		})
	})
}

// BenchmarkClick is all of it: what the provider has, the wish made durable,
// and laid over the list.
func BenchmarkClick(b *testing.B) {
	l, c := newOutbox(b), newCache(b)
	const chats = 2000
	var rows []inbox.Conversation
	for n := range chats {
		rows = append(rows, chat(fmt.Sprint(n), "Ana", "", minutes(n)))
	}
	list(b, c, waspyAccount, rows...)
	n := 0
	for b.Loop() {
		n++
		target, err := c.Target(b.Context(), waspyAccount.Name, fmt.Sprint(n%chats))
		if err != nil {
			b.Fatal(err)
		}
		in := status(target.Status, []string{"resolved", "closed"}[n/chats%2])
		in.Conversation = target.Conversation
		wish(b, l, in)
		if _, err := c.ShowWishes(b.Context(), l, in.Account, []string{in.Conversation}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestWishesOfARemovedAccount leave by a line each.
func TestWishesOfARemovedAccount(t *testing.T) {
	l := newOutbox(t)
	e := wish(t, l, status("open", "resolved"))
	if err := l.RemoveAccount(t.Context(), e.Account, false); err != nil {
		t.Fatal(err)
	}
	if len(waiting(t, l)) != 0 || !slices.Contains(audits(t, l), e.ID+" account-removed queued") {
		t.Errorf("%+v, %q", waiting(t, l), audits(t, l))
	}
}
