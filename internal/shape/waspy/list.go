package waspy

import (
	"sort"
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
	w := walk{caller: r.caller, limit: limit, status: status, search: newSearch(q.Text("search"), r.caller.Accounts), after: after}
	for {
		var found []cache.RollPlace
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
			w.after = position{found[len(found)-1].At, r.idOf(found[len(found)-1].RollEntry)}
			cursor = w.after.String()
		}
		// All of a page may have gone between the two looks; there is more
		// behind.
		if len(objects) > 0 || !more {
			return r.sendList(objects, cursor, more, true)
		}
	}
}

func (r *request) idOf(e *cache.RollEntry) string {
	a, _ := r.caller.Account(e.Account())
	return shape.ID(inbox.Waspy, a.Name, a.Provider, e.ID)
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
	caller *shape.Caller
	limit  int
	status string
	search search
	after  position
}

// head is the next conversation of one group.
type head struct {
	order  []cache.RollPlace
	next   int // its index, going down
	prefix string
	owner  inbox.Account
}

func (h *head) id() string { return h.prefix + h.order[h.next].ID }

// page takes the next conversations of all groups, as one list.
func (w *walk) page(groups []*cache.RollGroup) (found []cache.RollPlace, more bool) {
	var heads []*head
	for _, g := range groups {
		owner, served := w.caller.Account(g.Account)
		if !served {
			continue
		}
		h := &head{order: g.Order(cache.BySaid), prefix: shape.ID(inbox.Waspy, g.Account, g.Provider, ""), owner: owner}
		h.next = h.start(w.after)
		if w.skip(h) {
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
		found = append(found, h.order[h.next])
		h.next--
		if !w.skip(h) {
			heads = append(heads[:best], heads[best+1:]...)
		}
	}
	return found, false
}

// start is the index of the newest conversation behind a position.
func (h *head) start(after position) int {
	if after.id == "" {
		return len(h.order) - 1
	}
	return sort.Search(len(h.order), func(i int) bool {
		p := h.order[i]
		if p.At != after.at {
			return p.At > after.at
		}
		return h.prefix+p.ID >= after.id
	}) - 1
}

// before reports whether h's next is newer than o's.
func (h *head) before(o *head) bool {
	if a, b := h.order[h.next].At, o.order[o.next].At; a != b {
		return a > b
	}
	return h.id() > o.id()
}

// skip goes on to the next that is asked for; false where there is none.
func (w *walk) skip(h *head) bool {
	for ; h.next >= 0; h.next-- {
		e := h.order[h.next].RollEntry
		if (w.status == "" || statusOf(e.Status) == w.status) && !e.Twin(w.caller.Serves) && w.search.matches(e, h.owner) {
			return true
		}
	}
	return false
}

// search is a text in a contact's name or number.
type search struct {
	asked  bool
	name   string            // folded
	digits string            // as typed, "" where the text is no part of a number
	parts  map[string]string // by account, what of the digits every written form has
}

func newSearch(text string, accounts []inbox.Account) search {
	s := search{asked: text != "", name: cache.FoldName(text)}
	digits, ok := phone.QueryDigits(text)
	if !ok {
		return s
	}
	s.digits, s.parts = digits, map[string]string{}
	for _, a := range accounts {
		s.parts[a.Name] = phone.Part(text, phone.Context{Region: a.Region, Area: a.Area})
	}
	return s
}

func (s *search) matches(e *cache.RollEntry, owner inbox.Account) bool {
	if !s.asked {
		return true
	}
	if s.name != "" && strings.Contains(e.Name, s.name) {
		return true
	}
	if s.digits == "" {
		return false
	}
	part := s.parts[owner.Name]
	return strings.Contains(e.Written, s.digits) || e.Key != "" && (strings.Contains(e.Key, s.digits) || part != "" && strings.Contains(e.Key, part))
}
