package simulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strings"
	"time"
)

// Decisions where Waspy's pages are silent (waspy.md §14): a limit above 100 is
// refused; singles and PATCH replies are wrapped in data; errors carry a code
// and the requestId; of several conversations of one number by-phone gives the
// newest; an empty list has a null cursor.

var waspyStatuses = [...]string{"open", "pending", "resolved", "closed"}

// maxBody is more than any PATCH needs.
const maxBody = 64 << 10

func (o *Office) serveWaspy(a *answer, r *http.Request, path []string) {
	if !authorized(r, o.WaspyKey()) {
		a.waspyError(http.StatusUnauthorized, "UNAUTHORIZED", "Missing or invalid API key")
		return
	}
	if !o.admitted(o.waspyGate) {
		a.w.Header().Set("Retry-After", "1")
		a.waspyError(http.StatusTooManyRequests, "RATE_LIMITED", "Too many requests")
		return
	}
	var serve func(*answer, *http.Request, string)
	methods, id := []string{http.MethodGet}, ""
	switch n := len(path); {
	case n == 0 || path[0] != "conversations":
	case n == 1:
		serve = o.listChats
	case n == 2 && path[1] != "":
		id, methods = path[1], []string{http.MethodGet, http.MethodPatch}
		serve = o.getChat
		if r.Method == http.MethodPatch {
			serve = o.patchChat
		}
	case n == 3 && path[1] == "by-phone":
		id, serve = path[2], o.getChatByPhone
	case n == 3 && path[2] == "messages":
		id, serve = path[1], o.listChatMessages
	}
	switch {
	case serve == nil:
		a.waspyError(http.StatusNotFound, "NOT_FOUND", "No such endpoint")
	case !slices.Contains(methods, r.Method):
		a.w.Header().Set("Allow", strings.Join(methods, ", "))
		a.waspyError(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "Method not allowed")
	default:
		serve(a, r, id)
	}
}

func (a *answer) waspyError(status int, code, message string) {
	body := appendString(append(a.buffer(), `{"error":{"code":`...), code)
	body = append(appendField(body, "message", message), `},"meta":{`...)
	body = append(appendString(append(body, `"requestId":`...), a.request()), "}}"...)
	a.send(status, body)
}

func (a *answer) badRequest(format string, args ...any) {
	a.waspyError(http.StatusBadRequest, "VALIDATION_ERROR", fmt.Sprintf(format, args...))
}

// list ends a page: the cursor is that of its last row, also when no page
// follows; null on an empty one.
func (a *answer) list(body []byte, cursor string, more bool) {
	body = append(body, `],"meta":{"requestId":`...)
	body = append(appendString(body, a.request()), `,"cursor":`...)
	body = append(appendNullable(body, cursor), `,"hasMore":`...)
	if more {
		body = append(body, "true}}"...)
	} else {
		body = append(body, "false}}"...)
	}
	a.send(http.StatusOK, body)
}

func (a *answer) single(c *chat) {
	body := a.office.appendChat(append(a.buffer(), `{"data":`...), c)
	body = appendString(append(body, `,"meta":{"requestId":`...), a.request())
	a.send(http.StatusOK, append(body, "}}"...))
}

func (o *Office) listChats(a *answer, r *http.Request, _ string) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		a.badRequest("The query is not well-formed")
		return
	}
	limit, ok := number(q, "limit", 50, 1, 100)
	if !ok {
		a.badRequest("limit must be a number from 1 to 100")
		return
	}
	if a.rows > 0 {
		limit = a.rows
	}
	status := q.Get("status")
	if status != "" && !slices.Contains(waspyStatuses[:], status) {
		a.badRequest("status must be one of open, pending, resolved, closed")
		return
	}
	after, ok := readCursor(q.Get("cursor"))
	if !ok {
		a.waspyError(http.StatusBadRequest, "INVALID_CURSOR", "cursor is not valid")
		return
	}
	search := strings.ToLower(q.Get("search"))
	body := append(a.buffer(), `{"data":[`...)
	o.mu.RLock()
	defer o.mu.RUnlock()
	var last *chat
	rows, n, more := o.waspy.chats.rows, 0, false
	start := 0
	if after != nil {
		start = sort.Search(len(rows), func(i int) bool { return newestFirst(rows[i], after) > 0 })
	}
	for _, c := range rows[start:] {
		if status != "" && c.status != status || search != "" && !c.matches(search) {
			continue
		}
		if more = n == limit; more {
			break
		}
		if n > 0 {
			body = append(body, ',')
		}
		body = o.appendChat(body, c)
		n, last = n+1, c
	}
	if last == nil {
		a.list(body, "", more)
		return
	}
	a.list(body, last.cursor(), more)
}

// matches compares the name without case, and the number in the form it is
// stored in: nothing says that Waspy does more.
func (c *chat) matches(search string) bool {
	return strings.Contains(c.contact.phone, search) || strings.Contains(strings.ToLower(c.contact.name), search)
}

// cursor is "lastMessageAt|id", the time missing where there is none.
func (c *chat) cursor() string { return cursorAt(c.lastAt, c.id) }

func cursorAt(at int64, id string) string {
	if at == 0 {
		return "|" + id
	}
	return time.Unix(0, at).UTC().Format(millisecondsUTC) + "|" + id
}

