package simulator

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMutateFault(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 1, Now: testNow, Conversations: 20})
	rows := o.WaspyConversations()
	waspy.fault(o, Fault{Kind: "mutate", Field: "status", To: json.RawMessage(`"snoozed"`), Rows: 3})
	for i, row := range list(waspy.get("/conversations"), "data") {
		if (field[string](row, "status") == "snoozed") != (i < 3) {
			t.Errorf("row %d: %s", i, row)
		}
	}
	if one := waspy.get("/conversations/" + field[string](rows[9], "id")); field[string](one, "data", "status") != "snoozed" {
		t.Errorf("a single: %s", one)
	}
	waspy.fault(o, Fault{Kind: "mutate", Field: "contact", Request: "list"})
	if page := waspy.get("/conversations"); bytes.Contains(page, []byte(`"contact":`)) || !bytes.Contains(page, []byte(`"contactId":`)) {
		t.Errorf("contact is there: %.300s", page)
	}
	waspy.fault(o, Fault{Kind: "mutate", To: json.RawMessage(`null`), Rows: 1})
	for _, ws := range list(platica.get("/conversations"), "workspaces") {
		if rows := list(ws, "conversations"); len(rows) > 0 && string(rows[0]) != "null" {
			t.Errorf("%s", rows[0])
		}
	}
	sameRows(t, "the truth", o.WaspyConversations(), rows)
}

func TestDoubleRowsAndShuffle(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 1, Now: testNow, Conversations: 60})
	want := ids(o.WaspyConversations())
	waspy.fault(o, Fault{Kind: "double_rows"})
	first := waspy.get("/conversations?limit=10")
	second := waspy.get("/conversations" + q("limit", "10", "cursor", field[string](first, "meta", "cursor")))
	a, b := ids(list(first, "data")), ids(list(second, "data"))
	if len(a) != 20 || a[0] != want[0] || a[1] != want[0] || a[19] != want[9] {
		t.Errorf("%q", a)
	}
	if len(b) != 30 || !slices.Equal(b[:10], want[:10]) || b[10] != want[10] || b[29] != want[19] {
		t.Errorf("%q", b)
	}
	rows, _ := walkWaspy(waspy, "/conversations", "limit", "10")
	if got := slices.Compact(slices.Sorted(slices.Values(ids(rows)))); len(got) != 60 {
		t.Errorf("%d of 60 come", len(got))
	}
	for _, ws := range list(platica.get("/conversations?limit=5"), "workspaces") {
		if n := len(list(ws, "conversations")); n != 10 || field[float64](ws, "conversationsCount") != 10 {
			t.Errorf("%d rows: %s", n, ws)
		}
	}
	waspy.fault(o, Fault{Kind: "shuffle"})
	got := ids(list(waspy.get("/conversations?limit=50"), "data"))
	if slices.Equal(got, want[:50]) {
		t.Error("not shuffled")
	}
	slices.Sort(got)
	slices.Sort(want[:50])
	if !slices.Equal(got, want[:50]) {
		t.Error("other rows")
	}
}

func TestLyingAboutMore(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 1, Now: testNow, Conversations: 30})
	waspy.fault(o, Fault{Kind: "has_more", To: json.RawMessage(`false`)})
	if rows, pages := walkWaspy(waspy, "/conversations", "limit", "10"); len(rows) != 10 || pages != 1 {
		t.Errorf("%d rows", len(rows))
	}
	waspy.fault(o, Fault{Kind: "has_more", To: json.RawMessage(`true`)})
	last := waspy.get("/conversations?limit=100")
	end := waspy.get("/conversations" + q("limit", "100", "cursor", field[string](last, "meta", "cursor")))
	if !field[bool](last, "meta", "hasMore") || !field[bool](end, "meta", "hasMore") || len(list(end, "data")) != 0 {
		t.Errorf("%s", end)
	}
	for _, ws := range list(platica.get("/conversations?limit=200"), "workspaces") {
		if !field[bool](ws, "pagination", "hasMore") {
			t.Errorf("%s", part(ws, "pagination"))
		}
	}
	waspy.fault(o, Fault{Kind: "empty_page"})
	cursor := field[string](o.WaspyConversations()[0], "lastMessageAt") + "|" + ids(o.WaspyConversations())[0]
	page := waspy.get("/conversations" + q("cursor", cursor))
	if len(list(page, "data")) != 0 || !field[bool](page, "meta", "hasMore") || field[string](page, "meta", "cursor") != cursor {
		t.Errorf("%s", page)
	}
	for _, ws := range list(platica.get("/conversations"), "workspaces") {
		if len(list(ws, "conversations")) != 0 || !field[bool](ws, "pagination", "hasMore") || field[float64](ws, "conversationsCount") != 0 {
			t.Errorf("%s", ws)
		}
	}
}

