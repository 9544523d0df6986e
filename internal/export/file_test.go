package export

import (
	"errors"
	"io"
	"maps"
	"net"
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

// TestFile: a file is there whole or not at all, nothing that is there goes
// unasked, and its checksum is beside it where it is wanted.
func TestFile(t *testing.T) {
	cut := errors.New("cut")
	for name, tt := range map[string]struct {
		there  []string
		file   File
		err    error
		exists string
		want   map[string]string
	}{
		"new":                    {nil, File{}, nil, "", map[string]string{"a": "new"}},
		"cut":                    {nil, File{}, cut, "", map[string]string{}},
		"there":                  {[]string{"a"}, File{}, nil, "a", map[string]string{"a": "old"}},
		"there, over":            {[]string{"a"}, File{Over: true}, nil, "", map[string]string{"a": "new"}},
		"there, over, cut":       {[]string{"a", "a.sha256"}, File{Over: true, Beside: true}, cut, "", map[string]string{"a": "old", "a.sha256": "old"}},
		"beside":                 {nil, File{Beside: true}, nil, "", map[string]string{"a": "new", "a.sha256": sumOfNew}},
		"beside, cut":            {nil, File{Beside: true}, cut, "", map[string]string{}},
		"beside, it is there":    {[]string{"a.sha256"}, File{Beside: true}, nil, "a.sha256", map[string]string{"a.sha256": "old"}},
		"another's beside":       {[]string{"a.sha256"}, File{}, nil, "", map[string]string{"a": "new", "a.sha256": "old"}},
		"over, the sum is stale": {[]string{"a", "a.sha256"}, File{Over: true}, nil, "", map[string]string{"a": "new"}},
		"over, beside":           {[]string{"a", "a.sha256"}, File{Over: true, Beside: true}, nil, "", map[string]string{"a": "new", "a.sha256": sumOfNew}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, f := range tt.there {
				if err := os.WriteFile(filepath.Join(dir, f), []byte("old"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			tt.file.Path = filepath.Join(dir, "a")
			err := tt.file.Write(func(w io.Writer) error {
				_, _ = io.WriteString(w, "new")
				return tt.err
			})
			var exists *ExistsError
			if errors.As(err, &exists) != (tt.exists != "") || exists != nil && exists.Path != filepath.Join(dir, tt.exists) || exists == nil && !errors.Is(err, tt.err) {
				t.Errorf("%v", err)
			}
			got := map[string]string{}
			left, _ := os.ReadDir(dir)
			for _, f := range left {
				b, _ := os.ReadFile(filepath.Join(dir, f.Name()))
				got[f.Name()] = string(b)
			}
			if !maps.Equal(got, tt.want) {
				t.Errorf("left are %v, want %v", got, tt.want)
			}
		})
	}
}

// What is no file is not put aside for one, whoever says that it may go: a rename
// would take a device's place.
func TestFileOverWhatIsNone(t *testing.T) {
	dir := t.TempDir()
	socket, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Skipf("no socket can be made here: %v", err)
	}
	defer socket.Close()
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "folder"), 0o700), os.Symlink("socket", filepath.Join(dir, "link"))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"socket", "folder", "link"} {
		path := filepath.Join(dir, name)
		var exists *ExistsError
		if err := (File{Path: path, Over: true}).Write(func(io.Writer) error { return nil }); !errors.As(err, &exists) || !exists.NoFile {
			t.Errorf("%s: %v", name, err)
		}
		if st, err := os.Stat(path); err != nil || st.Mode().IsRegular() {
			t.Errorf("%s is a file now: %v", name, err)
		}
	}
}

const sumOfNew = "11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437  a\n"
