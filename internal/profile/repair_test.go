package profile_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bandeja/internal/profile"
)

// What a repair does is what was wrong, once: a second one finds nothing of it.
func TestRepair(t *testing.T) {
	v := openOffice(t, 1)
	dir := profileOf(t, v, "", v.waspy())
	old := time.Now().Add(-2 * time.Hour)
	for _, name := range []string{".writable-1", "backups/outgoing-1", "local.db.restoring"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	fresh := filepath.Join(dir, ".writable-2") // somebody's, at work
	if err := os.WriteFile(fresh, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	done := func() (what []string) {
		t.Helper()
		r, err := profile.RepairProfile(t.Context(), options(dir))
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range r.Done {
			what = append(what, one.What)
		}
		return what
	}
	if got := done(); !slices.Contains(got, profile.RepairPermissions) || !slices.Contains(got, profile.RepairLeftovers) || mode(t, dir) != 0o700 {
		t.Errorf("done: %v, the folder is %v", got, mode(t, dir))
	}
	if there(dir, ".writable-1") || there(dir, "backups/outgoing-1") || there(dir, "local.db.restoring") || !there(dir, ".writable-2") {
		t.Error("what a stop had left is there, or what nobody had left is not")
	}
	if got := done(); !slices.Equal(got, []string{profile.RepairPeople}) {
		t.Errorf("done again: %v", got)
	}
	if found := profile.Examine(t.Context(), profile.ExamineOptions{Dir: dir, Version: "test"}); !profile.Sound(found) {
		t.Errorf("%+v", found)
	}
}

// A message index that lacks some is said to be damaged, and made anew.
func TestRepairIndex(t *testing.T) {
	v := openOffice(t, 1)
	dir := profileOf(t, v, "", v.waspy())
	db, err := sql.Open("sqlite", filepath.Join(dir, "cache.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`DELETE FROM indexed WHERE place IN (SELECT place FROM indexed LIMIT 5)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	state := func() string {
		t.Helper()
		for _, f := range profile.Examine(t.Context(), profile.ExamineOptions{Dir: dir, Offline: true}) {
			if f.Check == "index" {
				return f.State
			}
		}
		return ""
	}
	if got := state(); got != profile.FindingBad {
		t.Errorf("damaged, it is %q", got)
	}
	r, err := profile.RepairProfile(t.Context(), options(dir))
	if err != nil || !slices.ContainsFunc(r.Done, func(one profile.Repair) bool { return one.What == profile.RepairIndex }) {
		t.Errorf("%+v, %v", r, err)
	}
	if got := state(); got != profile.FindingOK {
		t.Errorf("repaired, it is %q", got)
	}
}
