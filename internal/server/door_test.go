package server_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bandeja/internal/cache"
)

// visitor is who asks, by what they carry.
type visitor struct{ cookie, token string }

// visitors are the columns of testdata/door.txt.
var visitors = []string{"none", "cookie", "stale", "read", "write", "ended", "expired", "both"}

// doorRow is what one door answers to a host, an origin and a site: through, or
// a status of its own. room is what stands behind it, for each visitor.
type doorRow struct{ door, host, origin, site, want string }

type room struct {
	door, method, path string
	want               []string // by visitor
}

// table reads testdata/door.txt.
func table(t *testing.T) (rows []doorRow, rooms []room) {
	t.Helper()
	f, err := os.Open("testdata/door.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		words := strings.Fields(lines.Text())
		switch {
		case len(words) == 0 || words[0] == "#":
		case words[0] == "door" && len(words) == 6:
			rows = append(rows, doorRow{words[1], words[2], words[3], words[4], words[5]})
		case words[0] == "room" && len(words) == 4+len(visitors):
			rooms = append(rooms, room{words[1], words[2], words[3], words[4:]})
		default:
			t.Fatalf("a line of testdata/door.txt is neither a door nor a room: %q", lines.Text())
		}
	}
	return rows, rooms
}

// TestDoors tries every way in with every route and every credential, at both
// doors, and holds the answers to a table that people can read. Nothing but what
// the page itself does gets through, and no credential opens what is another's.
func TestDoors(t *testing.T) {
	b := newSession(t, nil)
	who := letIn(t, b)
	public := httptest.NewUnstartedServer(nil)
	public.Config.Handler = b.Public(func(host string) bool { return host == public.Listener.Addr().String() })
	public.StartTLS()
	t.Cleanup(public.Close)
	doors := map[string]struct {
		origin string
		client http.RoundTripper
	}{
		"loopback": {b.origin, http.DefaultTransport},
		"public":   {public.URL, &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}},
	}
	rows, rooms := table(t)
	tried := 0
	for _, row := range rows {
		door := doors[row.door]
		_, address, _ := strings.Cut(door.origin, "://")
		_, port, _ := net.SplitHostPort(address)
		fill := strings.NewReplacer("{own}", address, "{port}", port, "{host}", strings.NewReplacer("{own}", address, "{port}", port).Replace(row.host))
		for _, room := range rooms {
			if room.door != row.door {
				continue
			}
			for i, name := range visitors {
				want := row.want
				if want == "through" {
					want = room.want[i]
				} else if name != "none" && name != "both" {
					continue // one with nothing and one with everything are turned away alike
				}
				req, err := http.NewRequestWithContext(t.Context(), room.method, door.origin+room.path, nil)
				if err != nil {
					t.Fatal(err)
				}
				req.Host = fill.Replace(row.host)
				who[name].carry(req, b.cookie.Name)
				setIf(req, "Origin", fill.Replace(row.origin))
				setIf(req, "Sec-Fetch-Site", row.site)
				res, err := door.client.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				_ = res.Body.Close()
				tried++
				got := strconv.Itoa(res.StatusCode)
				if !slices.Contains(strings.Split(want, "/"), got) {
					t.Errorf("%s door, host %s, origin %s, site %s: %s %s of %s is %s, want %s", row.door, row.host, row.origin, row.site, room.method, room.path, name, got, want)
				}
				checkHeaders(t, room.method+" "+room.path, answer{status: res.StatusCode, header: res.Header})
				if row.door == "public" && len(res.Cookies()) > 0 {
					t.Errorf("the public door gives a cookie for %s", room.path)
				}
			}
		}
	}
	if tried < 1000 {
		t.Errorf("only %d requests were tried", tried)
	}
	t.Logf("%d requests", tried)
}

// letIn makes what visitors carry.
func letIn(t *testing.T, b *bench) map[string]visitor {
	t.Helper()
	local := full().in.Local()
	made := map[string]visitor{"none": {}, "cookie": {cookie: b.cookie.Value}, "stale": {cookie: "stale"}}
	for name, bearer := range map[string]cache.Bearer{
		"read": {Scopes: []string{cache.ScopeRead}}, "write": {Scopes: []string{cache.ScopeWrite}}, "ended": {Scopes: cache.Scopes},
		"expired": {Scopes: cache.Scopes, ExpiresAt: time.Now().Add(-time.Second)},
	} {
		bearer.Name, bearer.MadeAt = "door-"+name, time.Now().Add(-time.Hour)
		if err := local.AddToken(t.Context(), bearer, sha256.Sum256([]byte("secret of "+name))); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = local.RevokeToken(context.Background(), bearer.Name) })
		made[name] = visitor{token: "secret of " + name}
	}
	if err := local.RevokeToken(t.Context(), "door-ended"); err != nil {
		t.Fatal(err)
	}
	made["both"] = visitor{made["cookie"].cookie, made["read"].token}
	return made
}

func (v visitor) carry(r *http.Request, cookieName string) {
	if v.cookie != "" {
		r.AddCookie(&http.Cookie{Name: cookieName, Value: v.cookie})
	}
	if v.token != "" {
		r.Header.Set("Authorization", "Bearer "+v.token)
	}
}

// setIf sets a header that a table has; "-" is none.
func setIf(r *http.Request, name, value string) {
	if value != "-" {
		r.Header.Set(name, value)
	}
}
