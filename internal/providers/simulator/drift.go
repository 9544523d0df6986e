package simulator

import (
	"fmt"
	"sync"
)

// Drift is a provider that does not stand still while it is read: so many
// changes between so many requests, drawn by weight. Equal seeds and sequences
// of requests make equal changes.
type Drift struct {
	Seed     uint64 `json:"seed"`     // 0: the faults'
	Provider string `json:"provider"` // "" for both, drawn
	Every    int    `json:"every"`    // requests between changes; 0: 1
	Changes  int    `json:"changes"`  // at a time; 0: 1
	Most     int    `json:"most"`     // in all; 0: no end

	// Weights. With all of them 0 they are 25, 30, 8, 2, 15, 5, 5, 5, 5.
	Inserts       int `json:"inserts"`        // somebody new writes
	Touches       int `json:"touches"`        // a customer or the team writes: the row jumps to the top
	Deletes       int `json:"deletes"`        // a conversation is removed
	Restores      int `json:"restores"`       // one that was removed is back
	SilentPatches int `json:"silent_patches"` // status, assignment, tags: no stamp moves
	Stamped       int `json:"stamped"`        // the same with a stamp, where there is one
	LateMessages  int `json:"late_messages"`
	Edits         int `json:"edits"`   // a message's delivery state or text
	Reopens       int `json:"reopens"` // a session of Plática ends and is opened again
}

// drifter is a Drift at work.
type drifter struct {
	Drift
	weights []int
	over    <-chan struct{} // of its faultSet

	mu       sync.Mutex // guards what follows
	dice     dice
	requests int
	made     int
}

func newDrifter(d Drift, seed uint64, over <-chan struct{}) *drifter {
	if d.Seed != 0 {
		seed = d.Seed
	}
	return &drifter{Drift: d, dice: dice(mix(seed, seedDrift)), weights: d.weighed(), over: over}
}

func (d Drift) weighed() []int {
	w := []int{d.Inserts, d.Touches, d.Deletes, d.Restores, d.SilentPatches, d.Stamped, d.LateMessages, d.Edits, d.Reopens}
	for _, n := range w {
		if n != 0 {
			return w
		}
	}
	return []int{25, 30, 8, 2, 15, 5, 5, 5, 5}
}

func (d Drift) wrong() (field, why string) {
	if d.Provider != "" && d.Provider != waspyName && d.Provider != platicaName {
		return "provider", fmt.Sprintf("%q is none of waspy, platica", d.Provider)
	}
	names := []string{"inserts", "touches", "deletes", "restores", "silent_patches", "stamped", "late_messages", "edits", "reopens"}
	for i, n := range []int{d.Inserts, d.Touches, d.Deletes, d.Restores, d.SilentPatches, d.Stamped, d.LateMessages, d.Edits, d.Reopens} {
		if n < 0 {
			return names[i], "must not be below 0"
		}
	}
	for i, n := range []int{d.Every, d.Changes, d.Most} {
		if n < 0 {
			return []string{"every", "changes", "most"}[i], "must not be below 0"
		}
	}
	return "", ""
}

// move makes the changes that are due before request n.
func (w *drifter) move(o *Office, n int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests++
	if w.requests%max(w.Every, 1) != 0 {
		return
	}
	defer o.act("drift", n)()
	select {
	case <-w.over: // a request that came before Quiet, and got here after
		return
	default:
	}
	for range max(w.Changes, 1) {
		if w.Most > 0 && w.made >= w.Most {
			return
		}
		w.made++
		w.change(o)
	}
}

