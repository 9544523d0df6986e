package profile

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// ownCertificate is the profile's own, with its key: made when it first serves
// beyond this machine with no certificate given, and kept, so that whoever
// pinned it need not do so again.
const ownCertificate = "certificate.pem"

// ownName is whose it says it is.
const ownName = "Bandeja"

// An own certificate is trusted by its fingerprint, not by its dates.
const certificateYears = 20

// certificate reads the one in two files of PEM, or for none given the profile's
// own.
//
// Errors: ErrUsage where the files hold none, or one whose time has passed.
func (in *Inbox) certificate(certFile, keyFile string) (tls.Certificate, error) {
	if certFile != "" {
		return loadCertificate(certFile, keyFile)
	}
	path := filepath.Join(in.o.Dir, ownCertificate)
	cert, err := tls.LoadX509KeyPair(path, path)
	if !errors.Is(err, fs.ErrNotExist) {
		if err != nil {
			err = fmt.Errorf("read this profile's own certificate, %s (another is made where you remove it, and whoever trusts this one must be told): %w", path, err)
		}
		return cert, err
	}
	if err := makeCertificate(path); err != nil {
		return cert, fmt.Errorf("make a certificate for this profile: %w", err)
	}
	return tls.LoadX509KeyPair(path, path)
}

func loadCertificate(certFile, keyFile string) (tls.Certificate, error) {
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	switch {
	case err != nil:
		return cert, fmt.Errorf("%w: the certificate or its key cannot be used: %v", ErrUsage, err)
	case time.Now().After(cert.Leaf.NotAfter):
		return cert, fmt.Errorf("%w: the certificate in %s was good until %s", ErrUsage, certFile, cert.Leaf.NotAfter.Format(time.DateOnly))
	}
	return cert, nil
}

func makeCertificate(path string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return err
	}
	names, ips := machine()
	now := time.Now()
	form := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: ownName}, DNSNames: names, IPAddresses: ips,
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(certificateYears, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	whole := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	return writePrivate(path, whole)
}

// machine is what this machine is called, and its addresses.
func machine() (names []string, ips []net.IP) {
	names = []string{"localhost"}
	if host, err := os.Hostname(); err == nil && host != "" {
		host = strings.ToLower(host)
		names = append(names, host)
		if !strings.Contains(host, ".") {
			names = append(names, host+".local")
		}
	}
	all, _ := net.InterfaceAddrs()
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok {
			ips = append(ips, n.IP)
		}
	}
	return names, ips
}

// fingerprint is a certificate's SHA-256 as --tls-pin and other tools take it.
func fingerprint(c tls.Certificate) string {
	sum := sha256.Sum256(c.Certificate[0])
	pairs := make([]string, len(sum))
	for i, b := range sum {
		pairs[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(pairs, ":")
}
