package cache

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"bandeja/internal/inbox"
)

// Thread is a row of the list: account × channel × contact, with what its
// newest, live conversation says (DESIGN §4).
type Thread struct {
	Ref          string // t_…
	Person       string // p_…
	Account      string
	Provider     inbox.ProviderName
	Channel      string
	Platform     string
	Name         string // the contact's, may be empty
	Phone        string // display form, or as written where it is no phone
	Conversation string // the live one's provider id
	Status       inbox.Status
	StatusWord   string
	Assignees    []string
	Tags         []string
	Topic        string
	At           time.Time // what the list is ordered by
	LastAt       time.Time
	LastDir      inbox.Direction // "": not known yet
	LastKind     inbox.Kind
	LastText     string
	LastStatus   string
	Window       inbox.Window
	Sessions     int
	Complete     bool
	Gone         bool
	Unread       bool
	Pending      Pending   // status, word and assignees are what was wished
	SnoozedUntil time.Time // zero: it is not snoozed, and what came back was looked at
	Woken        bool      // snoozed, and the customer has written since
}

// Asleep reports whether the thread is snoozed at a time of this machine.
func (t *Thread) Asleep(now time.Time) bool { return t.SnoozedUntil.After(now) && !t.Woken }

// NeedsReply says whether the customer spoke last and somebody should answer;
// known is false until the last message is.
func (t *Thread) NeedsReply() (needs, known bool) {
	return t.LastDir == inbox.In && (t.Status == inbox.Open || t.Status == inbox.Pending), t.LastDir != ""
}

// What is shown of a conversation: the wish that is laid over it, or else what
// the provider has. Few rows have one, and the others are not looked up.
const (
	wishedWord      = `CASE WHEN t.pending = 0 THEN c.status_word ELSE coalesce((SELECT w.want FROM wishes w WHERE w.account = c.account AND w.conversation = c.remote AND w.field = 'status'), c.status_word) END`
	wishedAssignees = `CASE WHEN t.pending = 0 THEN c.assignees ELSE coalesce((SELECT w.want FROM wishes w WHERE w.account = c.account AND w.conversation = c.remote AND w.field = 'assignees'), c.assignees) END`
)

const threadTables = `FROM threads t JOIN contacts k ON k.id = t.contact JOIN accounts a ON a.id = t.account JOIN conversations c ON c.id = t.live `

const threadColumns = `SELECT t.ref, k.person, a.name, a.provider, t.channel, c.platform, k.name, CASE WHEN k.display <> '' THEN k.display ELSE k.phone END,
	c.remote, t.status, ` + wishedWord + `, ` + wishedAssignees + `, c.tags, c.topic, t.sort_at, t.last_at, t.last_dir, t.last_kind, t.last_text, t.last_status,
	t.window_known, t.window_open, t.window_until, t.sessions, t.complete, t.gone, t.last_dir = 'in' AND t.last_at > t.read_at, t.pending, t.snoozed_until, t.woken, t.id
	` + threadTables

func scanThread(scan func(...any) error) (t Thread, id int64, err error) {
	var assignees, tags string
	var at, lastAt, until, snoozed int64
	err = scan(&t.Ref, &t.Person, &t.Account, &t.Provider, &t.Channel, &t.Platform, &t.Name, &t.Phone,
		&t.Conversation, &t.Status, &t.StatusWord, &assignees, &tags, &t.Topic, &at, &lastAt, &t.LastDir, &t.LastKind, &t.LastText, &t.LastStatus,
		&t.Window.Known, &t.Window.Open, &until, &t.Sessions, &t.Complete, &t.Gone, &t.Unread, &t.Pending, &snoozed, &t.Woken, &id)
	t.Assignees, t.Tags = unlist(assignees), unlist(tags)
	t.At, t.LastAt, t.Window.Until = inbox.FromMillis(at), inbox.FromMillis(lastAt), inbox.FromMillis(until)
	t.SnoozedUntil = inbox.FromMillis(snoozed)
	return t, id, err
}

