package shape_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/profile"
	"bandeja/internal/providers/providertest"
)

// second is a Bandeja whose accounts point at the first.
func second(t testing.TB, first *hub, token string) *hub {
	t.Helper()
	h := &hub{office: first.office, in: openProfile(t, t.TempDir())}
	h.add(t, inbox.Waspy, "ventas", first.origin+"/waspy/api/v2", token)
	h.add(t, inbox.Platica, "soporte", first.origin+"/platica/v1", token)
	return h
}

// copied is all that a copy holds of what the platforms said, by id.
type copied struct {
	conversations map[string]cache.StoredConversation
	messages      map[string][]cache.StoredMessage
}

func (h *hub) copied(t testing.TB) copied {
	t.Helper()
	c := copied{map[string]cache.StoredConversation{}, map[string][]cache.StoredMessage{}}
	if err := h.in.Cache().EachConversation(t.Context(), cache.Selection{}, func(s cache.StoredConversation) error {
		c.conversations[s.Account+"/"+s.ID] = s
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := h.in.Cache().EachMessage(t.Context(), cache.Selection{}, func(m cache.StoredMessage) error {
		m.Raw = bytes.Clone(m.Raw)
		key := m.Account + "/" + m.Conversation
		c.messages[key] = append(c.messages[key], m)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return c
}

// sameAs fails the test where two copies differ in anything that a platform
// said, or that follows from it.
func (c copied) sameAs(t testing.TB, o copied) {
	t.Helper()
	if len(c.conversations) == 0 || len(c.conversations) != len(o.conversations) || len(c.messages) == 0 {
		t.Errorf("%d conversations, and %d at the second", len(c.conversations), len(o.conversations))
	}
	for id, a := range c.conversations {
		b, ok := o.conversations[id]
		if !ok {
			t.Errorf("the second lacks %s", id)
			continue
		}
		if !providertest.EqualJSON(a.Raw, b.Raw) {
			t.Errorf("%s is otherwise at the second:\n%s\n%s", id, a.Raw, b.Raw)
		}
		for _, pair := range [][2]any{{a.Thread, b.Thread}, {a.Person, b.Person}, {a.Status, b.Status}, {a.Workspace, b.Workspace}, {a.Messages, b.Messages}, {a.MessagesComplete, b.MessagesComplete}, {a.LastAt, b.LastAt}, {a.Window, b.Window}} {
			if pair[0] != pair[1] {
				t.Errorf("%s: %v, and at the second %v", id, pair[0], pair[1])
			}
		}
		if !slices.EqualFunc(c.messages[id], o.messages[id], func(m, n cache.StoredMessage) bool {
			return m.ID == n.ID && m.At.Equal(n.At) && m.Text == n.Text && m.Status == n.Status && providertest.EqualJSON(m.Raw, n.Raw)
		}) {
			t.Errorf("%s: its %d messages are otherwise at the second, %d", id, len(c.messages[id]), len(o.messages[id]))
		}
	}
}

// TestChain: a Bandeja that copies from another ends equal, stays so as things
// change, sends its writes through, and survives the other's restart. However
// many copy, the platforms are asked no more.
func TestChain(t *testing.T) {
	first := newHub(t, hubOptions{conversations: 120, messages: 1500, seed: 11})
	token := first.token(t, "second", both).token
	asked := first.office.Requests()
	other := second(t, first, token)
	other.sync(t)
	first.copied(t).sameAs(t, other.copied(t))
	if n := first.office.Requests(); n != asked {
		t.Errorf("the platforms were asked %d times for the second's copy", n-asked)
	}

	dice := rand.New(rand.NewPCG(11, 1))
	for round := range 4 {
		first.stir(t, dice)
		first.sync(t)
		other.sync(t)
		first.copied(t).sameAs(t, other.copied(t))
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}

	c, s := first.open(t)
	other.change(t, "ventas", c.ID, "pending")
	other.change(t, "soporte", s.ID, "spam")
	if v := read[chat](t, []json.RawMessage{first.office.Conversation("waspy", c.ID)})[0]; v.Status != "pending" {
		t.Errorf("the second's wish: the platform has %s", v.Status)
	}
	if v := read[session](t, []json.RawMessage{first.office.Conversation("platica", s.ID)})[0]; v.Status != "spam" {
		t.Errorf("the second's wish: the platform has %s", v.Status)
	}
	if n := first.office.Effects("waspy", c.ID, "status") + first.office.Effects("platica", s.ID, "status"); n < 2 || first.outbox(t) != 0 || other.outbox(t) != 0 {
		t.Errorf("%d effects, %d and %d entries wait", n, first.outbox(t), other.outbox(t))
	}
	first.sync(t)
	other.sync(t)
	first.copied(t).sameAs(t, other.copied(t))
}

// change makes one, and wants it done.
func (h *hub) change(t testing.TB, account, conversation, status string) {
	t.Helper()
	made, err := h.in.Change(t.Context(), profile.ChangeArgs{Account: account, Conversation: conversation, Status: &status, Wait: 20 * time.Second})
	if err != nil || len(made.Entries) != 1 || made.Entries[0].State != cache.WishDone {
		t.Fatalf("%s of %s: %+v, %v", status, conversation, made, err)
	}
}

// stir changes what can change at the platforms.
func (h *hub) stir(t testing.TB, dice *rand.Rand) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	chats, sessions := read[chat](t, h.office.WaspyConversations()), read[session](t, h.office.PlaticaConversations())
	active := slices.DeleteFunc(slices.Clone(sessions), func(s session) bool { return s.Status != "active" })
	for i := range 6 {
		chat, session := chats[dice.IntN(len(chats))], active[dice.IntN(len(active))]
		must(h.office.Post("waspy", chat.ID, fmt.Sprint("hola, sigo esperando ", i)))
		must(h.office.Answer("platica", session.ID, fmt.Sprint("ya salió su pedido ", i)))
		must(h.office.SetStatus("waspy", chats[dice.IntN(len(chats))].ID, []string{"open", "pending", "closed"}[i%3]))
		must(h.office.Assign("waspy", chats[dice.IntN(len(chats))].ID, h.office.WaspyAgents()[i%2]))
		must(h.office.Tag("platica", session.ID, "vip", fmt.Sprint("t", i)))
		must(h.office.Rename("platica", session.ID, fmt.Sprint("Nombre Nuevo ", i)))
	}
	_, err := h.office.NewCustomer("waspy", "Zulma Nueva", fmt.Sprintf("+54911%08d", 50000000+dice.IntN(1e6)), "buen día")
	must(err)
	_, err = h.office.NewCustomer("platica", "Aurelio Nuevo", fmt.Sprintf("52155%08d", 10000000+dice.IntN(1e6)), "buenas")
	must(err)
}

// TestChainOverRestart: the first is away for a while, and comes back where it
// was: with its port, its tokens and its copy.
func TestChainOverRestart(t *testing.T) {
	office := newHub(t, hubOptions{conversations: 60, messages: 500, seed: 12})
	dir := t.TempDir()
	first := &hub{office: office.office, base: office.base, in: openProfile(t, dir)}
	first.add(t, inbox.Waspy, "ventas", first.base+"/waspy/api/v2", first.office.WaspyKey())
	first.add(t, inbox.Platica, "soporte", first.base+"/platica/v1", first.office.PlaticaKey())
	first.serve(t, "", false) // the port is chosen, and remembered
	first.sync(t)
	other := second(t, first, first.token(t, "second", both).token)
	other.sync(t)

	if err := first.in.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := other.in.Sync(t.Context(), profile.SyncArgs{}, nil); err == nil {
		all, stateErr := other.in.Cache().States(t.Context())
		if stateErr != nil || slices.ContainsFunc(all, func(s cache.State) bool { return s.State == "up_to_date" }) {
			t.Errorf("without the first: %+v, %v", all, stateErr)
		}
	}
	origin := first.origin
	first.stir(t, rand.New(rand.NewPCG(12, 1)))
	first.in = openProfile(t, dir)
	first.serve(t, "", false)
	if first.origin != origin {
		t.Fatalf("it was at %s and is at %s", origin, first.origin)
	}
	first.sync(t)
	other.sync(t)
	first.copied(t).sameAs(t, other.copied(t))
}

// TestTenClients: ten walk both lists, and the platforms hear of none.
func TestTenClients(t *testing.T) {
	h := newHub(t, hubOptions{conversations: 60, messages: 500, seed: 13})
	a := h.token(t, "reader", []string{cache.ScopeRead})
	before := h.office.Requests()
	var work sync.WaitGroup
	for range 10 {
		work.Go(func() {
			for _, c := range read[chat](t, h.office.WaspyConversations()) {
				if got := a.ask(t, http.MethodGet, "/waspy/api/v2/conversations/"+c.ID+"/messages", ""); got.status != http.StatusOK {
					t.Errorf("%d", got.status)
				}
			}
			var page sessionPage
			a.get(t, "/platica/v1/conversations?limit=200", &page)
		})
	}
	work.Wait()
	if n := h.office.Requests() - before; n != 0 {
		t.Errorf("the platforms were asked %d times", n)
	}
}
