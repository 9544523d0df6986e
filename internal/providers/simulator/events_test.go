package simulator

import (
	"encoding/json"
	"slices"
	"strconv"
	"testing"
	"time"
)

// ids of rows, in order.
func ids(rows []json.RawMessage) (out []string) {
	for _, row := range rows {
		out = append(out, field[string](row, "id"))
	}
	return out
}

// held is everything as one reads it over HTTP, by conversation.
func held(waspy, platica desk) (out []json.RawMessage) {
	rows, _ := walkWaspy(waspy, "/conversations", "limit", "100")
	for offset := 0; ; offset += 100 {
		page := platica.get("/conversations?limit=100&sortBy=creationDate&offset=" + strconv.Itoa(offset))
		n := 0
		for _, ws := range list(page, "workspaces") {
			rows = append(rows, list(ws, "conversations")...)
			n += len(list(ws, "conversations"))
		}
		if n == 0 {
			return rows
		}
	}
}

func TestDeleteAndRestore(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 1, Now: testNow, Conversations: 60, History: true})
	before := everything(o)
	chat, session := o.WaspyConversations()[4], o.PlaticaConversations()[2]
	id, sid := field[string](chat, "id"), field[string](session, "id")
	kept := o.Conversation("platica", sid)
	for provider, id := range map[string]string{"waspy": id, "platica": sid} {
		if err := o.Delete(provider, id); err != nil {
			t.Fatal(err)
		}
		if err := o.Delete(provider, id); err == nil {
			t.Error("deleted twice")
		}
		if err := o.SetStatus(provider, id, "open"); err == nil {
			t.Error("changed though deleted")
		}
		if err := o.Post(provider, id, "hola"); err == nil {
			t.Error("written to though deleted")
		}
		if got := o.Deleted(provider); !slices.Equal(got, []string{id}) {
			t.Errorf("deleted at %s: %q", provider, got)
		}
	}
	for _, row := range held(waspy, platica) {
		if got := field[string](row, "id"); got == id || got == sid {
			t.Errorf("%s is still listed", got)
		}
	}
	if slices.Contains(ids(o.WaspyConversations()), id) || slices.Contains(ids(o.PlaticaConversations()), sid) {
		t.Error("the truth still has it")
	}
	for _, path := range []string{"/conversations/" + id, "/conversations/" + id + "/messages"} {
		if got := waspy.status("GET", path, ""); got != 404 {
			t.Errorf("%s: %d", path, got)
		}
	}
	if got := waspy.status("PATCH", "/conversations/"+id, `{"status":"open"}`); got != 404 {
		t.Errorf("PATCH: %d", got)
	}
	if status, raw, _, _ := waspy.ask("GET", "/conversations/by-phone/"+field[string](chat, "contact", "phoneNumber"), ""); status == 200 && field[string](raw, "data", "id") == id {
		t.Error("found by its phone")
	}
	if a, b := platica.status("GET", "/conversations/"+sid, ""), platica.status("PATCH", "/conversations/"+sid, `{"status":"spam"}`); a != 404 || b != 404 {
		t.Errorf("platica: %d, %d", a, b)
	}
	if _, raw, _, _ := platica.ask("GET", "/conversations/"+field[string](session, "conversationId"), ""); json.Valid(raw) {
		for _, ws := range list(raw, "workspaces") {
			if slices.Contains(ids(list(ws, "conversations")), sid) {
				t.Error("found by its public name")
			}
		}
	}
	// What it was can still be asked of the office itself.
	if string(o.Conversation("waspy", id)) != string(chat) || string(o.Conversation("platica", sid)) != string(kept) || o.Conversation("waspy", "nobody") != nil {
		t.Error("what it was is forgotten")
	}
	for provider, id := range map[string]string{"waspy": id, "platica": sid} {
		if err := o.Restore(provider, id); err != nil {
			t.Fatal(err)
		}
		if err := o.Restore(provider, id); err == nil {
			t.Error("restored twice")
		}
	}
	if after := everything(o); !slices.Equal(after, before) {
		t.Error("a deletion that was undone leaves a trace")
	}
	h := o.History()
	if len(h.Events) != 4 || h.Events[0].Field != "conversation" || h.Events[0].After != "gone" || h.Events[3].After != "there" {
		t.Errorf("%+v", h.Events)
	}
}

