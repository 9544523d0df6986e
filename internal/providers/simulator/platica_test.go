package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"
)

// walkPlatica reads the whole list by offsets, while any workspace has more.
// It gives each workspace's rows, by its id.
func walkPlatica(d desk, limit int, values ...string) map[string][]json.RawMessage {
	d.t.Helper()
	out := map[string][]json.RawMessage{}
	for offset, more := 0, true; more; offset += limit {
		page := d.get("/conversations" + q(append(values, "limit", strconv.Itoa(limit), "offset", strconv.Itoa(offset))...))
		more = false
		for _, ws := range list(page, "workspaces") {
			id, rows := field[string](ws, "id"), list(ws, "conversations")
			out[id] = append(out[id], rows...)
			if int(field[float64](ws, "conversationsCount")) != len(rows) || int(field[float64](ws, "pagination", "limit")) != limit ||
				int(field[float64](ws, "pagination", "offset")) != offset || len(rows) > limit || field[string](ws, "name") == "" {
				d.t.Fatalf("workspace %s: %d rows, %s", id, len(rows), part(ws, "pagination"))
			}
			more = more || field[bool](ws, "pagination", "hasMore")
		}
	}
	return out
}

// spaceOf picks a workspace's rows out of all, in their order.
func spaceOf(all []json.RawMessage, ws string) []json.RawMessage {
	return slices.DeleteFunc(slices.Clone(all), func(r json.RawMessage) bool { return field[string](r, "workspaceId") != ws })
}

func TestPlaticaList(t *testing.T) {
	o, _, platica := serve(t, Options{Seed: 1, Now: testNow})
	all := o.PlaticaConversations()
	for _, limit := range []int{13, 200} {
		got := walkPlatica(platica, limit)
		if len(got) != 2 {
			t.Fatalf("%d workspaces", len(got))
		}
		for ws, rows := range got {
			sameRows(t, ws, rows, spaceOf(all, ws))
		}
	}
	for _, ws := range list(platica.get("/conversations"), "workspaces") {
		if n := len(list(ws, "conversations")); n != 50 {
			t.Errorf("by default a page has %d rows", n)
		}
	}
	for _, row := range all {
		if string(part(row, "messages")) != "[]" {
			t.Errorf("a row of the list has messages: %s", row)
		}
	}
	past := platica.get("/conversations?offset=100000")
	for _, ws := range list(past, "workspaces") {
		if string(part(ws, "conversations")) != "[]" || field[bool](ws, "pagination", "hasMore") {
			t.Errorf("past the end: %s", ws)
		}
	}
}

func TestPlaticaOrders(t *testing.T) {
	_, _, platica := serve(t, Options{Seed: 1, Now: testNow})
	for _, sortBy := range []string{"lastUpdate", "creationDate"} {
		down, up := walkPlatica(platica, 50, "sortBy", sortBy, "sortDirection", "desc"), walkPlatica(platica, 50, "sortBy", sortBy, "sortDirection", "asc")
		ties := 0
		for ws, rows := range up {
			back := slices.Clone(down[ws])
			slices.Reverse(back)
			sameRows(t, "asc is desc turned round", rows, back)
			for i := 1; i < len(rows); i++ {
				a, errA := time.Parse(time.RFC3339Nano, field[string](rows[i-1], sortBy))
				b, errB := time.Parse(time.RFC3339Nano, field[string](rows[i], sortBy))
				if errA != nil || errB != nil || a.After(b) {
					t.Errorf("%s asc: %v, then %v", sortBy, a, b)
				}
				if a.Equal(b) {
					ties++
				}
			}
		}
		if ties == 0 {
			t.Errorf("no two conversations share their %s", sortBy)
		}
	}
}

