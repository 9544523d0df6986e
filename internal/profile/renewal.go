package profile

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"sync"
	"time"
)

// lookAgain is how long a certificate's files are taken to be what they were.
const lookAgain = time.Second

// renewal is a certificate that follows its files: whoever renews it in them need
// not tell. What cannot be used, such as a certificate whose key has not been
// written yet, is said in the log, and the one before goes on.
type renewal struct {
	certFile, keyFile string
	log               *slog.Logger

	mu     sync.Mutex
	cert   tls.Certificate
	stamps [2]fileStamp
	looked time.Time
}

// fileStamp tells one content of a file from another.
type fileStamp struct {
	changed time.Time
	size    int64
}

// newRenewal begins with a certificate that has been read; of the profile's own,
// which has no files to follow, certFile is "".
func newRenewal(cert tls.Certificate, certFile, keyFile string, log *slog.Logger) *renewal {
	r := &renewal{certFile: certFile, keyFile: keyFile, log: log, cert: cert, looked: time.Now()}
	r.stamps, _ = r.stamp()
	return r
}

// now is the certificate as its files have it.
func (r *renewal) now() *tls.Certificate {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.certFile != "" && time.Since(r.looked) >= lookAgain {
		r.look()
		r.looked = time.Now()
	}
	cert := r.cert
	return &cert
}

func (r *renewal) leaf() *x509.Certificate { return r.now().Leaf }

func (r *renewal) look() {
	stamps, err := r.stamp()
	if stamps == r.stamps {
		return
	}
	r.stamps = stamps
	var cert tls.Certificate
	if err == nil {
		cert, err = loadCertificate(r.certFile, r.keyFile)
	}
	if err != nil {
		r.log.Warn("the certificate's files cannot be used as they are now; the one before goes on", "err", err)
		return
	}
	r.cert = cert
	r.log.Info("the certificate was renewed", "until", cert.Leaf.NotAfter, "fingerprint", fingerprint(cert))
}

// stamp tells the files' contents from others; it is zero where one cannot be
// looked at.
func (r *renewal) stamp() (stamps [2]fileStamp, err error) {
	for i, path := range []string{r.certFile, r.keyFile} {
		st, err := os.Stat(path)
		if err != nil {
			return [2]fileStamp{}, err
		}
		stamps[i] = fileStamp{st.ModTime(), st.Size()}
	}
	return stamps, nil
}
