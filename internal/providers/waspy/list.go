package waspy

import (
	"context"
	"errors"
	"strings"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/rest"
)

// ListOptions are the parameters of GET /conversations; zero values are not
// sent.
type ListOptions struct {
	Cursor string // of the reply before
	Limit  int    // 1 to 100; more is sent as 100
	Status string // open, pending, resolved or closed
	Search string // in the contact's name or number
}

// List is one page of GET /conversations, newest activity first.
type List struct {
	Items    []inbox.Conversation
	Rejected []inbox.Rejected
	Cursor   string
	More     bool
}

// List reads one page as the API gives it. Newest, Sweep, ByStatus and Find
// walk it with marks.
//
// Errors: ErrMarkRefused for a cursor that Waspy does not take.
func (c *Client) List(ctx context.Context, o ListOptions) (List, error) {
	const op = "list conversations"
	q := query(o.Cursor, o.Limit)
	if o.Status != "" {
		q.Set("status", o.Status)
	}
	if o.Search != "" {
		q.Set("search", o.Search)
	}
	reply, err := c.api.Get(ctx, rest.Call{Op: op, Path: []string{"conversations"}, Query: q, List: true})
	if err != nil {
		return List{}, markRefused(err, o.Cursor)
	}
	env, err := decodeList(reply.Body)
	if err != nil {
		return List{}, notAPI(op, reply, err)
	}
	list := List{Items: make([]inbox.Conversation, 0, len(env.rows)), Cursor: env.cursor, More: env.more}
	for _, raw := range env.rows {
		conv, err := decodeConversation(raw, inbox.Listed)
		if err != nil {
			list.Rejected = append(list.Rejected, inbox.Rejected{Raw: raw, Reason: err.Error()})
			continue
		}
		list.Items = append(list.Items, conv)
	}
	return list, checkTurn(op, o.Cursor, env)
}

// markRefused gives a refusal of a request that carried a cursor its meaning:
// 400, 410 and 422 are then about the cursor (SYNC §2).
func markRefused(err error, cursor string) error {
	var failed *providers.Error
	if cursor == "" || !errors.As(err, &failed) || !errors.Is(failed.Kind, providers.ErrRejected) {
		return err
	}
	switch failed.Status {
	case 400, 410, 422:
		refused := *failed
		refused.Kind = providers.ErrMarkRefused
		return &refused
	}
	return err
}

// checkTurn fails loudly where going on would go round in circles or nowhere.
func checkTurn(op, asked string, env envelope) error {
	fail := func(words string) error {
		return &providers.Error{Kind: providers.ErrFailing, Op: op, Err: errors.New(words)}
	}
	switch {
	case !env.more:
		return nil
	case len(env.rows) == 0:
		return fail("the list says there is more and gives an empty page")
	case env.cursor == "":
		return fail("the list says there is more and does not say from where")
	case env.cursor == asked:
		return fail("the list goes round in circles: the same page comes again")
	}
	return nil
}

// Newest reads the list by newest activity: the only order that Waspy has.
func (c *Client) Newest(ctx context.Context, from inbox.Mark) (inbox.Page[inbox.Conversation], error) {
	return c.walk(ctx, from, mark{Kind: kindList}, ListOptions{})
}

// Sweep is the same list as Newest: Waspy has no other. A row that jumps above
// the cursor during a walk is found from the top again (SYNC §1).
func (c *Client) Sweep(ctx context.Context, from inbox.Mark) (inbox.Page[inbox.Conversation], error) {
	return c.walk(ctx, from, mark{Kind: kindList}, ListOptions{})
}

// ByStatus reads the list of one status, in Waspy's own word, by newest
// activity: one request a page, marks as for Newest. It serves the pass over
// the open conversations (SYNC §2).
func (c *Client) ByStatus(ctx context.Context, word string, from inbox.Mark) (inbox.Page[inbox.Conversation], error) {
	return c.walk(ctx, from, mark{Kind: kindStatus, Of: short(word)}, ListOptions{Status: word})
}

// Open reads the list of the open conversations and then that of the pending
// ones, whole: since is not looked at.
func (c *Client) Open(ctx context.Context, _ time.Time, from inbox.Mark) (providers.OpenPage, error) {
	word := string(inbox.Open)
	if stands(from, string(inbox.Pending)) {
		word = string(inbox.Pending)
	}
	page, err := c.ByStatus(ctx, word, from)
	if err == nil && !page.More && word == string(inbox.Open) {
		page.More, page.Next = true, mark{Kind: kindStatus, Of: short(string(inbox.Pending))}.mint()
	}
	return providers.OpenPage{Page: page}, err
}

// Find asks Waspy's own search in names and numbers: one request a page.
func (c *Client) Find(ctx context.Context, text string, from inbox.Mark) (inbox.Page[inbox.Conversation], error) {
	return c.walk(ctx, from, mark{Kind: kindFind, Of: short(text)}, ListOptions{Search: text})
}

// walk reads the page that a mark stands before and mints the next.
func (c *Client) walk(ctx context.Context, from inbox.Mark, start mark, o ListOptions) (inbox.Page[inbox.Conversation], error) {
	var page inbox.Page[inbox.Conversation]
	m, err := readMark("list conversations", from, start)
	if err != nil {
		return page, err
	}
	o.Cursor, o.Limit = m.Cursor, maxLimit
	list, err := c.List(ctx, o)
	if err != nil {
		return page, err
	}
	page.Items, page.Rejected, page.More = list.Items, list.Rejected, list.More
	if list.More {
		next, err := m.turn("list conversations", list.Cursor, idsOf(list.Items))
		if err != nil {
			return inbox.Page[inbox.Conversation]{}, err
		}
		page.Next = next.mint()
	}
	return page, nil
}

// idsOf tells one page from another: rows move, but no two pages are alike.
func idsOf(items []inbox.Conversation) string {
	var ids strings.Builder
	for i := range items {
		ids.WriteString(items[i].ID + "\x00")
	}
	return ids.String()
}
