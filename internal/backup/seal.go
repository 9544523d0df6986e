package backup

import (
	"bufio"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/text/unicode/norm"
)

// A protected backup is cut into chunks, each sealed with XChaCha20-Poly1305
// under a nonce of a random prefix, the chunk's number and whether it is the
// last: none can be left out, moved, or put after the end (STREAM, Hoang et al.
// 2015, https://eprint.iacr.org/2015/189).
const (
	chunkBytes  = 64 << 10
	prefixBytes = chacha20poly1305.NonceSizeX - 4 - 1
	saltBytes   = 16
	macBytes    = sha256.Size
)

// cost is what it takes to try one passphrase.
type cost struct {
	time    uint32 // passes
	memory  uint32 // KiB
	threads uint8
}

// usualCost is RFC 9106's second recommended option (section 4), for machines
// without 2 GiB to spare.
var usualCost = cost{time: 3, memory: 64 << 10, threads: 4}

// check bounds what a file may ask of the machine that reads it.
func (c cost) check() error {
	if c.time < 1 || c.time > 16 || c.memory < 8*uint32(c.threads) || c.memory > 1<<20 || c.threads < 1 || c.threads > 16 {
		return fmt.Errorf("%w: it asks for more work than any backup does", ErrDamaged)
	}
	return nil
}

// lock is what the head of a protected backup says: all but the passphrase.
type lock struct {
	cost
	salt   [saltBytes]byte
	prefix [prefixBytes]byte
	mac    [macBytes]byte // of the head, with a key of the passphrase
}

const lockBytes = 4 + 4 + 1 + saltBytes + prefixBytes + macBytes

// newLock makes a lock for a new backup, but for its mac.
func newLock(c cost) *lock {
	l := &lock{cost: c}
	rand.Read(l.salt[:]) // it never fails
	rand.Read(l.prefix[:])
	return l
}

func (l *lock) bytes() []byte {
	b := binary.BigEndian.AppendUint32(nil, l.time)
	b = binary.BigEndian.AppendUint32(b, l.memory)
	b = append(b, l.threads)
	b = append(b, l.salt[:]...)
	b = append(b, l.prefix[:]...)
	return append(b, l.mac[:]...)
}

func readLock(b []byte) *lock {
	l := &lock{cost: cost{binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:]), b[8]}}
	b = b[9:]
	b = b[copy(l.salt[:], b):]
	b = b[copy(l.prefix[:], b):]
	copy(l.mac[:], b)
	return l
}

// keys makes the two keys of a passphrase: one seals, one signs the head. The
// passphrase is taken as it reads, however a keyboard composes its letters.
func (l *lock) keys(passphrase string) (sealing, signing []byte) {
	k := argon2.IDKey([]byte(norm.NFC.String(passphrase)), l.salt[:], l.time, l.memory, l.threads, 2*chacha20poly1305.KeySize)
	return k[:chacha20poly1305.KeySize], k[chacha20poly1305.KeySize:]
}

// sign is the mac of the head: what stands before the lock, and the lock.
func (l *lock) sign(before, signing []byte) (mac [macBytes]byte) {
	h := hmac.New(sha256.New, signing)
	h.Write(before)
	b := l.bytes()
	h.Write(b[:len(b)-macBytes])
	h.Sum(mac[:0])
	return mac
}

// chunks numbers the chunks of a body.
type chunks struct {
	aead  cipher.AEAD
	head  []byte // associated with each
	nonce [chacha20poly1305.NonceSizeX]byte
	next  uint64
}

func newChunks(l *lock, head, sealing []byte) (*chunks, error) {
	aead, err := chacha20poly1305.NewX(sealing)
	if err != nil {
		return nil, err
	}
	c := &chunks{aead: aead, head: head}
	copy(c.nonce[:], l.prefix[:])
	return c, nil
}

var errTooLong = errors.New("a backup cannot be as long as this")

func (c *chunks) step(last bool) error {
	if c.next > math.MaxUint32 {
		return errTooLong
	}
	binary.BigEndian.PutUint32(c.nonce[prefixBytes:], uint32(c.next))
	c.nonce[len(c.nonce)-1] = 0
	if last {
		c.nonce[len(c.nonce)-1] = 1
	}
	c.next++
	return nil
}

// sealer seals what is written to it. Close seals the last chunk; without it
// the backup is cut short.
type sealer struct {
	w io.Writer
	*chunks
	buf []byte
}

func (s *sealer) Write(p []byte) (n int, err error) {
	for len(p) > 0 {
		if len(s.buf) == chunkBytes {
			if err := s.flush(false); err != nil {
				return n, err
			}
		}
		k := min(len(p), chunkBytes-len(s.buf))
		s.buf = append(s.buf, p[:k]...)
		p, n = p[k:], n+k
	}
	return n, nil
}

func (s *sealer) flush(last bool) error {
	if err := s.step(last); err != nil {
		return err
	}
	_, err := s.w.Write(s.aead.Seal(nil, s.nonce[:], s.buf, s.head))
	s.buf = s.buf[:0]
	return err
}

func (s *sealer) Close() error { return s.flush(true) }

// opener gives back what a sealer sealed. Only after io.EOF is it known to be
// all there was.
type opener struct {
	r *bufio.Reader
	*chunks
	sealed []byte
	left   []byte
	done   bool
}

func (o *opener) Read(p []byte) (int, error) {
	for len(o.left) == 0 {
		if o.done {
			return 0, io.EOF
		}
		if err := o.open(); err != nil {
			return 0, err
		}
	}
	n := copy(p, o.left)
	o.left = o.left[n:]
	return n, nil
}

func (o *opener) open() error {
	o.sealed = o.sealed[:cap(o.sealed)]
	n, err := io.ReadFull(o.r, o.sealed)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	if _, err := o.r.Peek(1); errors.Is(err, io.EOF) {
		o.done = true
	} else if err != nil {
		return err
	}
	if err := o.step(o.done); err != nil {
		return err
	}
	o.left, err = o.aead.Open(o.sealed[:0], o.nonce[:], o.sealed[:n], o.head)
	if err != nil {
		return fmt.Errorf("%w: it was cut short or altered", ErrDamaged)
	}
	return nil
}
