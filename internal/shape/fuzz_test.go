package shape

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

func bad(err error) bool {
	var p *Problem
	return errors.As(err, &p) && p.Status == http.StatusBadRequest && p.Param != "" && strings.HasPrefix(p.Message, p.Param+" ") && utf8.ValidString(p.Message)
}

// FuzzQuery: parameters are each known, once and text, or the answer names what
// is not; a number that is taken is within its bounds.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"", "limit=5", "limit=5&limit=6", "limit=0x5", "limit=%35", "limit=+5", "tags=a&tags=b,c", "tags=,,", "x=1", "%ff=1", "limit=%00", ";", "limit=%", "=1", "status=open&limit=101"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		r := &http.Request{URL: &url.URL{RawQuery: raw}}
		q, err := Query(r, "limit", "status", "tags*")
		if err != nil {
			if !bad(err) {
				t.Errorf("%q: %v", raw, err)
			}
			return
		}
		if n, err := q.Number("limit", 50, 1, 100); err != nil && !bad(err) || err == nil && (n < 1 || n > 100) {
			t.Errorf("%q: limit %d, %v", raw, n, err)
		}
		if word, err := q.Word("status", "open", "closed"); err != nil && !bad(err) || err == nil && word != "" && word != "open" && word != "closed" {
			t.Errorf("%q: status %q, %v", raw, word, err)
		}
		for _, tag := range q.List("tags") {
			if tag == "" || strings.ContainsAny(tag, ",\x00") || !utf8.ValidString(tag) {
				t.Errorf("%q: tag %q", raw, tag)
			}
		}
	})
}

// FuzzPath: a path is cut into segments that name it again, or refused.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{"/waspy/api/v2/conversations", "/waspy/api/v2/conversations/a%2Fb", "/waspy/api/v2/..", "/waspy/api/v2/%00", "/waspy/api/v2", "/waspy/api/v2x", "/x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			return
		}
		segments, ok := Path(&http.Request{URL: u}, "/waspy/api/v2")
		if !ok {
			return
		}
		for i, s := range segments {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				t.Errorf("%q: segment %d is %q", path, i, s)
			}
		}
	})
}

// FuzzBody: a body is an object with known members, each once, or the answer
// names what is wrong.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"status":"open"}`, `{"status":"open","status":1}`, `{"x":1}`, "[]", "null", `{"status":`, `{"status":"open"} x`, `{"a":{"b":[1,{}]}}`, "\xff", `{"\ud800":1}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		body, err := Body(httptest.NewRecorder(), httptest.NewRequest(http.MethodPatch, "/", strings.NewReader(text)), "status", "owners")
		if err != nil {
			if !bad(err) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &want); err != nil || len(want) != len(body) {
			t.Errorf("%q was taken: %v, %v", text, body, err)
		}
	})
}

// FuzzWith: members are written over those of an object, and all others stay.
func FuzzWith(f *testing.F) {
	for _, seed := range []string{`{}`, `{"status":"open","n":12345678901234567890.10}`, `{"a":{"status":1},"status":null}`, `[]`, `x`, `{"status":1,"status":2}`, `{"a":1`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := With(json.RawMessage(text), Member{"status", json.RawMessage(`"closed"`)})
		var before, after map[string]json.RawMessage
		if json.Unmarshal([]byte(text), &before) != nil || before == nil {
			return // no object: nothing is promised but that it does not fail
		}
		if err := json.Unmarshal(got, &after); err != nil || string(after["status"]) != `"closed"` {
			t.Fatalf("%q became %q: %v", text, got, err)
		}
		for name, value := range before {
			if name != "status" && string(after[name]) != string(value) {
				t.Errorf("%q: %q became %q", text, value, after[name])
			}
		}
	})
}
