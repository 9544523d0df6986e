package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Decisions where Plática's pages are silent (platica.md §18): a limit outside
// 1..200 is refused; tags are any-of; dateFilter is the creationDate in UTC
// days, the end included; a phone finds every session of that number as
// stored, whatever way it is written; every workspace of the key is in a
// list's reply, with rows or without.

var platicaStatuses = [...]string{"active", "finished", "spam", "expired"}

func (o *Office) servePlatica(a *answer, r *http.Request, path []string) {
	if !authorized(r, o.PlaticaKey()) {
		a.platicaError(http.StatusUnauthorized, "Unauthorized - Invalid API key", "La API key proporcionada no es válida")
		return
	}
	if !o.admitted(o.platGate) {
		a.platicaError(http.StatusTooManyRequests, "Too Many Requests - Rate limit exceeded", "Has excedido el límite de 30 peticiones por segundo")
		return
	}
	list := len(path) == 1 && path[0] == "conversations"
	one := len(path) == 2 && path[0] == "conversations" && path[1] != ""
	switch {
	case list && r.Method == http.MethodGet:
		o.listSessions(a, r)
	case one && r.Method == http.MethodGet:
		o.getSessions(a, r, path[1])
	case one && r.Method == http.MethodPatch:
		o.patchSessions(a, r, path[1])
	case list || one:
		a.platicaError(http.StatusMethodNotAllowed, "Method Not Allowed", "")
	default:
		a.platicaError(http.StatusNotFound, "Not Found - El recurso no existe", "")
	}
}

func (a *answer) platicaError(status int, text, details string) {
	body := strconv.AppendInt(append(a.buffer(), `{"code":`...), int64(status), 10)
	body = appendField(body, "error", text)
	if details != "" {
		body = appendField(body, "details", details)
	}
	a.send(status, append(body, '}'))
}

func (a *answer) invalid(details string) {
	a.platicaError(http.StatusBadRequest, "Bad Request - Validation error", details)
}

// sessionQuery is what GET /conversations may ask (platica.md §7.1).
type sessionQuery struct {
	limit, offset int
	channel       string
	created       bool // sorted by creationDate
	ascending     bool
	tags          []string
	from, until   int64 // creationDate, until excluded; 0, 0: any
}

// readSessionQuery gives what is wrong, in words, where something is.
func readSessionQuery(raw string) (q sessionQuery, wrong string) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return q, "La consulta no es válida"
	}
	var ok bool
	if q.limit, ok = number(values, "limit", 50, 1, 200); !ok {
		return q, "El campo 'limit' debe estar entre 1 y 200"
	}
	if q.offset, ok = number(values, "offset", 0, 0, 1<<31-1); !ok {
		return q, "El campo 'offset' debe ser mayor o igual a 0"
	}
	q.channel = values.Get("channelId")
	switch values.Get("sortBy") {
	case "", "lastUpdate":
	case "creationDate":
		q.created = true
	default:
		return q, "El campo 'sortBy' debe ser lastUpdate o creationDate"
	}
	switch values.Get("sortDirection") {
	case "", "desc":
	case "asc":
		q.ascending = true
	default:
		return q, "El campo 'sortDirection' debe ser asc o desc"
	}
	for _, list := range values["tags"] {
		for tag := range strings.SplitSeq(list, ",") {
			if tag = strings.TrimSpace(tag); tag != "" {
				q.tags = append(q.tags, tag)
			}
		}
	}
	if len(q.tags) > 10 {
		return q, "El campo 'tags' admite como máximo 10 valores"
	}
	if text := values.Get("dateFilter"); text != "" {
		if q.from, q.until, ok = readDateFilter(text); !ok {
			return q, "El campo 'dateFilter' no es válido"
		}
	}
	return q, ""
}

// readDateFilter reads the JSON text of platica.md §7.2.
func readDateFilter(text string) (from, until int64, ok bool) {
	var f struct{ Type, Date, StartDate, EndDate string }
	if json.Unmarshal([]byte(text), &f) != nil {
		return 0, 0, false
	}
	switch f.Type {
	case "specific":
		f.StartDate, f.EndDate = f.Date, f.Date
	case "range":
	default:
		return 0, 0, false
	}
	start, err := time.Parse(time.DateOnly, f.StartDate)
	if err != nil {
		return 0, 0, false
	}
	end, err := time.Parse(time.DateOnly, f.EndDate)
	if err != nil || end.Before(start) {
		return 0, 0, false
	}
	return nanos(start), nanos(end) + day, true
}

func (q *sessionQuery) filters() bool { return q.channel != "" || len(q.tags) > 0 || q.until != 0 }

func (q *sessionQuery) wants(s *session) bool {
	return (q.channel == "" || s.client.channel == q.channel) &&
		(len(q.tags) == 0 || s.hasTag(q.tags)) &&
		(q.until == 0 || s.created >= q.from && s.created < q.until)
}

func (o *Office) listSessions(a *answer, r *http.Request) {
	q, wrong := readSessionQuery(r.URL.RawQuery)
	if wrong != "" {
		a.invalid(wrong)
		return
	}
	if a.rows > 0 {
		q.limit = a.rows
	}
	o.mu.RLock()
	defer o.mu.RUnlock()
	body := append(a.buffer(), `{"workspaces":[`...)
	for i, ws := range o.platica.workspaces {
		if i > 0 {
			body = append(body, ',')
		}
		body = o.appendPage(body, ws, &q)
	}
	a.send(http.StatusOK, append(body, "]}"...))
}

