package shape

import "net/http"

// Turn has a request worked on. Reads wait for their turn: half the processors
// are left to what copies, however many ask. Their answers are written when the
// turn is over, so that who reads slowly keeps nobody waiting. A change waits for
// its provider, and for no turn.
func (d *Desk) Turn(w http.ResponseWriter, r *http.Request, work func(http.ResponseWriter)) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		work(w)
		return
	}
	select {
	case d.turns <- struct{}{}:
	case <-r.Context().Done():
		return // nobody waits for it any more
	}
	a := answer{ResponseWriter: w}
	func() {
		defer func() { <-d.turns }()
		work(&a)
	}()
	a.send()
}

// answer keeps what is written until it is sent.
type answer struct {
	http.ResponseWriter
	status int
	body   []byte
}

// WriteHeader is http.ResponseWriter's.
func (a *answer) WriteHeader(status int) { a.status = status }

// Write is http.ResponseWriter's.
func (a *answer) Write(body []byte) (int, error) {
	a.body = append(a.body, body...)
	return len(body), nil
}

func (a *answer) send() {
	if a.status == 0 {
		return
	}
	a.ResponseWriter.WriteHeader(a.status)
	_, _ = a.ResponseWriter.Write(a.body) // the reader may have gone
}
