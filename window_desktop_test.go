//go:build desktop

package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"bandeja/internal/cli"
	"bandeja/internal/profile"
)

// The window must run on the program's first thread: the test hands its work
// to TestMain.
var onMainThread = make(chan func())

func TestMain(m *testing.M) {
	runtime.LockOSThread()
	code := make(chan int)
	go func() { code <- m.Run() }()
	for {
		select {
		case fn := <-onMainThread:
			fn()
		case c := <-code:
			os.Exit(c)
		}
	}
}

// loadPage makes requests of every sort from inside the window, with bodies
// and without, aborted ones too, and says how it went by the name of a file it
// asks for.
const loadPage = `
const total = %d
const post = { method: 'POST', headers: { 'Content-Type': 'application/json' } }
const done = (name) => fetch('/' + name)
async function one(n) {
  switch (n %% 5) {
    case 0: return fetch('/api/state')
    case 1: return fetch('/api/search?q=garcia')
    case 2: return fetch('/api/sync', { ...post, body: ' '.repeat(n %% 20000) + JSON.stringify({ account: '' }) })
    case 3: return fetch('/api/threads?limit=50')
    case 4: {
      const stop = new AbortController()
      const answer = fetch('/api/counts', { signal: stop.signal }).catch(() => ({ ok: true, text: async () => '' }))
      if (n %% 2) stop.abort()
      return answer
    }
  }
}
async function run() {
  const code = location.hash.slice(3)
  const opened = await fetch('/api/session', { ...post, body: JSON.stringify({ code }) })
  if (!opened.ok) return done('failed-session-' + opened.status)
  let next = 0, failed = 0
  await Promise.all(Array.from({ length: 8 }, async () => {
    while (next < total) {
      try {
        const answer = await one(next++)
        if (!answer.ok) failed++
        await answer.text().catch(() => '')
      } catch { failed++ }
    }
  }))
  return done('done-' + next + '-' + failed)
}
run()
`

// spy is a folder that remembers which files it was asked for.
type spy struct {
	fs.FS
	mu    sync.Mutex
	asked []string
}

func (s *spy) Open(name string) (fs.File, error) {
	s.mu.Lock()
	s.asked = append(s.asked, name)
	s.mu.Unlock()
	return s.FS.Open(name)
}

func (s *spy) verdict() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.asked {
		if strings.HasPrefix(n, "done-") || strings.HasPrefix(n, "failed-") {
			return n
		}
	}
	return ""
}

// TestWindowBearsRequests: a page in a real window makes thousands of requests
// (BANDEJA_WINDOW_REQUESTS) and the program neither crashes nor fails one.
func TestWindowBearsRequests(t *testing.T) {
	if !hasDisplay(os.Getenv) {
		t.Fatal("no display: run it by scripts/window.sh")
	}
	total, err := strconv.Atoi(os.Getenv("BANDEJA_WINDOW_REQUESTS"))
	if err != nil {
		total = 1000
	}
	assets := &spy{FS: fstest.MapFS{
		"index.html": {Data: []byte(`<!doctype html><title>load</title><script type="module" src="/load.js"></script>`)},
		"load.js":    {Data: fmt.Appendf(nil, loadPage, total)},
	}}
	in, err := profile.Open(t.Context(), profile.Options{Dir: t.TempDir(), Mode: "window", Version: "test", Assets: assets, KeyStore: profile.File})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	closed := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	onMainThread <- func() {
		closed <- openWindow(ctx, in, cli.WindowOptions{Title: "load", Started: func() error {
			if _, err := in.Listen(ctx, "127.0.0.1:0"); err != nil {
				return err
			}
			go func() { // the page has spoken, or will not
				for n := 0; assets.verdict() == "" && n < 10*60*20; n++ {
					time.Sleep(50 * time.Millisecond)
				}
				cancel()
			}()
			return in.Start(true)
		}})
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	want := fmt.Sprintf("done-%d-0", total)
	if got := assets.verdict(); got != want {
		t.Fatalf("the page said %q, want %q", got, want)
	}
	t.Logf("%d requests from the page of a real window in %s, none failed", total, time.Since(began).Round(time.Second))
}
