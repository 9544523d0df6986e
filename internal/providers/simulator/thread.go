package simulator

import (
	"math"
	"slices"
	"time"
)

// Spans of the office's clock, in nanoseconds.
const (
	millisecond = int64(time.Millisecond)
	second      = int64(time.Second)
	minute      = 60 * second
	hour        = 60 * minute
	day         = 24 * hour
)

// thread is what a conversation's messages are made of, again and again to the
// same bytes, until something happens in it: a million messages then cost
// nothing while nobody reads them.
type thread struct {
	seed   uint64
	last   int64    // time of the newest message
	count  int32    // messages
	done   bool     // the newest episode ran to its end
	pace   int64    // about this long between episodes; 0: days, in shop hours
	script []*story // newest first: what the cast lives through; then drawn ones
}

// teller makes threads: the voice of the customer and how exactly the API
// keeps time.
type teller struct {
	voice voice
	grain func(at int64, d *dice) int64
}

// episode draws the story of the k-th newest episode and how far it got.
func (t *thread) episode(lex *lexicon, k int) (st *story, stop int) {
	d := dice(mix(t.seed, uint64(k)))
	if k < len(t.script) {
		return t.script[k], len(t.script[k].turns)
	}
	st = pick(&d, lex.common)
	stop = len(st.turns)
	if k == 0 && !t.done {
		stop = 1 + d.n(stop-1)
	}
	return st, stop
}

// natural counts the messages of so many episodes.
func (t *thread) natural(lex *lexicon, episodes int) int32 {
	n := 0
	for k := range episodes {
		_, stop := t.episode(lex, k)
		n += stop
	}
	return int32(n)
}

// tell makes the messages, oldest first, without their delivery states. An
// old episode that does not fit whole was left unfinished by the customer.
func (t *thread) tell(by teller) []message {
	msgs := make([]message, 0, t.count)
	at, left := t.last, int(t.count)
	for k := 0; left > 0; k++ {
		st, stop := t.episode(by.voice.lex, k)
		stop = min(stop, left)
		left -= stop
		seed := mix(t.seed, uint64(k)+1<<32)
		d := dice(seed)
		human := d.chance(60)
		for i := stop - 1; i >= 0; i-- {
			at = by.grain(at, &d)
			msgs = append(msgs, message{at: at, episode: seed, turn: &st.turns[i], out: st.turns[i].out, human: human && i > 1})
			if i > 0 {
				at -= gap(&st.turns[i], &st.turns[i-1], &d)
			}
		}
		at = t.before(at, by.voice.land, &d)
	}
	slices.Reverse(msgs)
	for i := range msgs {
		msgs[i].n = uint32(i)
	}
	return msgs
}

// gap is how long somebody took to say t after prev.
func gap(t, prev *turn, d *dice) int64 {
	switch {
	case t.pause == pauseNone:
		return 0
	case t.pause == pauseDay:
		return 20*hour + int64(d.n(120))*minute
	case t.pause == pauseSeconds || t.out == prev.out:
		if d.chance(12) { // two that left the phone together
			return 0
		}
		return int64(2+d.n(50))*second + int64(d.n(1000))*millisecond
	case t.out:
		return int64(40+d.n(900))*second + int64(d.n(1e9))
	}
	return int64(25+d.n(1200))*second + int64(d.n(1e9))
}

// before is when the episode before one that began at ended.
func (t *thread) before(at int64, land country, d *dice) int64 {
	if t.pace > 0 {
		return at - t.pace/2 - int64(d.n(int(t.pace/second)))*second
	}
	days := 3 + d.n(37)
	// A long history still fits in about two years.
	if most := 700 * 12 / max(1, int(t.count)); most < 40 {
		days = 1 + d.n(max(1, most))
	}
	if t.count > 4000 {
		return at - int64(1+d.n(120))*minute
	}
	return shopHours(at-int64(days)*day-int64(d.n(4*3600))*second, land)
}

// shopHours moves a time back into the hours when the shop is open: 9 to 19,
// Saturdays to 14, never on Sundays. It keeps the minutes.
func shopHours(at int64, land country) int64 {
	zone := land.zone() * second
	local := at + zone
	date, clock := local/day, local%day
	weekday := (date + 4) % 7 // 1 January 1970 was a Thursday
	closes := 19 * hour
	if weekday == 6 {
		closes = 14 * hour
	}
	if weekday == 0 || clock < 9*hour+30*minute {
		if clock < 9*hour+30*minute {
			clock += 10 * hour
		}
		date--
		if weekday == 1 {
			date--
		}
		if weekday = (date + 4) % 7; weekday == 0 {
			date--
			weekday = 6
		}
		closes = 19 * hour
		if weekday == 6 {
			closes = 14 * hour
		}
	}
	if clock >= closes {
		clock = closes - 3*hour + clock%(3*hour)
	}
	return date*day + clock - zone
}

// milliseconds is Waspy's clock.
func milliseconds(at int64, _ *dice) int64 { return at - at%millisecond }

// mixedGrain is Plática's: seconds mostly, milliseconds, and nanoseconds, as
// its pages show all three.
func mixedGrain(at int64, d *dice) int64 {
	switch k := d.n(10); {
	case k < 6:
		return at - at%second
	case k < 9:
		return milliseconds(at, nil)
	}
	return at
}

// age is how long before now the rank-th of n conversations, newest first, was
// last active: a sixth of them in the last hours, the rest over 400 days.
func age(rank, n int, d *dice) int64 {
	const today = 0.16
	u := float64(rank) / float64(max(n, 50))
	jitter := int64(d.n(40_000)) * millisecond
	if u < today {
		return 3*minute + jitter + int64(math.Pow(u/today, 1.3)*float64(10*hour))
	}
	return 10*hour + jitter + int64(math.Pow((u-today)/(1-today), 2.2)*float64(400*day))
}

// lastActive is the time of that: in shop hours, but for the newest ones.
func (o *Office) lastActive(rank, n int, land country, d *dice) int64 {
	now := o.opts.Now.UnixNano()
	if rank%10 == 4 && rank < 110 {
		// Whatever the day, some reply windows end within hours.
		return now - 18*hour - int64(d.n(5*3600))*second
	}
	ago := age(rank, n, d)
	at := now - ago
	if ago < 45*minute {
		return at
	}
	return shopHours(at, land)
}
