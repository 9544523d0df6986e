package simulator

import (
	"cmp"
	"strings"
)

// contact is a customer as Waspy knows them.
type contact struct {
	id    string
	phone string // as stored, E.164
	name  string
	first string
	land  country
	line  string // what by-phone compares
}

// chat is Waspy's conversation: a contact at a channel. It never ends.
type chat struct {
	thread
	id         string
	contact    *contact
	channel    string
	status     string
	assigned   string // empty: nobody
	created    int64
	lastAt     int64 // 0: never messaged
	preview    string
	lastOut    bool
	lastStatus string
	windowEnd  int64     // 0: the customer never wrote
	msgs       []message // set once something has happened in it
	gone       bool      // deleted
}

// waspyDesk is everything Waspy holds.
type waspyDesk struct {
	channels []string
	agents   []string
	chats    roll[chat]
	byID     map[string]*chat
	byLine   map[string][]*chat
}

// newestFirst is the order of Waspy's list: newest first, ties by id
// descending, never-messaged last.
func newestFirst(a, b *chat) int {
	if c := cmp.Compare(b.lastAt, a.lastAt); c != 0 {
		return c
	}
	return strings.Compare(b.id, a.id)
}

// openWaspy fills the desk as of opts.Now.
func (o *Office) openWaspy() {
	desk := &o.waspy
	for i := range uint64(2) { // sales, and appointments
		desk.channels = append(desk.channels, uuid(mix(o.opts.Seed, seedChannel), i))
	}
	for i := range uint64(4) {
		desk.agents = append(desk.agents, uuid(mix(o.opts.Seed, seedAgent), i))
	}
	n := o.opts.Conversations
	if n <= 0 {
		n = demoChats
	}
	desk.chats = roll[chat]{cmp: newestFirst, rows: make([]*chat, 0, n)}
	desk.byID = make(map[string]*chat, n)
	desk.byLine = make(map[string][]*chat, n)
	for i := range n {
		c := o.drawChat(i, n)
		desk.chats.rows = append(desk.chats.rows, c)
	}
	o.countChats(desk.chats.rows)
	for _, c := range desk.chats.rows {
		o.settleChat(c)
		desk.add(c)
	}
	desk.chats.sort()
}

// add makes a chat findable; the list is the caller's.
func (desk *waspyDesk) add(c *chat) {
	desk.byID[c.id] = c
	desk.byLine[c.contact.line] = append(desk.byLine[c.contact.line], c)
}

// find gives the chat of that id; nil where there is none, or none any more.
func (desk *waspyDesk) find(id string) *chat {
	if c := desk.byID[id]; c != nil && !c.gone {
		return c
	}
	return nil
}

// drawChat draws the i-th of n, newest first; the first ones are the cast's.
func (o *Office) drawChat(i, n int) *chat {
	if c := o.castChat(i); c != nil {
		return c
	}
	rows := o.waspy.chats.rows
	seed := mix(mix(o.opts.Seed, seedChat), uint64(i))
	d := dice(seed)
	c := &chat{id: uuid(seed, 0), channel: pick(&d, o.waspy.channels)}
	c.seed = seed
	if i%17 == 5 && i > len(waspyCast)+3 && rows[i-3].contact.line != rows[i-2].contact.line {
		// The same customer at the other channel.
		c.contact, c.channel = rows[i-3].contact, o.otherChannel(rows[i-3].channel)
	} else {
		c.contact = o.newContact(o.stranger(2*uint64(i)), seed)
	}
	if i == n/2 && n >= 20 || i%997 == 500 { // saved, never messaged
		c.status, c.created = "open", shopHours(o.opts.Now.UnixNano()-int64(3+d.n(90))*day, c.contact.land)
		c.created = milliseconds(c.created, nil)
		return c
	}
	c.last = milliseconds(o.lastActive(i-min(i, len(waspyCast)), n, c.contact.land, &d), nil)
	if i%29 == 7 { // a tie, as a campaign or a restored backup leaves them
		c.last = rows[i-1].last
		if c.last == 0 {
			c.last = rows[i-2].last
		}
	}
	age := o.opts.Now.UnixNano() - c.last
	switch {
	case age < day:
		c.done = d.chance(35)
	case age < 4*day:
		c.done = d.chance(60)
	default:
		c.done = d.chance(92)
	}
	return c
}

func (o *Office) otherChannel(channel string) string {
	if channel == o.waspy.channels[0] {
		return o.waspy.channels[1]
	}
	return o.waspy.channels[0]
}

func (o *Office) newContact(p person, seed uint64) *contact {
	d := dice(mix(seed, seedContact))
	phone := p.long()
	if p.land == mexico && d.chance(65) || p.land == argentina && d.chance(8) {
		phone = p.short()
	}
	return &contact{id: uuid(seed, 1), phone: "+" + phone, name: p.name, first: p.first, land: p.land, line: lineOf(phone)}
}

// countChats gives every chat its number of messages: a natural one, or its
// share of opts.Messages.
func (o *Office) countChats(rows []*chat) {
	var threads []*thread
	var lands []country
	for _, c := range rows {
		if c.last == 0 {
			continue
		}
		threads, lands = append(threads, &c.thread), append(lands, c.contact.land)
	}
	o.share(threads, lands, 3)
}