func TestSilentChanges(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 1, Now: testNow, Conversations: 60})
	list, slist := ids(o.WaspyConversations()), ids(o.PlaticaConversations())
	id, sid := list[7], slist[7]
	agent := o.WaspyAgents()[3]
	for _, change := range []func() error{
		func() error { return o.SetStatus("waspy", id, "snoozed") },
		func() error { return o.Assign("waspy", id, agent) },
		func() error { return o.Rename("waspy", id, "Otra Persona") },
		func() error { return o.SetStatus("platica", sid, "snoozed") },
		func() error { return o.Assign("platica", sid, "ana@altamira.example", "nadie@altamira.example") },
		func() error { return o.Tag("platica", sid, "uno", "dos") },
		func() error { return o.Rename("platica", sid, "Otra Persona") },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
	}
	row := waspy.get("/conversations/" + id)
	if field[string](row, "data", "status") != "snoozed" || field[string](row, "data", "assignedTo") != agent || field[string](row, "data", "contact", "name") != "Otra Persona" {
		t.Errorf("%s", row)
	}
	srow := o.PlaticaConversations()[7]
	if field[string](srow, "status") != "snoozed" || len(field[[]any](srow, "owners")) != 2 || len(field[[]any](srow, "tags")) != 2 || field[string](srow, "contactName") != "Otra Persona" {
		t.Errorf("%s", srow)
	}
	if !slices.Equal(ids(o.WaspyConversations()), list) || !slices.Equal(ids(o.PlaticaConversations()), slist) {
		t.Error("a list moved")
	}
	if err := o.Assign("waspy", id); err != nil || field[any](o.Conversation("waspy", id), "assignedTo") != nil {
		t.Error("not unassigned", err)
	}
	for _, wrong := range []error{o.Tag("waspy", id, "x"), o.Assign("waspy", id, "a", "b"), o.SetStatus("x", id, "open"), o.SetStatus("waspy", "nobody", "open"), o.Touch("nobody")} {
		if wrong == nil {
			t.Error("no error")
		}
	}
	// With a stamp it is the newest of its workspace.
	if err := o.Touch(sid); err != nil {
		t.Fatal(err)
	}
	top := rowsIn(platica.get("/conversations?limit=1"), field[string](srow, "workspaceId"))
	if len(top) != 1 || field[string](top[0], "id") != sid {
		t.Errorf("on top is %s", top)
	}
	if err := o.SetStatus("platica", sid, "expired"); err != nil || field[bool](o.Conversation("platica", sid), "canSendDirectMessage") {
		t.Error("an expired one may be written to", err)
	}
	if err := o.Reopen(sid); err != nil {
		t.Fatal(err)
	}
	if one := o.Conversation("platica", sid); field[string](one, "status") != "active" || !field[bool](one, "canSendDirectMessage") {
		t.Errorf("%s", one)
	}
}

// rowsIn are a workspace's rows of a page.
func rowsIn(page json.RawMessage, workspace string) []json.RawMessage {
	for _, ws := range list(page, "workspaces") {
		if field[string](ws, "id") == workspace {
			return list(ws, "conversations")
		}
	}
	return nil
}

