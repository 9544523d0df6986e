package platica

import (
	"context"
	"net/url"
	"path"
	"slices"
	"strings"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/rest"
)

// Messages reads a conversation and its whole history in one reply (§8.1): one
// page, sorted by creationDate, for no order is promised. Any mark reads the
// same again.
func (c *Client) Messages(ctx context.Context, conversation string, from inbox.Mark) (providers.MessagePage, error) {
	const op = "read messages"
	m, err := readMark(op, from, mark{Kind: kindMessages})
	if err != nil {
		return providers.MessagePage{}, err
	}
	one, err := c.byID(ctx, op, conversation)
	if err != nil {
		return providers.MessagePage{}, err
	}
	rows, items, rejected := decodeMessages(one.messages, conversation)
	page := providers.MessagePage{Conversation: &one.Conversation, Keep: m.mint(), Short: rows < one.MessageCount}
	page.Items, page.Rejected = items, rejected
	return page, nil
}

// decodeMessages reads an array of messages, in any order; rows is how many
// came, refused ones included. Null, none and a wrong type are no messages.
func decodeMessages(raw []byte, conversation string) (rows int, items []inbox.Message, rejected []inbox.Rejected) {
	list, err := rest.Elements(raw)
	if err != nil {
		return 0, nil, nil
	}
	for _, row := range list {
		message, err := decodeMessage(row, conversation)
		if err != nil {
			rejected = append(rejected, inbox.Rejected{Raw: row, Reason: err.Error()})
			continue
		}
		items = append(items, message)
	}
	slices.SortStableFunc(items, func(a, b inbox.Message) int { return a.At.Compare(b.At) })
	for i := range items { // the millisecond is the finest time that is stored
		if i > 0 && inbox.Millis(items[i].At) == inbox.Millis(items[i-1].At) {
			items[i].Seq = items[i-1].Seq + 1
		}
	}
	return len(list), items, rejected
}

// messageJSON is §8.2.
type messageJSON struct {
	ID                rest.Word
	Content           rest.Raw
	ContentType       rest.Word
	Direction, Status rest.Word
	CreationDate      rest.Stamp
	Images, Files     rest.Raw
}

func (m *messageJSON) fields() []rest.Field {
	return []rest.Field{
		{Name: "id", Into: &m.ID},
		{Name: "content", Into: &m.Content},
		{Name: "contentType", Into: &m.ContentType},
		{Name: "direction", Into: &m.Direction},
		{Name: "status", Into: &m.Status},
		{Name: "creationDate", Into: &m.CreationDate},
		{Name: "images", Into: &m.Images},
		{Name: "files", Into: &m.Files},
	}
}

func decodeMessage(raw []byte, conversation string) (inbox.Message, error) {
	var m messageJSON
	if rest.Decode(raw, m.fields()) != nil {
		return inbox.Message{}, errNotObject
	}
	if m.ID == "" {
		return inbox.Message{}, errNoID
	}
	message := m.toMessage()
	message.Conversation = conversation
	message.Raw = raw
	return message, nil
}

func (m messageJSON) toMessage() inbox.Message {
	return inbox.Message{
		ID:        string(m.ID),
		Direction: direction(m.Direction),
		Kind:      kind(m.ContentType),
		KindWord:  string(m.ContentType),
		Text:      m.text(),
		Status:    string(m.Status),
		At:        m.CreationDate.Time,
	}
}

// direction says who spoke: never the role, whose words are not all known
// (§18.10).
func direction(word rest.Word) inbox.Direction {
	switch strings.ToLower(string(word)) {
	case "incoming":
		return inbox.In
	case "outgoing":
		return inbox.Out
	}
	return inbox.DirectionUnknown
}

// kind reads contentType. Only text is shown on reading; the others are the
// words for sending (§8.2) and WhatsApp's own.
func kind(word rest.Word) inbox.Kind {
	switch strings.ToLower(string(word)) {
	case "text":
		return inbox.Text
	case "image":
		return inbox.Image
	case "audio", "voice":
		return inbox.Audio
	case "video":
		return inbox.Video
	case "file", "document":
		return inbox.Document
	case "sticker":
		return inbox.Sticker
	case "location":
		return inbox.Location
	case "contact", "contacts":
		return inbox.ContactCard
	case "template":
		return inbox.Template
	case "interactive", "button", "list":
		return inbox.Interactive
	case "reaction":
		return inbox.Reaction
	case "email":
		return inbox.Email
	}
	return inbox.KindUnknown
}

// text gathers every word that a message carries: content as a string or
// whatever is readable in an object, then the names of its pictures and files.
func (m messageJSON) text() string {
	lines := rest.Lines(m.Content, part)
	for _, list := range [][]byte{m.Images, m.Files} {
		if !rest.IsArray(list) {
			continue
		}
		for _, line := range rest.Lines(list, part) {
			lines = rest.AddLine(lines, fileName(line))
		}
	}
	return strings.Join(lines, "\n")
}

// part says which keys of content a person would read.
func part(key string) rest.Part {
	switch strings.ToLower(key) {
	case "", "text", "body", "caption", "filename", "file_name", "name", "title", "description", "subject", "header", "footer",
		"formatted_name", "formattedname", "fullname", "phone", "phonenumber", "phone_number", "email", "org", "company", "address", "emoji",
		"display_text", "displaytext", "buttontext", "button_text", "params":
		return rest.Take
	case "context", "quoted", "replyto", "reply_to", "metadata", "raw", "errors", "owner":
		return rest.Skip
	}
	return rest.Enter
}

// fileName is the last part of a link's path where it names a file, nothing
// for other links, and other words as they are: the shape of images and files
// is not documented (§18.11).
func fileName(line string) string {
	if !strings.HasPrefix(line, "https://") && !strings.HasPrefix(line, "http://") {
		return line
	}
	u, err := url.Parse(line)
	if err != nil {
		return ""
	}
	name := path.Base(u.Path)
	if path.Ext(name) == "" {
		return ""
	}
	return name
}
