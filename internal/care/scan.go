package care

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Scanned is what a look through one file found.
type Scanned struct {
	Name  string `json:"name"` // in the profile's folder, with slashes
	Bytes int64  `json:"bytes"`
	Found int64  `json:"found"` // places
	Error string `json:"error"` // why it could not be read, "" where it was
}

// Scanner looks through files, and keeps those open that SQLite may have open in
// this process too: to close one would give up all of the process's locks on
// it. Close it when nobody has them open any more.
type Scanner struct {
	held []*os.File
}

// Close closes the files that were kept open.
func (s *Scanner) Close() error {
	var errs []error
	for _, f := range s.held {
		errs = append(errs, f.Close())
	}
	s.held = nil
	return errors.Join(errs...)
}

// Files looks through every file of a folder, in one pass each and a fixed
// amount of memory, and counts by needle what it found. told is told how many
// bytes are done of all. Indexes of a WAL hold page numbers alone, and are
// passed over. A file that cannot be read says so.
func (s *Scanner) Files(ctx context.Context, folder string, n *Needles, told func(done, total int64)) (out []Scanned, found map[int]int64, err error) {
	var paths []string
	var total, done int64
	if err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.HasSuffix(path, "-shm") {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // it went meanwhile
			}
			return err
		}
		if st, err := d.Info(); err == nil {
			total += st.Size()
		}
		paths = append(paths, path)
		return nil
	}); err != nil {
		return nil, nil, err
	}
	found = map[int]int64{}
	for _, path := range paths {
		name, _ := filepath.Rel(folder, path)
		one := Scanned{Name: filepath.ToSlash(name)}
		err := s.file(ctx, path, n, &one, func(i int) {
			one.Found++
			found[i]++
		}, func(b int64) { told(done+b, total) })
		if ctx.Err() != nil {
			return out, found, ctx.Err()
		}
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			one.Error = reason(err)
		}
		done += one.Bytes
		out = append(out, one)
	}
	return out, found, nil
}

// reason is why a file could not be read, without its path.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return err.Error()
}

func (s *Scanner) file(ctx context.Context, path string, n *Needles, one *Scanned, found func(int), told func(int64)) error {
	f, done, err := s.open(path)
	if err != nil {
		return err
	}
	defer done()
	look := n.Look(found)
	buf := make([]byte, 1<<18)
	for at := int64(0); ; {
		k, err := f.ReadAt(buf, at)
		look.Write(buf[:k])
		at += int64(k)
		one.Bytes = at
		told(at)
		if err == io.EOF {
			look.End()
			return nil
		}
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// open opens a file to be read. What may be a SQLite file stays open, and is
// opened once however often it is looked through.
func (s *Scanner) open(path string) (f *os.File, done func(), err error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range s.held {
		if other, err := f.Stat(); err == nil && os.SameFile(st, other) {
			return f, func() {}, nil
		}
	}
	if f, err = os.Open(path); err != nil {
		return nil, nil, err
	}
	if name := filepath.Base(path); name != "cache.db" && name != "local.db" {
		return f, func() { _ = f.Close() }, nil // it was only read
	}
	s.held = append(s.held, f)
	return f, func() {}, nil
}

// Look is a look through one file or one text, written to it in parts.
type Look struct {
	n     *Needles
	found func(i int)
	tail  []byte // the end of what was written, not looked at yet
	runs  runs
}

// Look begins one. found is told of every place.
func (n *Needles) Look(found func(i int)) *Look {
	if n.filter == nil {
		n.build()
	}
	return &Look{n: n, found: found}
}

// Write looks at the next part.
func (l *Look) Write(b []byte) {
	l.runs.write(b, l.digits)
	l.tail = append(l.tail, b...)
	l.texts(len(l.tail) - pieceBytes)
}

// End looks at what is left.
func (l *Look) End() {
	l.texts(len(l.tail))
	l.runs.end(l.digits)
}

// texts looks at the places before upTo.
func (l *Look) texts(upTo int) {
	if upTo <= 0 {
		return
	}
	b, at := l.tail, 0
	for ; at < upTo && len(b)-at >= headBytes; at++ {
		l.n.at(b[at:], aText, l.found)
	}
	l.tail = append(l.tail[:0], b[upTo:]...)
}

// digits looks at a row of digits.
func (l *Look) digits(row []byte) {
	for at := 0; len(row)-at >= headBytes; at++ {
		l.n.at(row[at:], aNumber, l.found)
	}
}

// Texts looks through texts, and counts what is found by needle.
func (n *Needles) Texts(each func(fn func([]byte) error) error) (map[int]int64, error) {
	found := map[int]int64{}
	look := n.Look(func(i int) { found[i]++ })
	err := each(func(cell []byte) error {
		look.tail = look.tail[:0]
		look.runs = runs{}
		look.Write(cell)
		look.End()
		return nil
	})
	return found, err
}
