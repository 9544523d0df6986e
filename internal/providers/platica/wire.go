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
	ID, Name                  rest.Word
	Conversations, Pagination rest.Raw
}

func (w *workspaceJSON) fields() []rest.Field {
	return []rest.Field{{Name: "id", Into: &w.ID}, {Name: "name", Into: &w.Name}, {Name: "conversations", Into: &w.Conversations}, {Name: "pagination", Into: &w.Pagination}}
}

type paginationJSON struct {
	Limit, Offset rest.Count
	HasMore       rest.Flag
}

func (p *paginationJSON) fields() []rest.Field {
	return []rest.Field{{Name: "limit", Into: &p.Limit}, {Name: "offset", Into: &p.Offset}, {Name: "hasMore", Into: &p.HasMore}}
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
	object := map[string]json.RawMessage{}
	if err := rest.Members(body, func(key, value []byte) error {
		object[string(key)] = value
		return nil
	}); err != nil {
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

// bareRows refuses rows of which none is a conversation: taken for a page they
// would pass for the end of the list.
func bareRows(raw []byte) ([]workspacePart, []inbox.Rejected, error) {
	rows, err := rest.Elements(raw)
	if err != nil {
		return nil, nil, err
	}
	for _, row := range rows {
		if _, err := parseConversation(row); err == nil {
			return []workspacePart{{rows: rows}}, nil, nil
		}
	}
	if len(rows) > 0 {
		return nil, nil, errNotReply
	}
	return []workspacePart{{}}, nil, nil
}

func manyWorkspaces(raw []byte) (parts []workspacePart, rejected []inbox.Rejected, err error) {
	if rest.IsNull(raw) {
		return nil, nil, nil
	}
	if !rest.IsArray(raw) {
		return nil, nil, errNotReply
	}
	spaces, err := rest.Elements(raw)
	if err != nil {
		return nil, nil, err
	}
	for _, space := range spaces {
		var w workspaceJSON
		if rest.Decode(space, w.fields()) != nil {
			rejected = append(rejected, inbox.Rejected{Raw: space, Reason: "a workspace that is " + errNotObject.Error()})
			continue
		}
		part := workspacePart{Workspace: inbox.Workspace{ID: string(w.ID), Name: string(w.Name)}}
		if rest.IsArray(w.Conversations) {
			if part.rows, err = rest.Elements(w.Conversations); err != nil {
				return nil, nil, err
			}
		}
		part.paginate(w.Pagination)
		parts = append(parts, part)
	}
	return parts, rejected, nil
}

func (p *workspacePart) paginate(raw []byte) {
	if rest.IsObject(raw) {
		_ = rest.Decode(raw, p.page.fields()) // its fields never fail
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
	ID, ConversationID       rest.Word
	CanSend                  rest.Flag
	WorkspaceID, ChannelID   rest.Word
	ContactName, PhoneNumber rest.Word
	Topic, Platform          rest.Word
	Status, Operation        rest.Word
	MessageCount             rest.Count
	Messages                 rest.Raw
	Owners, Tags             rest.Names
	CreationDate, LastUpdate rest.Stamp
}

func (c *conversationJSON) fields() []rest.Field {
	return []rest.Field{
		{Name: "id", Into: &c.ID},
		{Name: "conversationId", Into: &c.ConversationID},
		{Name: "canSendDirectMessage", Into: &c.CanSend},
		{Name: "workspaceId", Into: &c.WorkspaceID},
		{Name: "channelId", Into: &c.ChannelID},
		{Name: "contactName", Into: &c.ContactName},
		{Name: "phoneNumber", Into: &c.PhoneNumber},
		{Name: "topic", Into: &c.Topic},
		{Name: "platform", Into: &c.Platform},
		{Name: "status", Into: &c.Status},
		{Name: "operation", Into: &c.Operation},
		{Name: "messageCount", Into: &c.MessageCount},
		{Name: "messages", Into: &c.Messages},
		{Name: "owners", Into: &c.Owners},
		{Name: "tags", Into: &c.Tags},
		{Name: "creationDate", Into: &c.CreationDate},
		{Name: "lastUpdate", Into: &c.LastUpdate},
	}
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
	if rest.Decode(raw, c.fields()) != nil {
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
	out := []byte{'{'}
	cut, from := false, bytes.IndexByte(object, '{')+1
	err := rest.Members(object, func(key, value []byte) error {
		to := cap(object) - cap(value) + len(value) // value is a part of object
		member := bytes.TrimLeft(object[from:to], ", \t\r\n")
		from = to
		if string(key) == name {
			cut = true
			return nil
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, member...)
		return nil
	})
	if err != nil || !cut {
		return object
	}
	return append(out, '}')
}