func TestPlaticaFilters(t *testing.T) {
	o, _, platica := serve(t, Options{Seed: 1, Now: testNow})
	all := o.PlaticaConversations()
	check := func(what string, keep func(json.RawMessage) bool, values ...string) {
		t.Helper()
		n := 0
		for ws, rows := range walkPlatica(platica, 11, values...) {
			sameRows(t, what, rows, slices.DeleteFunc(spaceOf(all, ws), func(r json.RawMessage) bool { return !keep(r) }))
			n += len(rows)
		}
		if n == 0 {
			t.Errorf("%s finds nothing", what)
		}
	}
	channel := field[string](all[0], "channelId")
	check("channelId", func(r json.RawMessage) bool { return field[string](r, "channelId") == channel }, "channelId", channel)
	tagged := func(tags ...string) func(json.RawMessage) bool {
		return func(r json.RawMessage) bool {
			return slices.ContainsFunc(field[[]any](r, "tags"), func(tag any) bool { return slices.Contains(tags, tag.(string)) })
		}
	}
	check("tags", tagged("vip", "facturas"), "tags", "vip,facturas")
	check("tags, repeated", tagged("vip", "facturas"), "tags", "vip", "tags", "facturas")
	created := func(from, to string) func(json.RawMessage) bool {
		return func(r json.RawMessage) bool {
			date := field[string](r, "creationDate")[:len(time.DateOnly)]
			return date >= from && date <= to
		}
	}
	day := field[string](all[3], "creationDate")[:len(time.DateOnly)]
	check("specific", created(day, day), "dateFilter", `{"type":"specific","date":"`+day+`"}`)
	check("everything", created("0001-01-01", "9999-12-31"), "dateFilter", `{"type":"range","startDate":"0001-01-01","endDate":"9999-12-31"}`)
	check("range", created("2026-01-01", day), "dateFilter", `{"type":"range","startDate":"2026-01-01","endDate":"`+day+`"}`)
}

func TestPlaticaSingle(t *testing.T) {
	o, _, platica := serve(t, Options{Seed: 1, Now: testNow})
	for _, row := range o.PlaticaConversations() {
		id := field[string](row, "id")
		spaces := list(platica.get("/conversations/"+id), "workspaces")
		if len(spaces) != 1 || part(spaces[0], "pagination") != nil {
			t.Fatalf("%s: %s", id, spaces)
		}
		found := list(spaces[0], "conversations")
		if len(found) != 1 || field[float64](spaces[0], "conversationsCount") != 1 {
			t.Fatalf("%s: %d conversations", id, len(found))
		}
		sameRows(t, id, list(found[0], "messages"), o.PlaticaMessages(id))
		var listed, read map[string]any
		_ = json.Unmarshal(row, &listed)
		_ = json.Unmarshal(found[0], &read)
		if len(listed) != len(read) || field[string](found[0], "lastUpdate") != field[string](row, "lastUpdate") {
			t.Errorf("listed %s\nread %s", row, found[0])
		}
	}
	// A number finds all its sessions, however it is written.
	for _, name := range []string{"541159834410", "+541159834410", "+54 11 5983-4410"} {
		n := 0
		for _, ws := range list(platica.get("/conversations/"+name), "workspaces") {
			n += len(list(ws, "conversations"))
		}
		if n != 3 {
			t.Errorf("%s: %d sessions", name, n)
		}
	}
	if status, _, _ := platica.call("GET", "/conversations/541159834410?channelId=wb-1", ""); status != http.StatusNotFound {
		t.Errorf("at another channel: %d", status)
	}
}