// View is a fixed view of the list (UX §1).
type View string

// The fixed views.
const (
	Inbox      View = "inbox"
	NeedsReply View = "needs_reply"
	Mine       View = "mine"
	Unassigned View = "unassigned"
	Expiring   View = "expiring"
	Snoozed    View = "snoozed"
	All        View = "all"
	SpamView   View = "spam"
)

// views are the conditions, each the exact words of a partial index, so that
// the first page of any view is a walk of that index. Mine has none: who one is
// is asked of the facts.
var views = map[View]string{
	Inbox:      `t.gone = 0 AND t.status IN ('open','pending','unknown')`,
	NeedsReply: `t.gone = 0 AND t.status IN ('open','pending') AND t.last_dir = 'in'`,
	Mine:       `t.gone = 0 AND t.status IN ('open','pending','unknown') AND t.assigned = 1`,
	Unassigned: `t.gone = 0 AND t.status IN ('open','pending','unknown') AND t.assigned = 0`,
	Expiring:   `t.gone = 0 AND t.status IN ('open','pending','unknown') AND t.window_until > 0`,
	Snoozed:    `t.gone = 0 AND t.snoozed_until > 0 AND t.woken = 0`,
	All:        `t.gone = 0`,
	SpamView:   `t.gone = 0 AND t.status = 'spam'`,
}

// Fixed reports whether there is such a view.
func (v View) Fixed() bool { return views[v] != "" }

// hides reports whether a view is one of work to be done, which leaves out what
// is snoozed.
func (v View) hides() bool {
	return v == Inbox || v == NeedsReply || v == Mine || v == Unassigned || v == Expiring
}

// ThreadFilter says which threads a list shows.
type ThreadFilter struct {
	View    View
	Account string
	Now     time.Time // for Expiring: windows open now that end within ExpiringWithin
	// Here is the time of this machine, by which threads are snoozed; zero: none is.
	Here   time.Time
	Me     []AgentRef // for Mine: the refs that are one's own, of any account
	Narrow Narrow
	Sort   Sort
}

// ExpiringWithin is how soon a window must end to be shown as expiring.
const ExpiringWithin = 6 * time.Hour

// ErrCursor: a cursor that this program did not make.
var ErrCursor = errors.New("not a cursor of this list")

// where narrows to a view of one account, by its row number.
func (f ThreadFilter) where() (string, []any, error) {
	cond, ok := views[f.View]
	if !ok {
		return "", nil, fmt.Errorf("view %q: %w", f.View, ErrNotFound)
	}
	// Where two terms bound a column of an index, SQLite begins at the first one:
	// the view's own > 0 would walk all that has ended already.
	var args []any
	if f.View == Expiring {
		cond = `t.window_until > ? AND t.window_until <= ? AND ` + cond
		args = append(args, f.Now.UnixMilli(), f.Now.Add(ExpiringWithin).UnixMilli())
	}
	if f.View == Snoozed {
		cond, args = `t.snoozed_until > ? AND `+cond, append(args, inbox.Millis(f.Here))
	} else if f.View.hides() && !f.Here.IsZero() && !f.Narrow.Snoozed {
		cond, args = cond+` AND NOT (t.snoozed_until > ? AND t.woken = 0)`, append(args, f.Here.UnixMilli())
	}
	if f.View == Mine {
		cond += ` AND EXISTS (SELECT 1 FROM json_each(` + wishedAssignees + `) r JOIN json_each(?) m ON m.value ->> 'Ref' = r.value AND m.value ->> 'Account' = a.name)`
		args = append(args, values(f.Me))
	}
	if !f.Narrow.Empty() {
		more, values := f.Narrow.where(overThreads)
		cond, args = cond+" AND "+more, append(args, values...)
	}
	return cond, args, nil
}

