package simulator

import (
	"cmp"
	"strconv"
	"strings"
)

// client is a customer as one channel of Plática knows them.
type client struct {
	seed     uint64
	public   string // the conversationId of all their sessions
	phone    string // as stored; empty where the platform has none
	name     string
	first    string
	land     country
	channel  string
	platform string
	space    *workspace
	sessions []*session // oldest first
}

// session is Plática's conversation: it ends, and the customer's next message
// opens another (platica.md §7.4).
type session struct {
	thread
	id        string
	client    *client
	status    string
	operation string
	topic     string
	tags      []string
	owners    []string
	canSend   bool
	created   int64
	updated   int64
	lastIn    int64     // time of the customer's last message
	msgs      []message // set once something has happened in it
	gone      bool      // deleted
}

// workspace is one of those that the key reaches.
type workspace struct {
	id, name  string
	land      country
	users     []string // e-mails
	channels  []string
	byUpdate  roll[session] // oldest first
	byCreated roll[session] // oldest first
}

// platicaDesk is everything Plática holds.
type platicaDesk struct {
	workspaces []*workspace
	byID       map[string]*session
	byName     map[string][]*session // by public id, and by the digits of the phone
}

func byUpdate(a, b *session) int {
	if c := cmp.Compare(a.updated, b.updated); c != 0 {
		return c
	}
	return strings.Compare(a.id, b.id)
}

func byCreated(a, b *session) int {
	if c := cmp.Compare(a.created, b.created); c != 0 {
		return c
	}
	return strings.Compare(a.id, b.id)
}

// openPlatica fills the desk as of opts.Now.
func (o *Office) openPlatica() {
	desk := &o.platica
	n := o.opts.Conversations
	if n <= 0 {
		n = demoSessions
	}
	channel := func(i uint64) string {
		return "wb-" + strconv.FormatUint(700000000000000+mix(mix(o.opts.Seed, seedChannel), 10+i)%99999999999999, 10)
	}
	desk.workspaces = []*workspace{
		{id: "ws_altamira_ar", name: "Altamira Argentina", land: argentina, channels: []string{channel(0)},
			users: []string{"ana@altamira.example", "luis@altamira.example", "sofia@altamira.example", "martin@altamira.example"}},
		{id: "ws_altamira_mx", name: "Altamira México · Atención a clientes", land: mexico, channels: []string{channel(1), channel(2)},
			users: []string{"ana@altamira.example", "ximena@altamira.example", "diego@altamira.example", "luis.mx@altamira.example"}},
	}
	for _, ws := range desk.workspaces {
		ws.byUpdate.cmp, ws.byCreated.cmp = byUpdate, byCreated
	}
	desk.byID = make(map[string]*session, n)
	desk.byName = make(map[string][]*session, n)
	all := o.drawSessions(n)
	threads, lands := make([]*thread, len(all)), make([]country, len(all))
	for i, s := range all {
		threads[i], lands[i] = &s.thread, s.client.land
	}
	o.share(threads, lands, 1)
	for _, s := range all {
		o.settleSession(s)
		desk.add(s)
		ws := s.client.space
		ws.byUpdate.rows, ws.byCreated.rows = append(ws.byUpdate.rows, s), append(ws.byCreated.rows, s)
	}
	for _, ws := range desk.workspaces {
		ws.byCreated.sort()
		tie(ws.byCreated.rows, func(early, late *session) { late.created = early.created })
		ws.byCreated.sort()
		ws.byUpdate.sort()
		tie(ws.byUpdate.rows, func(early, late *session) { early.updated = late.updated })
		ws.byUpdate.sort()
	}
}

// tie makes neighbours of a list equal now and then, as bulk changes do.
func tie(rows []*session, equal func(early, late *session)) {
	for i := 9; i < len(rows); i += 23 {
		equal(rows[i-1], rows[i])
	}
}

// add makes a session findable; the lists are the caller's.
func (desk *platicaDesk) add(s *session) {
	desk.byID[s.id] = s
	desk.byName[s.client.public] = append(desk.byName[s.client.public], s)
	if line := digitsOf(s.client.phone); line != "" && line != s.client.public {
		desk.byName[line] = append(desk.byName[line], s)
	}
}

