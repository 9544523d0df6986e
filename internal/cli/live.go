package cli

import (
	"fmt"
	"time"
)

// live is the line on stderr that says how far a long job is: it is written over
// on a terminal, one line a second otherwise.
type live struct {
	a    *app
	tty  bool
	mute bool
	last time.Time // when it was written
}

func (a *app) newLive() live { return live{a: a, tty: terminal(a.Stderr), mute: a.quiet} }

// due reports whether it is time to write the line, and takes it for written.
func (l *live) due() bool {
	every := time.Second
	if l.tty {
		every = 200 * time.Millisecond
	}
	if l.mute || time.Since(l.last) < every {
		return false
	}
	l.last = time.Now()
	return true
}

func (l *live) write(text string) {
	if l.tty {
		fmt.Fprintf(l.a.Stderr, "\r\033[K%s", text)
	} else {
		fmt.Fprintln(l.a.Stderr, text)
	}
}

// end takes the line away. Somebody may be writing it.
func (l *live) end() {
	if l.tty && !l.mute {
		fmt.Fprint(l.a.Stderr, "\r\033[K")
	}
}

// bar draws how much of a known total is done.
func bar(done, total int64) string {
	const width = 16
	full := int(done * width / total)
	out := make([]rune, 0, width+3)
	out = append(out, '[')
	for i := range width {
		if i < full {
			out = append(out, '█')
		} else {
			out = append(out, '·')
		}
	}
	return string(append(out, ']', ' '))
}
