package providertest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/rest"
)

// changeable is a conversation whose status can still move.
func changeable(t *testing.T, o *office) inbox.Conversation {
	t.Helper()
	for _, id := range o.ids(t) {
		conv, err := o.Conversation(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if conv.Status != inbox.Expired { // final: platica.md §7.4
			return conv
		}
	}
	t.Fatal("every conversation has expired")
	return inbox.Conversation{}
}

// update sends a change and reads it back.
func update(t *testing.T, o *office, id string, change inbox.Change) inbox.Conversation {
	t.Helper()
	before := o.Usage().Requests
	updated, err := o.Update(t.Context(), id, change)
	if err != nil {
		t.Fatal(err)
	}
	if n := o.Usage().Requests - before; n != 1 {
		t.Errorf("%d requests for one change", n)
	}
	if !slices.Equal(updated.IDs, []string{id}) {
		t.Errorf("touched %q, want %q alone", updated.IDs, id)
	}
	conv, err := o.Conversation(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if c := updated.Conversation; c != nil && (c.Form != inbox.Read || !EqualJSON(c.Raw, conv.Raw)) {
		t.Errorf("the reply's conversation is not the one that is there")
	}
	return conv
}

func testStatus(t *testing.T, o *office) {
	conv := changeable(t, o)
	for _, word := range inbox.StatusWords(o.Name()) {
		if word == "expired" {
			continue
		}
		got := update(t, o, conv.ID, inbox.Change{Status: &word})
		if got.StatusWord != word || !slices.Equal(got.Assignees, conv.Assignees) {
			t.Errorf("%q of %q after status %q", got.StatusWord, got.Assignees, word)
		}
	}
	odd := "no-such-status"
	_, err := o.Update(t.Context(), conv.ID, inbox.Change{Status: &odd})
	wantKind(t, "a status that is none", err, providers.ErrRejected)
}

func testAssignees(t *testing.T, o *office) {
	conv := changeable(t, o)
	agents := o.Agents(conv.ID)
	if len(agents) < 2 {
		t.Fatalf("agents %q: two are needed", agents)
	}
	for _, refs := range [][]string{{agents[0]}, {agents[1]}, {}} {
		got := update(t, o, conv.ID, inbox.Change{Assignees: &refs})
		if !slices.Equal(got.Assignees, refs) || got.StatusWord != conv.StatusWord {
			t.Errorf("%q, %q after assigning %q", got.Assignees, got.StatusWord, refs)
		}
	}
	two := agents[:2]
	if o.Name() == inbox.Platica {
		if got := update(t, o, conv.ID, inbox.Change{Assignees: &two}); !slices.Equal(got.Assignees, two) {
			t.Errorf("%q after assigning %q", got.Assignees, two)
		}
		return
	}
	before := o.Usage().Requests
	_, err := o.Update(t.Context(), conv.ID, inbox.Change{Assignees: &two})
	wantKind(t, "two assignees", err, providers.ErrUnsupported)
	if o.Usage().Requests != before {
		t.Error("a change that the platform lacks was sent")
	}
}

func testEmptyChange(t *testing.T, o *office) {
	_, err := o.Update(t.Context(), o.ids(t)[0], inbox.Change{})
	wantKind(t, "no change", err, providers.ErrRejected)
	if o.Usage().Requests != 0 {
		t.Error("a change of nothing was sent")
	}
}

func testNotFound(t *testing.T, o *office) {
	for _, id := range []string{"00000000-0000-4000-8000-000000000000", "no such", "a/b", "..", ""} {
		eachByID(t, o, id, func(what string, err error) { wantKind(t, what+" of "+id, err, providers.ErrNotFound) })
	}
}

// eachByID calls every method that takes an id.
func eachByID(t *testing.T, p providers.Provider, id string, check func(what string, err error)) {
	t.Helper()
	_, err := p.Conversation(t.Context(), id)
	check("conversation", err)
	_, err = p.Messages(t.Context(), id, nil)
	check("messages", err)
	status := inbox.StatusWords(p.Name())[0]
	_, err = p.Update(t.Context(), id, inbox.Change{Status: &status})
	check("update", err)
}

// eachList calls every method whose path has no id.
func eachList(t *testing.T, p providers.Provider, check func(what string, err error)) {
	t.Helper()
	_, err := p.Check(t.Context())
	check("check", err)
	_, err = p.Newest(t.Context(), nil)
	check("newest", err)
	_, err = p.Sweep(t.Context(), nil)
	check("sweep", err)
}

func testWrongKey(t *testing.T, o *office) {
	opts := o.Options
	opts.Key = rest.NewSecret(opts.Key.Reveal() + "x")
	p := open(t, o.Env, opts)
	check := func(what string, err error) {
		wantKind(t, what, err, providers.ErrRefused)
		if strings.Contains(err.Error(), opts.Key.Reveal()) {
			t.Errorf("%s: the error tells the key", what)
		}
	}
	eachList(t, p, check)
	eachByID(t, p, o.ids(t)[0], check)
	_, err := p.ByPhone(t.Context(), "5491155550100")
	check("by phone", err)
	if n := p.Usage().Requests; n != 7 {
		t.Errorf("%d requests for 7 calls with a wrong key", n)
	}
}

func testWrongPath(t *testing.T, o *office) {
	for _, path := range []string{"/v0", "/conversations"} {
		opts := o.Options
		opts.BaseURL += path
		eachList(t, open(t, o.Env, opts), func(what string, err error) { wantKind(t, what+" at "+path, err, providers.ErrNotAPI) })
	}
}

// answering is a client bound to a server that always answers the same.
func answering(t *testing.T, o *office, kind, body string) providers.Provider {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	opts := o.Options
	opts.BaseURL = server.URL + "/some/base"
	return open(t, o.Env, opts)
}

func testWebPage(t *testing.T, o *office) {
	p := answering(t, o, "text/html", "<!doctype html><title>Bienvenido</title>")
	check := func(what string, err error) { wantKind(t, what, err, providers.ErrNotAPI) }
	eachList(t, p, check)
	eachByID(t, p, "c1", check)
	_, err := p.ByPhone(t.Context(), "5491155550100")
	check("by phone", err)
	if p.Usage().Retries != 0 {
		t.Error("a web page was asked for again")
	}
}

// testOtherJSON meets JSON of another API, which must never pass for an empty
// list or for a conversation.
func testOtherJSON(t *testing.T, o *office) {
	for _, body := range []string{`{}`, `{"status":"ok"}`, `"ok"`, `7`, `{"data":7}`, `{"data":{"status":"ok"}}`} {
		p := answering(t, o, "application/json", body)
		check := func(what string, err error) { wantKind(t, what+" answered "+body, err, providers.ErrNotAPI) }
		eachList(t, p, check)
		_, err := p.Conversation(t.Context(), "c1")
		check("conversation", err)
		_, err = p.ByPhone(t.Context(), "5491155550100")
		check("by phone", err)
	}
}

func testNobodyThere(t *testing.T, o *office) {
	server := httptest.NewServer(http.NotFoundHandler())
	opts := o.Options
	opts.BaseURL, opts.Tries = server.URL, 1
	server.Close()
	p := open(t, o.Env, opts)
	check := func(what string, err error) { wantKind(t, what, err, providers.ErrUnreachable) }
	eachList(t, p, check)
	eachByID(t, p, "c1", check)
}

// testCancel cancels calls that a server never answers: they return with the
// context's own error.
func testCancel(t *testing.T, o *office) {
	asked := make(chan struct{}, 16)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		// A server notices that its client is gone once the body is read.
		_, _ = io.Copy(io.Discard, r.Body)
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	opts := o.Options
	opts.BaseURL = server.URL
	p := open(t, o.Env, opts)
	status := inbox.StatusWords(p.Name())[0]
	for what, call := range map[string]func(context.Context) error{
		"newest":   func(ctx context.Context) error { _, err := p.Newest(ctx, nil); return err },
		"messages": func(ctx context.Context) error { _, err := p.Messages(ctx, "c1", nil); return err },
		"update": func(ctx context.Context) error {
			_, err := p.Update(ctx, "c1", inbox.Change{Status: &status})
			return err
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- call(ctx) }()
		<-asked
		cancel()
		select {
		case err := <-done:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", what, err)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%s goes on after it was cancelled", what)
		}
		if err := call(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s of a cancelled context: %v", what, err)
		}
	}
}

func testUsage(t *testing.T, o *office) {
	id := o.ids(t)[0]
	for want := int64(1); want <= 5; want++ {
		if _, err := o.Conversation(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if got := o.Usage(); got != (providers.Usage{Requests: want}) {
			t.Errorf("usage %+v after %d requests", got, want)
		}
	}
}

// testOffset: a server's clock stays where it is.
func testOffset(t *testing.T, o *office) {
	if off := o.Offset(); off != 0 {
		t.Errorf("%v ahead before any answer", off)
	}
	var last time.Duration
	for n := range 3 {
		if _, err := o.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		off := o.Offset()
		if off == 0 || n > 0 && (off-last).Abs() > 2*time.Second {
			t.Errorf("%v ahead after an answer, %v before it", off, last)
		}
		last = off
	}
}

func testManyAtOnce(t *testing.T, o *office) {
	ids := o.ids(t)[:3]
	done := make(chan error)
	for i := range 12 {
		go func() {
			conv, err := o.Conversation(t.Context(), ids[i%3])
			if err == nil && conv.ID != ids[i%3] {
				err = errors.New("one call got the other's conversation")
			}
			done <- err
		}()
	}
	for range 12 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
