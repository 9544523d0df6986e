package syncer_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/syncer"
)

// answers makes every request that matches get a status and a body.
func answers(status int, body string, matches func(*http.Request) bool) meddler {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if matches != nil && !matches(r) {
			return false
		}
		w.Header().Set("Content-Type", map[bool]string{true: "text/html", false: "application/json"}[strings.HasPrefix(body, "<")])
		w.WriteHeader(status)
		fmt.Fprint(w, body)
		return true
	}
}

// TestFaults: what a provider may answer instead, and what the copy says then.
// Each is shown while it lasts, kept over a restart, and over when it is over;
// the cache can be read all the while and still says as of when it is.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		state  string
		kind   string
		most   int64 // requests of a run that meets it
	}{
		{"refused", 401, `{"error":{"code":"UNAUTHORIZED","message":"no"}}`, syncer.Paused, "refused", 1},
		{"forbidden", 403, `{"error":{"code":"FORBIDDEN","message":"no"}}`, syncer.Paused, "forbidden", 1},
		{"html", 200, `<!doctype html><title>Sign in to this network</title>`, syncer.Failing, "not_api", 1},
		{"other json", 200, `{"hello":"world"}`, syncer.Failing, "not_api", 1},
		{"failing", 502, `bad gateway`, syncer.Failing, "failing", 3},
		{"rejected", 400, `{"error":{"code":"BAD","message":"no"}}`, syncer.Failing, "rejected", 1},
	} {
		for _, p := range platforms {
			t.Run(c.name+"/"+string(p), func(t *testing.T) {
				t.Parallel()
				v := openOffice(t, small(31))
				k := newCopier(t, v, p, nil)
				k.once()
				asOf := k.state().AsOf
				var asked atomic.Int64
				answer := answers(c.status, c.body, nil)
				v.between(func(w http.ResponseWriter, r *http.Request) bool { asked.Add(1); return answer(w, r) })
				for range 2 { // the second time by a program that has just been started
					k.again()
					asked.Store(0)
					if err := k.loop.Once(t.Context(), false); syncer.KindOf(err) != c.kind {
						t.Errorf("error %v, of kind %s", err, syncer.KindOf(err))
					}
					if n := asked.Load(); n > c.most {
						t.Errorf("%d requests", n)
					}
					if s := k.loop.Status(); s.State != c.state || syncer.KindOf(s.Err) != c.kind || !s.AsOf.Equal(asOf) {
						t.Errorf("status %+v", s)
					}
					if s := k.state(); s.State != c.state || s.ErrorKind != c.kind || s.Error == "" || !s.AsOf.Equal(asOf) {
						t.Errorf("stored state %+v, was as of %v", s, asOf)
					}
				}
				k.checkEqual()
				v.between(nil)
				k.once()
				if s := k.state(); s.State != syncer.UpToDate || s.ErrorKind != "" || s.Error != "" {
					t.Errorf("once it is over the state is %+v", s)
				}
			})
		}
	}
}

// TestOddReplies: an answer now and then that is not this API's, from one that
// otherwise answers, stops no first copy.
func TestOddReplies(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		v := openOffice(t, small(38))
		k := newCopier(t, v, p, nil)
		odd := answers(200, `{"hello":"world"}`, nil)
		var asked, met atomic.Int64
		v.between(func(w http.ResponseWriter, r *http.Request) bool {
			if asked.Add(1)%31 != 0 {
				return false
			}
			met.Add(1)
			return odd(w, r)
		})
		k.once()
		if met.Load() == 0 {
			t.Error("it met none")
		}
		v.between(nil)
		k.checkEqual()
	})
}

