package profile_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"bandeja/internal/cache"
	"bandeja/internal/profile"
)

// scripted has a script read, and be told why it cannot change anything.
func scripted(t *testing.T, in *profile.Inbox, token string) {
	t.Helper()
	ask := func(method, path, body string) (status int, answer string) {
		req, err := http.NewRequest(method, in.Origin()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(b)
	}
	status, list := ask(http.MethodGet, "/waspy/api/v2/conversations?limit=1&status=open", "")
	var page struct{ Data []struct{ ID string } }
	if err := json.Unmarshal([]byte(list), &page); err != nil || status != http.StatusOK || len(page.Data) != 1 {
		t.Fatalf("%d %s", status, list)
	}
	status, answer := ask(http.MethodPatch, "/waspy/api/v2/conversations/"+page.Data[0].ID, `{"status":"closed"}`)
	if status != http.StatusServiceUnavailable || !strings.Contains(answer, `"code":"UNAVAILABLE"`) || !strings.Contains(answer, "cannot be written") {
		t.Errorf("a change is answered %d %s", status, answer)
	}
}

// A profile that cannot be written is looked at: the inbox opens, nothing is
// synced or changed, and acting is answered with a sentence.
func TestReadOnlyFolder(t *testing.T) {
	v := openOffice(t, 160)
	dir := synced(t, v)
	owner := open(t, dir)
	token, err := owner.CreateToken(t.Context(), profile.NewToken{Name: "script", Scopes: []string{cache.ScopeRead, cache.ScopeWrite}})
	if err != nil {
		t.Fatal(err)
	}
	shut(t, owner)
	readOnly(t, dir)
	before := files(t, dir)
	asked := false
	v.between(func(http.ResponseWriter, *http.Request) bool { asked = true; return false })
	in, err := profile.Open(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = in.Listen(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if err := in.Start(true); err != nil {
		t.Fatal(err)
	}
	c := session(t, in)
	s := stateOf(t, in, c)
	if s.Storage != profile.StorageReadOnly || s.conversations() == 0 || !in.Viewing() {
		t.Errorf("%+v", s)
	}
	threads, _, err := in.Cache().Threads(t.Context(), cache.ThreadFilter{View: cache.All}, "", 10)
	if err != nil || len(threads) != 10 {
		t.Fatal(threads, err)
	}
	for path, want := range map[string]int{"/api/threads/" + threads[0].Ref + "/open": http.StatusNoContent, "/api/sync": http.StatusAccepted} {
		if res, err := c.Post(in.Origin()+path, "application/json", strings.NewReader(`{"account":""}`)); err != nil || res.StatusCode != want {
			t.Errorf("%s: %v %v", path, res.StatusCode, err)
		}
	}
	scripted(t, in, token.Token)
	if _, err := in.Do(t.Context(), profile.DoRemove, []byte(`{"name":"ventas"}`), nil); !errors.Is(err, cache.ErrReadOnly) {
		t.Errorf("remove: %v", err)
	}
	shut(t, in)
	if err := profile.Command(t.Context(), options(dir), profile.DoSync, profile.SyncArgs{}, nil, nil); !errors.Is(err, cache.ErrReadOnly) {
		t.Errorf("sync: %v", err)
	}
	if asked {
		t.Error("a platform was asked")
	}
	after := files(t, dir)
	for name := range before {
		if before[name] != after[name] {
			t.Errorf("%s was changed", name)
		}
	}
	if len(after) != len(before) {
		t.Errorf("%d files, and there were %d", len(after), len(before))
	}
}

// What a killed owner left in the WALs of a profile that cannot be written is
// shown, too: it is the newest.
func TestReadOnlyFolderWithWAL(t *testing.T) {
	v := openOffice(t, 161)
	dir := synced(t, v)
	killed(t, dir)
	readOnly(t, dir)
	before := files(t, dir)
	in, err := profile.Open(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	var each sync.WaitGroup
	for range 8 { // several readers at once
		each.Go(func() {
			if f, err := in.Cache().Feed(t.Context(), "ventas", cache.Open); err != nil || f.Pages != 7 {
				t.Errorf("what was in the WAL is not there: %+v, %v", f, err)
			}
		})
	}
	each.Wait()
	threads, _, err := in.Cache().Threads(t.Context(), cache.ThreadFilter{View: cache.All}, "", 10)
	if err != nil || len(threads) != 10 {
		t.Error(threads, err)
	}
	if err := in.Cache().Check(t.Context(), true); err != nil {
		t.Error(err)
	}
	shut(t, in)
	after := files(t, dir)
	for name := range before {
		if before[name] != after[name] {
			t.Errorf("%s was changed", name)
		}
	}
	if len(after) != len(before) {
		t.Errorf("%d files, and there were %d", len(after), len(before))
	}
}

// Where there is no profile and none can be made that is said.
func TestFolderNotWritable(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "p")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	readOnly(t, dir)
	if _, err := profile.Open(t.Context(), options(dir)); !errors.Is(err, cache.ErrReadOnly) {
		t.Errorf("%v", err)
	}
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
