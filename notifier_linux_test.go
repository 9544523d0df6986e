//go:build desktop

package main

import (
	"bufio"
	"context"
	"io/fs"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"bandeja/internal/cache"
	"bandeja/internal/cli"
	"bandeja/internal/inbox"
	"bandeja/internal/profile"
	"bandeja/internal/providers/providertest"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/server"
)

// received is a call of Notify as the desktop gets it.
type received struct {
	app, title, body string
	replaces, id     uint32
	actions          []string
}

// desktopService shows notifications, in that it remembers them.
type desktopService struct {
	conn *dbus.Conn
	can  []string
	got  chan received
	last uint32
}

// GetCapabilities is the specification's.
func (d *desktopService) GetCapabilities() ([]string, *dbus.Error) { return d.can, nil }

// Notify is the specification's.
func (d *desktopService) Notify(app string, replaces uint32, _, title, body string, actions []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	id := replaces
	if id == 0 {
		d.last++
		id = d.last
	}
	d.got <- received{app, title, body, replaces, id, actions}
	return id, nil
}

func (d *desktopService) emit(t *testing.T, signal string, args ...any) {
	t.Helper()
	if err := d.conn.Emit(busPath, busName+"."+signal, args...); err != nil {
		t.Fatal(err)
	}
}

func (d *desktopService) next(t *testing.T) received {
	t.Helper()
	select {
	case r := <-d.got:
		return r
	case <-time.After(30 * time.Second):
		t.Fatal("the desktop was not asked to show anything")
		return received{}
	}
}

// sessionBus is one of the test's own.
func sessionBus(t *testing.T) {
	t.Helper()
	daemon := exec.Command("dbus-daemon", "--session", "--nofork", "--print-address")
	out, err := daemon.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = daemon.Process.Kill(); _ = daemon.Wait() })
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
}

