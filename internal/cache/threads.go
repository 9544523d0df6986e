package cache

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
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
}

// NeedsReply says whether the customer spoke last and somebody should answer;
// known is false until the last message is.
func (t *Thread) NeedsReply() (needs, known bool) {
	return t.LastDir == inbox.In && (t.Status == inbox.Open || t.Status == inbox.Pending), t.LastDir != ""
}

const threadColumns = `SELECT t.ref, k.person, a.name, a.provider, t.channel, c.platform, k.name, CASE WHEN k.display <> '' THEN k.display ELSE k.phone END,
	c.remote, t.status, c.status_word, c.assignees, c.tags, c.topic, t.sort_at, t.last_at, t.last_dir, t.last_kind, t.last_text, t.last_status,
	t.window_known, t.window_open, t.window_until, t.sessions, t.complete, t.gone, t.last_dir = 'in' AND t.last_at > t.read_at
	FROM threads t JOIN contacts k ON k.id = t.contact JOIN accounts a ON a.id = t.account JOIN conversations c ON c.id = t.live `

func scanThread(scan func(...any) error) (t Thread, err error) {
	var assignees, tags string
	var at, lastAt, until int64
	err = scan(&t.Ref, &t.Person, &t.Account, &t.Provider, &t.Channel, &t.Platform, &t.Name, &t.Phone,
		&t.Conversation, &t.Status, &t.StatusWord, &assignees, &tags, &t.Topic, &at, &lastAt, &t.LastDir, &t.LastKind, &t.LastText, &t.LastStatus,
		&t.Window.Known, &t.Window.Open, &until, &t.Sessions, &t.Complete, &t.Gone, &t.Unread)
	t.Assignees, t.Tags = unlist(assignees), unlist(tags)
	t.At, t.LastAt, t.Window.Until = inbox.FromMillis(at), inbox.FromMillis(lastAt), inbox.FromMillis(until)
	return t, err
}

// View is a fixed view of the list (UX §1).
type View string

// The fixed views that the cache alone can answer.
const (
	Inbox      View = "inbox"
	NeedsReply View = "needs_reply"
	Unassigned View = "unassigned"
	Expiring   View = "expiring"
	All        View = "all"
	SpamView   View = "spam"
)

// views are the conditions, each the exact words of a partial index, so that
// the first page of any view is a walk of that index.
var views = map[View]string{
	Inbox:      `t.gone = 0 AND t.status IN ('open','pending','unknown')`,
	NeedsReply: `t.gone = 0 AND t.status IN ('open','pending') AND t.last_dir = 'in'`,
	Unassigned: `t.gone = 0 AND t.status IN ('open','pending','unknown') AND t.assigned = 0`,
	Expiring:   `t.gone = 0 AND t.status IN ('open','pending','unknown') AND t.window_until > 0`,
	All:        `t.gone = 0`,
	SpamView:   `t.gone = 0 AND t.status = 'spam'`,
}

// ThreadFilter says which threads a list shows.
type ThreadFilter struct {
	View    View
	Account string
	Now     time.Time // for Expiring: windows open now that end within ExpiringWithin
}

// ExpiringWithin is how soon a window must end to be shown as expiring.
const ExpiringWithin = 6 * time.Hour

// ErrCursor: a cursor that this program did not make.
var ErrCursor = errors.New("not a cursor of this list")

func (f ThreadFilter) where() (string, []any, error) {
	cond, ok := views[f.View]
	if !ok {
		return "", nil, fmt.Errorf("view %q: %w", f.View, ErrNotFound)
	}
	var args []any
	if f.Account != "" {
		cond += ` AND t.account = (SELECT id FROM accounts WHERE name = ?)`
		args = append(args, f.Account)
	}
	if f.View == Expiring {
		cond += ` AND t.window_until > ? AND t.window_until <= ?`
		args = append(args, f.Now.UnixMilli(), f.Now.Add(ExpiringWithin).UnixMilli())
	}
	return cond, args, nil
}

