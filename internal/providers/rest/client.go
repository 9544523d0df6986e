// Package rest has the manners that both platforms' clients share: base URL
// and bearer, pace for a key, retries of GET, Retry-After, time limits, a cap
// on bodies, and errors by kind that hold no key, number or text. What a reply
// means is for the clients.
package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"bandeja/internal/providers"
)

// Client asks one API with one key. Its methods may be called from several
// goroutines; all of them share the key's pace.
type Client struct {
	base      *url.URL
	key       Secret
	agent     string
	tries     int
	rand      func() float64
	transport http.RoundTripper

	pace   *pace
	budget budget
	clock  clock

	requests, retries, limited atomic.Int64
}

// Call is one request in the API's own terms.
type Call struct {
	Op    string     // what is being done, for errors: "list conversations"
	Path  []string   // segments after the base URL, not yet escaped
	Query url.Values // nil for none
	// List says that the path has no id in it, so that a 404 can only mean
	// that the API is not at this address.
	List bool
}

// Reply is an answer of the 2xx kind.
type Reply struct {
	Status int
	Body   json.RawMessage // valid JSON; nil where a PATCH was answered with nothing
	answer answer
}

// RequestID is the provider's name for the request, "" where it gives none.
func (r Reply) RequestID() string { return requestID(r.answer) }

// Get asks until there is an answer worth having: network errors, 408, 425,
// 429, 500, 502, 503, 504 and broken JSON are tried again, at the pace of the
// key and after a pause; nothing else is.
//
// Errors: an *providers.Error, or ctx's own.
func (c *Client) Get(ctx context.Context, call Call) (Reply, error) {
	for try := 0; ; try++ {
		reply, failed := c.once(ctx, http.MethodGet, call, nil)
		if failed == nil {
			return reply, nil
		}
		if err := ctx.Err(); err != nil {
			return Reply{}, err
		}
		if !failed.again || try+1 >= c.tries || failed.nobody && try+1 >= nobodyTries {
			return Reply{}, failed.err
		}
		// An invited retry waits in the pace, where the provider's own time
		// holds back every request of the key.
		if !failed.invited {
			if !c.budget.take(time.Now()) {
				return Reply{}, failed.err
			}
			if err := sleep(ctx, backoff(try, c.rand())); err != nil {
				return Reply{}, err
			}
		}
		c.retries.Add(1)
	}
}

// Patch sends body as JSON, once: whether a PATCH whose reply was lost took
// effect only a GET can tell (SYNC §4). Errors as for Get.
func (c *Client) Patch(ctx context.Context, call Call, body any) (Reply, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return Reply{}, &providers.Error{Kind: providers.ErrRejected, Op: call.Op, Err: err}
	}
	reply, failed := c.once(ctx, http.MethodPatch, call, text)
	if failed == nil {
		return reply, nil
	}
	if err := ctx.Err(); err != nil {
		return Reply{}, err
	}
	return Reply{}, failed.err
}

// Usage counts the requests made since the client was made.
func (c *Client) Usage() providers.Usage {
	return providers.Usage{Requests: c.requests.Load(), Retries: c.retries.Load(), Limited: c.limited.Load()}
}

// Offset is how far the provider's clock is ahead of ours: the median over the
// last 20 replies, good to about half a second; 0 before the first.
func (c *Client) Offset() time.Duration { return c.clock.offset() }

// Close lets go of idle connections. Requests under way are not disturbed, and
// the client may still be used.
func (c *Client) Close() error {
	if idler, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		idler.CloseIdleConnections()
	}
	return nil
}

const (
	maxHops = 4
	// nobodyTries of a request that reaches nobody take a second and a half at
	// most: a person who is offline learns it at once.
	nobodyTries = 3
)

