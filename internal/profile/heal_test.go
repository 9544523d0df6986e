package profile_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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
	ruin(t, path)
	eventually(t, "the cache is copied anew", func() bool {
		touch(t, in, c)
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

	resets := countResets(t, in, c)
	ruin(t, path)
	asked := false
	var last state
	defer func() {
		if t.Failed() {
			t.Logf("the last state: %+v", last)
		}
	}()
	eventually(t, "it is said that it was damaged again", func() bool {
		touch(t, in, c)
		s := stateOf(t, in, c)
		last = s
		return s.Storage == profile.StorageDamaged && s.Accounts[0].Error != nil && strings.Contains(*s.Accounts[0].Error, "volvió a dañarse minutos después") && s.Accounts[0].State == "failing"
	})
	was := files(t, dir)["cache.db"]
	v.between(func(http.ResponseWriter, *http.Request) bool { asked = true; return false })
	for range 20 { // whatever is read and found damaged, nothing goes round in a circle
		touch(t, in, c)
		for _, s := range syncAll(t, in) {
			if s.Kind != "damaged_again" {
				t.Fatalf("a sync by hand: %+v", s)
			}
		}
	}
	if asked {
		t.Error("a platform was asked, and nothing can be kept")
	}
	if n := resets.Load(); n > 1 {
		t.Errorf("%d resets", n)
	}
	aside, err := filepath.Glob(path + ".damaged-*")
	if err != nil || len(aside) == 0 || len(aside) > 3 { // with its WAL
		t.Errorf("%v %v", aside, err)
	}
	if files(t, dir)["cache.db"] != was {
		t.Error("a file that was damaged again was written")
	}
	v.between(nil)
	shut(t, in)
	if _, err := profile.Open(t.Context(), options(dir)); !errors.Is(err, profile.ErrDamagedAgain) {
		t.Errorf("the next start, minutes later: %v", err)
	}
	for _, a := range aside { // it is an hour later
		later := filepath.Join(dir, strings.Replace(filepath.Base(a), time.Now().UTC().Format("20060102T"), time.Now().UTC().AddDate(0, 0, -1).Format("20060102T"), 1))
		if err := os.Rename(a, later); err != nil {
			t.Fatal(err)
		}
	}
	syncAll(t, open(t, dir))
}

// ruin writes over all of an open file but its first page, and over its WAL,
// where the newest pages are.
func ruin(t testing.TB, path string) {
	t.Helper()
	for path, spared := range map[string]int64{path: 4096, path + "-wal": 32} {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if spared == 32 && errors.Is(err, os.ErrNotExist) {
			continue // nothing was written yet
		}
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		st, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		if n := st.Size() - spared; n > 0 {
			if _, err := f.WriteAt([]byte(strings.Repeat("ruin", int(n)/4)), spared); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// touch asks for what needs pages of the cache, each its own; what fails may.
func touch(t testing.TB, in *profile.Inbox, c *http.Client) {
	t.Helper()
	if res, err := c.Get(in.Origin() + "/api/threads?view=all&limit=100"); err == nil {
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
	_ = in.Cache().Check(t.Context(), true)
	if res, err := c.Post(in.Origin()+"/api/sync", "application/json", strings.NewReader(`{"account":""}`)); err == nil {
		_ = res.Body.Close()
	}
}

// countResets counts how often the screens are told to ask for everything.
func countResets(t testing.TB, in *profile.Inbox, c *http.Client) *atomic.Int64 {
	t.Helper()
	var n atomic.Int64
	res, err := c.Get(in.Origin() + "/api/events")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	go func() {
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			if lines.Text() == "event: reset" {
				n.Add(1)
			}
		}
	}()
	return &n
}
