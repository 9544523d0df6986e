package server

import (
	"net/http"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// snoozedAnswer says until when a thread is snoozed, and by what it is back.
type snoozedAnswer struct {
	Until *string `json:"until"`
	Back  *string `json:"back"` // time, message; null while it is away
}

// snoozedOf is null for a thread that is not snoozed, and for one that came back
// and was looked at.
func snoozedOf(t *cache.Thread, now time.Time) *snoozedAnswer {
	if t.SnoozedUntil.IsZero() {
		return nil
	}
	a := &snoozedAnswer{Until: inbox.TimeJSON(t.SnoozedUntil)}
	if !t.Asleep(now) {
		back := "time"
		if t.Woken {
			back = "message"
		}
		a.Back = &back
	}
	return a
}

// snooze is POST /api/snooze: threads leave the lists of work until a time, or
// come back to them.
func (s *Server) snooze(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Threads []string `json:"threads"`
		Until   *string  `json:"until"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	if len(in.Threads) == 0 || len(in.Threads) > mostThreads {
		return invalid("threads")
	}
	var until time.Time
	if in.Until != nil {
		var err error
		if until, err = time.Parse(time.RFC3339, *in.Until); err != nil {
			return invalid("until")
		}
		if !until.After(time.Now()) {
			return fail(http.StatusBadRequest, "until", "error.snooze_past")
		}
	}
	if err := s.o.Office.Snooze(r.Context(), in.Threads, until); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
