package rest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"bandeja/internal/providers"
	"bandeja/internal/providers/rest"
)

// Every status, how often a GET is tried, and what it becomes.
func TestGetByStatus(t *testing.T) {
	for _, tt := range []struct {
		status, tries int
		kind          error
	}{
		{400, 1, providers.ErrRejected}, {401, 1, providers.ErrRefused}, {403, 1, providers.ErrForbidden},
		{404, 1, providers.ErrNotFound}, {405, 1, providers.ErrRejected}, {409, 1, providers.ErrRejected},
		{410, 1, providers.ErrRejected}, {422, 1, providers.ErrRejected}, {451, 1, providers.ErrRejected},
		{408, 6, providers.ErrFailing}, {425, 6, providers.ErrFailing}, {429, 6, providers.ErrLimited},
		{500, 6, providers.ErrFailing}, {502, 6, providers.ErrFailing}, {503, 6, providers.ErrFailing},
		{504, 6, providers.ErrFailing}, {501, 1, providers.ErrFailing}, {304, 1, providers.ErrNotAPI},
	} {
		t.Run(strconv.Itoa(tt.status), func(t *testing.T) {
			bubble(t, status(tt.status, `{}`), nil, func(t *testing.T, c *rest.Client, o *office) {
				_, err := get(t, c)
				var failed *providers.Error
				if !errors.Is(err, tt.kind) || !errors.As(err, &failed) || failed.Status != tt.status || failed.Op != "read things" {
					t.Errorf("error %v, want %v", err, tt.kind)
				}
				if n := len(o.requests()); n != tt.tries {
					t.Errorf("%d requests, want %d", n, tt.tries)
				}
				usage := c.Usage()
				if usage.Requests != int64(tt.tries) || usage.Retries != int64(tt.tries-1) {
					t.Errorf("usage %+v, want %d requests", usage, tt.tries)
				}
				if limited := usage.Limited > 0; limited != (tt.status == 429) {
					t.Errorf("usage %+v after %d", usage, tt.status)
				}
			})
		})
	}
}

// A PATCH goes out once, whatever is answered.
func TestPatchIsNeverRepeated(t *testing.T) {
	for _, code := range []int{200, 400, 401, 403, 404, 408, 409, 422, 425, 429, 500, 502, 503, 504, 307, 308, 302} {
		bubble(t, func(n int, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "/base/v9/elsewhere")
			w.WriteHeader(code)
		}, nil, func(t *testing.T, c *rest.Client, o *office) {
			_, err := c.Patch(t.Context(), things("1"), map[string]any{"assignedTo": nil})
			if (err == nil) != (code == 200) {
				t.Errorf("%d: error %v", code, err)
			}
			requests := o.requests()
			if len(requests) != 1 || requests[0].method != http.MethodPatch || requests[0].body != `{"assignedTo":null}` {
				t.Errorf("%d: requests %v", code, requests)
			}
		})
	}
}