// Threads reads one page of a list: newest first, the expiring by what ends
// soonest. after is the cursor of the page before, "" for the first; next is
// "" at the end.
func (c *Cache) Threads(ctx context.Context, f ThreadFilter, after string, limit int) (page []Thread, next string, err error) {
	cond, args, err := f.where()
	if err != nil {
		return nil, "", err
	}
	key, order := "t.sort_at", "DESC"
	if f.View == Expiring {
		key, order = "t.window_until", "ASC"
	}
	if after != "" {
		at, id, err := c.threadCursor(ctx, after)
		if err != nil {
			return nil, "", err
		}
		cond += fmt.Sprintf(` AND (%s, t.id) %s (?, ?)`, key, map[string]string{"DESC": "<", "ASC": ">"}[order])
		args = append(args, at, id)
	}
	args = append(args, limit+1)
	var last int64
	err = each(ctx, c.s.readers, threadColumns+`WHERE `+cond+` ORDER BY `+key+` `+order+`, t.id `+order+` LIMIT ?`, args, func(scan func(...any) error) error {
		t, err := scanThread(scan)
		if err != nil {
			return err
		}
		if len(page) == limit {
			prev := page[limit-1]
			last = prev.At.UnixMilli()
			if f.View == Expiring {
				last = prev.Window.Until.UnixMilli()
			}
			next = base64.RawURLEncoding.EncodeToString([]byte(itoa(last) + "|" + prev.Ref))
			return nil
		}
		page = append(page, t)
		return nil
	})
	return page, next, describe(c.s.path, err)
}

// threadCursor reads a cursor. The thread it names may have moved since: the
// place is where it was.
func (c *Cache) threadCursor(ctx context.Context, cursor string) (at, id int64, err error) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return 0, 0, ErrCursor
	}
	when, ref, ok := strings.Cut(string(b), "|")
	if !ok {
		return 0, 0, ErrCursor
	}
	if _, err := fmt.Sscanf(when, "%d", &at); err != nil {
		return 0, 0, ErrCursor
	}
	err = c.s.readers.QueryRowContext(ctx, `SELECT id FROM threads WHERE ref = ?`, ref).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return at, 0, nil
	}
	return at, id, describe(c.s.path, err)
}

// Thread reads one thread by its ref (t_…). ErrNotFound when there is none.
func (c *Cache) Thread(ctx context.Context, ref string) (Thread, error) {
	t, err := scanThread(c.s.readers.QueryRowContext(ctx, threadColumns+`WHERE t.ref = ?`, ref).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return t, fmt.Errorf("thread %s: %w", ref, ErrNotFound)
	}
	return t, describe(c.s.path, err)
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

// Counts are what stands behind the sidebar's numbers.
type Counts struct {
	Inbox, NeedsReply, Unassigned, Expiring, All, Spam, Unread int64
}

// Counts counts every view, of one account or of all for "".
func (c *Cache) Counts(ctx context.Context, account string, now time.Time) (Counts, error) {
	var n Counts
	err := c.s.read(ctx, func(t *sql.Tx) error {
		count := func(f ThreadFilter, into *int64) error {
			cond, args, err := f.where()
			if err != nil {
				return err
			}
			return t.QueryRowContext(ctx, `SELECT count(*) FROM threads t WHERE `+cond, args...).Scan(into)
		}
		for v, into := range map[View]*int64{Inbox: &n.Inbox, NeedsReply: &n.NeedsReply, Unassigned: &n.Unassigned,
			Expiring: &n.Expiring, All: &n.All, SpamView: &n.Spam} {
			if err := count(ThreadFilter{View: v, Account: account, Now: now}, into); err != nil {
				return err
			}
		}
		cond, args := `gone = 0 AND last_dir = 'in' AND last_at > read_at`, []any{}
		if account != "" {
			cond += ` AND account = (SELECT id FROM accounts WHERE name = ?)`
			args = append(args, account)
		}
		return t.QueryRowContext(ctx, `SELECT count(*) FROM threads WHERE `+cond, args...).Scan(&n.Unread)
	})
	return n, err
}
