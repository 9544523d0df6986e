package profile

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/netutil"
)

// mostOfOne connections of one address are taken at once beyond this machine;
// ten clients of one office, with a few each.
const mostOfOne = 64

const settingPublicPort = "public_port"

// Public says how the providers' own APIs are served beyond this machine.
type Public struct {
	Address           string // "": every one that the machine has, with a port chosen once and remembered
	CertFile, KeyFile string // of PEM; "": the profile's own certificate
}

// Reached is how others reach what Public serves.
type Reached struct {
	Origin      string // https://HOST:PORT
	Fingerprint string // of the certificate, as --tls-pin takes it
	Own         bool   // the certificate is the profile's own: no authority vouches for it
}

// ErrNoToken: nobody could be let in beyond this machine.
var ErrNoToken = errors.New("there is no token that is still good, and without one nobody could be let in")

// ListenPublic opens a second door, beyond this machine: to the providers' own
// APIs alone, by TLS, for whoever has a token (DESIGN §8). The inbox itself stays
// on loopback.
//
// Errors: ErrUsage; ErrNoToken; what the system says of the address.
func (in *Inbox) ListenPublic(ctx context.Context, p Public) (Reached, error) {
	if err := in.someToken(ctx); err != nil {
		return Reached{}, err
	}
	cert, err := in.certificate(p.CertFile, p.KeyFile)
	if err != nil {
		return Reached{}, err
	}
	l, err := in.bindPublic(ctx, p.Address)
	if err != nil {
		return Reached{}, err
	}
	at := l.Addr().(*net.TCPAddr)
	held := newRenewal(cert, p.CertFile, p.KeyFile, in.log)
	door := in.httpServer(in.server.Public((&calling{at: at, cert: held.leaf}).so))
	door.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return held.now(), nil }}
	door.ReadTimeout, door.WriteTimeout = readTime, writeTime
	in.serve(door, func() error {
		return door.ServeTLS(netutil.LimitListener(newCrowd(l, mostOfOne), mostConnections), "", "")
	})
	return Reached{Origin: publicOrigin(at, cert.Leaf), Fingerprint: fingerprint(cert), Own: p.CertFile == ""}, nil
}

// someToken is nil where somebody can be let in.
func (in *Inbox) someToken(ctx context.Context) error {
	tokens, err := in.local.Tokens(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	for _, t := range tokens {
		if !t.Expired(now) {
			return nil
		}
	}
	return ErrNoToken
}

func (in *Inbox) bindPublic(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	if address != "" {
		l, err := lc.Listen(ctx, "tcp", address)
		if err != nil {
			return nil, fmt.Errorf("listen on %s: %w", address, err)
		}
		return l, nil
	}
	port, err := in.local.Setting(ctx, settingPublicPort)
	if err != nil {
		return nil, err
	}
	l, err := lc.Listen(ctx, "tcp", net.JoinHostPort("", port))
	if err != nil {
		return nil, fmt.Errorf("listen on the remembered port %s (another may be named by --listen): %w", port, err)
	}
	if port == "" && !in.Viewing() {
		_, chosen, _ := net.SplitHostPort(l.Addr().String())
		err = in.local.SaveSetting(ctx, settingPublicPort, chosen)
	}
	return l, err
}

// calling knows what this machine may be called in a request's Host, at a port:
// the addresses that are listened on, its names, and its certificate's.
type calling struct {
	at   *net.TCPAddr
	cert func() *x509.Certificate

	mu    sync.Mutex
	names []string
	ips   []net.IP
	asked time.Time
}

// askAgain is how old an answer of the system may be when a Host is not in it:
// a laptop comes into another network.
const askAgain = 10 * time.Second

// so reports whether host is one.
func (c *calling) so(host string) bool {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.Trim(host, "[]"), "443"
	}
	if port != fmt.Sprint(c.at.Port) {
		return false
	}
	return c.cert().VerifyHostname(name) == nil || c.machineIs(strings.ToLower(name))
}

func (c *calling) machineIs(name string) bool {
	ip := net.ParseIP(name)
	if ip != nil && !c.at.IP.IsUnspecified() {
		return ip.Equal(c.at.IP)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	known := func() bool { return slices.Contains(c.names, name) || slices.ContainsFunc(c.ips, ip.Equal) }
	if known() {
		return true
	}
	if time.Since(c.asked) < askAgain {
		return false
	}
	c.names, c.ips = machine()
	c.asked = time.Now()
	return known()
}

// publicOrigin is an address to tell people: the one that is listened on, or for
// all of them the one others are likeliest to reach.
func publicOrigin(at *net.TCPAddr, cert *x509.Certificate) string {
	host := at.IP.String()
	if at.IP.IsUnspecified() {
		names, ips := machine()
		host = names[len(names)-1]
		i := slices.IndexFunc(ips, func(ip net.IP) bool { return ip.To4() != nil && ip.IsGlobalUnicast() })
		switch {
		case cert.Subject.CommonName != ownName && len(cert.DNSNames) > 0 && !strings.Contains(cert.DNSNames[0], "*"):
			host = cert.DNSNames[0]
		case i >= 0:
			host = ips[i].String()
		}
	}
	return "https://" + net.JoinHostPort(host, fmt.Sprint(at.Port))
}