// accounts are those that a filter looks at.
func (f ThreadFilter) accounts(ctx context.Context, t *sql.Tx) (ids []int64, err error) {
	err = each(ctx, t, `SELECT id FROM accounts WHERE ?1 = '' OR name = ?1`, []any{f.Account}, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// order is what a view is sorted by, and in which direction.
func (f ThreadFilter) order() (column, direction, beyond string) {
	switch f.View {
	case Expiring:
		return "t.window_until", "ASC", ">"
	case Snoozed:
		return "t.snoozed_until", "ASC", ">"
	}
	return "t.sort_at", "DESC", "<"
}

// threadPlace is where a thread stands in a list.
type threadPlace struct {
	at, id int64
	now    int64 // by which a sort was begun
}

type placedThread struct {
	Thread
	threadPlace
}

// Threads reads one page of a list, sorted as f says. after is the cursor of the
// page before, of the same list, "" for the first; next is "" at the end.
// ErrCursor: after is not one of ours.
func (c *Cache) Threads(ctx context.Context, f ThreadFilter, after string, limit int) (page []Thread, next string, err error) {
	page, _, next, err = c.PlacedThreads(ctx, f, after, limit)
	return page, next, err
}

// PlacedThreads is Threads, with where each row stands in the list.
func (c *Cache) PlacedThreads(ctx context.Context, f ThreadFilter, after string, limit int) (page []Thread, places []Place, next string, err error) {
	limit = max(limit, 1)
	if !f.View.Fixed() {
		return nil, nil, "", fmt.Errorf("view %q: %w", f.View, ErrNotFound)
	}
	rows, sifted, err := c.siftThreads(ctx, f, after, limit+1)
	if err == nil && !sifted {
		err = c.s.read(ctx, func(t *sql.Tx) error {
			if f.own() {
				rows, err = listThreads(ctx, t, f, after, limit+1)
			} else {
				rows, err = sortThreads(ctx, t, f, after, limit+1)
			}
			return err
		})
	}
	if len(rows) > limit {
		rows = rows[:limit]
		next = base64.RawURLEncoding.EncodeToString([]byte(f.cursor(&rows[limit-1])))
	}
	for i := range rows {
		page, places = append(page, rows[i].Thread), append(places, f.placeTold(&rows[i]))
	}
	return page, places, next, err
}

// page is the query for a page of one account: its arguments, and then the
// account's row number and the limit.
func (f ThreadFilter) page(after threadPlace, going bool) (string, []any, error) {
	cond, args, err := f.where()
	column, direction, beyond := f.order()
	if going {
		cond += fmt.Sprintf(` AND (%s, t.id) %s (?, ?)`, column, beyond)
		args = append(args, after.at, after.id)
	}
	return fmt.Sprintf(threadColumns+`WHERE %s AND t.account = ? ORDER BY %s %s, t.id %[3]s LIMIT ?`, cond, column, direction), args, err
}

// listThreads merges the accounts' walks of the view's index.
func listThreads(ctx context.Context, t *sql.Tx, f ThreadFilter, after string, limit int) (rows []placedThread, err error) {
	p, err := findThreadCursor(ctx, t, f, after)
	if err != nil {
		return nil, err
	}
	query, args, err := f.page(p, after != "")
	if err != nil {
		return nil, err
	}
	ids, err := f.accounts(ctx, t)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if err := each(ctx, t, query, append(slices.Clone(args), id, limit), func(scan func(...any) error) (err error) {
			r := placedThread{}
			r.Thread, r.id, err = scanThread(scan)
			r.at = f.at(&r.Thread)
			rows = append(rows, r)
			return err
		}); err != nil {
			return nil, err
		}
	}
	f.byPlace(rows)
	return rows[:min(limit, len(rows))], nil
}

// findThreadCursor reads a cursor. The thread it names may have moved since:
// the place is where it was. It may be gone: rows of its very time are then
// given again rather than left out.
func findThreadCursor(ctx context.Context, t *sql.Tx, f ThreadFilter, cursor string) (p threadPlace, err error) {
	if cursor == "" {
		return threadPlace{now: f.Now.UnixMilli()}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return p, ErrCursor
	}
	p, ref, err := f.readCursor(string(b))
	if err != nil {
		return p, err
	}
	err = t.QueryRowContext(ctx, `SELECT id FROM threads WHERE ref = ?`, ref).Scan(&p.id)
	if errors.Is(err, sql.ErrNoRows) {
		if !f.ascending() {
			p.id = math.MaxInt64
		}
		return p, nil
	}
	return p, err
}

// Thread reads one thread by its ref (t_…). ErrNotFound when there is none.
func (c *Cache) Thread(ctx context.Context, ref string) (Thread, error) {
	t, _, err := scanThread(c.s.readers.QueryRowContext(ctx, threadColumns+`WHERE t.ref = ?`, ref).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return t, fmt.Errorf("thread %s: %w", ref, ErrNotFound)
	}
	return t, describe(c.s.path, err)
}

// ThreadNames are the names of threads' customers, the numbers of those without
// one. Threads that are not here are left out.
func (c *Cache) ThreadNames(ctx context.Context, refs []string) (map[string]string, error) {
	names := make(map[string]string, len(refs))
	err := each(ctx, c.s.readers, `SELECT t.ref, coalesce(nullif(k.name, ''), nullif(k.display, ''), k.phone)
		FROM threads t JOIN contacts k ON k.id = t.contact WHERE t.ref IN `+oneOf, []any{values(refs)}, func(scan func(...any) error) error {
		var ref, name string
		err := scan(&ref, &name)
		names[ref] = name
		return err
	})
	return names, describe(c.s.path, err)
}

// ThreadOf finds the thread of a provider's conversation.
func (c *Cache) ThreadOf(ctx context.Context, account, conversation string) (string, error) {
	var ref string
	err := c.s.readers.QueryRowContext(ctx, `SELECT t.ref FROM conversations c JOIN threads t ON t.id = c.thread
		JOIN accounts a ON a.id = c.account WHERE a.name = ? AND c.remote = ?`, account, conversation).Scan(&ref)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("conversation %s of %s: %w", conversation, account, ErrNotFound)
	}
	return ref, describe(c.s.path, err)
}