// TestOddConversation: one whose messages always fail keeps no other unread,
// and the copy does not pass for whole until it is read. Where all fail it is
// the provider that does.
func TestOddConversation(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		v := openOffice(t, small(37))
		newest := idOf(t, v.conversations(p)[0])
		for _, odd := range []meddler{answers(422, `{"error":{"code":"BAD"}}`, nil), answers(200, `{"data":"no"}`, nil)} {
			k := newCopier(t, v, p, nil)
			var asked atomic.Int64
			v.between(func(w http.ResponseWriter, r *http.Request) bool {
				return isMessages(p, r) && strings.Contains(r.URL.Path, newest) && odd(w, r)
			})
			for range 2 { // again while nothing else is unread
				if err := k.loop.Once(t.Context(), false); err == nil {
					t.Error("it passes for read")
				}
				if s := k.state(); s.State != syncer.Failing || s.Incomplete != 1 || s.Sweep.FinishedAt.IsZero() {
					t.Errorf("%+v", s)
				}
			}
			v.between(nil)
			k.once()
			k.checkEqual()
			k = newCopier(t, v, p, nil)
			v.between(func(w http.ResponseWriter, r *http.Request) bool {
				if !isMessages(p, r) {
					return false
				}
				asked.Add(1)
				return odd(w, r)
			})
			if err := k.loop.Once(t.Context(), false); err == nil || asked.Load() > 4*4 { // the first try brought the list
				t.Errorf("%v after %d readings", err, asked.Load())
			}
		}
	})
}

// TestWrongKey: nothing is copied with a wrong key, and one request is enough
// to know.
func TestWrongKey(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		v := openOffice(t, small(32))
		k := newCopier(t, v, p, func(o *syncer.Options) { o.Provider = client(t, p, v.base(p), "no-such-key") })
		if err := k.loop.Once(t.Context(), false); !errors.Is(err, providers.ErrRefused) {
			t.Fatal(err)
		}
		if s := k.state(); s.State != syncer.Paused || s.ErrorKind != "refused" || s.Conversations != 0 || v.Requests() != 1 {
			t.Errorf("%+v after %d requests", s, v.Requests())
		}
	})
}

// TestRevoked: a key revoked in the middle stops the account within a request
// a reader; what was read stays.
func TestRevoked(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		v := openOffice(t, small(33))
		k := newCopier(t, v, p, nil)
		var asked, refused atomic.Int64
		no := answers(401, `{}`, nil)
		v.between(func(w http.ResponseWriter, r *http.Request) bool {
			if asked.Add(1) < 60 {
				return false
			}
			refused.Add(1)
			return no(w, r)
		})
		if err := k.loop.Once(t.Context(), false); !errors.Is(err, providers.ErrRefused) {
			t.Fatal(err)
		}
		if n := refused.Load(); n > 4 {
			t.Errorf("%d requests with a refused key", n)
		}
		if got := exportMessages(t, k.cache); len(got) < 40 {
			t.Errorf("the messages of %d conversations were kept", len(got))
		}
		v.between(nil)
		k.once()
		k.checkEqual()
	})
}

// TestOffline: nobody answers.
func TestOffline(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		v := openOffice(t, small(34))
		k := newCopier(t, v, p, nil)
		k.once()
		asOf := k.state().AsOf
		gone := httptest.NewServer(http.NotFoundHandler())
		gone.Close()
		k.o.Provider = client(t, p, strings.Replace(v.base(p), v.server.URL, gone.URL, 1), v.key(p))
		var shown []string
		k.o.Progressed = func() { shown = append(shown, k.loop.Status().State) }
		k.again()
		if err := k.loop.Once(t.Context(), false); !errors.Is(err, providers.ErrUnreachable) {
			t.Fatal(err)
		}
		if len(shown) < 2 || shown[1] != syncer.Offline {
			t.Errorf("it was shown as %v: the first failure should show", shown)
		}
		if s := k.state(); s.State != syncer.Offline || s.ErrorKind != "unreachable" || !s.AsOf.Equal(asOf) {
			t.Errorf("%+v, was as of %v", s, asOf)
		}
		k.checkEqual()
	})
}

// TestAbsentConversation: one that the provider no longer has is looked up
// once, counted as incomplete, and holds up no other.
func TestAbsentConversation(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		v := openOffice(t, small(35))
		k := newCopier(t, v, p, nil)
		lost := idOf(t, v.conversations(p)[7])
		var asked atomic.Int64
		gone := answers(404, `{"error":{"code":"NOT_FOUND","message":"no"}}`, func(r *http.Request) bool {
			return strings.Contains(r.URL.Path, lost)
		})
		v.between(func(w http.ResponseWriter, r *http.Request) bool {
			if !gone(w, r) {
				return false
			}
			asked.Add(1)
			return true
		})
		k.once()
		if s := k.state(); s.State != syncer.UpToDate || s.Incomplete != 1 {
			t.Errorf("%+v", s)
		}
		if n := asked.Load(); n < 2 || n > 4 {
			t.Errorf("it was asked for %d times", n)
		}
		before := asked.Load()
		k.once()
		if asked.Load() != before {
			t.Error("it was asked for again a moment later")
		}
		// The team's, since a customer's may begin another session.
		if err := v.Answer(string(p), lost, "sigo acá"); err != nil {
			t.Fatal(err)
		}
		k.once()
		if asked.Load() == before {
			t.Error("it was listed anew and not asked for")
		}
		v.between(nil)
		k.again()
		k.once()
		readEverything(t, k.cache)
		k.checkEqual()
	})
}