func TestSamePage(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 1, Now: testNow, Conversations: 30})
	waspy.fault(o, Fault{Kind: "same_page", Request: "list"})
	first := waspy.get("/conversations?limit=7")
	for range 4 {
		again := waspy.get("/conversations" + q("limit", "7", "cursor", field[string](first, "meta", "cursor")))
		if string(again) != string(first) || !field[bool](again, "meta", "hasMore") {
			t.Fatalf("%s", again)
		}
	}
	one := platica.get("/conversations?limit=7&offset=0")
	if two := platica.get("/conversations?limit=7&offset=7"); string(two) != string(one) {
		t.Error("another page")
	}
	if other := waspy.get("/conversations?limit=8"); string(other) == string(first) {
		t.Error("another list's page")
	}
}

func TestStale(t *testing.T) {
	o, waspy, _ := serve(t, Options{Seed: 1, Now: testNow, Conversations: 10})
	id := ids(o.WaspyConversations())[0]
	path := "/conversations/" + id
	waspy.fault(o, Fault{Kind: "stale", Request: "single"})
	before := waspy.get(path)
	if err := o.SetStatus("waspy", id, "closed"); err != nil {
		t.Fatal(err)
	}
	if again := waspy.get(path); string(again) != string(before) {
		t.Errorf("%s", again)
	}
	if row := list(waspy.get("/conversations"), "data")[0]; field[string](row, "status") != "closed" {
		t.Error("the list is stale, too")
	}
	if status, raw, _ := waspy.call("PATCH", path, `{"status":"open"}`); status != 200 || field[string](raw, "data", "status") != "open" {
		t.Errorf("PATCH: %s", raw)
	}
	if again := waspy.get(path); string(again) != string(before) {
		t.Errorf("%s", again)
	}
	o.Quiet()
	if now := waspy.get(path); field[string](now, "data", "status") != "open" {
		t.Errorf("%s", now)
	}
}

func TestOtherPage(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 1, Now: testNow, Conversations: 60})
	want := ids(o.WaspyConversations())
	waspy.fault(o, Fault{Kind: "other_page", Request: "list"})
	rows, pages := walkWaspy(waspy, "/conversations", "limit", "10")
	got := ids(rows)
	if pages != 6 || !slices.Equal(got[:10], want[10:20]) || !slices.Equal(got[10:20], want[:10]) || !slices.Equal(got[20:30], want[30:40]) {
		t.Errorf("%d pages: %q", pages, got)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Error("not all come once")
	}
	wrong := platica.get("/conversations?limit=5&offset=0")
	o.Quiet()
	right := platica.get("/conversations?limit=5&offset=5")
	if string(part(wrong, "workspaces")) != string(part(right, "workspaces")) {
		t.Errorf("%s", wrong)
	}
}

func TestCursorsRefused(t *testing.T) {
	o, waspy, _ := serve(t, Options{Seed: 1, Now: testNow, Conversations: 30})
	cursor := field[string](waspy.get("/conversations?limit=5"), "meta", "cursor")
	next := "/conversations" + q("limit", "5", "cursor", cursor)
	for _, code := range []int{400, 410, 422} {
		waspy.fault(o, Fault{Kind: "expired_cursor", Status: []int{code}})
		if got := waspy.status("GET", next, ""); got != code {
			t.Errorf("an old cursor: %d", got)
		}
		if got := field[string](waspy.get("/conversations?limit=5"), "meta", "cursor"); got != cursor || waspy.status("GET", next, "") != 200 {
			t.Error("a new one is not taken")
		}
	}
	waspy.fault(o, Fault{Kind: "foreign_cursor", Times: 1})
	foreign := field[string](waspy.get("/conversations?limit=5"), "meta", "cursor")
	if foreign == cursor || foreign == "" || waspy.status("GET", "/conversations"+q("cursor", foreign), "") != 400 {
		t.Errorf("cursor %q", foreign)
	}
}

