package rest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"syscall"
	"time"
	"unicode"

	"bandeja/internal/providers"
)

// failure is a try that did not succeed, and what may be done about it.
type failure struct {
	err     error
	again   bool // a GET may be tried again
	invited bool // at a time that the provider named, which the pace keeps
	nobody  bool // there was nobody to hear it: fewer tries will do
}

// judge turns an answer into a reply or a failure, by its status first and by
// what is unmistakable in its body second: never by texts (waspy.md §3).
func (c *Client) judge(method string, call Call, a answer, sent time.Time) (Reply, *failure) {
	fail := func(kind error, again bool, cause error) (Reply, *failure) {
		err := &providers.Error{Kind: kind, Op: call.Op, Status: a.status, RequestID: requestID(a), Err: cause}
		return Reply{}, &failure{err: err, again: again}
	}
	body := bytes.TrimSpace(bytes.TrimPrefix(a.body, []byte("\xef\xbb\xbf")))
	switch {
	case a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable:
		return Reply{}, c.pushedBack(call, a, sent)
	case a.status >= 200 && a.status < 300:
		if page(a, body) {
			return fail(providers.ErrNotAPI, false, errors.New("a web page came instead of data"))
		}
		if len(body) == 0 && method != http.MethodGet {
			return Reply{Status: a.status, answer: a}, nil
		}
		if !valid(body) {
			return fail(providers.ErrNotAPI, true, errors.New("the reply is not JSON, or was cut"))
		}
		return Reply{Status: a.status, Body: body, answer: a}, nil
	case a.status == http.StatusUnauthorized:
		return fail(providers.ErrRefused, false, nil)
	case a.status == http.StatusForbidden:
		return fail(providers.ErrForbidden, false, reason(body))
	case a.status == http.StatusNotFound && call.List:
		return fail(providers.ErrNotAPI, false, errors.New("there is no such list at this base URL"))
	case a.status == http.StatusNotFound && page(a, body):
		return fail(providers.ErrNotAPI, false, errors.New("a web page came instead of data"))
	case a.status == http.StatusNotFound:
		return fail(providers.ErrNotFound, false, nil)
	case a.status == http.StatusRequestTimeout || a.status == http.StatusTooEarly:
		return fail(providers.ErrFailing, true, nil)
	case a.status >= 500:
		again := a.status == http.StatusInternalServerError || a.status == http.StatusBadGateway || a.status == http.StatusGatewayTimeout
		return fail(providers.ErrFailing, again, nil)
	case a.status >= 400:
		return fail(providers.ErrRejected, false, reason(body))
	}
	return fail(providers.ErrNotAPI, false, errors.New("a status that this API does not give"))
}

// pushedBack deals with 429 and 503: the pace slows down, and a time that the
// provider names holds back every request of the key.
func (c *Client) pushedBack(call Call, a answer, sent time.Time) *failure {
	err := &providers.Error{Kind: providers.ErrFailing, Op: call.Op, Status: a.status, RequestID: requestID(a)}
	if a.status == http.StatusTooManyRequests {
		err.Kind = providers.ErrLimited
		c.limited.Add(1)
		c.pace.limited(sent)
	}
	wait, named := retryAfter(a.header, time.Now())
	if !named {
		return &failure{err: err, again: true}
	}
	until := time.Now().Add(wait)
	c.pace.hold(until)
	err.Until = until
	if wait > longestWait {
		err.Kind = providers.ErrLimited
		return &failure{err: err}
	}
	return &failure{err: err, again: true, invited: true}
}

// page reports whether an answer is a web page: a portal, a proxy, a site.
func page(a answer, body []byte) bool {
	return bytes.HasPrefix(body, []byte("<")) || strings.Contains(strings.ToLower(a.header.Get("Content-Type")), "text/html")
}

var requestWord = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,80}$`)

// requestID finds the provider's name for a request, where it gives one; the
// place is not documented for errors (waspy.md §14.19).
func requestID(a answer) string {
	var outer, inner Word
	var meta Raw
	if Decode(a.body, []Field{{"requestId", &outer}, {"meta", &meta}}) == nil && IsObject(meta) {
		_ = Decode(meta, []Field{{"requestId", &inner}})
	}
	for _, word := range []string{string(inner), string(outer), a.header.Get("X-Request-Id")} {
		if requestWord.MatchString(word) && !phoneLike(word) {
			return word
		}
	}
	return ""
}

var codeWord = regexp.MustCompile(`^[A-Z][A-Z0-9_]{1,60}$`)

// reason keeps the provider's own word for a refusal where it cannot hold a
// number or a text: a code, or a short phrase of letters.
func reason(body []byte) error {
	var outer struct{ Error, Code json.RawMessage }
	if json.Unmarshal(body, &outer) != nil {
		return nil
	}
	var inner struct{ Code Word }
	_ = json.Unmarshal(outer.Error, &inner)
	var code, phrase Word
	_ = json.Unmarshal(outer.Code, &code)
	_ = json.Unmarshal(outer.Error, &phrase)
	for _, word := range []string{string(inner.Code), string(code)} {
		if codeWord.MatchString(word) && !phoneLike(word) {
			return errors.New(word)
		}
	}
	if phrase != "" && len(phrase) <= 80 && strings.IndexFunc(string(phrase), oddInPhrase) < 0 {
		return errors.New(string(phrase))
	}
	return nil
}

func oddInPhrase(r rune) bool { return !unicode.IsLetter(r) && !strings.ContainsRune(" -.,'", r) }

// phoneLike reports whether a word could be a telephone number and no more.
func phoneLike(word string) bool {
	return strings.Trim(word, "0123456789-.:") == "" && len(word) >= 6
}

// unreachable is a try without a whole reply. Only causes that cannot quote
// what the provider said are kept.
func unreachable(op string, err error) *failure {
	kind, cause, again, nobody := providers.ErrUnreachable, err, true, false
	var (
		network   *net.OpError
		name      *net.DNSError
		timeout   net.Error
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		tlsCheck  *tls.CertificateVerificationError
	)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
	case errors.Is(err, errTooLarge), errors.Is(err, errEncoding):
		kind, again = providers.ErrNotAPI, false
	case errors.Is(err, errPin), errors.As(err, &authority), errors.As(err, &host), errors.As(err, &invalid), errors.As(err, &tlsCheck):
		again = false
	case errors.Is(err, errSlow), errors.Is(err, errIdle):
	case errors.As(err, &name):
		cause, nobody = errors.New("the host name "+name.Name+" was not found"), true
	case errors.Is(err, syscall.ECONNREFUSED):
		cause, nobody = errors.New("the connection was refused"), true
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, os.ErrDeadlineExceeded):
		cause = errors.New("no answer in time")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		cause = errors.New("the connection broke off")
	case errors.As(err, &network):
		cause = errors.New("no connection (" + network.Op + ")")
	default:
		cause = errors.New("the reply could not be read")
	}
	return &failure{err: &providers.Error{Kind: kind, Op: op, Err: cause}, again: again, nobody: nobody}
}
