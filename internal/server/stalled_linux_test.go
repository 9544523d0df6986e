package server_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"bandeja/internal/server"
)

// fetching asks for a file and reads none of it.
func fetching(t *testing.T, b browser, path string) {
	t.Helper()
	// With so little room for what was not read, the file cannot be all on its way.
	narrow := net.Dialer{ControlContext: func(_ context.Context, _, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) {
			_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 2048)
			_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, 536)
		})
	}}
	conn, err := narrow.DialContext(t.Context(), "tcp", strings.TrimPrefix(b.origin, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.origin+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(b.cookie)
	if err := req.Write(conn); err != nil {
		t.Fatal(err)
	}
}

// TestExportStoppedWhileItWaits: one that waits for a reader who reads no
// further ends when it is stopped, and not when the reader does.
func TestExportStoppedWhileItWaits(t *testing.T) {
	d := copied(t)
	e := wanted(t, d.browser, map[string]string{"rows": "messages", "format": "ndjson"})
	fetching(t, d.browser, "/api/exports/"+e.ID+"/file")
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

// TestBackupDroppedWhileItWaits: likewise, a backup that is dropped.
func TestBackupDroppedWhileItWaits(t *testing.T) {
	const size = 32 << 20
	path := filepath.Join(t.TempDir(), "x.bandeja")
	if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
	b := newSession(t, func(o *server.Options) {
		o.Office.SaveBackup = func(context.Context, string, server.BackupWish, func(string, int64, int64)) (server.Backup, error) {
			return server.Backup{Path: path, Bytes: size, Drop: func() { _ = os.Remove(path) }}, nil
		}
	})
	made := backedUp(t, b.browser, map[string]any{})
	sending := func() bool {
		stacks := make([]byte, 1<<20)
		return bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte("(*Server).backupFile("))
	}
	wait := func(until bool) bool {
		for range 1000 {
			if sending() == until {
				return true
			}
			time.Sleep(10 * time.Millisecond)
		}
		return false
	}
	fetching(t, b.browser, "/api/backups/"+made.ID+"/file")
	if !wait(true) {
		t.Fatal("it is not being sent")
	}
	if a := b.ask(t, http.MethodDelete, "/api/backups/"+made.ID, nil); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if !wait(false) {
		t.Error("it is still being sent")
	}
}
