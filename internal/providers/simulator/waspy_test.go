package simulator

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// walkWaspy reads a whole list by its cursors.
func walkWaspy(d desk, path string, values ...string) (rows []json.RawMessage, pages int) {
	cursor := ""
	for {
		page := d.get(path + q(append(values, "cursor", cursor)...))
		rows = append(rows, list(page, "data")...)
		pages++
		if field[string](page, "meta", "requestId") == "" {
			d.t.Fatalf("no requestId: %s", part(page, "meta"))
		}
		if cursor = field[string](page, "meta", "cursor"); !field[bool](page, "meta", "hasMore") {
			if len(rows) > 0 && cursor == "" {
				d.t.Fatal("the last page has no cursor")
			}
			return rows, pages
		}
	}
}

func TestWaspyList(t *testing.T) {
	o, waspy, _ := serve(t, Options{Seed: 1, Now: testNow})
	all := o.WaspyConversations()
	for _, limit := range []int{7, 50, 100} {
		rows, pages := walkWaspy(waspy, "/conversations", "limit", strconv.Itoa(limit))
		sameRows(t, "limit "+strconv.Itoa(limit), rows, all)
		if want := (len(all) + limit - 1) / limit; pages != want {
			t.Errorf("limit %d: %d pages, want %d", limit, pages, want)
		}
	}
	if n := len(list(waspy.get("/conversations"), "data")); n != 50 {
		t.Errorf("by default a page has %d rows", n)
	}
	ties := 0
	for i := 1; i < len(all); i++ {
		a, b := field[string](all[i-1], "lastMessageAt"), field[string](all[i], "lastMessageAt")
		if a < b || a == b && field[string](all[i-1], "id") <= field[string](all[i], "id") {
			t.Errorf("rows %d and %d: %s, then %s", i-1, i, a, b)
		}
		if a == b {
			ties++
		}
	}
	if ties == 0 {
		t.Error("no two conversations share their time")
	}
	if field[string](all[len(all)-1], "lastMessageAt") != "" {
		t.Error("the one that was never messaged is not last")
	}
	first := waspy.get("/conversations?limit=1")
	if want := field[string](all[0], "lastMessageAt") + "|" + field[string](all[0], "id"); field[string](first, "meta", "cursor") != want {
		t.Errorf("cursor %s, want %s", part(first, "meta"), want)
	}
}

func TestWaspyFilters(t *testing.T) {
	o, waspy, _ := serve(t, Options{Seed: 1, Now: testNow})
	all, sum := o.WaspyConversations(), 0
	for _, status := range waspyStatuses {
		rows, _ := walkWaspy(waspy, "/conversations", "limit", "9", "status", status)
		want := slices.DeleteFunc(slices.Clone(all), func(r json.RawMessage) bool { return field[string](r, "status") != status })
		sameRows(t, status, rows, want)
		sum += len(rows)
	}
	if sum != len(all) {
		t.Errorf("%d rows over the statuses, %d in all", sum, len(all))
	}
	for search, want := range map[string]bool{"maría garcía": true, "GARCÍA": true, "+5491159834410": true, "59834410": true, "maria garcia": false, "+54 9 11 5983": false} {
		rows, _ := walkWaspy(waspy, "/conversations", "search", search)
		found := slices.ContainsFunc(rows, func(r json.RawMessage) bool { return field[string](r, "contact", "name") == "María García" })
		if found != want {
			t.Errorf("search %q finds María García: %v", search, found)
		}
	}
	if page := waspy.get("/conversations?search=nadie-se-llama-asi"); field[any](page, "meta", "cursor") != nil || string(part(page, "data")) != "[]" {
		t.Errorf("an empty list: %s", page)
	}
}

func TestWaspySingle(t *testing.T) {
	o, waspy, _ := serve(t, Options{Seed: 1, Now: testNow})
	row := o.WaspyConversations()[0]
	page := waspy.get("/conversations/" + field[string](row, "id"))
	sameRows(t, "single", []json.RawMessage{part(page, "data")}, []json.RawMessage{row})
	if field[string](page, "meta", "requestId") == "" {
		t.Error("no requestId")
	}
	for _, form := range []string{"5491159834410", "541159834410", "+5491159834410", "+541159834410", "+54 9 11 5983-4410"} {
		page := waspy.get("/conversations/by-phone/" + url.PathEscape(form))
		if got := field[string](page, "data", "contact", "phoneNumber"); got != "+5491159834410" {
			t.Errorf("by-phone %q: %q", form, got)
		}
	}
}

