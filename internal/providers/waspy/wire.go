package waspy

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"bandeja/internal/inbox"
	"bandeja/internal/providers/rest"
)

type rawObject = json.RawMessage

// Reasons for which a row is kept aside. They are shown to people, without the
// row's content.
var (
	errNotObject = errors.New("not an object")
	errNoID      = errors.New("no id")
	errNotList   = errors.New("the reply is not a list of this API")
)

// envelope is a list reply, §2.
type envelope struct {
	rows   []rawObject
	cursor string
	more   bool
}

type metaJSON struct {
	Cursor  rest.Word
	HasMore rest.Flag
}

// decodeList opens {"data":[…],"meta":{…}}. A bare array of things with an id is
// one page without more. Where hasMore is missing a cursor goes on, so that an
// odd meta never passes for the end of the list.
func decodeList(body []byte) (envelope, error) {
	var env envelope
	var err error
	if rest.IsArray(body) {
		env.rows, err = decodeBare(body)
		return env, err
	}
	object, err := decodeObject(body)
	if err != nil {
		return env, errNotList
	}
	data, has := object["data"]
	switch {
	case !has:
		return env, errNotList
	case rest.IsArray(data):
		if env.rows, err = rest.Elements(data); err != nil {
			return env, err
		}
	case !rest.IsNull(data):
		return env, errNotList
	}
	var meta metaJSON
	if rest.IsObject(object["meta"]) {
		if err := rest.Decode(object["meta"], []rest.Field{{Name: "cursor", Into: &meta.Cursor}, {Name: "hasMore", Into: &meta.HasMore}}); err != nil {
			return env, err
		}
	}
	env.cursor = string(meta.Cursor)
	env.more = meta.HasMore.Yes
	if !meta.HasMore.Known {
		env.more = env.cursor != "" && len(env.rows) > 0
	}
	return env, nil
}

// decodeBare refuses rows of which none has an id: taken for a page they would
// pass for the end of the list.
func decodeBare(body []byte) ([]rawObject, error) {
	rows, err := rest.Elements(body)
	for _, raw := range rows {
		if object, err := decodeObject(raw); err == nil && object["id"] != nil {
			return rows, nil
		}
	}
	if err == nil && len(rows) > 0 {
		err = errNotList
	}
	return rows, err
}

func decodeObject(body []byte) (map[string]json.RawMessage, error) {
	if !rest.IsObject(body) {
		return nil, errNotObject
	}
	object := map[string]json.RawMessage{}
	err := rest.Members(body, func(key, value []byte) error {
		object[string(key)] = value
		return nil
	})
	return object, err
}

// unwrap gives the objects of null, one object, or a list of them; a list may
// be under "conversations", as an older API had it (§15).
func unwrap(raw []byte) ([]rawObject, error) {
	switch {
	case rest.IsNull(raw):
		return nil, nil
	case rest.IsArray(raw):
		return rest.Elements(raw)
	case !rest.IsObject(raw):
		return nil, errNotObject
	}
	object, err := decodeObject(raw)
	if err != nil {
		return nil, err
	}
	if _, hasID := object["id"]; !hasID && rest.IsArray(object["conversations"]) {
		return unwrap(object["conversations"])
	}
	return []rawObject{bytes.TrimSpace(raw)}, nil
}

// conversationJSON is §6.
type conversationJSON struct {
	ID, ContactID, PhoneNumberID           rest.Word
	Status                                 rest.Word
	AssignedTo                             rest.Refs
	LastAt                                 rest.Stamp
	LastPreview, LastDirection, LastStatus rest.Word
	WindowEnds, CreatedAt                  rest.Stamp
	Contact                                rest.Raw
}

func (c *conversationJSON) fields() []rest.Field {
	return []rest.Field{
		{Name: "id", Into: &c.ID},
		{Name: "contactId", Into: &c.ContactID},
		{Name: "phoneNumberId", Into: &c.PhoneNumberID},
		{Name: "status", Into: &c.Status},
		{Name: "assignedTo", Into: &c.AssignedTo},
		{Name: "lastMessageAt", Into: &c.LastAt},
		{Name: "lastMessagePreview", Into: &c.LastPreview},
		{Name: "lastMessageDirection", Into: &c.LastDirection},
		{Name: "lastMessageStatus", Into: &c.LastStatus},
		{Name: "serviceWindowExpiresAt", Into: &c.WindowEnds},
		{Name: "createdAt", Into: &c.CreatedAt},
		{Name: "contact", Into: &c.Contact},
	}
}

