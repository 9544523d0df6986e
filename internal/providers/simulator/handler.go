package simulator

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// Handler serves both APIs below WaspyPath and PlaticaPath, each with its own
// key, envelope, errors and rate limit. Elsewhere it is a web server that
// knows nothing: an HTML page.
func (o *Office) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := o.requests.Add(1)
		// Clients tell the provider's time from this header.
		w.Header().Set("Date", time.Unix(0, o.now()).UTC().Format(http.TimeFormat))
		if path, ok := below(r, WaspyPath); ok {
			a := &answer{w: w, office: o, request: "req_" + strconv.FormatInt(n, 10)}
			o.serveWaspy(a, r, path)
			a.flush()
			return
		}
		if path, ok := below(r, PlaticaPath); ok {
			w.Header().Set("X-RateLimit-Limit", strconv.Itoa(platicaRate))
			a := &answer{w: w, office: o}
			o.servePlatica(a, r, path)
			a.flush()
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte("<!doctype html><title>404</title><h1>404 Not Found</h1>\n"))
	})
}

// below cuts base from the request's path and splits the rest, each part
// unescaped; nil parts for one that cannot be.
func below(r *http.Request, base string) (parts []string, ok bool) {
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), base)
	if !ok || rest != "" && rest[0] != '/' {
		return nil, false
	}
	for _, part := range strings.Split(strings.Trim(rest, "/"), "/") {
		text, err := url.PathUnescape(part)
		if err != nil {
			return nil, true
		}
		parts = append(parts, text)
	}
	return parts, true
}

// authorized compares the bearer key.
func authorized(r *http.Request, key string) bool {
	got, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && got == key
}

// admitted takes one request from a key's allowance.
func (o *Office) admitted(gate *rate.Limiter) bool {
	return o.opts.NoRateLimit || gate.Allow()
}

// answer is one reply in the making. It is written by flush, when no lock is
// held any more: a slow reader holds up nobody else.
type answer struct {
	w       http.ResponseWriter
	office  *Office
	request string // Waspy's requestId
	status  int
	body    []byte
}

// buffer lends memory for a body; flush gives it back.
func (a *answer) buffer() []byte {
	if b, ok := a.office.buffers.Get().(*[]byte); ok {
		return (*b)[:0]
	}
	return make([]byte, 0, 64<<10)
}

func (a *answer) send(status int, body []byte) { a.status, a.body = status, body }

func (a *answer) flush() {
	a.w.Header().Set("Content-Type", "application/json; charset=utf-8")
	a.w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	a.w.WriteHeader(a.status)
	_, _ = a.w.Write(a.body) // a client that left has no use for the error
	a.office.buffers.Put(&a.body)
}

// number reads a whole number of a query within bounds; missing gives def.
func number(q url.Values, name string, def, least, most int) (int, bool) {
	text := q.Get(name)
	if text == "" && !q.Has(name) {
		return def, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= least && n <= most
}
