package platica

import (
	"cmp"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/shape"
)

// The sizes of a page, for each workspace.
const (
	usualLimit = 50
	mostLimit  = 200
	mostTags   = 10
)

// asked is what a list is asked for.
type asked struct {
	limit, offset int
	order         cache.RollOrder
	ascending     bool
	filter        cache.RollFilter
}

// list is GET /conversations: a page of every workspace.
func (r *request) list() error {
	a, err := r.asked()
	if err != nil {
		return err
	}
	spaces, err := r.spaces()
	if err != nil {
		return err
	}
	var all []*cache.RollEntry
	if err := r.desk.Cache.Roll(r.Context(), func(groups []*cache.RollGroup) {
		spaces = withGroups(spaces, groups, r.caller)
		for i := range spaces {
			spaces[i].found, spaces[i].more = a.page(spaces[i].group)
			all = append(all, spaces[i].found...)
		}
		spaces = eachOnce(spaces)
	}); err != nil {
		return err
	}
	objects, err := r.objects(all)
	if err != nil {
		return err
	}
	body := append(make([]byte, 0, 4096), `{"workspaces":[`...)
	for i, s := range spaces {
		if i > 0 {
			body = append(body, ',')
		}
		body = s.open(body)
		n := 0
		for _, e := range s.found {
			o, ok := objects[e]
			if !ok {
				continue
			}
			if n > 0 {
				body = append(body, ',')
			}
			body = append(body, o...)
			n++
		}
		body = strconv.AppendInt(append(body, `],"conversationsCount":`...), int64(n), 10)
		body = strconv.AppendInt(append(body, `,"pagination":{"limit":`...), int64(a.limit), 10)
		body = strconv.AppendInt(append(body, `,"offset":`...), int64(a.offset), 10)
		body = append(strconv.AppendBool(append(body, `,"hasMore":`...), s.more), "}}"...)
	}
	shape.Head(r.w.Header(), r.caller, true)
	shape.Send(r.w, http.StatusOK, append(body, "]}"...))
	return nil
}

func (r *request) asked() (a asked, err error) {
	q, err := shape.Query(r.Request, "limit", "offset", "channelId", "sortBy", "sortDirection", "tags*", "dateFilter")
	if err != nil {
		return a, err
	}
	a.filter = cache.RollFilter{Channel: q.Text("channelId"), Served: r.caller.Serves}
	if a.limit, err = q.Number("limit", usualLimit, 1, mostLimit); err != nil {
		return a, err
	}
	if a.offset, err = q.Number("offset", 0, 0, math.MaxInt32); err != nil {
		return a, err
	}
	by, err := q.Word("sortBy", "lastUpdate", "creationDate")
	if err != nil {
		return a, err
	}
	if a.order = cache.ByActive; by == "creationDate" {
		a.order = cache.ByCreated
	}
	way, err := q.Word("sortDirection", "asc", "desc")
	if err != nil {
		return a, err
	}
	a.ascending = way == "asc"
	switch tags := q.List("tags"); {
	case len(tags) > mostTags:
		return a, shape.Bad("tags", "must be "+strconv.Itoa(mostTags)+" at most")
	case len(tags) > 0:
		a.filter.Tag = func(tag string) bool {
			return slices.ContainsFunc(tags, func(want string) bool { return strings.EqualFold(want, tag) })
		}
	}
	if text := q.Text("dateFilter"); text != "" {
		from, until, ok := readDates(text)
		if !ok {
			return a, shape.Bad("dateFilter", `must be {"type":"specific","date":"YYYY-MM-DD"} or {"type":"range","startDate":"YYYY-MM-DD","endDate":"YYYY-MM-DD"}`)
		}
		a.filter.Begun = &cache.RollSpan{From: from, Until: until}
	}
	return a, nil
}

