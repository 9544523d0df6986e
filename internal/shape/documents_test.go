package shape_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"bandeja/internal/cache"
	"bandeja/internal/shape"
	"bandeja/internal/shape/platica"
	"bandeja/internal/shape/waspy"
)

// document is a served openapi.json, with the schemas that an answer has shown
// to be true.
type document struct {
	root map[string]any
	seen map[string]bool
}

func documentAt(t *testing.T, a asker, path string) *document {
	t.Helper()
	d := &document{seen: map[string]bool{}}
	a.get(t, path, &d.root)
	return d
}

func (d *document) at(keys ...string) any {
	var v any = d.root
	for _, k := range keys {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	return v
}

// check holds an answer to its operation: the status is there, and the body is
// of its schema.
func (d *document) check(t *testing.T, method, route string, a answer) {
	t.Helper()
	status := fmt.Sprint(a.status)
	schema, ok := d.at("paths", route, strings.ToLower(method), "responses", status, "content", "application/json", "schema").(map[string]any)
	if !ok {
		t.Errorf("%s %s: %s is not in the document", method, route, status)
		return
	}
	for header := range d.at("paths", route, strings.ToLower(method), "responses", status, "headers").(map[string]any) {
		if len(a.header.Values(header)) != 1 {
			t.Errorf("%s %s: %s without %s", method, route, status, header)
		}
	}
	if kind := a.header.Get("Content-Type"); kind != "application/json; charset=utf-8" {
		t.Errorf("%s %s: %s comes as %q", method, route, status, kind)
	}
	var v any
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Errorf("%s %s: %v in %s", method, route, err, a.body)
	} else if err := d.valid(schema, v, "answer"); err != nil {
		t.Errorf("%s %s: %s: %v", method, route, status, err)
	}
	d.seen[method+" "+route+" "+status] = true
}

// valid is as much of JSON Schema as the documents use.
func (d *document) valid(schema map[string]any, v any, where string) error {
	if ref, ok := schema["$ref"].(string); ok {
		name := ref[strings.LastIndex(ref, "/")+1:]
		inner, ok := d.at("components", "schemas", name).(map[string]any)
		if !ok {
			return fmt.Errorf("no schema %s", ref)
		}
		d.seen[name] = true
		return d.valid(inner, v, where)
	}
	if types := schema["type"]; types != nil {
		list, ok := types.([]any)
		if !ok {
			list = []any{types}
		}
		if !slices.ContainsFunc(list, func(t any) bool { return isType(t, v) }) {
			return fmt.Errorf("%s is %T %.60v, not %v", where, v, v, types)
		}
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, v) {
		return fmt.Errorf("%s is %v, not one of %v", where, v, enum)
	}
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			if err := d.valid(schema["items"].(map[string]any), item, fmt.Sprintf("%s[%d]", where, i)); err != nil {
				return err
			}
		}
	case map[string]any:
		properties, _ := schema["properties"].(map[string]any)
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, ok := v[name.(string)]; !ok {
				return fmt.Errorf("%s lacks %s", where, name)
			}
		}
		for name, value := range v {
			inner, known := properties[name].(map[string]any)
			if !known && schema["additionalProperties"] == false {
				return fmt.Errorf("%s has %s, which the document has not", where, name)
			}
			if !known {
				continue // the platform's own, kept
			}
			if err := d.valid(inner, value, where+"."+name); err != nil {
				return err
			}
		}
	}
	return nil
}

func isType(t, v any) bool {
	switch v := v.(type) {
	case nil:
		return t == "null"
	case string:
		return t == "string"
	case bool:
		return t == "boolean"
	case []any:
		return t == "array"
	case map[string]any:
		return t == "object"
	case float64:
		return t == "number" || t == "integer" && v == float64(int64(v))
	}
	return false
}

