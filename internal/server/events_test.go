package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bandeja/internal/profile"
	"bandeja/internal/server"
)

// event is one of a stream.
type event struct{ id, kind, data, comment, retry string }

// listener reads a stream as a browser does.
type listener struct {
	res   *http.Response
	lines *bufio.Reader
	leave context.CancelFunc
}

func listen(t *testing.T, b browser, lastEventID string) *listener {
	t.Helper()
	return listenTo(t, b, "/api/events", lastEventID)
}

// listenAs is the stream of a page that has said who it is.
func listenAs(t *testing.T, b browser, page string) *listener {
	t.Helper()
	return listenTo(t, b, "/api/events?page="+page, "")
}

func listenTo(t *testing.T, b browser, path, lastEventID string) *listener {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", b.origin+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(b.cookie)
	if lastEventID != "" {
		req.Header.Set("Last-Event-ID", lastEventID)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); res.Body.Close() })
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" || res.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v", res.StatusCode, res.Header)
	}
	return &listener{res, bufio.NewReader(res.Body), cancel}
}

// next reads up to the next empty line.
func (l *listener) next(t *testing.T) (e event) {
	t.Helper()
	e, err := l.read()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (l *listener) read() (e event, err error) {
	for {
		line, err := l.lines.ReadString('\n')
		if err != nil {
			return e, err
		}
		name, value, _ := strings.Cut(strings.TrimRight(line, "\n"), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "\n":
			return e, nil
		case name == "id":
			e.id = value
		case name == "event":
			e.kind = value
		case name == "data":
			e.data = value
		case name == "retry":
			e.retry = value
		case name == "":
			e.comment = value
		default:
			return e, fmt.Errorf("a line that is none of a stream: %q", line)
		}
	}
}

func TestEvents(t *testing.T) {
	b := newSession(t, nil)
	l := listen(t, b.browser, "")
	hello := l.next(t)
	if hello.kind != "" || hello.id == "" || hello.comment == "" || hello.retry == "" {
		t.Errorf("hello is %+v", hello)
	}
	b.Events().Threads([]string{"t_a", "t_b"})
	b.Events().State()
	b.Events().Threads(nil) // nothing
	b.Events().Threads(make([]string, 201))
	b.Events().Everything()
	var ids []string
	for _, want := range []event{{kind: "threads", data: `{"threads":["t_a","t_b"]}`}, {kind: "state", data: "{}"},
		{kind: "threads", data: `{"threads":null}`}, {kind: "threads", data: `{"threads":null}`}} {
		got := l.next(t)
		if got.kind != want.kind || got.data != want.data || got.id == "" {
			t.Errorf("got %+v, want %+v", got, want)
		}
		ids = append(ids, got.id)
	}

	// One that broke goes on where it was; one that came late begins now.
	again := listen(t, b.browser, ids[1])
	if got := again.next(t); got.id != ids[2] {
		t.Errorf("after %s came %+v", ids[1], got)
	}
	if got := again.next(t); got.id != ids[3] {
		t.Errorf("then %+v", got)
	}
	late := listen(t, b.browser, "")
	if got := late.next(t); got.id != ids[3] {
		t.Errorf("a late one begins at %+v", got)
	}
	b.Events().State()
	for name, l := range map[string]*listener{"first": l, "again": again, "late": late} {
		if got := l.next(t); got.kind != "state" {
			t.Errorf("%s: %+v", name, got)
		}
	}

	// The stream ends with the server.
	b.Close()
	for name, l := range map[string]*listener{"first": l, "again": again, "late": late} {
		if e, err := l.read(); err == nil {
			t.Errorf("%s goes on with %+v", name, e)
		}
	}
}

// TestEventsUnknown: who was away too long, or comes from another life of the
// program, is told to ask for everything, and goes on from now.
func TestEventsUnknown(t *testing.T) {
	b := newSession(t, nil)
	first := listen(t, b.browser, "").next(t).id
	epoch, _, _ := strings.Cut(first, "-")
	for range 300 {
		b.Events().State()
	}
	now := listen(t, b.browser, "").next(t).id
	for _, id := range []string{"nonsense", "-", "OTHERLIFE-3", epoch + "-", epoch + "-x", epoch + "--1", epoch + "-99999999999999999999", epoch + "-301", first, epoch + "-43"} {
		l := listen(t, b.browser, id)
		got := l.next(t)
		if got.kind != "reset" || got.data != "{}" || got.id != now {
			t.Errorf("%s: %+v, want a reset at %s", id, got, now)
		}
	}
	if got := listen(t, b.browser, epoch+"-44").next(t); got.kind != "state" || got.id != epoch+"-45" {
		t.Errorf("the oldest that is known: %+v", got)
	}
}

// TestEventsAfterCommit: what an event names can be read already, changed.
func TestEventsAfterCommit(t *testing.T) {
	d := newDesk(t)
	l := listen(t, d.browser, "")
	l.next(t)
	if _, err := d.in.Sync(t.Context(), profile.SyncArgs{Names: []string{"ventas"}}, nil); err != nil {
		t.Fatal(err)
	}
	var before struct{ All int }
	d.get(t, "/api/counts?account=ventas", &before)
	if before.All == 0 {
		t.Fatal("nothing was copied")
	}
	seen := map[string]bool{}
	for len(seen) == 0 {
		e := l.next(t)
		if e.kind != "threads" {
			continue
		}
		var changed struct{ Threads []string }
		if err := json.Unmarshal([]byte(e.data), &changed); err != nil {
			t.Fatal(err)
		}
		for _, thread := range changed.Threads {
			seen[thread] = true
			var row struct{ Thread struct{ Account string } }
			d.get(t, "/api/threads/"+thread, &row)
			if row.Thread.Account != "ventas" {
				t.Errorf("%s is of %q", thread, row.Thread.Account)
			}
		}
	}
	for _, change := range []struct{ method, path, body string }{{"PATCH", "/api/settings", `{"theme":"light"}`}, {"DELETE", "/api/accounts/soporte", ""}} {
		mark := listen(t, d.browser, "")
		mark.next(t)
		var got answer
		if change.body == "" {
			got = d.ask(t, change.method, change.path, nil)
		} else {
			got = d.ask(t, change.method, change.path, json.RawMessage(change.body))
		}
		if got.status != 204 {
			t.Fatalf("%s %s: %d", change.method, change.path, got.status)
		}
		for mark.next(t).kind != "state" {
		}
	}
}

// stream is a page that reads in a bubble of its own time.
type stream struct {
	mu     sync.Mutex
	header http.Header
	text   bytes.Buffer
}

func (s *stream) Header() http.Header { return s.header }
func (s *stream) WriteHeader(int)     {}
func (s *stream) Flush()              {}
func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}
func (s *stream) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// TestHeartbeat: a quiet stream says that it is there every 15 seconds, so that
// a dead one is noticed.
func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := server.New(server.Options{})
		ctx, leave := context.WithCancel(t.Context())
		page := &stream{header: http.Header{}}
		done := make(chan struct{})
		go func() { defer close(done); s.Stream(page, ctx) }()
		for beats := range 4 {
			synctest.Wait()
			if got := strings.Count(page.String(), "\n: still here\n"); got != beats {
				t.Errorf("after %d s: %d heartbeats", beats*15, got)
			}
			time.Sleep(15 * time.Second)
		}
		leave()
		<-done // a page that leaves ends its stream
	})
}
