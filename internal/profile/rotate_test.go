package profile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLogRotates: a program that runs for long keeps one log and the one
// before it, with every line whole in one of them.
func TestLogRotates(t *testing.T) {
	dir := t.TempDir()
	l := &logFile{path: filepath.Join(dir, "bandeja.log"), most: 1000}
	if err := l.open(); err != nil {
		t.Fatal(err)
	}
	line := strings.Repeat("x", 99) + "\n"
	for range 57 {
		if n, err := l.Write([]byte(line)); n != len(line) || err != nil {
			t.Fatal(n, err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for name, most := range map[string]int{"bandeja.log": 1100, "bandeja.log.1": 1100} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || len(b) == 0 || len(b) > most || len(b)%len(line) != 0 {
			t.Errorf("%s has %d bytes, %v", name, len(b), err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("%v %v", left, err)
	}
}