func TestHugeAndBomb(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 1, Now: testNow, Conversations: 900})
	waspy.fault(o, Fault{Kind: "huge", Request: "list"})
	if n := len(list(waspy.get("/conversations?limit=100"), "data")); n != 900 {
		t.Errorf("%d rows", n)
	}
	waspy.fault(o, Fault{Kind: "huge", Rows: 300})
	if n := len(rowsIn(platica.get("/conversations?limit=100"), "ws_altamira_ar")); n != 300 {
		t.Errorf("%d rows", n)
	}
	waspy.fault(o, Fault{Kind: "huge", Bytes: 40 << 20})
	if page := waspy.get("/conversations?limit=10"); len(page) != 40<<20 || len(list(page, "data")) != 10 {
		t.Errorf("%d bytes", len(page))
	}
	waspy.fault(o, Fault{Kind: "bomb", Bytes: 8 << 20})
	r, _ := http.NewRequest("GET", waspy.base+"/conversations", nil)
	r.Header.Set("Authorization", "Bearer "+waspy.key)
	r.Header.Set("Accept-Encoding", "gzip") // the transport leaves it packed
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	if w.ContentLength > 10<<10 || w.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("%d bytes packed", w.ContentLength)
	}
	if _, raw, _ := waspy.call("GET", "/conversations", ""); len(raw) != 8<<20 {
		t.Errorf("%d bytes unpacked", len(raw))
	}
}

func TestOtherAccount(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 1, Now: testNow, Conversations: 30})
	own, chats := ids(o.PlaticaConversations()), ids(o.WaspyConversations())
	channel := field[string](o.WaspyConversations()[0], "phoneNumberId")
	waspy.fault(o, Fault{Kind: "other_account"})
	for _, ws := range list(platica.get("/conversations"), "workspaces") {
		if strings.HasPrefix(field[string](ws, "id"), "ws_altamira") {
			t.Errorf("workspace %s", part(ws, "id"))
		}
		for _, row := range list(ws, "conversations") {
			if slices.Contains(own, field[string](row, "id")) || field[string](row, "workspaceId") != field[string](ws, "id") {
				t.Errorf("%s", row)
			}
		}
	}
	rows := list(waspy.get("/conversations"), "data")
	for _, row := range rows {
		if slices.Contains(chats, field[string](row, "id")) || field[string](row, "phoneNumberId") == channel {
			t.Errorf("%s", row)
		}
	}
	if waspy.status("GET", "/conversations/"+chats[0], "") != 404 || waspy.status("GET", "/conversations/"+field[string](rows[0], "id")+"/messages", "") != 200 {
		t.Error("not another account")
	}
	if (desk{t, waspy.base, "wrong"}).status("GET", "/conversations", "") != 401 {
		t.Error("it takes any key")
	}
}

func TestMalformed(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 1, Now: testNow, Conversations: 30})
	good := waspy.get("/conversations?limit=5")
	valid := map[string]bool{"duplicate_keys": true, "duplicate_ids": true, "deep_field": false, "huge_number": true, "lone_surrogate": true, "null": true,
		"array": true, "string": true, "number": true, "true": true, "empty_object": true, "error_in_200": true, "null_rows": true, "object_rows": true, "null_row": true,
		"invalid_utf8": true} // as far as Go's reader goes
	for _, name := range Malformed() {
		waspy.fault(o, Fault{Kind: "json", Body: name})
		for _, d := range []desk{waspy, platica} {
			status, raw, header, err := d.ask("GET", "/conversations?limit=5", "")
			if err != nil || status != 200 || !strings.HasPrefix(header.Get("Content-Type"), "application/json") {
				t.Errorf("%s: %d %v", name, status, err)
			}
			if json.Valid(raw) != valid[name] || string(raw) == string(good) {
				t.Errorf("%s: valid is %v: %.200s", name, json.Valid(raw), raw)
			}
			if name == "invalid_utf8" && utf8.Valid(raw) {
				t.Error("it is UTF-8")
			}
		}
	}
	waspy.fault(o, Fault{Kind: "json"})
	seen := map[string]bool{}
	for range 60 {
		_, raw, _, _ := waspy.ask("GET", "/conversations?limit=5", "")
		seen[strconv.Itoa(len(raw))] = true
	}
	if len(seen) < 12 {
		t.Errorf("%d of the kinds are drawn", len(seen))
	}
}

func TestHTML(t *testing.T) {
	o, waspy, _ := serve(t, Options{Seed: 1, Now: testNow, Conversations: 2})
	waspy.fault(o, Fault{Kind: "html"})
	status, raw, header, err := waspy.ask("GET", "/conversations", "")
	if err != nil || status != 200 || !strings.HasPrefix(header.Get("Content-Type"), "text/html") || !bytes.HasPrefix(raw, []byte("<!doctype html>")) {
		t.Errorf("%d %v %s", status, err, raw)
	}
}
