package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// A demo office beside takes a second to open, and some more where the machine
// is busy.
const (
	besideOpens  = 30 * time.Second
	besideCloses = 5 * time.Second
)

// beside opens demo offices for whoever has connected nothing yet: each a
// process of its own with a throw-away profile, the last one alone, which ends
// with this one.
type beside struct {
	ctx    context.Context
	window bool // in a window of its own, as this one is

	mu  sync.Mutex
	end func()
}

// open answers the link of a new demo office; "" where it has a window.
func (b *beside) open(lang string) (link string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stop()
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithCancel(b.ctx)
	args := []string{"--lang", lang, "demo"}
	if !b.window {
		args = append(args, "--serve", "--listen", "127.0.0.1:0", "--json")
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.WaitDelay = besideCloses
	if runtime.GOOS != "windows" { // there it is killed
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		return "", fmt.Errorf("open the demo office: %w", err)
	}
	lines := make(chan string, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for s := bufio.NewScanner(out); s.Scan(); {
			select {
			case lines <- s.Text():
			default:
			}
		}
		_ = cmd.Wait()
	}()
	b.end = func() { cancel(); <-ended }
	if b.window {
		return "", nil
	}
	return b.link(lines, ended)
}

// link is what the office says once it is open.
func (b *beside) link(lines <-chan string, ended <-chan struct{}) (string, error) {
	select {
	case line := <-lines:
		var open struct{ URL string }
		if err := json.Unmarshal([]byte(line), &open); err != nil || open.URL == "" {
			return "", errors.New("the demo office did not say where it is")
		}
		return open.URL, nil
	case <-ended:
		return "", errors.New("the demo office ended before it was open")
	case <-time.After(besideOpens):
		b.stop()
		return "", errors.New("the demo office took too long to open")
	}
}

// close ends the last one, and returns when its files are gone.
func (b *beside) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stop()
}

func (b *beside) stop() {
	if b.end != nil {
		b.end()
		b.end = nil
	}
}
