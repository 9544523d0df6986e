package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"bandeja/internal/inbox"
)

// Pending says what stands over a thread's or a conversation's row: a wish
// that the provider does not have yet.
type Pending int

// What may stand over a row.
const (
	NotPending   Pending = iota
	PendingWaits         // for the provider
	PendingAsks          // for a person
)

// Word is "", waiting or attention.
func (p Pending) Word() string {
	return [...]string{"", "waiting", "attention"}[p]
}

// Overlay is a wish as the cache mirrors it.
type Overlay struct {
	Field     string
	Want      *string // nil: it is not laid over, since the provider refused it
	Attention bool
}

// overlaysOf is what the entries of one conversation, oldest first, lay over
// it: of a field the newest counts. A damaged one lays nothing.
func overlaysOf(wishes []Wish) []Overlay {
	var out []Overlay
	for i := range wishes {
		w := &wishes[i]
		if w.State == WishDone {
			continue
		}
		o := Overlay{Field: w.Field, Attention: w.State.Attention()}
		if w.State != WishRefused {
			o.Want = &w.Want
		}
		out = slices.DeleteFunc(out, func(p Overlay) bool { return p.Field == o.Field })
		out = append(out, o)
	}
	return out
}

// ShowWishes lays over conversations what local's outbox, the truth, has for
// them: nil for all of an account, strays cleared. A conversation that is not
// here yet gets its wishes as it comes.
//
// Errors: ErrNotFound for an account that is not in the cache.
func (c *Cache) ShowWishes(ctx context.Context, l *Local, account string, conversations []string) (Delta, error) {
	// Read and written under one lock: an older reading never overwrites.
	c.wishing.Lock()
	defer c.wishing.Unlock()
	var wishes []Wish
	var err error
	if conversations == nil {
		wishes, err = l.wishes(ctx, `WHERE o.account = ? AND o.state <> 'done' ORDER BY o.id`, account)
		if err == nil {
			conversations, err = c.wished(ctx, account)
		}
	} else {
		wishes, err = l.OutboxOf(ctx, account, conversations)
	}
	if err != nil {
		return Delta{}, err
	}
	by := map[string][]Wish{}
	for _, conv := range conversations {
		by[conv] = nil
	}
	for _, w := range wishes {
		by[w.Conversation] = append(by[w.Conversation], w)
	}
	overlays := map[string][]Overlay{}
	for conv, ws := range by {
		overlays[conv] = overlaysOf(ws)
	}
	return c.mirrorWishes(ctx, account, overlays)
}

// wished lists the conversations of an account that have something laid over
// them.
func (c *Cache) wished(ctx context.Context, account string) (out []string, err error) {
	err = each(ctx, c.s.readers, `SELECT DISTINCT w.conversation FROM wishes w JOIN accounts a ON a.id = w.account WHERE a.name = ?`, []any{account}, func(scan func(...any) error) error {
		var conv string
		err := scan(&conv)
		out = append(out, conv)
		return err
	})
	return out, describe(c.s.path, err)
}

// mirrorWishes makes the wishes of conversations those given, and derives
// their threads anew.
func (c *Cache) mirrorWishes(ctx context.Context, account string, overlays map[string][]Overlay) (Delta, error) {
	a, err := c.account(account)
	if err != nil {
		return Delta{}, err
	}
	var delta Delta
	err = c.s.write(ctx, func(t *tx) error {
		delta = Delta{}
		ch := newChanges(0)
		looks := map[string]bool{} // threads whose row may look different though it says the same
		for conv, want := range overlays {
			altered, err := replaceWishes(t, a.id, conv, want)
			if err != nil || !altered {
				if err != nil {
					return err
				}
				continue
			}
			var thread int64
			var ref string
			err = t.row(`SELECT t.id, t.ref FROM conversations c JOIN threads t ON t.id = c.thread WHERE c.account = ? AND c.remote = ?`, a.id, conv).Scan(&thread, &ref)
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			if err != nil {
				return err
			}
			ch.touch(thread)
			looks[ref] = true
		}
		if err := ch.settle(t, a, &delta); err != nil {
			return err
		}
		for ref := range looks {
			if !slices.Contains(delta.Threads, ref) {
				delta.Threads = append(delta.Threads, ref)
			}
		}
		return nil
	})
	if err != nil {
		return Delta{}, fmt.Errorf("show the wishes of %s: %w", account, err)
	}
	return delta, nil
}

func replaceWishes(t *tx, account int64, conversation string, want []Overlay) (altered bool, err error) {
	var have []Overlay
	if err := t.query(`SELECT field, want, attention FROM wishes WHERE account = ? AND conversation = ?`, []any{account, conversation}, func(scan func(...any) error) error {
		var o Overlay
		err := scan(&o.Field, &o.Want, &o.Attention)
		have = append(have, o)
		return err
	}); err != nil {
		return false, err
	}
	equal := func(a, b Overlay) bool {
		return a.Field == b.Field && a.Attention == b.Attention && (a.Want == nil) == (b.Want == nil) && (a.Want == nil || *a.Want == *b.Want)
	}
	if len(have) == len(want) && !slices.ContainsFunc(want, func(w Overlay) bool {
		return !slices.ContainsFunc(have, func(h Overlay) bool { return equal(w, h) })
	}) {
		return false, nil
	}
	if _, err := t.exec(`DELETE FROM wishes WHERE account = ? AND conversation = ?`, account, conversation); err != nil {
		return false, err
	}
	for _, o := range want {
		if _, err := t.exec(`INSERT INTO wishes (account, conversation, field, want, attention) VALUES (?,?,?,?,?)`, account, conversation, o.Field, o.Want, o.Attention); err != nil {
			return false, err
		}
	}
	return true, nil
}

