package server_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/notify"
	"bandeja/internal/server"
)

// document is the served openapi.json, with what of it has been seen to be
// true: a field that no answer ever filled is not proven.
type document struct {
	root map[string]any

	mu   sync.Mutex
	seen map[string]bool
}

func readDocument(t *testing.T, b browser) *document {
	t.Helper()
	d := &document{seen: map[string]bool{}}
	b.get(t, "/api/openapi.json", &d.root)
	return d
}

// at reads a value by its keys.
func (d *document) at(keys ...string) any {
	var v any = d.root
	for _, k := range keys {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[k]
	}
	return v
}

// check holds an answer to its operation: the status is documented, and the
// body is of the schema, with every field and no other.
func (d *document) check(t *testing.T, method, template string, a answer) {
	t.Helper()
	op := d.at("paths", template, strings.ToLower(method))
	if op == nil {
		t.Errorf("%s %s is not in the document", method, template)
		return
	}
	response := d.at("paths", template, strings.ToLower(method), "responses", fmt.Sprint(a.status))
	if response == nil {
		if a.status < 400 {
			t.Errorf("%s %s: %d is not in the document", method, template, a.status)
			return
		}
		response = d.at("paths", template, strings.ToLower(method), "responses", "default")
	}
	content, _ := response.(map[string]any)["content"].(map[string]any)
	if content == nil {
		if len(a.body) != 0 {
			t.Errorf("%s %s: %d has a body: %s", method, template, a.status, a.body)
		}
		return
	}
	if kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";"); content[kind] != nil && kind != "application/json" {
		return
	}
	media, ok := content["application/json"].(map[string]any)
	if !ok || a.header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("%s %s: %d comes as %q", method, template, a.status, a.header.Get("Content-Type"))
		return
	}
	var v any
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Errorf("%s %s: %v in %s", method, template, err, a.body)
		return
	}
	if err := d.valid(media["schema"].(map[string]any), v, "answer"); err != nil {
		t.Errorf("%s %s: %d: %v", method, template, a.status, err)
	}
}

// valid is as much of JSON Schema as the document uses.
func (d *document) valid(schema map[string]any, v any, where string) error {
	if ref, ok := schema["$ref"].(string); ok {
		name := ref[strings.LastIndex(ref, "/")+1:]
		inner, ok := d.at("components", "schemas", name).(map[string]any)
		if !ok {
			return fmt.Errorf("no schema %s", ref)
		}
		d.mu.Lock()
		d.seen[name] = true
		d.mu.Unlock()
		return d.valid(inner, v, where)
	}
	if either, ok := schema["anyOf"].([]any); ok {
		var last error
		for _, s := range either {
			if last = d.valid(s.(map[string]any), v, where); last == nil {
				return nil
			}
		}
		return last
	}
	if err := ofType(schema["type"], v, where); err != nil {
		return err
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, v) {
		return fmt.Errorf("%s is %v, not one of %v", where, v, enum)
	}
	switch v := v.(type) {
	case string:
		if schema["format"] == "date-time" && !milliseconds.MatchString(v) {
			return fmt.Errorf("%s is no time of ours: %s", where, v)
		}
	case []any:
		for i, item := range v {
			if err := d.valid(schema["items"].(map[string]any), item, fmt.Sprintf("%s[%d]", where, i)); err != nil {
				return err
			}
		}
	case map[string]any:
		return d.validObject(schema, v, where)
	}
	return nil
}

var milliseconds = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)

func (d *document) validObject(schema, v map[string]any, where string) error {
	properties, ok := schema["properties"].(map[string]any)
	if !ok {
		return nil // any object
	}
	required, _ := schema["required"].([]any)
	if schema["additionalProperties"] != false || len(required) != len(properties) {
		return fmt.Errorf("%s: the schema leaves fields open", where)
	}
	got, want := slices.Sorted(maps.Keys(v)), slices.Sorted(maps.Keys(properties))
	if !slices.Equal(got, want) {
		return fmt.Errorf("%s has %v, the document %v", where, got, want)
	}
	for name, inner := range properties {
		if err := d.valid(inner.(map[string]any), v[name], where+"."+name); err != nil {
			return err
		}
	}
	return nil
}

