package trial

import (
	"cmp"
	"encoding/json"
	"slices"

	"bandeja/internal/inbox"
	"bandeja/internal/phone"
)

// thread is a row of the list as it must follow from its conversations.
type thread struct {
	Live, Status                          string
	Assigned, Complete, Gone              bool
	Sessions, Sort                        int64
	LastAt                                int64
	LastDir, LastKind, LastText, LastWord string
	WindowKnown, WindowOpen               bool
	WindowUntil                           int64
	Pending                               int // 1: a wish waits, 2: for a person
}

// member is what a thread needs of one of its conversations.
type member struct {
	row
	number   int64 // the cache's own
	complete bool
	pending  int
}

// threads derives every thread from the cache's conversations, messages and
// wishes, and holds the rows of the list to that (SYNC I12).
func (k *checker) threads() {
	k.t.Helper()
	wrong := complaints{t: k.t}
	members, last := k.members(), k.lastMessages()
	k.each(`SELECT t.id, t.ref, coalesce((SELECT remote FROM conversations c WHERE c.id = t.live), ''), t.status, t.assigned, t.complete, t.gone, t.sessions, t.sort_at,
		t.last_at, t.last_dir, t.last_kind, t.last_text, t.last_status, t.window_known, t.window_open, t.window_until, t.pending FROM threads t`, nil,
		func(scan func(...any) error) error {
			var id int64
			var ref string
			var got thread
			if err := scan(&id, &ref, &got.Live, &got.Status, &got.Assigned, &got.Complete, &got.Gone, &got.Sessions, &got.Sort,
				&got.LastAt, &got.LastDir, &got.LastKind, &got.LastText, &got.LastWord, &got.WindowKnown, &got.WindowOpen, &got.WindowUntil, &got.Pending); err != nil {
				return err
			}
			if want := k.derive(members[id], last[id]); got != want {
				wrong.add("thread %s differs:%s", ref, differences(got, want))
			}
			delete(members, id)
			return nil
		})
	for id := range members {
		wrong.add("thread %d is not there", id)
	}
	k.together(&wrong)
}

func (k *checker) members() map[int64][]member {
	k.t.Helper()
	out, over := map[int64][]member{}, k.overlays()
	k.each(`SELECT thread, id, remote, account, status, status_word, assignees, created_at, active_at, has_last, last_at, last_dir, last_text, last_status,
		window_known, window_open, window_until, listed_mark = read_mark AND short = 0, gone FROM conversations`, nil, func(scan func(...any) error) error {
		var m member
		var thread, account int64
		if err := scan(&thread, &m.number, &m.ID, &account, &m.Status, &m.Word, &m.Assignees, &m.Created, &m.Active, &m.HasLast, &m.LastAt, &m.LastDir, &m.LastText, &m.LastStatus,
			&m.WindowKnown, &m.WindowOpen, &m.WindowUntil, &m.complete, &m.Gone); err != nil {
			return err
		}
		for _, o := range over[place{account, m.ID}] {
			m.wear(o)
		}
		out[thread] = append(out[thread], m)
		return nil
	})
	return out
}

// place names a conversation by its account's number.
type place struct {
	account      int64
	conversation string
}

// overlay is a wish as it lies over a conversation.
type overlay struct {
	provider, field string
	want            *string // nil: it says only that something is wrong
	attention       bool
}

func (k *checker) overlays() map[place][]overlay {
	k.t.Helper()
	out := map[place][]overlay{}
	k.each(`SELECT w.account, w.conversation, a.provider, w.field, w.want, w.attention FROM wishes w JOIN accounts a ON a.id = w.account`, nil, func(scan func(...any) error) error {
		var at place
		var o overlay
		err := scan(&at.account, &at.conversation, &o.provider, &o.field, &o.want, &o.attention)
		out[at] = append(out[at], o)
		return err
	})
	return out
}

// wear lays a wish over a conversation (SYNC I12).
func (m *member) wear(o overlay) {
	m.pending = max(m.pending, 1)
	if o.attention {
		m.pending = 2
	}
	switch {
	case o.want == nil:
	case o.field == "assignees":
		m.Assignees = *o.want
	case o.provider == string(inbox.Waspy):
		m.Status = cmp.Or(waspyWords[*o.want], "unknown")
	default:
		m.Status = cmp.Or(platicaWords[*o.want], "unknown")
	}
}

// lastMessages is the last message of each thread that has any here.
func (k *checker) lastMessages() map[int64]message {
	k.t.Helper()
	out := map[int64]message{}
	k.each(`SELECT thread, at, direction, kind, text, status FROM messages ORDER BY thread, at, seq, id`, nil, func(scan func(...any) error) error {
		var m message
		var thread int64
		var text string
		err := scan(&thread, &m.At, &m.Direction, &m.Kind, &text, &m.Status)
		m.texts = []string{text}
		out[thread] = m
		return err
	})
	return out
}

