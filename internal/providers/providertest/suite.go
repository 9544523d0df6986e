// Package providertest holds every client to the contract of
// providers.Provider, against a real HTTP server and what that server holds.
package providertest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/rest"
)

// Env is one client and the small office it is bound to. The office is quiet:
// nothing in it moves but by the client.
type Env struct {
	Options rest.Options // base URL under a path, key
	New     func(rest.Options) (providers.Provider, error)

	// HeldConversations are all that the list holds, in the form of its rows.
	HeldConversations func() []json.RawMessage
	// HeldMessages are those of a conversation, oldest first.
	HeldMessages func(conversation string) []json.RawMessage
	// Phones are numbers as a person may write them and what they must find.
	Phones []Phone
	// Agents are two refs or more that may be assigned to a conversation.
	Agents func(conversation string) []string
	// Words names a text that Find must find and the conversations it must
	// find with it; Text is empty where the platform has no search.
	Words Words
}

// Phone is one look-up: every id of Conversations must be found, none when it
// is empty.
type Phone struct {
	Written       string
	Conversations []string
}

// Words is one search.
type Words struct {
	Text          string
	Conversations []string
}

// Run runs the suite; setup is called once for each of its tests and gives an
// office of its own.
func Run(t *testing.T, setup func(t *testing.T) Env) {
	for _, tt := range []struct {
		name string
		test func(*testing.T, *office)
	}{
		{"Check", testCheck},
		{"Newest", testNewest},
		{"Sweep", testSweep},
		{"Open", testOpen},
		{"Conversation", testConversation},
		{"Messages", testMessages},
		{"Keep", testKeep},
		{"Marks", testMarks},
		{"ByPhone", testByPhone},
		{"Find", testFind},
		{"Status", testStatus},
		{"Assignees", testAssignees},
		{"EmptyChange", testEmptyChange},
		{"NotFound", testNotFound},
		{"WrongKey", testWrongKey},
		{"WrongPath", testWrongPath},
		{"WebPage", testWebPage},
		{"OtherJSON", testOtherJSON},
		{"NobodyThere", testNobodyThere},
		{"Cancel", testCancel},
		{"Usage", testUsage},
		{"Offset", testOffset},
		{"ManyAtOnce", testManyAtOnce},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := setup(t)
			tt.test(t, &office{Env: env, Provider: open(t, env, env.Options)})
		})
	}
}

// office is an Env with its client.
type office struct {
	Env
	providers.Provider
}

func open(t *testing.T, env Env, o rest.Options) providers.Provider {
	t.Helper()
	p, err := env.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// held is what the server lists, by id.
func (o *office) held(t *testing.T) map[string]json.RawMessage {
	t.Helper()
	out := map[string]json.RawMessage{}
	for _, raw := range o.HeldConversations() {
		out[idOf(t, raw)] = raw
	}
	if len(out) < 3 {
		t.Fatalf("an office of %d conversations tests little", len(out))
	}
	return out
}

// ids are those of held, sorted.
func (o *office) ids(t *testing.T) []string {
	t.Helper()
	var out []string
	for id := range o.held(t) {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

func idOf(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	var row struct{ ID string }
	if err := json.Unmarshal(raw, &row); err != nil || row.ID == "" {
		t.Fatalf("a row without an id: %v", err)
	}
	return row.ID
}

type walker func(context.Context, inbox.Mark) (inbox.Page[inbox.Conversation], error)

// walk reads every page of a list.
func walk(t *testing.T, next walker) (pages []inbox.Page[inbox.Conversation]) {
	t.Helper()
	var mark inbox.Mark
	for range 10_000 {
		page, err := next(t.Context(), mark)
		if err != nil {
			t.Fatalf("page %d: %v", len(pages), err)
		}
		if len(page.Rejected) > 0 {
			t.Errorf("page %d: a good row was rejected: %s", len(pages), page.Rejected[0].Reason)
		}
		pages = append(pages, page)
		if !page.More {
			return pages
		}
		if page.Next == nil {
			t.Fatalf("page %d: more, and no mark to go on from", len(pages))
		}
		mark = page.Next
	}
	t.Fatal("the list does not end")
	return nil
}

// readAll reads every page of a conversation's messages from a mark.
func readAll(t *testing.T, p providers.Provider, id string, mark inbox.Mark) (pages []providers.MessagePage) {
	t.Helper()
	for range 10_000 {
		page, err := p.Messages(t.Context(), id, mark)
		if err != nil {
			t.Fatalf("messages of %s, page %d: %v", id, len(pages), err)
		}
		if len(page.Rejected) > 0 {
			t.Errorf("messages of %s: a good one was rejected: %s", id, page.Rejected[0].Reason)
		}
		pages = append(pages, page)
		if !page.More {
			return pages
		}
		mark = page.Next
	}
	t.Fatal("the messages do not end")
	return nil
}

// wantKind checks an error's kind, and that it is an *providers.Error.
func wantKind(t *testing.T, what string, err, kind error) {
	t.Helper()
	var failed *providers.Error
	if !errors.Is(err, kind) || !errors.As(err, &failed) {
		t.Errorf("%s: error %v, want %v", what, err, kind)
	} else if failed.Op == "" {
		t.Errorf("%s: the error does not say what was being done", what)
	}
}
