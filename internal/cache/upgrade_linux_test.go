package cache

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const upgradedFile = "BANDEJA_TEST_UPGRADED_FILE"

// TestUpgradeProcess is what TestUpgradeKilled runs as another process.
func TestUpgradeProcess(t *testing.T) {
	name, rest, _ := strings.Cut(os.Getenv(upgradedFile), ":")
	at, path, _ := strings.Cut(rest, ":")
	if name == "" {
		return
	}
	n, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	failAt(path, callKill, n)
	for _, f := range files() {
		if f.name != name {
			continue
		}
		db, err := f.open(t.Context(), path, ReadWrite)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A file of the frozen first schema whose upgrade is killed, for real and at
// every write to the disk, opens and is upgraded (SYNC I19, F28).
func TestUpgradeKilled(t *testing.T) {
	for _, f := range files() {
		t.Run(f.name, func(t *testing.T) {
			fixture, err := os.ReadFile(filepath.Join("testdata", f.name+"-v1.sql"))
			if err != nil {
				t.Fatal(err)
			}
			fresh := filepath.Join(t.TempDir(), "fresh.db")
			db, err := f.open(t.Context(), fresh, ReadWrite)
			if err != nil {
				t.Fatal(err)
			}
			db.Close()
			want := dump(t, fresh)
			step := int64(3)
			if soaking() {
				step = 1
			}
			kills := 0
			for n := int64(1); ; n += step {
				old := script(t, string(fixture))
				cmd := exec.Command(os.Args[0], "-test.run=^TestUpgradeProcess$")
				cmd.Env = append(os.Environ(), upgradedFile+"="+f.name+":"+strconv.FormatInt(n, 10)+":"+old)
				out, err := cmd.CombinedOutput()
				var exit *exec.ExitError
				switch {
				case err == nil && kills == 0:
					t.Fatal("the upgrade wrote nothing")
				case err == nil:
					t.Logf("killed at %d places", kills)
					return
				case !errors.As(err, &exit) || exit.ProcessState.ExitCode() != -1:
					t.Fatalf("the other process: %v\n%s", err, out)
				}
				kills++
				db, err := f.open(t.Context(), old, ReadWrite)
				if err != nil {
					t.Fatalf("killed at write %d: %v", n, err)
				}
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
				if got := dump(t, old); got != want {
					t.Fatalf("killed at write %d it became:\n%s", n, got)
				}
			}
		})
	}
}