func ofType(types any, v any, where string) error {
	got := "null"
	switch n := v.(type) {
	case string:
		got = "string"
	case bool:
		got = "boolean"
	case []any:
		got = "array"
	case map[string]any:
		got = "object"
	case float64:
		got = "number"
		if list, _ := types.([]any); (types == any("integer") || slices.Contains(list, any("integer"))) && n == float64(int64(n)) {
			got = "integer"
		}
	}
	switch t := types.(type) {
	case string:
		if t == got {
			return nil
		}
	case []any:
		if slices.Contains(t, any(got)) {
			return nil
		}
	}
	return fmt.Errorf("%s is %s, not %v", where, got, types)
}

// TestDocumentHasEveryRoute: and none that is not there.
func TestDocumentHasEveryRoute(t *testing.T) {
	b := newSession(t, nil)
	d := readDocument(t, b.browser)
	if d.at("openapi") != "3.1.0" {
		t.Errorf("openapi is %v", d.at("openapi"))
	}
	var documented []string
	ids := map[any]bool{}
	for path, methods := range d.at("paths").(map[string]any) {
		for method, op := range methods.(map[string]any) {
			documented = append(documented, strings.ToUpper(method)+" "+path)
			id := op.(map[string]any)["operationId"]
			if id == nil || ids[id] {
				t.Errorf("%s %s: operationId %v", method, path, id)
			}
			ids[id] = true
			for _, name := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(path, -1) {
				if !hasParameter(op, "path", name[1]) {
					t.Errorf("%s %s: no parameter %s", method, path, name[1])
				}
			}
		}
	}
	slices.Sort(documented)
	if got := b.Routes(); !slices.Equal(got, documented) {
		t.Errorf("served:\n%s\ndocumented:\n%s", strings.Join(got, "\n"), strings.Join(documented, "\n"))
	}
}

func hasParameter(op any, in, name string) bool {
	list, _ := op.(map[string]any)["parameters"].([]any)
	return slices.ContainsFunc(list, func(p any) bool {
		m := p.(map[string]any)
		return m["in"] == in && m["name"] == name
	})
}

