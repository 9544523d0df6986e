package platica

import (
	"encoding/json"
	"strings"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/shape"
)

// objects are the conversations of a page, those of Plática's own as they were
// received.
func (r *request) objects(found []*cache.RollEntry) (map[*cache.RollEntry][]byte, error) {
	var own, others []*cache.RollEntry
	for _, e := range found {
		if e.Provider == inbox.Platica {
			own = append(own, e)
		} else {
			others = append(others, e)
		}
	}
	listed, err := r.desk.Cache.ListedObjects(r.Context(), own)
	if err != nil {
		return nil, err
	}
	mapped, err := r.desk.Cache.ReceivedOf(r.Context(), others, false)
	if err != nil {
		return nil, err
	}
	out := make(map[*cache.RollEntry][]byte, len(found))
	for e, o := range listed {
		out[e] = shape.With(o.Raw, wished(o.Wishes)...)
	}
	for e, c := range mapped {
		out[e] = r.mappedObject(&c, nil)
	}
	return out, nil
}

// object is one conversation with its messages, as a single GET gives it.
func (r *request) object(c *cache.Received) (object []byte, whole bool, err error) {
	messages, _, whole, err := r.desk.Cache.ReceivedMessages(r.Context(), c.Account, c.ID, "", 0)
	if err != nil {
		return nil, false, err
	}
	list := []byte{'['}
	for i := range messages {
		if i > 0 {
			list = append(list, ',')
		}
		list = append(list, messageObject(&messages[i])...)
	}
	list = append(list, ']')
	if c.Provider != inbox.Platica {
		return r.mappedObject(c, list), whole, nil
	}
	return shape.With(c.Single, append(wished(c.Wishes), shape.Member{Name: "messages", Value: list})...), whole, nil
}

// wished are the members that a wish is laid over.
func wished(wishes []cache.Overlay) (out []shape.Member) {
	for _, w := range wishes {
		switch w.Field {
		case inbox.FieldStatus:
			out = append(out, shape.Member{Name: "status", Value: shape.Quote(*w.Want)})
		case inbox.FieldAssignees:
			out = append(out, shape.Member{Name: "owners", Value: json.RawMessage(*w.Want)})
		}
	}
	return out
}

// statusOf is a status in Plática's words; "" for one that it has no word for.
func statusOf(s inbox.Status) string {
	switch s {
	case inbox.Pending:
		s = inbox.Open
	case inbox.Closed:
		s = inbox.Resolved
	}
	word, _ := inbox.StatusWord(inbox.Platica, string(s))
	return word
}

// mappedConversation is another platform's conversation in Plática's shape. What
// that platform does not say is null.
type mappedConversation struct {
	ID           string          `json:"id"`
	PublicID     string          `json:"conversationId"`
	CanSend      *bool           `json:"canSendDirectMessage"`
	WorkspaceID  string          `json:"workspaceId"`
	ChannelID    *string         `json:"channelId"`
	ContactName  *string         `json:"contactName"`
	PhoneNumber  *string         `json:"phoneNumber"`
	Topic        *string         `json:"topic"`
	Platform     string          `json:"platform"`
	Status       *string         `json:"status"`
	Operation    *string         `json:"operation"`
	MessageCount *int64          `json:"messageCount"`
	Messages     json.RawMessage `json:"messages"`
	Owners       []string        `json:"owners"`
	Tags         []string        `json:"tags"`
	CreationDate *string         `json:"creationDate"`
	LastUpdate   *string         `json:"lastUpdate"`
}

// mappedPlatform is where Waspy's conversations are held.
const mappedPlatform = "whatsapp"

func (r *request) mappedObject(c *cache.Received, messages json.RawMessage) []byte {
	id := shape.ID(inbox.Platica, c.Account, c.Provider, c.ID)
	number := strings.TrimPrefix(r.caller.Number(c), "+") // digits only, as Plática's own pages have them
	o := mappedConversation{
		ID: id, PublicID: number, WorkspaceID: spaceID(c.Account, c.Provider, c.Workspace), ChannelID: some(c.Channel), ContactName: some(c.Name), PhoneNumber: some(number),
		Topic: some(c.Topic), Platform: mappedPlatform, Status: some(statusOf(c.Status)), Operation: some(c.Operation), Messages: messages,
		Owners: append([]string{}, c.Assignees...), CreationDate: inbox.TimeJSON(c.CreatedAt), LastUpdate: inbox.TimeJSON(c.ActiveAt),
	}
	if number == "" {
		o.PublicID = id
	}
	if c.Window.Known {
		open := c.Window.OpenAt(time.Now())
		o.CanSend = &open
	}
	if c.MessagesComplete {
		o.MessageCount = &c.Messages
	}
	if messages == nil {
		o.Messages = json.RawMessage("[]")
	}
	return shape.Quote(o)
}

// some is a string, or null for none.
func some(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

var (
	directions = map[inbox.Direction]string{inbox.In: "incoming", inbox.Out: "outgoing"}
	roles      = map[inbox.Direction]string{inbox.In: "user"} // who of the office wrote, Waspy does not say
	// kinds are Plática's words for what a message is, where they are others.
	kinds = map[inbox.Kind]string{inbox.Document: "file", inbox.ContactCard: "contacts", inbox.KindUnknown: "unsupported"}
)

type mappedMessage struct {
	ID           string            `json:"id"`
	Content      json.RawMessage   `json:"content"`
	ContentType  string            `json:"contentType"`
	Direction    *string           `json:"direction"`
	Role         *string           `json:"role"`
	Status       *string           `json:"status"`
	CreationDate *string           `json:"creationDate"`
	LastUpdate   *string           `json:"lastUpdate"`
	Owner        *struct{}         `json:"owner"`
	Images       []json.RawMessage `json:"images"`
	Files        []json.RawMessage `json:"files"`
}

func messageObject(m *cache.StoredMessage) []byte {
	if m.Provider == inbox.Platica {
		return m.Raw
	}
	kind := kinds[m.Kind]
	if kind == "" {
		kind = string(m.Kind)
	}
	return shape.Quote(mappedMessage{ID: m.ID, Content: content(m), ContentType: kind, Direction: some(directions[m.Direction]), Role: some(roles[m.Direction]),
		Status: some(m.Status), CreationDate: inbox.TimeJSON(m.At), Images: []json.RawMessage{}, Files: []json.RawMessage{}})
}

// content is a text as a string, and what is more than that as Waspy gives it:
// Plática takes objects there, too.
func content(m *cache.StoredMessage) json.RawMessage {
	if m.Kind == inbox.Text {
		return shape.Quote(m.Text)
	}
	var raw struct {
		Content json.RawMessage `json:"content"`
	}
	if json.Unmarshal(m.Raw, &raw) != nil || len(raw.Content) == 0 {
		return json.RawMessage("null")
	}
	return raw.Content
}