// share counts messages for threads: a natural number, of at most so many
// episodes, or their share of opts.Messages. One thread is long.
func (o *Office) share(threads []*thread, lands []country, most int) {
	long := -1
	if len(threads) >= 30 {
		long = len(threads) / 3
	}
	if o.opts.Messages <= 0 {
		for i, t := range threads {
			d := dice(mix(t.seed, 40))
			episodes := 1 + d.n(most)
			if i == long {
				episodes = 65
			} else if len(t.script) > 0 {
				episodes = len(t.script)
			}
			t.count = t.natural(o.lexicons[lands[i]], episodes)
		}
		return
	}
	weights := make([]int, len(threads))
	total, left := 0, o.opts.Messages
	for i, t := range threads {
		d := dice(mix(t.seed, 40))
		weights[i] = 1 + d.n(18)
		if i == long {
			weights[i] = 500
		}
		if i == long && o.opts.Longest > 0 {
			weights[i] = 0
			t.count = int32(min(o.opts.Longest, left))
			left -= int(t.count)
		}
		total += weights[i]
	}
	shared := left
	for i, t := range threads {
		if weights[i] > 0 {
			t.count = int32(int64(shared) * int64(weights[i]) / int64(total))
			left -= int(t.count)
		}
	}
	// The threads that got none come first, so that few stay empty.
	for pass := 0; left > 0 && len(threads) > 0; pass++ {
		for i, t := range threads {
			if left > 0 && weights[i] > 0 && (t.count == 0 || pass > 0) {
				t.count++
				left--
			}
		}
	}
}

// settleChat derives what the list shows from the chat's messages.
func (o *Office) settleChat(c *chat) {
	if c.count == 0 {
		c.last = 0
		if c.created == 0 {
			c.created = milliseconds(o.opts.Now.UnixNano()-10*day, nil)
		}
		if c.status == "" {
			c.status = "open"
		}
		return
	}
	msgs, voice := o.chatMessages(c), o.chatVoice(c)
	last := &msgs[len(msgs)-1]
	c.lastAt, c.lastOut, c.lastStatus, c.preview = last.at, last.out, last.status, last.preview(voice)
	c.created = msgs[0].at - int64(40+c.seed%900)*millisecond
	for i := len(msgs) - 1; i >= 0; i-- {
		if !msgs[i].out {
			c.windowEnd = msgs[i].at + day
			break
		}
	}
	if c.status == "" {
		o.judgeChat(c)
	}
	if c.count > 300 { // too long to be made again for each page
		c.msgs = msgs
	}
}

// judgeChat gives a status and an agent that fit how the thread ended.
func (o *Office) judgeChat(c *chat) {
	d := dice(mix(c.seed, 50))
	age := o.opts.Now.UnixNano() - c.lastAt
	weigh := func(open, pending, resolved int) {
		switch k := d.n(100); {
		case k < open:
			c.status = "open"
		case k < open+pending:
			c.status = "pending"
		case k < open+pending+resolved:
			c.status = "resolved"
		default:
			c.status = "closed"
		}
	}
	switch {
	case age < 10*day && !c.done && !c.lastOut: // nobody answered yet
		weigh(80, 14, 4)
	case age < 2*day && !c.done:
		weigh(60, 36, 2)
	case age < 2*day:
		weigh(25, 5, 68)
	case age < 10*day && !c.done:
		weigh(16, 40, 40)
	case age < 10*day:
		weigh(3, 5, 80)
	default:
		weigh(1, 1, 55)
	}
	idle := 30
	if c.status == "open" {
		idle = 50
	}
	if !d.chance(idle) {
		c.assigned = pick(&d, o.waspy.agents)
	}
}

func (o *Office) chatVoice(c *chat) voice {
	return voice{lex: o.lexicons[c.contact.land], land: c.contact.land, first: c.contact.first}
}

// chatMessages are all messages of a chat, oldest first. They are not to be
// changed; touchChat gives those that may.
func (o *Office) chatMessages(c *chat) []message {
	if c.msgs != nil || c.count == 0 {
		return c.msgs
	}
	msgs := c.tell(teller{voice: o.chatVoice(c), grain: milliseconds})
	for i := range msgs {
		msgs[i].status = waspyDelivery(&msgs[i], i == len(msgs)-1)
	}
	return msgs
}

// waspyDelivery draws the state of a message's delivery.
func waspyDelivery(m *message, newest bool) string {
	d := m.odd(1)
	k := d.n(1000)
	switch {
	case !m.out && k < 4:
		return "deleted" // a word of no contract
	case !m.out && k < 30:
		return "read"
	case !m.out:
		return "delivered"
	case newest && k < 400:
		return "delivered"
	case k < 800:
		return "read"
	case k < 940:
		return "delivered"
	case k < 975:
		return "sent"
	case k < 987:
		return "failed"
	case k < 994:
		return "warning" // a word of no contract
	}
	return "pending"
}

// touchChat keeps the chat's messages, so that they may change.
func (o *Office) touchChat(c *chat) {
	if c.msgs == nil {
		c.msgs = o.chatMessages(c)
	}
}

// lineOf is what by-phone compares: digits, an Argentine mobile without its 9
// (waspy.md §7). Other countries are compared as written.
func lineOf(number string) string {
	var b strings.Builder
	for _, r := range number {
		if r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
	}
	digits := b.String()
	if len(digits) == 13 && strings.HasPrefix(digits, "549") {
		return "54" + digits[3:]
	}
	return digits
}
