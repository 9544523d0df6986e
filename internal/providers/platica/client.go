// Package platica reads and changes conversations at Plática, API v1. Contract
// sections named in comments are those of our notes on Plática's API: the seed
// page for the list, its own pages for one conversation and for changing it.
package platica

import (
	"context"
	"errors"
	"slices"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/rest"
)

// Defaults of an account. The limit is 30 requests a second for a key, shared
// with every other program that uses it (§4); a third is ours.
const (
	DefaultBaseURL = "https://api.platica.mx/v1"
	DefaultRate    = 10.0 // requests a second
	maxLimit       = 200  // §5: never send more
	pageLimit      = 100  // rows a page of a walk, per workspace
	sampleSize     = 5
)

// Client is one Plática key. It answers to providers.Provider.
type Client struct {
	api   *rest.Client
	homes homes
}

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

// Name is inbox.Platica.
func (c *Client) Name() inbox.ProviderName { return inbox.Platica }

// Usage counts the requests made since the client was made.
func (c *Client) Usage() providers.Usage { return c.api.Usage() }

// Offset is how far Plática's clock is ahead of ours.
func (c *Client) Offset() time.Duration { return c.api.Offset() }

// Close lets go of idle connections; the client may still be used.
func (c *Client) Close() error { return c.api.Close() }

// Check names the workspaces of the key and reads a handful of the newest
// conversations in all of them: one request.
func (c *Client) Check(ctx context.Context) (providers.Checked, error) {
	list, err := c.List(ctx, ListOptions{Limit: sampleSize, SortBy: LastUpdate, SortDirection: Descending})
	if err != nil {
		return providers.Checked{}, err
	}
	var checked providers.Checked
	for _, w := range list.Workspaces {
		checked.Workspaces = append(checked.Workspaces, w.Workspace)
		checked.Sample = append(checked.Sample, w.Items...)
	}
	slices.SortStableFunc(checked.Sample, func(a, b inbox.Conversation) int { return b.ActiveAt.Compare(a.ActiveAt) })
	checked.Sample = checked.Sample[:min(len(checked.Sample), sampleSize)]
	return checked, nil
}

// Find is not offered: no filter by text exists (§7.1).
func (c *Client) Find(context.Context, string, inbox.Mark) (inbox.Page[inbox.Conversation], error) {
	return inbox.Page[inbox.Conversation]{}, &providers.Error{Kind: providers.ErrUnsupported, Op: "search conversations"}
}

func notAPI(op string, reply rest.Reply, err error) error {
	return &providers.Error{Kind: providers.ErrNotAPI, Op: op, Status: reply.Status, RequestID: reply.RequestID(), Err: err}
}

func notFound(op string) error {
	return &providers.Error{Kind: providers.ErrNotFound, Op: op}
}

var errOtherObject = errors.New("something else than a conversation came")
