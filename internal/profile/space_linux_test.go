package profile_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/profile"
)

// smallDisk is a real file system of a few MiB. Where none can be mounted the
// test is skipped; the soak runs as who can.
func smallDisk(t testing.TB, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("no file system can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// On a disk that fills up sync stops and says so, what is here can be read, and
// a person's changes are still kept; once there is room all goes on by itself.
//
// Looking for room again and again takes none from a person's changes.
func TestFullDisk(t *testing.T) {
	v := openOffice(t, 150)
	disk := smallDisk(t, "14m")
	dir := filepath.Join(disk, "profile")
	o := options(dir)
	o.ProbeEvery = time.Millisecond
	in, err := profile.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, in)
	if _, err := in.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	add(t, in, v.waspy())
	syncAll(t, in)
	c := session(t, in)
	have := stateOf(t, in, c).conversations()
	if err := in.Start(false); err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(dir, "backups", "ballast")
	eventually(t, "the ballast is there", func() bool { st, err := os.Stat(ballast); return err == nil && st.Size() == 2<<20 })

	filler := filepath.Join(disk, "somebody else's")
	fillUp(t, filler)
	outcome, err := in.Sync(t.Context(), profile.SyncArgs{Full: true}, nil)
	if err != nil {
		t.Logf("sync on a full disk: %v", err)
	}
	for n := 0; stateOf(t, in, c).Storage != profile.StorageFull; n++ { // what it wrote may have fitted
		if n > 200 {
			t.Fatalf("never full: %+v", outcome)
		}
		_ = in.Local().SaveSetting(t.Context(), fmt.Sprint("filler ", n), fmt.Sprintf("%020000d", n))
	}
	eventually(t, "the ballast is given up", func() bool { _, err := os.Stat(ballast); return errors.Is(err, os.ErrNotExist) })
	if out, err := in.Sync(t.Context(), profile.SyncArgs{}, nil); err == nil && out[0].Kind != "disk_full" {
		t.Errorf("sync on a full disk: %+v", out)
	}
	if s := stateOf(t, in, c); s.conversations() != have || s.Storage != profile.StorageFull {
		t.Errorf("reading on a full disk: %+v", s)
	}
	threads, _, err := in.Cache().Threads(t.Context(), cache.ThreadFilter{View: cache.All}, "", 100)
	if err != nil || len(threads) < 20 {
		t.Fatalf("%d threads, %v", len(threads), err)
	}
	accepted := 0
	for _, th := range threads {
		e, err := in.Local().Enqueue(t.Context(), cache.Intent{Account: "ventas", Conversation: th.Conversation, Field: inbox.FieldStatus, Now: th.StatusWord, Want: other(th.StatusWord)})
		if err != nil {
			t.Fatalf("after %d: %v", accepted, err)
		}
		accepted += len(e)
	}
	if accepted < 20 {
		t.Errorf("%d accepted", accepted)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all goes on", func() bool { return stateOf(t, in, c).Storage == profile.StorageOK })
	if st, err := os.Stat(ballast); err != nil || st.Size() != 2<<20 {
		t.Errorf("the ballast is not back: %v", err)
	}
	for _, s := range syncAll(t, in) {
		if s.Kind != "" {
			t.Errorf("after there is room: %+v", s)
		}
	}
	for _, check := range []error{in.Cache().Check(t.Context(), true), in.Local().Check(t.Context(), true)} {
		if check != nil {
			t.Error(check)
		}
	}
}

func other(word string) string {
	if word == "resolved" {
		return "open"
	}
	return "resolved"
}

// fillUp takes all the room there is.
func fillUp(t testing.TB, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size >= 512; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
}

// readOnly makes a folder one that takes nothing: by a read-only mount where
// one can be made, since nobody keeps root from writing, else by its rights.
func readOnly(t testing.TB, dir string) {
	t.Helper()
	if err := syscall.Mount(dir, dir, "", syscall.MS_BIND, ""); err != nil {
		if os.Getuid() == 0 {
			t.Skipf("root, and nothing can be mounted here: %v", err)
		}
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
		return
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	if err := syscall.Mount("", dir, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
}