// TestNothingFound: where no conversation can be read at all the copy is not
// up to date, whatever the list says.
func TestNothingFound(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		v := openOffice(t, small(36))
		k := newCopier(t, v, p, nil)
		v.between(answers(404, `{}`, func(r *http.Request) bool { return !strings.HasSuffix(r.URL.Path, "/conversations") }))
		if err := k.loop.Once(t.Context(), false); !errors.Is(err, providers.ErrFailing) {
			t.Errorf("nothing could be read: %v", err)
		}
		if s := k.state(); s.State != syncer.Failing || s.ErrorKind != "failing" {
			t.Errorf("%+v", s)
		}
	})
}

// TestMessagesNotFound: a conversation that is there, with messages that are
// not, is a fault of the provider.
func TestMessagesNotFound(t *testing.T) {
	t.Parallel()
	p := inbox.Waspy
	v := openOffice(t, small(37))
	k := newCopier(t, v, p, nil)
	lost := idOf(t, v.conversations(p)[3])
	v.between(answers(404, `{}`, func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, lost+"/messages") }))
	if err := k.loop.Once(t.Context(), false); !errors.Is(err, providers.ErrFailing) {
		t.Errorf("a conversation without its messages: %v", err)
	}
	v.between(nil)
	k.once()
	k.checkEqual()
}

// TestBookmarkRefused: a cursor that the provider does not take any more costs
// a new walk and loses nothing; one too many is said.
func TestBookmarkRefused(t *testing.T) {
	p := inbox.Waspy
	for _, c := range []struct {
		name     string
		messages bool
		times    int // that a list, or a conversation, is refused
		fails    bool
	}{
		{"list once", false, 1, false},
		{"list three times", false, 3, false},
		{"list always", false, 1 << 40, true},
		{"messages once", true, 1, false},
		{"messages three times", true, 3, false},
		{"messages always", true, 1 << 40, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			size := small(38)
			if c.messages { // some longer than a page
				size.Conversations, size.Messages = 110, 5000
			}
			v := openOffice(t, size)
			k := newCopier(t, v, p, nil)
			var mu sync.Mutex
			met := map[string]int{}
			v.between(answers(410, `{"error":{"code":"GONE","message":"no"}}`, func(r *http.Request) bool {
				mu.Lock()
				defer mu.Unlock()
				if r.URL.Query().Get("cursor") == "" || isMessages(p, r) != c.messages || met[r.URL.Path] == c.times {
					return false
				}
				met[r.URL.Path]++
				return true
			}))
			err := k.loop.Once(t.Context(), false)
			if c.fails != (err != nil) || c.fails && syncer.KindOf(err) != "failing" || len(met) == 0 {
				t.Fatalf("%d paths refused, error %v", len(met), err)
			}
			for path, n := range met {
				if n > 4 {
					t.Errorf("%s was refused %d times before it was said", path, n)
				}
			}
			v.between(nil)
			k.once()
			k.checkEqual()
		})
	}
}

// TestBookmarkRefusedAtHead: the same in a head pass.
func TestBookmarkRefusedAtHead(t *testing.T) {
	p := inbox.Waspy
	v := openOffice(t, small(39))
	k := newCopier(t, v, p, nil)
	k.once()
	postSome(t, v, p, 150) // more than a page
	var met atomic.Int64
	gone := answers(400, `{"error":{"code":"BAD_CURSOR","message":"no"}}`, func(r *http.Request) bool {
		return r.URL.Query().Get("cursor") != "" && !isMessages(p, r)
	})
	v.between(func(w http.ResponseWriter, r *http.Request) bool {
		return met.Load() < 2 && gone(w, r) && met.Add(1) > 0
	})
	k.once()
	if met.Load() != 2 {
		t.Fatalf("%d cursors were refused", met.Load())
	}
	readEverything(t, k.cache)
	k.checkEqual()
}

