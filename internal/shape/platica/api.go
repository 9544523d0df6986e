// Package platica serves Plática's API, version 1, from the copy: the seed page
// says what it is. Accounts of another platform, for tokens that see them, are
// workspaces of their own, mapped as docs/en/provider-api.md says.
package platica

import (
	_ "embed"
	"net/http"
	"slices"
	"strings"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/shape"
)

// Prefix is the path under which the API stands; that of the platform's own
// addresses follows.
const Prefix = "/platica"

// base is the path of the API's version.
const base = Prefix + "/v1"

// document is the API in OpenAPI 3.1; a test holds it to what is answered.
//
//go:embed openapi.json
var document []byte

// API is the handler of everything under Prefix.
type API struct{ desk *shape.Desk }

// New makes an API.
func New(d *shape.Desk) *API { return &API{d} }

// request is one request under way.
type request struct {
	*http.Request
	desk   *shape.Desk
	w      http.ResponseWriter
	caller *shape.Caller
}

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == Prefix+"/openapi.json" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		shape.Send(w, http.StatusOK, document)
		return
	}
	a.desk.Turn(w, r, func(w http.ResponseWriter) {
		q := &request{Request: r, desk: a.desk, w: w}
		if err := q.serve(); err != nil {
			q.fail(err)
		}
	})
}

// Refuse answers a request that is not let in with the problem.
func (a *API) Refuse(w http.ResponseWriter, r *http.Request, p *shape.Problem) {
	q := &request{Request: r, desk: a.desk, w: w}
	q.fail(p)
}

func (r *request) serve() error {
	path, ok := shape.Path(r.Request, base)
	if !ok || path[0] != "conversations" || len(path) > 2 || len(path) == 2 && path[1] == "" {
		path = nil
	}
	methods, scope := []string{http.MethodGet, http.MethodHead}, cache.ScopeRead
	if len(path) == 2 {
		methods = append(methods, http.MethodPatch)
	}
	if r.Method == http.MethodPatch {
		scope = cache.ScopeWrite
	}
	caller, err := r.desk.Admit(r.Request, scope, inbox.Platica)
	if err != nil {
		return err
	}
	r.caller = caller
	switch {
	case path == nil:
		return &shape.Problem{Status: http.StatusNotFound, Message: "No such endpoint"}
	case !slices.Contains(methods, r.Method):
		r.w.Header().Set("Allow", strings.Join(methods, ", "))
		return &shape.Problem{Status: http.StatusMethodNotAllowed, Message: "Method not allowed"}
	case len(path) == 1:
		return r.list()
	case r.Method == http.MethodPatch:
		return r.patch(path[1])
	}
	return r.single(path[1])
}

// reasons are the short texts of errors, by their status.
var reasons = map[int]string{
	http.StatusBadRequest:          "Bad Request - Validation error",
	http.StatusUnauthorized:        "Unauthorized - Invalid API key",
	http.StatusForbidden:           "Forbidden - Access denied",
	http.StatusNotFound:            "Not Found - Resource not found",
	http.StatusMethodNotAllowed:    "Method Not Allowed",
	http.StatusConflict:            "Conflict - Changed meanwhile",
	http.StatusMisdirectedRequest:  "Misdirected Request",
	http.StatusUnprocessableEntity: "Unprocessable Entity",
	http.StatusTooManyRequests:     "Too Many Requests - Rate limit exceeded",
	http.StatusServiceUnavailable:  "Service Unavailable",
	http.StatusInternalServerError: "Internal Server Error",
}

func (r *request) fail(err error) {
	p, ok := r.desk.ProblemOf(r.Request, err)
	if !ok {
		return
	}
	shape.Head(r.w.Header(), r.caller, true)
	p.Head(r.w.Header())
	shape.Send(r.w, p.Status, shape.Quote(struct {
		Code    int    `json:"code"`
		Error   string `json:"error"`
		Details string `json:"details"`
	}{p.Status, reasons[p.Status], p.Message}))
}
