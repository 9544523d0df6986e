// Package simulator is both platforms at once: their APIs as one real
// http.Handler over an invented office with Argentine and Mexican customers.
// The demo, the tests and the benchmarks talk to it as to the real ones.
//
// What the contracts leave open it decides once, and says so where it does.
// Nothing in it changes by itself: windows, statuses and lists move only by
// events (a PATCH, a method of Office, Run, a Drift), so two readings of a
// quiet office are equal byte for byte.
//
// # Events by hand
//
// Post, Answer, NewCustomer and NewConversation write; SetStatus, Assign, Tag,
// Rename and Alter change silently, or with a stamp; Touch, Reopen, Delete,
// Restore, LateMessage, EditMessage and Tie do what they say. SetField and
// SetMessageField make one member of an object any JSON. All of them are in
// what Conversation, WaspyConversations and the like then give, which is the
// truth to compare a copy with; Deleted names what is gone.
//
// # Faults
//
// SetFaults sets rules by which requests go wrong, and a Drift that changes
// rows while they are being read:
//
//	office.SetFaults(simulator.Faults{Seed: seed, Drift: &simulator.Drift{Every: 1, Changes: 2},
//		Rules: []simulator.Fault{
//			{Kind: "status", Status: []int{500, 503, 429}, RetryAfter: "1", Chance: 0.2},
//			{Kind: "cut", Request: "list", Bytes: 700, Times: 1},
//			{Kind: "drop", Request: "patch", Effect: true, Times: 1}, // the reply is lost, the effect is not
//		}})
//	…
//	office.Quiet() // stands still again, as it has become
//
// docs/faults.md tells of every kind and field; ReadFaults reads its file
// form. Wire faults take the connection from the server that serves Handler:
// they work over TCP and over providertest.Pipe. A Door refuses connections.
//
// # History
//
// With Options.History, Office.History gives every request, with what was done
// to it, and every change, with who made it, in one sequence; its methods
// answer a checker's questions (Value, Overwrites, Unlooked, Overlapping,
// Busiest, Early). Effects counts PATCHes that took effect.
package simulator

import (
	"context"
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
	// Longest is how many of Messages are in one conversation of each provider;
	// 0 leaves it a share that is natural for a long one.
	Longest int
	// Now is when the history ends; zero is the time of the call of New. From
	// there the office's clock goes on at the pace of the real one.
	Now time.Time
	// Live lets Run make things happen.
	Live bool
	// NoRateLimit switches both limits off, for benchmarks.
	NoRateLimit bool
	// Clock is the office's clock, for tests that steer it; nil goes on from
	// Now at the pace of the real one. It may be called from several
	// goroutines.
	Clock func() time.Time
	// History keeps a log of every request and every change (Office.History).
	History bool
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
	seedFault
	seedDrift
)

// Office is both platforms' view of one small business. Its methods may be
// called from several goroutines.
type Office struct {
	opts      Options
	lexicons  [2]*lexicon
	born      time.Time // by the real clock, when the office's said opts.Now
	skew      atomic.Int64
	keys      [2]atomic.Pointer[string] // Waspy's, Plática's
	requests  atomic.Int64
	waspyGate *rate.Limiter
	platGate  *rate.Limiter
	buffers   sync.Pool

	journal journal
	faults  atomic.Pointer[faultSet]

	mu      sync.RWMutex // guards what follows
	waspy   waspyDesk
	platica platicaDesk
	latest  int64 // time of the newest event
	live    liveDesk
	actor   string // who changes something just now, for the history
	acting  int64  // for which request
	effects map[string]int
	rekeyed uint64
	edits   map[string][]edit
	deleted []deletion
}

// New opens an office. It takes about a second for a million messages, whose
// texts are made when they are read.
func New(opts Options) *Office {
	born := time.Now()
	if opts.Now.IsZero() {
		opts.Now = born
		if opts.Clock != nil {
			opts.Now = opts.Clock()
		}
	}
	opts.Now = opts.Now.UTC().Truncate(time.Millisecond)
	// The files are part of the program and a test reads them: what could
	// not be read is left out.
	lexicons, _ := readLexicons()
	o := &Office{
		opts: opts, lexicons: lexicons, born: born,
		waspyGate: rate.NewLimiter(waspyRate, waspyRate),
		platGate:  rate.NewLimiter(platicaRate, platicaRate),
		latest:    opts.Now.UnixNano(),
	}
	o.setKeys(opts.Seed)
	o.journal.on.Store(opts.History)
	o.openWaspy()
	o.openPlatica()
	o.live.dice = dice(mix(opts.Seed, seedLive))
	return o
}

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
