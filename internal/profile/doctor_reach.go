package profile

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strconv"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/rest"
	"bandeja/internal/syncer"
)

const (
	reachWait = 20 * time.Second // for one answer
	// clockApart is how far two clocks may be apart: windows of reply and the
	// order of events hang on them.
	clockApart = 90 * time.Second
)

// reach asks an account's platform one thing, and compares the clocks by its
// answer. Who has paused an account has it left alone.
func (e *examination) reach(a inbox.Account, key rest.Secret) {
	if e.Offline {
		return
	}
	if held, err := e.local.Held(e.ctx, a.Name); err != nil || held {
		e.of(a.Name, "reach", FindingNote, "reach_held")
		return
	}
	c, err := newClient(a, key, checkTries)
	if err != nil {
		e.of(a.Name, "reach", FindingBad, "reach_settings")
		return
	}
	defer c.Close()
	ctx, stop := context.WithTimeout(e.ctx, reachWait)
	defer stop()
	began := time.Now()
	checked, err := c.Check(ctx)
	if err == nil && e.cache != nil {
		err = syncer.SameOffice(ctx, e.cache, c, a.Name, checked)
	}
	if err != nil {
		e.unreached(a, err)
		return
	}
	e.of(a.Name, "reach", FindingOK, "reach", "ms", time.Since(began).Milliseconds(), "rate", strconv.FormatFloat(a.Rate, 'f', -1, 64))
	e.clock(a, c.Offset())
}

// clock compares this machine's clock with the platform's. What answers on this
// machine has the same one: a simulated office that lives in another year is not
// a clock that is wrong.
func (e *examination) clock(a inbox.Account, off time.Duration) {
	switch {
	case onThisMachine(a.BaseURL):
		e.of(a.Name, "clock", FindingSkipped, "clock_own")
	case off.Abs() > clockApart:
		e.of(a.Name, "clock", FindingBad, "clock_off", "seconds", int64(off.Abs().Seconds()))
	default:
		e.of(a.Name, "clock", FindingOK, "clock", "seconds", int64(off.Abs().Round(time.Second).Seconds()))
	}
}

func onThisMachine(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// unreached says why not. What passes by itself is no fault of the profile's,
// and is said all the same: whoever asks has a reason.
func (e *examination) unreached(a inbox.Account, err error) {
	said := "reach_failing"
	for _, of := range []struct {
		kind error
		said string
	}{
		{providers.ErrRefused, "reach_refused"}, {providers.ErrForbidden, "reach_forbidden"}, {providers.ErrLimited, "reach_limited"},
		{providers.ErrNotAPI, "reach_not_api"}, {providers.ErrUnreachable, "reach_unreachable"},
	} {
		if errors.Is(err, of.kind) {
			said = of.said
			break
		}
	}
	if KindOf(err) == "other_workspace" {
		said = "reach_other"
	}
	state := FindingBad
	if said == "reach_limited" {
		state = FindingNote
	}
	e.of(a.Name, "reach", state, said)
}