func desktopOn(t *testing.T, can ...string) *desktopService {
	t.Helper()
	conn, err := dbus.Connect(os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	d := &desktopService{conn: conn, can: can, got: make(chan received, 100)}
	if err := conn.Export(d, busPath, busName); err != nil {
		t.Fatal(err)
	}
	if reply, err := conn.RequestName(busName, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("%v %v", reply, err)
	}
	return d
}

// TestNotifier: over a real bus, one notification a thread, whose click opens it
// and whose closing does not.
func TestNotifier(t *testing.T) {
	sessionBus(t)
	opened := make(chan string, 10)
	n := newNotifier(t.Context(), func(thread string) { opened <- thread })
	defer n.close()
	show := func(tag, body string) {
		t.Helper()
		if err := n.show(server.Notification{Tag: tag, Thread: tag, Title: "Ana <b>", Body: body}); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.show(server.Notification{Tag: "t_a"}); err == nil {
		t.Error("shown where nobody shows any")
	}
	d := desktopOn(t, "body", "body-markup", "actions")
	show("t_a", "uno & <a href=x>dos</a>\x00\xff")
	first := d.next(t)
	if first.app != "Bandeja" || first.title != "Ana <b>" || first.body != "uno &amp; &lt;a href=x&gt;dos&lt;/a&gt;\uFFFD" || first.replaces != 0 || first.actions[0] != "default" {
		t.Errorf("%+v", first)
	}
	show("t_b", "otro")
	if second := d.next(t); second.replaces != 0 {
		t.Errorf("another thread's took the first one's place: %+v", second)
	}
	show("t_a", "más")
	if again := d.next(t); again.replaces != first.id {
		t.Errorf("the thread's own did not: %+v", again)
	}

	d.emit(t, "ActionInvoked", uint32(99), "default") // another program's
	d.emit(t, "ActionInvoked", first.id, "settings")
	d.emit(t, "NotificationClosed", uint32(98), uint32(2))
	d.emit(t, "ActionInvoked", first.id, "default")
	if got := <-opened; got != "t_a" {
		t.Errorf("opened %q", got)
	}
	d.emit(t, "NotificationClosed", first.id, uint32(2))
	d.emit(t, "ActionInvoked", first.id, "default") // it is gone
	soon(t, "it is known to be gone", func() bool {
		n.mu.Lock()
		defer n.mu.Unlock()
		return len(n.shown) == 1 // the other thread's
	})
	show("t_a", "nuevo")
	if fresh := d.next(t); fresh.replaces != 0 {
		t.Errorf("what was closed is replaced: %+v", fresh)
	}
	select {
	case got := <-opened:
		t.Errorf("opened %q by closing", got)
	default:
	}
}

// TestNotifierFollowsTheBus: text is text where the desktop reads no markup, and
// a bus that went is found again.
func TestNotifierFollowsTheBus(t *testing.T) {
	n := newNotifier(t.Context(), func(string) {})
	defer n.close()
	for range 2 {
		sessionBus(t)
		d := desktopOn(t, "body")
		if err := n.show(server.Notification{Tag: "t_a", Title: "Ana", Body: "1 < 2 & 3"}); err != nil {
			t.Fatal(err)
		}
		if got := d.next(t); got.body != "1 < 2 & 3" || got.replaces != 0 {
			t.Errorf("%+v", got)
		}
		n.mu.Lock()
		_ = n.conn.Close() // as where the bus ends
		n.mu.Unlock()
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all")
	if err := n.show(server.Notification{Tag: "t_a"}); err == nil {
		t.Error("shown without a bus")
	}
}

// TestWindowTells: the real window, its page and a desktop on a real bus. A
// customer writes, the desktop is told, and a click opens the thread.
func TestWindowTells(t *testing.T) {
	if !hasDisplay(os.Getenv) {
		t.Fatal("no display: run it by scripts/window.sh")
	}
	assets, err := fs.Sub(dist, "frontend/dist")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fs.Stat(assets, "index.html"); err != nil {
		t.Fatalf("the interface is not built: %v", err)
	}
	sessionBus(t)
	d := desktopOn(t, "body", "actions")
	office := simulator.New(simulator.Options{Seed: 5, Conversations: 30, Messages: 300, NoRateLimit: true, Now: providertest.Noon})
	platform := httptest.NewServer(office.Handler())
	defer platform.Close()
	in, err := profile.Open(t.Context(), profile.Options{Dir: t.TempDir(), Mode: "window", Language: "es-AR", Version: "test", Assets: assets, KeyStore: profile.File})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Add(t.Context(), profile.AddAccount{Provider: inbox.Waspy, Name: "ventas", BaseURL: platform.URL + simulator.WaspyPath, Key: office.WaspyKey(), Region: "AR", Area: "11", Rate: 1000}); err != nil {
		t.Fatal(err)
	}
	settings := `{"on":true,"show":"text","whose":"all","woken":true,"muted":[],"quiet":{"on":false,"from":"20:00","to":"08:00","days":[]}}`
	if err := in.Local().SaveSetting(t.Context(), "notifications", settings); err != nil {
		t.Fatal(err)
	}
	closed := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	onMainThread <- func() {
		closed <- openWindow(ctx, in, cli.WindowOptions{Title: "Bandeja", Started: func() error {
			if _, err := in.Listen(ctx, "127.0.0.1:0"); err != nil {
				return err
			}
			return in.Start(true)
		}})
	}
	defer func() {
		cancel()
		if err := <-closed; err != nil {
			t.Error(err)
		}
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	}()
	var th cache.Thread
	soon(t, "the copy is whole", func() bool {
		s, err := in.Cache().State(t.Context(), "ventas")
		page, _, _ := in.Cache().Threads(t.Context(), cache.ThreadFilter{View: cache.Inbox}, "", 1)
		if len(page) == 1 {
			th = page[0]
		}
		return err == nil && s.State == "up_to_date" && th.Ref != ""
	})
	if err := office.Post("waspy", th.Conversation, "¿siguen ahí?"); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Sync(t.Context(), profile.SyncArgs{}, nil); err != nil {
		t.Fatal(err)
	}
	got := d.next(t)
	if got.body != "¿siguen ahí?" || got.title != th.Name && got.title != th.Phone {
		t.Fatalf("%+v", got)
	}
	soon(t, "the window counts", func() bool {
		return exec.Command("xdotool", "search", "--name", `^\(1\) Bandeja$`).Run() == nil
	})
	d.emit(t, "ActionInvoked", got.id, "default")
	soon(t, "the thread is opened", func() bool {
		now, err := in.Cache().Thread(t.Context(), th.Ref)
		return err == nil && !now.Unread && now.LastText == "¿siguen ahí?"
	})
}

func soon(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); !ok(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}
