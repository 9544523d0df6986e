package export

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// ExistsError: a file of that name is there already, and nobody said that it
// may go; or what is there is no file, and goes for nobody.
type ExistsError struct {
	Path   string
	NoFile bool // a folder or a device
}

func (e *ExistsError) Error() string {
	if e.NoFile {
		return e.Path + " is no file"
	}
	return e.Path + " is there already"
}

// File is where an export is written to.
type File struct {
	Path   string
	Over   bool // what is there may go
	Beside bool // its checksum is written beside it: see SumFile
}

// Free reports, by an *ExistsError, whether something is there that may not go.
func (f File) Free() error {
	for _, path := range f.paths() {
		if _, err := os.Lstat(path); err == nil && !f.Over {
			return &ExistsError{path, false}
		}
		if st, err := os.Stat(path); err == nil && !st.Mode().IsRegular() {
			return &ExistsError{path, true}
		}
	}
	return nil
}

func (f File) paths() []string {
	if f.Beside {
		return []string{f.Path, SumFile(f.Path)}
	}
	return []string{f.Path}
}

// Write gives fn a file that appears at its path whole or not at all; only its
// owner may read it.
//
// *ExistsError: something is there.
func (f File) Write(fn func(io.Writer) error) error {
	if err := f.Free(); err != nil {
		return err
	}
	hash := sha256.New()
	tmp, err := temporary(f.Path, func(w io.Writer) error {
		if !f.Beside {
			return fn(w)
		}
		return fn(io.MultiWriter(w, hash))
	})
	if err != nil {
		return err
	}
	defer os.Remove(tmp)
	sum := ""
	if f.Beside {
		if sum, err = temporary(f.Path, func(w io.Writer) error {
			_, err := io.WriteString(w, SumLine(hex.EncodeToString(hash.Sum(nil)), filepath.Base(f.Path)))
			return err
		}); err != nil {
			return err
		}
		defer os.Remove(sum)
	}
	if err := f.Free(); err != nil { // somebody else's, meanwhile
		return err
	}
	if f.Over { // the checksum of what was here before is of nothing any more
		if err := os.Remove(SumFile(f.Path)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("write %s: %w", f.Path, err)
		}
	}
	if err := os.Rename(tmp, f.Path); err != nil {
		return fmt.Errorf("write %s: %w", f.Path, err)
	}
	if sum == "" {
		return nil
	}
	if err := os.Rename(sum, SumFile(f.Path)); err != nil {
		return fmt.Errorf("write %s: %w", SumFile(f.Path), err)
	}
	return nil
}

// temporary has a file written beside path, and removes it where that fails.
func temporary(path string, fn func(io.Writer) error) (string, error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".bandeja-export-*")
	if err != nil {
		return "", fmt.Errorf("write %s: %w", path, err)
	}
	if err := errors.Join(fn(tmp), tmp.Sync(), tmp.Close()); err != nil {
		_ = os.Remove(tmp.Name())
		return "", fmt.Errorf("write %s: %w", path, err)
	}
	return tmp.Name(), nil
}

// longestName bounds what of a person's name a file's name carries.
const longestName = 40

// FileName is what a file about somebody is called on any system, in plain
// letters: bandeja-maria-garcia-2026-04-13.csv. It carries no digit of theirs:
// a name may be a phone number.
func FileName(who string, day time.Time, f Format) string {
	var name strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(who)) {
		switch {
		case r >= 'a' && r <= 'z':
			name.WriteRune(r)
		case unicode.Is(unicode.M, r):
		case name.Len() > 0 && !strings.HasSuffix(name.String(), "-"):
			name.WriteByte('-')
		}
		if name.Len() == longestName {
			break
		}
	}
	parts := []string{"bandeja", strings.Trim(name.String(), "-"), day.Format("2006-01-02")}
	if parts[1] == "" {
		parts[1] = "mensajes"
	}
	return strings.Join(parts, "-") + "." + string(f)
}
