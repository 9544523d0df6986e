package syncer

import "errors"

// ErrHeld: a person has paused the account while it was being copied.
var ErrHeld = errors.New("paused by a person")

// Hold stops the copying after the page under way, until Resume. A Once that
// is asked for meanwhile runs all the same.
func (l *Loop) Hold() {
	l.mu.Lock()
	l.held = true
	l.mu.Unlock()
	l.set(func(s *Status) {
		s.Held = true
		if len(l.pass) == 0 {
			s.State = Paused
		}
	})
	l.Wake()
}

// Resume lets the copying go on where it was.
func (l *Loop) Resume() {
	l.mu.Lock()
	l.held = false
	l.mu.Unlock()
	l.set(func(s *Status) {
		s.Held = false
		if s.State == Paused && s.Err == nil {
			s.State = l.underWay()
		}
	})
	l.Wake()
}

func (l *Loop) holding() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.held
}

// stopped reports whether the run under way is to end: it was held after it
// began.
func (l *Loop) stopped() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.held && !l.byHand
}
