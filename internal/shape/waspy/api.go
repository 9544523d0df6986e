// Package waspy serves Waspy's API, version 2, from the copy: the seed page says
// what it is. Accounts of another platform, for tokens that see them, are mapped
// as docs/en/provider-api.md says.
package waspy

import (
	"crypto/rand"
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
const Prefix = "/waspy"

// base is the path of the API's version.
const base = Prefix + "/api/v2"

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
	id     string
	caller *shape.Caller
}

// handler answers a request or says why not; path is what its route names.
type handler func(r *request, path string) error

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == Prefix+"/openapi.json" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		shape.Send(w, http.StatusOK, document)
		return
	}
	a.desk.Turn(w, r, func(w http.ResponseWriter) {
		q := a.request(w, r)
		if err := q.serve(); err != nil {
			q.fail(err)
		}
	})
}

// Refuse answers a request that is not let in with the problem.
func (a *API) Refuse(w http.ResponseWriter, r *http.Request, p *shape.Problem) {
	a.request(w, r).fail(p)
}

func (a *API) request(w http.ResponseWriter, r *http.Request) *request {
	return &request{Request: r, desk: a.desk, w: w, id: "req_" + strings.ToLower(rand.Text()[:20])}
}

// serve finds the route. by-phone is a word of the path and no conversation:
// both have three segments, which net/http's own patterns refuse to tell apart.
func (r *request) serve() error {
	path, ok := shape.Path(r.Request, base)
	if !ok || path[0] != "conversations" {
		path = nil
	}
	var serve handler
	methods, arg := []string{http.MethodGet, http.MethodHead}, ""
	switch n := len(path); {
	case n == 1:
		serve = (*request).list
	case n == 2 && path[1] != "":
		serve, arg = (*request).single, path[1]
		methods = append(methods, http.MethodPatch)
		if r.Method == http.MethodPatch {
			serve = (*request).patch
		}
	case n == 3 && path[1] == "by-phone":
		serve, arg = (*request).byPhone, path[2]
	case n == 3 && path[1] != "" && path[2] == "messages":
		serve, arg = (*request).messages, path[1]
	}
	scope := cache.ScopeRead
	if r.Method == http.MethodPatch {
		scope = cache.ScopeWrite
	}
	caller, err := r.desk.Admit(r.Request, scope, inbox.Waspy)
	if err != nil {
		return err
	}
	r.caller = caller
	switch {
	case serve == nil:
		return &shape.Problem{Status: http.StatusNotFound, Param: "path", Message: "No such endpoint"}
	case !slices.Contains(methods, r.Method):
		r.w.Header().Set("Allow", strings.Join(methods, ", "))
		return &shape.Problem{Status: http.StatusMethodNotAllowed, Message: "Method not allowed"}
	}
	return serve(r, arg)
}

// codes are the errors' by their status.
var codes = map[int]string{
	http.StatusBadRequest:          "VALIDATION_ERROR",
	http.StatusUnauthorized:        "UNAUTHORIZED",
	http.StatusForbidden:           "FORBIDDEN",
	http.StatusNotFound:            "CONVERSATION_NOT_FOUND",
	http.StatusMethodNotAllowed:    "METHOD_NOT_ALLOWED",
	http.StatusConflict:            "CONFLICT",
	http.StatusMisdirectedRequest:  "WRONG_HOST",
	http.StatusUnprocessableEntity: "UNPROCESSABLE",
	http.StatusTooManyRequests:     "RATE_LIMITED",
	http.StatusServiceUnavailable:  "UNAVAILABLE",
	http.StatusInternalServerError: "INTERNAL_ERROR",
}

// paramCodes are those of parameters that the platform has a code of its own for.
var paramCodes = map[string]string{"cursor": "INVALID_CURSOR", "phone": "INVALID_PHONE", "path": "NOT_FOUND"}

func (r *request) fail(err error) {
	p, ok := r.desk.ProblemOf(r.Request, err)
	if !ok {
		return
	}
	code := codes[p.Status]
	if own := paramCodes[p.Param]; own != "" {
		code = own
	}
	type failure struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	type meta struct {
		RequestID string `json:"requestId"`
	}
	shape.Head(r.w.Header(), r.caller, true)
	p.Head(r.w.Header())
	shape.Send(r.w, p.Status, shape.Quote(struct {
		Error failure `json:"error"`
		Meta  meta    `json:"meta"`
	}{failure{code, p.Message}, meta{r.id}}))
}

// sendOne answers with one conversation.
func (r *request) sendOne(status int, object []byte) error {
	body := append(append([]byte(`{"data":`), object...), `,"meta":{"requestId":`...)
	shape.Head(r.w.Header(), r.caller, true)
	shape.Send(r.w, status, append(append(body, shape.Quote(r.id)...), "}}"...))
	return nil
}

// sendList answers with a page; cursor is "" where there is none.
func (r *request) sendList(objects [][]byte, cursor string, more, whole bool) error {
	size := 128
	for _, o := range objects {
		size += len(o) + 1
	}
	body := append(make([]byte, 0, size), `{"data":[`...)
	for i, o := range objects {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, o...)
	}
	body = append(append(body, `],"meta":{"requestId":`...), shape.Quote(r.id)...)
	body = append(body, `,"cursor":`...)
	if cursor == "" {
		body = append(body, "null"...)
	} else {
		body = append(body, shape.Quote(cursor)...)
	}
	if body = append(body, `,"hasMore":`...); more {
		body = append(body, "true}}"...)
	} else {
		body = append(body, "false}}"...)
	}
	shape.Head(r.w.Header(), r.caller, whole)
	shape.Send(r.w, http.StatusOK, body)
	return nil
}
