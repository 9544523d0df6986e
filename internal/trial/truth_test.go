package trial

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
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

// text is a field's word: missing, null and empty are alike, a number or a yes
// or no says itself, and what is no word says nothing.
func (o object) text(key string) string { return wordOf(o[key]) }

func wordOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// among gives a word that is known, and a mark for one that is not.
func among(known map[string]string, word string) string {
	if word == "" {
		return ""
	}
	return cmp.Or(known[word], "unknown")
}

// millis is a time as the cache keeps it.
func (o object) millis(key string) int64 {
	at, err := time.Parse(time.RFC3339Nano, o.text(key))
	if err != nil {
		return 0
	}
	return at.UnixMilli()
}

// list is a field's words; a single one is a list of it, and what names nobody
// is left out.
func (o object) list(key string) string {
	items, many := o[key].([]any)
	if !many {
		items = []any{o[key]}
	}
	words := []string{}
	for _, item := range items {
		if w := wordOf(item); w != "" {
			words = append(words, w)
		}
	}
	b, _ := json.Marshal(words)
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
		r.Count = -1
		if n, ok := o["messageCount"].(json.Number); ok {
			r.Count, _ = n.Int64()
		}
		r.Status = cmp.Or(platicaWords[r.Word], "unknown")
		return r
	}
	contact, _ := o["contact"].(map[string]any)
	who := object(contact)
	r := row{ID: o.text("id"), Channel: o.text("phoneNumberId"), Name: who.text("name"), Phone: who.text("phoneNumber"), Word: o.text("status"),
		Assignees: o.list("assignedTo"), Tags: "[]", Created: o.millis("createdAt"), Active: o.millis("lastMessageAt"), LastAt: o.millis("lastMessageAt"),
		LastText: o.text("lastMessagePreview"), LastStatus: o.text("lastMessageStatus"), LastDir: among(directions, o.text("lastMessageDirection")),
		WindowUntil: o.millis("serviceWindowExpiresAt"), Count: -1, Status: cmp.Or(waspyWords[o.text("status")], "unknown")}
	r.HasLast = r.LastText != "" || r.LastDir != ""
	r.WindowKnown = r.WindowUntil != 0
	return r
}

var (
	waspyWords   = map[string]string{"open": "open", "pending": "pending", "resolved": "resolved", "closed": "closed"}
	platicaWords = map[string]string{"active": "open", "finished": "resolved", "spam": "spam", "expired": "expired"}
)

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
	m := message{ID: o.text("id"), Direction: cmp.Or(directions[o.text("direction")], "unknown"), Word: o.text(word), Status: o.text("status"), At: o.millis(at), raw: raw}
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
