//go:build desktop && !linux

package main

import (
	"context"
	"errors"
	"sync"

	"github.com/wailsapp/wails/v2/pkg/runtime"

	"bandeja/internal/server"
)

// notifier shows notifications as the system does.
type notifier struct {
	ctx  context.Context
	open func(thread string) // a notification was clicked

	mu    sync.Mutex
	ready bool
}

func newNotifier(ctx context.Context, open func(thread string)) *notifier {
	return &notifier{ctx: ctx, open: open}
}

var errNotAllowed = errors.New("the system does not let Bandeja show notifications")

// show shows a notification, in place of the one of its tag. The first one asks
// the system whether Bandeja may.
func (n *notifier) show(v server.Notification) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.prepare(); err != nil {
		return err
	}
	return runtime.SendNotification(n.ctx, runtime.NotificationOptions{ID: v.Tag, Title: v.Title, Body: v.Body, Data: map[string]any{"thread": v.Thread}})
}

// prepare makes notifications possible, once. n.mu is held.
func (n *notifier) prepare() error {
	if n.ready {
		return nil
	}
	if !runtime.IsNotificationAvailable(n.ctx) {
		return errNotAllowed
	}
	if err := runtime.InitializeNotifications(n.ctx); err != nil {
		return err
	}
	if may, err := runtime.RequestNotificationAuthorization(n.ctx); err != nil || !may {
		return errors.Join(errNotAllowed, err)
	}
	runtime.OnNotificationResponse(n.ctx, func(r runtime.NotificationResult) {
		if thread, ok := r.Response.UserInfo["thread"].(string); ok && r.Error == nil {
			n.open(thread)
		}
	})
	n.ready = true
	return nil
}

func (n *notifier) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ready {
		runtime.CleanupNotifications(n.ctx)
	}
}
