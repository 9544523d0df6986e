package cache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bandeja/internal/inbox"
)

// desk is a local.db with something of everything, and its backups' folder.
type desk struct {
	*Local
	path, backups string
}

func openDesk(t testing.TB) *desk {
	t.Helper()
	dir := t.TempDir()
	d := &desk{path: filepath.Join(dir, "local.db"), backups: filepath.Join(dir, "backups")}
	d.reopen(t)
	for _, a := range []inbox.Account{waspyAccount, platicaAccount} {
		if err := d.SaveAccount(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func (d *desk) reopen(t testing.TB) {
	t.Helper()
	l, err := OpenLocal(t.Context(), d.path, ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	d.Local = l
}

// wish queues a change of a conversation.
func (d *desk) wish(t testing.TB, conversation, want string) string {
	t.Helper()
	return d.wishAll(t, want, conversation)[0]
}

// wishAll queues the same change of several.
func (d *desk) wishAll(t testing.TB, want string, conversations ...string) (ids []string) {
	t.Helper()
	var all []Intent
	for _, c := range conversations {
		all = append(all, Intent{Account: waspyAccount.Name, Conversation: c, Field: inbox.FieldStatus, Now: "open", Want: want})
	}
	made, err := d.Enqueue(t.Context(), all...)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range made {
		ids = append(ids, e.ID)
	}
	return ids
}

// states of the outbox, by entry.
func (d *desk) states(t testing.TB) map[string]WishState {
	t.Helper()
	out := map[string]WishState{}
	waiting, done, err := d.Outbox(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range append(waiting, done...) {
		out[w.ID] = w.State
		if w.Damaged() {
			out[w.ID] = "damaged"
		}
	}
	return out
}

func (d *desk) backUp(t testing.TB, at time.Time) Backup {
	t.Helper()
	b, err := d.BackUp(t.Context(), d.backups, at)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (d *desk) restore(t testing.TB) Restored {
	t.Helper()
	r, err := RestoreLocal(t.Context(), d.path, d.backups, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	d.reopen(t)
	if err := d.Check(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	return r
}

func overwrite(t testing.TB, path string, change func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(b), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBackupsRoll(t *testing.T) {
	d := openDesk(t)
	for n := range 5 {
		if due, err := d.BackupDue(d.backups, time.Now()); n == 0 && (!due || err != nil) {
			t.Fatalf("none is there, and none is due: %v", err)
		}
		if err := d.SaveSetting(t.Context(), "n", fmt.Sprint(n)); err != nil {
			t.Fatal(err)
		}
		d.backUp(t, time.Now().Add(time.Duration(n)*time.Second-time.Hour))
	}
	if due, err := d.BackupDue(d.backups, time.Now()); due || err != nil {
		t.Errorf("due an hour after the last: %v", err)
	}
	if due, err := d.BackupDue(d.backups, time.Now().Add(25*time.Hour)); !due || err != nil {
		t.Errorf("not due a day after the last, with something written: %v", err)
	}
	all, err := Backups(d.backups)
	if err != nil || len(all) != keptBackups {
		t.Fatalf("%v %v", all, err)
	}
	entries, err := os.ReadDir(d.backups)
	if err != nil || len(entries) != keptBackups {
		t.Errorf("left in the folder: %v %v", entries, err)
	}
	for i, b := range all {
		st, err := os.Stat(b.Path)
		if err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%v %v", st.Mode(), err)
		}
		l, err := OpenLocal(t.Context(), b.Path, ReadOnly)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := l.Setting(t.Context(), "n"); err != nil || v != fmt.Sprint(4-i) {
			t.Errorf("backup %d has %q, %v", i, v, err)
		}
		l.Close()
	}
}

// A backup that was made while the clock ran a year ahead neither keeps others
// from being made nor counts as newer than they are.
func TestBackupOfTheFuture(t *testing.T) {
	d := openDesk(t)
	d.wish(t, "1", "resolved")
	future := d.backUp(t, time.Now().AddDate(1, 0, 0))
	if due, err := d.BackupDue(d.backups, time.Now()); !due || err != nil {
		t.Errorf("not due once the clock is right: %v", err)
	}
	now := d.backUp(t, time.Now().Add(-time.Minute))
	all, err := Backups(d.backups)
	if err != nil || len(all) != 2 || all[0].Path != now.Path || all[1].Path != future.Path {
		t.Errorf("%v, %v", all, err)
	}
	if due, err := d.BackupDue(d.backups, time.Now()); due || err != nil {
		t.Errorf("due a minute later: %v", err)
	}
	for n := range keptBackups {
		d.backUp(t, time.Now().Add(time.Duration(n)*time.Second))
	}
	if _, err := os.Stat(future.Path); !os.IsNotExist(err) {
		t.Errorf("it is kept for ever: %v", err)
	}
}

// A backup goes on while something is written: it is whole, and holds what was
// committed before it began.
func TestBackUpWhileWriting(t *testing.T) {
	d := openDesk(t)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := d.SaveRead(context.Background(), "ventas", fmt.Sprint("t_", n), noon); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	for n := range 10 {
		d.backUp(t, noon.Add(time.Duration(n)*time.Minute))
	}
	close(stop)
	<-stopped
}

// A backup that is not what was copied does not count, and leaves no file.
func TestBackupIsChecked(t *testing.T) {
	d := openDesk(t)
	rows, err := countRows(t.Context(), d.s.readers)
	if err != nil {
		t.Fatal(err)
	}
	rows["accounts"]++
	to := filepath.Join(d.backups, "local-"+noon.Format(stampStyle)+".db")
	err = writeBackup(t.Context(), d.path, to, localShape(), rows, func() (int64, error) { return 0, nil })
	if !errors.Is(err, ErrCorrupt) {
		t.Errorf("got %v, want ErrCorrupt", err)
	}
	if entries, err := os.ReadDir(d.backups); err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}

func TestRestoreLocal(t *testing.T) {
	zeroTail := func(b []byte) []byte { clear(b[8192:]); return b }
	for _, tt := range []struct {
		name    string
		damage  func(b []byte) []byte
		backups int
		newest  bool // what was written after the last backup is there again
		spoil   bool // the newest backup is damaged too
	}{
		{"header", func(b []byte) []byte { copy(b, "not a database"); return b }, 2, false, false},
		{"empty", func([]byte) []byte { return nil }, 2, false, false},
		{"truncated", func(b []byte) []byte { return b[:5000] }, 2, false, false},
		{"all but the first pages", zeroTail, 2, false, false},
		{"and the newest backup", zeroTail, 2, false, true},
		{"header, and no backup", func(b []byte) []byte { copy(b, "not a database"); return b }, 0, false, false},
		{"readable", func(b []byte) []byte { return b }, 2, true, false},
		{"readable, and no backup", func(b []byte) []byte { return b }, 0, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := openDesk(t)
			sent, dropped, kept := d.wish(t, "1", "resolved"), d.wish(t, "2", "resolved"), d.wish(t, "3", "pending")
			var last Backup
			for n := range tt.backups {
				last = d.backUp(t, time.Now().Add(time.Duration(n-5)*time.Hour))
			}
			if err := d.s.write(t.Context(), func(x *tx) error {
				_, err := x.exec(`UPDATE outbox SET state = 'done' WHERE op_id = ?`, sent)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if _, err := d.DropWish(t.Context(), dropped); err != nil {
				t.Fatal(err)
			}
			later := d.wish(t, "4", "resolved")
			if err := d.SaveSetting(t.Context(), "theme", "dark"); err != nil {
				t.Fatal(err)
			}
			d.Close()
			overwrite(t, d.path, tt.damage)
			if tt.spoil {
				overwrite(t, last.Path, func(b []byte) []byte { return b[:len(b)/2] })
			}
			r := d.restore(t)
			if r.Aside == "" || tt.backups == 0 != r.From.IsZero() {
				t.Errorf("%+v", r)
			}
			if tt.spoil && !r.From.Before(last.At.Add(-30*time.Minute)) {
				t.Errorf("from %v, which is damaged", r.From)
			}
			got := d.states(t)
			theme, err := d.Setting(t.Context(), "theme")
			if err != nil || (theme == "dark") != tt.newest {
				t.Errorf("theme %q, %v", theme, err)
			}
			switch {
			case tt.newest:
				if len(got) != 3 || got[sent] != WishDone || got[kept] != WishQueued || got[later] != WishQueued {
					t.Errorf("%v", got)
				}
			case tt.backups == 0:
				if len(got) != 0 {
					t.Errorf("%v", got)
				}
			default: // what may have been sent or dropped since asks first
				if len(got) != 3 || got[sent] != WishStale || got[dropped] != WishStale || got[kept] != WishStale {
					t.Errorf("%v", got)
				}
			}
		})
	}
}

// A wish whose row is damaged never is sent: the backup's comes back and asks,
// or it is shown as damaged.
func TestRestoreDamagedWish(t *testing.T) {
	d := openDesk(t)
	before := d.wish(t, "1", "resolved")
	d.backUp(t, time.Now().Add(-time.Hour))
	after, whole := d.wish(t, "2", "resolved"), d.wish(t, "3", "resolved")
	d.Close()
	db := openWreckForTest(t, d.path)
	for _, id := range []string{before, after} {
		if _, err := db.Exec(`UPDATE outbox SET want = 'closed' WHERE op_id = ?`, id); err != nil {
			t.Fatal(err)
		}
	}
	db.Close()
	d.restore(t)
	if got := d.states(t); len(got) != 3 || got[before] != WishStale || got[after] != "damaged" || got[whole] != WishQueued {
		t.Errorf("%v", got)
	}
}

// What a backup has as sent with its answer lost may have been done since, and
// taken back: it asks, and is not sent again because the old value is there.
func TestRestoreUnknownWish(t *testing.T) {
	d := openDesk(t)
	unknown, sending := d.wish(t, "1", "resolved"), d.wish(t, "2", "resolved")
	move(t, d.Local, unknown, WishChecking, WishSending, WishUnknown)
	move(t, d.Local, sending, WishChecking, WishSending)
	d.backUp(t, time.Now().Add(-time.Hour))
	d.Close()
	overwrite(t, d.path, func([]byte) []byte { return nil })
	d.restore(t)
	if got := d.states(t); len(got) != 2 || got[unknown] != WishStale || got[sending] != WishStale {
		t.Errorf("%v", got)
	}
}

// Whatever bytes are wrong, what comes back is whole, and no wish is another
// than one that was made.
func TestRestoreAfterRandomDamage(t *testing.T) {
	for seed := range seeds(t, 20) {
		d := openDesk(t)
		rnd := rand.New(rand.NewPCG(seed, 24))
		made := map[string]bool{}
		for half := range 2 {
			var conversations []string
			for n := range 75 {
				conversations = append(conversations, fmt.Sprint(half*75+n))
			}
			for _, id := range d.wishAll(t, "resolved", conversations...) {
				made[id] = true
			}
			if half == 0 {
				d.backUp(t, time.Now().Add(-time.Hour))
			}
		}
		d.Close()
		overwrite(t, d.path, func(b []byte) []byte {
			at := rnd.IntN(len(b) - 64)
			for i := range 64 {
				b[at+i] = byte(rnd.Uint32())
			}
			return b
		})
		d.restore(t)
		got := d.states(t)
		for id, state := range got {
			if !made[id] && state != "damaged" {
				t.Errorf("%s: a wish nobody made: %s %s", replay(seed), id, state)
			}
		}
		if len(got) < 75 {
			t.Errorf("%s: %d wishes, and the backup has 75", replay(seed), len(got))
		}
	}
}

// Killed while it restores, the next start ends it.
func TestRestoreAgain(t *testing.T) {
	d := openDesk(t)
	d.backUp(t, time.Now().Add(-time.Hour))
	id := d.wish(t, "1", "resolved")
	d.Close()
	if err := os.WriteFile(d.path+".restoring", bytes.Repeat([]byte("half"), 5000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := SetAside(d.path, Damaged, time.Now()); err != nil { // and here it was killed
		t.Fatal(err)
	}
	d.restore(t)
	if got := d.states(t); got[id] != WishQueued {
		t.Errorf("%v", got)
	}
	left, err := filepath.Glob(d.path + ".restoring*")
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestRestoreRunning(t *testing.T) {
	d := openDesk(t)
	d.backUp(t, time.Now().Add(-time.Hour))
	id := d.wish(t, "1", "resolved")
	r, err := d.Restore(t.Context(), d.backups, time.Now())
	if err != nil || r.Rows == 0 {
		t.Fatal(r, err)
	}
	if got := d.states(t); got[id] != WishQueued {
		t.Errorf("%v", got)
	}
	d.wish(t, "2", "resolved")
}

func TestRebuildRunning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache.db")
	c := openCache(t, path)
	list(t, c, waspyAccount, chat("1", "Ana", "+54 9 11 5983-4410", noon))
	list(t, c, waspyAccount, with(chat("1", "Ana", "+54 9 11 5983-4410", minutes(1)), func(c *inbox.Conversation) { c.StatusWord = "resolved" }))
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() { // readers wait, and then read the new one
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := c.Counts(context.Background(), ThreadFilter{Now: noon}); err != nil {
				t.Errorf("a reader: %v", err)
				return
			}
		}
	}()
	aside, err := c.Rebuild(t.Context(), time.Now())
	if err != nil || aside == "" {
		t.Fatal(aside, err)
	}
	close(stop)
	<-stopped
	if n, err := c.Counts(t.Context(), ThreadFilter{Now: noon}); err != nil || n.All != 0 {
		t.Errorf("%+v %v", n, err)
	}
	if err := c.EnsureAccount(t.Context(), waspyAccount); err != nil {
		t.Fatal(err)
	}
	list(t, c, waspyAccount, chat("2", "Bea", "+54 9 11 5983-4411", noon))

	d := openDesk(t)
	n, err := SalvageCache(t.Context(), aside, d.Local)
	if err != nil || n != 1 {
		t.Errorf("%d lines of history, %v", n, err)
	}
	kept, err := d.ChangesOf(t.Context(), waspyAccount.Name, []string{"1"})
	if err != nil || len(kept) != 1 || kept[0].After != "resolved" {
		t.Errorf("%+v %v", kept, err)
	}
}

// Only the newest two of what was set aside are kept, with what belongs to
// them.
func TestSetAside(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache.db")
	for n := range 4 {
		for _, end := range companions {
			if err := os.WriteFile(path+end, []byte(fmt.Sprint(n)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		aside, err := SetAside(path, Damaged, minutes(n))
		if b, e := os.ReadFile(aside); err != nil || e != nil || string(b) != fmt.Sprint(n) {
			t.Fatal(aside, err, e)
		}
	}
	if at := LastAside(path, Damaged); !at.Equal(minutes(3)) {
		t.Errorf("last set aside at %v", at)
	}
	if at := LastAside(path, Newer); !at.IsZero() {
		t.Errorf("set aside as newer at %v", at)
	}
	left, err := filepath.Glob(path + "*")
	if err != nil || len(left) != 6 {
		t.Errorf("%v %v", left, err)
	}
}