// TestDocumentsAreTrue: every operation and status that the documents name is
// seen, and every answer is of its schema; for tokens of both kinds.
func TestDocumentsAreTrue(t *testing.T) {
	h := newHub(t, hubOptions{conversations: 60, messages: 400, seed: 7})
	c, s := h.open(t)
	own, all := h.token(t, "own", both), h.token(t, "every", both, "all")
	reader, none := h.token(t, "reader", []string{"conversations:read"}), asker{origin: h.origin}
	nobody := h.token(t, "nobody", []string{"conversations:write"})
	w, p := documentAt(t, none, "/waspy/openapi.json"), documentAt(t, none, "/platica/openapi.json")
	ask := func(d *document, a asker, method, route, path, body string) {
		t.Helper()
		base := d.at("servers").([]any)[0].(map[string]any)["url"].(string)
		d.check(t, method, route, a.ask(t, method, base+path, body))
	}
	list, byPhone, one, messages := "/conversations", "/conversations/by-phone/{phone}", "/conversations/{id}", "/conversations/{id}/messages"
	named := "/conversations/{conversationId}"
	for _, a := range []asker{own, all} {
		ask(w, a, "GET", list, "/conversations?limit=100", "")
		ask(w, a, "GET", list, "/conversations?status=closed&search=a", "")
		ask(w, a, "GET", byPhone, "/conversations/by-phone/"+c.Contact.PhoneNumber, "")
		ask(w, a, "GET", one, "/conversations/"+c.ID, "")
		for _, each := range read[chat](t, h.office.WaspyConversations()) {
			ask(w, a, "GET", messages, "/conversations/"+each.ID+"/messages?limit=100", "")
		}
		ask(p, a, "GET", list, "/conversations?limit=200", "")
		for _, each := range read[session](t, h.office.PlaticaConversations()) {
			ask(p, a, "GET", named, "/conversations/"+each.ID, "")
		}
		ask(w, a, "PATCH", one, "/conversations/"+c.ID, `{"assignedTo":null}`)
		ask(p, a, "PATCH", named, "/conversations/"+s.ID, `{"owners":[]}`)
	}
	for _, each := range read[session](t, h.office.PlaticaConversations()) {
		ask(w, all, "GET", one, "/conversations/soporte:"+each.ID, "")
		ask(w, all, "GET", messages, "/conversations/soporte:"+each.ID+"/messages", "")
	}
	for _, each := range read[chat](t, h.office.WaspyConversations()) {
		ask(p, all, "GET", named, "/conversations/ventas:"+each.ID, "")
	}
	for _, route := range []string{list, byPhone, one, messages} {
		path := strings.NewReplacer("{phone}", c.Contact.PhoneNumber, "{id}", c.ID).Replace(route)
		ask(w, own, "GET", route, path+"?nonsense=1", "")
		ask(w, none, "GET", route, path, "")
		ask(w, nobody, "GET", route, path, "")
		if route != list {
			ask(w, own, "GET", route, strings.NewReplacer("{phone}", "5491100000001", "{id}", "nobody").Replace(route), "")
		}
	}
	for _, route := range []string{list, named} {
		path := strings.ReplaceAll(route, "{conversationId}", s.ID)
		ask(p, own, "GET", route, path+"?nonsense=1", "")
		ask(p, none, "GET", route, path, "")
		ask(p, nobody, "GET", route, path, "")
	}
	ask(p, own, "GET", named, "/conversations/nobody", "")
	for _, tt := range []struct {
		d               *document
		route, id, word string
		platform, other string
	}{{w, one, c.ID, "closed", "waspy", "pending"}, {p, named, s.ID, "finished", "platica", "spam"}} {
		path := "/conversations/" + tt.id
		ask(tt.d, own, "PATCH", tt.route, path, `{"status":"none"}`)
		ask(tt.d, none, "PATCH", tt.route, path, `{}`)
		ask(tt.d, reader, "PATCH", tt.route, path, `{}`)
		ask(tt.d, own, "PATCH", tt.route, "/conversations/nobody", `{"status":"`+tt.word+`"}`)
		if err := h.office.SetStatus(tt.platform, tt.id, tt.other); err != nil {
			t.Fatal(err)
		}
		ask(tt.d, own, "PATCH", tt.route, path, `{"status":"`+tt.word+`"}`)
	}
	h.askRefused(t, w, p, own, c.ID, s.ID)
	h.askUnkept(t, w, p, own, c.ID, s.ID)
	askTooOften(t, asker{origin: h.origin, token: "bnd_guessed"}, w, p)
	for _, d := range []*document{w, p} {
		for route, methods := range d.at("paths").(map[string]any) {
			for method, op := range methods.(map[string]any) {
				for status := range op.(map[string]any)["responses"].(map[string]any) {
					if key := strings.ToUpper(method) + " " + route + " " + status; !d.seen[key] {
						t.Errorf("%s was not seen", key)
					}
				}
			}
		}
		for name := range d.at("components", "schemas").(map[string]any) {
			if !d.seen[name] && name != "Change" {
				t.Errorf("no answer had a %s", name)
			}
		}
	}
}