// find gives the session of that internal id; nil where there is none, or none
// any more.
func (desk *platicaDesk) find(id string) *session {
	if s := desk.byID[id]; s != nil && !s.gone {
		return s
	}
	return nil
}

// digitsOf gives the digits of a number written in any way; empty for text
// that is none.
func digitsOf(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case !strings.ContainsRune("+ -().", r):
			return ""
		}
	}
	return b.String()
}

// drawSessions draws n sessions of as many customers as that takes.
func (o *Office) drawSessions(n int) []*session {
	var clients []*client
	var counts []int
	left := n
	for k := 0; left > 0; k++ {
		c, count := o.drawClient(k)
		count = min(count, left)
		left -= count
		clients, counts = append(clients, c), append(counts, count)
	}
	all := make([]*session, 0, n)
	for k, c := range clients {
		if k < len(platicaCast) {
			all = append(all, o.castSessions(c, platicaCast[k], counts[k])...)
			continue
		}
		d := dice(mix(c.seed, 70))
		at := o.lastActive(k-min(k, len(platicaCast)), len(clients), c.land, &d)
		for i := range counts[k] {
			s := o.newSession(c, uint64(counts[k]-i))
			s.last = mixedGrain(at, &d)
			s.done = i > 0 && d.chance(90) || o.opts.Now.UnixNano()-at > day && d.chance(75) || d.chance(30)
			if o.opts.Now.UnixNano()-at > day && d.n(1000) < 15 {
				s.script, s.done, s.status = o.stories(c.land, []string{"spam"}), true, "spam"
			}
			c.sessions = append([]*session{s}, c.sessions...)
			all = append(all, s)
			at = shopHours(at-int64(2+d.n(50))*day, c.land)
		}
	}
	return all
}

// newSession names the n-th session of a client.
func (o *Office) newSession(c *client, n uint64) *session {
	s := &session{client: c, id: "conv_" + string(appendHex(nil, mix(c.seed, seedSession+n), 16)), operation: "automatic"}
	s.seed = mix(c.seed, 1000+n)
	s.pace = 2 * hour // a longer silence would have ended it
	return s
}

// drawClient draws customer k and how many sessions they have had.
func (o *Office) drawClient(k int) (*client, int) {
	if k < len(platicaCast) {
		return o.castClient(k), len(platicaCast[k].sessions)
	}
	seed := mix(mix(o.opts.Seed, seedClient), uint64(k))
	d := dice(seed)
	p, name := o.stranger(2*uint64(k)+1), ""
	twin := false
	if at := len(waspyCast) + (k/4)*3; k%4 == 1 && at < len(o.waspy.chats.rows) {
		p, twin = o.stranger(2*uint64(at)), true
	}
	name = p.name
	if twin {
		name = p.nickname(&d)
	}
	ws := o.platica.workspaces[p.land]
	c := &client{seed: seed, name: name, first: p.first, land: p.land, space: ws, channel: pick(&d, ws.channels), platform: "whatsapp"}
	c.phone = p.long()
	// A twin is stored in the other form than at Waspy; some are written in
	// ways that only a person would.
	switch form := d.n(100); {
	case twin && p.land == argentina || form < 40:
		c.phone = p.short()
	case form < 46:
		c.phone = "+" + p.long()
	case form < 51:
		c.phone = p.national
	}
	c.public = digitsOf(c.phone)
	if d.chance(9) {
		c.public = "conv-id-" + strconv.Itoa(10000+d.n(90000)) + string(appendHex(nil, d.next(), 4))
	}
	if k == len(platicaCast)+2 || k%61 == 40 {
		c.elsewhere("instagram", "ig-17841", &d)
	} else if k == len(platicaCast)+5 || k%83 == 50 {
		c.elsewhere("telegram", "tg-", &d)
	}
	sessions := [...]int{1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 6}
	return c, pick(&d, sessions[:])
}