// change makes one, of a kind and at a row that are drawn. Where that cannot
// be (a restore while nothing is deleted) a customer writes instead.
func (w *drifter) change(o *Office) {
	d := &w.dice
	kind, total := 0, 0
	for _, n := range w.weights {
		total += n
	}
	for left := d.n(total); left >= w.weights[kind]; kind++ {
		left -= w.weights[kind]
	}
	provider := w.Provider
	if provider == "" {
		provider = pick(d, []string{waspyName, platicaName})
	}
	th, ok := w.row(o, provider)
	if kind == 0 || !ok {
		o.driftIn(provider, d)
		return
	}
	switch kind {
	case 2:
		o.remove(th)
		return
	case 3:
		if i := o.deletedAt(provider, d); i >= 0 && o.bringBack(o.deleted[i]) {
			return
		}
	case 4, 5:
		o.driftAlter(th, d, kind == 5)
		return
	case 6:
		if msgs := *o.messagesOf(th); len(msgs) > 0 {
			at := msgs[len(msgs)-1].at - 1 - int64(d.n(3600))*second
			_, _ = o.comeLate(th, "Esto lo mandé antes, sin señal", at)
			return
		}
	case 7:
		if msgs := *o.messagesOf(th); len(msgs) > 0 {
			o.driftEdit(th, msgs, d)
			return
		}
	case 8:
		if th.session != nil {
			word, no := "finished", false
			o.alterSession(th.session, Change{Status: &word, CanSend: &no, Stamp: d.chance(50)})
			word, yes := "active", true
			o.alterSession(th.session, Change{Status: &word, CanSend: &yes, Stamp: d.chance(50)})
			return
		}
	}
	o.speak(th, message{text: pick(d, []string{"Hola, ¿me leen?", "Gracias", "¿Y mi pedido?"}), out: d.chance(40)})
}

// row draws a conversation: any, and every third time one of the top.
func (w *drifter) row(o *Office, provider string) (thing, bool) {
	d := &w.dice
	n, top := d.next(), d.chance(33)
	if provider == waspyName {
		rows := o.waspy.chats.rows
		k := len(rows)
		if top {
			k = min(k, 30)
		}
		if k == 0 {
			return thing{}, false
		}
		c := rows[n%uint64(k)]
		return thing{provider: provider, id: c.id, chat: c}, true
	}
	ws := pick(d, o.platica.workspaces)
	rows := ws.byUpdate.rows
	k := len(rows)
	if top {
		k = min(k, 30)
	}
	if k == 0 {
		return thing{}, false
	}
	s := rows[len(rows)-1-int(n%uint64(k))]
	return thing{provider: provider, id: s.id, session: s}, true
}

// driftIn lets somebody new write.
func (o *Office) driftIn(provider string, d *dice) {
	p := o.stranger(3_000_000 + d.next()%1_000_000)
	th, err := o.welcomePerson(provider, p, p.long())
	if err == nil {
		o.speak(th, message{text: "Buenas, ¿atienden hoy?"})
	}
}

// deletedAt draws one of a provider's deletions; -1 for none.
func (o *Office) deletedAt(provider string, d *dice) int {
	var at []int
	for i, del := range o.deleted {
		if del.provider == provider {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return -1
	}
	return pick(d, at)
}

func (o *Office) driftAlter(th thing, d *dice, stamp bool) {
	ch := Change{Stamp: stamp}
	if c := th.chat; c != nil {
		if d.chance(60) {
			word := pick(d, waspyStatuses[:])
			ch.Status = &word
		} else {
			who := pick(d, o.waspy.agents)
			ch.Assignees = &[]string{who}
		}
		_ = o.alter(th, ch) // nothing in it that a chat has not
		return
	}
	switch word, users := pick(d, platicaStatuses[:2]), th.session.client.space.users; d.n(4) {
	case 0:
		ch.Status = &word
	case 1:
		ch.Assignees = &[]string{pick(d, users)}
	case 2:
		ch.Tags = &[]string{"deriva", pick(d, []string{"vip", "reclamo", "envío"})}
	default:
		word = pick(d, []string{"automatic", "assistance", "supervision"})
		ch.Operation = &word
	}
	o.alterSession(th.session, ch)
}

func (o *Office) driftEdit(th thing, msgs []message, d *dice) {
	m := &msgs[len(msgs)-1-d.n(min(len(msgs), 50))]
	var e MessageEdit
	if d.chance(70) {
		word := pick(d, []string{"sent", "delivered", "read", "failed"})
		e.Status = &word
	} else {
		text := "Corregido: " + pick(d, []string{"a las 10", "a las 18", "mañana"})
		e.Text = &text
	}
	o.editMessage(th, m, e)
}
