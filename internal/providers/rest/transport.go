package rest

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"
)

// Limits of one request (SYNC §3). The whole one bounds a reply that drips one
// byte at a time and so never trips the idle one.
const (
	dialTimeout      = 10 * time.Second
	tlsTimeout       = 10 * time.Second
	firstByteTimeout = 30 * time.Second
	idleTimeout      = 15 * time.Second
	wholeTimeout     = 120 * time.Second
	maxBody          = 32 << 20 // bytes after decompression
)

var errPin = errors.New("the server's certificate is not the pinned one")

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// newTransport is the transport of a client that was not given one. A proxy of
// the system is used; loopback never goes through it.
func newTransport(dial dialer, pin []byte) *http.Transport {
	if dial == nil {
		dial = (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext
	}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dial,
		TLSClientConfig:        tlsConfig(pin),
		TLSHandshakeTimeout:    tlsTimeout,
		ResponseHeaderTimeout:  firstByteTimeout,
		ExpectContinueTimeout:  time.Second,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConns:           16,
		MaxIdleConnsPerHost:    8,
		MaxResponseHeaderBytes: 1 << 20,
		DisableCompression:     true, // asked for and undone by body, under the cap
		ForceAttemptHTTP2:      true,
	}
}

// tlsConfig trusts the system's authorities, or with a pin that one leaf
// certificate alone: a team's own server need not have one of an authority.
func tlsConfig(pin []byte) *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if pin == nil {
		return config
	}
	config.InsecureSkipVerify = true // VerifyConnection decides instead
	config.VerifyConnection = func(state tls.ConnectionState) error {
		if len(state.PeerCertificates) == 0 {
			return errPin
		}
		sum := sha256.Sum256(state.PeerCertificates[0].Raw)
		if subtle.ConstantTimeCompare(sum[:], pin) != 1 {
			return errPin
		}
		return nil
	}
	return config
}

// parsePin reads a SHA-256 fingerprint as tools print it: hex, with or without
// colons, spaces and a sha256 label. Empty is no pin.
func parsePin(s string) ([]byte, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" {
		return nil, nil
	}
	for _, label := range []string{"sha256 fingerprint=", "sha256:", "sha256=", "sha-256:"} {
		s = strings.TrimPrefix(s, label)
	}
	pin, err := hex.DecodeString(strings.NewReplacer(":", "", " ", "").Replace(s))
	if err != nil || len(pin) != sha256.Size {
		return nil, errors.New("TLS pin: it must be the SHA-256 fingerprint of a certificate, 64 hexadecimal digits")
	}
	return pin, nil
}
