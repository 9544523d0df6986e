package simulator

import "time"

// serveWatched is the way of a request while faults are set or a history is
// kept.
func (o *Office) serveWatched(set *faultSet, a *answer, q *ask) {
	entry := o.logRequest(q)
	hits := set.hit(o, q)
	if set != nil && set.drift != nil && q.provider != "" {
		set.drift.move(o, q.n)
	}
	var names []string
	var badly *hit
	done := false
	for i := range hits {
		h := &hits[i]
		k := kinds[h.Kind]
		switch k.stage {
		case before:
			h.wait(q, h.Delay)
		case instead:
			if done {
				continue
			}
			done = true
			k.reply(o, a, q, h)
		case sending:
			if badly != nil {
				continue
			}
			badly = h
		}
		names = append(names, h.Kind)
	}
	if !done && (badly == nil || badly.Kind != "drop" || badly.Effect) {
		o.serve(a, q)
	}
	for i := range hits {
		h := &hits[i]
		if change := kinds[h.Kind].change; change != nil && a.status == 200 && !a.html && !a.packed {
			change(o, a, q, h)
		} else if h.Kind == "late" {
			h.wait(q, h.Delay)
		}
	}
	if badly == nil {
		o.logReply(entry, a, names)
		a.flush()
		return
	}
	a.entry = entry
	if badly.Kind == "drop" || badly.Kind == "silence" {
		a.status = 0
	}
	o.logReply(entry, a, names)
	kinds[badly.Kind].send(a, badly)
}

// wait lets time go by, until the client leaves or the faults are replaced.
func (h *hit) wait(q *ask, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-q.Context().Done():
	case <-h.set.over:
	}
}
