package trial

import (
	"encoding/json"
	"maps"
	"slices"

	"bandeja/internal/providers/simulator"
)

// atRest are the states in which an entry of the outbox may stay: done, or
// waiting where a person sees it (SYNC I8).
var atRest = []string{"done", "conflict", "refused", "stale", "parked", "queued", "unknown", "confirming"}

// wish is an entry of the outbox as it lies in local.db.
type wish struct {
	Account, Conversation, Field, Base, Want, State string
	Attempts                                        int
}

// wishes reads the outbox, by op_id.
func (k *checker) wishes() map[string]wish {
	k.t.Helper()
	rows, err := k.local.Query(`SELECT op_id, account, conversation, field, base, want, state, attempts FROM outbox`)
	if err != nil {
		k.t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]wish{}
	for rows.Next() {
		var id string
		var w wish
		if err := rows.Scan(&id, &w.Account, &w.Conversation, &w.Field, &w.Base, &w.Want, &w.State, &w.Attempts); err != nil {
			k.t.Fatal(err)
		}
		out[id] = w
	}
	if err := rows.Err(); err != nil {
		k.t.Fatal(err)
	}
	return out
}

// outbox checks that none of the wishes made has vanished (SYNC I8) and that
// each that is done is so at the provider, unless somebody changed it since.
func (k *checker) outbox(v *office, made []string) map[string]wish {
	k.t.Helper()
	all := k.wishes()
	last := map[string]string{} // of each field, the newest wish
	for _, id := range made {
		w := all[id]
		last[w.Account+w.Conversation+w.Field] = id
	}
	for _, id := range made {
		w, ok := all[id]
		switch {
		case !ok && k.noted(id):
		case !ok:
			k.t.Errorf("wish %s has vanished", id)
		case !slices.Contains(atRest, w.State):
			k.t.Errorf("wish %s rests as %s", id, w.State)
		case w.State == "done" && last[w.Account+w.Conversation+w.Field] == id && v.has(w) != w.Want && !overtaken(v.History(), w):
			k.t.Errorf("wish %s is called done: %s is %s there, not %s", id, w.Field, v.has(w), w.Want)
		}
	}
	return all
}

// noted: a line says who took the wish out, or what took its place.
func (k *checker) noted(id string) bool {
	k.t.Helper()
	var n int
	if err := k.local.QueryRow(`SELECT count(*) FROM audit WHERE what = 'outbox' AND about LIKE ? || ' %'`, id).Scan(&n); err != nil {
		k.t.Fatal(err)
	}
	return n > 0
}

// has is what the office has in the field of a wish.
func (v *office) has(w wish) string {
	var o object
	if err := json.Unmarshal(v.Conversation(w.Account, w.Conversation), &o); err != nil {
		return err.Error()
	}
	switch {
	case w.Field == "status":
		return o.text("status")
	case w.Account == string(platforms[0]):
		return o.list("assignedTo")
	}
	return o.list("owners")
}

// overtaken: somebody else changed the field after our own PATCH did.
func overtaken(h simulator.History, w wish) (after bool) {
	for _, e := range h.Events {
		if e.Provider == w.Account && e.Conversation == w.Conversation && e.Field == w.Field {
			after = e.Who != "patch"
		}
	}
	return after
}

// neverBlind holds every PATCH to the office's history (SYNC I9, I10): a look
// before each, none over what somebody else had set but in the gap that no
// client can close, and never two of one conversation at once. dropped are
// wishes that were made and are not in the outbox any more.
func (k *checker) neverBlind(v *office, dropped ...wish) (inGap int) {
	k.t.Helper()
	known := slices.AppendSeq(dropped, maps.Values(k.wishes()))
	h := v.History()
	for _, r := range h.Unlooked() {
		k.t.Errorf("request %d changed conversation %s without a look at it", r.N, r.Conversation)
	}
	for _, r := range h.Overlapping() {
		k.t.Errorf("request %d changed conversation %s while another did", r.N, r.Conversation)
	}
	for _, o := range h.Overwrites() {
		if o.Ours.Field != "status" && o.Ours.Field != "assignees" {
			continue // it follows from the status: an expired session takes no messages
		}
		if !o.InGap && !meant(known, o) {
			k.t.Errorf("request %d wrote %s over %s, which %s had set before the look; the outbox has %+v", o.Ours.Request, o.Ours.After, o.Theirs.After, o.Theirs.Who, k.about(o.Ours.Conversation))
		}
		if o.InGap {
			inGap++
		}
	}
	return inGap
}

// about are the wishes for a conversation.
func (k *checker) about(conversation string) (out []wish) {
	for _, w := range k.wishes() {
		if w.Conversation == conversation {
			out = append(out, w)
		}
	}
	return out
}

// meant: the wish was made by somebody who saw the other's value: it is its
// base.
func meant(known []wish, o simulator.Overwrite) bool {
	for _, w := range known {
		if w.Account == o.Ours.Provider && w.Conversation == o.Ours.Conversation && w.Field == o.Ours.Field && w.Base == o.Theirs.After && w.Want == o.Ours.After {
			return true
		}
	}
	return false
}

// overlaid checks that what the cache lays over its conversations is what the
// outbox has for them, once the program has been closed (SYNC I12).
func (k *checker) overlaid() {
	k.t.Helper()
	want := map[string]string{}
	rows, err := k.local.Query(`SELECT account, conversation, field, want, state FROM outbox WHERE state <> 'done' ORDER BY id`)
	if err != nil {
		k.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var w wish
		if err := rows.Scan(&w.Account, &w.Conversation, &w.Field, &w.Want, &w.State); err != nil {
			k.t.Fatal(err)
		}
		if w.State == "refused" {
			w.Want = "(refused)"
		}
		want[w.Account+" "+w.Conversation+" "+w.Field] = w.Want
	}
	if err := rows.Err(); err != nil {
		k.t.Fatal(err)
	}
	k.each(`SELECT a.name || ' ' || w.conversation || ' ' || w.field, coalesce(w.want, '(refused)') FROM wishes w JOIN accounts a ON a.id = w.account`, nil, func(scan func(...any) error) error {
		var at, over string
		err := scan(&at, &over)
		if want[at] != over {
			k.t.Errorf("%s is laid over %s, the outbox has %q", over, at, want[at])
		}
		delete(want, at)
		return err
	})
	for at, w := range want {
		k.t.Errorf("%s waits for %s and is not shown", w, at)
	}
}