// once makes one try: a request and the redirects within the API's own host
// that answer a GET, each at the key's pace.
func (c *Client) once(ctx context.Context, method string, call Call, body []byte) (Reply, *failure) {
	target, err := c.url(call)
	if err != nil {
		return Reply{}, &failure{err: &providers.Error{Kind: providers.ErrRejected, Op: call.Op, Err: err}}
	}
	for range maxHops {
		if err := c.mayLeave(ctx, method, call.Op); err != nil {
			return Reply{}, &failure{err: err}
		}
		sent := time.Now()
		answer, err := c.exchange(ctx, method, target, body)
		if err != nil {
			return Reply{}, unreachable(call.Op, err)
		}
		c.clock.note(answer.header, sent, answer.headAt)
		next, err := c.redirect(method, target, answer)
		if err != nil {
			return Reply{}, &failure{err: &providers.Error{Kind: providers.ErrNotAPI, Op: call.Op, Status: answer.status, Err: err}}
		}
		if next == nil {
			return c.judge(method, call, answer, sent)
		}
		target = next
	}
	return Reply{}, &failure{err: &providers.Error{Kind: providers.ErrNotAPI, Op: call.Op, Err: errors.New("redirected in circles")}}
}

// patchWait bounds how long the pace keeps a PATCH back: it goes by what a GET
// has just shown, which must not grow old (SYNC §4.3).
const patchWait = 30 * time.Second

// mayLeave waits until the pace lets a request go. ErrLimited without a status
// says that it was not sent.
func (c *Client) mayLeave(ctx context.Context, method, op string) error {
	if method == http.MethodGet {
		return c.pace.wait(ctx, op)
	}
	held, stop := context.WithTimeout(ctx, patchWait)
	defer stop()
	err := c.pace.wait(held, op)
	if err != nil && ctx.Err() == nil && held.Err() != nil {
		return &providers.Error{Kind: providers.ErrLimited, Op: op, Err: errors.New("not sent, since the provider asks to wait")}
	}
	return err
}

// url joins the call to the base, keeping the base's path. Each segment is
// escaped, a plus sign too: waspy.md §7.
func (c *Client) url(call Call) (*url.URL, error) {
	address := strings.Builder{}
	address.WriteString(c.base.Scheme + "://" + c.base.Host + c.base.EscapedPath())
	for _, segment := range call.Path {
		if segment == "" {
			return nil, errors.New("an empty id")
		}
		escaped := strings.ReplaceAll(url.PathEscape(segment), "+", "%2B")
		if strings.Trim(segment, ".") == "" {
			escaped = strings.ReplaceAll(segment, ".", "%2E")
		}
		address.WriteString("/" + escaped)
	}
	u, err := url.Parse(address.String())
	if err != nil {
		return nil, errors.New("an id that no address can hold")
	}
	u.RawQuery = call.Query.Encode()
	return u, nil
}

// redirect gives the address to go on to, nil when the answer is final. The
// key goes to the host it was given for and to no other, and only for a GET.
func (c *Client) redirect(method string, from *url.URL, a answer) (*url.URL, error) {
	switch a.status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, nil
	}
	if method != http.MethodGet {
		return nil, errors.New("a change was answered with a redirect")
	}
	next, err := from.Parse(a.header.Get("Location"))
	if err != nil || a.header.Get("Location") == "" {
		return nil, errors.New("redirected to nowhere")
	}
	if next.Scheme != c.base.Scheme || !strings.EqualFold(next.Host, c.base.Host) {
		return nil, fmt.Errorf("redirected to another host (%s)", hostWord(next))
	}
	next.User, next.Fragment = nil, ""
	return next, nil
}

var (
	hostName = regexp.MustCompile(`^[A-Za-z0-9.:-]{1,80}$`)
	longRun  = regexp.MustCompile(`[0-9]{7}`)
)

// hostWord names a host in an error, if it looks like one and holds no number.
func hostWord(u *url.URL) string {
	host := u.Hostname()
	if !hostName.MatchString(host) || longRun.MatchString(host) {
		return "unnamed"
	}
	return host
}
