package export

import (
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

// ToFile gives fn a file that appears at path whole or not at all; only its
// owner may read it.
func ToFile(path string, fn func(io.Writer) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".bandeja-export-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	err = errors.Join(fn(tmp), tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
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
