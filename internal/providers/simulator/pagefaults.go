package simulator

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// changeField edits rows as they go out; what the office holds stays.
func changeField(_ *Office, a *answer, q *ask, h *hit) {
	path := split(h.Field)
	a.rewrite(q, func(s *sheet, group int) {
		rows := s.rows(group)
		for i := range rows {
			if h.Rows > 0 && i >= h.Rows {
				break
			}
			if changed, err := setMember(rows[i].value, path, h.To); err == nil {
				rows[i].value = changed
			}
		}
		s.setRows(group, rows)
	})
	if q.provider == waspyName && sheetOf(q.provider, a.body).groups == 0 { // a single
		if changed, err := setMember(a.body, append([]string{"data"}, path...), h.To); err == nil {
			a.body = changed
		}
	}
}

// changeDouble gives each row twice, and before them those of the page that
// went before.
func changeDouble(_ *Office, a *answer, q *ask, h *hit) {
	h.set.mu.Lock()
	defer h.set.mu.Unlock()
	a.rewrite(q, func(s *sheet, group int) {
		key := q.place() + " " + strconv.Itoa(group)
		rows := s.rows(group)
		earlier, _, _ := members(h.kept[key])
		h.kept[key] = joined(rows, false)
		var out []member
		if q.continues() {
			out = earlier
		}
		for _, row := range rows {
			out = append(out, row, row)
		}
		s.setRows(group, out)
	})
}

func changeShuffle(_ *Office, a *answer, q *ask, h *hit) {
	a.rewrite(q, func(s *sheet, group int) {
		rows := s.rows(group)
		for i := len(rows) - 1; i > 0; i-- {
			j := h.dice.n(i + 1)
			rows[i], rows[j] = rows[j], rows[i]
		}
		s.setRows(group, rows)
	})
}

func changeMore(_ *Office, a *answer, q *ask, h *hit) {
	a.rewrite(q, func(s *sheet, group int) { s.setMore(group, string(h.To) == "true") })
}

// changeEmpty takes the rows out and says that more follow; the cursor is the
// one that was sent, so that asking again gives the same.
func changeEmpty(_ *Office, a *answer, q *ask, _ *hit) {
	a.rewrite(q, func(s *sheet, group int) {
		s.setRows(group, nil)
		s.setMore(group, true)
		if s.provider == waspyName {
			s.set(appendNullable(nil, q.URL.Query().Get("cursor")), "meta", "cursor")
		}
	})
}

// changeCursor gives a cursor that looks like any other and that the office
// takes for nobody's.
func changeCursor(_ *Office, a *answer, q *ask, h *hit) {
	a.rewrite(q, func(s *sheet, group int) {
		if s.provider == waspyName && s.cursor() != "" {
			foreign := base64.RawURLEncoding.EncodeToString([]byte(uuid(h.dice.next(), 1)))
			s.set(appendString(nil, foreign), "meta", "cursor")
		}
	})
}

// replyExpiredCursor refuses cursors that were given out before the fault was
// set, as a provider does after an update; Plática's offsets never expire.
func replyExpiredCursor(o *Office, a *answer, q *ask, h *hit) {
	h.set.mu.Lock()
	cursor := q.URL.Query().Get("cursor")
	known := cursor == "" || h.known[cursor]
	h.set.mu.Unlock()
	if !known {
		a.fail(q, h.code(http.StatusBadRequest))
		return
	}
	o.serve(a, q)
	if next := sheetOf(q.provider, a.body).cursor(); next != "" {
		h.set.mu.Lock()
		h.known[next] = true
		h.set.mu.Unlock()
	}
}

// replySamePage gives for ever the first page that it gave of a list, with
// more to follow and the same cursor.
func replySamePage(o *Office, a *answer, q *ask, h *hit) {
	h.set.mu.Lock()
	kept := h.kept[q.place()]
	h.set.mu.Unlock()
	if kept != nil {
		a.send(http.StatusOK, bytes.Clone(kept))
		return
	}
	o.serve(a, q)
	if a.status != http.StatusOK {
		return
	}
	a.rewrite(q, func(s *sheet, group int) { s.setMore(group, true) })
	h.set.mu.Lock()
	h.kept[q.place()] = bytes.Clone(a.body)
	h.set.mu.Unlock()
}

