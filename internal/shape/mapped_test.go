package shape_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"bandeja/internal/inbox"
	"bandeja/internal/providers/rest"
	"bandeja/internal/providers/waspy"
)

// TestEveryAccountThroughWaspy: a token for all accounts walks both platforms by
// Waspy's list, in one order, each conversation once, and finds each again by its
// id and its number.
func TestEveryAccountThroughWaspy(t *testing.T) {
	h := newHub(t, hubOptions{conversations: 90, messages: 900, seed: 6})
	a := h.token(t, "all", both, "all")
	q, seen, last := url.Values{"limit": {"7"}}, map[string]chat{}, chat{}
	var keys []string
	for {
		var page chatPage
		a.get(t, "/waspy/api/v2/conversations?"+q.Encode(), &page)
		for _, raw := range page.Data {
			c := read[chat](t, []json.RawMessage{raw})[0]
			if _, twice := seen[c.ID]; twice {
				t.Errorf("%s comes twice", c.ID)
			}
			seen[c.ID] = c
			if last.ID != "" && cmp.Or(cmp.Compare(at(c), at(last)), cmp.Compare(c.ID, last.ID)) >= 0 {
				t.Errorf("%s, %s after %s, %s", c.ID, at(c), last.ID, at(last))
			}
			last = c
			var members map[string]json.RawMessage
			if err := json.Unmarshal(raw, &members); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(c.ID, "soporte:") {
				keys = slices.Sorted(maps.Keys(members))
			}
		}
		if !page.Meta.HasMore {
			break
		}
		q.Set("cursor", *page.Meta.Cursor)
	}
	if want := []string{"assignedTo", "contact", "contactId", "createdAt", "id", "lastMessageAt", "lastMessageDirection", "lastMessagePreview", "lastMessageStatus", "phoneNumberId", "serviceWindowExpiresAt", "status"}; !slices.Equal(keys, want) {
		t.Errorf("a session has %v, the seed's object %v", keys, want)
	}
	sessions := read[session](t, h.office.PlaticaConversations())
	if len(seen) != len(sessions)+len(h.office.WaspyConversations()) {
		t.Errorf("%d conversations of %d and %d", len(seen), len(sessions), len(h.office.WaspyConversations()))
	}
	words := map[string]string{"active": "open", "finished": "resolved", "spam": "closed", "expired": "closed"}
	for _, s := range sessions {
		c, ok := seen["soporte:"+s.ID]
		if !ok || c.Status != words[s.Status] {
			t.Errorf("%s, %s, is %+v", s.ID, s.Status, c)
		}
	}
	// Our own client takes them for Waspy's.
	client, err := waspy.New(rest.Options{BaseURL: h.origin + "/waspy/api/v2", Key: rest.NewSecret(a.token), Rate: 1e6, Burst: 1000})
	if err != nil {
		t.Fatal(err)
	}
	with := slices.IndexFunc(sessions, func(s session) bool {
		return s.PhoneNumber != "" && s.Status == "active" && len(h.office.PlaticaMessages(s.ID)) > 0
	})
	s := sessions[with]
	conv, err := client.Conversation(t.Context(), "soporte:"+s.ID)
	if err != nil || conv.Status != inbox.Open || conv.Channel != s.ChannelID || conv.LastText == "" && conv.LastDirection == "" {
		t.Fatalf("by id: %+v, %v", conv, err)
	}
	found, err := client.ByPhone(t.Context(), s.PhoneNumber)
	if err != nil || len(found) != 1 || !strings.HasPrefix(found[0].ID, "soporte:") {
		t.Errorf("by its number: %+v, %v", found, err)
	}
	messages, err := client.Messages(t.Context(), "soporte:"+s.ID, nil)
	if held := h.office.PlaticaMessages(s.ID); err != nil || len(messages.Items) != min(100, len(held)) || messages.Items[0].Conversation != "soporte:"+s.ID {
		t.Errorf("its messages: %d, %v", len(messages.Items), err)
	}
	var some chatPage
	a.get(t, "/waspy/api/v2/conversations?limit=100&search="+url.QueryEscape(s.PhoneNumber[len(s.PhoneNumber)-8:]), &some)
	if !slices.ContainsFunc(read[chat](t, some.Data), func(c chat) bool { return c.ID == "soporte:"+s.ID }) {
		t.Error("a search by its number does not find it")
	}
	path := "/waspy/api/v2/conversations/soporte:" + s.ID
	for status, want := range map[string]int{"pending": 400, "closed": 400, "resolved": 200} {
		if got := a.ask(t, http.MethodPatch, path, `{"status":"`+status+`"}`); got.status != want {
			t.Errorf("%s at Plática: %d %s", status, got.status, got.body)
		}
	}
	if v := read[session](t, []json.RawMessage{h.office.Conversation("platica", s.ID)})[0]; v.Status != "finished" {
		t.Errorf("the platform has %s", v.Status)
	}
	own := h.token(t, "own", both)
	if got := own.ask(t, http.MethodGet, path, ""); got.status != http.StatusNotFound {
		t.Errorf("a token that does not see it: %d", got.status)
	}
}

