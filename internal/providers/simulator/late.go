package simulator

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// LateMessage adds a message of the customer that turns up only now, said at a
// time before the newest one's: a phone that was off. Nothing that a list
// shows of it moves but Plática's messageCount. It returns its id.
func (o *Office) LateMessage(provider, conversation, text string, at time.Time) (string, error) {
	defer o.act("hand", 0)()
	th, err := o.find("late message", provider, conversation)
	if err != nil {
		return "", err
	}
	return o.comeLate(th, text, nanos(at))
}

func (o *Office) comeLate(th thing, text string, at int64) (id string, err error) {
	msgs := o.messagesOf(th)
	if len(*msgs) == 0 || at >= (*msgs)[len(*msgs)-1].at {
		return "", fmt.Errorf("late message at %s: %q has no message after %v", th.provider, th.id, time.Unix(0, at).UTC())
	}
	m := message{at: at, text: text, n: uint32(len(*msgs)), status: "received"}
	if th.chat != nil {
		m.at, m.status = milliseconds(at, nil), "delivered"
		th.chat.count++
		id = th.chat.messageID(&m)
	} else {
		th.session.count++
		id = th.session.messageID(&m)
	}
	place, _ := slices.BinarySearchFunc(*msgs, m.at+1, func(m message, at int64) int { return cmp.Compare(m.at, at) })
	*msgs = slices.Insert(*msgs, place, m)
	o.noteMessage(th.provider, th.id, id)
	return id, nil
}

// messagesOf are a conversation's messages, kept so that they may change.
func (o *Office) messagesOf(th thing) *[]message {
	if th.chat != nil {
		o.touchChat(th.chat)
		return &th.chat.msgs
	}
	o.touchSession(th.session)
	return &th.session.msgs
}

// MessageEdit is what is to change in a message; nil fields stay.
type MessageEdit struct {
	Status *string // the state of its delivery, any word
	Text   *string // makes it a text, whatever it was
	// Stamp moves the lastUpdate of message and session at Plática.
	Stamp bool
}

// EditMessage changes a message in its place. What the list shows of the
// newest message follows.
func (o *Office) EditMessage(provider, conversation, message string, e MessageEdit) error {
	defer o.act("hand", 0)()
	th, err := o.find("edit message", provider, conversation)
	if err != nil {
		return err
	}
	msgs := *o.messagesOf(th)
	for i := range msgs {
		if th.messageID(&msgs[i]) == message {
			o.editMessage(th, &msgs[i], e)
			return nil
		}
	}
	return fmt.Errorf("edit message at %s: %q has no message %q", provider, conversation, message)
}

func (th thing) messageID(m *message) string {
	if th.chat != nil {
		return th.chat.messageID(m)
	}
	return th.session.messageID(m)
}

func (o *Office) editMessage(th thing, m *message, e MessageEdit) {
	if c := th.chat; c != nil {
		o.rewrite(th, m, e.Text, o.chatVoice(c))
		if e.Status != nil {
			o.deliverChat(c, m, *e.Status)
		}
		o.headline(c) // of the same time: the list's order stays
		return
	}
	s := th.session
	o.rewrite(th, m, e.Text, o.sessionVoice(s))
	if e.Status != nil {
		o.deliverSession(s, m, *e.Status, false)
	}
	if e.Stamp {
		o.changeSession(s, func() {
			m.updated = o.tick()
			o.stamp(s, m.updated)
		})
	}
}

func (o *Office) rewrite(th thing, m *message, text *string, v voice) {
	if text == nil {
		return
	}
	id := th.messageID(m)
	o.note(th.provider, th.id, "message.text", id+" "+m.says(v), id+" "+*text)
	m.turn, m.text = nil, *text
}

// deliverChat moves the state of a message's delivery.
func (o *Office) deliverChat(c *chat, m *message, status string) {
	id := c.messageID(m)
	o.note(waspyName, c.id, "message.status", id+" "+m.status, id+" "+status)
	m.status = status
	c.lastStatus = c.msgs[len(c.msgs)-1].status
}

func (o *Office) deliverSession(s *session, m *message, status string, stamp bool) {
	id := s.messageID(m)
	o.note(platicaName, s.id, "message.status", id+" "+m.status, id+" "+status)
	m.status = status
	if stamp {
		o.changeSession(s, func() {
			m.updated = o.tick()
			o.stamp(s, m.updated)
		})
	}
}
