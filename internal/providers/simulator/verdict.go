package simulator

import (
	"net/http"
	"strconv"
	"time"
)

// Value is what a field of a conversation was at a place of the sequence, in
// an Event's form; false where the history does not tell, since nothing ever
// changed it.
func (h History) Value(provider, conversation, field string, seq int64) (value string, ok bool) {
	for _, e := range h.Events {
		if e.Provider != provider || e.Conversation != conversation || e.Field != field {
			continue
		}
		if e.Seq > seq {
			if !ok {
				return e.Before, true
			}
			break
		}
		value, ok = e.After, true
	}
	return value, ok
}

// Place is the place in the sequence of the last change that was made by a
// time; 0 for none.
func (h History) Place(at time.Time) (seq int64) {
	for _, e := range h.Events {
		if !e.At.After(at) {
			seq = e.Seq
		}
	}
	return seq
}

// Overwrite is a PATCH that replaced what somebody else had set.
type Overwrite struct {
	Theirs, Ours Event
	// Looked is the last single GET of the conversation that succeeded before
	// the PATCH came; nil for none.
	Looked *Request
	// InGap says that theirs came after that look began: what no client can
	// see, since neither API has conditions.
	InGap bool
}

// Overwrites are the PATCHes that replaced a value which had come from
// somebody else, whether or not the client had seen it.
func (h History) Overwrites() []Overwrite {
	type place struct{ provider, conversation, field string }
	last := map[place]Event{}
	var out []Overwrite
	for _, e := range h.Events {
		at := place{e.Provider, e.Conversation, e.Field}
		theirs, ok := last[at]
		last[at] = e
		if !ok || e.Who != "patch" || theirs.Who == "patch" {
			continue
		}
		o := Overwrite{Theirs: theirs, Ours: e}
		if r := h.request(e.Request); r != nil {
			o.Looked = h.look(e.Provider, e.Conversation, 0, r.Began)
		}
		o.InGap = o.Looked != nil && theirs.Seq > o.Looked.Began
		out = append(out, o)
	}
	return out
}

func (h History) request(n int64) *Request {
	for i := range h.Requests {
		if h.Requests[i].N == n {
			return &h.Requests[i]
		}
	}
	return nil
}

// look is the last single GET of a conversation that succeeded between two
// places.
func (h History) look(provider, conversation string, after, before int64) (last *Request) {
	for i := range h.Requests {
		r := &h.Requests[i]
		if r.Provider == provider && r.Kind == "single" && r.Conversation == conversation && r.Status == http.StatusOK &&
			r.Began > after && r.Ended != 0 && r.Ended < before {
			last = r
		}
	}
	return last
}

// Unlooked are the PATCHes before which no single GET of the conversation
// succeeded since the PATCH before.
func (h History) Unlooked() (out []Request) {
	type place struct{ provider, conversation string }
	before := map[place]int64{}
	for _, r := range h.Requests {
		if r.Kind != "patch" {
			continue
		}
		at := place{r.Provider, r.Conversation}
		if h.look(r.Provider, r.Conversation, before[at], r.Began) == nil {
			out = append(out, r)
		}
		before[at] = r.Began
	}
	return out
}

// Overlapping are the PATCHes that came while another of the same conversation
// was being answered.
func (h History) Overlapping() (out []Request) {
	for i, r := range h.Requests {
		for _, earlier := range h.Requests[:i] {
			if r.Kind == "patch" && earlier.Kind == "patch" && earlier.Provider == r.Provider && earlier.Conversation == r.Conversation &&
				(earlier.Ended == 0 || earlier.Ended > r.Began) {
				out = append(out, r)
				break
			}
		}
	}
	return out
}

// Busiest is the largest number of requests of a key in any span of that
// length, and the number of the first of them.
func (h History) Busiest(key string, length time.Duration) (most int, first int64) {
	var open []Request
	for _, r := range h.Requests {
		if r.Key != key {
			continue
		}
		open = append(open, r)
		for r.At.Sub(open[0].At) >= length {
			open = open[1:]
		}
		if len(open) > most {
			most, first = len(open), open[0].N
		}
	}
	return most, first
}

// Early is a request that came before the time that a reply had told its key
// to wait for.
type Early struct {
	Told, Next Request
	By         time.Duration
}

// longestWait is the longest that a Retry-After is heeded (15 minutes).
const longestWait = 15 * time.Minute

// Early finds the requests that came too early, after a 429 or 503 with a
// Retry-After that can be read, of 15 minutes at most. Those that come within
// grace of the reply were on their way already.
func (h History) Early(grace time.Duration) (out []Early) {
	for i, told := range h.Requests {
		wait, ok := told.wait()
		if !ok {
			continue
		}
		for _, next := range h.Requests[i+1:] {
			after := next.At.Sub(told.Answered)
			if next.Key == told.Key && after >= grace && after < wait {
				out = append(out, Early{told, next, wait - after})
			}
		}
	}
	return out
}

// wait is how long a reply told its client to wait.
func (r *Request) wait() (time.Duration, bool) {
	if r.Status != http.StatusTooManyRequests && r.Status != http.StatusServiceUnavailable {
		return 0, false
	}
	if n, err := strconv.ParseUint(r.RetryAfter, 10, 31); err == nil {
		return min(time.Duration(n)*time.Second, longestWait), true
	}
	at, err := http.ParseTime(r.RetryAfter)
	return min(at.Sub(r.Answered), longestWait), err == nil
}