// TestDocumentIsTrue asks every operation of a full inbox, in success and in
// failure, and holds each answer to the document.
func TestDocumentIsTrue(t *testing.T) {
	b := fullDesk(t)
	d := readDocument(t, b.browser)
	asked := map[string]bool{}
	ask := func(method, template, path string, body any) answer {
		t.Helper()
		a := b.ask(t, method, path, body)
		d.check(t, method, template, a)
		if a.status < 300 {
			asked[method+" "+template] = true
		}
		return a
	}
	get := func(template, path string) answer { t.Helper(); return ask("GET", template, path, nil) }

	told, err := b.in.Local().AddNotice(t.Context(), cache.Notice{Kind: cache.LocalRestored, At: time.Now(), File: "local.db.damaged-1", From: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	get("/api/openapi.json", "/api/openapi.json")
	get("/api/state", "/api/state")
	for range 2 {
		ask("DELETE", "/api/notices/{id}", "/api/notices/"+told.ID, nil)
	}
	for _, account := range []string{"", "ventas", "soporte", "nobody"} {
		get("/api/counts", "/api/counts?account="+account)
		for _, view := range []string{"inbox", "needs_reply", "mine", "unassigned", "expiring", "snoozed", "all", "spam", "nonsense"} {
			get("/api/threads", "/api/threads?view="+view+"&account="+account)
		}
	}
	for _, period := range []string{"", "from=oldest", "from=2020-01-01&to=2020-01-02&account=ventas", "from=soon", "account=nobody"} {
		get("/api/insights", "/api/insights?"+period)
		get("/api/insights/{table}", "/api/insights/days?"+period)
	}
	get("/api/insights/{table}", "/api/insights/nothing")
	for _, thread := range threadsOf(t, b.browser, "view=all&limit=200") {
		get("/api/threads/{thread}", "/api/threads/"+thread)
		get("/api/threads/{thread}/messages", "/api/threads/"+thread+"/messages?limit=2")
		get("/api/threads/{thread}/messages", "/api/threads/"+thread+"/messages?limit=2&at=2026-04-13")
		get("/api/threads/{thread}/messages", "/api/threads/"+thread+"/messages?limit=2&at=unread")
		get("/api/threads/{thread}/days", "/api/threads/"+thread+"/days?from=2026-04-01&to=2026-04-30")
	}
	get("/api/threads/{thread}", "/api/threads/t_nothing")
	get("/api/threads/{thread}/messages", "/api/threads/t_nothing/messages")
	for _, q := range []string{"", "a", "gar", "hola", "55", "+54 9 11", "zzzzzzzz", "\"\x00", "estado:abierta", "estdo:abierta hola", "cuenta:ventas tiene:archivo", "de:nadie \"hola"} {
		get("/api/search", "/api/search?q="+url.QueryEscape(q))
		get("/api/threads", "/api/threads?view=all&q="+url.QueryEscape(q))
		get("/api/complete", "/api/complete?q="+url.QueryEscape(q))
	}
	for _, more := range []string{"only=people", "only=messages&sort=best", "only=nobody", "sort=oldest", "only=messages&cursor=x", "thread=t_nothing", "person=p_nothing"} {
		get("/api/search", "/api/search?q=hola&"+more)
	}
	first := threadsOf(t, b.browser, "limit=1")[0]
	ask("POST", "/api/threads/{thread}/open", "/api/threads/"+first+"/open", nil)
	ask("POST", "/api/threads/{thread}/open", "/api/threads/t_nothing/open", nil)
	get("/api/accounts/{name}/runs", "/api/accounts/ventas/runs?limit=3")
	get("/api/accounts/{name}/runs", "/api/accounts/nobody/runs")
	for _, view := range []map[string]string{{"name": "VIP", "query": "etiqueta:vip"}, {"name": "VIP", "query": "otra"}, {"name": "", "query": "x"}} {
		ask("POST", "/api/views", "/api/views", view)
	}
	get("/api/views", "/api/views")
	get("/api/counts", "/api/counts")
	for _, id := range []string{"v_1", "v_99"} {
		ask("PATCH", "/api/views/{id}", "/api/views/"+id, map[string]any{"position": 0})
		ask("DELETE", "/api/views/{id}", "/api/views/"+id, nil)
	}
	var kept note
	for _, written := range []string{" ", "hola"} {
		ask("PUT", "/api/threads/{thread}/draft", "/api/threads/"+first+"/draft", text(written))
		a := ask("POST", "/api/threads/{thread}/notes", "/api/threads/"+first+"/notes", text(written))
		_ = json.Unmarshal(a.body, &kept)
	}
	get("/api/threads/{thread}/notes", "/api/threads/"+first+"/notes")
	get("/api/threads/{thread}/notes", "/api/threads/t_nothing/notes")
	ask("DELETE", "/api/threads/{thread}/draft", "/api/threads/"+first+"/draft", nil)
	for _, id := range []string{kept.ID, "note_nothing"} {
		ask("PATCH", "/api/notes/{id}", "/api/notes/"+id, text("chau"))
		ask("DELETE", "/api/notes/{id}", "/api/notes/"+id, nil)
	}
	for _, wanted := range []map[string]string{{}, {"account": "ventas"}, {"account": "nobody"}, {"thread": first}, {"thread": "t_nothing"}, {"thread": first, "account": "ventas"}} {
		ask("POST", "/api/fetch", "/api/fetch", wanted)
	}
	ask("POST", "/api/sync", "/api/sync", map[string]string{"account": ""})
	ask("POST", "/api/sync", "/api/sync", map[string]string{"account": "nobody"})
	ask("POST", "/api/sync", "/api/sync", map[string]any{"full": true})
	get("/api/data", "/api/data")
	get("/api/doctor", "/api/doctor")
	get("/api/diagnostics", "/api/diagnostics")
	ask("PATCH", "/api/settings", "/api/settings", map[string]string{"theme": "dark"})
	ask("PATCH", "/api/settings", "/api/settings", map[string]string{"theme": "pink"})
	ask("PATCH", "/api/settings", "/api/settings", map[string]string{"density": "compact"})
	muted := notify.Default()
	muted.Muted = []string{"soporte"}
	ask("PATCH", "/api/settings", "/api/settings", map[string]any{"notifications": muted})
	ask("PUT", "/api/presence", "/api/presence", map[string]any{"page": "one", "unread": 3})
	ask("PUT", "/api/presence", "/api/presence", map[string]any{"page": ""})
	ask("POST", "/api/notifications/try", "/api/notifications/try", nil)
	ask("PATCH", "/api/settings", "/api/settings", map[string][]string{"recent_searches": {"juan", "estado:abierta"}})
	ask("PATCH", "/api/settings", "/api/settings", map[string]any{"keys": map[string]any{"resolve": "q", "note": nil, "undo": []string{"z", "Z"}}, "single_keys": false})
	ask("PATCH", "/api/settings", "/api/settings", map[string]any{"keys": map[string]string{"resolve": "n"}})
	get("/api/settings", "/api/settings")
	ask("POST", "/api/links", "/api/links", map[string]string{"url": "javascript:alert(1)"})
	_, code, _ := strings.Cut(b.in.Link(), "#k=")
	ask("POST", "/api/session", "/api/session", map[string]string{"code": code})
	ask("POST", "/api/session", "/api/session", map[string]string{"code": "wrong"})

	window := newSession(t, func(o *server.Options) {
		o.Native = &server.Native{OpenLink: func(string) error { return nil }, Notify: func(server.Notification) error { return nil },
			SaveAs: func(string) (string, error) { return "", nil }}
	})
	somebody := b.people(t)[0]
	for _, format := range []string{"ndjson", "csv", "xlsx", "html", "pdf"} {
		made := ask("POST", "/api/exports", "/api/exports", map[string]string{"rows": "messages", "format": format, "person": somebody})
		e := struct{ ID string }{"e_none"}
		if made.status == http.StatusCreated {
			_ = json.Unmarshal(made.body, &e)
		}
		get("/api/exports/{id}", "/api/exports/"+e.ID)
		get("/api/exports/{id}/file", "/api/exports/"+e.ID+"/file")
		get("/api/exports/{id}/sum", "/api/exports/"+e.ID+"/sum")
		ask("DELETE", "/api/exports/{id}", "/api/exports/"+e.ID, nil)
	}
	ask("POST", "/api/exports", "/api/exports", map[string]string{"rows": "people", "format": "csv", "view": "inbox"})
	made := window.ask(t, "POST", "/api/exports", map[string]string{"rows": "messages", "format": "csv", "person": somebody})
	var e struct{ ID string }
	_ = json.Unmarshal(made.body, &e)
	saved := window.ask(t, "POST", "/api/exports/"+e.ID+"/save", nil)
	d.check(t, "POST", "/api/exports/{id}/save", saved)
	asked["POST /api/exports/{id}/save"] = saved.status < 300
	saved = window.ask(t, "POST", "/api/insights/days?from=2026-04-01&to=2026-04-13", nil)
	d.check(t, "POST", "/api/insights/{table}", saved)
	asked["POST /api/insights/{table}"] = saved.status < 300
	get("/api/backups", "/api/backups")
	for _, body := range []map[string]any{{}, {"with_cache": 1}} {
		made := ask("POST", "/api/backups", "/api/backups", body)
		e := struct{ ID string }{"b_none"}
		if made.status == http.StatusCreated {
			_ = json.Unmarshal(made.body, &e)
		}
		get("/api/backups/{id}/file", "/api/backups/"+e.ID+"/file")
		ask("DELETE", "/api/backups/{id}", "/api/backups/"+e.ID, nil)
	}
	var waits struct{ ID string }
	_ = json.Unmarshal(ask("POST", "/api/backups", "/api/backups", map[string]any{"passphrase": "x"}).body, &waits)
	ask("DELETE", "/api/backups/{id}", "/api/backups/"+waits.ID, nil)
	saved = window.ask(t, "POST", "/api/backups/save", map[string]any{})
	d.check(t, "POST", "/api/backups/save", saved)
	asked["POST /api/backups/save"] = saved.status < 300
	a := window.ask(t, "POST", "/api/links", map[string]string{"url": "https://example.org"})
	d.check(t, "POST", "/api/links", a)
	asked["POST /api/links"] = a.status < 300
	a = window.ask(t, "POST", "/api/notifications/try", nil)
	d.check(t, "POST", "/api/notifications/try", a)
	asked["POST /api/notifications/try"] = a.status < 300

	own := newDesk(t)
	for _, add := range []map[string]string{
		{"provider": "waspy", "name": "otra", "key": own.office.WaspyKey(), "base_url": own.base + "/waspy/api/v2"},
		{"provider": "platica", "name": "mas", "key": own.office.PlaticaKey(), "base_url": own.base + "/platica/v1"},
		{"provider": "platica", "name": "mas", "key": "x", "base_url": own.base + "/platica/v1"},
	} {
		a := own.ask(t, "POST", "/api/accounts", add)
		d.check(t, "POST", "/api/accounts", a)
		asked["POST /api/accounts"] = asked["POST /api/accounts"] || a.status < 300
	}
	for _, verb := range []string{"pause", "resume"} {
		a := own.ask(t, "POST", "/api/accounts/otra/"+verb, nil)
		d.check(t, "POST", "/api/accounts/{name}/"+verb, a)
		asked["POST /api/accounts/{name}/"+verb] = a.status < 300
		d.check(t, "POST", "/api/accounts/{name}/"+verb, own.ask(t, "POST", "/api/accounts/nobody/"+verb, nil))
	}
	for _, each := range []struct {
		method, more string
		body         any
	}{
		{"GET", "", nil}, {"PATCH", "", map[string]string{"area": "221"}}, {"PATCH", "", map[string]string{"area": "x"}},
		{"PUT", "/key", map[string]string{"key": own.office.WaspyKey()}}, {"PUT", "/key", map[string]string{"key": "wrong"}},
	} {
		a := own.ask(t, each.method, "/api/accounts/otra"+each.more, each.body)
		d.check(t, each.method, "/api/accounts/{name}"+each.more, a)
		route := each.method + " /api/accounts/{name}" + each.more
		asked[route] = asked[route] || a.status < 300
	}
	a = own.ask(t, "DELETE", "/api/accounts/otra", nil)
	d.check(t, "DELETE", "/api/accounts/{name}", a)
	asked["DELETE /api/accounts/{name}"] = a.status < 300
	d.check(t, "DELETE", "/api/accounts/{name}", own.ask(t, "DELETE", "/api/accounts/otra", nil))

	askWhatActs(t, d, asked)
	asked["GET /api/events"] = true // a stream: TestEvents
	for _, route := range window.Routes() {
		if !asked[route] {
			t.Errorf("%s was not seen to succeed", route)
		}
	}
	for name := range d.at("components", "schemas").(map[string]any) {
		if !d.seen[name] && name != "Language" && name != "Theme" {
			t.Errorf("no answer had a %s", name)
		}
	}
}

// askWhatActs holds what changes things to the document, with entries in
// different states.
func askWhatActs(t *testing.T, d *document, asked map[string]bool) {
	t.Helper()
	own := copied(t)
	ask := func(method, template, path string, body any) {
		t.Helper()
		a := own.ask(t, method, path, body)
		d.check(t, method, template, a)
		asked[method+" "+template] = asked[method+" "+template] || a.status < 300
	}
	platica := own.rows(t, "soporte", "open")[0].Thread
	for _, until := range []any{time.Now().Add(time.Hour), nil, "yesterday"} {
		ask("POST", "/api/snooze", "/api/snooze", map[string]any{"threads": []string{platica}, "until": until})
		ask("GET", "/api/threads", "/api/threads?view=snoozed", nil)
	}
	for _, sort := range []string{"newest", "waiting", "expiring", "loudest"} {
		ask("GET", "/api/threads", "/api/threads?view=all&sort="+sort, nil)
	}
	conflict := own.inConflict(t)
	twin, other := own.twin(t)
	for _, with := range []string{other.Person, "p_nothing"} {
		ask("POST", "/api/people/{person}/apart", "/api/people/"+twin.Person+"/apart", map[string]string{"with": with})
	}
	made := own.decide(t, "/api/people/"+twin.Person+"/join", map[string]string{"with": other.Person})
	ask("POST", "/api/joins/{id}/undo", "/api/joins/"+made.Undo+"/undo", nil)
	ask("POST", "/api/joins/{id}/undo", "/api/joins/"+made.Undo+"/undo", nil)
	for _, with := range []string{other.Person, twin.Person} {
		ask("POST", "/api/people/{person}/join", "/api/people/"+twin.Person+"/join", map[string]string{"with": with})
	}
	twin, _ = own.twin(t)
	ask("POST", "/api/people/{person}/split", "/api/people/"+twin.Person+"/split", map[string]string{"contact": twin.Contacts[1].ID})
	ask("POST", "/api/people/{person}/split", "/api/people/"+twin.Person+"/split", map[string]string{"contact": "c_nothing"})
	for _, ref := range append(own.people(t), "p_nobody") {
		ask("GET", "/api/people/{person}", "/api/people/"+ref, nil)
		ask("GET", "/api/people/{person}/messages", "/api/people/"+ref+"/messages?limit=2", nil)
		ask("GET", "/api/people/{person}/days", "/api/people/"+ref+"/days?from=2026-04-01&to=2026-04-30&zone=America/Mexico_City", nil)
	}
	ask("POST", "/api/changes", "/api/changes", map[string]any{"threads": []string{conflict.Thread, platica}, "status": "pending", "preview": true})
	ask("POST", "/api/changes", "/api/changes", map[string]any{"threads": []string{platica}, "assignees": []string{"ana@example.com"}})
	ask("POST", "/api/changes", "/api/changes", map[string]any{"threads": []string{platica}, "status": "expired"})
	for _, more := range []string{"", "estado:abierta", "view"} {
		body := map[string]any{"view": "all", "q": more, "status": "open"}
		if more == "view" {
			body = map[string]any{"view": "nonsense", "status": "open"}
		}
		ask("POST", "/api/acts/preview", "/api/acts/preview", body)
	}
	ask("POST", "/api/acts/preview", "/api/acts/preview", map[string]any{"threads": []string{platica, "t_nothing"}, "status": "open"})
	var plan actPreview
	own.send(t, "/api/acts/preview", `{"view":"all","status":"resolved"}`, &plan)
	for _, list := range []string{"l_nothing", plan.List} {
		ask("POST", "/api/acts", "/api/acts", map[string]any{"op": "one", "list": list, "status": "resolved"})
	}
	for _, op := range []string{"one", "none"} {
		ask("GET", "/api/acts/{op}", "/api/acts/"+op, nil)
		ask("POST", "/api/acts/{op}/undo", "/api/acts/"+op+"/undo", nil)
	}
	done := own.change(t, []string{platica}, `"status":"finished"`).Entries[0].ID
	own.brought(t, done, cache.WishNote{Touched: []string{"a", "b"}}, cache.WishChecking, cache.WishSending, cache.WishConfirming, cache.WishDone)
	for _, path := range []string{"/api/outbox", "/api/outbox?done=0", "/api/outbox?done=x"} {
		ask("GET", "/api/outbox", path, nil)
	}
	ask("GET", "/api/threads/{thread}/history", "/api/threads/"+platica+"/history", nil)
	ask("GET", "/api/threads/{thread}", "/api/threads/"+platica, nil)
	ask("GET", "/api/state", "/api/state", nil)
	for _, id := range []string{conflict.ID, "o_nothing"} {
		ask("POST", "/api/outbox/{id}/retry", "/api/outbox/"+id+"/retry", nil)
		ask("POST", "/api/outbox/{id}/drop", "/api/outbox/"+id+"/drop", nil)
	}
	ask("POST", "/api/outbox/undo", "/api/outbox/undo", map[string]any{"ids": []string{done, "o_nothing"}})
	ask("POST", "/api/outbox/undo", "/api/outbox/undo", map[string]any{"ids": []string{done}})
	ask("PATCH", "/api/agents", "/api/agents", map[string]any{"account": "ventas", "ref": "a", "name": "Ana"})
	ask("PATCH", "/api/agents", "/api/agents", map[string]any{"account": "nobody", "ref": "a", "name": "Ana"})
	ask("GET", "/api/agents", "/api/agents?account=ventas", nil)
	beside := newSession(t, func(o *server.Options) {
		o.Office.OpenDemo = func(string) (string, error) { return "http://127.0.0.1:1/#k=X", nil }
	})
	d.check(t, "POST", "/api/demo", beside.ask(t, "POST", "/api/demo", nil))
	asked["POST /api/demo"] = true
	for _, name := range []string{"planilla", "planilla", "No"} {
		ask("POST", "/api/tokens", "/api/tokens", map[string]any{"name": name, "scopes": []string{cache.ScopeRead}, "accounts": []string{"ventas"}, "expires_at": time.Now().Add(time.Hour)})
	}
	ask("GET", "/api/tokens", "/api/tokens", nil)
	ask("DELETE", "/api/tokens/{name}", "/api/tokens/planilla", nil)
	ask("DELETE", "/api/tokens/{name}", "/api/tokens/planilla", nil)
	ask("GET", "/api/forgetting", "/api/forgetting", nil)
	for _, ref := range []string{own.people(t)[0], "p_nobody"} {
		ask("GET", "/api/people/{person}/forget", "/api/people/"+ref+"/forget", nil)
		ask("POST", "/api/people/{person}/forget", "/api/people/"+ref+"/forget", map[string]bool{"confirm": false})
		ask("POST", "/api/people/{person}/forget", "/api/people/"+ref+"/forget", map[string]bool{"confirm": true})
	}
}

// TestStateWhileCopying: what is there only while the loops run has its shape,
// too.
func TestStateWhileCopying(t *testing.T) {
	statuses := whileCopying()
	b := newSession(t, func(o *server.Options) { o.Office.Statuses = statuses; o.Demo = true; o.Native = &server.Native{} })
	a := b.ask(t, "GET", "/api/state", nil)
	readDocument(t, b.browser).check(t, http.MethodGet, "/api/state", a)
	var s struct {
		Demo, Native bool
		Version      string
		Accounts     []struct {
			Name    string
			State   string
			AsOf    *string `json:"as_of"`
			Error   *string
			Listing *struct {
				Seen   int
				BackTo *string `json:"back_to"`
			}
			Reading *struct{ Done, Total int }
		}
	}
	if err := json.Unmarshal(a.body, &s); err != nil {
		t.Fatal(err)
	}
	if !s.Demo || !s.Native || s.Version != "1.2.3" || len(s.Accounts) != 2 {
		t.Fatalf("%s", a.body)
	}
	soporte, ventas := s.Accounts[0], s.Accounts[1]
	if soporte.Listing == nil || soporte.Listing.Seen != 120 || soporte.Listing.BackTo == nil || *soporte.Listing.BackTo != "2024-03-01T00:00:00.000Z" || soporte.Error != nil {
		t.Errorf("listing: %+v", soporte)
	}
	if ventas.State != "paused" || ventas.Error == nil || !strings.Contains(*ventas.Error, "ventas") || ventas.Reading == nil || ventas.Reading.Total != 9 || *ventas.AsOf != "2026-05-04T15:00:00.000Z" {
		t.Errorf("paused: %s", a.body)
	}
}

var longAgo = time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)

// threadsOf lists the threads of a view.
func threadsOf(t *testing.T, b browser, query string) []string {
	t.Helper()
	var page struct {
		Threads []struct{ Thread string }
	}
	b.get(t, "/api/threads?"+query, &page)
	var out []string
	for _, row := range page.Threads {
		out = append(out, row.Thread)
	}
	if len(out) == 0 {
		t.Fatalf("no threads in %s", query)
	}
	return out
}
