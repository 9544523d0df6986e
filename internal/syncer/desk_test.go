package syncer_test

import (
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"testing"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/syncer"
)

// desk is a Sender of one side of an office over files of its own.
type desk struct {
	t testing.TB
	p inbox.ProviderName
	*office
	cache  *cache.Cache
	local  *cache.Local
	o      syncer.SenderOptions
	sender *syncer.Sender
}

// openDesk opens an office that keeps its history, and a desk with the newest
// of its list.
func openDesk(t testing.TB, p inbox.ProviderName, seed uint64) *desk {
	t.Helper()
	v := openOffice(t, simulator.Options{Seed: seed, Conversations: 80, Messages: 300, History: true})
	return newDesk(t, v, p, t.TempDir())
}

func newDesk(t testing.TB, v *office, p inbox.ProviderName, dir string) *desk {
	t.Helper()
	d := &desk{t: t, p: p, office: v, cache: openCache(t, dir), local: openLocal(t, dir, account(p))}
	d.o = syncer.SenderOptions{Account: account(p), Provider: client(t, p, v.base(p), v.key(p)), Cache: d.cache, Local: d.local}
	d.again()
	d.fill()
	return d
}

func openLocal(t testing.TB, dir string, a inbox.Account) *cache.Local {
	t.Helper()
	l, err := cache.OpenLocal(t.Context(), filepath.Join(dir, "local.db"), cache.ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := l.SaveAccount(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	return l
}

// again is what a new start of the program makes of the same files.
func (d *desk) again() { d.sender = syncer.NewSender(d.o) }

// fill copies a page of the list.
func (d *desk) fill() {
	d.t.Helper()
	ctx := d.t.Context()
	if err := d.cache.EnsureAccount(ctx, d.o.Account); err != nil {
		d.t.Fatal(err)
	}
	begun, err := d.cache.NextFetch(ctx, "shop")
	if err != nil {
		d.t.Fatal(err)
	}
	page, err := d.o.Provider.Newest(ctx, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := d.cache.SaveConversations(ctx, "shop", page, nil, begun); err != nil {
		d.t.Fatal(err)
	}
}

// open lists conversations that are open.
func (d *desk) open() (ids []string) {
	d.t.Helper()
	if err := d.cache.EachConversation(d.t.Context(), cache.Selection{}, func(s cache.StoredConversation) error {
		if s.Status == inbox.Open {
			ids = append(ids, s.ID)
		}
		return nil
	}); err != nil {
		d.t.Fatal(err)
	}
	if len(ids) < 2 {
		d.t.Fatalf("only %d open conversations", len(ids))
	}
	return ids
}

// word is a unified status in the platform's word.
func (d *desk) word(s inbox.Status) string {
	w, ok := inbox.StatusWord(d.p, string(s))
	if !ok {
		d.t.Fatalf("%s has no %s", d.p, s)
	}
	return w
}

// agent is one of the team who is not among those given.
func (d *desk) agent(id string, not string) string {
	d.t.Helper()
	all := d.WaspyAgents()
	if d.p == inbox.Platica {
		c, err := d.o.Provider.Conversation(d.t.Context(), id)
		if err != nil {
			d.t.Fatal(err)
		}
		all = d.PlaticaUsers(c.Workspace)
	}
	for _, a := range all {
		if !slices.Contains(inbox.RefsOf(not), a) {
			return a
		}
	}
	d.t.Fatal("nobody else in the team")
	return ""
}

// wish puts a wish into the outbox and shows it, as a click does.
func (d *desk) wish(id, field, want string) cache.Enqueued {
	d.t.Helper()
	ctx := d.t.Context()
	t, err := d.cache.Target(ctx, "shop", id)
	if err != nil {
		d.t.Fatal(err)
	}
	out, err := d.local.Enqueue(ctx, cache.Intent{Account: "shop", Conversation: id, Field: field, Now: t.FieldOf(field), Want: want, Confirm: true})
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := d.cache.ShowWishes(ctx, d.local, "shop", []string{id}); err != nil {
		d.t.Fatal(err)
	}
	return out[0]
}

func (d *desk) send() {
	d.t.Helper()
	if err := d.sender.Once(d.t.Context()); err != nil {
		d.t.Fatalf("send: %v", err)
	}
}

func (d *desk) entry(id string) cache.Wish {
	d.t.Helper()
	w, err := d.local.OutboxEntry(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return w
}

func (d *desk) is(id string, state cache.WishState, reason string) cache.Wish {
	d.t.Helper()
	w := d.entry(id)
	if w.State != state || w.Reason != reason {
		d.t.Fatalf("%s is %s %q, want %s %q (%+v)", id, w.State, w.Reason, state, reason, w)
	}
	return w
}

// theirs is what the office has of a field.
func (d *desk) theirs(id, field string) string {
	d.t.Helper()
	var c struct {
		Status     string
		AssignedTo *string
		Owners     []string
	}
	if err := json.Unmarshal(d.Conversation(string(d.p), id), &c); err != nil {
		d.t.Fatal(err)
	}
	if field == inbox.FieldStatus {
		return c.Status
	}
	if c.AssignedTo != nil {
		c.Owners = []string{*c.AssignedTo}
	}
	return inbox.RefList(c.Owners)
}

// set is somebody else's hand.
func (d *desk) set(id, field, value string) {
	d.t.Helper()
	change := func() error { return d.SetStatus(string(d.p), id, value) }
	if field == inbox.FieldAssignees {
		change = func() error { return d.Assign(string(d.p), id, inbox.RefsOf(value)...) }
	}
	if err := change(); err != nil {
		d.t.Error(err)
	}
}

// shows holds what a list shows of a conversation.
func (d *desk) shows(id, status, assignees string, pending cache.Pending) {
	d.t.Helper()
	ref, err := d.cache.ThreadOf(d.t.Context(), "shop", id)
	if err != nil {
		d.t.Fatal(err)
	}
	all, err := d.cache.ConversationsOf(d.t.Context(), ref)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, c := range all {
		if c.ID == id && (c.StatusWord != status || inbox.RefList(c.Assignees) != assignees || c.Pending != pending) {
			d.t.Errorf("%s shows %s %s %d, want %s %s %d", id, c.StatusWord, inbox.RefList(c.Assignees), c.Pending, status, assignees, pending)
		}
	}
}

// patches are the PATCHes of a conversation that the office got.
func (d *desk) patches(id string) (out []simulator.Request) {
	for _, r := range d.History().Requests {
		if r.Kind == "patch" && r.Conversation == id {
			out = append(out, r)
		}
	}
	return out
}

// checkNeverBlind holds the office's history to I9 and I10: every PATCH of a
// conversation was answered a GET of it before, after any PATCH before that;
// and never are two under way.
func (d *desk) checkNeverBlind() {
	d.t.Helper()
	looked := map[string]int64{} // when the last GET of it was answered
	patched := map[string]simulator.Request{}
	for _, r := range d.History().Requests {
		switch {
		case r.Kind == "single" || r.Kind == "messages" && d.p == inbox.Platica:
			looked[r.Conversation] = r.Ended
		case r.Kind == "patch":
			before, again := patched[r.Conversation]
			if at := looked[r.Conversation]; at == 0 || again && at < before.Began {
				d.t.Errorf("request %d is a PATCH of %s that no GET went before", r.N, r.Conversation)
			}
			if again && before.Ended > r.Began {
				d.t.Errorf("requests %d and %d are PATCHes of %s side by side", before.N, r.N, r.Conversation)
			}
			patched[r.Conversation] = r
		}
	}
}

// isPatch tells a change from a look.
func isPatch(r *http.Request) bool { return r.Method == http.MethodPatch }

// handle lets the office answer into thin air: the effect without the reply.
func (v *office) handle(r *http.Request) {
	v.Handler().ServeHTTP(&nobody{h: http.Header{}}, r.Clone(context.WithoutCancel(r.Context())))
}

type nobody struct{ h http.Header }

func (n *nobody) Header() http.Header         { return n.h }
func (n *nobody) Write(b []byte) (int, error) { return len(b), nil }
func (n *nobody) WriteHeader(int)             {}

// cut breaks a connection off without a word.
func cut(t testing.TB, w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_ = conn.Close()
}
