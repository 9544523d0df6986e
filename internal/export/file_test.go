package export

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFileName(t *testing.T) {
	day := time.Date(2026, 4, 13, 0, 0, 0, 0, time.UTC)
	for who, want := range map[string]string{
		"María José Núñez": "bandeja-maria-jose-nunez-2026-04-13.csv", "+54 9 11 5983-4410": "bandeja-mensajes-2026-04-13.csv",
		"Ana 11 5983-4410": "bandeja-ana-2026-04-13.csv", "../../etc/passwd": "bandeja-etc-passwd-2026-04-13.csv", "\"; x=": "bandeja-x-2026-04-13.csv",
		"": "bandeja-mensajes-2026-04-13.csv", "王伟": "bandeja-mensajes-2026-04-13.csv", "🙌 Ñandú": "bandeja-nandu-2026-04-13.csv",
		strings.Repeat("a", 500): "bandeja-" + strings.Repeat("a", 40) + "-2026-04-13.csv",
	} {
		if got := FileName(who, day, FormatCSV); got != want {
			t.Errorf("%q: %s, want %s", who, got, want)
		}
	}
}

func TestToFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	for _, tt := range []struct {
		err  error
		want string
	}{{nil, "one"}, {errors.New("cut"), "one"}} {
		err := ToFile(path, func(w io.Writer) error {
			_, _ = io.WriteString(w, "one")
			return tt.err
		})
		got, _ := os.ReadFile(path)
		left, _ := os.ReadDir(dir)
		if !errors.Is(err, tt.err) || string(got) != tt.want || len(left) != 1 {
			t.Errorf("%v: %q, %d files, want %v", err, got, len(left), tt.err)
		}
	}
}
