package shape

import (
	"context"
	"errors"
	"net/http"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// Problem is why a request is not answered as was asked. Each shape writes it in
// its own way.
type Problem struct {
	Status  int
	Param   string        // the name of what is wrong, "" where it is no parameter
	Message string        // one sentence, which names it
	Wait    time.Duration // until it may be asked again, 0 where that changes nothing
}

func (p *Problem) Error() string { return p.Message }

// Bad is a parameter, or a member of a body, that makes no sense. must says what
// it is to be: "must be a number from 1 to 100".
func Bad(param, must string) error {
	return &Problem{Status: http.StatusBadRequest, Param: param, Message: param + " " + must}
}

// NotFound is that there is no such conversation, or that it is gone.
func NotFound() error {
	return &Problem{Status: http.StatusNotFound, Message: "Conversation not found"}
}

// ProblemOf is the problem that an error is; ok is false where nobody waits for
// an answer any more.
func (d *Desk) ProblemOf(r *http.Request, err error) (p *Problem, ok bool) {
	var lacks *inbox.UnsupportedError
	switch {
	case errors.As(err, &p):
	case r.Context().Err() != nil && errors.Is(err, context.Canceled):
		return nil, false
	case errors.Is(err, cache.ErrNotFound):
		p = &Problem{Status: http.StatusNotFound, Message: "Conversation not found"}
	case errors.As(err, &lacks):
		p = &Problem{Status: http.StatusBadRequest, Param: lacks.Field, Message: lacks.Error()}
	case errors.Is(err, cache.ErrReadOnly):
		p = &Problem{Status: http.StatusServiceUnavailable, Message: "Bandeja can only read here: its folder cannot be written, and no change can be kept"}
	case errors.Is(err, cache.ErrFull):
		p = &Problem{Status: http.StatusServiceUnavailable, Message: "The disk of this Bandeja is full, and no change can be kept"}
	default:
		d.Log.Error("request failed", "path", r.Pattern, "err", err)
		p = &Problem{Status: http.StatusInternalServerError, Message: "Bandeja could not answer; its log says why"}
	}
	return p, true
}

// After is the answer's status for the outcomes of one request's wishes, or why
// it was not done.
func After(outcomes ...Outcome) (status int, err error) {
	status = http.StatusOK
	worst := Done
	for _, o := range outcomes {
		worst = max(worst, o)
	}
	switch worst {
	case Waits:
		status = http.StatusAccepted
	case Conflict:
		err = &Problem{Status: http.StatusConflict, Message: "Somebody else has changed the conversation meanwhile; read it and try again"}
	case Refused:
		err = &Problem{Status: http.StatusUnprocessableEntity, Message: "The platform does not take this change"}
	case Gone:
		err = NotFound()
	}
	return status, err
}
