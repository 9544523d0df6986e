package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Faults is what goes wrong, and how the office drifts, from SetFaults on. The
// same faults, office and sequence of requests give the same replies.
type Faults struct {
	// Seed of what is left to chance; 0 is the office's.
	Seed uint64
	// Skew is how far ahead the office's clock is from then on, as SetSkew
	// would set it.
	Skew time.Duration
	// Rules are tried in order on every request to either API. Of those that
	// replace the reply, and of those that break the wire, the first wins;
	// all others add up.
	Rules []Fault
	Drift *Drift
}

// Fault is one rule: what goes wrong, with which requests, and how often.
type Fault struct {
	// Kind is what goes wrong; docs/faults.md tells them all.
	Kind string `json:"fault"`

	// Which requests; what is empty fits all.
	Provider     string `json:"provider"`     // "waspy" or "platica"
	Request      string `json:"request"`      // a Request's Kind, or "read" for every GET
	Conversation string `json:"conversation"` // as the path names it
	Query        string `json:"query"`        // text that the query contains, as sent
	Paged        bool   `json:"paged"`        // only those that carry a cursor, or an offset above 0

	// When. The requests that fit are counted from 1.
	After  int     `json:"after"`  // the first so many are spared
	Every  int     `json:"every"`  // then every so many begin a burst; 0: 1
	Burst  int     `json:"burst"`  // so many in a row; 0: 1
	Times  int     `json:"times"`  // so many in all; 0: no end
	Chance float64 `json:"chance"` // of 1, for each of those; 0: all
	// From and Until bound the office's time since SetFaults; 0: no bound.
	From  time.Duration `json:"-"`
	Until time.Duration `json:"-"`

	// What exactly; each kind says which of these it heeds.
	Status     []int           `json:"status"`      // one of them, drawn
	RetryAfter string          `json:"retry_after"` // "120", any text, or "date -1h" for a date an hour before the office's now
	Effect     bool            `json:"effect"`      // the request still does its work
	Body       string          `json:"body"`
	Field      string          `json:"field"`
	To         json.RawMessage `json:"to"`
	Rows       int             `json:"rows"`
	Bytes      int             `json:"bytes"`
	Delay      time.Duration   `json:"-"`
}

// SetFaults replaces the faults that are set, with their counts and memory,
// and lets go of every connection that one of them holds. Its error names the
// wrong field, as in "rules[2].status", and then nothing changes.
func (o *Office) SetFaults(f Faults) error {
	if err := f.check(); err != nil {
		return err
	}
	set := newFaultSet(o, f)
	if len(f.Rules) == 0 && f.Drift == nil {
		set = nil
	}
	o.SetSkew(f.Skew)
	o.replaceFaults(set)
	return nil
}

// replaceFaults waits for a drift that is at work: after it, none of the set
// before changes anything.
func (o *Office) replaceFaults(set *faultSet) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if before := o.faults.Swap(set); before != nil {
		close(before.over)
	}
}

// Quiet ends all faults and the drift: from now on the office stands still,
// and what it has become is the truth to compare with. Skew and what SetField
// and the events changed stay.
func (o *Office) Quiet() { o.replaceFaults(nil) }

// faultSet is Faults at work.
type faultSet struct {
	seed  uint64
	began int64         // by the office's clock
	over  chan struct{} // closed when the set is replaced
	rules []*rule
	drift *drifter

	mu    sync.Mutex // guards what follows, and the rules' counts and memories
	other *Office    // of another workspace
}

// rule is a Fault with its counts and what it remembers.
type rule struct {
	Fault
	set   *faultSet
	seed  uint64
	seen  int // requests that fit
	hits  int
	kept  map[string][]byte // bodies, by place or address
	known map[string]bool   // cursors
}

func newFaultSet(o *Office, f Faults) *faultSet {
	seed := f.Seed
	if seed == 0 {
		seed = o.opts.Seed
	}
	set := &faultSet{seed: seed, began: o.now(), over: make(chan struct{})}
	for i, fault := range f.Rules {
		set.rules = append(set.rules, &rule{Fault: fault, set: set, seed: mix(mix(seed, seedFault), uint64(i)),
			kept: map[string][]byte{}, known: map[string]bool{}})
	}
	if f.Drift != nil {
		set.drift = newDrifter(*f.Drift, seed, set.over)
	}
	return set
}

