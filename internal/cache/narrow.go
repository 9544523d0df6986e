package cache

import (
	"encoding/json"
	"strings"
	"time"

	"bandeja/internal/inbox"
)

// Narrow is what threads are narrowed by, in the cache's own terms: a filter of
// the search box whose names were looked up. All of it holds; of the values of
// one kind any.
type Narrow struct {
	Facets
	Not    Facets    // none of these holds
	After  time.Time // the last activity: inclusive, zero for no bound
	Before time.Time // exclusive
	Now    time.Time // for ExpiresWithin
	Here   time.Time // for Snoozed: this machine's; zero: whenever it ends
}

// Facets are properties of a thread. Empty ones ask for nothing.
type Facets struct {
	Accounts   []string
	Providers  []inbox.ProviderName
	Channels   []ChannelRef
	Statuses   []inbox.Status
	Assignees  []string          // refs
	Tags       []string          // as the provider writes them
	Kinds      []inbox.Kind      // of any of its messages
	Directions []inbox.Direction // of its last message
	People     []string          // p_…
	Threads    []string          // t_…
	// Nothing: a name was asked for that nobody here has.
	Nothing bool

	Unassigned bool
	Unread     bool
	NeedsReply bool
	Waiting    bool          // a wish waits
	Partial    bool          // some of its history is not here
	Snoozed    bool          // also in a view that leaves them out
	Within     time.Duration // the reply window ends within this time
}

// ChannelRef names a channel: its id alone is an account's.
type ChannelRef struct{ Account, ID string }

// Empty reports whether nothing is narrowed.
func (n *Narrow) Empty() bool {
	return n.After.IsZero() && n.Before.IsZero() && n.Facets.empty() && n.Not.empty()
}

func (f *Facets) empty() bool { return len(f.conditions(&Narrow{}, overThreads)) == 0 }

// kindBits are the bits of threads.kinds. They are stored: a kind keeps its bit.
var kindBits = map[inbox.Kind]int64{
	inbox.Text: 1 << 0, inbox.Image: 1 << 1, inbox.Audio: 1 << 2, inbox.Video: 1 << 3, inbox.Document: 1 << 4, inbox.Sticker: 1 << 5,
	inbox.Location: 1 << 6, inbox.ContactCard: 1 << 7, inbox.Template: 1 << 8, inbox.Interactive: 1 << 9, inbox.Reaction: 1 << 10,
	inbox.Email: 1 << 11, inbox.KindUnknown: 1 << 12,
}

// kindMask is the bits of some kinds.
func kindMask(kinds []inbox.Kind) (mask int64) {
	for _, k := range kinds {
		mask |= kindBits[k]
	}
	return mask
}

// condition is a piece of SQL over a thread t, its account a, its contact k
// and its live conversation c.
type condition struct {
	sql  string
	args []any
}

// row says by which columns a row is narrowed: a thread's, a conversation's, a
// message's.
type row struct {
	status, assignees, tags, at, direction string
	kind                                   string // with ? for kindMask, or for a list of kinds
	masked                                 bool
}

var (
	overThreads = row{status: "t.status", assignees: wishedAssignees, tags: "c.tags", at: "t.sort_at", direction: "t.last_dir", kind: "t.kinds & ? <> 0", masked: true}
	// What the provider said, and no wish.
	overConversations = row{status: "c.status", assignees: "c.assignees", tags: "c.tags", at: "max(c.active_at, c.last_at)", direction: "t.last_dir", kind: "t.kinds & ? <> 0", masked: true}
	overMessages      = row{status: "c.status", assignees: "c.assignees", tags: "c.tags", at: "m.at", direction: "m.direction", kind: "m.kind IN " + oneOf}
)

// where is what a row must be like: "true" where nothing is asked for.
func (n *Narrow) where(over row) (string, []any) {
	all := n.Facets.conditions(n, over)
	for _, c := range n.Not.conditions(n, over) {
		all = append(all, condition{"NOT (" + c.sql + ")", c.args})
	}
	if !n.After.IsZero() {
		all = append(all, condition{over.at + " >= ?", []any{inbox.Millis(n.After)}})
	}
	if !n.Before.IsZero() {
		all = append(all, condition{over.at + " < ?", []any{inbox.Millis(n.Before)}})
	}
	out, args := []string{"true"}, []any{}
	for _, c := range all {
		out, args = append(out, c.sql), append(args, c.args...)
	}
	return strings.Join(out, " AND "), args
}

// conditions are those of a narrow's facets, at its times.
func (f *Facets) conditions(n *Narrow, over row) (out []condition) {
	is := func(asked bool, sql string, args ...any) {
		if asked {
			out = append(out, condition{sql, args})
		}
	}
	is(f.Nothing, "false")
	is(len(f.Accounts) > 0, "a.name IN "+oneOf, values(f.Accounts))
	is(len(f.Providers) > 0, "a.provider IN "+oneOf, values(f.Providers))
	is(len(f.Channels) > 0, "EXISTS (SELECT 1 FROM json_each(?) v WHERE v.value ->> 'Account' = a.name AND v.value ->> 'ID' = t.channel)", values(f.Channels))
	is(len(f.Statuses) > 0, over.status+" IN "+oneOf, values(f.Statuses))
	is(len(f.Assignees) > 0, "EXISTS (SELECT 1 FROM json_each("+over.assignees+") v WHERE v.value IN "+oneOf+")", values(f.Assignees))
	is(len(f.Tags) > 0, "EXISTS (SELECT 1 FROM json_each("+over.tags+") v WHERE v.value IN "+oneOf+")", values(f.Tags))
	if over.masked {
		is(len(f.Kinds) > 0, over.kind, kindMask(f.Kinds))
	} else {
		is(len(f.Kinds) > 0, over.kind, values(f.Kinds))
	}
	is(len(f.Directions) > 0, over.direction+" IN "+oneOf, values(f.Directions))
	is(f.People != nil, "k.person IN "+oneOf, values(f.People))
	is(f.Threads != nil, "t.ref IN "+oneOf, values(f.Threads))
	is(f.Unassigned, "t.assigned = 0")
	is(f.Unread, "(t.last_dir = 'in' AND t.last_at > t.read_at)")
	is(f.NeedsReply, "(t.last_dir = 'in' AND t.status IN ('open','pending'))")
	is(f.Waiting, "t.pending <> 0")
	is(f.Partial, "t.complete = 0")
	is(f.Snoozed, "(t.snoozed_until > ? AND t.woken = 0)", inbox.Millis(n.Here))
	is(f.Within > 0, "(t.window_until > ? AND t.window_until <= ?)", n.Now.UnixMilli(), n.Now.Add(f.Within).UnixMilli())
	return out
}

// oneOf is a list of values that comes as one argument, however long it is.
const oneOf = "(SELECT value FROM json_each(?))"

// list writes the argument of oneOf.
func values[T any](of []T) string {
	b, err := json.Marshal(of)
	if err != nil {
		return "[]" // there is no such value among strings
	}
	return string(b)
}
