package insights

import (
	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

const (
	silence    = dayMillis     // ends a conversation
	lateAnswer = 7 * dayMillis // how late the team's answer to a customer who spoke last still belongs to it
	windowTime = dayMillis     // for how long after a customer's message WhatsApp lets the team write freely
)

// walk goes through a thread in time, with the conversation and the window that
// are open at each message.
type walk struct {
	t      *tally
	o      *office
	course *cache.Course

	last cache.Beat // Session nil: none yet

	// Of the conversation: the customer's first message (Session nil: none yet),
	// and what became of it.
	first   cache.Beat
	settled bool // it was counted
	murky   bool // what came between may have been the answer

	// Of the window: the customer's latest message (Session nil: none is open).
	latest   cache.Beat
	answered bool
	doubtful bool
}

// step takes the next message.
func (w *walk) step(b cache.Beat) {
	if w.last.Session != nil && w.last.Session != b.Session && !w.last.Session.Whole {
		w.blur() // more was said there that is not here
	}
	if !b.Timed {
		w.untimed(b)
		return
	}
	if w.o.oldest == 0 || b.At < w.o.oldest {
		w.o.oldest = b.At
	}
	w.t.message(w.o, w.course, b)
	if w.latest.Session != nil && b.At >= w.latest.At+windowTime {
		w.closeWindow()
	}
	if w.last.Session == nil || b.At-w.last.At >= patience(w.last, b.Direction) {
		w.closeConversation(unanswered)
		w.first, w.settled, w.murky = cache.Beat{}, false, false
		w.t.began(w.o, w.course, b)
	}
	switch b.Direction {
	case inbox.In:
		if w.first.Session == nil {
			w.first, w.murky = b, false
		}
		if platformOf(b.Session) == whatsApp {
			w.latest, w.answered, w.doubtful = b, false, false
		}
	case inbox.Out:
		if w.first.Session != nil && !w.settled {
			w.settled = true
			w.count(answered, b.At-w.first.At)
		}
		w.answered = true
	default:
		w.blur()
	}
	w.last = b
}

// patience is how long after a message another still belongs to the same
// conversation.
func patience(last cache.Beat, next inbox.Direction) int64 {
	if last.Direction == inbox.In && next == inbox.Out {
		return lateAnswer
	}
	return silence
}

// untimed counts a message that has no time of its own: it may have been an
// answer.
func (w *walk) untimed(b cache.Beat) {
	if day, _, _ := w.t.dayAt(w.o, b.At); day != nil || b.At == 0 {
		w.t.untimed++
	}
	w.blur()
}

// blur notes that an answer may be among what is not known.
func (w *walk) blur() { w.murky, w.doubtful = true, true }

// count settles how the conversation was answered.
func (w *walk) count(how outcome, took int64) {
	if w.murky {
		how = unclear
	}
	w.t.response(w.o, w.first, how, took)
}

// closeConversation ends the one before; one that was not answered is otherwise.
func (w *walk) closeConversation(otherwise outcome) {
	if w.first.Session != nil && !w.settled {
		w.count(otherwise, 0)
	}
}

func (w *walk) closeWindow() {
	w.t.window(w.o, w.latest.At+windowTime, !w.answered, !w.answered && w.doubtful)
	w.latest.Session = nil
}

// end closes what is still open, as far as the copy tells: it was whole as of a
// time, and what was not read may be an answer.
func (w *walk) end() {
	if w.last.Session == nil {
		return
	}
	if !w.last.Session.Whole {
		w.blur()
		w.closeConversation(unclear)
		return // whether the window closed is not known
	}
	otherwise := unanswered
	if w.o.asOf-w.last.At < patience(w.last, inbox.Out) {
		otherwise = waiting
	}
	w.closeConversation(otherwise)
	if w.latest.Session != nil && w.o.asOf >= w.latest.At+windowTime {
		w.closeWindow()
	}
}
