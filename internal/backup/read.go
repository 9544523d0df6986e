package backup

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
)

// Archive is a backup that is being read.
type Archive struct {
	r      io.ReaderAt
	size   int64
	head   []byte
	lock   *lock   // nil where it is not protected
	chunks *chunks // nil while it is locked
}

// Sniff reports whether a file begins as every backup does; more than 16 bytes
// of it are not looked at.
func Sniff(begins []byte) bool {
	return len(begins) >= len(magic) && string(begins[:len(magic)]) == magic
}

// Open reads the head of a backup of so many bytes.
//
// Errors: ErrNotBackup, ErrNewer, ErrDamaged; those of r.
func Open(r io.ReaderAt, size int64) (*Archive, error) {
	a := &Archive{r: r, size: size, head: make([]byte, len(magic)+2)}
	if err := a.readHead(a.head, 0); err != nil {
		return nil, err
	}
	if !Sniff(a.head) {
		return nil, ErrNotBackup
	}
	switch version, how := a.head[len(magic)], a.head[len(magic)+1]; {
	case version > format:
		return nil, ErrNewer
	case version < 1 || how > passphrase:
		return nil, fmt.Errorf("%w: its beginning makes no sense", ErrDamaged)
	case how == passphrase:
		b := make([]byte, lockBytes)
		if err := a.readHead(b, int64(len(a.head))); err != nil {
			return nil, err
		}
		a.head = append(a.head, b...)
		a.lock = readLock(b)
		return a, a.lock.check()
	}
	return a, nil
}

// readHead reads bytes that every backup has.
func (a *Archive) readHead(b []byte, at int64) error {
	n, err := a.r.ReadAt(b, at)
	switch {
	case n == len(b):
		return nil
	case !errors.Is(err, io.EOF):
		return err
	case at == 0 && !(n >= len(magic) && Sniff(b)):
		return ErrNotBackup
	}
	return fmt.Errorf("%w: it was cut short", ErrDamaged)
}

// Protected reports whether it can be read with its passphrase alone.
func (a *Archive) Protected() bool { return a.lock != nil }

// Unlock takes the passphrase of a protected backup.
//
// Errors: ErrPassphrase.
func (a *Archive) Unlock(secret string) error {
	if a.lock == nil {
		return nil
	}
	sealing, signing := a.lock.keys(secret)
	mac := a.lock.sign(a.head[:len(a.head)-lockBytes], signing)
	if !hmac.Equal(mac[:], a.lock.mac[:]) {
		return ErrPassphrase
	}
	var err error
	a.chunks, err = newChunks(a.lock, a.head, sealing)
	return err
}

// Read goes through all of the backup, once: contents gets what the manifest
// says before anything else, and file the content of each file, all of which
// it reads. Only where Read returns nil is every byte known to be as it was
// written.
//
// Errors: ErrProtected where it was not unlocked; ErrDamaged, ErrNewer; those of
// the reader, of contents and of file.
func (a *Archive) Read(ctx context.Context, contents func(Manifest) error, file func(File, io.Reader) error) error {
	if a.lock != nil && a.chunks == nil {
		return ErrProtected
	}
	body, check, err := a.body(ctx)
	if err != nil {
		return err
	}
	if a.lock != nil {
		a.chunks.next = 0
		body = &opener{r: bufio.NewReaderSize(body, chunkBytes), chunks: a.chunks, sealed: make([]byte, chunkBytes+a.chunks.aead.Overhead())}
	}
	if err := unpack(body, contents, file); err != nil {
		return err
	}
	_, err = check()
	return err
}

// Check compares the file with the checksum at its end, for which nobody needs
// a passphrase, and gives it in hex. It tells accidents: whoever alters a file
// on purpose writes another.
//
// Errors: ErrDamaged; those of the reader.
func (a *Archive) Check(ctx context.Context) (sum string, err error) {
	body, check, err := a.body(ctx)
	if err != nil {
		return "", err
	}
	if _, err := io.Copy(io.Discard, body); err != nil {
		return "", err
	}
	return check()
}

