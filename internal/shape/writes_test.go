package shape_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"bandeja/internal/inbox"
	"bandeja/internal/providers/providertest"
)

// open finds a chat and a session that can still change.
func (h *hub) open(t testing.TB) (chat, session) {
	t.Helper()
	chats := slices.DeleteFunc(read[chat](t, h.office.WaspyConversations()), func(c chat) bool { return c.Status != "open" })
	sessions := slices.DeleteFunc(read[session](t, h.office.PlaticaConversations()), func(s session) bool { return s.Status != "active" })
	if len(chats) == 0 || len(sessions) == 0 {
		t.Fatal("nothing is open in this office")
	}
	return chats[0], sessions[0]
}

func (h *hub) outbox(t testing.TB) int {
	t.Helper()
	waiting, _, err := h.in.Outbox(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return len(waiting)
}

// TestWrites: a change goes through the outbox and is done once the platform has
// it; the answer is the conversation as it is then.
func TestWrites(t *testing.T) {
	h := newHub(t, hubOptions{conversations: 40, messages: 300, seed: 4})
	a := h.token(t, "writer", both)
	c, s := h.open(t)
	agent := h.office.WaspyAgents()[1]
	one, ours := "/waspy/api/v2/conversations/"+c.ID, "/platica/v1/conversations/"+s.ID

	got := a.ask(t, http.MethodPatch, one, fmt.Sprintf(`{"status":"resolved","assignedTo":%q}`, agent))
	var single struct{ Data json.RawMessage }
	if err := json.Unmarshal(got.body, &single); got.status != http.StatusOK || err != nil || !providertest.EqualJSON(single.Data, h.office.Conversation("waspy", c.ID)) {
		t.Fatalf("PATCH: %d %s, %v", got.status, got.body, err)
	}
	if v := read[chat](t, []json.RawMessage{single.Data})[0]; v.Status != "resolved" || v.AssignedTo == nil || *v.AssignedTo != agent {
		t.Errorf("it is %+v", v)
	}
	if got = a.ask(t, http.MethodPatch, one, `{"assignedTo":null}`); got.status != http.StatusOK {
		t.Fatalf("unassign: %d %s", got.status, got.body)
	}
	if got = a.ask(t, http.MethodPatch, one, `{}`); got.status != http.StatusOK {
		t.Errorf("nothing to change: %d %s", got.status, got.body)
	}
	if v := read[chat](t, []json.RawMessage{h.office.Conversation("waspy", c.ID)})[0]; v.Status != "resolved" || v.AssignedTo != nil {
		t.Errorf("the platform has %+v", v)
	}
	if n := h.office.Effects("waspy", c.ID, "status"); n != 1 {
		t.Errorf("the status was set %d times", n)
	}

	users := h.office.PlaticaUsers(s.WorkspaceID)[:2]
	body, _ := json.Marshal(map[string]any{"status": "finished", "owners": users})
	got = a.ask(t, http.MethodPatch, ours+"?workspace="+s.WorkspaceID, string(body))
	var done struct {
		Status, Message string
		Data            struct{ IDs []string }
	}
	if err := json.Unmarshal(got.body, &done); got.status != http.StatusOK || err != nil || done.Status != "success" || done.Message == "" || !slices.Equal(done.Data.IDs, []string{s.ID}) {
		t.Fatalf("PATCH: %d %s, %v", got.status, got.body, err)
	}
	if v := read[session](t, []json.RawMessage{h.office.Conversation("platica", s.ID)})[0]; v.Status != "finished" || !slices.Equal(v.Owners, users) {
		t.Errorf("the platform has %+v", v)
	}
	if got = a.ask(t, http.MethodPatch, ours, `{"status":"expired"}`); got.status != http.StatusOK {
		t.Fatalf("expire it: %d %s", got.status, got.body)
	}
	if got = a.ask(t, http.MethodPatch, ours, `{"status":"active"}`); got.status != http.StatusUnprocessableEntity {
		t.Errorf("what has expired: %d %s", got.status, got.body)
	}
	if n := h.outbox(t); n != 0 {
		t.Errorf("%d entries wait", n)
	}
}

// TestConflicts: what somebody else has changed, or deleted, is not overwritten,
// and nothing is left behind for a person to decide.
func TestConflicts(t *testing.T) {
	h := newHub(t, hubOptions{conversations: 40, messages: 300, seed: 4})
	a := h.token(t, "writer", both)
	c, s := h.open(t)
	for _, tt := range []struct{ platform, id, theirs, mine, path string }{
		{"waspy", c.ID, "pending", "closed", "/waspy/api/v2/conversations/" + c.ID},
		{"platica", s.ID, "spam", "finished", "/platica/v1/conversations/" + s.ID},
	} {
		if err := h.office.SetStatus(tt.platform, tt.id, tt.theirs); err != nil {
			t.Fatal(err)
		}
		got := a.ask(t, http.MethodPatch, tt.path, `{"status":"`+tt.mine+`"}`)
		if says(t, tt.path, got); got.status != http.StatusConflict {
			t.Errorf("%s: %d %s", tt.path, got.status, got.body)
		}
		if v := read[chat](t, []json.RawMessage{h.office.Conversation(tt.platform, tt.id)})[0]; v.Status != tt.theirs || h.outbox(t) != 0 {
			t.Errorf("%s is %s there, %d entries wait", tt.path, v.Status, h.outbox(t))
		}
		if got = a.ask(t, http.MethodPatch, tt.path, `{"status":"`+tt.mine+`"}`); got.status != http.StatusOK {
			t.Errorf("once more, having seen it: %d %s", got.status, got.body)
		}
		if err := h.office.Delete(tt.platform, tt.id); err != nil {
			t.Fatal(err)
		}
		if got = a.ask(t, http.MethodPatch, tt.path, `{"status":"`+map[string]string{"waspy": "open", "platica": "active"}[tt.platform]+`"}`); got.status != http.StatusNotFound || h.outbox(t) != 0 {
			t.Errorf("deleted there: %d %s", got.status, got.body)
		}
	}
}

// TestWritesWait: without a network a change is kept, is told as 202 with what it
// is to be, shows in every list, and goes by itself.
func TestWritesWait(t *testing.T) {
	h := newHub(t, hubOptions{conversations: 40, messages: 300, seed: 4})
	a := h.token(t, "writer", both)
	c, s := h.open(t)
	users := h.office.PlaticaUsers(s.WorkspaceID)[:1]
	h.cut.Store(true)
	var work sync.WaitGroup
	work.Go(func() {
		got := a.ask(t, http.MethodPatch, "/waspy/api/v2/conversations/"+c.ID, `{"status":"closed","assignedTo":null}`)
		var single struct{ Data chat }
		if err := json.Unmarshal(got.body, &single); err != nil || got.status != http.StatusAccepted || single.Data.ID != c.ID || single.Data.Status != "closed" || single.Data.AssignedTo != nil {
			t.Errorf("Waspy's: %d %s, %v", got.status, got.body, err)
		}
	})
	work.Go(func() {
		body, _ := json.Marshal(map[string]any{"status": "spam", "owners": users})
		got := a.ask(t, http.MethodPatch, "/platica/v1/conversations/"+s.ID, string(body))
		var queued struct {
			Status string
			Data   struct {
				IDs        []string
				Workspaces []struct{ Conversations []session }
			}
		}
		if err := json.Unmarshal(got.body, &queued); err != nil || got.status != http.StatusAccepted || queued.Status != "queued" || !slices.Equal(queued.Data.IDs, []string{s.ID}) {
			t.Errorf("Plática's: %d %s, %v", got.status, got.body, err)
			return
		}
		if v := queued.Data.Workspaces[0].Conversations[0]; v.Status != "spam" || !slices.Equal(v.Owners, users) {
			t.Errorf("it is to be %+v", v)
		}
	})
	work.Wait()

	var page chatPage
	a.get(t, "/waspy/api/v2/conversations?status=closed&limit=100", &page)
	if !slices.ContainsFunc(read[chat](t, page.Data), func(v chat) bool { return v.ID == c.ID && v.Status == "closed" && v.AssignedTo == nil }) {
		t.Error("it is not among those closed")
	}
	a.get(t, "/waspy/api/v2/conversations?status=open&limit=100", &page)
	if slices.ContainsFunc(read[chat](t, page.Data), func(v chat) bool { return v.ID == c.ID }) {
		t.Error("it is among those open")
	}
	var sessions sessionPage
	a.get(t, "/platica/v1/conversations?limit=200", &sessions)
	found := false
	for _, w := range sessions.Workspaces {
		for _, v := range read[session](t, w.Conversations) {
			found = found || v.ID == s.ID && v.Status == "spam" && slices.Equal(v.Owners, users)
		}
	}
	if !found {
		t.Error("the session does not show what was wished")
	}
	// What the platforms said is not touched by what was wished.
	stored, err := h.in.Cache().Received(t.Context(), "ventas", c.ID)
	if err != nil || !providertest.EqualJSON(stored.Raw, h.office.Conversation(string(inbox.Waspy), c.ID)) {
		t.Errorf("the copy holds the wish: %v", err)
	}
	h.cut.Store(false)
	h.sync(t)
	if h.outbox(t) != 0 {
		t.Error("they did not go by themselves")
	}
	if v := read[chat](t, []json.RawMessage{h.office.Conversation("waspy", c.ID)})[0]; v.Status != "closed" {
		t.Errorf("the platform has %s", v.Status)
	}
	if v := read[session](t, []json.RawMessage{h.office.Conversation("platica", s.ID)})[0]; v.Status != "spam" || !slices.Equal(v.Owners, users) {
		t.Errorf("the platform has %+v", v)
	}
}
