package export

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"regexp"
	"strings"
)

// What a check of a file may say against it.
var (
	// ErrAltered: it is not as it was written.
	ErrAltered = errors.New("not as it was written")
	// ErrCut: its end is missing.
	ErrCut = errors.New("its end is missing")
	// ErrNoSum: it carries no checksum, nor is there one beside it.
	ErrNoSum = errors.New("no checksum")
)

// sumMark stands before the checksum that a file carries in itself, near its
// end: the SHA-256, in hex, of every byte before the digits.
const sumMark = "bandeja-sha256:"

const sumDigits = 2 * sha256.Size

// blankSum is written where the digits will be.
var blankSum = strings.Repeat("0", sumDigits)

// sumAtEnd finds it: a workbook ends in it, a page has its comment closed.
var sumAtEnd = regexp.MustCompile(sumMark + `([0-9a-f]{64})( -->\n)?$`)

// sealer writes what it is given but the last digits, in whose place it writes
// the checksum of what was before them.
type sealer struct {
	w    io.Writer
	hash hash.Hash
	last []byte
}

func newSealer(w io.Writer) *sealer { return &sealer{w: w, hash: sha256.New()} }

func (s *sealer) Write(p []byte) (int, error) {
	s.last = append(s.last, p...)
	if most := len(s.last) - sumDigits; most > 0 {
		s.hash.Write(s.last[:most])
		if _, err := s.w.Write(s.last[:most]); err != nil {
			return 0, err
		}
		s.last = append(s.last[:0], s.last[most:]...)
	}
	return len(p), nil
}

// seal writes the digits, and after them what closes the file.
func (s *sealer) seal(after string) error {
	_, err := io.WriteString(s.w, hex.EncodeToString(s.hash.Sum(nil))+after)
	return err
}

// SumFile is where the checksum of a file that has no place for one is: beside
// it, as sha256sum writes it and `sha256sum -c` reads it.
func SumFile(path string) string { return path + ".sha256" }

// SumLine is what a SumFile says of a file of that name, whose checksum is in
// hex.
func SumLine(sum, name string) string { return sum + "  " + name + "\n" }

var sumFirst = regexp.MustCompile(`^\\?([0-9a-fA-F]{64}) [ *]`)

// Verify reads a file that Job.Write or File.Write wrote and compares it with the
// checksum that it carries, or that is beside it. It gives the SHA-256 by which
// it was found whole, in hex.
//
// ErrAltered, ErrCut: it is not whole. ErrNoSum: nobody can tell.
func Verify(path string) (sum string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !st.Mode().IsRegular() {
		return "", fmt.Errorf("%s: %w", path, ErrNoSum)
	}
	tail := make([]byte, min(st.Size(), 256))
	if _, err := f.ReadAt(tail, st.Size()-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if found := sumAtEnd.FindSubmatchIndex(tail); found != nil {
		return compare(f, st.Size()-int64(len(tail)-found[2]), string(tail[found[2]:found[3]]))
	}
	line, err := os.ReadFile(SumFile(path))
	switch {
	case err == nil:
		found := sumFirst.FindSubmatch(line)
		if found == nil {
			return "", fmt.Errorf("%s: %w", SumFile(path), ErrAltered)
		}
		return compare(f, st.Size(), strings.ToLower(string(found[1])))
	case !errors.Is(err, os.ErrNotExist):
		return "", err
	}
	return "", ours(f, st.Size())
}

// compare hashes the first size bytes of a file.
func compare(f *os.File, size int64, want string) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, size)); err != nil {
		return "", err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		return "", ErrAltered
	}
	return want, nil
}

// ours says what a file without a checksum is: one that should have it has lost
// it.
func ours(f *os.File, size int64) error {
	head := make([]byte, min(size, 1024))
	if _, err := f.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if bytes.Contains(head, []byte(generator)) {
		return ErrCut
	}
	if !bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return ErrNoSum
	}
	z, err := zip.NewReader(f, size)
	if err != nil {
		return ErrCut
	}
	if strings.Contains(z.Comment, sumMark) {
		return ErrAltered
	}
	app, err := z.Open("docProps/app.xml")
	if err != nil {
		return ErrNoSum
	}
	defer app.Close()
	if text, err := io.ReadAll(io.LimitReader(app, 4096)); err == nil && bytes.Contains(text, []byte(application)) {
		return ErrAltered
	}
	return ErrNoSum
}