func (k *checker) derive(members []member, last message) (w thread) {
	slices.SortFunc(members, func(a, b member) int {
		return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.Active, b.Active), cmp.Compare(a.number, b.number))
	})
	w.Complete, w.Gone, w.Sessions = true, true, int64(len(members))
	var newestCreated int64
	var listed member
	for _, m := range members {
		w.Complete = w.Complete && (m.complete || m.Gone)
		w.Pending = max(w.Pending, m.pending)
		w.Sort = max(w.Sort, m.Active)
		if m.HasLast && m.LastDir != "" && m.LastAt >= listed.LastAt {
			listed = m
		}
		if !m.Gone || w.Gone {
			w.Live, w.Status, w.Assigned = m.ID, m.Status, m.Assignees != "[]"
			w.WindowKnown, w.WindowOpen, w.WindowUntil = m.WindowKnown, m.WindowOpen, m.WindowUntil
			newestCreated = m.Created
		}
		w.Gone = w.Gone && m.Gone
	}
	found := last.texts != nil
	if found {
		w.LastAt, w.LastDir, w.LastKind, w.LastText, w.LastWord = last.At, last.Direction, last.Kind, last.texts[0], last.Status
	}
	if listed.LastDir != "" && (!found || listed.LastAt > last.At) {
		w.LastAt, w.LastDir, w.LastKind, w.LastText, w.LastWord = listed.LastAt, listed.LastDir, "text", listed.LastText, listed.LastStatus
	}
	if w.LastAt != 0 {
		w.Sort = w.LastAt
	}
	if w.Sort == 0 {
		w.Sort = newestCreated
	}
	if r := []rune(w.LastText); len(r) > 200 {
		w.LastText = string(r[:200])
	}
	return w
}

// together checks that conversations share a thread where they are of one
// account, channel and customer, and only there (DESIGN §4).
func (k *checker) together(wrong *complaints) {
	k.t.Helper()
	customer := map[int64]string{}
	thread := map[string]int64{}
	k.each(`SELECT c.thread, c.remote, a.name, a.provider, a.region, a.area, c.workspace, c.channel, c.public_id, c.phone, coalesce(c.listed, c.read)
		FROM conversations c JOIN accounts a ON a.id = c.account`, nil, func(scan func(...any) error) error {
		var at int64
		var id, account, provider, region, area, workspace, channel, public, written string
		var raw []byte
		if err := scan(&at, &id, &account, &provider, &region, &area, &workspace, &channel, &public, &written, &raw); err != nil {
			return err
		}
		who := "public " + public
		if public == "" { // nothing says whose it is: it stands by itself
			who = "conversation " + id
		}
		if provider == string(inbox.Waspy) {
			who = "contact " + contactIn(objectOf(k.t, raw))
		}
		if n := phone.Parse(written, phone.Context{Region: region, Area: area}); n.Key != "" && (who == "contact " || provider == string(inbox.Platica)) {
			who = "line " + n.Key
		}
		who = account + " " + workspace + " " + channel + " " + who
		if before, ok := customer[at]; ok && before != who {
			wrong.add("conversation %s is in a thread of somebody else", id)
		}
		if before, ok := thread[who]; ok && before != at {
			wrong.add("conversation %s is in another thread than its customer", id)
		}
		customer[at], thread[who] = who, at
		return nil
	})
}

// persons checks that who writes from a line is the one person of that line,
// at every account, but for Waspy's exception: of two customers of one account
// who both wrote on one channel the older has the line, and the other is
// somebody apart (SEARCH §1). Ids outlive the cache.
func (k *checker) persons() {
	k.t.Helper()
	wrong := complaints{t: k.t}
	type line struct{ account, key string }
	taken := map[line]map[string]bool{} // the channels of those who have it
	k.each(`SELECT a.name, a.provider, k.remote, k.person, k.phone_key, k.guessed, coalesce((SELECT json_group_array(DISTINCT t.channel) FROM threads t WHERE t.contact = k.id
			AND (EXISTS (SELECT 1 FROM messages m WHERE m.thread = t.id AND m.direction = 'in') OR EXISTS (SELECT 1 FROM conversations c WHERE c.thread = t.id AND c.last_dir = 'in'))), '[]')
		FROM contacts k JOIN accounts a ON a.id = k.account WHERE k.phone_key <> ''
		ORDER BY (SELECT min(c.created_at) FROM conversations c JOIN threads t ON t.id = c.thread WHERE t.contact = k.id), k.remote`, nil, func(scan func(...any) error) error {
		var l line
		var provider, remote, person, wrote string
		var guessed bool
		if err := scan(&l.account, &provider, &remote, &person, &l.key, &guessed, &wrote); err != nil {
			return err
		}
		var channels []string
		if err := json.Unmarshal([]byte(wrote), &channels); err != nil {
			return err
		}
		want := inbox.StableID("p", "line", l.key)
		if provider == string(inbox.Waspy) && slices.ContainsFunc(channels, func(c string) bool { return taken[l][c] }) {
			want = inbox.StableID("p", "contact", l.account, remote)
		} else {
			if taken[l] == nil {
				taken[l] = map[string]bool{}
			}
			for _, c := range channels {
				taken[l][c] = true
			}
		}
		if !guessed && person != want {
			wrong.add("contact %s is person %s, and should be %s", remote, person, want)
		}
		return nil
	})
}

// contactIn is the customer that Waspy names, in either place.
func contactIn(o object) string {
	inner, _ := o["contact"].(map[string]any)
	return cmp.Or(o.text("contactId"), object(inner).text("id"))
}