func TestAnswerAndNewConversation(t *testing.T) {
	o, waspy, _ := serve(t, Options{Seed: 1, Now: testNow, Conversations: 10})
	id := field[string](o.WaspyConversations()[5], "id")
	window := field[string](o.Conversation("waspy", id), "serviceWindowExpiresAt")
	if err := o.Answer("waspy", id, "ya va"); err != nil {
		t.Fatal(err)
	}
	if top := o.WaspyConversations()[0]; field[string](top, "id") != id || field[string](top, "lastMessageDirection") != "outbound" || field[string](top, "serviceWindowExpiresAt") != window {
		t.Errorf("%s", top)
	}
	fresh, err := o.NewConversation("waspy", "Nadia", "+5491150009999")
	if err != nil {
		t.Fatal(err)
	}
	rows := o.WaspyConversations()
	if last := rows[len(rows)-1]; field[string](last, "id") != fresh || field[any](last, "lastMessageAt") != nil {
		t.Errorf("%s", last)
	}
	if got := list(waspy.get("/conversations/"+fresh+"/messages"), "data"); len(got) != 0 {
		t.Errorf("%s", got)
	}
	if _, err := o.NewConversation("x", "", ""); err == nil {
		t.Error("a conversation of nobody's")
	}
	if _, err := o.NewConversation("platica", "Nadia", "+5491150009999"); err != nil || len(o.PlaticaConversations()) != 11 {
		t.Error(err)
	}
}