func TestPatchWithoutReplyIsNotRepeated(t *testing.T) {
	bubble(t, func(int, http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, nil, func(t *testing.T, c *rest.Client, o *office) {
		if _, err := c.Patch(t.Context(), things("1"), struct{}{}); !errors.Is(err, providers.ErrUnreachable) {
			t.Errorf("error %v", err)
		}
		if n := len(o.requests()); n != 1 {
			t.Errorf("%d requests", n)
		}
	})
}

// With the jitter at one half the pauses are exactly half of 0.5 s doubled.
func TestBackoffSums(t *testing.T) {
	bubble(t, status(500, `{}`), nil, func(t *testing.T, c *rest.Client, o *office) {
		var err error
		if took := elapsed(func() { _, err = get(t, c) }); took != 7750*time.Millisecond {
			t.Errorf("took %v, want 0.25+0.5+1+2+4 s (%v)", took, err)
		}
		want := []time.Duration{0, 250 * time.Millisecond, 750 * time.Millisecond, 1750 * time.Millisecond, 3750 * time.Millisecond, 7750 * time.Millisecond}
		if !slices.Equal(o.times(), want) {
			t.Errorf("requests at %v, want %v", o.times(), want)
		}
	})
}

func TestBackoffIsCapped(t *testing.T) {
	change := func(o *rest.Options) { o.Tries, o.Rand = 9, func() float64 { return 1 } }
	bubble(t, status(502, ``), change, func(t *testing.T, c *rest.Client, o *office) {
		// 0.5+1+2+4+8+16+32, then 60 instead of 64.
		if took := elapsed(func() { _, _ = get(t, c) }); took != 123500*time.Millisecond {
			t.Errorf("took %v", took)
		}
		if n := len(o.requests()); n != 9 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	// The provider's clock is a day ahead of ours: a date counts from its own.
	date := time.Date(2026, 4, 13, 14, 32, 0, 0, time.UTC)
	in := func(d time.Duration) string { return date.Add(d).Format(http.TimeFormat) }
	for _, tt := range []struct {
		name, header string
		want         time.Duration
	}{
		{"none", "", 250 * time.Millisecond},
		{"zero is a second", "0", time.Second},
		{"seconds", "120", 2 * time.Minute},
		{"the longest", "900", 15 * time.Minute},
		{"date ahead", in(90 * time.Second), 90 * time.Second},
		{"date past", in(-time.Hour), time.Second},
		{"garbage", "soon", 250 * time.Millisecond},
		{"negative", "-3", 250 * time.Millisecond},
		{"fraction", "1.5", 250 * time.Millisecond},
	} {
		for _, code := range []int{429, 503} {
			t.Run(tt.name+strconv.Itoa(code), func(t *testing.T) {
				serve := func(n int, w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Date", date.Format(http.TimeFormat))
					if n > 0 {
						_, _ = io.WriteString(w, `{}`)
						return
					}
					if tt.header != "" {
						w.Header().Set("Retry-After", tt.header)
					}
					w.WriteHeader(code)
				}
				bubble(t, serve, nil, func(t *testing.T, c *rest.Client, o *office) {
					if _, err := get(t, c); err != nil {
						t.Fatal(err)
					}
					if want := []time.Duration{0, tt.want}; !slices.Equal(o.times(), want) {
						t.Errorf("requests at %v, want %v", o.times(), want)
					}
				})
			})
		}
	}
}

// A wait that is too long is said and not sat out, and it holds for the key.
func TestRetryAfterTooLong(t *testing.T) {
	for _, header := range []string{"901", "1000000000", "99999999999999999999999999"} {
		serve := func(n int, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", header)
			w.WriteHeader(429)
		}
		bubble(t, serve, nil, func(t *testing.T, c *rest.Client, o *office) {
			start := time.Now()
			for range 3 {
				_, err := get(t, c)
				var failed *providers.Error
				if !errors.Is(err, providers.ErrLimited) || !errors.As(err, &failed) || failed.Until.Sub(start) < 901*time.Second {
					t.Errorf("error %#v", err)
				}
			}
			if n, took := len(o.requests()), time.Since(start); n != 1 || took != 0 {
				t.Errorf("%d requests in %v", n, took)
			}
		})
	}
}

func TestRetryAfterHoldsEveryRequestOfTheKey(t *testing.T) {
	serve := func(n int, w http.ResponseWriter, r *http.Request) {
		if n == 0 {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(429)
			return
		}
		_, _ = io.WriteString(w, `{}`)
	}
	bubble(t, serve, nil, func(t *testing.T, c *rest.Client, o *office) {
		done := make(chan error, 4)
		go func() { _, err := get(t, c); done <- err }()
		time.Sleep(time.Second)
		for range 3 {
			go func() { _, err := get(t, c); done <- err }()
		}
		for range 4 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		for _, at := range o.times()[1:] {
			if at < 30*time.Second {
				t.Errorf("a request at %v, held until 30 s", at)
			}
		}
	})
}

// A provider that fails for long gets a share of retries and no more.
func TestRetryBudget(t *testing.T) {
	bubble(t, status(500, `{}`), nil, func(t *testing.T, c *rest.Client, o *office) {
		for range 40 {
			_, _ = get(t, c)
		}
		usage := c.Usage()
		if usage.Retries > 8+int64(0.35*float64(usage.Requests)) {
			t.Errorf("usage %+v: more than 35%% retries", usage)
		}
		time.Sleep(11 * time.Minute)
		before := len(o.requests())
		_, _ = get(t, c)
		if n := len(o.requests()) - before; n != 6 {
			t.Errorf("%d tries after ten quiet minutes, want 6", n)
		}
	})
}

func TestBrokenRepliesAreTriedAgain(t *testing.T) {
	for name, broken := range map[string]func(w http.ResponseWriter){
		"cut JSON": func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"data":[`) },
		"trailing": func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{} {`) },
		"nothing":  func(w http.ResponseWriter) {},
		"NaN":      func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"a":NaN}`) },
		"cut body": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "99")
			_, _ = io.WriteString(w, `{"a":1}`)
		},
		"no reply": func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"gzip that is no": func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, `{"a":1}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			serve := func(n int, w http.ResponseWriter, r *http.Request) {
				if n < 2 {
					broken(w)
					return
				}
				_, _ = io.WriteString(w, "\xef\xbb\xbf {\"ok\":true}\n")
			}
			bubble(t, serve, nil, func(t *testing.T, c *rest.Client, o *office) {
				reply, err := get(t, c)
				if err != nil || string(reply.Body) != `{"ok":true}` || len(o.requests()) != 3 {
					t.Errorf("%s, %v after %d requests", reply.Body, err, len(o.requests()))
				}
			})
		})
	}
}

func TestUnreachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opts := options("https://api.example.org/v1")
		opts.Transport = failing{errors.New("dial 10.0.0.1 with " + testKey)}
		c, err := rest.New(opts)
		if err != nil {
			t.Fatal(err)
		}
		_, err = get(t, c)
		if !errors.Is(err, providers.ErrUnreachable) || c.Usage().Requests != 6 {
			t.Errorf("%v after %+v", err, c.Usage())
		}
	})
}

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestCancelReturnsAtOnce(t *testing.T) {
	for name, serve := range map[string]func(int, http.ResponseWriter, *http.Request){
		"in a backoff": status(500, `{}`),
		"in a hold": func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "600")
			w.WriteHeader(429)
		},
		"in a reply": func(_ int, w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, serve, func(o *rest.Options) { o.Rand = func() float64 { return 1 } }, func(t *testing.T, c *rest.Client, o *office) {
				ctx := withTimeout(t, 3*time.Second)
				var err error
				took := elapsed(func() { _, err = c.Get(ctx, things("1")) })
				if !errors.Is(err, context.DeadlineExceeded) || took != 3*time.Second {
					t.Errorf("%v after %v", err, took)
				}
			})
		})
	}
}

// Where nobody listens, three tries within a second and a half are enough.
func TestNobodyThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dialled := 0
		o := options("http://127.0.0.1/base")
		o.Rand = func() float64 { return 0.999 }
		o.DialContext = func(context.Context, string, string) (net.Conn, error) {
			dialled++
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		}
		c, err := rest.New(o)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := get(t, c); !errors.Is(err, providers.ErrUnreachable) {
			t.Errorf("%v", err)
		}
		if d := time.Since(began); dialled != 3 || d > 1500*time.Millisecond {
			t.Errorf("%d tries in %v", dialled, d)
		}
	})
}
