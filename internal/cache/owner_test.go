package cache

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"bandeja/internal/inbox"
)

const ownedFile = "BANDEJA_TEST_OWNED_FILE"

// TestOwnerProcess is what TestBesideTheOwner runs as another process; in a
// run of its own it has nothing to own.
func TestOwnerProcess(t *testing.T) {
	path := os.Getenv(ownedFile)
	if path == "" {
		return
	}
	c := openCache(t, path)
	list(t, c, waspyAccount, chat("1", "Ana", "+54 9 11 5983-4410", noon))
	fmt.Println("saved")
	in := bufio.NewScanner(os.Stdin)
	for n := 2; in.Scan(); n++ {
		list(t, c, waspyAccount, chat(itoa(int64(n)), "Ana", "+54 9 11 5983-4410", minutes(n)))
		fmt.Println("saved")
	}
}

// A reader sees what another process, the owner of the WAL, commits, and what
// it had committed when it was killed.
func TestBesideTheOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache.db")
	cmd := exec.Command(os.Args[0], "-test.run=^TestOwnerProcess$")
	cmd.Env = append(os.Environ(), ownedFile+"="+path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("the owner did not come up")
	}
	r, err := OpenCache(t.Context(), path, ReadOnly)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	count := func(c *Cache) int64 {
		n, err := c.Counts(t.Context(), ThreadFilter{Now: noon})
		if err != nil {
			t.Fatal(err)
		}
		return n.All
	}
	if n := count(r); n != 1 {
		t.Errorf("%d threads, want 1", n)
	}
	fmt.Fprintln(in)
	if !lines.Scan() {
		t.Fatal("the owner did not go on")
	}
	if n := count(r); n != 2 {
		t.Errorf("%d threads after the owner's next commit, want 2", n)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if n := count(r); n != 2 {
		t.Errorf("%d threads after the owner was killed, want 2", n)
	}
	late, err := OpenCache(t.Context(), path, ReadOnly)
	if err != nil {
		t.Fatal(err)
	}
	defer late.Close()
	if n := count(late); n != 2 {
		t.Errorf("%d threads for who opens after the kill, want 2", n)
	}
	// The next owner goes on from there.
	if d := list(t, openCache(t, path), waspyAccount, chat("3", "Ana", "+54 9 11 5983-4410", minutes(3))); d.Conversations != 1 {
		t.Errorf("%+v", d)
	}
	if n := count(late); n != 3 {
		t.Errorf("%d threads after the next owner's commit, want 3", n)
	}
}

// Readers see whole transactions and never wait for the writer.
func TestReadersWhileWriting(t *testing.T) {
	c := newCache(t)
	list(t, c, waspyAccount, chat("1", "Ana", "+54 9 11 5983-4410", noon))
	ref := threadOf(t, c, waspyAccount, "1").Ref
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				p, err := c.Messages(t.Context(), ref, Spot{}, 1000)
				if err != nil || len(p.Messages)%7 != 0 {
					t.Errorf("%d messages, %v: want sevens", len(p.Messages), err)
					return
				}
				if _, err := c.States(t.Context()); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for n := range 40 {
		var msgs []inbox.Message
		for i := range 7 {
			msgs = append(msgs, msg(fmt.Sprint("m", n, "-", i), "hola", noon.Add(time.Duration(n*7+i)*time.Second)))
		}
		read(t, c, waspyAccount, "1", msgs...)
		if n%5 == 0 {
			indexAll(t, c)
		}
	}
	close(done)
	readers.Wait()
}
