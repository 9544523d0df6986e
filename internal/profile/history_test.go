package profile_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

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

// A conversation that is gone at its provider outlives the cache, with its
// messages; nobody lists it, and what was read stays read.
func TestGoneOutlivesTheCache(t *testing.T) {
	dir := t.TempDir()
	v := openOffice(t, 107)
	in := open(t, dir)
	add(t, in, v.waspy())
	syncAll(t, in)
	first := threads(t, in)[0]
	messages := func() cache.MessagePage {
		t.Helper()
		page, err := in.Cache().Messages(t.Context(), first.Ref, cache.Spot{}, 100)
		if err != nil {
			t.Fatal(err)
		}
		return page
	}
	was := messages()
	if err := v.Delete(string(first.Provider), first.Conversation); err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{time.Now(), time.Now().Add(2 * time.Hour)} {
		begun, err := in.Cache().NextFetch(t.Context(), first.Account)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := in.Cache().Missing(t.Context(), first.Account, []cache.Missed{{ID: first.Conversation, Begun: begun}}, at); err != nil {
			t.Fatal(err)
		}
	}
	syncAll(t, in)
	shut(t, in)
	removeCache(t, dir)
	in = open(t, dir)
	syncAll(t, in)
	got, err := in.Cache().Thread(t.Context(), first.Ref)
	if err != nil || !got.Gone || got.Unread || got.Person != first.Person {
		t.Errorf("%+v, %v", got, err)
	}
	if is := messages(); len(was.Messages) == 0 || !reflect.DeepEqual(was, is) {
		t.Errorf("was %+v\nis  %+v", was, is)
	}
	for _, th := range threads(t, in) {
		if th.Ref == first.Ref {
			t.Error("what is gone is listed")
		}
	}
}
