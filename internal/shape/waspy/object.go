package waspy

import (
	"encoding/json"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/shape"
)

// objects are the conversations of a page, those of Waspy's own as they were
// received.
func (r *request) objects(found []*cache.RollEntry) ([][]byte, error) {
	var own, others []*cache.RollEntry
	for _, e := range found {
		if e.Provider == inbox.Waspy {
			own = append(own, e)
		} else {
			others = append(others, e)
		}
	}
	listed, err := r.desk.Cache.ListedObjects(r.Context(), own)
	if err != nil {
		return nil, err
	}
	mapped, err := r.desk.Cache.ReceivedOf(r.Context(), others, true)
	if err != nil {
		return nil, err
	}
	out := make([][]byte, 0, len(found))
	for _, e := range found {
		if o, ok := listed[e]; ok {
			out = append(out, shape.With(o.Raw, wished(o.Wishes)...))
		} else if m, ok := mapped[e]; ok {
			out = append(out, r.mappedObject(&m))
		}
	}
	return out, nil
}

// object is one conversation, as a single GET gives it.
func (r *request) object(c *cache.Received) []byte {
	if c.Provider != inbox.Waspy {
		return r.mappedObject(c)
	}
	return shape.With(c.Single, wished(c.Wishes)...)
}

// wished are the members that a wish is laid over.
func wished(wishes []cache.Overlay) (out []shape.Member) {
	for _, w := range wishes {
		switch w.Field {
		case inbox.FieldStatus:
			out = append(out, shape.Member{Name: "status", Value: shape.Quote(*w.Want)})
		case inbox.FieldAssignees:
			out = append(out, shape.Member{Name: "assignedTo", Value: shape.Quote(first(inbox.RefsOf(*w.Want)))})
		}
	}
	return out
}

func first(refs []string) *string {
	if len(refs) == 0 {
		return nil
	}
	return &refs[0]
}

// statusOf is a status in Waspy's words; "" for one that it has no word for.
func statusOf(s inbox.Status) string {
	switch s {
	case inbox.Spam, inbox.Expired:
		return string(inbox.Closed)
	case inbox.Unknown:
		return ""
	}
	return string(s)
}

// mappedConversation is another platform's conversation in Waspy's shape. What
// that platform does not say is null.
type mappedConversation struct {
	ID            string        `json:"id"`
	ContactID     string        `json:"contactId"`
	PhoneNumberID *string       `json:"phoneNumberId"`
	Status        *string       `json:"status"`
	AssignedTo    *string       `json:"assignedTo"`
	LastMessageAt *string       `json:"lastMessageAt"`
	LastPreview   *string       `json:"lastMessagePreview"`
	LastDirection *string       `json:"lastMessageDirection"`
	LastStatus    *string       `json:"lastMessageStatus"`
	WindowEnds    *string       `json:"serviceWindowExpiresAt"`
	CreatedAt     *string       `json:"createdAt"`
	Contact       mappedContact `json:"contact"`
}

type mappedContact struct {
	ID          string  `json:"id"`
	PhoneNumber *string `json:"phoneNumber"`
	Name        *string `json:"name"`
}

// previewRunes is how much of the last message a preview has.
const previewRunes = 200

func (r *request) mappedObject(c *cache.Received) []byte {
	contact := inbox.StableID("c", c.Thread)
	o := mappedConversation{
		ID: shape.ID(inbox.Waspy, c.Account, c.Provider, c.ID), ContactID: contact, PhoneNumberID: some(c.Channel),
		Status: some(statusOf(c.Status)), AssignedTo: first(c.Assignees),
		LastMessageAt: inbox.TimeJSON(inbox.FromMillis(shape.Said(c))), WindowEnds: inbox.TimeJSON(c.Window.Until), CreatedAt: inbox.TimeJSON(c.CreatedAt),
		Contact: mappedContact{contact, some(r.caller.Number(c)), some(c.Name)},
	}
	if m := c.Last; m != nil {
		preview := []rune(m.Text)
		o.LastPreview, o.LastDirection, o.LastStatus = some(string(preview[:min(len(preview), previewRunes)])), some(directions[m.Direction]), some(m.Status)
	}
	return shape.Quote(o)
}

var directions = map[inbox.Direction]string{inbox.In: "inbound", inbox.Out: "outbound"}

// some is a string, or null for none.
func some(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// kinds are Waspy's words for what a message is.
var kinds = map[inbox.Kind]string{inbox.ContactCard: "contacts", inbox.KindUnknown: "unsupported"}

type mappedMessage struct {
	ID           string          `json:"id"`
	Conversation string          `json:"conversationId"`
	Direction    *string         `json:"direction"`
	Type         string          `json:"type"`
	Content      json.RawMessage `json:"content"`
	Status       *string         `json:"status"`
	WaMessageID  *string         `json:"waMessageId"`
	CreatedAt    *string         `json:"createdAt"`
}

func messageObject(m *cache.StoredMessage) []byte {
	if m.Provider == inbox.Waspy {
		return m.Raw
	}
	kind := kinds[m.Kind]
	if kind == "" {
		kind = string(m.Kind)
	}
	return shape.Quote(mappedMessage{ID: m.ID, Conversation: shape.ID(inbox.Waspy, m.Account, m.Provider, m.Conversation), Direction: some(directions[m.Direction]), Type: kind,
		Content: content(m), Status: some(m.Status), CreatedAt: inbox.TimeJSON(m.At)})
}

// content is what Plática gives of a message: a text under "text", an object as
// it is, and the images and files beside.
func content(m *cache.StoredMessage) json.RawMessage {
	var raw struct {
		Content json.RawMessage `json:"content"`
		Images  json.RawMessage `json:"images"`
		Files   json.RawMessage `json:"files"`
	}
	_ = json.Unmarshal(m.Raw, &raw) // it was read once, and kept as it came
	var members []shape.Member
	object := json.RawMessage("{}")
	switch {
	case len(raw.Content) == 0 || shape.IsNull(raw.Content):
	case raw.Content[0] == '{':
		object = raw.Content
	default:
		members = append(members, shape.Member{Name: "text", Value: raw.Content})
	}
	for _, of := range []shape.Member{{Name: "images", Value: raw.Images}, {Name: "files", Value: raw.Files}} {
		if len(of.Value) > 2 && of.Value[0] == '[' {
			members = append(members, of)
		}
	}
	if len(members) == 0 && len(object) == 2 {
		return json.RawMessage("null")
	}
	return shape.With(object, members...)
}
