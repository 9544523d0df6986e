// Package server is the one door to the screen: an http.Handler on loopback
// that serves the interface and its API to the window and the browser alike
// (DESIGN §7), behind the checks of DESIGN §8.
package server

import (
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/search"
	"bandeja/internal/shape"
	platicashape "bandeja/internal/shape/platica"
	waspyshape "bandeja/internal/shape/waspy"
	"bandeja/internal/syncer"
	"bandeja/internal/words"
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
	TokenRate float64 // requests a second that one token may make of the providers' own APIs, 0 for the usual
}

// Office is what the screen may ask of the running inbox.
type Office struct {
	// AddAccount checks a key and keeps the account; nothing is saved when it
	// fails.
	AddAccount func(context.Context, NewAccount) (Added, error)
	// SetAccount changes what a person chose for an account; where it points
	// elsewhere it is checked first.
	SetAccount func(ctx context.Context, name string, change AccountChange) error
	// RekeyAccount checks a new key and keeps it in place of the old one; nothing
	// is saved when that fails, or when it is of another office.
	RekeyAccount  func(ctx context.Context, name, key string) (Added, error)
	RemoveAccount func(ctx context.Context, name string) error
	// Hold pauses an account, or lets it go on.
	Hold func(ctx context.Context, account string, held bool) error
	// Sync asks for a cycle now, of one account or of all for "".
	Sync func(account string)
	// CopyAgain has everything of an account asked for again, without waiting for
	// it.
	CopyAgain func(ctx context.Context, account string) error
	// OpenDemo opens a demo office in a language, and answers its link; "" where
	// it has a window of its own. Nil: there is none to be had.
	OpenDemo func(lang string) (link string, err error)
	// AddToken makes a token for the platforms' own APIs and gives its secret, this
	// once; DropToken ends one.
	AddToken  func(context.Context, NewToken) (secret string, err error)
	DropToken func(ctx context.Context, name string) error
	// Measure says where the profile lies and how big it is.
	Measure func() (Measured, error)
	// Examine looks the profile over, and says in words what it finds.
	// Diagnostics is a text of that for whoever helps, without anything personal.
	Examine     func(context.Context, words.Words) []Finding
	Diagnostics func(context.Context) string
	// SaveBackup saves the profile in one file, checked: where a person wants it, in
	// the place of what is there, or for "" in a place of the profile's own. told is
	// told how far it is: of the steps counting, copying, proving, packing and
	// checking, and in bytes where those are known.
	SaveBackup func(ctx context.Context, to string, w BackupWish, told func(step string, done, total int64)) (Backup, error)
	// Statuses are the live states, by account; one that is not syncing is
	// not there.
	Statuses func() map[string]syncer.Status
	// Change queues a change, durable when it returns. Where every thread's
	// platform lacks what is wished, the plan comes with the error.
	Change func(context.Context, Change) (Changed, error)
	// Retry and Drop move an entry of the outbox; Undo takes some back, and
	// answers in their order (see cache.Local).
	Retry func(ctx context.Context, id string) (cache.Wish, error)
	Drop  func(ctx context.Context, id string) error
	Undo  func(ctx context.Context, ids []string) ([]cache.Undone, error)
	// Join, Split and Apart decide who is who; UndoJoin takes a decision back.
	Join     func(ctx context.Context, one, other string) (Decided, error)
	Split    func(ctx context.Context, person, contact string) (Decided, error)
	Apart    func(ctx context.Context, one, other string) (Decided, error)
	UndoJoin func(ctx context.Context, id string) error
	// AskProviders has the platforms looked at for what is searched, without
	// waiting for it; Brought says whom (p_…) such an answer has brought.
	AskProviders func(Question) search.Remote
	Brought      func(person string) bool
	// Snooze leaves threads out of the lists of work until a time, zero for no
	// longer; durable when it returns. cache.ErrNotFound where one is not here.
	Snooze func(ctx context.Context, threads []string, until time.Time) error
	// Acts changes many at once.
	Acts Acts
	// Apply makes a change that came by one of the providers' own APIs.
	Apply func(context.Context, shape.Wish) (shape.Outcome, error)
	// Forgetter erases people.
	Forgetter Forgetter
	// Storage is ok, full, read_only or damaged.
	Storage func() string
	// Opened says that somebody looks at a thread.
	Opened func(thread string)
	// Fetch reads what is not here yet of something before all else. It answers
	// at once.
	Fetch func(context.Context, Wanted) error
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

// AccountChange is what a person changes of an account; nil stays as it is.
type AccountChange struct {
	BaseURL *string  `json:"base_url"` // "" for the platform's own
	Region  *string  `json:"region"`
	Area    *string  `json:"area"`
	Zone    *string  `json:"zone"`
	Rate    *float64 `json:"rate"` // requests a second
}

// Wanted is what somebody wants whole: one of these, or everything.
type Wanted struct {
	Account string `json:"account"`
	Thread  string `json:"thread"` // t_…
	Person  string `json:"person"` // p_…
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
	// SaveAs asks a person where to save a file that is to be called so; "" when
	// they think better of it. Nil: pages download.
	SaveAs func(name string) (path string, err error)
	// Notify shows a notification by the system; a click raises the window and
	// calls Server.GoTo. Nil: pages show them.
	Notify func(Notification) error
	// Title is what the window is called. Nil: as it began.
	Title func(string)
}

// Server is the handler and the stream of events behind it. Close ends the
// streams.
type Server struct {
	o         Options
	sessions  *sessions
	events    *Hub
	pages     pages
	catalogue map[string]words.Words // by language, read once
	mux       *http.ServeMux
	exports   exports
	backups   backups
	shapes    map[string]shaped // the providers' own APIs, by the first word of their paths
	now       func() time.Time  // of launch codes and guesses
	listed    chan struct{}     // closed once a list was answered
	lists     lists             // what previews were of
	listing   sync.Once         // what closes it
	asked     atomic.Int64      // when a page last asked for something, in nanoseconds since 1970
}

// New makes a Server. It serves once Guard knows the address.
func New(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Office.AskProviders == nil {
		o.Office.AskProviders = func(Question) search.Remote { return search.RemoteNone }
	}
	if o.Office.Brought == nil {
		o.Office.Brought = func(string) bool { return false }
	}
	if o.Office.Storage == nil {
		o.Office.Storage = func() string { return "ok" }
	}
	s := &Server{o: o, sessions: newSessions(), events: NewHub(), catalogue: map[string]words.Words{}, now: time.Now, listed: make(chan struct{})}
	for _, lang := range words.Languages() {
		s.catalogue[lang] = words.For(lang)
	}
	s.mount()
	return s
}

// Events is where changes are published.
func (s *Server) Events() *Hub { return s.events }

// SetNative says what only a window can do. It is called before serving.
func (s *Server) SetNative(n *Native) { s.o.Native = n }

// Code mints a launch code: it opens one session, once, within ten minutes.
func (s *Server) Code() string { return s.sessions.code(s.now()) }

// Listed is closed once a page of a list has been answered: somebody sees the
// inbox, or is about to.
func (s *Server) Listed() <-chan struct{} { return s.listed }

// StopExports ends what is being written, backups too: a file would have what is
// erased meanwhile, and a long look at the copy keeps its WAL from being emptied.
func (s *Server) StopExports() {
	s.exports.close()
	s.backups.stop()
}

// Close ends the event streams, and what is being exported or backed up.
func (s *Server) Close() {
	s.StopExports()
	s.events.Close()
}

// routes are the screen's API (docs/screen-api.md, openapi.json): what each
// path answers, by method. HEAD is GET without its body.
func (s *Server) routes() map[string]map[string]handler {
	return map[string]map[string]handler{
		"/api/insights":                  {http.MethodGet: s.insights},
		"/api/insights/{table}":          {http.MethodGet: s.insightsTable, http.MethodPost: s.saveInsights},
		"/api/openapi.json":              {http.MethodGet: s.openAPI},
		"/api/state":                     {http.MethodGet: s.state},
		"/api/counts":                    {http.MethodGet: s.counts},
		"/api/threads":                   {http.MethodGet: s.threads},
		"/api/threads/{thread}":          {http.MethodGet: s.thread},
		"/api/threads/{thread}/messages": {http.MethodGet: s.messages},
		"/api/threads/{thread}/days":     {http.MethodGet: s.threadDays},
		"/api/threads/{thread}/open":     {http.MethodPost: s.open},
		"/api/threads/{thread}/history":  {http.MethodGet: s.history},
		"/api/threads/{thread}/notes":    {http.MethodGet: s.notes, http.MethodPost: s.addNote},
		"/api/threads/{thread}/draft":    {http.MethodPut: s.saveDraft, http.MethodDelete: s.dropDraft},
		"/api/notes/{id}":                {http.MethodPatch: s.changeNote, http.MethodDelete: s.dropNote},
		"/api/people/{person}":           {http.MethodGet: s.personPanel},
		"/api/people/{person}/messages":  {http.MethodGet: s.personMessages},
		"/api/people/{person}/days":      {http.MethodGet: s.personDays},
		"/api/people/{person}/join":      {http.MethodPost: s.join},
		"/api/people/{person}/split":     {http.MethodPost: s.split},
		"/api/people/{person}/apart":     {http.MethodPost: s.apart},
		"/api/people/{person}/forget":    {http.MethodGet: s.forgetPreview, http.MethodPost: s.forget},
		"/api/exports":                   {http.MethodPost: s.addExport},
		"/api/exports/{id}":              {http.MethodGet: s.exportState, http.MethodDelete: s.dropExport},
		"/api/exports/{id}/file":         {http.MethodGet: s.exportFile},
		"/api/exports/{id}/save":         {http.MethodPost: s.saveExport},
		"/api/exports/{id}/sum":          {http.MethodGet: s.exportSum},
		"/api/backups":                   {http.MethodGet: s.backupState, http.MethodPost: s.addBackup},
		"/api/backups/save":              {http.MethodPost: s.saveBackup},
		"/api/backups/{id}":              {http.MethodDelete: s.dropBackup},
		"/api/backups/{id}/file":         {http.MethodGet: s.backupFile},
		"/api/forgetting":                {http.MethodGet: s.forgetting},
		"/api/joins/{id}/undo":           {http.MethodPost: s.undoJoin},
		"/api/search":                    {http.MethodGet: s.search},
		"/api/complete":                  {http.MethodGet: s.complete},
		"/api/fetch":                     {http.MethodPost: s.fetch},
		"/api/views":                     {http.MethodGet: s.views, http.MethodPost: s.addView},
		"/api/views/{id}":                {http.MethodPatch: s.changeView, http.MethodDelete: s.dropView},
		"/api/changes":                   {http.MethodPost: s.changes},
		"/api/acts":                      {http.MethodPost: s.act},
		"/api/acts/preview":              {http.MethodPost: s.planAct},
		"/api/acts/{op}":                 {http.MethodGet: s.actState},
		"/api/acts/{op}/undo":            {http.MethodPost: s.undoAct},
		"/api/snooze":                    {http.MethodPost: s.snooze},
		"/api/outbox":                    {http.MethodGet: s.outbox},
		"/api/outbox/undo":               {http.MethodPost: s.undo},
		"/api/outbox/{id}/retry":         {http.MethodPost: s.retry},
		"/api/outbox/{id}/drop":          {http.MethodPost: s.drop},
		"/api/agents":                    {http.MethodGet: s.agents, http.MethodPatch: s.nameAgent},
		"/api/accounts":                  {http.MethodPost: s.addAccount},
		"/api/accounts/{name}":           {http.MethodGet: s.account, http.MethodPatch: s.changeAccount, http.MethodDelete: s.removeAccount},
		"/api/accounts/{name}/key":       {http.MethodPut: s.rekeyAccount},
		"/api/accounts/{name}/pause":     {http.MethodPost: s.hold(true)},
		"/api/accounts/{name}/resume":    {http.MethodPost: s.hold(false)},
		"/api/accounts/{name}/runs":      {http.MethodGet: s.runs},
		"/api/notices/{id}":              {http.MethodDelete: s.dropNotice},
		"/api/demo":                      {http.MethodPost: s.openDemo},
		"/api/tokens":                    {http.MethodGet: s.tokens, http.MethodPost: s.addToken},
		"/api/tokens/{name}":             {http.MethodDelete: s.dropToken},
		"/api/data":                      {http.MethodGet: s.data},
		"/api/doctor":                    {http.MethodGet: s.doctor},
		"/api/diagnostics":               {http.MethodGet: s.diagnostics},
		"/api/sync":                      {http.MethodPost: s.sync},
		"/api/presence":                  {http.MethodPut: s.presence},
		"/api/notifications/try":         {http.MethodPost: s.tryNotification},
		"/api/settings":                  {http.MethodGet: s.settings, http.MethodPatch: s.changeSettings},
		"/api/links":                     {http.MethodPost: s.link},
		"/api/events":                    {http.MethodGet: s.stream},
	}
}

// mount puts the session before every route but the one that opens it, and
// leaves what is not the API to the files of the interface.
func (s *Server) mount() {
	api := http.NewServeMux()
	for path, methods := range s.routes() {
		api.Handle(path, s.answer(byMethod(methods)))
	}
	api.Handle("/api/", s.answer(func(http.ResponseWriter, *http.Request) error {
		return fail(http.StatusNotFound, "not_found", "error.no_such_route")
	}))
	s.mux = http.NewServeMux()
	s.mux.Handle("/api/session", s.answer(byMethod(map[string]handler{http.MethodPost: s.openSession})))
	s.mux.Handle("/api/", s.withSession(s.noting(api)))
	s.mux.HandleFunc("POST /owner/{command}", s.owner)
	s.mux.HandleFunc("/", s.static)
	d := shape.New(shape.Options{Cache: s.o.Cache, Local: s.o.Local, Apply: s.o.Office.Apply, Log: s.o.Log, Rate: s.o.TokenRate})
	s.shapes = map[string]shaped{waspyshape.Prefix: waspyshape.New(d), platicashape.Prefix: platicashape.New(d)}
}

// serve answers what has passed the guard.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if h := s.shape(r.URL.Path); h != nil {
		h.ServeHTTP(w, r)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// shaped is a provider's own API. Refuse answers a request that comes no further,
// as the API says a problem.
type shaped interface {
	http.Handler
	Refuse(http.ResponseWriter, *http.Request, *shape.Problem)
}

// shape is the provider's own API that a path is of, or nil. They take a token
// and no session, and their paths as they are: net/http's own router would clean
// them.
func (s *Server) shape(path string) shaped {
	if i := strings.IndexByte(path[min(1, len(path)):], '/'); i >= 0 {
		return s.shapes[path[:i+1]]
	}
	return nil
}

// byMethod chooses by the request's method; one that the path does not have is
// a 405 that lists those it has.
func byMethod(methods map[string]handler) handler {
	allow := slices.Sorted(maps.Keys(methods))
	if methods[http.MethodGet] != nil {
		allow = append(allow, http.MethodHead)
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		if h := methods[method]; h != nil {
			return h(w, r)
		}
		w.Header().Set("Allow", strings.Join(allow, ", "))
		return fail(http.StatusMethodNotAllowed, "method", "error.method", "method", r.Method)
	}
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