// body is what stands between the head and the checksum. Once it was read to its
// end check compares that.
func (a *Archive) body(ctx context.Context) (body io.Reader, check func() (string, error), err error) {
	at := a.size - sha256.Size
	if at < int64(len(a.head)) {
		return nil, nil, fmt.Errorf("%w: it was cut short", ErrDamaged)
	}
	var want [sha256.Size]byte
	if err := a.readHead(want[:], at); err != nil {
		return nil, nil, err
	}
	sum := sha256.New()
	sum.Write(a.head)
	body = io.TeeReader(io.NewSectionReader(a.r, int64(len(a.head)), at-int64(len(a.head))), sum)
	return &until{ctx, body}, func() (string, error) {
		if !hmac.Equal(sum.Sum(nil), want[:]) {
			return "", fmt.Errorf("%w: its checksum does not fit", ErrDamaged)
		}
		return hex.EncodeToString(want[:]), nil
	}, nil
}

// unpack reads what pack wrote, to its very end.
func unpack(r io.Reader, contents func(Manifest) error, file func(File, io.Reader) error) error {
	in := bufio.NewReaderSize(r, chunkBytes)
	z, err := gzip.NewReader(in)
	if err != nil {
		return damaged(err)
	}
	z.Multistream(false)
	t := tar.NewReader(z)
	m, err := readManifest(t)
	if err != nil {
		return damaged(err)
	}
	if err := contents(m); err != nil {
		return err
	}
	for _, f := range m.Files {
		if err := unpackFile(t, f, file); err != nil {
			return damaged(err)
		}
	}
	if _, err := t.Next(); err != io.EOF {
		return damaged(fmt.Errorf("%w: there is more in it than it says", ErrDamaged))
	}
	if n, err := io.Copy(io.Discard, z); err != nil || n > 1<<20 {
		return damaged(err)
	}
	if n, err := io.Copy(io.Discard, in); err != nil || n > 0 {
		return damaged(err)
	}
	return nil
}

// damaged gives what unpacking brings to light its kind. What went wrong
// outside of the backup keeps its own.
func damaged(err error) error {
	if err == nil {
		return fmt.Errorf("%w: something stands behind its end", ErrDamaged)
	}
	for _, other := range []error{ErrDamaged, ErrNewer, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, other) {
			return err
		}
	}
	if errors.As(err, new(*outside)) || errors.As(err, new(*fs.PathError)) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

// outside is what went wrong where a file was to go.
type outside struct{ error }

func (o *outside) Unwrap() error { return o.error }

func readManifest(t *tar.Reader) (m Manifest, err error) {
	h, err := t.Next()
	if err != nil {
		return m, err
	}
	if h.Name != manifestName || h.Typeflag != tar.TypeReg || h.Size > mostManifest {
		return m, fmt.Errorf("%w: it does not begin with its list of contents", ErrDamaged)
	}
	b, err := io.ReadAll(t)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return m, err
	}
	return m, m.check()
}

func unpackFile(t *tar.Reader, f File, file func(File, io.Reader) error) error {
	h, err := t.Next()
	if err == io.EOF {
		return fmt.Errorf("%w: %s is not in it", ErrDamaged, f.Name)
	}
	if err != nil {
		return err
	}
	if h.Name != f.Name || h.Typeflag != tar.TypeReg || h.Size != f.Bytes {
		return fmt.Errorf("%w: %s is not as its list of contents says", ErrDamaged, f.Name)
	}
	r := &counted{r: t, sum: sha256.New()}
	if err := file(f, r); err != nil {
		if r.err != nil {
			return r.err // not of who asked
		}
		return &outside{err}
	}
	if r.n != f.Bytes || hex.EncodeToString(r.sum.Sum(nil)) != f.SHA256 {
		return fmt.Errorf("%w: the checksum of %s does not fit", ErrDamaged, f.Name)
	}
	return nil
}

// counted notes what is read through it.
type counted struct {
	r   io.Reader
	sum hash.Hash
	n   int64
	err error // of r, but for its end
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.sum.Write(p[:n])
	c.n += int64(n)
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

// Discard is a file function for Read that checks and keeps nothing.
func Discard(_ File, r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}
