package simulator

import (
	"encoding/json"
	"strconv"
)

// sheet is a page of a list, taken apart: the rows of Waspy, or those of each
// workspace of Plática.
type sheet struct {
	provider string
	body     json.RawMessage
	groups   int
}

// sheetOf reads a reply; groups is 0 for what is no page of rows.
func sheetOf(provider string, body []byte) *sheet {
	s := &sheet{provider: provider, body: body}
	if provider == waspyName {
		if rows := get(body, "data"); len(rows) > 0 && rows[0] == '[' {
			s.groups = 1
		}
		return s
	}
	if spaces, object, err := members(get(body, "workspaces")); err == nil && !object {
		s.groups = len(spaces)
	}
	return s
}

// rowsAt is the path of a group's rows, moreAt that of its hasMore.
func (s *sheet) rowsAt(group int) []string {
	if s.provider == waspyName {
		return []string{"data"}
	}
	return []string{"workspaces", strconv.Itoa(group), "conversations"}
}

func (s *sheet) moreAt(group int) []string {
	if s.provider == waspyName {
		return []string{"meta", "hasMore"}
	}
	return []string{"workspaces", strconv.Itoa(group), "pagination", "hasMore"}
}

func (s *sheet) rows(group int) []member {
	rows, _, _ := members(get(s.body, s.rowsAt(group)...))
	return rows
}

// setRows replaces the rows of a group, and the count of them that Plática
// gives.
func (s *sheet) setRows(group int, rows []member) {
	s.set(joined(rows, false), s.rowsAt(group)...)
	if s.provider == platicaName {
		s.set([]byte(strconv.Itoa(len(rows))), "workspaces", strconv.Itoa(group), "conversationsCount")
	}
}

func (s *sheet) setMore(group int, more bool) {
	if get(s.body, s.moreAt(group)...) != nil {
		s.set([]byte(strconv.FormatBool(more)), s.moreAt(group)...)
	}
}

func (s *sheet) set(value []byte, path ...string) {
	if changed, err := setMember(s.body, path, value); err == nil {
		s.body = changed
	}
}

func (s *sheet) cursor() string {
	var cursor string
	_ = json.Unmarshal(get(s.body, "meta", "cursor"), &cursor)
	return cursor
}

// rewrite changes the pages of a reply, group by group.
func (a *answer) rewrite(q *ask, change func(s *sheet, group int)) {
	s := sheetOf(q.provider, a.body)
	for group := range s.groups {
		change(s, group)
	}
	a.body = s.body
}
