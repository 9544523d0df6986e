package waspy

import (
	"strings"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/phone"
	"bandeja/internal/shape"
)

// The sizes of a page.
const (
	usualLimit = 50
	mostLimit  = 100
)

var statuses = inbox.StatusWords(inbox.Waspy)

// list is GET /conversations: newest first, ties by id descending, what was
// never written in last.
func (r *request) list(string) error {
	q, err := shape.Query(r.Request, "cursor", "limit", "status", "search")
	if err != nil {
		return err
	}
	limit, err := q.Number("limit", usualLimit, 1, mostLimit)
	if err != nil {
		return err
	}
	status, err := q.Word("status", statuses...)
	if err != nil {
		return err
	}
	after, err := r.readCursor(q.Text("cursor"))
	if err != nil {
		return err
	}
	w := r.newWalk(limit, status, q.Text("search"), after)
	for {
		var found []*cache.RollEntry
		var more bool
		if err := r.desk.Cache.Roll(r.Context(), func(groups []*cache.RollGroup) { found, more = w.page(groups) }); err != nil {
			return err
		}
		objects, err := r.objects(found)
		if err != nil {
			return err
		}
		cursor := ""
		if len(found) > 0 {
			last := found[len(found)-1]
			w.after = position{last.At, shape.ID(inbox.Waspy, last.Account, last.Provider, last.ID)}
			cursor = w.after.String()
		}
		// All of a page may have gone between the two looks; there is more
		// behind.
		if len(objects) > 0 || !more {
			return r.sendList(objects, cursor, more, true)
		}
	}
}

// position is where a page ended; the zero one is before the first.
type position struct {
	at int64
	id string
}

// String is the provider's own form of a cursor: the time of the last message,
// missing where there is none, and the id.
func (p position) String() string {
	if p.at == 0 {
		return "|" + p.id
	}
	return time.UnixMilli(p.at).UTC().Format(stampForm) + "|" + p.id
}

const stampForm = "2006-01-02T15:04:05.000Z"

func parsePosition(text string) (p position, ok bool) {
	at, id, ok := strings.Cut(text, "|")
	if !ok || id == "" {
		return p, false
	}
	p.id = id
	if at != "" {
		t, err := time.Parse(stampForm, at)
		if err != nil || t.UnixMilli() == 0 {
			return p, false
		}
		p.at = t.UnixMilli()
	}
	return p, true
}

// readCursor reads where a page goes on. The conversation may have moved since,
// or have gone: where it stood is what counts. One that never was here is of
// another list, or was cut.
func (r *request) readCursor(text string) (position, error) {
	wrong := shape.Bad("cursor", "must be one that this list has given")
	if text == "" {
		return position{}, nil
	}
	p, ok := parsePosition(text)
	if !ok {
		return p, wrong
	}
	for _, n := range r.caller.Named(inbox.Waspy, p.id) {
		known, err := r.desk.Cache.Knows(r.Context(), n.Account.Name, []string{n.ID})
		if err != nil {
			return p, err
		}
		if known {
			return p, nil
		}
	}
	return p, wrong
}

// walk is a page's way over the groups that the caller sees.
type walk struct {
	limit  int
	filter cache.RollFilter
	after  position
}

func (r *request) newWalk(limit int, status, search string, after position) *walk {
	w := &walk{limit: limit, filter: cache.RollFilter{Search: newSearch(search, r.caller.Accounts), Served: r.caller.Serves}, after: after}
	if status != "" {
		w.filter.Status = func(s inbox.Status) bool { return statusOf(s) == status }
	}
	return w
}

// head is the next conversation of one group.
type head struct {
	*cache.RollWalk
	prefix string
}

func (h *head) id() string { return h.prefix + string(h.ID()) }

// page takes the next conversations of all groups, as one list.
func (w *walk) page(groups []*cache.RollGroup) (found []*cache.RollEntry, more bool) {
	var heads []*head
	for _, g := range groups {
		if !w.filter.Served(g.Account) {
			continue
		}
		h := &head{g.Walk(cache.BySaid, true, &w.filter), shape.ID(inbox.Waspy, g.Account, g.Provider, "")}
		if w.after.id != "" {
			h.Behind(w.after.at, func(id []byte) bool { return h.prefix+string(id) < w.after.id })
		}
		if h.Next() {
			heads = append(heads, h)
		}
	}
	for len(heads) > 0 {
		best := 0
		for i := range heads[1:] {
			if heads[i+1].before(heads[best]) {
				best = i + 1
			}
		}
		if len(found) == w.limit {
			return found, true
		}
		h := heads[best]
		found = append(found, h.Entry())
		if !h.Next() {
			heads = append(heads[:best], heads[best+1:]...)
		}
	}
	return found, false
}

// before reports whether h's next is newer than o's.
func (h *head) before(o *head) bool {
	if a, b := h.At(), o.At(); a != b {
		return a > b
	}
	return h.id() > o.id()
}

// newSearch is a text that is looked for in contacts' names and numbers; nil for
// none.
func newSearch(text string, accounts []inbox.Account) *cache.RollSearch {
	if text == "" {
		return nil
	}
	s := &cache.RollSearch{Name: cache.FoldName(text)}
	digits, ok := phone.QueryDigits(text)
	if !ok {
		return s
	}
	parts := map[string]string{}
	for _, a := range accounts {
		parts[a.Name] = phone.Part(text, phone.Context{Region: a.Region, Area: a.Area})
	}
	s.Digits, s.Part = digits, func(account string) string { return parts[account] }
	return s
}
