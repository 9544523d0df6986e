package platica

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
)

// A walk pages by offset over a list that moves. Each page overlaps the one
// before by a few rows; where those are not the rows that were read there, the
// list has shifted between the two requests and rows may have been passed over:
// the walk goes back (SYNC §1: 9.35 rows lost a run without it, none with it).
const (
	overlap     = 5
	jumpRoom    = 20 // rows that may have jumped to the top between two pages of Newest
	maxMisses   = 3  // at one offset, before the walk starts again
	maxRestarts = 1  // before the mark is given up
)

// errRestless is of a walk that started again in vain. Its mark leads nowhere
// any more, however quiet the list becomes: whoever walks starts from nil.
var errRestless = errors.New("the list does not stand still: it changed under every reading, twice from the start")

// Newest reads by lastUpdate, newest first. Rows that jump to the top while it
// reads shift the others down, which only repeats some.
func (c *Client) Newest(ctx context.Context, from inbox.Mark) (inbox.Page[inbox.Conversation], error) {
	return c.walk(ctx, from, kindNewest, ListOptions{SortBy: LastUpdate, SortDirection: Descending})
}

// Sweep reads by creationDate, oldest first, so that new rows land behind what
// has been read.
func (c *Client) Sweep(ctx context.Context, from inbox.Mark) (inbox.Page[inbox.Conversation], error) {
	return c.walk(ctx, from, kindSweep, ListOptions{SortBy: CreationDate, SortDirection: Ascending})
}

// openRows is how deep Open looks: there is no list of the open ones alone, so
// it walks the newest (SYNC §2: at most 20 pages).
const openRows = 20 * pageLimit

// Open reads by lastUpdate, newest first, down to since in every workspace.
func (c *Client) Open(ctx context.Context, since time.Time, from inbox.Mark) (providers.OpenPage, error) {
	page, err := c.Newest(ctx, from)
	if err != nil || !page.More {
		return providers.OpenPage{Page: page}, err
	}
	next, err := readMark("list conversations", page.Next, mark{Kind: kindNewest})
	if err != nil {
		return providers.OpenPage{}, err
	}
	if next.Seek || next.Offset == 0 {
		return providers.OpenPage{Page: page}, nil // it goes back
	}
	last := map[string]time.Time{} // by workspace
	for i := range page.Items {
		if at := page.Items[i].ActiveAt; !at.IsZero() {
			last[page.Items[i].Workspace] = at
		}
	}
	var back time.Time
	for _, at := range last {
		if at.After(back) {
			back = at
		}
	}
	if back.IsZero() || !back.Before(since) && next.Offset < openRows {
		return providers.OpenPage{Page: page}, nil
	}
	page.More, page.Next = false, nil
	return providers.OpenPage{Page: page, BackTo: back}, nil
}

func (c *Client) walk(ctx context.Context, from inbox.Mark, kind string, o ListOptions) (inbox.Page[inbox.Conversation], error) {
	const op = "list conversations"
	var page inbox.Page[inbox.Conversation]
	m, err := readMark(op, from, mark{Kind: kind})
	if err != nil {
		return page, err
	}
	o.Limit, o.Offset = pageLimit, m.Offset
	list, err := c.List(ctx, o)
	if err != nil {
		return page, markRefused(err, m.Offset)
	}
	page.Rejected = list.Rejected
	for _, w := range list.Workspaces {
		page.Items = append(page.Items, w.Items...)
		if w.ID != "" { // a reply without the envelope names none
			page.Workspaces = append(page.Workspaces, w.Workspace)
		}
	}
	next, more, err := m.after(list)
	if err != nil {
		what := providers.ErrFailing
		if errors.Is(err, errRestless) {
			what = providers.ErrMarkRefused
		}
		return inbox.Page[inbox.Conversation]{}, &providers.Error{Kind: what, Op: op, RequestID: list.reply.RequestID(), Err: err}
	}
	if page.More = more; more {
		page.Next = next.mint()
	}
	return page, nil
}

// markRefused gives a refusal of an offset that a mark carried its meaning.
func markRefused(err error, offset int) error {
	var failed *providers.Error
	if offset == 0 || !errors.As(err, &failed) || !errors.Is(failed.Kind, providers.ErrRejected) {
		return err
	}
	switch failed.Status {
	case http.StatusBadRequest, http.StatusGone, http.StatusUnprocessableEntity:
		refused := *failed
		refused.Kind = providers.ErrMarkRefused
		return &refused
	}
	return err
}

