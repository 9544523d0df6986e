package profile_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bandeja/internal/profile"
)

// publicly opens the second door of a profile that has a token.
func publicly(t *testing.T, in *profile.Inbox, p profile.Public) profile.Reached {
	t.Helper()
	if _, err := in.CreateToken(t.Context(), profile.NewToken{Name: "hub", Scopes: []string{"conversations:read"}}); err != nil && !errors.Is(err, profile.ErrTokenExists) {
		t.Fatal(err)
	}
	if p.Address == "" {
		p.Address = "127.0.0.1:0"
	}
	r, err := in.ListenPublic(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// stranger is a client that trusts anybody, and dials from an address of its own.
func stranger(from string) *http.Client {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 5 * time.Second}
	return &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{
		DialContext: d.DialContext, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true,
	}}
}

func TestPublicDoorIsNotTheInbox(t *testing.T) {
	in := open(t, t.TempDir())
	r := publicly(t, in, profile.Public{})
	for _, path := range []string{"/", "/index.html", "/api/state", "/api/session", "/api/openapi.json", "/owner/raise", "/assets/", "/favicon.svg", "/waspy", "/platica", "//api/state"} {
		res, err := stranger("127.0.0.1").Get(r.Origin + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusNotFound || len(res.Cookies()) > 0 {
			t.Errorf("%s: %d, cookies %v", path, res.StatusCode, res.Cookies())
		}
	}
	plain, err := http.Get(strings.Replace(r.Origin, "https", "http", 1) + "/waspy/api/v2/conversations")
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Body.Close()
	if plain.StatusCode != http.StatusBadRequest {
		t.Errorf("without TLS: %d", plain.StatusCode)
	}
}

func TestPublicDoorKnowsItsHosts(t *testing.T) {
	in := open(t, t.TempDir())
	r := publicly(t, in, profile.Public{})
	at := strings.TrimPrefix(r.Origin, "https://")
	_, port, _ := net.SplitHostPort(at)
	name, _ := os.Hostname()
	for _, tt := range []struct {
		host, origin, site string
		want               int
	}{
		{host: at, want: 404},
		{host: "localhost:" + port, want: 404},
		{host: name + ":" + port, want: 404},
		{host: at, origin: "https://" + at, site: "same-origin", want: 404},
		{host: "127.0.0.1", want: 421},
		{host: "127.0.0.1:1", want: 421},
		{host: "127.0.0.2:" + port, want: 421},
		{host: "evil.example:" + port, want: 421},
		{host: at + ".evil.example", want: 421},
		{host: at, origin: "http://" + at, want: 403},
		{host: at, origin: "https://evil.example", want: 403},
		{host: at, origin: "null", want: 403},
		{host: at, site: "cross-site", want: 403},
		{host: at, site: "same-site", want: 403},
	} {
		req, err := http.NewRequest(http.MethodGet, r.Origin+"/nothing", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = tt.host
		for k, v := range map[string]string{"Origin": tt.origin, "Sec-Fetch-Site": tt.site} {
			if v != "" {
				req.Header.Set(k, v)
			}
		}
		res, err := stranger("127.0.0.1").Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != tt.want {
			t.Errorf("host %q, origin %q, site %q: %d, want %d", tt.host, tt.origin, tt.site, res.StatusCode, tt.want)
		}
	}
}

// TestPublicDoorsCertificate: the profile's own is kept and pinned; one that is
// given is used by its name.
func TestPublicDoorsCertificate(t *testing.T) {
	dir := t.TempDir()
	in := open(t, dir)
	first := publicly(t, in, profile.Public{})
	shut(t, in)
	in = open(t, dir)
	again := publicly(t, in, profile.Public{})
	if !first.Own || first.Fingerprint != again.Fingerprint {
		t.Errorf("a fingerprint to trust became another: %+v, %+v", first, again)
	}
	st, err := os.Stat(filepath.Join(dir, "certificate.pem"))
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the certificate's file: %v, %v", st, err)
	}

	cert, key := authority(t, "hub.example", time.Now().Add(time.Hour))
	given := publicly(t, in, profile.Public{CertFile: cert, KeyFile: key})
	if given.Own || given.Fingerprint == first.Fingerprint {
		t.Errorf("the certificate that was given is not used: %+v", given)
	}
	u, _ := url.Parse(given.Origin)
	roots := x509.NewCertPool()
	b, _ := os.ReadFile(cert)
	roots.AppendCertsFromPEM(b)
	named := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, u.Host)
		},
		TLSClientConfig: &tls.Config{RootCAs: roots},
	}}
	res, err := named.Get("https://hub.example:" + u.Port() + "/nothing")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("by its name: %d", res.StatusCode)
	}

	old, key := authority(t, "hub.example", time.Now().Add(-time.Minute))
	if _, err := in.ListenPublic(t.Context(), profile.Public{Address: "127.0.0.1:0", CertFile: old, KeyFile: key}); !errors.Is(err, profile.ErrUsage) || !strings.Contains(err.Error(), "good until") {
		t.Errorf("a certificate whose time has passed: %v", err)
	}
}