// TestDiskFull: what cannot be written stops the run and is said by its kind;
// once there is room it goes on.
func TestDiskFull(t *testing.T) {
	v := openOffice(t, small(40))
	full := true
	k := newCopier(t, v, inbox.Waspy, func(o *syncer.Options) {
		o.ReadFloor = func(_ context.Context, top time.Time) (time.Time, error) {
			if full {
				return top, fmt.Errorf("local.db: %w", cache.ErrFull)
			}
			return top, nil
		}
	})
	if err := k.loop.Once(t.Context(), false); !errors.Is(err, cache.ErrFull) {
		t.Fatal(err)
	}
	if s := k.loop.Status(); s.State != syncer.Failing || syncer.KindOf(s.Err) != "disk_full" {
		t.Errorf("%+v", s)
	}
	if s := k.state(); s.State != syncer.Failing || s.ErrorKind != "disk_full" {
		t.Errorf("%+v", s)
	}
	full = false
	k.once()
	k.checkEqual()
}

// TestReadOnlyFolder: a cache that cannot be written is said, and not asked
// the provider for.
func TestReadOnlyFolder(t *testing.T) {
	v := openOffice(t, small(41))
	db, err := cache.OpenCache(t.Context(), filepath.Join(t.TempDir(), "cache.db"), cache.ReadOnly)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	p := inbox.Waspy
	l := syncer.New(syncer.Options{Account: account(p), Provider: client(t, p, v.base(p), v.key(p)), Cache: db})
	if err := l.Once(t.Context(), false); !errors.Is(err, cache.ErrReadOnly) {
		t.Fatal(err)
	}
	if s := l.Status(); s.State != syncer.Failing || syncer.KindOf(s.Err) != "read_only" || v.Requests() != 0 {
		t.Errorf("%+v after %d requests", s, v.Requests())
	}
}

func TestKinds(t *testing.T) {
	for err, want := range map[error]string{
		providers.ErrRefused: "refused", providers.ErrForbidden: "forbidden", providers.ErrUnreachable: "unreachable",
		providers.ErrLimited: "limited", providers.ErrNotAPI: "not_api", providers.ErrFailing: "failing", providers.ErrRejected: "rejected",
		cache.ErrFull: "disk_full", cache.ErrCorrupt: "damaged", cache.ErrReadOnly: "read_only", errors.New("other"): "unexpected",
	} {
		if got := syncer.KindOf(fmt.Errorf("sync: %w", err)); got != want {
			t.Errorf("%v is of kind %s", err, got)
		}
	}
}

// TestTellsAfterCommit: who is told of a change finds it in the cache, and the
// numbers of progress are those of the cache.
func TestTellsAfterCommit(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		v := openOffice(t, simulator.Options{Seed: 42, Conversations: 500, Messages: 4000})
		k := newCopier(t, v, p, nil)
		var changed, listing, reading int
		k.o.Changed = func(d cache.Delta) {
			changed++
			for _, ref := range d.Threads {
				if _, err := k.cache.Thread(context.Background(), ref); err != nil {
					t.Errorf("told of a thread: %v", err)
				}
			}
		}
		k.o.Progressed = func() {
			s := k.loop.Status()
			if s.Listing != nil {
				listing++
				if n := k.state().Conversations; n < s.Listing.Seen/2 || n == 0 {
					t.Errorf("%d listed, and %d here", s.Listing.Seen, n)
				}
			}
			if s.Reading != nil && reading >= 0 {
				reading++
				if left, err := k.cache.CountUnread(context.Background(), "shop"); err != nil || s.Reading.Done+left != s.Reading.Total && s.State == syncer.FirstCopy && s.Run.FinishedAt.IsZero() {
					t.Errorf("%d of %d read, and %d left: %v", s.Reading.Done, s.Reading.Total, left, err)
				}
			}
		}
		k.again()
		k.once()
		if changed == 0 || listing == 0 || reading == 0 { // pages that come fast are saved together
			t.Errorf("told of %d changes, %d pages, %d readings", changed, listing, reading)
		}
	})
}
