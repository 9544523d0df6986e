package simulator

import "fmt"

// Post lets the customer of a conversation write text, now. A provider is
// "waspy" or "platica"; the conversation is named by its id, at Plática the
// internal one. As the platforms do, it opens the reply window and re-opens a
// resolved, closed or finished conversation; where Plática's has expired or is
// spam, the message goes to the customer's newest session, or opens a new one.
func (o *Office) Post(provider, conversation, text string) error {
	defer o.act("hand", 0)()
	th, err := o.find("post", provider, conversation)
	if err != nil {
		return err
	}
	o.speak(th, message{text: text})
	return nil
}

// Answer lets the team write text in a conversation, now. It changes neither
// status nor reply window.
func (o *Office) Answer(provider, conversation, text string) error {
	defer o.act("hand", 0)()
	th, err := o.find("answer", provider, conversation)
	if err != nil {
		return err
	}
	o.speak(th, message{text: text, out: true, human: true})
	return nil
}

// speak is called with mu held.
func (o *Office) speak(th thing, m message) {
	switch {
	case th.chat != nil:
		o.speakChat(th.chat, m)
	case m.out:
		o.speakSession(th.session, m)
	default:
		o.speakSession(o.openSession(th.session.client, th.session), m)
	}
}

// NewCustomer lets somebody new write for the first time, now: a name (may be
// empty), a phone as that provider would store it, a text. It returns the new
// conversation's id.
func (o *Office) NewCustomer(provider, name, phone, text string) (string, error) {
	defer o.act("hand", 0)()
	th, err := o.welcomeAs(provider, name, phone)
	if err == nil {
		o.speak(th, message{text: text})
	}
	return th.id, err
}

// NewConversation opens one without any message: at Waspy it is last in the
// list, without a time; at Plática it is the newest. It returns its id.
func (o *Office) NewConversation(provider, name, phone string) (string, error) {
	defer o.act("hand", 0)()
	th, err := o.welcomeAs(provider, name, phone)
	return th.id, err
}

// welcomeAs is called with mu held.
func (o *Office) welcomeAs(provider, name, phone string) (thing, error) {
	return o.welcomePerson(provider, person{name: name, first: name}, phone)
}

func (o *Office) welcomePerson(provider string, p person, phone string) (thing, error) {
	switch provider {
	case waspyName:
		c := o.newChat(p, phone)
		return thing{provider: provider, id: c.id, chat: c}, nil
	case platicaName:
		s := o.openSession(o.newClient(p, phone), nil)
		return thing{provider: provider, id: s.id, session: s}, nil
	}
	return thing{}, fmt.Errorf("new conversation: no provider %q", provider)
}

// newChat adds a chat without messages; it enters the list with its first.
func (o *Office) newChat(p person, phone string) *chat {
	n := uint64(len(o.waspy.byID))
	seed := mix(mix(o.opts.Seed, seedChat), n+1<<40)
	c := &chat{id: uuid(seed, 0), channel: o.waspy.channels[n%2], status: "open", created: milliseconds(o.now(), nil)}
	c.seed = seed
	c.contact = &contact{id: uuid(seed, 1), phone: phone, name: p.name, first: p.first, land: p.land, line: lineOf(phone)}
	o.waspy.add(c)
	o.waspy.chats.put(c)
	o.note(waspyName, c.id, "conversation", "", "there")
	return c
}

// newClient adds a customer without sessions.
func (o *Office) newClient(p person, phone string) *client {
	n := uint64(len(o.platica.byID))
	ws := o.platica.workspaces[p.land]
	return &client{seed: mix(mix(o.opts.Seed, seedClient), n+1<<40), name: p.name, first: p.first, land: p.land,
		space: ws, channel: ws.channels[0], platform: "whatsapp", phone: phone, public: digitsOf(phone)}
}

// alive says whether the customer's next message still belongs to s.
func (s *session) alive() bool {
	return !s.gone && (s.status == "active" || s.status == "finished")
}

// openSession is where a customer's next message goes: s while it lives, else
// their newest session, else a new one.
func (o *Office) openSession(c *client, s *session) *session {
	if s != nil && s.alive() {
		return s
	}
	if n := len(c.sessions); n > 0 && c.sessions[n-1].alive() {
		return c.sessions[n-1]
	}
	s = o.newSession(c, uint64(len(c.sessions))+1<<20)
	s.status, s.created = "active", milliseconds(o.now(), nil)
	s.updated = s.created
	c.sessions = append(c.sessions, s)
	o.platica.add(s)
	c.space.byUpdate.put(s)
	c.space.byCreated.put(s)
	o.note(platicaName, s.id, "conversation", "", "there")
	return s
}

// speakChat adds a message, now, and moves what the list shows. It is called
// with mu held.
func (o *Office) speakChat(c *chat, m message) {
	o.touchChat(c)
	o.waspy.chats.take(c)
	m.at, m.n = o.tick(), uint32(len(c.msgs))
	m.status = "delivered"
	if m.out {
		m.status = "sent"
	} else {
		c.windowEnd = m.at + day
		if c.status == "resolved" || c.status == "closed" {
			o.setChatStatus(c, "open")
		}
	}
	c.msgs = append(c.msgs, m)
	c.count++
	o.noteMessage(waspyName, c.id, c.messageID(&m))
	o.headline(c)
	o.waspy.chats.put(c)
}

// headline takes what the list shows from the newest message; the caller has
// the chat out of the list.
func (o *Office) headline(c *chat) {
	m := &c.msgs[len(c.msgs)-1]
	c.lastAt, c.lastOut, c.lastStatus, c.preview = m.at, m.out, m.status, m.preview(o.chatVoice(c))
}

// speakSession adds a message, now, and moves what the list shows. It is
// called with mu held.
func (o *Office) speakSession(s *session, m message) {
	o.touchSession(s)
	o.changeSession(s, func() {
		m.at, m.n = o.tick(), uint32(len(s.msgs))
		m.status = "received"
		if m.out {
			m.status = "sent"
		} else {
			o.setSessionStatus(s, "active")
			o.openWindow(s, true)
			s.lastIn = m.at
		}
		s.msgs = append(s.msgs, m)
		s.count++
		o.noteMessage(platicaName, s.id, s.messageID(&m))
		o.stamp(s, m.at)
	})
}

func (o *Office) noteMessage(provider, conversation, id string) {
	o.note(provider, conversation, "message", "", id)
}