// TestPublicDoorsCertificateIsRenewed: what is renewed in its files is used without
// a start, by its names too; what cannot be used leaves the one before.
func TestPublicDoorsCertificateIsRenewed(t *testing.T) {
	t.Parallel() // it waits most of its time
	dir := t.TempDir()
	in := open(t, dir)
	cert, key := authority(t, "one.example", time.Now().Add(time.Hour))
	r := publicly(t, in, profile.Public{CertFile: cert, KeyFile: key})
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(r.Origin, "https://"))
	shown := func() string {
		c, err := tls.Dial("tcp", "127.0.0.1:"+port, &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.ConnectionState().PeerCertificates[0].Subject.CommonName
	}
	answered := func(name string) int {
		req, err := http.NewRequest(http.MethodGet, "https://127.0.0.1:"+port+"/nothing", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = name + ":" + port
		res, err := stranger("127.0.0.1").Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	if shown() != "one.example" || answered("two.example") != http.StatusMisdirectedRequest {
		t.Fatalf("%s, %d", shown(), answered("two.example"))
	}
	put := func(from, to string) {
		b, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	log := func() string { return files(t, dir)["logs/bandeja.log"] }
	newer, itsKey := authority(t, "two.example", time.Now().Add(2*time.Hour))
	put(newer, cert)
	eventually(t, "a certificate without its key is said in the log", func() bool {
		if name := shown(); name != "one.example" {
			t.Fatalf("half of a renewal shows %s", name)
		}
		return strings.Contains(log(), "cannot be used as they are now")
	})
	put(itsKey, key)
	eventually(t, "the renewed certificate", func() bool { return shown() == "two.example" })
	if got := answered("two.example"); got != http.StatusNotFound {
		t.Errorf("by its new name: %d", got)
	}
	if got := answered("one.example"); got != http.StatusMisdirectedRequest {
		t.Errorf("by its old name: %d", got)
	}
	if err := os.Remove(cert); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond)
	if shown() != "two.example" {
		t.Error("without its file the certificate is gone")
	}
	old, itsKey := authority(t, "old.example", time.Now().Add(-time.Minute))
	put(old, cert)
	put(itsKey, key)
	time.Sleep(1100 * time.Millisecond)
	if shown() != "two.example" {
		t.Error("one whose time has passed is shown")
	}
}

// authority writes a certificate that vouches for itself, and its key.
func authority(t *testing.T, name string, until time.Time) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: until.Add(-48 * time.Hour), NotAfter: until, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	cert, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, b []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("cert.pem", "CERTIFICATE", cert), write("key.pem", "PRIVATE KEY", private)
}

// TestPublicDoorAndWhoDawdles: whoever opens connections and says nothing takes
// nobody's place but their own, and is cut.
func TestPublicDoorAndWhoDawdles(t *testing.T) {
	t.Parallel() // it waits most of its time
	in := open(t, t.TempDir())
	r := publicly(t, in, profile.Public{})
	u, _ := url.Parse(r.Origin)
	began := time.Now()
	var slow []net.Conn
	for range profile.MostOfOne {
		c, err := tls.Dial("tcp", u.Host, &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, "GET /nothing HTTP/1.1\r\nHost: "+u.Host+"\r\nX-"); err != nil {
			t.Fatal(err)
		}
		slow = append(slow, c)
	}
	if res, err := stranger("127.0.0.1").Get(r.Origin + "/nothing"); err == nil {
		res.Body.Close()
		t.Error("one address has more connections than it may")
	}
	res, err := stranger("127.0.0.2").Get(r.Origin + "/nothing")
	if err != nil {
		t.Fatalf("somebody else is kept out: %v", err)
	}
	_ = res.Body.Close()
	for _, c := range slow {
		_ = c.SetReadDeadline(began.Add(time.Minute))
		answer, _ := bufio.NewReader(c).ReadString('\n')
		if answer != "" && !strings.Contains(answer, " 40") {
			t.Errorf("an unfinished request was answered with %q", answer)
		}
		_ = c.Close()
	}
	if took := time.Since(began); took > 50*time.Second {
		t.Errorf("they were cut after %v", took)
	}
	res, err = stranger("127.0.0.1").Get(r.Origin + "/nothing")
	if err != nil {
		t.Fatalf("their places are not free again: %v", err)
	}
	_ = res.Body.Close()
}