func TestWaspyMessages(t *testing.T) {
	o, waspy, _ := serve(t, Options{Seed: 1, Now: testNow})
	long := ""
	for i, row := range o.WaspyConversations() {
		id := field[string](row, "id")
		all := o.WaspyMessages(id)
		if len(all) > 300 {
			long = id
		}
		if i < 5 || len(all) > 300 || len(all) == 0 {
			rows, _ := walkWaspy(waspy, "/conversations/"+id+"/messages", "limit", "7")
			sameRows(t, id, rows, all)
		}
		if len(all) > 0 {
			last := all[len(all)-1]
			if field[string](row, "lastMessageAt") != field[string](last, "createdAt") || field[string](row, "lastMessageStatus") != field[string](last, "status") ||
				field[string](row, "lastMessageDirection") != field[string](last, "direction") {
				t.Errorf("row %s\nlast message %s", row, last)
			}
		}
	}
	// A kept cursor gives what came later, and nothing else.
	path := "/conversations/" + long + "/messages"
	rows, cursor := 0, ""
	for more := true; more; {
		page := waspy.get(path + q("cursor", cursor))
		rows += len(list(page, "data"))
		cursor, more = field[string](page, "meta", "cursor"), field[bool](page, "meta", "hasMore")
	}
	if page := waspy.get(path + q("cursor", cursor)); string(part(page, "data")) != "[]" || field[string](page, "meta", "cursor") != cursor {
		t.Errorf("after the end: %s", page)
	}
	if err := o.Post("waspy", long, "otra cosa"); err != nil {
		t.Fatal(err)
	}
	if news := list(waspy.get(path+q("cursor", cursor)), "data"); len(news) != 1 || field[string](news[0], "content", "text") != "otra cosa" {
		t.Errorf("after a post: %s", news)
	}
}

func TestWaspyPatch(t *testing.T) {
	o, waspy, _ := serve(t, Options{Seed: 1, Now: testNow})
	row := o.WaspyConversations()[0] // María's: open, assigned
	path, agent := "/conversations/"+field[string](row, "id"), o.WaspyAgents()[2]
	for _, step := range []struct {
		body, status string
		assigned     any
	}{
		{`{}`, "open", field[any](row, "assignedTo")},
		{`{"status":"pending"}`, "pending", field[any](row, "assignedTo")},
		{`{"assignedTo":null}`, "pending", nil},
		{`{"assignedTo":"` + agent + `"}`, "pending", agent},
		{`{"status":"resolved","assignedTo":null}`, "resolved", nil},
	} {
		status, raw, _ := waspy.call(http.MethodPatch, path, step.body)
		if status != http.StatusOK || field[string](raw, "data", "status") != step.status || field[any](raw, "data", "assignedTo") != step.assigned {
			t.Errorf("%s: %d %s", step.body, status, raw)
		}
		sameRows(t, step.body, []json.RawMessage{part(waspy.get(path), "data")}, []json.RawMessage{part(raw, "data")})
	}
	if top := o.WaspyConversations()[0]; field[string](top, "id") != field[string](row, "id") {
		t.Error("a PATCH moved the list")
	}
}

func TestWaspyRefusals(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 1, Now: testNow})
	id := field[string](o.WaspyConversations()[0], "id")
	other := cursorAt(testNow.UnixNano(), "not-a-message")
	for _, tc := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/conversations?limit=0", "", 400},
		{"GET", "/conversations?limit=101", "", 400},
		{"GET", "/conversations?limit=", "", 400},
		{"GET", "/conversations?limit=ten", "", 400},
		{"GET", "/conversations?status=active", "", 400},
		{"GET", "/conversations?status=open,pending", "", 400},
		{"GET", "/conversations?cursor=nonsense", "", 400},
		{"GET", "/conversations?cursor=2026-13-45T00:00:00.000Z%7Cx", "", 400},
		{"GET", "/conversations?search=%zz", "", 400},
		{"GET", "/conversations/" + id + "/messages?limit=101", "", 400},
		{"GET", "/conversations/" + id + "/messages" + q("cursor", other), "", 400},
		{"GET", "/conversations/nobody", "", 404},
		{"GET", "/conversations/nobody/messages", "", 404},
		{"GET", "/conversations/by-phone/5491100000000", "", 404},
		{"GET", "/conversations/by-phone/nadie", "", 400},
		{"GET", "/contacts", "", 404},
		{"GET", "/", "", 404},
		{"POST", "/conversations", "{}", 405},
		{"DELETE", "/conversations/" + id, "", 405},
		{"PATCH", "/conversations/nobody", `{"status":"open"}`, 404},
		{"PATCH", "/conversations/" + id, `{"status":"active"}`, 400},
		{"PATCH", "/conversations/" + id, `{"status":null}`, 400},
		{"PATCH", "/conversations/" + id, `{"assignedTo":"ana"}`, 400},
		{"PATCH", "/conversations/" + id, `{"assignedTo":7}`, 400},
		{"PATCH", "/conversations/" + id, `[]`, 400},
		{"PATCH", "/conversations/" + id, `null`, 400},
		{"PATCH", "/conversations/" + id, ``, 400},
	} {
		status, raw, _ := waspy.call(tc.method, tc.path, tc.body)
		if status != tc.want || field[string](raw, "error", "code") == "" || field[string](raw, "error", "message") == "" || field[string](raw, "meta", "requestId") == "" {
			t.Errorf("%s %s %s: %d %s, want %d", tc.method, tc.path, tc.body, status, raw, tc.want)
		}
	}
	for _, key := range []string{"", "wspy_wrong", platica.key, strings.ToUpper(waspy.key)} {
		status, raw, _ := desk{t, waspy.base, key}.call("GET", "/conversations", "")
		if status != http.StatusUnauthorized || field[string](raw, "error", "code") == "" {
			t.Errorf("key %q: %d %s", key, status, raw)
		}
	}
}
