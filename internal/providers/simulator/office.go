// Package simulator is both platforms at once: their APIs as one real
// http.Handler over an invented office with Argentine and Mexican customers.
// The demo, the tests and the benchmarks talk to it as to the real ones.
//
// What the contracts leave open it decides once, and says so where it does.
// Nothing in it changes by itself: windows, statuses and lists move only by
// events (a PATCH, Post, NewCustomer, Run), so two readings of a quiet office
// are equal byte for byte.
package simulator

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// Where the two APIs begin on the handler.
const (
	WaspyPath   = "/waspy/api/v2"
	PlaticaPath = "/platica/v1"
)

// Requests a second for one key: Plática's is documented (platica.md §4),
// Waspy's is not and is invented.
const (
	waspyRate   = 50
	platicaRate = 30
)

// Options say which office it is. Equal options, Now included, make offices
// that are equal byte for byte.
type Options struct {
	Seed uint64
	// Conversations at each provider; 0 is a demo-sized office.
	Conversations int
	// Messages at each provider in all; 0 is a natural number for the office.
	Messages int
	// Now is when the history ends; zero is the time of the call of New. From
	// there the office's clock goes on at the pace of the real one.
	Now time.Time
	// Live lets Run make things happen.
	Live bool
	// NoRateLimit switches both limits off, for benchmarks.
	NoRateLimit bool
}

// Sizes of the office where nobody says any.
const (
	demoChats    = 240
	demoSessions = 260
)

// Seeds of the parts of an office.
const (
	seedPerson uint64 = iota + 1
	seedChat
	seedContact
	seedAgent
	seedChannel
	seedSession
	seedClient
	seedMessage
	seedKey
	seedLive
)

// Office is both platforms' view of one small business. Its methods may be
// called from several goroutines.
type Office struct {
	opts      Options
	lexicons  [2]*lexicon
	born      time.Time // by the real clock, when the office's said opts.Now
	waspyKey  string
	platKey   string
	requests  atomic.Int64
	waspyGate *rate.Limiter
	platGate  *rate.Limiter
	buffers   sync.Pool

	mu      sync.RWMutex // guards what follows
	waspy   waspyDesk
	platica platicaDesk
	latest  int64 // time of the newest event
	live    liveDesk
}

// New opens an office. It takes about a second for a million messages, whose
// texts are made when they are read.
func New(opts Options) *Office {
	born := time.Now()
	if opts.Now.IsZero() {
		opts.Now = born
	}
	opts.Now = opts.Now.UTC().Truncate(time.Millisecond)
	// The files are part of the program and a test reads them: what could
	// not be read is left out.
	lexicons, _ := readLexicons()
	o := &Office{
		opts: opts, lexicons: lexicons, born: born,
		waspyKey:  "wspy_" + token(opts.Seed, seedKey) + token(opts.Seed, seedKey+100),
		platKey:   "pl_key_" + token(opts.Seed, seedKey+200) + "_" + token(opts.Seed, seedKey+300),
		waspyGate: rate.NewLimiter(waspyRate, waspyRate),
		platGate:  rate.NewLimiter(platicaRate, platicaRate),
		latest:    opts.Now.UnixNano(),
	}
	o.openWaspy()
	o.openPlatica()
	o.live.dice = dice(mix(opts.Seed, seedLive))
	return o
}

// WaspyKey is the key that Waspy's side takes.
func (o *Office) WaspyKey() string { return o.waspyKey }

// PlaticaKey is the key that Plática's side takes; it reaches every workspace.
func (o *Office) PlaticaKey() string { return o.platKey }

// WaspyAgents are the UUIDs that chats are assigned to.
func (o *Office) WaspyAgents() []string { return slices.Clone(o.waspy.agents) }

// PlaticaUsers are the e-mails that may own conversations of a workspace; nil
// for one that is not there.
func (o *Office) PlaticaUsers(workspace string) []string {
	for _, ws := range o.platica.workspaces {
		if ws.id == workspace {
			return slices.Clone(ws.users)
		}
	}
	return nil
}

// Requests counts what the handler was asked, refusals included.
func (o *Office) Requests() int64 { return o.requests.Load() }

// now is the office's clock, in nanoseconds since 1970.
func (o *Office) now() int64 {
	return o.opts.Now.UnixNano() + int64(time.Since(o.born))
}

// tick is the time of an event: now, in whole milliseconds, and later than any
// event before. It is called with mu held.
func (o *Office) tick() int64 {
	at := milliseconds(o.now(), nil)
	if next := o.latest + millisecond; at < next {
		at = milliseconds(next, nil)
	}
	o.latest = at
	return at
}

// WaspyConversations is what the list holds, in its order.
func (o *Office) WaspyConversations() []json.RawMessage {
	o.mu.RLock()
	defer o.mu.RUnlock()
	out := make([]json.RawMessage, 0, len(o.waspy.chats.rows))
	for _, c := range o.waspy.chats.rows {
		out = append(out, o.appendChat(nil, c))
	}
	return out
}

// WaspyMessages is what a conversation holds, oldest first; nil for one that
// is not there.
func (o *Office) WaspyMessages(conversation string) []json.RawMessage {
	o.mu.RLock()
	defer o.mu.RUnlock()
	c := o.waspy.byID[conversation]
	if c == nil {
		return nil
	}
	msgs, voice := o.chatMessages(c), o.chatVoice(c)
	out := make([]json.RawMessage, 0, len(msgs))
	for i := range msgs {
		out = append(out, appendWaspyMessage(nil, c, &msgs[i], voice))
	}
	return out
}

// PlaticaConversations is what the lists of all workspaces hold, in the form
// of a list's row, newest activity first within each.
func (o *Office) PlaticaConversations() []json.RawMessage {
	o.mu.RLock()
	defer o.mu.RUnlock()
	var out []json.RawMessage
	for _, ws := range o.platica.workspaces {
		for i := len(ws.byUpdate.rows) - 1; i >= 0; i-- {
			out = append(out, o.appendSession(nil, ws.byUpdate.rows[i], false))
		}
	}
	return out
}

// PlaticaMessages is what a conversation, named by its internal id, holds,
// oldest first; nil for one that is not there.
func (o *Office) PlaticaMessages(id string) []json.RawMessage {
	o.mu.RLock()
	defer o.mu.RUnlock()
	s := o.platica.byID[id]
	if s == nil {
		return nil
	}
	msgs, voice := o.sessionMessages(s), o.sessionVoice(s)
	out := make([]json.RawMessage, 0, len(msgs))
	for i := range msgs {
		out = append(out, appendPlaticaMessage(nil, s, &msgs[i], voice))
	}
	return out
}

// Run makes things happen in a Live office, every few seconds: customers write
// and are answered, deliveries and statuses move on, new customers come. It
// returns when ctx ends; in an office that is not Live it only waits for that.
func (o *Office) Run(ctx context.Context) {
	if !o.opts.Live {
		<-ctx.Done()
		return
	}
	o.run(ctx)
}