// replyStale gives what it gave the first time for the same address.
func replyStale(o *Office, a *answer, q *ask, h *hit) {
	key := q.URL.RequestURI()
	h.set.mu.Lock()
	kept := h.kept[key]
	h.set.mu.Unlock()
	if kept != nil && q.Method == http.MethodGet {
		a.send(http.StatusOK, bytes.Clone(kept))
		return
	}
	o.serve(a, q)
	if a.status == http.StatusOK && q.Method == http.MethodGet {
		h.set.mu.Lock()
		h.kept[key] = bytes.Clone(a.body)
		h.set.mu.Unlock()
	}
}

// swapped marks a cursor that leads to a page which was passed over.
const swapped = "~"

// replyOtherPage gives the page after the one asked for. At Waspy its cursor
// leads back to the page that was passed over, and that one's on to the third,
// so that all come, out of order; at Plática nothing leads back.
func replyOtherPage(o *Office, a *answer, q *ask, h *hit) {
	h.set.mu.Lock()
	back := h.kept[q.URL.Query().Get("cursor")]
	h.set.mu.Unlock()
	if back != nil {
		a.send(http.StatusOK, bytes.Clone(back))
		return
	}
	o.serve(a, q)
	s := sheetOf(q.provider, a.body)
	if a.status != http.StatusOK || !s.more() {
		return
	}
	first, values := bytes.Clone(a.body), q.URL.Query()
	limit, _ := strconv.Atoi(values.Get("limit"))
	offset, _ := strconv.Atoi(values.Get("offset"))
	values.Set("cursor", s.cursor())
	if q.provider == platicaName {
		values.Del("cursor")
		values.Set("offset", strconv.Itoa(offset+max(limit, 1)))
	}
	o.serve(a, q.at(values))
	if q.provider == platicaName {
		return
	}
	next := sheetOf(q.provider, a.body)
	mark := swapped + s.cursor()
	passed := sheetOf(q.provider, first)
	passed.set(appendNullable(nil, next.cursor()), "meta", "cursor")
	passed.setMore(0, next.more())
	h.set.mu.Lock()
	h.kept[mark] = passed.body
	h.set.mu.Unlock()
	next.set(appendString(nil, mark), "meta", "cursor")
	next.setMore(0, true)
	a.body = next.body
}

// more says whether any group has more.
func (s *sheet) more() bool {
	for group := range s.groups {
		if string(get(s.body, s.moreAt(group)...)) == "true" {
			return true
		}
	}
	return false
}

// at is the same request with another query.
func (q *ask) at(values url.Values) *ask {
	r := q.Request.Clone(q.Context())
	r.URL.RawQuery = values.Encode()
	other := *q
	other.Request = r
	return &other
}

// hugeRows is a page that nobody asked for.
const hugeRows = 10_000

// replyHuge gives a page of far more rows than asked for, or of as many bytes
// as it takes with blanks.
func replyHuge(o *Office, a *answer, q *ask, h *hit) {
	a.rows = h.Rows
	if h.Rows == 0 && h.Bytes == 0 {
		a.rows = hugeRows
	}
	o.serve(a, q)
	if missing := h.Bytes - len(a.body); missing > 0 && a.status == http.StatusOK {
		end := len(a.body) - 1
		a.body = slices.Concat(a.body[:end], bytes.Repeat([]byte(" "), missing), a.body[end:])
	}
}

// replyOtherAccount answers as if the key had become that of another account:
// other workspaces, other channels, other conversations.
func replyOtherAccount(o *Office, a *answer, q *ask, h *hit) {
	h.set.mu.Lock()
	if h.set.other == nil {
		h.set.other = o.otherAccount()
	}
	other := h.set.other
	h.set.mu.Unlock()
	other.serve(a, q)
}