// hit gives the rules that a request falls under, in order, with a number
// each to draw from.
func (set *faultSet) hit(o *Office, q *ask) (out []hit) {
	if set == nil || q.provider == "" {
		return nil
	}
	set.mu.Lock()
	defer set.mu.Unlock()
	for _, r := range set.rules {
		if !r.fits(q) {
			continue
		}
		r.seen++
		if d := dice(mix(r.seed, uint64(r.seen))); r.falls(o.now()-set.began, &d) {
			r.hits++
			out = append(out, hit{rule: r, dice: d})
		}
	}
	return out
}

// hit is a request that falls under a rule.
type hit struct {
	*rule
	dice dice
}

func (f *Fault) fits(q *ask) bool {
	return (f.Provider == "" || f.Provider == q.provider) &&
		(f.Request == "" || f.Request == q.kind || f.Request == "read" && q.Method == "GET") &&
		(f.Conversation == "" || f.Conversation == q.conversation) &&
		(f.Query == "" || strings.Contains(q.URL.RawQuery, f.Query)) &&
		(!f.Paged || q.continues())
}

// falls says whether the request that is seen-th falls under the rule.
func (r *rule) falls(since int64, d *dice) bool {
	n := r.seen - r.After - 1
	every := max(r.Every, r.Burst, 1)
	switch {
	case n < 0, n%every >= max(r.Burst, 1),
		r.Times > 0 && r.hits >= r.Times,
		since < int64(r.From), r.Until > 0 && since >= int64(r.Until):
		return false
	}
	return r.Chance == 0 || float64(d.n(1<<30)) < r.Chance*(1<<30)
}

// check names the field that is wrong.
func (f *Faults) check() error {
	for i := range f.Rules {
		if field, why := f.Rules[i].wrong(); why != "" {
			return &FaultsError{Field: strings.TrimSuffix(fmt.Sprintf("rules[%d].%s", i, field), "."), Why: why}
		}
	}
	if f.Drift != nil {
		if field, why := f.Drift.wrong(); why != "" {
			return &FaultsError{Field: "drift." + field, Why: why}
		}
	}
	return nil
}

// FaultsError says which field of Faults is wrong, and why.
type FaultsError struct{ Field, Why string }

func (e *FaultsError) Error() string { return "faults: " + e.Field + ": " + e.Why }

// wrong finds the field that is wrong; no reason for none.
func (f *Fault) wrong() (field, why string) {
	k, ok := kinds[f.Kind]
	if !ok {
		return "fault", fmt.Sprintf("there is no fault %q", f.Kind)
	}
	for _, v := range []struct {
		field, value string
		among        []string
	}{
		{"provider", f.Provider, []string{waspyName, platicaName}},
		{"request", f.Request, []string{"list", "single", "phone", "messages", "patch", "read"}},
	} {
		if v.value != "" && !slices.Contains(v.among, v.value) {
			return v.field, fmt.Sprintf("%q is none of %s", v.value, strings.Join(v.among, ", "))
		}
	}
	for _, v := range []struct {
		field string
		value int
	}{{"after", f.After}, {"every", f.Every}, {"burst", f.Burst}, {"times", f.Times}, {"rows", f.Rows}, {"from", int(f.From)}, {"until", int(f.Until)}, {"delay", int(f.Delay)}} {
		if v.value < 0 {
			return v.field, "must not be below 0"
		}
	}
	if f.Chance < 0 || f.Chance > 1 {
		return "chance", "must be from 0 to 1"
	}
	for _, p := range f.given() {
		if !slices.Contains(k.heeds, p) {
			return p, fmt.Sprintf("the fault %q does not heed it", f.Kind)
		}
	}
	return k.wrong(f)
}

// given names the parameters that are set.
func (f *Fault) given() (names []string) {
	for _, p := range []struct {
		name string
		set  bool
	}{{"status", f.Status != nil}, {"retry_after", f.RetryAfter != ""}, {"effect", f.Effect}, {"body", f.Body != ""}, {"field", f.Field != ""},
		{"to", f.To != nil}, {"rows", f.Rows != 0}, {"bytes", f.Bytes != 0}, {"delay", f.Delay != 0}} {
		if p.set {
			names = append(names, p.name)
		}
	}
	return names
}
