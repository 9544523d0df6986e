package shape_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/profile"
)

// TestRevokedAtOnce: on a connection that stays open, and of a change whose body is
// still coming when its token is ended, nothing more is answered, and nothing is
// changed.
func TestRevokedAtOnce(t *testing.T) {
	h := newHub(t, hubOptions{conversations: 40, messages: 300, seed: 33})
	c, s := h.open(t)
	for path, body := range map[string]string{"/waspy/api/v2/conversations/" + c.ID: `{"status":"pending"}`, "/platica/v1/conversations/" + s.ID: `{"status":"spam"}`} {
		token := h.token(t, "writer", []string{cache.ScopeRead, cache.ScopeWrite}).token
		host := strings.TrimPrefix(h.origin, "http://")
		conn, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
		answers := bufio.NewReader(conn)
		ask := func(text string) {
			fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n", text, host, token)
		}
		answered := func() int {
			t.Helper()
			res, err := http.ReadResponse(answers, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			_, _ = io.Copy(io.Discard, res.Body)
			return res.StatusCode
		}
		ask("GET " + path)
		fmt.Fprint(conn, "\r\n")
		if got := answered(); got != http.StatusOK {
			t.Fatalf("%s: %d", path, got)
		}
		ask("PATCH " + path)
		fmt.Fprintf(conn, "Content-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", len(body))
		if got := answered(); got != http.StatusContinue { // it was let in, and its body is being read
			t.Fatalf("%s: %d", path, got)
		}
		fmt.Fprint(conn, body[:5])
		if err := h.in.RevokeToken(t.Context(), "writer"); err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(conn, body[5:])
		if got := answered(); got != http.StatusUnauthorized {
			t.Errorf("%s whose token has ended meanwhile: %d", path, got)
		}
		ask("GET " + path)
		fmt.Fprint(conn, "\r\n")
		if got := answered(); got != http.StatusUnauthorized {
			t.Errorf("%s on the same connection: %d", path, got)
		}
	}
	if n := h.outbox(t) + h.office.Effects("waspy", c.ID, "status") + h.office.Effects("platica", s.ID, "status"); n != 0 {
		t.Errorf("%d changes were made, or wait", n)
	}
	if _, err := h.in.CreateToken(t.Context(), profile.NewToken{Name: "writer", Scopes: both}); err != nil {
		t.Errorf("its name is not free again: %v", err)
	}
}
