// Package waspy reads and changes conversations at Waspy, API v2. Contract
// sections named in comments are those of docs on Waspy's API: the seed page
// for GET and PATCH conversations, by-phone and messages.
package waspy

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"strconv"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/rest"
)

// Defaults of an account. Waspy documents no rate limit (§4), so the pace is
// modest.
const (
	DefaultBaseURL = "https://api.waspytech.com/api/v2"
	DefaultRate    = 4.0 // requests a second
	maxLimit       = 100 // §5: never send more
	sampleSize     = 5
)

// Client is one Waspy key. It answers to providers.Provider.
type Client struct{ api *rest.Client }

var _ providers.Provider = (*Client)(nil)

// New makes a client; an empty BaseURL and a zero Rate are the defaults. It
// makes no request. The error says what is wrong with the options.
func New(o rest.Options) (*Client, error) {
	if o.BaseURL == "" {
		o.BaseURL = DefaultBaseURL
	}
	if o.Rate == 0 {
		o.Rate = DefaultRate
	}
	api, err := rest.New(o)
	if err != nil {
		return nil, err
	}
	return &Client{api: api}, nil
}

// Name is inbox.Waspy.
func (c *Client) Name() inbox.ProviderName { return inbox.Waspy }

// Usage counts the requests made since the client was made.
func (c *Client) Usage() providers.Usage { return c.api.Usage() }

// Offset is how far Waspy's clock is ahead of ours.
func (c *Client) Offset() time.Duration { return c.api.Offset() }

// Close lets go of idle connections; the client may still be used.
func (c *Client) Close() error { return c.api.Close() }

// Check reads a handful of the newest conversations: one request.
func (c *Client) Check(ctx context.Context) (providers.Checked, error) {
	list, err := c.List(ctx, ListOptions{Limit: sampleSize})
	if err != nil {
		return providers.Checked{}, err
	}
	return providers.Checked{Sample: list.Items[:min(len(list.Items), sampleSize)]}, nil
}

// Conversation is GET /conversations/:id, in read form.
func (c *Client) Conversation(ctx context.Context, id string) (inbox.Conversation, error) {
	const op = "read conversation"
	if id == "" {
		return inbox.Conversation{}, &providers.Error{Kind: providers.ErrNotFound, Op: op}
	}
	reply, err := c.api.Get(ctx, rest.Call{Op: op, Path: []string{"conversations", id}})
	if err != nil {
		return inbox.Conversation{}, err
	}
	body, err := decodeSingle(reply.Body)
	if err != nil {
		return inbox.Conversation{}, notAPI(op, reply, err)
	}
	var other bool
	for _, raw := range body {
		conv, err := decodeConversation(raw, inbox.Read)
		if err == nil && conv.ID == id {
			return conv, nil
		}
		other = true
	}
	if other {
		return inbox.Conversation{}, notAPI(op, reply, errors.New("something else than the conversation came"))
	}
	return inbox.Conversation{}, &providers.Error{Kind: providers.ErrNotFound, Op: op, Status: reply.Status, RequestID: reply.RequestID()}
}

// ByPhone is GET /conversations/by-phone/:phone. The number is sent as given.
// What it answers for none and for several is not documented (§7): 404, null,
// an empty list, one object and many are all taken.
func (c *Client) ByPhone(ctx context.Context, number string) ([]inbox.Conversation, error) {
	const op = "look up a number"
	if number == "" {
		return []inbox.Conversation{}, nil
	}
	out := []inbox.Conversation{}
	reply, err := c.api.Get(ctx, rest.Call{Op: op, Path: []string{"conversations", "by-phone", number}})
	if errors.Is(err, providers.ErrNotFound) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	body, err := decodeSingle(reply.Body)
	if err != nil {
		return nil, notAPI(op, reply, err)
	}
	for _, raw := range body {
		if conv, err := decodeConversation(raw, inbox.Read); err == nil {
			out = append(out, conv)
		}
	}
	if len(out) == 0 && len(body) > 0 {
		return nil, notAPI(op, reply, errors.New("something else than a conversation came"))
	}
	return out, nil
}

// Update is PATCH /conversations/:id. Waspy takes one assignee; an empty list
// is sent as null, which unassigns, and an untouched field is not sent at all:
// absent and null differ (§9).
func (c *Client) Update(ctx context.Context, id string, change inbox.Change) (providers.Updated, error) {
	const op = "change conversation"
	body := map[string]any{}
	if change.Status != nil {
		body["status"] = *change.Status
	}
	if change.Assignees != nil {
		switch refs := *change.Assignees; len(refs) {
		case 0:
			body["assignedTo"] = nil
		case 1:
			body["assignedTo"] = refs[0]
		default:
			return providers.Updated{}, &providers.Error{Kind: providers.ErrUnsupported, Op: op, Err: errors.New("one assignee is all that Waspy takes")}
		}
	}
	if len(body) == 0 {
		return providers.Updated{}, &providers.Error{Kind: providers.ErrRejected, Op: op, Err: errors.New("nothing to change")}
	}
	if id == "" {
		return providers.Updated{}, &providers.Error{Kind: providers.ErrNotFound, Op: op}
	}
	reply, err := c.api.Patch(ctx, rest.Call{Op: op, Path: []string{"conversations", id}}, body)
	if err != nil {
		return providers.Updated{}, err
	}
	updated := providers.Updated{IDs: []string{id}, Status: reply.Status, RequestID: reply.RequestID()}
	if conv, ok := decodeUpdated(reply.Body, id); ok {
		updated.Conversation = &conv
	}
	return updated, nil
}

func notAPI(op string, reply rest.Reply, err error) error {
	return &providers.Error{Kind: providers.ErrNotAPI, Op: op, Status: reply.Status, RequestID: reply.RequestID(), Err: err}
}

// decodeSingle finds the objects of a reply that holds one: wrapped in data or
// bare, none as null or an empty list, several as a list (§2, §7).
func decodeSingle(body []byte) ([]rawObject, error) {
	body = bytes.TrimSpace(body)
	if rest.IsNull(body) {
		return nil, nil
	}
	if rest.IsObject(body) {
		object, err := decodeObject(body)
		if err != nil {
			return nil, err
		}
		if data, ok := object["data"]; ok {
			return unwrap(data)
		}
	}
	return unwrap(body)
}

// query writes only what was asked for.
func query(cursor string, limit int) url.Values {
	q := url.Values{}
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	if limit > 0 {
		q.Set("limit", strconv.Itoa(min(limit, maxLimit)))
	}
	return q
}