// CountThreads counts those that a list shows; at most bound of them, where
// there may be more.
func (c *Cache) CountThreads(ctx context.Context, f ThreadFilter, bound int) (n int, err error) {
	if !f.View.Fixed() {
		return 0, fmt.Errorf("view %q: %w", f.View, ErrNotFound)
	}
	ready, err := c.sift(ctx, f.Narrow, func(facts *facts, s *sieve) {
		s.view(facts, f)
		s.each(facts, func(int) { n++ })
	})
	if ready || err != nil {
		return min(n, bound), err
	}
	cond, args, err := f.where()
	if err != nil {
		return 0, err
	}
	err = c.s.read(ctx, func(t *sql.Tx) error {
		return t.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 `+threadTables+`WHERE `+cond+` AND (? = '' OR a.name = ?) LIMIT ?)`,
			append(args, f.Account, f.Account, bound)...).Scan(&n)
	})
	return n, err
}

// ThreadRefs lists which threads a list has, in its order: at most limit, and
// how many there are in all.
func (c *Cache) ThreadRefs(ctx context.Context, f ThreadFilter, limit int) (refs []string, total int, err error) {
	rows, next, err := c.Threads(ctx, f, "", limit)
	if err != nil {
		return nil, 0, err
	}
	for _, r := range rows {
		refs = append(refs, r.Ref)
	}
	if next == "" {
		return refs, len(refs), nil
	}
	total, err = c.CountThreads(ctx, f, math.MaxInt)
	return refs, total, err
}
