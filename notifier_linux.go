//go:build desktop

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"

	"bandeja/internal/server"
)

// The desktop's own service, by the Desktop Notifications Specification. Wails'
// way to it takes a notification that was closed for one that was clicked, and
// lets those of one thread pile up.
const (
	busName = "org.freedesktop.Notifications"
	busPath = "/org/freedesktop/Notifications"
)

// busTime is how long the desktop may take to answer.
const busTime = 5 * time.Second

// notifier shows notifications by the session bus. It connects when the first
// one is shown, and anew where the bus went.
type notifier struct {
	open func(thread string) // a notification was clicked
	work sync.WaitGroup

	mu     sync.Mutex
	conn   *dbus.Conn
	markup bool                           // the desktop reads a body as markup
	shown  map[uint32]server.Notification // by the desktop's number
}

func newNotifier(_ context.Context, open func(thread string)) *notifier {
	return &notifier{open: open, shown: map[uint32]server.Notification{}}
}

// show shows a notification, in place of the one of its tag that is still there.
//
// Errors: there is no session bus, or nobody on it shows notifications.
func (n *notifier) show(v server.Notification) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.connect(); err != nil {
		return err
	}
	var replaces, id uint32
	for number, each := range n.shown {
		if each.Tag == v.Tag {
			replaces = number
		}
	}
	body := plain(v.Body)
	if n.markup {
		body = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(body)
	}
	hints := map[string]dbus.Variant{"desktop-entry": dbus.MakeVariant("bandeja"), "category": dbus.MakeVariant("im.received")}
	ctx, cancel := context.WithTimeout(context.Background(), busTime)
	defer cancel()
	err := n.conn.Object(busName, busPath).CallWithContext(ctx, busName+".Notify", 0,
		"Bandeja", replaces, "", plain(v.Title), body, []string{"default", plain(v.Title)}, hints, int32(-1)).Store(&id)
	if err != nil {
		return fmt.Errorf("show a notification by the desktop: %w", err)
	}
	delete(n.shown, replaces)
	n.shown[id] = v
	return nil
}

// plain is s as the bus takes it: whole letters, and no NUL.
func plain(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// connect finds the session bus and listens to what becomes of notifications.
// n.mu is held.
func (n *notifier) connect() error {
	if n.conn != nil && n.conn.Connected() {
		return nil
	}
	n.conn = nil
	clear(n.shown)
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		return fmt.Errorf("find the session bus: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), busTime)
	defer cancel()
	var can []string
	err = conn.Object(busName, busPath).CallWithContext(ctx, busName+".GetCapabilities", 0).Store(&can)
	if err == nil {
		err = conn.AddMatchSignalContext(ctx, dbus.WithMatchInterface(busName))
	}
	if err != nil {
		_ = conn.Close()
		return fmt.Errorf("ask the desktop for notifications: %w", err)
	}
	n.conn, n.markup = conn, slices.Contains(can, "body-markup")
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	n.work.Go(func() {
		for s := range signals { // until the connection is closed
			n.follow(s)
		}
	})
	return nil
}

// follow opens what was clicked, and forgets what is gone.
func (n *notifier) follow(s *dbus.Signal) {
	if len(s.Body) < 2 {
		return
	}
	id, ok := s.Body[0].(uint32)
	if !ok {
		return
	}
	n.mu.Lock()
	v, ours := n.shown[id]
	if s.Name == busName+".NotificationClosed" {
		delete(n.shown, id)
	}
	n.mu.Unlock()
	if ours && s.Name == busName+".ActionInvoked" && s.Body[1] == "default" {
		n.open(v.Thread)
	}
}

// close lets go of the bus.
func (n *notifier) close() {
	n.mu.Lock()
	if n.conn != nil {
		_ = n.conn.Close()
	}
	n.mu.Unlock()
	n.work.Wait()
}