func TestLateMessage(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 1, Now: testNow, Conversations: 30})
	id := field[string](o.WaspyConversations()[0], "id")
	row, msgs := o.Conversation("waspy", id), o.WaspyMessages(id)
	at, err := time.Parse(millisecondsUTC, field[string](msgs[len(msgs)-2], "createdAt"))
	if err != nil {
		t.Fatal(err)
	}
	late, err := o.LateMessage("waspy", id, "sin señal", at)
	if err != nil {
		t.Fatal(err)
	}
	now := list(waspy.get("/conversations/"+id+"/messages?limit=100"), "data")
	if len(now) != len(msgs)+1 || field[string](now[len(now)-2], "id") != late || string(o.Conversation("waspy", id)) != string(row) {
		t.Errorf("%d messages, were %d: %s", len(now), len(msgs), now[len(now)-2])
	}
	if err := o.Post("waspy", id, "y otro"); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, m := range o.WaspyMessages(id) {
		if seen[field[string](m, "id")] {
			t.Error("two messages of one id")
		}
		seen[field[string](m, "id")] = true
	}
	sid := field[string](o.PlaticaConversations()[0], "id")
	srow := o.PlaticaConversations()[0]
	if late, err = o.LateMessage("platica", sid, "sin señal", testNow.AddDate(-1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	after := o.PlaticaConversations()[0]
	if field[string](after, "lastUpdate") != field[string](srow, "lastUpdate") || field[float64](after, "messageCount") != field[float64](srow, "messageCount")+1 {
		t.Errorf("%s\nwas %s", after, srow)
	}
	if first := o.PlaticaMessages(sid)[0]; field[string](first, "id") != late {
		t.Errorf("%s", first)
	}
	if got := platica.get("/conversations/" + sid); !json.Valid(got) {
		t.Errorf("%s", got)
	}
	if _, err := o.LateMessage("waspy", id, "x", testNow.AddDate(1, 0, 0)); err == nil {
		t.Error("a late message that is the newest")
	}
}

func TestEditMessage(t *testing.T) {
	o, waspy, _ := serve(t, Options{Seed: 1, Now: testNow, Conversations: 30})
	id := field[string](o.WaspyConversations()[1], "id")
	msgs := o.WaspyMessages(id)
	last := field[string](msgs[len(msgs)-1], "id")
	word, text := "vaporized", "Cambiado"
	if err := o.EditMessage("waspy", id, last, MessageEdit{Status: &word, Text: &text}); err != nil {
		t.Fatal(err)
	}
	got, row := o.WaspyMessages(id), o.Conversation("waspy", id)
	m := got[len(got)-1]
	if field[string](m, "status") != word || field[string](m, "content", "text") != text || field[string](m, "id") != last || len(got) != len(msgs) {
		t.Errorf("%s", m)
	}
	if field[string](row, "lastMessageStatus") != word || field[string](row, "lastMessagePreview") != text {
		t.Errorf("%s", row)
	}
	if list := list(waspy.get("/conversations?limit=2"), "data"); field[string](list[1], "id") != id {
		t.Error("the list moved")
	}
	sid := field[string](o.PlaticaConversations()[3], "id")
	m = o.PlaticaMessages(sid)[0]
	before := field[string](o.PlaticaConversations()[3], "lastUpdate")
	if err := o.EditMessage("platica", sid, field[string](m, "id"), MessageEdit{Status: &word}); err != nil {
		t.Fatal(err)
	}
	if field[string](o.PlaticaMessages(sid)[0], "status") != word || field[string](o.Conversation("platica", sid), "lastUpdate") != before {
		t.Error("not edited silently")
	}
	if err := o.EditMessage("platica", sid, field[string](m, "id"), MessageEdit{Text: &text, Stamp: true}); err != nil {
		t.Fatal(err)
	}
	m = o.PlaticaMessages(sid)[0]
	if field[string](m, "content") != text || field[string](m, "lastUpdate") != field[string](o.Conversation("platica", sid), "lastUpdate") ||
		field[string](m, "lastUpdate") <= before {
		t.Errorf("%s", m)
	}
	if err := o.EditMessage("waspy", id, "nothing", MessageEdit{}); err == nil {
		t.Error("no error")
	}
}

func TestTie(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 1, Now: testNow, Conversations: 300})
	before := ids(o.WaspyConversations())
	tied, err := o.Tie("waspy", 20, 150)
	if err != nil || len(tied) != 150 {
		t.Fatal(len(tied), err)
	}
	rows, _ := walkWaspy(waspy, "/conversations", "limit", "50")
	times := map[string]int{}
	for _, row := range rows {
		times[field[string](row, "lastMessageAt")]++
		msgs := o.WaspyMessages(field[string](row, "id"))
		if n := len(msgs); n > 0 && field[string](msgs[n-1], "createdAt") != field[string](row, "lastMessageAt") {
			t.Fatalf("row and message disagree: %s", row)
		}
	}
	if got := times[field[string](rows[20], "lastMessageAt")]; got < 150 {
		t.Errorf("%d at one time", got)
	}
	after := ids(rows)
	slices.Sort(before)
	slices.Sort(after)
	if !slices.Equal(before, after) {
		t.Error("the list lost rows")
	}
	if tied, err = o.Tie("platica", 10, 120); err != nil || len(tied) != 120 {
		t.Fatal(len(tied), err)
	}
	created := map[string]int{}
	for offset := 0; offset < 300; offset += 50 {
		for _, row := range rowsIn(platica.get("/conversations?limit=50&sortBy=creationDate&sortDirection=asc&offset="+strconv.Itoa(offset)), "ws_altamira_ar") {
			created[field[string](row, "creationDate")]++
		}
	}
	most := 0
	for _, n := range created {
		most = max(most, n)
	}
	if most < 120 {
		t.Errorf("%d created at one time", most)
	}
	for _, wrong := range [][2]int{{-1, 5}, {0, 0}, {290, 20}} {
		if _, err := o.Tie("waspy", wrong[0], wrong[1]); err == nil {
			t.Errorf("%v", wrong)
		}
	}
	if _, err := o.Tie("platica", 0, 900); err == nil {
		t.Error("no error")
	}
}

// Deleting what a live office is talking about ends the talk.
func TestLiveOfficeSurvivesDeletions(t *testing.T) {
	o := New(Options{Seed: 3, Now: testNow, Conversations: 40, Live: true})
	for range 400 {
		o.step()
		if rows := o.WaspyConversations(); len(rows) > 0 {
			if err := o.Delete("waspy", field[string](rows[0], "id")); err != nil {
				t.Fatal(err)
			}
		}
		if rows := o.PlaticaConversations(); len(rows) > 0 {
			if err := o.Delete("platica", field[string](rows[0], "id")); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, id := range o.Deleted("waspy") {
		if slices.Contains(ids(o.WaspyConversations()), id) {
			t.Fatalf("%s is back", id)
		}
	}
	for _, id := range o.Deleted("platica") {
		if slices.Contains(ids(o.PlaticaConversations()), id) {
			t.Fatalf("%s is back", id)
		}
	}
}
