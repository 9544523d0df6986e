package simulator

import (
	"fmt"
	"slices"
)

// deletion is a conversation that is not there any more.
type deletion struct{ provider, conversation string }

// Delete removes a conversation: it is in no list, and every way to it answers
// 404.
func (o *Office) Delete(provider, conversation string) error {
	defer o.act("hand", 0)()
	th, err := o.find("delete", provider, conversation)
	if err != nil {
		return err
	}
	o.remove(th)
	return nil
}

// Restore undoes a deletion: the conversation is back as it was.
func (o *Office) Restore(provider, conversation string) error {
	defer o.act("hand", 0)()
	if !o.bringBack(deletion{provider, conversation}) {
		return fmt.Errorf("restore at %s: %q is not deleted", provider, conversation)
	}
	return nil
}

// remove is called with mu held, as bringBack is.
func (o *Office) remove(th thing) {
	o.note(th.provider, th.id, "conversation", "there", "gone")
	o.deleted = append(o.deleted, deletion{th.provider, th.id})
	if c := th.chat; c != nil {
		o.waspy.chats.take(c)
		c.gone = true
		return
	}
	s := th.session
	s.client.space.byUpdate.take(s)
	s.client.space.byCreated.take(s)
	s.gone = true
}

func (o *Office) bringBack(d deletion) bool {
	i := slices.Index(o.deleted, d)
	if i < 0 {
		return false
	}
	o.deleted = slices.Delete(o.deleted, i, i+1)
	if d.provider == waspyName {
		c := o.waspy.byID[d.conversation]
		c.gone = false
		o.waspy.chats.put(c)
	} else {
		s := o.platica.byID[d.conversation]
		s.gone = false
		s.client.space.byUpdate.put(s)
		s.client.space.byCreated.put(s)
	}
	o.note(d.provider, d.conversation, "conversation", "gone", "there")
	return true
}
