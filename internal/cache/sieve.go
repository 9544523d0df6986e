package cache

import (
	"math"
	"slices"

	"bandeja/internal/inbox"
)

// sieve is a list's filter over facts: numbers alone, so that a million rows
// take milliseconds.
type sieve struct {
	statuses, dirs   uint32 // a bit each
	set, unset       uint16 // flags
	kinds, notKinds  uint16
	accounts         []bool // by number, nil for all; so the next three
	channels         []bool
	assigned, tagged []bool
	from, to         int64 // of at, both included
	within, notIn    span  // of until
	among, without   *ThreadSet
	nothing          bool
	mine             [][]bool // by channel and then list of refs, nil for all
	snoozed          snoozedIs
	here             int64     // by which time
	sleeps           snoozedIs // the narrow's, by its own time
	at               int64
}

// snoozedIs is what is asked for of whether a thread is snoozed.
type snoozedIs int8

const (
	snoozedOrNot snoozedIs = iota
	notSnoozed
	onlySnoozed
)

// span is a stretch of time, its end included; zero for any.
type span struct{ after, upTo int64 }

func (s span) has(at int64) bool { return at > s.after && at <= s.upTo }

// every lets everything through that is there.
func every() sieve {
	return sieve{statuses: math.MaxUint32, dirs: math.MaxUint32, set: isThere, from: math.MinInt64, to: math.MaxInt64}
}

// keepBits keeps of a mask what is asked for, and nothing of what is not.
func keepBits[T comparable](mask *uint32, all, asked, without []T) {
	for n, v := range all {
		if len(asked) > 0 && !slices.Contains(asked, v) || slices.Contains(without, v) {
			*mask &^= 1 << n
		}
	}
}

// lookUpTable says for each of some values whether they are left by what is asked for
// and what is not; nil where neither is said.
func lookUpTable[T any](all []T, asked, without int, is func(v T, without bool) bool) []bool {
	if asked+without == 0 {
		return nil
	}
	out := make([]bool, len(all))
	for n, v := range all {
		out[n] = (asked == 0 || is(v, false)) && (without == 0 || !is(v, true))
	}
	return out
}

// sieveOf is a narrow's filter; among and without are its people and threads as
// sets.
func (f *facts) sieveOf(n *Narrow, among, without *ThreadSet) sieve {
	s := every()
	s.among, s.without = among, without
	s.nothing = n.Nothing
	keepBits(&s.statuses, inbox.Statuses, n.Statuses, n.Not.Statuses)
	keepBits(&s.dirs, directions, n.Directions, n.Not.Directions)
	s.kinds, s.notKinds = uint16(kindMask(n.Kinds)), uint16(kindMask(n.Not.Kinds))
	s.nothing = s.nothing || len(n.Kinds) > 0 && s.kinds == 0
	for _, flag := range []struct {
		bit    uint16
		is, no bool // asked for, and asked not to be
	}{
		{isAssigned, n.Not.Unassigned, n.Unassigned}, {isUnread, n.Unread, n.Not.Unread}, {needsReply, n.NeedsReply, n.Not.NeedsReply},
		{isWaiting, n.Waiting, n.Not.Waiting}, {isComplete, n.Not.Partial, n.Partial},
	} {
		if flag.is {
			s.set |= flag.bit
		}
		if flag.no {
			s.unset |= flag.bit
		}
	}
	if !n.After.IsZero() {
		s.from = inbox.Millis(n.After)
	}
	if !n.Before.IsZero() {
		s.to = inbox.Millis(n.Before) - 1
	}
	now := n.Now.UnixMilli()
	if n.Within > 0 {
		s.within = span{now, now + n.Within.Milliseconds()}
	}
	if n.Not.Within > 0 {
		s.notIn = span{now, now + n.Not.Within.Milliseconds()}
	}
	s.at = inbox.Millis(n.Here)
	switch {
	case n.Snoozed && n.Not.Snoozed:
		s.nothing = true
	case n.Snoozed:
		s.sleeps = onlySnoozed
	case n.Not.Snoozed:
		s.sleeps = notSnoozed
	}
	s.accounts = f.accountsOf(n)
	s.channels = lookUpTable(f.channels.values, len(n.Channels), len(n.Not.Channels), func(k channelKey, without bool) bool {
		return slices.Contains(side(n, without).Channels, ChannelRef{f.accounts[k.account].name, k.channel})
	})
	s.assigned = lookUpTable(f.lists.values, len(n.Assignees), len(n.Not.Assignees), func(list string, without bool) bool {
		return shares(unlist(list), side(n, without).Assignees)
	})
	s.tagged = lookUpTable(f.lists.values, len(n.Tags), len(n.Not.Tags), func(list string, without bool) bool {
		return shares(unlist(list), side(n, without).Tags)
	})
	return s
}

func side(n *Narrow, without bool) *Facets {
	if without {
		return &n.Not
	}
	return &n.Facets
}

func shares(a, b []string) bool {
	return slices.ContainsFunc(a, func(v string) bool { return slices.Contains(b, v) })
}

func (f *facts) accountsOf(n *Narrow) []bool {
	if len(n.Accounts)+len(n.Providers)+len(n.Not.Accounts)+len(n.Not.Providers) == 0 {
		return nil
	}
	var out []bool
	for id, a := range f.accounts {
		for id >= int64(len(out)) {
			out = append(out, false)
		}
		out[id] = (len(n.Accounts) == 0 || slices.Contains(n.Accounts, a.name)) && !slices.Contains(n.Not.Accounts, a.name) &&
			(len(n.Providers) == 0 || slices.Contains(n.Providers, a.provider)) && !slices.Contains(n.Not.Providers, a.provider)
	}
	return out
}

