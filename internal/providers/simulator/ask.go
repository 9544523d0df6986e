package simulator

import (
	"net/http"
	"strings"
)

// The providers, as the methods of Office name them.
const (
	waspyName   = "waspy"
	platicaName = "platica"
)

// ask is a request as the office understands it.
type ask struct {
	*http.Request
	n            int64
	provider     string   // "" outside the APIs
	path         []string // below the API's beginning, unescaped; nil for one that cannot be
	kind         string   // of Request
	conversation string   // as the path names it
}

func understand(r *http.Request, n int64) *ask {
	q := &ask{Request: r, n: n}
	var ok bool
	if q.path, ok = below(r, WaspyPath); ok {
		q.provider = waspyName
	} else if q.path, ok = below(r, PlaticaPath); ok {
		q.provider = platicaName
	} else {
		return q
	}
	if len(q.path) == 0 || q.path[0] != "conversations" {
		return q
	}
	switch n := len(q.path); {
	case n == 1 && r.Method == http.MethodGet:
		q.kind = "list"
	case n == 2 && r.Method == http.MethodGet:
		q.kind, q.conversation = "single", q.path[1]
	case n == 2 && r.Method == http.MethodPatch:
		q.kind, q.conversation = "patch", q.path[1]
	case q.provider == platicaName:
	case n == 3 && q.path[1] == "by-phone":
		q.kind = "phone"
	case n == 3 && q.path[2] == "messages":
		q.kind, q.conversation = "messages", q.path[1]
	}
	return q
}

// continues says whether a list's request goes on where another ended.
func (q *ask) continues() bool {
	values := q.URL.Query()
	return values.Get("cursor") != "" || strings.Trim(values.Get("offset"), "0") != ""
}

// place is the list or object that a request reads, whatever page of it.
func (q *ask) place() string {
	values := q.URL.Query()
	values.Del("cursor")
	values.Del("offset")
	return q.URL.EscapedPath() + "?" + values.Encode()
}
