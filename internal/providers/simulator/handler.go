package simulator

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/time/rate"
)

// Handler serves both APIs below WaspyPath and PlaticaPath, each with its own
// key, envelope, errors and rate limit. Elsewhere it is a web server that
// knows nothing: an HTML page.
func (o *Office) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := understand(r, o.requests.Add(1))
		a := &answer{w: w, office: o, n: q.n}
		if set := o.faults.Load(); set != nil || o.journal.on.Load() {
			o.serveWatched(set, a, q)
			return
		}
		o.serve(a, q)
		a.flush()
	})
}

// serve makes the reply.
func (o *Office) serve(a *answer, q *ask) {
	switch q.provider {
	case waspyName:
		o.serveWaspy(a, q.Request, q.path)
	case platicaName:
		a.w.Header().Set("X-RateLimit-Limit", strconv.Itoa(platicaRate))
		o.servePlatica(a, q.Request, q.path)
	default:
		a.page(http.StatusNotFound, "<!doctype html><title>404</title><h1>404 Not Found</h1>\n")
	}
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
	if o.opts.Clock != nil {
		return o.opts.NoRateLimit || gate.AllowN(o.opts.Clock(), 1)
	}
	return o.opts.NoRateLimit || gate.Allow()
}

// answer is one reply in the making. It is written by flush, when no lock is
// held any more: a slow reader holds up nobody else.
type answer struct {
	w      http.ResponseWriter
	office *Office
	n      int64 // of the request
	html   bool
	packed bool     // the body is gzip already
	entry  *Request // of the history, for the wire faults
	rows   int      // rows a page, whatever was asked for; 0: what was
	status int
	body   []byte
}

// request is Waspy's requestId.
func (a *answer) request() string { return "req_" + strconv.FormatInt(a.n, 10) }

// buffer lends memory for a body; flush gives it back.
func (a *answer) buffer() []byte {
	if b, ok := a.office.buffers.Get().(*[]byte); ok {
		return (*b)[:0]
	}
	return make([]byte, 0, 64<<10)
}

func (a *answer) send(status int, body []byte) { a.status, a.body = status, body }

// page answers with HTML.
func (a *answer) page(status int, text string) {
	a.html = true
	a.send(status, append(a.buffer(), text...))
}

// header completes the reply's header. Clients tell the provider's time from
// its Date.
func (a *answer) header() http.Header {
	h := a.w.Header()
	h.Set("Date", a.office.Clock().Format(http.TimeFormat))
	h.Set("Content-Type", "application/json; charset=utf-8")
	if a.html {
		h.Set("Content-Type", "text/html; charset=utf-8")
	}
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	return h
}

// mostPooled is the largest body whose memory is kept for the next one.
const mostPooled = 4 << 20

func (a *answer) flush() {
	a.header()
	a.w.WriteHeader(a.status)
	_, _ = a.w.Write(a.body) // a client that left has no use for the error
	if cap(a.body) <= mostPooled {
		a.office.buffers.Put(&a.body)
	}
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
