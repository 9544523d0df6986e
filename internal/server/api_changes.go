package server

import (
	"errors"
	"net/http"
	"slices"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// Change is what a person wants of the live conversations of threads.
type Change struct {
	Threads   []string
	Op        string    // what the asking is called; "" for nothing
	Status    *string   // unified, or the platform's own word
	Assignees *[]string // refs of any account, or Me; none unassigns
	Preview   bool      // only the plan
	Confirm   bool      // what cannot be taken back is meant so
}

// Me among assignees stands for whoever uses the profile.
const Me = "me"

// Changed is what became of a Change.
type Changed struct {
	Entries []cache.Enqueued
	Plan    Plan
}

// Plan is what a change would do, counted by threads.
type Plan struct {
	Change       int    `json:"change"`
	Same         int    `json:"same"`
	Unsupported  []Lack `json:"unsupported"`
	Irreversible int    `json:"irreversible"`
}

// Lack is a thread whose platform lacks the word or the agent.
type Lack struct {
	Thread   string             `json:"thread"`
	Provider inbox.ProviderName `json:"provider"`
}

const (
	mostThreads   = 1000 // of one change
	mostAssignees = 50
	longestRef    = 320 // an e-mail address at its longest
)

// changes is POST /api/changes.
func (s *Server) changes(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Threads []string `json:"threads"`
		Op      string   `json:"op"`
		wish
		Preview bool `json:"preview"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	threads := unique(in.Threads)
	if len(threads) == 0 || len(threads) > mostThreads {
		return invalid("threads")
	}
	if len(in.Op) > longestOp {
		return invalid("op")
	}
	c, err := in.change(threads)
	if err != nil {
		return err
	}
	c.Op, c.Preview = in.Op, in.Preview
	made, err := s.o.Office.Change(r.Context(), c)
	if errors.Is(err, inbox.ErrUnsupported) && len(made.Plan.Unsupported) > 0 { // all of them: the plan says so
		err = nil
	}
	if err != nil {
		return s.changeFailed(err)
	}
	if c.Preview {
		made.Entries = nil
	}
	entries, err := s.entries(r, queued(made.Entries))
	if err != nil {
		return err
	}
	if made.Plan.Unsupported == nil {
		made.Plan.Unsupported = []Lack{}
	}
	return writeJSON(w, http.StatusOK, map[string]any{"entries": entries, "plan": made.Plan})
}

// changeFailed says what a change lacks; other errors it gives back as they are.
func (s *Server) changeFailed(err error) error {
	switch {
	case errors.Is(err, cache.ErrIrreversible):
		return fail(http.StatusConflict, "confirm", "error.change_confirm")
	case s.o.Office.KindOf(err) == "who":
		return fail(http.StatusConflict, "who", "error.change_who")
	}
	return err
}

// wish is what a request wants of threads.
type wish struct {
	Status    *string   `json:"status"`
	Assignees *[]string `json:"assignees"`
	Me        bool      `json:"me"`
	Confirm   bool      `json:"confirm"`
}

// change is the wish as a change of threads.
func (w wish) change(threads []string) (Change, error) {
	if w.Me {
		if w.Assignees != nil {
			return Change{}, invalid("me")
		}
		w.Assignees = &[]string{Me}
	}
	c := Change{Threads: threads, Status: w.Status, Assignees: w.Assignees, Confirm: w.Confirm}
	return c, c.check()
}

// check names the field of a change that makes no sense.
func (c *Change) check() error {
	switch {
	case c.Status == nil && c.Assignees == nil:
		return invalid("status, assignees")
	case c.Status != nil && !settable(*c.Status):
		return invalid("status")
	case c.Assignees != nil && !validRefs(*c.Assignees):
		return invalid("assignees")
	}
	return nil
}

// settable reports whether any platform has a status of that word.
func settable(status string) bool {
	return slices.ContainsFunc(inbox.Providers, func(p inbox.ProviderName) bool {
		_, ok := inbox.StatusWord(p, status)
		return ok
	})
}

func validRefs(refs []string) bool {
	return len(refs) <= mostAssignees && !slices.ContainsFunc(refs, func(ref string) bool { return ref == "" || len(ref) > longestRef })
}

// unique is a list without what it says twice, in its order.
func unique(list []string) []string {
	seen := make(map[string]bool, len(list))
	return slices.DeleteFunc(slices.Clone(list), func(v string) bool {
		was := seen[v]
		seen[v] = true
		return was
	})
}

// queued are the entries that a change made or made anew: what was so already,
// and what it took out of the outbox, waits for nothing.
func queued(all []cache.Enqueued) []cache.Wish {
	out := []cache.Wish{}
	for _, e := range all {
		if e.Outcome == cache.Added || e.Outcome == cache.Replaced {
			out = append(out, e.Wish)
		}
	}
	return out
}