// TestEveryAccountThroughPlatica: the same the other way.
func TestEveryAccountThroughPlatica(t *testing.T) {
	h := newHub(t, hubOptions{conversations: 90, messages: 900, seed: 6})
	a := h.token(t, "some", both, "soporte", "ventas")
	chats := map[string]chat{}
	for _, c := range read[chat](t, h.office.WaspyConversations()) {
		chats["ventas:"+c.ID] = c
	}
	spaces, seen := map[string]bool{}, map[string]bool{}
	words := map[string]string{"open": "active", "pending": "active", "resolved": "finished", "closed": "finished"}
	for offset, more := 0, true; more; offset += 11 {
		var page sessionPage
		a.get(t, fmt.Sprintf("/platica/v1/conversations?sortBy=creationDate&sortDirection=asc&limit=11&offset=%d", offset), &page)
		more = false
		for _, w := range page.Workspaces {
			spaces[w.ID], more = true, more || w.Pagination.HasMore
			for i, s := range read[session](t, w.Conversations) {
				if seen[s.ID] {
					t.Errorf("%s comes twice", s.ID)
				}
				seen[s.ID] = true
				if s.WorkspaceID != w.ID {
					t.Errorf("%s is of %s, in %s", s.ID, s.WorkspaceID, w.ID)
				}
				c, mapped := chats[s.ID]
				if mapped != strings.HasPrefix(s.ID, "ventas:") || mapped && (w.ID != "waspy:ventas" || s.Status != words[c.Status] || digits(s.PhoneNumber) != s.PhoneNumber) {
					t.Errorf("%s of %+v is %s", s.ID, c, w.Conversations[i])
				}
				if mapped {
					var members map[string]json.RawMessage
					_ = json.Unmarshal(w.Conversations[i], &members)
					if want := []string{"canSendDirectMessage", "channelId", "contactName", "conversationId", "creationDate", "id", "lastUpdate", "messageCount", "messages", "operation", "owners", "phoneNumber", "platform", "status", "tags", "topic", "workspaceId"}; !slices.Equal(slices.Sorted(maps.Keys(members)), want) {
						t.Errorf("a chat has %v, the seed's object %v", slices.Sorted(maps.Keys(members)), want)
					}
				}
			}
		}
	}
	if len(seen) != len(chats)+len(h.office.PlaticaConversations()) || !spaces["waspy:ventas"] || len(spaces) < 2 {
		t.Errorf("%d conversations in %v", len(seen), slices.Collect(maps.Keys(spaces)))
	}
	c, _ := h.open(t)
	var one sessionPage
	a.get(t, "/platica/v1/conversations/"+url.PathEscape("ventas:"+c.ID), &one)
	var full struct{ Messages []json.RawMessage }
	if err := json.Unmarshal(one.Workspaces[0].Conversations[0], &full); err != nil || len(one.Workspaces) != 1 || len(full.Messages) != len(h.office.WaspyMessages(c.ID)) || one.Workspaces[0].Pagination != nil {
		t.Errorf("by id: %d messages, %v", len(full.Messages), err)
	}
	a.get(t, "/platica/v1/conversations/"+url.PathEscape(c.Contact.PhoneNumber), &one)
	if one.Workspaces[0].Conversations == nil {
		t.Error("its number finds nothing")
	}
	path := "/platica/v1/conversations/ventas:" + c.ID
	for body, want := range map[string]int{`{"status":"spam"}`: 400, `{"owners":["a","b"]}`: 400, `{"status":"finished"}`: 200} {
		if got := a.ask(t, http.MethodPatch, path, body); got.status != want {
			t.Errorf("%s at Waspy: %d %s", body, got.status, got.body)
		}
	}
	if v := read[chat](t, []json.RawMessage{h.office.Conversation("waspy", c.ID)})[0]; v.Status != "resolved" {
		t.Errorf("the platform has %s", v.Status)
	}
}

// TestTwoKeysOfOneOffice: what two accounts of a platform both see is given
// once.
func TestTwoKeysOfOneOffice(t *testing.T) {
	h := newHub(t, hubOptions{conversations: 40, messages: 200, seed: 8})
	h.add(t, inbox.Waspy, "otra", h.base+"/waspy/api/v2", h.office.WaspyKey())
	h.add(t, inbox.Platica, "mas", h.base+"/platica/v1", h.office.PlaticaKey())
	h.sync(t)
	a := h.token(t, "all", both)
	var page chatPage
	a.get(t, "/waspy/api/v2/conversations?limit=100", &page)
	if len(page.Data) != len(h.office.WaspyConversations()) {
		t.Errorf("%d chats of %d", len(page.Data), len(h.office.WaspyConversations()))
	}
	var sessions sessionPage
	a.get(t, "/platica/v1/conversations?limit=200", &sessions)
	n, ids := 0, map[string]bool{}
	for _, w := range sessions.Workspaces {
		n += len(w.Conversations)
		if ids[w.ID] {
			t.Errorf("the workspace %s comes twice", w.ID)
		}
		ids[w.ID] = true
	}
	if n != len(h.office.PlaticaConversations()) {
		t.Errorf("%d sessions of %d", n, len(h.office.PlaticaConversations()))
	}
	two, one := h.token(t, "two", both, "ventas", "otra"), h.token(t, "one", both, "otra")
	for _, name := range []string{"mas", "otra"} {
		if err := h.in.Remove(t.Context(), name, false); err != nil {
			t.Fatal(err)
		}
	}
	for who, tt := range map[string]struct {
		asker
		want string
	}{"who may see all of the platform": {a, "true"}, "both, one of them removed": {two, "false"}, "the removed one": {one, "false"}} {
		if got := tt.ask(t, http.MethodGet, "/waspy/api/v2/conversations", "").header.Get("X-Bandeja-Complete"); got != tt.want {
			t.Errorf("%s: Complete is %s", who, got)
		}
	}
	a.get(t, "/waspy/api/v2/conversations?limit=100", &page)
	if len(page.Data) != len(h.office.WaspyConversations()) {
		t.Errorf("%d chats of %d, with one account again", len(page.Data), len(h.office.WaspyConversations()))
	}
}
