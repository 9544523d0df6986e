package profile_test

import (
	"net/http"
	"strings"
	"testing"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers/simulator"
)

// patch changes a conversation at Waspy as somebody else would.
func patch(t testing.TB, v *office, conversation, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, v.server.URL+simulator.WaspyPath+"/conversations/"+conversation, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+v.WaspyKey())
	r.Header.Set("Content-Type", "application/json")
	res, err := v.server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("patch: %s", res.Status)
	}
}

// history is what local.db keeps of an account's conversations.
func history(t testing.TB, l *cache.Local, account string, conversations ...string) []cache.ChangeLine {
	t.Helper()
	lines, err := l.ChangesOf(t.Context(), account, conversations)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// What sync sees change is history, and outlives the cache it was seen in.
func TestHistoryOutlivesTheCache(t *testing.T) {
	dir := t.TempDir()
	v := openOffice(t, 105)
	in := open(t, dir)
	add(t, in, v.waspy())
	syncAll(t, in)
	first := threads(t, in)[0]
	if n := len(history(t, in.Local(), first.Account, first.Conversation)); n != 0 {
		t.Fatalf("%d lines of history after a first copy", n)
	}
	word := "resolved"
	if first.StatusWord == word {
		word = "open"
	}
	patch(t, v, first.Conversation, `{"status":"`+word+`"}`) // silently, but on the first page
	syncAll(t, in)
	check := func(in interface{ Local() *cache.Local }) {
		t.Helper()
		lines := history(t, in.Local(), first.Account, first.Conversation)
		if len(lines) != 1 || lines[0].Field != "status" || lines[0].Before != first.StatusWord || lines[0].After != word ||
			lines[0].Since.IsZero() || lines[0].Until.Before(lines[0].Since) {
			t.Errorf("history: %+v", lines)
		}
	}
	check(in)
	if rest, _, err := in.Cache().PendingChanges(t.Context(), 10); err != nil || len(rest) != 0 {
		t.Errorf("still on their way: %+v, %v", rest, err)
	}
	shut(t, in)
	removeCache(t, dir)
	in = open(t, dir)
	syncAll(t, in)
	check(in)
}

// What a run noted and had no time to carry is carried by the next.
func TestHistoryLeftBehind(t *testing.T) {
	dir := t.TempDir()
	v := openOffice(t, 106)
	in := open(t, dir)
	add(t, in, v.waspy())
	syncAll(t, in)
	one, err := in.Cache().ConversationsOf(t.Context(), threads(t, in)[0].Ref)
	if err != nil {
		t.Fatal(err)
	}
	changed := one[0].Conversation
	changed.StatusWord, changed.Raw, changed.Form = "novel", []byte(`{"id":"x"}`), "listed"
	begun, err := in.Cache().NextFetch(t.Context(), "ventas")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Cache().SaveConversations(t.Context(), "ventas", inbox.Page[inbox.Conversation]{Items: []inbox.Conversation{changed}}, nil, begun); err != nil {
		t.Fatal(err)
	}
	shut(t, in)
	in = open(t, dir)
	if err := in.Start(false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the line is kept", func() bool { return len(history(t, in.Local(), "ventas", changed.ID)) == 1 })
}