// view narrows a sieve to a view of one account, or of all for "".
func (s *sieve) view(f *facts, l ThreadFilter) {
	live := uint32(0)
	for n, status := range inbox.Statuses {
		if status.Live() {
			live |= 1 << n
		}
	}
	s.unset |= isGone
	if s.here = inbox.Millis(l.Here); l.View.hides() && s.here != 0 && !l.Narrow.Snoozed {
		s.snoozed = notSnoozed
	}
	switch l.View {
	case Inbox:
		s.statuses &= live
	case NeedsReply:
		s.set |= needsReply
	case Unassigned:
		s.statuses, s.unset = s.statuses&live, s.unset|isAssigned
	case Mine:
		s.statuses, s.set, s.mine = s.statuses&live, s.set|isAssigned, f.mineOf(l.Me)
	case Snoozed:
		s.set, s.snoozed = s.set|isSnoozed, onlySnoozed
	case SpamView:
		keepBits(&s.statuses, inbox.Statuses, []inbox.Status{inbox.Spam}, nil)
	case Expiring:
		s.statuses &= live
		until := span{l.Now.UnixMilli(), l.Now.Add(ExpiringWithin).UnixMilli()}
		if s.within != (span{}) {
			until.after, until.upTo = max(until.after, s.within.after), min(until.upTo, s.within.upTo)
		}
		s.within = until
		s.nothing = s.nothing || until.upTo <= until.after
	}
	if l.Account != "" {
		only := f.accountsOf(&Narrow{Facets: Facets{Accounts: []string{l.Account}}})
		for id := range only {
			only[id] = only[id] && (s.accounts == nil || s.accounts[id])
		}
		s.accounts = only
	}
}

// mineOf says of every channel which lists of refs have one that is one's own in
// its account.
func (f *facts) mineOf(me []AgentRef) [][]bool {
	lists := map[int64][]bool{}
	for id, a := range f.accounts {
		var refs []string
		for _, m := range me {
			if m.Account == a.name {
				refs = append(refs, m.Ref)
			}
		}
		lists[id] = lookUpTable(f.lists.values, len(refs), 0, func(list string, _ bool) bool { return shares(unlist(list), refs) })
	}
	out := make([][]bool, len(f.channels.values))
	for n, k := range f.channels.values {
		out[n] = lists[k.account]
	}
	return out
}

// asleep reports whether a thread is snoozed at a time.
func (f *facts) asleep(id int, at int64) bool {
	return f.state[id]&isSnoozed != 0 && f.sleeps[int64(id)] > at
}

// lets reports whether a thread is as it is asked for at a time.
func (is snoozedIs) lets(f *facts, id int, at int64) bool {
	return is == snoozedOrNot || f.asleep(id, at) == (is == onlySnoozed)
}

// states says of every state whether it is left.
func (s *sieve) states() *[stateCount]bool {
	var out [stateCount]bool
	for state := range out {
		n := uint16(state)
		out[state] = n&s.set == s.set && n&s.unset == 0 && s.statuses>>(n>>statusAt&7)&1 != 0 && s.dirs>>(n>>dirAt)&1 != 0
	}
	return &out
}

// lanes says of every channel whether it and its account are left, nil for all.
// An account may be gone that had some.
func (s *sieve) lanes(f *facts) []bool {
	if s.accounts == nil {
		return s.channels
	}
	out := make([]bool, len(f.channels.values))
	for n, k := range f.channels.values {
		out[n] = k.account < int64(len(s.accounts)) && s.accounts[k.account] && (s.channels == nil || s.channels[n])
	}
	return out
}

// each calls fn for every thread that is left, by row number.
func (s *sieve) each(f *facts, fn func(id int)) {
	if s.nothing {
		return
	}
	states, lanes := s.states(), s.lanes(f)
	dated, ends := s.from != math.MinInt64 || s.to != math.MaxInt64, s.within != span{}
	more := s.kinds|s.notKinds != 0 || s.notIn != span{} || s.among != nil || s.without != nil ||
		s.mine != nil || s.snoozed != snoozedOrNot || s.sleeps != snoozedOrNot
	for id, state := range f.state {
		if !states[state&(stateCount-1)] || dated && (f.at[id] < s.from || f.at[id] > s.to) || ends && !s.within.has(f.until[id]) {
			continue
		}
		if (s.tagged == nil || s.tagged[f.tagged[id]]) && (s.assigned == nil || s.assigned[f.assigned[id]]) &&
			(lanes == nil || lanes[f.channel[id]]) && (!more || s.more(f, id)) {
			fn(id)
		}
	}
}

// more is what is seldom asked for.
func (s *sieve) more(f *facts, id int) bool {
	kinds := f.kinds[id]
	return (s.kinds == 0 || kinds&s.kinds != 0) && kinds&s.notKinds == 0 && (s.notIn == span{} || !s.notIn.has(f.until[id])) &&
		(s.among == nil || s.among.Has(int64(id))) && (s.without == nil || !s.without.Has(int64(id))) &&
		s.snoozed.lets(f, id, s.here) && s.sleeps.lets(f, id, s.at) && (s.mine == nil || s.isMine(f, id))
}

func (s *sieve) isMine(f *facts, id int) bool {
	lists := s.mine[f.channel[id]]
	return lists != nil && lists[f.assigned[id]]
}
