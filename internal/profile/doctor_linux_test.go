package profile_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/zalando/go-keyring"

	"bandeja/internal/profile"
	"bandeja/internal/words"
)

// findings are what a look over a profile finds, by what was looked at.
func findings(t testing.TB, dir string) map[string]profile.Finding {
	t.Helper()
	out := map[string]profile.Finding{}
	for _, f := range profile.Examine(t.Context(), profile.ExamineOptions{Dir: dir, Version: "test", Offline: true}) {
		out[f.Check] = f
	}
	return out
}

// leave has a disk so much room left and no more.
func leave(t testing.TB, disk string, room int64) {
	t.Helper()
	var st syscall.Statfs_t
	if err := syscall.Statfs(disk, &st); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(disk, "somebody else's"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(make([]byte, int64(st.Bavail)*int64(st.Bsize)-room)); err != nil {
		t.Fatal(err)
	}
}

// The doctor looks how much room there is on the disk that the profile lies on:
// less than the profile takes is worth knowing, next to none is wrong, and the
// files can be looked at even where there is none at all.
func TestDoctorRoom(t *testing.T) {
	disk := smallDisk(t, "240m")
	dir := filepath.Join(disk, "profile")
	in := open(t, dir)
	if err := in.Local().SaveSetting(t.Context(), "filler", strings.Repeat("x", 60<<20)); err != nil {
		t.Fatal(err)
	}
	shut(t, in)
	english := words.For("en")
	for _, c := range []struct {
		room        int64
		state, says string
	}{
		{80 << 20, profile.FindingOK, "Room on the disk: "},
		{55 << 20, profile.FindingNote, "There is less room on the disk (57.7 MB) than the profile takes (6"},
		{40 << 20, profile.FindingBad, "There is next to no room on the disk: 41.9 MB."},
		{0, profile.FindingBad, "There is next to no room on the disk: 0.0 kB."},
	} {
		leave(t, disk, c.room)
		found := findings(t, dir)
		f := found["disk"]
		if f.State != c.state || !strings.HasPrefix(f.Text(english), c.says) || (f.Advice(english) == "") != (c.state == profile.FindingOK) {
			t.Errorf("room for %d: %s, %q, %q", c.room, f.State, f.Text(english), f.Advice(english))
		}
		for _, check := range []string{"local", "cache", "index", "counts"} {
			if f := found[check]; f.State != profile.FindingOK {
				t.Errorf("room for %d: %s is %q: %s", c.room, check, f.State, f.Text(english))
			}
		}
	}
}

// A WAL grows while somebody reads on and on: the doctor says so, and once the
// reader has ended a repair empties it.
func TestDoctorLargeWAL(t *testing.T) {
	dir := profileOf(t, openOffice(t, 1), "", openOffice(t, 1).waspy())
	path := filepath.Join(dir, "local.db")
	reader, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	reading, err := reader.Begin()
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := reading.QueryRow(`SELECT count(*) FROM settings`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	writer, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(OFF)")
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	if f, found := findings(t, dir)["wal"]; found {
		t.Errorf("of a small WAL: %+v", f)
	}
	for range 65 {
		if _, err := writer.Exec(`INSERT OR REPLACE INTO settings (key, value) VALUES ('filler', zeroblob(4200000))`); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := writer.Exec(`DELETE FROM settings WHERE key = 'filler'`); err != nil {
		t.Fatal(err)
	}
	english := words.For("en")
	f := findings(t, dir)["wal"]
	if f.State != profile.FindingBad || !strings.HasPrefix(f.Text(english), "Much waits beside the files to be written into them: 27") || !strings.Contains(f.Advice(english), "doctor --fix") {
		t.Errorf("%s: %q, %q", f.State, f.Text(english), f.Advice(english))
	}
	if err := reading.Rollback(); err != nil {
		t.Fatal(err)
	}
	r, err := profile.RepairProfile(t.Context(), options(dir))
	if err != nil || !slices.Contains(r.Done, profile.Repair{What: profile.RepairWAL, Count: 1}) {
		t.Errorf("%+v, %v", r, err)
	}
	if f, found := findings(t, dir)["wal"]; found {
		t.Errorf("repaired: %q", f.Text(english))
	}
}

// Where no keychain answers the doctor says so once, asks it for no other key,
// and finds those in the file all the same. The look is of another process, whose
// keychain is the system's: there is none where its bus is.
func TestDoctorWithoutKeychain(t *testing.T) {
	keyring.MockInit()
	v := openOffice(t, 86)
	ventas, caja, soporte := v.waspy(), v.waspy(), v.platica()
	ventas.KeyStore, caja.KeyStore, caja.Name = profile.Keyring, profile.Keyring, "caja"
	dir := profileOf(t, v, "", caja, ventas, soporte)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "nobody"))
	var lines []examinedLine
	if err := json.NewDecoder(bytes.NewBufferString(spawn(t, child{Dir: dir, Examine: true}).said)).Decode(&lines); err != nil {
		t.Fatal(err)
	}
	lines = slices.DeleteFunc(lines, func(l examinedLine) bool { return l.Check != "key" })
	want := []examinedLine{
		{"key", profile.FindingBad, "caja: the system’s keychain cannot be used.",
			"Unlock it; or keep the key in a private file: bandeja account set caja --key-store file, and account key caja."},
		{"key", profile.FindingOK, "soporte: its key is where it should be.", ""},
		{"key", profile.FindingSkipped, "ventas: its key was not asked for, since the keychain does not answer.", ""},
	}
	if !slices.Equal(lines, want) {
		t.Errorf("%+v", lines)
	}
}
