package profile_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bandeja/internal/backup"
	"bandeja/internal/cache"
	"bandeja/internal/export"
	"bandeja/internal/profile"
)

// said is what a profile says to whoever looks: its accounts, its conversations
// and its messages.
func said(t testing.TB, dir string) string {
	t.Helper()
	c, local, err := profile.View(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	defer local.Close()
	accounts, err := local.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, a := range accounts {
		fmt.Fprintln(&out, a.Name, a.BaseURL)
	}
	note, err := local.Setting(t.Context(), "test_note")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(&out, note)
	rows := export.NewNDJSON(&out)
	if err := c.EachConversation(t.Context(), cache.Selection{}, func(s cache.StoredConversation) error {
		return rows.Write(export.ConversationRow(s, false))
	}); err != nil {
		t.Fatal(err)
	}
	if err := c.EachMessage(t.Context(), cache.Selection{}, func(m cache.StoredMessage) error { return rows.Write(export.MessageRow(m)) }); err != nil {
		t.Fatal(err)
	}
	if err := rows.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// profileOf makes a profile that is copied and has a note of its own.
func profileOf(t testing.TB, v *office, note string, accounts ...profile.AddAccount) string {
	t.Helper()
	dir := t.TempDir()
	in := open(t, dir)
	add(t, in, accounts...)
	syncAll(t, in)
	if err := in.Local().SaveSetting(t.Context(), "test_note", note); err != nil {
		t.Fatal(err)
	}
	shut(t, in)
	return dir
}

func save(t testing.TB, dir string, a profile.BackupArgs) string {
	t.Helper()
	a.To = filepath.Join(t.TempDir(), "profile.bandeja")
	if _, err := profile.SaveBackup(t.Context(), dir, a); err != nil {
		t.Fatal(err)
	}
	return a.To
}

func restored(t testing.TB, dir, from, secret string) profile.RestoredBackup {
	t.Helper()
	r, err := profile.RestoreBackup(t.Context(), options(dir), profile.RestoreArgs{From: from, Force: true, Passphrase: func() (string, error) { return secret, nil }})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A profile that comes out of a backup says what the one did that went in.
func TestRestoredIsEqual(t *testing.T) {
	v := openOffice(t, 1)
	dir := profileOf(t, v, "zafiro", v.waspy(), v.platica())
	want := said(t, dir)
	for _, secret := range []string{"", "una frase"} {
		to := t.TempDir()
		r := restored(t, to, save(t, dir, profile.BackupArgs{WithCache: true, Passphrase: secret, Version: "1"}), secret)
		if got := said(t, to); got != want {
			t.Errorf("it says\n%.400s\nand not\n%.400s", got, want)
		}
		if !slices.Equal(r.NeedKeys, []string{"soporte", "ventas"}) || r.Aside != "" {
			t.Errorf("%+v", r)
		}
		in := open(t, to) // and goes on
		if got := said(t, to); got != want {
			t.Error("opened, it says something else")
		}
		shut(t, in)
	}
}

// TestRestoreKilled kills a restoring with no warning at every stage that can be
// seen from outside: the profile is the old one or the new one, for whoever
// looks and for whoever opens it next, and all that was there is still
// somewhere.
func TestRestoreKilled(t *testing.T) {
	v := openOffice(t, 1)
	from := save(t, profileOf(t, v, "new", v.platica()), profile.BackupArgs{WithCache: true})
	old := profileOf(t, v, "old", v.waspy())
	was := said(t, old)
	next := t.TempDir()
	restored(t, next, from, "")
	will := said(t, next)
	if was == will {
		t.Fatal("the two profiles are alike: nothing would be shown")
	}
	ends := map[string]int{}
	stages := map[string]func(dir string) bool{
		"begun":            func(dir string) bool { return there(dir, "restoring") },
		"unpacking":        func(dir string) bool { return there(dir, "restoring/cache.db") },
		"taking over":      func(dir string) bool { return there(dir, "restoring/local.db-wal") },
		"said":             func(dir string) bool { return there(dir, "restore.json") },
		"putting aside":    func(dir string) bool { return there(dir, "before-restore-*/local.db") },
		"local.db in":      func(dir string) bool { return there(dir, "restore.json") && !there(dir, "restoring/local.db") },
		"cache.db in":      func(dir string) bool { return there(dir, "restore.json") && !there(dir, "restoring/cache.db") },
		"backups put away": func(dir string) bool { return there(dir, "before-restore-*/backups") },
		"done":             func(dir string) bool { return there(dir, "before-restore-*/local.db") && !there(dir, "restore.json") },
	}
	for name, reached := range stages {
		dir := filepath.Join(t.TempDir(), "profile")
		if err := os.CopyFS(dir, os.DirFS(old)); err != nil {
			t.Fatal(err)
		}
		p := spawn(t, child{Dir: dir, Restore: from})
		for end := time.Now().Add(20 * time.Second); !reached(dir) && time.Now().Before(end) && p.ProcessState == nil; {
			if there(dir, "before-restore-*/local.db") && !there(dir, "restoring") {
				break // it was too quick to be seen there
			}
		}
		_ = p.Process.Kill()
		_ = p.Wait()
		looked := said(t, dir)
		in := open(t, dir)
		shut(t, in)
		opened := said(t, dir)
		switch {
		case looked != opened:
			t.Errorf("%s: whoever looked saw another profile than whoever opened it", name)
		case opened == was:
			ends["old"]++
			if there(dir, "before-restore-*") {
				t.Errorf("%s: the old profile, and something was put aside", name)
			}
		case opened == will:
			ends["new"]++
			if !there(dir, "before-restore-*/local.db") || !there(dir, "before-restore-*/cache.db") {
				t.Errorf("%s: the new profile, and the old is nowhere", name)
			}
		default:
			t.Errorf("%s: neither the old profile nor the new one", name)
		}
		if there(dir, "restoring") || there(dir, "restore.json") {
			t.Errorf("%s: something is left of it", name)
		}
	}
	t.Log(ends)
	if ends["old"] == 0 || ends["new"] == 0 {
		t.Errorf("the kills all came at one side of it: %v", ends)
	}
}

func there(dir, pattern string) bool {
	found, _ := filepath.Glob(filepath.Join(dir, pattern))
	return len(found) > 0
}

// A backup made before somebody was forgotten does not bring them back, neither
// into the profile that forgot them nor by what is put aside; and a profile
// that never knew them has them as they were.
func TestRestoreKeepsForgotten(t *testing.T) {
	v := openOffice(t, 1)
	dir := profileOf(t, v, "", v.waspy(), v.platica())
	c := zulma
	c.ids = nil
	c.visit(t, v)
	in := open(t, dir)
	syncAll(t, in)
	shut(t, in)
	from := save(t, dir, profile.BackupArgs{WithCache: true})
	if !strings.Contains(said(t, dir), "Quetzalbaum") {
		t.Fatal("she never came")
	}
	in = open(t, dir)
	if _, err := in.Forget(t.Context(), c.number, func(profile.ForgetProgress) {}); err != nil {
		t.Fatal(err)
	}
	shut(t, in)
	r := restored(t, dir, from, "")
	if strings.Contains(said(t, dir), "Quetzalbaum") || r.Forgotten != 2 {
		t.Errorf("she is back: %+v", r)
	}
	if found := c.in(t, dir); len(found) > 0 {
		t.Errorf("left of her: %v", found)
	}
	in = open(t, dir)
	if _, err := in.Sync(t.Context(), profile.SyncArgs{Full: true}, nil); err != nil {
		t.Fatal(err)
	}
	shut(t, in)
	if strings.Contains(said(t, dir), "Quetzalbaum") {
		t.Error("a later sync brought her back")
	}
	to := t.TempDir()
	restored(t, to, from, "")
	if !strings.Contains(said(t, to), "Quetzalbaum") {
		t.Error("a profile that forgot nobody lacks her")
	}
	// Whoever is forgotten goes out of what a restoring has put aside as well.
	restored(t, to, from, "")
	in = open(t, to)
	receipt, err := in.Forget(t.Context(), c.number, func(profile.ForgetProgress) {})
	if err != nil || !receipt.Clean() || receipt.Aside == 0 {
		t.Errorf("forgotten in a restored profile: %+v, %v", receipt, err)
	}
	shut(t, in)
	if found := c.in(t, to); len(found) > 0 {
		t.Errorf("left of her: %v", found)
	}
}

// Nobody's key goes to an address that a backup names.
func TestRestoreAsksForKeysAgain(t *testing.T) {
	v, other := openOffice(t, 1), openOffice(t, 2)
	moved := other.waspy()
	from := save(t, profileOf(t, other, "", moved), profile.BackupArgs{})
	dir := profileOf(t, v, "", v.waspy())
	r := restored(t, dir, from, "")
	if !slices.Equal(r.NeedKeys, []string{"ventas"}) || there(dir, "keys.json") || !there(r.Aside, "keys.json") {
		t.Errorf("%+v", r)
	}
	// At the same address it stays.
	same := save(t, profileOf(t, v, "", v.waspy()), profile.BackupArgs{})
	dir = profileOf(t, v, "", v.waspy())
	if r := restored(t, dir, same, ""); len(r.NeedKeys) > 0 || !there(dir, "keys.json") {
		t.Errorf("%+v", r)
	}
}

// What cannot be restored touches nothing: every file is as it was.
func TestRestoreRefusedTouchesNothing(t *testing.T) {
	v := openOffice(t, 1)
	dir := profileOf(t, v, "old", v.waspy())
	from := save(t, dir, profile.BackupArgs{WithCache: true, Passphrase: "una frase"})
	whole, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	altered := bytes.Clone(whole)
	altered[len(altered)-100] ^= 1
	before := files(t, dir)
	for name, c := range map[string]struct {
		content []byte
		secret  string
		want    error
	}{
		"a wrong passphrase": {whole, "otra frase", backup.ErrPassphrase},
		"cut":                {whole[:len(whole)/2], "una frase", backup.ErrDamaged},
		"altered":            {altered, "una frase", backup.ErrDamaged},
		"something else":     {[]byte("SQLite format 3\x00 and so on"), "", backup.ErrNotBackup},
	} {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := profile.RestoreBackup(t.Context(), options(dir), profile.RestoreArgs{From: path, Force: true, Passphrase: func() (string, error) { return c.secret, nil }})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		after := files(t, dir)
		for _, f := range []string{"cache.db", "local.db", "keys.json"} {
			if before[f] != after[f] || after[f] == "" {
				t.Errorf("%s: %s was touched", name, f)
			}
		}
		if there(dir, "restor*") || there(dir, "before*") || there(dir, "owner.json") {
			t.Errorf("%s: something is left of it", name)
		}
	}
}

// A backup takes the place of a file where it is told to, and of nothing else.
func TestBackupOverWhatIsThere(t *testing.T) {
	dir, into := profileOf(t, openOffice(t, 1), ""), t.TempDir()
	file, socket := filepath.Join(into, "file"), filepath.Join(into, "socket")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Skipf("no socket can be made here: %v", err)
	}
	defer l.Close()
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		to    string
		force bool
		want  error
	}{{file, false, profile.ErrFileExists}, {into, true, profile.ErrUsage}, {socket, true, profile.ErrUsage}, {file, true, nil}} {
		_, err := profile.SaveBackup(t.Context(), dir, profile.BackupArgs{To: c.to, Force: c.force})
		if !errors.Is(err, c.want) {
			t.Errorf("%s, force %v: %v", filepath.Base(c.to), c.force, err)
		}
		if b, _ := os.ReadFile(file); (string(b) != "mine") != (c.want == nil) {
			t.Errorf("after %s, force %v: the file has %.10q", filepath.Base(c.to), c.force, b)
		}
	}
	if st, err := os.Stat(socket); err != nil || st.Mode().IsRegular() {
		t.Errorf("the socket is a file now: %v", err)
	}
}

// Who waits is told of every step, and of the bytes that the files have.
func TestBackupTells(t *testing.T) {
	v := openOffice(t, 1)
	dir := profileOf(t, v, "", v.waspy())
	var steps []string
	whole := map[string][]int64{}
	saved, err := profile.SaveBackup(t.Context(), dir, profile.BackupArgs{To: filepath.Join(t.TempDir(), "b"), WithCache: true, Told: func(step string, done, total int64) {
		if done == total && total > 0 {
			whole[step] = append(whole[step], total)
		}
		if len(steps) == 0 || steps[len(steps)-1] != step {
			steps = append(steps, step)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"counting", "copying", "proving", "counting", "copying", "proving", "packing", "checking"}; !slices.Equal(steps, want) {
		t.Errorf("steps: %v", steps)
	}
	local, c := saved.Files[0].Bytes, saved.Files[1].Bytes
	if !slices.Equal(whole["copying"], []int64{c, local}) || !slices.Contains(whole["packing"], local+c) || !slices.Contains(whole["checking"], local+c) {
		t.Errorf("told of %v; the files have %d and %d", whole, local, c)
	}
}

// Stopped, neither leaves anything.
func TestBackupStopped(t *testing.T) {
	v := openOffice(t, 1)
	dir := profileOf(t, v, "", v.waspy())
	for _, step := range []string{profile.StepCounting, profile.StepCopying, profile.StepProving, profile.StepPacking, profile.StepChecking} {
		ctx, stop := context.WithCancel(t.Context())
		to := t.TempDir()
		_, err := profile.SaveBackup(ctx, dir, profile.BackupArgs{To: filepath.Join(to, "b"), WithCache: true, Told: func(at string, _, _ int64) {
			if at == step {
				stop()
			}
		}})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", step, err)
		}
		if there(to, "*") || there(to, ".*-*") || there(dir, "backups/outgoing*") {
			t.Errorf("%s: something is left", step)
		}
		stop()
	}
}
