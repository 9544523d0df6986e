package simulator

import (
	"context"
	"slices"
	"time"
)

// liveDesk is what is going on in a live office: a handful of conversations
// that are being held, turn by turn.
type liveDesk struct {
	dice  dice
	steps int
	talks []*talk
}

// talk is a conversation being held: a story, and how far it got. It is at one
// of the platforms.
type talk struct {
	chat    *chat
	session *session
	story   *story
	episode uint64
	next    int
}

// gone says whether somebody deleted the conversation meanwhile.
func (t *talk) gone() bool {
	return t.chat != nil && t.chat.gone || t.session != nil && t.session.gone
}

// talksAtOnce is how many conversations a small shop holds at a time.
const talksAtOnce = 6

func (o *Office) run(ctx context.Context) {
	for {
		o.mu.Lock()
		wait := time.Duration(2000+o.live.dice.n(4000)) * time.Millisecond
		o.mu.Unlock()
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
			o.step()
		}
	}
}

// step makes one thing happen.
func (o *Office) step() {
	defer o.act("live", 0)()
	l := &o.live
	l.talks = slices.DeleteFunc(l.talks, (*talk).gone)
	l.steps++
	if l.steps%10 == 0 {
		o.closeWindows()
	}
	o.deliver()
	switch k := l.dice.n(100); {
	case len(l.talks) == 0, k < 28 && len(l.talks) < talksAtOnce:
		o.begin()
	case k < 88:
		i := l.dice.n(len(l.talks))
		if o.carryOn(l.talks[i]) {
			l.talks = slices.Delete(l.talks, i, i+1)
		}
	default:
		o.reassign()
	}
}

// begin starts a talk: one that was left unfinished goes on, a known customer
// has something new to ask, or a new one writes.
func (o *Office) begin() {
	d := &o.live.dice
	t := &talk{episode: d.next()}
	waspy, k := d.chance(55), d.n(100)
	switch {
	case waspy && k < 75:
		t.chat = o.quietChat(k < 45, t)
	case !waspy && k < 75:
		t.session = o.quietSession(k < 45, t)
	}
	if t.chat == nil && t.session == nil {
		o.welcome(waspy, t)
	}
	if t.story == nil {
		land := argentina
		if t.chat != nil {
			land = t.chat.contact.land
		} else {
			land = t.session.client.land
		}
		t.story = pick(d, o.lexicons[land].common)
	}
	if !o.carryOn(t) {
		o.live.talks = append(o.live.talks, t)
	}
}

// quietChat finds a recent chat that nobody is talking in; unfinished ones
// bring their story along.
func (o *Office) quietChat(unfinished bool, t *talk) *chat {
	rows := o.waspy.chats.rows
	if len(rows) == 0 {
		return nil
	}
	for range 20 {
		c := rows[o.live.dice.n(min(len(rows), 60))]
		busy := slices.ContainsFunc(o.live.talks, func(other *talk) bool { return other.chat == c })
		if busy || len(c.script) > 0 || c.lastAt == 0 {
			continue
		}
		if unfinished == (!c.done && c.msgs == nil) {
			if unfinished {
				o.goOn(&c.thread, c.contact.land, t)
			}
			return c
		}
	}
	return nil
}

// quietSession is quietChat at Plática.
func (o *Office) quietSession(unfinished bool, t *talk) *session {
	rows := o.platica.workspaces[o.live.dice.n(2)].byUpdate.rows
	if len(rows) == 0 {
		return nil
	}
	for range 20 {
		s := rows[len(rows)-1-o.live.dice.n(min(len(rows), 40))]
		busy := slices.ContainsFunc(o.live.talks, func(other *talk) bool { return other.session == s })
		if busy || len(s.script) > 0 || s.status == "spam" || s.count == 0 {
			continue
		}
		if unfinished && s.alive() && !s.done && s.msgs == nil {
			o.goOn(&s.thread, s.client.land, t)
			return s
		}
		if last := s.client.sessions[len(s.client.sessions)-1]; !unfinished && !last.alive() {
			return o.openSession(s.client, nil)
		}
	}
	return nil
}

