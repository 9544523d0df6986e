package backup

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
)

// magic begins every backup. A transfer that takes it for a text changes it.
const magic = "BANDEJA BACKUP\r\n"

// How a backup is protected: the byte behind the version.
const (
	plain      = 0
	passphrase = 1
)

// manifestName is what the manifest is called among the files.
const manifestName = "manifest.json"

// Write writes a backup, protected where there is a passphrase. open gives the
// content of each file, as long as its File says.
func Write(ctx context.Context, w io.Writer, m Manifest, open func(name string) (io.ReadCloser, error), secret string) error {
	return write(ctx, w, m, open, secret, usualCost)
}

func write(ctx context.Context, w io.Writer, m Manifest, open func(name string) (io.ReadCloser, error), secret string, c cost) error {
	m.Format = format
	if err := m.check(); err != nil {
		return err
	}
	sum := sha256.New()
	if err := writeBody(ctx, io.MultiWriter(w, sum), m, open, secret, c); err != nil {
		return err
	}
	// Whoever has no passphrase can tell with it whether the file is whole.
	_, err := w.Write(sum.Sum(nil))
	return err
}

// writeBody writes all but the checksum at the end.
func writeBody(ctx context.Context, w io.Writer, m Manifest, open func(string) (io.ReadCloser, error), secret string, c cost) error {
	head := []byte(magic)
	if secret == "" {
		if _, err := w.Write(append(head, format, plain)); err != nil {
			return err
		}
		return pack(ctx, w, m, open)
	}
	head = append(head, format, passphrase)
	l := newLock(c)
	sealing, signing := l.keys(secret)
	l.mac = l.sign(head, signing)
	head = append(head, l.bytes()...)
	if _, err := w.Write(head); err != nil {
		return err
	}
	chunks, err := newChunks(l, head, sealing)
	if err != nil {
		return err
	}
	s := &sealer{w: w, chunks: chunks, buf: make([]byte, 0, chunkBytes)}
	if err := pack(ctx, s, m, open); err != nil {
		return err
	}
	return s.Close()
}

// pack writes the manifest and the files, as a compressed tar.
func pack(ctx context.Context, w io.Writer, m Manifest, open func(string) (io.ReadCloser, error)) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := entry(t, manifestName, int64(len(b))); err != nil {
		return err
	}
	if _, err := t.Write(b); err != nil {
		return err
	}
	for _, f := range m.Files {
		if err := packFile(ctx, t, f, open); err != nil {
			return err
		}
	}
	if err := t.Close(); err != nil {
		return err
	}
	return z.Close()
}

func packFile(ctx context.Context, t *tar.Writer, f File, open func(string) (io.ReadCloser, error)) error {
	r, err := open(f.Name)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := entry(t, f.Name, f.Bytes); err != nil {
		return err
	}
	n, err := io.Copy(t, &until{ctx, r})
	if err == nil && n != f.Bytes {
		err = fmt.Errorf("%s has %d bytes, and not %d", f.Name, n, f.Bytes)
	}
	return err
}

func entry(t *tar.Writer, name string, size int64) error {
	return t.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, Format: tar.FormatPAX})
}

// until reads until somebody stops it.
type until struct {
	ctx context.Context
	r   io.Reader
}

func (u *until) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}