// askRefused has the platform refuse a change, and then the network be away.
func (h *hub) askRefused(t *testing.T, w, p *document, a asker, chat, session string) {
	t.Helper()
	h.refuse.Store(true)
	w.check(t, "PATCH", "/conversations/{id}", a.ask(t, http.MethodPatch, "/waspy/api/v2/conversations/"+chat, `{"status":"resolved"}`))
	p.check(t, "PATCH", "/conversations/{conversationId}", a.ask(t, http.MethodPatch, "/platica/v1/conversations/"+session, `{"status":"active"}`))
	h.refuse.Store(false)
	h.cut.Store(true)
	done := make(chan answer)
	go func() {
		done <- a.ask(t, http.MethodPatch, "/waspy/api/v2/conversations/"+chat, `{"status":"resolved"}`)
	}()
	p.check(t, "PATCH", "/conversations/{conversationId}", a.ask(t, http.MethodPatch, "/platica/v1/conversations/"+session, `{"status":"active"}`))
	w.check(t, "PATCH", "/conversations/{id}", <-done)
	h.cut.Store(false)
}

// askUnkept asks for changes where none can be written down.
func (h *hub) askUnkept(t *testing.T, w, p *document, a asker, chat, session string) {
	t.Helper()
	d := shape.New(shape.Options{Cache: h.in.Cache(), Local: h.in.Local(), Apply: func(context.Context, shape.Wish) (shape.Outcome, error) {
		return 0, fmt.Errorf("save the change: %w", cache.ErrReadOnly)
	}})
	mux := http.NewServeMux()
	mux.Handle(waspy.Prefix+"/", waspy.New(d))
	mux.Handle(platica.Prefix+"/", platica.New(d))
	server := httptest.NewServer(mux)
	defer server.Close()
	a.origin = server.URL
	w.check(t, "PATCH", "/conversations/{id}", a.ask(t, http.MethodPatch, "/waspy/api/v2/conversations/"+chat, `{"status":"pending"}`))
	p.check(t, "PATCH", "/conversations/{conversationId}", a.ask(t, http.MethodPatch, "/platica/v1/conversations/"+session, `{"status":"finished"}`))
}

// askTooOften guesses until the answer is to wait, with every operation.
func askTooOften(t *testing.T, guesser asker, documents ...*document) {
	t.Helper()
	for range 40 {
		guesser.ask(t, http.MethodGet, "/waspy/api/v2/conversations", "")
	}
	for _, d := range documents {
		base := d.at("servers").([]any)[0].(map[string]any)["url"].(string)
		for route, methods := range d.at("paths").(map[string]any) {
			for method := range methods.(map[string]any) {
				method = strings.ToUpper(method)
				for range 10 { // where the machine is slow a place comes free
					if a := guesser.ask(t, method, base+route, ""); a.status == http.StatusTooManyRequests {
						d.check(t, method, route, a)
						break
					}
				}
			}
		}
	}
}
