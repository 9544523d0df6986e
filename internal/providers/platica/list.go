package platica

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/rest"
)

// Sort fields and directions of the list (§7.1).
const (
	LastUpdate   = "lastUpdate"
	CreationDate = "creationDate"
	Ascending    = "asc"
	Descending   = "desc"
)

const maxTags = 10 // §7.1

// ListOptions are the parameters of GET /conversations; zero values are not
// sent.
type ListOptions struct {
	Limit         int // 1 to 200 for each workspace; more is sent as 200
	Offset        int // one for all workspaces
	Channel       string
	SortBy        string // LastUpdate or CreationDate
	SortDirection string // Ascending or Descending
	Tags          []string
	Dates         DateFilter
}

// DateFilter asks for conversations of a day (Date) or of a range (Start and
// End), days as 2006-01-02. Which of a conversation's dates it filters, in what
// zone, and whether End is included is not documented (§7.2). The zero one asks
// for nothing.
type DateFilter struct{ Date, Start, End string }

// List is one page of GET /conversations.
type List struct {
	Workspaces []Listed
	Rejected   []inbox.Rejected
	reply      rest.Reply
}

// Listed is a workspace's part of a page.
type Listed struct {
	inbox.Workspace
	Items  []inbox.Conversation
	Limit  int // as echoed; -1 without an echo
	Offset int // as echoed; -1 without an echo
	More   bool

	rows []string // a short hash of each row as received, refused ones too
}

// List reads one page as the API gives it. Newest and Sweep walk it with marks.
//
// Errors: ErrRejected for options that cannot be sent.
func (c *Client) List(ctx context.Context, o ListOptions) (List, error) {
	const op = "list conversations"
	q, err := o.query()
	if err != nil {
		return List{}, &providers.Error{Kind: providers.ErrRejected, Op: op, Err: err}
	}
	reply, err := c.api.Get(ctx, rest.Call{Op: op, Path: []string{"conversations"}, Query: q, List: true})
	if err != nil {
		return List{}, err
	}
	parts, rejected, err := decodeWorkspaces(reply.Body)
	if err != nil {
		return List{}, notAPI(op, reply, err)
	}
	c.homes.note(len(parts))
	list := List{Rejected: rejected, reply: reply}
	for _, part := range parts {
		listed, rejected := part.toListed()
		list.Workspaces = append(list.Workspaces, listed)
		list.Rejected = append(list.Rejected, rejected...)
	}
	return list, nil
}

func (o ListOptions) query() (url.Values, error) {
	q := url.Values{}
	if o.Limit > 0 {
		q.Set("limit", strconv.Itoa(min(o.Limit, maxLimit)))
	}
	if o.Offset > 0 {
		q.Set("offset", strconv.Itoa(o.Offset))
	}
	for key, value := range map[string]string{"channelId": o.Channel, "sortBy": o.SortBy, "sortDirection": o.SortDirection} {
		if value != "" {
			q.Set(key, value)
		}
	}
	if len(o.Tags) > maxTags {
		return nil, errors.New("at most 10 tags can be asked for at once")
	}
	for _, tag := range o.Tags {
		if tag == "" || strings.Contains(tag, ",") {
			return nil, errors.New("a tag that is empty or has a comma cannot be asked for")
		}
	}
	if len(o.Tags) > 0 {
		q.Set("tags", strings.Join(o.Tags, ","))
	}
	dates, err := o.Dates.text()
	if err != nil {
		return nil, err
	}
	if dates != "" {
		q.Set("dateFilter", dates)
	}
	return q, nil
}

// text is the filter as JSON, as it goes into the query (§7.2).
func (f DateFilter) text() (string, error) {
	if f == (DateFilter{}) {
		return "", nil
	}
	if (f.Date != "") == (f.Start != "" && f.End != "") {
		return "", errors.New("a date filter takes one day, or a first and a last one")
	}
	days := []string{f.Date}
	shape := struct {
		Type  string `json:"type"`
		Date  string `json:"date,omitempty"`
		Start string `json:"startDate,omitempty"`
		End   string `json:"endDate,omitempty"`
	}{Type: "specific", Date: f.Date}
	if f.Date == "" {
		days = []string{f.Start, f.End}
		shape.Type, shape.Start, shape.End = "range", f.Start, f.End
	}
	for _, day := range days {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return "", errors.New("a day of a date filter is written as 2006-01-31")
		}
	}
	text, err := json.Marshal(shape)
	return string(text), err
}
