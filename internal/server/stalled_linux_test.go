package server_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestExportStoppedWhileItWaits: one that waits for a reader who reads no
// further ends when it is stopped, and not when the reader does.
func TestExportStoppedWhileItWaits(t *testing.T) {
	d := copied(t)
	e := wanted(t, d.browser, map[string]string{"rows": "messages", "format": "ndjson"})
	// With so little room for what was not read, the file cannot be all on its way.
	narrow := net.Dialer{ControlContext: func(_ context.Context, _, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) {
			_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 2048)
			_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, 536)
		})
	}}
	conn, err := narrow.DialContext(t.Context(), "tcp", strings.TrimPrefix(d.origin, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.origin+"/api/exports/"+e.ID+"/file", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(d.cookie)
	if err := req.Write(conn); err != nil {
		t.Fatal(err)
	}
	var now exportRun
	for before := int64(-1); now.Done == 0 || now.Done != before; time.Sleep(200 * time.Millisecond) {
		before = now.Done
		d.get(t, "/api/exports/"+e.ID, &now)
		if now.State == "done" {
			t.Fatal("all of it was on its way")
		}
	}
	if a := d.ask(t, http.MethodDelete, "/api/exports/"+e.ID, nil); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for range 1000 {
		if d.get(t, "/api/exports/"+e.ID, &now); now.State != "running" {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if now.State != "stopped" {
		t.Errorf("%+v", now)
	}
}
