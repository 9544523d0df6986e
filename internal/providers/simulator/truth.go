package simulator

import (
	"encoding/json"
	"fmt"
)

// WaspyConversations is what the list holds, in its order.
func (o *Office) WaspyConversations() []json.RawMessage {
	o.mu.RLock()
	defer o.mu.RUnlock()
	out := make([]json.RawMessage, 0, len(o.waspy.chats.rows))
	for _, c := range o.waspy.chats.rows {
		out = append(out, o.appendChat(nil, c))
	}
	return out
}

// WaspyMessages is what a conversation holds, oldest first, and what a deleted
// one held; nil for one that never was.
func (o *Office) WaspyMessages(conversation string) []json.RawMessage {
	o.mu.RLock()
	defer o.mu.RUnlock()
	c := o.waspy.byID[conversation]
	if c == nil {
		return nil
	}
	msgs, voice := o.chatMessages(c), o.chatVoice(c)
	out := make([]json.RawMessage, 0, len(msgs))
	for i := range msgs {
		out = append(out, o.appendWaspyMessage(nil, c, &msgs[i], voice))
	}
	return out
}

// PlaticaConversations is what the lists of all workspaces hold, in the form
// of a list's row, newest activity first within each.
func (o *Office) PlaticaConversations() []json.RawMessage {
	o.mu.RLock()
	defer o.mu.RUnlock()
	var out []json.RawMessage
	for _, ws := range o.platica.workspaces {
		for i := len(ws.byUpdate.rows) - 1; i >= 0; i-- {
			out = append(out, o.appendSession(nil, ws.byUpdate.rows[i], false))
		}
	}
	return out
}

// PlaticaMessages is what a conversation, named by its internal id, holds,
// oldest first, and what a deleted one held; nil for one that never was.
func (o *Office) PlaticaMessages(id string) []json.RawMessage {
	o.mu.RLock()
	defer o.mu.RUnlock()
	s := o.platica.byID[id]
	if s == nil {
		return nil
	}
	msgs, voice := o.sessionMessages(s), o.sessionVoice(s)
	out := make([]json.RawMessage, 0, len(msgs))
	for i := range msgs {
		out = append(out, o.appendPlaticaMessage(nil, s, &msgs[i], voice))
	}
	return out
}

// Conversation is the object of one conversation as a single GET gives it, at
// Plática with its messages; of a deleted one, as it was. It is nil for one
// that never was.
func (o *Office) Conversation(provider, id string) json.RawMessage {
	o.mu.RLock()
	defer o.mu.RUnlock()
	if c := o.waspy.byID[id]; c != nil && provider == waspyName {
		return o.appendChat(nil, c)
	}
	if s := o.platica.byID[id]; s != nil && provider == platicaName {
		return o.appendSession(nil, s, true)
	}
	return nil
}

// Deleted are the ids of what is deleted at a provider, in the order it was.
func (o *Office) Deleted(provider string) []string {
	o.mu.RLock()
	defer o.mu.RUnlock()
	var out []string
	for _, d := range o.deleted {
		if d.provider == provider {
			out = append(out, d.conversation)
		}
	}
	return out
}

// thing is a conversation of either provider: one of the two is set.
type thing struct {
	provider, id string
	chat         *chat
	session      *session
}

// find names what is to be done in its error, where that conversation is not
// there. It is called with mu held.
func (o *Office) find(what, provider, id string) (thing, error) {
	th := thing{provider: provider, id: id}
	switch provider {
	case waspyName:
		th.chat = o.waspy.find(id)
	case platicaName:
		th.session = o.platica.find(id)
	default:
		return th, fmt.Errorf("%s: no provider %q", what, provider)
	}
	if th.chat == nil && th.session == nil {
		return th, fmt.Errorf("%s at %s: no conversation %q", what, provider, id)
	}
	return th, nil
}
