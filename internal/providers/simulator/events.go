package simulator

import (
	"fmt"
	"slices"
	"time"
)

// Change is what is to change in a conversation, by somebody at the provider;
// nil fields stay. Words are taken as they are, unknown ones too.
type Change struct {
	Status    *string
	Assignees *[]string // Waspy has one at most
	Name      *string   // of the customer, in all their conversations
	Operation *string   // Plática's only, as those that follow
	Topic     *string
	Tags      *[]string
	CanSend   *bool
	// Stamp moves lastUpdate as well, and with it the place in Plática's
	// list. Without it the change is silent, as each one is at Waspy.
	Stamp bool
}

// Alter makes a change by hand.
func (o *Office) Alter(provider, conversation string, ch Change) error {
	defer o.act("hand", 0)()
	th, err := o.find("change", provider, conversation)
	if err != nil {
		return err
	}
	return o.alter(th, ch)
}

// SetStatus changes the status silently, to any word.
func (o *Office) SetStatus(provider, conversation, status string) error {
	return o.Alter(provider, conversation, Change{Status: &status})
}

// Assign changes silently who a conversation is assigned to; to nobody, for
// none.
func (o *Office) Assign(provider, conversation string, who ...string) error {
	return o.Alter(provider, conversation, Change{Assignees: &who})
}

// Tag changes silently the tags of a conversation of Plática.
func (o *Office) Tag(provider, conversation string, tags ...string) error {
	return o.Alter(provider, conversation, Change{Tags: &tags})
}

// Rename changes silently the name of a conversation's customer, "" for none,
// in all their conversations.
func (o *Office) Rename(provider, conversation, name string) error {
	return o.Alter(provider, conversation, Change{Name: &name})
}

// Touch moves the stamp of a session of Plática and nothing else.
func (o *Office) Touch(conversation string) error {
	return o.Alter(platicaName, conversation, Change{Stamp: true})
}

// Reopen makes a session of Plática active again, expired ones too, with a
// stamp: what its contract calls impossible and a dashboard may do.
func (o *Office) Reopen(conversation string) error {
	active, yes := "active", true
	return o.Alter(platicaName, conversation, Change{Status: &active, CanSend: &yes, Stamp: true})
}

func (o *Office) alter(th thing, ch Change) error {
	if th.session != nil {
		o.alterSession(th.session, ch)
		return nil
	}
	switch {
	case ch.Operation != nil, ch.Topic != nil, ch.Tags != nil, ch.CanSend != nil:
		return fmt.Errorf("change at waspy: a conversation has no operation, topic, tags or send permission there")
	case ch.Assignees != nil && len(*ch.Assignees) > 1:
		return fmt.Errorf("change at waspy: a conversation has one assignee at most")
	}
	if ch.Status != nil {
		o.setChatStatus(th.chat, *ch.Status)
	}
	if ch.Assignees != nil {
		o.assignChat(th.chat, append(*ch.Assignees, "")[0])
	}
	if ch.Name != nil {
		o.renameContact(th.chat.contact, *ch.Name)
	}
	return nil
}

func (o *Office) alterSession(s *session, ch Change) {
	o.changeSession(s, func() {
		if ch.Status != nil {
			o.setSessionStatus(s, *ch.Status)
		}
		if ch.Assignees != nil {
			o.ownSession(s, *ch.Assignees)
		}
		if ch.Name != nil {
			o.renameClient(s.client, *ch.Name)
		}
		if ch.Operation != nil {
			o.note(platicaName, s.id, "operation", s.operation, *ch.Operation)
			s.operation = *ch.Operation
		}
		if ch.Topic != nil {
			o.note(platicaName, s.id, "topic", s.topic, *ch.Topic)
			s.topic = *ch.Topic
		}
		if ch.Tags != nil {
			o.note(platicaName, s.id, "tags", words(s.tags), words(*ch.Tags))
			s.tags = slices.Clone(*ch.Tags)
		}
		if ch.CanSend != nil {
			o.openWindow(s, *ch.CanSend)
		}
		if ch.Stamp {
			o.stamp(s, o.tick())
		}
	})
}

// The setters that follow are called with mu held for writing.

func (o *Office) setChatStatus(c *chat, status string) {
	o.note(waspyName, c.id, "status", c.status, status)
	c.status = status
}

func (o *Office) assignChat(c *chat, who string) {
	list := func(who string) string {
		if who == "" {
			return words(nil)
		}
		return words([]string{who})
	}
	o.note(waspyName, c.id, "assignees", list(c.assigned), list(who))
	c.assigned = who
}

func (o *Office) renameContact(c *contact, name string) {
	for _, other := range o.waspy.byLine[c.line] {
		if other.contact == c {
			o.note(waspyName, other.id, "name", c.name, name)
		}
	}
	c.name = name
}

func (o *Office) renameClient(c *client, name string) {
	for _, s := range c.sessions {
		o.note(platicaName, s.id, "name", c.name, name)
	}
	c.name = name
}

func (o *Office) setSessionStatus(s *session, status string) {
	o.note(platicaName, s.id, "status", s.status, status)
	s.status = status
	if status == "expired" {
		o.openWindow(s, false)
	}
}

func (o *Office) ownSession(s *session, owners []string) {
	o.note(platicaName, s.id, "assignees", words(s.owners), words(owners))
	s.owners = slices.Clone(owners)
}

func (o *Office) openWindow(s *session, open bool) {
	o.note(platicaName, s.id, "window", fmt.Sprint(s.canSend), fmt.Sprint(open))
	s.canSend = open
}

// stamp moves lastUpdate; the caller has the session out of the list.
func (o *Office) stamp(s *session, at int64) {
	o.note(platicaName, s.id, "order", stampText(s.updated), stampText(at))
	s.updated = at
}

func stampText(at int64) string { return time.Unix(0, at).UTC().Format(time.RFC3339Nano) }
