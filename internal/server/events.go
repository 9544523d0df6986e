package server

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Hub carries changes to the screens, ids only, and to one of them what it is to
// show or open. It remembers the last events,
// so that a stream that broke goes on where it was; one that was away too long
// is told to ask for everything again.
type Hub struct {
	epoch string // of this program's life: numbers of an earlier one mean nothing

	mu     sync.Mutex
	last   uint64
	recent []event // the newest at the end
	wake   chan struct{}
	closed bool
	made   uint64            // streams, ever
	open   map[uint64]string // those that are open, with the names of their pages
}

type event struct {
	id   uint64
	kind string
	data json.RawMessage
	only uint64 // the stream that is told, 0 for all
}

const (
	remembered = 256
	// manyThreads: beyond it a list of ids is dearer than asking again.
	manyThreads = 200
	heartbeat   = 15 * time.Second
)

// NewHub makes a Hub with nothing to tell.
func NewHub() *Hub {
	return &Hub{epoch: rand.Text()[:8], wake: make(chan struct{}), open: map[uint64]string{}}
}

// Threads tells that threads (t_…) changed.
func (h *Hub) Threads(refs []string) {
	if len(refs) == 0 {
		return
	}
	if len(refs) > manyThreads {
		refs = nil
	}
	b, err := json.Marshal(map[string][]string{"threads": refs})
	if err == nil {
		h.publish(event{kind: "threads", data: b})
	}
}

// Everything tells that any thread may have changed.
func (h *Hub) Everything() {
	h.publish(event{kind: "threads", data: json.RawMessage(`{"threads":null}`)})
}

// State tells that accounts, progress or settings changed.
func (h *Hub) State() { h.publish(event{kind: "state", data: json.RawMessage(`{}`)}) }

// Notes tells that the notes or the draft of a thread (t_…) changed.
func (h *Hub) Notes(thread string) {
	if b, err := json.Marshal(map[string][]string{"threads": {thread}}); err == nil {
		h.publish(event{kind: "notes", data: b})
	}
}

// Search tells that a search which is shown may find more now.
func (h *Hub) Search() { h.publish(event{kind: "search", data: json.RawMessage(`{}`)}) }

// Reset tells every screen to ask for everything again.
func (h *Hub) Reset() { h.publish(event{kind: "reset", data: json.RawMessage(`{}`)}) }

func (h *Hub) publish(e event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	h.last++
	e.id = h.last
	h.recent = append(h.recent, e)
	if len(h.recent) > remembered {
		h.recent = append(h.recent[:0:0], h.recent[len(h.recent)-remembered:]...)
	}
	close(h.wake)
	h.wake = make(chan struct{})
}

// Watched reports whether anybody listens: a screen is open.
func (h *Hub) Watched() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.open) > 0
}

// listen gives a page's stream its number; it is open until done.
func (h *Hub) listen(page string) (stream uint64, done func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.made++
	stream = h.made
	h.open[stream] = page
	return stream, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.open, stream)
	}
}

// newest is the stream that was opened last of those whose pages may be told, 0
// where there is none.
func (h *Hub) newest(may func(page string) bool) (stream uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for each, page := range h.open {
		if each > stream && may(page) {
			stream = each
		}
	}
	return stream
}

// Close ends every stream.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		h.closed = true
		close(h.wake)
	}
}

// since gives what came after an id, whether that id is still known, and what
// to wait on.
func (h *Hub) since(id uint64) (events []event, known bool, wake <-chan struct{}, closed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	known = id <= h.last && (len(h.recent) == 0 || id+1 >= h.recent[0].id)
	for _, e := range h.recent {
		if e.id > id {
			events = append(events, e)
		}
	}
	return events, known, h.wake, h.closed
}

func (h *Hub) parse(lastEventID string) (id uint64, ok bool) {
	epoch, n, found := strings.Cut(lastEventID, "-")
	if !found || epoch != h.epoch {
		return 0, false
	}
	id, err := strconv.ParseUint(n, 10, 64)
	return id, err == nil
}

// stream is GET /api/events.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) error {
	h := s.events
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	if r.Method == http.MethodHead {
		return nil
	}
	stream, done := h.listen(r.URL.Query().Get("page"))
	defer done()
	h.mu.Lock()
	at := h.last
	h.mu.Unlock()
	if given := r.Header.Get("Last-Event-ID"); given != "" {
		id, ok := h.parse(given)
		if _, known, _, _ := h.since(id); !ok || !known {
			fmt.Fprintf(w, "id: %s-%d\nevent: reset\ndata: {}\n\n", h.epoch, at)
		} else {
			at = id
		}
	} else {
		fmt.Fprintf(w, "id: %s-%d\nretry: 1000\n: hello\n\n", h.epoch, at)
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		events, known, wake, closed := h.since(at)
		if !known {
			fmt.Fprintf(w, "event: reset\ndata: {}\n\n")
		}
		for _, e := range events {
			if e.only != 0 && e.only != stream {
				continue
			}
			fmt.Fprintf(w, "id: %s-%d\nevent: %s\ndata: %s\n\n", h.epoch, e.id, e.kind, e.data)
		}
		if len(events) > 0 {
			at = events[len(events)-1].id
		}
		if out.Flush() != nil || closed {
			return nil
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-wake:
		case <-beat.C:
			fmt.Fprint(w, ": still here\n\n")
		}
	}
}
