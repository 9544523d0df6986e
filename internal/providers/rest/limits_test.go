package rest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"bandeja/internal/providers"
	"bandeja/internal/providers/rest"
)

func once(o *rest.Options) { o.Tries = 1 }

func TestTimeLimits(t *testing.T) {
	drip := func(every time.Duration) func(int, http.ResponseWriter, *http.Request) {
		return func(_ int, w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, " ")
				w.(http.Flusher).Flush()
				select {
				case <-time.After(every):
				case <-r.Context().Done():
				}
			}
		}
	}
	for _, tt := range []struct {
		name  string
		serve func(int, http.ResponseWriter, *http.Request)
		want  time.Duration
	}{
		{"no first byte", func(_ int, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 30 * time.Second},
		{"headers, then silence", func(_ int, w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, 15 * time.Second},
		{"one byte a second", drip(time.Second), 120 * time.Second},
		{"one byte every 16 s", drip(16 * time.Second), 15 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, tt.serve, once, func(t *testing.T, c *rest.Client, o *office) {
				var err error
				took := elapsed(func() { _, err = get(t, c) })
				if !errors.Is(err, providers.ErrUnreachable) || took != tt.want {
					t.Errorf("%v after %v, want %v", err, took, tt.want)
				}
				if errors.Is(err, context.Canceled) {
					t.Errorf("%v looks like the caller's own cancel", err)
				}
			})
		})
	}
}

func zipped(t *testing.T, write func(io.Writer)) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	write(z)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestGzip(t *testing.T) {
	body := zipped(t, func(w io.Writer) { _, _ = io.WriteString(w, `{"n":12345678901234567890.10}`) })
	c, _ := socket(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("Accept-Encoding %q", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(body)
	})
	reply, err := get(t, c)
	if err != nil || string(reply.Body) != `{"n":12345678901234567890.10}` {
		t.Errorf("%s, %v", reply.Body, err)
	}
}

// A small body that unpacks to more than the cap is refused, not unpacked; so
// is a large one that is not packed.
func TestBodyCap(t *testing.T) {
	mebibyte := bytes.Repeat([]byte(" "), 1<<20)
	bomb := zipped(t, func(w io.Writer) {
		for range 64 {
			_, _ = w.Write(mebibyte)
		}
	})
	for name, serve := range map[string]func(int, http.ResponseWriter, *http.Request){
		"gzip bomb": func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb)
		},
		"plain": func(_ int, w http.ResponseWriter, _ *http.Request) {
			for range 33 {
				_, _ = w.Write(mebibyte)
			}
		},
	} {
		c, o := socket(t, serve)
		_, err := get(t, c)
		if !errors.Is(err, providers.ErrNotAPI) || !strings.Contains(err.Error(), "32 MiB") || len(o.requests()) != 1 {
			t.Errorf("%s: %v after %d requests", name, err, len(o.requests()))
		}
	}
}

func TestUnknownEncoding(t *testing.T) {
	c, _ := socket(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "br")
		_, _ = io.WriteString(w, "{}")
	})
	if _, err := get(t, c); !errors.Is(err, providers.ErrNotAPI) {
		t.Error(err)
	}
}

func TestWebPageIsNotTheAPI(t *testing.T) {
	for _, tt := range []struct {
		status   int
		kind     string
		body     string
		list     bool
		want     error
		requests int
	}{
		{200, "text/html", "<!doctype html><p>Bienvenido</p>", false, providers.ErrNotAPI, 1},
		{200, "application/json", " <html>", false, providers.ErrNotAPI, 1},
		{200, "text/html; charset=utf-8", "{}", false, providers.ErrNotAPI, 1},
		{404, "text/html", "<h1>404</h1>", false, providers.ErrNotAPI, 1},
		{404, "application/json", "{}", true, providers.ErrNotAPI, 1},
		{404, "application/json", "{}", false, providers.ErrNotFound, 1},
		{404, "", "", false, providers.ErrNotFound, 1},
	} {
		c, o := socket(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", tt.kind)
			w.WriteHeader(tt.status)
			_, _ = io.WriteString(w, tt.body)
		})
		call := things("1")
		call.List = tt.list
		if _, err := c.Get(t.Context(), call); !errors.Is(err, tt.want) || len(o.requests()) != tt.requests {
			t.Errorf("%+v: %v after %d requests", tt, err, len(o.requests()))
		}
	}
}

// The provider's clock is the median of the last twenty replies, and of those
// since a clock was set.
func TestOffset(t *testing.T) {
	ahead := time.Hour
	serve := func(n int, w http.ResponseWriter, _ *http.Request) {
		date := time.Now().Add(ahead)
		if n%5 == 3 { // a proxy's stale copy
			date = date.Add(-24 * time.Hour)
		}
		w.Header().Set("Date", date.UTC().Format(http.TimeFormat))
		_, _ = io.WriteString(w, `{}`)
	}
	bubble(t, serve, nil, func(t *testing.T, c *rest.Client, o *office) {
		if c.Offset() != 0 {
			t.Errorf("offset %v before any reply", c.Offset())
		}
		ask := func(n int) {
			for range n {
				if _, err := get(t, c); err != nil {
					t.Fatal(err)
				}
			}
		}
		ask(7)
		if off := c.Offset() - time.Hour; off.Abs() > time.Second {
			t.Errorf("offset %v, want an hour", c.Offset())
		}
		ahead = -time.Minute // one of the clocks has been set
		ask(4)
		if off := c.Offset() + time.Minute; off.Abs() > time.Second {
			t.Errorf("offset %v, want a minute less", c.Offset())
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	c, o := socket(t, func(n int, w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, `{"n":%d}`, n) })
	done := make(chan error)
	for range 16 {
		go func() {
			_, err := c.Get(context.Background(), things("1"))
			done <- err
		}()
	}
	for range 16 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := len(o.requests()); n != 16 || c.Usage().Requests != 16 {
		t.Errorf("%d requests, usage %+v", n, c.Usage())
	}
}
