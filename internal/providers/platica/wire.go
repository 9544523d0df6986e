package platica

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"bandeja/internal/inbox"
	"bandeja/internal/providers/rest"
)

// Reasons for which a row is kept aside. They are shown to people, without the
// row's content.
var (
	errNotObject = errors.New("not an object")
	errNoID      = errors.New("no id")
	errNotReply  = errors.New("the reply is not one of this API")
)

// workspacePart is a workspace as a reply has it, its conversations not read
// yet.
type workspacePart struct {
	inbox.Workspace
	rows []json.RawMessage
	page paginationJSON
}

type workspaceJSON struct {
	ID            rest.Word       `json:"id"`
	Name          rest.Word       `json:"name"`
	Conversations json.RawMessage `json:"conversations"`
	Pagination    json.RawMessage `json:"pagination"`
}

type paginationJSON struct {
	Limit   rest.Count `json:"limit"`
	Offset  rest.Count `json:"offset"`
	HasMore rest.Flag  `json:"hasMore"`
}

// decodeWorkspaces opens the read envelope {"workspaces":[…]} (§2.1) and the
// other shapes that a real client was seen to take (§2.3): a bare array,
// conversations, data, results, or one bare conversation. Those have one
// workspace without id or name.
func decodeWorkspaces(body []byte) ([]workspacePart, []inbox.Rejected, error) {
	return openEnvelope(body, 1)
}