type contactJSON struct{ ID, PhoneNumber, Name rest.Word }

func (c *contactJSON) fields() []rest.Field {
	return []rest.Field{{Name: "id", Into: &c.ID}, {Name: "phoneNumber", Into: &c.PhoneNumber}, {Name: "name", Into: &c.Name}}
}

// decodeConversation reads an object; only one without an id, or that is none,
// is refused.
func decodeConversation(raw []byte, form inbox.Form) (inbox.Conversation, error) {
	if !rest.IsObject(raw) {
		return inbox.Conversation{}, errNotObject
	}
	var c conversationJSON
	if err := rest.Decode(raw, c.fields()); err != nil {
		return inbox.Conversation{}, errNotObject
	}
	if c.ID == "" {
		return inbox.Conversation{}, errNoID
	}
	conv := c.toConversation()
	conv.Form = form
	conv.Raw = raw
	return conv, nil
}

func (c conversationJSON) toConversation() inbox.Conversation {
	var contact contactJSON
	if rest.IsObject(c.Contact) {
		_ = rest.Decode(c.Contact, contact.fields())
	}
	conv := inbox.Conversation{
		ID:            string(c.ID),
		Channel:       string(c.PhoneNumberID),
		Contact:       string(c.ContactID),
		Name:          string(contact.Name),
		Phone:         string(contact.PhoneNumber),
		Status:        inbox.StatusOf(inbox.Waspy, string(c.Status)),
		StatusWord:    string(c.Status),
		Assignees:     c.AssignedTo,
		CreatedAt:     c.CreatedAt.Time,
		ActiveAt:      c.LastAt.Time,
		LastMessageAt: c.LastAt.Time,
		LastText:      string(c.LastPreview),
		LastStatus:    string(c.LastStatus),
		HasLast:       c.LastPreview != "" || c.LastDirection != "",
		Window:        inbox.Window{Known: !c.WindowEnds.IsZero(), Until: c.WindowEnds.Time},
		MessageCount:  -1,
		Version:       c.version(),
	}
	if conv.Contact == "" {
		conv.Contact = string(contact.ID)
	}
	if c.LastDirection != "" {
		conv.LastDirection = direction(c.LastDirection)
	}
	return conv
}

// version moves when a message came or the last one's state did: the three
// fields of a list row that speak of messages (SYNC §2), as a hash.
func (c conversationJSON) version() string {
	at := c.LastAt.Text
	if !c.LastAt.IsZero() {
		at = strconv.FormatInt(c.LastAt.UnixNano(), 10)
	}
	return short(strings.Join([]string{at, string(c.LastPreview), string(c.LastStatus)}, "\x00"))
}

// direction reads §11; the opposite of inbound is not shown in any page of v2.
func direction(word rest.Word) inbox.Direction {
	switch strings.ToLower(string(word)) {
	case "inbound":
		return inbox.In
	case "outbound":
		return inbox.Out
	}
	return inbox.DirectionUnknown
}

// decodeUpdated takes the object out of a PATCH reply, whose body is not
// documented: only a whole one with the same id counts, for a part of it would
// read as a conversation that has lost its name and channel.
func decodeUpdated(body []byte, id string) (inbox.Conversation, bool) {
	rows, err := decodeSingle(body)
	if err != nil || len(rows) != 1 {
		return inbox.Conversation{}, false
	}
	object, err := decodeObject(rows[0])
	if err != nil {
		return inbox.Conversation{}, false
	}
	for _, key := range []string{"status", "createdAt", "phoneNumberId", "contact"} {
		if _, has := object[key]; !has {
			return inbox.Conversation{}, false
		}
	}
	conv, err := decodeConversation(rows[0], inbox.Read)
	return conv, err == nil && conv.ID == id
}
