package simulator

import "time"

// Clock is what the office's clock says now. The Date header of every reply,
// the times of events and those of the history are read from it.
func (o *Office) Clock() time.Time { return time.Unix(0, o.now()).UTC() }

// SetSkew sets the office's clock ahead of what it would say by d, or back for
// d below 0, from now on: a provider whose clock is wrong. Events still never
// get a time before an earlier one's.
func (o *Office) SetSkew(d time.Duration) { o.skew.Store(int64(d)) }

// now is the office's clock, in nanoseconds since 1970.
func (o *Office) now() int64 {
	if o.opts.Clock != nil {
		return o.opts.Clock().UnixNano() + o.skew.Load()
	}
	return o.opts.Now.UnixNano() + int64(time.Since(o.born)) + o.skew.Load()
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
