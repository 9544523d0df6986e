package rest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Options say whom a Client talks to and how hard it may press.
type Options struct {
	BaseURL  string  // with its path, such as https://host/waspy/api/v2; a slash at the end is ignored
	Key      Secret  // sent as a bearer to BaseURL's host and to no other
	Rate     float64 // requests a second for this key, above 0
	Burst    int     // requests that may go at once; 0: 5
	TLSPin   string  // SHA-256 of the server's leaf certificate in hex; when given it alone decides whom to trust
	Insecure bool    // plain http beyond loopback was asked for

	UserAgent string            // "": Bandeja
	Transport http.RoundTripper // nil: our own, with its timeouts and the pin
	Tries     int               // of one GET; 0: 6

	// DialContext replaces the dialler of our own transport; for listeners
	// that are not sockets.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
	// Rand gives the jitter of the backoff, in [0,1); nil: math/rand/v2.
	Rand func() float64
}

const (
	defaultBurst = 5
	defaultTries = 6
)

// New checks o and makes a Client. It makes no request. The error says what is
// wrong in words for the person who typed it, without the key.
func New(o Options) (*Client, error) {
	base, err := baseURL(o.BaseURL, o.Insecure)
	if err != nil {
		return nil, err
	}
	if err := checkKey(o.Key); err != nil {
		return nil, err
	}
	if !(o.Rate > 0) || math.IsInf(o.Rate, 0) {
		return nil, fmt.Errorf("rate %v: it must be above 0 requests a second", o.Rate)
	}
	if o.Burst <= 0 {
		o.Burst = defaultBurst
	}
	if o.Tries <= 0 {
		o.Tries = defaultTries
	}
	if o.UserAgent == "" {
		o.UserAgent = "Bandeja"
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	pin, err := parsePin(o.TLSPin)
	if err != nil {
		return nil, err
	}
	if o.Transport == nil {
		o.Transport = newTransport(o.DialContext, pin)
	}
	return &Client{
		base:      base,
		key:       o.Key,
		agent:     o.UserAgent,
		tries:     o.Tries,
		rand:      o.Rand,
		transport: o.Transport,
		pace:      newPace(o.Rate, o.Burst),
	}, nil
}

// baseURL reads the address of an API. Its path is kept.
func baseURL(s string, insecure bool) (*url.URL, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil, errors.New("base URL: it is empty")
	}
	u, err := url.Parse(s)
	if err != nil {
		// url.Parse quotes what it was given, which may hold a password.
		return nil, errors.New("base URL: it cannot be read as an address")
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("base URL: it must begin with https://")
	case u.Hostname() == "":
		return nil, errors.New("base URL: it names no host")
	case u.User != nil:
		return nil, errors.New("base URL: it must not hold a user or password")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("base URL: it must end with the path, without ? or #")
	case u.Scheme == "http" && !insecure && !loopback(u.Hostname()):
		return nil, fmt.Errorf("base URL: http to %s would send the key in the clear; use https, or allow it with --insecure", u.Hostname())
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")
	return u, nil
}

// loopback reports whether host is this machine.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// checkKey refuses what a header cannot carry.
func checkKey(key Secret) error {
	if key.IsZero() {
		return errors.New("key: it is empty")
	}
	for _, r := range key.Reveal() {
		if r <= ' ' || r > '~' {
			return errors.New("key: it holds a space or a character that no key has")
		}
	}
	return nil
}