// readDates reads a dateFilter: days in UTC, the last one included.
func readDates(text string) (from, until int64, ok bool) {
	f, err := shape.Members([]byte(text), "type", "date", "startDate", "endDate")
	if err != nil {
		return 0, 0, false
	}
	var kind, first, last string
	read := func(name string, into *string) bool {
		return json.Unmarshal(f[name], into) == nil && !shape.IsNull(f[name])
	}
	switch {
	case !read("type", &kind):
		return 0, 0, false
	case kind == "specific" && len(f) == 2 && read("date", &first):
		last = first
	case kind == "range" && len(f) == 3 && read("startDate", &first) && read("endDate", &last):
	default:
		return 0, 0, false
	}
	start, err := time.Parse(time.DateOnly, first)
	if err != nil {
		return 0, 0, false
	}
	end, err := time.Parse(time.DateOnly, last)
	if err != nil || end.Before(start) {
		return 0, 0, false
	}
	return start.UnixMilli(), end.AddDate(0, 0, 1).UnixMilli(), true
}

// page takes a workspace's part of the list.
func (a *asked) page(g *cache.RollGroup) (found []*cache.RollEntry, more bool) {
	if g == nil {
		return nil, false
	}
	w := g.Walk(a.order, !a.ascending, &a.filter)
	w.Skip(a.offset)
	for w.Next() {
		if len(found) == a.limit {
			return found, true
		}
		found = append(found, w.Entry())
	}
	return found, false
}

// space is a workspace as it is served, and its part of a page.
type space struct {
	id, name  string
	account   string
	workspace string // the platform's own id, "" for an account of another platform

	group *cache.RollGroup
	found []*cache.RollEntry
	more  bool
}

// open begins a workspace's object; who calls it writes the conversations.
func (s *space) open(to []byte) []byte {
	to = append(append(to, `{"id":`...), shape.Quote(s.id)...)
	to = append(append(to, `,"name":`...), shape.Quote(s.name)...)
	return append(to, `,"conversations":[`...)
}

// spaceID is what the workspace of an account is called: Plática's own by its id,
// and an account of another platform by the platform and its name.
func spaceID(account string, p inbox.ProviderName, workspace string) string {
	if p == inbox.Platica {
		return workspace
	}
	return string(p) + ":" + account
}

// spaces are the workspaces that the caller sees, with conversations or without.
func (r *request) spaces() (out []space, err error) {
	for _, a := range r.caller.Accounts {
		if a.Provider != inbox.Platica {
			out = append(out, space{id: spaceID(a.Name, a.Provider, ""), name: a.Name, account: a.Name})
			continue
		}
		workspaces, err := r.desk.Cache.Workspaces(r.Context(), a.Name)
		if err != nil {
			return nil, err
		}
		for _, w := range workspaces {
			out = append(out, space{id: w.ID, name: w.Name, account: a.Name, workspace: w.ID})
		}
	}
	return out, nil
}

// eachOnce: a workspace that a second account sees, too, has only what the first
// has not, under a name that says whose it is; as a rule nothing.
func eachOnce(spaces []space) []space {
	seen := map[string]bool{}
	out := spaces[:0]
	for _, s := range spaces {
		if seen[s.id] {
			if len(s.found) == 0 {
				continue
			}
			s.id = s.account + ":" + s.id
		}
		seen[s.id] = true
		out = append(out, s)
	}
	return out
}

// withGroups gives the workspaces their conversations; one that only these name
// comes behind the others.
func withGroups(spaces []space, groups []*cache.RollGroup, caller *shape.Caller) []space {
	for _, g := range groups {
		if !caller.Serves(g.Account) {
			continue
		}
		i := slices.IndexFunc(spaces, func(s space) bool { return s.account == g.Account && s.workspace == g.Workspace })
		if i < 0 {
			i = len(spaces)
			spaces = append(spaces, space{id: spaceID(g.Account, g.Provider, g.Workspace), name: cmp.Or(g.Workspace, g.Account), account: g.Account, workspace: g.Workspace})
		}
		spaces[i].group = g
	}
	return spaces
}
