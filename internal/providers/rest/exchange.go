package rest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

var (
	errSlow     = errors.New("no whole reply within 120 s")
	errIdle     = errors.New("the reply stopped for 15 s")
	errTooLarge = errors.New("the reply is over 32 MiB")
	errEncoding = errors.New("the reply is in an encoding that was not asked for")
)

// answer is a reply of any status, read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
	headAt time.Time // when its header was here
}

// exchange sends one request and reads the whole reply within the limits.
func (c *Client) exchange(ctx context.Context, method string, target *url.URL, body []byte) (answer, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	whole := time.AfterFunc(wholeTimeout, func() { cancel(errSlow) })
	defer whole.Stop()

	req, err := c.request(ctx, method, target, body)
	if err != nil {
		return answer{}, err
	}
	c.requests.Add(1)
	c.budget.sent(time.Now())
	res, err := c.transport.RoundTrip(req)
	if err != nil {
		return answer{}, causeOf(ctx, err)
	}
	defer res.Body.Close()
	out := answer{status: res.StatusCode, header: res.Header, headAt: time.Now()}
	out.body, err = readBody(res, cancel)
	if err != nil {
		return answer{}, causeOf(ctx, err)
	}
	return out, nil
}

func (c *Client) request(ctx context.Context, method string, target *url.URL, body []byte) (*http.Request, error) {
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, target.String(), reader)
	if err != nil {
		return nil, errors.New("the request cannot be written")
	}
	req.Header.Set("Authorization", "Bearer "+c.key.Reveal())
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Accept-Encoding", "gzip")
	req.Header.Set("User-Agent", c.agent)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// causeOf prefers our own reason for breaking a request off to the transport's
// word for it.
func causeOf(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// bodyAtOnce bounds the room made for a body by its announced length, which may
// be a lie.
const bodyAtOnce = 1 << 20

// readBody reads a body up to maxBody after decompression, giving up when
// nothing comes for idleTimeout.
func readBody(res *http.Response, cancel context.CancelCauseFunc) ([]byte, error) {
	idle := time.AfterFunc(idleTimeout, func() { cancel(errIdle) })
	defer idle.Stop()
	waits := &idleReader{body: res.Body, timer: idle}
	var reader io.Reader = waits
	switch encoding := strings.ToLower(strings.TrimSpace(res.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
	case "gzip", "x-gzip":
		unzipped, err := gzip.NewReader(reader)
		if errors.Is(err, io.EOF) {
			return nil, nil // no body at all, as with 204
		}
		if err != nil {
			return nil, fmt.Errorf("decompress: %w", err)
		}
		reader = unzipped
	default:
		return nil, errEncoding
	}
	var body bytes.Buffer
	if reader == io.Reader(waits) && res.ContentLength > 0 && res.ContentLength < bodyAtOnce {
		body.Grow(int(res.ContentLength) + bytes.MinRead)
	}
	if _, err := body.ReadFrom(io.LimitReader(reader, maxBody+1)); err != nil {
		return nil, err
	}
	if body.Len() > maxBody {
		return nil, errTooLarge
	}
	return body.Bytes(), nil
}

// idleReader puts the timer back at every read that brings something.
type idleReader struct {
	body  io.Reader
	timer *time.Timer
}

func (r *idleReader) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	if n > 0 {
		r.timer.Reset(idleTimeout)
	}
	return n, err
}
