package simulator

import "fmt"

// Post lets the customer of a conversation write text, now. A provider is
// "waspy" or "platica"; the conversation is named by its id, at Plática the
// internal one. As the platforms do, it opens the reply window and re-opens a
// resolved, closed or finished conversation; where Plática's has expired or is
// spam, the message goes to the customer's newest session, or opens a new one.
func (o *Office) Post(provider, conversation, text string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch provider {
	case "waspy":
		c := o.waspy.byID[conversation]
		if c == nil {
			return fmt.Errorf("post to %s: no conversation %q", provider, conversation)
		}
		o.speakChat(c, message{text: text})
	case "platica":
		s := o.platica.byID[conversation]
		if s == nil {
			return fmt.Errorf("post to %s: no conversation %q", provider, conversation)
		}
		o.speakSession(o.openSession(s.client, s), message{text: text})
	default:
		return fmt.Errorf("post: no provider %q", provider)
	}
	return nil
}

// NewCustomer lets somebody new write for the first time, now: a name (may be
// empty), a phone as that provider would store it, a text. It returns the new
// conversation's id.
func (o *Office) NewCustomer(provider, name, phone, text string) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	p := person{name: name, first: name}
	switch provider {
	case "waspy":
		c := o.newChat(p, phone)
		o.speakChat(c, message{text: text})
		return c.id, nil
	case "platica":
		s := o.openSession(o.newClient(p, phone), nil)
		o.speakSession(s, message{text: text})
		return s.id, nil
	}
	return "", fmt.Errorf("new customer: no provider %q", provider)
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
func (s *session) alive() bool { return s.status == "active" || s.status == "finished" }

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
			c.status = "open"
		}
	}
	c.msgs = append(c.msgs, m)
	c.count++
	c.lastAt, c.lastOut, c.lastStatus, c.preview = m.at, m.out, m.status, m.preview(o.chatVoice(c))
	o.waspy.chats.put(c)
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
			s.status, s.canSend, s.lastIn = "active", true, m.at
		}
		s.msgs = append(s.msgs, m)
		s.count++
		s.updated = m.at
	})
}
