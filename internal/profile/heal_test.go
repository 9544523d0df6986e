package profile_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bandeja/internal/cache"
	"bandeja/internal/profile"
)

// state is what /api/state says of the files.
type state struct {
	Storage string `json:"storage"`
	Notices []struct {
		ID, Kind, File string
		From           *string
	} `json:"notices"`
	Accounts []struct {
		Name, State   string
		Conversations int64
		Error         *string
	} `json:"accounts"`
}

func stateOf(t testing.TB, in *profile.Inbox, c *http.Client) (s state) {
	t.Helper()
	res, err := c.Get(in.Origin() + "/api/state")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s state) conversations() (n int64) {
	for _, a := range s.Accounts {
		n += a.Conversations
	}
	return n
}

// synced is a profile with everything copied, closed.
func synced(t testing.TB, v *office) (dir string) {
	t.Helper()
	dir = t.TempDir()
	in := open(t, dir)
	add(t, in, v.waspy(), v.platica())
	syncAll(t, in)
	shut(t, in)
	return dir
}

// forms of damage, done to a closed file.
var forms = map[string]func(t *testing.T, path string){
	"garbage": garbage,
	"header": func(t *testing.T, path string) {
		spoil(t, path, func(b []byte) []byte { copy(b, "no SQLite at all"); return b })
	},
	"truncated": func(t *testing.T, path string) { spoil(t, path, func(b []byte) []byte { return b[:5000] }) },
	"empty":     func(t *testing.T, path string) { spoil(t, path, func([]byte) []byte { return nil }) },
	"first page": func(t *testing.T, path string) {
		spoil(t, path, func(b []byte) []byte { clear(b[100:4096]); return b })
	},
}

func spoil(t testing.TB, path string, how func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, how(b), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A damaged file is brought back as the profile is opened, whatever the damage,
// and people are told once. Damaged again at once it is left as it is.
func TestDamagedAtOpen(t *testing.T) {
	v := openOffice(t, 140)
	for _, file := range []string{"cache.db", "local.db"} {
		for form, damage := range forms {
			t.Run(file+"/"+form, func(t *testing.T) {
				dir := synced(t, v)
				damage(t, filepath.Join(dir, file))
				o := options(dir)
				var told []cache.Notice
				o.Notice = func(n cache.Notice) { told = append(told, n) }
				in, err := profile.Open(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				defer shut(t, in)
				if len(told) != 1 || told[0].Kind != map[string]string{"cache.db": cache.CacheRebuilt, "local.db": cache.LocalRestored}[file] {
					t.Errorf("told %+v", told)
				}
				if _, err := in.Listen(t.Context(), "127.0.0.1:0"); err != nil {
					t.Fatal(err)
				}
				syncAll(t, in)
				c := session(t, in)
				s := stateOf(t, in, c)
				if len(s.Notices) != 1 || !strings.HasPrefix(s.Notices[0].File, file+".damaged-") || s.Storage != profile.StorageOK {
					t.Errorf("%+v", s)
				}
				if s.conversations() == 0 || len(s.Accounts) != 2 {
					t.Errorf("after a sync: %+v", s.Accounts)
				}
				drop, _ := http.NewRequest(http.MethodDelete, in.Origin()+"/api/notices/"+s.Notices[0].ID, nil)
				if res, err := c.Do(drop); err != nil || res.StatusCode != http.StatusNoContent {
					t.Errorf("read: %v %v", res, err)
				}
				if s := stateOf(t, in, c); len(s.Notices) != 0 {
					t.Errorf("read and still there: %+v", s.Notices)
				}
				shut(t, in)
				if form == "empty" {
					return // nothing of it is a file that was damaged twice
				}
				damage(t, filepath.Join(dir, file))
				before := files(t, dir)[file]
				if _, err := profile.Open(t.Context(), o); !errors.Is(err, profile.ErrDamagedAgain) {
					t.Errorf("again: %v", err)
				}
				if files(t, dir)[file] != before {
					t.Error("a file that is damaged again was changed")
				}
			})
		}
	}
}

// A file that turns out to be damaged while everything runs is brought back,
// the loops go on, and the copy is whole again by itself. Damaged once more at
// once nothing goes round in a circle: sync stops and says so, and the rest
// stays up.
func TestDamagedWhileRunning(t *testing.T) {
	v := openOffice(t, 141)
	dir := synced(t, v)
	path := filepath.Join(dir, "cache.db")
	in := open(t, dir)
	if _, err := in.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	c := session(t, in)
	want := stateOf(t, in, c).conversations()
	if err := in.Start(true); err != nil {
		t.Fatal(err)
	}
	ruin := func() {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		st, _ := f.Stat()
		if _, err := f.WriteAt([]byte(strings.Repeat("ruin", int(st.Size()-4096)/4)), 4096); err != nil {
			t.Fatal(err)
		}
	}
	ruin()
	eventually(t, "the cache is copied anew", func() bool {
		// Each asks for pages of its own; what fails meanwhile may.
		res, err := c.Get(in.Origin() + "/api/threads?view=all&limit=100")
		if err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
		_ = in.Cache().Check(t.Context(), true)
		res, err = c.Post(in.Origin()+"/api/sync", "application/json", strings.NewReader(`{"account":""}`))
		if err == nil {
			_ = res.Body.Close()
		}
		notices, err := in.Local().Notices(t.Context())
		return err == nil && len(notices) == 1 && notices[0].Kind == cache.CacheRebuilt
	})
	eventually(t, "all is there again", func() bool {
		s := stateOf(t, in, c)
		return s.conversations() == want && s.Accounts[0].State == "up_to_date" && s.Accounts[1].State == "up_to_date"
	})
	if err := in.Cache().Check(t.Context(), true); err != nil {
		t.Error(err)
	}
}