// overlay lays the wishes for a thread's conversations over what was derived.
func (d *derived) overlay(t *tx, a accountRow, thread int64, ch *changes) error {
	if wished, err := ch.wished(t, a); err != nil || !wished {
		return err
	}
	return t.query(`SELECT c.id, w.field, w.want, w.attention FROM conversations c JOIN wishes w ON w.account = c.account AND w.conversation = c.remote WHERE c.thread = ?`,
		[]any{thread}, func(scan func(...any) error) error {
			var id int64
			var o Overlay
			if err := scan(&id, &o.Field, &o.Want, &o.Attention); err != nil {
				return err
			}
			d.pending = max(d.pending, o.pending())
			if id != d.live || o.Want == nil {
				return nil
			}
			switch o.Field {
			case inbox.FieldStatus:
				d.status = string(inbox.StatusOf(a.provider, *o.Want))
			case inbox.FieldAssignees:
				d.assigned = *o.Want != "[]"
			}
			return nil
		})
}

func (o Overlay) pending() Pending {
	if o.Attention {
		return PendingAsks
	}
	return PendingWaits
}

// wished reports whether anything is laid over an account's conversations: as
// a rule nothing is, and a page's threads need not be looked up one by one.
func (ch *changes) wished(t *tx, a accountRow) (bool, error) {
	if ch.wishes == nil {
		var any bool
		if err := t.row(`SELECT EXISTS (SELECT 1 FROM wishes WHERE account = ?)`, a.id).Scan(&any); err != nil {
			return false, err
		}
		ch.wishes = &any
	}
	return *ch.wishes, nil
}

// Target is a conversation that may be changed, and what the provider has,
// without any wish.
type Target struct {
	Account      string
	Provider     inbox.ProviderName
	Thread       string
	Conversation string
	Name         string // the contact's, or else the number
	Status       string // the provider's own word
	Assignees    string // an inbox.RefList
	Gone         bool
}

// FieldOf is what the provider has of a field.
func (t *Target) FieldOf(field string) string {
	if field == inbox.FieldAssignees {
		return t.Assignees
	}
	return t.Status
}

const targetColumns = `SELECT a.name, a.provider, t.ref, c.remote, coalesce(nullif(k.name, ''), nullif(k.display, ''), k.phone), c.status_word, c.assignees, c.gone
	FROM conversations c JOIN threads t ON t.id = c.thread JOIN contacts k ON k.id = t.contact JOIN accounts a ON a.id = c.account `

func (c *Cache) targets(ctx context.Context, cond string, args ...any) (out []Target, err error) {
	err = each(ctx, c.s.readers, targetColumns+cond, args, func(scan func(...any) error) error {
		var v Target
		var refs string
		err := scan(&v.Account, &v.Provider, &v.Thread, &v.Conversation, &v.Name, &v.Status, &refs, &v.Gone)
		v.Assignees = inbox.RefList(unlist(refs))
		out = append(out, v)
		return err
	})
	return out, describe(c.s.path, err)
}

// Target finds a conversation by its provider's id. ErrNotFound.
func (c *Cache) Target(ctx context.Context, account, conversation string) (Target, error) {
	all, err := c.targets(ctx, `WHERE a.name = ? AND c.remote = ?`, account, conversation)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("conversation %s of %s: %w", conversation, account, ErrNotFound)
	}
	if err != nil {
		return Target{}, err
	}
	return all[0], nil
}

// TargetsOf finds conversations of an account by their provider's ids, those
// that are here.
func (c *Cache) TargetsOf(ctx context.Context, account string, conversations []string) ([]Target, error) {
	list, err := json.Marshal(append([]string{}, conversations...))
	if err != nil {
		return nil, err
	}
	return c.targets(ctx, `WHERE a.name = ? AND c.remote IN (SELECT value FROM json_each(?))`, account, string(list))
}

// LiveTargets finds the live conversations of threads (t_…), in their order,
// each once.
// ErrNotFound names one that is not there.
func (c *Cache) LiveTargets(ctx context.Context, threads []string) ([]Target, error) {
	out, missing, err := c.liveTargets(ctx, threads)
	if err == nil && missing != "" {
		return nil, fmt.Errorf("thread %s: %w", missing, ErrNotFound)
	}
	return out, err
}

// LiveTargetsHere is LiveTargets without those that are not there (any more).
func (c *Cache) LiveTargetsHere(ctx context.Context, threads []string) ([]Target, error) {
	out, _, err := c.liveTargets(ctx, threads)
	return out, err
}

func (c *Cache) liveTargets(ctx context.Context, threads []string) (out []Target, missing string, err error) {
	list, err := json.Marshal(append([]string{}, threads...))
	if err != nil {
		return nil, "", err
	}
	all, err := c.targets(ctx, `WHERE c.id = t.live AND t.ref IN (SELECT value FROM json_each(?))`, string(list))
	if err != nil {
		return nil, "", err
	}
	by := map[string]Target{}
	for _, v := range all {
		by[v.Thread] = v
	}
	out = make([]Target, 0, len(threads))
	taken := map[string]bool{}
	for _, ref := range threads {
		v, ok := by[ref]
		if !ok {
			missing = ref
		}
		if ok && !taken[ref] {
			taken[ref], out = true, append(out, v)
		}
	}
	return out, missing, nil
}