// readCursor gives a row to compare with; nil for no cursor.
func readCursor(text string) (after *chat, ok bool) {
	if text == "" {
		return nil, true
	}
	at, id, ok := strings.Cut(text, "|")
	if !ok || id == "" {
		return nil, false
	}
	after = &chat{id: id}
	if at != "" {
		t, err := time.Parse(millisecondsUTC, at)
		if err != nil || nanos(t) != t.UnixNano() {
			return nil, false
		}
		after.lastAt = nanos(t)
	}
	return after, true
}

func (o *Office) getChat(a *answer, _ *http.Request, id string) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	c := o.waspy.find(id)
	if c == nil {
		a.waspyError(http.StatusNotFound, "CONVERSATION_NOT_FOUND", "Conversation not found")
		return
	}
	a.single(c)
}

func (o *Office) getChatByPhone(a *answer, _ *http.Request, phone string) {
	line := lineOf(phone)
	if line == "" {
		a.waspyError(http.StatusBadRequest, "INVALID_PHONE", "phone is not a number")
		return
	}
	o.mu.RLock()
	defer o.mu.RUnlock()
	found := slices.Clone(o.waspy.byLine[line])
	found = slices.DeleteFunc(found, func(c *chat) bool { return c.gone })
	if len(found) == 0 {
		a.waspyError(http.StatusNotFound, "CONVERSATION_NOT_FOUND", "Conversation not found")
		return
	}
	a.single(slices.MinFunc(found, newestFirst))
}

func (o *Office) listChatMessages(a *answer, r *http.Request, id string) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	limit, ok := number(q, "limit", 50, 1, 100)
	if !ok || err != nil {
		a.badRequest("limit must be a number from 1 to 100")
		return
	}
	if a.rows > 0 {
		limit = a.rows
	}
	after, ok := readCursor(q.Get("cursor"))
	if !ok {
		a.waspyError(http.StatusBadRequest, "INVALID_CURSOR", "cursor is not valid")
		return
	}
	o.mu.RLock()
	defer o.mu.RUnlock()
	c := o.waspy.find(id)
	if c == nil {
		a.waspyError(http.StatusNotFound, "CONVERSATION_NOT_FOUND", "Conversation not found")
		return
	}
	msgs, voice, start := o.chatMessages(c), o.chatVoice(c), 0
	if after != nil {
		if start = c.placeAfter(msgs, after); start < 0 {
			a.waspyError(http.StatusBadRequest, "INVALID_CURSOR", "cursor is not of this conversation")
			return
		}
	}
	end := min(len(msgs), start+limit)
	body, cursor := append(a.buffer(), `{"data":[`...), q.Get("cursor")
	for i := start; i < end; i++ {
		if i > start {
			body = append(body, ',')
		}
		body = o.appendWaspyMessage(body, c, &msgs[i], voice)
		if i == end-1 {
			cursor = cursorAt(msgs[i].at, c.messageID(&msgs[i]))
		}
	}
	a.list(body, cursor, end < len(msgs))
}

func (c *chat) messageID(m *message) string { return uuid(mix(c.seed, seedMessage), uint64(m.n)) }

// placeAfter is the index after the message that a cursor names; -1 when the
// chat has none such.
func (c *chat) placeAfter(msgs []message, after *chat) int {
	i := sort.Search(len(msgs), func(i int) bool { return msgs[i].at >= after.lastAt })
	for ; i < len(msgs) && msgs[i].at == after.lastAt; i++ {
		if c.messageID(&msgs[i]) == after.id {
			return i + 1
		}
	}
	return -1
}

// patchChat changes what the body names: an absent field is left alone, a null
// assignedTo unassigns (waspy.md §9).
func (o *Office) patchChat(a *answer, r *http.Request, id string) {
	var body map[string]json.RawMessage
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil || json.Unmarshal(raw, &body) != nil || body == nil {
		a.badRequest("The body must be a JSON object")
		return
	}
	var status, assigned *string
	if raw, ok := body["status"]; ok {
		if json.Unmarshal(raw, &status) != nil || status == nil || !slices.Contains(waspyStatuses[:], *status) {
			a.badRequest("status must be one of open, pending, resolved, closed")
			return
		}
	}
	if raw, ok := body["assignedTo"]; ok {
		if json.Unmarshal(raw, &assigned) != nil || assigned != nil && !looksUUID(*assigned) {
			a.badRequest("assignedTo must be an agent's UUID or null")
			return
		}
		if assigned == nil {
			assigned = new(string)
		}
	}
	defer o.act("patch", a.n)()
	c := o.waspy.find(id)
	if c == nil {
		a.waspyError(http.StatusNotFound, "CONVERSATION_NOT_FOUND", "Conversation not found")
		return
	}
	if status != nil {
		o.setChatStatus(c, *status)
		o.effect(waspyName, id, "status")
	}
	if assigned != nil {
		o.assignChat(c, *assigned)
		o.effect(waspyName, id, "assignees")
	}
	a.single(c)
}

func looksUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, r := range s {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (r == '-') {
			return false
		} else if !dash && !strings.ContainsRune("0123456789abcdefABCDEF", r) {
			return false
		}
	}
	return true
}