// appendPage adds one workspace's page: limit and offset count within it.
func (o *Office) appendPage(dst []byte, ws *workspace, q *sessionQuery) []byte {
	rows := ws.byUpdate.rows
	if q.created {
		rows = ws.byCreated.rows
	}
	dst = openWorkspace(dst, ws)
	skip, n, more := q.offset, 0, false
	start := 0
	if !q.filters() { // no need to look at what is skipped
		start, skip = min(skip, len(rows)), 0
	}
	for i := start; i < len(rows); i++ {
		s := rows[i]
		if !q.ascending {
			s = rows[len(rows)-1-i]
		}
		if !q.wants(s) {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if more = n == q.limit; more {
			break
		}
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = o.appendSession(dst, s, false)
		n++
	}
	dst = strconv.AppendInt(append(dst, `],"conversationsCount":`...), int64(n), 10)
	dst = strconv.AppendInt(append(dst, `,"pagination":{"limit":`...), int64(q.limit), 10)
	dst = strconv.AppendInt(append(dst, `,"offset":`...), int64(q.offset), 10)
	dst = strconv.AppendBool(append(dst, `,"hasMore":`...), more)
	return append(dst, "}}"...)
}

func openWorkspace(dst []byte, ws *workspace) []byte {
	dst = appendString(append(dst, `{"id":`...), ws.id)
	dst = appendField(dst, "name", ws.name)
	return append(dst, `,"conversations":[`...)
}

// named finds sessions by internal id, public id or phone, oldest first.
func (o *Office) named(id, channel string) []*session {
	found := o.platica.byName[id]
	if s := o.platica.byID[id]; s != nil {
		found = []*session{s}
	} else if found == nil {
		found = o.platica.byName[digitsOf(id)]
	}
	unwanted := func(s *session) bool { return s.gone || channel != "" && s.client.channel != channel }
	if !slices.ContainsFunc(found, unwanted) {
		return found
	}
	return slices.DeleteFunc(slices.Clone(found), unwanted)
}

// getSessions answers with every conversation of that name, in every
// workspace that has one (platica.md §8.1).
func (o *Office) getSessions(a *answer, r *http.Request, id string) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	found := o.named(id, r.URL.Query().Get("channelId"))
	if len(found) == 0 {
		a.platicaError(http.StatusNotFound, "Not Found - Resource not found", "Conversation not found")
		return
	}
	body, spaces := append(a.buffer(), `{"workspaces":[`...), 0
	for _, ws := range o.platica.workspaces {
		n := 0
		for _, s := range found {
			if s.client.space != ws {
				continue
			}
			if n > 0 {
				body = append(body, ',')
			} else {
				if spaces > 0 {
					body = append(body, ',')
				}
				body = openWorkspace(body, ws)
				spaces++
			}
			body = o.appendSession(body, s, true)
			n++
		}
		if n > 0 {
			body = strconv.AppendInt(append(body, `],"conversationsCount":`...), int64(n), 10)
			body = append(body, '}')
		}
	}
	a.send(http.StatusOK, append(body, "]}"...))
}

// patchSessions sets status and owners of every conversation of that name
// (platica.md §10). Expired is final: where all of them are, a change of
// status is 422; where some are, the others change. It moves lastUpdate.
func (o *Office) patchSessions(a *answer, r *http.Request, id string) {
	var body struct {
		Owners *[]string
		Status *string
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil || json.Unmarshal(raw, &body) != nil {
		a.invalid("El cuerpo debe ser un objeto JSON con 'owners' o 'status' válidos")
		return
	}
	if body.Owners == nil && body.Status == nil {
		a.invalid("Debe enviarse al menos un campo: 'owners' o 'status'")
		return
	}
	if body.Status != nil && !slices.Contains(platicaStatuses[:], *body.Status) {
		a.invalid("El campo 'status' debe ser active, finished, spam o expired")
		return
	}
	defer o.act("patch", a.n)()
	found := slices.Clone(o.named(id, r.URL.Query().Get("channelId")))
	if len(found) == 0 {
		a.platicaError(http.StatusNotFound, "Not Found - Resource not found", "Conversation not found")
		return
	}
	if body.Owners != nil {
		for _, s := range found {
			for _, email := range *body.Owners {
				if !slices.Contains(s.client.space.users, email) {
					a.invalid("Cada valor de 'owners' debe ser un usuario del workspace")
					return
				}
			}
		}
	}
	if body.Status != nil && *body.Status != "expired" {
		found = slices.DeleteFunc(found, func(s *session) bool { return s.status == "expired" })
		if len(found) == 0 {
			a.platicaError(http.StatusUnprocessableEntity, "Unprocessable Entity", "Una conversación expirada no puede cambiar de estado")
			return
		}
	}
	var ids []string
	for _, s := range found {
		o.changeSession(s, func() {
			if body.Status != nil {
				o.setSessionStatus(s, *body.Status)
				o.effect(platicaName, s.id, "status")
			}
			if body.Owners != nil {
				o.ownSession(s, *body.Owners)
				o.effect(platicaName, s.id, "assignees")
			}
			s.updated = o.tick()
		})
		ids = append(ids, s.id)
	}
	reply := append(a.buffer(), `{"status":"success","message":"Conversación actualizada correctamente","data":{"ids":`...)
	a.send(http.StatusOK, append(appendStrings(reply, ids), "}}"...))
}

// changeSession makes a change that may move the session in its lists. The
// session is not deleted. It is called with mu held.
func (o *Office) changeSession(s *session, change func()) {
	ws := s.client.space
	ws.byUpdate.take(s)
	change()
	ws.byUpdate.put(s)
}