func TestPlaticaPatch(t *testing.T) {
	o, _, platica := serve(t, Options{Seed: 1, Now: testNow})
	first := func(status string) json.RawMessage {
		for _, row := range o.PlaticaConversations() {
			if field[string](row, "status") == status {
				return row
			}
		}
		t.Fatalf("no conversation is %s", status)
		return nil
	}
	row := first("active")
	id, user := field[string](row, "id"), o.PlaticaUsers(field[string](row, "workspaceId"))[1]
	status, raw, _ := platica.call(http.MethodPatch, "/conversations/"+id, `{"status":"finished","owners":["`+user+`"]}`)
	if ids := field[[]any](raw, "data", "ids"); status != http.StatusOK || field[string](raw, "status") != "success" || field[string](raw, "message") == "" || len(ids) != 1 || ids[0] != id {
		t.Fatalf("%d %s", status, raw)
	}
	after := first("finished")
	if field[string](after, "id") != id || field[[]any](after, "owners")[0] != user || field[string](after, "lastUpdate") <= field[string](row, "lastUpdate") {
		t.Errorf("after: %s", after)
	}
	if status, raw, _ = platica.call(http.MethodPatch, "/conversations/"+id, `{"owners":[]}`); status != http.StatusOK || len(field[[]any](first("finished"), "owners")) != 0 {
		t.Errorf("no owners: %d %s", status, raw)
	}
	// Expired is final, also when it was this call that set it.
	if status, _, _ = platica.call(http.MethodPatch, "/conversations/"+id, `{"status":"expired"}`); status != http.StatusOK {
		t.Errorf("to expired: %d", status)
	}
	if status, raw, _ = platica.call(http.MethodPatch, "/conversations/"+id, `{"status":"active"}`); status != http.StatusUnprocessableEntity || field[float64](raw, "code") != 422 {
		t.Errorf("out of expired: %d %s", status, raw)
	}
	// By phone the call touches every session that can change.
	if status, raw, _ = platica.call(http.MethodPatch, "/conversations/541159834410", `{"owners":["ana@altamira.example"]}`); status != http.StatusOK || len(field[[]any](raw, "data", "ids")) != 3 {
		t.Errorf("by phone: %d %s", status, raw)
	}
}

func TestPlaticaRefusals(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 1, Now: testNow})
	id := field[string](o.PlaticaConversations()[0], "id")
	for _, tc := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/conversations?limit=0", "", 400},
		{"GET", "/conversations?limit=201", "", 400},
		{"GET", "/conversations?limit=x", "", 400},
		{"GET", "/conversations?offset=-1", "", 400},
		{"GET", "/conversations?sortBy=name", "", 400},
		{"GET", "/conversations?sortDirection=down", "", 400},
		{"GET", "/conversations?tags=a,b,c,d,e,f,g,h,i,j,k", "", 400},
		{"GET", "/conversations?dateFilter=2026-01-01", "", 400},
		{"GET", "/conversations" + q("dateFilter", `{"type":"other","date":"2026-01-01"}`), "", 400},
		{"GET", "/conversations" + q("dateFilter", `{"type":"specific","date":"2026-02-30"}`), "", 400},
		{"GET", "/conversations" + q("dateFilter", `{"type":"range","startDate":"2026-01-02"}`), "", 400},
		{"GET", "/conversations" + q("dateFilter", `{"type":"range","startDate":"2026-01-02","endDate":"2026-01-01"}`), "", 400},
		{"GET", "/conversations/nobody", "", 404},
		{"GET", "/clients", "", 404},
		{"POST", "/conversations", "{}", 405},
		{"DELETE", "/conversations/" + id, "", 405},
		{"PATCH", "/conversations/nobody", `{"status":"active"}`, 404},
		{"PATCH", "/conversations/" + id, `{}`, 400},
		{"PATCH", "/conversations/" + id, `{"status":"open"}`, 400},
		{"PATCH", "/conversations/" + id, `{"owners":"ana@altamira.example"}`, 400},
		{"PATCH", "/conversations/" + id, `{"owners":["nobody@altamira.example"]}`, 400},
		{"PATCH", "/conversations/" + id, `nonsense`, 400},
	} {
		status, raw, header := platica.call(tc.method, tc.path, tc.body)
		if status != tc.want || int(field[float64](raw, "code")) != tc.want || field[string](raw, "error") == "" || header.Get("X-RateLimit-Limit") != "30" {
			t.Errorf("%s %s %s: %d %s, want %d", tc.method, tc.path, tc.body, status, raw, tc.want)
		}
	}
	for _, key := range []string{"", "pl_key_wrong", waspy.key} {
		status, raw, _ := desk{t, platica.base, key}.call("GET", "/conversations", "")
		if status != http.StatusUnauthorized || field[float64](raw, "code") != 401 || field[string](raw, "details") == "" {
			t.Errorf("key %q: %d %s", key, status, raw)
		}
	}
}
