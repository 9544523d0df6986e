package cache

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"bandeja/internal/inbox"
)

// The disk is full at any write: what was committed is there, reading goes on,
// the file is sound, and once there is room the same work is done (SYNC F22).
func TestDiskFullAtEveryWrite(t *testing.T) {
	most, step := int64(60), int64(3)
	if soaking() {
		most, step = 300, 1
	}
	hits := 0
	for n := int64(1); n <= most; n += step {
		path := filepath.Join(t.TempDir(), "cache.db")
		failAt(path, 0, 0) // from its opening on the layer is in between
		c := openCache(t, path)
		var told atomic.Int64
		c.WatchFile(func(err error) bool {
			if errors.Is(err, ErrFull) {
				told.Add(1)
			}
			return false
		})
		list(t, c, waspyAccount, chat("0", "Ana", "+54 9 11 5983-4410", noon))
		stop := failAt(path, callFull, n)
		saved := int64(1)
		for i := 1; i <= 12; i++ {
			begun, err := c.NextFetch(t.Context(), waspyAccount.Name)
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.SaveConversations(t.Context(), waspyAccount.Name, page(chat(itoa(int64(i)), "Ana", "+54 9 11 5983-4410", minutes(i))), nil, begun)
			if err == nil {
				saved++
			} else if !errors.Is(err, ErrFull) {
				t.Fatalf("write %d: %v", n, err)
			}
			if counts, err := c.Counts(t.Context(), ThreadFilter{Now: noon}); err != nil || counts.All != saved {
				t.Fatalf("write %d: reading gives %d of %d, %v", n, counts.All, saved, err)
			}
		}
		if stop() {
			hits++
			if told.Load() == 0 || c.Probe(t.Context()) != nil {
				t.Fatalf("write %d: told %d times", n, told.Load())
			}
		}
		for i := 1; i <= 12; i++ {
			list(t, c, waspyAccount, chat(itoa(int64(i)), "Ana", "+54 9 11 5983-4410", minutes(i)))
		}
		if err := c.Check(t.Context(), true); err != nil {
			t.Fatalf("write %d: %v", n, err)
		}
		if counts, err := c.Counts(t.Context(), ThreadFilter{Now: noon}); err != nil || counts.All != 13 {
			t.Fatalf("write %d: %d of 13 at the end, %v", n, counts.All, err)
		}
		c.Close()
	}
	if hits == 0 {
		t.Error("the disk never was full")
	}
	t.Logf("full in %d runs", hits)
}

// A file that may not grow is a full disk too; a person's wish is tried again
// where room was made.
func TestFullFileMakesRoom(t *testing.T) {
	d := openDesk(t)
	limit := func(pages int64) {
		if n := number(t, d.s, fmt.Sprintf("PRAGMA max_page_count = %d", pages)); n > pages {
			t.Fatalf("the limit is %d", n)
		}
	}
	limit(number(t, d.s, `PRAGMA page_count`))
	full := 0
	for n := 0; full == 0 && n < 5000; n++ {
		if err := d.SaveSetting(t.Context(), fmt.Sprint("key ", n), fmt.Sprintf("%01000d", n)); errors.Is(err, ErrFull) {
			full++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if full == 0 {
		t.Fatal("it never was full")
	}
	asked := 0
	d.WatchFile(func(err error) bool {
		if asked++; asked == 1 {
			limit(1 << 20)
			return true
		}
		return false
	})
	var all []Intent
	for n := range 200 {
		all = append(all, Intent{Account: waspyAccount.Name, Conversation: itoa(int64(n)), Field: inbox.FieldStatus, Now: "open", Want: "resolved"})
	}
	if made, err := d.Enqueue(t.Context(), all...); err != nil || len(made) != 200 || asked != 1 {
		t.Fatalf("%d queued, asked %d times, %v", len(made), asked, err)
	}
	if got := d.states(t); len(got) != 200 {
		t.Errorf("%d wishes", len(got))
	}
}
