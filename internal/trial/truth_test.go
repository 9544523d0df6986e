package trial

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"bandeja/internal/inbox"
)

// What the checker makes of a provider's own JSON, on its own and from the
// contracts alone, to hold the cache's columns to.

// row is a conversation as the cache's columns must have it.
type row struct {
	ID, PublicID, Workspace, Channel, Name, Phone string
	Status, Word, Assignees, Tags                 string
	Topic, Platform, Operation                    string
	Created, Active                               int64
	LastAt                                        int64
	LastText, LastDir, LastStatus                 string
	HasLast                                       bool
	WindowKnown, WindowOpen                       bool
	WindowUntil                                   int64
	Count                                         int64
	Gone                                          bool
}

// object is a JSON object, read loosely.
type object map[string]any

func objectOf(t testing.TB, raw []byte) object {
	t.Helper()
	v, err := exact(raw)
	o, ok := v.(map[string]any)
	if err != nil || !ok {
		t.Fatalf("not an object: %v", err)
	}
	return o
}

func (o object) text(key string) string { s, _ := o[key].(string); return s }

// millis is a time as the cache keeps it.
func (o object) millis(key string) int64 {
	at, err := time.Parse(time.RFC3339Nano, o.text(key))
	if err != nil {
		return 0
	}
	return at.UnixMilli()
}

func (o object) list(key string) string {
	items, _ := o[key].([]any)
	if len(items) == 0 {
		return "[]"
	}
	b, _ := json.Marshal(items)
	return string(b)
}

// rowOf decodes a conversation.
func rowOf(t testing.TB, p inbox.ProviderName, raw []byte) row {
	t.Helper()
	o := objectOf(t, raw)
	if p == inbox.Platica {
		r := row{ID: o.text("id"), PublicID: o.text("conversationId"), Workspace: o.text("workspaceId"), Channel: o.text("channelId"),
			Name: o.text("contactName"), Phone: o.text("phoneNumber"), Word: o.text("status"), Assignees: o.list("owners"), Tags: o.list("tags"),
			Topic: o.text("topic"), Platform: o.text("platform"), Operation: o.text("operation"), Created: o.millis("creationDate"), Active: o.millis("lastUpdate")}
		r.WindowOpen, r.WindowKnown = o["canSendDirectMessage"].(bool)
		n, _ := o["messageCount"].(json.Number)
		r.Count, _ = n.Int64()
		r.Status = map[string]string{"active": "open", "finished": "resolved", "spam": "spam", "expired": "expired"}[r.Word]
		return r
	}
	contact, _ := o["contact"].(map[string]any)
	who := object(contact)
	r := row{ID: o.text("id"), Channel: o.text("phoneNumberId"), Name: who.text("name"), Phone: who.text("phoneNumber"), Word: o.text("status"),
		Assignees: "[]", Tags: "[]", Created: o.millis("createdAt"), Active: o.millis("lastMessageAt"), LastAt: o.millis("lastMessageAt"),
		LastText: o.text("lastMessagePreview"), LastStatus: o.text("lastMessageStatus"), LastDir: directions[o.text("lastMessageDirection")],
		WindowUntil: o.millis("serviceWindowExpiresAt"), Count: -1, Status: o.text("status")}
	if at := o.text("assignedTo"); at != "" {
		b, _ := json.Marshal([]string{at})
		r.Assignees = string(b)
	}
	r.HasLast = o["lastMessageDirection"] != nil
	r.WindowKnown = r.WindowUntil != 0
	return r
}

var directions = map[string]string{"inbound": "in", "outbound": "out", "incoming": "in", "outgoing": "out"}

// message is a message as the cache's columns must have it.
type message struct {
	ID, Direction, Kind, Word, Status string
	At                                int64
	texts                             []string // what its text must hold, in order
	raw                               []byte
}

// kinds are the words that mean another word of ours than themselves.
var kinds = map[string]string{"file": "document", "contacts": "contact", "button": "interactive", "list": "interactive",
	"order": "unknown", "unsupported": "unknown"}

func messageOf(t testing.TB, p inbox.ProviderName, raw []byte) message {
	t.Helper()
	o := objectOf(t, raw)
	word, at := "type", "createdAt"
	if p == inbox.Platica {
		word, at = "contentType", "creationDate"
	}
	m := message{ID: o.text("id"), Direction: directions[o.text("direction")], Word: o.text(word), Status: o.text("status"), At: o.millis(at), raw: raw}
	if m.Kind = kinds[m.Word]; m.Kind == "" {
		m.Kind = m.Word
	}
	m.texts = saidIn(o["content"])
	return m
}

// saidIn is what a person would certainly read of a content: itself, or what
// is under the plain names of words.
func saidIn(content any) (out []string) {
	switch v := content.(type) {
	case string:
		out = append(out, v)
	case map[string]any:
		for _, key := range []string{"text", "body", "caption", "title", "filename", "emoji"} {
			out = append(out, saidIn(v[key])...)
		}
		for _, key := range []string{"image", "list_reply"} {
			out = append(out, saidIn(v[key])...)
		}
	}
	return slices.DeleteFunc(out, func(s string) bool { return strings.TrimSpace(s) == "" })
}

// sessionsInOrder are Plática's conversations of each workspace as the sweep
// walks them: by creation, ties by id.
func sessionsInOrder(t testing.TB, all []json.RawMessage) map[string][]string {
	t.Helper()
	type placed struct{ at, id string }
	by := map[string][]placed{}
	for _, raw := range all {
		o := objectOf(t, raw)
		at, err := time.Parse(time.RFC3339Nano, o.text("creationDate"))
		if err != nil {
			t.Fatal(err)
		}
		by[o.text("workspaceId")] = append(by[o.text("workspaceId")], placed{at.UTC().Format("2006-01-02T15:04:05.000000000"), o.text("id")})
	}
	out := map[string][]string{}
	for ws, rows := range by {
		slices.SortFunc(rows, func(a, b placed) int { return strings.Compare(a.at+a.id, b.at+b.id) })
		for _, r := range rows {
			out[ws] = append(out[ws], r.id)
		}
	}
	return out
}