// after decides where the walk goes on from this page: forward, back, or from
// the start; more is false at the end.
func (m mark) after(list List) (next mark, more bool, err error) {
	rows := 0
	for _, w := range list.Workspaces {
		rows += len(w.rows)
		more = more || w.More
	}
	if rows > 0 && more && !m.Seek && m.Same == same(list) {
		return mark{}, false, errors.New("the list goes round in circles: the same page comes again")
	}
	if !m.fits(list) {
		if rows == 0 && m.Misses > 0 {
			return mark{}, false, nil // past the end, twice: it is the end (§18.6)
		}
		next, err = m.back()
		return next, true, err
	}
	if rows == 0 || !more {
		return mark{}, false, nil
	}
	return m.forward(list), true, nil
}

// forward is the mark of the page after this one.
func (m mark) forward(list List) mark {
	step := stepOver(list)
	next := mark{Kind: m.Kind, Offset: m.Offset + step, Step: step, Restarts: m.Restarts, Same: same(list), Tails: map[string]tail{}}
	if m.Misses > 0 && next.Offset <= m.MissedAt {
		next.Misses, next.MissedAt = m.Misses, m.MissedAt
	}
	for _, w := range list.Workspaces {
		next.Tails[w.ID] = tailOf(w, step, m.Kind)
	}
	return next
}

// back is the mark of the page before this one, or of the start when going
// back has not helped.
func (m mark) back() (mark, error) {
	if m.Misses+1 < maxMisses {
		return mark{
			Kind: m.Kind, Offset: max(0, m.Offset-m.Step), Step: m.Step, Restarts: m.Restarts,
			Misses: m.Misses + 1, MissedAt: max(m.Offset, m.MissedAt), Seek: m.Offset > m.Step, Tails: m.Tails,
		}, nil
	}
	if m.Restarts >= maxRestarts {
		return mark{}, errRestless
	}
	return mark{Kind: m.Kind, Restarts: m.Restarts + 1}, nil
}

// fits reports whether a page joins what was read before it, in every
// workspace.
func (m mark) fits(list List) bool {
	if m.Offset == 0 || m.Tails == nil {
		return true
	}
	for _, w := range list.Workspaces {
		before, known := m.Tails[w.ID]
		switch {
		case !known && len(w.rows) > 0:
			return false // a workspace that was not there: its first rows were passed over
		case m.Seek && !before.touches(w):
			return false
		case !m.Seek && !before.leadsTo(w, m.Kind):
			return false
		}
	}
	for id, before := range m.Tails {
		gone := !slices.ContainsFunc(list.Workspaces, func(w Listed) bool { return w.ID == id })
		if gone && before.More {
			return false
		}
	}
	return true
}

// leadsTo reports whether the first rows of the page are those of this tail:
// as sets, for the order of ties is not known.
func (t tail) leadsTo(w Listed, kind string) bool {
	switch {
	case t.Expect == 0:
		// The page before ended short of here. In a sweep rows now standing
		// here came behind it, and those between were passed over.
		return kind != kindSweep || t.More || len(w.rows) == 0
	case len(w.rows) == 0:
		return !t.More
	}
	for _, row := range w.rows[:min(t.Expect, len(w.rows))] {
		if !slices.Contains(t.IDs, row) {
			return false
		}
	}
	return true
}

// touches reports whether the page still holds any row of this tail.
func (t tail) touches(w Listed) bool {
	if len(t.IDs) == 0 {
		return true
	}
	return slices.ContainsFunc(w.rows, func(row string) bool { return slices.Contains(t.IDs, row) })
}

// stepOver is how far the offset moves: the echoed limit less the overlap.
// Where a workspace gave fewer rows than its echo and says there are more, the
// rows count instead: its own cap may be lower than it says, and reading some
// twice is better than passing over others.
func stepOver(list List) int {
	step := 0
	for _, w := range list.Workspaces {
		if !w.More || len(w.rows) == 0 {
			continue
		}
		full := len(w.rows)
		if w.Limit > 0 {
			full = min(full, w.Limit)
		}
		if size := full - min(overlap, full/2); step == 0 || size < step {
			step = size
		}
	}
	return max(step, 1)
}

// tailOf keeps the rows that the page at the next offset must begin with.
func tailOf(w Listed, step int, kind string) tail {
	t := tail{More: w.More, Expect: min(overlap, max(0, len(w.rows)-step))}
	from := min(len(w.rows), step)
	to := from + t.Expect
	if kind == kindNewest {
		// What jumped to the top meanwhile has pushed older rows here.
		from = max(0, from-jumpRoom)
		to = len(w.rows)
	}
	t.IDs = slices.Clone(w.rows[from:to])
	return t
}

// same is a hash of everything that a page lists.
func same(list List) string {
	var all []string
	for _, w := range list.Workspaces {
		all = append(all, w.ID)
		all = append(all, w.rows...)
	}
	return short(strings.Join(all, "\x00"))
}