// elsewhere makes a client one of a platform without phone numbers.
func (c *client) elsewhere(platform, prefix string, d *dice) {
	c.platform, c.phone = platform, ""
	c.channel = prefix + strconv.FormatUint(mix(uint64(c.land), 5)%99999999999, 10)
	c.public = string(appendHex(nil, d.next(), 16))
}

// settleSession derives what the list shows from the session's messages.
func (o *Office) settleSession(s *session) {
	now := o.opts.Now.UnixNano()
	d := dice(mix(s.seed, 80))
	o.labelSession(s, &d)
	if s.count == 0 {
		s.created, s.updated = s.last-s.last%second, s.last
		s.judge(now, &d)
		return
	}
	msgs := o.sessionMessages(s)
	s.created, s.updated = msgs[0].at, msgs[len(msgs)-1].at
	if d.chance(8) { // as in the contract's sample: a message older than its conversation
		s.created += 2 * minute
	}
	if d.chance(50) {
		s.updated += int64(1+d.n(90)) * second
	}
	for i := len(msgs) - 1; i >= 0 && s.lastIn == 0; i-- {
		if !msgs[i].out {
			s.lastIn = msgs[i].at
		}
	}
	if s.status == "" {
		s.judge(now, &d)
	}
	s.canSend = s.status != "expired" && now-s.lastIn < day
	if s.count > 300 {
		s.msgs = msgs
	}
}

// labelSession takes topic and tags from what the session is about.
func (o *Office) labelSession(s *session, d *dice) {
	st, _ := s.episode(o.lexicons[s.client.land], 0)
	s.tags = st.tags
	if !d.chance(12) {
		s.topic = st.topic
	}
	if dice(mix(s.client.seed, 6)).isVIP() {
		s.tags = append([]string{"vip"}, s.tags...)
	}
	if d.chance(18) {
		s.tags = nil
	}
}

func (d dice) isVIP() bool { return d.chance(7) }

// judge gives the session a status, a way of working and owners that fit its
// age and how it ended.
func (s *session) judge(now int64, d *dice) {
	newest := s == s.client.sessions[len(s.client.sessions)-1]
	age := now - s.last
	switch k := d.n(100); {
	case k < 45:
	case k < 80:
		s.operation = "assistance"
	default:
		s.operation = "supervision" // the dashboard's word; the API's is not known
	}
	if s.operation != "automatic" || d.chance(15) {
		s.owners = []string{pick(d, s.client.space.users)}
		if d.chance(8) {
			s.owners = append(s.owners, s.client.space.users[0])
		}
	}
	switch {
	case newest && age < day && (!s.done || d.chance(35)):
		s.status = "active"
	case newest && s.operation != "automatic" && age < 12*day && d.chance(30):
		s.status = "active" // those that a person answers do not expire
	case newest && age < day, s.done && d.chance(55):
		s.status = "finished"
	default:
		s.status = "expired"
	}
}

func (o *Office) sessionVoice(s *session) voice {
	return voice{lex: o.lexicons[s.client.land], land: s.client.land, first: s.client.first}
}

// sessionMessages are all messages of a session, oldest first. They are not to
// be changed; touchSession keeps them so that they may.
func (o *Office) sessionMessages(s *session) []message {
	if s.msgs != nil || s.count == 0 {
		return s.msgs
	}
	msgs := s.tell(teller{voice: o.sessionVoice(s), grain: mixedGrain})
	for i := range msgs {
		msgs[i].status = platicaDelivery(&msgs[i])
		if s.operation == "automatic" {
			msgs[i].human = false
		}
	}
	return msgs
}

// platicaDelivery draws the state of a message's delivery.
func platicaDelivery(m *message) string {
	d := m.odd(1)
	k := d.n(1000)
	switch {
	case !m.out:
		return "received"
	case k < 560:
		return "delivered"
	case k < 930:
		return "read"
	case k < 972:
		return "sent"
	case k < 985:
		return "failed"
	}
	return "undelivered_policy" // a word of no contract
}

// touchSession keeps the session's messages, so that they may change.
func (o *Office) touchSession(s *session) {
	if s.msgs == nil {
		s.msgs = o.sessionMessages(s)
	}
}