// openEnvelope looks into data, results or conversations as deep as it is told.
func openEnvelope(body []byte, deep int) ([]workspacePart, []inbox.Rejected, error) {
	if rest.IsArray(body) {
		return bareRows(body)
	}
	if !rest.IsObject(body) {
		return nil, nil, errNotReply
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil {
		return nil, nil, err
	}
	if spaces, has := object["workspaces"]; has {
		return manyWorkspaces(spaces)
	}
	for _, key := range []string{"conversations", "data", "results"} {
		switch inner := object[key]; {
		case rest.IsArray(inner):
			parts, rejected, err := bareRows(inner)
			if err == nil && rest.IsObject(object["pagination"]) {
				parts[0].paginate(object["pagination"])
			}
			return parts, rejected, err
		case rest.IsObject(inner) && deep > 0:
			return openEnvelope(inner, deep-1)
		}
	}
	if _, has := object["id"]; has {
		return []workspacePart{{rows: []json.RawMessage{body}}}, nil, nil
	}
	if data, has := object["data"]; has && rest.IsNull(data) {
		return nil, nil, nil
	}
	return nil, nil, errNotReply
}

func bareRows(raw []byte) ([]workspacePart, []inbox.Rejected, error) {
	var part workspacePart
	if err := json.Unmarshal(raw, &part.rows); err != nil {
		return nil, nil, err
	}
	return []workspacePart{part}, nil, nil
}

func manyWorkspaces(raw []byte) (parts []workspacePart, rejected []inbox.Rejected, err error) {
	if rest.IsNull(raw) {
		return nil, nil, nil
	}
	var spaces []json.RawMessage
	if !rest.IsArray(raw) {
		return nil, nil, errNotReply
	}
	if err := json.Unmarshal(raw, &spaces); err != nil {
		return nil, nil, err
	}
	for _, space := range spaces {
		var w workspaceJSON
		if !rest.IsObject(space) || json.Unmarshal(space, &w) != nil {
			rejected = append(rejected, inbox.Rejected{Raw: space, Reason: "a workspace that is " + errNotObject.Error()})
			continue
		}
		part := workspacePart{Workspace: inbox.Workspace{ID: string(w.ID), Name: string(w.Name)}}
		if rest.IsArray(w.Conversations) {
			if err := json.Unmarshal(w.Conversations, &part.rows); err != nil {
				return nil, nil, err
			}
		}
		part.paginate(w.Pagination)
		parts = append(parts, part)
	}
	return parts, rejected, nil
}

func (p *workspacePart) paginate(raw json.RawMessage) {
	if rest.IsObject(raw) {
		_ = json.Unmarshal(raw, &p.page) // its fields never fail
	}
}

// toListed reads a workspace's rows. Where hasMore is missing there is more as
// long as rows come: an odd pagination never passes for the end of the list.
func (p workspacePart) toListed() (Listed, []inbox.Rejected) {
	listed := Listed{Workspace: p.Workspace, Limit: -1, Offset: -1, More: len(p.rows) > 0}
	if limit := p.page.Limit; limit.Known && limit.N > 0 {
		listed.Limit = limit.N
	}
	if offset := p.page.Offset; offset.Known {
		listed.Offset = offset.N
	}
	if more := p.page.HasMore; more.Known {
		listed.More = more.Yes
	}
	var rejected []inbox.Rejected
	for _, raw := range p.rows {
		conv, err := decodeConversation(raw, inbox.Listed, p.ID)
		if err != nil {
			rejected = append(rejected, inbox.Rejected{Raw: raw, Reason: err.Error()})
			listed.rows = append(listed.rows, short(string(raw)))
			continue
		}
		listed.Items = append(listed.Items, conv)
		listed.rows = append(listed.rows, short(conv.ID))
	}
	return listed, rejected
}

// conversationJSON is §7.3.
type conversationJSON struct {
	ID             rest.Word       `json:"id"`
	ConversationID rest.Word       `json:"conversationId"`
	CanSend        rest.Flag       `json:"canSendDirectMessage"`
	WorkspaceID    rest.Word       `json:"workspaceId"`
	ChannelID      rest.Word       `json:"channelId"`
	ContactName    rest.Word       `json:"contactName"`
	PhoneNumber    rest.Word       `json:"phoneNumber"`
	Topic          rest.Word       `json:"topic"`
	Platform       rest.Word       `json:"platform"`
	Status         rest.Word       `json:"status"`
	Operation      rest.Word       `json:"operation"`
	MessageCount   rest.Count      `json:"messageCount"`
	Messages       json.RawMessage `json:"messages"`
	Owners         rest.Names      `json:"owners"`
	Tags           rest.Names      `json:"tags"`
	CreationDate   rest.Stamp      `json:"creationDate"`
	LastUpdate     rest.Stamp      `json:"lastUpdate"`
}

// decodeConversation reads an object; only one without an id, or that is none,
// is refused. The read form is kept without its messages (DESIGN §4).
func decodeConversation(raw []byte, form inbox.Form, workspace string) (inbox.Conversation, error) {
	c, err := parseConversation(raw)
	if err != nil {
		return inbox.Conversation{}, err
	}
	return c.toConversation(raw, form, workspace), nil
}

func parseConversation(raw []byte) (conversationJSON, error) {
	var c conversationJSON
	if !rest.IsObject(raw) || json.Unmarshal(raw, &c) != nil {
		return c, errNotObject
	}
	if c.ID == "" {
		return c, errNoID
	}
	return c, nil
}

func (c conversationJSON) toConversation(raw []byte, form inbox.Form, workspace string) inbox.Conversation {
	conv := inbox.Conversation{
		ID:           string(c.ID),
		PublicID:     string(c.ConversationID),
		Workspace:    string(c.WorkspaceID),
		Channel:      string(c.ChannelID),
		Name:         string(c.ContactName),
		Phone:        string(c.PhoneNumber),
		Status:       inbox.StatusOf(inbox.Platica, string(c.Status)),
		StatusWord:   string(c.Status),
		Assignees:    c.Owners,
		Tags:         c.Tags,
		Topic:        string(c.Topic),
		Platform:     string(c.Platform),
		Operation:    string(c.Operation),
		CreatedAt:    c.CreationDate.Time,
		ActiveAt:     c.LastUpdate.Time,
		Window:       inbox.Window{Known: c.CanSend.Known, Open: c.CanSend.Yes},
		MessageCount: -1,
		Version:      c.version(),
		Form:         form,
		Raw:          raw,
	}
	if conv.Workspace == "" {
		conv.Workspace = workspace
	}
	if c.MessageCount.Known {
		conv.MessageCount = c.MessageCount.N
	}
	if form == inbox.Read {
		conv.Raw = withoutMember(raw, "messages")
	}
	return conv
}

// version moves when the conversation's messages may have (§18.4, SYNC §2), as
// a hash. Neither the order of tags and owners nor the way a time is written
// counts: the two forms of one state may differ there.
func (c conversationJSON) version() string {
	at := c.LastUpdate.Text
	if !c.LastUpdate.IsZero() {
		at = strconv.FormatInt(c.LastUpdate.UnixNano(), 10)
	}
	parts := []string{at, strconv.Itoa(c.MessageCount.N), string(c.Status), string(c.Operation)}
	for _, list := range [][]string{c.Tags, c.Owners} {
		parts = append(parts, "\x01")
		parts = append(parts, slices.Sorted(slices.Values(list))...)
	}
	return short(strings.Join(parts, "\x00"))
}

// withoutMember cuts a member out of an object's text and leaves the others,
// their order and their numbers as they are written. Text that is no object
// comes back unchanged.
func withoutMember(object []byte, name string) json.RawMessage {
	decoder := json.NewDecoder(bytes.NewReader(object))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return object
	}
	out := []byte{'{'}
	cut := false
	for decoder.More() {
		start := decoder.InputOffset()
		key, err := decoder.Token()
		if err != nil {
			return object
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return object
		}
		if key == name {
			cut = true
			continue
		}
		member := bytes.TrimLeft(object[start:decoder.InputOffset()], ", \t\r\n")
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, member...)
	}
	if !cut {
		return object
	}
	return append(out, '}')
}
