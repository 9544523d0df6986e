package platica

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"sync"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/rest"
)

// GetOptions are the parameters of GET and PATCH /conversations/{id}; zero
// values are not sent.
type GetOptions struct {
	Channel   string // narrows where several conversations share a public id (§8.1)
	Workspace string // for a key that reaches several (§1); not in the seed
}

func (o GetOptions) query() url.Values {
	q := url.Values{}
	if o.Channel != "" {
		q.Set("channelId", o.Channel)
	}
	if o.Workspace != "" {
		q.Set("workspace", o.Workspace)
	}
	return q
}

// found is one conversation of a single GET, its messages not read yet.
type found struct {
	inbox.Conversation
	messages []byte
}

// Get is GET /conversations/{conversationId}: by id, public id or phone. It
// may give several conversations, in several workspaces (§8.1), in read form.
//
// Errors: ErrNotFound.
func (c *Client) Get(ctx context.Context, id string, o GetOptions) ([]inbox.Conversation, error) {
	all, err := c.get(ctx, "read conversation", id, o)
	if err != nil {
		return nil, err
	}
	out := make([]inbox.Conversation, 0, len(all))
	for _, one := range all {
		out = append(out, one.Conversation)
	}
	return out, nil
}

func (c *Client) get(ctx context.Context, op, id string, o GetOptions) ([]found, error) {
	if id == "" {
		return nil, notFound(op)
	}
	reply, err := c.api.Get(ctx, rest.Call{Op: op, Path: []string{"conversations", id}, Query: o.query()})
	if err != nil {
		return nil, err
	}
	parts, rejected, err := decodeWorkspaces(reply.Body)
	if err != nil {
		return nil, notAPI(op, reply, err)
	}
	var all []found
	odd := len(rejected)
	for _, part := range parts {
		for _, raw := range part.rows {
			parsed, err := parseConversation(raw)
			if err != nil {
				odd++
				continue
			}
			all = append(all, found{parsed.toConversation(raw, inbox.Read, part.ID), parsed.Messages})
		}
	}
	if len(all) == 0 && odd > 0 {
		return nil, notAPI(op, reply, errOtherObject)
	}
	c.homes.note(len(parts))
	for _, one := range all {
		c.homes.keep(one.ID, one.Workspace)
	}
	return all, nil
}

// byID picks the conversation asked for among all that came, from whichever
// workspace: never the first.
func (c *Client) byID(ctx context.Context, op, id string) (found, error) {
	all, err := c.get(ctx, op, id, GetOptions{})
	if err != nil {
		return found{}, err
	}
	for _, one := range all {
		if one.ID == id {
			return one, nil
		}
	}
	return found{}, notFound(op)
}

// Conversation reads one conversation by its internal id, in read form.
func (c *Client) Conversation(ctx context.Context, id string) (inbox.Conversation, error) {
	one, err := c.byID(ctx, "read conversation", id)
	return one.Conversation, err
}

// ByPhone is GET /conversations/{phone}: whether it answers with every session
// of the number or with the newest is not documented (§18.9). The number is
// sent as given.
func (c *Client) ByPhone(ctx context.Context, number string) ([]inbox.Conversation, error) {
	all, err := c.get(ctx, "look up a number", number, GetOptions{})
	if errors.Is(err, providers.ErrNotFound) {
		return []inbox.Conversation{}, nil
	}
	if err != nil {
		return nil, err
	}
	out := make([]inbox.Conversation, 0, len(all))
	for _, one := range all {
		out = append(out, one.Conversation)
	}
	return out, nil
}

// Update is PATCH /conversations/{id} by the internal id. Where the key has
// been seen to reach several workspaces, that of the conversation goes along,
// for a write is refused without it (§1).
func (c *Client) Update(ctx context.Context, id string, change inbox.Change) (providers.Updated, error) {
	return c.Patch(ctx, id, GetOptions{Workspace: c.homes.of(id)}, change)
}

// Patch is PATCH /conversations/{conversationId} (§10). One call may touch
// several conversations: the ids that Plática says it touched are in the
// answer. Owners are the new list and replace the old.
func (c *Client) Patch(ctx context.Context, id string, o GetOptions, change inbox.Change) (providers.Updated, error) {
	const op = "change conversation"
	body := map[string]any{}
	if change.Status != nil {
		body["status"] = *change.Status
	}
	if change.Assignees != nil {
		body["owners"] = append([]string{}, *change.Assignees...)
	}
	if len(body) == 0 {
		return providers.Updated{}, &providers.Error{Kind: providers.ErrRejected, Op: op, Err: errors.New("nothing to change")}
	}
	if id == "" {
		return providers.Updated{}, notFound(op)
	}
	reply, err := c.api.Patch(ctx, rest.Call{Op: op, Path: []string{"conversations", id}, Query: o.query()}, body)
	if err != nil {
		return providers.Updated{}, err
	}
	ids, ok := decodePatched(reply.Body)
	if !ok {
		err := errors.New("the reply says that it was not done")
		return providers.Updated{}, &providers.Error{Kind: providers.ErrRejected, Op: op, Status: reply.Status, RequestID: reply.RequestID(), Err: err}
	}
	return providers.Updated{IDs: ids, Status: reply.Status, RequestID: reply.RequestID()}, nil
}

// decodePatched reads {"status","message","data":{"ids":[…]}} (§2.2). An empty
// reply of a 2xx kind is a success that names nothing (§2.3).
func decodePatched(body []byte) (ids []string, ok bool) {
	if !rest.IsObject(body) {
		return nil, true
	}
	var outer struct {
		Status rest.Word       `json:"status"`
		Data   json.RawMessage `json:"data"`
	}
	if json.Unmarshal(body, &outer) != nil {
		return nil, true
	}
	switch outer.Status {
	case "error", "fail", "failed", "failure":
		return nil, false
	}
	var data struct {
		IDs rest.Refs `json:"ids"`
		ID  rest.Refs `json:"id"`
	}
	if rest.IsObject(outer.Data) && json.Unmarshal(outer.Data, &data) != nil {
		return nil, true
	}
	return append(data.IDs, data.ID...), true
}

// homes remembers the workspace of conversations lately read, and whether the
// key was ever seen to reach several. The outbox reads a conversation before
// it changes it, so a short memory is enough.
type homes struct {
	mu      sync.Mutex
	several bool
	at      map[string]string
}

const mostHomes = 1000

// note takes the number of workspaces that a reply named.
func (h *homes) note(workspaces int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.several = h.several || workspaces > 1
}

func (h *homes) keep(id, workspace string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.at == nil || len(h.at) >= mostHomes {
		h.at = map[string]string{}
	}
	h.at[id] = workspace
}

// of is the workspace to send with a change, empty where there is but one.
func (h *homes) of(id string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.several {
		return ""
	}
	return h.at[id]
}
