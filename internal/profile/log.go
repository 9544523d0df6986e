package profile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"bandeja/internal/phone"
)

// logBytes is when the log is set aside for a new one.
const logBytes = 4 << 20

// openLog opens the profile's log, with everything private taken out.
func openLog(dir string, verbose io.Writer) (*slog.Logger, io.Closer, error) {
	f := &logFile{path: filepath.Join(dir, logsDir, "bandeja.log"), most: logBytes}
	if err := f.open(); err != nil {
		return nil, nil, err
	}
	var w io.Writer = f
	if verbose != nil {
		w = io.MultiWriter(f, verbose)
	}
	return slog.New(Redact(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo}))), f, nil
}

// logFile is the log on disk and the one before it. Where a new one cannot be
// begun it goes on with the old.
type logFile struct {
	path string
	most int64

	mu   sync.Mutex
	f    *os.File
	size int64
}

func (l *logFile) open() error {
	f, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	st, err := f.Stat()
	if err != nil {
		return errors.Join(fmt.Errorf("open the log: %w", err), f.Close())
	}
	l.f, l.size = f, st.Size()
	return nil
}

// Write adds a line whole, to a new file where the old one is too large.
func (l *logFile) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.size > l.most {
		l.rotate()
	}
	n, err := l.f.Write(b)
	l.size += int64(n)
	return n, err
}

func (l *logFile) rotate() {
	old := l.f
	_ = old.Close() // a file that is open is not renamed everywhere
	_ = os.Rename(l.path, l.path+".1")
	if err := l.open(); err != nil {
		l.f = old // its writes fail: a log is not worth the program
	}
}

// Close closes the file.
func (l *logFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.f.Close()
}

// Redact is the one place where keys and phone numbers are taken out of what
// is logged (DESIGN §8). Message texts are never given to a logger at all.
func Redact(h slog.Handler) slog.Handler { return redactor{h} }

type redactor struct{ next slog.Handler }

var (
	keyWord  = regexp.MustCompile(`(?i)\b(wspy_|pl_key_|bnd_|bearer\s+)[^\s"',;)]+`)
	codeWord = regexp.MustCompile(`#k=[^\s"']+`)
	// A run of digits with what people write between them: blanks, dots,
	// brackets, strokes and hyphens of every kind.
	numberWord = regexp.MustCompile(`\+?\(?\d[\d().\s/\x{a0}\x{2009}-\x{2015}\x{202f}\x{2212}-]{5,}\d`)
)

// fewestDigits of a phone number.
const fewestDigits = 7

// Clean takes keys, launch codes and numbers out of a text. An IP address
// stays.
func Clean(s string) string {
	s = keyWord.ReplaceAllString(s, "${1}•••")
	s = codeWord.ReplaceAllString(s, "#k=•••")
	return numberWord.ReplaceAllStringFunc(s, func(word string) string {
		digits := phone.Digits(word)
		if _, err := netip.ParseAddr(word); len(digits) < fewestDigits || err == nil {
			return word
		}
		return "‹number›"
	})
}

func (r redactor) Enabled(ctx context.Context, l slog.Level) bool { return r.next.Enabled(ctx, l) }

func (r redactor) Handle(ctx context.Context, rec slog.Record) error {
	out := slog.NewRecord(rec.Time, rec.Level, Clean(rec.Message), rec.PC)
	rec.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(cleanAttr(a))
		return true
	})
	return r.next.Handle(ctx, out)
}

func (r redactor) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = cleanAttr(a)
	}
	return redactor{r.next.WithAttrs(clean)}
}

func (r redactor) WithGroup(name string) slog.Handler { return redactor{r.next.WithGroup(name)} }

func cleanAttr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindGroup:
		group := v.Group()
		out := make([]slog.Attr, len(group))
		for i, g := range group {
			out[i] = cleanAttr(g)
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(out...)}
	case slog.KindString:
		return slog.String(a.Key, Clean(v.String()))
	case slog.KindAny:
		return slog.String(a.Key, Clean(fmt.Sprint(v.Any())))
	}
	return a
}