// goOn takes up the newest episode of a thread where it stopped.
func (o *Office) goOn(th *thread, land country, t *talk) {
	st, stop := th.episode(o.lexicons[land], 0)
	t.story, t.episode, t.next = st, mix(th.seed, 1<<32), min(stop, int(th.count))
}

// welcome lets somebody new write.
func (o *Office) welcome(waspy bool, t *talk) {
	n := uint64(1_000_000 + o.live.steps)
	if waspy {
		p := o.stranger(2 * n)
		t.chat = o.newChat(p, o.newContact(p, n).phone)
		return
	}
	p := o.stranger(2*n + 1)
	phone := p.long()
	if o.live.dice.chance(50) {
		phone = p.short()
	}
	t.session = o.openSession(o.newClient(p, phone), nil)
}

// carryOn says the next turn and reports whether the talk is over. The last
// word often settles the matter: that change alone moves no list.
func (o *Office) carryOn(t *talk) (over bool) {
	d := &o.live.dice
	if t.session != nil && !t.session.alive() { // somebody ended it meanwhile
		return true
	}
	if t.next >= len(t.story.turns) {
		if d.chance(70) {
			o.settle(t)
		}
		return true
	}
	turn := &t.story.turns[t.next]
	m := message{turn: turn, episode: t.episode, out: turn.out, human: turn.out && t.next > 1}
	t.next++
	if t.chat != nil {
		o.speakChat(t.chat, m)
		if m.out && t.chat.assigned == "" && d.chance(60) {
			o.assignChat(t.chat, pick(d, o.waspy.agents))
		}
		return false
	}
	o.speakSession(t.session, m)
	if m.human && t.session.operation == "automatic" {
		operation, owners := "assistance", []string{pick(d, t.session.client.space.users)}
		o.alterSession(t.session, Change{Operation: &operation, Assignees: &owners})
	}
	if t.session.topic == "" {
		o.alterSession(t.session, Change{Topic: &t.story.topic, Tags: &t.story.tags})
	}
	return false
}

func (o *Office) settle(t *talk) {
	if t.chat != nil {
		o.setChatStatus(t.chat, "resolved")
		return
	}
	finished := "finished"
	o.alterSession(t.session, Change{Status: &finished, Stamp: true})
}

// deliver moves the delivery states of what the team said on: sent, delivered,
// read.
func (o *Office) deliver() {
	next := map[string]string{"sent": "delivered", "delivered": "read"}
	for _, t := range o.live.talks {
		if !o.live.dice.chance(60) {
			continue
		}
		if c := t.chat; c != nil {
			if m := &c.msgs[len(c.msgs)-1]; m.out && next[m.status] != "" {
				o.deliverChat(c, m, next[m.status])
			}
			continue
		}
		s := t.session
		if m := &s.msgs[len(s.msgs)-1]; m.out && next[m.status] != "" {
			o.deliverSession(s, m, next[m.status], true)
		}
	}
}

// reassign lets a colleague take or pass on a recent chat: no list moves.
func (o *Office) reassign() {
	d := &o.live.dice
	rows := o.waspy.chats.rows
	if len(rows) == 0 {
		return
	}
	c := rows[d.n(min(len(rows), 40))]
	switch {
	case len(c.script) > 0:
	case c.assigned == "":
		o.assignChat(c, pick(d, o.waspy.agents))
	case c.status == "open" && c.lastOut:
		o.setChatStatus(c, "pending")
	case c.status == "pending":
		o.setChatStatus(c, "open")
	}
}

// closeWindows ends the sessions whose customer has been silent for a day;
// those that a person answers stay, without free text (platica.md §7.4). It
// does not move lastUpdate.
func (o *Office) closeWindows() {
	now := o.now()
	for _, ws := range o.platica.workspaces {
		for _, s := range ws.byUpdate.rows {
			if !s.canSend || now-s.lastIn < day {
				continue
			}
			o.openWindow(s, false)
			if s.status == "active" && s.operation == "automatic" {
				o.setSessionStatus(s, "expired")
			}
		}
	}
}
