// Package server is the one door to the screen: an http.Handler on loopback
// that serves the interface and its API to the window and the browser alike
// (DESIGN §7), behind the checks of DESIGN §8.
package server

import (
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/search"
	"bandeja/internal/syncer"
)

// Options are a Server's surroundings.
type Options struct {
	Cache     *cache.Cache
	Local     *cache.Local
	Search    *search.Engine
	Assets    fs.FS // the built interface; without index.html it says how to build it
	Version   string
	Demo      bool
	ProfileID string // names the cookie, so that two profiles on one host do not share it
	Secret    string // the owner's, for /owner
	Language  string // of a profile that has chosen none
	Log       *slog.Logger
	Office    Office
	Native    *Native // nil outside a window
}

// Office is what the screen may ask of the running inbox.
type Office struct {
	// AddAccount checks a key and keeps the account; nothing is saved when it
	// fails.
	AddAccount    func(context.Context, NewAccount) (Added, error)
	RemoveAccount func(ctx context.Context, name string) error
	// Sync asks for a cycle now, of one account or of all for "".
	Sync func(account string)
	// Statuses are the live states, by account; one that is not syncing is
	// not there.
	Statuses func() map[string]syncer.Status
	// Opened says that somebody looks at a thread.
	Opened func(thread string)
	// Do is a command of another process over this profile (see /owner).
	Do func(ctx context.Context, command string, args json.RawMessage, progress func(any)) (any, error)
	// KindOf names an error's kind, for the catalogue.
	KindOf func(error) string
}

// NewAccount is what a person fills in.
type NewAccount struct {
	Provider inbox.ProviderName `json:"provider"`
	Name     string             `json:"name"`
	BaseURL  string             `json:"base_url"`
	Key      string             `json:"key"`
	Region   string             `json:"region"`
	Area     string             `json:"area"`
	Zone     string             `json:"zone"`
	KeyStore string             `json:"key_store"` // "", keyring or file
}

// Added is what a first look with a new key found.
type Added struct {
	Workspaces []inbox.Workspace
	Sample     []string // names of some chats, newest first
}

// Native is what only a window can do.
type Native struct {
	OpenLink func(url string) error
	Raise    func()
}

// Server is the handler and the stream of events behind it. Close ends the
// streams.
type Server struct {
	o        Options
	sessions *sessions
	events   *Hub
	mux      *http.ServeMux
}

// New makes a Server. It serves once Guard knows the address.
func New(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{o: o, sessions: newSessions(), events: NewHub()}
	s.routes()
	return s
}

// Events is where changes are published.
func (s *Server) Events() *Hub { return s.events }

// SetNative says what only a window can do. It is called before serving.
func (s *Server) SetNative(n *Native) { s.o.Native = n }

// Code mints a launch code: it opens one session, once, within ten minutes.
func (s *Server) Code() string { return s.sessions.code(time.Now()) }

// Close ends the event streams.
func (s *Server) Close() { s.events.Close() }

func (s *Server) routes() {
	api := http.NewServeMux()
	for pattern, h := range map[string]handler{
		"GET /api/state":                     s.state,
		"GET /api/counts":                    s.counts,
		"GET /api/threads":                   s.threads,
		"GET /api/threads/{thread}":          s.thread,
		"GET /api/threads/{thread}/messages": s.messages,
		"POST /api/threads/{thread}/open":    s.open,
		"GET /api/search":                    s.search,
		"POST /api/accounts":                 s.addAccount,
		"DELETE /api/accounts/{name}":        s.removeAccount,
		"POST /api/sync":                     s.sync,
		"PATCH /api/settings":                s.settings,
		"POST /api/links":                    s.link,
		"GET /api/events":                    s.stream,
	} {
		api.Handle(pattern, s.answer(h))
	}
	api.Handle("/api/", s.answer(func(http.ResponseWriter, *http.Request) error {
		return fail(http.StatusNotFound, "not_found", "error.no_such_route")
	}))
	s.mux = http.NewServeMux()
	s.mux.Handle("POST /api/session", s.answer(s.openSession))
	s.mux.Handle("/api/", s.withSession(api))
	s.mux.HandleFunc("POST /owner/{command}", s.owner)
	s.mux.HandleFunc("/", s.static)
}

// handler answers a request or says why not.
type handler func(http.ResponseWriter, *http.Request) error

// answer writes a handler's error in the language of the session.
func (s *Server) answer(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.writeError(w, r, err)
		}
	})
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b) // the reader may have gone
	return nil
}
