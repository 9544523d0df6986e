package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// Acts changes many threads at once, part by part, and takes all of it back.
type Acts struct {
	// Plan says what a change would do.
	Plan func(context.Context, Change) (ActPlan, error)
	// Do begins a change, durable when it returns: once for an Op.
	Do func(context.Context, Change) (cache.Act, error)
	// Undo takes one back. cache.ErrNotFound.
	Undo func(ctx context.Context, op string) (cache.Act, error)
}

// ActPlan counts what a change would do, by threads.
type ActPlan struct {
	Change       int `json:"change"`
	Same         int `json:"same"`
	Unsupported  int `json:"unsupported"`
	Asking       int `json:"asking"` // an earlier change waits for a person
	Irreversible int `json:"irreversible"`
}

// mostAtOnce bounds one act: the platforms take some changes a second, and who
// asks for an hour of them should see what became of it first.
const mostAtOnce = 10_000

// lists are the threads that previews were of: what is done is what was shown,
// whatever came in meanwhile.
type lists struct {
	mu   sync.Mutex
	kept []list // the newest last
}

type list struct {
	id      string
	threads []string
	at      time.Time
}

const (
	mostLists  = 8
	listsLast  = 15 * time.Minute
	listLength = 20 // of an id, in characters
)

func (l *lists) keep(threads []string, now time.Time) string {
	id := "l_" + strings.ToLower(rand.Text()[:listLength])
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept = append(l.kept, list{id, threads, now})
	l.kept = l.kept[max(0, len(l.kept)-mostLists):]
	return id
}

func (l *lists) find(id string, now time.Time) ([]string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.IndexFunc(l.kept, func(k list) bool { return k.id == id && now.Sub(k.at) < listsLast })
	if i < 0 {
		return nil, false
	}
	return l.kept[i].threads, true
}

type actAnswer struct {
	Op           string         `json:"op"`
	State        cache.ActState `json:"state"`
	Total        int            `json:"total"`
	Left         int            `json:"left"`
	Changed      int            `json:"changed"`
	Same         int            `json:"same"`
	Unsupported  int            `json:"unsupported"`
	Asking       int            `json:"asking"`
	Undone       int            `json:"undone"`
	MovedOn      int            `json:"moved_on"`
	Irreversible int            `json:"irreversible"`
	MadeAt       *string        `json:"made_at"`
}

func actOf(a cache.Act) actAnswer {
	return actAnswer{Op: a.Op, State: a.State, Total: a.Total, Left: a.Left, Changed: a.Changed, Same: a.Same, Unsupported: a.Lacking, Asking: a.Asking,
		Undone: a.Undone, MovedOn: a.MovedOn, Irreversible: a.Final, MadeAt: inbox.TimeJSON(a.MadeAt)}
}

// planAct is POST /api/acts/preview: what a change of a whole list, or
// of threads that were chosen, would do.
func (s *Server) planAct(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Threads []string   `json:"threads"`
		View    cache.View `json:"view"`
		Account string     `json:"account"`
		Query   string     `json:"q"`
		Sort    cache.Sort `json:"sort"`
		wish
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	if len(in.Threads) > mostAtOnce {
		return invalid("threads")
	}
	c, err := in.change(unique(in.Threads))
	if err != nil {
		return err
	}
	total := len(c.Threads)
	if total == 0 {
		f, _, err := s.listOf(r.Context(), cmp.Or(in.View, cache.Inbox), in.Account, in.Query)
		if err != nil {
			return err
		}
		if f.Sort = in.Sort; !f.Sort.Known() {
			return invalid("sort")
		}
		if c.Threads, total, err = s.o.Cache.ThreadRefs(r.Context(), f, mostAtOnce); errors.Is(err, cache.ErrNotFound) {
			return invalid("view")
		} else if err != nil {
			return err
		}
	}
	plan, err := s.o.Office.Acts.Plan(r.Context(), c)
	if err != nil {
		return s.changeFailed(err)
	}
	return writeJSON(w, http.StatusOK, map[string]any{"list": s.lists.keep(c.Threads, s.now()), "count": len(c.Threads), "total": total, "plan": plan})
}

// act is POST /api/acts: the change that was previewed.
func (s *Server) act(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Op   string `json:"op"`
		List string `json:"list"`
		wish
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	if in.Op == "" || len(in.Op) > longestOp {
		return invalid("op")
	}
	c, err := in.change(nil)
	if err != nil {
		return err
	}
	act, err := s.o.Local.Act(r.Context(), in.Op)
	if errors.Is(err, cache.ErrNotFound) {
		threads, ok := s.lists.find(in.List, s.now())
		if !ok {
			return fail(http.StatusConflict, "list", "error.act_list")
		}
		c.Op, c.Threads = in.Op, threads
		act, err = s.o.Office.Acts.Do(r.Context(), c)
	}
	if err != nil {
		return s.changeFailed(err)
	}
	return writeJSON(w, http.StatusOK, actOf(act))
}

// actState is GET /api/acts/{op}.
func (s *Server) actState(w http.ResponseWriter, r *http.Request) error {
	act, err := s.o.Local.Act(r.Context(), r.PathValue("op"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, actOf(act))
}

// undoAct is POST /api/acts/{op}/undo.
func (s *Server) undoAct(w http.ResponseWriter, r *http.Request) error {
	act, err := s.o.Office.Acts.Undo(r.Context(), r.PathValue("op"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, actOf(act))
}
