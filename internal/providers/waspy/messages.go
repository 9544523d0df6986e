package waspy

import (
	"context"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/rest"
)

// MessageOptions are the parameters of GET /conversations/:id/messages; zero
// values are not sent.
type MessageOptions struct {
	Cursor string
	Limit  int // 1 to 100; more is sent as 100
}

// MessageList is one page of messages, oldest first.
type MessageList struct {
	Items    []inbox.Message // Seq counts within this page alone
	Rejected []inbox.Rejected
	Cursor   string
	More     bool
}

// ListMessages reads one page as the API gives it. Messages walks it with
// marks.
//
// Errors: ErrNotFound, and ErrMarkRefused for a cursor that Waspy does not
// take.
func (c *Client) ListMessages(ctx context.Context, conversation string, o MessageOptions) (MessageList, error) {
	const op = "read messages"
	if conversation == "" {
		return MessageList{}, &providers.Error{Kind: providers.ErrNotFound, Op: op}
	}
	call := rest.Call{Op: op, Path: []string{"conversations", conversation, "messages"}, Query: query(o.Cursor, o.Limit)}
	reply, err := c.api.Get(ctx, call)
	if err != nil {
		return MessageList{}, markRefused(err, o.Cursor)
	}
	env, err := decodeList(reply.Body)
	if err != nil {
		return MessageList{}, notAPI(op, reply, err)
	}
	list := MessageList{Items: make([]inbox.Message, 0, len(env.rows)), Cursor: env.cursor, More: env.more}
	for _, raw := range env.rows {
		message, err := decodeMessage(raw, conversation)
		if err != nil {
			list.Rejected = append(list.Rejected, inbox.Rejected{Raw: raw, Reason: err.Error()})
			continue
		}
		list.Items = append(list.Items, message)
	}
	number(list.Items, nil)
	return list, checkTurn(op, o.Cursor, env)
}

// Messages reads a page, oldest first. The mark kept at the end is the one the
// last page was read from, so that reading on from it gives that page again,
// and what has come since (SYNC §2). The end is where hasMore says so, not
// where the cursor ends: the seed shows a cursor beside hasMore false.
func (c *Client) Messages(ctx context.Context, conversation string, from inbox.Mark) (providers.MessagePage, error) {
	const op = "read messages"
	m, err := readMark(op, from, mark{Kind: kindMessages, Of: short(conversation)})
	if err != nil {
		return providers.MessagePage{}, err
	}
	list, err := c.ListMessages(ctx, conversation, MessageOptions{Cursor: m.Cursor, Limit: maxLimit})
	if err != nil {
		return providers.MessagePage{}, err
	}
	var page providers.MessagePage
	page.Items, page.Rejected, page.More, page.Keep = list.Items, list.Rejected, list.More, m.mint()
	ties := number(page.Items, m.Ties)
	if list.More {
		ids := ""
		for i := range list.Items {
			ids += list.Items[i].ID + "\x00"
		}
		next, err := m.turn(op, list.Cursor, ids)
		if err != nil {
			return providers.MessagePage{}, err
		}
		next.Ties = ties
		page.Next = next.mint()
	}
	return page, nil
}

// number gives each message its place among those of its millisecond, the
// finest time that is stored, going on from the counts of the pages before. It
// returns the counts that the page after may need: those of the last message
// and of messages without a readable time.
func number(items []inbox.Message, before map[int64]int) map[int64]int {
	counts := map[int64]int{}
	for at, n := range before {
		counts[at] = n
	}
	for i := range items {
		at := inbox.Millis(items[i].At)
		items[i].Seq = counts[at]
		counts[at]++
	}
	after := map[int64]int{}
	if n := counts[0]; n > 0 {
		after[0] = n
	}
	if len(items) > 0 {
		at := inbox.Millis(items[len(items)-1].At)
		after[at] = counts[at]
	}
	return after
}

// messageJSON is §10. Content depends on the type, and only text's is shown.
type messageJSON struct {
	ID, Direction, Type rest.Word
	Content             rest.Raw
	TemplateName        rest.Word // §11, from an older API
	Status              rest.Word
	CreatedAt           rest.Stamp
}

func (m *messageJSON) fields() []rest.Field {
	return []rest.Field{
		{Name: "id", Into: &m.ID},
		{Name: "direction", Into: &m.Direction},
		{Name: "type", Into: &m.Type},
		{Name: "content", Into: &m.Content},
		{Name: "templateNameSnapshot", Into: &m.TemplateName},
		{Name: "status", Into: &m.Status},
		{Name: "createdAt", Into: &m.CreatedAt},
	}
}

func decodeMessage(raw []byte, conversation string) (inbox.Message, error) {
	if !rest.IsObject(raw) {
		return inbox.Message{}, errNotObject
	}
	var m messageJSON
	if err := rest.Decode(raw, m.fields()); err != nil {
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
		Kind:      kind(m.Type),
		KindWord:  string(m.Type),
		Text:      m.text(),
		Status:    string(m.Status),
		At:        m.CreatedAt.Time,
	}
}
